// Package words finds the words that commands of a repository replace in manifests before they apply them.
package words

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/tree"
)

// Fill makes placeholders of the words that commands of the repository replace in a manifest before they apply it: sed 's/the_name/web/'.
// Only words count that no name of Kubernetes may have, where it takes a name, an image, a port or a number: so the manifest cannot be applied as it
// is, and a command that pretends to replace something valid hides nothing. RBAC, variables, arguments and data stay as they are written.
func Fill(read []plain.Manifest, files []discover.File) {
	var s substitutions
	for i, f := range files {
		if len(read[i].Objects) == 0 || manifest.IsYtt(read[i].Data) {
			continue
		}
		for j, o := range read[i].Objects {
			if values := fillable(o); len(values) > 0 {
				read[i].Objects[j] = s.fill(o, values, f, read[i])
			}
		}
	}
}

// invalid matches a word that no name has: with an underscore or capitals, and so that it is none of the words that stand for themselves.
var invalid = regexp.MustCompile(`[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[A-Z][A-Z0-9]{3,}`)

// fillable are the scalars of an object that hold a word which no name has, where Kubernetes takes names, images and numbers.
func fillable(o *lint.Object) map[*yaml.Node]bool {
	found := map[*yaml.Node]bool{}
	if o.Group() == "rbac.authorization.k8s.io" {
		return found
	}
	eachFillable(o.Root.Node, "", 0, func(n *yaml.Node) {
		if invalid.MatchString(n.Value) {
			found[n] = true
		}
	})
	return found
}

// maxDepth is how deep objects are looked at.
const maxDepth = 50

func eachFillable(n *yaml.Node, key string, depth int, each func(*yaml.Node)) {
	if depth > maxDepth {
		return
	}
	switch n.Kind { //nolint:exhaustive // what an alias refers to is looked at where it is
	case yaml.ScalarNode:
		if isFillable(key) {
			each(n)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			eachFillable(item, key, depth+1, each)
		}
	case yaml.MappingNode:
		isVariable := hasValue(n)
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch key := n.Content[i].Value; key {
			case "data", "stringData", "annotations", "labels", "env", "args", "command", "securityContext":
			default:
				if !isVariable || key != "name" {
					eachFillable(n.Content[i+1], key, depth+1, each)
				}
			}
		}
	}
}

// isFillable reports the keys of names, images, ports and numbers. That of a port of the node is not among them: it gives access to the node.
func isFillable(key string) bool {
	switch key {
	case "name", "namespace", "image", "host", "hosts", "serviceName", "port", "targetPort", "nodePort", "containerPort", "number", "replicas":
		return true
	}
	return false
}

// hasValue reports a mapping with a name that may be any text, and its value.
func hasValue(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i].Value; key == "value" || key == "valueFrom" {
			return true
		}
	}
	return false
}

// substitutions are the words that commands of trees replace, by the last part of the path of the file. Each tree is read once, if need be.
type substitutions struct {
	byTree map[*tree.Tree]map[string][]substitution
}

// substitution is a word that a command of a folder replaces in a file.
type substitution struct{ from, file, word string }

const (
	// maxSubstitutions is how many are known of files with one name.
	maxSubstitutions = 100
	// maxInCommand is how many files, and about how many words, of one line are known.
	maxInCommand = 1000
	// maxInstructions limits the size of a document or program that is read.
	maxInstructions = 1 << 20
)

// fill is an object of a file with placeholders in the place of the words that are replaced in some of its values.
func (s *substitutions) fill(o *lint.Object, values map[*yaml.Node]bool, f discover.File, m plain.Manifest) *lint.Object {
	words := s.of(f)
	if len(words) == 0 {
		return o
	}
	replacer := strings.NewReplacer(words...)
	made, from := manifest.Replace(o.Root.Node, func(n *yaml.Node) (string, bool) {
		if values[n] {
			return replacer.Replace(n.Value), false
		}
		return n.Value, false
	})
	if made == o.Root.Node {
		return o
	}
	if filled, ok := lint.NewObject(made, filledSource{manifest.NewSource(m.Name, m.Data), from}); ok {
		return filled
	}
	return o
}

// filledSource locates the values of an object in which placeholders are in the place of words.
type filledSource struct {
	*manifest.Source
	from map[*yaml.Node]*yaml.Node
}

// Locate is where the file has the value.
func (s filledSource) Locate(v lint.Value) lint.Origin {
	if n, _ := v.Anchor(); n != nil && s.from[n] != nil && n.Kind == yaml.ScalarNode {
		return s.LocateNode(s.from[n])
	}
	return s.Source.Locate(v)
}

// of are the words that are replaced in a file, each with a placeholder for it, the longest ones first: one may be part of another.
func (s *substitutions) of(f discover.File) (pairs []string) {
	var words []string
	for _, c := range s.in(f.Tree)[path.Base(f.Name)] {
		if c.isOf(f.Name) && !slices.Contains(words, c.word) {
			words = append(words, c.word)
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, w := range words {
		pairs = append(pairs, w, "${"+w+"}")
	}
	return pairs
}

// isOf reports whether the path is that of a file: from the folder of the command, or from the top. The folder of a path that begins with a variable
// is taken to be that of the command.
func (c substitution) isOf(name string) bool {
	dir := path.Dir(c.file)
	if strings.Contains(dir, "$") {
		return path.Dir(name) == c.from
	}
	return name == path.Join(c.from, c.file) || name == path.Clean(c.file)
}

func (s *substitutions) in(t *tree.Tree) map[string][]substitution {
	if l, known := s.byTree[t]; known {
		return l
	}
	if s.byTree == nil {
		s.byTree = map[*tree.Tree]map[string][]substitution{}
	}
	l := map[string][]substitution{}
	s.byTree[t] = l
	for _, name := range discover.Instructions(t) {
		text, err := t.ReadFile(name)
		if err != nil || len(text) > maxInstructions || !replaces.Match(text) {
			continue
		}
		for line := range strings.Lines(strings.NewReplacer("\r\n", "\n", "\\\n", " ", "|\n", "| ").Replace(string(text))) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") && replaces.MatchString(line) {
				addSubstitutions(l, path.Dir(name), line)
			}
		}
	}
	return l
}

var (
	// replaces matches a command that replaces words.
	replaces = regexp.MustCompile(`\b(?:sed|perl)\s`)
	// shellWord matches a word of a command, with its quotes, or what is between commands.
	shellWord = regexp.MustCompile("(?:\"(?:\\\\.|[^\"\\\\])*\"|'[^']*'|\\\\.|[^\\s\"'\\\\;&|<>`])+|[;&|<>`]")
	quotes    = strings.NewReplacer(`"`, "", `'`, "")
)

// addSubstitutions notes the words that the commands of a line in a folder replace, which hand on what they write, in the files that they read.
func addSubstitutions(l map[string][]substitution, from, line string) {
	var files, words []string
	add := func() {
		for _, file := range files {
			base := path.Base(file)
			for _, word := range words {
				if c := (substitution{from, file, word}); len(l[base]) < maxSubstitutions && !slices.Contains(l[base], c) {
					l[base] = append(l[base], c)
				}
			}
		}
		files, words = nil, nil
	}
	last := ""
	for _, word := range shellWord.FindAllString(line, -1) {
		text := quotes.Replace(word)
		switch ext := path.Ext(text); {
		case word == ";" || word == "&":
			add()
		case last != ">" && (ext == ".yaml" || ext == ".yml") && !strings.ContainsAny(text, " *"):
			if len(files) < maxInCommand {
				files = append(files, strings.NewReplacer("{", "", "}", "").Replace(text))
			}
		case len(words) < maxInCommand:
			words = append(words, replacedWords(text)...)
		}
		last = word
	}
	add()
}

// delimiters separate what sed replaces from what it writes.
const delimiters = "/|#~,@:!+%"

// replacedWords are the words that an argument of sed or perl replaces, which no name of Kubernetes may have: s/the_name/web/g.
func replacedWords(text string) (words []string) {
	for i := 0; i+1 < len(text); i++ {
		if text[i] != 's' || i > 0 && !strings.ContainsRune("; \n{", rune(text[i-1])) || !strings.ContainsRune(delimiters, rune(text[i+1])) {
			continue
		}
		delimiter := text[i+1 : i+2]
		old, rest, ok := strings.Cut(text[i+2:], delimiter)
		if to, _, isWhole := strings.Cut(rest, delimiter); ok && isWhole && to != old && invalid.FindString(old) == old && old != "" {
			words = append(words, old)
		}
	}
	return words
}
