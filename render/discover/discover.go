// Package discover finds what the paths of a command line hold: charts, overlays
// and plain manifests, and which of them owns a file.
package discover

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/document"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
	"github.com/kubevet/kubevet/render/unpacked"
)

// File is a file or directory of one of the trees that the paths are in.
type File struct {
	Tree *tree.Tree
	Name string // in the tree
	// Named is set if the command line names this very path: then it is never
	// skipped, and what it lacks is a Problem.
	Named bool
}

// Display is how reports call the file.
func (f File) Display() string { return f.Tree.Display(f.Name) }

// ID identifies the file among those of several trees.
func (f File) ID() ID { return ID{f.Tree.Dir(), f.Name} }

// LooksLikeManifest reports whether the file can be read and has the keys of an
// object at line starts.
func (f File) LooksLikeManifest() bool {
	data, err := f.Tree.ReadFile(f.Name)
	return err == nil && manifest.LooksLikeManifest(manifest.UTF8(data))
}

// ID is the directory of a tree, and a name in it.
type ID struct{ Dir, Name string }

// Found is what the paths hold, sorted and without repetition.
type Found struct {
	Charts         []File // directories with Chart.yaml, and packaged charts
	Packages       []File // directories that say from where a chart is fetched, to be changed
	Kustomizations []File // directories
	Manifests      []File // YAML and JSON files that belong to neither
	// Documents are the files that rules look at and that hold no Kubernetes objects:
	// Dockerfiles, for one. See package document.
	Documents []File
	// InCharts are YAML and JSON files in the directories of charts, but not of
	// their templates: Helm does not render them.
	InCharts []File
	// Templates are the manifests outside of charts that another program has to fill in, by their names. They are skipped.
	Templates []File
	Skipped   []lint.Skip
	Problems  []lint.Problem
	// Parts are the names in the tree of templates, values files and patches that
	// a path names, by the chart or overlay that they are part of: only what
	// concerns them is reported. An input that is named as a whole has none.
	Parts map[ID][]string
	// Components are those that no overlay uses and that have objects of their own, once Roots has found them. They are no roots: each
	// is built by itself, without what the overlays elsewhere have that use it.
	Components []File
	// Referred is what kustomizations name as their resources and components, once
	// Roots has read them.
	Referred map[ID]bool

	roots map[ID]bool // the directories that the paths name
	// linked are the directories that symbolic links lead to.
	linked map[ID]bool
	uses   map[*tree.Tree]*uses
	// named are what the texts of trees name. It is nil until it is asked for.
	named map[*tree.Tree]*named
	// namedBases are the files of trees that others name: see namedAnywhere. appliers are the folders with programs that may apply any file of them.
	namedBases map[*tree.Tree]map[string]bool
	appliers   map[ID]bool
	// shares are how much of each tree Flux and Argo CD deploy: see shareOf.
	shares map[string]share
	// dead is what nobody deploys, and why, likewise: see undeployed.
	dead map[ID]string
	// uninstalled are the charts that are not installed, and why, likewise: see findUninstalled.
	uninstalled map[ID]string
	// deployed are the kustomizations that Flux and Argo CD deploy: see deployedByGitOps.
	deployed map[ID]bool
	// inComponents are the files that components name which no overlay uses, or that kustomizations have in comments, likewise.
	inComponents map[ID]bool
	// partly are the folders of which files are skipped: see skipIn.
	partly map[ID]bool
	// ofTests are the kustomizations in folders of tests, and these: see withoutTests.
	ofTests map[ID]string
	// inComment are the kustomizations that have a file or folder in a comment, and byHand what such a comment says is applied
	// otherwise, likewise.
	inComment map[ID]File
	byHand    map[ID]bool
	// referrers are the kustomizations that refer to something, likewise.
	referrers map[ID][]ID
	// refs are what each kustomization refers to, and fragments the files that are parts of one, likewise.
	refs      map[ID]kustomize.Refs
	fragments map[ID]bool
	// unpacked are the releases of other projects in each tree, by their folders: see UnpackedRelease.
	unpacked map[*tree.Tree]map[string]unpacked.Release
}

// In looks at each path, and walks those that are directories.
func In(paths []string, buffers *tree.Buffers) *Found {
	d := &discovery{
		buffers: buffers, trees: map[string]*tree.Tree{}, tracked: map[*tree.Tree]*tracked{},
		seen: map[key]int{},
	}
	d.partly, d.ofTests = map[ID]bool{}, map[ID]string{}
	d.uses, d.namedBases, d.appliers = map[*tree.Tree]*uses{}, map[*tree.Tree]map[string]bool{}, map[ID]bool{}
	d.Parts, d.roots, d.linked = map[ID][]string{}, map[ID]bool{}, map[ID]bool{}
	for _, p := range paths {
		d.path(p)
	}
	d.dropLinks()
	for _, l := range [][]File{d.Charts, d.Kustomizations} {
		for _, f := range l {
			if d.whole[f.ID()] {
				delete(d.Parts, f.ID())
			}
		}
	}
	for _, l := range d.lists() {
		sortFiles(*l)
	}
	d.findUnpacked()
	return &d.Found
}

// sortFiles sorts by the names that reports use, each of which is made once.
func sortFiles(l []File) {
	type named struct {
		name string
		File
	}
	all := make([]named, len(l))
	for i, f := range l {
		all[i] = named{f.Display(), f}
	}
	slices.SortFunc(all, func(a, b named) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.Tree.Dir(), b.Tree.Dir()))
	})
	for i, f := range all {
		l[i] = f.File
	}
}

// Narrow removes what is not wanted, unless the command line names it.
func (f *Found) Narrow(wanted func(name string) bool) {
	for _, l := range f.lists() {
		*l = slices.DeleteFunc(*l, func(f File) bool { return !f.Named && !wanted(f.Display()) })
	}
	f.Templates = slices.DeleteFunc(f.Templates, func(f File) bool { return !wanted(f.Display()) })
}

// Trees lists the trees of what was found, each once.
func (f *Found) Trees() []*tree.Tree {
	var l []*tree.Tree
	for _, files := range [][]File{f.Charts, f.Kustomizations, f.Manifests, f.Documents} {
		for _, f := range files {
			if !slices.Contains(l, f.Tree) {
				l = append(l, f.Tree)
			}
		}
	}
	return l
}

// kind is one of the lists of Found.
type kind int

const (
	chart kind = iota
	kustomization
	manifests
	inChart
	documents
)

// key is a file in one of the lists.
type key struct {
	kind kind
	id   ID
}

type discovery struct {
	Found
	buffers *tree.Buffers
	trees   map[string]*tree.Tree
	tracked map[*tree.Tree]*tracked
	seen    map[key]int // the place in the list
	whole   map[ID]bool // inputs that are wanted as a whole
	links   map[key]ID  // what the files lead to that are symbolic links
	// overlays are those of the files that the command line names.
	overlays Overlays
}

func (d *discovery) list(k kind) *[]File {
	switch k {
	case chart:
		return &d.Charts
	case kustomization:
		return &d.Kustomizations
	case inChart:
		return &d.InCharts
	case documents:
		return &d.Documents
	case manifests:
	}
	return &d.Manifests
}

// add notes a file once, however many paths lead to it.
func (d *discovery) add(k kind, f File) {
	list := d.list(k)
	at := key{k, f.ID()}
	if i, ok := d.seen[at]; ok {
		(*list)[i].Named = (*list)[i].Named || f.Named
		return
	}
	d.seen[at] = len(*list)
	*list = append(*list, f)
}

// addEntry notes a file of a directory, and what it leads to if it is a symbolic link.
func (w *walker) addEntry(k kind, name string, e fs.DirEntry) {
	f := File{Tree: w.tree, Name: name}
	if e.Type()&fs.ModeSymlink != 0 {
		if target, ok := w.tree.LinkTarget(name); ok {
			if w.links == nil {
				w.links = map[key]ID{}
			}
			w.links[key{k, f.ID()}] = ID{w.tree.Dir(), target}
		}
	}
	w.add(k, f)
}

// dropLinks leaves out the symbolic links to files that are found, too, and all but the first of those that lead to
// another file: it is linted once.
func (d *discovery) dropLinks() {
	if len(d.links) == 0 {
		return
	}
	for _, k := range []kind{manifests, inChart, documents} {
		l := d.list(k)
		sortFiles(*l)
		first := map[ID]bool{}
		*l = slices.DeleteFunc(*l, func(f File) bool {
			target, isLink := d.links[key{k, f.ID()}]
			if !isLink || f.Named {
				return false
			}
			if _, isFound := d.seen[key{k, target}]; !isFound && !first[target] {
				first[target] = true
				return false
			}
			d.skip(f.Tree, f.Name, "a symbolic link to "+f.Tree.Display(target.Name))
			return true
		})
	}
}

// addWhole notes a chart or overlay of which everything is wanted.
func (d *discovery) addWhole(k kind, f File) {
	if d.whole == nil {
		d.whole = map[ID]bool{}
	}
	d.whole[f.ID()] = true
	d.add(k, f)
}

// addPart notes a chart or overlay of which what concerns a part is wanted.
func (d *discovery) addPart(k kind, owner File, part string) {
	owner.Named = true
	d.add(k, owner)
	if id := owner.ID(); !slices.Contains(d.Parts[id], part) {
		d.Parts[id] = append(d.Parts[id], part)
	}
}

func (d *discovery) problem(code lint.ProblemCode, at, message, help string) {
	d.Problems = append(d.Problems, lint.Problem{Position: lint.Position{File: at}, Code: code, Message: message, Help: help})
}

func (d *discovery) skip(t *tree.Tree, name, reason string) {
	d.Skipped = append(d.Skipped, lint.Skip{File: t.Display(name), Reason: reason})
}

// skipIn skips a file for a reason that holds for a folder, which is listed once.
func (d *discovery) skipIn(t *tree.Tree, folder, reason string) {
	if id := (ID{t.Dir(), folder}); !d.partly[id] {
		d.partly[id] = true
		d.skip(t, folder, reason)
	}
}

// path takes one path of the command line.
func (d *discovery) path(arg string) {
	t, err := d.buffers.Around(arg)
	if err != nil {
		d.problem(lint.CodeUnreadable, filepath.ToSlash(arg), tree.Cause(err), "check the path")
		return
	}
	if known := d.trees[t.Dir()]; known != nil {
		_ = t.Close() // the same directory is open already
		t = known
	}
	d.trees[t.Dir()] = t
	name, ok := t.Name(arg)
	if !ok {
		d.problem(lint.CodeOutsideRoot, filepath.ToSlash(arg), "is a link that leads out of the repository", "name the file that the link leads to")
		return
	}
	info, err := t.Stat(name)
	switch {
	case err != nil:
		d.problem(lint.CodeUnreadable, filepath.ToSlash(arg), err.Error(), "check the path and its permissions")
	case info.IsDir():
		if owner, ok := chartOf(t, name, true); ok {
			d.addPart(chart, owner, name)
			return
		}
		w := walker{discovery: d, tree: t, root: name, index: d.indexOf(t)}
		w.namesUnapplied = w.inUnapplied(name)
		d.roots[ID{t.Dir(), name}] = true
		ignores := w.ignoresAbove(name)
		if ignored(ignores, name, true) { // the user names what Git ignores
			ignores, w.index = nil, nil
		}
		w.dir(name, ignores, place{})
	default:
		d.namedFile(File{Tree: t, Name: name, Named: true})
	}
}

// indexOf is the index of a tree's repository, which is read once.
func (d *discovery) indexOf(t *tree.Tree) *tracked {
	x, ok := d.tracked[t]
	if !ok {
		x = readIndex(t)
		d.tracked[t] = x
	}
	return x
}

// namedFile takes a file that the command line names.
func (d *discovery) namedFile(f File) {
	base := path.Base(f.Name)
	dir := File{Tree: f.Tree, Name: path.Dir(f.Name), Named: true}
	switch {
	case base == "Chart.yaml":
		d.addWhole(chart, dir)
	case slices.Contains(kustomize.FileNames(), base):
		d.addWhole(kustomization, dir)
	case strings.HasSuffix(base, ".tgz") || strings.HasSuffix(base, ".tar.gz"):
		d.addWhole(chart, f)
	case isDocument(f):
		d.add(documents, f)
	default:
		if owner, ok := chartOf(f.Tree, f.Name, false); ok {
			d.addPart(chart, owner, f.Name)
		} else if owner, _, ok := d.overlays.Of(f.Tree, f.Name); ok {
			d.addPart(kustomization, owner, f.Name)
		} else {
			d.add(manifests, f)
		}
	}
}

// isDocument reports whether a reader of package document takes a file.
func isDocument(f File) bool {
	_, ok := document.Find(f.Name, func() []byte {
		text, err := f.Tree.ReadFile(f.Name)
		if err != nil {
			return nil
		}
		return text
	})
	return ok
}

// walker walks one directory of the command line.
type walker struct {
	*discovery
	tree  *tree.Tree
	root  string
	index *tracked
	// namesUnapplied is set if the command line names a folder of tests or pages, or one in it.
	namesUnapplied bool
	// policies says of folders whether they hold policies of admission. Those are looked at that have examples of what is refused.
	policies map[string]bool
	// amongTests says of folders whether those in them are of tests: see isAmongTests.
	amongTests map[string]bool
	// cloners are the scripts that clone projects, by their folders.
	cloners map[string][]cloner
	// before is how many of the folders in one have names for their manifests that begin alike: see beforeName.
	before map[string]map[string]int
}

// place is where a directory is in respect of charts, kustomizations and tests.
type place struct {
	// chart is the nearest directory of a chart, that itself or one above it. It is empty if there is none.
	chart string
	// parts are the directories of the charts that it takes in from the tree. They are read at the first question.
	parts func() []string
	// chartDir is set in the directory of a chart itself.
	chartDir bool
	// kustomized is set in the directory of a kustomization.
	kustomized bool
	// tests are those of the directory, and testsAbove those of the one above it. They are nil
	// if there are none.
	tests, testsAbove *goFiles
	// testFolder is the folder of tests that it is in, and pages the folder with the pages of a website. They are empty if
	// there is none. pagesBelow are folders with pages that may be below it.
	testFolder, pages string
	pagesBelow        []string
	contents
}

// dir takes the files of a directory and goes into those below. What is in the
// directory of a chart, but not among its templates, is found like in any other directory.
// Manifests there are noted in a list of their own, since a chart contains other YAML, too.
func (w *walker) dir(name string, ignores []gitignore.Pattern, at place) {
	entries, err := w.tree.ReadDir(name)
	if err != nil {
		w.problem(lint.CodeUnreadable, w.tree.Display(name), "cannot list the directory: "+tree.Cause(err), "check its permissions, or exclude it in the configuration")
		return
	}
	if w.index != nil {
		ignores = w.ignoresOf(name, ignores)
	}
	isNamed := name == w.root
	has := func(base string) bool {
		return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == base && !e.IsDir() })
	}
	at.chartDir = has("Chart.yaml") && !w.isSchema(path.Join(name, "Chart.yaml"))
	if at.chartDir {
		if w.isExcludedTest(name) {
			w.skip(w.tree, name, "a chart for tests, which chart-testing leaves out: name it to lint it")
			return
		}
		if w.isChartOfTests(name, at.testFolder) {
			w.skipIn(w.tree, at.testFolder, ofTests)
			return
		}
		if isNamed || at.chart == "" || !slices.Contains(at.parts(), name) {
			w.addWhole(chart, File{w.tree, name, isNamed})
		}
		at.chart, at.parts = name, sync.OnceValue(func() []string { return LocalDependencies(w.tree, name) })
	}
	at.testsAbove, at.tests = at.tests, goFilesOf(name, entries)
	at.kustomized = slices.ContainsFunc(kustomize.FileNames(), has)
	if at.kustomized {
		w.addWhole(kustomization, File{w.tree, name, isNamed})
		if w.isOverlayOfTests(name, at.testFolder) {
			w.ofTests[ID{w.tree.Dir(), name}] = at.testFolder
		}
	}
	w.enter(name, entries, &at)
	for _, e := range entries {
		w.entry(name, e, ignores, at)
	}
}

// enter notes whether a folder is one of tests or pages. In one with a kustomization or a chart there is what it is made of, unless
// these are for tests themselves.
func (w *walker) enter(name string, entries []fs.DirEntry, at *place) {
	within := contentsOf(entries)
	if at.kustomized || at.chartDir {
		at.testFolder, at.pages = w.ofTests[ID{w.tree.Dir(), name}], ""
	} else if name != w.root && !w.namesUnapplied {
		if at.testFolder == "" && (isTestFolder(name, at.contents, within) || !at.hasEnvironment && w.hasTestData(name, at.testsAbove)) {
			at.testFolder = name
		}
		if at.pages == "" && (slices.Contains(at.pagesBelow, name) || holdPages(entries)) {
			at.pages = name
		}
	}
	at.contents = within
	at.pagesBelow = append(slices.Clip(at.pagesBelow), w.pagesIn(name, entries)...)
}

func (w *walker) entry(dir string, e fs.DirEntry, ignores []gitignore.Pattern, at place) {
	name := path.Join(dir, e.Name())
	isDir := e.IsDir()
	if e.Type()&fs.ModeSymlink != 0 && !w.link(name, e.Name(), at) {
		return
	}
	if at.chartDir && isDir && isChartFolder(e.Name()) || w.isIgnored(ignores, name, isDir) {
		return
	}
	switch {
	case isDir:
		w.folder(name, ignores, at)
	case isDocument(File{Tree: w.tree, Name: name}):
		if at.testFolder != "" && document.IsDockerfile(name) {
			w.skipIn(w.tree, at.testFolder, ofTests)
			return
		}
		w.addEntry(documents, name, e)
	case at.chart == "" && at.testFolder == "" && isTemplateOfManifest(File{Tree: w.tree, Name: name}):
		w.Templates = append(w.Templates, File{Tree: w.tree, Name: name})
		w.skip(w.tree, name, "a template of another program: lint what that makes of it")
	case !HasManifestName(e.Name()) || slices.Contains(kustomize.FileNames(), e.Name()), at.chartDir && e.Name() == "Chart.yaml":
	case strings.HasPrefix(e.Name(), ".") && !(File{Tree: w.tree, Name: name}).LooksLikeManifest(): // configuration of other tools
	case at.chart != "":
		w.addEntry(inChart, name, e)
	case w.isOfTests(name, at.testFolder):
		w.skipIn(w.tree, at.testFolder, ofTests)
	case w.isOfPages(name, at.pages):
		w.skipIn(w.tree, at.pages, "the pages of a website: name it to lint it")
	case w.isFixture(dir, e.Name(), at):
		w.skip(w.tree, name, "a file that a Go test reads: name it to lint it")
	default:
		w.addEntry(manifests, name, e)
	}
}

// folder goes into a folder, unless it holds what nobody deploys.
func (w *walker) folder(name string, ignores []gitignore.Pattern, at place) {
	if path.Base(name) == ".git" {
		return
	}
	what := w.notDeployed(name)
	if (what == archived || what == cueModules) && w.isInUse(name) {
		what = ""
	}
	if what == "" && (w.isNamedByTest(name, at) || w.isOfDouble(name, at)) {
		what = "a folder that a Go test reads"
	}
	if what == "" {
		if script := w.isClone(name); script != "" {
			what = "a clone of another project that " + w.tree.Display(script) + " makes anew"
		}
	}
	if what == "" && w.isRetired(name) {
		what = "a folder of charts that are no longer released"
	}
	if what == "" && w.isRefused(name) {
		what = "examples that a policy beside them refuses"
	}
	if what == "" {
		what = w.isWithoutUse(name)
	}
	if what == "" {
		w.dir(name, ignores, at)
		return
	}
	if budget := maxLook; w.mayHoldManifests(name, &budget) {
		w.skip(w.tree, name, what+": name it to lint it")
	}
}

// isWithoutUse says why a folder is not applied, by what is in it and beside it. It is empty if it may be.
func (w *walker) isWithoutUse(name string) string {
	if w.isOfPackage(name) {
		w.Packages = append(w.Packages, File{Tree: w.tree, Name: path.Dir(name)})
		return "changes to a chart that is not in the tree, as package.yaml beside it says"
	}
	if w.isExpectedOutput(name) {
		return "the output that a test expects of the kustomizations beside it"
	}
	if w.isTestOfReadme(name) {
		return "a test, as its README says"
	}
	if w.isAmongTests(name) {
		return "a folder among those of tests, as their READMEs say"
	}
	if readme := w.unusedBy(name); readme != "" {
		return "a folder for what is no longer used, as " + w.tree.Display(readme) + " says"
	}
	return ""
}

// link looks at what a symbolic link leads to. ok is false if it is skipped.
func (w *walker) link(name, base string, at place) (ok bool) {
	info, err := w.tree.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && HasManifestName(base) && at.chart == "":
		w.problem(lint.CodeMissingFile, w.tree.Display(name), "the symbolic link leads to a file that does not exist", "add the file, or remove the link")
	case err != nil && HasManifestName(base) && at.chart == "":
		w.problem(lint.CodeOutsideRoot, w.tree.Display(name), "cannot follow the symbolic link: "+tree.Cause(err), "name what it leads to on the command line, if it is to be checked")
	case err != nil:
	case info.IsDir(): // links can make circles, and most targets are met where they are
		if target, ok := w.tree.LinkTarget(name); ok {
			w.linked[ID{w.tree.Dir(), target}] = true
		}
		w.skip(w.tree, name, "a symbolic link to a directory: name it, or what it leads to")
	default:
		return true
	}
	return false
}

// isIgnored reports whether Git ignores a name. What Git tracks it does not
// ignore, whatever .gitignore says. Without an index nothing is known of that,
// and nothing is ignored: a pull request could hide a manifest otherwise.
func (w *walker) isIgnored(ignores []gitignore.Pattern, name string, isDir bool) bool {
	if w.index == nil || len(ignores) == 0 || !isDir && w.index.has(name) || isDir && w.index.hasBelow(name) {
		return false
	}
	return ignored(ignores, name, isDir)
}

// TemplateExtensions are the last parts of the names of templates: of NAME.yaml, NAME.yaml.tmpl or NAME.tmpl.yaml.
var TemplateExtensions = []string{".tmpl", ".in", ".m4", ".j2", ".gotmpl", ".tpl", ".template", ".tftpl", ".jinja", ".jinja2", ".erb", ".mustache"}

// isTemplateOfManifest reports whether a file is one from which another program makes a manifest, by its name and what it holds.
func isTemplateOfManifest(f File) bool {
	name := f.Name
	for slices.Contains(TemplateExtensions, path.Ext(name)) {
		name = strings.TrimSuffix(name, path.Ext(name))
	}
	return name != f.Name && HasManifestName(name) && f.LooksLikeManifest()
}

// HasManifestName reports whether a file has the extension of YAML or JSON, in
// any case.
func HasManifestName(base string) bool {
	switch strings.ToLower(path.Ext(base)) {
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
		if p := ignorePattern(line, domain); p != nil {
			ignores = append(ignores, p)
		}
	}
	return ignores
}

// ignorePattern is the pattern in a line of a .gitignore, whose folder is the domain. It is nil if there is none.
func ignorePattern(line []byte, domain []string) gitignore.Pattern {
	p := strings.TrimRight(string(line), "\r\n")
	if strings.TrimSpace(p) == "" || strings.HasPrefix(p, "#") {
		return nil
	}
	return gitignore.ParsePattern(p, domain)
}

// IgnoredBy is the line of the .gitignore for which Git ignores a file that is not there: the last one that matches decides. It has no file
// if Git does not.
func IgnoredBy(t *tree.Tree, name string) (at lint.Position) {
	parts := strings.Split(name, "/")
	for i := range parts {
		file := path.Join(path.Join(parts[:i]...), ".gitignore")
		data, err := t.ReadFile(file)
		if err != nil {
			continue
		}
		n := 0
		for line := range bytes.Lines(data) {
			n++
			p := ignorePattern(line, parts[:i])
			if p == nil {
				continue
			}
			switch p.Match(parts, false) {
			case gitignore.Exclude:
				at = lint.Position{File: t.Display(file), Line: n}
			case gitignore.Include:
				at = lint.Position{}
			case gitignore.NoMatch:
			}
		}
	}
	return at
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
