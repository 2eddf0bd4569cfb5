package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// BenchmarkGrowth checks inputs of N and 2N: all rules must take at most little more
// than twice the time for the second. Decoding is not measured.
func BenchmarkGrowth(b *testing.B) {
	for _, input := range []struct {
		name string
		n    int
		text func(n int) string
	}{
		{"pods", 5000, smallPods},
		{"containers", 2000, manyContainers},
		{"shared-labels", 250, sharedLabels},
		{"own-labels", 250, ownLabels},
	} {
		for _, n := range []int{input.n, 2 * input.n} {
			data := []byte(input.text(n))
			u := &lint.Unit{Input: input.name}
			source := manifest.NewSource(input.name, data)
			for _, d := range manifest.Documents(data) {
				objects, _ := manifest.Objects(d.Node, source)
				u.Objects = append(u.Objects, objects...)
			}
			c := lint.Checker{Rules: All(), Version: lint.Newest, Profile: lint.Strict}
			b.Run(fmt.Sprintf("%s/%d", input.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.Check(u)
				}
			})
		}
	}
}

func smallPods(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: c, image: \"x:1\"}]}\n", i)
	}
	return b.String()
}

func manyContainers(n int) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - name: c%d\n    image: x:1\n    ports: [{containerPort: %d, name: p%d}]\n", i, i+1, i)
	}
	return b.String()
}

// sharedLabels is Deployments, Services, NetworkPolicies and budgets that all have or
// select the same labels.
func sharedLabels(n int) string {
	return services(n, func(int) string { return "{app: x, team: t}" })
}

func ownLabels(n int) string {
	return services(n, func(i int) string { return fmt.Sprintf("{app: x%d, team: t}", i) })
}

func services(n int, labels func(i int) string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d%[1]d, namespace: a, labels: %[2]s}
spec:
  replicas: 2
  selector: {matchLabels: %[2]s}
  template:
    metadata: {labels: %[2]s}
    spec:
      containers:
      - {name: c, image: "x:1", ports: [{containerPort: 80, name: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: s%[1]d, namespace: a}
spec: {selector: %[2]s, ports: [{port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: n%[1]d, namespace: a}
spec: {podSelector: {matchLabels: %[2]s}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}]}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: b%[1]d, namespace: a}
spec: {selector: {matchLabels: %[2]s}, maxUnavailable: 1}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h%[1]d, namespace: a}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d%[1]d}, minReplicas: 2, maxReplicas: 3}
`, i, labels(i))
	}
	return b.String()
}
