package network

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
	"github.com/kubevet/kubevet/lint/cluster/selector"
	"github.com/kubevet/kubevet/lint/naming"
)

// NoDanglingNetworkPolicy reports network policies that select no pod of the input.
//
// Such a policy restricts nothing, mostly because a label was renamed on one side only. The pods that
// it was meant for are open, and nothing shows it.
//
// The rule applies where the input has workloads in the policy's namespace, so that policies kept in
// another place than their pods are not reported. Where manifests name no namespace, the workloads must be
// in the policy's folder, or in one above or below it, or another policy of the folder must select some.
// podSelector: {} selects every pod. Kinds whose operator labels the pods count as selected. The rule
// reports nothing where a label has the name of a custom resource, of which an operator may make the pods,
// where a Role lets someone create pods, where something could not be read or rendered, where another file of the
// repository has such pods for the namespace, or where values disable a workload beside the policy. In a chart the severity is low: values that disable a component
// may leave its policy behind. Policies for the whole cluster are not checked.
var NoDanglingNetworkPolicy = &lint.Rule{
	ID:        "no-dangling-network-policy",
	Title:     "Network policy selects no pods",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-policies-all-workloads"},
	Fix:       "make podSelector match the labels of the pods",
	Check:     lint.UnitCheck(checkDangling),
}

func checkDangling(p *lint.Pass) {
	n := connect.Of(p)
	for _, policy := range dangling(p) {
		o := policy.Object
		d := lint.Diagnostic{Object: o, At: policy.SelectorAt, Severity: lint.Low.If(p.Unit.Kind == lint.UnitChart)}
		d.Message = o.KindName() + " selects no pods of the input; want " + policy.SelectorAt.Path() + " to match some"
		if w := n.HostNetworkSubject(policy); w != nil {
			d.Message = o.KindName() + " selects only pods with hostNetwork: true, such as " + w.KindName() + ", to which no policy applies; want pods in a network of their own"
			d.Related = []lint.Related{{Object: w.Object, At: w.Pod.Get("hostNetwork"), Label: "hostNetwork"}}
			d.Fix = lint.Advice("remove hostNetwork: true from the pods, or remove the policy")
			d.Fix.Removal = "remove the policy"
		}
		p.Report(d)
	}
}

// dangling are the policies that select no pod, although the unit has those that they are meant for.
var dangling = lint.UnitIndex("dangling network policies", func(p *lint.Pass) (l []*connect.Policy) {
	n, folders := connect.Of(p), foldersOf(p)
	for _, policy := range n.Policies {
		o, workloads := policy.Object, cluster.Of(p).Workloads.In(policy.Namespace)
		if !policy.Subject.OwnNamespace() || policy.Subject.AllPods() || policy.Subject.Unclear() || len(n.Subjects(policy)) > 0 {
			continue
		}
		if mayBeSelected(p, n, policy.Subject, policy.Namespace) || n.QuotesOperand(policy.Subject) {
			continue
		}
		open := slices.ContainsFunc(workloads, func(w *lint.Workload) bool { return w.OpenLabels })
		if len(workloads) == 0 || open || !folders.hasPodsOf(o) || cluster.PodsMayExistElsewhere(p, o) || cluster.SelectedElsewhere(p, o, policy.Subject.MatchesLabels) {
			continue
		}
		l = append(l, policy)
	}
	return l
})

// missedKey is a namespace in which one policy is to be, and the direction.
type missedKey struct {
	namespace string
	of        connect.Direction
}

// missed are the policies that select no pod, one for a namespace and direction: nil if there are several.
var missed = lint.UnitIndex("missed network policies", func(p *lint.Pass) map[missedKey]*connect.Policy {
	found := map[missedKey]*connect.Policy{}
	for _, policy := range dangling(p) {
		for _, d := range []direction{ingress, egress} {
			if !policy.Restricts(d.of) {
				continue
			}
			key := missedKey{policy.Namespace, d.of}
			if _, has := found[key]; has || !connect.IsNative(policy.Object) || policy.SelectorAt.Get("matchExpressions").Len() > 0 {
				found[key] = nil
				continue
			}
			found[key] = policy
		}
	}
	return found
})

// releaseLabels describe what installed an object. Charts have them in the metadata of all objects, and not in what
// selects pods, since they change with each version.
var releaseLabels = []string{naming.ChartLabel, "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "chart", "heritage"}

// missedPolicy is the policy that is meant for a workload and does not select its pods, with what to change in its
// selector. It is nil if that is not clear: the selector shares a label with the pods, and the others are those of a
// release, or there are no other pods that it may be for.
func (d direction) missedPolicy(p *lint.Pass, w *lint.Workload) (policy *connect.Policy, change string) {
	if policy = missed(p)[missedKey{w.Namespace, d.of}]; policy == nil || !mayBeTogether(p, policy.Object, w) {
		return nil, ""
	}
	labels := w.Labels()
	shares, isClear := false, len(cluster.Of(p).Workloads.In(w.Namespace)) == 1
	var remove, set []string
	for key, v := range policy.SelectorAt.Get("matchLabels").Entries() {
		switch value, has := labels[key]; {
		case selector.IsAdded(key):
			return nil, ""
		case has && value == v.Text():
			shares = true
		case !has && (isClear || slices.Contains(releaseLabels, key)):
			remove = append(remove, key)
		case isClear:
			set = append(set, "set "+key+" to "+value)
		default:
			return nil, ""
		}
	}
	if !shares {
		return nil, ""
	}
	if len(remove) > 0 {
		set = append(set, "remove "+strings.Join(remove, ", ")+": the pods have no such label")
	}
	return policy, strings.Join(set, " and ")
}

// withOtherKey is a policy of the repository in the namespace of a workload that selects by another key than its pods have, but with
// their value, as with app.kubernetes.io/name: web in place of app: web. Change says what to do. It is nil if there is none.
func (d direction) withOtherKey(p *lint.Pass, w *lint.Workload) (policy *connect.Policy, change string) {
	n, labels := connect.Of(p), w.Labels()
	for _, policy := range policiesOf(p)[w.Namespace] {
		selector := policy.SelectorAt.Get("matchLabels")
		if w.Namespace == "" || !policy.Restricts(d.of) || selector.Len() != 1 || policy.SelectorAt.Get("matchExpressions").IsSet() || len(n.Subjects(policy)) > 0 {
			continue
		}
		for key, v := range selector.Entries() {
			if _, has := labels[key]; has || v.Text() == "" {
				continue
			}
			for _, own := range slices.Sorted(maps.Keys(labels)) {
				if labels[own] == v.Text() {
					return policy, "in the selector of " + policy.KindName() + ", set " + own + ": " + v.Text() + " in place of " + key + ": " + v.Text() + ", which the pods do not have"
				}
			}
		}
	}
	return nil, ""
}

// policiesOf are the policies of the unit and of the repository that are for pods of their own namespace, by its name.
var policiesOf = lint.UnitIndex("policies by namespace", func(p *lint.Pass) map[string][]*connect.Policy {
	l := map[string][]*connect.Policy{}
	for _, policy := range slices.Concat(connect.Of(p).Policies, connect.Of(p).OtherPolicies()) {
		if policy.Subject.OwnNamespace() {
			l[policy.Namespace] = append(l[policy.Namespace], policy)
		}
	}
	return l
})

// mayBeTogether reports whether a policy may be meant for a workload. Folders of manifests without a namespace may be
// of several applications.
func mayBeTogether(p *lint.Pass, policy *lint.Object, w *lint.Workload) bool {
	if p.Unit.Kind != lint.UnitManifests || w.Namespace != "" {
		return true
	}
	in, of := cluster.DirOf(p, policy), cluster.DirOf(p, w.Object)
	return dirs.IsBelow(in, of) || dirs.IsBelow(of, in)
}

// mayBeSelected reports whether pods have the labels of a selector of which it is not known that they are in
// another namespace than its own: one of the two names none.
func mayBeSelected(p *lint.Pass, n *connect.Network, s connect.PodSelector, own string) bool {
	return slices.ContainsFunc(cluster.Of(p).MayBeIn(own), func(namespace string) bool { return len(n.Selected(s, namespace)) > 0 })
}
