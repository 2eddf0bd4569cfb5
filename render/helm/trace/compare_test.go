package trace

import (
	"fmt"
	"strings"
	"testing"
	"text/template"
)

// TestCompare compares eq and ne with text/template's own, on all pairs.
func TestCompare(t *testing.T) {
	values := map[string]any{
		"nil": nil, "true": true, "false": false, "zero": 0, "one": 1, "one64": int64(1), "uone": uint(1), "neg": -1, "float": 1.0,
		"s": "a", "empty": "", "map": map[string]any{"a": 1}, "nilmap": map[string]any(nil), "list": []any{1}, "nillist": []any(nil),
		"complex": complex(1, 0), "pointer": &struct{}{}, "struct": struct{ A int }{1},
	}
	run := func(text string, own bool) string {
		tm := template.New("t")
		if own {
			tm.Funcs(template.FuncMap{"eq": TemplateEq, "ne": TemplateNe})
		}
		var b strings.Builder
		if err := template.Must(tm.Parse(text)).Execute(&b, values); err != nil {
			return "error"
		}
		return b.String()
	}
	for _, a := range SortedKeys(values) {
		for _, b := range SortedKeys(values) {
			for _, form := range []string{"{{ eq .%s .%s }}", "{{ ne .%s .%s }}", "{{ eq .%s \"x\" .%s }}", "{{ .%s | eq .%s }}"} {
				text := fmt.Sprintf(form, a, b)
				if got, want := run(text, true), run(text, false); got != want {
					t.Errorf("%s: got %s, want %s", text, got, want)
				}
			}
		}
	}
}
