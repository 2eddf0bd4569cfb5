package render

import (
	"bytes"
	"context"
	"path"
	"regexp"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/affected"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/tree"
)

// rest renders what comes after charts and overlays: plain manifests, and what
// Flux and Argo CD objects of the tree install, if the changed files have a part
// in it: in the chart or overlay, in the values, or in the objects themselves.
// To find these, inputs that are left out are read too.
func (c *changed) rest(ctx context.Context, r *run) {
	if c.tree == nil {
		return
	}
	whole := map[*lint.Unit]bool{} // of overlays that are rendered: anything in them may have changed
	for _, u := range r.gitOps {
		whole[u] = true
	}
	var overlays, manifests []*lint.Unit
	if r.fluxWrites || r.argoApplies { // then it decides which manifests are linted as Flux builds them
		overlays, manifests = c.installing(ctx, r, true)
		r.installing = overlays
	}
	switch read := c.manifests(ctx, r); {
	case !r.fluxWrites && !r.argoApplies:
		overlays, manifests = c.installing(ctx, r, !read)
	case read:
		manifests = nil
	}
	units := slices.Concat(overlays, r.gitOps, manifests, r.installersBesideTemplates()) // in the order of a full run
	if len(units)+len(r.held) == 0 {
		return
	}
	var built []discover.File
	for _, o := range c.overlays {
		built = append(built, o.File)
	}
	r.deployed(ctx, built, units, func(d gitops.Deployment) bool { return c.wants(d, whole) })
}

// wants decides whether a deployment is rendered, and notes what it reads. One
// without a file is an object that installs nothing of the tree.
func (c *changed) wants(d gitops.Deployment, whole map[*lint.Unit]bool) bool {
	in := d.By
	read := affected.NewReads()
	anyway := in.Absent && len(c.removed) > 0 // it may refer to what was removed
	if len(in.Read) == 0 {
		anyway = anyway || c.has(in.File())
	}
	for _, name := range in.Read {
		read.File(c.tree, name)
	}
	for _, u := range in.Units {
		anyway = anyway || whole[u]
	}
	switch info, err := c.tree.Stat(d.File.Name); {
	case d.File.Tree == nil || err != nil:
	case d.Overlay:
		for _, dir := range append([]string{d.File.Name}, d.Components...) {
			c.graph.Overlay(dir, read)
		}
		for _, name := range d.Resources {
			if info, err := c.tree.Stat(name); err == nil && info.IsDir() {
				c.graph.Overlay(name, read)
			} else {
				read.File(c.tree, name)
			}
		}
	case info.IsDir():
		c.graph.Chart(d.File.Name, read)
	default:
		read.File(c.tree, d.File.Name)
	}
	return c.keeps(read, anyway)
}

// installing reads the inputs that are left out and may hold objects of Flux or
// Argo CD, or what these refer to: overlays, and manifests if that is asked for.
func (c *changed) installing(ctx context.Context, r *run, alsoManifests bool) (built, read []*lint.Unit) {
	s := &gitOpsSearch{tree: c.tree, texts: map[string]gitOpsText{}}
	var all gitOpsText
	manifests := r.plain()
	for _, f := range manifests {
		all |= s.file(f.Name)
	}
	overlays := make([]gitOpsText, len(c.overlays))
	for i, o := range c.overlays {
		overlays[i] = s.reads(o.read)
		all |= overlays[i]
	}
	if all&installs == 0 {
		return nil, nil
	}
	wanted := installs
	if all&refers != 0 {
		wanted |= referredTo
	}
	for i, o := range c.overlays {
		if o.kept || overlays[i]&wanted == 0 {
			continue
		}
		built = append(built, r.installedBy(ctx, o.File))
	}
	if alsoManifests {
		u := &lint.Unit{Input: r.unitName(manifests)}
		v := r.plan.opts.Watch.guard(Planning, nil, func(func(string), Verdict) {
			for _, f := range manifests {
				if s.file(f.Name)&wanted != 0 {
					u.Objects = append(u.Objects, plain.Read(f).Objects...)
				}
			}
		})
		if v.Lost != nil {
			r.problem(*v.Lost)
		}
		read = append(read, gitops.Part(u))
	}
	none := func(u *lint.Unit) bool { return u == nil }
	return slices.DeleteFunc(built, none), slices.DeleteFunc(read, none)
}

// installedBy is what matters of an overlay that is left out. It is nil if there is
// none.
func (r *run) installedBy(ctx context.Context, o discover.File) (unit *lint.Unit) {
	id := UnitID{Kind: lint.UnitOverlay, Input: o.Display(), Scenario: "read for what it installs"}
	v := r.plan.opts.Watch.guard(id, nil, func(func(string), Verdict) {
		if out, _ := kustomize.Build(ctx, o.Tree, o.Name, r.kustomizeOptions(o, id)); out.Unit != nil {
			unit = gitops.Part(out.Unit)
		}
	})
	if v.Lost != nil {
		r.problem(*v.Lost)
	}
	return unit
}

// gitOpsText is what a text may hold of what matters to GitOps.
type gitOpsText int

const (
	installs   gitOpsText = 1 << iota // objects of Flux or Argo CD
	refers                            // a reference to values in a ConfigMap or Secret
	referredTo                        // a ConfigMap or Secret, or what makes one
)

// gitOpsSearch looks for words in files, each once.
type gitOpsSearch struct {
	tree  *tree.Tree
	texts map[string]gitOpsText
}

func (s *gitOpsSearch) file(name string) gitOpsText {
	text, ok := s.texts[name]
	if ok {
		return text
	}
	data, err := s.tree.ReadFile(name)
	if err == nil {
		text = gitOpsTextOf(data)
	}
	s.texts[name] = text
	return text
}

// gitOpsKinds are those of gitOpsKind, as they are written in YAML and JSON.
// Argo's other objects, workflows for one, install nothing.
var gitOpsKinds = regexp.MustCompile(`kind["']?\s*:\s*["']?(HelmRelease|Kustomization|HelmChart|GitRepository|Bucket|Application|ApplicationSet)\b`)

func gitOpsTextOf(data []byte) (text gitOpsText) {
	has := func(word string) bool { return bytes.Contains(data, []byte(word)) }
	if (has("toolkit.fluxcd.io") || has(gitops.ArgoGroup)) && gitOpsKinds.Match(data) {
		text |= installs
	}
	if has("valuesFrom") {
		text |= refers
	}
	if has("onfigMap") || has("ecret") { // ConfigMap, configMapGenerator, Secret …
		text |= referredTo
	}
	return text
}

func (s *gitOpsSearch) reads(read *affected.Reads) (text gitOpsText) {
	for name := range read.Files {
		text |= s.file(name)
	}
	for _, dir := range read.Dirs {
		text |= s.dir(dir)
	}
	return text
}

func (s *gitOpsSearch) dir(dir string) (text gitOpsText) {
	entries, err := s.tree.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
			text |= s.dir(name)
		case discover.HasManifestName(e.Name()) || path.Ext(e.Name()) == ".tpl":
			text |= s.file(name)
		}
	}
	return text
}
