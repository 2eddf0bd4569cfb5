package node

import "testing"

func TestPointed(t *testing.T) {
	doc := map[string]any{"a/b": map[string]any{"~1": "key"}, "l": []any{"zero", map[string]any{"": "empty"}}}
	for pointer, want := range map[string]any{
		"a~1b/~01": "key", "l/0": "zero", "l/1/": "empty",
		"": nil, "a": nil, "l/2": nil, "l/-1": nil, "l/x": nil, "l/0/more": nil,
	} {
		if got, ok := Pointed(doc, pointer); got != want || ok != (want != nil) {
			t.Errorf("%q leads to %v, %t; want %v", pointer, got, ok, want)
		}
	}
}
