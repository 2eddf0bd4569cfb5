package schema

import (
	"errors"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestOrderOfAlternatives checks that what is wrong with an alternative is in the same order each time: the library goes over a map.
func TestOrderOfAlternatives(t *testing.T) {
	schema := []byte(`{"anyOf": [{"type": "string"}, {"properties": {"d": {"type": "string"}, "b": {"type": "string"}, "a": {"type": "string"}, "c": {"type": "string"}}}]}`)
	for range 50 {
		_, err := new(Schemas).Check(schema, map[string]any{"a": 1, "b": 1, "c": 1, "d": 1})
		invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
		if !ok {
			t.Fatal(err)
		}
		const want = "no alternative fits: got object, want string; or a: got number, want string; or b: got number, want string; " +
			"or c: got number, want string; or d: got number, want string"
		if l := Violations(invalid, nil); len(l) != 1 || l[0].Message != want {
			t.Fatalf("got %v", l)
		}
	}
}

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

// TestDangling checks that the reference which a problem names does not depend on what the compiler meets first, and has its line.
func TestDangling(t *testing.T) {
	const schema = "{\"properties\": {\n\"a\": {\"$ref\": \"#/definitions/list/allOf/0\"},\n\"b\": {\"$ref\": \"#/definitions/x~1y%20z\"},\n" +
		"\"d\": {\"$ref\": \"#/definitions/second\"}, \"c\": {\"$ref\": \"#/definitions/first\"}},\n" +
		"\"definitions\": {\"x/y z\": {}, \"list\": {\"allOf\": [{}]}}}"
	for range 20 {
		_, err := new(Schemas).Check([]byte(schema), nil)
		lacks, ok := errors.AsType[*jsonschema.JSONPointerNotFoundError](err)
		if !ok {
			t.Fatal(err)
		}
		if ref, line := Dangling([]byte(schema), lacks); ref != "#/definitions/second" || line != 4 {
			t.Fatalf("got %s in line %d", ref, line)
		}
	}
}
