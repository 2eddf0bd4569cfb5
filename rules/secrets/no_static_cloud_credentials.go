package secrets

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// NoStaticCloudCredentials reports long-lived keys of cloud providers in ConfigMaps, Secrets,
// variables, command lines, annotations and other fields.
//
// The key works from everywhere, until a person revokes it. Anyone who reads it once,
// in the repository, a backup or a pod's environment, has the account's rights without being
// in the cluster.
//
// Recognised by their format are AWS access keys, Google service account keys, Azure storage keys,
// signatures and client secrets, and keys of Alibaba, DigitalOcean, Scaleway, Tencent and Yandex;
// AWS's secret access keys also need a name with aws in it, since other stores have keys of the same form.
// No other rule reports the same value. Google API keys, which no identity
// replaces, are reported by the rules for the place where they are. Messages and source lines are
// masked.
var NoStaticCloudCredentials = &lint.Rule{
	ID:        "no-static-cloud-credentials",
	Title:     "Workload uses a static key of a cloud provider",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-cloud-access"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Secrets"},
	},
	Fix: "use workload identity (IRSA or EKS Pod Identity, GKE or Azure workload identity) and revoke the key",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		for _, s := range spots(p, o) {
			switch {
			case s.rule() != p.Rule.ID:
			case hasWorkloadIdentity(s.Verdict):
				p.Report(s.diagnostic(o, "workload identity"))
			default:
				d := s.diagnostic(o, "a short-lived key from a vault")
				d.Fix.Title = "let a vault supply the key and replace it regularly, and revoke this one"
				p.Report(d)
			}
		}
	}),
}

// hasWorkloadIdentity reports credentials of providers that give pods an identity
// without a key.
func hasWorkloadIdentity(v detect.Verdict) bool {
	for _, provider := range [...]string{"AWS", "Azure", "Google", "Alibaba"} {
		if strings.Contains(v.What, provider) {
			return true
		}
	}
	return false
}
