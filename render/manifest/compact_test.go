package manifest

import (
	"strings"
	"testing"
	"unsafe"

	"go.yaml.in/yaml/v3"
)

// The documents of a file are kept in a few blocks of memory, not in one for each node,
// list and text. The places in memory are compared: the number of pieces on the heap also
// depends on what earlier tests left there and the collector frees meanwhile.
func TestDocumentsShareMemory(t *testing.T) {
	const n = 1000
	text := []byte(strings.Repeat("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {app: a}}\ndata: {a: b, c: [d, e]}\n", n))
	docs := Documents(text)
	if len(docs) != n {
		t.Fatalf("%d documents, want %d", len(docs), n)
	}
	var nodes, lists blocks
	texts := map[*byte]bool{}
	var visit func(*yaml.Node)
	visit = func(n *yaml.Node) {
		nodes.add(unsafe.Pointer(n), unsafe.Sizeof(*n))
		texts[unsafe.StringData(n.Value)] = true
		if len(n.Content) > 0 {
			lists.add(unsafe.Pointer(&n.Content[0]), uintptr(len(n.Content))*unsafe.Sizeof(n))
		}
		for _, child := range n.Content {
			visit(child)
		}
	}
	for _, doc := range docs {
		visit(doc.Node)
	}
	if nodes.n > n/10 || lists.n > n/10 || len(texts) > n/10 {
		t.Errorf("%d documents are kept in %d blocks of nodes, %d of lists and %d texts, want far fewer", n, nodes.n, lists.n, len(texts))
	}
}

// blocks counts blocks of memory: what begins where the last ended is of the same block.
type blocks struct {
	n   int
	end uintptr
}

func (b *blocks) add(p unsafe.Pointer, size uintptr) {
	if uintptr(p) != b.end {
		b.n++
	}
	b.end = uintptr(p) + size
}

func TestCompactorCopies(t *testing.T) {
	const text = "a: &x {b: [1, 'two', *y]}\nc: *x\nd:\n  <<: *x\n  e: !t |\n    text\n"
	parse := func() *yaml.Node {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(strings.Replace(text, "*y", "3", 1)), &doc); err != nil {
			t.Fatal(err)
		}
		return doc.Content[0]
	}
	from := parse()
	var c compactor
	c.copy(parse()) // what comes first does not change
	n := c.copy(from)
	compareNodes(t, n, from, map[*yaml.Node]*yaml.Node{})
	n.Content[1].Content = append(n.Content[1].Content, &yaml.Node{}, &yaml.Node{})
	n.Content[1].Content = n.Content[1].Content[:2]
	compareNodes(t, n, from, map[*yaml.Node]*yaml.Node{})
}

// compareNodes compares a copy with a tree. Copies has those of anchors that were met.
func compareNodes(t *testing.T, n, from *yaml.Node, copies map[*yaml.Node]*yaml.Node) {
	t.Helper()
	if n == from || n.Kind != from.Kind || n.Style != from.Style || n.Tag != from.Tag || n.Value != from.Value || n.Anchor != from.Anchor ||
		n.Line != from.Line || n.Column != from.Column || len(n.Content) != len(from.Content) || n.Alias != copies[from.Alias] {
		t.Fatalf("%+v is no copy of %+v", n, from)
	}
	copies[from] = n
	for i := range n.Content {
		compareNodes(t, n.Content[i], from.Content[i], copies)
	}
}
