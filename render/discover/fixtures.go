package discover

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/tree"
)

// goFiles are the Go files of a folder that has tests. They are read when a manifest is beside or
// below them.
type goFiles struct {
	dir            string
	tests, sources []string
	// quoted are the short texts between quotes of the tests, as relative paths are written, and
	// quotedLast their last parts.
	quoted, quotedLast map[string]bool
	// named are the words of the program, such as names of files.
	named  map[string]bool
	embeds bool
	// testsEmbed is set if tests do.
	testsEmbed bool
	isRead     bool
}

// maxGoFile is how long a Go file may be that is read for the names in it, in bytes. What a longer one names
// is not known.
const maxGoFile = 1 << 20

// goFilesOf is nil if the folder has no tests.
func goFilesOf(dir string, entries []fs.DirEntry) *goFiles {
	g := &goFiles{dir: dir}
	all := naming.IsTests(path.Base(dir)) // what helps the tests of other folders
	for _, e := range entries {
		switch name := e.Name(); {
		case !e.Type().IsRegular():
		case strings.HasSuffix(name, "_test.go"), all && strings.HasSuffix(name, ".go"):
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
	g.isRead, g.quoted, g.quotedLast, g.named = true, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, name := range g.tests {
		text := g.text(t, name)
		addQuoted(g.quoted, text)
		g.testsEmbed = g.testsEmbed || strings.Contains(text, "//go:embed")
	}
	for part := range g.quoted {
		g.quotedLast[path.Base(part)] = true
	}
	for _, name := range g.sources {
		text := g.text(t, name)
		g.embeds = g.embeds || strings.Contains(text, "//go:embed")
		for word := range strings.FieldsFuncSeq(text, isBetweenNames) {
			g.named[word] = true
		}
	}
}

// text is what a file holds. It is empty if the file cannot be read or is too long.
func (g *goFiles) text(t *tree.Tree, name string) string {
	text, err := t.ReadFile(path.Join(g.dir, name))
	if err != nil || len(text) > maxGoFile {
		return ""
	}
	return string(text)
}

// addQuoted adds what is between any two quotes that follow each other: which of them begins a text
// does not matter, as no other text looks like a path.
func addQuoted(to map[string]bool, text string) {
	for _, quote := range []string{`"`, "`"} {
		for part := range strings.SplitSeq(text, quote) {
			if len(part) <= 255 && !strings.Contains(part, "\n") {
				to[strings.TrimSuffix(strings.TrimPrefix(part, "./"), "/")] = true
			}
		}
	}
}

// isBetweenNames reports the characters that names of files do not have.
func isBetweenNames(r rune) bool {
	return r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
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
		return !g.embeds && !g.named[base] && !slices.ContainsFunc(parts, func(part string) bool { return !g.quoted[part] })
	}
	if dir == w.root && dir != "." || at.kustomized {
		return false
	}
	folder := path.Base(dir)
	return names(at.tests, base) || names(at.testsAbove, folder+"/"+base) || names(at.testsAbove, folder, base)
}

// isNamedByTest reports a folder of a Go module whose name begins with test or is golden, and whose path a Go test
// beside it has in quotes, and one in a folder of tests whose Go files embed what is there.
func (w *walker) isNamedByTest(name string, at place) bool {
	base := path.Base(name)
	if at.tests == nil || !w.inGoModule(at.tests.dir) {
		return false
	}
	inTests := naming.IsTests(path.Base(at.tests.dir))
	if !inTests && base != "golden" && (!strings.HasPrefix(base, "test") || naming.IsTests(base)) {
		return false
	}
	at.tests.read(w.tree)
	if inTests {
		return at.tests.testsEmbed
	}
	return at.tests.quotedLast[base] && !at.tests.named[base]
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
