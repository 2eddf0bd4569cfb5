package trace

import (
	"reflect"
	"strings"
	"testing"
	"text/template"
	"text/template/parse"
	"unsafe"
)

// TestTextNodeAddress checks that text/template hands a text node's own bytes to
// the writer: their address is how a recorder knows the node.
func TestTextNodeAddress(t *testing.T) {
	tm := template.Must(template.New("t").Parse("one {{ . }} two"))
	var nodes []*byte
	for _, n := range tm.Root.Nodes {
		if x, ok := n.(*parse.TextNode); ok {
			nodes = append(nodes, &x.Text[0])
		}
	}
	var w addresses
	if err := tm.Execute(&w, "x"); err != nil {
		t.Fatal(err)
	}
	if len(w) != 3 || w[0] != nodes[0] || w[2] != nodes[1] {
		t.Errorf("text nodes are at %v, the writer got %v", nodes, w)
	}
}

type addresses []*byte

func (a *addresses) Write(p []byte) (int, error) {
	*a = append(*a, &p[0])
	return len(p), nil
}

// TestMarkAddress checks that a text node without text reaches the writer too, at
// the address that it was given: that is how the site of a mark is found.
func TestMarkAddress(t *testing.T) {
	tm := template.Must(template.New("t").Parse("{{ . }}"))
	var mark [1]byte
	tm.Root.Nodes = append(tm.Root.Nodes, &parse.TextNode{NodeType: parse.NodeText, Text: mark[:0:1]})
	w := writes{}
	if err := tm.Execute(w, "x"); err != nil {
		t.Fatal(err)
	}
	if n, ok := w[&mark[0]]; !ok || n != 0 || len(w) != 2 {
		t.Errorf("the writer got %v, want nothing at %p", w, &mark[0])
	}
}

type writes map[*byte]int

func (l writes) Write(p []byte) (int, error) {
	l[unsafe.SliceData(p)] = len(p)
	return len(p), nil
}

// TestIncludeNameAddress checks that the constant name of an include reaches the
// function as the very string of the parse tree.
func TestIncludeNameAddress(t *testing.T) {
	var got *byte
	tm := template.Must(template.New("t").Funcs(template.FuncMap{"include": func(name string, _ any) string {
		got = unsafe.StringData(name)
		return ""
	}}).Parse(`{{ include "a.name" . }}`))
	if err := tm.Execute(&strings.Builder{}, nil); err != nil {
		t.Fatal(err)
	}
	n := tm.Tree.Root.Nodes[0].(*parse.ActionNode).Pipe.Cmds[0].Args[1].(*parse.StringNode)
	if got != unsafe.StringData(n.Text) {
		t.Error("include got a copy of its name")
	}
}

// TestTreesAreShared checks that cloned templates share their parse trees: those
// that tpl makes are instrumented already.
func TestTreesAreShared(t *testing.T) {
	tm := template.Must(template.New("t").Parse(`x`))
	if c := template.Must(tm.Clone()); c.Tree != tm.Tree {
		t.Error("Clone copies trees")
	}
}

// TestCloneAddresses checks that equal strings and numbers get addresses of their own.
func TestCloneAddresses(t *testing.T) {
	ids := NewIdentities()
	v := ids.Clone(map[string]any{"a": "x", "b": "x", "c": 7.0, "d": 7.0, "e": map[string]any{}, "f": []any{true}}, &Key{Name: ValuesObject}).(map[string]any)
	for name, want := range map[string]string{"a": "a", "b": "b", "c": "c", "d": "d"} {
		o := ids.Of(v[name])
		if o == nil || JoinSteps(o.Key.Steps()) != want {
			t.Errorf("%s: got %v", name, o)
		}
	}
	for _, name := range []string{"e", "f"} {
		if k := ids.KeyOf(reflect.ValueOf(v[name])); k == nil || k.Name != name {
			t.Errorf("%s: got %v", name, k)
		}
	}
}
