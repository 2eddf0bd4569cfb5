package lint

import (
	"cmp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/pods"
)

// Value is a part of an object at a path: see node.Value.
type Value = node.Value

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
	// Vendored names the third-party subchart that the object comes from. It is empty
	// for the linted input's own.
	Vendored string
	// Hook is the value of helm.sh/hook. It is empty without a hook.
	Hook string
	// Host is the object that has this one as a text in one of its fields: a file that a
	// node is to have. It is nil if this one is an object of its own.
	Host *Object
	// HostPath is the path of that file on the node, or the name that the host gives it. It
	// is empty without a Host.
	HostPath string
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
	root := node.NewValue(n)
	api, kind := root.Get("apiVersion"), root.Get("kind")
	if !api.IsScalar() || !kind.IsScalar() || api.Node.Value == "" || kind.Node.Value == "" {
		return nil, false
	}
	o := &Object{
		Document:   Document{Kind: kind.Node.Value, Root: root, locator: at},
		APIVersion: api.Node.Value,
	}
	meta := root.Get("metadata")
	o.Name = cmp.Or(meta.Get("name").Written(), meta.Get("generateName").Written())
	o.Namespace = meta.Get("namespace").Written()
	if hook := meta.Get("annotations").Child("helm.sh/hook"); hook.IsScalar() {
		o.Hook = hook.Node.Value
	}
	o.addWorkloads(pods.Find(root, o.Group(), o.Kind))
	return o, true
}

// isTest reports whether Helm creates the object for helm test alone: it is
// there for a moment, and only if a person runs the tests.
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
