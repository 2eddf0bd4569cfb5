package secrets

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/certificate"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// NoCAPrivateKey reports private keys of certificate authorities anywhere in an object.
//
// Anyone who has the key makes certificates that everything in its realm believes: for a cluster's
// own authority that is a client certificate of any user, system:masters included, and the
// only way to take it back is to replace the authority and all that trusts it.
//
// A key is an authority's if a certificate for authorities is beside it, in the same text
// or as the tls.crt of its Secret, or if its name says so: ca.key, ca-key.pem, rootCA.key. A certificate
// that a server issued to itself is none, although tools mark it so. Keys that a chart generates when it is
// installed are not reported. Messages and source lines are masked.
var NoCAPrivateKey = &lint.Rule{
	ID:        "no-ca-private-key",
	Title:     "Private key of a certificate authority is written in a manifest",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-root-ca"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Secrets"},
	},
	Fix: "keep the key offline or in a managed authority, remove it here, and replace the authority: its key was published",
	Check: lint.Checks{
		lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
			for _, s := range authorityKeys(p, o) {
				p.Report(s.diagnostic(o, "it offline or in a managed authority"))
			}
		}),
		lint.DocumentCheck{Of: lint.DocumentPEM, Check: checkKeyFile},
	},
}

// checkKeyFile reports a file with the private key of an authority: by a certificate in the
// same file, or by its name.
func checkKeyFile(p *lint.Pass, d *lint.Document) {
	text, _ := d.Data.(string)
	if !isAuthorityName(path.Base(d.File)) && !detect.IsAuthority(text) {
		return
	}
	for _, f := range certificate.InFile(text) {
		if f.IsKey {
			at := lint.Value{} // DER has no lines
			if !f.IsDER {
				at = lint.TextValue(f.Line, 1, "-----BEGIN "+f.Type+"-----")
			}
			p.Report(lint.Diagnostic{
				Document: d, At: at, KnownPart: true, Fix: fixOfFile(path.Base(d.File), text),
				Message: "file holds the private key of a certificate authority; want it offline or in a managed authority",
			})
			return
		}
	}
}

// fixOfFile is what to do about a file with the key of a certificate that only its mark says to be an authority's: the key of a server has to be
// online. It is zero for that of a real one.
func fixOfFile(name, text string) lint.Intent {
	const ofServer = "issue the server a certificate without CA:TRUE, with a new key that a vault supplies, and remove this one: its key was published"
	switch {
	case isAuthorityName(name) || !detect.IsOnlyMarked(text):
		return lint.Intent{}
	case strings.Contains(text, "-----BEGIN DH PARAMETERS-----"): // as servers read them beside their key
		return lint.Advice(ofServer)
	}
	return lint.Advice("if a server presents the certificate, " + ofServer + "; else keep the key offline, and replace the authority")
}

// authorityKeys are the private keys of authorities in an object, found once for all
// rules.
func authorityKeys(p *lint.Pass, o *lint.Object) []spot { return authorityIndex(p, o) }

var authorityIndex = lint.ObjectIndex("keys of authorities", func(_ *lint.Pass, o *lint.Object) []spot {
	if !mayHoldKey(o.Root.Node) || isEncrypted(o) || isSealing(o) {
		return nil
	}
	w := authorityWalker{}
	w.walk("", o.Root, lint.Value{})
	return w.found
})

// mayHoldKey looks, without names and paths, for the text of a private key: most objects have none.
func mayHoldKey(n *yaml.Node) bool {
	for s := range node.Scalars(n) {
		if isKeyText(s.Value) {
			return true
		}
	}
	return false
}

// isKeyText reports whether a text holds a private key, in PEM or in base64 of it, or
// may do so.
func isKeyText(text string) bool {
	return strings.Contains(text, "PRIVATE KEY-----") || strings.Contains(text, "LS0tLS1CRUdJTi")
}

// authorityWalker looks for the keys of authorities in an object.
type authorityWalker struct {
	seen  int
	found []spot
}

// walk looks at a value. The key is that of the value, or the name beside it.
func (w *authorityWalker) walk(key string, v, parent lint.Value) {
	if w.seen++; w.seen > maxFields {
		return
	}
	switch {
	case v.IsMap():
		for k, c := range v.Entries() {
			if name := v.Get("name").Text(); k == "value" && name != "" {
				k = name
			}
			w.walk(k, c, v)
		}
	case v.IsList():
		for c := range v.Items() {
			w.walk(key, c, parent)
		}
	case v.IsScalar() && isKeyText(v.Node.Value):
		for _, s := range inText(inField, key, v) {
			if s.Kind == detect.PrivateKey && isAuthority(key, s.name, v, parent) {
				s.What = "the private key of a certificate authority"
				w.found = append(w.found, s)
				return
			}
		}
	}
}

// isAuthority reports whether a private key is an authority's: by the certificate in the
// same text or beside it, or by its name.
func isAuthority(key, name string, v, parent lint.Value) bool {
	return isAuthorityName(key) || isAuthorityName(name) || detect.IsAuthority(v.Node.Value) || detect.IsAuthority(certificateBeside(parent, key))
}

// certificateBeside is the text of the certificate beside a key: tls.crt
// beside tls.key.
func certificateBeside(parent lint.Value, key string) string {
	name, ok := strings.CutSuffix(key, ".key")
	if !ok {
		return ""
	}
	v := parent.Child(name + ".crt")
	if text, ok := decode(v); ok {
		return text
	}
	if v.IsScalar() {
		return v.Node.Value
	}
	return ""
}

// isAuthorityName reports names of an authority's key.
func isAuthorityName(key string) bool {
	words := detect.Words(key)
	return slices.Contains(words, "ca") || slices.ContainsFunc(words, func(w string) bool {
		return w == "cakey" || w == "rootca" || w == "cacert"
	})
}
