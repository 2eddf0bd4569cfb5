package kustomize

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/render/manifest"
)

// kustomization is a kustomization file as read.
type kustomization struct {
	dir    string // a name in the tree
	source *source
	node   *yaml.Node // the content; nil if it is no mapping
	spec   types.Kustomization
	err    error // why kustomize cannot read it
	// patches are the texts of inline patches by field and index.
	patches map[entry]*source
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
}

// refList collects the paths of a kustomization.
type refList struct {
	file string
	list []ref
}

func (l *refList) add(field string, i int, u use, p string, keys ...any) {
	if p != "" {
		l.list = append(l.list, ref{entry{l.file, field, i}, u, p, keys})
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
	l := &refList{file: k.source.name}
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
	return l.list
}

// isInlinePatch tells a patch from the name of a file.
func isInlinePatch(s string) bool { return strings.Contains(s, "\n") || strings.HasPrefix(s, "{") }

// node of a place in the kustomization; nil if it is not there.
func (k *kustomization) at(e entry, keys ...any) *yaml.Node {
	n := field(k.node, e.field)
	if e.index >= 0 {
		n = item(n, e.index)
	}
	for _, key := range keys {
		switch key := key.(type) {
		case string:
			n = field(n, key)
		case int:
			n = item(n, key)
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
