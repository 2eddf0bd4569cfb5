package twins

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
	"github.com/kubevet/kubevet/render/tree"
)

// Child is a chart that a program of its repository makes of another one.
type Child struct {
	Parent discover.File
	// By is the line of the program.
	By lint.Position
}

const (
	maxText     = 1 << 20
	maxChildren = 1000
	maxPrograms = 1000
)

var (
	// copying matches what copies folders, in a program.
	copying = regexp.MustCompile(`\bcopytree\b|\bcopy_tree\b|\bcopySync\b|\bcpSync\b|\bfs\.cp\b|\bcp\s+(?:-\w+\s+)*-\w*[rRa]|\bcp\s+--(?:recursive|archive)\b|\brsync\b`)
	// named matches a name of a file or folder in a text.
	named = regexp.MustCompile(`[\w.-]+`)
)

// Children gives the charts that programs of their repositories make of others: a program copies folders, a line of it names both charts, or a
// file that it names does, and nearly all templates are equal.
func Children(charts []discover.File) map[discover.ID]Child {
	children := map[discover.ID]Child{}
	byTree, trees := map[*tree.Tree]map[string]discover.File{}, []*tree.Tree(nil)
	for _, c := range charts {
		if byTree[c.Tree] == nil {
			byTree[c.Tree] = map[string]discover.File{}
			trees = append(trees, c.Tree)
		}
		of, base := byTree[c.Tree], path.Base(c.Name)
		if _, isTwice := of[base]; isTwice {
			c = discover.File{} // it is not known which of them a text names
		}
		of[base] = c
	}
	for _, t := range trees {
		if len(byTree[t]) > 1 {
			(&family{tree: t, charts: byTree[t], children: children}).read()
		}
	}
	return children
}

// family are the charts of a tree by the names of their folders.
type family struct {
	tree     *tree.Tree
	charts   map[string]discover.File
	children map[discover.ID]Child
	tried    int // how many pairs of charts were compared
}

func (f *family) read() {
	n := 0
	for _, name := range discover.Instructions(f.tree) {
		if isForPeople(name) {
			continue
		}
		text, err := f.tree.ReadFile(name)
		if err != nil || len(text) > maxText {
			continue
		}
		at := copies(text)
		if at == nil {
			continue
		}
		if n++; n > maxPrograms {
			return
		}
		by := lint.Position{File: f.tree.Display(name), Line: bytes.Count(text[:at[0]], []byte("\n")) + 1}
		f.readLines(text, by)
		files := map[string]bool{}
		for _, base := range named.FindAll(text, -1) {
			if file := path.Join(path.Dir(name), string(base)); discover.HasManifestName(file) && !files[file] {
				files[file] = true
				f.readList(file, by)
			}
		}
	}
}

// copies is where a text first copies folders. It is nil if it does not.
func copies(text []byte) []int {
	if !bytes.Contains(text, []byte("cp")) && !bytes.Contains(text, []byte("copy")) && !bytes.Contains(text, []byte("rsync")) { // the pattern is slow
		return nil
	}
	return copying.FindIndex(text)
}

func isForPeople(name string) bool {
	return slices.Contains([]string{".md", ".mdx", ".rst", ".adoc"}, strings.ToLower(path.Ext(name)))
}

// readLines takes the lines that copy the folder of one chart to that of another.
func (f *family) readLines(text []byte, by lint.Position) {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		at := copies(line)
		if at == nil {
			continue
		}
		var l []string
		for _, name := range named.FindAll(line[at[1]:], -1) {
			if _, ok := f.charts[string(name)]; ok {
				l = append(l, string(name))
			}
		}
		if len(l) == 2 {
			f.add(l[0], l[1], lint.Position{File: by.File, Line: n})
		}
	}
}

// readList takes what a file says of which charts are made of which: the name of one, with those of the others below it.
func (f *family) readList(file string, by lint.Position) {
	text, err := f.tree.ReadFile(file)
	var n yaml.Node
	if err != nil || len(text) > maxText || yaml.Unmarshal(text, &n) != nil || !node.IsExpandable(&n) {
		return
	}
	for parent, v := range node.NewValue(&n).Entries() {
		if _, ok := f.charts[parent]; !ok {
			continue
		}
		for child := range v.Entries() {
			f.add(parent, child, by)
		}
		for child := range v.Items() {
			f.add(parent, child.Text(), by)
		}
	}
}

// add notes that a chart is made of another one, if nearly all that it renders is equal.
func (f *family) add(parent, child string, by lint.Position) {
	p, c := f.charts[parent], f.charts[child]
	if p.Tree == nil || c.Tree == nil || parent == child || f.tried >= maxChildren {
		return
	}
	f.tried++
	if _, known := f.children[c.ID()]; !known && f.isAlike(p, c) && f.children[p.ID()].Parent.Name != c.Name {
		f.children[c.ID()] = Child{p, by}
	}
}

// isAlike reports whether nine of ten templates of two charts are equal, but for the names of the charts.
func (f *family) isAlike(parent, child discover.File) bool {
	of, other := filesIn(parent, "templates", 0), filesIn(child, "templates", 0)
	equal := 0
	for _, name := range of {
		a, err := parent.Tree.ReadFile(path.Join(parent.Name, name))
		b, otherErr := child.Tree.ReadFile(path.Join(child.Name, name))
		if err != nil || otherErr != nil {
			continue
		}
		if bytes.Equal(a, b) || bytes.Equal(bytes.ReplaceAll(a, []byte(path.Base(parent.Name)), []byte(path.Base(child.Name))), b) {
			equal++
		}
	}
	return equal > 0 && 10*equal >= 9*max(len(of), len(other))
}

// filesIn are the files below a folder of a chart.
func filesIn(c discover.File, dir string, depth int) (names []string) {
	entries, err := c.Tree.ReadDir(path.Join(c.Name, dir))
	if err != nil || depth > maxFolders {
		return nil
	}
	for _, e := range entries {
		if name := path.Join(dir, e.Name()); e.IsDir() {
			names = append(names, filesIn(c, name, depth+1)...)
		} else {
			names = append(names, name)
		}
	}
	return names
}
