// Package plain reads the files of plain manifests, and skips those that nothing applies.
package plain

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// Manifest is what one file holds.
type Manifest struct {
	// Name is that of the file, as reports call it. Empty: nothing was read.
	Name string
	// Data is the text, in UTF-8.
	Data     []byte
	Objects  []*lint.Object
	Problems []lint.Problem
	// Skip is why the file was skipped. It is empty if it was not.
	Skip string
	// BuiltFrom is the overlay, as reports call it, from which the file was built, with what it takes from elsewhere.
	// It is empty if there is none.
	BuiltFrom string
}

// drop skips what was read, for a reason.
func (m *Manifest) drop(reason string) {
	m.Objects, m.Problems, m.Skip = nil, nil, reason
}

// Read reads a file.
func Read(f discover.File) Manifest {
	data, err := f.Tree.ReadFile(f.Name)
	if errors.Is(err, tree.ErrRefused) { // it is reported already
		return Manifest{}
	}
	if err != nil {
		return Manifest{Name: f.Display(), Problems: []lint.Problem{{
			Position: lint.Position{File: f.Display()},
			Code:     lint.CodeUnreadable,
			Message:  "cannot read the file: " + tree.Cause(err),
			Help:     "check its type and permissions, or exclude it in the configuration",
		}}}
	}
	return Parse(f.Display(), data, f.Named)
}

// Stdin is how reports call standard input.
const Stdin = "<stdin>"

// ReadStdin reads standard input.
func ReadStdin(in io.Reader) Manifest {
	data, err := io.ReadAll(io.LimitReader(in, tree.MaxFileSize+1))
	if err == nil && len(data) > tree.MaxFileSize {
		err = tree.ErrTooLarge
	}
	if err != nil {
		return Manifest{Problems: []lint.Problem{{
			Position: lint.Position{File: Stdin},
			Code:     lint.CodeUnreadable,
			Message:  "cannot read standard input: " + err.Error(),
		}}}
	}
	return Parse(Stdin, data, true)
}

func unknownEncoding(name string) lint.Problem {
	return lint.Problem{
		Position: lint.Position{File: name},
		Code:     lint.CodeInvalidYAML,
		Message:  "the file holds zero bytes: it is UTF-32, or UTF-16 without a byte order mark, which no YAML parser reads",
		Help:     "save the file as UTF-8",
	}
}

// brokenDocuments are those of a file that are not YAML.
type brokenDocuments struct {
	problems []lint.Problem // at most about maxBroken
	more     int            // documents that are not among them
}

// maxBroken is how many broken documents of a file are listed one by one.
const maxBroken = 100

func (b *brokenDocuments) add(d manifest.Document, src *manifest.Source) {
	if len(b.problems) < maxBroken {
		b.problems = append(b.problems, src.Problems(d)...)
	} else {
		b.more++
	}
}

func (b *brokenDocuments) len() int { return len(b.problems) + b.more }

// list gives the problems. One of them says how many documents it leaves out.
func (b *brokenDocuments) list() []lint.Problem {
	if b.more > 0 {
		b.problems[maxBroken-1].Message += fmt.Sprintf("; %d more documents of the file are broken", b.more)
	}
	return b.problems
}

// forClients matches what looks like an object and is read by a program on the computer of a person: lists of plugins for kubectl, and
// descriptions of clusters for development. Such files often are templates.
var forClients = regexp.MustCompile(`(?m)^apiVersion:[ \t]*["']?(?:krew\.googlecontainertools\.github\.com|kind\.x-k8s\.io|k3d\.io|ctlptl\.dev)/`)

// isForClients reports whether all that looks like an object in a text is for such a program.
func isForClients(text []byte) bool {
	n := len(forClients.FindAllIndex(text, -1))
	return n > 0 && n == bytes.Count(append([]byte("\n"), text...), []byte("\napiVersion:"))
}

// Parse makes the objects of a file. A file that is no manifest is
// skipped, unless the user named it: then it is a Problem.
func Parse(name string, data []byte, named bool) Manifest {
	data = manifest.UTF8(data)
	m := Manifest{Name: name, Data: data}
	if !manifest.HasObjectKeys(data) && (!named || len(data) >= manifest.LargeText) {
		if manifest.UnknownEncoding(data) {
			m.Problems = append(m.Problems, unknownEncoding(name))
		} else {
			m.nothing(named, "no apiVersion and kind")
		}
		return m
	}
	src := manifest.NewSource(name, data)
	ytt := manifest.IsYtt(data)
	if ytt {
		data = manifest.YttValues(data)
	}
	var broken brokenDocuments
	for d := range manifest.Each(data) {
		switch {
		case d.Err != nil:
			broken.add(d, src)
		case ytt && src.IsYttPart(d.Line): // its functions give parts of objects
		default:
			m.add(d, src, ytt)
		}
	}
	if !named && broken.len() > 0 && len(m.Objects) == 0 && isForClients(data) {
		m.drop("not YAML, and for a program that applies nothing of it to a cluster")
		return m
	}
	if named || len(m.Objects) > 0 || manifest.LooksLikeManifest(data) {
		m.Problems = append(m.Problems, broken.list()...)
	}
	if !named && len(m.Objects) > 0 && len(m.Problems) == 0 && !slices.ContainsFunc(m.Objects, isNoKustomization) {
		m.drop("a kustomization with another name than kustomization.yaml: kustomize reads it where it is copied or linked to")
		return m
	}
	records := 0
	if !named {
		all := len(m.Objects)
		m.Objects = slices.DeleteFunc(m.Objects, isRecord)
		records = all - len(m.Objects)
	}
	switch {
	case len(m.Objects) > 0 || len(m.Problems) > 0:
	case records > 0:
		m.Skip = "a record of what a controller makes: its owner has no uid"
	case broken.len() > 0:
		m.Skip = "not YAML, and does not look like a manifest: " + strconv.Itoa(broken.len()) + " broken documents"
	default:
		m.nothing(named, "no document has apiVersion and kind")
	}
	return m
}

// isNoKustomization reports objects other than the kustomizations of kustomize, which no cluster has a kind for.
func isNoKustomization(o *lint.Object) bool {
	return !o.Is("kustomize.config.k8s.io", "Kustomization") && !o.Is("kustomize.config.k8s.io", "Component")
}

// add adds the objects of a document. The conditions of ytt may give a key twice, so that
// the other problems of its documents are none.
func (m *Manifest) add(d manifest.Document, src *manifest.Source, ytt bool) {
	objects, problems := manifest.Objects(d.Node, src)
	m.Problems = append(m.Problems, problems...)
	if ytt {
		m.Objects = append(m.Objects, objects...)
		return
	}
	switch {
	case len(objects) == 0:
		if p, ok := manifest.NoObject(d.Node, src); ok {
			m.Problems = append(m.Problems, p)
		}
	case repeatsObject(d):
		d.Duplicates = withoutFollowing(d)
		broken := src.Problems(d)
		help := "put a line with --- between the objects, or keep one of the two keys: nothing else of the document is checked until then"
		if isLineTwice(d) {
			help = "remove one of the two lines: nothing else of the document is checked until then"
		}
		for i := range broken {
			broken[i].Help = help
		}
		m.Problems = append(m.Problems, broken...)
	default:
		m.Objects, m.Problems = append(m.Objects, objects...), append(m.Problems, src.Problems(d)...)
	}
}

// isLineTwice reports whether a document has no key twice but one with a text, right after the same key with the same text: no other
// object begins there.
func isLineTwice(d manifest.Document) bool {
	if len(d.Duplicates) != 1 {
		return false
	}
	l := d.Node.Content
	i := slices.Index(l, d.Duplicates[0].Key)
	return i >= 2 && l[i-2].Value == l[i].Value && l[i-1].Kind == yaml.ScalarNode && l[i+1].Kind == yaml.ScalarNode && l[i-1].Value == l[i+1].Value
}

// withoutFollowing are the keys that a document has twice, and of those of another object in it the first one: they have one cause.
func withoutFollowing(d manifest.Document) (l []manifest.Duplicate) {
	isFirst := true
	for _, dup := range d.Duplicates {
		isTop := slices.Contains(d.Node.Content, dup.Key)
		if !isTop || isFirst {
			l = append(l, dup)
		}
		isFirst = isFirst && !isTop
	}
	return l
}

// repeatsObject reports whether a document has a key twice that an object has once: it is several objects without a line
// between them, and what is read of it is a mix.
func repeatsObject(d manifest.Document) bool {
	return slices.ContainsFunc(d.Duplicates, func(dup manifest.Duplicate) bool {
		switch dup.Key.Value {
		case "apiVersion", "kind", "metadata", "spec":
			return slices.Contains(d.Node.Content, dup.Key)
		}
		return false
	})
}

// nothing notes that a file holds no object.
func (m *Manifest) nothing(named bool, reason string) {
	if !named {
		m.Skip = reason
		return
	}
	m.Problems = append(m.Problems, lint.Problem{
		Position: lint.Position{File: m.Name},
		Code:     lint.CodeNothingToLint,
		Message:  "holds no Kubernetes object: no document has apiVersion and kind",
		Help:     "name a manifest, a chart or an overlay",
	})
}
