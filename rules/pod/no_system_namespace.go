package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// NoSystemNamespace reports workloads in a namespace of the cluster itself: kube-system, kube-public or
// kube-node-lease.
//
// These namespaces hold the service accounts with the most rights, and are often exempt from policies.
// Anyone who may change an application there can reach them.
//
// The rule is part of the strict profile only, since add-ons of the cluster belong there. Static pods
// of the control plane, which have the label tier: control-plane, are exempt.
var NoSystemNamespace = &lint.Rule{
	ID:        "no-system-namespace",
	Title:     "Workload is in a namespace of the cluster itself",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"pod-non-default-namespace", "auth-separate-namespaces"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.6.1"},
		{Standard: nsa, Control: "Namespaces"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set metadata.namespace to a namespace made for the application",
	Check: lint.ObjectCheck(checkSystemNamespace),
}

func checkSystemNamespace(p *lint.Pass, o *lint.Object) {
	if len(o.Workloads) > 0 && slices.Contains(cluster.SystemNamespaces, o.Namespace) && o.Workloads[0].Labels()["tier"] != "control-plane" {
		p.Report(lint.Diagnostic{
			Object: o, At: o.Root.Get("metadata.namespace"),
			Message: o.KindName() + " is in the namespace " + o.Namespace + "; want a namespace of its own",
		})
	}
}
