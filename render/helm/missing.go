package helm

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/blocktext"
	"github.com/kubevet/kubevet/render/helm/trace"
)

// addMissing adds the values key with which an absent field can be set. This is a key in
// a block of values from which the ancestor was printed, or a key that disables the if or
// with that contains the field. n is the key or first node of the nearest ancestor that
// exists, missing is the path from there.
func (f *output) addMissing(o *lint.Origin, n *yaml.Node, missing string) {
	b := f.block(n)
	if f.addRepair(o, n, b, missing) {
		return
	}
	s, ok := f.missingStep(n, b, missing)
	if !ok {
		return
	}
	s.Chosen = s.Chosen || s.Set == "" && f.isOtherwise(b, s.to)
	if s.enabling.Label != "" {
		o.Trail = append([]lint.Step{s.enabling}, o.Trail...)
	}
	if s.Set == "" && !s.Off && s.Position.Line == 0 {
		s.Note = f.unread(s.to)
	}
	o.Trail = append([]lint.Step{s.Step}, o.Trail...)
	switch {
	case s.Off:
		f.addOff(o, s)
		return
	case s.Chosen:
		if e, ok := f.keys.EntryToAdd(s.to, s.missing); ok {
			e.Key = s.Label
			o.Switch = &e
		}
		return
	}
	if s.Set != "" { // the key enables a block, but its value is not printed: it is the place if it fixes the defect
		if o.Switch = f.entryAt(s.Label); o.Switch == nil && s.to != nil {
			e, ok := f.keys.EntryToAdd(s.to, s.missing)
			e.Key = s.Label
			o.Switch = entryIf(&e, ok)
		}
		return
	}
	if twin := f.twin(s); twin != "" {
		o.Trail[0].Instead = twin
		if e := f.entryAt(twin); e != nil && f.isMisplaced(twin) {
			o.Trail[0].IsMisplaced = true
			e.Key, o.Entry = s.Label, e
		}
		return
	}
	if e, ok := f.keys.EntryToAdd(s.to, s.missing); ok {
		e.Key = s.Label
		o.Entry = &e
		o.Shared = f.sharedEntry(s)
	}
}

// twin is a key that the values have in place of the one of an addition, which they lack: one that differs in capital letters, or one with the same
// name in the only map of the values which the template reads something else of, and which has it, if no template reads it there. It is empty if
// there is none.
func (f *output) twin(s addition) string {
	field, _ := fieldOf(s.missing)
	steps := f.keys.Global(s.to)
	if field != "" && f.isSet(steps) {
		steps = trace.Join(steps, field)
	}
	if len(steps) == 0 {
		return ""
	}
	above, name := steps[:len(steps)-1], steps[len(steps)-1]
	v, _ := f.keys.At(above)
	m, isMap := v.(map[string]any)
	if _, has := m[name]; has || !isMap || !f.isOf(f.task.src, f.home) {
		return ""
	}
	for _, other := range trace.SortedKeys(m) {
		if strings.EqualFold(other, name) && m[other] != nil {
			return trace.JoinSteps(trace.Join(above, other))
		}
	}
	var found []string
	for _, other := range trace.SortedKeys(m) {
		inner, _ := m[other].(map[string]any)
		if _, isMap := inner[name].(map[string]any); !isMap || !strings.Contains(f.task.src.Text, ".Values."+other+".") {
			continue
		}
		if key := trace.Join(above, other, name); f.countReaders(key) == 0 {
			found = append(found, trace.JoinSteps(key))
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// isMisplaced reports whether a key of the values is one level too deep, with others beside it: the templates read them all without the key
// above, and none with it.
func (f *output) isMisplaced(key string) bool {
	above, name, _ := strings.Cut(key, ".")
	m, isMap := f.keys.Snapshot[above].(map[string]any)
	if !isMap || strings.Contains(name, ".") {
		return false
	}
	n := 0
	for _, name := range trace.SortedKeys(m) {
		if _, has := f.keys.Snapshot[name]; !has && f.countReaders([]string{name}) > 0 && f.countReaders([]string{above, name}) == 0 {
			n++
		}
	}
	return n >= minMisplaced
}

// minMisplaced is how many keys show that a map of the values is one level too deep.
const minMisplaced = 2

// unread says which keys of the chart's values no template reads that belong to where a key would be a new one: keys that a dependency has,
// which are not below its name, or a map with keys that the templates read without it. It is empty if there are none.
func (f *output) unread(steps []string) string {
	if len(steps) == 0 {
		return ""
	}
	of := valuesSteps(f.task.src.Owner)
	if len(of) > 1 || len(of) == 1 && of[0] != steps[0] {
		return ""
	}
	note, isKnown := f.unreadNotes[f.task.src.Owner]
	if isKnown {
		return note
	}
	var keys []string
	for _, name := range trace.SortedKeys(f.keys.Snapshot) {
		switch m, isMap := f.keys.Snapshot[name].(map[string]any); {
		case name == "global" || f.keys.IsOfDependency(name) || f.countReaders([]string{name}) > 0:
		case len(of) == 1:
			if f.hasDefault(of, name) {
				keys = append(keys, name)
			}
		case isMap && f.countMisplaced(m) >= minMisplaced:
			keys = append(keys, name)
		}
	}
	if keys != nil {
		there, verb, those := lint.And(keys)+" there, which no template reads, ", "belong", "have"
		if len(keys) == 1 {
			verb, those = "belongs", "has"
		}
		if note = there + those + " keys that the templates read one level higher"; len(of) == 1 {
			note = there + verb + " below " + of[0]
		}
	}
	if f.unreadNotes == nil {
		f.unreadNotes = map[string]string{}
	}
	f.unreadNotes[f.task.src.Owner] = note
	return note
}

// hasDefault reports whether a dependency has a key, or the library over whose values it merges its own.
func (f *output) hasDefault(of []string, name string) bool {
	if _, ok := f.keys.At(trace.Join(of, name)); ok {
		return true
	}
	m, _ := f.keys.At(of)
	for _, library := range trace.SortedKeys(m.(map[string]any)) {
		if _, by := f.IDs.Over(trace.Join(of, library, name)); slices.Equal(by, of) {
			if _, ok := f.keys.At(trace.Join(of, library, name)); ok {
				return true
			}
		}
	}
	return false
}

// countMisplaced is how many keys of a map templates read that the values lack.
func (f *output) countMisplaced(m map[string]any) (n int) {
	for _, name := range trace.SortedKeys(m) {
		if _, has := f.keys.Snapshot[name]; !has && f.countReaders([]string{name}) > 0 {
			n++
		}
	}
	return n
}

// missingStep is the key with which a path that is missing below a node can be set.
func (f *output) missingStep(n *yaml.Node, b block, missing string) (s addition, ok bool) {
	if missing == "" {
		if s, ok = f.emptyValue(b); !ok {
			s, ok = f.switchBelow(b)
		}
		return s, ok
	}
	first, then := f.emptyKeyStep, f.disabledStep
	if len(b.children) > 0 { // a block that names the field is for it, rather than one for anything beside the children
		first, then = then, first
	}
	otherwise := func(b block, missing string) (addition, bool) { return f.otherwiseStep(n, b, missing) }
	for _, step := range []func(block, string) (addition, bool){f.blockStep, first, then, otherwise, f.putStep, f.mergedStep, f.splicedStep, f.siblingStep, f.variableStep, f.extensibleStep} {
		if s, ok = step(b, missing); ok && !f.isForOthers(s.to, missing) {
			return s, true
		}
	}
	return addition{}, false
}

// purposes are groups of fields of containers, each with what the names of maps that are for them have.
var purposes = []struct {
	fields, names []string
}{
	{[]string{"livenessProbe", "readinessProbe", "startupProbe", "lifecycle"}, []string{"health", "probe", "lifecycle"}},
	{[]string{"ports"}, []string{"port"}},
	{[]string{"env", "envFrom"}, []string{"env"}},
	{[]string{"volumeMounts", "volumeDevices"}, []string{"volume", "mount"}},
}

var (
	// probesName matches the names of maps that are for probes, even if they are empty.
	probesName = regexp.MustCompile(`(?i)(?:^health|health_?checks?$|probes$|[^.]probe$)`)
	// noProbe matches the fields of a container that no probe has.
	noProbe = regexp.MustCompile(`^(?:securityContext|resources)$`)
)

// isForOthers reports whether a map of the values is for fields of another purpose than a missing one, though a template prints all that it has: its
// entries are of that purpose alone, and so is its name, or the one of the map around it. Of an empty map the name shows that only if it is one
// for probes.
func (f *output) isForOthers(steps []string, missing string) bool {
	v, _ := f.keys.At(steps)
	m, _ := v.(map[string]any)
	field, _ := fieldOf(missing)
	if len(m) == 0 {
		return len(steps) > 0 && probesName.MatchString(steps[len(steps)-1]) && noProbe.MatchString(field)
	}
	name := strings.ToLower(strings.Join(steps[max(0, len(steps)-2):], "."))
	for _, p := range purposes {
		isNamed := slices.ContainsFunc(p.names, func(word string) bool { return strings.Contains(name, word) })
		if isNamed && !slices.Contains(p.fields, field) && !slices.ContainsFunc(trace.SortedKeys(m), func(k string) bool { return !slices.Contains(p.fields, k) }) {
			return true
		}
	}
	return false
}

// isOtherwise reports whether all children of a key are the template's text in a block whose condition tests a key: what the value of
// that prints there may be in place of them.
func (f *output) isOtherwise(b block, steps []string) bool {
	if len(b.children) == 0 || b.children[0] == b.from {
		return false
	}
	return !slices.ContainsFunc(b.children, func(at int) bool {
		p := f.pieceAt(at)
		if p == nil || p.Kind != trace.Literal || p.Within == nil {
			return true
		}
		fields := p.Within.Fields(p.Within.Condition)
		if len(fields) != 1 {
			return true
		}
		k := f.IDs.Unchanged(p.Data, fields[0])
		return k == nil || k.Object() != trace.ValuesObject || !slices.Equal(f.keys.Global(k.Steps()), steps)
	})
}

// sharedEntry is the entry of the key that a template takes where a key has no value, if more templates read it. Nil if there is none.
func (f *output) sharedEntry(s addition) *lint.Entry {
	if s.otherwise == nil || f.countReaders(s.otherwise) <= f.countReaders(s.to) {
		return nil
	}
	e, ok := f.keys.EntryToAdd(f.keys.Global(s.otherwise), s.missing)
	e.Key = f.stepToAdd(s.otherwise, s.missing, "").Label
	e.Below = f.keys.Below(e.Key, e.File)
	return entryIf(&e, ok)
}

// mergedStep is a key with which an absent field may be set: the children of its block come from several blocks of values, or are
// merged with others, and it is tried whether an addition to one of them reaches the output. It is the one with the longest key, but
// no global one: what is for one workload rather than what is for all.
func (f *output) mergedStep(b block, missing string) (addition, bool) {
	var best []string
	for _, at := range b.children {
		k := f.childFrom(at)
		if k == nil || k.Object() != trace.ValuesObject || len(k.Steps()) == 0 {
			continue
		}
		steps := k.Steps()
		if f.isForOthers(steps, missing) {
			continue
		}
		if best == nil || isGlobal(best) && !isGlobal(steps) || isGlobal(best) == isGlobal(steps) && len(steps) > len(best) {
			best = steps
		}
	}
	if best == nil {
		return addition{}, false
	}
	s := f.stepToAdd(best, missing, "")
	s.Chosen = true
	return s, true
}

// minSiblings is how many children show that a mapping has what a map of the values has.
const minSiblings = 2

// siblingStep is a key of the map of the values that has what the children of a block have, by the same names, where it is not known how the
// map itself came there. It is tried whether an addition to it reaches the output.
func (f *output) siblingStep(b block, missing string) (addition, bool) {
	var of *trace.Key
	count := 0
	for _, at := range b.children {
		end := at + max(strings.IndexAny(f.text[at:], ":\n"), 0)
		name := f.text[at:end]
		for i := f.traced.Find(end); i < len(f.traced.Pieces); i++ {
			p := &f.traced.Pieces[i]
			if strings.Contains(f.text[end:max(end, p.Start)], "\n") {
				break
			}
			if !p.Whole || len(p.Keys) != 1 || p.Keys[0].IsName || p.Keys[0].Name != name || p.Keys[0].Object() != trace.ValuesObject {
				continue
			}
			if rest, _, _ := strings.Cut(f.text[p.End:], "\n"); !isBlankValue(rest) || strings.ContainsAny(f.text[p.Start:p.End], "{}[]") {
				continue // it is a part of the value, or a map of its own
			}
			if of != nil && !of.Equal(p.Keys[0].Parent) {
				return addition{}, false
			}
			of = p.Keys[0].Parent
			count++
		}
	}
	if count < minSiblings || len(of.Steps()) == 0 {
		return addition{}, false
	}
	s := f.stepToAdd(of.Steps(), missing, "")
	s.Chosen = true
	return s, true
}

// maxBefore is how many pieces before a key are looked at, of its indentation and of blocks that were not entered.
const maxBefore = 32

// fieldOf is the first field of a path, and the path below it.
func fieldOf(path string) (field, rest string) {
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i], strings.TrimPrefix(path[i:], ".")
	}
	return path, ""
}

func isGlobal(steps []string) bool { return slices.Contains(steps, "global") }

// addition is the step of a values key to set, the map or empty value to which to add the
// key, and the path from there. enabling is the step of the key that must be set beside it; it has no
// label if there is none.
type addition struct {
	lint.Step
	to       []string
	missing  string
	enabling lint.Step
	// otherwise is the key whose value is taken as long as the one has none. It is nil if there is none.
	otherwise []string
}

// block is the lines of a mapping in the output.
type block struct {
	from, to int // from the key or the first child to the end
	next     int // start of the next line that is not blank
	keyEnd   int // end of the key's line
	children []int
}

// block finds the lines of the mapping under a key, or of the mapping that a list item
// starts. It goes by their indentation.
func (f *output) block(n *yaml.Node) block {
	b := block{from: f.lines.Offset(n.Line, n.Column)}
	isKey := n.Kind == yaml.ScalarNode
	deeper := n.Column - 1 // minimum indentation of the block's lines
	if isKey {
		deeper++
	} else {
		b.children = append(b.children, b.from)
	}
	b.to = len(f.text)
	if i := strings.IndexByte(f.text[b.from:], '\n'); i >= 0 {
		b.to = b.from + i
	}
	b.keyEnd, b.next = b.to, len(f.text)+1
	level, items := -1, false
	if !isKey {
		level = deeper
	}
	for l := n.Line + 1; l <= len(f.lines.Starts); l++ {
		text := f.lines.Line(l)
		content := strings.TrimLeft(text, " ")
		if content == "" || strings.HasPrefix(content, "#") {
			continue
		}
		indent := len(text) - len(content)
		inList := isKey && indent == deeper-1 && strings.HasPrefix(content, "- ")
		if indent < deeper && !inList || strings.HasPrefix(text, "---") {
			b.next = f.lines.Starts[l-1]
			break
		}
		isItem := strings.HasPrefix(content, "- ")
		if level < 0 {
			level, items = indent, isItem
		}
		if indent == level && isItem == items { // otherwise it is an item of the key above
			b.children = append(b.children, f.lines.Starts[l-1]+indent)
		}
		b.to = f.lines.Starts[l-1] + len(text)
	}
	return b
}

// pieceAt is the piece that contains a byte of the output.
func (f *output) pieceAt(off int) *trace.Piece {
	if i := f.traced.Find(off); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start <= off {
		return &f.traced.Pieces[i]
	}
	return nil
}

// blockStep is the key of the block of values that the children come from. ok is false
// unless there is exactly one such block.
func (f *output) blockStep(b block, missing string) (addition, bool) {
	container, ok := f.childrenFrom(b)
	if !ok {
		return addition{}, false
	}
	if container == nil {
		container = f.emptyBlock(b)
	}
	if container == nil || container.Object() != trace.ValuesObject || len(container.Steps()) == 0 {
		return addition{}, false
	}
	steps := container.Steps()
	above, name := steps[:len(steps)-1], steps[len(steps)-1]
	if _, ok := f.keys.At(steps); ok || f.keys.IsRoot(above) || f.keys.IsRemoved(steps) {
		return f.stepToAdd(steps, missing, ""), true
	}
	if m, ok := f.keys.At(above); !ok || !isMap(m) || missing == "" || strings.HasPrefix(missing, "[") {
		return addition{}, false
	}
	return f.stepToAdd(above, trace.JoinSteps([]string{name})+"."+missing, ""), true
}

// variableStep is a key whose map is merged into the variable that an action prints as all that a block has:
// {{ $x := mergeOverwrite $default .Values.x }}{{ toYaml $x }}. Or it is the empty map to which the variable was set before the template set it
// to another one. It is tried whether an addition to it reaches the output.
func (f *output) variableStep(b block, missing string) (addition, bool) {
	if len(b.children) == 0 {
		return addition{}, false
	}
	p := f.pieceAt(b.children[0])
	if p == nil || p.Src == nil || p.Kind == trace.Literal {
		return addition{}, false
	}
	from := strings.LastIndex(p.Src.Text[:min(p.Pos+len("{{"), len(p.Src.Text))], "{{")
	if from < 0 {
		return addition{}, false
	}
	action, _, _ := strings.Cut(p.Src.Text[from:], "}}")
	what := blocktext.OwnValue(action + "}}")
	if !strings.HasPrefix(what, "$") {
		return addition{}, false
	}
	variable, fields, _ := strings.Cut(what, ".")
	var best []string
	for _, path := range f.merges.Into(p.Src, variable, p.Pos) {
		steps := append(valuesSteps(f.ownerOf(f.task, p.Src)), path...)
		if fields != "" {
			steps = append(steps, strings.Split(fields, ".")...)
		}
		if v, _ := f.keys.At(steps); isMap(v) || v == nil && best == nil { // one that the chart offers comes first
			best = steps
		}
	}
	if best == nil && fields == "" {
		best = f.emptyMapOf(p, variable)
	}
	if best == nil {
		return addition{}, false
	}
	s := f.stepToAdd(best, missing, "")
	s.Chosen = true
	return s, true
}

// emptyMapOf is the key of the empty map of the values to which a template sets the variable that a piece prints. Nil if there is none.
func (f *output) emptyMapOf(p *trace.Piece, variable string) []string {
	value := f.merges.Assigned(p.Src, variable, p.Pos)
	if value == "" || !isEmptyText(f.traced.Text[p.Start:p.End]) {
		return nil
	}
	var steps []string
	if path, ok := strings.CutPrefix(strings.TrimPrefix(value, "$"), ".Values."); ok {
		steps = append(valuesSteps(f.ownerOf(f.task, p.Src)), strings.Split(path, ".")...)
	} else if k := f.IDs.Unchanged(p.Data, strings.Split(strings.TrimPrefix(value, "."), ".")); value[0] == '.' && k != nil && k.Object() == trace.ValuesObject {
		steps = k.Steps() // a helper is given the map: include "context" (dict "context" .Values.x)
	}
	if v, _ := f.keys.At(steps); len(steps) == 0 || v != nil && !isMap(v) {
		return nil
	}
	return steps
}

func isMap(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

// childrenFrom is the block of values that the children of a block come from. Nil if
// there is none. ok is false if there are several, or if other children were printed from
// something other than the template's own text: then an addition to the values may not
// reach the output.
func (f *output) childrenFrom(b block) (container *trace.Key, ok bool) {
	made := false
	for _, at := range b.children {
		k := f.childFrom(at)
		switch {
		case k == nil:
			p := f.pieceAt(at)
			made = made || p == nil || p.Kind != trace.Literal
		case container == nil:
			container = k
		case !container.Equal(k):
			return nil, false
		}
	}
	return container, container == nil || !made
}

// childFrom is the block of values from which the line at an offset was printed.
func (f *output) childFrom(at int) *trace.Key {
	p := f.pieceAt(at)
	if p == nil || !p.Whole || len(p.Keys) == 0 {
		return nil
	}
	k, text := p.Keys[0], f.traced.Text[p.Start:p.End]
	if isEmptyText(text) && !k.IsName {
		return k
	}
	if !k.IsName || k.Parent == nil || k.Parent.Parent == nil || !strings.HasPrefix(f.text[p.End:], ":") {
		return nil // the name is not the whole key: {{ $name }}Probe
	}
	if _, ok := f.keyStep(k, text, true); !ok {
		return nil
	}
	return k.Parent.Parent
}

// isEmptyText reports whether a text is YAML of an empty map or list, or of no value.
func isEmptyText(text string) bool { return trace.IsNothing(text) || strings.TrimSpace(text) == "[]" }

// emptyBlock is the values key of an empty map or list, or of no value, that was printed after the block's key.
func (f *output) emptyBlock(b block) (container *trace.Key) {
	for i := f.traced.Find(b.from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < b.keyEnd; i++ {
		p := &f.traced.Pieces[i]
		if p.Whole && len(p.Keys) > 0 && !p.Keys[0].IsName && isEmptyText(f.traced.Text[p.Start:p.End]) {
			container = p.Keys[0]
		}
	}
	if container == nil {
		container = f.nullBlock(b)
	}
	return container
}

// nullBlock is the values key that is null and that was printed, with its name, as the
// block's key: limits: null.
func (f *output) nullBlock(b block) *trace.Key {
	p := f.pieceAt(b.from)
	if p == nil || !p.Whole || len(p.Keys) == 0 || !p.Keys[0].IsName || p.Keys[0].Parent == nil || p.End > b.keyEnd {
		return nil
	}
	if strings.TrimSpace(f.text[p.End:b.keyEnd]) != ": null" {
		return nil
	}
	if _, ok := f.keyStep(p.Keys[0], f.traced.Text[p.Start:p.End], true); !ok {
		return nil
	}
	return p.Keys[0].Parent
}

// emptyValue is the key of an action that printed nothing at the place of a value.
func (f *output) emptyValue(b block) (addition, bool) {
	for i := f.traced.Find(b.from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start <= b.keyEnd; i++ {
		p := &f.traced.Pieces[i]
		if p.Kind == trace.Disabled && p.Block == nil && len(p.Keys) == 1 && p.Keys[0].Object() == trace.ValuesObject {
			return f.stepToAdd(p.Keys[0].Steps(), "", ""), true
		}
	}
	return addition{}, false
}

// addOff makes a key that is off the place to edit, and keeps the place of its switch.
func (f *output) addOff(o *lint.Origin, s addition) {
	o.Entry, o.Switch = f.entryAt(s.Label), f.entryAt(s.enabling.Label)
}

// stepWithSwitch is the step of a key that a block prints, which a condition with another key enables. If the key is there,
// it is off, and the switch may be all there is to set.
func (f *output) stepWithSwitch(condition, key []string, set string) addition {
	enabling := f.stepToAdd(condition, "", set)
	enabling.Kind = lint.StepDecides
	s := f.stepToAdd(key, "", "")
	if s.Off = f.isSet(key); !s.Off {
		last := len(key) - 1
		for last > 1 && !f.isSet(key[:last]) {
			last--
		}
		s = f.stepToAdd(key[:last], trace.JoinSteps(key[last:]), "")
	}
	s.enabling = enabling.Step
	return s
}

// isSet reports whether a key is there, and not null.
func (f *output) isSet(steps []string) bool {
	v, ok := f.keys.At(steps)
	return ok && v != nil
}

// valuesSteps are the steps from the root's values to those of a chart.
func valuesSteps(owner string) []string {
	return strings.Split(owner, "/charts/")[1:]
}

// overriding is the key that wins over one of the defaults of a library: that of the chart which takes the library in and merges its own
// values over them. It is the key itself if there is none, or if a file that can be edited has the defaults and the chart has neither the key
// nor the map around it.
func (f *output) overriding(steps []string) []string {
	base, by := f.IDs.Over(steps)
	if base == nil {
		return steps
	}
	over := trace.Join(by, steps[len(base):]...)
	above := over[:len(over)-1]
	if f.keys.IsOwn(base) && !f.keys.IsOwn(over) && (len(above) == len(by) || !f.keys.IsOwn(above)) {
		return steps
	}
	return over
}

// stepToAdd is the step of a key to set, at the line of the nearest existing key.
func (f *output) stepToAdd(steps []string, missing, set string) addition {
	steps = f.overriding(f.keys.Global(steps))
	label := trace.JoinSteps(steps)
	switch {
	case missing == "":
	case missing[0] == '[':
		label += missing
	default:
		label += "." + missing
	}
	at := f.keys.PlaceToAdd(steps)
	return addition{Step: lint.Step{Kind: lint.StepValues, Position: at, Label: label, Set: set, Below: f.keys.Below(label, at.File)}, to: steps, missing: missing}
}

// extensible is a map, or one in it, into which a template merged an empty map of the values.
type extensible struct {
	has map[string]any
	// by is the key of the empty map, and at leads from there to the map.
	by *trace.Key
	at []string
}

// Limits of the maps into which empty maps were merged.
const (
	maxExtensible       = 1 << 12
	maxExtensibleLevels = 4
)

// extensibleStep is the key of an empty map of the values that a template merged into the mapping of a block, or into one around it, such as into
// that of a file: mergeOverwrite (.Files.Get "pod.yaml" | fromYaml) .Values.merge. The mapping is the only one with these names and texts,
// and it is tried whether an addition to the key reaches the output.
func (f *output) extensibleStep(b block, missing string) (addition, bool) {
	if len(b.children) < minSiblings || missing == "" || missing[0] == '[' {
		return addition{}, false
	}
	printed, names := map[string]string{}, make([]string, 0, len(b.children))
	for _, at := range b.children {
		line, _, _ := strings.Cut(f.text[at:], "\n")
		name, text, _ := strings.Cut(line, ":")
		printed[name] = strings.Trim(text, " '\"")
		names = append(names, name)
	}
	slices.Sort(names)
	var found *extensible
	isOnly := false
	for _, e := range f.extensibleBy(strings.Join(names, "\n")) {
		switch {
		case !e.prints(printed) || found != nil && len(found.at) < len(e.at):
		case found == nil || len(e.at) < len(found.at): // the innermost one of those that have it
			found, isOnly = &e, true
		default:
			isOnly = isOnly && found.by.Equal(e.by) && slices.Equal(found.at, e.at)
		}
	}
	if !isOnly {
		return addition{}, false
	}
	s := f.stepToAdd(found.by.Steps(), strings.Join(append(slices.Clip(found.at), missing), "."), "")
	s.Chosen = true
	return s, true
}

// extensibleBy are the maps with some names.
func (r *rendering) extensibleBy(names string) []extensible {
	if r.extensible == nil {
		r.extensible = map[string][]extensible{}
		n := 0
		var add func(e extensible)
		add = func(e extensible) {
			if n++; n > maxExtensible || len(e.at) > maxExtensibleLevels {
				return
			}
			names := trace.SortedKeys(e.has)
			if len(names) >= minSiblings {
				of := strings.Join(names, "\n")
				r.extensible[of] = append(r.extensible[of], e)
			}
			for _, name := range names {
				if m, ok := e.has[name].(map[string]any); ok && !strings.ContainsAny(name, ".[") {
					add(extensible{m, e.by, trace.Join(e.at, name)})
				}
			}
		}
		for m, k := range r.EmptyMerges() {
			add(extensible{has: m, by: k})
		}
	}
	return r.extensible[names]
}

// prints reports whether the texts of a mapping are those of the map.
func (e *extensible) prints(texts map[string]string) bool {
	for name, v := range e.has {
		switch v := v.(type) {
		case map[string]any, []any, nil:
		default:
			if text := trace.ScalarText(v); texts[name] != text && !strings.ContainsAny(text, "\"'\\\n") {
				return false
			}
		}
	}
	return true
}
