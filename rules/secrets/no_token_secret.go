package secrets

import "github.com/kubevet/kubevet/lint"

// NoTokenSecret reports Secrets of type kubernetes.io/service-account-token.
//
// Kubernetes fills such a Secret with a token that never expires. It works from everywhere,
// after the pod that used it was deleted, and until the Secret or the account is deleted. Anyone who may
// read the Secrets of the namespace has the account's rights.
//
// Bound tokens expire, and end with their pod: pods get them by a projected volume, others by
// kubectl create token or the TokenRequest API. A cluster outside that cannot renew a token is
// the exception; suppress the finding there, with the reason.
var NoTokenSecret = &lint.Rule{
	ID:        "no-token-secret",
	Title:     "Secret holds a service account token that never expires",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-bound-tokens"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Protecting Pod service account tokens"},
	},
	Fix: "remove the Secret, and use a projected serviceAccountToken volume or the TokenRequest API",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		v := o.Root.Get("type")
		if !o.Is("", "Secret") || v.Text() != tokenSecret {
			return
		}
		whose := "a service account"
		if name := o.Root.Get("metadata.annotations").Child("kubernetes.io/service-account.name"); name.Text() != "" {
			whose = "service account " + name.Text()
		}
		p.Report(lint.Diagnostic{Object: o, At: v, Message: "Secret asks for a token of " + whose + " that never expires; want a bound token"})
	}),
}

const tokenSecret = "kubernetes.io/service-account-token"
