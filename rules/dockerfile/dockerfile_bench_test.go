package dockerfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/document"
	"github.com/kubevet/kubevet/rules"
)

// BenchmarkGrowth reads and checks Dockerfiles of N and 2N instructions or stages. For the
// second it reports how many times the work of the first it is.
func BenchmarkGrowth(b *testing.B) {
	for _, input := range []struct {
		name string
		n    int
		text func(n int) string
	}{
		{"instructions", 400, manyInstructions},
		{"stages", 150, manyStages},
		{"commands", 400, manyCommands},
	} {
		first := 0.0
		for _, n := range []int{input.n, 2 * input.n} {
			text := []byte(input.text(n))
			check(b, text) // tables are read at their first use
			b.Run(fmt.Sprintf("%s/%d", input.name, n), func(b *testing.B) {
				for b.Loop() {
					check(b, text)
				}
				cost := float64(b.Elapsed()) / float64(b.N)
				if n == input.n {
					first = cost
				} else if first > 0 {
					b.ReportMetric(cost/first, "times-N")
				}
			})
		}
	}
}

// check reads a Dockerfile and runs all rules over it.
func check(b *testing.B, text []byte) {
	b.Helper()
	r, ok := document.Find("Dockerfile", nil)
	if !ok {
		b.Fatal("no reader")
	}
	documents, problems := r.Read(r.Kind, "Dockerfile", text)
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	c := lint.Checker{Rules: rules.All(), Version: lint.Newest, Profile: lint.Strict}
	if findings, problems := c.Check(&lint.Unit{Kind: lint.UnitRepository, Documents: documents}); len(findings) == 0 || len(problems) > 0 {
		b.Fatal(len(findings), problems)
	}
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
