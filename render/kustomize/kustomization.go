package kustomize

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/edit"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/kustomize/walk"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// kustomization is a kustomization file as read.
type kustomization struct {
	dir    string // a name in the tree
	source *source.Source
	node   *yaml.Node // the content; nil if it is no mapping
	spec   types.Kustomization
	err    error // why kustomize cannot read it
	// unfit are the entries of a type that kustomize refuses.
	unfit []entry
	// patches are the texts of inline patches by field and index, inline those of
	// the configurations of plugins.
	patches, inline map[entry]*source.Source
	// plugins are the generators, transformers and validators that kustomize runs.
	plugins []*plugin
	// plugin is set if the kustomization does what a plugin does.
	plugin *plugin
	// labels are what reports call entries that an object of Flux adds, origins where
	// their scalars are edited.
	labels  map[entry]string
	origins map[*yaml.Node]lint.Origin
	// standIns are kustomizations that do what the plugins do, the last applied
	// first. patchList and replacements are in the same order. All are nil until
	// they are needed.
	standIns     []*kustomization
	patchList    []patch
	replacements []replacement
	// varFields are the fields that the entries of vars name, by their names.
	varFields map[string]*types.SourceSelector
	// cost is what the kustomization adds to the work. It is nil until it is needed.
	cost *cost

	refList []ref
}

// entry names an element of a list of a kustomization, or one of its fields.
type entry struct {
	file  string // of the kustomization, in the tree
	field string
	index int // -1: the field as a whole
}

// FileNames are what kustomize takes for a kustomization.
func FileNames() []string {
	return []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}
}

func isFileName(name string) bool { return slices.Contains(FileNames(), path.Base(name)) }

// use says what kustomize takes a path for.
type use int

const (
	useObjects   use = iota // a file of objects, or a kustomization
	useComponent            // a directory
	usePlugin               // configuration of a generator, transformer or validator
	usePatch                // a file
	useConfig               // a file that kustomize itself reads: CRDs, configurations
	useData                 // a file that a generator copies
)

// ref is a path in a kustomization.
type ref struct {
	entry
	use  use
	path string
	keys []any // from the entry to the scalar that holds the path
	// inline is set if path is no path, but the configuration of a plugin.
	inline bool
}

// refList collects the paths of a kustomization.
type refList struct {
	file string
	list []ref
}

func (l *refList) add(field string, i int, u use, p string, keys ...any) {
	if p != "" {
		l.list = append(l.list, ref{entry{l.file, field, i}, u, p, keys, u == usePlugin && isInlinePlugin(p)})
	}
}

func (l *refList) paths(field string, u use, paths []string) {
	for i, p := range paths {
		l.add(field, i, u, p)
	}
}

// data adds what a generator copies.
func (l *refList) data(field string, i int, kv types.KvPairSources) {
	for j, f := range kv.FileSources {
		if _, after, ok := strings.Cut(f, "="); ok {
			f = after
		}
		l.add(field, i, useData, f, "files", j)
	}
	for j, f := range kv.EnvSources {
		l.add(field, i, useData, f, "envs", j)
	}
	l.add(field, i, useData, kv.EnvSource, "env")
}

// refs lists what a kustomization refers to, in order of its fields.
func (k *kustomization) refs() []ref {
	if k.refList != nil {
		return k.refList
	}
	l := &refList{file: k.source.Name, list: []ref{}}
	s := &k.spec
	l.paths("resources", useObjects, s.Resources)
	l.paths("bases", useObjects, s.Bases)
	l.paths("components", useComponent, s.Components)
	l.paths("generators", usePlugin, s.Generators)
	l.paths("transformers", usePlugin, s.Transformers)
	l.paths("validators", usePlugin, s.Validators)
	l.paths("crds", useConfig, s.Crds)
	l.paths("configurations", useConfig, s.Configurations)
	l.add("openapi", -1, useConfig, s.OpenAPI["path"], "path")
	for i, p := range s.Patches {
		l.add("patches", i, usePatch, p.Path, "path")
	}
	for i, p := range s.PatchesStrategicMerge {
		if !isInlinePatch(string(p)) {
			l.add("patchesStrategicMerge", i, usePatch, string(p))
		}
	}
	for i, p := range s.PatchesJson6902 {
		l.add("patchesJson6902", i, usePatch, p.Path, "path")
	}
	for i, r := range s.Replacements {
		l.add("replacements", i, useConfig, r.Path, "path")
	}
	for i, g := range s.ConfigMapGenerator {
		l.data("configMapGenerator", i, g.KvPairSources)
	}
	for i, g := range s.SecretGenerator {
		l.data("secretGenerator", i, g.KvPairSources)
	}
	for i, c := range s.HelmCharts {
		l.add("helmCharts", i, useData, c.ValuesFile, "valuesFile")
		for j, f := range c.AdditionalValuesFiles {
			l.add("helmCharts", i, useData, f, "additionalValuesFiles", j)
		}
	}
	for i, c := range s.HelmChartInflationGenerator {
		l.add("helmChartInflationGenerator", i, useData, c.Values, "values")
	}
	k.refList = l.list
	return l.list
}

// isInlinePatch reports whether a text is a patch, not the name of a file.
func isInlinePatch(s string) bool { return strings.Contains(s, "\n") || strings.HasPrefix(s, "{") }

// node of a place in the kustomization; nil if it is not there.
func (k *kustomization) at(e entry, keys ...any) *yaml.Node {
	if k.plugin != nil {
		return k.plugin.at(e, keys...)
	}
	n := walk.Field(k.node, e.field)
	if e.index >= 0 {
		n = node.Item(n, e.index)
	}
	return walk.Descend(n, keys...)
}

// parseNode is the first document of a kustomization, the one that counts.
func parseNode(s *source.Source) (*yaml.Node, []manifest.Document) {
	s.Parse()
	if len(s.Docs) == 0 || s.Docs[0].Node == nil || s.Docs[0].Node.Kind != yaml.MappingNode {
		return nil, s.Docs
	}
	return s.Docs[0].Node, s.Docs
}

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
	// Component is set if the kustomization is one: kustomize builds it with the overlays that use it.
	Component bool
	// Brings is set if the kustomization has objects of its own: those of its files, of generators and of charts.
	Brings bool
	// MakesChart is set if the kustomization gives its objects template actions of Helm as their
	// namespace, names or labels: what it builds are templates of a chart, which nothing applies.
	MakesChart bool
	// Namespace is that which the kustomization sets. Empty if it sets none.
	Namespace string
	// Edits is set if the kustomization may change any field of its objects: it has patches, replacements, variables,
	// components or plugins.
	Edits bool
	// Labels is set if the kustomization gives its objects labels.
	Labels bool
	// Paths are files of objects, and directories of other kustomizations and of charts.
	Paths []string
	// Missing are those of the paths and fragments that do not exist.
	Missing []string
	// Fragments are files that make no sense by themselves: patches,
	// configuration of kustomize, data of generators.
	Fragments []string
	// Aliases are the names of images that are no more than names: the kustomization replaces each by an image with another name.
	Aliases map[string]bool
}

// References reads the kustomization of a directory. The error is ErrNone, or
// says why the file cannot be read.
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
	k := newKustomization(f.newSource(name, data))
	if _, _, err := f.decode(k); err != nil {
		return refs, fmt.Errorf("reading %s: %s", t.Display(name), b.shorten(err.Error()))
	}
	refs.Component = k.spec.Kind == types.ComponentKind
	refs.Brings, refs.MakesChart = brings(&k.spec), makesChart(&k.spec)
	refs.Namespace, refs.Edits = k.spec.Namespace, edits(&k.spec)
	refs.Aliases = aliases(k.spec.Images)
	refs.Labels = len(k.spec.CommonLabels)+len(k.spec.Labels) > 0
	add := func(list *[]string, p string) {
		if name, ok := f.resolveRef(k.dir, p); ok && t.Exists(name) {
			*list = append(*list, name)
		} else if ok {
			refs.Missing = append(refs.Missing, name)
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

// aliases are the names in a list of images that are no more than names. One with a registry or a folder may be an image, and so may one that
// the new name ends with.
func aliases(images []types.Image) (names map[string]bool) {
	for _, image := range images {
		if image.NewName == "" || strings.ContainsAny(image.Name, "/:.@") || path.Base(image.NewName) == image.Name {
			continue
		}
		if names == nil {
			names = map[string]bool{}
		}
		names[image.Name] = true
	}
	return names
}

// brings reports whether a kustomization has objects that are not those of components.
func brings(s *types.Kustomization) bool {
	return len(s.Resources)+len(s.Bases)+len(s.ConfigMapGenerator)+len(s.SecretGenerator)+len(s.Generators)+len(s.HelmCharts)+len(s.HelmChartInflationGenerator) > 0
}

func edits(s *types.Kustomization) bool {
	return len(s.Patches)+len(s.PatchesStrategicMerge)+len(s.PatchesJson6902)+len(s.Replacements)+len(s.Vars)+len(s.Components)+len(s.Transformers) > 0
}

// helmAction matches the start of an action that only Helm's templates have.
var helmAction = regexp.MustCompile(`\{\{-?\s*(?:\.(?:Release|Values|Chart)\.|(?:include|template)\s+")`)

// makesChart reports whether what a kustomization sets for all its objects, or for those of a kind, has actions of Helm.
func makesChart(spec *types.Kustomization) bool {
	pairs := []map[string]string{spec.CommonLabels}
	for _, l := range spec.Labels {
		pairs = append(pairs, l.Pairs)
	}
	for _, labels := range pairs {
		for _, value := range labels {
			if helmAction.MatchString(value) {
				return true
			}
		}
	}
	return helmAction.MatchString(spec.Namespace) || helmAction.MatchString(spec.NamePrefix) || helmAction.MatchString(spec.NameSuffix) ||
		slices.ContainsFunc(spec.Patches, setsHelmNamespace)
}

// setsHelmNamespace reports whether an operation of an inline patch makes the namespace of its objects an action of Helm.
func setsHelmNamespace(p types.Patch) bool {
	var operations []struct {
		Path  string
		Value yaml.Node
	}
	if !helmAction.MatchString(p.Patch) || yaml.Unmarshal([]byte(p.Patch), &operations) != nil {
		return false
	}
	for _, o := range operations {
		if o.Path == "/metadata/namespace" && helmAction.MatchString(o.Value.Value) {
			return true
		}
	}
	return false
}

// newKustomization is a kustomization before its content is known.
func newKustomization(s *source.Source) *kustomization {
	return &kustomization{dir: path.Dir(s.Name), source: s, patches: map[entry]*source.Source{}, inline: map[entry]*source.Source{}}
}

// kustomization gives kustomize its view of a kustomization: without the
// entries that would be fetched or run, and with inline patches on lines of
// their own. A file that needs no change is shown as it is.
func (f *files) kustomization(name string, data []byte) ([]byte, error) {
	text := f.newSource
	if name == f.generated() {
		text = f.generatedSource
	}
	k := newKustomization(text(name, data))
	k.node, _ = parseNode(k.source)
	f.kustomizations[k.dir] = k
	invalid := func(err error) {
		k.err = err
		f.invalid = append(f.invalid, k)
	}
	if err := f.parse(k.source); err != nil {
		invalid(err)
		return nil, err
	}
	view, changed, err := f.decode(k)
	if err != nil {
		invalid(err)
		return data, nil // kustomize says what is wrong with it
	}
	for _, e := range k.unfit {
		f.build.dropped[e] = true
	}
	f.order = append(f.order, k)
	if c := f.build.opts.Changes; c != nil && k.dir == f.build.dir && k.node != nil {
		k.origins = c.Origins
		f.change(k)
		changed = true
	}
	for _, d := range k.source.Docs {
		f.problems = append(f.problems, k.source.Text.Problems(manifest.Document{Duplicates: d.Duplicates})...)
	}
	f.findInline(k)
	refused := f.refuse(k)
	f.refused[name] = len(refused) > 0 || len(k.spec.HelmCharts)+len(k.spec.HelmChartInflationGenerator) > 0 || len(f.build.dropped) > 0
	for _, r := range k.refs() {
		if e := r.entry; !refused[e] && !f.build.dropped[e] {
			f.refer(k, r)
		}
	}
	shown := k.spec
	charts := f.renderCharts(k, refused)
	padded := f.padInline(k, &shown)
	drop := func(field string, i int) bool {
		e := entry{name, field, i}
		return refused[e] || f.build.dropped[e]
	}
	if len(refused) > 0 || f.build.dropsFrom(name) {
		edit.Without(&shown, drop)
		changed = true
	}
	shown.Resources = append(slices.Clip(shown.Resources), charts...)
	if len(shown.OpenAPI) > 0 && !f.build.ownSchema {
		f.wantsSchema = true
		return nil, errOwnSchema
	}
	if !changed && !padded && len(charts) == 0 {
		return data, nil
	}
	out, err := edit.Encode(shown)
	if err != nil {
		return view, nil //nolint:nilerr // kustomize says what is wrong with it
	}
	return out, nil
}

// dropsFrom reports whether an entry of a kustomization is left out of the build.
func (b *build) dropsFrom(name string) bool {
	for e := range b.dropped {
		if e.file == name {
			return true
		}
	}
	return false
}

// findInline finds the patches and the configurations of plugins that are in the
// kustomization itself.
func (f *files) findInline(k *kustomization) {
	find := func(texts map[entry]*source.Source, e entry, text string, keys ...any) *source.Source {
		n := k.at(e, keys...)
		if text == "" || n == nil || n.Value != text {
			return nil
		}
		texts[e] = f.inlineText(k, n)
		return texts[e]
	}
	for i, p := range k.spec.Patches {
		find(k.patches, entry{k.source.Name, "patches", i}, p.Patch, "patch")
	}
	for i, p := range k.spec.PatchesStrategicMerge {
		if isInlinePatch(string(p)) {
			find(k.patches, entry{k.source.Name, "patchesStrategicMerge", i}, string(p))
		}
	}
	for i, p := range k.spec.PatchesJson6902 {
		find(k.patches, entry{k.source.Name, "patchesJson6902", i}, p.Patch, "patch")
	}
	for _, r := range k.refs() {
		if !r.inline {
			continue
		}
		if s := find(k.inline, r.entry, r.path); s != nil {
			s.Patch = false
		} else {
			k.inline[r.entry] = source.NewUnplaced(k.source, r.path)
		}
	}
}

var unknownField = regexp.MustCompile(`json: unknown field "([^"]+)"`)

// padInline gives patches that are in the kustomization lines of their own.
func (f *files) padInline(k *kustomization, shown *types.Kustomization) (changed bool) {
	pad := func(field string, i int) (string, bool) {
		s := k.patches[entry{k.source.Name, field, i}]
		if s == nil {
			return "", false
		}
		shown, ok := s.Shown()
		if !ok || s.Broken || len(s.Objects) == 0 || node.Text(s.Objects[0], "kind") == "" {
			return "", false // JSON 6902: no objects
		}
		// The separator keeps kustomize from trimming the blank lines.
		own := f.lines.Add(s)
		padded, ok := edit.Pad(shown, own.Start, &f.padding)
		switch {
		case !ok:
			return "", false
		case bytes.HasPrefix(padded, []byte("---")) || len(padded) == 0 || padded[0] != '\n':
			return string(padded), true
		}
		return "---\n" + string(padded[1:]), true
	}
	shown.Patches = append([]types.Patch(nil), shown.Patches...)
	for i := range shown.Patches {
		if p, ok := pad("patches", i); ok {
			shown.Patches[i].Patch, changed = p, true
		}
	}
	shown.PatchesStrategicMerge = append([]types.PatchStrategicMerge(nil), shown.PatchesStrategicMerge...)
	for i := range shown.PatchesStrategicMerge {
		if p, ok := pad("patchesStrategicMerge", i); ok {
			shown.PatchesStrategicMerge[i], changed = types.PatchStrategicMerge(p), true
		}
	}
	return changed
}

// position is that of a node of the kustomization, or of the file.
func (k *kustomization) position(n *yaml.Node) lint.Position {
	if n = walk.FirstScalar(n); n == nil || n.Line == 0 && k.origins[n].File == "" {
		return lint.Position{File: k.source.Text.File}
	}
	return k.locate(n).Position
}
