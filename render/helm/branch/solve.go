package branch

import (
	"regexp"
	"slices"
	"text/template"
	"text/template/parse"

	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// Opener finds values that make a condition true or false.
type Opener struct {
	Keys *values.Index
	Set  []values.Setting
	Apis []string
}

// at is the value at some steps, including the changes so far.
func (o *Opener) at(steps []string) any {
	for _, s := range o.Set {
		if slices.Equal(s.Steps, steps) {
			return s.Value
		}
	}
	v, _ := o.Keys.At(steps)
	return v
}

// give sets a value, provided that each value above it is a map or does not exist.
func (o *Opener) give(steps []string, v any) bool {
	for i := range steps {
		above, ok := o.Keys.At(steps[:i])
		if _, isMap := above.(map[string]any); ok && above != nil && !isMap {
			return false
		}
		if _, isIndex := trace.IndexStep(steps[i]); isIndex {
			return false
		}
	}
	o.Set = append(slices.Clip(o.Set), values.Setting{Steps: steps, Value: v})
	return true
}

// Decide makes a part of a condition true or false. ok is false if it does not know how.
func (o *Opener) Decide(n parse.Node, want bool, s scope) (ok bool) {
	p, isPipe := n.(*parse.PipeNode)
	if !isPipe {
		return o.value(trace.OperandOf(n), want, s)
	}
	if len(p.Cmds) != 1 {
		return false
	}
	args := p.Cmds[0].Args
	id, isFunc := args[0].(*parse.IdentifierNode)
	switch {
	case !isFunc && len(args) == 1:
		if q, ok := args[0].(*parse.PipeNode); ok {
			return o.Decide(q, want, s)
		}
		return o.value(trace.OperandOf(args[0]), want, s)
	case !isFunc:
		return o.api(args, want)
	case id.Ident == "not" && len(args) == 2:
		return o.Decide(args[1], !want, s)
	case id.Ident == "and" || id.Ident == "or":
		return o.several(args[1:], id.Ident == "and", want, s)
	case id.Ident == "eq" && len(args) == 3:
		return o.compare(args[1], args[2], want, s)
	case id.Ident == "ne" && len(args) == 3:
		return o.compare(args[1], args[2], !want, s)
	}
	return false
}

// several decides an and, or an or: either all of its operands, or the first one that it
// can.
func (o *Opener) several(args []parse.Node, and, want bool, s scope) bool {
	before := *o
	for _, a := range args {
		ok := o.Decide(a, want, s)
		if !ok {
			o.Set, o.Apis = before.Set, before.Apis
		}
		if ok != (and == want) {
			return ok
		}
	}
	return and == want
}

// value makes a value count as true or false.
func (o *Opener) value(op trace.Operand, want bool, s scope) bool {
	steps, ok := s.key(op)
	if !ok {
		return false
	}
	v := o.at(steps)
	if truth, _ := template.IsTrue(v); truth == want {
		return true
	}
	name := steps[len(steps)-1]
	switch v := v.(type) {
	case bool:
		return o.give(steps, want)
	case string:
		if !want {
			return o.give(steps, "")
		}
		return isName(name) && o.give(steps, StandIn)
	case map[string]any:
		return want && len(v) == 0 && isLabels(name) && o.give(steps, map[string]any{StandIn: StandIn})
	case nil:
		switch {
		case IsToggle(name):
			return o.give(steps, true)
		case isLabels(name):
			return o.give(steps, map[string]any{StandIn: StandIn})
		}
		return isName(name) && o.give(steps, StandIn)
	}
	return false
}

var (
	objectName = regexp.MustCompile(`^existing[A-Z]|(?i:(secret|configMap|class|claim|account)Name)$|^name$`)
	labelMap   = regexp.MustCompile(`(?i)(annotations|labels|nodeSelector)$`)
)

// isName reports whether any plain text is valid for a key, because its value is the name
// of an object.
func isName(name string) bool { return objectName.MatchString(name) }

func isLabels(name string) bool { return labelMap.MatchString(name) }

// compare makes a value equal to a constant, or different from it.
func (o *Opener) compare(a, b parse.Node, want bool, s scope) bool {
	if _, ok := constantOf(a); ok {
		a, b = b, a
	}
	c, ok := constantOf(b)
	steps, isKey := s.key(trace.OperandOf(a))
	if !ok || !isKey {
		return false
	}
	v := o.at(steps)
	switch flag, isBool := c.(bool); {
	case trace.Equal(v, c) == want:
		return true
	case want:
		return o.give(steps, c)
	case isBool:
		return o.give(steps, !flag)
	}
	return false
}

func constantOf(n parse.Node) (v any, ok bool) {
	switch n := n.(type) {
	case *parse.StringNode:
		return n.Text, true
	case *parse.BoolNode:
		return n.True, true
	}
	return nil, false
}

// api makes the cluster have an API. It can add an API, but cannot remove one.
func (o *Opener) api(args []parse.Node, want bool) bool {
	if len(args) != 2 || !want {
		return false
	}
	var names []string
	switch n := args[0].(type) {
	case *parse.FieldNode:
		names = n.Ident
	case *parse.VariableNode:
		names = n.Ident[1:]
	}
	name, ok := args[1].(*parse.StringNode)
	if !ok || !slices.Equal(names, []string{"Capabilities", "APIVersions", "Has"}) {
		return false
	}
	if !slices.Contains(o.Apis, name.Text) {
		o.Apis = append(slices.Clip(o.Apis), name.Text)
	}
	return true
}

// IsToggle reports whether a key has the name of a switch.
func IsToggle(name string) bool { return name == "enabled" || name == "create" }

// StandIn is the value for a text that is not set: a name that no object has.
const StandIn = "example"
