package connect

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

func objects(tb testing.TB, text string) []*lint.Object {
	tb.Helper()
	var l []*lint.Object
	for doc := range strings.SplitSeq(text, "\n---\n") {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(doc), &n); err != nil {
			tb.Fatal(err)
		}
		if o, ok := lint.NewObject(&n, nil); ok {
			l = append(l, o)
		}
	}
	return l
}

func network(tb testing.TB, text string) *Network {
	tb.Helper()
	return New(cluster.New(&lint.Unit{Objects: objects(tb, text)}))
}

func (n *Network) named(tb testing.TB, name string) *Workload {
	tb.Helper()
	for _, w := range n.Workloads {
		if w.Name == name {
			return w
		}
	}
	tb.Fatalf("no workload %s", name)
	return nil
}

func TestPorts(t *testing.T) {
	web := PortRange(TCP, 80, 80).Union(PortRange(TCP, 443, 443)).Union(PortRange(TCP, 81, 90)).Union(PortRange(UDP, 53, 53))
	for want, p := range map[string]Ports{
		"TCP 80-90, 443; UDP 53": web,
		"all ports":              AllPorts(),
		"no port":                web.Minus(AllPorts()),
		"TCP 85-90, 443; UDP 53": web.Minus(PortRange(TCP, 1, 84)),
		"TCP 80-84, 86-90":       web.Intersect(PortRange(TCP, 80, 100)).Minus(PortRange(TCP, 85, 85)),
		"TCP all ports; UDP 53":  web.Union(PortRange(TCP, 1, 65535)),
		"TCP 0-79, 91-442, 444-65535; UDP 0-52, 54-65535; SCTP all ports": AllPorts().Minus(web),
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

const pods = `
apiVersion: v1
kind: Namespace
metadata: {name: a, labels: {team: red}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: a, labels: {app: web}}
spec: {serviceAccountName: web, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: a, labels: {app: db}}
spec: {containers: [{name: c, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: b, labels: {app: other}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: node, namespace: a, labels: {app: node}}
spec: {hostNetwork: true, containers: [{name: c}]}
---
`

// TestForeign is what policies of Cilium, Calico and administrators allow from one pod to
// another, or to an address.
func TestForeign(t *testing.T) {
	const (
		cilium       = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: a}\nspec:\n  endpointSelector: {matchLabels: {app: db}}\n"
		calico       = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: a}\nspec:\n  selector: app == 'db'\n"
		calicoGlobal = "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: p}\nspec:\n"
		native       = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n, namespace: a}\nspec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}\n"
		cluster      = "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec:\n  tier: Admin\n  priority: 1\n  subject: {namespaces: {}}\n"
	)
	for _, tt := range []struct {
		name, policies, from, to string
		want                     string
	}{
		{"no policy", "", "web", "db", "all ports"},
		{"native", native, "web", "db", "all ports"},
		{"native, other namespace", native, "other", "db", "no port"},
		{"native, host network", native, "node", "db", "no port"},
		{"cilium empty rule", cilium + "  ingress: [{}]\n", "web", "db", "no port"},
		{"cilium endpoints", cilium + "  ingress: [{fromEndpoints: [{matchLabels: {app: web}}], toPorts: [{ports: [{port: '5432', protocol: TCP}]}]}]\n", "web", "db", "TCP 5432"},
		{"cilium own namespace", cilium + "  ingress: [{fromEndpoints: [{}]}]\n", "other", "db", "no port"},
		{"cilium other namespace", cilium + "  ingress: [{fromEndpoints: [{matchLabels: {'k8s:io.kubernetes.pod.namespace': b}}]}]\n", "other", "db", "all ports"},
		{"cilium expression on the namespace", cilium + "  ingress: [{fromEndpoints: [{matchExpressions: [{key: 'k8s:io.kubernetes.pod.namespace', operator: In, values: [b]}]}]}]\n", "other", "db", "all ports"},
		{"cilium ports alone", cilium + "  ingress: [{toPorts: [{ports: [{port: '5432', protocol: ANY}]}]}]\n", "other", "db", "TCP 5432; UDP 5432; SCTP 5432"},
		{"cilium cluster", cilium + "  ingress: [{fromEntities: [cluster]}]\n", "other", "db", "all ports"},
		{"cilium world", cilium + "  ingress: [{fromEntities: [world]}]\n", "other", "db", "no port"},
		{"cilium, of its own endpoints", "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: h}\nspec:\n  endpointSelector: {matchLabels: {'reserved:health': ''}}\n  ingress: [{fromEntities: [remote-node]}]\n", "web", "db", "all ports"},
		{"cilium, of its own endpoints by an expression", "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: h}\nspec:\n  endpointSelector: {matchExpressions: [{key: 'reserved:ingress', operator: Exists}]}\n  ingress: [{fromEntities: [remote-node]}]\n", "web", "db", "all ports"},
		{"cilium, of all but its own endpoints", "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: h}\nspec:\n  endpointSelector: {matchExpressions: [{key: 'reserved:ingress', operator: DoesNotExist}]}\n  ingress: [{fromEntities: [remote-node]}]\n", "web", "db", "no port"},
		{"cilium world, address", cilium + "  egress: [{toEntities: [world]}]\n", "db", "169.254.169.254", "all ports"},
		{"cilium host", cilium + "  ingress: [{fromEntities: [host]}]\n", "node", "db", "all ports"},
		{"cilium deny first", cilium + "  ingress: [{fromEntities: [all]}]\n  ingressDeny: [{fromEndpoints: [{matchLabels: {app: web}}]}]\n", "web", "db", "no port"},
		{"cilium deny address", cilium + "  egress: [{toEntities: [world]}]\n  egressDeny: [{toCIDR: [169.254.0.0/16]}]\n", "db", "169.254.169.254", "no port"},
		{"cilium names", cilium + "  egress: [{toFQDNs: [{matchName: example.com}]}]\n", "db", "8.8.8.8", "no port"},
		{"cilium default deny off", cilium + "  enableDefaultDeny: {ingress: false}\n  ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]\n", "other", "db", "all ports"},
		{"cilium service account", cilium + "  ingress: [{fromEndpoints: [{matchLabels: {'k8s:io.cilium.k8s.policy.serviceaccount': web}}]}]\n", "web", "db", "all ports"},
		{"cilium service account, another", cilium + "  ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: default}}]}]\n", "web", "db", "no port"},
		{"cilium service account, of all namespaces", cilium + "  ingress: [{fromEndpoints: [{matchExpressions: [{key: io.cilium.k8s.policy.serviceaccount, operator: NotIn, values: [web]}, {key: io.kubernetes.pod.namespace, operator: Exists}]}]}]\n", "other", "db", "all ports"},
		{"cilium, subject by service account", "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: a}\nspec: {endpointSelector: {matchLabels: {io.cilium.k8s.policy.serviceaccount: default}}, ingress: [{}]}\n", "web", "db", "no port"},
		{"cilium, not the subject by service account", "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: a}\nspec: {endpointSelector: {matchLabels: {io.cilium.k8s.policy.serviceaccount: web}}, ingress: [{}]}\n", "web", "db", "all ports"},
		{"cilium host by label", cilium + "  ingress: [{fromEndpoints: [{matchLabels: {'reserved:host': ''}}]}]\n", "node", "db", "all ports"},
		{"cilium host by label, pods", cilium + "  ingress: [{fromEndpoints: [{matchLabels: {'reserved:host': ''}}]}]\n", "web", "db", "no port"},
		{"calico's label of the service account", calicoGlobal + "  selector: app == 'db'\n  ingress: [{action: Allow, source: {selector: \"projectcalico.org/serviceaccount == 'web'\"}}]\n", "web", "db", "all ports"},
		{"calico's label of another service account", calicoGlobal + "  selector: app == 'db'\n  ingress: [{action: Allow, source: {selector: \"projectcalico.org/serviceaccount == 'web'\"}}]\n", "other", "db", "no port"},
		{"calico service accounts", calico + "  ingress: [{action: Allow, source: {serviceAccounts: {names: [api, web]}}}]\n", "web", "db", "all ports"},
		{"calico service accounts, another", calico + "  ingress: [{action: Allow, source: {serviceAccounts: {names: [api]}}}]\n", "web", "db", "no port"},
		{"calico service accounts, another namespace", calico + "  ingress: [{action: Allow, source: {serviceAccounts: {names: [default]}}}]\n", "other", "db", "no port"},
		{"calico service accounts and labels", calicoGlobal + "  selector: app == 'db'\n  ingress: [{action: Allow, source: {selector: app == 'api', serviceAccounts: {names: [web]}}}]\n", "web", "db", "no port"},
		{"calico selector", calico + "  ingress: [{action: Allow, protocol: TCP, source: {selector: \"app in {'web', 'x'}\"}, destination: {ports: [5432, '80:90']}}]\n", "web", "db", "TCP 80-90, 5432"},
		{"calico own namespace", calico + "  ingress: [{action: Allow, source: {selector: all()}}]\n", "other", "db", "no port"},
		{"calico namespaces", calico + "  ingress: [{action: Allow, source: {namespaceSelector: \"projectcalico.org/name == 'b'\"}}]\n", "other", "db", "all ports"},
		{"calico's label of the namespace", calicoGlobal + "  selector: \"projectcalico.org/namespace == 'a'\"\n  types: [Ingress]\n", "web", "db", "no port"},
		{"calico's label of another namespace", calicoGlobal + "  selector: \"projectcalico.org/namespace not in {'a', 'kube-system'}\"\n  types: [Ingress]\n", "web", "db", "all ports"},
		{"calico's label in a peer", calicoGlobal + "  selector: app == 'db'\n  ingress: [{action: Allow, source: {selector: \"projectcalico.org/namespace == 'b'\"}}]\n", "other", "db", "all ports"},
		{"calico's label in a peer, another namespace", calicoGlobal + "  selector: app == 'db'\n  ingress: [{action: Allow, source: {selector: \"projectcalico.org/namespace == 'b'\"}}]\n", "web", "db", "no port"},
		{"calico's label of all pods", calicoGlobal + "  selector: \"projectcalico.org/orchestrator == 'k8s'\"\n  types: [Ingress]\n", "web", "db", "no port"},
		{"calico's label of hosts", calicoGlobal + "  selector: \"!has(projectcalico.org/orchestrator)\"\n  types: [Ingress]\n", "web", "db", "all ports"},
		{"calico deny first", calico + "  ingress: [{action: Deny, source: {selector: app == 'web'}}, {action: Allow}]\n", "web", "db", "no port"},
		{"calico deny after native", calico + "  ingress: [{action: Deny, source: {selector: app == 'web'}}]\n---\n" + native, "web", "db", "all ports"},
		{"calico deny before native", strings.Replace(calico, "spec:\n", "spec:\n  order: 10\n", 1) + "  ingress: [{action: Deny, source: {selector: app == 'web'}}]\n---\n" + native, "web", "db", "no port"},
		{"calico nets", calico + "  types: [Egress]\n  egress: [{action: Allow, destination: {nets: [0.0.0.0/0], notNets: [169.254.0.0/16]}}]\n", "db", "169.254.169.254", "no port"},
		{"calico nets, another", calico + "  types: [Egress]\n  egress: [{action: Allow, destination: {nets: [0.0.0.0/0], notNets: [169.254.0.0/16]}}]\n", "db", "8.8.8.8", "all ports"},
		{"cluster policy accept", cluster + "  ingress: [{action: Accept, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}, {action: Deny, from: [{namespaces: {}}]}]\n", "web", "db", "TCP 80"},
		{"cluster policy range", cluster + "  ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{udp: {}}, {tcp: {destinationPort: {range: {start: 1, end: 65534}}}}, {sctp: {}}]}]\n", "web", "db", "TCP 0, 65535"},
		{"cluster policy networks", cluster + "  egress: [{action: Deny, to: [{networks: [169.254.169.254/32]}]}]\n", "db", "169.254.169.254", "no port"},
	} {
		n := network(t, pods+tt.policies)
		from := n.named(t, tt.from)
		var got Ports
		if a, err := netip.ParseAddr(tt.to); err == nil {
			got = n.Allowed(from, Egress, Target{Addr: a}).Ports
		} else {
			got = n.Connection(from, n.named(t, tt.to)).Ports
		}
		if got.String() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestUnclear holds that what is not understood is said, and denies nothing.
func TestUnclear(t *testing.T) {
	const head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n, namespace: a}\nspec:\n  podSelector: {matchLabels: {app: db}}\n"
	for name, tt := range map[string]struct {
		policy  string
		unclear bool
	}{
		"label of a namespace that is not declared": {head + "  ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}]}]\n", true},
		"name of a namespace that is not declared":  {head + "  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]\n", false},
		"placeholder": {head + "  ingress: [{from: [{podSelector: {matchLabels: {app: '${APP}'}}, namespaceSelector: {}}]}]\n", true},
		"names of servers": {"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: n, namespace: a}\nspec:\n  endpointSelector: {}\n" +
			"  ingress: [{toPorts: [{ports: [{port: '443', protocol: TCP}], serverNames: [example.com]}]}]\n", true},
		"another cluster": {"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: n, namespace: a}\nspec:\n  endpointSelector: {}\n" +
			"  ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.cluster: c2, io.kubernetes.pod.namespace: b}}]}]\n", true},
		"labels of service accounts": {"apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: n, namespace: a}\nspec:\n  ingress: [{action: Allow, source: {namespaceSelector: all(), serviceAccounts: {selector: a == 'b'}}}]\n", true},
		"methods of HTTP": {"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: n, namespace: a}\nspec:\n  endpointSelector: {}\n" +
			"  ingress: [{toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{method: GET}]}}]}]\n", true},
	} {
		n := network(t, pods+tt.policy)
		r := n.Connection(n.named(t, "other"), n.named(t, "db"))
		if r.Unclear != tt.unclear || r.Ports.IsEmpty() {
			t.Errorf("%s: got %v", name, r)
		}
	}
}

func TestCalicoSelector(t *testing.T) {
	set := map[string]string{"app": "web", "tier": "front-end"}
	for text, want := range map[string]bool{
		"": true, "all()": true, "app == 'web'": true, `app == "db"`: false, "app != 'db'": true, "x != 'y'": true,
		"has(tier)": true, "!has(x)": true, "app in {'db', 'web'}": true, "app not in {'db'}": true, "x not in {'db'}": true, "app not in {'web'}": false,
		"tier starts with 'front'": true, "tier ends with 'front'": false, "tier contains '-'": true,
		"app == 'db' || (has(tier) && app == 'web')": true, "!(app == 'web') && has(tier)": false, "global()": false,
	} {
		s, ok := parseCalicoSelector(text)
		if !ok || s.Matches(labels.Set(set)) != want {
			t.Errorf("%q: read %t; want a match: %t", text, ok, want)
		}
	}
	for _, text := range []string{"app = 'web'", "app ==", "app == 'web", "(app == 'web'", "has(", "app in {'a' 'b'}", "== 'x'", strings.Repeat("!", 1000) + "all()", "a == 'b' c"} {
		if _, ok := parseCalicoSelector(text); ok {
			t.Errorf("%q is no selector", text)
		}
	}
}

// many is workloads in namespaces of ten, each with a policy of its own.
func many(count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: w%d, namespace: n%d}, spec: {template: {metadata: {labels: {app: w%d}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}}}}\n---\n", i, i/10, i)
		fmt.Fprintf(&b, "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: w%d, namespace: n%d}, spec: {podSelector: {matchLabels: {app: w%d}}, policyTypes: [Ingress, Egress], "+
			"ingress: [{from: [{podSelector: {matchLabels: {app: w%d}}}], ports: [{port: http}]}], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}}], ports: [{port: 443}]}, {ports: [{port: 53, protocol: UDP}]}]}}\n---\n", i, i/10, i, (i+1)%count)
	}
	return b.String()
}

// BenchmarkNetwork reads as many policies as workloads and asks what each workload may reach.
func BenchmarkNetwork(b *testing.B) {
	for _, count := range []int{100, 1000, 5000} {
		u := &lint.Unit{Objects: objects(b, many(count))}
		b.Run(strconv.Itoa(count), func(b *testing.B) {
			for b.Loop() {
				n := New(cluster.New(u))
				for _, w := range n.Workloads {
					if len(n.Outside(w, Egress)) == 0 || !w.Isolated(Ingress) {
						b.Fatal("each workload may reach something, and is isolated")
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "µs/workload")
		})
	}
}

// TestGrowth holds that the work for a workload does not grow with the number of workloads:
// the allocations of four times as many are about four times as many.
func TestGrowth(t *testing.T) {
	cost := func(count int) float64 {
		u := &lint.Unit{Objects: objects(t, many(count))}
		return testing.AllocsPerRun(1, func() {
			n := New(cluster.New(u))
			for _, w := range n.Workloads {
				n.Outside(w, Egress)
			}
		})
	}
	if small, large := cost(50), cost(200); large > small*5 {
		t.Errorf("50 workloads take %.0f allocations, and 200 take %.0f", small, large)
	}
}
