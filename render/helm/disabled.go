package helm

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/helm/trace"

	"github.com/kubevet/kubevet/lint"
)

var (
	kindLine  = regexp.MustCompile(`(?m)^kind:[ \t]*["']?([A-Z]\w*)`)
	apiLine   = regexp.MustCompile(`(?m)^apiVersion:[ \t]*["']?([\w.-]+)/`)
	separator = regexp.MustCompile(`(?m)^---`)
	// switchName matches names of values that count as switches even if they are unset.
	switchName = regexp.MustCompile(`(?i)^(enabled?|create|install|deploy|use[A-Z_].*|.*enabled?)$`)
	blockStart = regexp.MustCompile(`\{\{-?\s*(if|with|range|end|define|block)\b`)
)

// disabledObjects lists the objects of a kind that an if or with left out, and that
// switches among the values would enable.
func (r *rendering) disabledObjects(kind string) []lint.DisabledObject {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, known := r.shut[kind]
	if !known {
		for _, f := range r.files {
			if f.mayBeDisabled(kind) {
				l = append(l, f.disabledObjects(kind)...)
			}
		}
		r.shut[kind] = l
	}
	return l
}

func (f *output) disabledObjects(kind string) (l []lint.DisabledObject) {
	f.resolve()
	for i := range f.traced.Pieces {
		p := &f.traced.Pieces[i]
		if p.Kind != trace.Disabled || p.Branch == nil || p.Src == nil || f.repeats(i) || !strings.Contains(p.Branch.Text, kind) {
			continue
		}
		keys := f.opening(i)
		if keys == nil {
			continue
		}
		for _, o := range objectsIn(p.Branch.Text) {
			if o.Kind == kind {
				o.Template, o.Vendored, o.Keys = f.task.src.File, f.vendored(), keys
				l = append(l, o)
			}
		}
	}
	return l
}

// mayBeDisabled reports whether a branch names the kind. It resolves nothing.
func (f *output) mayBeDisabled(kind string) bool {
	for i := range f.frame.Records {
		if rec := &f.frame.Records[i]; rec.Disabled && strings.Contains(rec.Site.Branch.Text, kind) {
			return true
		}
	}
	return false
}

// repeats reports whether a disabled piece belongs to the same condition as the piece
// before it, for another operand.
func (f *output) repeats(i int) bool {
	return i > 0 && f.sameCondition(i, i-1)
}

func (f *output) sameCondition(i, j int) bool {
	p, q := &f.traced.Pieces[i], &f.traced.Pieces[j]
	return q.Kind == trace.Disabled && q.Branch != nil && q.Src == p.Src && q.Pos == p.Pos && q.Start == p.Start
}

// opening is the switches that enable a branch: those of its operands that disable it
// now. Nil if something else disables it too.
func (f *output) opening(i int) []lint.Step {
	var keys []lint.Step
	for j := i; j < len(f.traced.Pieces) && f.sameCondition(i, j); j++ {
		p := &f.traced.Pieces[j]
		if !f.closed(p) {
			continue
		}
		if len(p.Keys) != 1 || p.Keys[0].Object() != trace.ValuesObject {
			return nil
		}
		steps := p.Keys[0].Steps()
		now, _ := f.keys.At(steps)
		if _, isBool := now.(bool); !isBool && (now != nil || p.Branch.Set != "true" || !isSwitchName(steps)) {
			return nil
		}
		keys = append(keys, f.stepToAdd(steps, "", p.Branch.Set).Step)
		if !p.Branch.All { // one operand of an or is enough
			break
		}
	}
	return keys
}

func isSwitchName(steps []string) bool {
	return len(steps) > 0 && switchName.MatchString(steps[len(steps)-1])
}

// objectsIn lists the objects whose kind is in the text of a block, but not in a nested
// block.
func objectsIn(text string) []lint.DisabledObject {
	var l []lint.DisabledObject
	from := 0
	for from <= len(text) {
		to := len(text)
		if next := separator.FindStringIndex(text[from:]); next != nil {
			to = from + next[0]
		}
		doc := text[from:to]
		if m := kindLine.FindStringSubmatchIndex(doc); m != nil && !isNested(text[:from+m[0]]) {
			o := lint.DisabledObject{Kind: doc[m[2]:m[3]], Text: doc}
			if api := apiLine.FindStringSubmatch(doc); api != nil {
				o.APIGroup = api[1]
			}
			l = append(l, o)
		}
		from = to + len("---")
	}
	return l
}

// isNested reports whether a text ends inside a block.
func isNested(text string) bool {
	depth := 0
	for _, m := range blockStart.FindAllStringSubmatch(text, -1) {
		if m[1] == "end" {
			depth--
		} else {
			depth++
		}
	}
	return depth > 0
}

// unrenderedKinds lists the kinds in templates that printed no object of that kind.
// Unlike disabledObjects, it does not need to know why.
func (r *rendering) unrenderedKinds() []lint.UnrenderedKind {
	var l []lint.UnrenderedKind
	for _, f := range r.files {
		for _, kinds := range kindsOf(f.task.src.Text) {
			if slices.ContainsFunc(kinds, func(k string) bool { return slices.Contains(f.kinds, k) }) {
				continue // a document with several kinds has alternatives, of which one is enough
			}
			for _, k := range kinds {
				l = append(l, lint.UnrenderedKind{Kind: k, Template: f.task.src.File, Vendored: f.vendored()})
			}
		}
	}
	return l
}

// kindsOf lists the kinds in each document of a template.
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
