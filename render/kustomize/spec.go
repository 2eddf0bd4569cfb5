package kustomize

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// kustomization is a kustomization file as read.
type kustomization struct {
	dir    string // a name in the tree
	source *source
	node   *yaml.Node // the content; nil if it is no mapping
	spec   types.Kustomization
	err    error // why kustomize cannot read it
	// patches are the texts of inline patches by field and index, inline those of
	// the configurations of plugins.
	patches, inline map[entry]*source
	// plugins are the generators, transformers and validators that kustomize runs.
	plugins []*plugin
	// plugin is set if the kustomization does what a plugin does.
	plugin *plugin
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
	l := &refList{file: k.source.name, list: []ref{}}
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
	n := field(k.node, e.field)
	if e.index >= 0 {
		n = node.Item(n, e.index)
	}
	return descend(n, keys...)
}

// descend follows keys and indexes below a node; nil if they lead nowhere.
func descend(n *yaml.Node, keys ...any) *yaml.Node {
	for _, key := range keys {
		switch key := key.(type) {
		case string:
			n = field(n, key)
		case int:
			n = node.Item(n, key)
		}
	}
	return n
}

// without takes entries out of a kustomization.
func without(s *types.Kustomization, dropped func(field string, i int) bool) {
	cut(&s.Resources, "resources", dropped)
	cut(&s.Bases, "bases", dropped)
	cut(&s.Components, "components", dropped)
	cut(&s.Generators, "generators", dropped)
	cut(&s.Transformers, "transformers", dropped)
	cut(&s.Validators, "validators", dropped)
	cut(&s.Crds, "crds", dropped)
	cut(&s.Configurations, "configurations", dropped)
	cut(&s.Patches, "patches", dropped)
	cut(&s.PatchesStrategicMerge, "patchesStrategicMerge", dropped)
	cut(&s.PatchesJson6902, "patchesJson6902", dropped)
	cut(&s.Replacements, "replacements", dropped)
	cut(&s.ConfigMapGenerator, "configMapGenerator", dropped)
	cut(&s.SecretGenerator, "secretGenerator", dropped)
	cut(&s.HelmCharts, "helmCharts", dropped)
	cut(&s.HelmChartInflationGenerator, "helmChartInflationGenerator", dropped)
	cut(&s.Vars, "vars", dropped)
	if dropped("openapi", -1) {
		s.OpenAPI = nil
	}
}

func cut[T any](list *[]T, field string, dropped func(string, int) bool) {
	var kept []T
	for i, e := range *list {
		if !dropped(field, i) {
			kept = append(kept, e)
		}
	}
	*list = kept
}

// parseNode is the first document of a kustomization, the one that counts.
func parseNode(s *source) (*yaml.Node, []manifest.Document) {
	s.parse()
	if len(s.docs) == 0 || s.docs[0].Node == nil || s.docs[0].Node.Kind != yaml.MappingNode {
		return nil, s.docs
	}
	return s.docs[0].Node, s.docs
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
	// Component is set if the kustomization is one: it is never built on its own.
	Component bool
	// Namespace is that which the kustomization sets. Empty if it sets none.
	Namespace string
	// Paths are files of objects, and directories of other kustomizations and of charts.
	Paths []string
	// Fragments are files that make no sense by themselves: patches,
	// configuration of kustomize, data of generators.
	Fragments []string
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
	refs.Namespace = k.spec.Namespace
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
