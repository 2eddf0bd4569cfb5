package gitops

import (
	"bytes"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// generated takes a folder without a kustomization of which Flux changes something: Flux writes a
// kustomization that lists what is below the folder. ok is false if there is nothing to change.
func (in *Installer) generated(dir string, changes **kustomize.Changes, variables *Substitution, hasMetadata bool) (ok bool) {
	if *changes == nil && variables == nil && !hasMetadata {
		return false
	}
	resources := in.folders.below(in.values.tree, dir)
	if len(resources.names) == 0 || *changes == nil && !hasMetadata && !resources.mayHaveVariables {
		return false
	}
	if *changes == nil {
		*changes = &kustomize.Changes{Origins: map[*yaml.Node]lint.Origin{}}
	}
	c := *changes
	at := in.values.origin(in.object, in.object.Root.Get("spec.path"))
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, name := range resources.names {
		n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.TrimPrefix(name, dir+"/")}
		c.Origins[n] = at
		list.Content = append(list.Content, n)
	}
	c.Generated = true
	c.Fields = append(c.Fields, kustomize.Change{Field: "resources", Label: "spec.path", Node: list})
	in.deploy(dir, true, helm.Scenario{})
	return true
}

// Differs reports whether Flux changes what the overlay builds, variables aside.
func (d Deployment) Differs() bool { return d.Changes != nil || d.Metadata != nil }

// Replaces reports whether the files of a folder without a kustomization are deployed only as Flux
// changes them, and not as they are written.
func (d Deployment) Replaces() bool {
	return d.Changes != nil && d.Changes.Generated && (d.Metadata != nil || len(d.Changes.Fields) > 1)
}

// folders finds what Flux lists in the kustomizations that it writes, for each folder once.
type folders map[folder]resources

type folder struct {
	tree *tree.Tree
	dir  string
}

// resources are what Flux lists in a kustomization that it writes, names in the tree.
type resources struct {
	names            []string
	mayHaveVariables bool
}

// add takes others after those that it has.
func (r *resources) add(others resources) {
	r.names = append(r.names, others.names...)
	r.mayHaveVariables = r.mayHaveVariables || others.mayHaveVariables
}

// below are the manifests below a folder, and the topmost folders that have a
// kustomization of their own.
func (m folders) below(t *tree.Tree, dir string) resources {
	at := folder{t, dir}
	r, ok := m[at]
	if !ok {
		r = fluxResources(t, dir)
		m[at] = r
	}
	return r
}

func fluxResources(t *tree.Tree, dir string) (r resources) {
	entries, err := t.ReadDir(dir)
	if err != nil {
		return r
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."): // of Git and other tools
		case e.IsDir():
			r.add(folderResources(t, name))
		default:
			r.add(fileResources(t, name))
		}
	}
	return r
}

// fileResources is a file, if it is a manifest.
func fileResources(t *tree.Tree, name string) (r resources) {
	if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" {
		return r
	}
	data, err := t.ReadFile(name)
	if err != nil || !manifest.LooksLikeManifest(manifest.UTF8(data)) {
		return r
	}
	return resources{[]string{name}, bytes.Contains(data, []byte("${"))}
}

// folderResources is a folder that has a kustomization, unless that is a component, or else what is below the
// folder. Flux takes nothing from charts.
func folderResources(t *tree.Tree, name string) (r resources) {
	if t.Exists(path.Join(name, "Chart.yaml")) {
		return r
	}
	if _, ok := kustomize.File(t, name); !ok {
		return fluxResources(t, name)
	}
	if refs, err := kustomize.References(t, name); err != nil || refs.Component {
		return r
	}
	return resources{[]string{name}, true} // its bases may be anywhere
}
