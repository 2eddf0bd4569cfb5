package secrets

import (
	"cmp"
	"regexp"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoTokenSecret reports Secrets of type kubernetes.io/service-account-token, and pods that mount a Secret where the kubelet
// mounts their token.
//
// Kubernetes fills such a Secret with a token that never expires. It works from everywhere,
// after the pod that used it was deleted, and until the Secret or the account is deleted. Anyone who may
// read the Secrets of the namespace has the account's rights.
// A pod with a Secret at /var/run/secrets/kubernetes.io/serviceaccount gets no other token there. Its volume often comes
// from a pod that Kubernetes before 1.24 made, and names a Secret that no cluster makes today: the pod then does not start. The finding is at the volume,
// unless the manifest of the Secret says what is in it.
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
	Check:  lint.Checks{lint.ObjectCheck(checkTokenSecret), lint.PodCheck(checkTokenVolumes)},
}

func checkTokenSecret(p *lint.Pass, o *lint.Object) {
	v := o.Root.Get("type")
	if !o.IsSecret() || v.Text() != tokenSecret {
		return
	}
	whose := "a service account"
	name := o.Root.Get("metadata.annotations").Child("kubernetes.io/service-account.name")
	if name.Text() != "" {
		whose = "service account " + name.Text()
	}
	p.Report(lint.Diagnostic{Object: o, At: v, Fix: keepSignOn(p, o, name.Text()), Message: "Secret asks for a token of " + whose + " that never expires; want a bound token"})
}

// checkTokenVolumes reports the Secrets that a pod mounts where the kubelet mounts its token.
func checkTokenVolumes(p *lint.Pass, w *lint.Workload) {
	at := map[string]bool{} // volumes that are mounted there
	for _, c := range w.Containers {
		for m := range c.Get("volumeMounts").Items() {
			if m.Get("mountPath").Text() == tokenFolder {
				at[m.Get("name").Text()] = true
			}
		}
	}
	for volume := range w.Pod.Get("volumes").Items() {
		v := volume.Get("secret.secretName")
		if !at[volume.Get("name").Text()] || v.Text() == "" || declared(p)[[2]string{w.Namespace, v.Text()}] {
			continue
		}
		p.Report(lint.Diagnostic{
			Subject: w.Pod, At: v, Fix: useOwnToken(w, v.Text()),
			Message: "pod mounts Secret " + v.Text() + " at " + tokenFolder + ", in place of the token that the kubelet mounts there and renews; want no such volume",
		})
	}
}

// declared are the Secrets of a unit, as namespace and name.
var declared = lint.UnitIndex("Secrets by name", func(p *lint.Pass) map[[2]string]bool {
	found := map[[2]string]bool{}
	for _, o := range p.Unit.Objects {
		if o.IsSecret() {
			found[[2]string{o.Namespace, o.Name}] = true
		}
	}
	return found
})

// madeForAccount matches the names of the Secrets that Kubernetes made for service accounts before 1.24: that of the account, and five characters of those
// that its names end with.
var madeForAccount = regexp.MustCompile(`^(.+)-token-[bcdfghjklmnpqrstvwxz2456789]{5}$`)

// useOwnToken is what to do about a Secret that a pod mounts in place of its token: the kubelet mounts that of the pod's own account.
func useOwnToken(w *lint.Workload, secret string) lint.Intent {
	do := "remove the volume and its mounts"
	if m := madeForAccount.FindStringSubmatch(secret); m != nil {
		if name, known := access.AccountName(w); known && name != m[1] {
			do += ", set serviceAccountName: " + m[1]
		}
	}
	if on, set := w.Pod.Get(automount).Bool(); set && !on {
		do += ", and set " + automount + ": true if the program uses the token"
	}
	return lint.Advice(do)
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
