package gitops

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
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
	if source.Get("plugin").IsSet() {
		in.count("%s of sources that a plugin of Argo CD makes something of: kubevet runs none, and what they install was not linted")
		return
	}
	if in.isChart(name) {
		in.deploy(name, false, in.argoScenario(name, source, own))
		return
	}
	if _, ok := kustomize.File(in.values.tree, name); ok {
		changes, components := in.changesOf(name, source.Get("kustomize"))
		in.deploy(name, true, helm.Scenario{})
		d := &in.deployments[len(in.deployments)-1]
		d.Changes, d.Components = changes, components
		d.Metadata = in.destination()
		return
	}
	if files, ok := filesOf(source); ok {
		in.Folders = append(in.Folders, Folder{discover.File{Tree: in.values.tree, Name: name}, rawText(in.object.Root.Get(destinationNamespace)), files})
	}
}

// argoFields are the fields of an Application that Argo CD has kustomize put into the
// kustomization, under the same names. The others are not applied.
var argoFields = [...]string{"namespace", "namePrefix", "nameSuffix", "patches", "components", "images"}

// argoChanges are what an Application changes of an overlay. Nil if it changes nothing.
func (in *Installer) argoChanges(k lint.Value) (changes *kustomize.Changes) {
	for name, v := range k.Entries() {
		switch isApplied := slices.Contains(argoFields[:], name) && in.isApplicable(v); {
		case name == "version", v.Len() == 0 && !v.IsScalar():
		case !isApplied || name == "patches" && hasPaths(v):
			in.count("%s linted without what the object itself changes: spec.source.kustomize." + name)
		default:
			if changes == nil {
				changes = &kustomize.Changes{Origins: map[*yaml.Node]lint.Origin{}}
			}
			n := in.change(v, changes.Origins)
			if name == "images" {
				n = imagesOf(n, changes.Origins)
			}
			changes.Fields = append(changes.Fields, kustomize.Change{Field: name, Label: k.Path() + "." + name, Node: n})
		}
	}
	return changes
}

// hasPaths reports whether a patch is in a file.
func hasPaths(patches lint.Value) bool {
	for p := range patches.Items() {
		if p.Get("path").IsSet() {
			return true
		}
	}
	return false
}

// imagesOf makes the entries of a kustomization of images as kustomize edit set image takes them:
// name=new:tag, name:tag, name@digest.
func imagesOf(list *yaml.Node, origins map[*yaml.Node]lint.Origin) *yaml.Node {
	made := &yaml.Node{Kind: yaml.SequenceNode}
	for _, n := range list.Content {
		entry := &yaml.Node{Kind: yaml.MappingNode}
		add := func(key, value string) {
			if value != "" {
				v := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
				origins[v] = origins[n]
				entry.Content = append(entry.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, v)
			}
		}
		name, image, renamed := strings.Cut(n.Value, "=")
		if !renamed {
			image = name
		}
		image, digest, _ := strings.Cut(image, "@")
		tag := ""
		if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
			image, tag = image[:i], image[i+1:]
		}
		if !renamed {
			name, image = image, ""
		}
		add("name", name)
		add("newName", image)
		add("newTag", tag)
		add("digest", digest)
		made.Content = append(made.Content, entry)
	}
	return made
}

// argoScenario is the values that a source of an Application gives to a chart: files, then
// values, then parameters.
func (in *Installer) argoScenario(chart string, source lint.Value, own map[string]bool) helm.Scenario {
	h := source.Get("helm")
	s := helm.Scenario{Installed: in.naming(in.object, source.Get("path")), ReleaseName: h.Get("releaseName").Text(), Namespace: in.object.Root.Get(destinationNamespace).Text()}
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
	s.Values = append(s.Values, in.parameters(chart, h)...)
	for v := range h.Get("fileParameters").Items() {
		if f, ok := in.argoFileParameter(chart, v, own); ok {
			s.Values = append(s.Values, f)
		}
	}
	return s
}

// argoFile is argoName, and counts what is not in the tree.
func (in *Installer) argoFile(chart string, v lint.Value, own map[string]bool) (name string, ok bool) {
	if name, ok = in.argoName(chart, v, own); !ok {
		in.count("%s rendered without values files that are not in the tree")
	}
	return name, ok
}

// argoName is the name in the tree of a file of a folder, of the tree, or of a source that has a name. Own are the
// names of the sources that are the tree. ok is false if the file is not in the tree.
func (in *Installer) argoName(base string, v lint.Value, own map[string]bool) (name string, ok bool) {
	p := rawText(v) // $name/ is no placeholder here
	if ref, rest, found := strings.Cut(strings.TrimPrefix(p, "$"), "/"); found && strings.HasPrefix(p, "$") {
		base, p, ok = ".", rest, own[ref]
	} else {
		ok = !strings.Contains(p, "://")
	}
	if !ok {
		return "", false
	}
	if !strings.HasPrefix(p, "/") {
		p = base + "/" + p
	}
	name, _ = in.dir(p)
	return name, true
}

func (in *Installer) argoValuesFile(chart string, v lint.Value, mayMiss bool, own map[string]bool) (f helm.ValuesFile, ok bool) {
	name, ok := in.argoFile(chart, v, own)
	if !ok {
		return f, false
	}
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

// argoFileParameter is what helm's --set-file is given.
func (in *Installer) argoFileParameter(chart string, v lint.Value, own map[string]bool) (f helm.ValuesFile, ok bool) {
	p := v.Get("path")
	name, ok := in.argoFile(chart, p, own)
	if !ok {
		return f, false
	}
	file, err := in.valuesFile(name)
	if err != nil {
		in.unreadable(p, rawText(p), err)
		return f, false
	}
	f, err = in.values.content(in.object, p, v.Get("name").Text(), string(file.Data))
	if err != nil {
		in.problem(v, in.object.Ref().String()+": cannot take the parameter: "+err.Error(), "the chart was rendered without it")
	}
	return f, err == nil
}
