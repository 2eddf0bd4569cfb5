package access

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Power is a right that is worth more than its name says: anyone who holds it can come to
// hold others, or can do much harm.
type Power struct {
	// ID names the power in reports, such as secrets-read.
	ID string
	// Does completes the sentence "the holder may …".
	Does string
	// ClusterOnly is set if the resources belong to no namespace, so that a Role or a
	// RoleBinding does not give the power.
	ClusterOnly bool
	// Cluster and Namespaced are how bad the power is over the whole cluster, and in one
	// namespace, in the hands of a person.
	Cluster, Namespaced lint.Severity

	rights []right
	// rightsOfRole replace rights in a Role, if not nil: what it can grant of them.
	rightsOfRole []right
	// counts reports whether an entry that is limited to an object of a name still gives
	// the power. It is nil if it does not.
	counts func(name string) bool
	// requires is a right that the role must grant too, in any of its entries. It is nil if there is none.
	requires *right
}

// right is verbs on resources of an API group.
type right struct {
	group     string
	resources []string
	verbs     []string
}

var (
	reads  = []string{"get", "list", "watch"}
	writes = []string{"create", "update", "patch", "delete", "deletecollection"}
)

// Powers is every power, the worst first. It must not be changed.
var Powers = []*Power{
	{
		ID: escalate, Does: "write roles with rights that the holder lacks, or bind such roles", Cluster: lint.Critical, Namespaced: lint.High,
		rights: []right{{rbacGroup, []string{"clusterroles", "roles"}, []string{"escalate", "bind"}}},
		counts: isAdminRole,
	},
	{
		ID: "impersonate", Does: "act as another user or group", ClusterOnly: true, Cluster: lint.Critical,
		rights: []right{
			{"", []string{"users", "groups"}, []string{"impersonate"}},
			{"authentication.k8s.io", []string{"uids", "userextras/*"}, []string{"impersonate"}},
		},
		counts: isAdminSubject,
	},
	{
		ID: "impersonate-accounts", Does: "act as a service account", Cluster: lint.Critical, Namespaced: lint.Medium,
		rights: []right{{"", []string{"serviceaccounts"}, []string{"impersonate"}}},
	},
	{
		ID: "secrets-read", Does: "read Secrets", Cluster: lint.High, Namespaced: lint.Medium,
		rights: []right{{"", []string{"secrets"}, reads}},
	},
	{
		ID: "pod-exec", Does: "run commands in containers", Cluster: lint.High, Namespaced: lint.Medium,
		rights: []right{
			{"", []string{"pods/exec", "pods/attach"}, []string{"create", "get"}},
			{"", []string{"pods/ephemeralcontainers"}, []string{"update", "patch"}},
		},
	},
	{
		ID: "token-create", Does: "create tokens of service accounts", Cluster: lint.High, Namespaced: lint.Medium,
		rights: []right{{"", []string{"serviceaccounts/token"}, []string{"create"}}},
	},
	{
		ID: "csr-approve", Does: "approve client certificates", ClusterOnly: true, Cluster: lint.High,
		rights:   []right{{certificatesGroup, []string{"certificatesigningrequests/approval"}, []string{"update", "patch"}}},
		requires: &right{certificatesGroup, []string{"signers"}, []string{"approve"}},
	},
	{
		ID: "csr-sign", Does: "sign client certificates", ClusterOnly: true, Cluster: lint.High,
		rights:   []right{{certificatesGroup, []string{"certificatesigningrequests/status"}, []string{"update", "patch"}}},
		requires: &right{certificatesGroup, []string{"signers"}, []string{"sign"}},
	},
	{
		ID: "node-proxy", Does: "use the API of every kubelet, past audit and admission", ClusterOnly: true, Cluster: lint.High,
		rights: []right{{"", []string{"nodes/proxy"}, []string{"get", "create", "update", "patch", "delete"}}},
	},
	{
		ID: "webhook-write", Does: "change what the API server admits, and see every object that is written", ClusterOnly: true, Cluster: lint.High,
		rights: []right{{"admissionregistration.k8s.io", []string{
			"mutatingwebhookconfigurations", "validatingwebhookconfigurations", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
			"validatingadmissionpolicies", "validatingadmissionpolicybindings",
		}, writes}},
	},
	{
		ID: "secrets-write", Does: "write Secrets", Cluster: lint.Medium, Namespaced: lint.Low,
		rights: []right{{"", []string{"secrets"}, writes}},
	},
	{
		ID: "pod-portforward", Does: "reach the ports of containers, past network policies", Cluster: lint.Medium, Namespaced: lint.Low,
		rights: []right{
			{"", []string{"pods/portforward"}, []string{"create", "get"}},
			{"", []string{"pods/proxy"}, []string{"create", "get", "update", "patch", "delete"}},
		},
	},
	{
		ID: "workload-write", Does: "run pods as any service account", Cluster: lint.Medium, Namespaced: lint.Medium,
		rights: []right{
			{"", []string{"pods", "replicationcontrollers"}, writes},
			{"apps", []string{"deployments", "statefulsets", "daemonsets", "replicasets"}, writes},
			{"batch", []string{"jobs", "cronjobs"}, writes},
		},
	},
	{
		ID: "workload-stop", Does: "scale and evict workloads", Cluster: lint.Low, Namespaced: lint.Low,
		rights: []right{
			{"", []string{"replicationcontrollers/scale"}, []string{"update", "patch"}},
			{"apps", []string{"deployments/scale", "statefulsets/scale", "replicasets/scale"}, []string{"update", "patch"}},
			{"", []string{"pods/eviction"}, []string{"create"}},
		},
	},
	{
		ID: "persistent-volume-create", Does: "create volumes that are directories of a node", ClusterOnly: true, Cluster: lint.Medium,
		rights: []right{{"", []string{"persistentvolumes"}, []string{"create", "update", "patch"}}},
	},
	{
		ID: "api-write", Does: "change which APIs the API server serves", ClusterOnly: true, Cluster: lint.Medium,
		rights: []right{
			{"apiextensions.k8s.io", []string{"customresourcedefinitions"}, writes},
			{"apiregistration.k8s.io", []string{"apiservices"}, writes},
		},
	},
	{
		ID: "namespace-write", Does: "change the labels by which namespaces enforce Pod Security", Cluster: lint.Medium, Namespaced: lint.Medium,
		rights: []right{{"", []string{"namespaces"}, writes}},
		// Requests to create namespaces, and to delete many, are in no namespace.
		rightsOfRole: []right{{"", []string{"namespaces"}, []string{"update", "patch", "delete"}}},
	},
	{
		ID: "config-write", Does: "change the ConfigMaps of the cluster's own components", Cluster: lint.Low, Namespaced: lint.Low,
		rights: []right{{"", []string{"configmaps"}, writes}},
	},
	{
		ID: "event-delete", Does: "delete events", Cluster: lint.Low, Namespaced: lint.Low,
		rights: []right{
			{"", []string{"events"}, []string{"delete", "deletecollection"}},
			{"events.k8s.io", []string{"events"}, []string{"delete", "deletecollection"}},
		},
	},
}

const certificatesGroup = "certificates.k8s.io"

// isAdminRole reports whether the right to bind a role of Kubernetes' own, and none else, makes
// an administrator.
func isAdminRole(name string) bool { return name == "cluster-admin" || name == "admin" }

// isAdminSubject reports whether the right to act as one user or group alone makes an
// administrator.
func isAdminSubject(name string) bool {
	return name == "system:masters" || name == "kubeadm:cluster-admins"
}

// FindPower is the power of an ID, or nil.
func FindPower(id string) *Power {
	i := slices.IndexFunc(Powers, func(p *Power) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return Powers[i]
}

// Grant is what of a power an entry gives.
type Grant struct {
	Power *Power
	// Verbs and Resources are what the entry has of the power, in the order of the power.
	Verbs, Resources []string
	// Names are those of resourceNames that give the power although the entry is limited to them, and IsOwn says that they are roles
	// which a holder has. They are nil if there is no such limit.
	Names []string
	IsOwn bool
	// Rule is the entry, and At its element that is about the first of the resources, or of the names.
	Rule *PolicyRule
	At   lint.Value
}

// Grants lists what an entry of the role gives of the powers.
func (r *Role) Grants(rule *PolicyRule) []Grant {
	var l []Grant
	for _, p := range Powers {
		if g, ok := r.Grant(rule, p); ok {
			l = append(l, g)
		}
	}
	return l
}

// Grant is what an entry of the role gives of a power. ok is false if it gives none.
func (r *Role) Grant(rule *PolicyRule, p *Power) (g Grant, ok bool) {
	g = Grant{Power: p, Rule: rule}
	if p.ClusterOnly && !r.IsCluster() || rule.Named && !g.limit() {
		return g, false
	}
	rights := p.rights
	if !r.IsCluster() && p.rightsOfRole != nil {
		rights = p.rightsOfRole
	}
	for _, right := range rights {
		verbs, resources := rule.has(right)
		if g.IsOwn {
			verbs = []string{escalate} // who binds a role of their own gains nothing
		}
		if len(verbs) > 0 && len(resources) > 0 {
			g.Verbs, g.Resources = appendNew(g.Verbs, verbs), appendNew(g.Resources, resources)
		}
	}
	if len(g.Resources) == 0 || p.requires != nil && !slices.ContainsFunc(r.Rules, func(other PolicyRule) bool { return other.hasSigner(*p.requires) }) {
		return g, false
	}
	g.At = rule.resourceElement(g.Resources)
	if len(g.Names) > 0 && p.ID == escalate {
		g.At = rule.Element("resourceNames", g.Names[0])
	}
	return g, true
}

// escalate is the verb by which its holder writes rights into a role that they lack.
const escalate = "escalate"

// limit takes the names by which an entry with resourceNames gives the power, and reports whether there are any.
func (g *Grant) limit() bool {
	if g.Power.counts != nil {
		for _, name := range g.Rule.Names {
			if g.Power.counts(name) {
				g.Names = append(g.Names, name)
			}
		}
	}
	if len(g.Names) == 0 && g.Power.ID == escalate {
		g.Names, g.IsOwn = g.Rule.own, len(g.Rule.own) > 0
	}
	return len(g.Names) > 0
}

// has is what an entry has of a right, without names.
func (r *PolicyRule) has(x right) (verbs, resources []string) {
	if !r.HasGroup(x.group) {
		return nil, nil
	}
	for _, v := range x.verbs {
		if r.HasVerb(v) {
			verbs = append(verbs, v)
		}
	}
	for _, name := range x.resources {
		if r.HasResource(name) {
			resources = append(resources, name)
		}
	}
	return verbs, resources
}

// hasSigner reports whether an entry lets its holder act for a signer whose certificates the
// API server takes for those of clients.
func (r *PolicyRule) hasSigner(x right) bool {
	verbs, resources := r.has(x)
	return len(verbs) > 0 && len(resources) > 0 && (!r.Named || slices.ContainsFunc(r.Names, func(name string) bool {
		return name == "kubernetes.io/*" || strings.HasPrefix(name, "kubernetes.io/kube-apiserver-client")
	}))
}

// resourceElement is the element of resources that is about one of some resources.
func (r *PolicyRule) resourceElement(resources []string) lint.Value {
	l := r.At.Get("resources")
	for item := range l.Items() {
		if have := item.Written(); slices.ContainsFunc(resources, func(name string) bool { return resourceMatches(have, name) }) {
			return item
		}
	}
	return l
}

func appendNew(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// IsFull reports whether an entry is all rights over every resource of the core group: with *,
// or with the verbs one by one. It includes the power over Secrets, pods and accounts.
func (r *PolicyRule) IsFull() bool {
	if !slices.Contains(r.Resources, "*") || !r.HasGroup("") || r.Named {
		return false
	}
	return slices.Contains(r.Verbs, "*") || !slices.ContainsFunc([]string{"get", "list", "create", "update", "delete"}, func(v string) bool { return !r.HasVerb(v) })
}
