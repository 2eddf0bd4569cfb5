// Package certificates holds the rules on X.509 certificates, wherever they are: in Secrets,
// ConfigMaps, kubeconfigs, webhooks and files, and on what asks for them.
package certificates

import (
	"embed"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/certificate"
	"github.com/kubevet/kubevet/lint/node"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go
var Source embed.FS

// The standards that the rules of this package refer to.
const nsa = lint.HardeningGuide

// controls refers to NSA and CISA's guide.
func controls() []lint.Ref {
	return []lint.Ref{{Standard: nsa, Control: "Encryption"}}
}

// held is a block of PEM and the value of an object, or the line of a file, that holds it.
type held struct {
	certificate.Found
	object *lint.Object
	// file is the one that holds it. It is nil if object does.
	file *lint.Document
	at   lint.Value
	// key is set if the same value holds a private key, so that no line of it is shown.
	key bool
	// store is set if the value is a collection of many authorities, such as the ones that
	// operating systems trust: nobody here renews them.
	store bool
}

// maxFields limits the fields of an object that are looked at.
const maxFields = 100_000

// storeSize is the number of certificates from which on a text is a collection.
const storeSize = 20

// certificates lists the blocks of PEM in an object, once for all rules.
var certificates = lint.ObjectIndex("certificates", func(_ *lint.Pass, o *lint.Object) []held {
	if !mayHold(o.Root.Node) {
		return nil
	}
	w := walker{object: o}
	if o.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
		w.walk(o.Root.Get("spec.conversion")) // descriptions of fields hold examples
	} else {
		w.walk(o.Root)
	}
	return w.found
})

// mayHold looks, without names and paths, for a text that may hold a certificate: most objects have none.
func mayHold(n *yaml.Node) bool {
	for s := range node.Scalars(n) {
		if certificate.MayBeIn(s.Value) {
			return true
		}
	}
	return false
}

type walker struct {
	object *lint.Object
	fields int
	found  []held
}

func (w *walker) walk(v lint.Value) {
	if w.fields++; w.fields > maxFields {
		return
	}
	switch {
	case v.IsMap():
		for key, c := range v.Entries() {
			if !isLicense(key) && !w.object.IsDocumentation(key) {
				w.walk(c)
			}
		}
	case v.IsList():
		for c := range v.Items() {
			w.walk(c)
		}
	case v.IsScalar() && certificate.MayBeIn(v.Node.Value):
		l := certificate.In(v.Node.Value)
		key := slices.ContainsFunc(l, func(f certificate.Found) bool { return f.IsKey })
		for _, f := range l {
			w.found = append(w.found, held{Found: f, object: w.object, at: v, key: key, store: len(l) >= storeSize})
		}
	}
}

// isLicense reports a key of the license of a product: it may have the form of a certificate, but its vendor issues it.
func isLicense(key string) bool {
	lower := strings.ToLower(key)
	return strings.Contains(lower, "license") || strings.Contains(lower, "licence")
}

// name is how messages call the certificate or request.
func (h held) name() string {
	if c := h.Certificate; c != nil {
		return strconv.Quote(certificate.Name(c.Subject.CommonName, c.DNSNames, c.Subject.Organization))
	}
	if r := h.Request; r != nil {
		return strconv.Quote(certificate.Name(r.Subject.CommonName, r.DNSNames, r.Subject.Organization))
	}
	return ""
}

// keyFolders are the folders of the unit's files with private keys.
var keyFolders = lint.UnitIndex("folders of private keys", func(p *lint.Pass) map[string]bool {
	folders := map[string]bool{}
	for _, d := range p.Unit.Documents {
		if text, _ := d.Data.(string); d.Kind == lint.DocumentPEM && slices.ContainsFunc(certificate.InFile(text), func(f certificate.Found) bool { return f.IsKey }) {
			folders[path.Dir(d.File)] = true
		}
	}
	return folders
})

// isForeign reports the certificate of an authority without a private key beside it: it is there to be trusted, and its issuer makes another
// one, not the person who edits the file.
func (h held) isForeign(p *lint.Pass) bool {
	switch {
	case h.Certificate == nil || !h.Certificate.IsCA || h.key:
		return false
	case h.file != nil:
		return !keyFolders(p)[path.Dir(h.file.File)]
	}
	return !slices.ContainsFunc(certificates(p, h.object), func(other held) bool { return other.IsKey })
}

// diagnostic is what to report of the certificate. The message follows the object and the
// field, or the file, and begins with what it holds.
func (h held) diagnostic(message string) lint.Diagnostic {
	d := lint.Diagnostic{Object: h.object, Document: h.file, At: h.at, KnownPart: true, Secret: h.key, Line: h.Line, Decoded: h.Decoded}
	if h.Index > 0 {
		d.Part = strconv.Itoa(h.Index)
	}
	if h.file != nil {
		d.Line, d.Secret = 0, false // the line says that a block begins
		d.Message = "file holds " + message
		return d
	}
	d.Message = strings.TrimSpace(h.object.Kind+" "+h.object.Name) + " holds in " + h.at.Path() + " " + message
	return d
}

// each is a check of every block of PEM, in objects and in files.
func each(check func(p *lint.Pass, h held)) lint.Check {
	return lint.Checks{
		lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
			for _, h := range certificates(p, o) {
				check(p, h)
			}
		}),
		lint.DocumentCheck{Of: lint.DocumentPEM, Check: func(p *lint.Pass, d *lint.Document) {
			text, _ := d.Data.(string)
			l := certificate.InFile(text)
			for _, f := range l {
				at := lint.Value{} // DER has no lines
				if !f.IsDER {
					at = lint.TextValue(f.Line, 1, "-----BEGIN "+f.Type+"-----")
				}
				check(p, held{Found: f, file: d, at: at, store: len(l) >= storeSize})
			}
		}},
	}
}
