package kustomize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/kustomize/walk"
	"github.com/kubevet/kubevet/render/manifest"
)

// plugin is a generator, transformer or validator of kustomize's own.
type plugin struct {
	user   user // the entry that brought it in
	source *source.Source
	node   *yaml.Node // its configuration
}

const renderBefore = "render it beforehand and refer to the result" + restBuilt

// plugin is why kustomize must not get a generator, transformer or validator.
// Those that it may get are noted.
func (f *files) plugin(k *kustomization, r ref, dir, p string, depth int) fault {
	s := k.inline[r.entry]
	if depth > 0 || !r.inline {
		name := path.Join(dir, p)
		info, err := f.build.tree.Stat(name)
		if err != nil {
			return fault{} // kustomize says that it is missing
		}
		if info.IsDir() {
			return f.pluginDir(k, r, name, depth)
		}
		if s = f.sourceOf(name, false); s == nil {
			return fault{}
		}
	}
	at := user{k, r}
	if w := f.unparsable(s); w.code != "" {
		return w
	}
	if w := repeatedInPlugins(s); w.code != "" {
		return w
	}
	for _, o := range s.Objects {
		if w := f.faultOfPlugin(s, o); w.code != "" {
			return w
		}
	}
	for _, d := range s.Docs {
		if n := remoteFile(d.Node); n != nil {
			return fault{code: lint.CodeRemoteBase, at: s.Origin(n).Position, message: fmt.Sprintf("the configuration of a plugin refers to %s: kubevet fetches nothing", printable(n.Value)), help: renderBefore}
		}
	}
	for _, o := range s.Objects {
		p := &plugin{at, s, o}
		if w := f.repeatedInPatches(k, p); w.code != "" {
			return w
		}
		k.plugins = append(k.plugins, p)
		f.pluginFiles(k, r, o)
	}
	return fault{}
}

// repeatedInPlugins reports a key that the configuration of plugins repeats.
func repeatedInPlugins(s *source.Source) fault {
	for _, d := range s.Docs {
		for _, double := range d.Duplicates {
			return fault{code: lint.CodeDuplicateKey, at: s.Origin(double.Key).Position, message: fmt.Sprintf("key %q appears twice in the configuration of a plugin", double.Key.Value), help: "remove one of the two"}
		}
	}
	return fault{}
}

// repeatedInPatches reports keys that the patches of a plugin repeat.
func (f *files) repeatedInPatches(k *kustomization, p *plugin) fault {
	for _, patch := range p.patches(f, k) {
		if w := f.repeatedKeys(patch.source); w.code != "" {
			return w
		}
	}
	return fault{}
}

// makesSecrets matches the kinds of plugins that decrypt or fetch Secrets: ksops, SopsSecretGenerator.
var makesSecrets = regexp.MustCompile(`(?i)sops|secret`)

// faultOfPlugin is why one plugin is not run.
func (f *files) faultOfPlugin(s *source.Source, o *yaml.Node) fault {
	kind, name := node.Text(o, "kind"), node.Text(o, "metadata", "name")
	at := s.Origin(walk.FirstScalar(o)).Position
	switch {
	case node.Text(o, "apiVersion") != "builtin":
		return fault{code: lint.CodePluginNotRun, at: at, message: fmt.Sprintf("%s %q is a plugin: kubevet runs none", kind, name), help: renderBefore, isData: makesSecrets.MatchString(kind)}
	case kind != "HelmChartInflationGenerator":
		return fault{}
	}
	if repo := node.Child(o, "repo"); repo != nil && repo.Value != "" {
		return fault{
			code: lint.CodeRemoteBase, at: s.Origin(repo).Position,
			message: fmt.Sprintf("chart %q of %s is remote: kubevet fetches nothing", node.Text(o, "name"), printable(repo.Value)),
			help:    "use helmCharts with a copy of the chart in the repository, or render it beforehand",
		}
	}
	return fault{
		code: lint.CodePluginNotRun, at: at, message: fmt.Sprintf("generator %q of a Helm chart was not rendered", name),
		help: "use helmCharts, or render it beforehand",
	}
}

// pluginFiles notes the files that the configuration of a plugin names.
func (f *files) pluginFiles(k *kustomization, r ref, o *yaml.Node) {
	add := func(u use, p string) {
		if name, ok := f.resolveRef(k.dir, p); ok && p != "" {
			sub := r
			sub.use, sub.path = u, p
			f.users[name] = append(f.users[name], user{k, sub})
			f.mark(name, u)
		}
	}
	switch node.Text(o, "kind") {
	case "PatchTransformer", "PatchJson6902Transformer":
		add(usePatch, node.Text(o, "path"))
	case "PatchStrategicMergeTransformer":
		if l := node.Child(o, "paths"); l != nil {
			for _, n := range l.Content {
				if p := node.Deref(n).Value; !isInlinePatch(p) {
					add(usePatch, p)
				}
			}
		}
	}
}

// pluginDir allows a kustomization of nothing but files, whose namespace it may set: the result of
// others is known only when they are built, and then it is too late to refuse.
func (f *files) pluginDir(k *kustomization, r ref, dir string, depth int) fault {
	for _, base := range FileNames() {
		s := f.sourceOf(path.Join(dir, base), false)
		if s == nil {
			continue
		}
		if w := f.unparsable(s); w.code != "" {
			return w
		}
		var spec types.Kustomization
		if spec.Unmarshal(s.Data) != nil {
			return fault{}
		}
		resources := slices.Concat(spec.Resources, spec.Bases)
		plain := types.Kustomization{TypeMeta: spec.TypeMeta, MetaData: spec.MetaData, Namespace: spec.Namespace, Resources: spec.Resources, Bases: spec.Bases}
		if depth > 8 || !sameJSON(plain, spec) {
			return fault{
				code: lint.CodePluginNotRun, at: s.Origin(otherThanResources(s)).Position,
				message: "the configurations of plugins are themselves generated: kubevet does not run them", help: "refer to the configurations as files",
			}
		}
		for _, p := range resources {
			if isRemote(p) {
				return fault{code: lint.CodeRemoteBase, at: lint.Position{File: s.Text.File}, message: printable(p) + " is remote: kubevet fetches nothing", help: renderBefore}
			}
			if w := f.plugin(k, r, dir, p, depth+1); w.code != "" {
				return w
			}
		}
	}
	return fault{}
}

// otherThanResources is the first key of a kustomization that is not resources.
func otherThanResources(s *source.Source) *yaml.Node {
	n := s.AnyNode()
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		switch strings.ToLower(n.Content[i].Value) {
		case "apiversion", "kind", "metadata", "namespace", "resources", "bases":
		default:
			return n.Content[i]
		}
	}
	return walk.FirstScalar(n)
}

func sameJSON(a, b types.Kustomization) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// remoteFile is the first name of a file in the configuration of a plugin that
// kustomize would fetch; nil if there is none. Keys count in any case, and
// wherever they are: an alias may bring them to where kustomize reads them.
func remoteFile(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && namesFiles(n.Content[i-1].Value) {
			if u := remoteScalar(node.Deref(c)); u != nil {
				return u
			}
		}
		if u := remoteFile(c); u != nil {
			return u
		}
	}
	return nil
}

// namesFiles reports whether kustomize's own plugins name files under a key.
func namesFiles(key string) bool {
	return slices.ContainsFunc([]string{"path", "paths", "files", "env", "envs"}, func(k string) bool { return strings.EqualFold(k, key) })
}

func remoteScalar(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.ScalarNode {
		_, after, _ := strings.Cut(n.Value, "=") // key=path of generators
		if isRemote(n.Value) || isRemote(after) {
			return n
		}
		return nil
	}
	for _, c := range n.Content {
		if u := remoteScalar(node.Deref(c)); u != nil {
			return u
		}
	}
	return nil
}

// isInlinePlugin reports whether a text is the configuration of a plugin, not a
// path.
func isInlinePlugin(s string) bool {
	for _, d := range manifest.Documents([]byte(s)) {
		if d.Node != nil && d.Node.Kind != yaml.ScalarNode {
			return true
		}
	}
	return false
}

// asKustomization is the kustomization that would do what a plugin does, so that
// both are explained in one way: an ImageTagTransformer is an entry of images.
// It is nil for other plugins.
func (p *plugin) asKustomization(k *kustomization) *kustomization {
	as := &kustomization{dir: k.dir, source: p.source, node: p.node, plugin: p, patches: map[entry]*source.Source{}}
	s := &as.spec
	switch node.Text(p.node, "kind") {
	case "ImageTagTransformer":
		var im types.Image
		decode(node.Child(p.node, "imageTag"), &im)
		s.Images = []types.Image{im}
	case "ReplicaCountTransformer":
		var r types.Replica
		decode(node.Child(p.node, "replica"), &r)
		s.Replicas = []types.Replica{r}
	case "LabelTransformer":
		decode(node.Child(p.node, "labels"), &s.CommonLabels)
	case "AnnotationsTransformer":
		decode(node.Child(p.node, "annotations"), &s.CommonAnnotations)
	case "NamespaceTransformer":
		s.Namespace = node.Text(p.node, "metadata", "namespace")
	case "PrefixTransformer":
		s.NamePrefix = node.Text(p.node, "prefix")
	case "SuffixTransformer":
		s.NameSuffix = node.Text(p.node, "suffix")
	case "ReplacementTransformer":
		decode(node.Child(p.node, "replacements"), &s.Replacements)
	case "ConfigMapGenerator":
		var args types.ConfigMapArgs
		decode(p.node, &args)
		args.Name = node.Text(p.node, "metadata", "name")
		s.ConfigMapGenerator = []types.ConfigMapArgs{args}
	case "SecretGenerator":
		var args types.SecretArgs
		decode(p.node, &args)
		args.Name = node.Text(p.node, "metadata", "name")
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

// at is the node of a place in the kustomization that does what the plugin does.
func (p *plugin) at(e entry, keys ...any) *yaml.Node {
	n := p.node
	switch e.field {
	case "configMapGenerator", "secretGenerator":
		if len(keys) > 0 && (keys[0] == "name" || keys[0] == "namespace") {
			n = node.Child(n, "metadata")
		}
	case "replacements":
		n = node.Item(node.Child(n, "replacements"), e.index)
	default:
		for _, key := range pluginFields[e.field] {
			n = node.Child(n, key)
		}
	}
	return walk.Descend(n, keys...)
}

// patches are those of a transformer of patches, the last applied first.
func (p *plugin) patches(f *files, k *kustomization) []patch {
	var target *types.Selector
	if n := node.Child(p.node, "target"); n != nil {
		target = &types.Selector{}
		decode(n, target)
	}
	var l []patch
	for _, n := range p.patchNodes() {
		s := source.NewInline(p.source, n)
		if !isInlinePatch(n.Value) && !strings.HasPrefix(n.Value, "[") {
			s = f.patchFile(k, n.Value)
		}
		if s == nil {
			continue
		}
		if s.Parse(); !s.Broken && s.TooLarge == "" {
			l = append(l, patch{at: p.user, source: s, target: target})
		}
	}
	slices.Reverse(l)
	return l
}

// patchNodes are the texts of patches, and the names of files with patches, in a
// transformer of patches.
func (p *plugin) patchNodes() []*yaml.Node {
	var keys []string
	switch node.Text(p.node, "kind") {
	case "PatchTransformer":
		keys = []string{"patch", "path"}
	case "PatchJson6902Transformer":
		keys = []string{"jsonOp", "path"}
	case "PatchStrategicMergeTransformer":
		keys = []string{"patches", "paths"}
	}
	var l []*yaml.Node
	for _, key := range keys {
		v := node.Child(p.node, key)
		switch {
		case v == nil:
		case v.Kind == yaml.SequenceNode:
			for _, n := range v.Content {
				l = append(l, node.Deref(n))
			}
		case v.Kind == yaml.ScalarNode && v.Value != "":
			l = append(l, v)
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
