package kustomize

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/render/tree"
)

// ErrNone is the error of References for a directory without a kustomization.
var ErrNone = errors.New("no kustomization")

// File is the name of the kustomization file of a directory. ok is false if
// there is none.
func File(t *tree.Tree, dir string) (name string, ok bool) {
	for _, base := range FileNames() {
		name := path.Join(dir, base)
		if info, err := t.Stat(name); err == nil && info.Mode().IsRegular() {
			return name, true
		}
	}
	return "", false
}

// Refs is what a kustomization refers to in its tree, sorted. What is remote,
// outside or absent is left out.
type Refs struct {
	// Component is set if the kustomization is one: it is never built by itself.
	Component bool
	// Paths are files of objects, and directories of other kustomizations and of charts.
	Paths []string
	// Fragments are files that make no sense by themselves: patches,
	// configuration of kustomize, data of generators.
	Fragments []string
}

// References reads the kustomization of a directory. The error is ErrNone, or
// tells why the file cannot be read.
func References(t *tree.Tree, dir string) (refs Refs, err error) {
	name, ok := File(t, dir)
	if !ok {
		return refs, ErrNone
	}
	data, err := t.ReadFile(name)
	if err != nil {
		return refs, fmt.Errorf("reading %s: %w", t.Display(name), err)
	}
	b := &build{tree: t, dir: dir}
	f := newFiles(b)
	k := &kustomization{dir: path.Dir(name), source: f.newSource(name, data)}
	if _, _, err := f.decode(k); err != nil {
		return refs, fmt.Errorf("reading %s: %s", t.Display(name), b.shorten(err.Error()))
	}
	refs.Component = k.spec.Kind == types.ComponentKind
	add := func(list *[]string, p string) {
		if name, ok := f.resolveRef(k.dir, p); ok && t.Exists(name) {
			*list = append(*list, name)
		}
	}
	for _, r := range k.refs() {
		if r.isRemote() {
			continue
		}
		switch r.use {
		case useObjects, useComponent, usePlugin:
			add(&refs.Paths, r.path)
		case usePatch, useConfig, useData:
			add(&refs.Fragments, r.path)
		}
	}
	for _, c := range k.spec.HelmCharts {
		add(&refs.Paths, chartDir(&k.spec, &c))
	}
	for _, list := range []*[]string{&refs.Paths, &refs.Fragments} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return refs, nil
}
