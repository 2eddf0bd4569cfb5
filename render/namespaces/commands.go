package namespaces

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// Placements say in which namespaces commands of the documents and programs of trees apply files. They read each once. The zero value is ready.
type Placements struct {
	// commands are the arguments of commands, by the last part of the path.
	commands map[*tree.Tree]map[string][]placement
}

// placement is a path that a command applies, and its namespace. That is empty if the command has none, or none that is known.
type placement struct{ from, name, namespace string }

// maxPlacements is how many arguments with the same last part are read. What more may say is not known.
const maxPlacements = 100

// maxInstructions limits the size of a document or program that is read.
const maxInstructions = 1 << 20

var (
	// applyCommand matches a command that applies files, up to its end.
	applyCommand = regexp.MustCompile("\\b(?:kubectl|oc)\\s+(?:[^|;&`#\\n]*\\s)?(?:apply|create|replace)\\s([^|;&`#\\n]*)")
	inNamespace  = regexp.MustCompile(`\s(?:-n|--namespace)(?:=|\s+)["']?([^\s"']+)`)
	withFile     = regexp.MustCompile(`\s(?:-f|--filename)(?:=|\s+)["']?([^\s"']+)`)
	// namespaceName matches the name of a namespace.
	namespaceName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$`)
)

// Of are the namespaces in which commands apply a file, sorted. It is empty if none does, or if one does with a namespace that is not known, such as
// that of the context. The namespaces of the cluster itself do not count: rules exempt what is in them, so a manifest has to name them itself.
func (p *Placements) Of(f discover.File) (namespaces []string) {
	commands := p.in(f.Tree)
	for _, base := range slices.Compact([]string{path.Base(f.Name), path.Base(path.Dir(f.Name))}) {
		if len(commands[base]) == maxPlacements {
			return nil
		}
		for _, c := range commands[base] {
			switch {
			case !c.applies(f):
			case !namespaceName.MatchString(c.namespace), strings.HasPrefix(c.namespace, "kube-"):
				return nil
			default:
				namespaces = append(namespaces, c.namespace)
			}
		}
	}
	slices.Sort(namespaces)
	return slices.Compact(namespaces)
}

func (p *Placements) in(t *tree.Tree) map[string][]placement {
	if l, known := p.commands[t]; known {
		return l
	}
	if p.commands == nil {
		p.commands = map[*tree.Tree]map[string][]placement{}
	}
	l := map[string][]placement{}
	p.commands[t] = l
	for _, name := range discover.Instructions(t) {
		text, err := t.ReadFile(name)
		if err != nil || len(text) > maxInstructions {
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
			if strings.Contains(line, "cd ") { // the paths are of another folder
				continue
			}
			for _, command := range applyCommand.FindAllString(line, -1) {
				addPlacements(l, path.Dir(name), command)
			}
		}
	}
	return l
}

// addPlacements notes the files of a command in a document or program of a folder.
func addPlacements(l map[string][]placement, from, command string) {
	namespace := ""
	if all := inNamespace.FindAllStringSubmatch(command, 2); len(all) == 1 {
		namespace = all[0][1]
	}
	for _, m := range withFile.FindAllStringSubmatch(command, -1) {
		c := placement{from, m[1], namespace}
		base := path.Base(path.Join(from, c.name))
		if len(l[base]) < maxPlacements && !slices.Contains(l[base], c) {
			l[base] = append(l[base], c)
		}
	}
}

// sureSteps is how many steps at the end of a path make it that of a file, wherever a checkout is.
const sureSteps = 3

// applies reports whether the path is that of a file, or of its folder: below the folder of the document or program, or that of the repository, or
// in a checkout at another place.
func (c placement) applies(f discover.File) bool {
	for _, name := range [...]string{f.Name, path.Dir(f.Name)} {
		if name == path.Join(c.from, c.name) || name == path.Clean(c.name) || c.isElsewhere() && sameEnd(c.name, name) >= sureSteps {
			return true
		}
	}
	return false
}

// isElsewhere reports whether the path is that of a checkout, and not of a folder of the repository.
func (c placement) isElsewhere() bool {
	return strings.HasPrefix(c.name, "~") || strings.HasPrefix(c.name, "/") || strings.HasPrefix(c.name, "$")
}

// sameEnd is how many steps two paths have in common at their ends. It is zero if the last ones differ.
func sameEnd(a, b string) (n int) {
	for a != "" && b != "" && path.Base(a) == path.Base(b) {
		a, b = strings.TrimSuffix(a[:len(a)-len(path.Base(a))], "/"), strings.TrimSuffix(b[:len(b)-len(path.Base(b))], "/")
		n++
	}
	return n
}
