package node

import (
	"encoding/base64"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestIsLeftOut(t *testing.T) {
	read := func(text string) Value {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(text), &n); err != nil {
			t.Fatal(err)
		}
		return NewValue(Root(&n))
	}
	encoded := base64.StdEncoding.EncodeToString([]byte("one two three"))
	part := base64.StdEncoding.EncodeToString([]byte("one three\n"))
	for _, tt := range []struct {
		path, was, now string
		want           bool
	}{
		{"a.b", "a: {b: x}", "a: {b: y}", false},
		{"a.b", "a: {b: x}", "a: {b: ''}", true},
		{"a.b", "a: {b: x}", "a: {b: }", true},
		{"a.b", "a: {b: x}", "a: {c: x}", false},
		{"a.b", "a: {b: x, d: x}", "a: {d: x}", true},
		{"a.b", "a: {b: x}", "d: x", false},
		{"a.b", "a: {b: x}", "{}", true},
		{"data.b", "data: {b: x}", "data: {c: x}", true},
		{"data.b", "data: {b: one two three}", "data: {b: one three}", true},
		{"data.b", "data: {b: one two three}", "data: {b: one four three}", false},
		{"data.b", "data: {b: one two}", "data: {b: two one three}", false},
		{"data.b", "data: {b: " + encoded + "}", "data: {b: " + part + "}", true},
		{"data.b", "data: {b: " + encoded + "}", "data: {b: " + base64.StdEncoding.EncodeToString([]byte("four")) + "}", false},
		{"env[0].value", "env: [{name: a, value: x}]", "env: [{name: b, value: x}, {name: a, valueFrom: {}}]", false},
		{"env[0].value", "env: [{name: a, value: x}, {name: b}]", "env: [{name: b}]", true},
		{"l[1]", "l: [a, b]", "l: [a]", true},
		{"l[0]", "l: [a, b]", "l: [b]", false},
		{"a", "a: [b]", "a: []", true},
		{"a", "a: [b]", "a: [c]", false},
		{"a", "a: {b: c}", "a: c", false},
	} {
		if got := read(tt.was).IsLeftOut(tt.path, read(tt.now)); got != tt.want {
			t.Errorf("%s of %s in %s: %v", tt.path, tt.was, tt.now, got)
		}
	}
}
