package ignore

import (
	"strings"
	"testing"
)

// The line to insert above is marked with a trailing »; the comment that is
// expected is in the wanted text.
func TestInsert(t *testing.T) {
	for _, c := range []struct {
		name, file, text, want string
		whole                  bool
	}{
		{"manifest", "a.yaml", "a:\n  b: 1»\n", "a:\n  # kubevet:ignore no-host-pid <reason>\n  b: 1\n", false},
		{"first line", "a.yaml", "a: 1»\n", "# kubevet:ignore no-host-pid <reason>\na: 1\n", false},
		{"last line without an end", "a.yaml", "a: 1\nb: 2»", "a: 1\n# kubevet:ignore no-host-pid <reason>\nb: 2", false},
		{"windows", "a.yaml", "a:\r\n  b: 1»\r\n", "a:\r\n  # kubevet:ignore no-host-pid <reason>\r\n  b: 1\r\n", false},
		{"element of a list", "a.yaml", "a:\n- b: 1»\n  c: 2\n", "a:\n# kubevet:ignore no-host-pid <reason>\n- b: 1\n  c: 2\n", false},
		{"within a block of text", "a.yaml", "a: |\n  one\n  two»\n", "", false},
		{"within a folded value", "a.yaml", "a: one\n  two»\n", "", false},
		{"within quotes", "a.yaml", "a: \"one\n  two\"»\n", "", false},
		{"flow style", "a.yaml", "a: {\n  b: 1»\n}\n", "a: {\n  # kubevet:ignore no-host-pid <reason>\n  b: 1\n}\n", false},
		{"JSON", "a.json", "{\n\"a\": 1»\n}\n", "", false},
		{"no such line", "a.yaml", "a: 1\n", "", false},
		{"broken", "a.yaml", "a: [1\nb: 2»\n", "", false},
		{"whole object", "a.yaml", "kind: Pod»\nspec: {}\n", "# kubevet:ignore no-host-pid <reason>\nkind: Pod\nspec: {}\n", true},
		{"not at the head of one", "a.yaml", "kind: Pod\nspec: {}»\n", "", true},
		{
			"template", "c/templates/a.yaml", "a:\n  b: {{ .Values.b }}»\n",
			"a:\n  {{- /* kubevet:ignore no-host-pid <reason> */}}\n  b: {{ .Values.b }}\n", false,
		},
		{
			"helper", "c/templates/_h.tpl", "{{- define \"h\" }}\nb: 1»\n{{- end }}\n",
			"{{- define \"h\" }}\n{{- /* kubevet:ignore no-host-pid <reason> */}}\nb: 1\n{{- end }}\n", false,
		},
		{
			"helper that trims", "c/templates/_h.tpl", "{{- define \"h\" -}}\n{{ .Values.image }}»\n{{- end }}\n",
			"{{- define \"h\" -}}\n{{- /* kubevet:ignore no-host-pid <reason> */ -}}\n{{ .Values.image }}\n{{- end }}\n", false,
		},
		{"within an action", "c/templates/a.yaml", "a: {{ include\n  \"b\" . }}»\n", "", false},
		{"broken template", "c/templates/a.yaml", "a: {{ if }}\nb: 1»\n", "", false},
		{
			"template without actions", "c/templates/a.yaml", "a:\n  b: 1»\n",
			"a:\n  # kubevet:ignore no-host-pid <reason>\n  b: 1\n", false,
		},
	} {
		line := 1 + strings.Count(c.text[:max(strings.Index(c.text, "»"), 0)], "\n")
		if !strings.Contains(c.text, "»") {
			line = 9
		}
		text := strings.Replace(c.text, "»", "", 1)
		in, ok := Insert(c.file, []byte(text), line, "no-host-pid", c.whole)
		if ok != (c.want != "") {
			t.Errorf("%s: %+v, %t", c.name, in, ok)
			continue
		}
		if !ok {
			continue
		}
		lines := strings.SplitAfter(text, "\n")
		end := "\n"
		if strings.Contains(text, "\r") {
			end = "\r\n"
		}
		got := strings.Join(lines[:in.Line-1], "") + in.Text + end + strings.Join(lines[in.Line-1:], "")
		if got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, c.want)
		}
		for _, d := range Scan(c.file, []byte(got)) {
			if d.Fault == nil || !strings.Contains(d.Fault.Message, "<reason>") {
				t.Errorf("%s: the placeholder is taken for a reason: %+v", c.name, d)
			}
		}
	}
}
