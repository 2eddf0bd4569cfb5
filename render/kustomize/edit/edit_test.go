package edit

import (
	"strings"
	"testing"

	"github.com/kubevet/kubevet/render/manifest"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing to do", "a: b\n---\nc: d\n", "a: b\n---\nc: d\n"},
		{"broken document", "a: b\n---\nx: [\n---\nc: d\n", "a: b\n---\n    \n---\nc: d\n"},
		{"broken first document", "x: [\ny\n---\nc: d\n", "    \n \n---\nc: d\n"},
		{"broken last document", "a: b\n---\nx: [\n", "a: b\n---\n    \n"},
		{"repeated key", "a: 1\nb: 2\na: 3\n", "    \nb: 2\na: 3\n"},
		{"repeated mapping", "a:\n  b: é\nc: d\na: e\n", "  \n      \nc: d\na: e\n"},
		{"in a list", "l:\n- a: 1\n  a: 2\n", "l:\n-     \n  a: 2\n"},
		{"in flow style", "{a: 1, b: 2, a: 3}\n", "{      b: 2, a: 3}\n"},
		{"three times", "a: 1\na: 2\na: 3\n", "    \n    \na: 3\n"},
		{"CRLF", "a: 1\r\na: 2\r\n", "    \r\na: 2\r\n"},
	} {
		got, ok := Clean([]byte(tt.text), manifest.Documents([]byte(tt.text)), false)
		// Blanks at the end of a blanked document are left as they come.
		if !ok || strings.ReplaceAll(string(got), " ", "") != strings.ReplaceAll(tt.want, " ", "") || strings.Count(string(got), "\n") != strings.Count(tt.text, "\n") {
			t.Errorf("%s: %q (%v), want %q", tt.name, got, ok, tt.want)
		}
	}
}

func TestCleanPatch(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"repeated key", "a: 1\nb: 2\na: 3\n", "a: 1\nb: 2\n    \n"},
		{"last in a mapping", "m:\n  a: 1\n  a:\n    - x\n  # c\nn: 2\n", "m:\n  a: 1\n    \n       \n     \nn: 2\n"},
		{"list that is not indented", "l:\n- a:\n  - 1\n  a:\n  - 2\n- b: 1\n", "l:\n- a:\n  - 1\n\n\n- b: 1\n"},
		{"in braces", "m: {a: 1, a: \"}\"}\nn: {b: it's, b: {c: [1]}}\n", "m: {a: 1,       }\nn: {b: it's,            }\n"},
		{"block of text", "a: 1\na: |\n  x\n\n  y\n---\nb: 1\n", "a: 1\n\n\n\n\n---\nb: 1\n"},
		{"in what is taken out", "a: 1\na:\n  b: 1\n  b: 2\nc: 3\n", "a: 1\n\n\n\nc: 3\n"},
		{"operations", "- op: a\n  op: b\n", "-\n  op: b\n"},
	} {
		got, ok := Clean([]byte(tt.text), manifest.Documents([]byte(tt.text)), true)
		if !ok || strings.ReplaceAll(string(got), " ", "") != strings.ReplaceAll(tt.want, " ", "") || len(got) != len(tt.text) {
			t.Errorf("%s: %q (%v), want %q", tt.name, got, ok, tt.want)
		}
	}
}

func TestPad(t *testing.T) {
	const text = "---\na: b\n---\nc: d\n"
	left := 100
	got, ok := Pad([]byte(text), 10, &left)
	if want := "---\n" + strings.Repeat("\n", 10) + "a: b\n---\n" + strings.Repeat("\n", 13) + "c: d\n"; string(got) != want || !ok || left != 77 {
		t.Errorf("%q, %d left", got, left)
	}
	left = 12
	if got, ok = Pad([]byte(text), 10, &left); !ok || strings.Count(string(got), "\n") != 14 {
		t.Errorf("with few blank lines: %q", got)
	}
	long := "a: b\n" + strings.Repeat("# c\n", maxDocument)
	if _, ok = Pad([]byte(long), 10, &left); ok {
		t.Error("a long document keeps lines that are those of others")
	}
}
