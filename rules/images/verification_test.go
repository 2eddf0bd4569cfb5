package images_test

import (
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules/images"
)

// TestVerification: which policies replace a digest.
func TestVerification(t *testing.T) {
	const pod = `
apiVersion: v1
kind: Pod
metadata: {name: app, namespace: web}
spec:
  containers: [{name: app, image: ghcr.io/acme/app:1.0}]
---
`
	kyverno := func(rest string) string {
		return "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: signed}\nspec:\n" + rest
	}
	const (
		match   = "    match: {any: [{resources: {kinds: [Pod]}}]}\n"
		verify  = "    verifyImages: [{imageReferences: ['ghcr.io/acme/*'], attestors: [{count: 1}]}]\n"
		enforce = "  validationFailureAction: Enforce\n  rules:\n  - name: a\n"
		ivp     = "apiVersion: policies.kyverno.io/v1\nkind: ImageValidatingPolicy\nmetadata: {name: signed}\nspec:\n  matchConstraints: {resourceRules: [{apiGroups: [''], resources: [pods]}]}\n  matchImageReferences: [{glob: 'ghcr.io/*'}]\n"
		cip     = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: signed}\nspec:\n"
		gate    = "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: RatifyVerification\nmetadata: {name: signed}\nspec:\n"
	)
	for _, tt := range []struct {
		name, policy string
		verified     bool
	}{
		{"no policy", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}", false},
		{"kyverno", kyverno(enforce + match + verify), true},
		{"kyverno warns", kyverno("  rules:\n  - name: a\n" + match + verify), false},
		{"kyverno, action of the rule", kyverno("  rules:\n  - name: a\n" + match + "    verifyImages: [{failureAction: Enforce, imageReferences: ['*'], attestors: [{count: 1}]}]\n"), true},
		{"kyverno, other images", kyverno(enforce + match + "    verifyImages: [{imageReferences: ['ghcr.io/other/*'], attestors: [{count: 1}]}]\n"), false},
		{"kyverno, not required", kyverno(enforce + match + "    verifyImages: [{required: false, imageReferences: ['*'], attestors: [{count: 1}]}]\n"), false},
		{"kyverno verifies nothing", kyverno(enforce + match + "    verifyImages: [{imageReferences: ['*']}]\n"), false},
		{"kyverno, other kinds", kyverno(enforce + "    match: {any: [{resources: {kinds: [Service]}}]}\n" + verify), false},
		{"kyverno, its namespace", kyverno(enforce + "    match: {resources: {kinds: [Pod], namespaces: ['w*']}}\n" + verify), true},
		{"kyverno, other namespace", kyverno(enforce + "    match: {resources: {kinds: [Pod], namespaces: [other]}}\n" + verify), false},
		{"kyverno, by label", kyverno(enforce + "    match: {resources: {kinds: [Pod], selector: {matchLabels: {a: b}}}}\n" + verify), false},
		{"kyverno, excluded", kyverno(enforce + match + "    exclude: {any: [{resources: {kinds: [Pod], namespaces: [web]}}]}\n" + verify), false},
		{"kyverno, other excluded", kyverno(enforce + match + "    exclude: {any: [{resources: {kinds: [Pod], namespaces: [other]}}]}\n" + verify), true},
		{"kyverno, excluded by subject", kyverno(enforce + match + "    exclude: {any: [{resources: {kinds: [Pod], annotations: {a: b}}}]}\n" + verify), false},
		{"validating policy", ivp + "  validationActions: [Deny]\n", true},
		{"validating policy warns", ivp + "  validationActions: [Audit]\n", false},
		{"sigstore", cip + "  images: [{glob: 'ghcr.io/**'}]\n  authorities: [{keyless: {url: 'https://fulcio.example.com'}}]\n", true},
		{"sigstore, one level", cip + "  images: [{glob: 'ghcr.io/*'}]\n  authorities: [{keyless: {}}]\n", false},
		{"sigstore passes all", cip + "  images: [{glob: '**'}]\n  authorities: [{static: {action: pass}}]\n", false},
		{"sigstore warns", cip + "  mode: warn\n  images: [{glob: '**'}]\n  authorities: [{keyless: {}}]\n", false},
		{"sigstore, namespace opted in", cip + "  images: [{glob: '**'}]\n  authorities: [{keyless: {}}]\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: web, labels: {policy.sigstore.dev/include: 'true'}}\n", true},
		{"sigstore, namespace not opted in", cip + "  images: [{glob: '**'}]\n  authorities: [{keyless: {}}]\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n", false},
		{"ratify", gate + "  enforcementAction: deny\n  match: {kinds: [{apiGroups: [''], kinds: [Pod]}], namespaces: [web]}\n", true},
		{"ratify, excluded", gate + "  match: {excludedNamespaces: [web]}\n", false},
		{"ratify, dry run", gate + "  enforcementAction: dryrun\n", false},
	} {
		u := &lint.Unit{Input: "test"}
		data := []byte(pod + tt.policy)
		source := manifest.NewSource("test.yaml", data)
		for _, d := range manifest.Documents(data) {
			objects, problems := manifest.Objects(d.Node, source)
			for _, p := range problems {
				t.Errorf("%s: %v", tt.name, p)
			}
			u.Objects = append(u.Objects, objects...)
		}
		c := lint.Checker{Rules: []*lint.Rule{images.ImageDigest}, Version: lint.Newest}
		findings, _ := c.Check(u)
		if verified := len(findings) == 0; verified != tt.verified {
			t.Errorf("%s: verified is %t; want %t", tt.name, verified, tt.verified)
		}
	}
}
