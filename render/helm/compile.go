package helm

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"text/template/parse"
)

// compiled is a source parsed to trees, with trace nodes in them.
type compiled struct {
	src   *source
	trees map[string]*parse.Tree // by template name; its own and those that it defines
	// levels is how deep the blocks and parentheses of each template are nested.
	levels map[string]int
	// texts are the addresses by which sites are told: those of text nodes, marks,
	// and constant names of includes.
	texts []text
	asked []*site // those that stand for nodes, whose being reached is asked for
	sites []site  // where the next ones are put
}

// text is where the bytes of a site start.
type text struct {
	at   *byte
	site *site
}

// compileText parses a text and puts the trace nodes in.
func compileText(name string, src *source, functions map[string]any) (c *compiled, err error) {
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
	c = &compiled{src: src, trees: trees, levels: make(map[string]int, len(trees))}
	for name, t := range trees {
		c.levels[name] = listLevels(t.Root)
		c.instrument(t)
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
	sites  int // how many have a number
}

// entry is a template of a library: what compiling came to.
type entry struct {
	src *source
	*compiled
	err error
}

// templateText is a template of a file: its full name, and its source.
type templateText struct {
	name string
	src  *source
}

// compile is templates, compiled once. Scenarios agree on names,
// unless an alias gives a name to another chart.
func (l *library) compile(tasks []templateText, functions map[string]any) []*entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*entry, len(tasks))
	var missing []int
	for i, t := range tasks {
		if e := l.byName[t.name]; e != nil && e.src.file == t.src.file && e.src.text == t.src.text {
			all[i] = e
		} else {
			missing = append(missing, i)
		}
	}
	parallel(len(missing), func(i int) {
		t := tasks[missing[i]]
		e := &entry{src: t.src}
		e.compiled, e.err = compileText(t.name, t.src, functions)
		all[missing[i]] = e
	})
	for _, i := range missing {
		l.byName[tasks[i].name] = all[i]
		if all[i].err == nil {
			for _, s := range all[i].asked {
				l.sites++
				s.number = l.sites
			}
		}
	}
	return all
}

// parallel calls do for 0 to n-1, from as many goroutines as there are processors.
func parallel(n int, do func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
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
