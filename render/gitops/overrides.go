package gitops

import (
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// overrides are the files in the folder of an Application with fields that take the place of those of its source: .argocd-source.yaml, and the one
// with the name of the Application, which wins. Argo CD Image Updater writes them. Each is like an Application with nothing but these fields.
func (in *Installer) overrides(dir string) (l []*Installer) {
	names := []string{".argocd-source.yaml"}
	if app := in.object.Name; app != "" && !strings.Contains(app, "/") && !node.MayHavePlaceholder(app) {
		names = append(names, ".argocd-source-"+app+".yaml")
	}
	for _, base := range names {
		name := path.Join(dir, base)
		in.Read = append(in.Read, name)
		if !in.values.tree.Exists(name) {
			continue
		}
		if o := in.override(name); o != nil {
			l = append(l, &Installer{search: in.search, unit: in.unit, object: o, name: in.name, values: in.values})
		}
	}
	return l
}

// override reads such a file. It is nil if the file cannot be read, which is a problem.
func (in *Installer) override(name string) *lint.Object {
	file := in.values.tree.Display(name)
	data, err := in.values.tree.ReadFile(name)
	if err != nil {
		in.badOverride(lint.CodeUnreadable, lint.Position{File: file}, tree.Cause(err))
		return nil
	}
	for d := range manifest.Each(data) {
		switch {
		case d.Err != nil:
			in.badOverride(lint.CodeInvalidYAML, lint.Position{File: file, Line: d.Err.Line}, d.Err.Cause())
			return nil
		case d.Node == nil:
			continue
		case !node.NewValue(d.Node).IsMap():
			in.badOverride(lint.CodeInvalidYAML, lint.Position{File: file, Line: d.Line}, "it is no mapping")
			return nil
		}
		source := d.Node
		if source.Kind == yaml.DocumentNode {
			source = source.Content[0]
		}
		text := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }
		mapping := func(content ...*yaml.Node) *yaml.Node {
			return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: content}
		}
		o, ok := lint.NewObject(mapping(text("apiVersion"), text(in.object.APIVersion), text("kind"), text(in.object.Kind),
			text("metadata"), mapping(text("name"), text(in.object.Name)), text("spec"), mapping(text("source"), source)), manifest.NewSource(file, data))
		if ok {
			return o
		}
	}
	return nil
}

func (in *Installer) badOverride(code lint.ProblemCode, at lint.Position, cause string) {
	in.Problems = append(in.Problems, lint.Problem{
		Code: code, Position: at, Message: in.object.Ref().String() + ": cannot read what changes its source: " + cause,
		Help: "correct the file: Argo CD cannot render the Application; it was linted without the file",
	})
}

// take notes what is to be reported of a file that changes the source.
func (in *Installer) take(by *Installer) {
	in.Problems = append(in.Problems, by.Problems...)
	for _, format := range by.counts {
		in.count(format)
	}
}

// changesOf are what a source and the files beside the kustomization change of an overlay, and the directories of the components that they add.
func (in *Installer) changesOf(dir string, k lint.Value) (changes *kustomize.Changes, components []string) {
	changes, components = in.argoChanges(k), componentDirs(in.values.tree, dir, k)
	for _, by := range in.overrides(dir) {
		own := by.object.Root.Get("spec.source.kustomize")
		if own.Get("components").IsSet() {
			components = componentDirs(in.values.tree, dir, own)
		}
		changes = overridden(changes, by.argoChanges(own))
		in.take(by)
	}
	return changes, components
}

// overridden are changes in which others take the place of those of the same fields.
func overridden(changes, by *kustomize.Changes) *kustomize.Changes {
	if changes == nil || by == nil {
		if by != nil {
			return by
		}
		return changes
	}
	maps.Copy(by.Origins, changes.Origins)
	isKept := func(c kustomize.Change) bool {
		return !slices.ContainsFunc(by.Fields, func(o kustomize.Change) bool { return o.Field == c.Field })
	}
	for _, c := range changes.Fields {
		if isKept(c) {
			by.Fields = append(by.Fields, c)
		}
	}
	return by
}

// parameters are the values that helm's --set is given: those of the source, or of a file beside the chart. Other fields of such a file are not
// applied.
func (in *Installer) parameters(chart string, h lint.Value) (l []helm.ValuesFile) {
	by, list := in, h.Get("parameters")
	for _, o := range in.overrides(chart) {
		for name, v := range o.object.Root.Get("spec.source.helm").Entries() {
			if name == "parameters" {
				by, list = o, v
				continue
			}
			in.count("%s rendered without what a file beside the chart changes: spec.source.helm." + name)
		}
	}
	for _, asString := range []bool{false, true} { // helm takes all --set-string after all --set
		for v := range list.Items() {
			if v.Get("forceString").True() != asString {
				continue
			}
			if f, ok := by.argoParameter(v); ok {
				l = append(l, f)
			}
		}
	}
	if by != in {
		in.take(by)
	}
	return l
}
