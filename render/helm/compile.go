package helm

import (
	"fmt"
	"strings"
	"sync"
	"text/template/parse"
)

// compiled is a source parsed to trees, with trace nodes in them.
type compiled struct {
	src   *source
	trees map[string]*parse.Tree // by template name; its own and those that it defines
	// texts are the addresses by which sites are told: those of text nodes, marks,
	// and constant names of includes.
	texts []text
	asked []*site // those with a number
	sites []site  // where the next ones are put
}

// text is where the bytes of a site start.
type text struct {
	at   *byte
	site *site
}

// compileText parses a text and puts the trace nodes in. With a number, the
// sites that stand for nodes are numbered on from it.
func compileText(name string, src *source, functions map[string]any, number *int) (c *compiled, err error) {
	defer func() {
		if p := recover(); p != nil { // the parser has limits that it enforces by panics
			err = fmt.Errorf("parsing the template failed: %v", p)
		}
	}()
	if err := checkBlocks(src.text); err != nil {
		return nil, err
	}
	trees, err := parse.Parse(name, src.text, "", "", functions, builtins)
	if err != nil {
		return nil, err
	}
	c = &compiled{src: src, trees: trees}
	for _, t := range trees {
		c.instrument(t, number)
	}
	return c, nil
}

// builtins are the functions of text/template itself. The parser asks only
// whether a name is known.
var builtins = func() map[string]any {
	m := map[string]any{}
	for name := range names(`and call html index slice js len not or print printf println urlquery eq ge gt le lt ne`) {
		m[name] = true
	}
	return m
}()

// library is the compiled templates of a chart, for all of its scenarios.
type library struct {
	mu     sync.Mutex
	byName map[string]*entry
	number int // of the last site
}

// entry is a template of a library: what compiling came to.
type entry struct {
	src *source
	*compiled
	err error
}

// compile is the template of a task, compiled once. Names of scenarios agree,
// unless an alias gives a name to another chart.
func (l *library) compile(t task, functions map[string]any) (*compiled, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.byName[t.name]
	if e == nil || e.src.file != t.src.file || e.src.text != t.src.text {
		e = &entry{src: t.src}
		e.compiled, e.err = compileText(t.name, t.src, functions, &l.number)
		l.byName[t.name] = e
	}
	return e.compiled, e.err
}

// set is a set of small numbers.
type set []uint64

func (s *set) add(n int) {
	if n>>6 >= len(*s) {
		*s = append(*s, make(set, n>>6+1+len(*s)>>1-len(*s))...)
	}
	(*s)[n>>6] |= 1 << (n & 63)
}

func (s set) has(n int) bool { return n>>6 < len(s) && s[n>>6]&(1<<(n&63)) != 0 }

// resultFuncs are the functions that tell the tracer what they returned.
var resultFuncs = names(stringFuncs + " " + marshalFuncs + " include tpl")

func names(list string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		m[name] = true
	}
	return m
}
