package secrets

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoAutomountToken reports pods that get a token of their service account without
// a sign that they need one.
//
// The token is mounted into every container. Anyone who can read a file there speaks to the API
// server as the service account, and has all rights that it was given or will be given.
//
// The pod's field wins over the service account's, and unset means mounted. A service account that sets
// true is reported in place of the pods that leave it the choice. One that sets false may be in other manifests of the repository, if an overlay,
// Flux or Argo CD applies them to the pod's namespace. A pod whose
// service account is a subject of a RoleBinding or ClusterRoleBinding of the same input, or
// gets rights from its ClusterServiceVersion, needs its token and is not reported; bindings of
// groups do not count, but for one of a chart that gives all service accounts rights beside its only workload. Bindings in other manifests of the repository count, too,
// those of the account's name in any namespace if a placeholder is the pod's. So do bindings of a chart that its values disable, if they name the account by the same helper or values key as the pod, and not for a pod security policy alone. Nor is a pod reported where a file beside its own could not be read: a
// binding may be there. Nor is one reported that shows that it uses the token: its command, or a script of a ConfigMap that it mounts, calls kubectl or oc,
// its command has --leader-elect or names a file below /var/run/secrets/kubernetes.io/serviceaccount, a label opens the
// API server to it, such as example.com/kubernetes-api: allow, or annotations have Vault or OpenBao inject an agent with a role, which logs in with the token,
// or it is the head of a cluster of Ray with enableInTreeAutoscaling: true. Volumes that project a token on purpose are not automounting.
// A container that mounts a volume of its own at the place of the token gets none: a pod of which all containers do is not
// reported, and no-token-secret reports it if the volume is a Secret.
var NoAutomountToken = &lint.Rule{
	ID:        "no-automount-token",
	Title:     "Service account token is mounted without need",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-token-automount"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.6"},
		{Standard: nsa, Control: "Protecting Pod service account tokens"},
	},
	Fix:    "set automountServiceAccountToken: false on the pod or on its service account",
	Unless: "the program uses the token",
	Check:  lint.UnitCheck(checkAutomount),
}

func checkAutomount(p *lint.Pass) {
	a := access.Of(p)
	users := map[*lint.Object][]*lint.Workload{} // of the service accounts that set true
	var order []*lint.Object
	inUse := accountsInUse(p, a)
	for _, w := range p.Unit.Workloads() {
		name, known := access.AccountName(w)
		if mountsOver(w) || usesToken(p, w) || !known || a.IsBound(w, name) || isBoundElsewhere(p, w.Namespace, name) || isBoundInUnknown(p, a, w, name) || isBoundByDisabled(p, w) || isBoundByGroup(p, w) || p.MayExistElsewhere(w.Object) || isWithoutToken(p, a, w, name) {
			continue
		}
		sa := a.Account(w, name)
		if !w.Pod.Get(automount).IsSet() && sa != nil && sa.Root.Get(automount).IsSet() {
			if users[sa] == nil {
				order = append(order, sa)
			}
			users[sa] = append(users[sa], w)
			continue
		}
		judgeAutomount(p, w, sa, inUse[sa])
	}
	for _, sa := range order {
		if !inUse[sa] {
			judgeAccount(p, sa, users[sa])
			continue
		}
		for _, w := range users[sa] {
			judgeAutomount(p, w, sa, true)
		}
	}
}

// isWithoutToken reports whether a pod leaves the choice to a service account of another unit that sets false.
func isWithoutToken(p *lint.Pass, a *access.Access, w *lint.Workload, name string) bool {
	if w.Pod.Get(automount).IsSet() {
		return false
	}
	if on, set := a.MountsToken(w.Namespace, name); set {
		return !on
	}
	return a.Account(w, name) == nil && cluster.IsWithoutTokenElsewhere(p, w, name)
}

// mountsOver reports whether all containers of a pod mount volumes of its own at the place of the token: the API server then adds no token.
func mountsOver(w *lint.Workload) bool {
	containers := w.Select(lint.Containers &^ lint.KindEphemeral)
	return len(containers) > 0 && !w.Pod.Partial && !slices.ContainsFunc(containers, func(c lint.PodOrContainer) bool {
		for m := range c.Get("volumeMounts").Items() {
			if m.Get("mountPath").Text() == tokenFolder {
				return false
			}
		}
		return true
	})
}

// accountsInUse are the service accounts whose token a pod uses.
func accountsInUse(p *lint.Pass, a *access.Access) map[*lint.Object]bool {
	inUse := map[*lint.Object]bool{}
	for _, w := range p.Unit.Workloads() {
		if name, known := access.AccountName(w); known && usesToken(p, w) {
			inUse[a.Account(w, name)] = true
		}
	}
	delete(inUse, nil) // those that the input lacks
	return inUse
}

// account names a service account. Its namespace is empty if it is not known.
type account struct{ namespace, name string }

// boundElsewhere are the service accounts that bindings of the repository name, those of other units too.
var boundElsewhere = lint.UnitIndex("accounts bound elsewhere", func(p *lint.Pass) map[account]bool {
	bound := map[account]bool{}
	for _, o := range p.Unit.Bindings {
		for s := range o.Root.Get("subjects").Items() {
			if name := s.Get("name").Text(); s.Get("kind").Text() == "ServiceAccount" && name != "" {
				namespace := cmp.Or(s.Get("namespace").Text(), o.Namespace)
				bound[account{namespace, name}], bound[account{"*", name}] = true, true
			}
		}
	}
	return bound
})

// isBoundElsewhere reports whether a binding of the repository names a service account. Where a namespace is not
// known it may be any, but that every namespace has an account default says nothing.
func isBoundElsewhere(p *lint.Pass, namespace, name string) bool {
	bound := boundElsewhere(p)
	if namespace == "" {
		return name != "default" && bound[account{"*", name}]
	}
	return bound[account{namespace, name}] || name != "default" && bound[account{"", name}]
}

// isBoundInUnknown reports whether the namespace of a workload is a placeholder, and a binding names its service account in any namespace.
func isBoundInUnknown(p *lint.Pass, a *access.Access, w *lint.Workload, name string) bool {
	return !w.Root.Get("metadata.namespace").IsKnown() && name != "default" && (a.IsBoundAnywhere(name) || isBoundElsewhere(p, "", name))
}

// disabledSubjects are what names the subjects of bindings that a chart's values disable: a helper or a values key of a template, or the name itself.
var disabledSubjects = lint.UnitIndex("subjects of disabled bindings", func(p *lint.Pass) map[string]bool {
	names := map[string]bool{}
	if p.Unit.Disabled == nil {
		return names
	}
	more := map[string]bool{} // folders with disabled roles, and whether one is for more than the use of a pod security policy
	for _, o := range slices.Concat(p.Unit.Disabled("Role"), p.Unit.Disabled("ClusterRole")) {
		dir := path.Dir(o.Template)
		policies := strings.Count(o.Text, "podsecuritypolicies")
		more[dir] = more[dir] || policies == 0 || strings.Count(o.Text, "verbs:") > policies // without either, values supply the rules
	}
	for _, kind := range []string{"RoleBinding", "ClusterRoleBinding"} {
		for _, o := range p.Unit.Disabled(kind) {
			if isMore, has := more[path.Dir(o.Template)]; has && !isMore {
				continue // the admission of pods reads it, not the program
			}
			_, subjects, _ := strings.Cut(o.Text, "subjects:")
			for _, m := range subjectName.FindAllStringSubmatch(subjects, -1) {
				names[m[1]+m[2]+m[3]] = true
			}
		}
	}
	return names
})

// subjectName matches the name of a subject in a template: what a helper or a values key alone supplies, or a plain name.
var subjectName = regexp.MustCompile(`(?m)\bname:[ \t]*["']?(?:\{\{-?\s*(?:include|template)\s+"([^"\n]+)"\s+[.$]\s*(?:\|\s*quote\s*)?-?\}\}|\{\{-?\s*\$?\.Values\.([\w.]+)\s*(?:\|\s*quote\s*)?-?\}\}|([a-z0-9][-.a-z0-9]*))["']?[ \t]*$`)

// isBoundByDisabled reports whether a binding that a chart's values disable names the service account of a workload: the chart has rights for it, and
// which it gets otherwise is not known.
func isBoundByDisabled(p *lint.Pass, w *lint.Workload) bool {
	subjects, v := disabledSubjects(p), access.AccountField(w)
	name := v.Text()
	if len(subjects) == 0 || name == "" {
		return false
	}
	from := supplierOf(p.LocatePart(&w.Document, v, &lint.Range{To: 1}))
	to := supplierOf(p.LocatePart(&w.Document, v, &lint.Range{From: len(name) - 1, To: len(name)}))
	return name != "default" && subjects[name] || from != "" && from == to && subjects[from]
}

// supplierOf is the helper that a template calls for a value, or the values key that it prints. It is empty if there is neither.
func supplierOf(origin lint.Origin) (name string) {
	for _, s := range origin.Trail {
		if s.Kind == lint.StepInclude || s.Kind == lint.StepValues && name == "" && !s.Missing {
			name = s.Label
		}
	}
	return name
}

// chartOf is the folder of the chart in whose templates an object is.
func chartOf(p *lint.Pass, o *lint.Object) string {
	dir, _, _ := strings.Cut(cluster.FileOf(p, o), "/templates/")
	return dir
}

// boundByGroup are the workloads of charts whose templates have no other workload, and a binding for the group of all service accounts: the
// rights are meant for it.
var boundByGroup = lint.UnitIndex("workloads bound by the group of all accounts", func(p *lint.Pass) map[*lint.Workload]bool {
	bound, only := map[*lint.Workload]bool{}, map[string][]*lint.Workload{}
	if p.Unit.Kind != lint.UnitChart {
		return bound
	}
	binds := map[string]bool{}
	for _, o := range p.Unit.Objects {
		if o.Group() != "rbac.authorization.k8s.io" {
			continue
		}
		for s := range o.Root.Get("subjects").Items() {
			if name := s.Get("name").Text(); s.Get("kind").Text() == "Group" && (name == allAccounts || strings.HasPrefix(name, allAccounts+":")) {
				binds[chartOf(p, o)] = true
			}
		}
	}
	if len(binds) == 0 {
		return bound
	}
	for _, w := range p.Unit.Workloads() {
		chart := chartOf(p, w.Object)
		only[chart] = append(only[chart], w)
	}
	for chart := range binds {
		if l := only[chart]; len(l) == 1 {
			bound[l[0]] = true
		}
	}
	return bound
})

// allAccounts is the group of all service accounts, and begins the name of the group of those of a namespace.
const allAccounts = "system:serviceaccounts"

// isBoundByGroup reports whether a chart gives rights to all service accounts for the sake of a workload.
func isBoundByGroup(p *lint.Pass, w *lint.Workload) bool { return boundByGroup(p)[w] }

const (
	automount = "automountServiceAccountToken"
	onPod     = "set " + automount + ": false on the pod"
)

// judgeAccount reports a service account that mounts its token in pods that do not set the field.
func judgeAccount(p *lint.Pass, sa *lint.Object, users []*lint.Workload) {
	v := sa.Root.Get(automount)
	if on, set := v.Bool(); set && !on {
		return
	}
	d := lint.Diagnostic{
		Object: sa, At: v, Fix: lint.Intent{Value: "false"},
		Message: sa.KindName() + " sets " + automount + ": " + v.Text() + ", and " + users[0].KindName() + " shows no need for a token; want false",
	}
	for _, w := range users {
		d.Fix.Unless = cmp.Or(d.Fix.Unless, sameProgram(p, w))
		d.Related = append(d.Related, lint.Related{Object: w.Object, At: w.Pod.Get(automount), Label: "has its token"})
	}
	p.Report(d)
}

// judgeAutomount reports a pod whose service account, if it is known, does not set the field, or sets it for another pod that uses
// the token. inUse is set if there is such a pod.
func judgeAutomount(p *lint.Pass, w *lint.Workload, sa *lint.Object, inUse bool) {
	v := w.Pod.Get(automount)
	d := lint.Diagnostic{Subject: w.Pod, At: v, Fix: lint.Intent{Value: "false", Unless: sameProgram(p, w)}}
	if inUse {
		d.Fix.Title = onPod
	}
	switch on, set := v.Bool(); {
	case set && !on:
		return
	case set:
		d.Message = "pod sets " + automount + ": true; want false"
		d.Fix.Title = onPod // whose field wins over the service account's
	case sa == nil:
		d.Message = "pod does not set " + automount + "; want false"
	case sa.Root.Get(automount).IsSet():
		d.Message = "pod does not set " + automount + ", and " + sa.KindName() + " sets it for another; want false"
		d.Related = []lint.Related{{Object: sa, At: sa.Root.Get(automount), Label: "its service account"}}
	default:
		d.Message = "pod does not set " + automount + ", and neither does " + sa.KindName() + "; want false"
		d.Related = []lint.Related{{Object: sa, At: sa.Root.Get(automount), Label: "its service account"}}
	}
	p.Report(d)
}
