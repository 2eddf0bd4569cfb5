package network

import (
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
)

// Policies of other kinds than Kubernetes' own. They are read in their simple forms;
// in any other form a policy is taken to select every pod that it might.

// ciliumPolicies reads the one spec or the several specs of a Cilium policy.
func ciliumPolicies(o *lint.Object) []policy {
	var l []policy
	for spec := range o.Root.Get("specs").Items() {
		l = append(l, ciliumPolicy(o, spec))
	}
	if spec := o.Root.Get("spec"); spec.IsSet() {
		l = append(l, ciliumPolicy(o, spec))
	}
	return l
}

// ciliumPolicy reads one rule. Cilium isolates an endpoint in the directions for
// which a rule that selects it has a section that is not empty, unless
// enableDefaultDeny says otherwise.
func ciliumPolicy(o *lint.Object, spec lint.Value) policy {
	p := policy{namespace: o.Namespace, clusterWide: o.Kind == "CiliumClusterwideNetworkPolicy", isolates: map[direction]bool{}}
	for _, d := range []direction{ingress, egress} {
		p.isolates[d] = spec.Get(d.field).Len() > 0 || spec.Get(d.field+"Deny").Len() > 0
		if on, set := spec.Get("enableDefaultDeny." + d.field).Bool(); set {
			p.isolates[d] = on
		}
	}
	endpoints := spec.Get("endpointSelector")
	if !endpoints.IsSet() { // a policy for nodes
		p.selects = never
		return p
	}
	p.selects = ciliumSelector(endpoints)
	return p
}

// ciliumSelector reads an endpointSelector. Its keys may name a source of labels;
// those that are not of the pod itself cannot be judged.
func ciliumSelector(v lint.Value) func(labels.Set) bool {
	want := labels.Set{}
	for key, value := range v.Get("matchLabels").StringMap() {
		for _, source := range []string{"k8s:", "any:"} {
			key = strings.TrimPrefix(key, source)
		}
		if strings.Contains(key, ":") || strings.HasPrefix(key, "io.kubernetes.") || strings.HasPrefix(key, "io.cilium.") {
			return always
		}
		want[key] = value
	}
	if v.Get("matchExpressions").Len() > 0 {
		for e := range v.Get("matchExpressions").Items() {
			if strings.Contains(e.Get("key").Text(), ":") || strings.HasPrefix(e.Get("key").Text(), "io.") {
				return always
			}
		}
		selects, _ := selector(v)
		return selects
	}
	s := want.AsSelectorPreValidated()
	return func(l labels.Set) bool { return s.Matches(l) }
}

func never(labels.Set) bool { return false }

func isCalico(group string) bool {
	return group == "projectcalico.org" || group == "crd.projectcalico.org"
}

// calicoPolicy reads a Calico policy. Its selector is a language of its own, of
// which all() and the comparison of one label are read here.
func calicoPolicy(o *lint.Object) policy {
	spec := o.Root.Get("spec")
	p := policy{namespace: o.Namespace, clusterWide: o.Kind == "GlobalNetworkPolicy", isolates: map[direction]bool{}}
	types := spec.Get("types")
	for _, t := range types.Strings() {
		p.isolates[ingress] = p.isolates[ingress] || t == ingress.kind
		p.isolates[egress] = p.isolates[egress] || t == egress.kind
	}
	if types.Len() == 0 {
		p.isolates[egress] = spec.Get("egress").IsSet()
		p.isolates[ingress] = spec.Get("ingress").IsSet() || !p.isolates[egress]
	}
	p.selects = calicoSelector(spec.Get("selector").Text())
	return p
}

func calicoSelector(text string) func(labels.Set) bool {
	key, value, ok := strings.Cut(text, "==")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok || len(value) < 2 || strings.ContainsAny(key, "!(&|' ") {
		return always
	}
	quote := value[:1]
	inner, closed := strings.CutSuffix(value[1:], quote)
	if quote != "'" && quote != `"` || !closed || strings.Contains(inner, quote) {
		return always
	}
	return func(l labels.Set) bool { return l[key] == inner }
}

// adminPolicy reads the policies for administrators of a cluster.
func adminPolicy(o *lint.Object) policy {
	spec := o.Root.Get("spec")
	p := policy{clusterWide: true, selects: always, isolates: map[direction]bool{
		ingress: spec.Get("ingress").Len() > 0,
		egress:  spec.Get("egress").Len() > 0,
	}}
	if pods := spec.Get("subject.pods.podSelector"); pods.IsSet() {
		p.selects, _ = selector(pods)
	}
	return p
}
