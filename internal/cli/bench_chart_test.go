package cli

import (
	"io"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
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
// The ratios are those of the sums over all charts, and of the chart in the middle.
// KUBEVET_BENCH_CHARTS names a folder of charts, or a file that lists their paths,
// in place of the example.
func BenchmarkChart(b *testing.B) {
	log.SetOutput(io.Discard) // Helm warns of odd values there
	dirs := []string{filepath.Join("examples", "platform", "charts", "web")}
	if root := os.Getenv("KUBEVET_BENCH_CHARTS"); root != "" {
		dirs = helmCharts(b, root)
	}
	defaults := render.Options{Chart: func(string) render.ChartOptions { return render.ChartOptions{NoCI: true} }}
	var engineTime, templateTime, lintTime time.Duration
	var perEngine, perTemplate, perChart []float64
	rounds := 0
	for b.Loop() {
		var e, t, l time.Duration
		for _, dir := range dirs {
			runtime.GC()
			whole, executing := helmTemplate(b, dir)
			runtime.GC()
			start := time.Now()
			lintOnly(b, dir, runtime.GOMAXPROCS(0), defaults)
			linting := time.Since(start)
			e, t, l = e+executing, t+whole, l+linting
			perChart = append(perChart, float64(linting)/float64(executing))
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
	b.ReportMetric(median(perChart), "lint/engine-per-chart")
	b.ReportMetric(median(perTemplate), "lint/template")
}

func median(l []float64) float64 {
	slices.Sort(l)
	return l[len(l)/2]
}

// helmTemplate does what helm template does, and returns how much of its time the
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
	if err := sortManifests(files); err != nil {
		b.Fatal(err)
	}
	return time.Since(start), executing
}

// sortManifests does what Helm does with what its engine printed.
func sortManifests(files map[string]string) error {
	maps.DeleteFunc(files, func(name, _ string) bool { return strings.HasSuffix(name, "NOTES.txt") })
	_, _, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	return err
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

// helmCharts lists the charts below a folder, or of a file that lists paths, that
// Helm renders with their defaults.
func helmCharts(b *testing.B, root string) []string {
	b.Helper()
	var l []string
	if listed, err := os.ReadFile(root); err == nil {
		l = strings.Fields(string(listed))
	} else if err := filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if info, err := os.Stat(filepath.Join(dir, "Chart.yaml")); err == nil && info.Mode().IsRegular() {
			l = append(l, dir)
			return filepath.SkipDir
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	l = slices.DeleteFunc(l, func(dir string) bool {
		c, values, err := helmValues(dir)
		if err != nil {
			return true
		}
		files, err := engine.Render(c, values)
		if err != nil {
			return true
		}
		return sortManifests(files) != nil
	})
	if len(l) == 0 {
		b.Fatalf("%s: no chart that Helm renders", root)
	}
	return l
}
