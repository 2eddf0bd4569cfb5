package branch

import (
	"slices"
	"text/template/parse"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// Limits of the search for the keys of a condition.
const (
	maxConditionKeys = 8
	maxHelperDepth   = 3
)

// keysIn lists the values keys in a pipeline and in the helpers that it includes.
func (all *templates) keysIn(p *parse.PipeNode, s scope) [][]string {
	k := &keyCollector{all: all, seen: map[string]bool{}}
	k.pipe(p, s, 0)
	return k.keys
}

type keyCollector struct {
	all  *templates
	keys [][]string
	seen map[string]bool // helpers
}

func (k *keyCollector) pipe(p *parse.PipeNode, s scope, depth int) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		if id, ok := c.Args[0].(*parse.IdentifierNode); ok && id.Ident == "include" && len(c.Args) > 1 {
			if name, ok := c.Args[1].(*parse.StringNode); ok {
				k.helper(name.Text, depth)
			}
		}
		operand := func(o trace.Operand) {
			if steps, ok := s.key(o); ok {
				k.add(steps)
			}
		}
		trace.EachOperand(c, operand, func(q *parse.PipeNode) { k.pipe(q, s, depth) })
	}
}

func (k *keyCollector) add(steps []string) {
	has := slices.ContainsFunc(k.keys, func(have []string) bool { return slices.Equal(have, steps) })
	if !has && len(k.keys) < maxConditionKeys {
		k.keys = append(k.keys, steps)
	}
}

// helper adds the keys on which the output of a helper depends.
func (k *keyCollector) helper(name string, depth int) {
	if tree := k.all.defines[name]; tree != nil && depth < maxHelperDepth && !k.seen[name] {
		k.seen[name] = true
		k.list(tree.Root, scope{vars: map[string]place{}}, depth+1)
	}
}

func (k *keyCollector) list(l *parse.ListNode, s scope, depth int) {
	if l == nil {
		return
	}
	branch := func(b *parse.BranchNode) {
		k.pipe(b.Pipe, s, depth)
		k.list(b.List, s, depth)
		k.list(b.ElseList, s, depth)
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			k.pipe(n.Pipe, s, depth)
		case *parse.IfNode:
			branch(&n.BranchNode)
		case *parse.WithNode:
			branch(&n.BranchNode)
		case *parse.RangeNode:
			branch(&n.BranchNode)
		}
	}
}
