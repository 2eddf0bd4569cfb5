package network

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// Policies that values disable are known by the text of their template alone. The
// functions below read as much of it as shows that a policy does not serve.

var (
	blockEdge       = regexp.MustCompile(`\{\{-?\s*(if|with|range|end)\b`)
	policyTypesLine = regexp.MustCompile(`(?m)^\s*policyTypes:`)
	egressLine      = regexp.MustCompile(`(?m)^\s*egress:`)
	typeItem        = regexp.MustCompile(`(?m)^\s*-\s*["']?(Ingress|Egress)\b`)
	typeList        = regexp.MustCompile(`policyTypes:\s*\[([^\]]*)\]`)
	selectsAllLine  = regexp.MustCompile(`(?m)^\s*podSelector:\s*(\{\}|\{ *matchLabels: *\{\} *\})\s*$`)
	podSelectorLine = regexp.MustCompile(`^( *)podSelector:`)
	literalLabel    = regexp.MustCompile(`^["']?([\w./-]+)["']?:\s*["']?([\w.-]+)["']?\s*$`)
)

// gives says whether a policy may select a workload, and isolates it in the direction then. Whether it does
// is tried.
func (d direction) gives(s lint.DisabledObject, w *lint.Workload) lint.Serving {
	switch {
	case d.isolatedBy(s.Text):
		return selects(s, w)
	case d.mayIsolateBy(s.Text):
		return min(selects(s, w), lint.MayServe)
	}
	return lint.ServesNot
}

// mayIsolateBy reports whether a policy of that text has the direction among its types in a block, which may be entered.
func (d direction) mayIsolateBy(text string) bool {
	return slices.ContainsFunc(typeItem.FindAllStringSubmatch(text, -1), func(m []string) bool { return m[1] == d.kind })
}

// givesAll says whether a policy isolates all pods in the direction. One with rules allows something.
func (d direction) givesAll(s lint.DisabledObject) lint.Serving {
	if d.isolatedBy(s.Text) && selectsAll(s.Text) && !s.Fills() {
		return lint.Serves
	}
	return lint.ServesNot
}

// isolatedBy reports whether a policy of that text isolates pods in the direction,
// with any values. One without a text may do so.
func (d direction) isolatedBy(text string) bool {
	if text == "" {
		return true
	}
	text = unconditional(text)
	items := typeItem.FindAllStringSubmatch(text, -1)
	list := typeList.FindStringSubmatch(text)
	switch {
	case list != nil && strings.Contains(list[1], d.kind), slices.ContainsFunc(items, func(m []string) bool { return m[1] == d.kind }):
		return true
	case list != nil || len(items) > 0:
		return false
	case policyTypesLine.MatchString(text): // they are computed
		return true
	}
	return d == ingress || egressLine.MatchString(text)
}

// unconditional is the text without the blocks of if, with and range in it.
func unconditional(text string) string {
	var b strings.Builder
	depth, from := 0, 0
	for _, m := range blockEdge.FindAllStringSubmatchIndex(text, -1) {
		if depth == 0 {
			b.WriteString(text[from:m[0]])
		}
		if text[m[2]:m[3]] == "end" {
			depth = max(depth-1, 0)
		} else {
			depth++
		}
		from = m[1]
	}
	if depth == 0 {
		b.WriteString(text[from:])
	}
	return b.String()
}

// selectsAll reports whether a policy of that text selects every pod.
func selectsAll(text string) bool { return selectsAllLine.MatchString(text) }

// selects says whether a policy may select a workload: no label that it writes out has another value there. One that is absent
// there may be printed beside the policy, and one that depends on the values which enable the policy may have another value then.
func selects(s lint.DisabledObject, w *lint.Workload) lint.Serving {
	does := lint.Serves
	labels := w.Labels()
	lines := strings.Split(s.Text, "\n")
	for i, line := range lines {
		m := podSelectorLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, l := range lines[i+1:] {
			trimmed := strings.TrimLeft(l, " ")
			if trimmed != "" && len(l)-len(trimmed) <= len(m[1]) && !strings.HasPrefix(trimmed, "{{") {
				break
			}
			if label := literalLabel.FindStringSubmatch(trimmed); label != nil && !selector.IsAdded(label[1]) {
				switch value, has := labels[label[1]]; {
				case !has || value != label[2] && isDecidedBy(w, label[1], s.Keys):
					does = lint.MayServe
				case value != label[2]:
					return lint.ServesNot
				}
			}
		}
		break // those that follow are of peers
	}
	return does
}

// isDecidedBy reports whether one of some keys decides or supplies a label of the pods of a workload.
func isDecidedBy(w *lint.Workload, label string, keys []lint.Step) bool {
	if len(keys) == 0 {
		return false
	}
	trail := w.Locate(w.Metadata.Get("labels").Child(label)).Trail // Pass.KeysToEnable holds the lock of Pass.Locate
	return slices.ContainsFunc(keys, func(k lint.Step) bool {
		return slices.ContainsFunc(trail, func(s lint.Step) bool {
			return s.Label == k.Label && (s.Kind == lint.StepValues || s.Kind == lint.StepDecides)
		})
	})
}
