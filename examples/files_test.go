package examples_test

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/document"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules"
)

// isAboutFiles reports whether a rule is about files that hold no Kubernetes objects:
// then its example is an archive.
func isAboutFiles(r *lint.Rule) bool {
	name, _, err := examples.Of(r.ID)
	return err == nil && strings.HasSuffix(name, ".txtar")
}

// TestFileExamples compares the findings of each archive with the comments in its
// files. Each folder is a case, which is one unit.
func TestFileExamples(t *testing.T) {
	t.Parallel()
	archives, err := fs.Glob(examples.Files, "*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no examples", err)
	}
	for _, name := range archives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := fs.ReadFile(examples.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			rule := rules.Find(strings.TrimSuffix(name, ".txtar"))
			if rule == nil {
				t.Fatal("no rule of that name")
			}
			cases := map[string][]txtar.File{}
			for _, f := range txtar.Parse(data).Files {
				folder, file, ok := strings.Cut(f.Name, "/")
				if !ok || !strings.HasPrefix(folder, "wrong") && !strings.HasPrefix(folder, "good") {
					t.Errorf("%s: want a name such as wrong-user/Dockerfile or good/Dockerfile", f.Name)
				}
				cases[folder] = append(cases[folder], txtar.File{Name: file, Data: f.Data})
			}
			good := 0
			for _, folder := range slices.Sorted(maps.Keys(cases)) {
				found := checkCase(t, rule, folder, cases[folder])
				if strings.HasPrefix(folder, "good") {
					good++
				}
				if (found > 0) != strings.HasPrefix(folder, "wrong") {
					t.Errorf("%s: %d findings", folder, found)
				}
			}
			if good == 0 || good == len(cases) {
				t.Error("an example needs a good and a wrong case")
			}
		})
	}
}

// checkCase compares the findings of a case with its comments, and returns how many
// there are.
func checkCase(t *testing.T, rule *lint.Rule, folder string, files []txtar.File) int {
	t.Helper()
	u := &lint.Unit{Kind: lint.UnitRepository, Input: "."}
	wants, texts := map[string][]want{}, map[string][]byte{}
	for _, f := range files {
		l, err := parseWants(f.Data)
		if err != nil {
			t.Errorf("%s/%s: %v", folder, f.Name, err)
		}
		wants[f.Name], texts[f.Name] = l, f.Data
	}
	c := lint.Checker{Rules: []*lint.Rule{rule}, Version: lint.Newest, Profile: lint.Strict, Settings: settings}
	if slices.ContainsFunc(files, func(f txtar.File) bool { return f.Name == "Chart.yaml" }) {
		u = renderChart(t, files)
	} else {
		for _, f := range files {
			addFile(t, u, f)
		}
		u.Repository = &lint.Repository{Documents: u.Documents}
	}
	findings, problems := c.Check(u)
	for _, f := range findings {
		f.Origin.File = strings.TrimPrefix(f.Origin.File, u.Input+"/")
	}
	for _, p := range problems {
		t.Error(folder, p, p.Detail)
	}
	slices.SortFunc(findings, func(a, b *lint.Finding) int { return cmp.Compare(a.Origin.Line, b.Origin.Line) })
	for _, f := range findings {
		l := wants[f.Origin.File]
		i := slices.IndexFunc(l, func(w want) bool {
			return w.Line == f.Origin.Line && w.Rule == f.Rule.ID && w.Message == f.Message
		})
		if i < 0 {
			t.Errorf("unexpected finding: %s/%s: want: %s %q", folder, f.Origin.Position, f.Rule.ID, f.Message)
			continue
		}
		wants[f.Origin.File] = slices.Delete(l, i, i+1)
	}
	for name, l := range wants {
		for _, w := range l {
			t.Errorf("no such finding: %s/%s:%v", folder, name, w)
		}
	}
	for name, text := range texts {
		checkPositions(t, text, slices.DeleteFunc(slices.Clone(findings), func(f *lint.Finding) bool { return f.Origin.File != name }))
	}
	return len(findings)
}

// renderChart renders a case that is a chart.
func renderChart(t *testing.T, files []txtar.File) (u *lint.Unit) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := render.NewPlan([]string{dir}, render.Options{Version: lint.Newest})
	if err != nil {
		t.Fatal(err)
	}
	result := plan.Run(context.Background(), func(r *lint.Rendered) { u = r.Unit })
	for _, p := range result.Problems {
		t.Error(p)
	}
	if u == nil {
		t.Fatal("the chart renders nothing")
	}
	return u
}

// addFile adds what a file holds to a unit.
func addFile(t *testing.T, u *lint.Unit, f txtar.File) {
	t.Helper()
	if r, ok := document.Find(f.Name, func() []byte { return f.Data }); ok {
		documents, problems := r.Read(r.Kind, f.Name, f.Data)
		for _, p := range problems {
			t.Error(p)
		}
		u.Documents = append(u.Documents, documents...)
		return
	}
	source := manifest.NewSource(f.Name, f.Data)
	for _, d := range manifest.Documents(f.Data) {
		objects, _ := manifest.Objects(d.Node, source)
		u.Objects = append(u.Objects, objects...)
	}
}
