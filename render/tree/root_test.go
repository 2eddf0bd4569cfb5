//go:build unix

package tree

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// rel is a path below a directory, both with links resolved.
func rel(t *testing.T, dir, abs string) string {
	t.Helper()
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		t.Fatal(err)
	}
	name, err := filepath.Rel(resolved, abs)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(name)
}

func TestRootOfLinks(t *testing.T) {
	dir := files(t, map[string]string{
		"repo/.git/HEAD":      "",
		"repo/a.yaml":         "a",
		"repo/in":             "->app",
		"repo/app/b.yaml":     "b",
		"repo/out":            "->../other",
		"repo/out.yaml":       "->../other/c.yaml",
		"repo/sub/.git":       "gitdir: ../.git/modules/sub",
		"repo/sub/d.yaml":     "d",
		"repo/sub/up.yaml":    "->../a.yaml",
		"other/.git/HEAD":     "",
		"other/c.yaml":        "c",
		"plain/e.yaml":        "e",
		"plain/link.yaml":     "->../other/c.yaml",
		"plain/own.yaml":      "->e.yaml",
		"plain/deep/link":     "->../../other",
		"work/f.yaml":         "f",
		"work/link.yaml":      "->../plain/e.yaml",
		"link-to-repo":        "->repo",
		"work/link-to-folder": "->../plain",
	})
	for _, c := range []struct {
		cwd, arg string
		root     string // relative to dir
		want     string // what ReadFile gives; empty: an error
	}{
		{"repo", "a.yaml", "repo", "a"},
		{"repo", "in/b.yaml", "repo", "b"},
		{"repo/app", "../a.yaml", "repo", "a"},
		{"repo/app", "$DIR/repo/a.yaml", "repo", "a"},
		{"repo", "out.yaml", "repo", ""},             // a link that leaves the repository
		{"repo", "out/c.yaml", "repo", ""},           // through a folder that is a repository itself
		{"repo", "$DIR/repo/out.yaml", "repo", ""},   // absolute, but in the repository
		{"repo", "$DIR/repo/out/c.yaml", "repo", ""}, // likewise
		{"repo", "sub/d.yaml", "repo/sub", "d"},      // a submodule is a repository
		{"repo", "sub/up.yaml", "repo/sub", ""},      // and its links stay in it
		{"work", "../link-to-repo/a.yaml", "repo", "a"},
		{"work", "$DIR/link-to-repo/in/b.yaml", "repo", "b"},
		{"work", "f.yaml", "work", "f"},
		{"work", "link.yaml", "work", ""},             // the working directory takes the place of the repository
		{"work", "$DIR/work/link.yaml", "work", ""},   // likewise
		{"work", "link-to-folder/e.yaml", "work", ""}, // likewise
		{"work", "../plain/e.yaml", "plain", "e"},
		{"work", "../plain/own.yaml", "plain", "e"},
		{"work", "../plain/link.yaml", "plain", ""},
		{"work", "$DIR/plain/link.yaml", "other", "c"},        // the user's own absolute path
		{"work", "$DIR/plain/deep/link/c.yaml", "other", "c"}, // the repository that the link leads to
	} {
		t.Run(c.cwd+" "+c.arg, func(t *testing.T) {
			t.Chdir(filepath.Join(dir, c.cwd))
			arg := strings.ReplaceAll(c.arg, "$DIR", dir)
			tr, err := Around(arg)
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close() //nolint:errcheck // a test
			if got := rel(t, dir, tr.Dir()); got != c.root {
				t.Errorf("root %s, want %s", got, c.root)
			}
			if _, ok := tr.Name(arg); ok != (c.want != "") {
				t.Errorf("Name is ok: %v", ok)
			}
			data, err := ReadFile(arg)
			if string(data) != c.want || (err == nil) != (c.want != "") {
				t.Errorf("ReadFile = %q, %v; want %q", data, err, c.want)
			}
		})
	}
}

func TestReadFileIsRegularAndSmall(t *testing.T) {
	dir := files(t, map[string]string{".git/HEAD": "", "a.yaml": "a", "zero": "->/dev/zero", "loop": "->loop"})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	f, err := os.Create(filepath.Join(dir, "large"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(MaxFileSize+1), f.Close()); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	tr, err := Open(".")
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close() //nolint:errcheck // a test
	for name, want := range map[string]string{
		"pipe": "not a regular file", "large": "larger than 64 MB", "zero": "leads out of the repository", "loop": "symbolic link", ".git": "not a regular file",
	} {
		_, err1 := tr.ReadFile(name)
		_, err2 := ReadFile(name)
		for _, err := range []error{err1, err2} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %s", name, err, want)
			}
		}
		if l, err := tr.ReadDir(name); name != ".git" && err == nil {
			t.Errorf("%s is listed: %v", name, l)
		}
	}
	other := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(other, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(other, "pipe"), "/dev/zero"} { // the user's own, outside of every repository
		if _, err := ReadFile(name); !errors.Is(err, ErrNotRegular) {
			t.Errorf("%s: error %v, want %v", name, err, ErrNotRegular)
		}
	}
}

func TestReadFrom(t *testing.T) {
	dir := files(t, map[string]string{
		"repo/.git/HEAD":            "",
		"repo/app/.kubevet.yaml":    "",
		"repo/app/values.yaml":      "v",
		"repo/shared/values.yaml":   "s",
		"repo/app/link.yaml":        "->../../secret",
		"secret":                    "s3cr3t",
		"repo/app/fixtures/ok.yaml": "ok",
	})
	t.Chdir(filepath.Join(dir, "repo"))
	for name, want := range map[string]string{
		"values.yaml": "v", "../shared/values.yaml": "s", "fixtures/ok.yaml": "ok",
		"../../secret": "", "link.yaml": "", filepath.Join(dir, "secret"): "", "none": "",
	} {
		data, err := (*Buffers)(nil).ReadFrom("app/.kubevet.yaml", name)
		if string(data) != want || (err == nil) != (want != "") {
			t.Errorf("ReadFrom(%s) = %q, %v; want %q", name, data, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("ReadFrom(%s): the error quotes the file: %v", name, err)
		}
	}
}

// nameInRoot is the name of a path in its root. For a path without a root it is the last part.
func nameInRoot(t *testing.T, arg string) string {
	t.Helper()
	p, err := placeOf(arg)
	if err != nil {
		t.Fatal(err)
	}
	if p.root == "" {
		p.root = chartAround(ownDir(p.path))
	}
	name, _ := below(p.root, p.path)
	return name
}

// The name of a file in its root is the same from every working directory, and wherever
// the repository lies. The file need not exist.
func TestNameInRoot(t *testing.T) {
	dir := files(t, map[string]string{
		"repo/.git/HEAD":          "",
		"repo/deploy/prod/a.yaml": "",
		"copy/deploy/prod/a.yaml": "",
	})
	for _, c := range []struct{ cwd, arg, want string }{
		{"repo", "deploy/prod/a.yaml", "deploy/prod/a.yaml"},
		{"repo/deploy", "prod/a.yaml", "deploy/prod/a.yaml"},
		{"repo/deploy/prod", "../../none.yaml", "none.yaml"},
		{".", "repo/deploy/prod/a.yaml", "deploy/prod/a.yaml"},
		{"copy", "../repo/deploy/prod/a.yaml", "deploy/prod/a.yaml"},
		{"copy", "$DIR/repo/deploy/prod/a.yaml", "deploy/prod/a.yaml"},
		{"copy", "deploy/prod/a.yaml", "deploy/prod/a.yaml"}, // mounted without .git
		{"copy", "$DIR/copy/deploy/prod/a.yaml", "deploy/prod/a.yaml"},
		{"repo", ".", "."},
	} {
		t.Chdir(filepath.Join(dir, c.cwd))
		if got := nameInRoot(t, strings.ReplaceAll(c.arg, "$DIR", dir)); got != c.want {
			t.Errorf("from %s: the name of %s is %s, want %s", c.cwd, c.arg, got, c.want)
		}
	}
}

func TestWideDirectoriesAreNoRoot(t *testing.T) {
	home := files(t, map[string]string{
		"proj/overlays/prod/a.yaml": "a",
		"proj/link.yaml":            "->../.kube/config",
		".kube/config":              "token",
		"pod.yaml":                  "p",
	})
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Chdir(home)
	for arg, want := range map[string]string{
		"proj/overlays/prod": "proj", "proj": "proj", "pod.yaml": ".", ".": ".",
	} {
		tr, err := Around(arg)
		if err != nil {
			t.Fatal(err)
		}
		if got := rel(t, home, tr.Dir()); got != want {
			t.Errorf("Around(%s) = %s, want %s", arg, got, want)
		}
		_ = tr.Close() // a test
	}
	if data, err := ReadFile("proj/link.yaml"); err == nil {
		t.Errorf("the link to the home directory is read: %s", data)
	}
}

// TestRootOfTemplates has the templates of a chart belong to the chart where there is no
// repository, from wherever they are named.
func TestRootOfTemplates(t *testing.T) {
	dir := files(t, map[string]string{
		"work/web/Chart.yaml":                  "",
		"work/web/templates/deep/p.yaml":       "p",
		"work/web/charts/sub/Chart.yaml":       "",
		"work/web/charts/sub/templates/s.yaml": "s",
		"work/web/crds/c.yaml":                 "c",
		"work/plain/templates/p.yaml":          "p",
		"home/Chart.yaml":                      "",
		"home/templates/p.yaml":                "p",
		"repo/.git/HEAD":                       "",
		"repo/web/Chart.yaml":                  "",
		"repo/web/templates/p.yaml":            "p",
	})
	t.Setenv("HOME", filepath.Join(dir, "home"))
	t.Setenv("USERPROFILE", filepath.Join(dir, "home"))
	for _, c := range []struct{ cwd, arg, want string }{
		{"work/web/templates", ".", "work/web"},
		{"work/web/templates", "deep/p.yaml", "work/web"},
		{"work/web/templates/deep", "p.yaml", "work/web"},
		{"work/web/crds", "c.yaml", "work/web"},
		{"work/web/charts/sub/templates", "s.yaml", "work/web"},
		{"work/web/charts/sub", ".", "work/web/charts/sub"},
		{"work/web", "templates", "work/web"},
		{"work", "web/templates", "work"},
		{"work/plain", "../web/templates/deep", "work/web"},
		{"work/plain/templates", "p.yaml", "work/plain/templates"},
		{"home/templates", "p.yaml", "home/templates"},
		{"repo/web/templates", "p.yaml", "repo"},
	} {
		t.Chdir(filepath.Join(dir, filepath.FromSlash(c.cwd)))
		tr, err := Around(c.arg)
		if err != nil {
			t.Fatal(err)
		}
		if got := rel(t, dir, tr.Dir()); got != c.want {
			t.Errorf("in %s, Around(%s) = %s, want %s", c.cwd, c.arg, got, c.want)
		}
		_ = tr.Close() // a test
	}
}
