package gitops

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/appset"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/kustomize"
)

// application takes an Application of Argo CD: its sources in the tree.
func (in *Installer) application() {
	if !in.open() {
		return
	}
	spec := in.object.Root.Get("spec")
	sources := []lint.Value{spec.Get("source")}
	if l := spec.Get("sources"); l.Len() > 0 { // they win
		sources = nil
		for s := range l.Items() {
			sources = append(sources, s)
		}
	}
	own := map[string]bool{} // names by which values files of the tree are referred to
	for _, s := range sources {
		if ref := s.Get("ref").Text(); ref != "" {
			own[ref] = in.isOwn(s.Get("repoURL").Text())
		}
	}
	for _, s := range sources {
		if s.IsMap() {
			in.argoSource(s, own)
		}
	}
}

// applicationSet takes an ApplicationSet of Argo CD: the Applications that it makes of the tree.
func (in *Installer) applicationSet() {
	const partial = "%s not expanded, or only in part: what the other applications would install was not linted with their values"
	if !in.open() {
		return
	}
	r := in.sets[in.values.tree]
	if r == nil {
		r = appset.NewRepository(in.values.tree, OwnURL(in.values.tree))
		in.sets[in.values.tree] = r
	}
	made := r.Expand(in.object, in.name)
	if made.IsPartial || made.IsPatched {
		in.count(partial)
	}
	if made.IsPatched {
		return
	}
	for _, app := range made.Applications {
		one := &Installer{search: in.search, unit: in.unit, object: app.Object, Units: in.Units}
		in.installers = append(in.installers, one)
		one.application()
		if app.Read != "" {
			one.Read = append(one.Read, app.Read)
		}
	}
}

func (in *Installer) argoSource(source lint.Value, own map[string]bool) {
	p := source.Get("path").Text()
	if p == "" && source.Get("ref").IsSet() {
		return
	}
	name, ok := in.dir(p)
	if !ok || p == "" || source.Get("chart").IsSet() || !in.isOwn(source.Get("repoURL").Text()) {
		in.count("%s of sources that are not in the tree: kubevet fetches nothing, and what they install was not linted")
		return
	}
	if in.isChart(name) {
		in.deploy(name, false, in.argoScenario(name, source.Get("helm"), own))
		return
	}
	if _, ok := kustomize.File(in.values.tree, name); ok {
		if source.Get("kustomize").Len() > 0 {
			in.count("%s linted without what the object itself changes: spec.source.kustomize")
		}
		in.deploy(name, true, helm.Scenario{})
	}
}

// argoScenario is the values that an Application gives to a chart: files, then
// values, then parameters.
func (in *Installer) argoScenario(chart string, h lint.Value, own map[string]bool) helm.Scenario {
	spec := in.object.Root.Get("spec")
	s := helm.Scenario{ReleaseName: h.Get("releaseName").Text(), Namespace: spec.Get("destination.namespace").Text()}
	if s.ReleaseName == "" {
		s.ReleaseName = in.object.Name
	}
	if ns := h.Get("namespace").Text(); ns != "" {
		s.Namespace = ns
	}
	s.APIVersions = h.Get("apiVersions").Strings()
	if v, err := lint.ParseVersion(h.Get("kubeVersion").Text()); err == nil {
		s.Version = v
	}
	for v := range h.Get("valueFiles").Items() {
		if f, ok := in.argoValuesFile(chart, v, h.Get("ignoreMissingValueFiles").True(), own); ok {
			s.Values = append(s.Values, f)
		}
	}
	text := h.Get("values")
	switch {
	case h.Get("valuesObject").Len() > 0: // it wins
		s.Values = in.withMapping(s.Values, h.Get("valuesObject"))
	case text.IsScalar() && isValues(text.Node.Value):
		s.Values = append(s.Values, in.values.text(in.object, text, text.Node.Value))
	case text.IsScalar():
		in.problem(text, in.object.Ref().String()+": spec.source.helm.values is no mapping of YAML", "the chart was rendered without it")
	}
	for v := range h.Get("parameters").Items() {
		if f, ok := in.argoParameter(v); ok {
			s.Values = append(s.Values, f)
		}
	}
	if h.Get("fileParameters").Len() > 0 {
		in.count("%s rendered without spec.source.helm.fileParameters")
	}
	return s
}

// argoValuesFile is a file of the chart's folder, of the tree, or of a source
// that has a name.
func (in *Installer) argoValuesFile(chart string, v lint.Value, mayMiss bool, own map[string]bool) (f helm.ValuesFile, ok bool) {
	p := rawText(v) // $name/ is no placeholder here
	base := chart
	if ref, rest, found := strings.Cut(strings.TrimPrefix(p, "$"), "/"); found && strings.HasPrefix(p, "$") {
		if !own[ref] {
			in.count("%s rendered without values files that are not in the tree")
			return f, false
		}
		base, p = ".", rest
	}
	if strings.Contains(p, "://") {
		in.count("%s rendered without values files that are not in the tree")
		return f, false
	}
	if !strings.HasPrefix(p, "/") {
		p = base + "/" + p
	}
	name, _ := in.dir(p)
	f, err := in.valuesFile(name)
	if err != nil && !mayMiss {
		in.unreadable(v, rawText(v), err)
	}
	return f, err == nil
}

// argoParameter is what helm's --set is given.
func (in *Installer) argoParameter(v lint.Value) (f helm.ValuesFile, ok bool) {
	value := v.Get("value")
	escaped := strings.ReplaceAll(strings.ReplaceAll(rawText(value), `\,`, ","), ",", `\,`)
	f, err := in.values.setting(in.object, value, v.Get("name").Text(), escaped, v.Get("forceString").True())
	if err != nil {
		in.problem(v, in.object.Ref().String()+": cannot take the parameter: "+err.Error(), "the chart was rendered without it")
	}
	return f, err == nil
}

// ValuesReader reads values that Applications give to charts. It reads each file once, and is not safe for concurrent use.
type ValuesReader struct{ files map[discover.ID]lint.Value }

// maxValueFiles limits how many files of an Application are read.
const maxValueFiles = 50

// Of are the values that an Application in a file gives to charts: those of files of the repository, and texts. They are
// for who wants to know what pods need; the chart is rendered with all of them.
func (r *ValuesReader) Of(app *lint.Object, f discover.File) (l []lint.Value) {
	if !app.Is(ArgoGroup, "Application") {
		return nil
	}
	var sources []lint.Value
	isOwn, own := OwnURL(f.Tree), map[string]bool{}
	for _, list := range [...]string{"spec.source", "spec.sources[]"} {
		for source := range app.Root.Each(list) {
			sources = append(sources, source)
			isOfOwn := isOwn(source.Get("repoURL").Text())
			if own[source.Path()] = isOfOwn; source.Get("ref").IsSet() {
				own["$"+source.Get("ref").Text()] = isOfOwn
			}
		}
	}
	in := &Installer{name: f.Name, values: objectValues{tree: f.Tree}}
	for _, source := range sources {
		for v := range source.Get("helm.valueFiles").Items() {
			if name, ok := in.valuesName(source, v, own); ok && len(l) < maxValueFiles {
				l = append(l, r.file(discover.File{Tree: f.Tree, Name: name}))
			}
		}
		if text := source.Get("helm.values"); text.IsScalar() {
			l = append(l, parsedValues([]byte(text.Node.Value)))
		}
	}
	return l
}

// valuesName is the name in the tree of a values file.
func (in *Installer) valuesName(source, v lint.Value, own map[string]bool) (name string, ok bool) {
	p, base, of := rawText(v), source.Get("path").Text(), source.Path()
	if ref, rest, found := strings.Cut(p, "/"); found && strings.HasPrefix(p, "$") {
		base, p, of = ".", rest, ref
	}
	if base == "" || !own[of] || node.MayHavePlaceholder(p) || strings.Contains(p, "://") {
		return "", false
	}
	if !strings.HasPrefix(p, "/") {
		p = base + "/" + p
	}
	return in.dir(p)
}

// file is what a file of the tree holds, absent if it cannot be read.
func (r *ValuesReader) file(f discover.File) lint.Value {
	if v, known := r.files[f.ID()]; known {
		return v
	}
	v := lint.Value{}
	if data, err := f.Tree.ReadFile(f.Name); err == nil {
		v = parsedValues(data)
	}
	if r.files == nil {
		r.files = map[discover.ID]lint.Value{}
	}
	r.files[f.ID()] = v
	return v
}

// parsedValues is what a text holds, absent if it is no YAML, or long.
func parsedValues(text []byte) lint.Value {
	const maxValues = 1 << 20
	var n yaml.Node
	if len(text) > maxValues || yaml.Unmarshal(text, &n) != nil || !node.IsExpandable(&n) {
		return lint.Value{}
	}
	return node.NewValue(&n)
}
