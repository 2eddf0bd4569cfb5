package ignore

import (
	"bytes"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"
	template "text/template/parse"

	"go.yaml.in/yaml/v3"
)

// Insertion is a line to put into a file, above another.
type Insertion struct {
	// Line is the one below, counted from 1.
	Line int
	// Text is the new line, without its end.
	Text string
}

// Insert finds the comment that ignores a rule on a line of a file, or, if whole
// is set, in the object whose first line that is. The reason is a Placeholder.
// The second result is false if no comment would do: the file knows none, or
// one there would not be read, or would change what the file says.
func Insert(file string, text []byte, line int, rule string, whole bool) (Insertion, bool) {
	lines := strings.SplitAfter(string(text), "\n")
	if line < 1 || line > len(lines) || path.Ext(file) == ".json" {
		return Insertion{}, false
	}
	at := lines[line-1]
	indent := at[:len(at)-len(strings.TrimLeft(at, " \t"))]
	end := "\n"
	if strings.HasSuffix(at, "\r\n") {
		end = "\r\n"
	}
	forms, same := []string{"# %s"}, sameYAML
	if isTemplate(file, text) {
		forms, same = []string{"{{- /* %s */}}", "{{- /* %s */ -}}"}, sameTemplate
	}
	for _, form := range forms {
		comment := func(reason string) string {
			return indent + strings.Replace(form, "%s", word+" "+rule+" "+reason, 1)
		}
		after := strings.Join(lines[:line-1], "") + comment("a reason") + end + strings.Join(lines[line-1:], "")
		if counts(file, after, line, rule, whole) && same(string(text), after) {
			return Insertion{line, comment(Placeholder)}, true
		}
	}
	return Insertion{}, false
}

// counts reports whether the comment on a line applies to the line below, or
// for its object.
func counts(file, text string, line int, rule string, whole bool) bool {
	for _, d := range Scan(file, []byte(text)) {
		if d.Line != line || d.Fault != nil || len(d.Rules) != 1 || d.Rules[0] != rule {
			continue
		}
		return !whole && d.Lines.Has(line+1) || whole && d.Object.Has(line+1)
	}
	return false
}

// isTemplate reports whether a file is a template of a chart rather than YAML.
func isTemplate(file string, text []byte) bool {
	switch path.Ext(file) {
	case ".tpl", ".txt":
		return true
	}
	return strings.Contains("/"+file, "/templates/") && bytes.Contains(text, []byte("{{"))
}

// sameYAML reports whether two texts are the same YAML, but for comments.
func sameYAML(a, b string) bool {
	x, y := yaml.NewDecoder(strings.NewReader(a)), yaml.NewDecoder(strings.NewReader(b))
	for {
		var m, n yaml.Node
		errA, errB := x.Decode(&m), y.Decode(&n)
		switch {
		case errors.Is(errA, io.EOF) && errors.Is(errB, io.EOF):
			return true
		case errA != nil || errB != nil || !sameNode(&m, &n):
			return false
		}
	}
}

func sameNode(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Tag != b.Tag || a.Value != b.Value || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !sameNode(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// sameTemplate reports whether two templates print the same, but for empty lines.
func sameTemplate(a, b string) bool {
	x, ok := templates(a)
	y, ok2 := templates(b)
	if !ok || !ok2 || len(x) != len(y) {
		return false
	}
	for name, text := range x {
		if y[name] != text {
			return false
		}
	}
	return true
}

var emptyLines = regexp.MustCompile(`\n([ \t\r]*\n)+`)

// templates parses a text: each template by its name, without comments.
func templates(text string) (map[string]string, bool) {
	trees := map[string]*template.Tree{}
	t := template.New("")
	t.Mode = template.SkipFuncCheck
	if _, err := t.Parse(text, "", "", trees); err != nil {
		return nil, false
	}
	out := map[string]string{}
	for name, tree := range trees {
		if tree.Root != nil {
			out[name] = emptyLines.ReplaceAllString(tree.Root.String(), "\n")
		}
	}
	return out, true
}
