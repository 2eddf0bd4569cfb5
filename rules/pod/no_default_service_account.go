package pod

import "github.com/kubevet/kubevet/lint"

// NoDefaultServiceAccount reports pods that run as the default service account of their namespace.
//
// Every pod that names no account runs as it. A right that one of them needs is granted to all of them,
// today's and tomorrow's, and the audit log cannot distinguish them.
//
// The rule is part of the strict profile only. Pods that set automountServiceAccountToken: false
// are exempt: without a token the account has no effect. Kinds whose operator gives the pods an account
// of their own are not checked if they leave it unset.
var NoDefaultServiceAccount = &lint.Rule{
	ID:        "no-default-service-account",
	Title:     "Pod runs as the default service account",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"auth-service-account-per-service"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.5"},
		{Standard: nsa, Control: "Protecting Pod service account tokens"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set serviceAccountName to a service account made for the workload",
	Check: lint.PodCheck(checkDefaultAccount),
}

func checkDefaultAccount(p *lint.Pass, w *lint.Workload) {
	if on, set := w.Pod.Get("automountServiceAccountToken").Bool(); set && !on {
		return
	}
	v := w.Pod.Get("serviceAccountName")
	if v.Text() == "" {
		if old := w.Pod.Get("serviceAccount"); old.Text() != "" {
			v = old
		}
	}
	switch v.Text() {
	case "":
		p.Reportf(w.Pod, v, "does not set serviceAccountName; want a service account of its own")
	case "default":
		p.Reportf(w.Pod, v, "runs as the service account default; want one of its own")
	}
}
