package branch

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/kubevet/kubevet/render/helm/values"

	"github.com/kubevet/kubevet/render/helm/trace"

	"github.com/kubevet/kubevet/lint"
)

// ChartFiles is the unrendered templates of a chart and its subcharts.
type ChartFiles struct {
	Dir     string // as reports print it
	Library bool
	Files   []ChartFile
	Subs    []*ChartFiles
}

// ChartFile is a file of a chart: its name in the chart, its name in reports, and its
// text.
type ChartFile struct {
	Name, Path string
	Text       []byte
}

// Templates are the parse trees of a chart's and its subcharts' templates, without trace
// nodes.
type Templates struct {
	files   map[*ChartFiles][]*templateFile
	defines map[string]*parse.Tree
}

type templateFile struct {
	src   *trace.Source
	trees []*parse.Tree // the tree of the file, then those of its defines
}

// ParseTemplates parses the templates of a chart. Those with errors are left out, because
// rendering reports them.
func ParseTemplates(root *ChartFiles) *Templates {
	all := &Templates{files: map[*ChartFiles][]*templateFile{}, defines: map[string]*parse.Tree{}}
	all.add(root)
	return all
}

func (all *Templates) add(s *ChartFiles) {
	for _, sub := range s.Subs {
		all.add(sub)
	}
	for _, f := range s.Files {
		if !strings.HasPrefix(f.Name, "templates/") || s.Library && !IsPartial(f.Name) {
			continue
		}
		t := &templateFile{src: &trace.Source{File: f.Path, Text: string(f.Text)}}
		trees, err := ParseAlone(f.Name, t.src.Text)
		if err != nil {
			continue
		}
		for _, name := range trace.SortedKeys(trees) {
			if name != f.Name {
				all.defines[name] = trees[name] // the outer chart's template wins
				t.trees = append(t.trees, trees[name])
			}
		}
		slices.SortFunc(t.trees, func(a, b *parse.Tree) int { return int(a.Root.Pos - b.Root.Pos) })
		if main := trees[f.Name]; main != nil {
			t.trees = slices.Insert(t.trees, 0, main)
		}
		all.files[s] = append(all.files[s], t)
	}
}

// ParseAlone parses a template without knowing any functions.
func ParseAlone(name, text string) (trees map[string]*parse.Tree, err error) {
	defer func() {
		if p := recover(); p != nil { // the parser has limits that it enforces by panics
			err = fmt.Errorf("parsing the template failed: %v", p)
		}
	}()
	if err := trace.CheckBlocks(text); err != nil {
		return nil, err
	}
	trees = map[string]*parse.Tree{}
	t := parse.New(name)
	t.Mode = parse.SkipFuncCheck
	_, err = t.Parse(text, "", "", trees)
	return trees, err
}

// walker compares the trees of one file with the nodes that were reached.
type walker struct {
	all        *Templates
	src        *trace.Source
	reached    map[int]bool
	renderings []*Reached
	lines      map[int]bool // lines that have text or an action, and whether they were reached
	shut       []Branch
	gates      []Gate
	counting   bool // lines only
}

// Gate is a block that no scenario entered, and the conditions of all blocks around it.
type Gate struct {
	Pos        lint.Position
	Lines      int // how many have text or an action
	Conditions *gateCondition
}

// gateCondition is a pipeline that must be true, or must be false.
type gateCondition struct {
	Pipe  *parse.PipeNode
	Want  bool
	Scope scope
	Loop  bool
	Up    *gateCondition // condition of the block around it
}

// scope is the meaning of dot and of variables, as far as it is known from the text.
type scope struct {
	dot  place
	vars map[string]place
}

// place is a part of the data that templates see.
type place struct {
	kind  placeKind
	steps []string // path from the values
}

type placeKind int

const (
	anywhere placeKind = iota
	topLevel           // the dot of a template file
	inValues
)

func (s scope) clone() scope { return scope{dot: s.dot, vars: maps.Clone(s.vars)} }

// at is the place that a chain of fields refers to.
func (s scope) at(o trace.Operand) place {
	if !o.Known {
		return place{}
	}
	base := s.dot
	switch o.Variable {
	case "":
	case "$":
		base = place{kind: topLevel}
	default:
		base = s.vars[o.Variable]
	}
	fields := o.Fields
	switch {
	case base.kind == inValues:
		return place{inValues, trace.Join(base.steps, fields...)}
	case len(fields) == 0:
		return base
	case fields[0] == trace.ValuesObject && (base.kind == topLevel || o.Variable == ""): // helpers are usually passed the top level
		return place{inValues, fields[1:]}
	}
	return place{}
}

// key is the values key that a chain of fields refers to.
func (s scope) key(o trace.Operand) (steps []string, ok bool) {
	p := s.at(o)
	return p.steps, p.kind == inValues && len(p.steps) > 0
}

func (s scope) declare(p *parse.PipeNode, followed bool) {
	if p == nil {
		return
	}
	for _, d := range p.Decl {
		if _, known := s.vars[d.Ident[0]]; !known && len(s.vars) >= maxVariables {
			return
		}
		s.vars[d.Ident[0]] = place{}
		if followed && len(p.Decl) == 1 {
			s.vars[d.Ident[0]] = s.at(trace.Single(p))
		}
	}
}

func (w *walker) file(t *templateFile) {
	for i, tree := range t.trees {
		s := scope{vars: map[string]place{}}
		if i == 0 {
			s.dot = place{kind: topLevel}
		}
		hidden := i > 0 && !w.entered(tree.Root)
		if hidden && len(tree.Root.Nodes) > 0 {
			w.addShut(Branch{Kind: "define", Condition: fmt.Sprintf("%q", tree.Name)}, tree.Root.Nodes[0].Position(), tree.Root)
		}
		w.list(tree.Root, s, nil, hidden)
	}
}

// entered reports whether a block was entered, which its first node shows.
func (w *walker) entered(l *parse.ListNode) bool {
	return l != nil && len(l.Nodes) > 0 && w.reached[int(l.Nodes[0].Position())]
}

// list goes through a block. Hidden means that the block is inside one that is already
// listed.
func (w *walker) list(l *parse.ListNode, s scope, above *gateCondition, hidden bool) {
	if l == nil {
		return
	}
	before := false // whether the previous node was reached
	for _, n := range l.Nodes {
		reached := w.reached[int(n.Position())]
		switch n := n.(type) {
		case *parse.TextNode:
			w.text(n, reached)
		case *parse.ActionNode:
			if len(n.Pipe.Decl) > 0 { // it has a trace node only if the variable can be followed
				reached = reached || before
				s.declare(n.Pipe, true)
			}
			w.mark(int(n.Pos), reached)
		case *parse.IfNode:
			reached = w.branch(&n.BranchNode, "if", s, above, hidden, reached || before)
		case *parse.WithNode:
			reached = w.branch(&n.BranchNode, "with", s, above, hidden, reached || before)
		case *parse.RangeNode:
			reached = w.branch(&n.BranchNode, "range", s, above, hidden, reached || before)
		case *parse.TemplateNode:
			w.mark(int(n.Pos), reached)
		default: // break, continue
			reached = reached || before
			w.mark(int(n.Position()), reached)
		}
		before = reached
	}
}

func (w *walker) mark(pos int, reached bool) {
	n, _ := w.src.Line(pos)
	w.lines[n] = w.lines[n] || reached
}

func (w *walker) text(n *parse.TextNode, reached bool) {
	at := int(n.Pos)
	for l := range strings.Lines(string(n.Text)) {
		if !trace.IsBlank(l) {
			w.mark(at, reached)
		}
		at += len(l)
	}
}

// branch goes through an if, with or range, and reports whether it was reached.
func (w *walker) branch(b *parse.BranchNode, kind string, s scope, above *gateCondition, hidden, reached bool) bool {
	reached = reached || w.entered(b.List) || w.entered(b.ElseList)
	w.mark(int(b.Pos), reached)
	s = s.clone()
	inner := s.clone()
	inner.declare(b.Pipe, kind != "range")
	switch kind {
	case "with":
		inner.dot = s.at(trace.Single(b.Pipe))
	case "range":
		inner.dot = place{}
	}
	what := Branch{Kind: kind, Condition: w.source(b.Pipe)}
	w.block(b, b.List, what, inner, &gateCondition{
		Pipe: b.Pipe, Want: true, Scope: s, Loop: kind == "range", Up: above,
	}, hidden || !reached)
	what.Kind, what.Condition = "else of", kind+" "+what.Condition
	w.block(b, b.ElseList, what, s, &gateCondition{Pipe: b.Pipe, Scope: s, Loop: kind == "range", Up: above}, hidden || !reached)
	return reached
}

// block goes through a part of an if, with or range.
func (w *walker) block(b *parse.BranchNode, l *parse.ListNode, what Branch, s scope, conditions *gateCondition, hidden bool) {
	if l == nil || len(l.Nodes) == 0 {
		return
	}
	open := w.entered(l)
	if !open && !w.counting {
		pos := int(b.Pos)
		if !conditions.Want {
			pos = int(l.Nodes[0].Position())
		}
		p, _ := values.SourcePosition(w.src, pos, pos)
		w.gates = append(w.gates, Gate{p, w.countLines(l), conditions})
		if !hidden {
			what.Values = w.values(b.Pipe, conditions.Scope)
			w.addShut(what, parse.Pos(pos), l)
		}
	}
	w.list(l, s, conditions, hidden || !open)
}

func (w *walker) addShut(b Branch, pos parse.Pos, l *parse.ListNode) {
	p, _ := values.SourcePosition(w.src, int(pos), int(pos))
	b.Position = lint.Position{File: p.File, Line: p.Line, Column: p.Column}
	if b.Lines = w.countLines(l); b.Lines > 0 {
		w.shut = append(w.shut, b)
	}
}

// countLines counts the lines of a block that have text or an action.
func (w *walker) countLines(l *parse.ListNode) int {
	inside := &walker{src: w.src, lines: map[int]bool{}, counting: true}
	inside.list(l, scope{vars: map[string]place{}}, nil, true)
	return len(inside.lines)
}

// source is the text of a pipeline.
func (w *walker) source(p *parse.PipeNode) string {
	from := int(p.Pos)
	_, to := trace.ActionSpan(w.src.Text, from)
	text := strings.TrimSuffix(w.src.Text[from:max(to, from)], "}}")
	return strings.Join(strings.Fields(strings.TrimSuffix(text, "-")), " ")
}

// values are the keys on which a condition depends, directly or through helpers that it
// includes, with their values in the scenarios.
func (w *walker) values(p *parse.PipeNode, s scope) []Value {
	if len(w.renderings) == 0 {
		return nil
	}
	compared := comparesText(p)
	var l []Value
	for _, steps := range w.all.KeysIn(p, s) {
		var seen []string
		for _, r := range w.renderings {
			if r.Keys == nil {
				continue
			}
			if v := describe(r.Keys, steps, compared); !slices.Contains(seen, v) {
				seen = append(seen, v)
			}
		}
		l = append(l, Value{Key: trace.JoinSteps(steps), Value: strings.Join(seen, " | ")})
	}
	return l
}

// describe returns a short description of a value. Texts are printed only if they are
// compared with others, because they may be secrets.
func describe(keys *values.Index, steps []string, compared bool) string {
	v, ok := keys.At(steps)
	if !ok || v == nil {
		return "unset"
	}
	switch c := reflect.ValueOf(v); {
	case trace.IsContainer(c) && c.Len() == 0, v == "":
		return "empty"
	case trace.IsContainer(c):
		return "set"
	}
	if text, ok := v.(string); ok && (!compared || len(text) > 40 || strings.Contains(text, "\n") || trace.SecretName.MatchString(steps[len(steps)-1])) {
		return "set"
	}
	return trace.ScalarText(v)
}

// comparesText reports whether a pipeline compares a value with a constant text.
func comparesText(p *parse.PipeNode) bool {
	for _, c := range p.Cmds {
		id, _ := c.Args[0].(*parse.IdentifierNode)
		for _, a := range c.Args[1:] {
			_, isText := a.(*parse.StringNode)
			if q, ok := a.(*parse.PipeNode); ok && comparesText(q) || isText && id != nil && (id.Ident == "eq" || id.Ident == "ne") {
				return true
			}
		}
	}
	return false
}

// Limits of the search for the keys of a condition.
const (
	maxConditionKeys = 8
	maxHelperDepth   = 3
	maxVariables     = 64
)

// KeysIn lists the values keys in a pipeline and in the helpers that it includes.
func (all *Templates) KeysIn(p *parse.PipeNode, s scope) [][]string {
	k := &keyCollector{all: all, seen: map[string]bool{}}
	k.pipe(p, s, 0)
	return k.keys
}

type keyCollector struct {
	all  *Templates
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
		for _, a := range c.Args {
			if q, ok := a.(*parse.PipeNode); ok {
				k.pipe(q, s, depth)
				continue
			}
			if steps, ok := s.key(trace.OperandOf(a)); ok {
				k.add(steps)
			}
		}
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

// IsPartial reports whether a file has only helpers, which print nothing by themselves.
func IsPartial(name string) bool { return strings.HasPrefix(path.Base(name), "_") }
