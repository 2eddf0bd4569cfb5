// Package network holds the rules on network traffic: section 3 of the security checklist.
package network

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
	"github.com/kubevet/kubevet/lint/node"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	cis   = lint.CISBenchmark
	nsa   = lint.HardeningGuide
	owasp = lint.OWASPTopTen
)

// direction is that of traffic, as seen from a pod.
type direction struct {
	of    connect.Direction
	field string // ingress, egress: the key of the rules
	kind  string // Ingress, Egress: the policy type
	reach string // what is open to pods without a policy
}

var (
	ingress = direction{connect.Ingress, "ingress", "Ingress", "every pod of the cluster can reach"}
	egress  = direction{connect.Egress, "egress", "Egress", "nothing limits what can be reached from"}
)

// rule is the id of the rule that reports workloads without a policy.
func (d direction) rule() string { return "network-policy-" + d.field }

// isPolicyTarget reports whether a workload should have network policies. They do not
// apply to pods in their node's network. Pods of hooks run for moments.
func isPolicyTarget(w *lint.Workload) bool {
	return !w.Pod.Get("hostNetwork").True() && w.Pod.Get("hostNetwork").IsKnown() && w.Hook == ""
}

// isQuiet reports whether a workload is one that others hardly have a reason to reach: jobs that declare no port, and to
// which no Service leads. They may listen all the same, while they run.
func (d direction) isQuiet(p *lint.Pass, w *lint.Workload) bool {
	if d != ingress || !w.Batch {
		return false
	}
	hasPort := func(c lint.PodOrContainer) bool { return c.Get("ports").Len() > 0 || !c.Get("ports").IsKnown() }
	c := cluster.Of(p)
	return !slices.ContainsFunc(w.Select(lint.LongRunning), hasPort) && len(c.ServicesTo(c.PodsOf(w))) == 0
}

// scope is the namespace of some workloads. Manifests of a tree that name no
// namespace are distinguished by directory, since they may be of different applications. Network policies are not for
// those on Fargate.
type scope struct {
	namespace, dir string
	fargate        bool
}

func scopeOf(p *lint.Pass, w *lint.Workload) scope {
	s := scope{namespace: w.Namespace, fargate: onFargate(w)}
	if p.Unit.Kind == lint.UnitManifests && w.Namespace == "" {
		s.dir = cluster.DirOf(p, w.Object)
	}
	return s
}

// lacksPolicy reports whether no policy selects a workload that should have one.
func (d direction) lacksPolicy(p *lint.Pass, w *lint.Workload) bool {
	n := connect.Of(p)
	if !isPolicyTarget(w) || w.OpenLabels || n.Workload(w).Isolated(d.of) || n.IsIsolatedElsewhere(w, d.of) || n.MayBeIsolatedInRelease(w, d.of) || n.MayOptIn(w, d.of) || isReplaced(p, w) {
		return false
	}
	return !onFargate(w) && !mayBeOnFargate(p) || !securityGroups(p)[w.Namespace]
}

// checkSelected reports the workloads that no policy selects: each by itself where
// their namespace has policies, else all of the namespace together. The namespace of a component's pods, and the policies there, are those of
// the overlay that uses it.
func (d direction) checkSelected(p *lint.Pass) {
	if p.Unit.IsComponent {
		return
	}
	hasPolicy, ofOthers := hasPolicy(connect.Of(p), d), d.ofOtherCharts(p)
	open := map[scope][]*lint.Workload{}
	var order []scope
	for _, w := range cluster.Of(p).Workloads.All() {
		if !d.lacksPolicy(p, w) {
			continue
		}
		if policy, at := d.allowsRest(p, w); policy != nil {
			d.reportAllowsRest(p, w, policy, at)
			continue
		}
		if hasPolicy(w.Namespace) && !ofOthers(w) || connect.IsSystemNamespace(w.Namespace) {
			d.reportWorkload(p, w) // a policy that denies everything would stop the cluster in its own namespaces
			continue
		}
		if node.MayHavePlaceholder(w.Namespace) {
			continue // whatever fills it in may choose one that has policies
		}
		s := scopeOf(p, w)
		if open[s] == nil {
			order = append(order, s)
		}
		open[s] = append(open[s], w)
	}
	for _, s := range order {
		d.reportOpen(p, s, open[s])
	}
}

// allowsRest is a policy of Cilium in the unit that denies a workload only what it lists, and where it says that all else is allowed. It is nil if
// there is none.
func (d direction) allowsRest(p *lint.Pass, w *lint.Workload) (policy *connect.Policy, at lint.Value) {
	isDeny := func(r connect.Rule) bool { return r.Action == connect.Deny }
	for _, policy := range connect.Of(p).Workload(w).Policies(d.of) {
		if !connect.IsCilium(policy.Object) || !slices.ContainsFunc(policy.Rules[d.of], isDeny) {
			continue
		}
		at := policy.Root.Get("spec.enableDefaultDeny." + d.field)
		if on, isSet := at.Bool(); isSet && !on && slices.Contains(p.Unit.Objects, policy.Object) {
			return policy, at
		}
	}
	return nil, at
}

// reportAllowsRest reports a policy that denies a workload only what it lists.
func (d direction) reportAllowsRest(p *lint.Pass, w *lint.Workload, policy *connect.Policy, at lint.Value) {
	key := "enableDefaultDeny." + d.field
	p.Report(lint.Diagnostic{
		Object: w.Object, In: &policy.Document, At: at, KnownPart: true,
		Fix:     lint.Advice("set " + key + ": true in " + policy.KindName() + ", with rules for what the pods need"),
		Message: policy.KindName() + " sets " + key + ": false, so only " + d.field + "Deny limits " + d.field + " of " + workloadName(w) + "; want true",
		Related: []lint.Related{{Object: w.Object, At: w.Metadata.Get("labels"), Label: "is selected by it"}},
	})
}

// reportOpen reports the workloads of a scope that no policy selects.
func (d direction) reportOpen(p *lint.Pass, s scope, open []*lint.Workload) {
	first := open[0]
	if len(open) == 1 && hasPolicy(connect.Of(p), d)(s.namespace) {
		d.reportWorkload(p, first)
		return
	}
	if policy, types := connect.Of(p).GeneratedFor(d.of, s.namespace); policy != nil && !onFargate(first) {
		d.reportAtGenerated(p, namespace{s.namespace, first.Object, first.Metadata}, policy, types, "for "+d.field)
		return
	}
	if ns := declaredOnce(p, first); ns != nil {
		d.reportDeclared(p, namespace{s.namespace, ns, ns.Root.Get("metadata")}, open)
		return
	}
	d.reportScope(p, s.namespace, open)
}

// declaredOnce is the Namespace of a workload of an overlay, if another unit has it: what is missing there is missing for the
// workloads of all overlays in it, and one policy is enough. It is nil if there is none, or several.
func declaredOnce(p *lint.Pass, w *lint.Workload) *lint.Object {
	if p.Unit.Kind != lint.UnitOverlay || onFargate(w) || p.LacksInput(w.Object) || !isDeclaredElsewhere(p, w) {
		return nil
	}
	ns := declared(p)[w.Namespace][0]
	if cluster.AreOfOtherClusters(p, cluster.DirOf(p, ns), p.Unit.Input) || slices.ContainsFunc(p.Unit.Objects, func(o *lint.Object) bool { return o.Is("", "Namespace") && o.Name == w.Namespace }) {
		return nil
	}
	return ns
}

// reportDeclared reports a namespace without any policy for the direction at its Namespace, once for all units in it.
func (d direction) reportDeclared(p *lint.Pass, ns namespace, workloads []*lint.Workload) {
	both := d.together(p, "network-policy-", func(e direction) bool { return !hasPolicy(connect.Of(p), e)(ns.name) })
	fix := d.addDefaultDeny(p, ns, both, besideNamespace(p, ns))
	fix.Left = d.leftToDo()
	diagnostic := lint.Diagnostic{
		Object: ns.object, At: ns.at, Absence: true, Fix: fix,
		Message:  ns.label(p.Unit) + " has no network policy for " + d.field + ", so " + d.reach + " its pods; want a policy that denies by default",
		Severity: lint.Low.If(!slices.ContainsFunc(workloads, func(w *lint.Workload) bool { return !d.isQuiet(p, w) })),
		Lacks:    ns.lacks(p),
	}
	for _, w := range workloads {
		diagnostic.Related = append(diagnostic.Related, lint.Related{Object: w.Object, At: w.Metadata.Get("labels"), Label: w.KindName()})
	}
	p.Report(diagnostic)
}

// besideNamespace is where a policy is added to a Namespace of another unit.
func besideNamespace(p *lint.Pass, ns namespace) place {
	if home, ok := homeOf(p, ns.object, []lint.Kustomization{ns.object.Lister}); ok {
		return home
	}
	if by := ns.object.Lister; by.File != "" {
		return listedBy(by.File, by.Namespace == ns.name)
	}
	return place{in: "in a file beside the Namespace, "}
}

// reportWorkload reports a workload at the labels of its pods, which a policy would
// have to select.
func (d direction) reportWorkload(p *lint.Pass, w *lint.Workload) {
	diagnostic := lint.Diagnostic{
		Object: w.Object, At: w.Metadata.Get("labels"), Severity: lint.Low.If(d.isQuiet(p, w)),
	}
	fix := placeFor(p, w.Object).fix(func(in string) string {
		return labelFirst(p, w) + in + p.Rule.Fix + jobLabel(p, w) + otherKind(p, w.Object)
	})
	fix.Left = d.leftToDo()
	diagnostic.Fix = withKeysOfPolicy(fix, p, w.Object, func(s lint.DisabledObject) lint.Serving { return d.gives(s, w) })
	want := "one"
	if onFargate(w) {
		diagnostic.Fix, want = lint.Advice(addSecurityGroup), groupsOnFargate
	} else if policy, change := d.missedPolicy(p, w); policy != nil {
		diagnostic.In, diagnostic.At, diagnostic.KnownPart = &policy.Document, policy.SelectorAt, true
		diagnostic.Fix = lint.Advice("in the podSelector of " + policy.KindName() + ", " + change)
		diagnostic.Related = []lint.Related{{Object: w.Object, At: w.Metadata.Get("labels"), Label: "is not selected by it"}}
		want = policy.KindName() + " to select its pods"
	} else if policy, change := d.withOtherKey(p, w); policy != nil {
		diagnostic.Fix, want = lint.Advice(change), policy.KindName()+" to select its pods"
		diagnostic.Related = []lint.Related{{Object: policy.Object, At: policy.SelectorAt, Label: "does not select them"}}
	} else if policy := d.onlyPolicy(p, []*lint.Workload{w}); policy != nil {
		diagnostic = d.atPolicy(policy, w)
		diagnostic.Severity = lint.Low.If(d.isQuiet(p, w))
	}
	if want == "one" {
		diagnostic.Fix = forFargate(p, diagnostic.Fix)
	}
	diagnostic.Message = workloadName(w) + " is selected by no network policy for " + d.field + "; want " + want
	p.Report(diagnostic)
}

// ownPolicies are the NetworkPolicies of Kubernetes' own kind in the unit: those of other units apply, too, but cannot
// be what the unit lacks.
var ownPolicies = lint.UnitIndex("network policies of the unit", func(p *lint.Pass) map[*lint.Object]bool {
	own := map[*lint.Object]bool{}
	for _, o := range p.Unit.Objects {
		if connect.IsNative(o) {
			own[o] = true
		}
	}
	return own
})

// onlyPolicy is the one policy of the unit that selects all of the workloads, for the other direction alone. It is
// nil if there is none, or if there are several: it is not clear then which one to extend.
func (d direction) onlyPolicy(p *lint.Pass, workloads []*lint.Workload) *connect.Policy {
	other := ingress
	if d == ingress {
		other = egress
	}
	own := ownPolicies(p)
	var only *connect.Policy
	for _, w := range workloads {
		selects := false
		for _, policy := range connect.Of(p).Workload(w).Policies(other.of) {
			if !own[policy.Object] || p.Unit.IsOnlyTested != nil && p.Unit.IsOnlyTested(policy.Object, "") {
				continue // or who installs the chart with its own values has none
			}
			if only != nil && only != policy {
				return nil
			}
			only, selects = policy, true
		}
		if !selects {
			return nil
		}
	}
	return only
}

// atPolicy is the diagnostic that asks for the direction in a policy which selects a workload.
func (d direction) atPolicy(policy *connect.Policy, w *lint.Workload) lint.Diagnostic {
	at := policy.Root.Get("spec.policyTypes")
	todo := "add " + d.kind + " to policyTypes of "
	if !at.IsSet() { // Ingress is meant, and must be named beside Egress
		todo = "set policyTypes: [Ingress, Egress] in "
	}
	return lint.Diagnostic{
		Object: w.Object, In: &policy.Document, At: at, KnownPart: true,
		Fix:     lint.Advice(todo + policy.KindName() + ", with rules for what the pods need"),
		Related: []lint.Related{{Object: w.Object, At: w.Metadata.Get("labels"), Label: "is selected by it"}},
	}
}

// forItsPods is what is wanted of a namespace that others may share.
const forItsPods = "policies for its pods"

// workloadName is how messages call a workload: Deployment web. Of an object that has several it is the one, deployment "web" of
// ClusterServiceVersion web.v1. A Service of Knative is no Service of Kubernetes.
func workloadName(w *lint.Workload) string {
	switch {
	case w.Within == "" && w.Is("serving.knative.dev", "Service"):
		return "Knative " + w.KindName()
	case w.Within == "":
		return w.KindName()
	}
	return w.Within + " of " + w.KindName()
}

// workloadNames is how messages call sorted workloads, how they call them as those of something, and the pronoun.
func workloadNames(workloads []*lint.Workload) (names, own, pronoun string) {
	name := workloadName(workloads[0])
	// Files of a folder may be alternatives, with the same workload in each.
	n := len(slices.CompactFunc(slices.Clone(workloads), func(a, b *lint.Workload) bool { return a.Ref() == b.Ref() && a.Within == b.Within }))
	if n == 1 {
		return name, name, "it"
	}
	names = fmt.Sprintf("%d workloads, such as %s", n, name)
	return names, "its " + names, "them"
}

// notSelected says that there is no policy for some pods. They are called by their workloads.
func (d direction) notSelected(workloads string) string {
	return "no network policy for " + d.field + " selects " + workloads
}

// openPods says of some pods that nothing limits who reaches them, or what they reach.
func (d direction) openPods(workloads, them string) string {
	return d.notSelected(workloads) + ", so " + d.reach + " " + them + "; want "
}

// sortExposed puts the workloads first that stand for the others: those of the chart itself, to which a policy for all of them belongs, and of
// these the ones that somebody has a reason to reach.
func sortExposed(p *lint.Pass, workloads []*lint.Workload) {
	exposure := map[*lint.Workload]int{}
	for _, w := range workloads {
		if ingress.isQuiet(p, w) {
			exposure[w] = 1
		}
	}
	slices.SortStableFunc(workloads, func(a, b *lint.Workload) int {
		if isOwn := a.Vendored == ""; isOwn != (b.Vendored == "") {
			if isOwn {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(exposure[a], exposure[b]), a.Ref().Compare(b.Ref()), cmp.Compare(a.Within, b.Within))
	})
}

// reportScope reports a namespace without any policy for the direction, at the first of
// its workloads.
func (d direction) reportScope(p *lint.Pass, name string, workloads []*lint.Workload) {
	sortExposed(p, workloads)
	first := workloads[0]
	pods, what, them := workloadNames(workloads)
	ns := namespace{name, first.Object, first.Metadata.Get("labels")}
	if !ns.at.IsSet() {
		ns.at = first.Metadata // a policy is missing, not the labels
	}
	both := d.together(p, "network-policy-", func(e direction) bool { return !hasPolicy(connect.Of(p), e)(name) })
	at := placeFor(p, first.Object)
	fix, has, want := d.addDefaultDeny(p, ns, both, at), "has", "a policy that denies by default"
	forPods := func(in string) string {
		return labelFirst(p, workloads...) + in + "add a NetworkPolicy that selects the pods, with policyTypes: [" + kinds(both) + "] and rules for what they need" + jobLabel(p, workloads...) + otherKind(p, first.Object)
	}
	hasOthers := hasPolicy(connect.Of(p), d)(name) // of subcharts, for their own pods
	if hasOthers || ns.isShared(p) {
		fix = at.fix(forPods)
		want = forItsPods
	}
	only := d.onlyPolicy(p, workloads)
	switch {
	case onFargate(first): // and so are the others
		only, want = nil, groupsOnFargate
	case only != nil:
		want = d.field + " in the policy of its pods"
	}
	if ns.isOfRelease(p.Unit) {
		has = "renders" // its templates may have one
	}
	message := ns.subject(p.Unit) + " " + has + " no network policy for " + d.field + ", so " + d.reach + " " + what + "; want " + want
	switch {
	case want == groupsOnFargate:
	case p.LacksInput(first.Object): // what is missing may have one
		message = d.notSelected(pods) + "; want one"
	case hasOthers, name == "" && !ns.isOfRelease(p.Unit) && !ns.isOfBundle(): // whoever applies the pods chooses their namespace
		message = d.openPods(pods, them) + strings.Replace(want, forItsPods, "one", 1)
	}
	fix.Left = d.leftToDo(workloads...)
	if fix.Bases = basesOf(p, at, workloads); len(fix.Bases) > 0 {
		fix.InBase = forPods(at.home + lint.ListedInFiles + ", ")
	}
	diagnostic := lint.Diagnostic{Object: first.Object, At: ns.at, KnownPart: true, Fix: d.withKeysFor(fix, p, workloads)}
	switch {
	case want == groupsOnFargate:
		diagnostic.Fix = lint.Advice(addSecurityGroup)
	case only != nil:
		diagnostic = d.atPolicy(only, first)
	default:
		diagnostic.Fix = forFargate(p, diagnostic.Fix)
		switch {
		case hasOthers:
		case ns.isOfRelease(p.Unit) && len(workloads) == 1 && diagnostic.Fix.AdviceOnly:
			diagnostic.Lacks = lint.Lack{Of: first.Name + " of chart " + p.Unit.Input} // with other values it may be another kind, and a policy is for its pods all the same
		default:
			diagnostic.Lacks = ns.lacks(p)
		}
	}
	diagnostic.Message = message
	diagnostic.Severity = lint.Low.If(!slices.ContainsFunc(workloads, func(w *lint.Workload) bool { return !d.isQuiet(p, w) }))
	diagnostic.Related = slices.Grow(diagnostic.Related, len(workloads)-1)
	for _, w := range workloads[1:] {
		diagnostic.Related = append(diagnostic.Related, lint.Related{Object: w.Object, At: w.Metadata.Get("labels"), Label: w.KindName()})
	}
	p.Report(diagnostic)
}

// reportAllowed reports a namespace whose policies that select all pods allow them something, at the
// first such rule. A policy without rules beside them would change nothing, since policies add up.
func (d direction) reportAllowed(p *lint.Pass, ns namespace, policies []*connect.Policy) {
	names, verb := make([]string, len(policies)), "allows"
	for i, policy := range policies {
		names[i] = policy.KindName()
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > 1 {
		verb = "allow"
	}
	joined := strings.Join(names, " and ")
	found := lint.Diagnostic{
		Object: ns.object, At: ns.at, KnownPart: ns.name == "", Severity: lint.Low,
		Fix:     lint.Advice("move the rules of " + joined + " to policies that select the pods which need them" + d.stay(policies)),
		Message: ns.label(p.Unit) + " denies " + d.field + " by default, except what " + joined + " " + verb + " to all its pods; want such rules for the pods that need them",
	}
	seen := map[string]bool{} // the unit may have what the manifests of the repository have
	for i, policy := range policies {
		rule, key := policy.AllowsMoreThanDNS(d.of), cluster.FileOf(p, policy.Object)+" "+policy.KindName()
		if seen[key] {
			continue
		}
		seen[key] = true
		if i == 0 && rule != nil && rule.At.IsSet() {
			found.In, found.At, found.KnownPart = &policy.Document, rule.At, true
			continue
		}
		label := "selects all pods"
		if !policy.Subject.AllPods() {
			label = "selects some of the pods"
		}
		found.Related = append(found.Related, lint.Related{Object: policy.Object, At: policy.SelectorAt, Label: label})
	}
	p.Report(found)
}

// stay is the end of a fix that takes the rules out of policies which select all pods: what has to stay, or to be set, for
// them to go on denying. Each kind of policy has another default.
func (d direction) stay(policies []*connect.Policy) string {
	var l []string
	for _, policy := range policies {
		if text := d.stayOf(policy); text != "" && !slices.Contains(l, text) {
			l = append(l, text)
		}
	}
	if len(l) == 0 {
		return ", and keep what is left, which denies " + d.field + " without a rule"
	}
	return ", and " + strings.Join(l, ", and ")
}

// stayOf is the same for one policy, empty if nothing has to be done.
func (d direction) stayOf(policy *connect.Policy) string {
	name := policy.KindName()
	switch spec := policy.Root.Get("spec"); {
	case connect.IsCilium(policy.Object):
		return "leave " + d.field + ": [{}] in " + name + ": without a rule, it denies nothing"
	case connect.IsNative(policy.Object) && d == egress && spec.Get("policyTypes").Len() == 0:
		return "set policyTypes: [Ingress, Egress] in " + name + ", which applies to egress by default only while it has a rule for it"
	case connect.IsCalico(policy.Object) && spec.Get("types").Len() == 0:
		return "set types: [" + isolated(policy) + "] in " + name + ", which applies by default to the directions that it has rules for"
	}
	return ""
}

// isolated lists the directions in which a policy denies.
func isolated(policy *connect.Policy) string {
	var l []direction
	for _, d := range []direction{ingress, egress} {
		if policy.Isolates[d.of] {
			l = append(l, d)
		}
	}
	return kinds(l)
}

// reportOpened reports a policy that allows everything to all pods of a namespace.
func (d direction) reportOpened(p *lint.Pass, ns namespace, policy *connect.Policy, rule *connect.Rule) {
	rules, pods := "the rule", "all its pods"
	if len(policy.Rules[d.of]) > 1 {
		rules = "the rules that allow everything, alone or together"
	}
	if !policy.Subject.AllPods() {
		pods += " in the input" // others may have a label with which its selector leaves them out
	}
	found := lint.Diagnostic{
		Object: policy.Object, At: rule.At,
		Fix:     lint.Advice("remove " + rules + ", and allow what the pods need: policies add up, so that one that denies changes nothing beside it" + d.stay([]*connect.Policy{policy})),
		Message: ns.label(p.Unit) + " does not deny " + d.field + " by default, since " + policy.KindName() + " allows everything to " + pods + "; want rules for what they need",
	}
	found.Fix.OrSwitch = true // a chart may have a key for rules in its place

	if len(connect.PoliciesOf(p, policy.Object)) == 0 { // one for all of the cluster
		found.Object, found.In = ns.object, &policy.Document
		found.Related = []lint.Related{{Object: ns.object, At: ns.at, Label: "has no policy that denies " + d.field}}
	}
	p.Report(found)
}

// checkDefaultDeny reports the namespaces of the unit that have no policy that denies
// by default. Namespaces whose workloads have no policy at all are left to the
// rule that reports those. The policies beside a component are those of the overlay that uses it.
func (d direction) checkDefaultDeny(p *lint.Pass) {
	if p.Unit.IsComponent {
		return
	}
	for _, ns := range namespacesOf(p) {
		switch is := isolations(p)[d][ns.name]; {
		case is.reported, is.denies:
		case is.opened != nil:
			d.reportOpened(p, ns, is.opened, is.rule)
		case is.allowing != nil:
			d.reportAllowed(p, ns, is.allowing)
		default:
			d.reportMissing(p, ns)
		}
	}
}

// isolation is what the policies of a namespace do by default in a direction. Nothing is denied if all of it is unset.
type isolation struct {
	// reported is set if the workloads have no policy at all, and the rule that reports them runs.
	reported bool
	// opened is a policy that allows everything to all pods, by a rule. It is nil if there is none.
	opened *connect.Policy
	rule   *connect.Rule
	// denies is set if everything is denied, or may be.
	denies bool
	// allowing is the policies that deny by default, and allow something to all pods.
	allowing []*connect.Policy
}

// isolations say what the policies of the namespaces that should deny do by default, by their names. All that speaks of
// it asks here.
var isolations = lint.UnitIndex("isolation of namespaces", func(p *lint.Pass) map[direction]map[string]isolation {
	m := map[direction]map[string]isolation{}
	for _, d := range []direction{ingress, egress} {
		m[d] = map[string]isolation{}
		reported, inherits := d.withoutPolicy(p, connect.Of(p)), d.inheritors(p)
		for _, ns := range namespacesOf(p) {
			if reported[ns.name] {
				m[d][ns.name] = isolation{reported: true}
				continue
			}
			m[d][ns.name] = d.isolation(connect.Of(p), ns, inherits)
		}
	}
	return m
})

func (d direction) isolation(network *connect.Network, ns namespace, inherits func(ns namespace) bool) (is isolation) {
	if is.opened, is.rule = network.OpenedBy(d.of, ns.name); is.opened != nil {
		return is
	}
	if is.denies = network.DeniesByDefault(d.of, ns.name) || ns.name != "" && inherits(ns); !is.denies {
		is.allowing = network.OfAllPods(d.of, ns.name)
	}
	return is
}

// deniesNothing reports whether no policy isolates all pods of a namespace.
func (d direction) deniesNothing(p *lint.Pass, ns namespace) bool {
	is := isolations(p)[d][ns.name]
	return !is.denies && is.allowing == nil && is.opened == nil
}

// withoutPolicy is the namespaces whose workloads have no policy at all, where the rule that reports these runs.
func (d direction) withoutPolicy(p *lint.Pass, network *connect.Network) map[string]bool {
	namespaces := map[string]bool{}
	if !p.Runs(d.rule()) {
		return namespaces
	}
	hasPolicy := hasPolicy(network, d)
	for _, w := range cluster.Of(p).Workloads.All() {
		if isPolicyTarget(w) && !w.OpenLabels && !hasPolicy(w.Namespace) && !node.MayHavePlaceholder(w.Namespace) {
			namespaces[w.Namespace] = true
		}
	}
	return namespaces
}

// reportMissing reports a namespace that has no policy for all of its pods.
func (d direction) reportMissing(p *lint.Pass, ns namespace) {
	if policy := connect.Of(p).ClusterDeny(connect.Ingress+connect.Egress-d.of, ns.name); policy != nil && ns.name != "" {
		d.reportAtCluster(p, ns, policy)
		return
	}
	if policy, types := connect.Of(p).GeneratedFor(d.of, ns.name); policy != nil {
		d.reportAtGenerated(p, ns, policy, types, "that denies "+d.field+" by default")
		return
	}
	isExcluded := func(e direction) bool { return connect.Of(p).ExcludedBy(e.of, ns.name) != nil }
	both := d.together(p, "default-deny-", func(e direction) bool { return e.deniesNothing(p, ns) && isExcluded(e) == isExcluded(d) })
	at := placeFor(p, ns.object)
	if !slices.Contains(p.Unit.Objects, ns.object) {
		at = besideNamespace(p, ns)
	}
	found := lint.Diagnostic{
		Object: ns.object, At: ns.at, Absence: true, KnownPart: ns.name == "", // then At is the name of a workload
		Fix:     withKeysOfPolicy(d.addDefaultDeny(p, ns, both, at), p, ns.object, d.givesAll),
		Lacks:   ns.lacks(p),
		Message: ns.label(p.Unit) + " has no network policy that denies " + d.field + " by default; want one with podSelector: {}, policyTypes: [" + d.kind + "] and no rules",
	}
	if by := connect.Of(p).ExcludedBy(d.of, ns.name); by != nil {
		excluded := ", or the finding ignored: " + by.KindName() + ", which makes one for other namespaces, excludes this one"
		found.Message += excluded
		found.Fix = lint.Advice("if " + by.KindName() + " excludes the namespace on purpose, ignore the finding with that reason; if not, " + found.Fix.Title)
		found.Related = []lint.Related{{Object: by.Object, At: by.SelectorAt, Label: "is not made for the namespace"}}
	}
	p.Report(found)
}

// reportAtGenerated reports a namespace without such a policy at the one that a policy of admission makes in it for the other direction alone: it is
// the same for all namespaces that its rule is about. which says what kind of policy the namespace lacks.
func (d direction) reportAtGenerated(p *lint.Pass, ns namespace, policy *connect.Policy, types lint.Value, which string) {
	by, set := policy.KindName(), "add "+d.kind+" to policyTypes of"
	if types.IsMap() {
		set = "set policyTypes: [Ingress, Egress] in"
	}
	p.Report(lint.Diagnostic{
		Object: ns.object, In: &policy.Document, At: types, KnownPart: true,
		Fix: lint.Advice("first add policies for DNS and what else the pods need, in each namespace that the rule is about, then " + set + " the policy that this rule of " + by +
			" makes: it is then the same in all of these, and cuts their pods off from all else"),
		Message: ns.label(p.Unit) + " has no network policy " + which + "; want " + d.kind + " in the one that " + by + " makes for all its pods",
		Related: []lint.Related{{Object: ns.object, At: ns.at, Label: "has no policy " + which}},
	})
}

// reportAtCluster reports a namespace without such a policy at the one for all of its cluster that denies the other direction: another one
// beside it is for all namespaces.
func (d direction) reportAtCluster(p *lint.Pass, ns namespace, policy *connect.Policy) {
	p.Report(lint.Diagnostic{
		Object: ns.object, In: &policy.Document, At: policy.Root.Get("spec"), KnownPart: true,
		Fix: lint.Advice("first add policies for what the pods need, then add the " + d.field + " side to this file, once for all namespaces: {apiVersion: cilium.io/v2, " +
			"kind: CiliumClusterwideNetworkPolicy, metadata: {name: default-deny-" + d.field + "}, spec: {endpointSelector: {matchExpressions: [{key: io.kubernetes.pod.namespace, " +
			"operator: NotIn, values: [kube-system]}]}, " + d.field + ": [{}]}}"),
		Message: ns.label(p.Unit) + " has no network policy that denies " + d.field + " by default; want one for all namespaces beside " + policy.KindName() + ", which denies the other direction",
		Related: []lint.Related{{Object: ns.object, At: ns.at, Label: "has no policy that denies " + d.field}},
	})
}
