package tree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files writes a directory of files; a text that starts with -> is a symbolic link.
func files(t *testing.T, m map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range m {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(text, "->"); ok {
			err = os.Symlink(strings.ReplaceAll(target, "$DIR", dir), p)
		} else {
			err = os.WriteFile(p, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadFileStaysInside(t *testing.T) {
	dir := files(t, map[string]string{
		"in/a.yaml":        "a",
		"in/sub/up.yaml":   "->../a.yaml",
		"in/out.yaml":      "->../secret",
		"in/absolute.yaml": "->$DIR/secret",
		"in/dir":           "->..",
		"secret":           "s3cr3t",
	})
	t.Chdir(dir)
	tr, err := Open("in")
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close() //nolint:errcheck // a test
	for name, want := range map[string]string{
		"a.yaml": "a", "sub/up.yaml": "a",
		"out.yaml": "", "absolute.yaml": "", "dir/secret": "", "../secret": "", "sub": "", "none": "",
	} {
		data, err := tr.ReadFile(name)
		if string(data) != want || (err == nil) != (want != "") {
			t.Errorf("ReadFile(%s) = %q, %v; want %q", name, data, err, want)
		}
		if err != nil && strings.Contains(err.Error(), dir) {
			t.Errorf("ReadFile(%s): the error names the machine's path: %v", name, err)
		}
	}
}

func TestAround(t *testing.T) {
	dir := files(t, map[string]string{
		"repo/.git/HEAD":    "",
		"repo/app/base/x":   "",
		"work/a/b/x.yaml":   "",
		"outside/c/d.yaml":  "",
		"outside/link.yaml": "->../work/a/b/x.yaml",
	})
	t.Chdir(filepath.Join(dir, "work"))
	for arg, want := range map[string]string{
		"../repo/app/base":    "repo",      // the repository
		"a/b":                 "work",      // the working directory
		"a/b/x.yaml":          "work",      // likewise
		".":                   "work",      // likewise
		"../outside/c":        "outside/c", // neither: the directory itself
		"../outside/c/d.yaml": "outside/c", // the file's directory
	} {
		tr, err := Around(arg)
		if err != nil {
			t.Errorf("Around(%s): %v", arg, err)
			continue
		}
		resolved, err := filepath.EvalSymlinks(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := filepath.Rel(resolved, tr.Dir()); got != want || err != nil {
			t.Errorf("Around(%s) = %s, want %s", arg, got, want)
		}
		name, ok := tr.Name(arg)
		if !ok {
			t.Errorf("Name(%s): outside of its own tree", arg)
		}
		if got := tr.Display(name); got != filepath.ToSlash(filepath.Clean(arg)) {
			t.Errorf("Display(%s) = %s, want %s", name, got, arg)
		}
	}
	if _, err := Around("none"); err == nil {
		t.Error("Around(none): no error")
	}
}

func TestBuffers(t *testing.T) {
	dir := files(t, map[string]string{
		"in/a.yaml":      "a",
		"in/b.yaml":      "b",
		"in/sub/up.yaml": "->../a.yaml",
		"in/out.yaml":    "->../secret",
		"in/linked":      "->sub",
		"secret":         "s3cr3t",
		"outside/c.txt":  "c",
	})
	t.Chdir(filepath.Join(dir, "in"))
	b := NewBuffers(map[string][]byte{
		"a.yaml":                         []byte("A"),
		"linked/new.yaml":                []byte("new"),
		filepath.Join(dir, "in/x/y/z.y"): []byte("z"),
		"../secret":                      []byte("not here"),
	})
	tr, err := b.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close() //nolint:errcheck // a test
	for name, want := range map[string]string{
		"a.yaml": "A", "sub/up.yaml": "A", "b.yaml": "b", "sub/new.yaml": "new", "linked/new.yaml": "new",
		"x/y/z.y": "z", "out.yaml": "", "../secret": "", "x/y": "", "none": "",
	} {
		data, err := tr.ReadFile(name)
		if string(data) != want || (err == nil) != (want != "") {
			t.Errorf("ReadFile(%s) = %q, %v; want %q", name, data, err, want)
		}
		if want != "" && !tr.Exists(name) {
			t.Errorf("Exists(%s): false", name)
		}
	}
	for name, want := range map[string]string{
		".": "a.yaml b.yaml linked out.yaml sub x", "sub": "new.yaml up.yaml", "linked": "new.yaml up.yaml", "x": "y", "x/y": "z.y",
	} {
		l, err := tr.ReadDir(name)
		var names []string
		for _, e := range l {
			names = append(names, e.Name())
		}
		if got := strings.Join(names, " "); got != want || err != nil {
			t.Errorf("ReadDir(%s) = %s, %v; want %s", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"linked/new.yaml": "sub/new.yaml", "sub/up.yaml": "a.yaml", "x/y": "x/y", "none": "", "out.yaml": "",
	} {
		if got, err := tr.Follow(name); got != want || (err == nil) != (want != "") {
			t.Errorf("Follow(%s) = %q, %v; want %q", name, got, err, want)
		}
	}
	if l, err := tr.Glob("x/*/*.y"); err != nil || strings.Join(l, " ") != "x/y/z.y" {
		t.Errorf("Glob = %s, %v", l, err)
	}
	for name, want := range map[string]string{"a.yaml": "A", "../in/sub/up.yaml": "A", "../secret": "not here", "../outside/c.txt": "c"} {
		if data, err := b.ReadFile(name); string(data) != want || err != nil {
			t.Errorf("Buffers.ReadFile(%s) = %q, %v; want %q", name, data, err, want)
		}
	}
	if data, err := (*Buffers)(nil).ReadFile("b.yaml"); string(data) != "b" || err != nil {
		t.Errorf("no buffers: ReadFile = %q, %v", data, err)
	}
}
