package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/document"
	"github.com/kubevet/kubevet/render/manifest"
)

// BenchmarkGrowth checks inputs of N and 2N: all rules must take at most little more
// than twice the time for the second. Reading manifests is not measured: see render/manifest. The metric "times-N" is
// how many times as long the second takes.
func BenchmarkGrowth(b *testing.B) {
	for _, input := range []struct {
		name string
		n    int
		text func(n int) string
		// work prepares what is measured: it returns how many findings there are.
		work func(b *testing.B, data []byte) func() int
	}{
		{"pods", 5000, smallPods, checkManifest},
		{"containers", 2000, manyContainers, checkManifest},
		{"shared-labels", 500, sharedLabels, checkManifest},
		{"own-labels", 250, ownLabels, checkManifest},
		{"dockerfile-instructions", 400, manyInstructions, checkDockerfile},
		{"dockerfile-stages", 150, manyStages, checkDockerfile},
		{"dockerfile-commands", 400, manyCommands, checkDockerfile},
	} {
		first := 0.0
		for _, n := range []int{input.n, 2 * input.n} {
			b.Run(fmt.Sprintf("%s/%d", input.name, n), func(b *testing.B) {
				work := input.work(b, []byte(input.text(n)))
				if work() == 0 { // tables are read at their first use
					b.Fatal("no findings")
				}
				b.ReportAllocs()
				for b.Loop() {
					work()
				}
				each := float64(b.Elapsed()) / float64(b.N)
				if n == input.n {
					first = each
				} else if first > 0 {
					b.ReportMetric(each/first, "times-N")
				}
			})
		}
	}
}

var strict = lint.Checker{Rules: All(), Version: lint.Newest, Profile: lint.Strict}

func findings(b *testing.B, u *lint.Unit) int {
	b.Helper()
	l, problems := strict.Check(u)
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	return len(l)
}

// checkManifest checks what was read before.
func checkManifest(b *testing.B, data []byte) func() int {
	b.Helper()
	u := &lint.Unit{Input: "input"}
	source := manifest.NewSource("input", data)
	for _, d := range manifest.Documents(data) {
		objects, _ := manifest.Objects(d.Node, source)
		u.Objects = append(u.Objects, objects...)
	}
	return func() int { return findings(b, u) }
}

// checkDockerfile reads and checks.
func checkDockerfile(b *testing.B, data []byte) func() int {
	b.Helper()
	r, ok := document.Find("Dockerfile", nil)
	if !ok {
		b.Fatal("no reader")
	}
	return func() int {
		documents, problems := r.Read(r.Kind, "Dockerfile", data)
		if len(problems) > 0 {
			b.Fatal(problems)
		}
		return findings(b, &lint.Unit{Kind: lint.UnitRepository, Documents: documents})
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

func manyInstructions(n int) string {
	var b strings.Builder
	b.WriteString("FROM debian:12.11\n")
	for i := range n {
		fmt.Fprintf(&b, "RUN apt-get update && apt-get install -y pkg%d\nENV A%d=${A%d}b\n", i, i+1, i)
	}
	return b.String()
}

func manyStages(n int) string {
	var b strings.Builder
	b.WriteString("FROM debian:12.11 AS s0\n")
	for i := range n {
		fmt.Fprintf(&b, "FROM s%d AS s%d\nCOPY --from=s0 a b\nRUN sudo make x%d\nUSER root\n", i, i+1, i)
	}
	return b.String()
}

func manyCommands(n int) string {
	return "FROM debian:12.11\nRUN true" + strings.Repeat(" && curl -k https://example.com/x | sh", n) + "\n"
}
