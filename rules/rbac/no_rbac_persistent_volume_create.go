package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACPersistentVolumeCreate reports roles that let their subjects create or change PersistentVolumes.
//
// A volume of type hostPath is a directory of the node, and a pod that mounts it by a claim meets Pod
// Security: it checks the pod alone. A change of claimRef hands the data of a volume to another claim.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Storage drivers need the right. A Role cannot grant it, since these volumes belong to no
// namespace.
var NoRBACPersistentVolumeCreate = &lint.Rule{
	ID:        "no-rbac-persistent-volume-create",
	Title:     "Role can write PersistentVolumes",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.9"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "leave PersistentVolumes to the storage driver, and grant persistentvolumeclaims",
	Unless: "the program needs the right",
	Check:  grants("persistentvolumeclaims only", "persistent-volume-create"),
}
