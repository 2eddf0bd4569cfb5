package manifest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkGrowth reads inputs of N and of 2N parts. The metric "times-N" is how many
// times as long the second takes: 2 where the cost grows with the input.
func BenchmarkGrowth(b *testing.B) {
	many := func(n int, format string) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, strings.ReplaceAll(format, "#", "%[1]d"), i)
		}
		return s.String()
	}
	for _, bb := range []struct {
		name string
		text func(n int) string
	}{
		{"documents", func(n int) string { return many(n, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p#}\nspec: {}\n") }},
		{"JSON values", func(n int) string {
			return many(n, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p#"}}`+"\n")
		}},
		{"keys", func(n int) string { return "kind: a\napiVersion: v1\ndata:\n" + many(n, "  k#: v\n") }},
		{"anchors", func(n int) string { return many(n, "a#: &a# x\nb#: *a#\n") }},
		{"duplicate keys", func(n int) string { return "data:\n" + strings.Repeat("  k: v\n", n) }},
		{"broken documents", func(n int) string { return strings.Repeat("---\na: [\n", n) }},
		{"a list", func(n int) string {
			return "apiVersion: v1\nkind: List\nitems:\n" + many(n, "- {apiVersion: v1, kind: Pod, metadata: {name: p#}}\n")
		}},
	} {
		var first time.Duration
		for _, n := range []int{4000, 8000} {
			data := []byte(bb.text(n))
			b.Run(fmt.Sprintf("%s/%d", bb.name, n), func(b *testing.B) {
				for b.Loop() {
					src := NewSource("f.yaml", data)
					for d := range Each(data) {
						src.Problems(d)
						if d.Node != nil {
							Objects(d.Node, src)
						}
					}
				}
				each := b.Elapsed() / time.Duration(b.N)
				if n == 4000 {
					first = each
				} else if first > 0 {
					b.ReportMetric(float64(each)/float64(first), "times-N")
				}
			})
		}
	}
}
