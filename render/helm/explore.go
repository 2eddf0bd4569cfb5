package helm

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/kubevet/kubevet/render/helm/values"

	"github.com/kubevet/kubevet/render/helm/trace"

	"github.com/kubevet/kubevet/lint"
)

// maxExplored is how many scenarios are made for one chart, and maxConditions
// how many conditions around each other are opened for one of them.
const (
	maxExplored   = 64
	maxConditions = 16
)

// standIn is given for a text that is not given: a name that nothing has.
const standIn = "example"

// Explore makes scenarios that enter blocks of the chart's own templates which
// no rendering entered. Each is one of the bases with the values changed that
// one block needs, most often one: metrics.enabled=true. Besides, every
// *.enabled and *.create that is false, and every condition of a dependency, is
// tried. Empty texts are given a value only where it names another object, and
// empty maps only where they hold labels; lists never. The note says how many
// were left out, if any.
//
// Switches come first, then names, then labels, and of each the ones that enter
// the largest block. Some of the scenarios reach nothing new: see Coverage.Adds.
func (c *Chart) Explore(cov *Coverage, bases ...*Reach) (l []Scenario, notes []lint.Problem) {
	e := &explorer{chart: c, all: parseTemplates(c.root), seen: map[string]bool{}}
	gates := slices.Clone(cov.gates)
	slices.SortStableFunc(gates, func(a, b gate) int { return a.pos.Compare(b.pos) })
	for _, base := range bases {
		if base.keys == nil {
			continue
		}
		for _, g := range gates {
			e.open(base, g)
		}
		e.toggles(base)
	}
	slices.SortStableFunc(e.found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(b.lines, a.lines))
	})
	if n := len(e.found) - maxExplored; n > 0 {
		notes = append(notes, lint.Problem{
			Position: lint.Position{File: c.Dir},
			Message:  fmt.Sprintf("exploring: %d of %d scenarios are left out, those that open the smallest blocks", n, len(e.found)),
		})
		e.found = e.found[:maxExplored]
	}
	for _, f := range e.found {
		l = append(l, f.Scenario)
	}
	return l, notes
}

// candidate is a scenario that may be worth rendering.
type candidate struct {
	Scenario
	class int // of what it changes: switches, names, labels
	lines int // of the block that it enters
}

type explorer struct {
	chart *Chart
	all   *templates
	seen  map[string]bool // by base and what is changed
	found []candidate
}

// open adds the scenario that enters a block; where it cannot be told which
// values do, one for each boolean on which it depends.
func (e *explorer) open(base *Reach, g gate) {
	o := &opener{keys: base.keys}
	depth := 0
	for c := g.conditions; c != nil; c = c.up {
		if depth++; depth > maxConditions {
			return
		}
		if c.loop || !o.decide(c.pipe, c.want, c.scope) {
			e.flips(base, g)
			return
		}
	}
	e.add(base, g.lines, o.set, o.apis)
}

// flips adds a scenario for each boolean on which the last condition of a block depends.
func (e *explorer) flips(base *Reach, g gate) {
	last := g.conditions
	for _, steps := range e.all.keysIn(last.pipe, last.scope) {
		v, _ := base.keys.At(steps)
		if b, ok := v.(bool); ok {
			e.add(base, g.lines, []values.Setting{{Steps: steps, Value: !b}}, nil)
		}
	}
}

// toggles adds a scenario for each switch that is off, whoever looks at it.
func (e *explorer) toggles(base *Reach) {
	for _, d := range e.chart.root.metadata().Dependencies {
		if d == nil {
			continue
		}
		for cond := range strings.SplitSeq(d.Condition, ",") {
			steps := strings.Split(strings.TrimSpace(cond), ".")
			if v, _ := base.keys.At(steps); v == false {
				e.add(base, 0, []values.Setting{{Steps: steps, Value: true}}, nil)
				break
			}
		}
	}
	e.below(base, base.keys.Snapshot, nil)
}

func (e *explorer) below(base *Reach, m map[string]any, at []string) {
	for _, name := range trace.SortedKeys(m) {
		steps := trace.Join(at, name)
		switch v := m[name].(type) {
		case map[string]any:
			if len(at) > 0 || !e.isSubchart(name) {
				e.below(base, v, steps)
			}
		case bool:
			if !v && isToggle(name) {
				e.add(base, 0, []values.Setting{{Steps: steps, Value: true}}, nil)
			}
		}
	}
}

func (e *explorer) isSubchart(name string) bool {
	for _, d := range e.chart.root.metadata().Dependencies {
		if d != nil && name == cmp.Or(d.Alias, d.Name) {
			return true
		}
	}
	return e.chart.root.has(name)
}

func isToggle(name string) bool { return name == "enabled" || name == "create" }

func (e *explorer) add(base *Reach, lines int, set []values.Setting, apis []string) {
	if len(set)+len(apis) == 0 {
		return
	}
	var words []string
	class := 0
	for _, s := range set {
		v := trace.ScalarText(s.Value)
		switch value := s.Value.(type) {
		case map[string]any:
			class = 2
			v = fmt.Sprintf("{%s: %s}", standIn, value[standIn])
		case string:
			class = max(class, 1)
			v = cmp.Or(v, `""`)
		}
		words = append(words, trace.JoinSteps(s.Steps)+"="+v)
	}
	for _, api := range apis {
		words = append(words, "API "+api)
	}
	slices.Sort(words)
	name := "exploring: " + strings.Join(words, ", ")
	if base.scenario.Name != "" && base.scenario.Name != DefaultScenario {
		name += " (" + base.scenario.Name + ")"
	}
	if e.seen[name] {
		return
	}
	e.seen[name] = true
	s := base.scenario
	s.Name, s.Exploring, s.known = name, true, base.problems
	s.over = append(slices.Clip(s.over), set...)
	s.APIVersions = append(slices.Clip(s.APIVersions), apis...)
	e.found = append(e.found, candidate{s, class, lines})
}

// opener finds values with which a condition comes to be what is wanted.
type opener struct {
	keys *values.Index
	set  []values.Setting
	apis []string
}

// at is the value at some steps, as changed so far.
func (o *opener) at(steps []string) any {
	for _, s := range o.set {
		if slices.Equal(s.Steps, steps) {
			return s.Value
		}
	}
	v, _ := o.keys.At(steps)
	return v
}

// give changes a value, if the ones above it are maps or not there.
func (o *opener) give(steps []string, v any) bool {
	for i := range steps {
		above, ok := o.keys.At(steps[:i])
		if _, isMap := above.(map[string]any); ok && above != nil && !isMap {
			return false
		}
		if _, isIndex := trace.IndexStep(steps[i]); isIndex {
			return false
		}
	}
	o.set = append(slices.Clip(o.set), values.Setting{Steps: steps, Value: v})
	return true
}

// decide makes a part of a condition true or false; ok is false if it is not
// known how.
func (o *opener) decide(n parse.Node, want bool, s scope) (ok bool) {
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
			return o.decide(q, want, s)
		}
		return o.value(trace.OperandOf(args[0]), want, s)
	case !isFunc:
		return o.api(args, want)
	case id.Ident == "not" && len(args) == 2:
		return o.decide(args[1], !want, s)
	case id.Ident == "and" || id.Ident == "or":
		return o.several(args[1:], id.Ident == "and", want, s)
	case id.Ident == "eq" && len(args) == 3:
		return o.compare(args[1], args[2], want, s)
	case id.Ident == "ne" && len(args) == 3:
		return o.compare(args[1], args[2], !want, s)
	}
	return false
}

// several decides an and, or an or: all of its operands, or the first that it can.
func (o *opener) several(args []parse.Node, and, want bool, s scope) bool {
	before := *o
	for _, a := range args {
		ok := o.decide(a, want, s)
		if !ok {
			o.set, o.apis = before.set, before.apis
		}
		if ok != (and == want) {
			return ok
		}
	}
	return and == want
}

// value decides whether a value counts as true.
func (o *opener) value(op trace.Operand, want bool, s scope) bool {
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
		return isName(name) && o.give(steps, standIn)
	case map[string]any:
		return want && len(v) == 0 && isLabels(name) && o.give(steps, map[string]any{standIn: standIn})
	case nil:
		switch {
		case isToggle(name):
			return o.give(steps, true)
		case isLabels(name):
			return o.give(steps, map[string]any{standIn: standIn})
		}
		return isName(name) && o.give(steps, standIn)
	}
	return false
}

var (
	objectName = regexp.MustCompile(`^existing[A-Z]|(?i:(secret|configMap|class|claim|account)Name)$|^name$`)
	labelMap   = regexp.MustCompile(`(?i)(annotations|labels|nodeSelector)$`)
)

// isName reports whether any plain text will do for a value: it names an object.
func isName(name string) bool { return objectName.MatchString(name) }

func isLabels(name string) bool { return labelMap.MatchString(name) }

// compare decides whether a value equals a constant.
func (o *opener) compare(a, b parse.Node, want bool, s scope) bool {
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

// api decides whether the cluster has an API: it can be given one, but not be
// deprived of it.
func (o *opener) api(args []parse.Node, want bool) bool {
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
	if !slices.Contains(o.apis, name.Text) {
		o.apis = append(slices.Clip(o.apis), name.Text)
	}
	return true
}
