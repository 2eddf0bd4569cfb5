package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// repo makes a repository with a commit of some files, and works in it.
func repo(t *testing.T, files map[string]string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED: git makes the repository of this test")
	}
	t.Chdir(t.TempDir())
	for name, text := range files {
		write(t, name, text)
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main", "."},
		{"add", "."},
		{"-c", "user.name=someone", "-c", "user.email=someone@example.com", "commit", "-q", "-m", "base"},
	} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What is written has nothing of what links of the working tree lead to: not
// dependencies of charts, and no folder that a link has taken the place of.
func TestWrite(t *testing.T) {
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret.yaml"), "secret")
	repo(t, map[string]string{"web/Chart.yaml": "name: web\n", "own/Chart.yaml": "name: own\n", "web/templates/a.yaml": "a: b\n"})
	write(t, "own/charts/dep/Chart.yaml", "name: dep\n")
	for name, target := range map[string]string{"web/charts": outside, "own/charts/link.yaml": filepath.Join(outside, "secret.yaml")} {
		if err := os.Symlink(target, name); err != nil {
			t.Skipf("SKIPPED: no links: %v", err)
		}
	}
	b, err := OpenBase(".", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := b.Write(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for name, regular := range map[string]bool{
		"web/templates/a.yaml": true, "own/charts/dep/Chart.yaml": true, "web/charts": false, "own/charts/link.yaml": false,
	} {
		info, err := os.Lstat(filepath.Join(dir, name))
		if err != nil || info.Mode().IsRegular() != regular || info.IsDir() {
			t.Errorf("%s: %v, regular: %t", name, err, !regular)
		}
	}
}
