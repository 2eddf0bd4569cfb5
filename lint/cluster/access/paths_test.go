package access_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// way is the path of a holder in one line. Empty: it has none.
func way(r *access.Rights, name string) string {
	for _, h := range r.Holders {
		if h.Name != name {
			continue
		}
		if h.IsAdmin {
			return "is"
		}
		var l []string
		for _, s := range h.Path {
			l = append(l, s.Power+": "+s.To)
		}
		return strings.Join(l, ", ")
	}
	return "holds nothing"
}

// holder is a role with one entry, its binding in a namespace, or in the whole cluster without
// one, and a pod that runs as the subject.
func holder(name, namespace, in, group, resource, verb string) string {
	kind, meta := "ClusterRoleBinding", ""
	if in != "" {
		kind, meta = "RoleBinding", ", namespace: "+in
	}
	return fmt.Sprintf(`---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: %[1]s}
rules: [{apiGroups: [%[4]q], resources: [%[5]q], verbs: [%[6]q]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: %[7]s
metadata: {name: %[1]s%[8]s}
roleRef: {kind: ClusterRole, name: %[1]s}
subjects: [{kind: ServiceAccount, name: %[1]s, namespace: %[2]s}]
---
apiVersion: v1
kind: Pod
metadata: {name: %[1]s, namespace: %[2]s}
spec: {serviceAccountName: %[1]s}
`, name, namespace, in, group, resource, verb, kind, meta)
}

func TestPaths(t *testing.T) {
	const rbac = "rbac.authorization.k8s.io"
	text := holder("admin", "a", "", "*", "*", "*") +
		holder("local", "b", "b", "*", "*", "*") +
		holder("binder", "c", "", rbac, "clusterroles", "bind") +
		holder("local-binder", "d", "d", rbac, "roles", "bind") +
		holder("masters", "e", "", "", "groups", "impersonate") +
		holder("beside-admin", "f", "a", "", "pods", "create") +
		holder("stops", "f", "a", "", "pods", "delete") +
		holder("enters", "g", "c", "", "pods/exec", "create") +
		holder("looks", "g", "c", "", "pods/exec", "get") +
		holder("third", "h", "g", "", "serviceaccounts/token", "create") +
		holder("system", "i", "kube-system", "batch", "jobs", "create") +
		holder("reader", "j", "", "", "secrets", "get") +
		holder("nowhere", "k", "z", "", "pods", "create")
	r := access.NewRights("all", []*access.Facts{access.NewFacts(unit(t, text), lint.Newest)})
	for name, want := range map[string]string{
		"admin":        "is",
		"local":        "",
		"binder":       "escalate: cluster-admin",
		"local-binder": "",
		"masters":      "impersonate: cluster-admin",
		"beside-admin": "workload-write: ServiceAccount a/admin",
		"stops":        "",
		"enters":       "pod-exec: ServiceAccount c/binder, escalate: cluster-admin",
		"looks":        "",
		"third":        "token-create: ServiceAccount g/enters, pod-exec: ServiceAccount c/binder, escalate: cluster-admin",
		"system":       "workload-write: ServiceAccount kube-system/clusterrole-aggregation-controller, escalate: cluster-admin",
		"reader":       "",
		"nowhere":      "",
	} {
		if got := way(r, name); got != want {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
}

// TestJoin reads facts of two units that are sent from one process to another.
func TestJoin(t *testing.T) {
	text := holder("reader", "web", "", "", "secrets", "get")
	role, rest, _ := strings.Cut(text[4:], "---\n")
	var list []*access.Facts
	for _, part := range []string{role, rest} {
		data, err := json.Marshal(access.NewFacts(unit(t, part), lint.Newest))
		if err != nil {
			t.Fatal(err)
		}
		var f access.Facts
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatal(err)
		}
		list = append(list, &f)
	}
	for i, f := range list {
		if r := access.NewRights("one", []*access.Facts{f}); len(r.Holders) != 0 || len(r.Unbound) != 1-i {
			t.Errorf("unit %d by itself: %+v", i, r)
		}
	}
	r := access.NewRights("both", list)
	if len(r.Holders) != 1 || len(r.Unbound) != 0 {
		t.Fatalf("%+v", r)
	}
	h := r.Holders[0]
	if h.String() != "ServiceAccount web/reader" || h.Workload.String() != "Pod/web/reader" || len(h.Powers) != 1 || h.Powers[0].Power != "secrets-read" || h.Powers[0].At.Line != 4 {
		t.Errorf("%+v", h)
	}
}

// TestTakenPowers finds powers that a role has only by the rules that it takes.
func TestTakenPowers(t *testing.T) {
	const text = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: whole}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: whole}}]}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: part, labels: {part: whole}}
rules: [{apiGroups: [""], resources: [secrets], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: whole}
roleRef: {kind: ClusterRole, name: whole}
subjects: [{kind: Group, name: developers}]
`
	const viewers = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: more, labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}}
rules: [{apiGroups: [""], resources: [nodes/proxy], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: viewers}
roleRef: {kind: ClusterRole, name: view}
subjects: [{kind: Group, name: viewers}]
`
	r := access.NewRights("all", []*access.Facts{access.NewFacts(unit(t, viewers), lint.Newest)})
	if len(r.Holders) != 1 || len(r.Holders[0].Powers) != 1 || r.Holders[0].Powers[0].Power != "node-proxy" || len(r.Unbound) != 0 {
		t.Errorf("%+v", r.Holders)
	}
	r = access.NewRights("all", []*access.Facts{access.NewFacts(unit(t, text), lint.Newest)})
	if len(r.Holders) != 1 || len(r.Holders[0].Powers) != 1 || r.Holders[0].Powers[0].Role != "ClusterRole part" || len(r.Unbound) != 1 {
		t.Errorf("%+v", r.Holders)
	}
}
