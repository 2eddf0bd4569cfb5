package helm

import (
	"cmp"
	"iter"
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
		what := blocktext.FirstValue(value)
		if !ok || what == "" {
			continue
		}
		solver := branch.Solver{Values: f.keys}
		for _, test := range solver.Preventing(branch.DisabledBy(p.Block)) {
			if blocktext.Prints(what, p.Block, test) {
				s := f.stepToAdd(test.Steps, missing, "")
				s.Chosen = true
				return s, true
			}
		}
	}
	return addition{}, false
}

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
		into, key, what, ok := blocktext.Putting(p.Block.PlainText())
		if !ok || key != field || !strings.Contains(p.Src.Text[p.Pos:], "toYaml "+into) {
			continue
		}
		for _, test := range solver.Preventing(branch.DisabledBy(p.Block)) {
			if v, _ := f.keys.At(test.Steps); blocktext.Prints(what, p.Block, test) && (v == nil || isMap(v)) {
				s := f.stepToAdd(test.Steps, rest, "")
				s.Chosen = true
				return s, true
			}
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
	start := f.lines.Starts[sort.SearchInts(f.lines.Starts, b.children[i-1]+1)-1]
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
			if columns, ok := blocktext.Indentation(p.Block.PlainText()); ok && !yield(p, columns) {
				return
			}
		}
	}
}

// emptyTest is the key of an empty value that a block prints, and nothing else. Nil if there is none. Of several, one of which is
// printed, it is one that is there. Of several that are merged, and of a map of which some keys are printed, it is to be tried whether it does it.
func (f *output) emptyTest(d *trace.Piece, missing string, isEmpty func(branch.Test) bool) (steps []string, isMerged bool) {
	text := d.Block.PlainText()
	value, part := blocktext.OwnValue(text), blocktext.OwnPart(text)
	printsValue := func(test branch.Test) bool {
		if value != "" {
			return blocktext.Prints(value, d.Block, test)
		}
		if part != nil {
			return blocktext.Prints(part.Of, d.Block, test) && part.Has(missing)
		}
		_, isSure := blocktext.PrintsOneOf(text, d.Block, test)
		return isSure && blocktext.IsOneOf(text)
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

// mergedTests are tests of the values that are merged into the variable of which the condition of a block tests all, or one entry. Those
// that are there come first. Nil if there are none.
func (f *output) mergedTests(d *trace.Piece) (tests []branch.Test) {
	c := d.Block.Condition
	if c.Kind != trace.TruthTest || !c.Want || c.Operand.Variable == "" {
		return nil
	}
	for _, path := range f.merges.Into(d.Src, c.Operand.Variable, d.Pos) {
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
	text := p.Block.PlainText()
	column, value, first, ok := trace.FieldIn(text, field)
	if !ok || !f.isSibling(b, p, column, first) {
		return addition{}, false
	}
	value = blocktext.NamedDot(text, value)
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
		if v, _ := f.keys.At(test.Steps); set == "true" && v == nil && (branch.IsObjectName(test.Steps[len(test.Steps)-1]) || blocktext.PrintsAsText(p.Block, test)) {
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
	if !b.With || !blocktext.IsAnyTrue(b.Condition) || last == test.Condition || len(tests) != len(b.Tests) {
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
				if what := blocktext.OwnValue(inner.PlainText()); what != "" && blocktext.Prints(what, inner, test) {
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
	line := func(off int) int { return f.lines.Starts[sort.SearchInts(f.lines.Starts, off+1)-1] }
	if first && disabled.IsSorted {
		return false
	}
	first = first && !disabled.OnOwnLine()
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

// enable is the step that adds the field by enabling a block. Test is what prevents the
// block from rendering, and set is the value of its key that enables it; empty if there is
// none. Value is the source after the field, rest is the path below the field.
func (f *output) enable(p *trace.Piece, test branch.Test, set, value, rest string) (addition, bool) {
	condition := test.Steps
	var named string
	isList := false
	switch {
	case rest != "":
		if blocktext.PrintsOwn(p.Block, test.Operand, value) {
			return f.stepToAdd(condition, rest, ""), true
		}
		if prints, isSure := blocktext.PrintsOneOf(value, p.Block, test); prints {
			s := f.stepToAdd(condition, rest, "")
			s.Chosen = !isSure
			return s, true
		}
		if set != "" {
			key := blocktext.PrintedKey(test, value, rest)
			if blocktext.PrintsBeside(test.Operand, value) {
				key = trace.Join(condition[:len(condition)-1], strings.Split(rest, ".")...)
			}
			if key != nil {
				return f.stepWithSwitch(condition, key, set), true
			}
		}
		named = withKey(blocktext.WholeBlock(value), p.Block, test)
	case withKey(blocktext.ListOf(value), p.Block, test) != "":
		named, isList = blocktext.ListOf(value), true
	case blocktext.IsLiteral(value):
		return f.stepToAdd(condition, "", set), set != "" // tried out, as all settings are
	default:
		named = cmp.Or(withKey(cmp.Or(blocktext.OneValue(value), blocktext.WholeBlock(value)), p.Block, test), testedValue(value, p.Block, test))
	}
	if named == "" {
		if s, ok := f.printedStep(p.Block, test, set, value, rest); ok {
			return s, true
		}
		// What the block computes for the field, or for the path below it, is seen when it is tried out. For the field itself the key
		// has to be a switch that the values have: any text would print something.
		return f.stepToAdd(condition, "", set), set != "" && (rest != "" || f.isBool(condition))
	}
	return f.enableValue(p, test, set, rest, named, isList)
}

// testedValue is what a test of a block's condition tests, if the block prints only that after a field, as YAML, or merges it over other values.
// It is empty if it does not.
func testedValue(value string, b *trace.DisabledBlock, test branch.Test) string {
	if what := cmp.Or(blocktext.OwnValue(value), blocktext.MergedValue(value)); blocktext.Prints(what, b, test) {
		return what
	}
	return ""
}

// withKey is a value that a block prints, if its key is known: it is dot, a key of the values, or what a test of the block's condition tests, such as
// a part of the map that a helper is given. It is empty for others.
func withKey(what string, b *trace.DisabledBlock, test branch.Test) string {
	if what == "." || strings.HasPrefix(strings.TrimPrefix(what, "$"), ".Values") || blocktext.Prints(what, b, test) {
		return what
	}
	return ""
}

// isBool reports whether the values have true or false at a key.
func (f *output) isBool(steps []string) bool {
	v, _ := f.keys.At(steps)
	_, is := v.(bool)
	return is
}

// countPrinted is 1 if a block prints after a field, in one of the blocks there, what a test of its condition tests as YAML: a map that
// is empty, or not there.
func (f *output) countPrinted(value string, b *trace.DisabledBlock, test branch.Test) int {
	if v, _ := f.keys.At(test.Steps); v != nil && !isMap(v) {
		return 0
	}
	for _, what := range blocktext.PassedOn(value) {
		if blocktext.Prints(what, b, test) {
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
	case f.countPrinted(value, b, test) > 0, set == "" && blocktext.IsGiven(value, b, test):
	case set == "" && slices.Equal(blocktext.PrintedKey(test, value, rest), test.Steps):
		s = f.stepToAdd(test.Steps, "", "")
	default:
		return addition{}, false
	}
	s.Chosen = true
	return s, true
}

// enableValue is enable for a block that prints one value, whose name is given. isList says that it ranges
// over the value.
func (f *output) enableValue(p *trace.Piece, test branch.Test, set, rest, named string, isList bool) (addition, bool) {
	condition := test.Steps
	if (named == ".") != p.Block.IsDot(test.Condition) && !strings.HasPrefix(named, "$") {
		return addition{}, false
	}
	source := condition
	if named != "." && !blocktext.Prints(named, p.Block, test) {
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

// calledStep is the switch of a block that was not entered, if the block calls a template that has a field, and the key that the template
// prints at the path below the field, or with a map there: {{ if .x.enabled }}{{ include "securityContext" . }}{{ end }}. Both are tried.
func (f *output) calledStep(b *trace.DisabledBlock, field, rest string) (addition, bool) {
	if rest == "" || !strings.Contains(b.Text, "include ") {
		return addition{}, false
	}
	texts := f.textsWith(field + ":")
	if !texts.Has(b.Text) {
		return addition{}, false
	}
	_, value, _, ok := trace.FieldIn(texts.Whole(b.Text), field)
	if !ok {
		return addition{}, false
	}
	solver := branch.Solver{Values: f.keys, Unset: branch.IsSwitch}
	for _, test := range solver.Preventing(branch.DisabledBy(b)) {
		set := setting(solver, test)
		if i := slices.Index(test.Operand.Fields, "Values"); set == "" || i < 0 || i == len(test.Operand.Fields)-1 {
			continue
		}
		if s, ok := f.calledKey(test, set, value, rest); ok {
			return s, true
		}
	}
	return addition{}, false
}

// calledKey is calledStep for a test of the block's condition. Value is what the template has after the field.
func (f *output) calledKey(test branch.Test, set, value, rest string) (addition, bool) {
	if key := blocktext.KeyBeside(test, blocktext.PrintedChain(value, rest)); key != nil && f.isSet(key) {
		return f.stepToAdd(test.Steps, "", set), true
	}
	for _, what := range blocktext.PassedOn(value) {
		key := blocktext.KeyBeside(test, what)
		if v, ok := f.keys.At(key); len(key) == 0 || !ok || v != nil && !isMap(v) {
			continue
		}
		s := f.stepWithSwitch(test.Steps, trace.Join(key, strings.Split(rest, ".")...), set)
		s.Chosen = true
		return s, true
	}
	return addition{}, false
}
