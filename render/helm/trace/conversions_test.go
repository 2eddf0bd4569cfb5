package trace

import (
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestConversions checks that what is kept of a conversion is what Helm's own function makes, and that nobody changes it for others.
func TestConversions(t *testing.T) {
	var c Conversions
	const text = "a: {b: [1, x]}\nn: null\n"
	first := c.parse(text)
	want := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, want) {
		t.Fatalf("got %v, want %v", first, want)
	}
	first["a"].(map[string]any)["b"].([]any)[1] = "changed"
	first["more"] = true
	if again := c.parse(text); !reflect.DeepEqual(again, want) {
		t.Errorf("the second time: got %v, want %v", again, want)
	}
	for _, v := range []any{want, nil, "text", []any{1, true}, map[string]any{}, make(chan int)} {
		data, err := yaml.Marshal(v)
		helms := strings.TrimSuffix(string(data), "\n")
		if err != nil {
			helms = ""
		}
		for range 2 {
			if got := c.marshal(v); got != helms {
				t.Errorf("%v: got %q, want %q", v, got, helms)
			}
		}
	}
}

// TestConversionsAreLimited checks that what is too much is converted all the same, and not kept.
func TestConversionsAreLimited(t *testing.T) {
	var c Conversions
	long := "a: " + strings.Repeat("x", maxConversions/sizeOfValues)
	if got := c.parse(long)["a"]; got != long[len("a: "):] {
		t.Errorf("got %d bytes", len(got.(string)))
	}
	if c.size != 0 || len(c.fromYAML) != 0 {
		t.Errorf("%d bytes are kept", c.size)
	}
}
