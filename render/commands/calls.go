package commands

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/discover"
)

// call is what a pipeline gives the parameters of a template of its repository, or the inputs of a reusable workflow or an action.
type call struct {
	by string // the file, by its name in the tree
	// given are the values by the names in lower case: they count in any case.
	given map[string]parameter
}

// parameter is a value of a parameter, and the line where it is.
type parameter struct {
	value string
	line  int
}

const (
	maxCalls     = 32 // of one template
	maxParameter = 4 << 10
)

var (
	// takesParameters matches what stands for a parameter in a template, for an input in a workflow.
	takesParameters = regexp.MustCompile(`\$\{\{\s*(?:parameters|inputs)\.([\w-]+)\s*\}\}`)
	// mayCall matches what texts have that call templates of their repositories.
	mayCall = regexp.MustCompile(`(?m)^[\s-]*(?:template:|uses:\s*["']?\./)`)
)

// callsOf are the calls of a template with some text. Those of pipelines for tests do not count.
func (r *reader) callsOf(name string, text []byte) []call {
	if !isYAML(name) || !takesParameters.Match(text) {
		return nil
	}
	if r.calls == nil {
		r.calls = map[string][]call{}
		for _, by := range discover.Instructions(r.tree) {
			if isYAML(by) && !forTests.MatchString(by) {
				r.readCalls(by)
			}
		}
	}
	return r.calls[name]
}

func isYAML(name string) bool { return path.Ext(name) == ".yaml" || path.Ext(name) == ".yml" }

func (r *reader) readCalls(by string) {
	text, err := r.tree.ReadFile(by)
	var n yaml.Node
	if err == nil && len(text) <= maxText && mayCall.Match(text) && yaml.Unmarshal(text, &n) == nil && node.IsExpandable(&n) {
		r.findCalls(by, &n, 0)
	}
}

func (r *reader) findCalls(by string, n *yaml.Node, depth int) {
	if depth > maxDepth {
		return
	}
	if n.Kind == yaml.MappingNode {
		r.call(by, node.NewValue(n))
	}
	for _, c := range n.Content {
		r.findCalls(by, c, depth+1)
	}
}

// call notes the call that a mapping is.
func (r *reader) call(by string, v lint.Value) {
	place, given := "", lint.Value{}
	if of := v.Get("template").Text(); of != "" && !strings.Contains(of, "@") { // of another repository
		place, given = path.Join(path.Dir(by), of), v.Get("parameters")
		if path.IsAbs(of) {
			place = strings.TrimPrefix(path.Clean(of), "/")
		}
	} else if of, ok := strings.CutPrefix(v.Get("uses").Text(), "./"); ok {
		place, given = path.Clean(of), v.Get("with")
		for _, base := range []string{"action.yml", "action.yaml"} {
			if r.tree.Exists(path.Join(place, base)) {
				place = path.Join(place, base)
				break
			}
		}
	}
	if len(r.calls[place]) == maxCalls || given.Len() == 0 {
		return
	}
	c := call{by, map[string]parameter{}}
	for name, v := range given.Entries() {
		if v.IsScalar() && len(v.Node.Value) <= maxParameter && !strings.Contains(v.Node.Value, "\n") {
			c.given[strings.ToLower(name)] = parameter{v.Node.Value, v.Node.Line}
		}
	}
	r.calls[place] = append(r.calls[place], c)
}

// expand is a template with what a call gives it.
func (c call) expand(text string) string {
	return takesParameters.ReplaceAllStringFunc(text, func(ref string) string {
		if p, ok := c.given[strings.ToLower(takesParameters.FindStringSubmatch(ref)[1])]; ok {
			return p.value
		}
		return ref
	})
}

// options are the lines that give a template options of commands.
func (c call) options() (l []lint.Position) {
	for _, p := range c.given {
		if strings.Contains(p.value, "--set") {
			l = append(l, lint.Position{File: c.by, Line: p.line})
		}
	}
	slices.SortFunc(l, func(a, b lint.Position) int { return a.Line - b.Line })
	return l
}

// isForTests reports whether a text is for tests. The name of a template of pipelines says that it is one.
func (r *reader) isForTests(name string, text []byte) bool {
	if !forTests.MatchString(name) {
		return false
	}
	return forTests.MatchString(strings.ReplaceAll(name, "template", "")) || !bytes.Contains(text, []byte("helm")) || len(r.callsOf(name, text)) == 0
}
