// Package helmfile reads which charts of a tree the releases of a helmfile install, and with which values. It evaluates no templates: what
// an action of one gives is not known, and a variable takes its place.
package helmfile

import (
	"bytes"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/tree"
)

const (
	maxText     = 1 << 20
	maxReleases = 500
	maxValues   = 50
	maxAbove    = 32
)

// Release is what a helmfile installs of a chart.
type Release struct {
	Name, Namespace string
	// Values are files of values, approximated if they are templates.
	Values []helm.ValuesFile
	// IsBesideOthers is set if the helmfile may install other releases in the same namespace.
	IsBesideOthers bool
}

// Reader reads helmfiles, each once. The zero value is ready for use, also by several goroutines.
type Reader struct {
	mu        sync.Mutex
	known     map[discover.ID]*file
	all       map[*tree.Tree][]*file
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

// file is a helmfile.
type file struct {
	name   string
	charts map[string][]lint.Value // releases by the directory of a chart of the tree
	// namespaces counts all releases by the namespace that they name, total all of them.
	namespaces map[string]int
	total      int
	// patches are the files with which releases are patched, also those of charts that are not in the tree.
	patches map[string]bool
	// isWhole is set if all charts of the tree that it may install are known.
	isWhole bool
}

// names are how helmfiles are called.
var names = [...]string{"helmfile.yaml", "helmfile.yaml.gotmpl", "helmfile.gotmpl"}

// Of are the releases of a chart, by the nearest helmfile above it that has releases of charts of the tree. name is that file. isLeftOut is set
// if it has most of the charts beside the chart, but not the chart. ok is false if nothing is known.
func (r *Reader) Of(t *tree.Tree, chart string) (name string, releases []Release, isLeftOut, ok bool) {
	dir := chart
	for range maxAbove {
		if dir == "." {
			break
		}
		dir = path.Dir(dir)
		f := r.file(t, dir)
		if f == nil || len(f.charts) == 0 {
			continue
		}
		for _, of := range f.charts[chart] {
			one, ok := f.release(t, of)
			if !ok {
				return f.name, nil, false, false
			}
			releases = append(releases, one)
		}
		return f.name, releases, len(releases) == 0 && f.isWhole && f.hasMostBeside(t, chart), true
	}
	return "", nil, false, false
}

// hasMostBeside reports whether a helmfile installs most of the charts in the folder of a chart.
func (f *file) hasMostBeside(t *tree.Tree, chart string) bool {
	dir := path.Dir(chart)
	entries, _ := t.ReadDir(dir) // what cannot be listed is reported where it is searched
	installed, others := 0, 0
	for _, e := range entries {
		switch name := path.Join(dir, e.Name()); {
		case !e.IsDir() || !t.Exists(path.Join(name, "Chart.yaml")):
		case f.charts[name] != nil:
			installed++
		default:
			others++
		}
	}
	return installed > 2 && installed > others
}

// PatchOf is the helmfile of a tree, as reports call it, that patches the objects of a release with a file. It is empty if none does.
func (r *Reader) PatchOf(f discover.File) string {
	for _, of := range r.in(f.Tree) {
		if of.patches[f.Name] {
			return f.Tree.Display(of.name)
		}
	}
	return ""
}

// in are the helmfiles of a tree.
func (r *Reader) in(t *tree.Tree) []*file {
	r.mu.Lock()
	defer r.mu.Unlock()
	all, known := r.all[t]
	if known {
		return all
	}
	for _, name := range discover.FilesEnding(t, names[:]...) {
		if f := r.fileOf(t, path.Dir(name)); f != nil && f.name == name {
			all = append(all, f)
		}
	}
	if r.all == nil {
		r.all = map[*tree.Tree][]*file{}
	}
	r.all[t] = all
	return all
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
	f := &file{name: path.Join(dir, names[i]), charts: map[string][]lint.Value{}, namespaces: map[string]int{}, patches: map[string]bool{}}
	text, err := t.ReadFile(f.name)
	if err != nil || len(text) > maxText {
		return nil
	}
	f.isWhole = !hasElse(text)
	d, n := yaml.NewDecoder(bytes.NewReader(Approximate(text))), 0
	for {
		var root yaml.Node
		if err := d.Decode(&root); err != nil || !node.IsExpandable(&root) {
			f.isWhole = f.isWhole && errors.Is(err, io.EOF) // what follows is not known
			break
		}
		v := node.NewValue(&root)
		f.isWhole = f.isWhole && !v.Get("helmfiles").IsSet() && !v.Get("bases").IsSet()
		for of := range v.Get("releases").Items() {
			chart := path.Join(dir, of.Get("chart").Text())
			f.namespaces[of.Get("namespace").Text()]++
			f.total++
			if n++; n > maxReleases {
				f.isWhole = false
				break
			}
			for _, key := range []string{"strategicMergePatches", "jsonPatches", "transformers"} {
				for patch := range of.Get(key).Items() {
					if patch.Text() != "" { // else it is written there
						f.patches[path.Join(dir, patch.Text())] = true
					}
				}
			}
			if of.Get("chart").Text() == "" { // none, or not known
				f.isWhole = false
			} else if t.Exists(path.Join(chart, "Chart.yaml")) {
				f.charts[chart] = append(f.charts[chart], of)
			}
		}
	}
	return f
}

// isBesideOthers reports whether a release may have another one in its namespace. One that names none is in that of the helmfile, or in
// the one that a command names.
func (f *file) isBesideOthers(namespace string) bool {
	if namespace == "" {
		return f.total > 1
	}
	return f.namespaces[namespace]+f.namespaces[""] > 1
}

// release reads a release. ok is false if something that it sets is not known, not even by its name.
func (f *file) release(t *tree.Tree, of lint.Value) (r Release, ok bool) {
	if of.Get("set").IsSet() || of.Get("setTemplate").IsSet() || of.Get("valuesTemplate").IsSet() || of.Get("jsonPatches").IsSet() || of.Get("strategicMergePatches").IsSet() {
		return r, false
	}
	r.Name, r.Namespace = of.Get("name").Text(), of.Get("namespace").Text()
	r.IsBesideOthers = f.isBesideOthers(r.Namespace)
	for v := range of.Get("values").Items() {
		name := path.Join(path.Dir(f.name), v.Text())
		text, err := t.ReadFile(name)
		if v.Text() == "" || err != nil || len(text) > maxText || len(r.Values) == maxValues {
			return r, false
		}
		if path.Ext(name) == ".gotmpl" {
			text = Approximate(text)
		}
		values := helm.ValuesFile{Name: t.Display(name), Data: text}
		position := values.Positions()
		position(nil) // it is parsed before several scenarios ask
		values.At = func(steps []string) lint.Position { p, _ := position(steps); return p }
		values.LineAt = t.LineAt
		r.Values = append(r.Values, values)
	}
	return r, true
}

var (
	action = regexp.MustCompile(`\{\{.*?\}\}`)
	opens  = regexp.MustCompile(`^\{\{-?\s*(?:if|range|with|define|block)\b`)
	closes = regexp.MustCompile(`^\{\{-?\s*end\b`)
	elses  = regexp.MustCompile(`^\{\{-?\s*else\b`)
	entry  = regexp.MustCompile(`^(\s*(?:- )?["']?[\w./-]+["']?:[ \t]+)([^|>#\s&*].*)$`)
	// notInName matches what is no part of the name of a variable.
	notInName = regexp.MustCompile(`\W+`)
)

// hasElse reports whether a template has a branch that Approximate leaves out.
func hasElse(text []byte) bool {
	return slices.ContainsFunc(action.FindAll(text, -1), elses.Match)
}

// Approximate is a template of YAML without its actions: ${name} takes the place of what an action prints, and of values that only
// some environments have. The lines stay the same.
func Approximate(text []byte) []byte {
	var out strings.Builder
	depth, skipped := 0, 0 // skipped is the depth at which a branch is left out
	for line := range strings.Lines(string(text)) {
		actions := action.FindAllString(line, -1)
		isAlone := len(actions) > 0 && strings.TrimSpace(action.ReplaceAllString(line, "")) == ""
		for _, a := range actions {
			switch {
			case opens.MatchString(a):
				depth++
			case closes.MatchString(a):
				if skipped == depth {
					skipped = 0
				}
				depth--
			case elses.MatchString(a) && skipped == 0:
				skipped = depth
			}
		}
		line = strings.TrimRight(line, "\r\n")
		if !isAlone && skipped == 0 {
			line = action.ReplaceAllStringFunc(line, variable)
			if m := entry.FindStringSubmatch(line); m != nil && depth > 0 {
				line = m[1] + variable(m[2])
			}
			out.WriteString(line)
		}
		out.WriteByte('\n')
	}
	return []byte(out.String())
}

// variable is an action as ${name}.
func variable(action string) string {
	name := strings.Trim(notInName.ReplaceAllString(action, "_"), "_")
	if name == "" {
		name = "unknown"
	}
	return "${" + name + "}"
}
