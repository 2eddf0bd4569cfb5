package trace

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"text/template/parse"
)

// Compiled is a source, parsed into trees that contain trace nodes.
type Compiled struct {
	Src   *Source
	trees map[string]*parse.Tree // by template name; the source's own template and those that it defines
	Name  string                 // the name of the template of a file; empty for a string passed to tpl
	// plain returns the trees without trace nodes.
	plain func() map[string]*parse.Tree
	// levels is how deep the blocks and parentheses of each template are nested.
	levels map[string]int
	// Texts are the addresses that identify sites: those of text nodes, marks, and
	// constant names of includes.
	Texts    []text
	Numbered []*Site // the sites that represent a node, for which coverage needs to know whether they were reached
	sites    []Site  // room for the next sites
}

// text is the address of the first byte of a site's text, and the site.
type text struct {
	at   *byte
	site *Site
}

// compileText parses a text and adds the trace nodes.
func compileText(name string, src *Source, functions map[string]any) (c *Compiled, err error) {
	defer func() {
		if p := recover(); p != nil { // the parser has limits that it enforces by panics
			err = fmt.Errorf("parsing the template failed: %v", p)
		}
	}()
	if err := CheckBlocks(src.Text); err != nil {
		return nil, err
	}
	trees, err := parse.Parse(name, src.Text, "", "", functions, builtins)
	if err != nil {
		return nil, err
	}
	c = &Compiled{Src: src, trees: trees, levels: make(map[string]int, len(trees))}
	if src.File != "" {
		c.Name = name
	}
	c.plain = sync.OnceValue(func() map[string]*parse.Tree {
		trees, _ := plainTrees(name, src.Text) // it could be parsed
		return trees
	})
	for name, t := range trees {
		c.levels[name] = listLevels(t.Root)
		c.instrument(t)
	}
	return c, nil
}

// plainTrees parses a text that can be parsed with all functions.
func plainTrees(name, text string) (map[string]*parse.Tree, error) {
	trees := map[string]*parse.Tree{}
	t := parse.New(name)
	t.Mode = parse.SkipFuncCheck
	_, err := t.Parse(text, "", "", trees)
	return trees, err
}

// builtins are the functions of text/template itself. The parser only checks whether a
// name is known.
var builtins = func() map[string]any {
	m := map[string]any{}
	for name := range names(`and call html index slice js len not or print printf println urlquery eq ge gt le lt ne`) {
		m[name] = true
	}
	return m
}()

// Library is the compiled templates of a chart, shared by all its scenarios.
type Library struct {
	mu     sync.Mutex
	ByName map[string]*Entry
	sites  int // how many of them have a number
	// Conversions are those that the templates made.
	Conversions Conversions
}

// Entry is a template of a library: the result of compiling it.
type Entry struct {
	Src *Source
	*Compiled
	Err error
}

// TemplateText is a template of a file: its full name, and its source.
type TemplateText struct {
	Name string
	Src  *Source
}

// Compile compiles templates, each only once. The templates have the same names in all
// scenarios, unless an alias gives a name to another chart.
func (l *Library) Compile(tasks []TemplateText, functions map[string]any) []*Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*Entry, len(tasks))
	var missing []int
	for i, t := range tasks {
		if e := l.ByName[t.Name]; e != nil && e.Src.File == t.Src.File && e.Src.Text == t.Src.Text {
			all[i] = e
		} else {
			missing = append(missing, i)
		}
	}
	Parallel(len(missing), func(i int) {
		t := tasks[missing[i]]
		e := &Entry{Src: t.Src}
		e.Compiled, e.Err = compileText(t.Name, t.Src, functions)
		all[missing[i]] = e
	})
	for _, i := range missing {
		l.ByName[tasks[i].Name] = all[i]
		if all[i].Err == nil {
			for _, s := range all[i].Numbered {
				l.sites++
				s.Number = l.sites
			}
		}
	}
	return all
}

// Parallel calls do with 0 to n-1, in as many goroutines as there are processors.
func Parallel(n int, do func(int)) {
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

func (s set) Has(n int) bool { return n>>6 < len(s) && s[n>>6]&(1<<(n&63)) != 0 }

// resultFuncs are the functions that report their result to the tracer.
var resultFuncs = names(stringFuncs + " " + marshalFuncs + " include tpl")

func names(list string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		m[name] = true
	}
	return m
}
