package helmfile

import (
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/tree"
)

// Unset are keys of a file of values.
type Unset struct {
	File string
	Keys []string
}

// ownValues are the values of a chart itself. They are nil if it has none that can be read.
func ownValues(t *tree.Tree, chart string) *yaml.Node {
	text, err := t.ReadFile(path.Join(chart, "values.yaml"))
	var root yaml.Node
	if err != nil || len(text) > maxText || yaml.Unmarshal(text, &root) != nil || !node.IsExpandable(&root) {
		return nil
	}
	return &root
}

// fill executes a template of values for a release. Positions are those of the template. ok is false if it cannot be executed.
func (s *state) fill(f *helm.ValuesFile, r *Release, own *yaml.Node) (ok bool) {
	source := string(f.Data)
	data := map[string]any{"Release": map[string]any{}}
	maps.Copy(data, s.data)
	for key, v := range map[string]string{"Name": r.Name, "Namespace": r.Namespace} {
		if v != "" {
			data["Release"].(map[string]any)[key] = v
		}
	}
	e, err := evaluate(f.Data, data, s.isOpen)
	if err != nil {
		return false
	}
	f.Data = []byte(e.out.String())
	position := f.Positions()
	position(nil) // it is parsed before several scenarios ask
	to := placer{newLined(e.out.String()), newLined(source), e.parts}
	f.At = func(steps []string) lint.Position { p, _ := position(steps); return to.place(p) }
	var root yaml.Node
	if yaml.Unmarshal(f.Data, &root) != nil || !node.IsExpandable(&root) {
		return true // rendering the chart reports it
	}
	unset := Unset{File: f.Name}
	if withoutUnknown(node.NewValue(&root), node.NewValue(own), "", &unset.Keys); len(unset.Keys) == 0 {
		return true
	}
	text, err := yaml.Marshal(&root)
	if err != nil {
		return false
	}
	f.Data, r.Unset = text, append(r.Unset, unset)
	return true
}

// withoutUnknown removes entries whose value is not known, and that the chart has as something else than a text: a placeholder is a text, which
// an if takes for true. The chart's own value is used.
func withoutUnknown(v, own lint.Value, path string, removed *[]string) {
	if !v.IsMap() || !own.IsMap() || v.Node.Kind != yaml.MappingNode {
		return
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(v.Node.Content); i += 2 {
		key, value := v.Node.Content[i], v.Node.Content[i+1]
		of := own.Child(key.Value)
		if of.IsSet() && value.Kind == yaml.ScalarNode && mayBeEmpty(value.Value) && (!of.IsString() || of.Text() == "") {
			*removed = append(*removed, strings.TrimPrefix(path+"."+key.Value, "."))
			continue
		}
		withoutUnknown(node.NewValue(value), of, path+"."+key.Value, removed)
		kept = append(kept, key, value)
	}
	v.Node.Content = kept
}

// placer finds the places in a template of what it printed.
type placer struct {
	text, source lined
	parts        []part
}

// lined is a text, and where its lines begin.
type lined struct {
	text  string
	lines []int
}

func newLined(text string) lined {
	l := lined{text, []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			l.lines = append(l.lines, i+1)
		}
	}
	return l
}

// offset is where a line and column are.
func (l lined) offset(line, column int) (offset int, ok bool) {
	if line < 1 || line > len(l.lines) || column < 1 {
		return 0, false
	}
	offset = l.lines[line-1]
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(l.text[offset:])
		offset += size
	}
	return offset, offset < len(l.text)
}

// position is the line and column of an offset.
func (l lined) position(offset int) (line, column int) {
	line, found := slices.BinarySearch(l.lines, offset)
	if found {
		line++
	}
	return line, utf8.RuneCountInString(l.text[l.lines[line-1]:offset]) + 1
}

// place is the position in the template of a position in its output. Of what an action printed it is that of the action.
func (to placer) place(p lint.Position) lint.Position {
	at := lint.Position{File: p.File}
	offset, ok := to.text.offset(p.Line, p.Column)
	i, _ := slices.BinarySearchFunc(to.parts, offset+1, func(p part, at int) int { return p.at - at })
	if !ok || i == 0 || to.parts[i-1].source < 0 {
		return at
	}
	of, end := to.parts[i-1], len(to.text.text)
	if i < len(to.parts) {
		end = to.parts[i].at
	}
	from := of.source
	if of.isText {
		from += offset - of.at
	}
	at.Line, at.Column = to.source.position(from)
	if width := p.EndColumn - p.Column; of.isText && width > 0 && utf8.RuneCountInString(to.text.text[offset:end]) >= width {
		at.EndColumn = at.Column + width
	}
	return at
}
