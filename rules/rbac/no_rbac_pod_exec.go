package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACPodExec reports roles that let their subjects run commands in containers, attach to them, add
// ephemeral containers, or reach their ports through the API server.
//
// A command in a container has its files, its environment, its network and the token of its service account.
// The ports that the API server forwards include those that listen on localhost and those that a network
// policy closes.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Rights on ports alone are one severity less. Before Kubernetes 1.35 the right to get
// pods/exec, pods/attach or pods/portforward is enough, since web sockets begin with a GET; from 1.35 on it
// has low severity.
var NoRBACPodExec = &lint.Rule{
	ID:        "no-rbac-pod-exec",
	Title:     "Role can enter containers",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "remove these resources from the role",
	Unless: "the program needs the right",
	Check:  grants("no access to running containers", "pod-exec", "pod-portforward"),
}
