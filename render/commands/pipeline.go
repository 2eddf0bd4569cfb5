package commands

import (
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/attributes"
)

// block is a text with commands in a file of YAML.
type block struct {
	text   string
	before int // how many lines are before it
	dir    string
}

// pipeline takes the commands in a file of a CI system, or of Task.
func (r *reader) pipeline(name string, text []byte) {
	var n yaml.Node
	if yaml.Unmarshal(text, &n) != nil || !node.IsExpandable(&n) || len(n.Content) == 0 {
		return
	}
	p := pipelineReader{set: map[string]string{}, twice: map[string]bool{}}
	p.read(n.Content[0], "", 0)
	maps.DeleteFunc(p.set, func(name, _ string) bool { return p.twice[name] })
	dir := path.Dir(name)
	if strings.HasPrefix(name, ".github/") || isOfAzure(node.NewValue(n.Content[0])) {
		dir = "."
	}
	calls := r.callsOf(name, text)
	for _, b := range p.blocks {
		s := attributes.Script{Tree: r.tree, Name: name, Dir: path.Join(dir, b.dir), Set: p.set}
		if len(calls) == 0 || !takesParameters.MatchString(b.text) {
			r.script(s, p.expand(b.text), at{name: name, number: b.before})
			continue
		}
		for _, c := range calls {
			r.script(s, p.expand(c.expand(b.text)), at{name: name, number: b.before, given: c.options()})
		}
	}
}

// isOfAzure reports whether a file is a pipeline of Azure DevOps, or a template of one: its scripts run at the top of the repository.
func isOfAzure(v lint.Value) bool {
	return slices.ContainsFunc([]string{"steps", "jobs", "stages"}, func(key string) bool {
		for item := range v.Get(key).Items() {
			return item.IsMap()
		}
		return false
	})
}

type pipelineReader struct {
	set    map[string]string
	twice  map[string]bool
	blocks []block
}

// given matches where a workflow or Task puts the value of a variable.
var given = regexp.MustCompile(`\$\{\{\s*(?:env\.)(\w+)\s*\}\}|\{\{\s*\.(\w+)\s*\}\}`)

func (p *pipelineReader) expand(text string) string {
	return given.ReplaceAllStringFunc(text, func(ref string) string {
		m := given.FindStringSubmatch(ref)
		if value := p.set[m[1]+m[2]]; value != "" {
			return value
		}
		return ref
	})
}

const maxDepth = 32

// read takes the texts below a node, and the variables that have literals as values.
func (p *pipelineReader) read(n *yaml.Node, dir string, depth int) {
	if depth > maxDepth {
		return
	}
	switch n.Kind { //nolint:exhaustive // an alias is read where it leads to
	case yaml.SequenceNode:
		for _, c := range n.Content {
			p.read(c, dir, depth+1)
		}
	case yaml.ScalarNode:
		p.text(n, dir)
	case yaml.MappingNode:
		dir = p.mapping(node.NewValue(n), dir)
		for i := 1; i < len(n.Content); i += 2 {
			p.read(n.Content[i], dir, depth+1)
		}
	}
}

// text takes a text that may have commands.
func (p *pipelineReader) text(n *yaml.Node, dir string) {
	if !strings.Contains(n.Value, "helm") || !strings.Contains(n.Value, " ") {
		return
	}
	b := block{n.Value, n.Line - 1, dir}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		b.before++
	}
	p.blocks = append(p.blocks, b)
}

// mapping takes the variables of a job or step, and gives the folder in which it runs.
func (p *pipelineReader) mapping(v lint.Value, dir string) string {
	for _, key := range []string{"working-directory", "dir"} {
		if in := v.Get(key); in.IsScalar() && !isUnknown(in.Node.Value) && filepath.IsLocal(in.Node.Value) {
			dir = in.Node.Value
		}
	}
	for _, key := range []string{"env", "variables", "vars"} {
		for name, v := range v.Get(key).Entries() {
			p.variable(name, v)
		}
	}
	return dir
}

func (p *pipelineReader) variable(name string, v lint.Value) {
	const maxValue = 256
	if !v.IsScalar() || len(v.Node.Value) > maxValue {
		p.twice[name] = true
		return
	}
	old, known := p.set[name]
	p.twice[name] = p.twice[name] || isUnknown(v.Node.Value) || known && old != v.Node.Value
	p.set[name] = v.Node.Value
}
