package kustomize

import (
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/walk"
)

// explained finds the entry of a kustomization that set a value: the last one
// applied that results in this value at this path.
func (o *object) explained(n *yaml.Node, steps []walk.Step, depth int) (claim, bool) {
	if c, ok := o.inLayers(func(k *kustomization) (claim, bool) { return o.explainedIn(k, n, steps, depth) }); ok {
		return c, true
	}
	if c, ok := o.byVars(n, steps); ok {
		return c, true
	}
	return o.byReference(n, steps)
}

// explainedIn finds the entry of one kustomization.
func (o *object) explainedIn(k *kustomization, n *yaml.Node, steps []walk.Step, depth int) (claim, bool) {
	if c, ok := o.byReplacements(k, n, steps, depth); ok {
		return c, true
	}
	for _, explain := range [...]func(*kustomization, *yaml.Node, []walk.Step) (claim, bool){
		o.byImages, o.byReplicas, o.byCommon, o.byName, o.byNamespace, o.byPatches, o.byGenerators,
	} {
		if c, ok := explain(k, n, steps); ok {
			return c, true
		}
	}
	return claim{}, false
}

// entryClaim is a value in an entry of a kustomization.
func (k *kustomization) entryClaim(f string, i int, keys ...any) (claim, bool) {
	e := entry{k.source.Name, f, i}
	n := k.at(e, keys...)
	if n == nil || n.Kind != yaml.ScalarNode {
		return claim{}, false
	}
	if k.plugin != nil {
		return claim{origin: k.source.Origin(n), kind: lint.StepPatch, at: k.plugin.user, label: k.plugin.user.label()}, true
	}
	u := user{k, ref{entry: e}}
	c := claim{origin: k.locate(n), kind: lint.StepKustomization, at: u, label: u.label()}
	for _, key := range keys {
		switch key := key.(type) {
		case string:
			c.label += "." + key
		case int:
			c.label += "[" + strconv.Itoa(key) + "]"
		}
	}
	return c, true
}

func last(steps []walk.Step, back int) string {
	if i := len(steps) - 1 - back; i >= 0 {
		return steps[i].Key
	}
	return ""
}

func (o *object) byImages(k *kustomization, n *yaml.Node, _ []walk.Step) (claim, bool) {
	name, tag, digest := splitImage(n.Value)
	for _, l := range [...]struct {
		field  string
		images []types.Image
	}{{"images", k.spec.Images}, {"imageTags", k.spec.ImageTags}} {
		for i, im := range slices.Backward(l.images) {
			if im.NewName != "" && name != im.NewName || im.NewName == "" && name != im.Name ||
				im.NewTag != "" && tag != im.NewTag || im.Digest != "" && digest != im.Digest {
				continue
			}
			if key := changedKey(im, tag); key != "" {
				c, ok := k.entryClaim(l.field, i, key)
				c.image = im.Name
				return c, ok
			}
		}
	}
	return claim{}, false
}

// changedKey is the key of an entry of images that gives the tag or, without one, the image. It is empty if none does.
func changedKey(im types.Image, tag string) string {
	switch {
	case im.Digest != "":
		return "digest"
	case im.NewTag != "":
		return "newTag"
	case im.TagSuffix != "" && strings.HasSuffix(tag, im.TagSuffix):
		return "tagSuffix"
	case im.NewName != "":
		return "newName"
	}
	return ""
}

// splitImage splits an image reference.
func splitImage(s string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(s, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, tag = name[:i], name[i+1:]
	}
	return name, tag, digest
}

func (o *object) byReplicas(k *kustomization, n *yaml.Node, steps []walk.Step) (claim, bool) {
	if last(steps, 0) != "replicas" {
		return claim{}, false
	}
	for i, r := range k.spec.Replicas {
		if o.isNamed(r.Name) && n.Value == strconv.FormatInt(r.Count, 10) {
			return k.entryClaim("replicas", i, "count")
		}
	}
	return claim{}, false
}

// isNamed reports whether a name is that of the object, in the output or where
// it is declared.
func (o *object) isNamed(name string) bool {
	return node.Text(o.root, "metadata", "name") == name || o.base != nil && o.base.name == name
}

// isKind reports whether a kind is that of the object, in the output or where it
// is declared.
func (o *object) isKind(kind string) bool {
	return node.Text(o.root, "kind") == kind || o.base != nil && o.base.node != nil && node.Text(o.base.node, "kind") == kind
}

// byCommon explains labels and annotations.
func (o *object) byCommon(k *kustomization, n *yaml.Node, steps []walk.Step) (claim, bool) {
	key := last(steps, 0)
	if key == "" {
		return claim{}, false
	}
	for i, v := range slices.Backward(k.spec.Labels) {
		if v, ok := v.Pairs[key]; ok && v == n.Value {
			return k.entryClaim("labels", i, "pairs", key)
		}
	}
	if v, ok := k.spec.CommonLabels[key]; ok && v == n.Value {
		return k.entryClaim("commonLabels", -1, key)
	}
	if v, ok := k.spec.CommonAnnotations[key]; ok && v == n.Value {
		return k.entryClaim("commonAnnotations", -1, key)
	}
	return claim{}, false
}

func (o *object) byNamespace(k *kustomization, n *yaml.Node, steps []walk.Step) (claim, bool) {
	ofNamespace := node.Text(o.root, "kind") == "Namespace" && len(steps) == 2 && last(steps, 0) == "name" && last(steps, 1) == "metadata"
	if k.spec.Namespace == "" || n.Value != k.spec.Namespace || last(steps, 0) != "namespace" && !ofNamespace {
		return claim{}, false
	}
	return k.entryClaim("namespace", -1)
}

// byName explains the object's own name.
func (o *object) byName(k *kustomization, n *yaml.Node, steps []walk.Step) (claim, bool) {
	if len(steps) != 2 || last(steps, 0) != "name" || last(steps, 1) != "metadata" || o.base == nil || !o.build.renames(o.base.name, n.Value) {
		return claim{}, false
	}
	before, after, _ := strings.Cut(n.Value, o.base.name)
	if p := k.spec.NamePrefix; p != "" && strings.HasPrefix(before, p) {
		return k.entryClaim("namePrefix", -1)
	}
	if s := k.spec.NameSuffix; s != "" && strings.HasSuffix(contentHash.ReplaceAllString(after, ""), s) {
		return k.entryClaim("nameSuffix", -1)
	}
	return claim{}, false
}

// byReference explains the names of other objects: as written, with what
// prefixes, suffixes and hashes make of it.
func (o *object) byReference(n *yaml.Node, steps []walk.Step) (claim, bool) {
	if s, line := o.sourceOf(n); s != nil {
		if m := s.ScalarAt(line, n.Column); m != nil && o.build.renames(m.Value, n.Value) {
			return o.build.claimIn(s, m), true
		}
	}
	renamed := func(doc *yaml.Node) *yaml.Node {
		if _, v := walk.Follow(doc, steps); v != nil && v.Kind == yaml.ScalarNode && o.build.renames(v.Value, n.Value) {
			return v
		}
		return nil
	}
	return o.inPatchOrBase(renamed)
}

// inPatchOrBase looks for a node in the patches that apply to the object and then where it
// is declared.
func (o *object) inPatchOrBase(find func(doc *yaml.Node) *yaml.Node) (claim, bool) {
	if c, ok := o.inPatch(find); ok {
		return c, true
	}
	if o.base == nil || o.base.node == nil {
		return claim{}, false
	}
	if v := find(o.base.node); v != nil {
		return o.build.claimIn(o.base.source, v), true
	}
	return claim{}, false
}

// inPatch looks for a node in the patches that apply to the object, the
// outermost layer first.
func (o *object) inPatch(find func(doc *yaml.Node) *yaml.Node) (claim, bool) {
	return o.inLayers(func(k *kustomization) (claim, bool) {
		for _, p := range o.build.patchesOf(k) {
			for _, doc := range p.source.ParsedObjects() {
				if v := find(doc); v != nil && p.applies(o, doc) {
					c := o.build.claimIn(p.source, v)
					c.at, c.label = p.at, p.at.label()
					return c, true
				}
			}
		}
		return claim{}, false
	})
}

// generator is an entry of configMapGenerator or secretGenerator.
type generator struct {
	entry
	name string
	args types.GeneratorArgs
}

func (k *kustomization) generators(kind string) []generator {
	var l []generator
	switch kind {
	case "ConfigMap":
		for i, g := range k.spec.ConfigMapGenerator {
			l = append(l, generator{entry{k.source.Name, "configMapGenerator", i}, g.Name, g.GeneratorArgs})
		}
	case "Secret":
		for i, g := range k.spec.SecretGenerator {
			l = append(l, generator{entry{k.source.Name, "secretGenerator", i}, g.Name, g.GeneratorArgs})
		}
	}
	return l
}

func (o *object) byGenerators(k *kustomization, n *yaml.Node, steps []walk.Step) (claim, bool) {
	for _, g := range k.generators(node.Text(o.root, "kind")) {
		if o.base == nil || g.name != o.base.name {
			continue
		}
		if c, ok := o.byGenerator(k, g, n, steps); ok {
			return c, true
		}
	}
	return claim{}, false
}

// byGenerator explains what one entry has set.
func (o *object) byGenerator(k *kustomization, g generator, n *yaml.Node, steps []walk.Step) (c claim, ok bool) {
	of := func(field string) bool {
		return len(steps) == 2 && last(steps, 1) == "metadata" && last(steps, 0) == field
	}
	switch {
	case len(steps) == 2 && (steps[0].Key == "data" || steps[0].Key == "binaryData" || steps[0].Key == "stringData"):
		return o.byData(k, g, n, steps[1].Key)
	case of("name") && o.build.renames(g.name, n.Value):
		return k.entryClaim(g.field, g.index, "name")
	case of("namespace") && g.args.Namespace == n.Value:
		return k.entryClaim(g.field, g.index, "namespace")
	case len(steps) == 3 && (steps[1].Key == "labels" || steps[1].Key == "annotations"):
		if c, ok = k.entryClaim(g.field, g.index, "options", steps[1].Key, steps[2].Key); !ok {
			c, ok = k.entryClaim("generatorOptions", -1, steps[1].Key, steps[2].Key)
		}
	case len(steps) == 1 && steps[0].Key == "type":
		c, ok = k.entryClaim(g.field, g.index, "type")
	}
	return c, ok && strings.Contains(c.origin.Text, n.Value)
}

// byData explains a value that a generator took from a literal or a file.
func (o *object) byData(k *kustomization, g generator, n *yaml.Node, key string) (claim, bool) {
	same := func(s string) bool {
		return s == n.Value || base64.StdEncoding.EncodeToString([]byte(s)) == strings.ReplaceAll(n.Value, "\n", "")
	}
	for j, l := range g.args.LiteralSources {
		name, v, _ := strings.Cut(l, "=")
		if name == key && same(unquoted(v)) {
			return k.entryClaim(g.field, g.index, "literals", j)
		}
	}
	for j, f := range g.args.FileSources {
		name, p, ok := strings.Cut(f, "=")
		if !ok {
			name, p = path.Base(f), f
		}
		if name != key {
			continue
		}
		if data, err := o.build.tree.ReadFile(path.Join(k.dir, p)); err == nil && same(string(data)) {
			return o.inFile(k, g, path.Join(k.dir, p), data, j)
		}
	}
	envs := g.args.EnvSources
	for j, p := range envs {
		if c, ok := o.inEnv(k, g, p, key, same, "envs", j); ok {
			return c, true
		}
	}
	if g.args.EnvSource != "" {
		return o.inEnv(k, g, g.args.EnvSource, key, same, "env")
	}
	return claim{}, false
}

func (o *object) inEnv(k *kustomization, g generator, p, key string, same func(string) bool, keys ...any) (claim, bool) {
	name := path.Join(k.dir, p)
	data, err := o.build.tree.ReadFile(name)
	if err != nil {
		return claim{}, false
	}
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimLeft(strings.TrimSuffix(line, "\r"), " \t")
		if have, v, _ := strings.Cut(line, "="); have == key && same(v) {
			return o.inData(k, g, name, i+1, data, keys...)
		}
	}
	return claim{}, false
}

// inData is a line of a file that a generator read.
func (o *object) inData(k *kustomization, g generator, name string, line int, data []byte, keys ...any) (claim, bool) {
	c, ok := k.entryClaim(g.field, g.index, keys...)
	if !ok {
		return claim{}, false
	}
	c.kind = lint.StepBase
	if k.plugin == nil {
		c.at.keys = keys
	}
	s := o.build.files.newSource(name, data)
	c.origin = lint.Origin{Position: lint.Position{File: s.Text.File, Line: line}, Text: s.Text.Line(line)}
	return c, true
}

// inFile is a file that a generator read, one of its files.
func (o *object) inFile(k *kustomization, g generator, name string, data []byte, j int) (claim, bool) {
	c, ok := o.inData(k, g, name, 1, data, "files", j)
	if ok {
		c.file = o.build.files.newSource(name, data)
	}
	return c, ok
}

// unquoted takes off one pair of quotes, as kustomize does with literals.
func unquoted(s string) string {
	if len(s) >= 2 && s[0] == s[len(s)-1] && (s[0] == '"' || s[0] == '\'') {
		return s[1 : len(s)-1]
	}
	return s
}

// where names an entry for messages.
func where(u user) string { return fmt.Sprintf("%s of %s", u.label(), u.k.source.Text.File) }
