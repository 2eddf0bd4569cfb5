package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACWorkloadWrite reports roles that let their subjects create, change or delete workloads: pods,
// Deployments, StatefulSets, DaemonSets, ReplicaSets, ReplicationControllers, Jobs and CronJobs.
//
// Anyone who can create or change a pod runs any image in the namespace as any of its service accounts, and
// mounts all of its Secrets. If no Pod Security Standard is enforced, they own the node. Anyone who can delete
// or scale workloads can stop the service.
//
// The severity is for a person who has the right, and one more for everybody. It is one less for a service
// account that a workload of the input runs as, and for a role that nothing in the input binds; where it comes
// out low for these two, the rule is part of the strict profile only. ClusterRoles of Kubernetes' own are
// exempt in what Kubernetes grants them, and entries on all resources are reported by no-rbac-wildcard. A role
// that only deletes, evicts or scales has low severity; programs that drain nodes need pods/eviction. Entries with resourceNames pass, since they grant what
// they name, and so do roles that only the service accounts of Argo CD's application controller and of Flux's kustomize-controller
// and helm-controller have. The configuration names other roles that may change workloads (workload-writers).
var NoRBACWorkloadWrite = &lint.Rule{
	ID:        "no-rbac-workload-write",
	Title:     "Role can change workloads",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-rbac-workload-write"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.4"},
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "grant get, list and watch, leave deployments to a controller, or name the role under workload-writers in the configuration",
	Check: grants("only those who deploy to have that right", "workload-write", "workload-stop"),
}
