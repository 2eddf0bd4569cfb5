package discover

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"

	"github.com/kubevet/kubevet/render/tree"
)

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"

// write writes files below a new directory and makes it the working directory.
func write(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Chdir(dir)
	return dir
}

// gitIndex is the text of an index with some files.
func gitIndex(tb testing.TB, names ...string) string {
	tb.Helper()
	idx := &index.Index{Version: 2}
	for _, name := range names {
		idx.Entries = append(idx.Entries, &index.Entry{Name: name, Mode: filemode.Regular})
	}
	var out bytes.Buffer
	if err := index.NewEncoder(&out).Encode(idx); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

// describe lists what was found by kind.
func describe(f *Found) string {
	var l []string
	for _, list := range []struct {
		kind  string
		files []File
	}{{"chart", f.Charts}, {"overlay", f.Kustomizations}, {"manifest", f.Manifests}, {"in chart", f.InCharts}} {
		for _, file := range list.files {
			l = append(l, list.kind+" "+file.Display())
		}
	}
	for _, s := range f.Skipped {
		l = append(l, "skipped "+s.File)
	}
	for _, p := range f.Problems {
		l = append(l, "problem "+p.File)
	}
	for id, parts := range f.Parts {
		l = append(l, "of "+id.Name+": "+strings.Join(parts, " "))
	}
	slices.Sort(l)
	return strings.Join(l, "\n")
}

// Go vendors its packages into the repository, and Git tracks them: they are skipped unless they
// are named. A folder of that name without Go's list is like any other, unless it is beside a go.mod.
func TestGoVendor(t *testing.T) {
	write(t, map[string]string{
		"ok.yaml":               pod,
		"vendor/modules.txt":    "# example.com/x v1.0.0\n",
		"vendor/x/deploy.yaml":  pod,
		"tools/vendor/own.yaml": pod,
		"op/go.mod":             "module example.com/op\n",
		"op/vendor/x/pod.yaml":  pod,
		".git/index":            gitIndex(t, "ok.yaml", "vendor/x/deploy.yaml"),
	})
	for root, want := range map[string]string{
		".":        "manifest ok.yaml\nmanifest tools/vendor/own.yaml\nskipped op/vendor\nskipped vendor",
		"vendor":   "manifest vendor/x/deploy.yaml",
		"vendor/x": "manifest vendor/x/deploy.yaml",
	} {
		if got := describe(In([]string{root}, nil)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
}

// What tests read is skipped unless it is named.
func TestTestData(t *testing.T) {
	write(t, map[string]string{
		".git/HEAD":                      "",
		"ok.yaml":                        pod,
		"testdata/a.yaml":                pod,
		"op/go.mod":                      "module example.com/op\n",
		"op/pkg/testdata/a/pod.yaml":     pod,
		"op/testdata/notes.txt":          "",
		"op/pkg/x_test.go":               "package pkg\n\nvar dirs = []string{root + \"/pkg/testcharts\", \"used\", \"testmain\"}\n",
		"op/pkg/main.go":                 "package pkg\n\nvar dir = \"testmain\"\n",
		"op/pkg/testcharts/a.yaml":       pod,
		"op/pkg/testmain/a.yaml":         pod,
		"op/pkg/testother/a.yaml":        pod,
		"op/pkg/used/a.yaml":             pod,
		"op/pkg/test/embed.go":           "package test\n\n//go:embed basic\nvar Basic embed.FS\n",
		"op/pkg/test/basic/a.yaml":       pod,
		"web/src/__fixtures__/a.yaml":    pod,
		"py/tests/data/a.json":           `{"apiVersion": "v1", "kind": "Pod"}`,
		"py/data/a.yaml":                 pod,
		"old/vendor/k8s.io/api/a.json":   `{"apiVersion": "v1", "kind": "Pod"}`,
		"shop/vendor/a.yaml":             pod,
		"java/src/test/resources/a.yaml": pod,
		"js/tests/mocks/data/pods.json":  `{"apiVersion":"v1","kind":"PodList","items":[]}`,
		"charts/tests/generated/a.yaml":  pod,
		"java/src/main/resources/a.yaml": pod,
	})
	for root, want := range map[string]string{
		".": "manifest java/src/main/resources/a.yaml\nmanifest ok.yaml\nmanifest op/pkg/testmain/a.yaml\nmanifest op/pkg/testother/a.yaml\n" +
			"manifest op/pkg/used/a.yaml\nmanifest py/data/a.yaml\nmanifest shop/vendor/a.yaml\n" +
			"skipped charts/tests/generated\nskipped java/src/test/resources\nskipped js/tests/mocks\nskipped old/vendor\nskipped op/pkg/test/basic\nskipped op/pkg/testcharts\nskipped op/pkg/testdata\nskipped py/tests/data\nskipped testdata\nskipped web/src/__fixtures__",
		"op/pkg":            "manifest op/pkg/testmain/a.yaml\nmanifest op/pkg/testother/a.yaml\nmanifest op/pkg/used/a.yaml\nskipped op/pkg/test/basic\nskipped op/pkg/testcharts\nskipped op/pkg/testdata",
		"op/pkg/testdata":   "manifest op/pkg/testdata/a/pod.yaml",
		"op/pkg/testdata/a": "manifest op/pkg/testdata/a/pod.yaml",
		"py/tests/data":     "manifest py/tests/data/a.json",
	} {
		if got := describe(In([]string{root}, nil)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
}

// A file that a test beside it, or in the folder above, has in quotes is the test's, unless it is
// named, or the program or a kustomization uses it. At the top of a module it is the project's.
func TestGoFixtures(t *testing.T) {
	const test = "package x\n\nvar files = []string{\"own.yaml\", `./raw.yaml`, \"./data/\", \"below.yaml\", \"more/one.yaml\"}\n"
	write(t, map[string]string{
		".git/HEAD":                  "",
		"go.mod":                     "module example.com/x\n",
		"x_test.go":                  test,
		"own.yaml":                   pod,
		"data/below.yaml":            pod,
		"pkg/x_test.go":              test,
		"pkg/own.yaml":               pod,
		"pkg/raw.yaml":               pod,
		"pkg/other.yaml":             pod,
		"pkg/data/below.yaml":        pod,
		"pkg/data/other.yaml":        pod,
		"pkg/data/deep/below.yaml":   pod,
		"pkg/more/one.yaml":          pod,
		"pkg/more/below.yaml":        pod,
		"embeds/x_test.go":           test,
		"embeds/x.go":                "package x\n\n//go:embed *.yaml\nvar own string\n",
		"embeds/own.yaml":            pod,
		"pkg/tests/helper.go":        "package tests\n\nvar own = read(\"own.yaml\")\n",
		"pkg/tests/own.yaml":         pod,
		"pkg/tests/other.yaml":       pod,
		"overlay/x_test.go":          test,
		"overlay/kustomization.yaml": "resources: [own.yaml]\n",
		"overlay/own.yaml":           pod,
	})
	for root, want := range map[string]string{
		".": "manifest data/below.yaml\nmanifest embeds/own.yaml\nmanifest overlay/own.yaml\nmanifest own.yaml\nmanifest pkg/data/deep/below.yaml\n" +
			"manifest pkg/data/other.yaml\nmanifest pkg/more/below.yaml\nmanifest pkg/other.yaml\noverlay overlay\n" +
			"skipped pkg/data/below.yaml\nskipped pkg/more/one.yaml\nskipped pkg/own.yaml\nskipped pkg/raw.yaml\nskipped pkg/tests",
		"pkg/more":     "manifest pkg/more/below.yaml\nmanifest pkg/more/one.yaml",
		"pkg/own.yaml": "manifest pkg/own.yaml",
	} {
		if got := describe(In([]string{root}, nil)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
}

// What a package holds that takes the place of another in tests is the tests', if they name its folder, unless a program uses the package or a
// command applies the folder.
func TestGoDoubles(t *testing.T) {
	const test = "package x\n\nvar dir = filepath.Join(\"fake\", \"data\")\n"
	write(t, map[string]string{
		".git/HEAD":                 "",
		"go.mod":                    "module example.com/x\n",
		"README.md":                 "    kubectl apply -f applied/fake/web\n",
		"pkg/x_test.go":             test,
		"pkg/fake/data/a.yaml":      pod,
		"pkg/fake/more/a.yaml":      pod,
		"pkg/other/data/a.yaml":     pod,
		"path/x_test.go":            "package x\n\nvar dir = \"./mocks/web/\"\n",
		"path/mocks/web/a.yaml":     pod,
		"used/x_test.go":            test,
		"used/x.go":                 "package x\n\nimport \"example.com/x/used/fake\"\n",
		"used/fake/data/a.yaml":     pod,
		"applied/x_test.go":         "package x\n\nvar dir = \"fake/web\"\n",
		"applied/fake/web/a.yaml":   pod,
		"untested/x.go":             test,
		"untested/fake/data/a.yaml": pod,
	})
	for root, want := range map[string]string{
		".": "manifest applied/fake/web/a.yaml\nmanifest pkg/fake/more/a.yaml\nmanifest pkg/other/data/a.yaml\nmanifest untested/fake/data/a.yaml\n" +
			"manifest used/fake/data/a.yaml\nskipped path/mocks/web\nskipped pkg/fake/data",
		"pkg/fake/data": "manifest pkg/fake/data/a.yaml",
	} {
		if got := describe(In([]string{root}, nil)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
}

// A folder test beside a Go test that names a file in it is for tests, unless a command applies it or it is an environment.
func TestGoTestFolder(t *testing.T) {
	const test = "package x\n\nvar file = \"test/a.yaml\"\n"
	write(t, map[string]string{
		".git/HEAD":              "",
		"go.mod":                 "module example.com/x\n",
		"README.md":              "    kubectl apply -f applied/test/b.yaml\n",
		"pkg/x_test.go":          test,
		"pkg/test/a.yaml":        pod,
		"pkg/test/more/b.yaml":   pod,
		"missing/x_test.go":      test,
		"missing/test/b.yaml":    pod,
		"program/x.go":           test,
		"program/test/a.yaml":    pod,
		"applied/x_test.go":      test,
		"applied/test/a.yaml":    pod,
		"applied/test/b.yaml":    pod,
		"envs/x_test.go":         test,
		"envs/test/a.yaml":       pod,
		"envs/test/b.yaml":       pod,
		"envs/production/b.yaml": pod,
	})
	const want = "manifest applied/test/b.yaml\nmanifest envs/production/b.yaml\nmanifest envs/test/b.yaml\nmanifest missing/test/b.yaml\nmanifest program/test/a.yaml\n" +
		"skipped applied/test\nskipped envs/test/a.yaml\nskipped pkg/test"
	if got := describe(In([]string{"."}, nil)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// What tests expect is linted if it is named. Golden says nothing outside of tests.
func TestGolden(t *testing.T) {
	write(t, map[string]string{
		".git/HEAD":                      "",
		"ok.yaml":                        pod,
		"clusters/golden/pod.yaml":       pod,
		"lib/tests/golden/pod.yaml":      pod,
		"test/build/golden/a/pod.yaml":   pod,
		"unit/__snapshots__/pod.yaml":    pod,
		"test/build/__snapshots__/a.txt": "",
		"e2e-tests/golden/pod.yaml":      pod,
		"go.mod":                         "module m",
		"pkg/canondata/a/pod.yaml":       pod,
		"pkg/golden/pod.yaml":            pod,
		"pkg/x_test.go":                  "package pkg\n\nvar file = \"golden/\" + name\n",
		"pkg/list_testdata/pod.yaml":     pod,
		"pkg/testdata2/pod.yaml":         pod,
	})
	for root, want := range map[string]string{
		".": "manifest clusters/golden/pod.yaml\nmanifest ok.yaml\nskipped e2e-tests/golden\nskipped lib/tests/golden\n" +
			"skipped pkg/canondata\nskipped pkg/golden\nskipped pkg/list_testdata\nskipped pkg/testdata2\nskipped test/build/golden\nskipped unit/__snapshots__",
		"lib/tests/golden": "manifest lib/tests/golden/pod.yaml",
	} {
		if got := describe(In([]string{root}, nil)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
}

func TestArchives(t *testing.T) {
	skipped := []string{
		"archive", "Archive", "_archive", ".archive", "attic", "archived", "archived_projects", "archived-apps", "apps-archived",
		"old-archive", "archive_old", "_old", "_deprecated",
	}
	linted := []string{"old", "deprecated", "mail-archive", "archive-server", "archiver", "old-apps", "unarchived", "_"}
	for _, dir := range slices.Concat(skipped, linted) {
		write(t, map[string]string{".git/HEAD": "", dir + "/pod.yaml": pod})
		want := "manifest " + dir + "/pod.yaml"
		if slices.Contains(skipped, dir) {
			want = "skipped " + dir
		}
		if got := describe(In([]string{"."}, nil)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", dir, got, want)
		}
	}
}

func TestIndexDecides(t *testing.T) {
	files := map[string]string{
		".gitignore":         "ignored.yaml\nbuild/\n",
		"ok.yaml":            pod,
		"ignored.yaml":       pod,
		"build/out.yaml":     pod,
		"build/kept.yaml":    pod,
		".hidden/a.yaml":     pod,
		".tracked/a.yaml":    pod,
		".archive/a.yaml":    pod,
		"_archived/a.yaml":   pod,
		"node_modules/a.yml": pod,
	}
	for name, want := range map[string]string{
		"":                     "manifest build/kept.yaml\nmanifest build/out.yaml\nmanifest ignored.yaml\nmanifest ok.yaml\nskipped .archive\nskipped .hidden\nskipped .tracked\nskipped _archived\nskipped node_modules",
		"broken":               "manifest build/kept.yaml\nmanifest build/out.yaml\nmanifest ignored.yaml\nmanifest ok.yaml\nskipped .archive\nskipped .hidden\nskipped .tracked\nskipped _archived\nskipped node_modules",
		gitIndex(t, "ok.yaml"): "manifest ok.yaml\nskipped .archive\nskipped .hidden\nskipped .tracked\nskipped _archived\nskipped node_modules",
		gitIndex(t, ".archive/a.yaml", ".tracked/a.yaml", "build/kept.yaml", "ignored.yaml", "ok.yaml"): "manifest .tracked/a.yaml\nmanifest build/kept.yaml\nmanifest ignored.yaml\nmanifest ok.yaml\nskipped .archive\nskipped .hidden\nskipped _archived\nskipped node_modules",
	} {
		files[".git/index"] = name
		if name == "" {
			delete(files, ".git/index")
			files[".git/HEAD"] = ""
		}
		write(t, files)
		if got := describe(In([]string{"."}, nil)); got != want {
			t.Errorf("index of %d bytes:\n%s\nwant\n%s", len(name), got, want)
		}
	}
}

func TestOwners(t *testing.T) {
	write(t, map[string]string{
		".git/HEAD":                          "",
		"web/Chart.yaml":                     "name: web",
		"web/values.yaml":                    "a: b\n",
		"web/templates/pod.yaml":             pod,
		"web/test/pod.yaml":                  pod,
		"web/charts/sub/Chart.yaml":          "name: sub",
		"web/charts/sub/templates/pod.yaml":  pod,
		"base/kustomization.yaml":            "resources: [pod.yaml]",
		"base/pod.yaml":                      pod,
		"base/other.yaml":                    pod,
		"prod/kustomization.yaml":            "resources: [../base]\npatches: [path: patch.yaml]",
		"prod/patch.yaml":                    pod,
		"top/Chart.yaml":                     "name: top",
		"top/k8s/kustomization.yaml":         "resources: []",
		"top/k8s/more.YAML":                  pod,
		"top/crds/crd.yaml":                  pod,
		"top/library/charts/in/Chart.yaml":   "name: in",
		"top/library/charts/in/values.yaml":  "",
		"top/library/charts/in/x/values.yml": "",
	})
	for arg, want := range map[string]string{
		"web/templates/pod.yaml":            "chart web\nof web: web/templates/pod.yaml",
		"web/templates":                     "chart web\nof web: web/templates",
		"web/values.yaml":                   "chart web\nof web: web/values.yaml",
		"web/Chart.yaml":                    "chart web",
		"web/test/pod.yaml":                 "manifest web/test/pod.yaml",
		"web/charts/sub/templates/pod.yaml": "chart web\nof web: web/charts/sub/templates/pod.yaml",
		"web/charts/sub":                    "chart web/charts/sub",
		"base/pod.yaml":                     "of base: base/pod.yaml\noverlay base",
		"base/other.yaml":                   "manifest base/other.yaml",
		"prod/patch.yaml":                   "of prod: prod/patch.yaml\noverlay prod",
		"top":                               "chart top\nchart top/library/charts/in\nin chart top/k8s/more.YAML\nin chart top/library/charts/in/values.yaml\nin chart top/library/charts/in/x/values.yml\noverlay top/k8s",
		"none":                              "problem none",
	} {
		if got := describe(In([]string{arg}, nil)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", arg, got, want)
		}
	}
	if got, want := describe(In([]string{"web/values.yaml", "web", "web/templates"}, nil)), "chart web\nin chart web/test/pod.yaml\nin chart web/values.yaml"; got != want {
		t.Errorf("a chart and its parts:\n%s\nwant\n%s", got, want)
	}
}

// BenchmarkGrowth walks trees of N and of 2N charts with four files each. The metric
// "times-N" is how many times as long the second takes: 2 where the cost grows with the
// input.
func BenchmarkGrowth(b *testing.B) {
	tree := func(n int) string {
		files := map[string]string{".git/HEAD": ""}
		for i := range n {
			dir := fmt.Sprintf("g%d/c%d/", i%20, i)
			files[dir+"Chart.yaml"], files[dir+"values.yaml"] = "name: a", "a: b"
			files[dir+"templates/pod.yaml"], files[dir+fmt.Sprintf("../p-1.0.%d.yaml", i)] = pod, pod
		}
		return write(b, files)
	}
	var first time.Duration
	for _, n := range []int{500, 1000} {
		dir := tree(n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				In([]string{dir}, nil).SkipOlderReleases()
			}
			each := b.Elapsed() / time.Duration(b.N)
			if n == 500 {
				first = each
			} else if first > 0 {
				b.ReportMetric(float64(each)/float64(first), "times-N")
			}
		})
	}
}

// TestCharts lists the charts that others may have copies of.
func TestCharts(t *testing.T) {
	const chart = "apiVersion: v2\nname: a\nversion: 1.0.0\n"
	dir := write(t, map[string]string{
		"charts/web/Chart.yaml":           chart,
		"charts/web/charts/db/Chart.yaml": chart,
		"charts/web/parts/lib/Chart.yaml": chart,
		"external/db/Chart.yaml":          chart,
		"archive/db/Chart.yaml":           chart,
		"test/testdata/db/Chart.yaml":     chart,
		".cache/db/Chart.yaml":            chart,
	})
	tr, err := tree.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	if got := fmt.Sprint(Charts(tr)); got != "[charts/web charts/web/parts/lib external/db]" {
		t.Error(got)
	}
}
