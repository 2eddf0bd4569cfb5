package helmfile

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/kubevet/kubevet/lint/node"
)

// The limits of one evaluation.
const (
	maxSteps  = 100_000  // nodes and calls of functions
	maxWork   = 16 << 20 // bytes that functions take and give, and that are printed
	maxLevels = 100      // nested blocks, parentheses and templates
)

var errLimit = errors.New("the template goes beyond what it may use")

// unknown is a value of a template that the tree does not have, such as a variable of the environment.
type unknown struct {
	// name is what is printed for it, as ${name}, in a text that is made of several values.
	name string
}

// evaluation executes one template of a helmfile. Nothing outside of the template and its data is read: what other functions
// give is unknown, and so is what is computed from that.
type evaluation struct {
	source string
	trees  map[string]*parse.Tree
	// isOpen is set if maps of the data may have more keys.
	isOpen bool
	out    strings.Builder
	parts  []part
	vars   []variable
	// unsure counts the blocks around a node whose condition is not known: the first branch is printed, with unknown values.
	unsure int
	// hasUnsure is set if there was such a block that may print something else: it has another branch, or is a loop.
	hasUnsure           bool
	steps, work, levels int
}

type variable struct {
	name  string
	value any
}

// part is what one node printed, up to the next part. source is where that node is in the template, and isText is set if
// the text is the same there. It is negative if the place is not known.
type part struct {
	at, source int
	isText     bool
}

// evaluate executes a template with its data. What is not known is printed as ${name}.
func evaluate(text []byte, data map[string]any, isOpen bool) (*evaluation, error) {
	t := parse.New("")
	t.Mode = parse.SkipFuncCheck
	e := &evaluation{source: string(text), trees: map[string]*parse.Tree{}, isOpen: isOpen, vars: []variable{{"$", data}}}
	if _, err := t.Parse(e.source, "", "", e.trees); err != nil {
		return nil, err
	}
	if t.Root == nil {
		return e, nil
	}
	return e, e.node(t.Root, data)
}

func (e *evaluation) spend(steps, work int) error {
	e.steps, e.work = e.steps+steps, e.work+work
	if e.steps > maxSteps || e.work > maxWork {
		return errLimit
	}
	return nil
}

// enter notes a nested block or template.
func (e *evaluation) enter() (leave func(), err error) {
	if e.levels++; e.levels > maxLevels {
		return nil, errLimit
	}
	return func() { e.levels-- }, nil
}

func (e *evaluation) node(n parse.Node, dot any) error {
	if err := e.spend(1, 0); err != nil {
		return err
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, n := range n.Nodes {
			if err := e.node(n, dot); err != nil {
				return err
			}
		}
		return nil
	case *parse.TextNode:
		return e.text(string(n.Text), int(n.Pos))
	case *parse.ActionNode:
		v, err := e.pipe(n.Pipe, dot)
		if err != nil || len(n.Pipe.Decl) > 0 {
			return err
		}
		return e.print(v, n.Pipe.String(), e.opening(n.Pos))
	case *parse.IfNode:
		return e.block(&n.BranchNode, dot, func(any) any { return dot })
	case *parse.WithNode:
		return e.block(&n.BranchNode, dot, func(v any) any { return v })
	case *parse.RangeNode:
		return e.loop(n, dot)
	case *parse.TemplateNode:
		return e.template(n, dot)
	case *parse.CommentNode:
		return nil
	}
	return errors.New("a node that is not supported")
}

// opening is where the action of a node begins.
func (e *evaluation) opening(at parse.Pos) int {
	return strings.LastIndex(e.source[:min(int(at), len(e.source))], "{{")
}

// block executes an if or with.
func (e *evaluation) block(n *parse.BranchNode, dot any, inner func(any) any) error {
	leave, err := e.enter()
	if err != nil {
		return err
	}
	defer leave()
	defer e.scope()()
	v, err := e.pipe(n.Pipe, dot)
	switch _, isUnknown := v.(unknown); {
	case err != nil:
		return err
	case isUnknown:
		e.hasUnsure = e.hasUnsure || n.ElseList != nil
		return e.inUnsure(n.List, inner(v))
	case isTrue(v):
		return e.node(n.List, inner(v))
	}
	return e.node(n.ElseList, dot)
}

// inUnsure executes a branch that may not be executed.
func (e *evaluation) inUnsure(l *parse.ListNode, dot any) error {
	e.unsure++
	defer func() { e.unsure-- }()
	return e.node(l, dot)
}

// scope begins a scope of variables.
func (e *evaluation) scope() (end func()) {
	n := len(e.vars)
	return func() { e.vars = e.vars[:n] }
}

func (e *evaluation) loop(n *parse.RangeNode, dot any) error {
	leave, err := e.enter()
	if err != nil {
		return err
	}
	defer leave()
	defer e.scope()()
	decl := n.Pipe.Decl
	v, err := e.pipe(&parse.PipeNode{NodeType: parse.NodePipe, Pos: n.Pipe.Pos, Cmds: n.Pipe.Cmds}, dot)
	if err != nil {
		return err
	}
	one := func(key, v any) error {
		defer e.scope()()
		if len(decl) > 1 {
			e.vars = append(e.vars, variable{decl[0].Ident[0], key})
		}
		if len(decl) > 0 {
			e.vars = append(e.vars, variable{decl[len(decl)-1].Ident[0], v})
		}
		return e.node(n.List, v)
	}
	isEmpty, err := e.each(v, one)
	if err != nil || !isEmpty {
		return err
	}
	return e.node(n.ElseList, dot)
}

// each calls a function with the keys and values of a list or map.
func (e *evaluation) each(of any, one func(key, v any) error) (isEmpty bool, err error) {
	switch v := of.(type) {
	case []any:
		for i, item := range v {
			if err := one(i, item); err != nil {
				return false, err
			}
		}
		return len(v) == 0, nil
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if err := one(key, v[key]); err != nil {
				return false, err
			}
		}
		return len(v) == 0, nil
	case nil:
		return true, nil
	}
	e.hasUnsure = true
	e.unsure++
	defer func() { e.unsure-- }()
	return false, one(unknown{}, unknown{})
}

// template executes another template of the file.
func (e *evaluation) template(n *parse.TemplateNode, dot any) error {
	leave, err := e.enter()
	if err != nil {
		return err
	}
	defer leave()
	t := e.trees[n.Name]
	if t == nil || t.Root == nil {
		return errors.New("a template that the file lacks")
	}
	var data any
	if n.Pipe != nil {
		if data, err = e.pipe(n.Pipe, dot); err != nil {
			return err
		}
	}
	outer := e.vars
	defer func() { e.vars = outer }()
	e.vars = []variable{{"$", data}}
	return e.node(t.Root, data)
}

// write adds what a node at a place in the template printed.
func (e *evaluation) write(s string, source int, isText bool) error {
	if s == "" {
		return nil
	}
	isText = isText && source >= 0 && source <= len(e.source) && strings.HasPrefix(e.source[source:], s)
	e.parts = append(e.parts, part{e.out.Len(), source, isText})
	e.out.WriteString(s)
	return e.spend(0, len(s))
}

// text writes a text of the template. In a block that may not be executed, the values of its entries are unknown.
func (e *evaluation) text(s string, source int) error {
	if e.unsure == 0 {
		return e.write(s, source, true)
	}
	for line := range strings.Lines(s) {
		m := entry.FindStringSubmatchIndex(strings.TrimRight(line, "\r\n"))
		var err error
		if m == nil {
			err = e.write(line, source, true)
		} else {
			value := m[4]
			err = errors.Join(e.write(line[:value], source, true), e.write(placeholder(line[value:m[5]]), source+value, false), e.write(line[m[5]:], source+m[5], true))
		}
		if err != nil {
			return err
		}
		source += len(line)
	}
	return nil
}

// print writes the value of an action.
func (e *evaluation) print(v any, action string, source int) error {
	if _, isUnknown := v.(unknown); isUnknown || e.unsure > 0 {
		return e.write(e.indented(action), source, false)
	}
	text, ok := printed(v)
	if !ok {
		text = e.indented(action)
	}
	return e.write(text, source, false)
}

// indents matches the end of an action that indents what it prints.
var indents = regexp.MustCompile(`\| (n?)indent ([0-9]{1,2})$`)

// indented is the placeholder of an action, with the indentation that it gives to what it prints: at another column the text would be no YAML. Below a key
// it is one column further, since a list may be at the column of its key, and a scalar may not.
func (e *evaluation) indented(action string) string {
	m := indents.FindStringSubmatch(action)
	if m == nil {
		return placeholder(action)
	}
	line := ""
	if m[1] != "" {
		line = "\n"
	}
	width, _ := strconv.Atoi(m[2]) // the pattern has digits alone
	if strings.HasSuffix(strings.TrimRight(e.out.String(), " \n"), ":") {
		width++
	}
	return line + strings.Repeat(" ", width) + placeholder(action)
}

// isTrue reports whether a condition that is known holds.
func isTrue(v any) bool {
	truth, ok := template.IsTrue(v)
	return ok && truth
}

// pipe is the value of a pipeline.
func (e *evaluation) pipe(p *parse.PipeNode, dot any) (v any, err error) {
	leave, err := e.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	for i, c := range p.Cmds {
		if v, err = e.command(c, dot, v, i > 0); err != nil {
			return nil, err
		}
	}
	for _, d := range p.Decl {
		e.declare(d.Ident[0], v, p.IsAssign)
	}
	return v, nil
}

// declare sets a variable. What is assigned in a block that may not be executed is not known.
func (e *evaluation) declare(name string, v any, isAssign bool) {
	if !isAssign {
		e.vars = append(e.vars, variable{name, v})
		return
	}
	if e.unsure > 0 {
		v = unknown{strings.TrimPrefix(name, "$")}
	}
	for i := range slices.Backward(e.vars) {
		if e.vars[i].name == name {
			e.vars[i].value = v
			return
		}
	}
}

// command is the value of one command of a pipeline, which gives it the value before.
func (e *evaluation) command(c *parse.CommandNode, dot, before any, hasBefore bool) (any, error) {
	if err := e.spend(1, 0); err != nil {
		return nil, err
	}
	f, isFunction := c.Args[0].(*parse.IdentifierNode)
	if !isFunction {
		if len(c.Args) > 1 || hasBefore {
			return unknown{}, nil // a method
		}
		return e.argument(c.Args[0], dot)
	}
	args := make([]any, 0, len(c.Args))
	for _, n := range c.Args[1:] {
		v, err := e.argument(n, dot)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	if hasBefore {
		args = append(args, before)
	}
	return e.call(f.Ident, args)
}

func (e *evaluation) argument(n parse.Node, dot any) (any, error) {
	switch n := n.(type) {
	case *parse.PipeNode:
		return e.pipe(n, dot)
	case *parse.ChainNode:
		v, err := e.argument(n.Node, dot)
		return fields(v, n.Field), err
	case *parse.FieldNode:
		return fields(dot, n.Ident), nil
	case *parse.VariableNode:
		for _, v := range slices.Backward(e.vars) {
			if v.name == n.Ident[0] {
				return fields(v.value, n.Ident[1:]), nil
			}
		}
	case *parse.IdentifierNode:
		return e.call(n.Ident, nil)
	case *parse.DotNode:
		return dot, nil
	case *parse.NilNode:
		return nil, nil
	case *parse.BoolNode:
		return n.True, nil
	case *parse.StringNode:
		return n.Text, nil
	case *parse.NumberNode:
		if n.IsInt {
			return int(n.Int64), nil
		}
	}
	return unknown{}, nil
}

// fields is a value of a map by its keys. One that the map lacks is unknown: helmfile fails, unless something else sets it.
func fields(v any, keys []string) any {
	for _, key := range keys {
		m, _ := v.(map[string]any)
		next, ok := m[key]
		if !ok {
			return unknown{strings.Join(keys, "_")}
		}
		v = next
	}
	return v
}

var (
	// entry matches an entry of a mapping, without and with its value.
	entry = regexp.MustCompile(`^(\s*(?:- )?["']?[\w./-]+["']?:[ \t]+)([^|>#\s&*].*)$`)
	// notInName matches what is no part of the name of a variable.
	notInName = regexp.MustCompile(`\W+`)
	// isNeverEmpty matches the names of placeholders for what helmfile does without only by failing.
	isNeverEmpty = regexp.MustCompile(`requiredEnv|fetchSecretValue|readFile|exec`)
)

// placeholder is a part of a template as ${name}.
func placeholder(text string) string {
	name := strings.Trim(notInName.ReplaceAllString(text, "_"), "_")
	if name == "" {
		name = "unknown"
	}
	return "${" + name + "}"
}

// mayBeEmpty reports whether a text is the placeholder for a whole value that may be one which an if takes for false.
func mayBeEmpty(text string) bool {
	return strings.HasPrefix(text, "${") && strings.IndexByte(text, '}') == len(text)-1 && node.IsPlaceholder(text) && !isNeverEmpty.MatchString(text)
}
