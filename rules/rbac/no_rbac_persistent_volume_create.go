package rbac

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoRBACPersistentVolumeCreate reports roles that let their subjects create or change PersistentVolumes.
//
// A volume of type hostPath is a directory of the node, and a pod that mounts it by a claim meets Pod
// Security: it checks the pod alone. A change of claimRef hands the data of a volume to another claim.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Storage drivers need the right: a role is taken for that of one if it also names the VolumeAttachments or CSINodes of
// storage.k8s.io, or the VolumeSnapshotContents of snapshot.storage.k8s.io. A Role cannot grant it, since these volumes belong to no
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
	Check:  grantsUnless(isOfStorageDriver, "persistentvolumeclaims only", "persistent-volume-create"),
}

// isOfStorageDriver reports a role of a program that provisions or attaches volumes: it names what only such a program uses.
func isOfStorageDriver(_ *lint.Pass, r *access.Role) bool {
	return slices.ContainsFunc(r.Rules, func(rule access.PolicyRule) bool {
		for _, of := range [...]access.Resource{
			{Group: "storage.k8s.io", Name: "volumeattachments"},
			{Group: "storage.k8s.io", Name: "csinodes"},
			{Group: "snapshot.storage.k8s.io", Name: "volumesnapshotcontents"},
		} {
			if slices.Contains(rule.Groups, of.Group) && slices.Contains(rule.Resources, of.Name) {
				return true
			}
		}
		return false
	})
}
