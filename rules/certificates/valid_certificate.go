package certificates

import (
	"encoding/base64"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/certificate"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// ValidCertificate reports certificates and requests for certificates that cannot be read, and Secrets
// of type kubernetes.io/tls whose tls.crt holds none.
//
// Whatever uses the certificate does not start, or serves one that clients refuse. People then turn
// verification off.
//
// A caBundle with white space only, a frame of PEM with nothing or dots in it, its first line alone, and placeholders are not reported:
// something fills them in later.
// What is within a certificate is judged by other rules.
var ValidCertificate = &lint.Rule{
	ID:        "valid-certificate",
	Title:     "Certificate cannot be read",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-certificate-management"},
	Refs:      controls(),
	Fix:       "write the certificate again, in PEM",
	Check:     lint.Checks{each(checkReadable), lint.ObjectCheck(checkSecret)},
}

func checkReadable(p *lint.Pass, h held) {
	if h.Broken {
		p.Report(h.diagnostic("a " + strings.ToLower(h.Type) + " that cannot be read"))
	}
}

// checkSecret judges a Secret that must hold a certificate.
func checkSecret(p *lint.Pass, o *lint.Object) {
	if !o.IsSecret() || o.Root.Get("type").Text() != "kubernetes.io/tls" {
		return
	}
	for _, field := range []string{"data", "stringData"} {
		v := o.Root.Get(field).Child("tls.crt")
		text := strings.TrimSpace(v.Text())
		plain := text
		if text == "" || node.HasPlaceholder(text) {
			continue
		}
		if field == "data" {
			raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
			if err != nil || strings.TrimSpace(string(raw)) == "" || node.HasPlaceholder(string(raw)) {
				continue
			}
			plain = strings.TrimSpace(string(raw))
		}
		if len(certificate.In(text)) > 0 {
			continue
		}
		d := lint.Diagnostic{Object: o, At: v, Message: o.KindName() + " holds no certificate in " + v.Path() + "; want one in PEM"}
		if detect.IsPlaceholder(plain) { // the private key beside it must not come into the repository
			d.Fix = lint.Advice("have cert-manager or an external store of secrets supply the Secret, or remove it if they do")
		}
		p.Report(d)
	}
}
