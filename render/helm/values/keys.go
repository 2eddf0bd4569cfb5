package values

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/kubevet/kubevet/render/helm/trace"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/kubevet/kubevet/lint"
)

// Index finds where the values of a rendering were written. It searches in Helm's order
// of precedence. It reports a place only if the value at that place equals the one that
// the templates saw.
type Index struct {
	Snapshot map[string]any // before any template could change it
	sets     []map[string]any
	layers   []*layer // in order of precedence: the first layer that has a key wins
	users    int      // how many of them are the user's files
	imports  []imported
	names    map[*chart.File]string
	trees    *Trees
	// Editable reports whether a file can be edited. Files of packed charts cannot.
	Editable func(file string) bool
	// IsPacked is set for a packed chart that something installs: a key is added to the values which that gives.
	IsPacked bool
	// Copied reports whether the chart has a packed copy of a file: an edit takes effect when it is packed again.
	Copied func(file string) bool
	// IsTwin reports whether Helm may take the packed copy in place of a file: an edit may have no effect.
	IsTwin func(file string) bool
}

// layer is one values file.
type layer struct {
	file   string
	prefix []string // path of the layer's root in the values
	remote bool     // of a chart in charts/ that comes from a repository, or that is in such a chart
	beside bool     // of a chart beside the one that takes it in by file://
	data   []byte
	at     func(steps []string) lint.Position // nil if the position is that of the key in data
	top    lint.Position                      // the key of an object that has the values
	above  string                             // the key below which the file has the values
	lineAt func(at lint.Position) string      // of the file that at names; nil if not known
	root   *yaml.Node                         // parsed when first needed
	parsed bool
	lines  *trace.Lines // of data, made when first needed
	trees  *Trees
}

// Trees are the parsed values files of a chart. Most of them are the same in all
// scenarios.
type Trees struct {
	mu     sync.Mutex
	ByFile map[string]ReadTree
}

// ReadTree is a text and its parsed YAML. The node is never changed.
type ReadTree struct {
	text []byte
	root *yaml.Node
}

// of is the parsed tree of a file. The first text of each file is remembered. A nil Trees
// remembers nothing.
func (t *Trees) of(file string, text []byte) *yaml.Node {
	if t == nil {
		return readNode(text)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.ByFile[file]
	if ok && bytes.Equal(known.text, text) {
		return known.root
	}
	root := readNode(text)
	if !ok {
		t.ByFile[file] = ReadTree{text, root}
	}
	return root
}

// readNode is the root of a YAML text. Nil if the text is empty or not YAML.
func readNode(text []byte) *yaml.Node {
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// imported is an import-values entry: the values at from are copied to to.
type imported struct{ from, to []string }

// New reads nothing yet: files are parsed when first needed. Sets are the arguments of
// --set. Over wins over them, and of several files the last one wins.
func New(c *chart.Chart, names map[*chart.File]string, sets []string, over []Setting, files []File, snapshot map[string]any, t *Trees) *Index {
	vs := &Index{Snapshot: snapshot, names: names, trees: t}
	for _, set := range sets {
		if m, err := strvals.Parse(set); err == nil {
			vs.sets = append(vs.sets, m)
		}
	}
	for _, o := range over {
		vs.sets = append(vs.sets, o.AsValues())
	}
	for _, v := range slices.Backward(files) {
		vs.layers = append(vs.layers, &layer{file: v.Name, data: v.Data, at: v.At, lineAt: v.LineAt, top: v.Top, above: v.Above, trees: t})
	}
	vs.users = len(vs.layers)
	vs.addChart(c, nil, false, false)
	return vs
}

func (vs *Index) addChart(c *chart.Chart, prefix []string, remote, beside bool) {
	for _, f := range c.Raw {
		if f.Name == "values.yaml" {
			vs.layers = append(vs.layers, &layer{file: vs.names[f], prefix: prefix, remote: remote, beside: beside, data: f.Data, trees: vs.trees})
		}
	}
	for _, d := range c.Metadata.Dependencies {
		if d == nil {
			continue
		}
		for _, entry := range d.ImportValues {
			iv, ok := entry.(map[string]string) // Helm leaves this type after processing
			if !ok {
				continue
			}
			to := prefix
			if iv["parent"] != "." {
				to = trace.Join(prefix, strings.Split(iv["parent"], ".")...)
			}
			from := trace.Join(prefix, append([]string{d.Name}, strings.Split(iv["child"], ".")...)...)
			vs.imports = append(vs.imports, imported{from: from, to: to})
		}
	}
	for _, d := range c.Dependencies() {
		isRemote := remote || takes(c, d.Name(), func(repository string) bool {
			return repository != "" && !strings.HasPrefix(repository, fileRepository)
		})
		isBeside := !isRemote && takes(c, d.Name(), func(repository string) bool { return strings.HasPrefix(repository, fileRepository) })
		vs.addChart(d, trace.Join(prefix, d.Name()), isRemote, isBeside)
	}
}

// fileRepository begins the repository of a dependency that is another chart beside it.
const fileRepository = "file://"

// takes reports whether a chart takes a dependency from a repository of some kind. If that is no chart beside it, helm dependency update
// replaces the files.
func takes(c *chart.Chart, name string, isFrom func(repository string) bool) bool {
	return slices.ContainsFunc(c.Metadata.Dependencies, func(d *chart.Dependency) bool {
		return d != nil && (d.Name == name || d.Alias == name) && isFrom(d.Repository)
	})
}

// isReplaced reports whether the chart takes a values file from elsewhere: from a repository, or from a chart beside it
// that it packs.
func (vs *Index) isReplaced(l *layer) bool { return l.remote || vs.Copied(l.file) }

// Below is the key below which the linted chart has the values of a file, if that is the values.yaml of a
// subchart and has a key. It is empty if the chart's own file has it, or if the file cannot be edited. For the file of a parent, it is the
// key below which that has the values of the chart, after +.
func (vs *Index) Below(label, file string) string {
	for _, l := range vs.layers[:vs.users] {
		if l.file == file && l.above != "" && !strings.HasPrefix(label, "global.") {
			return "+" + l.above
		}
	}
	for _, l := range vs.chartLayers() {
		if l.file != file || len(l.prefix) == 0 || !vs.Editable(file) {
			continue
		}
		below := trace.JoinSteps(l.prefix)
		if rest, ok := strings.CutPrefix(label, below); ok && rest != "" && (rest[0] == '.' || rest[0] == '[') {
			return below
		}
	}
	return ""
}

func (l *layer) node() *yaml.Node {
	if !l.parsed {
		l.parsed = true
		l.root = l.trees.of(l.file, l.data)
	}
	return l.root
}

// At is the value at some steps; ok is false if there is none.
func (vs *Index) At(steps []string) (v any, ok bool) { return trace.ValueAt(vs.Snapshot, steps) }

// Global is the path at which a user sets a global that a subchart sees: below the chart at the top that has the value.
func (vs *Index) Global(steps []string) []string {
	for i := len(steps) - 1; i > 0; i-- {
		if steps[i] != "global" {
			continue
		}
		v, _ := vs.At(steps)
		for above := range i { // the charts above, that at the top first
			path := trace.Join(steps[:above], steps[i:]...)
			if top, ok := vs.At(path); ok && trace.Equal(top, v) {
				return path
			}
		}
	}
	return steps
}

// Place is the key that supplied the value at some steps. ok is false if no key has that
// value.
func (vs *Index) Place(steps []string) (p lint.Position, ok bool) {
	want, ok := vs.At(steps)
	if !ok {
		return p, false
	}
	return vs.Find(steps, want)
}

// StepsText joins steps into a text that can be compared.
func StepsText(steps []string) string { return strings.Join(steps, "\x00") }

func keyPosition(file string, k *yaml.Node) lint.Position {
	p := lint.Position{File: file, Line: k.Line, Column: k.Column}
	if k.Kind == yaml.ScalarNode && k.Style == 0 && !strings.Contains(k.Value, "\n") {
		p.EndColumn = k.Column + utf8.RuneCountInString(k.Value)
	}
	return p
}

// nodeAt is the key and value at some steps of a YAML document. For a list element, the
// key is the element itself.
func nodeAt(n *yaml.Node, steps []string) (k, v *yaml.Node) {
	v = n
	for _, s := range steps {
		if k, v = trace.ChildNode(v, s); v == nil {
			return nil, nil
		}
	}
	return k, v
}

// equalNode reports whether a node has a value. Maps are not compared: they are merged
// from several files, and a key can be added in any of these.
func equalNode(n *yaml.Node, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		return n.Kind == yaml.MappingNode
	case []any:
		return n.Kind == yaml.SequenceNode && len(n.Content) == len(want)
	}
	if n.Kind != yaml.ScalarNode {
		return false
	}
	var v any
	return n.Decode(&v) == nil && trace.Equal(v, want)
}

// FileOf is the name of a chart's file as reports print it.
func (vs *Index) FileOf(c *chart.Chart, name string) string {
	for _, f := range c.Raw {
		if f.Name == name {
			return vs.names[f]
		}
	}
	return name
}

// TopLevelLine is the line of a top-level key in a YAML text, or zero if there is no such
// key.
func TopLevelLine(data []byte, name string) int {
	l := &layer{data: data}
	if k, _ := nodeAt(l.node(), []string{name}); k != nil {
		return k.Line
	}
	return 0
}

// Setting is a value for a key.
type Setting struct {
	Steps []string
	Value any
}

// AsValues is the setting as a chart's values.
func (s Setting) AsValues() map[string]any {
	v := s.Value
	for _, step := range slices.Backward(s.Steps) {
		v = map[string]any{step: v}
	}
	return v.(map[string]any)
}

// File is a file of values.
type File struct {
	Name string // as reports print it
	Data []byte
	// At is the position at which to edit the value at some steps, with list indexes in
	// brackets. It is nil if that is the value's position in Data.
	At func(steps []string) lint.Position
	// Top is the key of an object that has the values as a map, or as a text of many lines: below it a key is added. It is zero if there is none.
	Top lint.Position
	// Above is the key below which the file has the values, if it is that of a chart which takes in another one. Empty otherwise.
	Above string
	// LineAt is the line of the file at a position that At returned. Nil if not known.
	LineAt func(at lint.Position) string
}

// Positions returns a function that finds the keys of the file by their steps. ok is
// false for keys that the file does not have.
func (f File) Positions() func(steps []string) (at lint.Position, ok bool) {
	l := &layer{data: f.Data}
	return func(steps []string) (at lint.Position, ok bool) {
		k, v := nodeAt(l.node(), steps)
		if k == nil || v == nil {
			return at, false
		}
		return keyPosition(f.Name, k), true
	}
}

// SourcePosition is the position of the part of a source that is on its first line, and
// that line.
func SourcePosition(src *trace.Source, from, to int) (lint.Position, string) {
	from = min(from, len(src.Text))
	n, start := src.Line(from)
	text := src.Lines().Line(n)
	p := lint.Position{File: src.File, Line: n}
	p.Column = utf8.RuneCountInString(src.Text[start:from]) + 1
	end := min(to, start+len(text))
	if end > from {
		p.EndColumn = p.Column + utf8.RuneCountInString(src.Text[from:end])
	}
	return p, text
}

// SplitSteps is the reverse of trace.JoinSteps. The index of an element of a list is a step in brackets.
func SplitSteps(label string) (steps []string, ok bool) {
	for label != "" {
		if end := strings.IndexByte(label, ']'); end > 0 {
			if _, isIndex := trace.IndexStep(label[:end+1]); isIndex {
				steps, label = append(steps, label[:end+1]), strings.TrimPrefix(label[end+1:], ".")
				continue
			}
		}
		if quoted, isQuoted := strings.CutPrefix(label, "["); isQuoted {
			text, err := strconv.QuotedPrefix(quoted)
			if err != nil {
				return nil, false
			}
			name, err := strconv.Unquote(text)
			rest, closed := strings.CutPrefix(quoted[len(text):], "]")
			if err != nil || !closed {
				return nil, false
			}
			steps, label = append(steps, name), strings.TrimPrefix(rest, ".")
			continue
		}
		end := strings.IndexAny(label, ".[")
		if end < 0 {
			end = len(label)
		}
		if end == 0 {
			return nil, false
		}
		steps = append(steps, label[:end])
		label = strings.TrimPrefix(label[end:], ".")
	}
	return steps, len(steps) > 0
}
