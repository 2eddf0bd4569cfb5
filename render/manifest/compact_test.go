package manifest

import (
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The documents of a file are kept in a few blocks of memory, not in one for each node.
func TestDocumentsShareMemory(t *testing.T) {
	const n = 1000
	text := []byte(strings.Repeat("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {app: a}}\ndata: {a: b, c: [d, e]}\n", n))
	objects := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapObjects
	}
	before := objects()
	docs := Documents(text)
	if kept := objects() - before; len(docs) != n || kept > n {
		t.Errorf("%d documents are kept in %d pieces of memory, want fewer than one for each", len(docs), kept)
	}
	runtime.KeepAlive(docs)
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
