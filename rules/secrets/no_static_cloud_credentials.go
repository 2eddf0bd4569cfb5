package secrets

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// NoStaticCloudCredentials reports long-lived keys of cloud providers in ConfigMaps, Secrets,
// variables and command lines.
//
// The key works from everywhere, until somebody remembers to revoke it. Whoever reads it once,
// in the repository, a backup or a pod's environment, has the account's rights without being
// in the cluster.
//
// Known by their format: AWS access keys and secret access keys, Google API keys, OAuth secrets
// and service account keys, Azure storage keys, signatures and client secrets, and those of
// Alibaba, DigitalOcean, Scaleway, Tencent and Yandex. no-secret-in-config-map, no-secret-in-env,
// no-secret-in-args and no-literal-secret report the place as well, for where it stands; this
// rule is about there being a static key at all. Messages and source lines are masked.
var NoStaticCloudCredentials = &lint.Rule{
	ID:        "no-static-cloud-credentials",
	Title:     "Workload uses a static key of a cloud provider",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-cloud-access"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Secrets"},
	},
	Fix:   "use workload identity (IRSA or EKS Pod Identity, GKE or Azure workload identity) and revoke the key",
	Check: everywhere(func(v detect.Verdict) bool { return v.Kind == detect.CloudKey }, "workload identity"),
}
