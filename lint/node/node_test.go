package node

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func parse(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return Root(&n)
}

const merging = `
first: &first {a: first, b: first}
second: &second {b: second, c: second}
chain: &chain
  <<: *first
  d: chain
one: {<<: *first, a: own}
list: {<<: [*second, *first]}
deep: {<<: *chain, "<<quoted": x}
quoted: {"<<": *first}
scalar: {<<: text}
alias: *first
twice: &twice {x: 1}
`

func TestEntriesAgreeWithGet(t *testing.T) {
	root := parse(t, merging)
	for key, want := range map[string]string{
		"one":    "a=own b=first",
		"list":   "b=second c=second a=first",
		"deep":   "<<quoted=x d=chain a=first b=first",
		"quoted": "<<=",
		"scalar": "",
		"alias":  "a=first b=first",
	} {
		_, m := Get(root, key)
		var got []string
		for k, v := range Entries(m) {
			got = append(got, k.Value+"="+v.Value)
			if gk, gv := Get(m, k.Value); gk != k || gv != v {
				t.Errorf("%s: Get(%s) = %v, %v; Entries has %v, %v", key, k.Value, gk, gv, k, v)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s has %q, want %q", key, s, want)
		}
	}
}

// Of a key that appears twice the last one counts, in small mappings and large ones.
func TestTwice(t *testing.T) {
	for _, n := range []int{1, 2 * fewKeys} {
		m := &yaml.Node{Kind: yaml.MappingNode}
		for i := range 2 * n {
			m.Content = append(m.Content,
				&yaml.Node{Kind: yaml.ScalarNode, Value: "k" + strconv.Itoa(i%n)}, &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.Itoa(i)})
		}
		count := 0
		for k, v := range Entries(m) {
			if _, got := Get(m, k.Value); got != v || v.Value != strconv.Itoa(count+n) {
				t.Errorf("%s is %s and %s", k.Value, v.Value, got.Value)
			}
			count++
		}
		if count != n {
			t.Errorf("%d entries, want %d", count, n)
		}
	}
}

// cyclic is a mapping that merges and holds itself.
func cyclic() *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode, Anchor: "m"}
	alias := func() *yaml.Node { return &yaml.Node{Kind: yaml.AliasNode, Value: "m", Alias: m} }
	m.Content = []*yaml.Node{
		{Kind: yaml.ScalarNode, Value: "<<", Tag: "!!merge"},
		alias(),
		{Kind: yaml.ScalarNode, Value: "self"},
		alias(),
	}
	return m
}

func TestCycles(t *testing.T) {
	m := cyclic()
	if _, v := Get(m, "none"); v != nil {
		t.Error("there is no such key")
	}
	n := 0
	for range Entries(m) {
		n++
	}
	if n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
	if IsExpandable(m) {
		t.Error("a cycle is not expandable")
	}
	loop := &yaml.Node{Kind: yaml.AliasNode}
	loop.Alias = loop
	if Deref(loop) != nil || Deref(nil) != nil {
		t.Error("Deref must give nil")
	}
	if _, v := Get(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "a"}, loop}}, "a"); v != nil {
		t.Error("an alias of itself is no value")
	}
}

// wide is levels of mappings, each of which merges the one below it so many times.
func wide(levels, width int) string {
	var b strings.Builder
	b.WriteString("l0: &l0 {a: 1}\n")
	for i := 1; i <= levels; i++ {
		fmt.Fprintf(&b, "l%d: &l%d\n  k%d: 1\n  <<: [%s*l%d]\n", i, i, i, strings.Repeat(fmt.Sprintf("*l%d, ", i-1), width-1), i-1)
	}
	return b.String()
}

// A look-up visits each mapping once, however often it is merged.
func TestMergesAreVisitedOnce(t *testing.T) {
	const levels = 200
	root := parse(t, wide(levels, 10))
	_, top := Get(root, fmt.Sprint("l", levels))
	l := lookup{key: "none"}
	l.merged(top)
	if got := len(l.seen.set); got != levels {
		t.Errorf("a look-up visited %d mappings, want %d", got, levels)
	}
	n := 0
	for range Entries(top) {
		n++
	}
	if n != levels+1 {
		t.Errorf("%d entries, want %d", n, levels+1)
	}
	c := counter{}
	if nodes, _ := c.count(root); nodes != tooMany || c.written > 20*levels || IsExpandable(root) {
		t.Errorf("%d nodes, of which %d are written", nodes, c.written)
	}
}

func TestExpansion(t *testing.T) {
	for text, want := range map[string][3]int{ // nodes, depth, nodes of the text
		"a":                      {1, 1, 1},
		"[a, b]":                 {3, 2, 3},
		"{a: b}":                 {3, 2, 3},
		"[&x [a, b], *x, *x]":    {10, 3, 4},
		"{a: &x {b: c}, <<: *x}": {9, 3, 6},
	} {
		var c counter
		if nodes, depth := c.count(parse(t, text)); [3]int{nodes, depth, c.written} != want {
			t.Errorf("%s has %d nodes, depth %d, %d written; want %v", text, nodes, depth, c.written, want)
		}
	}
	// An alias of an alias of … nests deep in little text.
	var b strings.Builder
	b.WriteString("- &a0 a\n")
	for i := range MaxDepth + 1 {
		fmt.Fprintf(&b, "- &a%d [*a%d]\n", i+1, i)
	}
	if root := parse(t, b.String()); IsExpandable(root) || !IsExpandable(root.Content[MaxDepth/2]) {
		t.Error("the depth must be limited")
	}
}

// BenchmarkMerge looks up a key that is not there through twice as many levels of
// merge keys each time.
func BenchmarkMerge(b *testing.B) {
	for _, levels := range []int{100, 200, 400} {
		root := parse(b, wide(levels, 10))
		_, top := Get(root, fmt.Sprint("l", levels))
		b.Run(strconv.Itoa(levels), func(b *testing.B) {
			for b.Loop() {
				Get(top, "none")
			}
		})
	}
}

func TestIsModestNumber(t *testing.T) {
	for text, want := range map[string]bool{
		"1": true, "100m": true, "1Ei": true, "1e3": true, "1E-3": true, "1e999": true, "": true,
		"1e1000": false, "1e2147483647": false, "1E-99999": false, strings.Repeat("9", 200): false,
	} {
		if got := IsModestNumber(text); got != want {
			t.Errorf("%.20s: %v", text, got)
		}
	}
}

const reading = `
base: &base {name: b, deep: {name: d}}
merged: {<<: *base, own: x}
twice: {a: 1, a: 2}
alias: *base
list: [a, *base, {name: c}]
`

func TestChildAndText(t *testing.T) {
	root := parse(t, reading)
	for path, want := range map[string]string{
		"base name": "b", "merged name": "b", "merged deep name": "d", "alias deep name": "d", "twice a": "2",
		"merged none": "", "base": "", "base name below": "", "none at all": "",
	} {
		if got := Text(root, strings.Fields(path)...); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if Child(nil, "a") != nil || Text(nil) != "" || Child(root) != root {
		t.Error("without a node there is nothing below it, and without keys it is the node itself")
	}
}

func TestItems(t *testing.T) {
	list := Child(parse(t, reading), "list")
	var got []string
	for i, n := range Items(list) {
		if Item(list, i) != n {
			t.Errorf("item %d differs", i)
		}
		got = append(got, n.Value+Text(n, "name"))
	}
	if s := strings.Join(got, " "); s != "a b c" {
		t.Errorf("got %q", s)
	}
	for _, i := range []int{-1, 3} {
		if Item(list, i) != nil {
			t.Errorf("there is no item %d", i)
		}
	}
	for range Items(parse(t, "a: b")) {
		t.Error("a mapping has no items")
	}
}

// Written is for editors: what is not in the text of the mapping is not there.
func TestWritten(t *testing.T) {
	root := parse(t, reading)
	if _, v := Written(Child(root, "merged"), "name"); v != nil {
		t.Error("name is merged, not written")
	}
	if k, v := Written(root, "alias"); k == nil || v == nil || v.Kind != yaml.AliasNode {
		t.Error("the alias itself is written")
	}
	if _, v := Written(Child(root, "twice"), "a"); v == nil || v.Value != "2" {
		t.Error("the last one counts")
	}
}

func TestScalars(t *testing.T) {
	var got []string
	for n := range Scalars(parse(t, "a: &x [b, c]\nd: [*x, *x]\n")) {
		got = append(got, n.Value)
	}
	if s := strings.Join(got, " "); s != "a b c d b c" {
		t.Errorf("got %q", s)
	}
	n := 0
	for range Scalars(cyclic()) {
		n++
	}
	if n == 0 || n > 4 {
		t.Errorf("a cycle has %d scalars", n)
	}
}

func TestExpand(t *testing.T) {
	root := parse(t, "a: &x {b: c} # comment\nd: *x\n")
	full, last := Expand(root, 100)
	if last != nil {
		t.Fatal("there are few nodes")
	}
	text, err := yaml.Marshal(full)
	if want := "a: {b: c}\nd: {b: c}\n"; err != nil || string(text) != want {
		t.Errorf("got %q (%v), want %q", text, err, want)
	}
	if full.Content[2].Line != 2 {
		t.Error("lines must stay")
	}
	for limit := range 9 { // a mapping with a, {b, c}, d, {b, c}
		if full, last := Expand(root, limit); full != nil || last == nil {
			t.Errorf("limit %d: want too many", limit)
		}
	}
	if full, _ := Expand(root, 9); full == nil {
		t.Error("9 nodes are not too many")
	}
	if full, last := Expand(cyclic(), 1000); full != nil || last == nil {
		t.Error("a cycle has too many nodes")
	}
}

func TestIsSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"{a: 1, b: [x]}", "{b: [x], a: 1}", true},
		{"{a: 1}", "{a: 2}", false},
		{"{a: 1}", "{b: 1}", false},
		{"[x, y]", "[y, x]", false},
		{"x", "x", true},
		{"{a: {}}", "{a: []}", false},
		{"[&a x, *a]", "[x, x]", true},
	} {
		if got := IsSame(parse(t, c.a), parse(t, c.b)); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
	if !IsSame(nil, nil) || IsSame(nil, parse(t, "x")) {
		t.Error("nothing is the same as nothing, and as nothing else")
	}
}
