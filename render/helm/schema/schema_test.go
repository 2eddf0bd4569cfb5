package schema

import "testing"

// TestOutsideOf checks that the reference which a note names does not depend on what the compiler meets first.
func TestOutsideOf(t *testing.T) {
	schema := []byte(`{"a": {"$ref": "https://b.example.com/s.json#/x"}, "b": {"$ref": "https://a.example.com/s.json"}, "c": {"$ref": "#/a"}}`)
	for _, met := range []string{"https://b.example.com/s.json", "https://a.example.com/s.json"} {
		if got := OutsideOf(schema, met); got != "https://a.example.com/s.json" {
			t.Errorf("met %s: got %s", met, got)
		}
	}
	if got := OutsideOf([]byte(`{}`), "file:///x.json"); got != "file:///x.json" {
		t.Errorf("without a reference in the text: got %s", got)
	}
}
