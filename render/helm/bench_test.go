package helm

import (
	"context"
	"io"
	"log"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/kubevet/kubevet/render/helm/branch"

	"github.com/kubevet/kubevet/render/helm/values"

	"github.com/kubevet/kubevet/render/helm/trace"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"

	"github.com/kubevet/kubevet/lint"
)

// BenchmarkRender measures, of charts with their default values: executing their
// templates by Helm's engine; by a loop of our own without traces; with them;
// everything that Render does, reading of YAML included; and all origins
// resolved on top. They run in turn for each chart. The time of each, and the
// medians of the ratios to Helm's, are reported. KUBEVET_BENCH_CHARTS names a
// folder of charts, or a file that lists their paths.
func BenchmarkRender(b *testing.B) {
	log.SetOutput(io.Discard)
	sets := map[string][]string{"web": {"testdata/charts/web"}}
	if root := os.Getenv("KUBEVET_BENCH_CHARTS"); root != "" {
		sets["real"] = chartsBelow(b, root)
	}
	for _, set := range slices.Backward(trace.SortedKeys(sets)) {
		var charts []*Chart
		for _, dir := range sets[set] {
			if c, _ := loadChart(b, dir); c != nil && !c.Library {
				if _, err := helmEngine(c); err == nil {
					charts = append(charts, c)
				}
			}
		}
		b.Run(set, func(b *testing.B) { compareTimes(b, charts) })
	}
}

func compareTimes(b *testing.B, charts []*Chart) {
	variants := []struct {
		name string
		run  func(testing.TB, *Chart) time.Duration
	}{
		{"helm", runHelm},
		{"untraced", runUntraced},
		{"traced", runTraced},
		{"render", runRender},
		{"resolved", runResolved},
	}
	ratios := map[string][]float64{}
	total := map[string]time.Duration{}
	rounds := 0
	for b.Loop() {
		round := map[string]time.Duration{}
		for _, c := range charts {
			for _, v := range variants {
				runtime.GC()
				round[v.name] += v.run(b, c)
			}
		}
		for _, v := range variants {
			total[v.name] += round[v.name]
			ratios[v.name] = append(ratios[v.name], float64(round[v.name])/float64(round["helm"]))
		}
		rounds++
	}
	b.ReportMetric(float64(len(charts)), "charts")
	for _, v := range variants {
		b.ReportMetric(float64(total[v.name].Microseconds())/1000/float64(rounds), "ms-"+v.name)
		if v.name != "helm" {
			l := ratios[v.name]
			slices.Sort(l)
			b.ReportMetric(l[len(l)/2], v.name+"/helm")
		}
	}
}

// runHelm parses and executes by Helm's engine.
func runHelm(t testing.TB, c *Chart) time.Duration {
	names := newFileNames()
	hc := c.root.build(&names)
	if err := chartutil.ProcessDependenciesWithMerge(hc, map[string]any{}); err != nil {
		t.Fatal(err)
	}
	r := &rendering{out: &lint.Rendered{}, chart: c, keys: &values.Index{}}
	rv, err := chartutil.ToRenderValuesWithSchemaValidation(hc, map[string]any{}, chartutil.ReleaseOptions{Name: c.Name, Namespace: "default", IsInstall: true},
		r.capabilities(hc, lint.Version{}, nil), true)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := engine.Render(hc, rv); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

// runTraced parses and executes by the tracing engine.
func runTraced(_ testing.TB, c *Chart) time.Duration {
	r := newRendering(context.Background(), fresh(c))
	r.prepare(&Scenario{})
	start := time.Now()
	r.run(r.parse(), func(*output) {})
	return time.Since(start)
}

// fresh is a chart of which nothing was parsed yet.
func fresh(c *Chart) *Chart {
	f := *c
	f.library, f.documents = &trace.Library{ByName: map[string]*trace.Entry{}}, &documents{byFile: map[string]readText{}}
	f.trees = &values.Trees{ByFile: map[string]values.ReadTree{}}
	return &f
}

func runRender(_ testing.TB, c *Chart) time.Duration {
	start := time.Now()
	fresh(c).Render(context.Background(), Scenario{})
	return time.Since(start)
}

func runResolved(_ testing.TB, c *Chart) time.Duration {
	start := time.Now()
	for _, t := range fresh(c).Render(context.Background(), Scenario{}).Texts {
		t.Origin(1)
	}
	return time.Since(start)
}

// runUntraced parses and executes without traces: what a loop of our own costs
// at least.
func runUntraced(t testing.TB, c *Chart) time.Duration {
	r := newRendering(context.Background(), c)
	r.prepare(&Scenario{})
	start := time.Now()
	r.collect(r.merged.chart, r.seen)
	slices.SortFunc(r.tasks, compareTasks)
	tm := template.New("gotpl").Option("missingkey=zero")
	f := trace.Functions()
	f["include"], f["tpl"], f["required"] = plainInclude(tm), plainTpl(tm), trace.Required
	tm.Funcs(f)
	for _, task := range r.tasks {
		if _, err := tm.New(task.name).Parse(task.src.Text); err != nil {
			t.Fatal(err)
		}
	}
	for _, task := range r.tasks {
		task.scope["Template"] = chartutil.Values{"Name": task.name, "BasePath": task.base}
		var out strings.Builder
		if !branch.IsPartial(task.name) {
			_ = tm.ExecuteTemplate(&out, task.name, task.scope)
		}
	}
	return time.Since(start)
}

func plainInclude(tm *template.Template) any {
	return func(name string, data any) (string, error) {
		var out strings.Builder
		err := tm.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
}

func plainTpl(parent *template.Template) any {
	return func(text string, data any) (string, error) {
		tm, err := parent.Clone()
		if err != nil {
			return "", err
		}
		tm.Option("missingkey=zero")
		tm.Funcs(template.FuncMap{"include": plainInclude(tm), "tpl": plainTpl(tm)})
		if tm, err = tm.New(parent.Name()).Parse(text); err != nil {
			return "", err
		}
		var out strings.Builder
		err = tm.Execute(&out, data)
		return strings.ReplaceAll(out.String(), trace.NoValue, ""), err
	}
}
