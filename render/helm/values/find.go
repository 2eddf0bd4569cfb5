package values

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
)

// written is the place where a value is written.
type written struct {
	layer *layer // nil for the command line
	// steps are the path from the root of the layer's file.
	steps      []string
	key, value *yaml.Node
}

// Find is the place of the entry that supplied a value, in the last file that sets it.
// The position has no file if the value was set on the command line. ok is false if the
// value is at no place.
func (vs *Index) Find(steps []string, want any) (p lint.Position, ok bool) {
	w, ok := vs.find(steps, want, 0)
	return w.position(), ok
}

// position is the position of the key.
func (w written) position() lint.Position {
	switch {
	case w.layer == nil:
		return lint.Position{}
	case w.layer.at != nil:
		return w.layer.at(w.steps)
	}
	return keyPosition(w.layer.file, w.key)
}

// maxIndirect limits how often the search continues through globals and imported values.
const maxIndirect = 8

func (vs *Index) find(steps []string, want any, depth int) (w written, ok bool) {
	for _, v := range slices.Backward(vs.sets) {
		if v, ok := trace.ValueAt(v, steps); ok && trace.Equal(v, want) {
			return written{}, true
		}
	}
	for _, l := range vs.layers {
		if k, v := l.lookUp(steps); v != nil && equalNode(v, want) {
			return written{l, steps[len(l.prefix):], k, v}, true
		}
	}
	if depth > maxIndirect {
		return w, false
	}
	if w, ok := vs.findGlobal(steps, want, depth); ok {
		return w, true
	}
	return vs.findImported(steps, want, depth)
}

// lookUp is the key and value in a layer at some steps of the chart's values. Nil if the
// layer does not have them.
func (l *layer) lookUp(steps []string) (k, v *yaml.Node) {
	if len(steps) <= len(l.prefix) || StepsText(steps[:len(l.prefix)]) != StepsText(l.prefix) {
		return nil, nil
	}
	return nodeAt(l.node(), steps[len(l.prefix):])
}

// findImported searches the subcharts from which a chart imports values.
func (vs *Index) findImported(steps []string, want any, depth int) (w written, ok bool) {
	for _, im := range vs.imports {
		if len(steps) > len(im.to) && StepsText(steps[:len(im.to)]) == StepsText(im.to) {
			if w, ok := vs.find(trace.Join(im.from, steps[len(im.to):]...), want, depth+1); ok {
				return w, true
			}
		}
	}
	return w, false
}

// findGlobal searches the parent charts for a global of a subchart.
func (vs *Index) findGlobal(steps []string, want any, depth int) (w written, ok bool) {
	for i, s := range steps {
		if s != "global" || i == 0 {
			continue
		}
		for above := i - 1; above >= 0; above-- {
			if w, ok := vs.find(trace.Join(steps[:above], steps[i:]...), want, depth+1); ok {
				return w, true
			}
		}
	}
	return w, false
}

// PlaceToAdd is the place for a new key: in the values.yaml of the chart that has the key
// or the nearest key above it. What a chart from a repository has in charts/ is set above it, if there is a key. A chart beside
// the one that takes it in has its own file for it, unless the other one sets the key. A value that a file of the user sets wins over
// those: it is to be changed there.
func (vs *Index) PlaceToAdd(steps []string) lint.Position {
	if p, ok := vs.setByUser(steps); ok {
		return p
	}
	if vs.IsPacked {
		return vs.placeToGive(steps)
	}
	beside := vs.beside(steps)
	for _, remote := range []bool{false, true} {
		for n := len(steps); n > beside.depth(); n-- {
			for _, l := range vs.chartLayers() {
				if k, _ := l.lookUp(steps[:n]); k != nil && vs.isReplaced(l) == remote {
					return keyPosition(l.file, k)
				}
			}
		}
	}
	if beside != nil {
		return lint.Position{File: beside.file}
	}
	for _, l := range vs.chartLayers() {
		if len(l.prefix) == 0 {
			return lint.Position{File: l.file}
		}
	}
	return lint.Position{}
}

// setByUser is the place of a value that is no map or list in a file of the user. ok is false if none has it.
func (vs *Index) setByUser(steps []string) (p lint.Position, ok bool) {
	v, ok := vs.At(steps)
	if !ok || v == nil || trace.IsContainer(reflect.ValueOf(v)) {
		return p, false
	}
	w, ok := vs.find(steps, v, 0)
	if !ok || w.layer == nil || !slices.Contains(vs.layers[:vs.users], w.layer) {
		return p, false
	}
	return w.position(), true
}

// beside is the values file of the chart beside that has a key, with which the linted chart takes it in by file://. Nil if there is none.
func (vs *Index) beside(steps []string) (of *layer) {
	for _, l := range vs.chartLayers() {
		n := len(l.prefix)
		if !l.beside || n >= len(steps) || n < of.depth() || steps[n] == "global" || StepsText(steps[:n]) != StepsText(l.prefix) {
			continue
		}
		if vs.Editable(l.file) && !vs.isReplaced(l) {
			of = l
		}
	}
	return of
}

// depth is how many steps lead to the root of the file.
func (l *layer) depth() int {
	if l == nil {
		return 0
	}
	return len(l.prefix)
}

// IsRoot reports whether the values of a chart begin below some steps: those of the linted one, or of a chart beside it.
func (vs *Index) IsRoot(steps []string) bool {
	return len(steps) == 0 || vs.beside(trace.Join(steps, "")).depth() == len(steps)
}

// IsOwn reports whether a file that can be edited has a map of the values: as all of it, or at some steps.
func (vs *Index) IsOwn(steps []string) bool {
	return slices.ContainsFunc(vs.layers, func(l *layer) bool {
		if !vs.Editable(l.file) || vs.isReplaced(l) {
			return false
		}
		k, _ := l.lookUp(steps)
		return k != nil || StepsText(l.prefix) == StepsText(steps)
	})
}

// IsOfDependency reports whether a key at the top has the values of a dependency.
func (vs *Index) IsOfDependency(name string) bool {
	return slices.ContainsFunc(vs.chartLayers(), func(l *layer) bool { return len(l.prefix) > 0 && l.prefix[0] == name })
}

// IsRemoved reports whether the first file that has a key sets it to null, which removes what another
// file has at the key.
func (vs *Index) IsRemoved(steps []string) bool {
	for _, l := range vs.layers {
		if k, v := l.lookUp(steps); k != nil {
			return v != nil && equalNode(v, nil)
		}
	}
	return false
}

// chartLayers are the values files of charts, without the user's files.
func (vs *Index) chartLayers() []*layer { return vs.layers[vs.users:] }

// IsOfChart reports whether a file is the values.yaml of the chart, or of one of its subcharts.
func (vs *Index) IsOfChart(file string) bool {
	return slices.ContainsFunc(vs.chartLayers(), func(l *layer) bool { return l.file == file })
}

// Entry is the entry of a values file that supplied a value, with its line. The column is
// that of the value if it is a scalar on that line. Of a file that cannot be edited, it is
// the map above it in one that can, under which to add the key. So it is, if there is one, of a file beside which there is a packed copy.
// ok is false if there is no such entry.
func (vs *Index) Entry(steps []string, want any) (e lint.Entry, ok bool) {
	w, ok := vs.find(steps, want, 0)
	if !ok || w.layer == nil {
		return e, false
	}
	if !vs.Editable(w.layer.file) {
		return vs.entryAbove(steps, "")
	}
	if vs.IsTwin(w.layer.file) {
		if e, ok = vs.entryAbove(steps, ""); ok {
			return e, true
		}
	}
	if e, ok = w.entry(); !ok {
		return e, false
	}
	w.underlineValue(&e)
	hideSecret(&e, steps[len(steps)-1], w.value)
	return e, true
}

// EmptyEntry is the entry of an empty value. For a file of which the chart has a packed copy it is the one under which
// to set it: see EntryToAdd.
func (vs *Index) EmptyEntry(steps []string, empty any) (e lint.Entry, ok bool) {
	if w, ok := vs.find(steps, empty, 0); ok && w.layer != nil && vs.Copied(w.layer.file) {
		return vs.EntryToAdd(steps, "")
	}
	return vs.Entry(steps, empty)
}

// EmptyBeside is EmptyEntry for a key that belongs to another one, such as the digest of an image to its tag: if a file supplies that
// one which wins over the file with the empty value, it is the map there.
func (vs *Index) EmptyBeside(other, steps []string, empty any) (e lint.Entry, ok bool) {
	if e, ok = vs.EmptyEntry(steps, empty); !ok {
		return e, false
	}
	above := len(steps) - 1
	want, _ := vs.At(other)
	w, found := vs.find(other, want, 0)
	if !found || w.layer == nil || w.layer.file == e.File || above == len(w.layer.prefix) || !vs.Editable(w.layer.file) {
		return e, true
	}
	k, v := w.layer.lookUp(steps[:above])
	if k == nil || v.Kind != yaml.MappingNode {
		return e, true
	}
	m := written{w.layer, steps[len(w.layer.prefix):above], k, v}
	if beside, ok := m.entry(); ok {
		beside.Addition = m.addition(steps[above])
		return beside, true
	}
	return e, true
}

// EntryToAdd is the entry of a map, or of an empty value, under which to add a missing
// path. The user's files are searched last, because an addition to the chart's own file
// takes effect for every user. What a chart from a repository has in charts/ is set in a map above it,
// if there is one: its files are replaced with the next version.
func (vs *Index) EntryToAdd(steps []string, missing string) (e lint.Entry, ok bool) {
	w, found := vs.mapToAdd(steps)
	if !found || vs.isReplaced(w.layer) {
		if e, ok = vs.entryAbove(steps, missing); ok || !found {
			return e, ok
		}
	}
	return w.toAdd(steps, missing)
}

// mapToAdd is the map or the empty value at some steps in the first file that can be edited.
func (vs *Index) mapToAdd(steps []string) (w written, ok bool) {
	now, _ := vs.At(steps)
	for _, l := range slices.Concat(vs.chartLayers(), vs.layers[:vs.users]) {
		k, v := l.lookUp(steps)
		if v == nil || !vs.Editable(l.file) || !equalNode(v, now) && (!isEmptyNode(v) || !isEmpty(now)) {
			continue
		}
		return written{l, steps[len(l.prefix):], k, v}, true
	}
	return w, false
}

// toAdd is the entry at which to add a missing path. ok is false if its line is not known.
func (w written) toAdd(steps []string, missing string) (e lint.Entry, ok bool) {
	if e, ok = w.entry(); !ok {
		return e, false
	}
	hideSecret(&e, steps[len(steps)-1], w.value)
	e.Addition = w.addition(missing)
	e.IsCommented = w.hasCommented(missing)
	return e, true
}

// maxCommented is how many lines below a key are looked at for a comment.
const maxCommented = 24

// hasCommented reports whether a comment below the key has the first part of a missing path as a key, as in # seccompProfile: {}.
func (w written) hasCommented(missing string) bool {
	names := lint.Addition{Path: missing}.Keys()
	if w.layer.at != nil || len(names) == 0 || w.key == w.value {
		return false
	}
	for n := w.key.Line + 1; n <= w.key.Line+maxCommented && n <= len(w.layer.lines.Starts); n++ {
		line := w.layer.line(lint.Position{Line: n})
		content := strings.TrimLeft(line, " ")
		comment, isComment := strings.CutPrefix(content, "#")
		switch isBelow := len(line)-len(content) >= w.key.Column; {
		case strings.TrimSpace(content) == "":
		case !isComment && !isBelow:
			return false
		case isComment && isBelow && strings.HasPrefix(strings.TrimLeft(comment, "# "), names[0]+":"):
			return true
		}
	}
	return false
}

// entryAbove is the entry of the nearest map above some steps that no file has that can be edited.
// A parent chart sets the values of its packaged subchart there. A list has none: who sets an element sets all of the list.
func (vs *Index) entryAbove(steps []string, missing string) (e lint.Entry, ok bool) {
	root := vs.beside(steps).depth()
	for n := len(steps) - 1; n > root; n-- {
		if _, isElement := trace.IndexStep(steps[n]); isElement {
			return e, false
		}
		path := trace.JoinSteps(steps[n:])
		if missing != "" {
			path = strings.TrimSuffix(path+"."+missing, ".")
		}
		for _, l := range vs.layersToSet() {
			k, v := l.lookUp(steps[:n])
			if v == nil || v.Kind != yaml.MappingNode || vs.isReplaced(l) || !vs.Editable(l.file) {
				continue
			}
			w := written{l, steps[len(l.prefix):n], k, v}
			if e, ok = w.entry(); ok {
				e.Addition, e.IsCommented = w.addition(path), w.hasCommented(path)
				return e, true
			}
		}
	}
	return vs.entryAtTop(trace.JoinSteps(steps), missing)
}

// layersToSet are the values files that can have a key for the values of packed charts: those of the charts above or, for a packed chart at the
// top, those which what installs it gives.
func (vs *Index) layersToSet() []*layer {
	if vs.IsPacked {
		return vs.layers[:vs.users]
	}
	return vs.chartLayers()
}

// placeToGive is the place for a new key in the values that something gives to a packed chart: the nearest map above it or else the last values file.
func (vs *Index) placeToGive(steps []string) (p lint.Position) {
	if e, ok := vs.entryAbove(steps, ""); ok {
		return e.Position
	}
	if i := slices.IndexFunc(vs.layersToSet(), func(l *layer) bool { return l.at == nil }); i >= 0 {
		p.File = vs.layersToSet()[i].file
	}
	return p
}

// entryAtTop is the entry of the key with all values that an object gives to a packed chart. ok is false if no object gives any.
func (vs *Index) entryAtTop(key, missing string) (e lint.Entry, ok bool) {
	for _, l := range vs.layersToSet() {
		if n := l.node(); n != nil && l.top.Line > 0 && l.top.Column > 0 {
			e = lint.Entry{Position: l.top, Text: l.line(l.top)}
			e.Addition = lint.Addition{Path: strings.TrimSuffix(key+"."+missing, "."), Indent: cmp.Or(l.indent(l.top, nil, n), newIndent)}
			return e, true
		}
	}
	return lint.Entry{}, false
}

// newIndent is the indentation of entries in a map that has none yet.
const newIndent = 2

// addition describes the addition of a missing path.
func (w written) addition(missing string) lint.Addition {
	g := lint.Addition{Path: missing, Indent: newIndent}
	switch n := w.value; {
	case missing == "":
		return lint.Addition{}
	case w.key == n:
		g.Indent = 0
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		g.Flow = n.Style&yaml.FlowStyle != 0
		if w.layer.at != nil {
			g.Indent = cmp.Or(w.layer.indent(w.position(), w.steps, n), newIndent)
		} else if by := n.Content[0].Column - w.key.Column; n.Line > w.key.Line && by > 0 {
			g.Indent = by
		}
	}
	return g
}

// indent is by how many columns an object indents the keys of a map of values, which it has at some steps, below the key of the map. It is 0 if that
// is not known.
func (l *layer) indent(key lint.Position, steps []string, n *yaml.Node) int {
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return 0
	}
	first := l.at(trace.Join(steps, n.Content[0].Value))
	if first.File != key.File || first.Line <= key.Line || key.Column == 0 {
		return 0
	}
	return max(first.Column-key.Column, 0)
}

// isEmpty reports whether a value is null, "", {} or [].
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

func isEmptyNode(n *yaml.Node) bool {
	return len(n.Content) == 0 && (n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null")
}

// entry reads the line of the key. ok is false if the key is not on that line: a file
// that was made from another one, such as a Flux object, may not have a better position.
func (w written) entry() (e lint.Entry, ok bool) {
	e.Position = w.position()
	if e.Line == 0 || e.Column == 0 {
		return e, false
	}
	e.Text = w.layer.line(e.Position)
	rest := strings.TrimLeft(after(e.Text, e.Column), `"'`)
	if w.key == w.value { // an element of a list
		return e, w.value.Kind != yaml.ScalarNode || w.layer.at == nil || strings.HasPrefix(rest, w.value.Value)
	}
	return e, strings.HasPrefix(rest, w.key.Value)
}

// underlineValue moves the columns from the key to the value, if the value is a scalar on
// the same line.
func (w written) underlineValue(e *lint.Entry) {
	if w.value.Kind != yaml.ScalarNode || w.key.Kind != yaml.ScalarNode {
		return
	}
	from := e.Column
	if w.key != w.value {
		name := w.key.Value
		if w.key.Style != 0 {
			name = after(e.Text, e.Column)[:1] + name + after(e.Text, e.Column)[:1]
		}
		rest, ok := strings.CutPrefix(after(e.Text, e.Column), name)
		if !ok {
			return
		}
		value := strings.TrimLeft(strings.TrimLeft(rest, " \t:"), " \t")
		from += utf8.RuneCountInString(name) + utf8.RuneCountInString(rest) - utf8.RuneCountInString(value)
	}
	value := after(e.Text, from)
	text := w.value.Value
	if w.value.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && value != "" {
		text = value[:1] + text + value[:1]
	}
	if text != "" && strings.HasPrefix(value, text) {
		e.Column, e.EndColumn = from, from+utf8.RuneCountInString(text)
	}
}

// hideSecret masks a line if it contains a value whose key looks secret: the key of the
// entry itself or, in flow style, the key of a neighbour. Findings about secrets are
// always masked; this function is for findings of other rules.
func hideSecret(e *lint.Entry, name string, v *yaml.Node) {
	if i := strings.IndexAny(e.Text, "{["); i >= 0 && slices.ContainsFunc(words(e.Text[i:]), trace.IsSecretName) {
		e.Text = e.Text[:i] + masked
		return
	}
	if v.Kind != yaml.ScalarNode || v.Tag != "!!str" || v.Value == "" || !trace.IsSecretName(name) || namesSecret.MatchString(name) {
		return
	}
	if text := after(e.Text, e.Column); strings.HasPrefix(text, v.Value) || v.Style != 0 {
		e.Text = strings.TrimSuffix(e.Text, text) + masked
	}
}

// masked replaces a secret and the rest of its line.
const masked = "‹masked›"

// namesSecret matches keys whose value is the name of a Secret, or of a key in one.
var namesSecret = regexp.MustCompile(`(?i)^existing|(name|key|ref|path|file|type)s?$`)

// words are the sequences of letters, digits, - and _ in a text.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' })
}

// after is the part of a line that starts at a column.
func after(line string, column int) string {
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	return line
}

// EntryWithin is the line of a literal block that contains a text, given by its offset in
// the value at some steps. ok is false if that value is not a literal block, or if its
// file cannot be edited.
func (vs *Index) EntryWithin(steps []string, offset int, text string) (e lint.Entry, ok bool) {
	want, _ := vs.At(steps)
	s, isText := want.(string)
	w, ok := vs.find(steps, want, 0)
	if !ok || !isText || offset > len(s) || w.layer == nil || w.layer.at != nil || w.value.Style&yaml.LiteralStyle == 0 || !vs.Editable(w.layer.file) {
		return e, false
	}
	e.Position = lint.Position{File: w.layer.file, Line: w.value.Line + 1 + strings.Count(s[:offset], "\n")}
	e.Text = w.layer.line(e.Position)
	before, _, ok := strings.Cut(e.Text, text)
	if !ok || text == "" {
		return e, false
	}
	e.Column = utf8.RuneCountInString(before) + 1
	e.EndColumn = e.Column + utf8.RuneCountInString(text)
	return e, true
}

// EntryOnLine is the entry of a key whose value is a text on the line of its key, at a part of that text.
func (vs *Index) EntryOnLine(steps []string, text string) (e lint.Entry, ok bool) {
	want, _ := vs.At(steps)
	w, ok := vs.find(steps, want, 0)
	if !ok || text == "" || w.layer == nil || w.layer.at != nil || w.value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || !vs.Editable(w.layer.file) {
		return e, false
	}
	e.Position = lint.Position{File: w.layer.file, Line: w.value.Line}
	e.Text = w.layer.line(e.Position)
	line := []rune(e.Text)
	from := min(w.value.Column-1, len(line))
	before, _, ok := strings.Cut(string(line[from:]), text)
	e.Column = from + utf8.RuneCountInString(before) + 1
	e.EndColumn = e.Column + utf8.RuneCountInString(text)
	return e, ok
}

// line is the line of the file at a position.
func (l *layer) line(at lint.Position) string {
	if l.at != nil {
		if l.lineAt == nil {
			return ""
		}
		return l.lineAt(at)
	}
	if l.lines == nil {
		l.lines = trace.LinesOf(strings.TrimPrefix(string(l.data), "\ufeff")) // a byte order mark has no column
	}
	return l.lines.Line(at.Line)
}

// LineWithin is the line of a byte in the literal block at a key. At is the key's
// position, and the result if the value is not a literal block.
func (vs *Index) LineWithin(steps []string, at lint.Position, offset int) lint.Position {
	v, _ := vs.At(steps)
	text, ok := v.(string)
	if !ok || offset > len(text) || !strings.Contains(text, "\n") {
		return at
	}
	for _, l := range vs.layers {
		if l.at != nil || l.file != at.File {
			continue
		}
		k, n := l.lookUp(steps)
		if k == nil || k.Line != at.Line || n.Style&yaml.LiteralStyle == 0 {
			continue
		}
		return lint.Position{File: at.File, Line: n.Line + 1 + strings.Count(text[:offset], "\n")}
	}
	return at
}
