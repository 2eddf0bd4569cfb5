package lint

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
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

// LocateLine places a line, counted from 1, of a value that is a literal block. The second
// result is false unless the place is sure. As Locate, it is for renderers.
func (d *Document) LocateLine(v Value, n int) (Origin, bool) {
	locator, ok := d.locator.(interface{ LocateLine(n int) Origin })
	if !ok || !v.IsScalar() || v.Node.Style&yaml.LiteralStyle == 0 {
		return Origin{}, false
	}
	lines := strings.Split(v.Node.Value, "\n")
	if n > len(lines) {
		return Origin{}, false
	}
	at := locator.LocateLine(v.Node.Line + n)
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
