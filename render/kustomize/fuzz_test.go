package kustomize

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kubevet/kubevet/lint"
)

// FuzzBuild builds what an archive of files holds, in the directory of its first
// kustomization. Nothing may crash or take without end, every claim of a place is
// read again, every problem has a code, and two builds give the same.
func FuzzBuild(f *testing.F) {
	sealed(f)
	seeds, err := filepath.Glob("testdata/fuzz/seeds/*.txtar")
	if err != nil || len(seeds) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range seeds {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	limits := DefaultLimits
	limits.Kustomizations, limits.Objects, limits.Nodes, limits.Bytes, limits.Steps, limits.Written, limits.Copies = 50, 100, 20_000, 1<<20, 2_000_000, 1<<20, 100
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 20_000 {
			return
		}
		dir := t.TempDir()
		overlay := ""
		for _, file := range txtar.Parse(data).Files {
			name := path.Clean("/" + strings.ToLower(file.Name))[1:]
			if name == "" || len(name) > 100 || strings.ContainsAny(name, "\\:\x00\n\r") || strings.Count(name, "/") > 5 {
				return
			}
			p := filepath.Join(dir, filepath.FromSlash(name))
			if os.MkdirAll(filepath.Dir(p), 0o750) != nil || os.WriteFile(p, file.Data, 0o600) != nil {
				return // a file where another one needs a directory
			}
			if overlay == "" && isFileName(name) {
				overlay = path.Dir(name)
			}
		}
		if overlay == "" {
			return
		}
		t.Chdir(dir)
		tr := openTree(t, dir)
		first, _ := Build(t.Context(), tr, overlay, Options{Limits: &limits})
		c := tally{}
		for _, p := range first.Problems {
			if p.Code == "" || p.Message == "" || strings.Contains(p.Message, dir) || strings.Contains(p.Message, "0x") || strings.ContainsAny(p.Message, "\n") {
				t.Errorf("problem %q (%s)", p.Error(), p.Code)
			}
			if p.Detail != "" {
				t.Logf("kustomize panics: %s", p.Detail)
			}
		}
		if first.Unit == nil {
			return
		}
		for _, o := range first.Unit.Objects {
			var walk func(v lint.Value, depth int)
			walk = func(v lint.Value, depth int) {
				origin := o.Locate(v)
				if v.IsScalar() {
					if why := c.checkClaim(origin, v); why != "" {
						t.Errorf("%s %s = %.60q claimed at %v: %s", o.Ref(), v.Path(), v.Node.Value, origin.Position, why)
					}
				}
				switch {
				case depth > 50:
				case v.IsMap():
					o.Locate(v.Get("none"))
					for _, e := range v.Entries() {
						walk(e, depth+1)
					}
				case v.IsList():
					for e := range v.Items() {
						walk(e, depth+1)
					}
				}
			}
			walk(o.Root, 0)
		}
		for i := range strings.Count(first.Texts[0].Text, "\n") {
			first.Texts[0].Origin(i + 1)
		}
		second, _ := Build(t.Context(), tr, overlay, Options{Limits: &limits})
		if second.Unit == nil || second.Texts[0].Text != first.Texts[0].Text || len(second.Problems) != len(first.Problems) {
			t.Fatalf("a second build differs: %v, %v", first.Problems, second.Problems)
		}
		for i, p := range first.Problems {
			if q := second.Problems[i]; p.Error() != q.Error() {
				t.Errorf("problem %q, then %q", p.Error(), q.Error())
			}
		}
	})
}
