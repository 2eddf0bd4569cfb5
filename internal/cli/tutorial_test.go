package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestTutorial does what the README's tutorial says, in a repository with a
// chart, overlays and a manifest, and holds what it shows to what comes of it.
// Lines that start with $ are commands. -update writes the others.
func TestTutorial(t *testing.T) {
	for _, tool := range []string{"git", "sh", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: the tutorial needs %s", tool)
		}
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	repo := tutorialRepository(t)
	const open, end = "```sh-session\n", "```\n"
	var page strings.Builder
	commands := 0
	rest := string(readme)
	for {
		before, block, ok := strings.Cut(rest, open)
		page.WriteString(before)
		if !ok {
			break
		}
		text, after, ok := strings.Cut(block, end)
		if !ok {
			t.Fatal("a block does not end")
		}
		page.WriteString(open)
		for line := range strings.Lines(text) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				commands++
				page.WriteString(line + shell(t, repo, command))
			}
		}
		page.WriteString(end)
		rest = after
	}
	if commands < 10 {
		t.Fatalf("the tutorial has %d commands", commands)
	}
	fresh(t, "README.md", page.String())
}

// tutorialRepository is one with a first commit.
func tutorialRepository(t *testing.T) string {
	t.Helper()
	repo := t.TempDir()
	for _, dir := range []string{"charts", "overlays"} {
		if err := os.CopyFS(filepath.Join(repo, dir), os.DirFS(filepath.Join("examples", "platform", dir))); err != nil {
			t.Fatal(err)
		}
	}
	archive, err := txtar.ParseFile(filepath.Join("internal", "cli", "testdata", "tutorial.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(repo, files); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(exe, filepath.Join(bin, "kubevet")); err != nil { // TestMain goes by this name
		t.Skipf("SKIPPED: %v", err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("HOME", bin)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	for _, key := range []string{"GIT_AUTHOR", "GIT_COMMITTER"} {
		t.Setenv(key+"_NAME", "someone")
		t.Setenv(key+"_EMAIL", "someone@example.com")
	}
	for _, command := range []string{"git init -q -b main .", "git add .", "git commit -q -m first"} {
		if out := shell(t, repo, command); out != "" {
			t.Fatal(out)
		}
	}
	return repo
}

// baseHash is the commit that diff names: another one on each run.
var baseHash = regexp.MustCompile(`since main \([0-9a-f]{10}\)`)

// shell gives the output of a command, whether it succeeds or not.
func shell(t *testing.T, dir, command string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed { //nolint:errorlint // it is not wrapped
		t.Fatalf("%s: %v", command, err)
	}
	return baseHash.ReplaceAllString(string(out), "since main (63ae46c543)")
}
