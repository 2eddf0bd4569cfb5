package secrets

import (
	"encoding/json"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// NoSecretInAnnotation reports annotations of objects and of pod templates that hold a
// credential, and Secrets with a copy of their data in an annotation.
//
// Annotations are metadata: whoever may list the objects reads them, and watches, logs,
// metrics and events carry them about. Encryption at rest covers Secrets, not what other
// objects say of them.
//
// kubectl.kubernetes.io/last-applied-configuration in a Secret's manifest is a copy of its
// data, made by kubectl apply and exported with the object. Checksums, names, paths,
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
		if isEncrypted(o) {
			return
		}
		checkAnnotations(p, o, o.Root.Get("metadata.annotations"))
		for _, w := range o.Workloads {
			if w.Template.Path() != "" {
				checkAnnotations(p, o, w.Template.Get("metadata.annotations"))
			}
		}
	}),
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

func checkAnnotations(p *lint.Pass, o *lint.Object, annotations lint.Value) {
	for key, v := range annotations.Entries() {
		if !v.IsScalar() {
			continue
		}
		if key == lastApplied && o.Is("", "Secret") {
			if repeatsData(v.Node.Value) {
				p.Report(lint.Diagnostic{
					Object: o, At: v, Secret: true,
					Message: "Secret repeats its data in " + v.Path() + "; want no copy",
				})
			}
			continue
		}
		for _, s := range spots(key, v, detect.Text(lastWords(key), v.Node.Value), false) {
			if s.Secret() {
				reportObject(p, o, s, "it in a Secret")
			}
		}
	}
}

// lastWords is the name of an annotation without the domain before it.
func lastWords(key string) string {
	if domain, name, ok := strings.Cut(key, "/"); ok && strings.Contains(domain, ".") {
		return name
	}
	return key
}

// repeatsData reports whether a manifest in JSON is of a Secret with data.
func repeatsData(text string) bool {
	var o struct {
		Data       map[string]any `json:"data"`
		StringData map[string]any `json:"stringData"`
	}
	return json.Unmarshal([]byte(text), &o) == nil && len(o.Data)+len(o.StringData) > 0
}
