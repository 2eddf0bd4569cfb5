// Package affected knows which files charts and overlays are made of, so that a
// changed file leads to the inputs that depend on it.
package affected

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// Reads is what an input is made of, by names in the tree.
type Reads struct {
	Files map[string]bool
	Dirs  []string // with everything in them
}

// NewReads is those of an input that reads nothing.
func NewReads() *Reads { return &Reads{Files: map[string]bool{}} }

// Has reports whether a file is read.
func (r *Reads) Has(name string) bool { return r.Files[name] || InDirs(r.Dirs, name) }

// File adds a file, and what it leads to if it is a link.
func (r *Reads) File(t *tree.Tree, name string) {
	r.Files[name] = true
	if target, err := filepath.EvalSymlinks(filepath.Join(t.Dir(), filepath.FromSlash(name))); err == nil {
		if target, ok := tree.Below(t.Dir(), target); ok {
			r.Files[target] = true
		}
	}
}

// Add adds what another input reads.
func (r *Reads) Add(s *Reads) {
	for name := range s.Files {
		r.Files[name] = true
	}
	for _, d := range s.Dirs {
		if !slices.Contains(r.Dirs, d) {
			r.Dirs = append(r.Dirs, d)
		}
	}
}

// InDir reports whether a name is that of a directory, or in it.
func InDir(dir, name string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}

// InDirs reports whether a name is in one of some directories.
func InDirs(dirs []string, name string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return InDir(d, name) })
}

// NewGraph makes the graph of a tree of which some files changed. removed are those of
// them that do not exist any more, and their directories.
func NewGraph(t *tree.Tree, removed []string, changed map[string]bool) *Graph {
	return &Graph{tree: t, removed: removed, changed: changed, nodes: map[string]*node{}}
}

// Graph follows what charts and overlays refer to.
type Graph struct {
	tree    *tree.Tree
	removed []string
	changed map[string]bool
	nodes   map[string]*node // by directory of a kustomization
	// ByName gives the directories of the charts that one takes in by name and version. Nil if they are not known.
	ByName func(chart string) []string
}

// node is a kustomization: what it reads itself, and where it leads.
type node struct {
	own         *Reads
	next        []string // directories of kustomizations
	chartsBelow []string // directories of charts
}

// Overlay adds what an overlay is built from: its kustomization, and those that
// it leads to.
func (g *Graph) Overlay(dir string, read *Reads) {
	seen := map[string]bool{}
	var visit func(dir string)
	visit = func(dir string) {
		if seen[dir] {
			return
		}
		seen[dir] = true
		n := g.node(dir)
		read.Add(n.own)
		for _, c := range n.chartsBelow {
			g.Chart(c, read)
		}
		for _, next := range n.next {
			visit(next)
		}
	}
	visit(dir)
}

func (g *Graph) node(dir string) *node {
	if n := g.nodes[dir]; n != nil {
		return n
	}
	n := &node{own: NewReads()}
	g.nodes[dir] = n
	for _, base := range kustomize.FileNames() {
		n.own.File(g.tree, path.Join(dir, base)) // the one that is there, and one that is removed
	}
	name, _ := kustomize.File(g.tree, dir)
	g.mentioned(name, g.removed, n.own)
	refs, err := kustomize.References(g.tree, dir)
	if err != nil {
		return n
	}
	for _, p := range refs.Paths {
		info, err := g.tree.Stat(p)
		switch {
		case err != nil:
		case !info.IsDir():
			n.own.File(g.tree, p)
			g.plugin(p, n.own)
		default:
			if target, ok := g.tree.LinkTarget(p); ok {
				p = target
			}
			if g.tree.Exists(path.Join(p, "Chart.yaml")) {
				n.chartsBelow = append(n.chartsBelow, p)
			}
			if _, ok := kustomize.File(g.tree, p); ok {
				n.next = append(n.next, p)
			}
		}
	}
	for _, f := range refs.Fragments {
		n.own.File(g.tree, f)
	}
	return n
}

// plugin adds the changed files that the configuration of a generator or
// transformer names: a PatchTransformer has the path of its patch.
func (g *Graph) plugin(name string, read *Reads) {
	if data, err := g.tree.ReadFile(name); err == nil && strings.Contains(string(data), "apiVersion: builtin") {
		g.mentioned(name, slices.Collect(maps.Keys(g.changed)), read)
	}
}

// mentioned adds those of some names that a file mentions, by a path relative
// to its directory.
func (g *Graph) mentioned(name string, names []string, read *Reads) {
	if name == "" || len(names) == 0 {
		return
	}
	data, err := g.tree.ReadFile(name)
	if err != nil {
		return
	}
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil {
		return
	}
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			_, after, _ := strings.Cut(n.Value, "=") // key=file of a generator
			for _, p := range []string{n.Value, after} {
				if at := path.Join(path.Dir(name), p); p != "" && slices.Contains(names, at) {
					read.Files[at] = true
				}
			}
		}
		for _, c := range n.Content {
			visit(c)
		}
	}
	visit(&doc)
}

// Chart adds what a chart is rendered from: its directory, what links in it
// lead to, and the charts that it refers to by file://, or by name and version.
func (g *Graph) Chart(dir string, read *Reads) {
	if slices.Contains(read.Dirs, dir) {
		return
	}
	read.Dirs = append(read.Dirs, dir)
	g.links(dir, read)
	for _, d := range discover.LocalDependencies(g.tree, dir) {
		g.Chart(d, read)
	}
	if g.ByName == nil {
		return
	}
	for _, d := range g.ByName(dir) {
		g.Chart(d, read)
	}
}

// links adds what the symbolic links below a directory lead to.
func (g *Graph) links(dir string, read *Reads) {
	entries, err := g.tree.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
			g.links(name, read)
		case e.Type()&os.ModeSymlink != 0:
			target, ok := g.tree.LinkTarget(name)
			if !ok || read.Has(target) {
				continue
			}
			if info, err := g.tree.Stat(target); err == nil && info.IsDir() {
				g.Chart(target, read)
			} else {
				read.File(g.tree, target)
			}
		}
	}
}
