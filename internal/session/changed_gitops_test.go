package session

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// What Flux and Argo CD objects deploy from their own tree is linted if the
// chart, the values or the objects changed, and with what a full run finds.
func TestFilesGitOps(t *testing.T) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "gitops.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.CopyFS(root, must(txtar.FS(archive))); err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	if err := os.Mkdir(".git", 0o755); err != nil {
		t.Fatal(err)
	}
	full := findings(t, false, ".")
	all := map[string]bool{}
	const (
		defaults = "charts/web (default values)"
		flux     = "charts/web (HelmRelease/apps/web)"
		overlaid = "charts/web (HelmRelease/edge/web of clusters/prod)"
		argo     = "charts/web (Application/argocd/web)"
		based    = "bases/db (Kustomization/flux-system/db)"
		clusters = "clusters/prod"
		stage    = "clusters/stage"
		staged   = "charts/web (HelmRelease/edge/web of clusters/stage)"
		db       = "overlays/db"
	)
	for _, c := range []struct {
		file string
		want []string
	}{
		{"charts/web/values.yaml", []string{defaults, flux, overlaid, staged, argo}},
		{"charts/web/templates/web.yaml", []string{defaults, flux, overlaid, staged, argo}},
		{"apps/release.yaml", []string{flux}},
		{"apps/values.yaml", []string{flux}},             // a ConfigMap of valuesFrom
		{"apps/secret.yaml", []string{flux}},             // a Secret of valuesFrom
		{"settings/web.yaml", []string{flux}},            // valuesFiles
		{"apps/absent.yaml", []string{overlaid, staged}}, // it refers to what is not there
		{"argo/web.yaml", []string{argo}},
		{"argo/values.yaml", []string{argo}}, // $ref of a source
		{"clusters/base/release.yaml", []string{clusters, overlaid, stage, staged}},
		{"clusters/prod/patch.yaml", []string{clusters, overlaid}},
		{"clusters/prod/kustomization.yaml", []string{clusters, overlaid}},
		{"clusters/prod/web-values.yaml", []string{clusters, overlaid}},
		{"apps/db.yaml", []string{based}},
		{"bases/db/db.yaml", []string{db, based}},
		{"overlays/db/kustomization.yaml", []string{db}},
		{"apps/other.yaml", nil},
		{"README.md", nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			have := findings(t, true, c.file)
			var units, got, want []string
			for _, f := range have {
				got = append(got, identity(f))
				units = append(units, f.Units()...)
			}
			slices.Sort(units)
			units = slices.Compact(units)
			units = slices.DeleteFunc(units, func(u string) bool { return u == "." }) // plain manifests
			slices.Sort(c.want)
			if !slices.Equal(units, c.want) {
				t.Errorf("linted:\n%s\nwant:\n%s", strings.Join(units, "\n"), strings.Join(c.want, "\n"))
			}
			for _, f := range full {
				wanted := slices.ContainsFunc(f.Units(), func(u string) bool { return slices.Contains(c.want, u) })
				if wanted || touches(f, c.file) && slices.Contains(f.Units(), ".") {
					want = append(want, identity(f))
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%d findings, a full run has %d of them: %s", len(got), len(want), firstDifference(strings.Join(got, "\n"), strings.Join(want, "\n")))
			}
			for _, u := range c.want {
				all[u] = true
			}
		})
	}
	if len(all) != 9 {
		t.Errorf("%d units are tried, want 9", len(all))
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %q and %q", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}
