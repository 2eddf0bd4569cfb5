package network

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// TestDenies holds which policies deny ingress by default in namespace b, which has the
// label team: b, and which isolate its workload web.
func TestDenies(t *testing.T) {
	const (
		clusterPolicy = "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\nspec:\n"
		baseline      = "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\nspec:\n"
		cilium        = "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: a}\nspec:\n"
		calico        = "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: a}\nspec:\n"
		denyAll       = "  ingress: [{action: Deny, from: [{namespaces: {}}]}]\n"
		passAll       = "  ingress: [{action: Pass, from: [{namespaces: {}}]}]\n"
		native        = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: b}\nspec:\n"
		everyone      = "  subject: {namespaces: {}}\n"
	)
	together := func(expressions ...string) string {
		var l []string
		for _, e := range expressions {
			l = append(l, cilium+"  endpointSelector: {matchExpressions: ["+e+"]}\n  ingress: [{}]\n")
		}
		return strings.Join(l, "---\n")
	}
	for _, tt := range []struct {
		name, policies string
		deny, isolated bool
	}{
		{"none", "", false, false},
		{"deny", clusterPolicy + everyone + denyAll, true, true},
		{"of another team", clusterPolicy + "  subject: {namespaces: {matchLabels: {team: a}}}\n" + denyAll, false, false},
		{"of the team", clusterPolicy + "  subject: {namespaces: {matchLabels: {team: b}}}\n" + denyAll, true, true},
		{"by name", clusterPolicy + "  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: b}}}\n" + denyAll, true, true},
		{"some pods", clusterPolicy + "  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}\n" + denyAll, false, true},
		{"pass alone", clusterPolicy + everyone + passAll, false, false},
		{"pass before deny", clusterPolicy + everyone + "  ingress: [{action: Pass, from: [{namespaces: {}}]}, {action: Deny, from: [{namespaces: {}}]}]\n", false, false},
		{"deny from one namespace", clusterPolicy + everyone + "  ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: a}}}]}]\n", false, true},
		{"allow comes first", clusterPolicy + everyone + "  priority: 5\n  ingress: [{action: Allow, from: [{namespaces: {}}]}]\n---\n" + clusterPolicy + everyone + "  priority: 10\n" + denyAll, false, true},
		{"allow comes last", clusterPolicy + everyone + "  priority: 15\n  ingress: [{action: Allow, from: [{namespaces: {}}]}]\n---\n" + clusterPolicy + everyone + "  priority: 10\n" + denyAll, true, true},
		{"pass to the baseline", clusterPolicy + everyone + passAll + "---\n" + baseline + everyone + denyAll, true, true},
		{"one port", clusterPolicy + everyone + "  ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {port: 1}}]}]\n", false, true},
		{"cilium", cilium + "  endpointSelector: {}\n  ingress: [{}]\n", true, true},
		{"cilium, another namespace", cilium + "  endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': a}}\n  ingress: [{}]\n", false, false},
		{"cilium, the namespace", cilium + "  endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': b}}\n  ingress: [{}]\n", true, true},
		{"cilium, some pods", cilium + "  endpointSelector: {matchLabels: {app: db}}\n  ingress: [{}]\n", false, false},
		{"cilium, an unknown label", cilium + "  endpointSelector: {matchLabels: {app: '${APP}'}}\n  ingress: [{}]\n", false, true},
		{"cilium, an unknown key", cilium + "  endpointSelector: {matchLabels: {'${KEY}': web}}\n  ingress: [{}]\n", false, true},
		{"cilium, an unknown expression", cilium + "  endpointSelector: {matchExpressions: [{key: app, operator: NotIn, values: ['${APP}']}]}\n  ingress: [{}]\n", false, true},
		{"cilium, an unknown label and one of other pods", cilium + "  endpointSelector: {matchLabels: {app: db, tier: '${TIER}'}}\n  ingress: [{}]\n", false, false},
		{"native, an unknown label", native + "  podSelector: {matchLabels: {app: '${APP}'}}\n", false, true},
		{"native, an unknown label and one of other pods", native + "  podSelector: {matchLabels: {app: db, tier: '${TIER}'}}\n", false, false},
		{"calico, an unknown label", calico + "  selector: app == '${APP}'\n  types: [Ingress]\n", false, true},
		{"some pods, an unknown label", clusterPolicy + "  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: '${APP}'}}}}\n" + denyAll, false, true},
		{"in and not in", together("{key: app, operator: In, values: [web, x]}", "{key: app, operator: NotIn, values: [web]}"), true, true},
		{"in and not in, in two policies of one value each", together("{key: app, operator: In, values: [x]}", "{key: app, operator: In, values: [web]}", "{key: app, operator: NotIn, values: [web, x]}"), true, true},
		{"exists and does not exist", together("{key: app, operator: Exists}", "{key: app, operator: DoesNotExist}"), true, true},
		{"in and not in another", together("{key: app, operator: In, values: [web]}", "{key: app, operator: NotIn, values: [x, web]}, {key: app, operator: NotIn, values: ['y']}"), false, true},
		{"in and not in, of another label", together("{key: app, operator: In, values: [x]}", "{key: tier, operator: Exists}"), false, false},
		{"opt out", together("{key: tier, operator: NotIn, values: [x]}, {key: open, operator: DoesNotExist}"), true, true},
		{"opt out, which a pod does", together("{key: app, operator: NotIn, values: [web]}"), false, false},
		{"exists and does not exist, one of which allows something", together("{key: app, operator: Exists}") + "---\n" +
			cilium + "  endpointSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}\n  ingress: [{fromEntities: [cluster]}]\n", false, true},
		{"calico", calico + "  selector: all()\n  types: [Ingress]\n", true, true},
		{"calico, another namespace", calico + "  namespaceSelector: projectcalico.org/name == 'a'\n  types: [Ingress]\n", false, false},
		{"calico, some pods", calico + "  selector: app == 'web'\n  types: [Ingress]\n", false, true},
	} {
		u := &lint.Unit{Objects: objects(t, "apiVersion: v1\nkind: Namespace\nmetadata: {name: b, labels: {team: b}}\n---\n"+
			"apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: b, labels: {app: web}}\nspec: {containers: [{name: a}]}\n---\n"+tt.policies)}
		n := connect.New(cluster.New(u))
		if deny := n.DeniesByDefault(connect.Ingress, "b"); deny != tt.deny {
			t.Errorf("%s: denies %t; want %t", tt.name, deny, tt.deny)
		}
		if isolated := n.Workloads[0].Isolated(connect.Ingress); isolated != tt.isolated {
			t.Errorf("%s: isolated %t; want %t", tt.name, isolated, tt.isolated)
		}
	}
}

func objects(t *testing.T, text string) []*lint.Object {
	t.Helper()
	var l []*lint.Object
	for doc := range strings.SplitSeq(text, "---\n") {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(doc), &n); err != nil {
			t.Fatal(err)
		}
		if o, ok := lint.NewObject(&n, nil); ok {
			l = append(l, o)
		}
	}
	return l
}
