package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/render"
)

// BenchmarkGrowth lints inputs of N and 2N, from the files to the JSON report. The
// second must take about twice as long as the first: the metric "times-N" says how
// many times.
func BenchmarkGrowth(b *testing.B) {
	for _, input := range []struct {
		name  string
		n     int
		write func(b *testing.B, dir string, n int) render.Options
	}{
		{"files", 500, func(b *testing.B, dir string, n int) render.Options {
			for i := range n {
				writeFile(b, filepath.Join(dir, fmt.Sprintf("f%d.yaml", i)), fmt.Sprintf(smallPod, i))
			}
			return render.Options{}
		}},
		{"pods-of-one-file", 500, oneFile(func(i int) string { return "---\n" + fmt.Sprintf(smallPod, i) }, "")},
		{"containers-of-one-pod", 500, oneFile(
			func(i int) string { return fmt.Sprintf("  - {name: c%d, image: 'nginx:%d'}\n", i, i) },
			"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n",
		)},
		{"lines-without-objects", 20_000, oneFile(func(i int) string { return fmt.Sprintf("key%d: value %d\n", i, i) }, smallPodText)},
		{"shared-labels", 100, oneFile(func(i int) string { return fmt.Sprintf(sharing, i) }, "")},
		{"charts", 20, func(b *testing.B, dir string, n int) render.Options {
			for i := range n {
				writeChart(b, filepath.Join(dir, fmt.Sprintf("c%d", i)))
			}
			return render.Options{}
		}},
		{"scenarios", 20, func(b *testing.B, dir string, n int) (opts render.Options) {
			writeChart(b, dir)
			var chart render.ChartOptions
			for i := range n {
				chart.Scenarios = append(chart.Scenarios, render.Scenario{Name: fmt.Sprint("s", i), Set: []string{fmt.Sprint("tag=", i)}})
			}
			opts.Chart = func(string) render.ChartOptions { return chart }
			return opts
		}},
	} {
		var first time.Duration
		for _, n := range []int{input.n, 2 * input.n} {
			dir := b.TempDir()
			opts := input.write(b, dir, n)
			b.Run(fmt.Sprintf("%s/%d", input.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := report.JSON(io.Discard, lintOnly(b, dir, 1, opts), lint.Tool{}); err != nil {
						b.Fatal(err)
					}
				}
				each := b.Elapsed() / time.Duration(b.N)
				if n == input.n {
					first = each
				} else if first > 0 {
					b.ReportMetric(float64(each)/float64(first), "times-N")
				}
			})
		}
	}
}

// oneFile writes a file of n parts that follow a text.
func oneFile(part func(i int) string, before string) func(b *testing.B, dir string, n int) render.Options {
	return func(b *testing.B, dir string, n int) render.Options {
		var text strings.Builder
		text.WriteString(before)
		for i := range n {
			text.WriteString(part(i))
		}
		writeFile(b, filepath.Join(dir, "a.yaml"), text.String())
		return render.Options{}
	}
}

func writeChart(b *testing.B, dir string) {
	writeFile(b, filepath.Join(dir, "Chart.yaml"), "apiVersion: v2\nname: c\nversion: 0.1.0\n")
	writeFile(b, filepath.Join(dir, "values.yaml"), "image: nginx\ntag: 1\n")
	writeFile(b, filepath.Join(dir, "templates", "a.yaml"), `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: c
    image: {{ .Values.image }}:{{ .Values.tag }}
`)
}

func writeFile(b *testing.B, name, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}

const smallPod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: c, image: \"x:1\"}]}\n"

// smallPodText is a Pod, and the start of a document that is no object.
const smallPodText = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: \"x:1\"}]}\n---\n"

const sharing = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d%[1]d}
spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: s%[1]d}
spec: {selector: {a: b}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: n%[1]d}
spec: {podSelector: {matchLabels: {a: b}}}
`
