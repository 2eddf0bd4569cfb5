package reliability

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// check runs a rule over a text and gives the messages.
func check(t *testing.T, rule *lint.Rule, text string) []string {
	t.Helper()
	u := &lint.Unit{Input: "test.yaml"}
	source := manifest.NewSource("test.yaml", []byte(text))
	for _, d := range manifest.Documents([]byte(text)) {
		if d.Err != nil {
			t.Fatal(d.Err)
		}
		objects, _ := manifest.Objects(d.Node, source)
		u.Objects = append(u.Objects, objects...)
	}
	c := lint.Checker{Rules: []*lint.Rule{rule}, Version: lint.Newest}
	findings, problems := c.Check(u)
	for _, p := range problems {
		t.Error(p, p.Detail)
	}
	var l []string
	for _, f := range findings {
		l = append(l, f.Message)
	}
	slices.Sort(l)
	return l
}

// deployment is one with pods of some labels, in the flow form of YAML.
func deployment(name, replicas, labels string) string {
	return fmt.Sprintf(`
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s}
spec:
  replicas: %s
  template:
    metadata: {labels: {%s}}
    spec: {containers: [{name: app, image: app, ports: [{name: http, containerPort: 8080}]}]}
`, name, replicas, labels)
}

func serviceText(name, spec string) string {
	return fmt.Sprintf("\n---\napiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {%s}\n", name, spec)
}

func budget(spec, labels string) string {
	return fmt.Sprintf("\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: budget}\nspec: {%s, selector: {matchLabels: {%s}}}\n", spec, labels)
}

const (
	customResource = "\n---\napiVersion: db.example.com/v1\nkind: Cluster\nmetadata: {name: db}\n"
	monitor        = "\n---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\n"
)

// TestWhole: what a unit does not hold is reported only where it is whole enough to
// say so.
func TestWhole(t *testing.T) {
	web := deployment("web", "2", "app: web, tier: front") + serviceText("web", "selector: {app: web}, ports: [{port: 80}]")
	for name, tt := range map[string]struct {
		rule *lint.Rule
		text string
		want int
	}{
		"another value":             {ServiceSelectsPods, web + serviceText("a", "selector: {app: wbe}"), 1},
		"custom resources":          {ServiceSelectsPods, web + serviceText("a", "selector: {app: db}") + customResource, 0},
		"inert custom resources":    {ServiceSelectsPods, web + serviceText("a", "selector: {app: wbe}") + monitor, 1},
		"a label set at run time":   {ServiceSelectsPods, web + serviceText("a", "selector: {app: web, role: leader}"), 0},
		"no selector":               {ServiceSelectsPods, web + serviceText("a", "ports: [{port: 80}]"), 0},
		"a host outside":            {ServiceSelectsPods, web + serviceText("a", "type: ExternalName, selector: {app: db}"), 0},
		"no other service":          {ServiceSelectsPods, deployment("web", "2", "app: web") + serviceText("a", "selector: {app: db}"), 0},
		"no workload":               {ServiceSelectsPods, serviceText("a", "selector: {app: db}") + serviceText("b", "selector: {app: db}"), 0},
		"another namespace":         {ServiceSelectsPods, web + strings.Replace(serviceText("a", "selector: {app: db}"), "name: a", "name: a, namespace: other", 1), 0},
		"budget for others":         {BudgetSelectsPods, web + budget("maxUnavailable: 1", "app: wbe"), 1},
		"budget with an operator":   {BudgetSelectsPods, web + budget("maxUnavailable: 1", "app: wbe") + customResource, 0},
		"no such port":              {ServicePortExists, web + serviceText("a", "selector: {app: web}, ports: [{port: 80, targetPort: https}]"), 1},
		"headless":                  {ServicePortExists, web + serviceText("a", "clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: https}]"), 0},
		"quoted number":             {ServicePortExists, web + serviceText("a", `selector: {app: web}, ports: [{port: 80, targetPort: "8081"}]`), 0},
		"port of no workload":       {ServicePortExists, web + serviceText("a", "selector: {app: db}, ports: [{port: 80, targetPort: https}]"), 0},
		"unready addresses":         {ReadinessProbe, deployment("web", "2", "app: web") + serviceText("a", "publishNotReadyAddresses: true, selector: {app: web}, ports: [{port: 80, targetPort: http}]"), 0},
		"port of another container": {ReadinessProbe, deployment("web", "2", "app: web") + serviceText("a", "selector: {app: web}, ports: [{port: 80, targetPort: 9090}]"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := check(t, tt.rule, tt.text); len(got) != tt.want {
				t.Errorf("%d findings, want %d: %q", len(got), tt.want, got)
			}
		})
	}
}

// TestBudget: Kubernetes rounds percentages up, and adds up what a budget selects.
func TestBudget(t *testing.T) {
	one, three := deployment("one", "1", "app: a"), deployment("three", "3", "app: a")
	scaled := deployment("scaled", "5", "app: a") + "\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec: {minReplicas: 2, scaleTargetRef: {kind: Deployment, name: scaled}}\n"
	for _, tt := range []struct {
		spec, workloads string
		blocks          bool
	}{
		{"maxUnavailable: 0", three, true},
		{"maxUnavailable: 0%", three, true},
		{"maxUnavailable: 1%", three, false},
		{"maxUnavailable: 0", "", true},
		{"minAvailable: 100%", "", true},
		{"minAvailable: 3", three, true},
		{"minAvailable: 3", three + one, false},
		{"minAvailable: 4", three + one, true},
		{"minAvailable: 66%", three, false},
		{"minAvailable: 67%", three, true},
		{"minAvailable: 1%", one, true},
		{"minAvailable: 0", one, false},
		{"minAvailable: 2", scaled, true},
		{"minAvailable: 1", scaled, false},
		{"minAvailable: 1", deployment("none", "0", "app: a"), false},
		{"minAvailable: 1", deployment("other", "1", "app: b"), false},
		{"minAvailable: 1", strings.ReplaceAll(one, "Deployment", "DaemonSet"), false},
		{"minAvailable: -1", one, false},
		{"minAvailable: many", one, false},
	} {
		got := check(t, BudgetAllowsEviction, budget(tt.spec, "app: a")+tt.workloads)
		if (len(got) > 0) != tt.blocks {
			t.Errorf("%s: %q; want a finding: %v", tt.spec, got, tt.blocks)
		}
	}
}

// TestEqual: probes are the same in whatever order they say so.
func TestEqual(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, livenessProbe: %s, readinessProbe: %s}]}\n"
	for _, tt := range []struct {
		live, ready string
		want        int
	}{
		{"{httpGet: {path: /, port: 80}, periodSeconds: 3}", "{periodSeconds: 3, httpGet: {port: 80, path: /}}", 1},
		{"{httpGet: {path: /, port: 80}}", "{httpGet: {path: /ready, port: 80}}", 0},
		{"{exec: {command: [a, b]}}", "{exec: {command: [a, b]}}", 1},
		{"{exec: {command: [a, b]}}", "{exec: {command: [b, a]}}", 0},
		{"{exec: {command: [a]}}", "{exec: {command: [a, b]}}", 0},
		{"{exec: {command: [a]}}", "{exec: {command: a}}", 0},
		{"{}", "{}", 0},
		{"null", "null", 0},
	} {
		if got := check(t, DistinctProbes, fmt.Sprintf(pod, tt.live, tt.ready)); len(got) != tt.want {
			t.Errorf("%s and %s: %q; want %d", tt.live, tt.ready, got, tt.want)
		}
	}
}
