// Package definitions finds where custom resources have pods: in the CustomResourceDefinitions of a repository.
package definitions

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/pods"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/plain"
)

// maxDefinitions is how long a file may be that is read for its CustomResourceDefinitions, in bytes. Those with a pod spec in several versions are
// long.
const maxDefinitions = 4 << 20

// Finder finds the shapes of kinds with pods in the CustomResourceDefinitions of a repository. The files are read at the first object that may have
// some, and parsed once. It is safe for concurrent use.
type Finder struct {
	// Found is what the repository has. It must not change once the first object was looked at.
	Found *discover.Found

	mu    sync.Mutex
	files map[string][]discover.File // by the kinds that they name; nil until it is needed
	read  map[discover.ID][]pods.Shape
}

// ShapesFor are the shapes of the custom resources of a unit that kubevet and the configuration do not know. A definition in the unit comes before
// those elsewhere in the repository.
func (d *Finder) ShapesFor(u *lint.Unit, configured []pods.Shape) (l []pods.Shape) {
	seen := map[string]bool{}
	for _, o := range u.Objects {
		group, kind := o.Group(), o.Kind
		isOf := func(s pods.Shape) bool { return s.Kind == kind && s.Group == group }
		if len(o.Workloads) > 0 || seen[group+"/"+kind] || slices.ContainsFunc(configured, isOf) || !pods.MayBeDefined(o.Root, group, kind) {
			continue
		}
		seen[group+"/"+kind] = true
		all, isDefined := definedIn(u, group, kind)
		if !isDefined {
			all = d.named(kind)
		}
		if i := slices.IndexFunc(all, isOf); i >= 0 {
			l = append(l, all[i])
		}
	}
	return l
}

// definedIn are the shapes of a kind that the definitions in a unit give. isDefined is set if it has one of the kind.
func definedIn(u *lint.Unit, group, kind string) (l []pods.Shape, isDefined bool) {
	for _, o := range u.Objects {
		if isDefinition(o) && o.Root.Get("spec.names.kind").Text() == kind && o.Root.Get("spec.group").Text() == group {
			isDefined = true
			l = append(l, shapesOf(o)...)
		}
	}
	return l, isDefined
}

func isDefinition(o *lint.Object) bool {
	return o.Is("apiextensions.k8s.io", "CustomResourceDefinition")
}

func shapesOf(o *lint.Object) []pods.Shape {
	if s, ok := pods.Defined(o.Root); ok && isDefinition(o) {
		return []pods.Shape{s}
	}
	return nil
}

// named are the shapes in files that name a kind.
func (d *Finder) named(kind string) (l []pods.Shape) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files == nil {
		d.files, d.read = map[string][]discover.File{}, map[discover.ID][]pods.Shape{}
		for _, f := range d.definitionFiles() {
			for _, kind := range kindsIn(f) {
				d.files[kind] = append(d.files[kind], f)
			}
		}
	}
	for _, f := range d.files[kind] {
		shapes, known := d.read[f.ID()]
		if !known {
			shapes = readDefinitions(f)
			d.read[f.ID()] = shapes
		}
		l = append(l, shapes...)
	}
	return l
}

// definitionFiles are the files that may have definitions: manifests, and those that Helm installs with charts.
func (d *Finder) definitionFiles() []discover.File {
	l := slices.Clone(d.Found.Manifests)
	for _, c := range d.Found.Charts {
		entries, err := c.Tree.ReadDir(path.Join(c.Name, "crds"))
		if err != nil {
			continue // an archive, or a chart without any
		}
		for _, e := range entries {
			if discover.HasManifestName(e.Name()) {
				l = append(l, discover.File{Tree: c.Tree, Name: path.Join(c.Name, "crds", e.Name())})
			}
		}
	}
	return l
}

// kindLine matches the kind that a definition names.
var kindLine = regexp.MustCompile(`(?m)^[ \t]+kind:[ \t]*["']?([A-Za-z0-9]+)`)

// kindsIn are the kinds that the definitions of a file may name. There is none if it has no definition with containers.
func kindsIn(f discover.File) (kinds []string) {
	data, err := f.Tree.ReadFile(f.Name)
	if err != nil || len(data) > maxDefinitions || !bytes.Contains(data, []byte("CustomResourceDefinition")) || !bytes.Contains(data, []byte("initContainers:")) {
		return nil
	}
	for _, m := range kindLine.FindAllSubmatch(data, -1) {
		kinds = append(kinds, string(m[1]))
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// readDefinitions reads the shapes of a file. What cannot be read is reported where the file is linted.
func readDefinitions(f discover.File) (l []pods.Shape) {
	data, err := f.Tree.ReadFile(f.Name)
	if err != nil {
		return nil
	}
	for _, o := range plain.Parse(f.Display(), data, false).Objects {
		l = append(l, shapesOf(o)...)
	}
	return l
}
