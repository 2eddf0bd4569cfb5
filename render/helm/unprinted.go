package helm

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// unprinted lists the kinds that stand in the templates and of which these printed
// no object, whatever keeps them out: unlike shutObjects it need not know.
func (r *rendering) unprinted() []lint.UnrenderedKind {
	var l []lint.UnrenderedKind
	for _, f := range r.files {
		for _, kinds := range kindsOf(f.task.src.Text) {
			if slices.ContainsFunc(kinds, func(k string) bool { return slices.Contains(f.kinds, k) }) {
				continue // of several in one document, alternatives to each other, one is enough
			}
			for _, k := range kinds {
				l = append(l, lint.UnrenderedKind{Kind: k, Template: f.task.src.File, Vendored: f.vendored()})
			}
		}
	}
	return l
}

// kindsOf lists the kinds that stand in each document of a template.
func kindsOf(text string) [][]string {
	l := [][]string{nil}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "---") {
			l = append(l, nil)
		} else if strings.HasPrefix(line, "kind:") {
			if m := kindLine.FindStringSubmatch(line); m != nil {
				l[len(l)-1] = append(l[len(l)-1], m[1])
			}
		}
	}
	return l
}
