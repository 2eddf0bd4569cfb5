package helm

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"regexp/syntax"
	"strings"
	"text/template/parse"
)

// Limits of one rendering. Real charts stay far below: the largest known print
// 10 MB, nest 30 templates and take 15,000 steps.
const (
	maxString  = 64 << 20   // bytes made by one call
	maxNesting = 1000       // templates within templates
	maxBlocks  = 1000       // blocks within blocks of one template
	maxStacked = 30_000     // the same, and parentheses, of all templates within templates: each takes up to 1.5 kB of stack
	maxParts   = 5_000_000  // parts of a value that is printed
	maxLevels  = 500        // its depth
	maxList    = 1_000_000  // elements of a list that is made
	maxPairs   = 50_000_000 // elements of lists that are compared with each other
	maxParsed  = 8 << 20    // bytes of YAML, JSON or TOML that a template reads: more than a file may have
	noteBytes  = 64         // what remembering one string counts for
)

// limits are those of one rendering that tests lower.
type limits struct {
	output int // bytes printed, and made by functions
	steps  int // rounds of loops, and calls of functions
	work   int // what calls cost: bytes of their arguments, and more if they take longer
	chart  int // steps of all scenarios of a chart together
}

var defaultLimits = limits{output: 256 << 20, steps: 10_000_000, work: 1 << 30, chart: 50_000_000}

// errBudget is the root of errors about limits.
var errBudget = errors.New("the chart goes beyond what it may use")

// budget limits what the templates of one rendering use. Functions check it
// before they do what cannot be stopped. All limits count, so that a chart is
// refused on every machine or on none; the context is there to interrupt a run.
type budget struct {
	limits
	ctx   context.Context
	bytes int
	depth int
	// levels is how deep blocks and parentheses are nested, through all templates.
	levels int
	taken  int // steps
	spent  int // work
	// before is how many steps other scenarios of the chart had taken when this one
	// began. They run side by side, so it may be less than what they take in all.
	before int
	// programs is how many instructions the regular expressions have that were used.
	programs map[string]int
	files    []files
	done     <-chan struct{} // of the context
}

func newBudget(ctx context.Context, l limits, before int) *budget {
	return &budget{limits: l, ctx: ctx, before: before, programs: map[string]int{}, done: ctx.Done()}
}

// stopped is why the rendering must end, if it must.
func (b *budget) stopped() error {
	if err := b.ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", errBudget, err)
	}
	return nil
}

// step counts a round of a loop or a call of a function.
func (b *budget) step() error {
	if b.taken++; b.taken > b.steps || b.before+b.taken > b.chart {
		return b.tooManySteps()
	}
	select {
	case <-b.done:
		return b.stopped()
	default:
		return nil
	}
}

func (b *budget) tooManySteps() error {
	if b.taken > b.steps {
		return fmt.Errorf("%w: more than %d rounds of loops and calls of functions", errBudget, b.steps)
	}
	return fmt.Errorf("%w: more than %d rounds of loops and calls of functions in all scenarios", errBudget, b.chart)
}

// expense counts the work of a call that takes n times m units of time.
func (b *budget) expense(n, m int) error {
	if m > 0 && n > b.work/m {
		n, m = b.work, 2
	}
	if b.spent += n * m; b.spent > b.work {
		return fmt.Errorf("%w: calls of functions with long arguments", errBudget)
	}
	return nil
}

// spend counts bytes printed or made.
func (b *budget) spend(n int) error {
	if b.bytes += n; b.bytes > b.output {
		return fmt.Errorf("%w: more than %d MiB of text", errBudget, b.output>>20)
	}
	return b.step()
}

// product checks the size of what a function would make of a text n times.
func (b *budget) product(n, size int) error {
	if n > 0 && size > maxString/n {
		return fmt.Errorf("%w: a text of more than %d MiB", errBudget, maxString>>20)
	}
	return b.step()
}

// pairs checks how often elements of lists are compared.
func (b *budget) pairs(n, m int) error {
	if m > 0 && n > maxPairs/m {
		return fmt.Errorf("%w: lists of %d and %d elements are compared", errBudget, n, m)
	}
	if err := b.expense(16*n, m); err != nil {
		return err
	}
	return b.step()
}

// parse checks a text that is to be read.
func (b *budget) parse(s string) error {
	if len(s) > maxParsed {
		return fmt.Errorf("%w: a document of more than %d MiB", errBudget, maxParsed>>20)
	}
	return b.spend(len(s))
}

// match counts the work of matching a pattern. Go's regular expressions take time
// in proportion to the text and to the instructions of the pattern.
func (b *budget) match(pattern string, n int) error {
	size, known := b.programs[pattern]
	if !known {
		size = len(pattern)
		if re, err := syntax.Parse(pattern, syntax.Perl); err == nil {
			if prog, err := syntax.Compile(re.Simplify()); err == nil {
				size = len(prog.Inst)
			}
		}
		b.programs[strings.Clone(pattern)] = size
	}
	if err := b.expense(20*size, 1); err != nil { // compiling it
		return err
	}
	if err := b.expense(n+1, size); err != nil {
		return err
	}
	return b.step()
}

// replacement checks the size of a text in which a pattern is replaced.
func (b *budget) replacement(pattern, s, with string) error {
	if err := b.match(pattern, 2*len(s)); err != nil {
		return err
	}
	if err := b.product(strings.Count(with, "$"), len(s)); err != nil {
		return err
	}
	if b.product(len(s)+1, len(with)) == nil {
		return nil
	}
	if re, err := regexp.Compile(pattern); err == nil { // else the function tells of it
		return b.product(len(re.FindAllStringIndex(s, maxList)), len(with))
	}
	return nil
}

// checkBlocks looks whether a template nests its blocks so deep that parsing it,
// or executing it, would use up the stack.
func checkBlocks(text string) error {
	depth, elses := 0, 0
	for {
		i := strings.Index(text, "{{")
		if i < 0 {
			return nil
		}
		text = text[i+2:]
		word := strings.TrimLeft(text[:min(len(text), 64)], "- \t\r\n")
		switch {
		case startsWord(word, "if", "with", "range", "block", "define"):
			depth++
		case startsWord(word, "else"):
			elses++
		case startsWord(word, "end"):
			depth--
		}
		if depth <= 0 {
			depth, elses = 0, 0
		}
		if depth+elses > maxBlocks {
			return fmt.Errorf("%w: blocks are nested deeper than %d", errBudget, maxBlocks)
		}
	}
}

func startsWord(s string, words ...string) bool {
	for _, w := range words {
		if rest, ok := strings.CutPrefix(s, w); ok && (rest == "" || rest[0]|0x20 < 'a' || rest[0]|0x20 > 'z') {
			return true
		}
	}
	return false
}

// enter counts a template within others, and the blocks and parentheses within it.
func (b *budget) enter(levels int) error {
	if err := b.spend(4 * noteBytes); err != nil {
		return err
	}
	b.depth++
	b.levels += levels
	if b.depth > maxNesting {
		return fmt.Errorf("%w: templates are nested deeper than %d", errBudget, maxNesting)
	}
	if b.levels > maxStacked {
		return fmt.Errorf("%w: the blocks of templates in each other are nested deeper than %d", errBudget, maxStacked)
	}
	return nil
}

func (b *budget) leave(levels int) {
	b.depth--
	b.levels -= levels
}

// rangeLevels is what a range counts for: text/template catches errors in it and
// raises them anew, on top of the stack.
const rangeLevels = 30

// listLevels is how deep blocks and parentheses are nested.
func listLevels(l *parse.ListNode) int {
	if l == nil {
		return 0
	}
	deepest := 0
	for _, n := range l.Nodes {
		levels := 0
		switch n := n.(type) {
		case *parse.ActionNode:
			levels = pipeLevels(n.Pipe)
		case *parse.TemplateNode:
			levels = pipeLevels(n.Pipe)
		case *parse.IfNode:
			levels = branchLevels(&n.BranchNode)
		case *parse.WithNode:
			levels = branchLevels(&n.BranchNode)
		case *parse.RangeNode:
			levels = branchLevels(&n.BranchNode)
		}
		deepest = max(deepest, levels)
	}
	return deepest
}

func branchLevels(b *parse.BranchNode) int {
	own := 1
	if b.NodeType == parse.NodeRange {
		own = rangeLevels
	}
	return own + max(pipeLevels(b.Pipe), listLevels(b.List), listLevels(b.ElseList))
}

func pipeLevels(p *parse.PipeNode) int {
	if p == nil {
		return 0
	}
	deepest := 0
	for _, c := range p.Cmds {
		for _, a := range c.Args {
			switch a := a.(type) {
			case *parse.PipeNode:
				deepest = max(deepest, 1+pipeLevels(a))
			case *parse.ChainNode:
				if q, ok := a.Node.(*parse.PipeNode); ok {
					deepest = max(deepest, 1+pipeLevels(q))
				}
			}
		}
	}
	return deepest
}

// check looks whether values can be printed or copied: those that hold
// themselves would overflow the stack, which no program survives, and those that
// hold one text many times the memory.
func (b *budget) check(values ...any) error {
	var m measured
	for _, v := range values {
		switch v := v.(type) {
		case nil, bool, int, int64, float64:
			continue
		case string:
			m.bytes += len(v)
			continue
		}
		if err := m.measure(reflect.ValueOf(v), 0); err != nil {
			return err
		}
	}
	if m.bytes > maxString {
		return m.tooLong()
	}
	return b.step()
}

func (b *budget) checkPrinted(v reflect.Value) error {
	if v = under(v); !isContainer(v) {
		return nil
	}
	var m measured
	return m.measure(v, 0)
}

// measured is what was found of a value.
type measured struct{ parts, bytes int }

func (m *measured) tooLong() error {
	return fmt.Errorf("%w: a text of more than %d MiB", errBudget, maxString>>20)
}

func (m *measured) measure(v reflect.Value, level int) error {
	v = under(v)
	switch {
	case !v.IsValid():
		return nil
	case v.Kind() == reflect.String:
		if m.bytes += v.Len(); m.bytes > maxString {
			return m.tooLong()
		}
		return nil
	case !isContainer(v):
		return nil
	}
	switch elem := v.Type().Elem().Kind(); elem {
	case reflect.Interface, reflect.Map, reflect.Slice, reflect.Pointer, reflect.String:
	default:
		return nil
	}
	if level > maxLevels {
		return fmt.Errorf("%w: a value is nested deeper than %d; it may hold itself", errBudget, maxLevels)
	}
	if m.parts += v.Len(); m.parts > maxParts {
		return fmt.Errorf("%w: a value has more than %d parts", errBudget, maxParts)
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			if err := m.measure(v.Index(i), level+1); err != nil {
				return err
			}
		}
		return nil
	}
	for it := v.MapRange(); it.Next(); {
		if err := m.measure(it.Value(), level+1); err != nil {
			return err
		}
	}
	return nil
}
