package discover

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
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

// doubles are the names of packages of Go that take the place of others in tests.
var doubles = []string{"fake", "fakes", "mock", "mocks", "stub", "stubs"}

// isOfDouble reports a folder in one for a package that takes the place of another in tests, if a Go test beside that has both names in
// quotes, or the path. No program beside it uses the package, and nothing applies the folder.
func (w *walker) isOfDouble(name string, at place) bool {
	folder, of := path.Base(name), path.Base(path.Dir(name))
	if at.testsAbove == nil || !slices.Contains(doubles, of) || !w.inGoModule(at.testsAbove.dir) || w.isInUse(name) {
		return false
	}
	at.testsAbove.read(w.tree)
	quoted := at.testsAbove.quoted
	return !at.testsAbove.named[of] && (quoted[of+"/"+folder] || quoted[of] && quoted[folder])
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

// hasTestData reports a folder test or tests of a Go module in which a Go test beside it names a file.
func (w *walker) hasTestData(name string, tests *goFiles) bool {
	base := path.Base(name)
	if tests == nil || base != "test" && base != "tests" || !w.inGoModule(tests.dir) {
		return false
	}
	tests.read(w.tree)
	for quoted := range tests.quoted {
		if strings.HasPrefix(quoted, base+"/") && HasManifestName(quoted) && w.isFile(path.Join(tests.dir, quoted)) {
			return true
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

// testNames are the files of tests that name manifests in folders of CI systems or of pytest: somebody keeps them for the tests, if
// nothing else names them.
type testNames struct {
	*Found
	by map[ID]*namedBy
	// pytest says of folders whether tests of pytest are there.
	pytest map[ID]bool
}

// namedBy is the first test that names a file.
type namedBy struct {
	folder string // of the file
	test   string
	// isElsewhere is set if something else names it, too.
	isElsewhere bool
}

// why says which tests alone name a manifest. It is empty if none do, or something else does.
func (n *testNames) why(m File) string {
	if test := n.only(m); test != "" {
		return "only tests name it, such as " + test + ": name it to lint it"
	}
	return ""
}

// only is the test that names a manifest which nothing but tests name. It is empty if there is none.
func (n *testNames) only(m File) string {
	of := n.by[ID{m.Tree.Dir(), path.Base(m.Name)}]
	if of == nil || of.isElsewhere || of.folder != path.Dir(m.Name) || !m.LooksLikeManifest() {
		return ""
	}
	u, dir := n.usesOf(m.Tree), path.Dir(m.Name)
	if n.byHand[m.ID()] || n.inComment[m.ID()].Tree != nil || u.isDeployed(m.Tree, dir) || dir != "." && u.isNamed(dir, dir) {
		return ""
	}
	return of.test
}

// read looks for the names of all manifests in question in the files of their trees.
func (n *testNames) read() {
	n.by, n.pytest = map[ID]*namedBy{}, map[ID]bool{}
	var trees []*tree.Tree
	for _, m := range n.Manifests {
		if m.Named || n.Referred[m.ID()] || n.fragments[m.ID()] || !HasManifestName(m.Name) || !n.mayBeForTests(m) {
			continue
		}
		id := ID{m.Tree.Dir(), path.Base(m.Name)}
		if of := n.by[id]; of != nil { // which of them is meant is not known
			of.isElsewhere = true
			continue
		}
		n.by[id] = &namedBy{folder: path.Dir(m.Name)}
		if !slices.Contains(trees, m.Tree) {
			trees = append(trees, m.Tree)
		}
	}
	for _, t := range trees {
		eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
			for _, e := range entries {
				if e.Type().IsRegular() {
					n.readFile(t, dir, e.Name())
				}
			}
			return nil
		})
	}
}

// readFile takes the names in a file. What is in comments does nothing.
func (n *testNames) readFile(t *tree.Tree, dir, base string) {
	text, err := t.ReadFile(path.Join(dir, base))
	if err != nil || len(text) > maxGoFile || bytes.IndexByte(text, 0) >= 0 {
		return
	}
	for _, part := range jobsOf(dir, text) {
		n.readPart(t, dir, base, part)
	}
}

// readPart takes the names in a file, or in a job of a workflow: another job may have a cluster that stays.
func (n *testNames) readPart(t *tree.Tree, dir, base string, text []byte) {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); bytes.HasPrefix(line, []byte("#")) || bytes.HasPrefix(line, []byte("//")) {
			continue
		}
		for word := range bytes.FieldsFuncSeq(line, isBetweenSteps) {
			name := string(bytes.TrimRight(word, "."))
			of := n.by[ID{t.Dir(), path.Base(name)}]
			if of == nil || dir == of.folder && base == path.Base(name) {
				continue
			}
			isIt := !strings.Contains(name, "/") || path.Base(path.Dir(name)) == path.Base(of.folder) || path.Dir(name) == "."
			switch {
			case !isIt || !isOfTests(dir, base, text):
				of.isElsewhere = true
			case of.test != "":
			case path.Join(dir, name) == path.Join(of.folder, path.Base(name)) || !t.Exists(path.Join(dir, name)): // else it is the one beside the test
				of.test = t.Display(path.Join(dir, base))
			}
		}
	}
}

var (
	// testCluster matches what makes a cluster for a run of tests.
	testCluster = regexp.MustCompile(`\bkind create cluster\b|\bminikube start\b|\bk3d cluster create\b|/(?:kind-action|setup-kind|(?:setup|start)-minikube|k3d-action|setup-k3d[\w-]*)@`)
	// startsJob matches the line of a workflow at which a job begins, and inJobs the one after which it does.
	startsJob = regexp.MustCompile(`(?m)^  [\w-]+:[ \t]*(?:#.*)?\r?$`)
	inJobs    = regexp.MustCompile(`(?m)^jobs:[ \t]*(?:#.*)?\r?$`)
)

// workflows is the folder of the workflows of GitHub.
const workflows = ".github/workflows"

// jobsOf are the jobs of a workflow, with what is before the first one, or a file as a whole.
func jobsOf(dir string, text []byte) (parts [][]byte) {
	if dir != workflows {
		return [][]byte{text}
	}
	at := inJobs.FindIndex(text)
	if at == nil {
		return [][]byte{text}
	}
	from := 0
	for _, job := range startsJob.FindAllIndex(text[at[1]:], -1) {
		parts = append(parts, text[from:at[1]+job[0]])
		from = at[1] + job[0]
	}
	return append(parts, text[from:])
}

// isOfTests reports whether a file is one of tests, or the workflow of a CI system, or the job of one, that makes a cluster for them.
func isOfTests(dir, base string, text []byte) bool {
	return isTestProgram(dir, base) || base == "conftest.py" || strings.HasPrefix(dir, ".github/") && testCluster.Match(text)
}

// ciFolders are the hidden folders of CI systems. They hold what workflows use, besides the workflows.
var ciFolders = []string{".buildkite", ".circleci", ".github", ".gitlab", ".tekton"}

// mayBeForTests reports whether a manifest is in a folder of a CI system, or of pytest.
func (n *testNames) mayBeForTests(m File) bool {
	if top, _, _ := strings.Cut(m.Name, "/"); slices.Contains(ciFolders, top) {
		return path.Dir(m.Name) != workflows && m.LooksLikeManifest()
	}
	for dir := range Above(m.Name) {
		if slices.Contains(wordsOf(path.Base(dir)), "ci") || n.hasPytest(m.Tree, dir) {
			return true
		}
	}
	return false
}

func (n *testNames) hasPytest(t *tree.Tree, dir string) bool {
	id := ID{t.Dir(), dir}
	has, known := n.pytest[id]
	if !known {
		has = t.Exists(path.Join(dir, "conftest.py")) || t.Exists(path.Join(dir, "pytest.ini"))
		n.pytest[id] = has
	}
	return has
}
