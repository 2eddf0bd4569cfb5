package session

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// A run over changed files finds of the inputs that own them what a full run
// finds: all of a chart's and an overlay's findings, and of plain manifests
// those of the named files.
func TestFilesLikeFullRun(t *testing.T) {
	if testing.Short() {
		t.Skip("lints the examples once for each of their files")
	}
	t.Chdir(filepath.Join("..", ".."))
	full := findings(t, false, ".")
	var files []string
	for _, dir := range []string{"examples/platform", "examples"} {
		err := filepath.WalkDir(filepath.FromSlash(dir), func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && filepath.Ext(name) != ".go" && (dir != "examples" || len(files)%5 == 0 || strings.Contains(name, "service")) {
				files = append(files, filepath.ToSlash(name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(files)
	for _, file := range slices.Compact(files) {
		have := findings(t, true, file)
		owners := map[string]bool{} // units of charts and overlays
		for _, f := range have {
			for _, u := range f.Units() {
				owners[u] = true
			}
		}
		plain := slices.ContainsFunc([]string{"examples/rules/", "examples/platform/control-plane/", "examples/platform/images/"}, func(dir string) bool {
			return strings.HasPrefix(file, dir)
		})
		if plain && len(have) == 0 && slices.ContainsFunc(full, func(f *lint.Finding) bool { return f.Origin.File == file }) {
			t.Errorf("%s: a full run has findings there, a run over the file has none", file)
		}
		var want []string
		for _, f := range full {
			switch {
			case plain && touches(f, file), !plain && slices.ContainsFunc(f.Units(), func(u string) bool { return owners[u] }):
				want = append(want, identity(f))
			}
		}
		var got []string
		for _, f := range have {
			got = append(got, identity(f))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d findings, a full run has %d of its owners", file, len(got), len(want))
		}
	}
}

func identity(f *lint.Finding) string {
	return strings.Join([]string{f.Rule.ID, f.Origin.String(), f.Message, f.Fingerprint, strings.Join(f.Units(), ",")}, " ")
}

func touches(f *lint.Finding, file string) bool {
	places := []lint.Position{f.Origin.Position}
	for _, s := range f.Origin.Trail {
		places = append(places, s.Position)
	}
	for _, r := range f.Related {
		places = append(places, r.Position)
	}
	return slices.ContainsFunc(places, func(p lint.Position) bool { return p.File == file })
}

// findings lints paths, or what changed files belong to: each finding is of one
// object in one unit.
func findings(t *testing.T, changed bool, paths ...string) []*lint.Finding {
	t.Helper()
	s := New(Options{Jobs: 2})
	do := s.Lint
	if changed {
		do = s.LintFiles
	}
	r, err := do(t.Context(), paths)
	if err != nil {
		t.Fatal(err)
	}
	return r.findings()
}
