package rbac

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoRBACWorkloadWrite reports roles that let people, or accounts that no workload in the input
// runs as, create, change or delete workloads: pods, Deployments, StatefulSets, DaemonSets,
// ReplicaSets, ReplicationControllers, Jobs and CronJobs.
//
// Anyone who can create or change a pod runs any image in the namespace as any of its service accounts, and
// mounts all of its Secrets. If no Pod Security Standard is enforced, they own the node. Anyone who can
// delete or scale workloads can stop the service.
//
// Wildcards count, and so does deletecollection. A role that only deletes, evicts or scales has low
// severity. Rules with resourceNames pass, since they grant what is named. The roles system:…, cluster-admin,
// admin and edit are Kubernetes' own. A role that is aggregated into admin or edit adds nothing that these
// lack, and an aggregating role has no rules of its own. If all subjects of a role in the input are
// service accounts that a workload there runs as, it is a controller's role. Such roles, and roles without
// a subject in the input, are reported with low severity in the strict profile only. The configuration
// names roles that may change workloads (workload-writers).
var NoRBACWorkloadWrite = &lint.Rule{
	ID:        "no-rbac-workload-write",
	Title:     "Role can change workloads",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-rbac-workload-write"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.4"},
		{Standard: nsa, Control: "Authentication and authorization"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "grant get, list and watch, leave deployments to a controller, or name the role under workload-writers in the configuration",
	Check: lint.UnitCheck(checkWriters),
}

// workloadResources is the resources that are workloads, by API group.
var workloadResources = map[string][]string{
	"":      {"pods", "replicationcontrollers"},
	"apps":  {"deployments", "statefulsets", "daemonsets", "replicasets"},
	"batch": {"jobs", "cronjobs"},
}

// groupsInOrder is the keys of workloadResources, as messages list them.
var groupsInOrder = []string{"", "apps", "batch"}

// grant is a kind of right that a rule of a role may give.
type grant struct {
	verbs []string
	// resource gives the name of the right's resource, given that of a workload.
	// Empty: it has none.
	resource func(workload string) string
	// lesser rights stop workloads, but run nothing.
	lesser bool
}

// grants is the rights over workloads, the worst first.
var grants = []grant{
	{[]string{"create", "update", "patch", "delete", "deletecollection"}, func(w string) string { return w }, false},
	{[]string{"update", "patch"}, scaleOf, true},
	{[]string{"create"}, evictionOf, true},
}

func scaleOf(workload string) string {
	switch workload {
	case "deployments", "statefulsets", "replicasets", "replicationcontrollers":
		return workload + "/scale"
	}
	return ""
}

func evictionOf(workload string) string {
	if workload == "pods" {
		return "pods/eviction"
	}
	return ""
}

func checkWriters(p *lint.Pass) {
	holders := holdersOf(p.Unit)
	for _, o := range p.Unit.Objects {
		if !isRole(o) || isExempt(p, o) {
			continue
		}
		quiet := !holders.isHeldByOthers(o) && !aggregatesTo(o, "view")
		if quiet && p.Profile < lint.Strict {
			continue
		}
		for rule := range o.Root.Get("rules").Items() {
			checkRule(p, o, rule, quiet)
		}
	}
}

// isExempt reports roles that may, or whose rules say nothing.
func isExempt(p *lint.Pass, o *lint.Object) bool {
	switch o.Name {
	case "cluster-admin", "admin", "edit":
		return o.Kind == "ClusterRole"
	}
	if strings.HasPrefix(o.Name, "system:") || o.Root.Get("aggregationRule").IsSet() {
		return true
	}
	if (aggregatesTo(o, "admin") || aggregatesTo(o, "edit")) && !aggregatesTo(o, "view") {
		return true
	}
	return slices.ContainsFunc(p.Settings.WorkloadWriters, func(glob string) bool {
		ok, err := path.Match(glob, o.Name)
		return ok && err == nil
	})
}

// aggregatesTo reports whether the rules of an object become part of Kubernetes' own
// role of that name.
func aggregatesTo(o *lint.Object, role string) bool {
	return o.Kind == "ClusterRole" && o.Root.Get("metadata.labels").Child("rbac.authorization.k8s.io/aggregate-to-"+role).True()
}

// checkRule reports the worst right over workloads that a rule of a role grants.
func checkRule(p *lint.Pass, o *lint.Object, rule lint.Value, quiet bool) {
	if rule.Get("resourceNames").Len() > 0 {
		return
	}
	for _, g := range grants {
		resources, at := g.resourcesOf(rule)
		verbs := g.verbsOf(rule)
		if len(resources) == 0 || len(verbs) == 0 {
			continue
		}
		d := lint.Diagnostic{Object: o, At: at, Message: o.Kind + " " + o.Name + " lets its subjects " + and(verbs) + " " + and(resources)}
		d.Message += "; want only who deploys to have that right"
		if quiet || g.lesser || !slices.ContainsFunc(verbs, func(v string) bool { return !strings.HasPrefix(v, "delete") }) {
			d.Severity = lint.Low
		}
		p.Report(d)
		return
	}
}

// resourcesOf lists the resources of the right that a rule is about, and the
// element of resources that says so first.
func (g grant) resourcesOf(rule lint.Value) (l []string, at lint.Value) {
	groups := rule.Get("apiGroups").Strings()
	for item := range rule.Get("resources").Items() {
		for _, name := range groupsInOrder {
			if !slices.Contains(groups, name) && !slices.Contains(groups, "*") {
				continue
			}
			for _, workload := range workloadResources[name] {
				if r := g.resource(workload); r != "" && matches(text(item), r) && !slices.Contains(l, r) {
					l = append(l, r)
				}
			}
		}
		if len(l) > 0 && !at.IsSet() {
			at = item
		}
	}
	return l, at
}

// matches reports whether a resource of a rule is one that it is asked for, as the
// API server compares them: * is everything, */scale is scale of everything.
func matches(have, resource string) bool {
	if have == "*" || have == resource {
		return true
	}
	_, sub, ok := strings.Cut(resource, "/")
	return ok && have == "*/"+sub
}

func (g grant) verbsOf(rule lint.Value) []string {
	have := rule.Get("verbs").Strings()
	if slices.Contains(have, "*") {
		return g.verbs
	}
	return slices.DeleteFunc(slices.Clone(g.verbs), func(v string) bool { return !slices.Contains(have, v) })
}

// and joins words as a sentence does. Long lists end in a number.
func and(words []string) string {
	const most = 5
	switch n := len(words); {
	case n == 1:
		return words[0]
	case n > most:
		return strings.Join(words[:most-1], ", ") + " and other workloads"
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// roleKey names a role as bindings do. The namespace of a ClusterRole is empty.
type roleKey struct{ kind, namespace, name string }

// holders is who has which role in a unit.
type holders struct {
	// others holds the roles that somebody has who is not an account of a workload.
	others map[roleKey]bool
}

// isHeldByOthers reports whether a subject of the role is something else than a
// service account that a workload runs as.
func (h holders) isHeldByOthers(o *lint.Object) bool {
	key := roleKey{o.Kind, o.Namespace, o.Name}
	if o.Kind == "ClusterRole" {
		key.namespace = ""
	}
	return h.others[key]
}

func holdersOf(u *lint.Unit) holders {
	h := holders{others: map[roleKey]bool{}}
	used := map[string]bool{} // names alone: a chart's subjects and workloads may differ in how they name its namespace
	for _, w := range u.Workloads() {
		used[cmp.Or(text(w.Pod.Get("serviceAccountName")), text(w.Pod.Get("serviceAccount")), "default")] = true
	}
	for _, o := range u.Objects {
		if !isBinding(o) {
			continue
		}
		ref := o.Root.Get("roleRef")
		key := roleKey{text(ref.Get("kind")), "", text(ref.Get("name"))}
		if key.kind == "Role" {
			key.namespace = o.Namespace
		}
		for s := range o.Root.Get("subjects").Items() {
			if text(s.Get("kind")) != "ServiceAccount" || !used[text(s.Get("name"))] {
				h.others[key] = true
			}
		}
	}
	return h
}
