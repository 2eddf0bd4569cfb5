package render

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// file is a file or directory of one of the trees that the arguments lie in.
type file struct {
	tree *tree.Tree
	name string
	// named is set if the command line names this very path: then it is never
	// passed over, and what it lacks is a Problem.
	named bool
}

func (f file) display() string { return f.tree.Display(f.name) }

// found is what the arguments hold, sorted and without repetition.
type found struct {
	charts         []file // directories with Chart.yaml, and packaged charts
	kustomizations []file // directories
	manifests      []file // YAML and JSON files that belong to neither
	skipped        []lint.Skip
	problems       []lint.Problem
}

// discover looks at each argument, and walks those that are directories.
func discover(args []string, buffers *tree.Buffers) *found {
	d := &discovery{buffers: buffers, trees: map[string]*tree.Tree{}, seen: map[string]bool{}}
	for _, arg := range args {
		d.argument(arg)
	}
	byName := func(a, b file) int {
		return cmp.Or(cmp.Compare(a.display(), b.display()), cmp.Compare(a.tree.Dir(), b.tree.Dir()))
	}
	for _, l := range [][]file{d.charts, d.kustomizations, d.manifests} {
		slices.SortFunc(l, byName)
	}
	return &d.found
}

// narrow leaves out what is not wanted, unless the command line names it.
func (f *found) narrow(wanted func(name string) bool) {
	for _, l := range []*[]file{&f.charts, &f.kustomizations, &f.manifests} {
		*l = slices.DeleteFunc(*l, func(f file) bool { return !f.named && !wanted(f.display()) })
	}
}

type discovery struct {
	found
	buffers *tree.Buffers
	trees   map[string]*tree.Tree
	seen    map[string]bool // kind and absolute path
}

// add notes a file once, however many arguments lead to it.
func (d *discovery) add(list *[]file, kind string, f file) {
	key := kind + path.Join(f.tree.Dir(), f.name)
	if d.seen[key] {
		for i, have := range *list {
			if have.tree == f.tree && have.name == f.name {
				(*list)[i].named = have.named || f.named
			}
		}
		return
	}
	d.seen[key] = true
	*list = append(*list, f)
}

func (d *discovery) problem(at, message, help string) {
	d.problems = append(d.problems, lint.Problem{Position: lint.Position{File: at}, Message: message, Help: help})
}

// argument takes one path of the command line.
func (d *discovery) argument(arg string) {
	t, err := d.buffers.Around(arg)
	if err != nil {
		d.problem(filepath.ToSlash(arg), cause(err), "check the path")
		return
	}
	if known := d.trees[t.Dir()]; known != nil {
		_ = t.Close() // the same directory is open already
		t = known
	}
	d.trees[t.Dir()] = t
	name, ok := t.Name(arg)
	if !ok {
		d.problem(filepath.ToSlash(arg), "leads out of its own directory", "name the file that the link leads to")
		return
	}
	info, err := t.Stat(name)
	switch {
	case err != nil:
		d.problem(filepath.ToSlash(arg), err.Error(), "check the path and its permissions")
	case info.IsDir():
		w := walker{discovery: d, tree: t, root: name}
		ignores := w.ignoresAbove(name)
		if ignored(ignores, name, true) { // the user names what Git ignores
			ignores = nil
		}
		w.dir(name, ignores, false)
	default:
		d.namedFile(file{tree: t, name: name, named: true})
	}
}

// namedFile takes a file that the command line names.
func (d *discovery) namedFile(f file) {
	base := path.Base(f.name)
	dir := file{tree: f.tree, name: path.Dir(f.name), named: true}
	switch {
	case base == "Chart.yaml":
		d.add(&d.charts, "chart ", dir)
	case slices.Contains(kustomize.FileNames(), base):
		d.add(&d.kustomizations, "kustomization ", dir)
	case strings.HasSuffix(base, ".tgz") || strings.HasSuffix(base, ".tar.gz"):
		d.add(&d.charts, "chart ", f)
	default:
		d.add(&d.manifests, "manifest ", f)
	}
}

// walker walks one directory of the command line.
type walker struct {
	*discovery
	tree *tree.Tree
	root string
}

// dir takes the files of a directory and goes into those below. Within a chart
// only other charts are looked for: all else belongs to it.
func (w *walker) dir(name string, ignores []gitignore.Pattern, inChart bool) {
	entries, err := w.tree.ReadDir(name)
	if err != nil {
		w.problem(w.tree.Display(name), "cannot list the directory: "+cause(err), "check its permissions, or leave it out with .gitignore")
		return
	}
	ignores = w.ignoresOf(name, ignores)
	isNamed := name == w.root
	has := func(base string) bool {
		return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == base && !e.IsDir() })
	}
	isChart := has("Chart.yaml")
	if isChart {
		w.add(&w.charts, "chart ", file{w.tree, name, isNamed})
	}
	if !inChart && slices.ContainsFunc(kustomize.FileNames(), has) {
		w.add(&w.kustomizations, "kustomization ", file{w.tree, name, isNamed})
	}
	for _, e := range entries {
		w.entry(name, e, ignores, isChart, inChart || isChart)
	}
}

func (w *walker) entry(dir string, e fs.DirEntry, ignores []gitignore.Pattern, chartDir, inChart bool) {
	name := path.Join(dir, e.Name())
	isDir := e.IsDir()
	if e.Type()&fs.ModeSymlink != 0 {
		info, err := w.tree.Stat(name)
		if err != nil {
			if hasManifestName(e.Name()) && !inChart {
				w.problem(w.tree.Display(name), "cannot follow the symbolic link: "+cause(err), "name what it leads to on the command line, if it is to be checked")
			}
			return
		}
		if info.IsDir() { // links can make circles, and most targets are met where they lie
			w.skipped = append(w.skipped, lint.Skip{File: w.tree.Display(name), Reason: "a symbolic link to a directory: name it, or what it leads to"})
			return
		}
	}
	if passedOver(e.Name(), isDir) || ignored(ignores, name, isDir) {
		return
	}
	switch {
	case isDir && chartDir && (e.Name() == "charts" || e.Name() == "templates"):
	case isDir:
		w.dir(name, ignores, inChart)
	case !inChart && hasManifestName(e.Name()) && !slices.Contains(kustomize.FileNames(), e.Name()):
		w.add(&w.manifests, "manifest ", file{tree: w.tree, name: name})
	}
}

// passedOver tells hidden files and folders, and those that tools fill.
func passedOver(base string, isDir bool) bool {
	return strings.HasPrefix(base, ".") || isDir && base == "node_modules"
}

func hasManifestName(base string) bool {
	switch path.Ext(base) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// ignoresAbove reads the .gitignore files from the tree's root down to the
// directory that holds dir.
func (w *walker) ignoresAbove(dir string) []gitignore.Pattern {
	var ignores []gitignore.Pattern
	if dir == "." {
		return nil
	}
	parts := strings.Split(dir, "/")
	for i := range parts {
		ignores = w.ignoresOf(cmp.Or(path.Join(parts[:i]...), "."), ignores)
	}
	return ignores
}

// ignoresOf adds the patterns of a directory's .gitignore, if it has one.
func (w *walker) ignoresOf(dir string, above []gitignore.Pattern) []gitignore.Pattern {
	data, err := w.tree.ReadFile(path.Join(dir, ".gitignore"))
	if err != nil {
		return above
	}
	var domain []string
	if dir != "." {
		domain = strings.Split(dir, "/")
	}
	ignores := slices.Clip(above)
	for line := range bytes.Lines(data) {
		p := strings.TrimRight(string(line), "\r\n")
		if strings.TrimSpace(p) != "" && !strings.HasPrefix(p, "#") {
			ignores = append(ignores, gitignore.ParsePattern(p, domain))
		}
	}
	return ignores
}

// ignored reports whether Git would ignore the name: the last pattern that
// matches decides.
func ignored(ignores []gitignore.Pattern, name string, isDir bool) bool {
	if len(ignores) == 0 {
		return false
	}
	parts := strings.Split(name, "/")
	for _, p := range slices.Backward(ignores) {
		if m := p.Match(parts, isDir); m != gitignore.NoMatch {
			return m == gitignore.Exclude
		}
	}
	return false
}

// cause is an error without operation and path, which reports tell themselves.
func cause(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "no such file or directory"
	}
	return err.Error()
}
