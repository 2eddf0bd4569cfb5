package rbac

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/suggest"
)

// BindingRoleExists reports bindings to roles that do not exist.
//
// The binding gives nothing, so that a program lacks rights that it needs. Anyone who may create
// the role decides later what the subjects may do.
//
// A Role must be in the namespace of its binding. The rule reports one that the input lacks, if the input
// has other Roles in the namespace or Kubernetes has a ClusterRole of the name, and the input could be read and rendered completely. Roles of Kubernetes' own and of well-known
// programs are known. A ClusterRole may come from another source: it is reported only if the name is one of a
// user or group of Kubernetes, such as system:anonymous, or nearly that of a ClusterRole of the input or of Kubernetes.
// If one of the binding and a Role beside it names a namespace and the other none, the person who applies them decides whether
// the Role exists: the rule asks for the namespace, with less severity.
var BindingRoleExists = &lint.Rule{
	ID:        "binding-role-exists",
	Title:     "Binding refers to a role that does not exist",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "name a role that exists",
	Check: lint.UnitCheck(checkRoleRefs),
}

// givenRoles is Roles that Kubernetes and kubeadm create, in kube-system, kube-public or default.
var givenRoles = []string{
	"extension-apiserver-authentication-reader", "kubeadm:bootstrap-signer-clusterinfo", "kubeadm:kubelet-config", "kubeadm:nodes-kubeadm-config", "kube-proxy",
	"system::leader-locking-kube-controller-manager", "system::leader-locking-kube-scheduler", "system:controller:bootstrap-signer",
	"system:controller:cloud-provider", "system:controller:token-cleaner",
}

// noRoles is the names of users and groups of Kubernetes.
var noRoles = []string{
	"system:anonymous", "system:unauthenticated", "system:authenticated", "system:masters", "system:nodes", "system:serviceaccounts", "system:bootstrappers",
}

func checkRoleRefs(p *lint.Pass) {
	a := access.Of(p)
	names := map[string][]string{} // by kind, and namespace of Roles
	for _, r := range a.Roles {
		key := r.Kind
		if !r.IsCluster() {
			key += "/" + r.Namespace
		}
		names[key] = append(names[key], r.Name)
	}
	for _, b := range a.Bindings {
		_, builtIn := access.BuiltIn(b.RoleName, p.Version)
		if b.RoleName == "" || len(a.Given(b)) > 0 || a.IsOfOtherUnit(b) || builtIn && b.RoleKind == "ClusterRole" {
			continue
		}
		if roles := unplaced(a, b); len(roles) > 0 {
			reportNamespace(p, b, roles)
			continue
		}
		d := lint.Diagnostic{
			Object: b.Object, At: b.RoleRef.Get("name"), Absence: true,
			Message: b.KindName() + " refers to " + b.RoleKind + " " + b.RoleName + ", which does not exist; want ",
		}
		switch b.RoleKind {
		case "ClusterRole":
			near := cmp.Or(slip(b.RoleName, names["ClusterRole"]), slip(b.RoleName, access.BuiltInNames()))
			switch {
			case slices.Contains(noRoles, b.RoleName):
				d.Absence = false
				d.Message += "a role, which " + b.RoleName + " is not"
			case near != "":
				d.Fix.Value, d.Message = near, d.Message+near
			default:
				continue
			}
		case "Role":
			beside := names["Role/"+b.Namespace]
			near := slip(b.RoleName, beside)
			switch {
			case slices.Contains(givenRoles, b.RoleName) || p.MayExistElsewhere(b.Object, "Role"):
				continue
			case builtIn:
				d.At, d.Fix = b.RoleRef.Get("kind"), lint.Intent{Title: "set kind: ClusterRole", Value: "ClusterRole"}
				d.Message += "the ClusterRole of that name"
			case near != "":
				d.Fix.Value, d.Message = near, d.Message+near
			case len(beside) > 0:
				d.Message += "one of the namespace"
				proposeNamesake(a, b, &d)
			default:
				continue
			}
		default:
			continue
		}
		p.Report(d)
	}
}

// proposeNamesake proposes the Role that has the name and namespace of a binding, if nothing binds it.
func proposeNamesake(a *access.Access, b *access.Binding, d *lint.Diagnostic) {
	for _, r := range a.Roles {
		if !r.IsCluster() && r.Name == b.Name && r.Namespace == b.Namespace && len(r.Bindings()) == 0 {
			d.Fix = lint.Advice("set name: " + b.Name + ", the Role with the name of the binding, if that is meant")
			d.Message += ", such as " + b.Name
			return
		}
	}
}

// unplaced are the Roles of the name to which a binding refers, where it or they name no namespace: whether
// they are in one is decided by who applies them.
func unplaced(a *access.Access, b *access.Binding) (roles []*access.Role) {
	for _, r := range a.Roles {
		if b.RoleKind == r.Kind && !r.IsCluster() && r.Name == b.RoleName && (r.Namespace == "") != (b.Namespace == "") {
			roles = append(roles, r)
		}
	}
	return roles
}

// reportNamespace reports a binding and a Role beside it of which one names a namespace and the other none.
func reportNamespace(p *lint.Pass, b *access.Binding, roles []*access.Role) {
	roles = slices.DeleteFunc(roles, func(r *access.Role) bool {
		return p.Unit.Kind == lint.UnitManifests && cluster.DirOf(p, r.Object) != cluster.DirOf(p, b.Object)
	})
	if len(roles) != 1 || p.MayExistElsewhere(b.Object, "Role") {
		return
	}
	r := roles[0]
	in, none := r.Object, b.Object
	if r.Namespace == "" {
		in, none = none, in
	}
	p.Report(lint.Diagnostic{
		Object: none, At: none.Root.Get("metadata.namespace"), Severity: lint.Low, Fix: lint.Intent{Title: "set namespace: " + in.Namespace, Value: in.Namespace},
		Message: in.KindName() + " is in namespace " + in.Namespace + ", and " + none.KindName() + " names none; want the same for both, or the binding gives nothing",
		Related: []lint.Related{{Object: in, At: in.Root.Get("metadata.namespace"), Label: "namespace of the " + in.Kind}},
	})
}

// maxSlips limits the names that one is compared with: among many, some differ by a letter.
const maxSlips = 100

// slip is the name that was meant by another which differs by a letter or two. Empty: there is
// none, or it is not clear.
func slip(name string, names []string) string {
	if len(name) < 6 || len(names) > maxSlips {
		return ""
	}
	found := ""
	for _, n := range names {
		if abs(len(n)-len(name)) > 1 || digits(n) != digits(name) || suggest.Distance(n, name) != 1 {
			continue
		}
		if found != "" {
			return ""
		}
		found = n
	}
	return found
}

func abs(n int) int { return max(n, -n) }

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}
