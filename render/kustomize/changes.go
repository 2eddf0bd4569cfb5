package kustomize

import (
	"path"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/manifest"
)

// Changes are what an object of Flux puts into the kustomization that is built.
type Changes struct {
	// Fields are the fields of a kustomization that it sets.
	Fields []Change
	// Generated is set if the directory has no kustomization: Flux writes one, with the fields.
	Generated bool
	// Origins are where the scalars of the fields are edited.
	Origins map[*yaml.Node]lint.Origin
}

// Change is the value of one field. A list is added to that of the kustomization, a text
// takes the place of the one there.
type Change struct {
	// Field is the name in the kustomization, and in the spec of the object Label.
	Field, Label string
	// Node is the value, without aliases.
	Node *yaml.Node
}

// change puts the changes into the kustomization that is built, as Flux does.
func (f *files) change(k *kustomization) {
	k.labels = map[entry]string{}
	for _, c := range f.build.opts.Changes.Fields {
		var add types.Kustomization
		text, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: c.Field}, c.Node}})
		if err == nil {
			err = k8syaml.Unmarshal(text, &add)
		}
		if err != nil {
			f.problem(lint.CodeInvalidKustomization, f.build.opts.Changes.position(c.Node), "cannot read "+c.Label+": "+firstLineOf(err.Error()), "correct the field; the rest was built without it")
			continue
		}
		f.changeField(k, c, &add)
	}
}

func (f *files) changeField(k *kustomization, c Change, add *types.Kustomization) {
	s := &k.spec
	switch c.Field {
	case "namespace":
		s.Namespace = add.Namespace
	case "namePrefix":
		s.NamePrefix = add.NamePrefix
	case "nameSuffix":
		s.NameSuffix = add.NameSuffix
	case "patches":
		k.label(c, len(s.Patches), len(add.Patches))
		for _, p := range add.Patches {
			s.Patches = append(s.Patches, types.Patch{Patch: p.Patch, Target: p.Target})
		}
	case "components":
		k.label(c, len(s.Components), len(add.Components))
		s.Components = append(s.Components, add.Components...)
	case "resources":
		s.Resources = append(s.Resources, add.Resources...)
		for i := range add.Resources { // one path has all of them
			k.labels[entry{k.source.Name, c.Field, i}] = c.Label
		}
	case "images":
		f.changeImages(k, c, add.Images)
		return
	}
	if c.Node.Kind == yaml.ScalarNode {
		k.label(c, -1, 1)
	}
	k.put(c.Field, c.Node)
}

// changeImages changes the entries that are for the same image, and adds the others. A tag
// and a digest take the place of both.
func (f *files) changeImages(k *kustomization, c Change, images []types.Image) {
	s := &k.spec
	k.put(c.Field, &yaml.Node{Kind: yaml.SequenceNode})
	list := node.Child(k.node, c.Field)
	for j, im := range images {
		n := node.Item(c.Node, j)
		i := slices.IndexFunc(s.Images, func(have types.Image) bool { return have.Name == im.Name })
		if i < 0 {
			k.label(c, len(s.Images), 1)
			s.Images = append(s.Images, types.Image{Name: im.Name, NewName: im.NewName, NewTag: im.NewTag, Digest: im.Digest})
			list.Content = append(list.Content, n)
			continue
		}
		merged := &yaml.Node{Kind: yaml.MappingNode}
		if i < len(list.Content) {
			if own := node.Deref(list.Content[i]); own != nil && own.Kind == yaml.MappingNode {
				merged.Content = slices.Clone(own.Content)
			}
			list.Content[i] = merged
		}
		if im.NewName != "" {
			s.Images[i].NewName = im.NewName
			set(merged, "newName", node.Child(n, "newName"))
		}
		if im.NewTag != "" || im.Digest != "" {
			s.Images[i].NewTag, s.Images[i].Digest = im.NewTag, im.Digest
			set(merged, "newTag", node.Child(n, "newTag"))
			set(merged, "digest", node.Child(n, "digest"))
		}
	}
}

// label has reports call entries of a list as they are called in the object.
func (k *kustomization) label(c Change, from, count int) {
	if from < 0 {
		k.labels[entry{k.source.Name, c.Field, -1}] = c.Label
		return
	}
	for i := range count {
		k.labels[entry{k.source.Name, c.Field, from + i}] = c.Label + "[" + strconv.Itoa(i) + "]"
	}
}

// generated is the name of the kustomization that Flux writes. Empty if it writes none.
func (f *files) generated() string {
	if c := f.build.opts.Changes; c == nil || !c.Generated {
		return ""
	}
	return path.Join(f.build.dir, FileNames()[0])
}

// generatedSource is the text of a kustomization that Flux writes. Reports name the file of the
// object that has Flux write it.
func (f *files) generatedSource(name string, data []byte) *source.Source {
	at := lint.Position{}
	for _, c := range f.build.opts.Changes.Fields {
		at = f.build.opts.Changes.position(c.Node)
	}
	return source.New(name, data, manifest.NewSource(at.File, data), f.build.limits().FileBytes)
}

// put has the node of the kustomization hold a field: a list after what is there.
func (k *kustomization) put(field string, n *yaml.Node) {
	if n.Kind == yaml.SequenceNode {
		if own := node.Child(k.node, field); own != nil && own.Kind == yaml.SequenceNode {
			n = &yaml.Node{Kind: yaml.SequenceNode, Content: slices.Concat(own.Content, n.Content)}
		}
	}
	root := *k.node
	root.Content = slices.Clone(root.Content)
	set(&root, field, n)
	k.node = &root
}

// set gives a key of a mapping a value, or removes the key.
func set(m *yaml.Node, key string, v *yaml.Node) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content = slices.Delete(m.Content, i, i+2)
			break
		}
	}
	if v != nil {
		m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, v)
	}
}

// position is that of the first scalar of a node whose place is known.
func (c *Changes) position(n *yaml.Node) lint.Position {
	if o, ok := c.Origins[n]; ok {
		return o.Position
	}
	for _, child := range n.Content {
		if p := c.position(child); p.File != "" {
			return p
		}
	}
	return lint.Position{}
}

// locate is where a scalar of the kustomization is edited: in the file, or in the object
// that changes it.
func (k *kustomization) locate(n *yaml.Node) lint.Origin {
	if o, ok := k.origins[n]; ok {
		return o
	}
	return k.source.Text.LocateNode(n)
}

// inlineText is a text in the kustomization, or in the object that changes it.
func (f *files) inlineText(k *kustomization, n *yaml.Node) *source.Source {
	o, ok := k.origins[n]
	if !ok {
		return source.NewInline(k.source, n)
	}
	name, ok := f.build.tree.Name(o.File)
	if !ok {
		return source.NewUnplaced(k.source, n.Value)
	}
	data, err := f.build.tree.ReadFile(name)
	if err != nil {
		return source.NewUnplaced(k.source, n.Value)
	}
	file := f.newSource(name, data)
	if at := file.Scalar(o.Line, o.Column, n.Value); at != nil && o.Precision == lint.PrecisionExact {
		return source.NewInline(file, at)
	}
	return source.NewInline(file, &yaml.Node{Kind: yaml.ScalarNode, Value: n.Value, Line: max(o.Line, 1), Column: max(o.Column, 1)})
}
