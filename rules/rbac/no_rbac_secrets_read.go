package rbac

import (
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// secretsRead is the power that NoRBACSecretsRead is about.
const secretsRead = "secrets-read"

// NoRBACSecretsRead reports roles that let their subjects get, list or watch Secrets.
//
// list and watch show the content of Secrets as get does. Secrets hold passwords, keys and, in many clusters,
// tokens of other service accounts: anyone who reads them has the rights of all these.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Entries with resourceNames pass, since they grant what they name.
var NoRBACSecretsRead = &lint.Rule{
	ID:        "no-rbac-secrets-read",
	Title:     "Role can read Secrets",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.2"},
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "name the Secrets in resourceNames, or mount them",
	Unless: "the names are not known beforehand",
	Check:  grants("only the Secrets that are needed, by resourceNames", secretsRead),
}

// listing matches an argument with a list of the resources that a program lists, such as --resources of kube-state-metrics.
var listing = regexp.MustCompile(`(?m)^(--?[\w-]+)[=\s](?:[\w./-]+,)*secrets(?:,[\w./-]+)*$`)

// listingFlag is the flag by which the program that has a token for a role is told to list Secrets among other resources. It is empty if there
// is none.
func listingFlag(r *access.Role, holder *access.Subject) string {
	s := program(r, holder)
	if s == nil {
		return ""
	}
	for _, c := range s.Workload.Containers {
		args := append(c.Get("command").Strings(), c.Get("args").Strings()...)
		if m := listing.FindStringSubmatch(strings.Join(args, "\n")); m != nil {
			return m[1] + " of " + s.Workload.Ref().String()
		}
	}
	return ""
}
