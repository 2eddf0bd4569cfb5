package lint

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/pods"
)

// Document is a file, or a part of one, that rules look at: a Dockerfile, a
// certificate, a CI workflow, the configuration of a node. A Kubernetes object is
// a Document too, see Object, but has checks of its own. Rules never change it.
type Document struct {
	// File is the file that holds the document, as reports call it. It is empty
	// for an Object, which may come from several files: see Locate.
	File string
	// Kind says what the document is. For an Object it is the kind as written.
	// For others it is one of the Document constants.
	Kind string
	// Root is the whole document as YAML. It is zero for a document that is no YAML.
	Root Value
	// Data is what the reader of the document made of it, in a type of its kind.
	// It is nil if Root says everything.
	Data any

	locator Locator
}

// The kinds of documents that are no Kubernetes objects. Each says what Root and
// Data hold.
const (
	// DocumentDockerfile is a Dockerfile. Data is a *dockerfile.File of package
	// lint/dockerfile; Root is zero.
	DocumentDockerfile = "Dockerfile"
	// DocumentDockerignore is a .dockerignore file. Data is its text, a string.
	DocumentDockerignore = ".dockerignore"
	// DocumentPolicy is a security policy for people: SECURITY.md. Data is its text,
	// a string.
	DocumentPolicy = "security policy"
	// DocumentWorkflow is a workflow of GitHub Actions. Root is its YAML.
	DocumentWorkflow = "GitHub workflow"
	// DocumentPipeline is a pipeline of GitLab CI. Root is its YAML.
	DocumentPipeline = "GitLab pipeline"
	// DocumentPreCommit is the configuration of pre-commit. Root is its YAML.
	DocumentPreCommit = "pre-commit configuration"
	// DocumentPEM is a file of certificates, requests and keys in PEM, or of one in DER. Data
	// is its content, a string.
	DocumentPEM = "PEM file"
	// DocumentK3s and DocumentRKE2 are configurations of these distributions of
	// Kubernetes. Root is their YAML.
	DocumentK3s  = "k3s configuration"
	DocumentRKE2 = "RKE2 configuration"
	// DocumentSkaffold is the configuration of Skaffold. Root is its YAML; of a file with
	// several documents, each is one.
	DocumentSkaffold = "Skaffold configuration"
	// DocumentCompose is a Compose file. Root is its YAML.
	DocumentCompose = "Compose file"
	// DocumentUpdates is the configuration of Renovate or Dependabot. Root is its
	// YAML or JSON.
	DocumentUpdates = "update configuration"
)

// NewDocument makes a document that is no Kubernetes object. Root and data are as
// in Document.
func NewDocument(file, kind string, root *yaml.Node, data any, at Locator) *Document {
	d := &Document{File: file, Kind: kind, Data: data, locator: at}
	if root != nil {
		d.Root = node.NewValue(root)
	}
	return d
}

// Locate is where a value of the document can be edited. It is for renderers,
// before the document is checked; rules call Pass.Locate, which is safe for
// concurrent use.
func (d *Document) Locate(v Value) Origin { return d.locator.Locate(v) }

// start is where the document begins: its first line, or else that of its kind.
func (d *Document) start() Position {
	at := d.Locate(d.Root).Position
	if at.Line == 0 {
		at = d.Locate(d.Root.Get("kind")).Position
	}
	return at
}

// locate places a diagnostic.
func (d *Document) locate(of Diagnostic) Origin {
	if of.Line > 0 {
		if at, ok := d.LocateLine(of.At, of.Line); ok {
			return at
		}
	}
	return d.Locate(of.At)
}

// LocateLine places a line, counted from 1, of a value that is a literal block or a file
// that a generator read. The second result is false unless the place is sure. As Locate, it
// is for renderers.
func (d *Document) LocateLine(v Value, n int) (Origin, bool) {
	if !v.IsScalar() {
		return Origin{}, false
	}
	lines := strings.Split(v.Node.Value, "\n")
	if n > len(lines) {
		return Origin{}, false
	}
	var at Origin
	switch locator := d.locator.(type) {
	case interface {
		LocateLineIn(v Value, line int) (Origin, bool)
	}:
		var ok bool
		if at, ok = locator.LocateLineIn(v, n); !ok {
			return Origin{}, false
		}
	case interface{ LocateLine(n int) Origin }:
		if v.Node.Style&yaml.LiteralStyle == 0 {
			return Origin{}, false
		}
		at = locator.LocateLine(v.Node.Line + n)
	default:
		return Origin{}, false
	}
	text := strings.TrimSpace(at.Text)
	switch {
	case at.Precision != PrecisionExact || at.File == "" || text == "":
		return Origin{}, false
	case text == strings.TrimSpace(lines[n-1]):
		before, _, _ := strings.Cut(at.Text, text)
		at.Column = utf8.RuneCountInString(before) + 1
		at.EndColumn = at.Column + utf8.RuneCountInString(text)
		return at, true
	}
	return at, at.Column > 0 // a template's line, which its locator has verified
}

// TextValue is a piece of a document that is no YAML, for Diagnostic.At: text that
// begins at a line and column, both counted from 1, columns in characters, and ends
// on that line.
func TextValue(line, column int, text string) Value {
	return node.NewValue(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: line, Column: column})
}

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
