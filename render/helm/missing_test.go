package helm

import (
	"strings"
	"testing"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// TestFieldIn finds fields in the source of blocks.
func TestFieldIn(t *testing.T) {
	for _, tt := range []struct {
		text, field string
		column      int
		value       string
		first, ok   bool
	}{
		{"a: 1\n", "a", 0, "1\n", true, true},
		{"\n  b:\n    a: 1\n", "a", 4, "1\n", false, true},
		{"\n  - a:  {{ .x }}", "a", 4, "{{ .x }}", false, true},
		{"ba: 1\n  xa: a: 2\n  a:", "a", 2, "", false, true},
		{"x: a: 1\n-  a: 1", "a", 0, "", false, false},
		{"# a: 1", "a", 0, "", false, false},
		{"a", "a", 0, "", false, false},
		{"\t- a:\t1", "a", 3, "1", true, true},
		{"\n- name: next\n  a: 1", "a", 0, "", false, false}, // of another element
		{"\n  a: 1\n- name: next", "a", 2, "1\n- name: next", false, true},
		{strings.Repeat("x: a:", 3), "a", 0, "", false, false},
	} {
		if column, value, first, ok := trace.FieldIn(tt.text, tt.field); column != tt.column || value != tt.value || first != tt.first || ok != tt.ok {
			t.Errorf("%q: got %d %q %v %v", tt.text, column, value, first, ok)
		}
	}
}
