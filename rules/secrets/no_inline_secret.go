package secrets

import (
	"cmp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoInlineSecret reports credentials in fields of custom resources, in kubeconfigs and in the
// attributes of volumes.
//
// Anyone who can read the repository has the credential, and so has anyone who may read such
// objects in the cluster: the roles view and edit allow that for many custom resources, and
// they are not encrypted at rest by default.
//
// Looked at are the values of HelmReleases, Argo CD Applications and all other custom resources,
// the users of kubeconfigs, parameters of StorageClasses, and volumeAttributes and options of
// volumes. Resources that refer to secrets or encrypt them (ExternalSecret, SealedSecret and the
// like) and policies are skipped. Placeholders, paths and references are fine. A password is medium, since its
// form does not prove that it is in use. Passwords that everybody tries first are reported by
// no-default-password, and keys of cloud providers by no-static-cloud-credentials.
var NoInlineSecret = &lint.Rule{
	ID:        "no-inline-secret",
	Title:     "Field of an object holds a credential",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-secrets-management"},
	Refs:      []lint.Ref{{Standard: nsa, Control: "Secrets"}},
	Fix:       "refer to a Secret that a vault or an encrypted file supplies, and replace the credential: it was published",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		for _, s := range spots(p, o) {
			if s.rule() != p.Rule.ID {
				continue
			}
			if o.Is("", "Config") { // by its place in a kubeconfig it gives access to a cluster
				isExec := strings.Contains(s.at.Path(), ".user.exec.") // the other rule is not about those
				if isOfKubeconfig(p, o) && !isExec {
					continue
				}
				d := s.diagnostic(o, "a program under exec that supplies it")
				d.Fix.Title = "let a program under user.exec supply the credential, and revoke this one: it was published"
				if isExec {
					d = s.diagnostic(o, "it from the environment of the person or a file")
					d.Fix.Title = "let the program take the credential from the environment of the person or from a file, and replace it: it was published"
				}
				p.Report(d)
				continue
			}
			if o.Group() == "kubeadm.k8s.io" { // a file for a program, which knows no Secrets
				d := s.diagnostic(o, "none in the file")
				todo := "write " + s.at.Path() + " into the file on the node, before kubeadm runs"
				if strings.HasPrefix(s.at.Path(), "bootstrapTokens") {
					todo = "leave " + s.at.Path() + " out, so that kubeadm makes a token when it starts"
				}
				d.Fix = lint.Advice(todo + ", and revoke this one: it was published")
				p.Report(d)
				continue
			}
			d := s.diagnostic(o, "a reference to a Secret")
			if s.isUnproved() {
				d.Severity, d.Fix.Title = lint.Medium, ifReal(p.Rule.Fix)
			}
			if end := s.filledIn(p, o); end != "" {
				d.Fix.Title = cmp.Or(d.Fix.Title, p.Rule.Fix) + end
			}
			if generated := s.generatedByOperator(o); generated != "" {
				d.Fix.Title = generated
			}
			p.Report(d)
		}
	}),
}
