package kustomize

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
)

// asKustomization is the kustomization that would do what a plugin does, so that
// both are explained in one way: an ImageTagTransformer is an entry of images.
// Nil: there is none.
func (p *plugin) asKustomization(k *kustomization) *kustomization {
	as := &kustomization{dir: k.dir, source: p.source, node: p.node, plugin: p, patches: map[entry]*source{}}
	s := &as.spec
	switch text(p.node, "kind") {
	case "ImageTagTransformer":
		var im types.Image
		decode(child(p.node, "imageTag"), &im)
		s.Images = []types.Image{im}
	case "ReplicaCountTransformer":
		var r types.Replica
		decode(child(p.node, "replica"), &r)
		s.Replicas = []types.Replica{r}
	case "LabelTransformer":
		decode(child(p.node, "labels"), &s.CommonLabels)
	case "AnnotationsTransformer":
		decode(child(p.node, "annotations"), &s.CommonAnnotations)
	case "NamespaceTransformer":
		s.Namespace = text(p.node, "metadata", "namespace")
	case "PrefixTransformer":
		s.NamePrefix = text(p.node, "prefix")
	case "SuffixTransformer":
		s.NameSuffix = text(p.node, "suffix")
	case "ReplacementTransformer":
		decode(child(p.node, "replacements"), &s.Replacements)
	case "ConfigMapGenerator":
		var args types.ConfigMapArgs
		decode(p.node, &args)
		args.Name = text(p.node, "metadata", "name")
		s.ConfigMapGenerator = []types.ConfigMapArgs{args}
	case "SecretGenerator":
		var args types.SecretArgs
		decode(p.node, &args)
		args.Name = text(p.node, "metadata", "name")
		s.SecretGenerator = []types.SecretArgs{args}
	case "PatchTransformer", "PatchJson6902Transformer", "PatchStrategicMergeTransformer":
	default:
		return nil
	}
	return as
}

// pluginFields is where the configuration of a plugin has what a kustomization has
// under a field.
var pluginFields = map[string][]string{
	"images":            {"imageTag"},
	"replicas":          {"replica"},
	"commonLabels":      {"labels"},
	"commonAnnotations": {"annotations"},
	"namespace":         {"metadata", "namespace"},
	"namePrefix":        {"prefix"},
	"nameSuffix":        {"suffix"},
}

// at is the node of a place in the kustomization that the plugin stands for.
func (p *plugin) at(e entry, keys ...any) *yaml.Node {
	n := p.node
	switch e.field {
	case "configMapGenerator", "secretGenerator":
		if len(keys) > 0 && (keys[0] == "name" || keys[0] == "namespace") {
			n = child(n, "metadata")
		}
	case "replacements":
		n = item(child(n, "replacements"), e.index)
	default:
		for _, key := range pluginFields[e.field] {
			n = child(n, key)
		}
	}
	return descend(n, keys...)
}

// patches are those of a transformer of patches, the last applied first.
func (p *plugin) patches(f *files, k *kustomization) []patch {
	var target *types.Selector
	if n := child(p.node, "target"); n != nil {
		target = &types.Selector{}
		decode(n, target)
	}
	var l []patch
	add := func(s *source) {
		if s != nil {
			l = append([]patch{{at: p.user, source: s, target: target}}, l...)
		}
	}
	inline := func(n *yaml.Node) {
		if n != nil && n.Kind == yaml.ScalarNode && n.Value != "" {
			s := newInline(p.source, n)
			if s.parse(); !s.broken && s.excess == nil {
				add(s)
			}
		}
	}
	file := func(path string) {
		if path != "" {
			add(f.patchFile(k, path))
		}
	}
	switch text(p.node, "kind") {
	case "PatchTransformer":
		inline(child(p.node, "patch"))
		file(text(p.node, "path"))
	case "PatchJson6902Transformer":
		inline(child(p.node, "jsonOp"))
		file(text(p.node, "path"))
	case "PatchStrategicMergeTransformer":
		inline(child(p.node, "patches"))
		if paths := child(p.node, "paths"); paths != nil {
			for _, n := range paths.Content {
				if n = resolve(n); isInlinePatch(n.Value) {
					inline(n)
				} else {
					file(n.Value)
				}
			}
		}
	}
	return l
}

// decode reads a node as kustomize reads its configuration. What does not fit is
// left out.
func decode(n *yaml.Node, v any) {
	var x any
	if n == nil || n.Decode(&x) != nil {
		return
	}
	if j, err := json.Marshal(x); err == nil {
		_ = json.Unmarshal(j, v) // kustomize has said what is wrong
	}
}
