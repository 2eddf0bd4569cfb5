package lint

import (
	"cmp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Object is a Document that is a Kubernetes object: its YAML, and where that YAML can
// be edited. Rules never change it.
type Object struct {
	Document
	// APIVersion is as written, as is Kind.
	APIVersion string
	// Namespace and Name are of metadata. Namespace is empty where the YAML
	// names none, and where it names the release namespace of a chart: who
	// installs the chart decides then.
	Namespace, Name string
	// Identity is the name that fingerprints use, if not Name: for an overlay
	// that adds a prefix it is the name in the base.
	Identity string
	// Workloads are its pod templates, and for a Pod the pod itself. See NewObject.
	Workloads []*Workload
	// Vendored names the third-party subchart that the object comes from.
	// Empty: the linted input's own.
	Vendored string
	// Hook is the value of helm.sh/hook. Empty: no hook.
	Hook string
}

// Locator knows where the values of a document can be edited. Each renderer
// brings its own.
type Locator interface {
	// Locate is called with a value of the document that it was made for. While a
	// unit is checked it is never called for two of its values at a time.
	Locate(v Value) Origin
}

// NewObject makes an object of a YAML mapping with apiVersion and kind.
// The second result is false if the node is no such mapping.
func NewObject(n *yaml.Node, at Locator) (*Object, bool) {
	root := NewValue(n)
	api, kind := root.Get("apiVersion"), root.Get("kind")
	if !api.IsScalar() || !kind.IsScalar() || api.Node.Value == "" || kind.Node.Value == "" {
		return nil, false
	}
	o := &Object{
		Document:   Document{Kind: kind.Node.Value, Root: root, locator: at},
		APIVersion: api.Node.Value,
	}
	meta := root.Get("metadata")
	o.Name = cmp.Or(meta.Get("name").written(), meta.Get("generateName").written())
	o.Namespace = meta.Get("namespace").written()
	if hook := meta.Get("annotations").Child("helm.sh/hook"); hook.IsScalar() {
		o.Hook = hook.Node.Value
	}
	o.AddWorkloads(shapesOf(kind.Node.Value))
	return o, true
}

// isTest reports whether Helm creates the object for helm test alone: it is
// there for moments, and only where somebody asks for it.
func (o *Object) isTest() bool {
	for event := range strings.SplitSeq(o.Hook, ",") {
		switch strings.TrimSpace(event) {
		case "test", "test-success", "test-failure":
		default:
			return false
		}
	}
	return true
}

// Group is the API group: apps, networking.k8s.io; empty for the core group.
func (o *Object) Group() string {
	group, _, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// Is reports whether the object is of a kind in an API group.
func (o *Object) Is(group, kind string) bool { return o.Kind == kind && o.Group() == group }

// Ref names the object.
func (o *Object) Ref() ObjectRef {
	return ObjectRef{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
}

// ObjectRef names an object.
type ObjectRef struct {
	APIVersion, Kind, Namespace, Name string `json:",omitzero"`
}

// String gives Kind/name, or Kind/namespace/name where a namespace is named.
// It is empty for the zero ObjectRef.
func (r ObjectRef) String() string {
	if r == (ObjectRef{}) {
		return ""
	}
	if r.Namespace == "" {
		return r.Kind + "/" + r.Name
	}
	return r.Kind + "/" + r.Namespace + "/" + r.Name
}

// Compare orders by kind, namespace, name and version.
func (r ObjectRef) Compare(s ObjectRef) int {
	if c := strings.Compare(r.Kind, s.Kind); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(r.Namespace, s.Namespace), strings.Compare(r.Name, s.Name), strings.Compare(r.APIVersion, s.APIVersion))
}

// UnitKind says what kind of input a unit comes from.
type UnitKind int

const (
	// UnitManifests is plain manifests. It is the zero value.
	UnitManifests UnitKind = iota
	// UnitChart is a Helm chart in one scenario.
	UnitChart
	// UnitOverlay is a Kustomize overlay.
	UnitOverlay
	// UnitRepository is the repository as a whole: its files that are no
	// Kubernetes objects, and what several inputs have in common.
	UnitRepository
)

// Unit is what one input renders to: a chart in one scenario, an overlay, or a tree
// of plain manifests. Rules that compare objects see one unit at a time.
type Unit struct {
	Kind UnitKind
	// Input is the path of the chart, overlay or tree, relative to the working directory.
	Input string
	// Scenario names the values of a chart: "default values". Empty elsewhere.
	Scenario string
	Objects  []*Object
	// Documents are the files that are no Kubernetes objects.
	Documents []*Document
	// Disabled lists the objects of a kind that the unit lacks only because of some
	// values. Nil: there are none. Rules ask by Pass.KeysToEnable.
	Disabled func(kind string) []DisabledObject
	// Unrendered lists the kinds that stand in a chart's templates and of which these
	// printed no object. Nil: there are none.
	Unrendered func() []UnrenderedKind
	// Try renders the unit with other values, each step's Set at its key. Nil is
	// returned if that leads to problems which the unit does not have. Nil: the unit
	// has no values. It is safe for concurrent use.
	Try func(set []Step) *Unit
	// Unreadable are the files of which the unit lacks something, since it could not be
	// read, rendered or placed. What the unit does not hold may be there.
	Unreadable []string
}

// Name is how reports call the unit: charts/web (default values).
func (u *Unit) Name() string { return unitName(u.Input, u.Scenario) }

func unitName(input, scenario string) string {
	if scenario == "" {
		return input
	}
	return input + " (" + scenario + ")"
}

// Workloads lists those of all objects of the unit.
func (u *Unit) Workloads() []*Workload {
	var l []*Workload
	for _, o := range u.Objects {
		l = append(l, o.Workloads...)
	}
	return l
}
