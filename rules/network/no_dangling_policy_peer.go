package network

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// NoDanglingPolicyPeer reports peers of network policies that select no pod of the input.
//
// The traffic that the policy is meant to allow is denied, mostly because a label was renamed on one side
// only. Anyone who then removes the policy to make it work leaves the pods open.
//
// Only peers with a podSelector and without a namespaceSelector are judged: they are pods of the policy's
// own namespace. The pods may be of another application that is deployed separately, so the rule is part of the
// strict profile only, with low severity. It reports nothing where no-dangling-network-policy would not.
var NoDanglingPolicyPeer = &lint.Rule{
	ID:        "no-dangling-policy-peer",
	Title:     "Peer of a network policy selects no pods",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-policies-all-workloads"},
	Fix:       "make the podSelector match the labels of the peer's pods",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		n, folders := connect.Of(p), foldersOf(p)
		for _, policy := range n.Policies {
			workloads := cluster.Of(p).Workloads.In(policy.Namespace)
			if !connect.IsNative(policy.Object) || len(workloads) == 0 || !folders.hasPodsOf(policy.Object) || cluster.PodsMayExistElsewhere(p, policy.Object) {
				continue
			}
			for _, d := range []connect.Direction{connect.Ingress, connect.Egress} {
				for _, rule := range policy.Rules[d] {
					for _, peer := range rule.Peers {
						s := peer.Pods
						if s == nil || s.AllPods() || s.Unclear() || !s.OwnNamespace() || len(n.Selected(*s, policy.Namespace)) > 0 || mayBeSelected(p, n, *s, policy.Namespace) || n.QuotesOperand(*s) || anyOpen(workloads) || cluster.SelectedElsewhere(p, policy.Object, s.MatchesLabels) {
							continue
						}
						at := peer.At.Get("podSelector")
						p.Report(lint.Diagnostic{
							Object: policy.Object, At: at,
							Message: policy.KindName() + " has a peer for " + d.String() + " that selects no pods of the input; want " + at.Path() + " to match some",
						})
					}
				}
			}
		}
	}),
}

// anyOpen reports whether pods of some workload may have labels that no file shows.
func anyOpen(workloads []*lint.Workload) bool {
	for _, w := range workloads {
		if w.OpenLabels {
			return true
		}
	}
	return false
}
