package network

import (
	"fmt"
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/cluster/connect"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
)

// labelFirst is the start of a fix that selects pods by their labels, if some have none. Those of a Job have its name.
func labelFirst(p *lint.Pass, workloads ...*lint.Workload) string {
	bare := slices.DeleteFunc(slices.Clone(workloads), func(w *lint.Workload) bool { return w.Metadata.Get("labels").Len() > 0 || isNamedJob(p, w) })
	switch n := len(bare); {
	case n == 0:
		return ""
	case n == len(workloads):
		return "give the pods a label, and "
	case n == 1:
		return "give the pods of " + bare[0].Kind + " " + bare[0].Name + " a label, and "
	default:
		return fmt.Sprintf("give the pods of %s and %d more a label, and ", bare[0].KindName(), n-1)
	}
}

// isNamedJob reports whether the pods of a workload have the name of their Job as a label. The jobs of a CronJob have other
// names each time, and so may a Job have whose name a template computes.
func isNamedJob(p *lint.Pass, w *lint.Workload) bool {
	name := w.Root.Get("metadata.name")
	if !w.Is("batch", "Job") && !isJobSet(w) || name.Written() == "" {
		return false
	}
	return p.Unit.Kind != lint.UnitChart || !computedName.MatchString(p.Locate(w.Object, name).Text)
}

func isJobSet(w *lint.Workload) bool { return w.Is("jobset.x-k8s.io", "JobSet") }

// jobLabel is the end of a fix that selects the pods of one Job which have no other label.
func jobLabel(p *lint.Pass, workloads ...*lint.Workload) string {
	w := workloads[0]
	if len(workloads) > 1 || w.Metadata.Get("labels").Len() > 0 || !isNamedJob(p, w) {
		return ""
	}
	key := "batch.kubernetes.io/job-name"
	switch {
	case isJobSet(w):
		key = "jobset.sigs.k8s.io/jobset-name"
	case !p.Version.AtLeast(27):
		key = "job-name"
	}
	return ": the pods have the label " + key + ": " + w.Name
}

// together is the directions that one manifest fixes: this one, and the other if a rule
// with the prefix reports it too.
func (d direction) together(p *lint.Pass, prefix string, lacks func(direction) bool) []direction {
	var l []direction
	for _, e := range []direction{ingress, egress} {
		if e == d || p.Runs(prefix+e.field) && lacks(e) {
			l = append(l, e)
		}
	}
	return l
}

// kinds lists the policy types of directions.
func kinds(directions []direction) string {
	types := make([]string, len(directions))
	for i, d := range directions {
		types[i] = d.kind
	}
	return strings.Join(types, ", ")
}

// addDefaultDeny is the fix that adds a policy which denies everything in a namespace, in some place. Pods need more: by
// itself it cuts them off. Overlays that have the Namespace of one file have policies of their own.
func (d direction) addDefaultDeny(p *lint.Pass, ns namespace, directions []direction, at place) lint.Intent {
	others, name := "", "default-deny"
	first, denies := "first add policies for what the pods need, then ", ": it denies ingress and egress, as nothing does yet, and cuts all pods of the namespace off from all else"
	if len(directions) == 1 {
		name += "-" + directions[0].field
		denies = ": it cuts all pods of the namespace off from all else"
	}
	manifest := func(where, namespace string) string {
		named := name
		if namespace != "" {
			named += ", namespace: " + namespace
		}
		return first + where + "add {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: " + named +
			"}, spec: {podSelector: {}, policyTypes: [" + kinds(directions) + "]}}" + denies + otherKind(p, ns.object) + others
	}
	if p.Unit.Kind == lint.UnitOverlay && slices.Contains(p.Unit.Objects, ns.object) {
		if names := cluster.SystemNamespacesOf(p, ns.object); len(names) > 0 {
			others = "; a policy beside this Namespace would be for " + strings.Join(names, " and ") + ", too"
		}
	}
	if name := templateOf(p, ns.object); name != "" && ns.name != "" { // that of the release needs none
		return lint.Intent{Title: manifest("beside the Namespace in its template ", name), Together: manifest("", ns.name)}
	}
	in := lint.Intent{Together: manifest("", ns.name)}
	if at.lister != "" {
		named := ns.name
		if at.setsNamespace {
			named = "" // another in each overlay
		}
		in.Together, in.Files = at.together(func(where string) string { return manifest(where, named) })
	}
	switch isolated, all := isolatedIn(p, ns.name, directions); { // of this namespace, and not of others that have the Namespace of one file
	case isolated && all:
		first, denies = "", ": policies isolate all pods known here, so that it changes nothing for these, and cuts other pods of the namespace off from all else"
	case isolated:
		first, denies = "first add policies for what the pods need that no policy isolates, then ", ": it cuts these off from all else"
	}
	in.Title = manifest(at.in, ns.name)
	return in
}

// isolatedIn reports whether policies of the unit isolate some workload, and all workloads, of those that it has in a namespace, in each of
// some directions. A policy whose selector is not clear may select none. Policies do not apply to pods in the network of their node.
func isolatedIn(p *lint.Pass, namespace string, directions []direction) (some, all bool) {
	all = true
	for _, w := range p.Unit.Workloads() {
		if w.Namespace != namespace || w.Pod.Get("hostNetwork").True() {
			continue
		}
		isOpen := func(d direction) bool {
			return !slices.ContainsFunc(connect.Of(p).Workload(w).Policies(d.of), func(by *connect.Policy) bool { return by.Restricts(d.of) && !by.Subject.Unclear() })
		}
		if w.OpenLabels || slices.ContainsFunc(directions, isOpen) {
			all = false
		} else {
			some = true
		}
	}
	return some, all
}

// computedName matches the line of a template that computes the name of an object.
var computedName = regexp.MustCompile(`^[ \t]*name:[ \t]*["']?([^"'\s{]*\{\{.*\}\}[^"'\s}]*)["']?[ \t]*$`)

// templateOf is the text with which the template of a chart computes the name of a Namespace. It is empty if the template has the name
// itself.
func templateOf(p *lint.Pass, o *lint.Object) string {
	if p.Unit.Kind != lint.UnitChart || !o.Is("", "Namespace") {
		return ""
	}
	m := computedName.FindStringSubmatch(p.Locate(o, o.Root.Get("metadata.name")).Text)
	if m == nil {
		return ""
	}
	return m[1] + " " // apart from the brace that ends the mapping
}

// otherKind offers the kind that all policies of the unit and of the repository have, that of Cilium, if some are in the tree
// of an object: another cluster may have no Cilium. It is empty for others.
func otherKind(p *lint.Pass, of *lint.Object) string {
	l := ciliumFiles(p)
	if len(l) == 0 {
		return ""
	}
	file := cluster.FileOf(p, of)
	if !slices.ContainsFunc(l, func(other string) bool { return !dirs.AreOfParallel(file, other) }) {
		return ""
	}
	return "; the policy may be a CiliumNetworkPolicy, as the others are"
}

// maxCiliumFiles is how many files with policies are compared with the places of objects.
const maxCiliumFiles = 64

// ciliumFiles are the first files with the policies, if all are those of Cilium, one for each directory.
var ciliumFiles = lint.UnitIndex("files of Cilium's policies", func(p *lint.Pass) (l []string) {
	seen := map[string]bool{}
	for _, o := range connect.Of(p).CiliumPolicies() {
		file := cluster.FileOf(p, o)
		if dir := path.Dir(file); !seen[dir] && len(l) < maxCiliumFiles {
			seen[dir], l = true, append(l, file)
		}
	}
	return l
})

// leftToDo reports workloads that every pod can reach in spite of a policy, at the peers which the policy does not name,
// those to which their policies let nobody, and what else their policies cut them off from. It is about the first of some workloads, and
// names others of which the policies leave less.
func (d direction) leftToDo(workloads ...*lint.Workload) lint.Check {
	others := map[lint.ObjectRef]bool{}
	for _, w := range workloads {
		others[w.Ref()] = true
	}
	return lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		for _, w := range o.Workloads {
			of := connect.Of(p).Workload(w)
			isDone := d.reportLeft(p, of)
			for _, e := range []direction{ingress, egress} {
				if isDone && e == d {
					continue
				}
				for _, todo := range e.closed(p, of) {
					p.Report(e.inPolicy(of.Policies(e.of)[0], todo))
				}
			}
			for _, e := range []direction{ingress, egress} {
				e.reportLess(p, of, others)
			}
			reportShared(p, of)
		}
	})
}

// reportLess reports what the policies leave to be done for others of some workloads, if they leave the first one more.
func (d direction) reportLess(p *lint.Pass, first *connect.Workload, others map[lint.ObjectRef]bool) {
	if policy, _ := d.cutOff(first); policy != nil || !first.Isolated(d.of) {
		return
	}
	var names []string
	var policy *connect.Policy
	for _, w := range cluster.Of(p).Workloads.All() {
		isQuiet := d == ingress && d.isQuiet(p, w)
		if of := connect.Of(p).Workload(w); others[w.Ref()] && w.Object != first.Object && !isQuiet {
			if by, _ := d.cutOff(of); by != nil {
				policy, names = by, append(names, w.KindName())
			}
		}
	}
	if policy == nil {
		return
	}
	names = slices.Compact(names)
	todo := "and the same for " + lint.AndOthers(names, maxPeers) + ", to which it lets nobody"
	if d == egress {
		todo = "and the same for " + lint.AndOthers(names, maxPeers) + ", to which it leaves DNS at most"
	}
	p.Report(d.inPolicy(policy, todo))
}

// reportShared reports a policy of a chart for all pods of the namespace in which it is installed, which may have those of other releases.
func reportShared(p *lint.Pass, of *connect.Workload) {
	if p.Unit.Kind != lint.UnitChart || slices.ContainsFunc(p.Unit.Objects, func(o *lint.Object) bool { return o.Is("", "Namespace") }) {
		return
	}
	for _, d := range []direction{ingress, egress} {
		for _, policy := range of.Policies(d.of) {
			if connect.IsNative(policy.Object) && ownPolicies(p)[policy.Object] && policy.Subject.AllPods() {
				p.Report(lint.Diagnostic{Object: policy.Object, Fix: lint.Advice("but mind the pods of other releases: " + policy.KindName() + " is for all of the namespace")})
				return
			}
		}
	}
}

// inPolicy is what there is to add to a policy.
func (d direction) inPolicy(policy *connect.Policy, todo string) lint.Diagnostic {
	fix := lint.Advice(todo)
	if connect.IsNative(policy.Object) {
		fix.List = policy.Root.Get("spec." + d.field)
	}
	return lint.Diagnostic{Object: policy.Object, Fix: fix}
}

// reportLeft reports what a workload's policies leave to be done in their own direction. It reports whether they let nobody
// through, so that there is nothing to add.
func (d direction) reportLeft(p *lint.Pass, of *connect.Workload) (isClosed bool) {
	if policy, todo := d.cutOff(of); policy != nil {
		p.Report(d.inPolicy(policy, todo))
		if d == egress && looksForName(of) {
			p.Report(d.inPolicy(policy, byName))
		}
		return true
	}
	if left := d.leftOut(p, of); left != "" {
		p.Report(d.inPolicy(of.Policies(d.of)[0], "and let clients in the policy reach "+left+", which it leaves out"))
		return true
	}
	what := d.openPorts(p, of)
	policy, rule := d.opened(of)
	if what == "" || rule == nil {
		return false
	}
	message, todo := "without which every pod can still reach "+what, "and name in the policy who may reach "+what+", which it allows to every pod"
	if d == egress {
		message, todo = "without which the pods can still reach everything", "and name in the policy what the pods may reach, which is everything"
	}
	p.Report(lint.Diagnostic{Object: policy.Object, At: rule.At.Get(d.peers()), Message: message, Fix: lint.Advice(todo)})
	return false
}

// closed is what to do about what the policies of a workload cut it off from that it needs: name resolution, the API server if its account
// has rights, and the ports to which Services lead; and about peers that they choose. It is empty if there is nothing, or if it is not known.
func (d direction) closed(p *lint.Pass, of *connect.Workload) []string {
	allowed, ok := d.portsOf(p, of)
	if !ok {
		return nil
	}
	if d == ingress {
		return closedIn(p, of, allowed)
	}
	var l []string
	if !allowed.Has(connect.UDP, 53) && !allowed.Has(connect.TCP, 53) {
		l = append(l, "DNS (port 53)")
	}
	if !allowed.Has(connect.TCP, 443) && !allowed.Has(connect.TCP, 6443) && usesAPIServer(p, of) {
		l = append(l, "the API server (port 443 or 6443), for which their account has rights")
	}
	var todo []string
	if len(l) > 0 {
		todo = append(todo, "and let the pods reach "+strings.Join(l, " and ")+", in the policy")
	} else if policy, text := d.cutOff(of); policy != nil {
		todo = append(todo, text)
	}
	switch {
	case leavesOutPrivate(of):
		but := ", and so most of what is in the cluster"
		if namesPods(of) {
			but = " but for the pods that it names"
		}
		todo = append(todo, "and list in the policy what else the pods reach: it leaves out the private addresses"+but)
	case len(todo) == 0 && allowsOnlyUsual(allowed):
		todo = append(todo, "and list in the policy what else the pods reach: it allows only "+allowed.String())
	case staysInCluster(of):
		todo = append(todo, "and list in the policy what else the pods reach: it lets them reach only pods, and nothing outside of the cluster")
	}
	if looksForName(of) {
		todo = append(todo, byName)
	}
	return todo
}

// byName is what to do about a rule for DNS whose label no namespace has: without it there is no DNS either.
const byName = "and in its rule for DNS select the namespace by the label kubernetes.io/metadata.name in place of name, which Kubernetes does not set"

// closedIn is the same for ingress, of which some ports are allowed to others than the pods themselves.
func closedIn(p *lint.Pass, of *connect.Workload, allowed connect.Ports) []string {
	hasRules := func(policy *connect.Policy) bool { return len(policy.Rules[ingress.of]) > 0 }
	if policy, text := ingress.cutOff(of); policy != nil && !ingress.isQuiet(p, of.Workload) {
		return []string{text}
	}
	if allowed.IsEmpty() && !of.Declared().IsEmpty() && slices.ContainsFunc(of.Policies(ingress.of), hasRules) {
		return []string{"and " + onlyOwn(p, of)}
	}
	if admitsOnlyNamespace(of) && !of.Declared().IsEmpty() {
		return []string{"and list in the policy who else may reach the pods: it lets in only the pods of their namespace"}
	}
	c := cluster.Of(p)
	var todo []string
	targets := connect.Targets(c.ServicesTo(c.PodsOf(of.Workload))).PortsOn(of)
	among := targets
	if among.IsEmpty() {
		among = of.Declared()
	}
	ports, peers := chosenPeers(p, of, among)
	if left := targets.Minus(allowed).Minus(ports).Minus(ownPorts(p, of)); !left.IsEmpty() {
		todo = append(todo, "and let clients in the policy reach "+left.String()+", to which a Service leads")
	}
	if len(peers) > 0 {
		todo = append(todo, "and list in the policy who else may reach "+ports.String()+": it lets in only "+lint.AndOthers(peers, maxPeers))
	}
	return todo
}

// portsOf is the ports which the network policies that isolate a workload allow to or from some peers. ok is false if none isolates
// it, or if not all of them are understood.
func (d direction) portsOf(p *lint.Pass, of *connect.Workload) (allowed connect.Ports, ok bool) {
	if !of.Isolated(d.of) {
		return allowed, false
	}
	for _, policy := range of.Policies(d.of) {
		if policy.Tier != connect.NamespaceTier || policy.Unclear != "" {
			return allowed, false
		}
		for _, r := range policy.Rules[d.of] {
			reachesServer := func(peer connect.Peer) bool { return peer.APIServer }
			switch {
			case r.Unclear != "" || d == egress && r.Ports.HasNames(), slices.ContainsFunc(r.Peers, reachesServer):
				return allowed, false
			case r.Action == connect.Allow && (d == egress || !isForOwn(p, policy, &r, of)):
				allowed = allowed.Union(r.Ports.PortsOn(of))
			}
		}
	}
	return allowed, true
}

// isForOwn reports whether a rule is only for the pods of the workload itself and others that the policy is for, such as the members of
// a cluster, and for pods with a label which says that they may reach it, and which none has: they are not its clients.
func isForOwn(p *lint.Pass, policy *connect.Policy, r *connect.Rule, of *connect.Workload) bool {
	n := connect.Of(p)
	return len(r.Peers) > 0 && !r.Anyone && !slices.ContainsFunc(r.Peers, func(peer connect.Peer) bool {
		return peer.Pods == nil || !n.SelectsOwn(peer.Pods, policy, of) && n.OptIn(peer.Pods, of) == ""
	})
}

// maxOptIn is how many labels a fix names.
const maxOptIn = 3

// onlyOwn is what to do where the policies of a workload let in no clients.
func onlyOwn(p *lint.Pass, of *connect.Workload) string {
	var labels []string
	others := "all others"
	for policy, peer := range podPeers(of) {
		if connect.Of(p).SelectsOwn(peer.Pods, policy, of) {
			others = "all others but these pods themselves"
		}
		if label := connect.Of(p).OptIn(peer.Pods, of); label != "" && !slices.Contains(labels, label) && len(labels) < maxOptIn {
			labels = append(labels, label)
		}
	}
	if len(labels) == 0 {
		return "list in the policy who else may reach the pods: it lets in only these pods themselves"
	}
	return "give each client the label " + strings.Join(labels, " or ") + ", or list it in the policy: it cuts off " + others
}

// podPeers are the peers that select pods in the rules for ingress of the policies of a workload.
func podPeers(of *connect.Workload) iter.Seq2[*connect.Policy, connect.Peer] {
	return func(yield func(*connect.Policy, connect.Peer) bool) {
		for _, policy := range of.Policies(ingress.of) {
			for _, r := range policy.Rules[ingress.of] {
				for _, peer := range r.Peers {
					if peer.Pods != nil && !yield(policy, peer) {
						return
					}
				}
			}
		}
	}
}

// usesAPIServer reports whether a workload has a token for an account with rights.
func usesAPIServer(p *lint.Pass, of *connect.Workload) bool {
	name, ok := access.AccountName(of.Workload)
	return ok && connect.Of(p).MayHaveToken(of) && access.Of(p).IsBound(of.Workload, name)
}

// cutOff is a policy of a workload that its policies leave nothing but name resolution, and what is to be done then. It
// is nil if they leave it more.
func (d direction) cutOff(w *connect.Workload) (*connect.Policy, string) {
	policies := w.Policies(d.of)
	isLimit := func(p *connect.Policy) bool {
		isUnclear := slices.ContainsFunc(p.Rules[d.of], func(r connect.Rule) bool { return r.Unclear != "" })
		return !isUnclear && p.AllowsMoreThanDNS(d.of) == nil
	}
	if len(policies) == 0 || slices.ContainsFunc(policies, func(p *connect.Policy) bool { return !isLimit(p) }) {
		return nil, ""
	}
	switch {
	case d == ingress:
		return policies[0], "and list in the policy who may reach the pods: it lets nobody in"
	case slices.ContainsFunc(policies, func(p *connect.Policy) bool { return len(p.Rules[d.of]) > 0 }):
		return policies[0], "and list in the policy what else the pods reach: it allows DNS only"
	}
	return policies[0], "and list in the policy what the pods reach: it allows nothing"
}

// leftOut is the workloads of which a policy that selects a workload lets nobody reach a port, with their ports: the rules may be
// for ports of others. It is empty if there are none.
func (d direction) leftOut(p *lint.Pass, w *connect.Workload) string {
	if d == egress {
		return ""
	}
	var l []string
	for _, other := range connect.Of(p).Workloads {
		isShared := slices.ContainsFunc(w.Policies(d.of), func(policy *connect.Policy) bool { return slices.Contains(other.Policies(d.of), policy) })
		if declared := other.Declared(); isShared && !declared.IsEmpty() && !mayReach(other, declared) {
			l = append(l, declared.String()+" of "+other.KindName())
		}
	}
	return strings.Join(l, " and ")
}

// mayReach reports whether a policy of a workload has a rule for one of some ports, or one that is not understood.
func mayReach(w *connect.Workload, ports connect.Ports) bool {
	for _, policy := range w.Policies(ingress.of) {
		for _, r := range policy.Rules[ingress.of] {
			if r.Unclear != "" || r.Action == connect.Allow && !r.Ports.PortsOn(w).Intersect(ports).IsEmpty() {
				return true
			}
		}
	}
	return false
}

// openPorts is what every pod can reach of a workload, if that is all that it declares, or what the workload can reach, if that
// is everything. It is empty otherwise.
func (d direction) openPorts(p *lint.Pass, w *connect.Workload) string {
	reach := connect.Of(p).Allowed(w, d.of, connect.Target{})
	ports := w.Declared().Minus(ownPorts(p, w))
	text := ports.String()
	if d == egress || ports.IsEmpty() {
		ports, text = connect.AllPorts(), "everything"
	}
	if reach.Unclear || !reach.Ports.Intersect(ports).Equal(ports) {
		return ""
	}
	return text
}

// opened is a policy that selects a workload, and its rule for all peers. They are nil if there is none.
func (d direction) opened(w *connect.Workload) (*connect.Policy, *connect.Rule) {
	for _, policy := range w.Policies(d.of) {
		i := slices.IndexFunc(policy.Rules[d.of], func(r connect.Rule) bool { return r.Anyone && r.Action == connect.Allow })
		if i >= 0 {
			return policy, &policy.Rules[d.of][i]
		}
	}
	return nil, nil
}

// peers is the key of the peers of a rule.
func (d direction) peers() string {
	if d == egress {
		return "to"
	}
	return "from"
}

// withKeysOfPolicy adds the values of a chart that would give it a policy that serves. Without such values
// no other key of the chart fixes it.
func withKeysOfPolicy(in lint.Intent, p *lint.Pass, of *lint.Object, serves func(lint.DisabledObject) lint.Serving) lint.Intent {
	in.AddsObject = true
	in.Enabling = p.KeysToEnable("networking.k8s.io", "NetworkPolicy", of, serves)
	in.AdviceOnly = len(in.Keys) == 0
	return in
}

// withKeysFor adds the values of a chart that would give all of some workloads a policy for the direction, the first of which stands for the
// others. Where these are of several subcharts, that have policies for their own pods, it takes the keys of each.
func (d direction) withKeysFor(fix lint.Intent, p *lint.Pass, workloads []*lint.Workload) lint.Intent {
	fix = withKeysOfPolicy(fix, p, workloads[0].Object, d.givesOneOf(workloads))
	if len(fix.Keys) > 0 {
		return fix
	}
	of := map[string][]*lint.Workload{}
	var order []string
	for _, w := range workloads {
		if of[w.Vendored] == nil {
			order = append(order, w.Vendored)
		}
		of[w.Vendored] = append(of[w.Vendored], w)
	}
	if len(order) == 1 {
		return fix
	}
	var all lint.Enabling
	for _, chart := range order {
		own := withKeysOfPolicy(lint.Intent{}, p, of[chart][0].Object, d.givesOneOf(of[chart]))
		if len(own.Keys) == 0 || len(own.Next) > 0 {
			return fix // a policy for some of the workloads is none for the others
		}
		if all = all.And(own.Keys); len(all.Keys) == 0 {
			return fix
		}
	}
	fix.Enabling, fix.AdviceOnly = all, false
	return fix
}

// givesOneOf says whether a policy may select one of some workloads, and isolates it in the direction then.
func (d direction) givesOneOf(workloads []*lint.Workload) func(lint.DisabledObject) lint.Serving {
	return func(s lint.DisabledObject) (does lint.Serving) {
		if s.Vendored != "" && slices.ContainsFunc(workloads, func(w *lint.Workload) bool { return w.Vendored != s.Vendored }) {
			return lint.ServesNot // a chart has its policies for its own pods
		}
		for _, w := range workloads {
			does = max(does, d.gives(s, w))
		}
		return does
	}
}
