package secrets

import (
	"encoding/json"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// NoSecretInAnnotation reports annotations of objects and of pod templates that hold a
// credential, and Secrets with a copy of data that holds one in an annotation.
//
// Annotations are metadata: anyone who may list the objects reads them, and watches, logs,
// metrics and events repeat them. Encryption at rest covers Secrets, not annotations.
//
// kubectl.kubernetes.io/last-applied-configuration in a Secret's manifest is a copy of its
// data, made by kubectl apply and exported with the object. It is reported if the data holds a credential. Checksums, names, paths,
// placeholders and references to a vault are fine. Messages and source lines are masked.
var NoSecretInAnnotation = &lint.Rule{
	ID:        "no-secret-in-annotation",
	Title:     "Annotation holds a credential",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-secrets-management"},
	Refs:      []lint.Ref{{Standard: nsa, Control: "Secrets"}},
	Fix:       "remove the annotation, keep the value in a Secret, and replace the credential: it was published",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		for _, s := range spots(p, o) {
			if s.rule() == p.Rule.ID {
				p.Report(s.diagnostic(o, "it in a Secret"))
			}
		}
		v := o.Root.Get("metadata.annotations").Child(lastApplied)
		if o.Is("", "Secret") && !isEncrypted(o) && v.IsScalar() && repeatsData(v.Node.Value) {
			p.Report(lint.Diagnostic{
				Object: o, At: v, Secret: true,
				Message: "Secret repeats its data in " + v.Path() + "; want no copy",
			})
		}
	}),
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// repeatsData reports whether a manifest in JSON is of a Secret whose data holds a credential, by the same judgement as that of a Secret itself.
func repeatsData(text string) bool {
	var o struct {
		Data       map[string]any `json:"data"`
		StringData map[string]any `json:"stringData"`
	}
	if json.Unmarshal([]byte(text), &o) != nil {
		return false
	}
	for key, v := range o.StringData {
		if text, ok := v.(string); ok && len(detect.Secret(key, text)) > 0 {
			return true
		}
	}
	for key, v := range o.Data {
		encoded, _ := v.(string)
		if text, ok := decodeText(encoded); ok && len(decodedHits(key, text, detect.Secret)) > 0 {
			return true
		}
	}
	return false
}
