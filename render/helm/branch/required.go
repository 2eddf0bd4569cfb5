package branch

import (
	"strings"
	"text/template/parse"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// RequiredKey is the values key that the action around a place requires, from the root of
// the values of the chart that owns the template. Nil if it is not known, or if the action
// requires several.
func RequiredKey(src *trace.Source, pos int) (steps []string) {
	from, to := trace.ActionSpan(src.Text, pos)
	trees, err := parseAlone("action", strings.TrimRight(src.Text[from:to], "\n"))
	if err != nil || trees["action"] == nil {
		return nil
	}
	var found []trace.Operand
	for _, n := range trees["action"].Root.Nodes {
		if a, ok := n.(*parse.ActionNode); ok {
			found = trace.RequiredOperands(a.Pipe, found)
		}
	}
	if len(found) != 1 {
		return nil
	}
	steps, _ = scope{}.key(found[0])
	return steps
}
