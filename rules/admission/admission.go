// Package admission holds the rules on what the API server admits: admission plugins,
// webhooks and policies. They decide section 8 of the security checklist.
package admission

import (
	"embed"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go
var Source embed.FS

// controls refers to the numbers of the CIS Benchmark, and to NSA and CISA's guide.
func controls(numbers ...string) []lint.Ref {
	var l []lint.Ref
	for _, n := range numbers {
		l = append(l, lint.Ref{Standard: lint.CISBenchmark, Control: n})
	}
	return append(l, lint.Ref{Standard: lint.HardeningGuide, Control: "Control plane hardening"})
}

const (
	webhookGroup = "admissionregistration.k8s.io"
	configGroup  = "apiserver.config.k8s.io"
)

// engines are words in the names of webhooks that enforce rules of security.
var engines = []string{
	"kyverno", "gatekeeper", "opa", "kubewarden", "jspolicy", "k-rail", "polaris", "datree", "connaisseur", "policy", "policies",
	"sigstore", "cosigned", "ratify", "portieris", "notary", "imagepolicy", "image-policy", "security", "neuvector", "aqua", "sysdig",
	"prisma", "twistlock", "stackrox", "trivy", "falco", "pod-security", "podsecurity", "anchore", "kubescape",
}

// isWebhookConfiguration reports a configuration of validating or mutating webhooks.
func isWebhookConfiguration(o *lint.Object) bool {
	return o.Is(webhookGroup, "ValidatingWebhookConfiguration") || o.Is(webhookGroup, "MutatingWebhookConfiguration")
}

// isSecurity reports whether a webhook enforces rules of security: it validates, and its
// name, that of its configuration, or that of its service has the name of a policy engine
// as words.
func isSecurity(o *lint.Object, webhook lint.Value) bool {
	if o.Kind != "ValidatingWebhookConfiguration" {
		return false
	}
	for _, name := range []string{o.Name, webhook.Get("name").Text(), webhook.Get("clientConfig.service.name").Text(), webhook.Get("clientConfig.service.namespace").Text()} {
		words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '.' || r == '-' || r == '_' || r == '/' })
		text := strings.Join(words, "-")
		if slices.ContainsFunc(engines, func(engine string) bool { return strings.Contains("-"+text+"-", "-"+engine+"-") }) {
			return true
		}
	}
	return false
}

// nameOf is how messages name a webhook of a configuration.
func nameOf(o *lint.Object, webhook lint.Value) string {
	return o.KindName() + `, webhook "` + webhook.Get("name").Text() + `",`
}
