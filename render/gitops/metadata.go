package gitops

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// Metadata are the labels and annotations that a Flux Kustomization gives to all objects, those
// of spec.commonMetadata, which take the place of what is there, and the namespace that Argo CD gives to objects which
// name none.
type Metadata struct {
	fields []metadataField
	// namespace is nil if there is none.
	namespace *metadataField
	origins   map[*yaml.Node]lint.Origin
}

// metadataField is the key of one of the two, and its values.
type metadataField struct{ key, values *yaml.Node }

// commonMetadata reads spec.commonMetadata. It is nil if there is none.
func (in *Installer) commonMetadata() *Metadata {
	m := &Metadata{origins: map[*yaml.Node]lint.Origin{}}
	for _, name := range [...]string{"labels", "annotations"} {
		v := in.object.Root.Get("spec.commonMetadata").Child(name)
		if n, _ := node.Expand(v.Node, maxValueNodes); !v.IsMap() || v.Len() == 0 || n == nil {
			continue
		}
		key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}
		m.origins[key] = in.values.origin(in.object, v.AtKey())
		m.fields = append(m.fields, metadataField{key, in.change(v, m.origins)})
	}
	if len(m.fields) == 0 {
		return nil
	}
	return m
}

// Apply gives the labels, annotations and the namespace to the objects of a unit.
func (m *Metadata) Apply(u *lint.Unit) {
	for i, o := range u.Objects {
		if made, ok := m.apply(o); ok {
			u.Objects[i] = made
		}
	}
}

func (m *Metadata) apply(o *lint.Object) (*lint.Object, bool) {
	meta := o.Root.Get("metadata")
	lacks := m.namespace != nil && LacksNamespace(o)
	if !meta.IsMap() || len(m.fields) == 0 && !lacks {
		return nil, false
	}
	from := map[*yaml.Node]*yaml.Node{}
	copied := func(n *yaml.Node) *yaml.Node {
		c := *n
		c.Content = slices.Clone(n.Content)
		from[&c] = n
		return &c
	}
	root, made := copied(node.Root(o.Root.Node)), copied(node.Deref(meta.Node))
	put(root, meta.Key(), made)
	for _, f := range m.fields {
		values := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		if old := node.Child(made, f.key.Value); old != nil && old.Kind == yaml.MappingNode {
			values = copied(old)
		}
		for j := 0; j+1 < len(f.values.Content); j += 2 {
			put(values, f.values.Content[j], f.values.Content[j+1])
		}
		put(made, f.key, values)
	}
	if lacks {
		put(made, m.namespace.key, m.namespace.values)
	}
	with, ok := lint.NewObject(root, &withMetadata{object: o, from: from, origins: m.origins})
	if ok {
		with.Identity, with.Vendored = o.Identity, o.Vendored
	}
	return with, ok
}

// LacksNamespace reports whether an object is of a namespace, and names none. So is a custom resource, as far as is known.
func LacksNamespace(o *lint.Object) bool {
	if o.Namespace != "" || o.Host != nil {
		return false
	}
	group, version, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		group, version = "", o.APIVersion
	}
	return !resid.NewGvk(group, version, o.Kind).IsClusterScoped()
}

// put gives a key of a mapping a value.
func put(m, key, value *yaml.Node) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key.Value {
			m.Content[i+1] = value
			return
		}
	}
	m.Content = append(m.Content, key, value)
}

// withMetadata finds the places of an object with such labels and annotations in those of the
// object without, and in the Kustomization.
type withMetadata struct {
	object  *lint.Object
	from    map[*yaml.Node]*yaml.Node
	origins map[*yaml.Node]lint.Origin
}

// Locate is where the value is edited. What is missing is missing in the object itself.
func (l *withMetadata) Locate(v lint.Value) lint.Origin {
	if !v.IsSet() {
		return l.object.Locate(l.object.Root.At(v.Path()))
	}
	n, _ := v.Anchor()
	if o, ok := l.origins[n]; ok {
		return o
	}
	if old := l.from[n]; old != nil {
		return l.object.Locate(node.NewValue(old))
	}
	return l.object.Locate(v)
}

// Kustomizations are those of the object without the metadata.
func (l *withMetadata) Kustomizations() []lint.Kustomization { return l.object.Kustomizations() }

// LocateLineIn is where a line of a text can be edited.
func (l *withMetadata) LocateLineIn(v lint.Value, line int) (at lint.Origin, ok bool) {
	if _, added := l.origins[v.Node]; added {
		return at, false
	}
	return l.object.LocateLine(v, line)
}
