package discover

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// chartOf is the chart that a template, a folder of templates or a values file is
// part of: the one that is rendered, not one in its charts folder. ok is false for everything that is
// no part of a chart, though it may be in its directory.
func chartOf(t *tree.Tree, name string, isDir bool) (owner File, ok bool) {
	for dir := name; dir != "."; {
		dir = path.Dir(dir)
		if info, err := t.Stat(path.Join(dir, "Chart.yaml")); err != nil || info.IsDir() {
			continue
		}
		rel := name
		if dir != "." {
			rel = name[len(dir)+1:]
		}
		if !isChartPart(t, name, rel, isDir) {
			return owner, false
		}
		return File{Tree: t, Name: outermostChart(t, dir)}, true
	}
	return owner, false
}

// isChartPart reports whether a file or folder of a chart's directory makes sense
// only as a part of the chart.
func isChartPart(t *tree.Tree, name, rel string, isDir bool) bool {
	first, _, nested := strings.Cut(rel, "/")
	switch {
	case first == "templates" && (isDir || nested), first == "crds" && nested:
		return true
	case isDir:
		return false
	case nested && first != "ci", !HasManifestName(rel):
		return rel == ".helmignore" || rel == "Chart.lock" || rel == "requirements.lock"
	}
	return !(File{Tree: t, Name: name}).LooksLikeManifest()
}

// Charts lists the directories of the charts in a tree, as the walk of a directory finds them: not those in the charts
// folders of others, and none that nobody deploys.
func Charts(t *tree.Tree) (dirs []string) {
	eachDir(t, func(dir string, entries []fs.DirEntry) (skip func(base string) bool) {
		if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "Chart.yaml" && !e.IsDir() }) {
			return nil
		}
		dirs = append(dirs, dir)
		return isChartFolder
	})
	return dirs
}

// eachDir visits the folders of a tree, but none that nobody deploys, and none that visit asks to skip.
func eachDir(t *tree.Tree, visit func(dir string, entries []fs.DirEntry) (skip func(base string) bool)) {
	w := walker{discovery: &discovery{}, tree: t}
	var walk func(dir string)
	walk = func(dir string) {
		entries, err := t.ReadDir(dir)
		if err != nil {
			return // the walk of what is linted reports it
		}
		skip := visit(dir, entries)
		for _, e := range entries {
			if name := path.Join(dir, e.Name()); e.IsDir() && (skip == nil || !skip(e.Name())) && (isTaskFolder(e.Name()) || w.notDeployed(name) == "") {
				walk(name)
			}
		}
	}
	walk(".")
}

// LocalDependencies are the directories of the charts that a chart takes in from the tree, by file://. One
// may not exist, or lead out of the tree.
func LocalDependencies(t *tree.Tree, dir string) (dirs []string) {
	for _, base := range []string{"Chart.yaml", "requirements.yaml"} {
		text, err := t.ReadFile(path.Join(dir, base))
		if err != nil {
			continue
		}
		var chart struct {
			Dependencies []struct{ Repository string }
		}
		if yaml.Unmarshal(text, &chart) != nil {
			continue // loading the chart reports that
		}
		for _, d := range chart.Dependencies {
			if rel, ok := strings.CutPrefix(d.Repository, "file://"); ok && !path.IsAbs(rel) {
				dirs = append(dirs, path.Join(dir, rel))
			}
		}
	}
	return dirs
}

// outermostChart is the chart that a chart in a charts folder is a dependency of, or one that is elsewhere in its
// directory.
func outermostChart(t *tree.Tree, dir string) string {
	for at := path.Dir(dir); at != "."; at = path.Dir(at) {
		if t.Exists(path.Join(at, "Chart.yaml")) {
			if slices.Contains(LocalDependencies(t, at), dir) {
				return outermostChart(t, at)
			}
			break
		}
	}
	for path.Base(path.Dir(dir)) == "charts" {
		parent := path.Dir(path.Dir(dir))
		if !t.Exists(path.Join(parent, "Chart.yaml")) {
			break
		}
		dir = parent
	}
	return dir
}

// Overlays finds the kustomizations that files are part of. It reads each once. The zero value is ready.
type Overlays struct{ read map[ID]kustomize.Refs }

// Of is the kustomization that a patch, a base or another file is part of:
// the nearest one, beside the file or above it, that names it.
func (o *Overlays) Of(t *tree.Tree, name string) (owner File, refs kustomize.Refs, ok bool) {
	for dir := name; dir != "."; {
		dir = path.Dir(dir)
		owner = File{Tree: t, Name: dir}
		refs = o.References(owner)
		for _, list := range [][]string{refs.Paths, refs.Fragments} {
			if _, ok := slices.BinarySearch(list, name); ok {
				return owner, refs, true
			}
		}
	}
	return File{}, kustomize.Refs{}, false
}

// References reads a kustomization. That of one that cannot be read is empty.
func (o *Overlays) References(f File) kustomize.Refs {
	id := f.ID()
	refs, known := o.read[id]
	if !known {
		if _, has := kustomize.File(f.Tree, f.Name); has {
			refs, _ = kustomize.References(f.Tree, f.Name) // what cannot be read is reported where it is built
		}
		if o.read == nil {
			o.read = map[ID]kustomize.Refs{}
		}
		o.read[id] = refs
	}
	return refs
}

// Patched finds out of which overlays some files come in another form than they are written: a kustomization that uses
// them may change any field of their objects. Files are those which come in no other form.
func (o *Overlays) Patched(overlays []File, wanted map[ID]bool) (files map[ID]bool, by []File) {
	p := patchedFiles{o, wanted, map[patchedBase]bool{}, map[ID]bool{}, map[ID]bool{}}
	for _, k := range overlays {
		if p.find(k, false) {
			by = append(by, k)
		}
	}
	for id := range p.asWritten {
		delete(p.edited, id)
	}
	return p.edited, by
}

type patchedFiles struct {
	overlays *Overlays
	wanted   map[ID]bool
	// known has whether the kustomizations that were visited lead to files that are edited.
	known             map[patchedBase]bool
	edited, asWritten map[ID]bool
}

// patchedBase is a kustomization, and whether it or one that uses it may change its objects.
type patchedBase struct {
	id     ID
	edited bool
}

func (p *patchedFiles) find(k File, edited bool) (leads bool) {
	refs := p.overlays.References(k)
	at := patchedBase{k.ID(), edited || refs.Edits}
	if leads, known := p.known[at]; known {
		return leads
	}
	p.known[at] = false
	for _, name := range refs.Paths {
		used := File{Tree: k.Tree, Name: name}
		switch {
		case !HasManifestName(path.Base(name)):
			leads = p.find(used, at.edited) || leads
		case p.wanted[used.ID()] && at.edited:
			p.edited[used.ID()], leads = true, true
		case p.wanted[used.ID()]:
			p.asWritten[used.ID()] = true
		}
	}
	p.known[at] = leads
	return leads
}

// Roots lists the kustomizations that no other refers to, and those that the
// command line names. Components are never roots, unless named, and nor are those that make
// the templates of a chart: what they refer to is linted without them. owned are the
// files that only make sense within an overlay: patches. skipped are components
// that nothing uses and that have no objects of their own, makers of charts, and those that another one has in a comment; what only these refer to is
// owned, too. It sets Components.
func (f *Found) Roots() (roots []File, owned map[ID]bool, skipped []lint.Skip) {
	refs, owned := f.references()
	skipped = f.withoutTests(refs)
	f.refs, f.fragments = refs, maps.Clone(owned)
	f.findUndeployed()
	reached := map[ID]bool{}
	add := func(f File) {
		roots = append(roots, f)
		reach(refs, f.ID(), reached, nil)
	}
	for _, k := range f.Kustomizations {
		if _, isDead := f.dead[k.ID()]; k.Named || !isDead && !f.isReferred(k.ID()) && !refs[k.ID()].Component && !refs[k.ID()].MakesChart {
			add(k)
		}
	}
	for _, k := range f.Kustomizations {
		reason, isDead := f.dead[k.ID()]
		if !isDead {
			continue
		}
		if reason != "" {
			skipped = append(skipped, lint.Skip{File: k.Display(), Reason: reason})
		}
		reach(refs, k.ID(), reached, owned)
	}
	inComponents := map[ID]bool{}
	f.inComponents = inComponents
	for id := range f.inComment { // it is for the kustomization, in place of something else
		if !f.Referred[id] {
			inComponents[id] = true
		}
	}
	var unused []File
	// What is left refers to itself in a circle, or is used by such alone: building
	// one of them reports that.
	for _, f := range f.Kustomizations {
		switch {
		case reached[f.ID()]:
		case refs[f.ID()].MakesChart:
			skipped = append(skipped, lint.Skip{File: f.Display(), Reason: "it makes templates of a chart: name it to lint it"})
		case refs[f.ID()].Component:
			for _, name := range refs[f.ID()].Paths {
				inComponents[ID{f.Tree.Dir(), name}] = true
			}
			unused = append(unused, f)
		default:
			add(f)
		}
	}
	return roots, owned, append(skipped, f.findComponents(unused, reached)...)
}

// findComponents sets Components to those of some components that no overlay uses which have objects, but for the parts of others of them. The rest
// only change what overlays have, and are skipped. What is reached is built already.
func (f *Found) findComponents(unused []File, reached map[ID]bool) (skipped []lint.Skip) {
	known := map[ID]bool{}
	isComponent := func(id ID) bool { return f.refs[id].Component }
	for _, inCircle := range [...]bool{false, true} {
		for _, c := range unused {
			if id := c.ID(); f.brings(id, known) && !reached[id] && (inCircle || !slices.ContainsFunc(f.referrers[id], isComponent)) {
				f.Components = append(f.Components, c)
				reach(f.refs, id, reached, nil)
			}
		}
	}
	for _, c := range unused {
		if !reached[c.ID()] {
			skipped = append(skipped, lint.Skip{File: c.Display(), Reason: "a component that no overlay uses"})
		}
	}
	return skipped
}

// brings reports whether a component has objects, itself or by the components that it uses. It notes that for each.
func (f *Found) brings(id ID, known map[ID]bool) bool {
	if is, ok := known[id]; ok {
		return is
	}
	known[id] = f.refs[id].Brings
	for _, name := range f.refs[id].Paths {
		if used := (ID{id.Dir, name}); f.refs[used].Component && f.brings(used, known) {
			known[id] = true
		}
	}
	return known[id]
}

// IsIncomplete reports whether a file is in use with others that are not linted: a component names it which no overlay uses, or
// it is in a folder of tests or pages whose others are skipped.
func (f *Found) IsIncomplete(file File) bool {
	if f.inComponents[file.ID()] {
		return true
	}
	if len(f.partly) == 0 {
		return false
	}
	for dir := range Above(file.Name) {
		if f.partly[ID{file.Tree.Dir(), dir}] {
			return true
		}
	}
	return false
}

// isReferred reports whether a kustomization that may be deployed refers to something. What only tests refer to, and is not
// among them, is deployed by itself.
func (f *Found) isReferred(id ID) bool {
	return slices.ContainsFunc(f.referrers[id], func(by ID) bool {
		_, isDead := f.dead[by]
		return !isDead && (naming.IsBelowTests(id.Name) || !naming.IsBelowTests(by.Name))
	})
}

// references reads what each kustomization refers to, and sets Referred. fragments are the
// files that are parts of one.
func (f *Found) references() (refs map[ID]kustomize.Refs, fragments map[ID]bool) {
	refs, fragments = map[ID]kustomize.Refs{}, map[ID]bool{}
	f.referrers = map[ID][]ID{}
	f.Referred = map[ID]bool{}
	for _, k := range f.Kustomizations {
		own, err := kustomize.References(k.Tree, k.Name)
		if err != nil {
			continue // building it reports the error
		}
		refs[k.ID()] = own
		if own.MakesChart && !k.Named {
			own.Paths = nil
		}
		for _, name := range own.Paths {
			id := ID{k.Tree.Dir(), name}
			f.Referred[id], f.referrers[id] = true, append(f.referrers[id], k.ID())
		}
		for _, name := range own.Fragments {
			fragments[ID{k.Tree.Dir(), name}] = true
		}
	}
	return refs, fragments
}
