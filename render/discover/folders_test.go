package discover

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// A folder of charts is not for use if its name says so and something else does, too.
func TestRetiredCharts(t *testing.T) {
	charts := map[string]string{
		".git/HEAD":             "",
		"charts/new/Chart.yaml": "name: new\n",
		"old/web/Chart.yaml":    "name: web\n",
	}
	for name, tt := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"nothing else":       {nil, false},
		"Renovate":           {map[string]string{"renovate.json": "{\"ignorePaths\": [\n  \"old/**\"\n]}\n"}, true},
		"Renovate, any":      {map[string]string{".github/renovate.json5": "{ignorePaths: ['**/old/**']}\n"}, true},
		"Renovate, other":    {map[string]string{"renovate.json": "{\"ignorePaths\": [\"older/**\", \"x/old/**\"]}\n"}, false},
		"ct":                 {map[string]string{"ct.yaml": "chart-repos:\n- a=https://example.com\n"}, true},
		"ct, other":          {map[string]string{"ct.yaml": "chart-dirs:\n  - charts # those\nx: 1\n"}, true},
		"ct, listed":         {map[string]string{"ct.yaml": "chart-dirs:\n  - charts\n  - old/\n"}, false},
		"ct, listed in line": {map[string]string{"ct.yaml": "chart-dirs: [charts, 'old']\n"}, false},
		"ct, no charts":      {map[string]string{"ct.yaml": "chart-dirs:\n  - other\n"}, false},
		"deprecated":         {map[string]string{"old/web/Chart.yaml": "name: web\ndeprecated: true\n"}, true},
		"one deprecated":     {map[string]string{"old/web/Chart.yaml": "name: web\ndeprecated: true\n", "old/db/Chart.yaml": "name: db\n"}, false},
		"deployed":           {map[string]string{"ct.yaml": "", "flux.yaml": fluxOf + "./old/web\n"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(charts)
			maps.Copy(files, tt.files)
			write(t, files)
			got := !slices.ContainsFunc(In([]string{"."}, nil).Charts, func(c File) bool { return c.Name == "old/web" })
			if got != tt.want {
				t.Errorf("skipped: %v; want %v", got, tt.want)
			}
			if named := In([]string{"old"}, nil).Charts; len(named) == 0 {
				t.Error("the folder is skipped although it is named")
			}
		})
	}
}

// A folder named like an archive is one of what is no longer used, unless it is named for the program in it, or something applies it.
func TestArchivesInUse(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"nothing else":     {nil, true},
		"chart of program": {map[string]string{"db/attic/Chart.yaml": "name: attic\n"}, false},
		"other chart":      {map[string]string{"db/attic/Chart.yaml": "name: web\n"}, true},
		"tier":             {map[string]string{"db/attic/web-attic-1.yaml": pod, "db/index/web-index-1.yaml": pod}, false},
		"tier alone":       {map[string]string{"db/attic/web-attic-1.yaml": pod, "db/index/index.yaml": pod}, true},
		"other tiers":      {map[string]string{"db/attic/web-attic-1.yaml": pod, "db/index/shop-index-1.yaml": pod}, true},
		"Flux":             {map[string]string{"flux.yaml": fluxOf + "./db/attic\n"}, false},
		"Flux, above":      {map[string]string{"flux.yaml": fluxOf + "./db\n"}, false},
		"Flux, not listed": {map[string]string{"flux.yaml": fluxOf + "./db\n", "db/kustomization.yaml": "resources: []\n"}, true},
		"Flux, below":      {map[string]string{"flux.yaml": fluxOf + "./db/attic/web\n"}, false},
		"a command":        {map[string]string{"README.md": "    kubectl apply -f db/attic/\n"}, false},
		"a script":         {map[string]string{"up.sh": "kubectl apply -f attic/web.yaml\n"}, false},
		"its own README":   {map[string]string{"db/attic/README.md": "    kubectl apply -f attic/web.yaml\n"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{".git/HEAD": "", "db/attic/web.yaml": pod}
			maps.Copy(files, tt.files)
			write(t, files)
			found := In([]string{"."}, nil)
			isBelow := func(f File) bool { return strings.HasPrefix(f.Name, "db/attic") }
			if got := !slices.ContainsFunc(slices.Concat(found.Manifests, found.Charts), isBelow); got != tt.want {
				t.Errorf("skipped: %v; want %v: %v", got, tt.want, found.Skipped)
			}
		})
	}
}

// A project that a script clones anew is edited elsewhere.
func TestClones(t *testing.T) {
	const script = "rm -rf \"$1\"\ngit clone --depth 1 https://example.com/them/tool.git tool\n"
	for name, tt := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"clone":         {nil, true},
		"own module":    {map[string]string{"deps/tool/go.mod": "module example.com/us/tool\n"}, false},
		"no script":     {map[string]string{"deps/update.sh": "git clone https://example.com/them/tool.git tool\n"}, false},
		"another clone": {map[string]string{"deps/update.sh": "rm -rf other\ngit clone https://example.com/them/other.git other\n"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{
				".git/HEAD": "", "go.mod": "module example.com/us/app\n", "deps/update.sh": script,
				"deps/tool/go.mod": "module example.com/them/tool\n", "deps/tool/Dockerfile": "FROM scratch\n", "deps/tool/deploy/a.yaml": pod,
			}
			maps.Copy(files, tt.files)
			write(t, files)
			found := In([]string{"."}, nil)
			if got := len(found.Documents)+len(found.Manifests) == 0; got != tt.want {
				t.Errorf("skipped: %v; want %v: %v", got, tt.want, found.Skipped)
			}
		})
	}
}

// A chart for tests that chart-testing leaves out is skipped, and no other.
func TestExcludedCharts(t *testing.T) {
	write(t, map[string]string{
		".git/HEAD":                   "",
		"ct.yaml":                     "chart-dirs: [charts]\nexcluded-charts:\n  - web-test # ours\n  - gpu\ntarget-branch: main\n",
		"charts/web-test/Chart.yaml":  "name: web-test\n",
		"charts/gpu/Chart.yaml":       "name: gpu\n",
		"charts/load-test/Chart.yaml": "name: load-test\n",
	})
	f := In([]string{"."}, nil)
	var got []string
	for _, c := range f.Charts {
		got = append(got, c.Name)
	}
	if want := []string{"charts/gpu", "charts/load-test"}; !slices.Equal(got, want) {
		t.Errorf("charts %q, want %q", got, want)
	}
	if f = In([]string{"charts/web-test"}, nil); len(f.Charts) != 1 {
		t.Errorf("charts %v, want the one that is named", f.Charts)
	}
}
