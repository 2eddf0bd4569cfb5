package secrets

import "github.com/kubevet/kubevet/lint"

// TokenExpiration reports projected service account tokens that live longer than a day.
//
// A token that leaks, from a log, a core dump or a shell in the pod, works until it expires,
// wherever it is used from, as long as its pod exists.
//
// The kubelet replaces a token once it is 24 hours old, or has used up four fifths of its life,
// so that a longer life is of no use to the pod. Unset is an hour. The API server refuses less than 600
// seconds, and may shorten what is asked for (--service-account-max-token-expiration).
var TokenExpiration = &lint.Rule{
	ID:        "token-expiration",
	Title:     "Service account token lives longer than a day",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-bound-tokens"},
	Fix:       "set expirationSeconds to 3600, or at most 86400",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		for volume := range w.Pod.Get("volumes").Items() {
			for source := range volume.Get("projected.sources").Items() {
				v := source.Get("serviceAccountToken.expirationSeconds")
				if n, ok := v.Int(); ok && n > maxTokenLife {
					p.Reportf(w.Pod, v, "sets %s: %d; want %d or less", pathBelow(w.Pod, v), n, maxTokenLife)
				}
			}
		}
	}),
}

// maxTokenLife is the age at which the kubelet replaces every token, in seconds.
const maxTokenLife = 24 * 60 * 60
