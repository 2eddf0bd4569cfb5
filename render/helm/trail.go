package helm

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/blocktext"
	"github.com/kubevet/kubevet/render/helm/branch"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// addKeys adds the values keys that supplied a part of the output.
func (f *output) addKeys(o *lint.Origin, from, to int) {
	var steps, decided []lint.Step
	passed := false // a key's value is printed as it is, not something that the template made of it
	first := f.traced.Find(from)
	for i := f.firstAt(first, from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		p := &f.traced.Pieces[i]
		switch {
		case !p.PrintsNothing():
			steps = f.addSupplied(steps, p, from, to)
			passed = passed || p.Whole && len(p.Keys) > 0
		case p.Kind == trace.Decision, p.Block != nil && (i >= first || p.Start == from):
			decided = f.addDecision(decided, p)
		}
	}
	if i := f.chosen(from, to); !passed && len(decided) == 0 && i >= 0 {
		decided = f.decidersAround(&f.traced.Pieces[i])
	}
	decided = slices.DeleteFunc(decided, func(d lint.Step) bool { // that it has no value is what is printed
		return d.Set == "" && slices.ContainsFunc(steps, func(s lint.Step) bool { return s.Label == d.Label })
	})
	o.Trail = slices.Concat(steps, decided, o.Trail)
}

// addEntryStep adds the step of the key at which a value is to be edited, if the trail lacks it.
func addEntryStep(o *lint.Origin) {
	if e := o.Entry; e != nil && !slices.ContainsFunc(o.Trail, func(s lint.Step) bool { return s.Label == e.Key }) {
		o.Trail = slices.Insert(o.Trail, 0, lint.Step{Kind: lint.StepValues, Position: e.Position, Label: e.Key})
	}
}

// addSupplied adds the steps of the keys that a piece was made from, which is at a part of the output.
func (f *output) addSupplied(l []lint.Step, p *trace.Piece, from, to int) []lint.Step {
	for _, k := range p.Keys {
		text := ""
		if p.Whole {
			text = f.traced.Text[p.Start:p.End]
		}
		s, ok := f.keyStep(k, text, p.Whole)
		if !ok {
			continue
		}
		if len(p.Keys) == 1 {
			s.Position = f.keys.LineWithin(f.keys.Global(k.Steps()), s.Position, p.Offset)
		}
		s.Chosen = p.Chosen != trace.NoChoice
		s.InText = !p.Whole && f.isText(k) || f.isPart(p, from, to)
		l = appendStep(l, s)
	}
	return l
}

// isText reports whether the value of a key is a text of many lines.
func (f *output) isText(k *trace.Key) bool {
	v, _ := f.keys.At(f.keys.Global(k.Steps()))
	s, ok := v.(string)
	return ok && strings.Contains(strings.TrimSuffix(s, "\n"), "\n")
}

// isPart reports whether a part of the output is only a part of the text of the key that a piece printed: the key is YAML
// of one line.
func (f *output) isPart(p *trace.Piece, from, to int) bool {
	if len(p.Keys) != 1 || p.Keys[0].IsName || isBlankValue(f.traced.Text[p.Start:max(p.Start, from)]) && isBlankValue(f.traced.Text[min(p.End, to):p.End]) {
		return false
	}
	v, _ := f.keys.At(f.keys.Global(p.Keys[0].Steps()))
	_, isString := v.(string)
	return isString
}

// addDecision adds the keys of a piece without text: the keys that decided which other
// piece was printed.
func (f *output) addDecision(l []lint.Step, p *trace.Piece) []lint.Step {
	if p.Block == nil {
		for _, k := range p.Keys {
			l = f.addDecider(l, k, p.Constants)
		}
		return l
	}
	for _, test := range p.Block.Tests {
		if k := p.Block.Key(test); k != nil && !test.IsAbsenceTest() {
			var compared []string
			if text, ok := test.Constant.(string); ok {
				compared = []string{text}
			}
			l = f.addDecider(l, k, compared)
		}
	}
	return l
}

// addDecider adds the step of a key that decides what is printed. The step includes
// another value for the key, if one is known that may change the output. Compared are the
// texts with which the template compares the value.
func (f *output) addDecider(l []lint.Step, k *trace.Key, compared []string) []lint.Step {
	if k.Object() != trace.ValuesObject {
		return l
	}
	steps := f.keys.Global(k.Steps())
	v, ok := f.keys.At(steps)
	if !ok || len(steps) == 0 || trace.IsContainer(reflect.ValueOf(v)) {
		return l
	}
	at, ok := f.keys.Find(steps, v)
	if !ok {
		return l
	}
	s := lint.Step{Kind: lint.StepDecides, Position: at, Label: trace.JoinSteps(steps)}
	if another, ok := branch.Another(v, compared); ok {
		s.Set = settingText(another)
	}
	return appendStep(l, s)
}

// decidersAround are the steps of the keys on which the innermost block around a piece of
// a template's own text depends, after those of empty lists and maps within which the piece is what is printed
// without them. Blocks that contain whole objects do not count.
func (f *output) decidersAround(p *trace.Piece) []lint.Step {
	l, empty, done := f.deciders(p.Within, p.Data)
	for c := p.Call; c != nil && !done && len(l) == 0; c = c.Up {
		var more []lint.Step
		l, more, done = f.deciders(c.Within, c.Outer)
		empty = append(empty, more...)
	}
	return append(empty, l...)
}

// deciders are the steps of the keys of the innermost block that has any, and of the empty lists and maps on which it and the blocks
// in it depend. Done is set if a block contains whole objects.
func (f *output) deciders(w *trace.Within, data reflect.Value) (l, empty []lint.Step, done bool) {
	for ; w != nil && len(l) == 0; w = w.Up {
		if wholeObject.MatchString(w.Text) || separator.MatchString(w.Text) {
			return nil, empty, true
		}
		found, _ := f.deciding(w, w.Condition, data)
		for _, d := range found {
			if k := f.IDs.Unchanged(data, d.fields); k != nil {
				l = f.addDecider(l, k, d.compared)
				empty = f.addEmpty(empty, k)
			}
		}
	}
	slices.SortStableFunc(l, func(a, b lint.Step) int { return f.isDefault(a) - f.isDefault(b) })
	return l, empty, false
}

// wholeObject is the kind of an object, also one that the template computes.
var wholeObject = regexp.MustCompile(`(?m)^kind:[ \t]*\S`)

// addEmpty adds the step of a key that has an empty list or map. Which elements a list can have depends on the application.
func (f *output) addEmpty(l []lint.Step, k *trace.Key) []lint.Step {
	steps := f.keys.Global(k.Steps())
	v, _ := f.keys.At(steps)
	list, isList := v.([]any)
	if m, isMap := v.(map[string]any); len(list)+len(m) > 0 || !isList && !isMap || k.Object() != trace.ValuesObject || len(steps) == 0 {
		return l
	}
	at, ok := f.keys.Find(steps, v)
	if !ok {
		return l
	}
	s := lint.Step{Kind: lint.StepDecides, Position: at, Label: trace.JoinSteps(steps)}
	if isList {
		s.Set = lint.Filled
	}
	return appendStep(l, s)
}

var _ lint.SwitchLocator = (*output)(nil)

// Switches are the keys on which the innermost block around a value depends.
func (f *output) Switches(v lint.Value) (l []lint.Switch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v.Node == nil || v.Node.Line < 1 {
		return nil
	}
	f.resolve()
	i := f.chosen(f.span(v.Node))
	if i < 0 {
		return nil
	}
	for _, s := range f.decidersAround(&f.traced.Pieces[i]) {
		if e := f.entryAt(s.Label); e != nil && s.Set != "" && s.Set != lint.Filled {
			l = append(l, lint.Switch{Entry: *e, Set: s.Set})
		}
	}
	return l
}

// maxObjectSwitches is how many keys around an object are looked at.
const maxObjectSwitches = 4

// ObjectSwitches are the keys on which the blocks around an object, or a container, depend, the innermost first.
func (f *output) ObjectSwitches(root lint.Value) (l []lint.Switch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if root.Node == nil || root.Node.Line < 1 {
		return nil
	}
	f.resolve()
	i := f.chosen(f.span(root.Node))
	if i < 0 {
		return nil
	}
	for _, s := range f.allDeciders(&f.traced.Pieces[i]) {
		e := f.entryAt(s.Label)
		if e == nil {
			continue
		}
		sw := lint.Switch{Entry: *e, Set: s.Set, InChart: strings.TrimPrefix(s.Label, trace.JoinSteps(valuesSteps(f.task.src.Owner))+".")}
		if s.Set == "" && branch.IsObjectName(s.Label) {
			sw.Set, sw.IsSample = branch.StandIn, true
		}
		if sw.Set != "" {
			l = append(l, sw)
		}
	}
	return l
}

// allDeciders are the steps of the keys on which the blocks around a piece depend.
func (f *output) allDeciders(p *trace.Piece) (steps []lint.Step) {
	add := func(w *trace.Within, data reflect.Value) {
		for ; w != nil && len(steps) < maxObjectSwitches; w = w.Up {
			found, _ := f.deciding(w, w.Condition, data)
			for _, d := range found {
				if k := f.IDs.Unchanged(data, d.fields); k != nil {
					steps = f.addDecider(steps, k, d.compared)
				}
			}
		}
	}
	add(p.Within, p.Data)
	for c := p.Call; c != nil; c = c.Up {
		add(c.Within, c.Outer)
	}
	return steps
}

// isDefault is 1 if the value of a step is that of a chart, and 0 if what is rendered sets it: that is why the block is there.
func (f *output) isDefault(s lint.Step) int {
	if f.keys.IsOfChart(s.Position.File) {
		return 1
	}
	return 0
}

// truth is whether a condition holds.
type truth int

const (
	unknown truth = iota
	no
	yes
)

// decider is the fields that lead to an operand of a condition, and the texts with which it is compared.
type decider struct{ fields, compared []string }

// deciding lists the operands on which it depends that a part of the condition
// of a block holds. Of an or, these are the parts that hold: to change another has no effect.
func (f *output) deciding(w *trace.Within, c *trace.Condition, data reflect.Value) (l []decider, holds truth) {
	switch c.Kind {
	case trace.AllOf:
		holds = yes
		for _, p := range c.Parts {
			more, h := f.deciding(w, p, data)
			l = append(l, more...)
			if h != yes && holds != no {
				holds = h
			}
		}
		return l, holds
	case trace.AnyOf:
		holds = no
		for _, p := range c.Parts {
			more, h := f.deciding(w, p, data)
			switch {
			case h == no || h == unknown && holds == yes:
				continue
			case h == yes && holds != yes:
				l = nil
			}
			l, holds = append(l, more...), h
		}
		return l, holds
	case trace.TruthTest, trace.EqualTest:
		if l, holds = f.tested(w, c, data); c.IsAbsenceTest() {
			l = nil // another value decides nothing
		}
		return l, holds
	default:
		for _, fields := range w.Fields(c) {
			l = append(l, decider{fields, w.Constants})
		}
		return l, unknown
	}
}

// tested is the operand of a test, and whether the test holds.
func (f *output) tested(w *trace.Within, test *trace.Condition, data reflect.Value) (l []decider, holds truth) {
	passed, known := f.Passes(test.Through)
	for _, fields := range w.Fields(test) {
		if !known {
			l = append(l, decider{fields, w.Constants})
			continue
		}
		fields = trace.Join(fields, passed.Fields...)
		v, ok := f.valueAt(data, fields)
		isOtherwise := passed.Otherwise != "" && (v == nil || v == "")
		l = append(l, decider{fields, texts(w, test, passed, isOtherwise)})
		switch {
		case !ok || isOtherwise || holds != unknown:
		case test.Holds(v):
			holds = yes
		default:
			holds = no
		}
	}
	return l, holds
}

// valueAt is the value of the key to which fields of a template's data lead. ok is false if it is not known.
func (f *output) valueAt(data reflect.Value, fields []string) (v any, ok bool) {
	k := f.IDs.Unchanged(data, fields)
	if k == nil || k.Object() != trace.ValuesObject {
		return nil, false
	}
	return f.keys.At(f.keys.Global(k.Steps()))
}

// texts are those with which a test compares a value that a template passes on, and the one that the template prints if there is
// no value: that is not another one if it is printed now.
func texts(w *trace.Within, test *trace.Condition, passed trace.Passed, isOtherwise bool) []string {
	text, isText := test.Constant.(string)
	switch {
	case !isText:
		return w.Constants
	case passed.Otherwise == "":
		return []string{text}
	case !isOtherwise:
		return []string{passed.Otherwise, text}
	case text == passed.Otherwise:
		return nil
	}
	return []string{text}
}

func appendStep(l []lint.Step, s lint.Step) []lint.Step {
	for _, have := range l {
		if have.Kind == s.Kind && have.Label == s.Label {
			return l
		}
	}
	return append(l, s)
}

// keyStep is the step of a values key, if the value at the key was printed.
func (f *output) keyStep(k *trace.Key, text string, whole bool) (lint.Step, bool) {
	if file, ok := strings.CutPrefix(k.Object(), chartObject); ok && whole && !k.IsName {
		return lint.Step{Kind: lint.StepChart, Position: f.chartLine(file, k.Name), Label: k.Name}, true
	}
	if k.Object() != trace.ValuesObject {
		return lint.Step{}, false
	}
	steps := f.keys.Global(k.Steps())
	v, ok := f.keys.At(steps)
	if !ok || len(steps) == 0 {
		return lint.Step{}, false
	}
	if whole {
		if k.IsName {
			if strings.Trim(text, `"' `) != steps[len(steps)-1] {
				return lint.Step{}, false
			}
		} else if !trace.PrintsAs(text, v) {
			return lint.Step{}, false
		}
	}
	at, ok := f.keys.Find(steps, v)
	if !ok {
		return lint.Step{}, false
	}
	return lint.Step{Kind: lint.StepValues, Position: at, Label: trace.JoinSteps(steps)}, true
}

// chartObject starts the names of objects that have the contents of a Chart.yaml. The
// path of the file follows.
const chartObject = "Chart "

// addRepair makes an action the place of an absent field that prints the mapping which is to have the field beside its name, not below it: no key
// sets the field before that is repaired.
func (f *output) addRepair(o *lint.Origin, n *yaml.Node, b block, missing string) bool {
	switch {
	case missing == "" || missing[0] == '[':
		return false
	case n.Kind == yaml.ScalarNode:
		p := f.pieceAt(b.from)
		return p != nil && p.Kind == trace.Literal && len(b.children) == 0 && f.repair(o, p.Src, p.Pos+b.from-p.Start, n.Value)
	}
	field, rest := fieldOf(missing)
	if rest == "" || rest[0] == '[' {
		return false
	}
	for p := range f.disabledIn(b) {
		if !strings.Contains(p.Block.Text, field+":") {
			continue
		}
		column, _, first, ok := trace.FieldIn(p.Block.PlainText(), field)
		if !ok || first || !f.isSibling(b, p, column, first) {
			continue
		}
		at, _, ok := p.Field(field, column)
		return ok && (f.repair(o, p.Src, at, field) || f.repairUnmarshalled(o, p, at, field))
	}
	return false
}

// indentedMap is an action that indents a value.
var indentedMap = regexp.MustCompile(`^\s*(\{\{-?\s*(\.|\$?\w*(?:\.\w+)+)\s*\|\s*(n?indent) (\d+)\s*-?\}\})`)

// repairUnmarshalled makes the action of a block that was not entered the place of a field, which is at an offset of the template, if the action
// indents a map of the values without making YAML of it: with any entry in the map, the template fails.
func (f *output) repairUnmarshalled(o *lint.Origin, p *trace.Piece, at int, field string) bool {
	end := at + len(field) + 1
	if p.Src.File == "" || end > len(p.Src.Text) {
		return false
	}
	m := indentedMap.FindStringSubmatchIndex(p.Src.Text[end:])
	if m == nil {
		return false
	}
	part := func(i int) string { return p.Src.Text[end+m[2*i] : end+m[2*i+1]] }
	solver := branch.Solver{Values: f.keys}
	for _, test := range solver.Preventing(branch.DisabledBy(p.Block)) {
		if v, _ := f.keys.At(test.Steps); !isMap(v) || !blocktext.Prints(part(2), p.Block, test) {
			continue
		}
		o.Position, o.Text = values.SourcePosition(p.Src, end+m[2], end+m[3])
		o.Precision = lint.PrecisionExact
		o.Repair = fmt.Sprintf("write toYaml %s | %s %s: %s fails with a map, so that %s takes no value before that", part(2), part(3), part(4), part(3),
			trace.JoinSteps(f.keys.Global(test.Steps)))
		return true
	}
	return false
}

// repair makes the action that prints the mapping of a field, which is at an offset of a template, the place to edit, if it prints that
// beside the field.
func (f *output) repair(o *lint.Origin, src *trace.Source, at int, field string) bool {
	_, line := src.Line(at)
	end := at + len(field) + 1
	if src.File == "" || end > len(src.Text) || src.Text[at:end] != field+":" || !trace.IsBlank(src.Text[line:at]) {
		return false
	}
	d, ok := trace.OutdentAfter(src.Text, end, at-line)
	if !ok {
		return false
	}
	o.Position, o.Text = values.SourcePosition(src, d.From, d.To)
	o.Precision = lint.PrecisionExact
	o.Repair = fmt.Sprintf("write %s %d in place of %d: what this prints is beside %s, not in it", d.Function, d.Want, d.Columns, field)
	return true
}

// addOutdent is addRepair for a key that an action printed beside the name of the mapping which is to have it.
func (f *output) addOutdent(o *lint.Origin, from, to int) bool {
	p := f.pieceAt(from)
	if p == nil || p.Kind != trace.Printed || !p.Whole || len(p.Keys) != 1 || !p.Keys[0].IsName || p.End != to || !strings.HasPrefix(f.text[to:], ":") {
		return false
	}
	start, _ := trace.ActionSpan(p.Src.Text, p.Pos)
	column := from - f.lines.Starts[sort.SearchInts(f.lines.Starts, from+1)-1]
	first := f.traced.Find(from)
	for i := first - 1; i >= max(first-maxPrintedBefore, 0); i-- { // back to the text before the action
		q := &f.traced.Pieces[i]
		if q.Kind != trace.Literal || q.Src != p.Src || q.Call != p.Call {
			continue
		}
		line := strings.TrimRight(f.traced.Text[q.Start:q.End], " \n")
		line = line[strings.LastIndexByte(line, '\n')+1:]
		field := strings.TrimLeft(line, " ")
		at := strings.LastIndex(q.Src.Text[:min(q.Pos+q.End-q.Start, len(q.Src.Text))], field)
		if !strings.HasSuffix(field, ":") || at < 0 || len(line)-len(field) != column {
			return false
		}
		d, ok := trace.OutdentAfter(q.Src.Text, at+len(field), column)
		return ok && d.From == start && f.repair(o, q.Src, at, strings.TrimSuffix(field, ":"))
	}
	return false
}

// maxPrintedBefore is how many pieces before a key are looked at for the name of the mapping that is to have it.
const maxPrintedBefore = 256

// chartLine is the line of a key in a Chart.yaml.
func (f *output) chartLine(file, name string) lint.Position {
	p := lint.Position{File: file}
	for c, display := range f.names {
		if display == file {
			p.Line = values.TopLevelLine(c.Data, name)
		}
	}
	return p
}

var (
	// secretKey matches keys that name a Secret which is there already, and keyOfSecret those that name its key.
	secretKey = regexp.MustCompile(`(?i)^existing_?secret(_?name|_?ref)?$|^secret_?name$`)
	// readSecret matches where a template reads a key whose name ends in Secret.
	readSecret  = regexp.MustCompile(`\.(\w+Secret)\b`)
	keyOfSecret = regexp.MustCompile(`(?i)^existing_?secret.*key$`)
)

const (
	// maxSecretKeys is how many such keys are tried at most for a value.
	maxSecretKeys = 4
	// maxSecretLevels is how many levels above a key they may be.
	maxSecretLevels = 3
)

// SecretKeys are the empty keys that name a Secret, beside some others, a level below, and above.
func (f *output) SecretKeys(near []string) (l [][]lint.Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, label := range near {
		steps, ok := values.SplitSteps(label)
		if ok && len(l) < maxSecretKeys {
			l = f.appendUnsetSecret(l, steps)
		}
		for up := 1; ok && up <= min(len(steps), maxSecretLevels); up++ {
			l = f.appendSecretKeys(l, steps[:len(steps)-up], steps, up == 1)
		}
	}
	return l[:min(len(l), maxSecretKeys)]
}

// appendUnsetSecret adds the key with the name of another one and Secret behind it, passwordSecret, if templates read it and no values have it.
func (f *output) appendUnsetSecret(l [][]lint.Entry, steps []string) [][]lint.Entry {
	if f.secretNames == nil {
		f.secretNames = map[string]bool{}
		for _, c := range f.Compiled {
			for _, m := range readSecret.FindAllStringSubmatch(c.Src.Text, -1) {
				f.secretNames[m[1]] = true
			}
		}
	}
	beside, name := steps[:len(steps)-1], steps[len(steps)-1]+"Secret"
	if _, isThere := f.keys.At(trace.Join(beside, name)); isThere || !f.secretNames[name] {
		return l
	}
	s := f.stepToAdd(trace.Join(beside, name), "", "").Step
	return append(l, []lint.Entry{{Position: s.Position, Key: s.Label, Below: s.Below}})
}

// appendSecretKeys adds those of one map, and of the maps in it.
func (f *output) appendSecretKeys(l [][]lint.Entry, at, other []string, inMaps bool) [][]lint.Entry {
	v, _ := f.keys.At(at)
	m, _ := v.(map[string]any)
	from := len(l)
	var keys []lint.Entry // of the Secret's keys
	for _, name := range trace.SortedKeys(m) {
		steps := trace.Join(at, name)
		below, isMap := m[name].(map[string]any)
		switch {
		case len(l) >= maxSecretKeys:
			return l
		case secretKey.MatchString(name) && isMap:
			steps = trace.Join(steps, "name")
		case keyOfSecret.MatchString(name):
			f.appendEmpty(&keys, steps, other)
			continue
		case isMap && inMaps && len(below) > 0:
			l = f.appendSecretKeys(l, steps, other, false)
			continue
		case !secretKey.MatchString(name):
			continue
		}
		var found []lint.Entry
		if f.appendEmpty(&found, steps, other); len(found) > 0 && !slices.ContainsFunc(l, func(have []lint.Entry) bool { return have[0].Key == found[0].Key }) {
			l = append(l, found)
		}
	}
	for _, found := range slices.Clone(l[from:]) {
		if len(keys) == 1 && len(found) == 1 && strings.HasPrefix(keys[0].Key, strings.TrimSuffix(found[0].Key, "Name")) {
			l = append(l, append(slices.Clip(found), keys[0]))
		}
	}
	for i := range l {
		for j := range l[i] {
			l[i][j].Below = f.keys.Below(l[i][j].Key, l[i][j].File)
		}
	}
	return l
}
