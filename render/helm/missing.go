package helm

import (
	"cmp"
	"iter"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/render/helm/branch"
	"github.com/kubevet/kubevet/render/helm/values"

	"github.com/kubevet/kubevet/render/helm/trace"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
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
	for _, step := range []func(block, string) (addition, bool){f.blockStep, first, then, otherwise, f.putStep, f.mergedStep, f.splicedStep, f.siblingStep, f.variableStep} {
		if s, ok = step(b, missing); ok {
			return s, true
		}
	}
	return addition{}, false
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

// passedYAML prints one value as YAML, also what tpl makes of it.
var passedYAML = regexp.MustCompile(`^\s*\{\{-?\s*(?:tpl\s+\()?\s*toYaml\s+(\.|\$?\w*(?:\.\w+)+)\)?[^{}]*\}\}`)

// maxBefore is how many pieces before a key are looked at, of its indentation and of blocks that were not entered.
const maxBefore = 32

// otherwiseStep is the key of a value that a block prints below a key, where its else has the key with an empty map since the value is empty:
// {{ if .x }}securityContext: {{ toYaml .x }}{{ else }}securityContext: {}{{ end }}. It is tried whether an addition to it does it.
func (f *output) otherwiseStep(n *yaml.Node, b block, missing string) (addition, bool) {
	key := f.pieceAt(b.from)
	if n.Kind != yaml.ScalarNode || len(b.children) > 0 || key == nil || key.Kind != trace.Literal {
		return addition{}, false
	}
	at := f.traced.Find(b.from)
	for i := at - 1; i >= max(at-maxBefore, 0) && trace.IsBlank(f.traced.Text[f.traced.Pieces[i].Start:key.Start]); i-- { // over its indentation
		p := &f.traced.Pieces[i]
		if p.Kind != trace.Disabled || p.Block == nil || p.IsSorted || p.Src != key.Src {
			continue
		}
		_, value, _, ok := trace.FieldIn(p.Block.PlainText(), n.Value)
		m := passedYAML.FindStringSubmatch(value)
		if !ok || m == nil {
			continue
		}
		solver := branch.Solver{Values: f.keys}
		for _, test := range solver.Preventing(branch.DisabledBy(p.Block)) {
			if prints(m[1], p.Block, test) {
				s := f.stepToAdd(test.Steps, missing, "")
				s.Chosen = true
				return s, true
			}
		}
	}
	return addition{}, false
}

// putting puts a value into a map, and does nothing else: {{ $_ := set $container "securityContext" . }}.
var putting = regexp.MustCompile(`^\s*\{\{-?\s*\$\w+\s*:?=\s*set\s+(\$\w+)\s+"(\w+)"\s+(\.|\$?\w*(?:\.\w+)+)\s*-?\}\}\s*$`)

// putStep is the key of an empty value that a block before the first child would put into the map which is then printed. It is tried
// whether an addition to it reaches the output.
func (f *output) putStep(b block, missing string) (addition, bool) {
	if len(b.children) == 0 {
		return addition{}, false
	}
	field, rest := fieldOf(missing)
	solver := branch.Solver{Values: f.keys}
	at := f.traced.Find(b.children[0])
	for i := at - 1; i >= max(at-maxBefore, 0); i-- {
		p := &f.traced.Pieces[i]
		if p.Kind != trace.Disabled || p.Block == nil || rest == "" {
			continue
		}
		m := putting.FindStringSubmatch(p.Block.PlainText())
		if m == nil || m[2] != field || !strings.Contains(p.Src.Text[p.Pos:], "toYaml "+m[1]) {
			continue
		}
		for _, test := range solver.Preventing(branch.DisabledBy(p.Block)) {
			if v, _ := f.keys.At(test.Steps); prints(m[3], p.Block, test) && (v == nil || isMap(v)) {
				s := f.stepToAdd(test.Steps, rest, "")
				s.Chosen = true
				return s, true
			}
		}
	}
	return addition{}, false
}

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
	b := block{from: trace.ColumnOffset(f.text, f.starts, n.Line, n.Column)}
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
	for l := n.Line + 1; l <= len(f.starts); l++ {
		text := trace.LineOf(f.text, f.starts, l)
		content := strings.TrimLeft(text, " ")
		if content == "" || strings.HasPrefix(content, "#") {
			continue
		}
		indent := len(text) - len(content)
		inList := isKey && indent == deeper-1 && strings.HasPrefix(content, "- ")
		if indent < deeper && !inList || strings.HasPrefix(text, "---") {
			b.next = f.starts[l-1]
			break
		}
		isItem := strings.HasPrefix(content, "- ")
		if level < 0 {
			level, items = indent, isItem
		}
		if indent == level && isItem == items { // otherwise it is an item of the key above
			b.children = append(b.children, f.starts[l-1]+indent)
		}
		b.to = f.starts[l-1] + len(text)
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
// {{ $x := mergeOverwrite $default .Values.x }}{{ toYaml $x }}. It is tried whether an addition to it reaches the output.
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
	m := ownValue.FindStringSubmatch(action + "}}")
	if m == nil || !strings.HasPrefix(m[1]+m[2], "$") {
		return addition{}, false
	}
	variable, fields, _ := strings.Cut(m[1]+m[2], ".")
	var best []string
	for _, path := range f.mergedInto(p.Src, variable, p.Pos) {
		steps := append(valuesSteps(f.ownerOf(f.task, p.Src)), path...)
		if fields != "" {
			steps = append(steps, strings.Split(fields, ".")...)
		}
		if v, _ := f.keys.At(steps); isMap(v) || v == nil && best == nil { // one that the chart offers comes first
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
	if trace.IsNothing(text) && !k.IsName {
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

// emptyBlock is the values key of an empty map, or of no value, that was printed after the block's key.
func (f *output) emptyBlock(b block) (container *trace.Key) {
	for i := f.traced.Find(b.from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < b.keyEnd; i++ {
		p := &f.traced.Pieces[i]
		if p.Whole && len(p.Keys) > 0 && !p.Keys[0].IsName && trace.IsNothing(f.traced.Text[p.Start:p.End]) {
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

// switchBelow is the switch of a block that would print the first of what a key has, which has nothing:
// tls: {{ range .Values.hosts }}{{ if .tls }}- hosts: … {{ end }}{{ end }}. One that is there comes first.
func (f *output) switchBelow(b block) (s addition, ok bool) {
	if len(b.children) > 0 {
		return s, false
	}
	solver := branch.Solver{Values: f.keys, Unset: branch.IsSwitch, Elements: true}
	seen := 0
	for p := range f.disabledIn(b) {
		if seen++; seen > maxBefore {
			break
		}
		for _, test := range solver.Preventing(branch.DisabledBy(p.Block)) {
			set := setting(solver, test)
			if set == "" || ok && !f.isSet(test.Steps) {
				continue
			}
			if s, ok = f.stepToAdd(test.Steps, "", set), true; f.isSet(test.Steps) {
				return s, true
			}
		}
	}
	return s, ok
}

// indented is the indentation of a value that an action prints as YAML.
var indented = regexp.MustCompile(`\bn?indent (\d+)\s*-?\}\}\s*$`)

// emptyKeyStep is the key of the value that a block prints as all that a key of the template has.
// The block was not entered, because the value is empty:
// securityContext: {{ with .Values.x }}{{ toYaml . }}{{ end }}.
// Or it is the first of what the key has, and the other children are beside what it would print.
func (f *output) emptyKeyStep(b block, missing string) (addition, bool) {
	key := f.pieceAt(b.from)
	if key == nil || key.Kind != trace.Literal {
		return addition{}, false
	}
	pos := key.Pos + b.from - key.Start
	_, line := key.Src.Line(pos)
	for d, columns := range f.indentedBeside(key, b) {
		if len(b.children) > 0 && d.Start > b.children[0] {
			break // it may belong to the child above it, as a list does that begins at the column of its key
		}
		if columns <= pos-line || !f.areAtColumn(b.children, columns, key) {
			continue // it prints what comes beside the key, or below a child
		}
		isEmpty := func(test branch.Test) bool { return f.isEmptyFor(b, test) }
		if steps, isMerged := f.emptyTest(d, missing, isEmpty); steps != nil {
			s := f.stepToAdd(steps, missing, "")
			s.Chosen = isMerged
			return s, true
		}
	}
	return addition{}, false
}

// splicedStep is the key of a map, empty or without a value, that a block prints among the children of a mapping:
// - name: web {{ with .Values.container }}{{ toYaml . | nindent 6 }}{{ end }}.
// What it prints may belong to the child above it: it is tried whether an addition to it does it.
func (f *output) splicedStep(b block, missing string) (addition, bool) {
	if len(b.children) == 0 {
		return addition{}, false
	}
	first := f.pieceAt(b.children[0])
	if first == nil || first.Kind != trace.Literal {
		return addition{}, false
	}
	var found []string
	for d, columns := range f.indentedBeside(first, b) {
		if !f.areAtColumn(b.children[:1], columns, first) || f.isListAbove(b, d.Start) {
			continue
		}
		isEmpty := func(test branch.Test) bool {
			v, _ := f.keys.At(test.Steps)
			return isMap(v) || v == nil && found == nil // a map that is there comes first
		}
		if steps, _ := f.emptyTest(d, missing, isEmpty); steps != nil {
			found = steps
			if f.isSet(steps) {
				break
			}
		}
	}
	if found == nil {
		return addition{}, false
	}
	s := f.stepToAdd(found, missing, "")
	s.Chosen = true
	return s, true
}

// isListAbove reports whether the last child of a block before an offset has a list at its own column, or no value, so that what is
// printed there may be the list's elements.
func (f *output) isListAbove(b block, at int) bool {
	i, _ := slices.BinarySearch(b.children, at)
	if i == 0 {
		return false
	}
	key, rest, _ := strings.Cut(f.text[b.children[i-1]:at], "\n")
	if !strings.HasSuffix(strings.TrimSpace(key), ":") {
		return false
	}
	line, _, _ := strings.Cut(strings.TrimLeft(rest, "\n"), "\n")
	content := strings.TrimLeft(line, " ")
	start := f.starts[sort.SearchInts(f.starts, b.children[i-1]+1)-1]
	return content == "" || strings.HasPrefix(content, "- ") && len(line)-len(content) <= b.children[i-1]-start
}

// indentedBeside yields the blocks that were not entered within a block of the output, in the template of a piece, with the column at
// which each would print.
func (f *output) indentedBeside(piece *trace.Piece, b block) iter.Seq2[*trace.Piece, int] {
	return func(yield func(*trace.Piece, int) bool) {
		for i := f.traced.Find(b.from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < b.next; i++ {
			p := &f.traced.Pieces[i]
			if p.Kind != trace.Disabled || p.Block == nil || p.IsSorted || p.Src != piece.Src || p.Call != piece.Call {
				continue
			}
			indent := indented.FindStringSubmatch(p.Block.PlainText())
			if indent == nil {
				continue
			}
			if columns, err := strconv.Atoi(indent[1]); err == nil && !yield(p, columns) {
				return
			}
		}
	}
}

// emptyTest is the key of an empty value that a block prints, and nothing else. Nil if there is none. Of several, one of which is
// printed, it is one that is there. Of several that are merged, and of a map of which some keys are printed, it is to be tried whether it does it.
func (f *output) emptyTest(d *trace.Piece, missing string, isEmpty func(branch.Test) bool) (steps []string, isMerged bool) {
	text := d.Block.PlainText()
	part := ownPart.FindStringSubmatch(text)
	printsValue := func(test branch.Test) bool {
		value := ownValue.FindStringSubmatch(text)
		if value != nil {
			return prints(value[1]+value[2], d.Block, test)
		}
		if part != nil {
			return prints(part[2], d.Block, test) && hasKey(part, missing)
		}
		_, isSure := printsOneOf(text, d.Block, test)
		return isSure && strings.TrimSpace(oneOf.FindString(text)) == strings.TrimSpace(text)
	}
	solver := branch.Solver{Values: f.keys}
	tests := solver.Preventing(branch.DisabledBy(d.Block))
	slices.SortStableFunc(tests, func(a, b branch.Test) int { return f.unsetLast(a.Steps) - f.unsetLast(b.Steps) })
	if len(tests) == 0 {
		tests, isMerged = f.mergedTests(d), true
	}
	for _, test := range tests {
		if printsValue(test) && isEmpty(test) {
			return test.Steps, isMerged || part != nil
		}
	}
	return nil, false
}

// merging sets a variable to a map that is merged from others.
var merging = regexp.MustCompile(`\{\{-?\s*(\$\w+)\s*:?=\s*(?:mustMerge|merge)(?:Overwrite)?\s([^{}]*)\}\}`)

// merge is where a template merges values into a variable, and what these are.
type merge struct {
	pos  int
	from [][]string
}

// maxMerged is how many values are looked at that are merged.
const maxMerged = 8

// mergedInto are the values that the last action before a position merges into a variable.
func (r *rendering) mergedInto(src *trace.Source, variable string, pos int) [][]string {
	of, isKnown := r.merges[src]
	if !isKnown {
		of = map[string][]merge{}
		for _, at := range merging.FindAllStringSubmatchIndex(src.Text, -1) {
			m := merge{pos: at[0]}
			for _, arg := range argument.FindAllStringSubmatch(" "+src.Text[at[4]:at[5]], maxMerged) {
				if path, ok := strings.CutPrefix(strings.TrimPrefix(arg[1], "$"), ".Values."); ok {
					m.from = append(m.from, strings.Split(path, "."))
				}
			}
			name := src.Text[at[2]:at[3]]
			of[name] = append(of[name], m)
		}
		if r.merges == nil {
			r.merges = map[*trace.Source]map[string][]merge{}
		}
		r.merges[src] = of
	}
	before := sort.Search(len(of[variable]), func(i int) bool { return of[variable][i].pos >= pos })
	if before == 0 {
		return nil
	}
	return of[variable][before-1].from
}

// mergedTests are tests of the values that are merged into the variable of which the condition of a block tests all, or one entry. Those
// that are there come first. Nil if there are none.
func (f *output) mergedTests(d *trace.Piece) (tests []branch.Test) {
	c := d.Block.Condition
	if c.Kind != trace.TruthTest || !c.Want || c.Operand.Variable == "" {
		return nil
	}
	for _, path := range f.mergedInto(d.Src, c.Operand.Variable, d.Pos) {
		steps := append(valuesSteps(f.ownerOf(f.task, d.Src)), path...)
		tests = append(tests, branch.Test{Condition: c, Steps: trace.Join(steps, c.Operand.Fields...)})
	}
	slices.SortStableFunc(tests, func(a, b branch.Test) int { return f.unsetLast(a.Steps) - f.unsetLast(b.Steps) })
	return tests
}

// areAtColumn reports whether the children of a block are the text of the template that has its key, and all at a column of it.
func (f *output) areAtColumn(children []int, column int, key *trace.Piece) bool {
	return !slices.ContainsFunc(children, func(at int) bool {
		p := f.pieceAt(at)
		if p == nil || p.Kind != trace.Literal || p.Src != key.Src || p.Call != key.Call {
			return true
		}
		pos := p.Pos + at - p.Start
		_, line := p.Src.Line(pos)
		return pos-line != column
	})
}

// prints reports whether what a block prints is the value that a test of its condition tests.
func prints(what string, b *trace.DisabledBlock, test branch.Test) bool {
	if what == "." {
		return b.IsDot(test.Condition)
	}
	return what == strings.Join(trace.Join([]string{test.Operand.Variable}, test.Operand.Fields...), ".")
}

// isEmptyFor reports whether a block's key has no value, or one that the template prints only as
// long as a value is empty: {{ if not .Values.x }}{}{{ end }}.
func (f *output) isEmptyFor(b block, test branch.Test) bool {
	_, value, _ := strings.Cut(f.text[b.from:b.keyEnd], ":")
	switch strings.TrimSpace(value) {
	case "":
		return true
	case "{}":
	default:
		return false
	}
	p := f.pieceAt(b.from + strings.LastIndexByte(f.text[b.from:b.keyEnd], '{'))
	if p == nil || p.Within == nil || strings.TrimSpace(p.Within.Text) != "{}" {
		return false
	}
	fields := p.Within.Fields(p.Within.Condition)
	if len(fields) != 1 {
		return false
	}
	k := f.IDs.Unchanged(p.Data, fields[0])
	return k != nil && k.Object() == trace.ValuesObject && slices.Equal(k.Steps(), test.Steps)
}

// disabledStep is the key that enables an if or with which contains the missing field
// directly below the ancestor. The values at other keys need no change.
func (f *output) disabledStep(b block, missing string) (addition, bool) {
	field, rest := fieldOf(missing)
	for p := range f.disabledIn(b) {
		if s, ok := f.stepOf(b, p, field, rest); ok {
			return s, true
		}
	}
	return addition{}, false
}

// disabledIn yields the blocks that were not entered within a block of the output.
func (f *output) disabledIn(b block) iter.Seq[*trace.Piece] {
	return func(yield func(*trace.Piece) bool) {
		for i := max(f.traced.Find(b.from)-1, 0); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < b.next; i++ {
			if p := &f.traced.Pieces[i]; p.Kind == trace.Disabled && p.Block != nil && p.Start >= b.from && !yield(p) {
				return
			}
		}
	}
}

// stepOf is the key that enables a block which was not entered, or the include that its condition tests, if that contains a field
// directly below another block. Rest is the path below the field.
func (f *output) stepOf(b block, p *trace.Piece, field, rest string) (addition, bool) {
	if !strings.Contains(p.Block.Text, field+":") {
		if s, ok := f.calledStep(p.Block, field, rest); ok {
			return s, true
		}
		return f.innerSwitch(p.Block, field)
	}
	column, value, first, ok := trace.FieldIn(p.Block.PlainText(), field)
	if !ok || !f.isSibling(b, p, column, first) {
		return addition{}, false
	}
	solver := branch.Solver{Values: f.keys, Texts: true}
	if !p.Block.With {
		solver.Unset = func(string) bool { return true } // the fix is tried out
	}
	tests := solver.Preventing(branch.DisabledBy(p.Block))
	slices.SortStableFunc(tests, func(a, b branch.Test) int { return f.unsetLast(a.Steps) - f.unsetLast(b.Steps) })
	if rest != "" && len(tests) > 1 { // what is printed has the field, rather than what else opens the block
		slices.SortStableFunc(tests, func(a, b branch.Test) int {
			return cmp.Compare(f.countPrinted(value, p.Block, b), f.countPrinted(value, p.Block, a))
		})
	}
	if i := slices.IndexFunc(tests, func(t branch.Test) bool { return isBelow(t.Steps, rest) }); i >= 0 {
		// The field itself, of a map that the block prints whole: {{ if or .limits.cpu .limits.memory }}limits: {{ toYaml .limits }}.
		s := f.stepToAdd(tests[i].Steps, "", "")
		s.Chosen = true
		return s, true
	}
	isMerged := len(tests) == 0
	if isMerged {
		tests = f.mergedTests(p)
	}
	for _, test := range tests {
		set := ""
		if !isMerged {
			set = setting(solver, test)
		}
		if v, _ := f.keys.At(test.Steps); set == "true" && v == nil && branch.IsObjectName(test.Steps[len(test.Steps)-1]) {
			set = lint.SampleName
		}
		if s, ok := f.enable(p, test, set, value, rest); ok {
			s.Chosen = s.Chosen || isMerged
			s.otherwise = f.otherwise(p.Block, test, tests)
			return s, true
		}
	}
	return f.innerStep(p.Block, rest)
}

// isBelow reports whether a path is that of a key below another one.
func isBelow(steps []string, path string) bool {
	fields := strings.Split(path, ".")
	return path != "" && len(fields) < len(steps) && slices.Equal(steps[len(steps)-len(fields):], fields)
}

// otherwise is the key that is there whose value a with takes as long as the one of a test is empty: {{ with .x | default .y }}. Nil if there
// is none. Tests are those that prevent the block.
func (f *output) otherwise(b *trace.DisabledBlock, test branch.Test, tests []branch.Test) []string {
	last := b.Tests[len(b.Tests)-1] // of the values, the first one counts
	if !b.With || !isAnyTrue(b.Condition) || last == test.Condition || len(tests) != len(b.Tests) {
		return nil
	}
	i := slices.IndexFunc(tests, func(t branch.Test) bool { return t.Condition == last })
	if v, ok := f.keys.At(tests[i].Steps); !ok || v != nil && !isMap(v) {
		return nil
	}
	return tests[i].Steps
}

// setting is the value of the key of a test that enables a block. It is empty if none is known.
func setting(s branch.Solver, test branch.Test) string {
	set, ok := s.Value(test)
	if !ok {
		return ""
	}
	return settingText(set)
}

// innerSwitch is the switch of a block that has a field, in an include that printed nothing, and whose output another block tests
// and prints.
func (f *output) innerSwitch(b *trace.DisabledBlock, field string) (addition, bool) {
	solver := branch.Solver{Values: f.keys, Unset: branch.IsSwitch}
	for _, inner := range b.Inner() {
		if _, _, _, ok := trace.FieldIn(inner.PlainText(), field); !ok {
			continue
		}
		for _, test := range solver.Preventing(branch.DisabledBy(inner)) {
			if set := setting(solver, test); set != "" {
				return f.stepToAdd(test.Steps, "", set), true
			}
		}
	}
	return addition{}, false
}

// innerStep is the key of what an include prints that printed nothing, and whose output a block tests and prints as all that a
// field has: a map in which another key is a switch, or an empty map. Rest is the path below the field.
func (f *output) innerStep(b *trace.DisabledBlock, rest string) (addition, bool) {
	if rest == "" {
		return addition{}, false
	}
	solver := branch.Solver{Values: f.keys, Unset: branch.IsSwitch}
	for _, inner := range b.Inner() {
		for _, test := range solver.Preventing(branch.DisabledBy(inner)) {
			last := len(test.Steps) - 1
			v, _ := f.keys.At(test.Steps)
			switch set, ok := solver.Value(test); {
			case v == nil || isMap(v):
				if m := ownValue.FindStringSubmatch(inner.PlainText()); m != nil && prints(m[1]+m[2], inner, test) {
					return f.stepToAdd(test.Steps, rest, ""), true
				}
			case ok && last > 0:
				return f.stepWithSwitch(test.Steps, trace.Join(test.Steps[:last], strings.Split(rest, ".")...), settingText(set)), true
			}
		}
	}
	return addition{}, false
}

// unsetLast orders keys that exist before those that do not: of several that enable a block,
// the chart offers those.
func (f *output) unsetLast(steps []string) int {
	if _, ok := f.keys.At(steps); ok {
		return 0
	}
	return 1
}

// settingText is a value as the right side of a setting.
func settingText(v any) string {
	if s, ok := v.(string); ok {
		return quotedIfNeeded(s)
	}
	return trace.ScalarText(v)
}

// isSibling reports whether a field at a column of the template's source, or on the first
// line of a block, would be a sibling of the children of a block. It knows this if a
// child is text of the same template, or if it is known how far the field would be indented:
// by the calls alone, or at the place of the piece.
func (f *output) isSibling(b block, disabled *trace.Piece, column int, first bool) bool {
	line := func(off int) int { return f.starts[sort.SearchInts(f.starts, off+1)-1] }
	if first && disabled.IsSorted {
		return false
	}
	if first {
		start := line(disabled.Start)
		if !trace.IsBlank(f.text[start:disabled.Start]) {
			return false
		}
		column += disabled.Start - start
	}
	indent, known := disabled.Indentation()
	if first {
		indent, known = 0, true
	}
	if len(b.children) == 0 {
		return f.isBelow(b, disabled, column, first)
	}
	for _, at := range b.children {
		if known && at-line(at) == column+indent {
			return true
		}
		p := f.pieceAt(at)
		if p == nil || p.Kind != trace.Literal || p.Src != disabled.Src || disabled.IsSorted && p.Call != disabled.Call {
			continue
		}
		pos := p.Pos + at - p.Start
		_, start := p.Src.Line(pos)
		return pos-start == column
	}
	return false
}

// isBelow reports whether a field would be the first child of a key that has no value: its column is to the right of the key's, both
// being text of the same template.
func (f *output) isBelow(b block, disabled *trace.Piece, column int, first bool) bool {
	key := f.pieceAt(b.from)
	if first || key == nil || key.Kind != trace.Literal || key.Src != disabled.Src || key.Call != disabled.Call {
		return false
	}
	_, value, isKey := strings.Cut(f.text[b.from:b.keyEnd], ":")
	pos := key.Pos + b.from - key.Start
	_, line := key.Src.Line(pos)
	return isKey && strings.TrimSpace(value) == "" && column > pos-line
}

var (
	wholeBlock = regexp.MustCompile(`^\s*\{\{-?\s*(?:toYaml\s+(\.|\$?\.Values[\w.]+)|(\.|\$?\.Values[\w.]+)\s*\|\s*toYaml)\s*(?:\|\s*n?indent \d+\s*)?-?\}\}`)
	oneValue   = regexp.MustCompile(`^"?\{\{-?\s*(\.|\$?\.Values[\w.]+)\s*(?:\|\s*(?:quote|int|toString)\s*)?-?\}\}"?\s*(?:\n|$)`)
	listOf     = regexp.MustCompile(`^[ \t]*\n?\s*\{\{-?\s*range\s+(?:\$\w+(?:\s*,\s*\$\w+)?\s*:=\s*)?(\.|\$?\.Values[\w.]+)\s*-?\}\}`)
	// literalBlock is a mapping or list of which the template has the first key.
	literalBlock = regexp.MustCompile(`^[ \t]*\n[ \t]*(?:- )?[\w./-]+:`)
	constant     = regexp.MustCompile(`^[^\s{][^{\n]*(?:\n|$)`)
)

// enable is the step that adds the field by enabling a block. Test is what prevents the
// block from rendering, and set is the value of its key that enables it; empty if there is
// none. Value is the source after the field, rest is the path below the field.
func (f *output) enable(p *trace.Piece, test branch.Test, set, value, rest string) (addition, bool) {
	condition := test.Steps
	var m []string
	isList := false
	switch {
	case rest != "":
		if printsOwn(p.Block, test.Operand, value) {
			return f.stepToAdd(condition, rest, ""), true
		}
		if prints, isSure := printsOneOf(value, p.Block, test); prints {
			s := f.stepToAdd(condition, rest, "")
			s.Chosen = !isSure
			return s, true
		}
		if set != "" {
			key := printedKey(test, value, rest)
			if printsBeside(test.Operand, value) {
				key = trace.Join(condition[:len(condition)-1], strings.Split(rest, ".")...)
			}
			if key != nil {
				return f.stepWithSwitch(condition, key, set), true
			}
		}
		m = wholeBlock.FindStringSubmatch(value)
	case listOf.MatchString(value):
		m, isList = listOf.FindStringSubmatch(value), true
	case constant.MatchString(value) || literalBlock.MatchString(value):
		return f.stepToAdd(condition, "", set), set != "" // tried out, as all settings are
	default:
		if m = oneValue.FindStringSubmatch(value); m == nil {
			m = wholeBlock.FindStringSubmatch(value)
		}
	}
	if m == nil {
		if s, ok := f.printedStep(p.Block, test, set, value, rest); ok {
			return s, true
		}
		// What the block computes for the path below the field is seen when it is tried out.
		return f.stepToAdd(condition, "", set), rest != "" && set != ""
	}
	return f.enableValue(p, test, set, rest, m, isList)
}

// argument is an argument of an action.
var argument = regexp.MustCompile(`[\s(](\$?\w*(?:\.\w+)+|\$\w*|\.)`)

// oneOf is an action that prints the first value of some that is not empty, as YAML.
var oneOf = regexp.MustCompile(`^\s*\{\{-?(?:\s*(?:toYaml|default|or|coalesce|dict|n?indent \d+|[(|)]|\.|\$?\w*(?:\.\w+)+|\$\w+))+\s*-?\}\}`)

// printsOneOf reports whether a text prints as YAML the first value of some that is not empty, and what a test tests is among these:
// toYaml (.x | default .y). It is sure that this would be printed if the block is there for each of the values, so that all are empty.
func printsOneOf(value string, b *trace.DisabledBlock, test branch.Test) (ok, isSure bool) {
	action := oneOf.FindString(value)
	if !strings.Contains(action, "toYaml") || !strings.Contains(action, "default ") && !strings.Contains(action, "or ") && !strings.Contains(action, "coalesce ") {
		return false, false
	}
	isSure = !b.With && !strings.Contains(action, "dict") && isAnyTrue(b.Condition)
	for _, m := range argument.FindAllStringSubmatch(action, -1) {
		ok = ok || prints(m[1], b, test)
		isSure = isSure && slices.ContainsFunc(b.Tests, func(c *trace.Condition) bool {
			return prints(m[1], b, branch.Test{Condition: c})
		})
	}
	return ok, ok && isSure
}

// isAnyTrue reports whether a condition is that one of some values is not empty.
func isAnyTrue(c *trace.Condition) bool {
	if c.Kind == trace.AnyOf {
		return !slices.ContainsFunc(c.Parts, func(p *trace.Condition) bool { return !isAnyTrue(p) })
	}
	return c.Kind == trace.TruthTest && c.Want
}

// passedOnYAML prints a value, or a part of a map, as YAML.
var passedOnYAML = regexp.MustCompile(`\{\{-?\s*(?:toYaml\s+(\$?\w*(?:\.\w+)+|\$\w+|\.)|(\$?\w*(?:\.\w+)+|\$\w+|\.)\s*\|\s*toYaml\b)|` + partOfMap)

// partOfMap is the beginning of an action that takes some keys of a map: omit .x "a" | toYaml.
const partOfMap = `\{\{-?\s*(?:toYaml\s+\(\s*)?(omit|pick)\s+(\$?\w*(?:\.\w+)+|\$\w+|\.)((?:\s+"[^"{}]*")+)`

// maxPrinted is how many actions are looked at that print YAML after a field.
const maxPrinted = 8

// countPrinted is 1 if a block prints after a field, in one of the blocks there, what a test of its condition tests as YAML: a map that
// is empty, or not there.
func (f *output) countPrinted(value string, b *trace.DisabledBlock, test branch.Test) int {
	if v, _ := f.keys.At(test.Steps); v != nil && !isMap(v) {
		return 0
	}
	for _, m := range passedOnYAML.FindAllStringSubmatch(value, maxPrinted) {
		if prints(m[1]+m[2]+m[4], b, test) {
			return 1
		}
	}
	return 0
}

// printedStep is the key that a test of a block's condition tests, if the block prints after a field what it has, in a way that is
// tried: in a block of its own, by an include, or as a scalar below the field.
func (f *output) printedStep(b *trace.DisabledBlock, test branch.Test, set, value, rest string) (addition, bool) {
	s := f.stepToAdd(test.Steps, rest, "")
	switch {
	case rest == "":
		return addition{}, false
	case f.countPrinted(value, b, test) > 0, set == "" && isGiven(value, b, test):
	case set == "" && slices.Equal(printedKey(test, value, rest), test.Steps):
		s = f.stepToAdd(test.Steps, "", "")
	default:
		return addition{}, false
	}
	s.Chosen = true
	return s, true
}

// isGiven reports whether the text of a value is an include that is given what a test of the block's condition tests, or all values.
func isGiven(value string, b *trace.DisabledBlock, test branch.Test) bool {
	from, to := trace.ActionSpan(value, strings.Index(value, "{{")+len("{{"))
	return strings.Contains(value[from:to], "include ") && slices.ContainsFunc(argument.FindAllStringSubmatch(value[from:to], -1), func(m []string) bool {
		isAll := m[1] == "$" || m[1] == "." && !b.With
		return isAll && slices.Contains(test.Operand.Fields, "Values") || prints(m[1], b, test)
	})
}

// enableValue is enable for a block that prints one value, whose name was matched. isList says that it ranges
// over the value.
func (f *output) enableValue(p *trace.Piece, test branch.Test, set, rest string, m []string, isList bool) (addition, bool) {
	condition, named := test.Steps, m[1]
	if named == "" && len(m) > 2 {
		named = m[2]
	}
	if (named == ".") != p.Block.IsDot(test.Condition) && !strings.HasPrefix(named, "$") {
		return addition{}, false
	}
	source := condition
	if named != "." {
		path := strings.TrimPrefix(strings.TrimPrefix(named, "$"), ".Values.")
		source = append(valuesSteps(f.ownerOf(f.task, p.Src)), strings.Split(path, ".")...)
	}
	if values.StepsText(source) == values.StepsText(condition) {
		s := f.stepToAdd(condition, rest, "")
		s.IfNotEmpty = rest == "" && !isList && test.Kind == trace.TruthTest
		return s, true
	}
	if set == "" || isList {
		return addition{}, false // of a list, enabling the block may print no element
	}
	wanted := source
	if rest != "" {
		wanted = trace.Join(source, strings.Split(rest, ".")...)
	}
	switch v, ok := f.keys.At(wanted); {
	case ok && v != nil:
		return f.stepToAdd(condition, "", set), true
	case rest == "":
		return addition{}, false // enabling the block would not be enough to set it
	}
	s := f.stepWithSwitch(condition, wanted, set)
	s.Chosen = true // the key alone does not do it
	return s, true
}

// ownBlock is an if or with in the block of an if, whose condition is one value.
var ownBlock = regexp.MustCompile(`(?s)^\s*\{\{-?\s*(if|with)\s+(\$?\w*(?:\.\w+)+)\s*-?\}\}(.*?)\{\{-?\s*end\s*-?\}\}`)

// ownValue prints one value as YAML, and nothing else.
var ownValue = regexp.MustCompile(`^\s*\{\{-?\s*(?:toYaml\s+(\.|\$\w+|\$?\w*(?:\.\w+)+)|(\.|\$\w+|\$?\w*(?:\.\w+)+)\s*\|\s*toYaml)\s*(?:\|\s*n?indent \d+\s*)?-?\}\}\s*$`)

// ownPart prints some keys of a map as YAML, and nothing else.
var ownPart = regexp.MustCompile(`^\s*` + partOfMap + `\s*\)?\s*(?:\|\s*(?:toYaml|n?indent \d+)\s*)*-?\}\}\s*$`)

// hasKey reports whether an action that ownPart matched takes the first key of a path.
func hasKey(part []string, path string) bool {
	name := path[:len(path)-len(strings.TrimLeftFunc(path, func(r rune) bool { return r != '.' && r != '[' }))]
	return strings.Contains(part[3], strconv.Quote(name)) == (part[1] == "pick")
}

// printsOwn reports whether the block of an if prints after a field what is in the value that
// its test tests, in one of the blocks there: {{ with .x }}{{ toYaml . }}{{ end }}. The others
// print their own values, and are not entered.
func printsOwn(b *trace.DisabledBlock, tested trace.Operand, value string) bool {
	if b.With { // dot is another one
		return false
	}
	for {
		m := ownBlock.FindStringSubmatch(value)
		if m == nil {
			return false
		}
		printed := ownValue.FindStringSubmatch(m[3])
		if printed == nil {
			return false
		}
		what := printed[1] + printed[2]
		if m[1] == "with" && what == "." {
			what = m[2]
		}
		if what == m[2] && what == tested.Variable+"."+strings.Join(tested.Fields, ".") {
			return true
		}
		value = value[len(m[0]):]
	}
}

// besideSwitch prints a mapping as YAML without one of its keys.
var besideSwitch = regexp.MustCompile(`^\s*\{\{-?\s*omit\s+(\$?\w*(?:\.\w+)+)\s+"(\w+)"\s*\|\s*toYaml\s*(?:\|\s*n?indent \d+\s*)?-?\}\}\s*$`)

// givenMap is an include that is given some values by their names: include "render" (dict "context" .x).
var givenMap = regexp.MustCompile(`^\s*\{\{-?\s*include\s[^{}]*\bdict\s[^{}]*\}\}`)

// printsBeside reports whether a block prints after a field all that is beside the key that its
// condition tests: {{ if .x.enabled }}securityContext: {{ omit .x "enabled" | toYaml }}{{ end }}. An include
// that is given the map may do so, which is tried.
func printsBeside(tested trace.Operand, value string) bool {
	key := tested.Variable + "." + strings.Join(tested.Fields, ".")
	if m := besideSwitch.FindStringSubmatch(value); m != nil {
		return m[1]+"."+m[2] == key
	}
	return len(tested.Fields) > 1 && slices.ContainsFunc(argument.FindAllStringSubmatch(givenMap.FindString(value), maxPrinted), func(m []string) bool {
		return m[1] == key[:strings.LastIndexByte(key, '.')]
	})
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

// stepToAdd is the step of a key to set, at the line of the nearest existing key.
func (f *output) stepToAdd(steps []string, missing, set string) addition {
	steps = f.keys.Global(steps)
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
