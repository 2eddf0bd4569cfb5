package render

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
	"github.com/kubevet/kubevet/render/affected"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// Changed narrows the plan to the charts, overlays and manifests that own some
// files or are made of them. The files are named as on the command line, and
// need not exist any more. Plain manifests are one unit: it is rendered whole
// if one of the files is a manifest, and Concerns reports what belongs to them.
func (p *Plan) Changed(files []string) {
	p.changed = &changed{paths: files, names: map[string]bool{}, files: map[string]bool{}, kept: affected.NewReads(), shared: affected.NewReads()}
}

// Concerns reports whether a place that a plan rendered is about what the command
// line names, and in a narrowed plan about the changed files. Charts and overlays
// are reported whole, unless a part of them is named, or only the Dockerfile of an image
// of theirs changed; plain manifests only where they changed.
func (p *Plan) Concerns(unit *lint.Unit, places ...lint.Position) bool {
	if !p.concernsPart(unit.Input, places...) {
		return false
	}
	c := p.changed
	return c == nil || unit != c.unit && unit.Kind != lint.UnitRepository && !c.byImage[unit.Input] || slices.ContainsFunc(places, func(at lint.Position) bool { return c.has(at.File) })
}

// ConcernsFile reports whether a file, as reports call it, changed or is part of
// an input that a narrowed plan rendered whole.
func (p *Plan) ConcernsFile(file string) bool {
	if p.namesOtherParts(file) {
		return false
	}
	c := p.changed
	return c == nil || c.has(file) || c.tree != nil && c.kept.Has(c.nameOf(file))
}

// Shared reports whether a file, as reports call it, is also read by an input
// that a narrowed plan leaves out: then its result is not known.
func (p *Plan) Shared(file string) bool {
	c := p.changed
	return c != nil && c.tree != nil && !c.has(file) && c.shared.Has(c.nameOf(file))
}

// Reads reports whether a file, as reports call it, went into what a narrowed
// plan rendered.
func (p *Plan) Reads(name string) bool {
	c := p.changed
	if c == nil || p.ConcernsFile(name) {
		return true
	}
	isNamed := func(f discover.File) bool { return f.Display() == name }
	return c.unit != nil && slices.ContainsFunc(p.found.Manifests, isNamed) || len(c.repository) > 0 && slices.ContainsFunc(p.found.Documents, isNamed)
}

// ReadNames are the files, and the directories with all that is in them, that went into
// what a narrowed plan rendered, as reports call them. It is nil if everything did.
func (p *Plan) ReadNames() (files, dirs []string) {
	c := p.changed
	if c == nil {
		return nil, []string{"."}
	}
	files = slices.Collect(maps.Keys(c.files))
	if c.tree == nil {
		return files, nil
	}
	for name := range c.kept.Files {
		files = append(files, c.tree.Display(name))
	}
	for _, d := range slices.Concat(c.dirs, c.kept.Dirs) {
		dirs = append(dirs, c.tree.Display(d))
	}
	if c.unit != nil {
		for _, f := range p.found.Manifests {
			files = append(files, f.Display())
		}
	}
	if len(c.repository) > 0 {
		for _, f := range p.found.Documents {
			files = append(files, f.Display())
		}
	}
	return files, dirs
}

// Root is the directory in which to look for what a file belongs to, as a user
// would name it: the repository that holds it, else the working directory. The
// file need not exist.
func Root(name string) (dir string, ok bool) {
	for at := filepath.Clean(name); ; at = filepath.Dir(at) {
		if t, err := tree.Around(at); err == nil {
			defer t.Close() //nolint:errcheck // read only: nothing can be lost
			return t.Display("."), true
		}
		if at == filepath.Dir(at) {
			return "", false
		}
	}
}

// changed is what changed, and what a plan is narrowed to by it.
type changed struct {
	paths []string
	tree  *tree.Tree
	// names are those in the tree, links and what they lead to; files are the
	// same as reports call them.
	names, files map[string]bool
	// dirs are directories of which everything counts as changed.
	dirs []string
	// removed are the names that do not exist any more.
	removed []string
	// kept is what the inputs read that are rendered, shared what those read
	// that are left out.
	kept, shared *affected.Reads
	// unit is that of the plain manifests, once they are rendered.
	unit *lint.Unit
	// repository are the documents that were read.
	repository []*lint.Document
	// images are last parts of the names of images whose Dockerfile changed, or what says
	// that it is theirs; byImage are the inputs that are rendered for these alone.
	images  []string
	byImage map[string]bool
	// graph, charts and overlays are what narrow found.
	graph            *affected.Graph
	charts, overlays []narrowed
}

// narrowed is a chart or an overlay, and whether it is rendered.
type narrowed struct {
	discover.File
	read *affected.Reads
	kept bool
}

// has reports whether a file changed, by its name in reports.
func (c *changed) has(file string) bool {
	return file != "" && (c.files[file] || len(c.dirs) > 0 && c.tree != nil && affected.InDirs(c.dirs, c.nameOf(file)))
}

// nameOf is the name in the tree of a file as reports call it.
func (c *changed) nameOf(file string) string {
	name, _ := tree.Below(c.tree.Dir(), filepath.FromSlash(file))
	return name
}

// resolve finds the names of the changed files in a tree.
func (c *changed) resolve(t *tree.Tree) {
	c.tree = t
	for _, p := range c.paths {
		link, target := resolved(p)
		for _, abs := range []string{link, target} {
			name, ok := tree.Below(t.Dir(), abs)
			if !ok {
				continue
			}
			c.names[name] = true
			c.files[t.Display(name)] = true
			info, err := t.Stat(name)
			switch base := path.Base(name); {
			case err == nil && info.IsDir():
				c.dirs = append(c.dirs, name)
			case err != nil && (base == "Chart.yaml" || slices.Contains(kustomize.FileNames(), base)):
				// Without it, everything around becomes something else.
				c.dirs = append(c.dirs, path.Dir(name))
				c.removed = append(c.removed, name, path.Dir(name))
			case err != nil:
				c.removed = append(c.removed, name)
			}
		}
	}
}

// resolved is the absolute path of a file that need not exist, with the links
// above it resolved; target is where it leads if it is a link itself.
func resolved(p string) (link, target string) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return p, p
	}
	rest := filepath.Base(abs)
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if d, err := filepath.EvalSymlinks(dir); err == nil {
			link = filepath.Join(d, rest)
			break
		}
		if dir == filepath.Dir(dir) {
			return abs, abs
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
	if target, err = filepath.EvalSymlinks(link); err != nil {
		target = link
	}
	return link, target
}

// narrow leaves out the charts and overlays that the changed files have no part
// in. What these are built from is no plain manifest all the same.
func (c *changed) narrow(r *run, overlays []discover.File) []discover.File {
	found := r.plan.found
	for _, l := range [][]discover.File{found.Charts, found.Kustomizations, found.Manifests, found.Documents} {
		if len(l) > 0 && c.tree == nil {
			c.resolve(l[0].Tree)
		}
	}
	r.edit(func(out *Result) {
		out.Problems = slices.DeleteFunc(out.Problems, func(p lint.Problem) bool { return !c.has(p.File) })
		out.Summary.Skipped = slices.DeleteFunc(slices.Clone(out.Summary.Skipped), func(s lint.Skip) bool { return !c.has(s.File) })
	})
	if c.tree == nil {
		return nil
	}
	for _, f := range found.InCharts {
		if f.Tree == c.tree && c.has(f.Display()) && f.LooksLikeManifest() { // as if the command line named it
			found.Manifests = append(found.Manifests, discover.File{Tree: f.Tree, Name: f.Name})
		}
	}
	c.followLinks(found.Manifests)
	c.followLinks(found.Documents)
	g := affected.NewGraph(c.tree, c.removed, c.names)
	g.ByName = func(chart string) []string { return r.plan.charts.References(c.tree, chart) }
	c.graph = g
	allCharts := c.valuesChanged(r.plan.opts)
	found.Charts = slices.DeleteFunc(slices.Clone(found.Charts), func(f discover.File) bool {
		read := c.configured(f, r.plan.opts)
		kept := c.keeps(read, allCharts)
		c.charts = append(c.charts, narrowed{f, read, kept})
		return !kept
	})
	return slices.DeleteFunc(slices.Clone(overlays), func(f discover.File) bool {
		read := affected.NewReads()
		g.Overlay(f.Name, read)
		kept := c.keeps(read, false)
		c.overlays = append(c.overlays, narrowed{f, read, kept})
		if kept {
			return false
		}
		for name := range read.Files {
			r.owned[discover.ID{Dir: f.Tree.Dir(), Name: name}] = true
		}
		return true
	})
}

// followLinks counts links to changed files among the changed ones.
func (c *changed) followLinks(l []discover.File) {
	for _, f := range l {
		if target, ok := c.tree.LinkTarget(f.Name); ok && (c.names[target] || affected.InDirs(c.dirs, target)) {
			c.names[f.Name], c.files[f.Display()] = true, true
		}
	}
}

// keeps decides whether an input is rendered, and notes what it reads.
func (c *changed) keeps(read *affected.Reads, anyway bool) bool {
	if anyway || c.touches(read) {
		c.kept.Add(read)
		return true
	}
	c.shared.Add(read)
	return false
}

// valuesChanged reports whether a values file of the command line changed,
// which all charts are rendered with.
func (c *changed) valuesChanged(opts Options) bool {
	files := slices.Clone(opts.Values)
	for _, s := range opts.Scenarios {
		files = append(files, s.Values...)
	}
	return slices.ContainsFunc(files, func(f string) bool {
		_, target := resolved(f)
		name, ok := tree.Below(c.tree.Dir(), target)
		return ok && c.names[name]
	})
}

// touches reports whether one of the changed files is read.
func (c *changed) touches(read *affected.Reads) bool {
	for name := range c.names {
		if read.Has(name) {
			return true
		}
	}
	for _, dir := range c.dirs {
		for name := range read.Files {
			if affected.InDir(dir, name) {
				return true
			}
		}
		if slices.ContainsFunc(read.Dirs, func(d string) bool { return affected.InDir(dir, d) }) {
			return true
		}
	}
	return false
}

// manifests renders the plain manifests if one of them changed, and leaves out
// the problems of the others. It reports whether it handed on any of them.
func (c *changed) manifests(ctx context.Context, r *run) (read bool) {
	if !slices.ContainsFunc(r.plain(), func(f discover.File) bool { return c.hasFile(f) || len(c.images) > 0 && c.fileNamesImage(f.Name) }) {
		return false
	}
	defer c.filter(r, func(part Part) { c.unit, read = part.Unit, part.Unit != nil || part.installs != nil })()
	r.manifests(ctx, r.expect("manifests"))
	return read
}

// documentsIn reads the documents if one of them changed, and leaves out the problems
// of the others. Otherwise it reads those that what is rendered depends on.
func (c *changed) documentsIn(ctx context.Context, r *run) {
	if slices.ContainsFunc(r.plan.found.Documents, c.hasFile) {
		defer c.filter(r, func(Part) {})()
		r.documents(ctx)
		c.images = built.New(r.repository.All()).BuiltFrom(c.has)
	} else if len(r.plan.found.Charts) > 0 || slices.ContainsFunc(c.overlays, func(o narrowed) bool { return o.kept }) || slices.ContainsFunc(r.plain(), c.hasFile) {
		r.builds(ctx)
	}
	c.repository = r.repository.All()
}

// addByImage adds the charts and overlays that may run an image of which the Dockerfile
// changed: a file of theirs has its name.
func (c *changed) addByImage(r *run, overlays []discover.File) []discover.File {
	if len(c.images) == 0 {
		return overlays
	}
	c.byImage = map[string]bool{}
	add := func(to []discover.File, all []narrowed) []discover.File {
		for _, n := range all {
			if !n.kept && c.namesImage(n.read) {
				c.byImage[n.Display()] = true
				to = append(to, n.File)
			}
		}
		return to
	}
	r.plan.found.Charts = add(r.plan.found.Charts, c.charts)
	return add(overlays, c.overlays)
}

// namesImage reports whether a file that an input reads has the name of one of the images.
func (c *changed) namesImage(read *affected.Reads) bool {
	for name := range read.Files {
		if c.fileNamesImage(name) {
			return true
		}
	}
	return slices.ContainsFunc(read.Dirs, c.dirNamesImage)
}

func (c *changed) dirNamesImage(dir string) bool {
	entries, err := c.tree.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		name := path.Join(dir, e.Name())
		if e.IsDir() {
			return c.dirNamesImage(name)
		}
		return e.Type().IsRegular() && c.fileNamesImage(name)
	})
}

func (c *changed) fileNamesImage(name string) bool {
	text, err := c.tree.ReadFile(name)
	return err == nil && slices.ContainsFunc(c.images, func(image string) bool { return bytes.Contains(text, []byte(image)) })
}

func (c *changed) hasFile(f discover.File) bool { return c.has(f.Display()) }

// filter has the run hand on parts without what is of files that did not change, after
// note has seen them. The result undoes it.
func (c *changed) filter(r *run, note func(Part)) (undo func()) {
	each := r.each
	r.each = func(part Part) {
		note(part)
		rendered := *part.Rendered
		rendered.Problems = slices.DeleteFunc(slices.Clone(part.Problems), func(p lint.Problem) bool { return !c.has(p.File) })
		part.Rendered = &rendered
		part.Summary.Skipped = slices.DeleteFunc(part.Summary.Skipped, func(s lint.Skip) bool { return !c.has(s.File) })
		each(part)
	}
	return func() { r.each = each }
}

// configured is what a chart is rendered from, with the values files that the
// configuration gives it.
func (c *changed) configured(f discover.File, opts Options) *affected.Reads {
	read := affected.NewReads()
	c.graph.Chart(f.Name, read)
	if opts.Chart == nil {
		return read
	}
	for _, s := range opts.Chart(f.Display()).Scenarios {
		for _, v := range s.Values {
			read.File(c.tree, path.Join(f.Name, v))
		}
	}
	return read
}
