package connect

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// The simulation decides for one packet at a time, straight from what the API documentation
// says of each field. It shares no code with the package: policies are the typed objects of
// k8s.io/api, which the package reads from their YAML.

type simPod struct {
	name, namespace string
	labels          map[string]string
	ports           []corev1.ContainerPort
	hostNetwork     bool
}

// adminPolicyObject is AdminNetworkPolicy and BaselineAdminNetworkPolicy.
type adminPolicyObject struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              adminSpec `json:"spec"`
}

type adminSpec struct {
	Priority *int32         `json:"priority,omitempty"`
	Subject  adminPeer      `json:"subject"`
	Ingress  []adminSimRule `json:"ingress,omitempty"`
	Egress   []adminSimRule `json:"egress,omitempty"`
}

type adminSimRule struct {
	Action string      `json:"action"`
	From   []adminPeer `json:"from,omitempty"`
	To     []adminPeer `json:"to,omitempty"`
	Ports  []adminPort `json:"ports,omitempty"`
}

type adminPeer struct {
	Namespaces *metav1.LabelSelector `json:"namespaces,omitempty"`
	Pods       *adminPods            `json:"pods,omitempty"`
}

type adminPods struct {
	NamespaceSelector metav1.LabelSelector `json:"namespaceSelector"`
	PodSelector       metav1.LabelSelector `json:"podSelector"`
}

type adminPort struct {
	Number *struct {
		Protocol string `json:"protocol"`
		Port     int    `json:"port"`
	} `json:"portNumber,omitempty"`
	Range *struct {
		Protocol string `json:"protocol"`
		Start    int    `json:"start"`
		End      int    `json:"end"`
	} `json:"portRange,omitempty"`
	Name string `json:"namedPort,omitempty"`
}

type simulation struct {
	namespaces map[string]map[string]string
	pods       []simPod
	policies   []networkingv1.NetworkPolicy
	admin      []adminPolicyObject // sorted by priority
	baseline   *adminPolicyObject
}

func selectsLabels(s metav1.LabelSelector, l map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(&s)
	return err == nil && selector.Matches(labels.Set(l))
}

// packet is from one side to a port of another; the other side of the subject is a pod or
// an address.
type packet struct {
	subject  simPod
	peer     *simPod
	address  netip.Addr
	protocol string
	port     int
	egress   bool
}

func (k packet) destination() *simPod {
	if k.egress {
		return k.peer
	}
	return &k.subject
}

func (k packet) isPort(p intstr.IntOrString, protocol string) bool {
	if p.Type == intstr.Int {
		return k.port == p.IntValue()
	}
	return k.isNamed(p.StrVal, protocol)
}

func (k packet) isNamed(name, protocol string) bool {
	d := k.destination()
	return d != nil && slices.ContainsFunc(d.ports, func(c corev1.ContainerPort) bool {
		return c.Name == name && string(c.Protocol) == protocol && int(c.ContainerPort) == k.port
	})
}

func (s *simulation) allows(k packet) bool {
	if k.subject.hostNetwork {
		return true
	}
	decide := func(o *adminPolicyObject) string {
		if !s.selectsAdmin(o.Spec.Subject, &k.subject) {
			return ""
		}
		rules := o.Spec.Ingress
		if k.egress {
			rules = o.Spec.Egress
		}
		for _, r := range rules {
			if s.adminRuleMatches(r, k) {
				return r.Action
			}
		}
		return ""
	}
	for i := range s.admin {
		switch decide(&s.admin[i]) {
		case "Allow":
			return true
		case "Deny":
			return false
		case "Pass":
			goto network
		}
	}
network:
	isolated := false
	for _, p := range s.policies {
		kind := networkingv1.PolicyTypeIngress
		if k.egress {
			kind = networkingv1.PolicyTypeEgress
		}
		types := p.Spec.PolicyTypes
		if len(types) == 0 {
			types = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
			if len(p.Spec.Egress) > 0 {
				types = append(types, networkingv1.PolicyTypeEgress)
			}
		}
		if p.Namespace != k.subject.namespace || !slices.Contains(types, kind) || !selectsLabels(p.Spec.PodSelector, k.subject.labels) {
			continue
		}
		isolated = true
		if k.egress {
			for _, r := range p.Spec.Egress {
				if s.matchesPeers(p.Namespace, r.To, k) && matchesPorts(r.Ports, k) {
					return true
				}
			}
			continue
		}
		for _, r := range p.Spec.Ingress {
			if s.matchesPeers(p.Namespace, r.From, k) && matchesPorts(r.Ports, k) {
				return true
			}
		}
	}
	if isolated {
		return false
	}
	return s.baseline == nil || decide(s.baseline) != "Deny"
}

func (s *simulation) matchesPeers(namespace string, peers []networkingv1.NetworkPolicyPeer, k packet) bool {
	if len(peers) == 0 {
		return true
	}
	for _, p := range peers {
		switch {
		case p.IPBlock != nil:
			if k.address.IsValid() && netip.MustParsePrefix(p.IPBlock.CIDR).Contains(k.address) && !slices.ContainsFunc(p.IPBlock.Except, func(e string) bool {
				return netip.MustParsePrefix(e).Contains(k.address)
			}) {
				return true
			}
		case k.peer == nil || k.peer.hostNetwork:
		case p.NamespaceSelector == nil && k.peer.namespace != namespace:
		case p.NamespaceSelector != nil && !selectsLabels(*p.NamespaceSelector, s.namespaces[k.peer.namespace]):
		case p.PodSelector != nil && !selectsLabels(*p.PodSelector, k.peer.labels):
		default:
			return true
		}
	}
	return false
}

func matchesPorts(ports []networkingv1.NetworkPolicyPort, k packet) bool {
	if len(ports) == 0 {
		return true
	}
	return slices.ContainsFunc(ports, func(p networkingv1.NetworkPolicyPort) bool {
		protocol := "TCP"
		if p.Protocol != nil {
			protocol = string(*p.Protocol)
		}
		switch {
		case protocol != k.protocol:
			return false
		case p.Port == nil:
			return true
		case p.EndPort != nil:
			return p.Port.IntValue() <= k.port && k.port <= int(*p.EndPort)
		}
		return k.isPort(*p.Port, protocol)
	})
}

func (s *simulation) selectsAdmin(p adminPeer, pod *simPod) bool {
	switch {
	case pod == nil || pod.hostNetwork:
		return false
	case p.Namespaces != nil:
		return selectsLabels(*p.Namespaces, s.namespaces[pod.namespace])
	}
	return selectsLabels(p.Pods.NamespaceSelector, s.namespaces[pod.namespace]) && selectsLabels(p.Pods.PodSelector, pod.labels)
}

func (s *simulation) adminRuleMatches(r adminSimRule, k packet) bool {
	peers := r.From
	if k.egress {
		peers = r.To
	}
	if !slices.ContainsFunc(peers, func(p adminPeer) bool { return s.selectsAdmin(p, k.peer) }) {
		return false
	}
	return len(r.Ports) == 0 || slices.ContainsFunc(r.Ports, func(p adminPort) bool {
		switch {
		case p.Number != nil:
			return p.Number.Protocol == k.protocol && p.Number.Port == k.port
		case p.Range != nil:
			return p.Range.Protocol == k.protocol && p.Range.Start <= k.port && k.port <= p.Range.End
		}
		return k.isNamed(p.Name, k.protocol)
	})
}

// dice makes random pods and policies.
type dice struct{ *rand.Rand }

func pick[T any](d dice, l ...T) T { return l[d.IntN(len(l))] }

func (d dice) selector() metav1.LabelSelector {
	switch d.IntN(5) {
	case 0:
		return metav1.LabelSelector{}
	case 1:
		return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "app", Operator: metav1.LabelSelectorOpIn, Values: []string{"a", "b"}}}}
	case 2:
		return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tier", Operator: pick(d, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist)}}}
	case 3:
		return metav1.LabelSelector{MatchLabels: map[string]string{"app": pick(d, "a", "b", "c")}, MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tier", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"x"}}}}
	}
	return metav1.LabelSelector{MatchLabels: map[string]string{"app": pick(d, "a", "b", "c")}}
}

func (d dice) namespaces() metav1.LabelSelector {
	switch d.IntN(4) {
	case 0:
		return metav1.LabelSelector{}
	case 1:
		return metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": pick(d, "n0", "n1", "n2")}}
	case 2:
		return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: metav1.LabelSelectorOpExists}}}
	}
	return metav1.LabelSelector{MatchLabels: map[string]string{"team": pick(d, "x", "y")}}
}

func (d dice) peers() []networkingv1.NetworkPolicyPeer {
	var l []networkingv1.NetworkPolicyPeer
	for range d.IntN(3) {
		var p networkingv1.NetworkPolicyPeer
		switch d.IntN(4) {
		case 0:
			p.IPBlock = &networkingv1.IPBlock{CIDR: "0.0.0.0/0", Except: pick(d, nil, []string{"169.254.0.0/16"}, []string{"10.0.0.0/8", "8.8.8.0/24"})}
			if d.IntN(3) == 0 {
				p.IPBlock = &networkingv1.IPBlock{CIDR: pick(d, "2001:db8::/32", "10.1.0.0/16", "128.0.0.0/1")}
			}
		case 1:
			s := d.selector()
			p.PodSelector = &s
		case 2:
			n := d.namespaces()
			p.NamespaceSelector = &n
		default:
			s, n := d.selector(), d.namespaces()
			p.PodSelector, p.NamespaceSelector = &s, &n
		}
		l = append(l, p)
	}
	return l
}

func (d dice) ports() []networkingv1.NetworkPolicyPort {
	var l []networkingv1.NetworkPolicyPort
	for range d.IntN(3) {
		var p networkingv1.NetworkPolicyPort
		if d.IntN(2) == 0 {
			proto := pick(d, corev1.ProtocolTCP, corev1.ProtocolUDP)
			p.Protocol = &proto
		}
		switch d.IntN(4) {
		case 0:
			port := intstr.FromString(pick(d, "web", "dns"))
			p.Port = &port
		case 1:
			port, end := intstr.FromInt32(80), int32(8080)
			p.Port, p.EndPort = &port, &end
		case 2:
			port := intstr.FromInt32(pick(d, int32(53), 80, 443))
			p.Port = &port
		}
		l = append(l, p)
	}
	return l
}

func (d dice) adminPeer() adminPeer {
	if d.IntN(2) == 0 {
		n := d.namespaces()
		return adminPeer{Namespaces: &n}
	}
	return adminPeer{Pods: &adminPods{d.namespaces(), d.selector()}}
}

func (d dice) adminRules(egress, pass bool) []adminSimRule {
	actions := []string{"Allow", "Deny"}
	if pass {
		actions = append(actions, "Pass")
	}
	var l []adminSimRule
	for range d.IntN(4) {
		r := adminSimRule{Action: pick(d, actions...)}
		if egress {
			r.To = []adminPeer{d.adminPeer()}
		} else {
			r.From = []adminPeer{d.adminPeer()}
		}
		for range d.IntN(3) {
			var p adminPort
			text := pick(d,
				`{"portNumber":{"protocol":"TCP","port":80}}`, `{"portNumber":{"protocol":"UDP","port":53}}`,
				`{"portRange":{"protocol":"TCP","start":80,"end":443}}`, `{"namedPort":"web"}`)
			_ = json.Unmarshal([]byte(text), &p)
			r.Ports = append(r.Ports, p)
		}
		l = append(l, r)
	}
	return l
}

func (d dice) adminPolicy(kind, name string, priority *int32) adminPolicyObject {
	return adminPolicyObject{
		TypeMeta:   metav1.TypeMeta{APIVersion: "policy.networking.k8s.io/v1alpha1", Kind: kind},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: adminSpec{
			Priority: priority, Subject: d.adminPeer(),
			Ingress: d.adminRules(false, priority != nil), Egress: d.adminRules(true, priority != nil),
		},
	}
}

func (d dice) simulation() *simulation {
	s := &simulation{namespaces: map[string]map[string]string{}}
	for i := range 3 {
		name := fmt.Sprintf("n%d", i)
		s.namespaces[name] = map[string]string{"kubernetes.io/metadata.name": name}
		if team := pick(d, "", "x", "y"); team != "" {
			s.namespaces[name]["team"] = team
		}
	}
	for i := range 6 {
		p := simPod{name: fmt.Sprintf("p%d", i), namespace: pick(d, "n0", "n1", "n2"), labels: map[string]string{"app": pick(d, "a", "b", "c")}, hostNetwork: d.IntN(10) == 0}
		if tier := pick(d, "", "x", "y"); tier != "" {
			p.labels["tier"] = tier
		}
		p.ports = append(p.ports, corev1.ContainerPort{Name: "web", Protocol: corev1.ProtocolTCP, ContainerPort: pick(d, int32(80), 8080)})
		if d.IntN(2) == 0 {
			p.ports = append(p.ports, corev1.ContainerPort{Name: "dns", Protocol: corev1.ProtocolUDP, ContainerPort: 53})
		}
		s.pods = append(s.pods, p)
	}
	for i := range d.IntN(6) {
		p := networkingv1.NetworkPolicy{
			TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("np%d", i), Namespace: pick(d, "n0", "n1", "n2")},
			Spec:       networkingv1.NetworkPolicySpec{PodSelector: d.selector()},
		}
		p.Spec.PolicyTypes = pick(d, nil, []networkingv1.PolicyType{"Ingress"}, []networkingv1.PolicyType{"Egress"}, []networkingv1.PolicyType{"Ingress", "Egress"})
		for range d.IntN(3) {
			p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{From: d.peers(), Ports: d.ports()})
		}
		for range d.IntN(3) {
			p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{To: d.peers(), Ports: d.ports()})
		}
		s.policies = append(s.policies, p)
	}
	for i := range d.IntN(3) {
		priority := int32(10 * (i + 1))
		s.admin = append(s.admin, d.adminPolicy("AdminNetworkPolicy", fmt.Sprintf("anp%d", i), &priority))
	}
	if d.IntN(2) == 0 {
		p := d.adminPolicy("BaselineAdminNetworkPolicy", "default", nil)
		s.baseline = &p
	}
	return s
}

// network is the same as the package reads it, from text. The objects come in another order
// than that of the policies' priority.
func (s *simulation) network(t *testing.T) *Network {
	t.Helper()
	var documents []string
	add := func(v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(text))
	}
	if s.baseline != nil {
		add(s.baseline)
	}
	for i := range slices.Backward(s.admin) {
		add(s.admin[i])
	}
	for i := range s.policies {
		add(&s.policies[i])
	}
	for name, set := range s.namespaces {
		add(map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name, "labels": set}})
	}
	for _, p := range s.pods {
		add(map[string]any{
			"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": p.name, "namespace": p.namespace, "labels": p.labels},
			"spec": map[string]any{"hostNetwork": p.hostNetwork, "containers": []any{map[string]any{"name": "a", "ports": p.ports}}},
		})
	}
	return New(cluster.New(&lint.Unit{Objects: objects(t, strings.Join(documents, "\n---\n"))}))
}

// TestSimulation compares the package with the simulation, packet by packet.
func TestSimulation(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 40
	}
	addresses := []string{"8.8.8.8", "10.1.2.3", "169.254.169.254", "200.1.1.1", "2001:db8::1", "2001:db9::1"}
	packets, allowed := 0, 0
	for seed := range uint64(rounds) {
		s := dice{rand.New(rand.NewPCG(seed, 15))}.simulation()
		n := s.network(t)
		byName := map[string]*Workload{}
		for _, w := range n.Workloads {
			byName[w.Name] = w
		}
		check := func(k packet, target Target) {
			proto, _ := parseProtocol(k.protocol)
			d := Ingress
			if k.egress {
				d = Egress
			}
			want := s.allows(k)
			packets++
			if want {
				allowed++
			}
			if r := n.Allowed(byName[k.subject.name], d, target); r.Ports.Has(proto, k.port) != want || r.Unclear {
				t.Fatalf("seed %d: %s %s, peer %v, %s %d: got %v, want %t", seed, d, k.subject.name, target, k.protocol, k.port, r, want)
			}
		}
		for _, port := range []struct {
			protocol string
			port     int
		}{{"TCP", 80}, {"TCP", 443}, {"TCP", 8080}, {"TCP", 53}, {"UDP", 53}, {"UDP", 80}, {"SCTP", 80}} {
			for _, subject := range s.pods {
				for _, egress := range []bool{false, true} {
					for i := range s.pods {
						peer := &s.pods[i]
						check(packet{subject: subject, peer: peer, protocol: port.protocol, port: port.port, egress: egress}, Target{Workload: byName[peer.name]})
					}
					for _, text := range addresses {
						a := netip.MustParseAddr(text)
						check(packet{subject: subject, address: a, protocol: port.protocol, port: port.port, egress: egress}, Target{Addr: a})
					}
				}
			}
		}
		checkOutside(t, s, n, byName)
	}
	if allowed*10 < packets || allowed*10 > packets*9 {
		t.Errorf("%d of %d packets are allowed: the dice are loaded", allowed, packets)
	}
	t.Logf("%d packets, %d allowed", packets, allowed)
}

// checkOutside compares the sets of addresses with what is allowed for each address.
func checkOutside(t *testing.T, s *simulation, n *Network, byName map[string]*Workload) {
	t.Helper()
	for _, pod := range s.pods {
		for _, text := range []string{"0.0.0.0", "8.8.8.8", "10.255.255.255", "11.0.0.0", "127.255.255.255", "128.0.0.0", "255.255.255.255", "::", "2001:db8::", "ffff::1"} {
			a := netip.MustParseAddr(text)
			var have Ports
			for _, o := range n.Outside(byName[pod.name], Egress) {
				if o.Addresses.Contains(a) {
					have = have.Union(o.Ports)
				}
			}
			if want := n.Allowed(byName[pod.name], Egress, Target{Addr: a}).Ports; !have.Equal(want) {
				t.Fatalf("%s may reach %s on %s; its sets of addresses say %s", pod.name, a, want, have)
			}
		}
	}
}
