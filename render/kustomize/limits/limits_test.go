package limits

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func parse(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

func TestNodes(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x]\n")
	for i := range 50 {
		fmt.Fprintf(&bomb, "a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	for _, tt := range []struct {
		name, text string
		nodes      int
	}{
		{"scalar", "a", 1},
		{"mapping", "a: b\nc: [d]\n", 6},
		{"alias counts as its anchor", "a: &x [b, c]\nd: *x\n", 9},
		{"merge key", "a: &x {b: c}\nd: {<<: *x}\n", 11},
		{"doubling", bomb.String(), maxNodes},
		{"alias of itself", "a: b\nx: &m\n  c: *m\n", 7},
	} {
		if got := Nodes(parse(t, tt.text)); got != tt.nodes {
			t.Errorf("%s: %d nodes, want %d", tt.name, got, tt.nodes)
		}
	}
	if got := Nodes(nil); got != 0 {
		t.Errorf("nil has %d nodes", got)
	}
}

func TestCopies(t *testing.T) {
	path := func(s string) []string { return strings.Split(s, ".") }
	for _, tt := range []struct {
		name    string
		copies  [][2]string
		appends bool
		nested  int
	}{
		{"separate", [][2]string{{"spec.a", "spec.b"}, {"spec.a", "spec.c"}, {"metadata.name", "spec.d"}}, false, 0},
		{"into itself", [][2]string{{"spec", "spec.x"}, {"spec", "spec.y"}}, false, 2},
		{"onto itself", [][2]string{{"spec.a", "spec.a"}}, false, 0},
		{"by turns", [][2]string{{"a", "b.x"}, {"b", "a.x"}, {"a", "b.y"}}, false, 2},
		{"part of a copy", [][2]string{{"a", "b"}, {"b.c", "d"}}, false, 0},
		{"elements", [][2]string{{"l.0", "l.-"}, {"l.3", "m"}}, false, 0},
		{"list of an element", [][2]string{{"l.0", "l.-"}, {"l", "m"}}, false, 1},
		{"several places", [][2]string{{"l", "l.*.x"}}, false, severalPlaces},
		{"text appended to itself", [][2]string{{"a", "a"}, {"a", "b"}, {"c", "a"}}, true, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c Copies
			for _, p := range tt.copies {
				c.Copy(path(p[0]), path(p[1]), tt.appends)
			}
			if c.Nested != tt.nested || c.Total != len(tt.copies) {
				t.Errorf("%d nested of %d, want %d of %d", c.Nested, c.Total, tt.nested, len(tt.copies))
			}
		})
	}
	var moved Copies
	moved.Move(path("c.x"))
	moved.Copy(path("c"), path("d"), false)
	if moved.Nested != 1 {
		t.Error("a copy of what was moved is not nested")
	}
}

func TestPattern(t *testing.T) {
	if small, large := Pattern("Deployment|StatefulSet"), Pattern(strings.Repeat("(a?){900}", 20)); small == 0 || small > 100 || large < 10_000 {
		t.Errorf("%d and %d steps", small, large)
	}
	if n := Pattern("("); n != 0 {
		t.Errorf("an invalid expression has %d steps", n)
	}
}

func TestOpenAPI(t *testing.T) {
	for _, tt := range []struct {
		name, schema string
		bad          bool
	}{
		{"no JSON", "{", false},
		{"plain", `{"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"type": "object"}}}`, false},
		{"recursive type", `{"definitions": {"a": {"properties": {"a": {"$ref": "#/definitions/a"}}}}}`, false},
		{"nothing there", `{"definitions": {"a": {"$ref": "#/definitions/none"}}, "b": {"$ref": "other.json"}}`, false},
		{"itself", `{"definitions": {"a": {"$ref": "#/definitions/a"}}}`, true},
		{"two of each other", `{"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}}`, true},
		{"into a list", `{"x": [{"$ref": "#/x/0"}]}`, true},
		{"escaped", `{"a/b": {"$ref": "#/a~1b"}}`, true},
	} {
		if err := OpenAPI([]byte(tt.schema)); (err != nil) != tt.bad {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestCRDs(t *testing.T) {
	doubling := map[string]string{}
	var types []string
	for i := range 30 {
		types = append(types, fmt.Sprintf(`"t%d": {"Schema": {"properties": {"a": {"$ref": "t%d"}, "b": {"$ref": "t%d"}}}}`, i, i+1, i+1))
	}
	doubling["doubling"] = "{" + strings.Join(types, ",") + "}"
	types = nil
	for i := range maxTypes + 2 {
		types = append(types, fmt.Sprintf(`"t%03d": {"Schema": {"properties": {"a": {"$ref": "t%03d"}}}}`, i, i+1))
	}
	doubling["in a row"] = "{" + strings.Join(types, ",") + "}"
	for name, text := range doubling {
		if err := CRDs([]byte(text)); err == nil || errors.Is(err, errCircle) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, tt := range []struct {
		name, definitions string
		bad               bool
	}{
		{"no JSON", "[", false},
		{"plain", `{"a": {"Schema": {"properties": {"x": {"$ref": "b"}, "y": {"type": "string"}}}}, "b": {}}`, false},
		{"itself", `{"a": {"Schema": {"properties": {"x": {"$ref": "a"}}}}}`, true},
		{"two of each other", `{"a": {"Schema": {"properties": {"x": {"$ref": "b"}}}}, "b": {"schema": {"Properties": {"x": {"$ref": "a"}}}}}`, true},
	} {
		if err := CRDs([]byte(tt.definitions)); errors.Is(err, errCircle) != tt.bad {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
