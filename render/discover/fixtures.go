package discover

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/tree"
)

// goFiles are the Go files of a folder that has tests. They are read when a manifest is beside or
// below them.
type goFiles struct {
	dir            string
	tests, sources []string
	// testText and sourceText are what the files hold.
	testText, sourceText string
	isRead               bool
}

// goFilesOf is nil if the folder has no tests.
func goFilesOf(dir string, entries []fs.DirEntry) *goFiles {
	g := &goFiles{dir: dir}
	for _, e := range entries {
		switch name := e.Name(); {
		case !e.Type().IsRegular():
		case strings.HasSuffix(name, "_test.go"):
			g.tests = append(g.tests, name)
		case strings.HasSuffix(name, ".go"):
			g.sources = append(g.sources, name)
		}
	}
	if g.tests == nil {
		return nil
	}
	return g
}

func (g *goFiles) read(t *tree.Tree) {
	if g.isRead {
		return
	}
	join := func(names []string) string {
		var b strings.Builder
		for _, name := range names {
			text, err := t.ReadFile(path.Join(g.dir, name))
			if err == nil {
				b.Write(text)
			}
		}
		return b.String()
	}
	g.testText, g.sourceText, g.isRead = join(g.tests), join(g.sources), true
}

// isFixture reports whether a manifest of a Go module is one that only a test reads: a test
// beside it has its name in quotes, or one in the folder above has its name and that of its folder.
// What the program itself names or embeds is no fixture, nor is what is at the top of a module.
func (w *walker) isFixture(dir, base string, at place) bool {
	names := func(g *goFiles, parts ...string) bool {
		if g == nil || w.isFile(path.Join(g.dir, "go.mod")) || !w.inGoModule(g.dir) {
			return false
		}
		g.read(w.tree)
		return !strings.Contains(g.sourceText, "//go:embed") && !strings.Contains(g.sourceText, base) &&
			!slices.ContainsFunc(parts, func(part string) bool { return !inQuotes(g.testText, part) })
	}
	if dir == w.root && dir != "." || at.kustomized {
		return false
	}
	folder := path.Base(dir)
	return names(at.tests, base) || names(at.testsAbove, folder+"/"+base) || names(at.testsAbove, folder, base)
}

// inQuotes reports whether a text has a relative path in quotes, or a folder with a slash after it.
func inQuotes(text, name string) bool {
	for _, quote := range []string{`"`, "`"} {
		for _, start := range []string{"", "./"} {
			for _, end := range []string{"", "/"} {
				if strings.Contains(text, quote+start+name+end+quote) {
					return true
				}
			}
		}
	}
	return false
}

// inGoModule reports whether a folder, or one above it, has the go.mod of a module.
func (w *walker) inGoModule(dir string) bool {
	for ; ; dir = path.Dir(dir) {
		if w.isFile(path.Join(dir, "go.mod")) {
			return true
		}
		if dir == "." {
			return false
		}
	}
}
