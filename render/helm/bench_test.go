package helm

import (
	"context"
	"io"
	"log"
	"os"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"

	"github.com/kubevet/kubevet/lint"
)

// BenchmarkRender measures, of one chart: Helm's engine on prepared values; the
// same templates traced, with everything that Render does; and that with all
// origins resolved on top. KUBEVET_CHART names a real chart.
func BenchmarkRender(b *testing.B) {
	log.SetOutput(io.Discard)
	charts := []string{"testdata/charts/web"}
	if dir := os.Getenv("KUBEVET_CHART"); dir != "" {
		charts = append(charts, dir)
	}
	for _, dir := range charts {
		c, _ := loadChart(b, dir)
		if c == nil {
			b.Fatalf("%s: no chart", dir)
		}
		b.Run("helm/"+c.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := helmEngine(c); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("helm-templates-only/"+c.Name, func(b *testing.B) { benchEngine(b, c) })
		b.Run("traced-templates-only/"+c.Name, func(b *testing.B) { benchTraced(b, c) })
		b.Run("traced/"+c.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Render(context.Background(), Scenario{})
			}
		})
		b.Run("traced-and-resolved/"+c.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, t := range c.Render(context.Background(), Scenario{}).Texts {
					t.Origin(1)
				}
			}
		})
	}
}

// benchEngine measures parsing and executing by Helm's engine.
func benchEngine(b *testing.B, c *Chart) {
	hc, err := c.root.build(map[*chart.File]string{})
	if err != nil {
		b.Fatal(err)
	}
	if err := chartutil.ProcessDependenciesWithMerge(hc, map[string]any{}); err != nil {
		b.Fatal(err)
	}
	r := &rendering{out: &lint.Rendered{}, chart: c, keys: &values{}}
	rv, err := chartutil.ToRenderValuesWithSchemaValidation(hc, map[string]any{}, chartutil.ReleaseOptions{Name: c.Name, Namespace: "default", IsInstall: true},
		r.capabilities(hc, lint.Version{}, nil), true)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := engine.Render(hc, rv); err != nil {
			b.Fatal(err)
		}
	}
}

// benchTraced measures parsing and executing by the tracing engine, cloning of
// the values included.
func benchTraced(b *testing.B, c *Chart) {
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		r := newRendering(context.Background(), c)
		top, hc := r.prepare(&Scenario{})
		b.StartTimer()
		r.run(r.parse(hc, top))
	}
}
