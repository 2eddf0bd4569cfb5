package network

import (
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
)

// Policies of Cilium and Calico. They are read in their simple forms. In any other form a
// policy counts as selecting every pod that it might select.

func isCilium(o *lint.Object) bool {
	return o.Is("cilium.io", "CiliumNetworkPolicy") || o.Is("cilium.io", "CiliumClusterwideNetworkPolicy")
}

// ciliumSpecs yields the one spec or the several specs of a Cilium policy.
func ciliumSpecs(o *lint.Object) []lint.Value {
	var l []lint.Value
	for spec := range o.Root.Get("specs").Items() {
		l = append(l, spec)
	}
	if spec := o.Root.Get("spec"); spec.IsSet() {
		l = append(l, spec)
	}
	return l
}

func ciliumPolicies(o *lint.Object, known map[string]labels.Set) []policy {
	var l []policy
	for _, spec := range ciliumSpecs(o) {
		l = append(l, ciliumPolicy(o, spec, known))
	}
	return l
}

// ciliumPolicy reads one rule. Cilium isolates an endpoint in the directions for
// which a rule that selects it has a section that is not empty, unless
// enableDefaultDeny says otherwise.
func ciliumPolicy(o *lint.Object, spec lint.Value, known map[string]labels.Set) policy {
	p := policy{
		namespace: o.Namespace, clusterWide: o.Kind == "CiliumClusterwideNetworkPolicy",
		isolates: map[direction]bool{}, denies: map[direction]bool{ingress: true, egress: true},
	}
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
	p.selects, p.covers = ciliumSelector(endpoints, known)
	p.all = endpoints.IsMap() && !hasPodLabels(endpoints)
	return p
}

const (
	ciliumNamespace       = "io.kubernetes.pod.namespace"
	ciliumNamespaceLabels = "io.cilium.k8s.namespace.labels."
)

// ciliumSelector reads an endpointSelector. Its keys may name a source of labels: the
// pod, its namespace, or others, which may match.
func ciliumSelector(v lint.Value, known map[string]labels.Set) (selects func(labels.Set) bool, covers func(string) bool) {
	pod, namespace := labels.Set{}, labels.Set{}
	for key, value := range v.Get("matchLabels").StringMap() {
		key = withoutSource(key)
		switch of, isLabel := strings.CutPrefix(key, ciliumNamespaceLabels); {
		case key == ciliumNamespace:
			namespace[nameLabel] = value
		case isLabel:
			namespace[of] = value
		case strings.Contains(key, ":") || strings.HasPrefix(key, "io."):
		default:
			pod[key] = value
		}
	}
	covers = coversBy(namespace.AsSelectorPreValidated(), known)
	if v.Get("matchExpressions").Len() == 0 {
		s := pod.AsSelectorPreValidated()
		return func(l labels.Set) bool { return s.Matches(l) }, covers
	}
	for e := range v.Get("matchExpressions").Items() {
		if key := e.Get("key").Text(); strings.Contains(key, ":") || strings.HasPrefix(key, "io.") {
			return always, covers
		}
	}
	selects, _ = selector(v)
	return selects, covers
}

// hasPodLabels reports whether an endpointSelector restricts pods by their own labels.
func hasPodLabels(v lint.Value) bool {
	for key := range v.Get("matchLabels").StringMap() {
		if key = withoutSource(key); key != ciliumNamespace && !strings.HasPrefix(key, ciliumNamespaceLabels) {
			return true
		}
	}
	return v.Get("matchExpressions").Len() > 0
}

func withoutSource(key string) string {
	for _, source := range []string{"k8s:", "any:"} {
		key = strings.TrimPrefix(key, source)
	}
	return key
}

func never(labels.Set) bool { return false }

func isCalico(group string) bool {
	return group == "projectcalico.org" || group == "crd.projectcalico.org"
}

// calicoPolicy reads a Calico policy. Its selectors are a language of their own, of
// which all() and the comparison of one label are read here.
func calicoPolicy(o *lint.Object, known map[string]labels.Set) policy {
	spec := o.Root.Get("spec")
	p := policy{
		namespace: o.Namespace, clusterWide: o.Kind == "GlobalNetworkPolicy",
		isolates: map[direction]bool{}, denies: map[direction]bool{ingress: true, egress: true},
	}
	types := spec.Get("types")
	for _, t := range types.Strings() {
		p.isolates[ingress] = p.isolates[ingress] || t == ingress.kind
		p.isolates[egress] = p.isolates[egress] || t == egress.kind
	}
	if types.Len() == 0 {
		p.isolates[egress] = spec.Get("egress").IsSet()
		p.isolates[ingress] = spec.Get("ingress").IsSet() || !p.isolates[egress]
	}
	text := strings.TrimSpace(spec.Get("selector").Text())
	p.all = text == "" || text == "all()"
	p.selects = calicoSelector(text)
	if key, value, ok := calicoEquals(spec.Get("namespaceSelector").Text()); ok {
		if key == "projectcalico.org/name" {
			key = nameLabel
		}
		p.covers = coversBy(labels.Set{key: value}.AsSelectorPreValidated(), known)
	}
	return p
}

func calicoSelector(text string) func(labels.Set) bool {
	key, value, ok := calicoEquals(text)
	if !ok {
		return always
	}
	return func(l labels.Set) bool { return l[key] == value }
}

// calicoEquals reads a selector of the form key == 'value'.
func calicoEquals(text string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(text, "==")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok || len(value) < 2 || strings.ContainsAny(key, "!(&|' ") {
		return "", "", false
	}
	quote := value[:1]
	inner, closed := strings.CutSuffix(value[1:], quote)
	if quote != "'" && quote != `"` || !closed || strings.Contains(inner, quote) {
		return "", "", false
	}
	return key, inner, true
}
