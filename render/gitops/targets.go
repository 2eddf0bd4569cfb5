package gitops

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/appset"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// Target is a folder of which an object may have Flux or Argo CD change what is built.
type Target struct {
	Dir string // a name in the tree
	// Generated is set if the folder has no kustomization, and Flux writes one.
	Generated bool
	// Namespace is that which Flux sets, empty if it sets none that is known.
	Namespace string
	// Destination is the namespace that Argo CD gives to objects which name none, empty if none is known.
	Destination string
	// IsPlain is set if that is all that changes.
	IsPlain bool
	// Files are those that Argo CD applies of a folder without a kustomization. It is nil for other folders.
	Files *Files
	// Components are the directories of those that Flux adds, names in the tree.
	Components []string
	// IsGuess is set for a folder that is meant only if the tree is no checkout, and another one is meant less.
	IsGuess bool
	// Source is the name of the source of Flux from which the folder is, and Path the folder which the object names, this
	// one or one above it. They are empty if none is named.
	Source, Path string
	// IsUnchanged is set if Flux builds the folder as it is, variables aside.
	IsUnchanged bool
	// Variables are those to which the object gives values itself. It is nil if there are none.
	Variables *Substitution
}

// Targets finds the folders that objects may have Flux or Argo CD change. The zero value is ready for use.
type Targets struct {
	// Unknown are the beginnings of the names of folders that Flux may build, of paths that are not known.
	Unknown []discover.File
	// Manifests are the files that may give values to the variables of paths.
	Manifests []discover.File

	folders   folders
	origins   origins
	sets      map[*tree.Tree]*appset.Repository
	variables given
}

// Of lists those of an object in a file: folders of overlays, and folders without a kustomization
// together with the overlays below them.
func (t *Targets) Of(f discover.File, o *lint.Object) (targets []Target) {
	spec := o.Root.Get("spec")
	switch {
	case o.Is(ArgoGroup, "Application"):
		return t.argo(f, spec)
	case appset.IsSet(o):
		return t.ofSet(f, o)
	}
	if !o.Is(kustomizeGroup, "Kustomization") || !mayBeTree(spec.Get("sourceRef.kind")) {
		return nil
	}
	names, known := fluxPaths(f.Tree, f.Name, spec, t.given)
	if !known {
		t.addUnknown(f, o)
	}
	for _, name := range names {
		targets = append(targets, t.flux(f, o, name)...)
	}
	return targets
}

// flux are those of a Kustomization that names a folder.
func (t *Targets) flux(f discover.File, o *lint.Object, p string) (targets []Target) {
	spec := o.Root.Get("spec")
	changes := func(c changeField) bool { return c.kustomization != "" && spec.Child(c.spec).IsSet() }
	own, isThere := dirOf(f.Tree, f.Name, p)
	if !slices.ContainsFunc(changeFields[:], changes) && !spec.Get("commonMetadata").IsSet() {
		if isThere {
			targets = t.in(f, Target{Dir: own, IsUnchanged: true, Variables: ownVariables(o)}, spec)
		}
		return targets
	}
	p = path.Clean(strings.TrimLeft(p, "/"))
	for i, c := range "/" + f.Name { // a tree that is no checkout may hold several
		if c != '/' {
			continue
		}
		target := Target{Dir: path.Join(f.Name[:max(i-1, 0)], p)}
		if target.IsGuess = target.Dir != own; !target.IsGuess {
			target.Variables = ownVariables(o)
		}
		targets = append(targets, t.in(f, target, spec)...)
	}
	return targets
}

// addUnknown notes that an object may name any folder that begins like its path. One whose own name is not known
// is a template of such an object.
func (t *Targets) addUnknown(f discover.File, o *lint.Object) {
	if node.MayHavePlaceholder(o.Name) {
		return
	}
	start, _, _ := strings.Cut(rawText(o.Root.Get("spec.path")), "$")
	t.Unknown = append(t.Unknown, discover.File{Tree: f.Tree, Name: strings.TrimLeft(strings.TrimPrefix(start, "."), "/")})
}

// in lists those of a folder that the spec of an object names.
func (t *Targets) in(f discover.File, target Target, spec lint.Value) []Target {
	dir := target.Dir
	target.Namespace, target.Components = spec.Get("targetNamespace").Text(), componentDirs(f.Tree, dir, spec)
	target.Source, target.Path = spec.Get("sourceRef.name").Text(), dir
	if _, ok := kustomize.File(f.Tree, dir); ok {
		return []Target{target}
	}
	if info, err := f.Tree.Stat(dir); err != nil || !info.IsDir() {
		return nil
	}
	if t.folders == nil {
		t.folders = folders{}
	}
	target.Generated = true
	targets := []Target{target}
	for _, name := range t.folders.below(f.Tree, dir).names {
		if _, ok := kustomize.File(f.Tree, name); ok {
			of := target
			of.Dir, of.Generated, of.Components = name, false, nil
			targets = append(targets, of)
		}
	}
	return targets
}

// ofSet are those of the Applications that an ApplicationSet makes.
func (t *Targets) ofSet(f discover.File, set *lint.Object) (targets []Target) {
	if t.sets == nil {
		t.sets = map[*tree.Tree]*appset.Repository{}
	}
	r := t.sets[f.Tree]
	if r == nil {
		r = appset.NewRepository(f.Tree, OwnURL(f.Tree))
		t.sets[f.Tree] = r
	}
	made := r.Expand(set, f.Name)
	if made.IsPatched {
		return nil
	}
	for _, app := range made.Applications {
		targets = append(targets, t.argo(f, app.Root.Get("spec"))...)
	}
	return targets
}

// argo are those of an Application of Argo CD.
func (t *Targets) argo(f discover.File, spec lint.Value) (targets []Target) {
	if t.origins == nil {
		t.origins = origins{}
	}
	destination := spec.Get("destination.namespace")
	sources := slices.Collect(spec.Get("sources").Items())
	for _, s := range append(sources, spec.Get("source")) {
		k := s.Get("kustomize")
		target := Target{Namespace: k.Get("namespace").Text(), Destination: destination.Text()}
		target.IsPlain = !slices.ContainsFunc(argoFields[:], func(name string) bool { return k.Child(name).IsSet() })
		if s.Get("path").Text() == "" || s.Get("chart").IsSet() || target.IsPlain && rawText(destination) == "" || !t.origins.isOwn(f.Tree, s.Get("repoURL").Text()) {
			continue
		}
		dir, ok := dirOf(f.Tree, f.Name, s.Get("path").Text())
		if !ok || isChart(f.Tree, dir) {
			continue
		}
		target.Dir = dir
		if _, isOverlay := kustomize.File(f.Tree, dir); isOverlay {
			target.Components = componentDirs(f.Tree, dir, k)
		} else if target.Files, ok = filesOf(s); !ok || rawText(destination) == "" {
			continue
		}
		targets = append(targets, target)
	}
	return targets
}
