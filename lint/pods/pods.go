// Package pods knows which kinds have pods and where they keep them: the kinds of
// Kubernetes, and the custom resources of operators.
//
// Find reads the pods of one object with the table of known kinds. A configuration can
// add kinds.
package pods

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint/node"
)

// Shape says where a kind keeps pods.
type Shape struct {
	// Group is the API group of the kind: apps. It is empty for the core group.
	Group string
	// Kind is the name of the kind: Deployment.
	Kind string
	// Template is the path of a mapping with the metadata and spec of pods. "[]" after
	// a key means each element of a list, and "*" for each value of a
	// mapping: spec.replicatedJobs[].template.spec.template. If it is empty, the
	// object itself is the template.
	Template string
	// PodSpec is the path of a pod spec without metadata beside it. It is used in
	// place of Template. The labels of the pods are then not known.
	PodSpec string
	// Noun is how messages call an element of the last list or mapping in Template:
	// job "workers". It may be empty where the kind has one template.
	Noun string
	// Partial is set if the template is a patch to what an operator generates. Rules
	// then check what it sets, and not what it leaves out.
	Partial bool
	// Batch is set if the pods run to completion.
	Batch bool

	// read makes the templates of a kind that has no template with metadata and spec.
	// It is given the mapping that holds the kind's apiVersion.
	read func(root node.Value, s Shape) []*Template
	// self is set if the mapping that spread reads is the main container even where it
	// names no image.
	self bool
	// apart is set if the securityContext of the mapping that spread reads is that of the main container alone, and the pod has another
	// key for its own.
	apart bool
	// whole is set if only templates count of which each container has a name and an image. The operator may add labels.
	whole bool
	// embeds is set if Template is the path of whole objects.
	embeds bool
}

// Template is what the pods of an object are made from: a pod template, or the Pod itself.
type Template struct {
	// Within names the template where the object has several: template "build". It is
	// empty where the object has one.
	Within string
	// Root is the mapping that holds the metadata and spec of the pods. Kinds without
	// such a mapping have it in the closest mapping that holds both.
	Root node.Value
	// Metadata is the metadata of the pods.
	Metadata node.Value
	// Spec is the pod spec.
	Spec node.Value
	// Outer holds the fields that the pods take from their object where Spec does not
	// set them. It is absent for most kinds.
	Outer node.Value
	// Resources are those of the pod as a whole. They are absent if it has none.
	Resources node.Value
	// Noun is how messages call the pod. It is empty for "pod".
	Noun string
	// Partial is set if Spec is a patch to what an operator generates.
	Partial bool
	// Later are the fields of the pod that something else decides: they may be left out.
	Later []string
	// OpenLabels is set if the pods may have labels that the object does not show:
	// an operator adds some, or some are unknown.
	OpenLabels bool
	// Batch is set if the pods run to completion.
	Batch bool
	// Windows is set if the pod says that it runs on Windows. What is no pod spec has no field for that.
	Windows bool
	// Containers lists the containers in the order of the lists: init, main, ephemeral.
	Containers []Container
}

// Container is a container of a Template.
type Container struct {
	node.Value
	List List
	Name string
	// Noun is how messages call the container. It is empty where Kubernetes' own term fits.
	Noun string
	// Unnamed is set if the object does not name the container: Name is made from the kind, and messages speak of the kind.
	Unnamed bool
	// Partial is set if the container is a patch to what an operator generates.
	Partial bool
	// Later are the fields of the container that something else sets: they may be left out.
	Later []string
}

// List says which list of a pod spec a container belongs to.
type List int

// The lists of a pod spec.
const (
	Main List = iota
	Init
	Ephemeral
)

// Find returns the pod templates of an object that kubevet knows. An object without
// pods has none.
func Find(root node.Value, group, kind string) []*Template {
	return FindBy(shapesOf(kind), root, group, kind)
}

// FindBy returns the pod templates of an object according to shapes. Shapes of other
// kinds are skipped.
func FindBy(shapes []Shape, root node.Value, group, kind string) []*Template {
	var l []*Template
	for _, s := range shapes {
		if s.Kind != kind || s.Group != group {
			continue
		}
		if s.embeds {
			l = append(l, embedded(root, s)...)
			continue
		}
		read := s.read
		if read == nil {
			read = templates
		}
		for _, t := range read(root, s) {
			t.Batch = t.Batch || s.Batch
			l = append(l, t)
		}
	}
	return l
}

// templates reads a kind with pod templates as Kubernetes has them.
func templates(root node.Value, s Shape) []*Template {
	var l []*Template
	for v, name := range at(root, s.Template+s.PodSpec) {
		spec := v
		if s.PodSpec == "" {
			spec = v.Get("spec")
		}
		t := newTemplate(v, v.Get("metadata"), spec, s.Partial)
		if t == nil {
			continue
		}
		t.Within = within(s, name)
		if s.PodSpec == "" {
			t.addPodLists()
			if s.Group == "" && s.Kind == "Pod" {
				t.readSpark()
			}
		} else {
			t.OpenLabels = true
			t.addOperatorLists()
		}
		if s.whole && !t.isWhole() {
			continue
		}
		t.OpenLabels = t.OpenLabels || s.whole
		l = append(l, t)
	}
	return l
}

// within names a template of a shape. The name is that of the list's element.
func within(s Shape, name string) string {
	if s.Noun != "" && strings.ContainsAny(s.Template+s.PodSpec, "[*") {
		return s.Noun + ` "` + name + `"`
	}
	return s.Noun
}

// embedded reads the pods of whole objects within an object. An operator creates these
// objects, and may add labels.
func embedded(root node.Value, s Shape) []*Template {
	var l []*Template
	for v := range at(root, s.Template) {
		kind := v.Get("kind").Text()
		group, _, ok := strings.Cut(v.Get("apiVersion").Text(), "/")
		if !ok {
			group = ""
		}
		flat := slices.DeleteFunc(slices.Clone(shapesOf(kind)), func(s Shape) bool { return s.embeds })
		for _, t := range FindBy(flat, v, group, kind) {
			t.OpenLabels = true
			if t.Within == "" {
				t.Within = kind + ` "` + cmp.Or(v.Get("metadata.name").Text(), v.Get("metadata.generateName").Text()) + `"`
			}
			l = append(l, t)
		}
	}
	return l
}

// at yields the values at a path of a Shape, each with the name of the element of the
// last list or mapping on the way to it.
func at(v node.Value, path string) iter.Seq2[node.Value, string] {
	return func(yield func(node.Value, string) bool) { walk(v, "", path, yield) }
}

func walk(v node.Value, name, path string, yield func(node.Value, string) bool) bool {
	key, rest, _ := strings.Cut(path, ".")
	switch list, many := strings.CutSuffix(key, "[]"); {
	case path == "":
		return yield(v, name)
	case key == "*":
		for k, c := range v.Entries() {
			if !walk(c, k, rest, yield) {
				return false
			}
		}
		return true
	case many:
		for i, c := range items(v.Get(list)) {
			if !walk(c, elementName(c, i), rest, yield) {
				return false
			}
		}
		return true
	}
	return walk(v.Child(key), name, rest, yield)
}

// items yields the elements of a list that are not null, and counts them.
func items(list node.Value) iter.Seq2[int, node.Value] {
	return func(yield func(int, node.Value) bool) {
		i := 0
		for c := range list.Items() {
			if !yield(i, c) {
				return
			}
			i++
		}
	}
}

// elementName returns the name of a list's element, or its index if it has none.
func elementName(v node.Value, i int) string {
	for _, key := range []string{"name", "groupName"} {
		if t := v.Get(key).Written(); t != "" {
			return t
		}
	}
	return strconv.Itoa(i)
}

// newTemplate returns a template without containers. It is nil if there is no pod spec.
func newTemplate(root, metadata, spec node.Value, partial bool) *Template {
	if !spec.IsMap() {
		return nil
	}
	return &Template{
		Root: root, Metadata: metadata, Spec: spec.Compact(), Resources: spec.Get("resources"), Partial: partial,
		Windows:    spec.Get("os.name").Text() == "windows",
		OpenLabels: partial || !allKnown(metadata.Get("labels")),
	}
}

// allKnown reports whether a mapping and each of its values are known.
func allKnown(m node.Value) bool {
	for _, v := range m.Entries() {
		if !v.IsKnown() {
			return false
		}
	}
	return m.IsKnown()
}

// addPodLists adds the containers of the lists of a pod spec.
func (t *Template) addPodLists() {
	t.addList(t.Spec.Get("initContainers"), Init, t.Partial)
	t.addList(t.Spec.Get("containers"), Main, t.Partial)
	t.addList(t.Spec.Get("ephemeralContainers"), Ephemeral, t.Partial)
}

// addOperatorLists adds the containers of the lists that operators merge into their pods.
func (t *Template) addOperatorLists() {
	for _, list := range operatorLists {
		t.addList(t.Spec.Get(list.key), list.list, t.Partial)
	}
}

var operatorLists = []struct {
	key  string
	list List
}{
	{"initContainers", Init},
	{"extraInitContainers", Init},
	{"containers", Main},
	{"extraContainers", Main},
	{"additionalContainers", Main},
	{"sidecars", Main},
	{"sidecarContainers", Main},
}

func (t *Template) addList(list node.Value, of List, partial bool) {
	for c := range list.Items() {
		t.add(Container{Value: c, List: of, Name: c.Get("name").Written(), Partial: partial})
	}
}

// add adds a container if there is one.
func (t *Template) add(c Container) {
	if c.IsMap() {
		c.Value = c.Compact()
		t.Containers = append(t.Containers, c)
	}
}
