package trace

import (
	"reflect"
	"strings"
	"testing"
)

// TestKey checks paths of keys.
func TestKey(t *testing.T) {
	root := &Key{Name: ValuesObject}
	k := root.Child("a").element(2).Child("b")
	if got := strings.Join(k.Steps(), " "); got != "a [2] b" || k.Object() != ValuesObject {
		t.Errorf("got %q of %s", got, k.Object())
	}
	if got := k.step("[1]").step("x"); strings.Join(got.Steps(), " ") != "a [2] b [1] x" {
		t.Errorf("got %v", got.Steps())
	}
	name := &Key{Parent: k, IsName: true}
	if got := strings.Join(name.Steps(), " "); got != "a [2] b" {
		t.Errorf("name: got %q", got)
	}
	same := (&Key{Name: ValuesObject}).Child("a").element(2).Child("b")
	for _, tt := range []struct {
		other *Key
		want  bool
	}{{k, true}, {same, true}, {name, false}, {root, false}, {nil, false}, {(&Key{Name: "Release"}).Child("a").element(2).Child("b"), false}} {
		if k.Equal(tt.other) != tt.want {
			t.Errorf("%v: got %v", tt.other, !tt.want)
		}
	}
	if len(root.Steps()) != 0 {
		t.Errorf("got %v", root.Steps())
	}
}

// cloned are identities, and a clone of values for which they know all keys.
func cloned(v map[string]any) (*identities, map[string]any) {
	ids := NewIdentities()
	ids.Snapshot = v
	return ids, ids.Clone(v, &Key{Name: ValuesObject}).(map[string]any)
}

// TestUnchanged checks that keys are known only where a template changed nothing.
func TestUnchanged(t *testing.T) {
	ids, v := cloned(map[string]any{"a": map[string]any{"b": "x", "l": []any{"y"}}, "n": nil})
	at := func(path string) string {
		k := ids.Unchanged(reflect.ValueOf(v), strings.Fields(path))
		if k == nil {
			return "unknown"
		}
		return JoinSteps(k.Steps())
	}
	for path, want := range map[string]string{"a b": "a.b", "a l [0]": "a.l[0]", "a": "a", "a none": "a.none", "n": "n", "a none x": "a.none.x"} {
		if got := at(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	v["a"].(map[string]any)["b"] = "changed"
	v["n"] = "set"
	for path, want := range map[string]string{"a b": "unknown", "n": "unknown", "a l [0]": "a.l[0]"} {
		if got := at(path); got != want {
			t.Errorf("after the change, %s: got %s, want %s", path, got, want)
		}
	}
}

// TestOf checks the origins of strings and their parts.
func TestOf(t *testing.T) {
	ids, v := cloned(map[string]any{"s": "hello", "b": true, "empty": ""})
	s := v["s"].(string)
	if o := ids.Of(s); o == nil || o.Key.Name != "s" {
		t.Errorf("got %v", o)
	}
	if o := ids.Of(s[:2]); o == nil || o.resolve().Text != "he" || o.resolve().Pieces[0].Keys[0].Name != "s" {
		t.Errorf("the start of a string: got %v", o)
	}
	if o := ids.Of(s[1:]); o != nil {
		t.Errorf("a string in the middle of another: got %v", o)
	}
	if o := ids.Of(v["b"]); o == nil || o.Key.Name != "b" {
		t.Errorf("boolean: got %v", o)
	}
	for _, x := range []any{"hello", "", v["empty"], nil, 3, []byte("x"), []byte{}} {
		if o := ids.Of(x); o != nil {
			t.Errorf("%#v: got %v", x, o)
		}
	}
}

// TestResolve checks that an origin that depends on itself, or on very many others, ends.
func TestResolve(t *testing.T) {
	ids := NewIdentities()
	var self *origin
	self = &origin{text: "x", ids: ids, make: func() *Traced { return self.resolve() }}
	if got := self.resolve(); got.Text != "x" || len(got.Pieces) != 1 {
		t.Errorf("got %v", got)
	}
	last := &origin{text: "y", ids: ids, Key: (&Key{Name: ValuesObject}).Child("a")}
	for range maxChain + 100 {
		below := last
		last = &origin{text: "y", ids: ids, make: func() *Traced { return below.resolve() }}
	}
	if got := last.resolve(); got.Text != "y" || got.Pieces[0].Keys != nil {
		t.Errorf("got %v", got.Pieces)
	}
}

// TestAlign checks which parts of a result are found in the text that it was made from.
func TestAlign(t *testing.T) {
	key := func(name, text string) *origin {
		return &origin{text: text, Key: (&Key{Name: ValuesObject}).Child(name)}
	}
	for _, tt := range []struct {
		result string
		from   []*origin
		want   string
	}{
		{`"x"`, []*origin{key("a", "x")}, `function "\""; value "x" a; function "\""`},
		{"x-y", []*origin{key("a", "x"), key("b", "y")}, `value "x" a; function "-"; value "y" b`},
		{"y-x", []*origin{key("a", "x"), key("b", "y")}, `function "y-x" a b`},
		{"  a\n  b", []*origin{key("a", "a\nb")}, `function "  "; value "a" a; function "\n"; function "  "; value "b" a`},
		{"A\nb", []*origin{key("a", "a\nb")}, `value "A\n" a; value "b" a`},
		{"HASH", []*origin{key("a", "x")}, `value "HASH" a`},
		{"HASH", []*origin{key("a", "x\ny")}, `function "HASH" a`},
		{"", nil, ``},
	} {
		if got := describe(align(tt.result, tt.from)); got != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.result, got, tt.want)
		}
	}
}

func TestContentLines(t *testing.T) {
	const text = "a\n\n  b c \n\td"
	var got []string
	for _, l := range contentLines(text) {
		got = append(got, text[l[0]:l[1]])
	}
	if s := strings.Join(got, "|"); s != "a|b c|d" {
		t.Errorf("got %q", s)
	}
}

// TestMeasure checks which values are too large or too deep to print.
func TestMeasure(t *testing.T) {
	deep := any("x")
	for range MaxLevels + 2 {
		deep = []any{deep}
	}
	loop := map[string]any{}
	loop["a"] = loop
	large := strings.Repeat("x", maxString/2)
	for _, tt := range []struct {
		name  string
		value any
		fails bool
	}{
		{"nil", nil, false},
		{"text", "x", false},
		{"numbers", make([]int, maxParts+1), false},
		{"deep", deep, true},
		{"loop", loop, true},
		{"two large texts", []any{large, large}, false},
		{"three large texts", map[string]any{"a": large, "b": large, "c": large}, true},
		{"many parts", make([]any, maxParts+1), true},
	} {
		if err := (&Measured{}).Measure(reflect.ValueOf(tt.value), 0); (err != nil) != tt.fails {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}
