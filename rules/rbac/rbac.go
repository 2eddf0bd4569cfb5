// Package rbac holds the rules on access: what roles grant, and to whom bindings give them.
// What RBAC means is in package cluster.
package rbac

import (
	"cmp"
	"embed"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	cis   = lint.CISBenchmark
	nsa   = lint.HardeningGuide
	owasp = lint.OWASPTopTen
)

// The items of the checklist that the rules of this package decide.
const (
	leastPrivilege = "auth-rbac-least-privilege"
	infraRBAC      = "infra-rbac"
	namedItem      = "auth-named-identities"
)

// wildcardRule is the ID of NoRBACWildcard, to which other rules leave the entries on all
// resources.
const wildcardRule = "no-rbac-wildcard"

// grants reports the entries of roles that give one of some powers. want completes the
// message. Each entry is reported once, with the worst of the powers.
func grants(want string, powers ...string) lint.UnitCheck {
	isExempt := func(*lint.Pass, *access.Role) bool { return false }
	if slices.Contains(powers, "workload-write") {
		isExempt = func(p *lint.Pass, r *access.Role) bool { return isAllowedWriter(p, r) || isForDeployers(r) }
	}
	return grantsUnless(isExempt, want, powers...)
}

// grantsUnless is grants without the roles that are exempt.
func grantsUnless(isExempt func(*lint.Pass, *access.Role) bool, want string, powers ...string) lint.UnitCheck {
	return func(p *lint.Pass) {
		for _, r := range access.Of(p).Roles {
			if isExempt(p, r) {
				continue
			}
			for i := range r.Rules {
				if rule := &r.Rules[i]; !slices.Contains(rule.Resources, "*") || !p.Runs(wildcardRule) {
					reportEntry(p, r, rule, want, powers)
				}
			}
		}
	}
}

// isAllowedWriter reports roles that may change workloads, as the configuration has it.
func isAllowedWriter(p *lint.Pass, r *access.Role) bool {
	return slices.ContainsFunc(p.Settings.WorkloadWriters, func(glob string) bool {
		ok, err := path.Match(glob, r.Name)
		return ok && err == nil
	})
}

// deployers are the service accounts of programs that deploy what a repository has: Argo CD and Flux.
var deployers = []string{"argocd-application-controller", "kustomize-controller", "helm-controller"}

// isForDeployers reports roles that only such programs have.
func isForDeployers(r *access.Role) bool {
	isOther := func(s *access.Subject) bool {
		return s.Kind != "ServiceAccount" || !slices.ContainsFunc(deployers, func(name string) bool { return s.Name == name || strings.HasSuffix(s.Name, "-"+name) })
	}
	subjects := 0
	for _, b := range r.Bindings() {
		if subjects += len(b.Subjects); slices.ContainsFunc(b.Subjects, isOther) {
			return false
		}
	}
	return subjects > 0 && aggregationTarget(r) == ""
}

// ofDeployers matches the names of roles and accounts for those who deploy.
var ofDeployers = regexp.MustCompile(`(?:^|[-_.:/])(?:deployer|installer|ci-?cd)(?:$|[-_.:/])`)

// isNamedForDeployers reports roles whose name, or that of all who have them, says that they are for those who deploy.
func isNamedForDeployers(r *access.Role) bool {
	if ofDeployers.MatchString(r.Name) {
		return true
	}
	subjects := 0
	for _, b := range r.Bindings() {
		if subjects += len(b.Subjects); slices.ContainsFunc(b.Subjects, func(s *access.Subject) bool { return !ofDeployers.MatchString(s.Name) }) {
			return false
		}
	}
	return subjects > 0
}

// entry is what an entry of a role gives of the powers that a rule is about.
type entry struct {
	verbs, resources []string
	// names are those of resourceNames that give the powers, and isOwn says that they are roles which a holder has.
	names []string
	isOwn bool
	// worst is the worst of the powers, which at gives, in the hands of holder.
	worst    *access.Power
	powers   []string // the IDs of all
	at       lint.Value
	holder   *access.Subject
	kind     access.HolderKind
	severity lint.Severity
}

// consider takes a grant into an entry. The severity is that of the power in the worst hands.
func (e *entry) consider(r *access.Role, g access.Grant, severity func(lint.Severity) lint.Severity) {
	e.verbs, e.resources = addNew(e.verbs, g.Verbs), addNew(e.resources, g.Resources)
	e.powers = append(e.powers, g.Power.ID)
	e.names, e.isOwn = addNew(e.names, g.Names), e.isOwn || g.IsOwn
	holder, kind, s := r.Worst(g.Power)
	if s = severity(s); e.worst == nil || s < e.severity {
		e.worst, e.at, e.holder, e.kind, e.severity = g.Power, g.At, holder, kind, s
	}
}

func reportEntry(p *lint.Pass, r *access.Role, rule *access.PolicyRule, want string, powers []string) {
	var e entry
	for _, id := range powers {
		if id == "workload-stop" && e.worst != nil {
			break // workload-write includes it
		}
		g, ok := r.Grant(rule, access.FindPower(id))
		if !ok || r.IsBuiltIn(g.Power, p.Version) || isAggregated(r) || !isAboutSystem(r, g.Power) {
			continue
		}
		e.consider(r, g, func(s lint.Severity) lint.Severity {
			switch {
			case isLesser(p, g):
				return lint.Low
			case onlyBindsAdmin(g):
				return min(s+1, lint.Low)
			}
			return s
		})
	}
	if e.worst == nil || isQuiet(p, e.kind, e.severity) {
		return
	}
	want, fix := e.advice(p, r, rule, want)
	d := lint.Diagnostic{
		Object: r.Object, At: e.at, Fix: fix, Severity: e.severity, Related: related(r, e.holder),
		Message: r.KindName() + " lets " + holderText(p, r, e.holder) + " " + and(e.verbs) + " " + e.what() + e.scope() + e.token(p, r) + "; want " + want,
	}
	if e.worst.ID == nodeProxy {
		adviseOnProxy(p, r, rule, e.holder, &d)
	}
	adviseOnShared(p, r, rule, &d)
	adviseOnGroup(p, e.holder, &d)
	p.Report(d)
}

// adviseOnGroup makes the fix begin with the binding where that gives the role to everybody or to all accounts of a namespace: a smaller role is
// still everybody's.
func adviseOnGroup(p *lint.Pass, s *access.Subject, d *lint.Diagnostic) {
	if s == nil {
		return
	}
	if _, ok := s.OfNamespace(); !ok && !s.IsEveryone() {
		return
	}
	d.Fix.Title = "in " + s.Binding.KindName() + ", replace " + subjectText(p, s) + " by the subjects that need the role; then " + cmp.Or(d.Fix.Title, p.Rule.Fix)
}

// advice is what is wanted of an entry, in the words of its rule or its own, and the fix.
func (e *entry) advice(p *lint.Pass, r *access.Role, rule *access.PolicyRule, want string) (wanted string, fix lint.Intent) {
	fix = e.fix(r, rule)
	if strings.Contains(want, "resourceNames") {
		fix = e.byNames(p, r, rule)
	}
	if strings.Contains(want, "resourceNames") || strings.Contains(fix.Title, "in resourceNames") {
		fix.OrSwitch, fix.Listed = true, rule.At.Get("resourceNames")
	}
	switch {
	case (strings.Contains(want, "resourceNames") || e.worst.ID == "config-write") && len(e.verbs) == 1 && e.verbs[0] == "create":
		want = "it only if the program has to create them, which resourceNames do not limit"
		fix = lint.Advice("remove the right, if what installs the program can create them" + e.inSome())
		fix.OrSwitch, fix.Unless = true, "the program has to create them"
	case e.worst.ID == "config-write":
		fix = lint.Advice(p.Rule.Fix + e.besideNames(rule))
		fix.OrSwitch = true
	case len(e.resources) == 1 && e.resources[0] == "pods/eviction":
		want = "only those who drain nodes to have that right"
		fix = lint.Advice("remove the right")
		fix.Unless = "the holder drains nodes or moves pods, as a cluster autoscaler and a descheduler do"
	}
	if writes := grantsInRoles; access.Of(p).WritesRoles(e.holder) {
		if unless := cmp.Or(fix.Unless, p.Rule.Unless); unless != "" {
			fix.Unless = unless + ", or " + writes
		} else {
			fix.Unless = writes
		}
	}
	return want, fix
}

// grantsInRoles is why a right is needed that the program itself does not use: the API server refuses a role with more than its writer has.
const grantsInRoles = "the program grants the right in roles that it writes"

// what says what the entry is about: the resources, or the roles that it names.
func (e *entry) what() string {
	if len(e.names) == 0 || e.worst.ID != "escalate" {
		return and(e.resources)
	}
	kind := "role "
	switch {
	case !slices.Contains(e.resources, "roles"):
		kind = "ClusterRole "
	case !slices.Contains(e.resources, "clusterroles"):
		kind = "Role "
	}
	if e.isOwn {
		kind = "its own " + kind
	}
	return kind + and(e.names)
}

// onlyBindsAdmin reports grants by which their holder may bind Kubernetes' role admin and none else of its own: it has no rights on what is in
// no namespace.
func onlyBindsAdmin(g access.Grant) bool {
	return g.Power.ID == "escalate" && len(g.Names) == 1 && g.Names[0] == "admin" && len(g.Verbs) == 1 && g.Verbs[0] == "bind"
}

// fix is the advice of a rule that is about several powers, for those that the entry gives. It is nothing,
// and so that of the rule, if they have no advice in common.
func (e *entry) fix(r *access.Role, rule *access.PolicyRule) lint.Intent {
	dropVerbs := "remove the verb " + and(e.verbs)
	switch {
	case slices.Contains(rule.Verbs, "*"):
		dropVerbs = "list the verbs that are needed in place of *, without " + and(e.verbs)
	case len(e.verbs) > 1:
		dropVerbs = "remove the verbs " + and(e.verbs)
	}
	only := func(ids ...string) bool {
		return !slices.ContainsFunc(e.powers, func(id string) bool { return !slices.Contains(ids, id) })
	}
	switch {
	case e.worst.ID == "workload-write" && isNamedForDeployers(r):
		return lint.Advice("if the role is for those who deploy, as its name says, name it under workload-writers in the configuration; otherwise grant get, list and watch")
	case only("escalate") && e.isOwn:
		return lint.Advice(dropVerbs + ": by it the holder can write any right into " + e.what())
	case only("escalate") && len(e.names) > 0 && len(e.verbs) == 1 && e.verbs[0] == "bind":
		return lint.Advice("name edit or a role of your own in place of " + and(e.names))
	case only("escalate"):
		return lint.Advice(dropVerbs + ", or name the roles in resourceNames")
	case only("impersonate", "impersonate-accounts"):
		return lint.Advice(dropVerbs + ", or name the " + and(e.resources) + " in resourceNames")
	case only("event-delete") && slices.Contains(rule.Verbs, "*"):
		return lint.Advice(dropVerbs + ", for events in an entry of their own")
	case only("token-create"):
		advice := lint.Advice("remove serviceaccounts/token, or name the service accounts in resourceNames")
		advice.OrSwitch = true
		return advice
	case only("csr-approve", "csr-sign"):
		return lint.Advice("remove " + and(e.resources) + ", or name other signers than those of the API server's clients where the role lets it use signers")
	}
	return lint.Intent{}
}

// byNames is the advice to name what an entry is about.
func (e *entry) byNames(p *lint.Pass, r *access.Role, rule *access.PolicyRule) lint.Intent {
	if flag := listingFlag(r, e.holder); flag != "" && e.worst.ID == secretsRead && !slices.Contains(e.verbs, "get") {
		return lint.Advice("take secrets out of " + flag + " and out of the role, if the program can do without: it lists all of them, which resourceNames do not allow" + e.inSome())
	}
	return lint.Advice(p.Rule.Fix + e.besideNames(rule) + e.inSome())
}

// inSome says what to do with a right in every namespace that is needed in some. It is empty for others.
func (e *entry) inSome() string {
	if e.holder == nil || e.worst.ClusterOnly || !e.holder.Binding.IsCluster() {
		return ""
	}
	return "; where some namespaces are enough, give the right by a Role in each"
}

// besideNames says what becomes of the verbs of an entry that resourceNames do not serve as the others. A request to
// create has no name yet, and one to list or watch has one only if it selects metadata.name.
func (e *entry) besideNames(rule *access.PolicyRule) string {
	has := func(verb string) bool { return slices.Contains(rule.Verbs, verb) || slices.Contains(rule.Verbs, "*") }
	own, why := []string{}, "resourceNames do not limit it"
	if has("create") {
		own = append(own, "create")
	}
	lists := slices.DeleteFunc([]string{"list", "watch"}, func(verb string) bool { return !has(verb) })
	if len(lists) == 0 {
		return e.inOwnEntry(own, why)
	}
	serve := "with resourceNames, " + and(lists) + " only work for one name"
	if len(lists) == 1 {
		serve = "with resourceNames, " + lists[0] + " only works for one name"
	}
	if slices.Contains(e.verbs, lists[0]) { // they are what is reported
		return e.inOwnEntry(own, why) + "; " + serve
	}
	if why = serve; len(own) > 0 {
		why = "resourceNames do not limit create, and " + serve
	}
	return e.inOwnEntry(append(own, lists...), why)
}

// inOwnEntry goes on with a fix: some verbs are to be in an entry of their own, for a reason. The rule reports create there as well, if it is about that verb.
func (e *entry) inOwnEntry(verbs []string, why string) string {
	if len(verbs) == 0 {
		return ""
	}
	if isReported := verbs[0] == "create" && slices.Contains(e.verbs, "create"); isReported && len(verbs) == 1 {
		return ", and give create an entry of its own only if the program has to create them: " + why
	} else if isReported {
		return ", and give " + and(verbs[1:]) + ", and create only if the program has to create them, an entry of their own: " + why
	}
	needed := "an entry of its own if the program needs it: "
	if len(verbs) > 1 {
		needed = "an entry of their own if the program needs them: "
	}
	return ", and give " + and(verbs) + " " + needed + why
}

// isLesser reports grants that are less than their power: anyone who deletes workloads runs nothing, and
// since Kubernetes 1.35 the right to get pods/exec, by which web sockets opened it, is not
// enough. A GET through pods/proxy still reaches the pod.
func isLesser(p *lint.Pass, g access.Grant) bool {
	only := func(verbs ...string) bool {
		return !slices.ContainsFunc(g.Verbs, func(v string) bool { return !slices.Contains(verbs, v) })
	}
	switch g.Power.ID {
	case "workload-write", "secrets-write":
		return only("delete", "deletecollection")
	case "pod-exec", "pod-portforward":
		return only("get") && p.Version.AtLeast(35) && !slices.Contains(g.Resources, "pods/proxy")
	}
	return false
}

// isAboutSystem reports whether a grant is over ConfigMaps of the cluster's own components, if
// that is what the power is about.
func isAboutSystem(r *access.Role, power *access.Power) bool {
	return power.ID != "config-write" || r.IsCluster() || r.Namespace == "kube-system"
}

// isAggregated reports roles that are there to be part of Kubernetes' own roles, which
// NoAggregatedPrivilege checks.
func isAggregated(r *access.Role) bool { return aggregationTarget(r) != "" && len(r.Bindings()) == 0 }

// aggregationTarget is the least of Kubernetes' own roles into which a role is aggregated. Empty:
// into none.
func aggregationTarget(r *access.Role) string {
	for _, name := range []string{"view", "edit", "admin"} {
		if r.AggregatesTo(name) {
			return name
		}
	}
	return ""
}

// isQuiet reports findings that are for the strict profile only: of low severity, and about the
// rights of a program, or of nobody in the input.
func isQuiet(p *lint.Pass, kind access.HolderKind, severity lint.Severity) bool {
	return severity == lint.Low && (kind == access.Programs || kind == access.Nobody) && p.Profile < lint.Strict
}

// holderText names who has a role.
func holderText(p *lint.Pass, r *access.Role, s *access.Subject) string {
	switch {
	case s == nil:
		return "its subjects"
	case r.Holders().Many:
		return subjectText(p, s) + " and others"
	}
	return subjectText(p, s)
}

// subjectText names a subject, and says what a group for the accounts of a namespace is: in a chart, that is often the release's.
func subjectText(p *lint.Pass, s *access.Subject) string {
	namespace, ok := s.OfNamespace()
	switch {
	case !ok:
		return s.String()
	case p.Unit.Kind == lint.UnitChart && namespace == releaseNamespace(p.Unit):
		return "every service account of the release's namespace"
	}
	return "every service account of namespace " + namespace
}

// scope says where the holder has the right.
func (e *entry) scope() string {
	switch {
	case e.holder == nil || e.worst.ClusterOnly:
		return ""
	case e.holder.Binding.IsCluster() && len(e.resources) > 0 && !slices.ContainsFunc(e.resources, isNamespaced):
		return ""
	case e.holder.Binding.IsCluster():
		return " in every namespace"
	case e.holder.Binding.Namespace == "":
		return " in the namespace"
	}
	return " in namespace " + e.holder.Binding.Namespace
}

// isNamespaced reports resources that are in a namespace, as far as is known.
func isNamespaced(resource string) bool {
	groups := access.GroupsOf(resource)
	return len(groups) == 0 || slices.ContainsFunc(groups, func(group string) bool {
		isCluster, _ := access.IsClusterResource(group, resource)
		return !isCluster
	})
}

// token says which workload has a token with the right, or that nobody has the role.
func (e *entry) token(p *lint.Pass, r *access.Role) string {
	if e.holder == nil {
		// Its subjects are not known, or the binding could not be read or is made from another object.
		if len(r.Bindings()) > 0 || p.MayExistElsewhere(r.Object) || mayBeBound(p, r) || isBoundElsewhere(p, r) {
			return ""
		}
		if p.MayExistElsewhere(r.Object, "RoleBinding", "ClusterRoleBinding") { // a template beside the role's has a binding that these values leave out
			return "; nothing binds it with these values"
		}
		return "; nothing in the input binds it"
	}
	if s := program(r, e.holder); s != nil {
		return "; " + s.Workload.Ref().String() + " has a token for it"
	}
	return ""
}

// program is the holder of a role, or else the first, that is an account of a workload. It is nil if there
// is none.
func program(r *access.Role, holder *access.Subject) *access.Subject {
	if holder == nil || holder.Workload != nil {
		return holder
	}
	h := r.Holders()
	for _, s := range []*access.Subject{h.Cluster[access.Programs], h.Namespaced[access.Programs]} {
		if s == nil {
			continue
		}
		if s = r.Nearest(s); s.Workload != nil {
			return s
		}
	}
	return nil
}

// related are the subject that has a role, and the workload that has a token for it: the
// lines that choose the account, not those of a helper that print its name.
func related(r *access.Role, holder *access.Subject) []lint.Related {
	if holder == nil {
		return nil
	}
	l := []lint.Related{{Object: holder.Binding.Object, At: holder.At.Get("name").AtKey(), Label: "has the role"}}
	if s := program(r, holder); s != nil {
		l = append(l, lint.Related{Object: s.Workload.Object, At: access.AccountField(s.Workload).AtKey(), Label: "has a token for it"})
	}
	return l
}

func addNew(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// and joins words as a sentence does. Long lists end in a number.
func and(words []string) string { return lint.AndOthers(words, 5) }
