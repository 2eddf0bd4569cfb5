package network

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// NoAPIServerEgress reports rules of network policies that let pods without a token reach the API
// server.
//
// Pods that have no token have no business there. Anyone who takes one over can look for what the API
// server gives to anonymous users, try stolen tokens, and use the next vulnerability.
//
// Reported are egress rules for port 6443 that name no peers or every address, and Cilium's entity
// kube-apiserver, if none of the pods that the policy selects has a token: automountServiceAccountToken is
// false in the pod, or in its service account, and no volume projects one. Port 443 is not judged, since it
// leads to the whole Internet too. The rule is part of the strict profile only.
var NoAPIServerEgress = &lint.Rule{
	ID:        "no-api-server-egress",
	Title:     "Network policy allows the API server to pods without a token",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-policies-all-workloads"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network policies"},
		{Standard: owasp, Control: "K05"},
	},
	Fix: "leave the API server out of the policy",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		n := connect.Of(p)
		for _, policy := range connect.PoliciesOf(p, o) {
			subjects := n.Subjects(policy)
			if len(subjects) == 0 || slices.ContainsFunc(subjects, n.MayHaveToken) {
				return
			}
		}
		checkNodePorts(p, o, "the API server", connect.Target{APIServer: true}, 6443)
	}),
}
