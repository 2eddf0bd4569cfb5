// Package helmfile reads which charts of a tree the releases of a helmfile install, and with which values. It evaluates the
// templates with the values of each environment. What they read from elsewhere is not known: a variable takes its place, or the chart's default.
package helmfile

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/tree"
)

const (
	maxText     = 1 << 20
	maxReleases = 500
	maxValues   = 50
	maxAbove    = 32
	maxFiles    = 200
	// maxEnvironments is how many environments of a helmfile are read.
	maxEnvironments = 5
)

// Release is what a helmfile installs of a chart.
type Release struct {
	Name, Namespace string
	// Environment is that in which it is installed. It is empty if the helmfile has only one.
	Environment string
	// Values are files of values, as their templates give them.
	Values []helm.ValuesFile
	// Unset are the keys that were left out since their values are not known, by their files.
	Unset []Unset
	// IsBesideOthers is set if the helmfile may install other releases in the same namespace.
	IsBesideOthers bool
}

// Title is how reports call the release of a helmfile.
func (r *Release) Title(helmfile string) string {
	title := "release " + r.Name + " of " + helmfile
	if r.Environment != "" {
		title += " in environment " + r.Environment
	}
	return title
}

// Reader reads helmfiles, each once. The zero value is ready for use, also by several goroutines.
type Reader struct {
	mu        sync.Mutex
	known     map[discover.ID]*file
	all       map[*tree.Tree]helmfiles
	publishes map[*tree.Tree][]string
}

var (
	// publishing matches the commands and actions that publish or test charts.
	publishing = regexp.MustCompile(`helm (?:package|push|cm-push)|chart-releaser|chart-testing|helm-gh-pages`)
	// sending matches those that send them somewhere, and installing those that install one, which may be packaged for that alone.
	sending    = regexp.MustCompile(`helm (?:push|cm-push|repo index)|chart-releaser|chart-testing|helm-gh-pages|\bcurl\b|\boras\b|\bgit push\b|gh-pages|actions/`)
	installing = regexp.MustCompile(`helm (?:install|upgrade)\b`)
)

// Publishes reports whether a workflow, script or Makefile of a tree publishes a chart: others install it with their own values. What is in
// the folder of another chart, which may be a copy, is about that one.
func (r *Reader) Publishes(t *tree.Tree, chart string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	folders, known := r.publishes[t]
	if !known {
		folders = publishers(t)
		if r.publishes == nil {
			r.publishes = map[*tree.Tree][]string{}
		}
		r.publishes[t] = folders
	}
	return slices.ContainsFunc(folders, func(dir string) bool { return dir == "." || chart == dir || strings.HasPrefix(chart, dir+"/") })
}

// publishers are the folders of which texts of a tree publish the charts.
func publishers(t *tree.Tree) (folders []string) {
	for _, name := range discover.Instructions(t) {
		switch path.Ext(name) {
		case ".md", ".mdx", ".rst", ".adoc":
			continue
		}
		text, err := t.ReadFile(name)
		if err != nil || len(text) > maxText || !publishing.Match(text) || installing.Match(text) && !sending.Match(text) {
			continue
		}
		of := "."
		for dir := range discover.Above(name) {
			if t.Exists(path.Join(dir, "Chart.yaml")) {
				of = dir
			}
		}
		if !slices.Contains(folders, of) {
			folders = append(folders, of)
		}
	}
	return folders
}

// helmfiles are those of a tree, as in says.
type helmfiles struct {
	files  []*file
	isOpen bool
}

// file is a helmfile.
type file struct {
	name string
	// others are the helmfiles that it includes, by their paths in the tree. isOpen is set if it may include more.
	others []string
	isOpen bool
	// states are what it is in its environments. There is at least one.
	states []*state
}

// names are how helmfiles are called.
var names = [...]string{"helmfile.yaml", "helmfile.yaml.gotmpl", "helmfile.gotmpl"}

// Of are the releases of a chart, by the nearest helmfile above it that has releases of charts of the tree, in each of its environments. name is
// that file. isLeftOut is set if it has most of the charts beside the chart, but not the chart. ok is false if nothing is known.
func (r *Reader) Of(t *tree.Tree, chart string) (name string, releases []Release, isLeftOut, ok bool) {
	dir := chart
	for range maxAbove {
		if dir == "." {
			break
		}
		dir = path.Dir(dir)
		f := r.file(t, dir)
		if f == nil || !f.hasCharts() {
			continue
		}
		releases, ok = f.releases(t, chart)
		isLeftOut = ok && len(releases) == 0 && !slices.ContainsFunc(f.states, func(s *state) bool { return !s.isWhole || !s.hasMostBeside(t, chart) })
		return f.name, releases, isLeftOut, ok
	}
	return "", nil, false, false
}

func (f *file) hasCharts() bool {
	return slices.ContainsFunc(f.states, func(s *state) bool { return len(s.charts) > 0 })
}

// releases are those of a chart, each once if several environments give it the same values. ok is false if something that one sets is not known.
func (f *file) releases(t *tree.Tree, chart string) (l []Release, ok bool) {
	for _, s := range f.states {
		for _, of := range s.charts[chart] {
			one, ok := s.release(t, f.name, chart, of)
			if !ok {
				return nil, false
			}
			if !slices.ContainsFunc(l, one.equals) {
				l = append(l, one)
			}
		}
	}
	return l, true
}

// equals reports whether a release is installed in the same way as another one.
func (r Release) equals(other Release) bool {
	return r.Name == other.Name && r.Namespace == other.Namespace && slices.EqualFunc(r.Values, other.Values, func(a, b helm.ValuesFile) bool {
		return a.Name == b.Name && bytes.Equal(a.Data, b.Data)
	})
}

// Uninstalled is the helmfile of a tree, as reports call it, that has releases of a chart, all of them with installed: false. It is empty if there is
// none, or if a release of any helmfile of the tree installs the chart, or may.
func (r *Reader) Uninstalled(t *tree.Tree, chart string) (by string) {
	all, isOpen := r.in(t)
	for _, f := range all {
		if slices.ContainsFunc(f.states, func(s *state) bool { return s.hasUnknownChart || s.charts[chart] != nil }) {
			return ""
		}
		isOff := func(s *state) bool { return s.uninstalled[chart] }
		if by == "" && slices.ContainsFunc(f.states, isOff) {
			by = t.Display(f.name)
		}
	}
	if isOpen {
		return ""
	}
	return by
}

// hasMostBeside reports whether a helmfile installs most of the charts in the folder of a chart.
func (s *state) hasMostBeside(t *tree.Tree, chart string) bool {
	dir := path.Dir(chart)
	entries, _ := t.ReadDir(dir) // what cannot be listed is reported where it is searched
	installed, others := 0, 0
	for _, e := range entries {
		switch name := path.Join(dir, e.Name()); {
		case !e.IsDir() || !t.Exists(path.Join(name, "Chart.yaml")):
		case s.charts[name] != nil:
			installed++
		case s.uninstalled[name]:
		default:
			others++
		}
	}
	return installed > 2 && installed > others
}

// PatchOf is the helmfile of a tree, as reports call it, that patches the objects of a release with a file. It is empty if none does.
func (r *Reader) PatchOf(f discover.File) string {
	all, _ := r.in(f.Tree)
	for _, of := range all {
		if slices.ContainsFunc(of.states, func(s *state) bool { return s.patches[f.Name] }) {
			return f.Tree.Display(of.name)
		}
	}
	return ""
}

// in are the helmfiles of a tree: those with the usual names, such as web-helmfile.yaml, and those that one includes. isOpen is set if there may be
// others that are included.
func (r *Reader) in(t *tree.Tree) (all []*file, isOpen bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if of, known := r.all[t]; known {
		return of.files, of.isOpen
	}
	queue, seen := discover.FilesEnding(t, names[:]...), map[string]bool{}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		f := r.named(t, name)
		if f == nil || len(all) == maxFiles {
			isOpen = true
			continue
		}
		all, queue, isOpen = append(all, f), append(queue, f.others...), isOpen || f.isOpen
	}
	if r.all == nil {
		r.all = map[*tree.Tree]helmfiles{}
	}
	r.all[t] = helmfiles{all, isOpen}
	return all, isOpen
}

// named is the helmfile of a name. It is nil if it cannot be read.
func (r *Reader) named(t *tree.Tree, name string) *file {
	if f := r.fileOf(t, path.Dir(name)); f != nil && f.name == name {
		return f
	}
	return readFile(t, name)
}

func (r *Reader) file(t *tree.Tree, dir string) *file {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fileOf(t, dir)
}

// fileOf is file for a caller that has the lock.
func (r *Reader) fileOf(t *tree.Tree, dir string) *file {
	id := discover.ID{Dir: t.Dir(), Name: dir}
	f, known := r.known[id]
	if !known {
		f = read(t, dir)
		if r.known == nil {
			r.known = map[discover.ID]*file{}
		}
		r.known[id] = f
	}
	return f
}

// read reads the helmfile of a folder. It is nil if there is none.
func read(t *tree.Tree, dir string) *file {
	i := slices.IndexFunc(names[:], func(name string) bool { return t.Exists(path.Join(dir, name)) })
	if i < 0 {
		return nil
	}
	return readFile(t, path.Join(dir, names[i]))
}

// off matches a release that is not installed, whatever the values are.
var off = regexp.MustCompile(`(?m)^[ \t-]*installed:[ \t]*false[ \t]*(?:#.*)?$`)

func readFile(t *tree.Tree, name string) *file {
	text, err := t.ReadFile(name)
	if err != nil || len(text) > maxText {
		return nil
	}
	f := &file{name: name, states: states(t, name, text)}
	if len(f.states) == 1 {
		f.states[0].environment = ""
	}
	for _, s := range f.states {
		f.isOpen = f.isOpen || s.includesUnknown
		f.others = append(f.others, s.includes...)
	}
	return f
}

// isBesideOthers reports whether a release may have another one in its namespace. One that names none is in that of the helmfile, or in
// the one that a command names.
func (s *state) isBesideOthers(namespace string) bool {
	if namespace == "" {
		all := 0
		for _, n := range s.namespaces {
			all += n
		}
		return all > 1
	}
	return s.namespaces[namespace]+s.namespaces[""] > 1
}

// release reads a release of a chart. ok is false if something that it sets is not known, not even by its name.
func (s *state) release(t *tree.Tree, file, chart string, of lint.Value) (r Release, ok bool) {
	if of.Get("set").IsSet() || of.Get("setTemplate").IsSet() || of.Get("valuesTemplate").IsSet() || of.Get("jsonPatches").IsSet() || of.Get("strategicMergePatches").IsSet() {
		return r, false
	}
	r.Name, r.Namespace, r.Environment = of.Get("name").Text(), of.Get("namespace").Text(), s.environment
	r.IsBesideOthers = s.isBesideOthers(r.Namespace)
	for v := range of.Get("values").Items() {
		name := path.Join(path.Dir(file), v.Text())
		text, err := t.ReadFile(name)
		if v.Text() == "" || err != nil || len(text) > maxText || len(r.Values) == maxValues {
			return r, false
		}
		values := helm.ValuesFile{Name: t.Display(name), Data: text, LineAt: t.LineAt}
		if path.Ext(name) != ".gotmpl" {
			position := values.Positions()
			position(nil) // it is parsed before several scenarios ask
			values.At = func(steps []string) lint.Position { p, _ := position(steps); return p }
		} else if !s.fill(&values, &r, ownValues(t, chart)) {
			return r, false
		}
		r.Values = append(r.Values, values)
	}
	return r, true
}
