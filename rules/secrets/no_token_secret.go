package secrets

import (
	"cmp"

	"github.com/kubevet/kubevet/lint"
)

// NoTokenSecret reports Secrets of type kubernetes.io/service-account-token.
//
// Kubernetes fills such a Secret with a token that never expires. It works from everywhere,
// after the pod that used it was deleted, and until the Secret or the account is deleted. Anyone who may
// read the Secrets of the namespace has the account's rights.
//
// Bound tokens expire, and end with their pod: pods get them by a projected volume, others by
// kubectl create token or the TokenRequest API. A cluster outside that cannot renew a token is
// the exception, and so are programs that look for a Secret of this type; suppress the finding there, with the
// reason. Argo Workflows is one, for the accounts of its single sign-on.
var NoTokenSecret = &lint.Rule{
	ID:        "no-token-secret",
	Title:     "Secret holds a service account token that never expires",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-bound-tokens"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Protecting Pod service account tokens"},
	},
	Fix:    "remove the Secret, and use a projected serviceAccountToken volume or the TokenRequest API",
	Unless: "what uses the token reads exactly this Secret, or cannot renew a token",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		v := o.Root.Get("type")
		if !o.Is("", "Secret") || v.Text() != tokenSecret {
			return
		}
		whose := "a service account"
		name := o.Root.Get("metadata.annotations").Child("kubernetes.io/service-account.name")
		if name.Text() != "" {
			whose = "service account " + name.Text()
		}
		p.Report(lint.Diagnostic{Object: o, At: v, Fix: keepSignOn(p, o, name.Text()), Message: "Secret asks for a token of " + whose + " that never expires; want a bound token"})
	}),
}

const tokenSecret = "kubernetes.io/service-account-token"

// signOn are the Secrets that Argo Workflows reads for the accounts of its single sign-on, by their namespaces and names.
var signOn = lint.UnitIndex("accounts of single sign-on", func(p *lint.Pass) map[account]string {
	secrets := map[account]string{}
	for _, o := range p.Unit.Objects {
		annotations := o.Root.Get("metadata.annotations")
		if o.Is("", "ServiceAccount") && annotations.Child("workflows.argoproj.io/rbac-rule").IsSet() {
			token := annotations.Child("workflows.argoproj.io/service-account-token.name").Text()
			listed := ""
			for v := range o.Root.Get("secrets").Items() {
				listed = v.Get("name").Text()
				break
			}
			secrets[account{o.Namespace, o.Name}] = cmp.Or(listed, token, o.Name+".service-account-token")
		}
	}
	return secrets
})

// keepSignOn is the advice about a Secret that Argo Workflows needs, that of the rule for others.
func keepSignOn(p *lint.Pass, o *lint.Object, name string) lint.Intent {
	if name == "" || signOn(p)[account{o.Namespace, name}] != o.Name {
		return lint.Intent{Removal: "remove the Secret"}
	}
	return lint.Advice("give service account " + name + " only the rights that people need who log in to Argo Workflows with it, which reads exactly this Secret: ignore the finding with that reason")
}
