package access

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// builtIn is the ClusterRoles that every cluster has, and what powers they give. A number says
// from which minor version on a role exists or gives a power (@24), or up to which one it gives it
// (@-31); without a number it is every version since 1.22. TestBuiltIn compares the list with
// those of Kubernetes. Of roles that give no power the versions are left out.
var builtIn = readBuiltIn(`
admin: secrets-read pod-exec pod-portforward impersonate-accounts workload-write workload-stop secrets-write config-write token-create@24 event-delete
cluster-admin: *
edit: secrets-read pod-exec pod-portforward impersonate-accounts workload-write workload-stop secrets-write config-write token-create@24 event-delete
system:aggregate-to-admin:
system:aggregate-to-edit: secrets-read pod-exec pod-portforward impersonate-accounts workload-write workload-stop secrets-write config-write token-create@24 event-delete
system:aggregate-to-view:
system:auth-delegator:
system:basic-user:
system:certificates.k8s.io:certificatesigningrequests:nodeclient:
system:certificates.k8s.io:certificatesigningrequests:selfnodeclient:
system:certificates.k8s.io:kube-apiserver-client-approver:
system:certificates.k8s.io:kube-apiserver-client-kubelet-approver:
system:certificates.k8s.io:kubelet-serving-approver:
system:certificates.k8s.io:legacy-unknown-approver:
system:cluster-trust-bundle-discovery:
system:discovery:
system:heapster:
system:kube-aggregator:
system:kube-controller-manager: secrets-write secrets-read token-create
system:kube-dns:
system:kube-scheduler: workload-write
system:kubelet-api-admin: node-proxy
system:monitoring:
system:node: workload-write workload-stop secrets-read token-create
system:node-bootstrapper:
system:node-problem-detector:
system:node-proxier:
system:persistent-volume-provisioner: persistent-volume-create
system:public-info-viewer:
system:service-account-issuer-discovery:
system:volume-scheduler: persistent-volume-create
view:
system:controller:attachdetach-controller:
system:controller:certificate-controller: csr-approve csr-sign
system:controller:clusterrole-aggregation-controller: escalate
system:controller:cronjob-controller: workload-write
system:controller:daemon-set-controller: workload-write
system:controller:deployment-controller: workload-write
system:controller:device-taint-eviction-controller: @36 workload-write
system:controller:disruption-controller:
system:controller:endpoint-controller:
system:controller:endpointslice-controller:
system:controller:endpointslicemirroring-controller:
system:controller:ephemeral-volume-controller:
system:controller:expand-controller: persistent-volume-create secrets-read@-31
system:controller:generic-garbage-collector: node-proxy webhook-write secrets-read secrets-write pod-exec pod-portforward workload-write workload-stop persistent-volume-create api-write namespace-write config-write event-delete
system:controller:horizontal-pod-autoscaler: workload-stop
system:controller:job-controller: workload-write
system:controller:kube-apiserver-serving-clustertrustbundle-publisher:
system:controller:legacy-service-account-token-cleaner: @29 secrets-write
system:controller:namespace-controller: namespace-write node-proxy webhook-write secrets-read secrets-write pod-exec pod-portforward workload-write api-write config-write event-delete
system:controller:node-controller: workload-write
system:controller:persistent-volume-binder: persistent-volume-create workload-write secrets-read@-31
system:controller:pod-garbage-collector: workload-write
system:controller:podcertificaterequestcleaner:
system:controller:pv-protection-controller: persistent-volume-create
system:controller:pvc-protection-controller:
system:controller:replicaset-controller: workload-write
system:controller:replication-controller: workload-write
system:controller:resource-claim-controller:
system:controller:resourcequota-controller: secrets-read
system:controller:root-ca-cert-publisher: config-write
system:controller:route-controller:
system:controller:selinux-warning-controller:
system:controller:service-account-controller:
system:controller:service-cidrs-controller:
system:controller:service-controller:
system:controller:statefulset-controller: workload-write
system:controller:storage-version-migrator-controller: @37 node-proxy webhook-write secrets-read secrets-write pod-exec pod-portforward workload-write workload-stop persistent-volume-create api-write namespace-write config-write
system:controller:ttl-after-finished-controller: workload-write
system:controller:ttl-controller:
system:controller:validatingadmissionpolicy-status-controller:
system:controller:volumeattributesclass-protection-controller:
`)

// builtInRole is a ClusterRole of Kubernetes.
type builtInRole struct {
	// since is the minor version that has the role first. Zero: all have it.
	since int
	gives []givenPower
}

// givenPower is a power that a role gives in some versions: since one, and up to another. Zero: all.
type givenPower struct {
	power       *Power
	since, upTo int
}

func readBuiltIn(text string) map[string]builtInRole {
	m := map[string]builtInRole{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimSpace(line)
		i := strings.LastIndex(line, ":") // names hold colons, the powers none
		var role builtInRole
		for word := range strings.FieldsSeq(line[i+1:]) {
			id, versions, _ := strings.Cut(word, "@")
			n, _ := strconv.Atoi(versions) // 0 without one
			switch id {
			case "":
				role.since = n
			case "*":
				for _, p := range Powers {
					role.gives = append(role.gives, givenPower{power: p})
				}
			default:
				role.gives = append(role.gives, givenPower{FindPower(id), max(n, 0), max(-n, 0)})
			}
		}
		m[line[:i]] = role
	}
	return m
}

// BuiltIn is the powers that a ClusterRole of Kubernetes' own gives in a version of it; the zero
// version is the newest. ok is false if that Kubernetes has none of that name.
func BuiltIn(name string, v lint.Version) (powers []*Power, ok bool) {
	if v == (lint.Version{}) {
		v = lint.Newest
	}
	role, ok := builtIn[name]
	if !ok || !v.AtLeast(role.since) {
		return nil, false
	}
	for _, g := range role.gives {
		if v.AtLeast(g.since) && (g.upTo == 0 || !v.AtLeast(g.upTo+1)) {
			powers = append(powers, g.power)
		}
	}
	return powers, true
}

// BuiltInNames are the names of Kubernetes' own ClusterRoles, sorted.
func BuiltInNames() []string { return slices.Sorted(maps.Keys(builtIn)) }

// IsBuiltIn reports whether Kubernetes has a ClusterRole of the name of this one that gives the
// power too: the role grants nothing that its holders would lack without it.
func (r *Role) IsBuiltIn(p *Power, v lint.Version) bool {
	powers, ok := BuiltIn(r.Name, v)
	return ok && r.IsCluster() && slices.Contains(powers, p)
}

// bootstrap is the ClusterRoleBindings that every cluster of Kubernetes or OpenShift has, and their subjects.
var bootstrap = map[string]map[string]string{ // by role: subject name to kind
	"cluster-admin":                           {"system:masters": "Group"},
	"system:basic-user":                       {"system:authenticated": "Group", "system:unauthenticated": "Group"}, // the latter before 1.14
	"system:discovery":                        {"system:authenticated": "Group", "system:unauthenticated": "Group"},
	"system:public-info-viewer":               {"system:authenticated": "Group", "system:unauthenticated": "Group"},
	"system:cluster-trust-bundle-discovery":   {"system:serviceaccounts": "Group"},
	"system:service-account-issuer-discovery": {"system:serviceaccounts": "Group"},
	"system:openshift:scc:restricted-v2":      {"system:authenticated": "Group"},
	"system:openshift:scc:restricted-v3":      {"system:authenticated": "Group"},
}

// IsBootstrap reports whether Kubernetes itself, or kubeadm, makes the binding of the
// subject's role to the subject: the name of the binding, its role and the subject are theirs.
func (s *Subject) IsBootstrap() bool {
	b := s.Binding
	switch {
	case b.Kind == "ClusterRoleBinding" && b.RoleKind == "ClusterRole" && b.RoleName == b.Name:
		return bootstrap[b.Name][s.Name] == s.Kind
	case b.Kind == "ClusterRoleBinding" && b.Name == "kubeadm:cluster-admins":
		return b.RoleName == "cluster-admin" && s.Kind == "Group" && s.Name == b.Name
	case b.Kind == "RoleBinding" && b.Name == "kubeadm:bootstrap-signer-clusterinfo":
		return b.Namespace == "kube-public" && b.RoleKind == "Role" && b.RoleName == b.Name && s.Kind == "User" && s.Name == "system:anonymous"
	}
	return false
}

// Powers is what a binding gives of the powers, whether its role is of the unit, of another one of its
// cluster, or of Kubernetes' own. full is set if it gives every right.
func (a *Access) Powers(b *Binding) (powers []*Power, full bool) {
	roles := a.Given(b)
	if len(roles) == 0 && a.IsOfOtherUnit(b) {
		return a.others.powersOf(b.role())
	}
	if len(roles) == 0 && b.RoleKind == "ClusterRole" {
		powers, _ = BuiltIn(b.RoleName, a.version)
		return powers, b.RoleName == "cluster-admin"
	}
	for _, r := range roles {
		for i := range r.Rules {
			full = full || r.Rules[i].IsFull()
			for _, g := range r.Grants(&r.Rules[i]) {
				if !slices.Contains(powers, g.Power) {
					powers = append(powers, g.Power)
				}
			}
		}
	}
	return powers, full
}
