package examples_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/rules"
)

// TestRenderedExamples compares the findings of the example charts and overlays with the
// comments in their templates, helpers, bases, patches and kustomizations: a
// finding must land in the source file, on the line that a person edits.
func TestRenderedExamples(t *testing.T) {
	for _, dir := range []string{"platform/charts/web", "platform/overlays", "platform/control-plane", "testdata/parts"} {
		t.Run(dir, func(t *testing.T) {
			wants := map[string][]want{}
			var ran []*lint.Rule
			err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				data, err := os.ReadFile(name)
				if err != nil {
					return err
				}
				l, err := parseWants(data)
				for _, w := range l {
					if r := rules.Find(w.Rule); r != nil && !slices.Contains(ran, r) {
						ran = append(ran, r)
					}
				}
				wants[filepath.ToSlash(name)] = l
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range lintRendered(t, dir, ran) {
				l := wants[f.Origin.File]
				i := slices.IndexFunc(l, func(w want) bool {
					return w.Line == f.Origin.Line && w.Rule == f.Rule.ID && w.Message == f.Message
				})
				if i < 0 {
					t.Errorf("unexpected finding: %s: want: %s %q", f.Origin.Position, f.Rule.ID, f.Message)
					continue
				}
				wants[f.Origin.File] = slices.Delete(l, i, i+1)
			}
			for name, l := range wants {
				for _, w := range l {
					t.Errorf("no such finding: %s:%v", name, w)
				}
			}
		})
	}
}

// lintRendered runs the rules that the comments name over a directory.
func lintRendered(t *testing.T, dir string, ran []*lint.Rule) []*lint.Finding {
	t.Helper()
	if len(ran) == 0 {
		t.Fatalf("%s names no finding", dir)
	}
	plan, err := render.NewPlan([]string{dir}, render.Options{Version: lint.Newest, Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	checker := lint.Checker{Rules: ran, Version: lint.Newest}
	var mu sync.Mutex
	var findings []*lint.Finding
	result := plan.Run(context.Background(), func(r *lint.Rendered) {
		found, problems := checker.Check(r.Unit)
		mu.Lock()
		defer mu.Unlock()
		findings = append(findings, found...)
		for _, p := range problems {
			t.Error(p)
		}
	})
	for _, p := range result.Problems {
		t.Errorf("problem: %v", p)
	}
	r := lint.NewReport(findings, nil, nil, lint.Summary{})
	for _, f := range r.Findings {
		if strings.HasPrefix(f.Origin.File, "..") || f.Origin.Line == 0 {
			t.Errorf("%s is not placed: %+v", f.Message, f.Origin)
		}
	}
	return r.Findings
}
