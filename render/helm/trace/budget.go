package trace

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"text/template/parse"
)

// Limits of one rendering. Real charts stay far below them: the largest known charts
// print 10 MB, nest 30 templates and take 15,000 steps.
const (
	maxString  = 64 << 20   // bytes in the result of one call
	maxNesting = 1000       // templates that call each other
	maxBlocks  = 1000       // nested blocks of one template
	maxStacked = 30_000     // nested blocks and parentheses of all active templates: each takes up to 1.5 kB of stack
	maxParts   = 5_000_000  // parts of a printed value
	MaxLevels  = 500        // depth of a printed value
	maxList    = 1_000_000  // elements of a new list
	maxPairs   = 50_000_000 // elements of lists that are compared with each other
	maxParsed  = 8 << 20    // bytes of YAML, JSON or TOML that a template parses: more than a file may have
	noteBytes  = 64         // what remembering one string adds to the bytes spent
)

// Limits are the limits of one rendering that tests can lower.
type Limits struct {
	Output int // bytes printed, and bytes made by functions
	Steps  int // rounds of loops, and calls of functions
	Work   int // cost of calls: bytes of their arguments, and more for slow functions
	Chart  int // steps of all scenarios of a chart together
}

// DefaultLimits are the limits of the program.
var DefaultLimits = Limits{Output: 256 << 20, Steps: 10_000_000, Work: 1 << 30, Chart: 50_000_000}

// ErrBudget is wrapped by all errors about exceeded limits.
var ErrBudget = errors.New("the chart goes beyond what it may use")

// budget limits what the templates of one rendering use. Functions check it before they
// start work that cannot be interrupted. All limits are counts, so a chart exceeds them
// either on every machine or on none. The context is only there to interrupt a run.
type budget struct {
	Limits
	Ctx   context.Context
	bytes int
	depth int
	// levels is how deep blocks and parentheses are nested across all active templates.
	levels int
	Taken  int // steps
	spent  int // work
	// before is how many steps other scenarios of the chart had taken when this one
	// began. Scenarios run in parallel, so it may be less than the steps of all the
	// others.
	before int
	// programs is the number of instructions of each regular expression that was used.
	programs map[string]int
	files    []Files
	// marshalled notes which value a text was made from. It is nil if nothing is traced.
	marshalled func(text string, of any) (string, error)
	Done       <-chan struct{} // of the context
}

// NewBudget limits one rendering. Before is how many steps earlier scenarios of the
// chart took.
func NewBudget(ctx context.Context, l Limits, before int) *budget {
	return &budget{Limits: l, Ctx: ctx, before: before, programs: map[string]int{}, Done: ctx.Done()}
}

// bytesAStep is how many bytes that a function reads or makes take about as long as a step.
const bytesAStep = 64

// Cost is how much the rendering has used, in steps.
func (b *budget) Cost() int { return b.Taken + (b.bytes+b.spent)/bytesAStep }

// Stopped is the reason why the rendering must end, or nil.
func (b *budget) Stopped() error {
	if err := b.Ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrBudget, err)
	}
	return nil
}

// step counts a round of a loop or a call of a function.
func (b *budget) step() error {
	if b.Taken++; b.Taken > b.Steps || b.before+b.Taken > b.Chart {
		return b.tooManySteps()
	}
	select {
	case <-b.Done:
		return b.Stopped()
	default:
		return nil
	}
}

func (b *budget) tooManySteps() error {
	if b.Taken > b.Steps {
		return fmt.Errorf("%w: more than %d rounds of loops and calls of functions", ErrBudget, b.Steps)
	}
	return fmt.Errorf("%w: more than %d rounds of loops and calls of functions in all scenarios", ErrBudget, b.Chart)
}

// expense adds the work of a call that takes n times m units of time.
func (b *budget) expense(n, m int) error {
	if m > 0 && n > b.Work/m {
		n, m = b.Work, 2
	}
	if b.spent += n * m; b.spent > b.Work {
		return fmt.Errorf("%w: calls of functions with long arguments", ErrBudget)
	}
	return nil
}

// spend adds bytes that were printed or made.
func (b *budget) spend(n int) error {
	if b.bytes += n; b.bytes > b.Output {
		return fmt.Errorf("%w: more than %d MiB of text", ErrBudget, b.Output>>20)
	}
	return b.step()
}

// product checks the size of a text that a function would repeat n times.
func (b *budget) product(n, size int) error {
	if n > 0 && size > maxString/n {
		return fmt.Errorf("%w: a text of more than %d MiB", ErrBudget, maxString>>20)
	}
	return b.step()
}

// pairs checks how many comparisons of list elements a call makes.
func (b *budget) pairs(n, m int) error {
	if m > 0 && n > maxPairs/m {
		return fmt.Errorf("%w: lists of %d and %d elements are compared", ErrBudget, n, m)
	}
	if err := b.expense(16*n, m); err != nil {
		return err
	}
	return b.step()
}

// parse checks a text before it is parsed.
func (b *budget) parse(s string) error {
	if len(s) > maxParsed {
		return fmt.Errorf("%w: a document of more than %d MiB", ErrBudget, maxParsed>>20)
	}
	return b.spend(len(s))
}

// match adds the work of matching a pattern. The time that Go's regular expressions take
// is proportional to the length of the text and to the number of instructions of the
// pattern.
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
	if err := b.expense(20*size, 1); err != nil { // the cost of compiling it
		return err
	}
	if err := b.expense(n+1, size); err != nil {
		return err
	}
	return b.step()
}

// replacement checks the size of a text after a pattern is replaced in it.
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
	if re, err := regexp.Compile(pattern); err == nil { // otherwise the function itself returns the error
		return b.product(len(re.FindAllStringIndex(s, maxList)), len(with))
	}
	return nil
}

// CheckBlocks checks whether a template nests its blocks so deep that parsing or
// executing it would overflow the stack.
func CheckBlocks(text string) error {
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
			return fmt.Errorf("%w: blocks are nested deeper than %d", ErrBudget, maxBlocks)
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

// enter counts a nested template, and the blocks and parentheses within it.
func (b *budget) enter(levels int) error {
	if err := b.spend(4 * noteBytes); err != nil {
		return err
	}
	b.depth++
	b.levels += levels
	if b.depth > maxNesting {
		return fmt.Errorf("%w: templates are nested deeper than %d", ErrBudget, maxNesting)
	}
	if b.levels > maxStacked {
		return fmt.Errorf("%w: the blocks of templates in each other are nested deeper than %d", ErrBudget, maxStacked)
	}
	return nil
}

func (b *budget) leave(levels int) {
	b.depth--
	b.levels -= levels
}

// rangeLevels is how many levels a range counts as: text/template catches panics in a
// range and raises them again, which takes more stack.
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

// check returns an error if values cannot be printed or copied. Values that contain
// themselves would overflow the stack, which crashes the program. Values that contain one
// text many times would need many times its memory.
func (b *budget) check(values ...any) error {
	var m Measured
	for _, v := range values {
		switch v := v.(type) {
		case nil, bool, int, int64, float64:
			continue
		case string:
			m.bytes += len(v)
			continue
		}
		if err := m.Measure(reflect.ValueOf(v), 0); err != nil {
			return err
		}
	}
	if m.bytes > maxString {
		return m.tooLong()
	}
	return b.step()
}

func (b *budget) checkPrinted(v reflect.Value) error {
	if v = under(v); !IsContainer(v) {
		return nil
	}
	var m Measured
	return m.Measure(v, 0)
}

// Measured is the size of a value.
type Measured struct{ parts, bytes int }

func (m *Measured) tooLong() error {
	return fmt.Errorf("%w: a text of more than %d MiB", ErrBudget, maxString>>20)
}

// Measure adds the size of a value at a level of nesting. The error names the exceeded
// limit.
func (m *Measured) Measure(v reflect.Value, level int) error {
	v = under(v)
	if x, ok := plainContainer(v); ok {
		return m.plain(x, level)
	}
	switch {
	case !v.IsValid():
		return nil
	case v.Kind() == reflect.String:
		if m.bytes += v.Len(); m.bytes > maxString {
			return m.tooLong()
		}
		return nil
	case !IsContainer(v):
		return nil
	}
	switch elem := v.Type().Elem().Kind(); elem {
	case reflect.Interface, reflect.Map, reflect.Slice, reflect.Pointer, reflect.String:
	default:
		return nil
	}
	if err := m.container(v.Len(), level); err != nil {
		return err
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			if err := m.Measure(v.Index(i), level+1); err != nil {
				return err
			}
		}
		return nil
	}
	for it := v.MapRange(); it.Next(); {
		if err := m.Measure(it.Value(), level+1); err != nil {
			return err
		}
	}
	return nil
}

// plainContainer is a container as the type that nearly all have that templates see.
func plainContainer(v reflect.Value) (c any, ok bool) {
	if !v.IsValid() || !v.CanInterface() {
		return nil, false
	}
	switch c := v.Interface().(type) {
	case map[string]any, []any:
		return c, true
	}
	if v.Kind() == reflect.Map && v.Type().ConvertibleTo(plainMap) { // such as Helm's Values
		return v.Convert(plainMap).Interface(), true
	}
	return nil, false
}

var plainMap = reflect.TypeFor[map[string]any]()

// plain measures a value without reflection, which takes a tenth of the time. Templates that pass their
// root context on with merge have it measured again and again.
func (m *Measured) plain(v any, level int) error {
	switch v := v.(type) {
	case nil, bool, int, int64, float64:
		return nil
	case string:
		if m.bytes += len(v); m.bytes > maxString {
			return m.tooLong()
		}
		return nil
	case map[string]any:
		return m.all(len(v), maps.Values(v), level)
	case []any:
		return m.all(len(v), slices.Values(v), level)
	default:
		return m.Measure(reflect.ValueOf(v), level)
	}
}

// all measures a map or list with what is in it.
func (m *Measured) all(parts int, values iter.Seq[any], level int) error {
	if err := m.container(parts, level); err != nil {
		return err
	}
	for x := range values {
		if err := m.plain(x, level+1); err != nil {
			return err
		}
	}
	return nil
}

// container adds the parts of a map or list.
func (m *Measured) container(parts, level int) error {
	if level > MaxLevels {
		return fmt.Errorf("%w: a value is nested deeper than %d; it may hold itself", ErrBudget, MaxLevels)
	}
	if m.parts += parts; m.parts > maxParts {
		return fmt.Errorf("%w: a value has more than %d parts", ErrBudget, maxParts)
	}
	return nil
}
