package plain

import (
	"path"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/pods"
	"github.com/kubevet/kubevet/render/discover"
)

// SkipPatches skips the files of nothing but parts of objects that a document or program gives kubectl patch, or a helmfile names as a patch:
// they are merged into objects of the cluster, or into those of a release. ofHelmfile is the helmfile that patches a release with a file, or empty.
func SkipPatches(read []Manifest, files []discover.File, ofHelmfile func(discover.File) string) {
	var patches discover.PatchFiles
	for i, f := range files {
		m := &read[i]
		if f.Named || m.Skip != "" || !m.holdsParts() {
			continue
		}
		if patches.Has(f) {
			m.drop("a patch that kubectl merges into an object")
		} else if by := ofHelmfile(f); by != "" {
			m.drop("a patch that " + by + " merges into the objects of a release")
		}
	}
}

// SkipOtherPatches skips the files beside a patch of a kustomization that have objects of the patch alone, by kind and name, if the kustomization
// lists these objects, too: they are other versions of the patch. What it does not list may be a custom resource that an overlay lists. mayBeApplied reports whether something may apply a file by itself.
func SkipOtherPatches(read []Manifest, files []discover.File, patchings map[discover.ID][]discover.Patching, mayBeApplied func(discover.File) bool) {
	p := patched{map[discover.ID][]inTree{}, map[discover.ID]patchedObjects{}}
	for i, f := range files {
		folder := discover.ID{Dir: f.Tree.Dir(), Name: path.Dir(f.Name)}
		if f.Named || len(read[i].Objects) == 0 || patchings[folder] == nil {
			continue
		}
		if p.in(folder, patchings[folder]).have(folder.Dir, read[i].Objects) && !mayBeApplied(f) {
			read[i].drop("another version of a patch beside it, and no kustomization uses it: name it to lint it")
		}
	}
}

// patched are the objects of files, and those that the patches in folders have, each read once.
type patched struct {
	objects map[discover.ID][]inTree
	folders map[discover.ID]patchedObjects
}

// patchedObjects are the objects of the patches in a folder. The value is set if the kustomization of the patch lists the object.
type patchedObjects map[inTree]bool

func (p *patched) in(folder discover.ID, all []discover.Patching) patchedObjects {
	if of := p.folders[folder]; of != nil {
		return of
	}
	of := patchedObjects{}
	for _, patching := range all {
		listed := map[inTree]bool{}
		for _, f := range patching.Resources {
			for _, o := range p.read(f) {
				listed[o] = true
			}
		}
		for _, f := range patching.Patches {
			for _, o := range p.read(f) {
				of[o] = of[o] || listed[o]
			}
		}
	}
	p.folders[folder] = of
	return of
}

func (p *patched) read(f discover.File) []inTree {
	objects, known := p.objects[f.ID()]
	if !known {
		m := Read(f)
		for _, o := range m.Objects {
			objects = append(objects, treeName(f.Tree.Dir(), o))
		}
		p.objects[f.ID()] = objects
	}
	return objects
}

// have reports whether patches have all objects, and kustomizations list one of them and all but custom resources.
func (of patchedObjects) have(dir string, objects []*lint.Object) bool {
	isAny := false
	for _, o := range objects {
		isListed, has := of[treeName(dir, o)]
		if !has || !isListed && (!pods.IsCustom(o.Group()) || len(o.Workloads) > 0) {
			return false
		}
		isAny = isAny || isListed
	}
	return isAny
}

// holdsParts reports whether a file holds parts of objects alone, also without apiVersion and kind.
func (m *Manifest) holdsParts() bool {
	isMisspelt := func(p lint.Problem) bool { return p.Code == lint.CodeNotAnObject }
	switch {
	case len(m.Objects) > 0:
		return !slices.ContainsFunc(m.Objects, func(o *lint.Object) bool { return !isPartial(o) })
	case len(m.Problems) > 0:
		return !slices.ContainsFunc(m.Problems, func(p lint.Problem) bool { return !isMisspelt(p) })
	}
	return false
}
