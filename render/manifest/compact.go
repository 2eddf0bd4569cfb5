package manifest

import (
	"sync"

	"go.yaml.in/yaml/v3"
)

// compactor copies trees of nodes into less memory. The parser allocates each node, list
// and text by itself. The objects of a run are kept until it ends, and nodes are most of
// what they take.
type compactor struct {
	// nodes and lists are blocks with room for more.
	nodes []yaml.Node
	lists []*yaml.Node
	// texts has each short text once: most are keys.
	texts map[string]string
	// copies are those of nodes with an anchor.
	copies map[*yaml.Node]*yaml.Node
}

// compactors are those that no file uses: files that are read one after the other share
// blocks and texts.
var compactors = sync.Pool{New: func() any { return new(compactor) }}

// document copies the tree of a document.
func (c *compactor) document(n *yaml.Node) *yaml.Node {
	defer clear(c.copies)
	return c.copy(n)
}

// How many nodes the blocks have, each more than the one before, how long texts are that
// are kept once, and how many at a time.
const (
	firstBlock = 32
	lastBlock  = 1024
	maxShared  = 64
	maxTexts   = 4096
)

// copy copies a tree, whose comments are empty.
func (c *compactor) copy(n *yaml.Node) *yaml.Node {
	if len(c.nodes) == cap(c.nodes) {
		c.nodes = make([]yaml.Node, 0, max(firstBlock, min(2*cap(c.nodes), lastBlock)))
	}
	c.nodes = append(c.nodes, *n)
	to := &c.nodes[len(c.nodes)-1]
	to.Value = c.text(n.Value)
	switch {
	case n.Kind == yaml.AliasNode:
		to.Alias = c.copies[n.Alias]
	case n.Anchor != "":
		if c.copies == nil {
			c.copies = map[*yaml.Node]*yaml.Node{}
		}
		c.copies[n] = to
	}
	to.Content = c.list(len(n.Content))
	for i, child := range n.Content {
		to.Content[i] = c.copy(child)
	}
	return to
}

// list is a list for some nodes. It has no room for more, so that none can be put where
// the next list is.
func (c *compactor) list(n int) []*yaml.Node {
	if n == 0 {
		return nil
	}
	at := len(c.lists)
	if at+n > cap(c.lists) {
		at, c.lists = 0, make([]*yaml.Node, 0, max(firstBlock, min(2*cap(c.lists), lastBlock), n))
	}
	c.lists = c.lists[:at+n]
	return c.lists[at : at+n : at+n]
}

// text is an equal text that other nodes have too.
func (c *compactor) text(s string) string {
	if s == "" || len(s) > maxShared {
		return s
	}
	if have, ok := c.texts[s]; ok {
		return have
	}
	switch {
	case c.texts == nil:
		c.texts = map[string]string{}
	case len(c.texts) >= maxTexts:
		clear(c.texts)
	}
	c.texts[s] = s
	return s
}
