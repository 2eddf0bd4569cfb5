package helm

import (
	"bytes"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/strvals"

	"github.com/kubevet/kubevet/lint"
)

// values knows where the values of a rendering were written. They are looked
// up in Helm's order of precedence, and a place is told only if the value that
// stands there equals the one that the templates saw.
type values struct {
	snapshot map[string]any // before any template could change it
	sets     []map[string]any
	layers   []*layer // the first that has a key wins
	users    int      // how many of them the user gave
	imports  []imported
	names    map[*chart.File]string
	trees    *trees
}

// layer is one values file.
type layer struct {
	file   string
	prefix []string // where its root stands in the values
	data   []byte
	at     func(steps []string) lint.Position // nil: at the key in data
	root   *yaml.Node                         // parsed at the first question
	parsed bool
	trees  *trees
}

// trees are the values files of a chart as YAML. Scenarios share most of them.
type trees struct {
	mu     sync.Mutex
	byFile map[string]readTree
}

// readTree is a text and what reading it came to. Nobody changes the node.
type readTree struct {
	text []byte
	root *yaml.Node
}

// of is the tree of a file's text. The first text of a file is remembered, by
// nil none is.
func (t *trees) of(file string, text []byte) *yaml.Node {
	if t == nil {
		return readNode(text)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.byFile[file]
	if ok && bytes.Equal(known.text, text) {
		return known.root
	}
	root := readNode(text)
	if !ok {
		t.byFile[file] = readTree{text, root}
	}
	return root
}

// readNode is the root of a YAML text. Nil: it has none, or is none.
func readNode(text []byte) *yaml.Node {
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// imported is an import-values entry: the values at from also stand at to.
type imported struct{ from, to []string }

func newValues(c *chart.Chart, names map[*chart.File]string, s *Scenario, snapshot map[string]any, t *trees) *values {
	vs := &values{snapshot: snapshot, names: names, trees: t}
	for _, set := range s.Set {
		if m, err := strvals.Parse(set); err == nil {
			vs.sets = append(vs.sets, m)
		}
	}
	for _, o := range s.over {
		vs.sets = append(vs.sets, o.values())
	}
	for _, v := range slices.Backward(s.Values) {
		vs.layers = append(vs.layers, &layer{file: v.Name, data: v.Data, at: v.At, trees: t})
	}
	vs.users = len(vs.layers)
	vs.addChart(c, nil)
	return vs
}

func (vs *values) addChart(c *chart.Chart, prefix []string) {
	for _, f := range c.Raw {
		if f.Name == "values.yaml" {
			vs.layers = append(vs.layers, &layer{file: vs.names[f], prefix: prefix, data: f.Data, trees: vs.trees})
		}
	}
	for _, d := range c.Metadata.Dependencies {
		if d == nil {
			continue
		}
		for _, entry := range d.ImportValues {
			iv, ok := entry.(map[string]string) // as Helm leaves it after processing
			if !ok {
				continue
			}
			to := prefix
			if iv["parent"] != "." {
				to = join(prefix, strings.Split(iv["parent"], ".")...)
			}
			from := join(prefix, append([]string{d.Name}, strings.Split(iv["child"], ".")...)...)
			vs.imports = append(vs.imports, imported{from: from, to: to})
		}
	}
	for _, d := range c.Dependencies() {
		vs.addChart(d, join(prefix, d.Name()))
	}
}

// join makes a new path of two.
func join(a []string, b ...string) []string {
	return append(slices.Clip(a), b...)
}

func (l *layer) node() *yaml.Node {
	if !l.parsed {
		l.parsed = true
		l.root = l.trees.of(l.file, l.data)
	}
	return l.root
}

// at is the value at some steps; ok is false if there is none.
func (vs *values) at(steps []string) (v any, ok bool) { return valueAt(vs.snapshot, steps) }

func valueAt(v any, steps []string) (any, bool) {
	for _, s := range steps {
		c := reflect.ValueOf(v)
		if !isContainer(under(c)) {
			return nil, false
		}
		if m, ok := v.(map[string]any); ok {
			if v, ok = m[s]; !ok {
				return nil, false
			}
			continue
		}
		x := childOf(c, s)
		if !x.IsValid() || !x.CanInterface() {
			return nil, false
		}
		v = x.Interface()
	}
	return v, true
}

// global is the steps at which a user sets what a subchart sees as its global.
func (vs *values) global(steps []string) []string {
	for i := len(steps) - 1; i > 0; i-- {
		if steps[i] != "global" {
			continue
		}
		v, _ := vs.at(steps)
		if top, ok := vs.at(steps[i:]); ok && equal(top, v) {
			return steps[i:]
		}
	}
	return steps
}

// place is the key that supplied the value at some steps, or, where none has
// that value, ok is false.
func (vs *values) place(steps []string) (p lint.Position, ok bool) {
	want, ok := vs.at(steps)
	if !ok {
		return p, false
	}
	return vs.find(steps, want, 0)
}

func (vs *values) find(steps []string, want any, depth int) (p lint.Position, ok bool) {
	for _, v := range slices.Backward(vs.sets) {
		if v, ok := valueAt(v, steps); ok && equal(v, want) {
			return lint.Position{}, true // the command line: no file
		}
	}
	for _, l := range vs.layers {
		if len(steps) <= len(l.prefix) || stepsText(steps[:len(l.prefix)]) != stepsText(l.prefix) {
			continue
		}
		k, v := nodeAt(l.node(), steps[len(l.prefix):])
		switch {
		case k == nil || v == nil || !equalNode(v, want):
		case l.at != nil:
			return l.at(steps[len(l.prefix):]), true
		default:
			return keyPosition(l.file, k), true
		}
	}
	if depth > 8 {
		return p, false
	}
	if p, ok := vs.findGlobal(steps, want, depth); ok {
		return p, true
	}
	return vs.findImported(steps, want, depth)
}

// lineWithin is the line of a byte of a literal block that is at a key, whose position
// is given: that of the key where it is no literal block.
func (vs *values) lineWithin(steps []string, at lint.Position, offset int) lint.Position {
	v, _ := vs.at(steps)
	text, ok := v.(string)
	if !ok || offset > len(text) || !strings.Contains(text, "\n") {
		return at
	}
	for _, l := range vs.layers {
		if l.at != nil || l.file != at.File || len(steps) <= len(l.prefix) {
			continue
		}
		k, n := nodeAt(l.node(), steps[len(l.prefix):])
		if k == nil || k.Line != at.Line || n.Style&yaml.LiteralStyle == 0 {
			continue
		}
		return lint.Position{File: at.File, Line: n.Line + 1 + strings.Count(text[:offset], "\n")}
	}
	return at
}

// findImported looks in the subcharts that a chart imports values from.
func (vs *values) findImported(steps []string, want any, depth int) (p lint.Position, ok bool) {
	for _, im := range vs.imports {
		if len(steps) > len(im.to) && stepsText(steps[:len(im.to)]) == stepsText(im.to) {
			if p, ok := vs.find(join(im.from, steps[len(im.to):]...), want, depth+1); ok {
				return p, true
			}
		}
	}
	return p, false
}

// findGlobal looks for a subchart's global in the charts above it.
func (vs *values) findGlobal(steps []string, want any, depth int) (p lint.Position, ok bool) {
	for i, s := range steps {
		if s != "global" || i == 0 {
			continue
		}
		for above := i - 1; above >= 0; above-- {
			if p, ok := vs.find(join(steps[:above], steps[i:]...), want, depth+1); ok {
				return p, true
			}
		}
	}
	return p, false
}

// stepsText makes steps comparable.
func stepsText(steps []string) string { return strings.Join(steps, "\x00") }

func keyPosition(file string, k *yaml.Node) lint.Position {
	p := lint.Position{File: file, Line: k.Line, Column: k.Column}
	if k.Kind == yaml.ScalarNode && k.Style == 0 && !strings.Contains(k.Value, "\n") {
		p.EndColumn = k.Column + utf8.RuneCountInString(k.Value)
	}
	return p
}

// nodeAt is the key and value at some steps of a YAML document. The key of a
// list element is the element.
func nodeAt(n *yaml.Node, steps []string) (k, v *yaml.Node) {
	v = n
	for _, s := range steps {
		if k, v = childNode(v, s); v == nil {
			return nil, nil
		}
	}
	return k, v
}

// childNode is what a node holds under a name, or under an index in brackets.
func childNode(n *yaml.Node, step string) (k, v *yaml.Node) {
	n = aliased(n)
	if n == nil {
		return nil, nil
	}
	if n.Kind == yaml.SequenceNode {
		if i, ok := indexStep(step); ok && i < len(n.Content) {
			return n.Content[i], aliased(n.Content[i])
		}
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		if n.Content[i].Value == step {
			return n.Content[i], aliased(n.Content[i+1])
		}
	}
	return mergedNode(n, step)
}

// mergedNode looks for a name in what a mapping merges (<<).
func mergedNode(n *yaml.Node, step string) (k, v *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "<<" {
			continue
		}
		sources := []*yaml.Node{aliased(n.Content[i+1])}
		if sources[0] != nil && sources[0].Kind == yaml.SequenceNode {
			sources = sources[0].Content
		}
		for _, s := range sources {
			if s = aliased(s); s == n {
				continue
			}
			if k, v := childNode(s, step); v != nil {
				return k, v
			}
		}
	}
	return nil, nil
}

func aliased(n *yaml.Node) *yaml.Node {
	for range 16 {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

// equalNode reports whether a node holds a value. Maps are not compared: they
// are merged of several files, and any of these is a place to add a key.
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
	return n.Decode(&v) == nil && equal(v, want)
}

// equal compares scalars; numbers by value, whatever their type.
func equal(a, b any) bool {
	if isContainer(reflect.ValueOf(a)) || isContainer(reflect.ValueOf(b)) {
		return isContainer(reflect.ValueOf(a)) && isContainer(reflect.ValueOf(b)) &&
			reflect.ValueOf(a).Kind() == reflect.ValueOf(b).Kind()
	}
	_, s1 := a.(string)
	_, s2 := b.(string)
	return s1 == s2 && canonical(a) == canonical(b)
}

func canonical(v any) string {
	switch v := v.(type) {
	case int:
		return strconv.FormatFloat(float64(v), 'g', -1, 64)
	case int64:
		return strconv.FormatFloat(float64(v), 'g', -1, 64)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return scalarText(v)
}

// printsAs reports whether a text is what a scalar value prints as, in YAML or plainly.
func printsAs(text string, v any) bool {
	text = strings.TrimSpace(text)
	if isContainer(reflect.ValueOf(v)) {
		return text == "{}" || text == "[]"
	}
	if text == scalarText(v) {
		return true
	}
	if s, ok := v.(string); ok {
		return strings.TrimSpace(s) == text || isYAMLOf(text, v)
	}
	return isYAMLOf(text, v)
}

func isYAMLOf(text string, v any) bool {
	var x any
	return len(text) < 4096 && yaml.Unmarshal([]byte(text), &x) == nil && equal(x, v)
}

// joinSteps is the path of a key as a user types it: image.tag, hosts[0].
func joinSteps(steps []string) string {
	var b strings.Builder
	for i, s := range steps {
		if _, ok := indexStep(s); ok {
			b.WriteString(s)
			continue
		}
		if strings.ContainsAny(s, ".[]\"") {
			b.WriteString("[" + strconv.Quote(s) + "]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s)
	}
	return b.String()
}

// fileOf is how reports call a file of a chart.
func (vs *values) fileOf(c *chart.Chart, name string) string {
	for _, f := range c.Raw {
		if f.Name == name {
			return vs.names[f]
		}
	}
	return name
}

// topLevelLine is the line of a top-level key in a YAML text. Zero: it is not there.
func topLevelLine(data []byte, name string) int {
	l := &layer{data: data}
	if k, _ := nodeAt(l.node(), []string{name}); k != nil {
		return k.Line
	}
	return 0
}
