package netmap

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// Suggestion is a NetworkPolicy for a workload that has none, or one that denies by default
// in a namespace.
type Suggestion struct {
	// Workload is the one that it is for, or the namespace: Namespace/shop.
	Workload string `json:"workload"`
	// Notes says what a person should look at.
	Notes []string `json:"notes"`
	// Manifest is the policy as YAML. It is empty if there can be none: the notes say why.
	Manifest string `json:"manifest"`
}

// privateAddresses are those that no server on the Internet has: private networks, shared
// addresses, link-local ones with the metadata services of clouds, and that of Azure.
var privateAddresses = []string{"10.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"}

// nameLabel is the label that the API server gives to each namespace.
const nameLabel = "kubernetes.io/metadata.name"

// suggestions makes a policy for each workload that lacks one in a direction, and for each
// namespace that a file names and that does not deny by default.
func suggestions(n *connect.Network) []Suggestion {
	refs := newReferences(n)
	taken := map[string]bool{} // names of policies that exist
	for _, p := range n.Policies {
		taken[p.Namespace+"/"+p.Name] = true
	}
	var l []Suggestion
	for _, w := range n.Workloads {
		in, out := !w.Isolated(connect.Ingress), !w.Isolated(connect.Egress)
		if !in && !out || w.HostNetwork || w.Hook != "" {
			continue
		}
		s := &suggestion{network: n, refs: refs, of: w, out: Suggestion{Workload: nameOf(w), Notes: []string{}}}
		labels := selectorLabels(w)
		if len(labels) == 0 {
			s.note("its pods have no labels that a policy could select; give them some")
			l = append(l, s.out)
			continue
		}
		p := newPolicy(w.Name, w.Namespace, taken)
		p.Spec.PodSelector.MatchLabels = labels
		if in {
			p.Spec.PolicyTypes = append(p.Spec.PolicyTypes, networkingv1.PolicyTypeIngress)
			p.Spec.Ingress = s.ingress()
		}
		if out {
			p.Spec.PolicyTypes = append(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
			p.Spec.Egress = s.egress()
		}
		text, err := yaml.Marshal(p)
		if err != nil { // these types have YAML
			s.note("%s", err)
		}
		s.out.Manifest = string(text)
		l = append(l, s.out)
	}
	slices.SortStableFunc(l, func(a, b Suggestion) int { return cmp.Compare(a.Workload, b.Workload) })
	for _, name := range namedNamespaces(n) {
		if s, ok := defaultDeny(n, name, taken); ok {
			l = append(l, s)
		}
	}
	return l
}

// namedNamespaces is the namespaces that objects of the unit declare, or that workloads name,
// sorted, without those of the cluster.
func namedNamespaces(n *connect.Network) []string {
	names := map[string]bool{}
	for _, o := range n.Cluster.Unit.Objects {
		if o.Is("", "Namespace") {
			names[o.Name] = true
		}
	}
	for _, w := range n.Workloads {
		names[w.Namespace] = names[w.Namespace] || !w.HostNetwork && w.Hook == ""
	}
	maps.DeleteFunc(names, func(name string, has bool) bool { return !has || name == "" || connect.IsSystemNamespace(name) })
	return sortedKeys(names)
}

// defaultDeny is a policy that denies everything in a namespace that no other one allows.
// ok is false if some policies select all its pods already.
func defaultDeny(n *connect.Network, namespace string, taken map[string]bool) (s Suggestion, ok bool) {
	p := newPolicy("default-deny", namespace, taken)
	if !n.DeniesByDefault(connect.Ingress, namespace) && n.OfAllPods(connect.Ingress, namespace) == nil {
		p.Spec.PolicyTypes = append(p.Spec.PolicyTypes, networkingv1.PolicyTypeIngress)
	}
	if !n.DeniesByDefault(connect.Egress, namespace) && n.OfAllPods(connect.Egress, namespace) == nil {
		p.Spec.PolicyTypes = append(p.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
	}
	s = Suggestion{Workload: "Namespace/" + namespace, Notes: []string{"it is for pods that no other policy selects; look for pods of the namespace that are not in these files"}}
	for _, w := range n.Workloads {
		if w.Namespace == namespace && w.Hook != "" {
			s.Notes = append(s.Notes, w.Ref().String()+" is a hook and has no policy; add one for what it needs")
		}
	}
	text, err := yaml.Marshal(p)
	if err != nil { // these types have YAML
		s.Notes = append(s.Notes, err.Error())
	}
	s.Manifest = string(text)
	return s, len(p.Spec.PolicyTypes) > 0
}

// newPolicy is a policy without rules, of a name that is not taken yet.
func newPolicy(name, namespace string, taken map[string]bool) *networkingv1.NetworkPolicy {
	for taken[namespace+"/"+name] {
		name += "-suggested"
	}
	taken[namespace+"/"+name] = true
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
	}
}

// selectorLabels is the labels by which to select the pods of a workload: those that its
// controller selects them by, else all of them.
func selectorLabels(w *connect.Workload) map[string]string {
	if l := w.Root.Get("spec.selector.matchLabels").StringMap(); len(l) > 0 && w.Within == "" {
		for key, value := range l {
			if w.Labels[key] != value {
				return w.Labels
			}
		}
		return l
	}
	return w.Labels
}

type suggestion struct {
	network *connect.Network
	refs    *references
	of      *connect.Workload
	out     Suggestion
}

func (s *suggestion) note(format string, args ...any) {
	s.out.Notes = append(s.out.Notes, fmt.Sprintf(format, args...))
}

// ingress lets in those that the files name: those that name one of the workload's Services,
// and what leads to it from outside.
func (s *suggestion) ingress() []networkingv1.NetworkPolicyIngressRule {
	var rules []networkingv1.NetworkPolicyIngressRule
	served := connect.Ports{}
	for _, service := range s.network.Cluster.ServicesTo(s.of.Pods) {
		ports := s.network.TargetPorts(service, s.of, connect.Backend{})
		if ports.IsEmpty() {
			continue
		}
		served = served.Union(ports)
		var peers []networkingv1.NetworkPolicyPeer
		for _, from := range s.refs.to[service.Object] {
			peers = append(peers, s.peer(from))
		}
		if peers == nil && s.isBehindController(service.Object) {
			continue // who else uses it, no file says
		}
		if peers == nil {
			peers = append(peers, networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}})
			s.note("no file says who uses Service %s, so all pods of the namespace may; name the ones that do", service.Name)
		}
		rules = append(rules, networkingv1.NetworkPolicyIngressRule{From: peers, Ports: portList(ports)})
	}
	for _, e := range s.network.Entrances(s.of) {
		if e.Ports.IsEmpty() {
			continue
		}
		served = served.Union(e.Ports)
		rule := networkingv1.NetworkPolicyIngressRule{Ports: portList(e.Ports)}
		if e.IsByController() {
			rule.From = []networkingv1.NetworkPolicyPeer{{NamespaceSelector: &metav1.LabelSelector{}}}
			s.note("%s %s leads here from the pods of its controller; name their namespace in place of namespaceSelector: {}", e.Kind, e.Object.Name)
		} else {
			s.note("%s of %s is open to every address; restrict it with ipBlock", e.Kind, e.Object.Ref())
		}
		rules = append(rules, rule)
	}
	if rest := s.of.Declared().Minus(served); !rest.IsEmpty() {
		s.note("%s is declared, and no Service leads there; add a rule for what uses it, such as the namespace of Prometheus", rest)
	}
	return rules
}

// isBehindController reports whether an Ingress or a route leads to the workload by a Service.
func (s *suggestion) isBehindController(service *lint.Object) bool {
	return slices.ContainsFunc(s.network.Entrances(s.of), func(e connect.Entrance) bool {
		return e.IsByController() && e.Service.Object == service
	})
}

// egress allows name resolution and what the workload names: Services of the unit, servers
// on the Internet, and the API server if it has an account for it.
func (s *suggestion) egress() []networkingv1.NetworkPolicyEgressRule {
	dns := connect.PortRange(connect.UDP, 53, 53).Union(connect.PortRange(connect.TCP, 53, 53))
	rules := []networkingv1.NetworkPolicyEgressRule{{
		To: []networkingv1.NetworkPolicyPeer{{
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{nameLabel: "kube-system"}},
			PodSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{"k8s-app": "kube-dns"}},
		}},
		Ports: portList(dns),
	}}
	for _, service := range s.refs.from[s.of] {
		for _, pods := range s.network.Cluster.Select(service.Namespace, service.Selector).Pods {
			to := s.network.Workload(pods.Workload)
			if ports := s.network.TargetPorts(service, to, connect.Backend{}); !ports.IsEmpty() {
				rules = append(rules, networkingv1.NetworkPolicyEgressRule{To: []networkingv1.NetworkPolicyPeer{s.peer(to)}, Ports: portList(ports)})
			}
		}
	}
	if outside := s.refs.outside[s.of]; !outside.IsEmpty() {
		rules = append(rules, networkingv1.NetworkPolicyEgressRule{
			To:    []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0", Except: privateAddresses}}},
			Ports: portList(outside),
		})
		s.note("it names servers outside of the cluster; narrow 0.0.0.0/0 down to their addresses")
	}
	if s.usesAPI() {
		rules = append(rules, networkingv1.NetworkPolicyEgressRule{
			Ports: portList(connect.PortRange(connect.TCP, 443, 443).Union(connect.PortRange(connect.TCP, 6443, 6443))),
		})
		s.note("it has a token for the API server, whose address no file shows; add it as ipBlock")
	}
	s.note("what it reaches by values of Secrets is not known; try the policy before you rely on it")
	return rules
}

// usesAPI reports whether pods have an account of their own and its token for the API server.
func (s *suggestion) usesAPI() bool {
	name := s.of.Pod.Get("serviceAccountName").Text()
	return name != "" && name != "default" && s.network.MayHaveToken(s.of)
}

// peer selects the pods of a workload, from the namespace of the policy.
func (s *suggestion) peer(w *connect.Workload) networkingv1.NetworkPolicyPeer {
	p := networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{MatchLabels: selectorLabels(w)}}
	if !connect.SameNamespace(w.Namespace, s.of.Namespace) {
		p.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{nameLabel: cmp.Or(w.Namespace, metav1.NamespaceDefault)}}
	}
	return p
}

func portList(p connect.Ports) []networkingv1.NetworkPolicyPort {
	var l []networkingv1.NetworkPolicyPort
	for s := range p.Spans() {
		proto, from := corev1.Protocol(s.Protocol.String()), intstr.FromInt32(int32(s.First))
		port := networkingv1.NetworkPolicyPort{Protocol: &proto, Port: &from}
		if s.Last > s.First {
			end := int32(s.Last)
			port.EndPort = &end
		}
		l = append(l, port)
	}
	return l
}

// YAML writes the suggestions of maps as manifests to apply, those that are equal once.
// Safe makes a text of the input safe to print in one line.
func YAML(l []*Map, safe func(string) string) string {
	var b strings.Builder
	printed := map[string]bool{}
	for _, m := range l {
		for _, s := range m.Suggested {
			key := s.Workload + "\x00" + s.Manifest
			if printed[key] {
				continue
			}
			printed[key] = true
			if b.Len() > 0 {
				b.WriteString("---\n")
			}
			b.WriteString("# " + safe(s.Workload+" of "+m.Unit) + "\n")
			for _, note := range s.Notes {
				b.WriteString("# - " + safe(note) + "\n")
			}
			b.WriteString(s.Manifest)
		}
	}
	return b.String()
}

// sortedKeys is the keys of a map, sorted.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
