package gitops

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// Target is a folder of which an object may have Flux change what is built.
type Target struct {
	Dir string // a name in the tree
	// Generated is set if the folder has no kustomization.
	Generated bool
	// Namespace is that which Flux sets, empty if it sets none that is known.
	Namespace string
	// Components are the directories of those that Flux adds, names in the tree.
	Components []string
}

// Targets finds the folders that objects may have Flux change. The zero value is ready for use.
type Targets struct{ folders folders }

// Of lists those of an object in a file: folders of overlays, and folders without a kustomization
// together with the overlays below them.
func (t *Targets) Of(f discover.File, o *lint.Object) (targets []Target) {
	spec := o.Root.Get("spec")
	if o.Is(ArgoGroup, "Application") {
		return argoTargets(f, spec)
	}
	changes := func(c changeField) bool { return c.kustomization != "" && spec.Child(c.spec).IsSet() }
	if !o.Is(kustomizeGroup, "Kustomization") || !slices.ContainsFunc(changeFields[:], changes) && !spec.Get("commonMetadata").IsSet() {
		return nil
	}
	p, known := fluxPath(spec)
	if !known {
		return nil
	}
	p = path.Clean(strings.TrimLeft(p, "/"))
	for i, c := range "/" + f.Name { // a tree that is no checkout may hold several
		if c != '/' {
			continue
		}
		targets = append(targets, t.in(f.Tree, path.Join(f.Name[:max(i-1, 0)], p), spec)...)
	}
	return targets
}

// in lists those of a folder that the spec of an object names.
func (t *Targets) in(tr *tree.Tree, dir string, spec lint.Value) []Target {
	target := Target{dir, false, spec.Get("targetNamespace").Text(), componentDirs(tr, dir, spec)}
	if _, ok := kustomize.File(tr, dir); ok {
		return []Target{target}
	}
	if info, err := tr.Stat(dir); err != nil || !info.IsDir() {
		return nil
	}
	if t.folders == nil {
		t.folders = folders{}
	}
	target.Generated = true
	targets := []Target{target}
	for _, name := range t.folders.below(tr, dir).names {
		if _, ok := kustomize.File(tr, name); ok {
			targets = append(targets, Target{Dir: name, Namespace: target.Namespace})
		}
	}
	return targets
}

// argoTargets are those of an Application of Argo CD.
func argoTargets(f discover.File, spec lint.Value) (targets []Target) {
	sources := slices.Collect(spec.Get("sources").Items())
	for _, s := range append(sources, spec.Get("source")) {
		k := s.Get("kustomize")
		if !slices.ContainsFunc(argoFields[:], func(name string) bool { return k.Child(name).IsSet() }) || s.Get("path").Text() == "" {
			continue
		}
		p := path.Clean(strings.TrimLeft(s.Get("path").Text(), "/"))
		for i, c := range "/" + f.Name {
			if dir := path.Join(f.Name[:max(i-1, 0)], p); c == '/' {
				if _, ok := kustomize.File(f.Tree, dir); ok {
					targets = append(targets, Target{Dir: dir, Namespace: k.Get("namespace").Text(), Components: componentDirs(f.Tree, dir, k)})
				}
			}
		}
	}
	return targets
}
