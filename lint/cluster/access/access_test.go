package access_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/render/manifest"
)

// unit reads manifests.
func unit(t testing.TB, text string) *lint.Unit {
	t.Helper()
	u := &lint.Unit{}
	source := manifest.NewSource("test.yaml", []byte(text))
	for _, d := range manifest.Documents([]byte(text)) {
		objects, problems := manifest.Objects(d.Node, source)
		for _, p := range problems {
			t.Error(p)
		}
		u.Objects = append(u.Objects, objects...)
	}
	return u
}

// roleText is a ClusterRole with rules that are JSON.
func roleText(name, rules string) string {
	return fmt.Sprintf("---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: %q}\nrules: %s\n", name, rules)
}

// TestAuthorizer compares Allows with the RBAC authorizer of Kubernetes: see
// testdata/referee.txtar.
func TestAuthorizer(t *testing.T) {
	data, err := os.ReadFile("testdata/requests.txt")
	if err != nil {
		t.Fatal(err)
	}
	var requests []access.Request
	entries, allowed := 0, 0
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch f[0] {
		case "request":
			requests = append(requests, access.Request{Verb: f[1], Group: f[2], Resource: f[3], Name: f[4], URL: f[5]})
		case "entry":
			entries++
			rule := access.NewPolicyRule(unit(t, roleText("a", "["+f[1]+"]")).Objects[0].Root.Get("rules").Item(0))
			var got []string
			for i, q := range requests {
				if rule.Allows(q) {
					got = append(got, strconv.Itoa(i))
				}
			}
			allowed += len(got)
			if strings.Join(got, " ") != f[2] {
				t.Errorf("%s allows %v; want %s", f[1], got, f[2])
			}
		}
	}
	if entries < 1000 || allowed < 1000 {
		t.Errorf("%d entries, %d allowed", entries, allowed)
	}
}

// TestBuiltIn compares the powers of built-in roles with those that the rules give which
// Kubernetes has.
func TestBuiltIn(t *testing.T) {
	data, err := os.ReadFile("testdata/builtin.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		name, rules, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			continue
		}
		n++
		if !json.Valid([]byte(rules)) || rules == "null" {
			rules = "[]"
		}
		r := access.New(unit(t, roleText(name, rules))).Roles[0]
		known, ok := access.BuiltIn(name, lint.Newest)
		if !ok {
			t.Errorf("%s is not known", name)
		}
		for _, p := range access.Powers {
			has := slices.ContainsFunc(r.Rules, func(rule access.PolicyRule) bool { _, ok := r.Grant(&rule, p); return ok })
			if has != slices.Contains(known, p) {
				t.Errorf("%s gives %s: %t, and we have %t", name, p.ID, has, !has)
			}
		}
	}
	if n < 50 {
		t.Errorf("%d roles", n)
	}
}

// TestBuiltInVersions compares the powers of roles that differ between versions of Kubernetes with those
// that the rules give which these have.
func TestBuiltInVersions(t *testing.T) {
	data, err := os.ReadFile("testdata/builtin-versions.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 3 {
			continue
		}
		n++
		version, err := lint.ParseVersion("1." + fields[0])
		if err != nil {
			t.Fatal(err)
		}
		known, ok := access.BuiltIn(fields[1], version)
		if exists := fields[2] != "-"; ok != exists {
			t.Errorf("%s %s is known: %t", version, fields[1], ok)
		}
		if fields[2] == "-" {
			continue
		}
		r := access.New(unit(t, roleText(fields[1], fields[2]))).Roles[0]
		for _, p := range access.Powers {
			has := slices.ContainsFunc(r.Rules, func(rule access.PolicyRule) bool { _, ok := r.Grant(&rule, p); return ok })
			if has != slices.Contains(known, p) {
				t.Errorf("%s %s gives %s: %t, and we have %t", version, fields[1], p.ID, has, !has)
			}
		}
	}
	if n < 10 {
		t.Errorf("%d roles", n)
	}
}

// holders names who has a role in the whole cluster and in namespaces, by kind of holder.
func holders(r *access.Role) string {
	var l []string
	for _, in := range [][access.Everyone + 1]*access.Subject{r.Holders().Cluster, r.Holders().Namespaced} {
		for _, s := range in {
			if s != nil {
				l = append(l, s.Name)
			}
		}
		l = append(l, "|")
	}
	return strings.Trim(strings.Join(l, " "), " ")
}

func TestAggregation(t *testing.T) {
	role := func(name, label, selects string) string {
		s := "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: " + name + ", labels: {to: " + label + "}}\n"
		if selects != "" {
			s += "aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: " + selects + "}}]}\n"
		}
		return s + "rules: []\n"
	}
	bind := func(role, user string) string {
		return "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: " + user + "}\nroleRef: {kind: ClusterRole, name: " + role + "}\nsubjects: [{kind: User, name: " + user + "}]\n"
	}
	a := access.New(unit(t, role("leaf", "middle", "")+role("middle", "top", "middle")+role("top", "none", "top")+
		role("ring-a", "ring-b", "ring-a")+role("ring-b", "ring-a", "ring-b")+role("self", "self", "self")+
		bind("top", "anna")+bind("ring-a", "bela")+bind("middle", "cleo")+bind("self", "dora")))
	want := map[string]string{"leaf": "anna | |", "middle": "anna | |", "top": "anna | |", "ring-a": "bela | |", "ring-b": "bela | |", "self": "dora | |"}
	for _, r := range a.Roles {
		if got := holders(r); got != want[r.Name] {
			t.Errorf("%s: %s; want %s", r.Name, got, want[r.Name])
		}
		if many := r.Name == "leaf" || r.Name == "middle"; r.Holders().Many != many {
			t.Errorf("%s: many: %t", r.Name, !many)
		}
	}
}

// TestPlaceholderNames joins a role and its binding by the text of the same placeholder, in one directory.
func TestPlaceholderNames(t *testing.T) {
	binding := func(role, user string) string {
		return "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: '" + role + "'}\nsubjects: [{kind: User, name: " + user + "}]\n"
	}
	a := unit(t, roleText("app-${NAMESPACE}", "[]")+binding("app-${NAMESPACE}", "anna")+binding("app-${NAME}", "bela"))
	if got := holders(access.New(a).Roles[0]); got != "anna | |" {
		t.Errorf("in one directory: %s", got)
	}
	a.Objects[1].File = "elsewhere/test.yaml"
	if got := holders(access.New(a).Roles[0]); got != "| |" {
		t.Errorf("in two directories: %s", got)
	}
}

func TestHolderOfUsers(t *testing.T) {
	for user, want := range map[string]access.HolderKind{
		"anna": access.People, "system:kube-scheduler": access.Programs, "k3s-cloud-controller-manager": access.Programs, "system:anonymous": access.Everyone,
	} {
		a := access.New(unit(t, "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: view}\nsubjects: [{kind: User, name: '"+user+"'}]\n"))
		if got := a.Bindings[0].Subjects[0].Holder(); got != want {
			t.Errorf("%s: %d; want %d", user, got, want)
		}
	}
}

func TestEmptyCircles(t *testing.T) {
	role := func(name, labels, selects, rules string) string {
		s := "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: " + name + ", labels: {" + labels + "}}\n"
		if selects != "" {
			s += "aggregationRule: {clusterRoleSelectors: [{matchLabels: {" + selects + "}}]}\n"
		}
		return s + "rules: [" + rules + "]\n"
	}
	const rule = "{apiGroups: [''], resources: [pods], verbs: [get]}"
	for name, tt := range map[string]struct{ text, want string }{
		"two":        {role("b", "to: a", "to: b", "") + role("a", "to: b", "to: a", ""), "b a"},
		"three":      {role("a", "to: b", "to: a", "") + role("b", "to: c", "to: b", "") + role("c", "to: a", "to: c", ""), "a b c"},
		"one label":  {role("a", "to: all", "to: all", "") + role("b", "to: all", "to: all", ""), "a b"},
		"itself":     {role("a", "to: a", "to: a", ""), ""},
		"no circle":  {role("a", "to: b", "to: a", "") + role("b", "to: c", "to: b", ""), ""},
		"own rules":  {role("a", "to: b", "to: a", rule) + role("b", "to: a", "to: b", ""), ""},
		"fed":        {role("a", "to: b", "to: a", "") + role("b", "to: a", "to: b", "") + role("leaf", "to: a", "", rule), ""},
		"Kubernetes": {role("a", "to: b, x: y", "rbac.authorization.k8s.io/aggregate-to-view: 'true'", "") + role("b", "rbac.authorization.k8s.io/aggregate-to-view: 'true'", "x: y", ""), ""},
	} {
		var got []string
		for _, circle := range access.New(unit(t, tt.text)).EmptyCircles() {
			for _, r := range circle {
				got = append(got, r.Name)
			}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %q; want %q", name, s, tt.want)
		}
	}
}

// ring is roles that all take each other's rules, one of which is bound.
func ring(n int) string {
	var b strings.Builder
	b.WriteString("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {kind: ClusterRole, name: r0}\nsubjects: [{kind: User, name: anna}]\n")
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r%d, labels: {a: b}}\naggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\nrules: []\n", i)
	}
	return b.String()
}

func TestRing(t *testing.T) {
	for _, r := range access.New(unit(t, ring(500))).Roles {
		if got := holders(r); got != "anna | |" {
			t.Fatalf("%s: %s", r.Name, got)
		}
	}
}

func BenchmarkAccess(b *testing.B) {
	for _, n := range []int{1000, 4000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			u := unit(b, ring(n))
			for b.Loop() {
				access.New(u)
			}
		})
	}
}

func TestSubjects(t *testing.T) {
	const text = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: a, namespace: web}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: a, namespace: web}
roleRef: {kind: Role, name: a}
subjects:
- {kind: ServiceAccount, name: app}
- {kind: ServiceAccount, name: off}
- {kind: User, name: "system:serviceaccount:web:app"}
- {kind: ServiceAccount, name: app, namespace: other}
- {kind: Group, name: "system:authenticated"}
- {kind: Group, name: "${GROUP}"}
- {kind: ServiceAccount, name: volume}
---
apiVersion: v1
kind: Pod
metadata: {name: app, namespace: web}
spec: {serviceAccountName: app}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: "off", namespace: web}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Pod
metadata: {name: "off", namespace: web}
spec: {serviceAccount: "off"}
---
apiVersion: v1
kind: Pod
metadata: {name: volume, namespace: web}
spec:
  serviceAccountName: volume
  automountServiceAccountToken: false
  volumes: [{name: token, projected: {sources: [{serviceAccountToken: {path: token}}]}}]
`
	a := access.New(unit(t, text))
	var got []string
	for _, s := range a.Bindings[0].Subjects {
		w := ""
		if s.Workload != nil {
			w = " of " + s.Workload.Name
		}
		got = append(got, fmt.Sprintf("%s in %q: %d%s", s, s.Namespace, s.Holder(), w))
	}
	want := []string{
		`ServiceAccount app in "web": 1 of app`, `ServiceAccount off in "web": 2`, `ServiceAccount app in "web": 1 of app`, `ServiceAccount app in "other": 2`,
		`Group system:authenticated in "": 3`, `ServiceAccount volume in "web": 1 of volume`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q; want %q", got, want)
	}
	isBound := func(namespace, name string) bool {
		return a.IsBound(&lint.Workload{Object: &lint.Object{Namespace: namespace}}, name)
	}
	if !isBound("web", "app") || isBound("shop", "app") || !isBound("", "off") || isBound("web", "nobody") {
		t.Error("IsBound")
	}
}

// TestResources finds faults in the table of resources: each power is about resources that
// exist, and of no namespace if the power is.
func TestResources(t *testing.T) {
	for _, p := range access.Powers {
		r := access.New(unit(t, roleText("all", `[{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]`))).Roles[0]
		g, ok := r.Grant(&r.Rules[0], p)
		if !ok {
			t.Errorf("%s: not granted by everything", p.ID)
		}
		for _, name := range g.Resources {
			groups := access.GroupsOf(name)
			if len(groups) == 0 {
				t.Errorf("%s: no group has %s", p.ID, name)
			}
			for _, group := range groups {
				if global, _ := access.IsClusterResource(group, name); global != p.ClusterOnly && name != "clusterroles" && name != "namespaces" {
					t.Errorf("%s: %s of %s: of no namespace: %t", p.ID, name, group, global)
				}
			}
		}
	}
}

// TestLeftOut: the account of a program that is not installed does not decide who has a role.
func TestLeftOut(t *testing.T) {
	const text = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: runs, namespace: a}
---
apiVersion: v1
kind: Pod
metadata: {name: runs, namespace: a}
spec: {serviceAccountName: runs, containers: [{name: app}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: all}
subjects:
- {kind: ServiceAccount, name: SUBJECT, namespace: NAMESPACE}
- {kind: ServiceAccount, name: runs, namespace: a}
` + "---\n"
	for subject, want := range map[[2]string]string{{"optional", "a"}: "runs", {"other", "b"}: "other", {"default", "a"}: "default"} {
		for _, objects := range []string{text, strings.ReplaceAll(text, "metadata: {name: runs, namespace: a}", "metadata: {name: runs}")} { // as in a chart
			u := unit(t, strings.NewReplacer("SUBJECT", subject[0], "NAMESPACE", subject[1]).Replace(objects)+roleText("all", `[{apiGroups: [""], resources: [secrets], verbs: [get]}]`))
			r := access.New(u).Roles[0]
			if s, _, _ := r.Worst(access.FindPower("secrets-read")); s == nil || s.Name != want || !r.Holders().Many {
				t.Errorf("%v: %v; want %s, and others", subject, s, want)
			}
		}
	}
}
