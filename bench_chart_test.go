package main

import (
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"

	"github.com/kubevet/kubevet/render"
)

// BenchmarkChart lints charts with their default values, from opening the files
// to the sorted findings, by turns with Helm's libraries: the engine alone, which
// executes the templates of a chart that is loaded and whose values are merged;
// and all that helm template does: loading, merging, executing, and sorting the
// manifests. It reports the time of each, and the medians of the ratios.
// KUBEVET_BENCH_CHARTS names a folder of charts in place of the example.
func BenchmarkChart(b *testing.B) {
	log.SetOutput(io.Discard) // Helm warns of odd values there
	dirs := []string{filepath.Join("examples", "charts", "web")}
	if root := os.Getenv("KUBEVET_BENCH_CHARTS"); root != "" {
		dirs = helmCharts(b, root)
	}
	defaults := render.Options{Chart: func(string) render.ChartOptions { return render.ChartOptions{NoCI: true} }}
	var engineTime, templateTime, lintTime time.Duration
	var perEngine, perTemplate []float64
	rounds := 0
	for b.Loop() {
		var e, t, l time.Duration
		for _, dir := range dirs {
			runtime.GC()
			whole, executing := helmTemplate(b, dir)
			runtime.GC()
			start := time.Now()
			lintOnly(b, dir, runtime.GOMAXPROCS(0), defaults)
			e, t, l = e+executing, t+whole, l+time.Since(start)
		}
		engineTime, templateTime, lintTime = engineTime+e, templateTime+t, lintTime+l
		perEngine = append(perEngine, float64(l)/float64(e))
		perTemplate = append(perTemplate, float64(l)/float64(t))
		rounds++
	}
	perRound := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(rounds) }
	b.ReportMetric(float64(len(dirs)), "charts")
	b.ReportMetric(perRound(engineTime), "ms-engine")
	b.ReportMetric(perRound(templateTime), "ms-template")
	b.ReportMetric(perRound(lintTime), "ms-lint")
	b.ReportMetric(median(perEngine), "lint/engine")
	b.ReportMetric(median(perTemplate), "lint/template")
}

func median(l []float64) float64 {
	slices.Sort(l)
	return l[len(l)/2]
}

// helmTemplate does what helm template does, and tells how much of its time the
// engine took.
func helmTemplate(b *testing.B, dir string) (whole, executing time.Duration) {
	b.Helper()
	start := time.Now()
	c, values, err := helmValues(dir)
	if err != nil {
		b.Fatal(err)
	}
	before := time.Now()
	files, err := engine.Render(c, values)
	executing = time.Since(before)
	if err != nil {
		b.Fatal(err)
	}
	if _, _, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder); err != nil {
		b.Fatal(err)
	}
	return time.Since(start), executing
}

func helmValues(dir string) (*chart.Chart, chartutil.Values, error) {
	c, err := loader.LoadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	values := map[string]any{}
	if err := chartutil.ProcessDependenciesWithMerge(c, values); err != nil {
		return nil, nil, err
	}
	caps := *chartutil.DefaultCapabilities
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.37.0", Major: "1", Minor: "37"}
	v, err := chartutil.ToRenderValuesWithSchemaValidation(c, values, chartutil.ReleaseOptions{Name: c.Name(), Namespace: "default", Revision: 1, IsInstall: true}, &caps, true)
	return c, v, err
}

// helmCharts lists the charts of a folder that Helm renders with their defaults.
func helmCharts(b *testing.B, root string) []string {
	b.Helper()
	var l []string
	err := filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if _, err := os.Stat(filepath.Join(dir, "Chart.yaml")); err != nil {
			return nil
		}
		if c, values, err := helmValues(dir); err == nil {
			if files, err := engine.Render(c, values); err == nil {
				if _, _, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder); err == nil {
					l = append(l, dir)
				}
			}
		}
		return filepath.SkipDir
	})
	if err != nil || len(l) == 0 {
		b.Fatalf("%s: no chart that Helm renders: %v", root, err)
	}
	return l
}
