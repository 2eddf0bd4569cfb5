package gitops

import (
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/strvals"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/tree"
)

// objectValues takes the values of charts from objects, so that each key of them
// is known to be where a person edits the object.
type objectValues struct {
	tree *tree.Tree
	mu   *sync.Mutex // objects are asked for one place at a time
}

// placed is a place that is claimed only if it is sure; else the file is.
func placed(o lint.Origin) lint.Position {
	if o.Precision != lint.PrecisionExact {
		return lint.Position{File: o.File}
	}
	return o.Position
}

// mapping is the values that an object holds as a mapping.
func (ov *objectValues) mapping(o *lint.Object, v lint.Value) (helm.ValuesFile, error) {
	f := helm.ValuesFile{Name: ov.locate(o, v).File, LineAt: ov.tree.LineAt}
	if v.Node.Style&yaml.FlowStyle == 0 {
		f.Top = ov.locate(o, v.AtKey())
	}
	f.At = func(steps []string) lint.Position {
		at, key := v, ""
		for _, s := range steps {
			if at, key = next(at, s), s; !at.IsSet() {
				break
			}
		}
		return ov.keyOf(key, at, ov.locate(o, at))
	}
	n, _ := node.Expand(v.Node, maxValueNodes)
	if n == nil {
		return f, errors.New("too large")
	}
	var err error
	f.Data, err = yaml.Marshal(n)
	return f, err
}

func (ov *objectValues) locate(o *lint.Object, v lint.Value) lint.Position {
	ov.mu.Lock()
	defer ov.mu.Unlock()
	return placed(o.Locate(v))
}

// keyOf is the position of the key of a scalar, if it is on the line of the scalar: a patch that changes
// the scalar has a key of its own.
func (ov *objectValues) keyOf(key string, v lint.Value, at lint.Position) lint.Position {
	if !v.IsScalar() || v.Key() == nil || at.Column == 0 {
		return at
	}
	text := []rune(ov.tree.LineAt(at))
	before := strings.TrimRight(string(text[:min(at.Column-1, len(text))]), " \t")
	before = strings.TrimSuffix(before, ":")
	if before, ok := strings.CutSuffix(before, key); ok {
		at.Column = utf8.RuneCountInString(before) + 1
	}
	return at
}

// origin is where a value is edited, without the trail.
func (ov *objectValues) origin(o *lint.Object, v lint.Value) lint.Origin {
	ov.mu.Lock()
	defer ov.mu.Unlock()
	at := o.Locate(v)
	at.Trail = nil
	return at
}

func next(v lint.Value, step string) lint.Value {
	if i, err := strconv.Atoi(strings.Trim(step, "[]")); err == nil && v.IsList() {
		if items := slices.Collect(v.Items()); i < len(items) {
			return items[i]
		}
	}
	return v.Child(step)
}

// maxValueNodes limits how many nodes aliases may expand to.
const maxValueNodes = 100_000

// text is the values that an object holds as a text of YAML.
func (ov *objectValues) text(o *lint.Object, v lint.Value, content string) helm.ValuesFile {
	at := ov.locate(o, v)
	f := helm.ValuesFile{Name: at.File, Data: []byte(content), LineAt: ov.tree.LineAt}
	if v.Node.Style&yaml.LiteralStyle != 0 && v.Node.Value == content { // no base64
		f.Top = ov.locate(o, v.AtKey())
	}
	within := f.Positions()
	f.At = func(steps []string) lint.Position {
		p, ok := within(steps)
		if !ok || at.Line == 0 || v.Node.Style&yaml.LiteralStyle == 0 {
			return at
		}
		in := line(f.Data, p.Line)
		name, ok := ov.tree.Name(at.File)
		data, err := ov.tree.ReadFile(name)
		if !ok || err != nil {
			return at
		}
		there := line(data, at.Line+p.Line)
		if strings.TrimSpace(there) != strings.TrimSpace(in) {
			return at
		}
		indent := strings.Index(there, strings.TrimSpace(in)) - strings.Index(in, strings.TrimSpace(in))
		p.Line, p.Column = p.Line+at.Line, p.Column+indent
		if p.EndColumn > 0 {
			p.EndColumn += indent
		}
		return p
	}
	return f
}

// line is a line of a text, counted from 1.
func line(data []byte, n int) string {
	lines := strings.SplitN(string(data), "\n", n+1)
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.TrimSuffix(lines[n-1], "\r")
}

// setting is a value that an object sets as helm's --set does; asString as
// --set-string does.
func (ov *objectValues) setting(o *lint.Object, v lint.Value, key, value string, asString bool) (helm.ValuesFile, error) {
	parse := strvals.Parse
	if asString {
		parse = strvals.ParseString
	}
	at := ov.locate(o, v)
	f := helm.ValuesFile{Name: at.File, At: func([]string) lint.Position { return at }}
	m, err := parse(key + "=" + value)
	if err == nil {
		f.Data, err = k8syaml.Marshal(m)
	}
	return f, err
}

// content is a value that an object sets to a text, as helm's --set-file does.
func (ov *objectValues) content(o *lint.Object, v lint.Value, key, text string) (helm.ValuesFile, error) {
	at := ov.locate(o, v)
	f := helm.ValuesFile{Name: at.File, At: func([]string) lint.Position { return at }}
	m := map[string]any{}
	err := strvals.ParseIntoFile(key+"=text", m, func([]rune) (any, error) { return text, nil })
	if err == nil {
		f.Data, err = k8syaml.Marshal(m)
	}
	return f, err
}

// isValues reports whether a text is a mapping, as values must be.
func isValues(content string) bool {
	m := map[string]any{}
	return k8syaml.Unmarshal([]byte(content), &m) == nil
}

// dataOf is an entry of a ConfigMap or Secret: its content, and its place.
func dataOf(o *lint.Object, key string) (content string, v lint.Value, ok bool) {
	if v = o.Root.Get("stringData").Child(key); o.Kind == "Secret" && v.IsScalar() {
		return v.Node.Value, v, true
	}
	if v = o.Root.Get("data").Child(key); !v.IsScalar() {
		return "", v, false
	}
	if o.Kind != "Secret" {
		return v.Node.Value, v, true
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(v.Node.Value), ""))
	return string(data), v, err == nil
}

// rawText is a scalar as it is written, placeholders included.
func rawText(v lint.Value) string {
	if !v.IsScalar() {
		return ""
	}
	return v.Node.Value
}
