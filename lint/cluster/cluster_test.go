package cluster

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
	"github.com/kubevet/kubevet/lint/node"
)

func unit(t *testing.T, documents ...string) *lint.Unit {
	t.Helper()
	u := &lint.Unit{}
	for _, text := range documents {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(text), &n); err != nil {
			t.Fatal(err)
		}
		o, ok := lint.NewObject(&n, nil)
		if !ok {
			t.Fatalf("no object: %s", text)
		}
		u.Objects = append(u.Objects, o)
	}
	return u
}

func deployment(namespace, name, labels string) string {
	return fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s, namespace: %s},
spec: {template: {metadata: {labels: %s}, spec: {containers: [{name: a, ports: [{name: http}, {name: metrics}]}]}}}}`, name, namespace, labels)
}

func service(namespace, name, selector string) string {
	return fmt.Sprintf(`{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: %s}, spec: {selector: %s}}`, name, namespace, selector)
}

func selectorOf(t *testing.T, text string) (selector.Selector, bool) {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return selector.New(node.NewValue(&n))
}

func names(l []*Pods) string {
	var s []string
	for _, p := range l {
		s = append(s, p.Name)
	}
	return strings.Join(s, " ")
}

func TestSelect(t *testing.T) {
	c := New(unit(t,
		deployment("a", "web", "{app: web, tier: front}"),
		deployment("a", "db", "{app: db}"),
		deployment("b", "other", "{app: web}"),
	))
	for text, want := range map[string]string{
		"{matchLabels: {app: web}}": "web",
		"{}":                        "web db",
		"{matchExpressions: [{key: app, operator: In, values: [web, db]}]}":         "web db",
		"{matchExpressions: [{key: tier, operator: DoesNotExist}]}":                 "db",
		"{matchLabels: {app: web}, matchExpressions: [{key: x, operator: Exists}]}": "",
	} {
		s, ok := selectorOf(t, text)
		if !ok {
			t.Errorf("%s is not read", text)
			continue
		}
		if got := names(c.Select("a", s).Pods); got != want {
			t.Errorf("%s selects %q, want %q", text, got, want)
		}
		if first, second := c.Select("a", s), c.Select("a", s); first != second {
			t.Errorf("%s is looked up twice", text)
		}
	}
	for _, text := range []string{
		"text", "{matchLabels: {app: '${APP}'}}", "{matchLabels: '{{ labels }}'}", "{matchExpressions: [{key: a, operator: Near}]}",
		"{matchExpressions: [{key: a, operator: In, values: ['${A}']}]}",
	} {
		if _, ok := selectorOf(t, text); ok {
			t.Errorf("what %s selects is not known", text)
		}
	}
}

func TestServicesTo(t *testing.T) {
	c := New(unit(t,
		service("a", "all", "{app: web}"), service("a", "front", "{app: web, tier: front}"), service("a", "none", "{}"),
		service("b", "other-place", "{app: web}"), service("a", "unknown", "{app: '${APP}'}"),
		deployment("a", "web", "{app: web, tier: front}"), deployment("a", "back", "{app: web}"),
	))
	for i, want := range []string{"all front", "all"} {
		var got []string
		for _, s := range c.ServicesTo(c.Pods[i]) {
			got = append(got, s.Name)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s lead to %s, want %s", s, c.Pods[i].Name, want)
		}
	}
	if s := c.Service("a", "unknown"); s == nil || s.HasSelector() {
		t.Error("an unknown selector must select nothing for sure")
	}
	if s := c.Service("a", "other-place"); s != nil {
		t.Error("the Service is of another namespace")
	}
}

func TestAutoscalersAndPorts(t *testing.T) {
	c := New(unit(t,
		deployment("a", "web", "{app: web}"), deployment("a", "db", "{app: db}"),
		`{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h, namespace: a}, spec: {scaleTargetRef: {kind: Deployment, name: web}}}`,
		`{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: k, namespace: a}, spec: {scaleTargetRef: {name: db}}}`,
	))
	for i, want := range []string{"h", "k"} {
		if o := c.Autoscaler(c.Pods[i]); o == nil || o.Name != want {
			t.Errorf("%s is scaled by %v, want %s", c.Pods[i].Name, o, want)
		}
	}
	s, _ := selectorOf(t, "{}")
	if got := strings.Join(c.Select("a", s).PortNames(), " "); got != "http metrics" {
		t.Errorf("ports %s", got)
	}
	if c.Workload("a", "Deployment", "web") != c.Pods[0] || c.Workload("b", "Deployment", "web") != nil {
		t.Error("workloads are found by namespace, kind and name")
	}
}

func TestLabelIndex(t *testing.T) {
	u := unit(t,
		`apiVersion: v1
kind: Pod
metadata: {name: a, namespace: n, labels: {app: web, tier: front}}
spec: {containers: []}
`,
		`apiVersion: v1
kind: Pod
metadata: {name: b, namespace: n, labels: {app: web}}
spec: {containers: []}
`,
		`apiVersion: v1
kind: Pod
metadata: {name: c, namespace: other, labels: {app: web, tier: front}}
spec: {containers: []}
`,
	)
	x := NewLabelIndex(u.Workloads())
	for _, tt := range []struct {
		namespace string
		labels    map[string]string
		want      string
	}{
		{"n", nil, "a b"},
		{"n", map[string]string{"app": "web"}, "a b"},
		{"n", map[string]string{"app": "web", "tier": "front"}, "a"},
		{"n", map[string]string{"app": "web", "none": "x"}, ""},
		{"other", map[string]string{"tier": "front"}, "c"},
		{"empty", nil, ""},
	} {
		var names []string
		for _, w := range x.With(tt.namespace, tt.labels) {
			names = append(names, w.Name)
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("With(%s, %v) = %s, want %s", tt.namespace, tt.labels, got, tt.want)
		}
	}
	if len(x.All()) != 3 || len(x.In("n")) != 2 {
		t.Errorf("All has %d, In(n) has %d", len(x.All()), len(x.In("n")))
	}
}
