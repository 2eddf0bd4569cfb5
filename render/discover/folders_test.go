package discover

import (
	"maps"
	"slices"
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
