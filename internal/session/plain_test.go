package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is linted in the process that the user started is small and plain; all else
// is for a child.
func TestIsPlain(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, args: [\"*\", \"a && b\"]}]}\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		path  string
		want  bool
	}{
		{"manifests", map[string]string{"a.yaml": pod, "b/c.json": "{}", "README.md": "&a *a <<"}, ".", true},
		{"a file", map[string]string{"a.yaml": pod}, "a.yaml", true},
		{"a hidden folder", map[string]string{"a.yaml": pod, ".x/Chart.yaml": "", "node_modules/Chart.yaml": ""}, ".", true},
		{"a chart", map[string]string{"a.yaml": pod, "b/c/Chart.yaml": ""}, ".", false},
		{"a part of a chart", map[string]string{"c/Chart.yaml": "", "c/templates/a.yaml": pod}, "c/templates/a.yaml", false},
		{"a packaged chart", map[string]string{"a.yaml": pod, "b.tgz": ""}, ".", false},
		{"an overlay", map[string]string{"a.yaml": pod, "o/kustomization.yml": ""}, ".", false},
		{"an object that installs charts", map[string]string{"a.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"}, ".", false},
		{"an anchor", map[string]string{"a.yaml": pod + "x: &a b\n"}, ".", true},
		{"an alias", map[string]string{"a.yaml": pod + "x: [&a b, *a]\n"}, ".", false},
		{"a merge key", map[string]string{"a.YAML": pod + "x: {<<: {}}\n"}, ".", false},
		{"brackets", map[string]string{"a.yaml": pod + "x: " + strings.Repeat("[", 100) + "\n"}, ".", false},
		{"indentation", map[string]string{"a.yaml": pod + strings.Repeat(" ", 200) + "x: a\n"}, ".", false},
		{"nested lists", map[string]string{"a.yaml": pod + strings.Repeat("- ", 100) + "a\n"}, ".", false},
		{"UTF-16", map[string]string{"a.yaml": "\xff\xfea\x00"}, ".", false},
		{"much", map[string]string{"a.yaml": pod, "b.yaml": strings.Repeat("# text\n", maxPlainBytes/7)}, ".", false},
		{"nothing", nil, "no.yaml", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, text := range c.files {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			s := New(Options{Jobs: 1})
			if got := s.isPlain(t.Context(), &group{paths: []string{c.path}}); got != c.want {
				t.Errorf("plain: %t", got)
			}
		})
	}
	t.Run("links and pipes", func(t *testing.T) {
		t.Chdir(t.TempDir())
		if err := os.Symlink("/dev/zero", "a.yaml"); err != nil {
			t.Skipf("SKIPPED: no links: %v", err)
		}
		if New(Options{}).isPlain(t.Context(), &group{paths: []string{"."}}) {
			t.Error("a link is plain")
		}
	})
	if New(Options{Stdin: strings.NewReader(pod + "x: [&a b, *a]\n")}).isPlain(t.Context(), &group{paths: []string{"-"}}) {
		t.Error("an alias on standard input is plain")
	}
	if !New(Options{Stdin: strings.NewReader(pod)}).isPlain(t.Context(), &group{paths: []string{"-"}}) {
		t.Error("manifests on standard input are not plain")
	}
}
