package secrets

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// TokenExpiration reports projected service account tokens that live longer than a day, and API
// servers that make every token live for a year.
//
// A token that leaks, from a log, a core dump or a shell in the pod, works until it expires,
// wherever it is used from, as long as its pod exists.
//
// The kubelet replaces a token once it is 24 hours old, or has used up four fifths of its life,
// so that a longer life is of no use to the pod. Unset is an hour. The API server refuses less than 600
// seconds, and may shorten what is asked for (--service-account-max-token-expiration).
// kube-apiserver gives the tokens that it mounts by itself a year, for clients that do not read them again, unless
// --service-account-extend-token-expiration is false; where the flag is not set, the strict profile
// reports it.
var TokenExpiration = &lint.Rule{
	ID:        "token-expiration",
	Title:     "Service account token lives longer than a day",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-bound-tokens"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "1.2.30"},
		{Standard: nsa, Control: "Protecting Pod service account tokens"},
	},
	Fix: "set expirationSeconds to 3600, or at most 86400",
	Check: lint.Checks{
		lint.PodCheck(checkProjected),
		controlplane.Each(func(p *lint.Pass, c *controlplane.Component) {
			if c.Program == controlplane.APIServer {
				checkExtended(p, c)
			}
		}),
	},
}

func checkProjected(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		for source := range volume.Get("projected.sources").Items() {
			v := source.Get("serviceAccountToken.expirationSeconds")
			if n, ok := v.Int(); ok && n > maxTokenLife {
				p.Reportf(w.Pod, v, "sets %s: %d; want %d or less", pathBelow(w.Pod, v), n, maxTokenLife)
			}
		}
	}
}

// checkExtended reports an API server that does not keep to the hour that tokens
// are asked for.
func checkExtended(p *lint.Pass, c *controlplane.Component) {
	const flag = "service-account-extend-token-expiration"
	r := c.Lookup(flag, "")
	with := "without --"
	switch {
	case r.State == controlplane.Unknown, r.Text == "false", r.State == controlplane.Unset && p.Profile < lint.Strict:
		return
	case r.State == controlplane.Set:
		with = "with --"
	}
	d := c.Diagnostic(r.At, with+flag+", so tokens live for a year; want false")
	d.Fix.Title = "set --" + flag + "=false"
	p.Report(d)
}

// maxTokenLife is the age at which the kubelet replaces every token, in seconds.
const maxTokenLife = 24 * 60 * 60
