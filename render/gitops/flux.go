package gitops

import (
	"cmp"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// fluxRelease takes a HelmRelease: the chart of its tree, with its values.
func (in *Installer) fluxRelease() {
	if !in.open() {
		return
	}
	chart, ok := in.fluxChart()
	if !ok {
		in.count("%s of charts that are not in the tree: kubevet fetches nothing, and what they install was not linted")
		return
	}
	spec := in.object.Root.Get("spec")
	target := spec.Get("targetNamespace").Text()
	s := helm.Scenario{
		Installed:   chart.at,
		ReleaseName: spec.Get("releaseName").Text(),
		Namespace:   cmp.Or(target, in.object.Namespace),
	}
	if s.ReleaseName == "" {
		if s.ReleaseName = in.object.Name; target != "" {
			s.ReleaseName = target + "-" + in.object.Name
		}
	}
	for v := range chart.valuesFiles.Items() {
		name, _ := in.dir(v.Text())
		f, err := in.valuesFile(name)
		if err != nil {
			if !chart.ignoreMissing {
				in.unreadable(v, v.Text(), err)
			}
			continue
		}
		s.Values = append(s.Values, f)
	}
	for v := range spec.Get("valuesFrom").Items() {
		if f, ok := in.valuesFrom(v); ok {
			s.Values = append(s.Values, f)
		}
	}
	s.Values = in.withMapping(s.Values, spec.Get("values"))
	if spec.Get("postRenderers").Len() > 0 {
		in.count("%s rendered without the changes of spec.postRenderers")
	}
	in.deploy(chart.name, false, s)
}

// withMapping adds the values that an object holds as a mapping, if any.
func (in *Installer) withMapping(values []helm.ValuesFile, v lint.Value) []helm.ValuesFile {
	if !v.IsMap() {
		return values
	}
	f, err := in.values.mapping(in.object, v)
	if err != nil {
		in.problem(v, in.object.Ref().String()+": cannot take the values: "+err.Error(), "the chart was rendered without them")
		return values
	}
	return append(values, f)
}

// fluxChart is a chart as an object of Flux names it.
type fluxChart struct {
	name          string      // in the tree
	at            *lint.Entry // the line that names it, nil if that is not sure
	valuesFiles   lint.Value
	ignoreMissing bool
}

// fluxChart is the chart of a HelmRelease. ok is false if it is not in the tree.
func (in *Installer) fluxChart() (fluxChart, bool) {
	o := in.object
	spec := o.Root.Get("spec.chart.spec")
	if ref := o.Root.Get("spec.chartRef"); ref.IsMap() {
		namespace := cmp.Or(ref.Get("namespace").Text(), o.Namespace)
		if o = in.referred(sourceGroup, "HelmChart", namespace, ref.Get("name").Text()); o == nil || ref.Get("kind").Text() != "HelmChart" {
			return fluxChart{}, false
		}
		spec = o.Root.Get("spec")
	}
	c := fluxChart{valuesFiles: spec.Get("valuesFiles"), ignoreMissing: spec.Get("ignoreMissingValuesFiles").True()}
	if !in.ownSource(spec.Get("sourceRef"), o.Namespace) {
		return c, false
	}
	chart := spec.Get("chart")
	name, ok := in.dir(chart.Text())
	c.name, c.at = name, in.naming(o, chart)
	return c, ok && chart.Text() != "" && in.isChart(name)
}

// ownSource reports whether a source may be the repository that the tree is a
// checkout of.
func (in *Installer) ownSource(ref lint.Value, namespace string) bool {
	kind := ref.Get("kind").Text()
	if kind == "" || !mayBeTree(ref.Get("kind")) {
		return false
	}
	namespace = cmp.Or(ref.Get("namespace").Text(), namespace)
	source := in.referred(sourceGroup, kind, namespace, ref.Get("name").Text())
	return source == nil || kind == "Bucket" || in.isOwn(source.Root.Get("spec.url").Text())
}

// mayBeTree reports whether a source of a kind may be the repository that the tree is a checkout of. If it is absent, the
// Kustomization above may add it by a patch.
func mayBeTree(kind lint.Value) bool {
	return !kind.IsSet() || !kind.IsKnown() || kind.Text() == "GitRepository" || kind.Text() == "Bucket"
}

// valuesFrom is the values of a ConfigMap or Secret of the tree.
func (in *Installer) valuesFrom(ref lint.Value) (f helm.ValuesFile, ok bool) {
	const absent = "%s rendered without values of ConfigMaps or Secrets that are not in the tree"
	o := in.referred("", ref.Get("kind").Text(), in.object.Namespace, ref.Get("name").Text())
	if o == nil {
		in.Absent = true
		in.count(absent)
		return f, false
	}
	content, v, ok := dataOf(o, cmp.Or(ref.Get("valuesKey").Text(), "values.yaml"))
	if target := ref.Get("targetPath").Text(); ok && target != "" {
		f, err := in.values.setting(o, v, target, content, false)
		return f, err == nil
	}
	if !ok || !isValues(content) { // a key that is not there, or that is encrypted
		in.count(absent)
		return f, false
	}
	return in.values.text(o, v, content), true
}

// fluxKustomization takes a Kustomization: the overlay of its tree.
func (in *Installer) fluxKustomization() {
	if !in.open() {
		return
	}
	spec := in.object.Root.Get("spec")
	in.fluxFolders(spec, func(p string) { in.fluxFolder(spec, p) })
}

// fluxFolder takes a folder that a Kustomization names.
func (in *Installer) fluxFolder(spec lint.Value, p string) {
	name, ok := in.dir(p)
	source := spec.Get("sourceRef")
	isOwn := in.ownSource(source, in.object.Namespace) || !source.IsSet() && source.IsKnown() // the Kustomization above adds it by a patch
	if !ok || !isOwn {
		in.count("%s of sources that are not in the tree: kubevet fetches nothing, and what they install was not linted")
		return
	}
	changes, metadata, variables := in.fluxChanges(name), in.commonMetadata(), in.substitution()
	if _, isOverlay := kustomize.File(in.values.tree, name); isOverlay {
		in.deploy(name, true, helm.Scenario{})
	} else if !in.generated(name, &changes, variables, metadata != nil) {
		return
	}
	d := &in.deployments[len(in.deployments)-1]
	d.Variables, d.Changes, d.Metadata = variables, changes, metadata
	if changes != nil && changes.Generated {
		d.Resources = in.folders.below(in.values.tree, name).names
	}
	d.Components = componentDirs(in.values.tree, name, spec)
}

// fluxChanges are what a Kustomization changes of the overlay in a folder. Nil if it changes nothing.
func (in *Installer) fluxChanges(dir string) (changes *kustomize.Changes) {
	spec := in.object.Root.Get("spec")
	for _, field := range changeFields {
		switch v := spec.Child(field.spec); {
		case !v.IsSet() || v.Len() == 0 && !v.IsScalar():
		case field.kustomization != "" && in.isApplicable(v):
			if changes == nil {
				changes = &kustomize.Changes{Origins: map[*yaml.Node]lint.Origin{}}
			}
			n := in.change(v, changes.Origins)
			if field.spec == "components" && spec.Get("ignoreMissingComponents").True() {
				n.Content = slices.DeleteFunc(n.Content, func(n *yaml.Node) bool { return !in.values.tree.Exists(path.Join(dir, n.Value)) })
			}
			changes.Fields = append(changes.Fields, kustomize.Change{Field: field.kustomization, Label: "spec." + field.spec, Node: n})
		default:
			in.count("%s linted without the changes of spec." + field.spec)
		}
	}
	return changes
}

type changeField struct{ spec, kustomization string }

// changeFields are the fields of the spec of a Kustomization that change what is built, and
// those of the kustomization that Flux puts them into. The others are not applied.
var changeFields = [...]changeField{
	{"targetNamespace", "namespace"},
	{"namePrefix", "namePrefix"},
	{"nameSuffix", "nameSuffix"},
	{"patches", "patches"},
	{"components", "components"},
	{"images", "images"},
	{"patchesStrategicMerge", ""},
	{"patchesJson6902", ""},
}

// componentDirs lists the directories of the components that a spec adds to a folder.
func componentDirs(t *tree.Tree, dir string, spec lint.Value) []string {
	var dirs []string
	for c := range spec.Get("components").Items() {
		if name := path.Join(dir, c.Text()); c.Text() != "" && t.Exists(name) {
			dirs = append(dirs, name)
		}
	}
	return dirs
}

// isApplicable reports whether a value is known, and small enough.
func (in *Installer) isApplicable(v lint.Value) bool {
	if v.IsScalar() {
		return !node.HasPlaceholder(v.Node.Value)
	}
	n, _ := node.Expand(v.Node, maxValueNodes)
	return n != nil && v.IsList()
}

// change copies a value without aliases, and notes where its scalars are edited. A key is
// where its value begins.
func (in *Installer) change(v lint.Value, origins map[*yaml.Node]lint.Origin) *yaml.Node {
	if !v.IsSet() {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	}
	n := &yaml.Node{Kind: v.Node.Kind, Tag: v.Node.Tag, Style: v.Node.Style, Value: v.Node.Value}
	switch {
	case v.IsMap():
		for key, child := range v.Entries() {
			k := &yaml.Node{Kind: yaml.ScalarNode, Value: key}
			origins[k] = in.values.origin(in.object, child.AtKey())
			n.Content = append(n.Content, k, in.change(child, origins))
		}
	case v.IsList():
		for child := range v.Elements() {
			n.Content = append(n.Content, in.change(child, origins))
		}
	default:
		origins[n] = in.values.origin(in.object, v)
	}
	return n
}
