package rbac

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// NamespacePerSystem reports namespaces that workloads of several systems share.
//
// A namespace is what RBAC, quotas, network policies and Pod Security are set for. Systems that share one share
// their Secrets and service accounts too: anyone who may run pods for one of them has those of all.
//
// The rule is part of the strict profile only. The label app.kubernetes.io/part-of names the system of a workload, on the
// object or its pods, unless the configuration says which workloads are of which system; others are of no known
// system. The first workload of each further system is reported, with the first of the namespace. kube-system, and
// what a chart leaves to the release namespace, are exempt.
var NamespacePerSystem = &lint.Rule{
	ID:        "namespace-per-system",
	Title:     "Systems share a namespace",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"auth-separate-namespaces"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.6.1"},
		{Standard: nsa, Control: "Namespaces"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "give each system a namespace of its own",
	Check: lint.UnitCheck(checkSystems),
}

func checkSystems(p *lint.Pass) {
	type system struct{ namespace, name string }
	first := map[string]*lint.Workload{} // by namespace
	seen := map[system]bool{}
	for _, w := range p.Unit.Workloads() {
		name := cluster.SystemOf(p.Settings, w)
		key := system{w.Namespace, name}
		if name == "" || seen[key] {
			continue
		}
		seen[key] = true
		other := first[w.Namespace]
		if other == nil {
			first[w.Namespace] = w
			continue
		}
		p.Report(lint.Diagnostic{
			Object: w.Object, At: w.Root.Get("metadata.namespace"),
			Related: []lint.Related{{Object: other.Object, At: other.Root.Get("metadata.namespace"), Label: "the other system"}},
			Message: w.KindName() + " of " + name + " is in namespace " + w.Namespace + ", as is " + other.Ref().String() + " of " + cluster.SystemOf(p.Settings, other) + "; want a namespace of its own",
		})
	}
}
