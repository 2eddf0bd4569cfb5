package trace

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestJoin(t *testing.T) {
	a := make([]string, 1, 4)
	a[0] = "a"
	b, c := Join(a, "b"), Join(a, "c")
	if !slices.Equal(b, []string{"a", "b"}) || !slices.Equal(c, []string{"a", "c"}) {
		t.Errorf("got %v and %v", b, c)
	}
}

func TestValueAt(t *testing.T) {
	v := map[string]any{"a": map[string]any{"b": []any{"x", map[string]any{"c": 1}}}, "n": nil, "m": map[string]string{"k": "v"}}
	for _, tt := range []struct {
		steps string
		want  any
		ok    bool
	}{
		{"a b [0]", "x", true},
		{"a b [1] c", 1, true},
		{"n", nil, true},
		{"m k", "v", true},
		{"a none", nil, false},
		{"a b [2]", nil, false},
		{"a b c", nil, false},
		{"n x", nil, false},
		{"a b [0] x", nil, false},
	} {
		if got, ok := ValueAt(v, strings.Fields(tt.steps)); ok != tt.ok || got != tt.want {
			t.Errorf("%s: got %v, %v", tt.steps, got, ok)
		}
	}
	if got, ok := ValueAt(v, nil); !ok || !isMap(got) {
		t.Errorf("no steps: got %v, %v", got, ok)
	}
}

func isMap(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

func TestChildNode(t *testing.T) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(`
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
one: {<<: *base, a: 5}
both: {<<: [*base, *more]}
list: [x, *base]
alias: *base
twice: {a: 1}
`), &doc); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ steps, want string }{
		{"base a", "1"},
		{"one a", "5"},
		{"one b", "2"},
		{"both b", "2"},
		{"both c", "4"},
		{"list [0]", "x"},
		{"list [1] a", "1"},
		{"list [2]", ""},
		{"list a", ""},
		{"alias b", "2"},
		{"one none", ""},
		{"base a x", ""},
	} {
		n := doc.Content[0]
		for step := range strings.FieldsSeq(tt.steps) {
			_, n = ChildNode(n, step)
		}
		got := ""
		if n != nil {
			got = n.Value
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.steps, got, tt.want)
		}
	}
	var loop yaml.Node
	loop = yaml.Node{Kind: yaml.AliasNode, Alias: &loop}
	if k, v := ChildNode(&loop, "a"); k != nil || v != nil {
		t.Error("an alias of itself has an entry")
	}
}

func TestEqualAndPrintsAs(t *testing.T) {
	for _, tt := range []struct {
		a, b any
		want bool
	}{
		{1, 1.0, true},
		{int64(2), 2, true},
		{1, "1", false},
		{"a", "a", true},
		{true, true, true},
		{true, "true", false},
		{nil, nil, true},
		{nil, "", false},
		{map[string]any{}, map[string]any{"a": 1}, true},
		{map[string]any{}, []any{}, false},
		{map[string]any{}, nil, false},
	} {
		if got := Equal(tt.a, tt.b); got != tt.want {
			t.Errorf("Equal(%#v, %#v) = %v", tt.a, tt.b, got)
		}
	}
	for _, tt := range []struct {
		text  string
		value any
		want  bool
	}{
		{"a", "a", true},
		{" a\n", "a", true},
		{`"a"`, "a", true},
		{"a", "b", false},
		{"1", 1.0, true},
		{`"1"`, 1.0, false},
		{"0x10", 16, true},
		{"true", true, true},
		{"{}", map[string]any{"a": 1}, true},
		{"[]", []any{}, true},
		{"a", map[string]any{}, false},
		{"a: b", "a: b", true},
		{strings.Repeat("x", 5000), "y", false},
	} {
		if got := PrintsAs(tt.text, tt.value); got != tt.want {
			t.Errorf("PrintsAs(%.20q, %#v) = %v", tt.text, tt.value, got)
		}
	}
}

func TestJoinSteps(t *testing.T) {
	for _, tt := range []struct {
		steps []string
		want  string
	}{
		{[]string{"a", "b"}, "a.b"},
		{[]string{"a", "[0]", "b"}, "a[0].b"},
		{[]string{"a.b", "c"}, `["a.b"].c`},
		{[]string{"a", `x"y`}, `a["x\"y"]`},
		{[]string{"[x]"}, `["[x]"]`},
		{nil, ""},
	} {
		if got := JoinSteps(tt.steps); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.steps, got, tt.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	if got := OneLine(" a\n\t b "); got != "a b" {
		t.Errorf("got %q", got)
	}
	long := OneLine(strings.Repeat("ä", 300))
	if !strings.HasSuffix(long, "ä …") || len(long) > 410 {
		t.Errorf("got %q", long)
	}
}

func TestIndexStep(t *testing.T) {
	for _, tt := range []struct {
		step string
		want int
		ok   bool
	}{{"[0]", 0, true}, {"[12]", 12, true}, {"[]", 0, false}, {"[-1]", -1, false}, {"[x]", 0, false}, {"0", 0, false}, {"", 0, false}} {
		if got, ok := IndexStep(tt.step); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q: got %d, %v", tt.step, got, ok)
		}
	}
}

func TestSet(t *testing.T) {
	var s set
	for _, n := range []int{1, 64, 1000} {
		s.add(n)
	}
	for n, want := range map[int]bool{0: false, 1: true, 2: false, 63: false, 64: true, 999: false, 1000: true, 5000: false} {
		if s.Has(n) != want {
			t.Errorf("%d: got %v", n, !want)
		}
	}
}
