package discover

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/tree"
)

// applies matches what programs do with manifests that are more than data of tests: they apply, build or check them.
var applies = regexp.MustCompile(`(?i)\b(?:kubectl|oc[ \t]+(?:apply|create)|helm[ \t]+(?:install|upgrade)|helmfile|kustomize|argocd|flux|create_from_(?:yaml|dict)|create_namespaced|kubeconform|kubeval|kubevet|kube-linter|kube-score|kubescape|checkov|conftest)\b`)

// SkipTestInputs skips the manifests in folders whose names say that they are for tests, and which a test program in Python or
// shell names, such as a folder of cases for helm template. If the program, or any other shell script that names the
// folder, applies, builds or checks manifests, they are linted. So are charts and overlays, and what the command line names.
func (f *Found) SkipTestInputs() {
	programs := map[*tree.Tree][]program{} // read at the first question
	skipped := map[ID]bool{}
	isSkipped := func(t *tree.Tree, dir string) bool {
		id := ID{t.Dir(), dir}
		is, ok := skipped[id]
		if !ok {
			if _, ok := programs[t]; !ok {
				programs[t] = programsOf(t)
			}
			is = isTestInput(dir, programs[t])
			skipped[id] = is
		}
		return is
	}
	f.skipEach(func(file File) (name, reason string) {
		if file.Named || !HasManifestName(file.Name) || f.isNamed(file) {
			return "", ""
		}
		for dir := path.Dir(file.Name); dir != "."; dir = path.Dir(dir) {
			if saysTest(dir) && file.LooksLikeManifest() && isSkipped(file.Tree, dir) {
				return dir, "a folder that a test program reads: name it to lint it"
			}
		}
		return "", ""
	})
}

// saysTest reports the names of folders for the cases of tests, such as template-tests. A singular is often the name of a
// cluster, and tests at the top holds much else.
func saysTest(dir string) bool {
	words := wordsOf(strings.ToLower(path.Base(dir)))
	n := len(words)
	switch {
	case n == 0:
		return false
	case words[n-1] == "tests":
		return n > 1 || path.Dir(dir) != "."
	case words[n-1] == "testcases":
		return true
	}
	return n > 1 && isTests(words[n-2]) && (words[n-1] == "cases" || words[n-1] == "inputs" || words[n-1] == "manifests")
}

// program is a shell script or a test in Python.
type program struct {
	text    string
	isTest  bool
	applies bool
}

// programsOf reads the programs of a tree that are not in folders which nobody deploys.
func programsOf(t *tree.Tree) (l []program) {
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			ext := path.Ext(e.Name())
			isTest := ext == ".bats" || slices.ContainsFunc(wordsOf(strings.ToLower(e.Name())), isTests)
			if !e.Type().IsRegular() || ext != ".sh" && ext != ".bash" && (!isTest || ext != ".py" && ext != ".bats") {
				continue
			}
			if text, err := t.ReadFile(path.Join(dir, e.Name())); err == nil && len(text) <= maxGoFile {
				l = append(l, program{string(text), isTest, applies.Match(text)})
			}
		}
		return nil
	})
	return l
}

// isTestInput reports whether a test program names a folder, and none that names it applies, builds or checks manifests.
func isTestInput(dir string, programs []program) bool {
	is := false
	for _, p := range programs {
		if !names(p.text, dir) {
			continue
		}
		if p.applies {
			return false
		}
		is = is || p.isTest
	}
	return is
}

// names reports whether a text has the path of a folder, as "./a/b-tests", with the folder above. That of a folder at the top
// has to be in quotes or to begin with a dot, as its name alone may be a word.
func names(text, dir string) bool {
	want := path.Base(dir)
	if above := path.Base(path.Dir(dir)); above != "." {
		want = above + "/" + want
	}
	for rest := text; ; {
		i := strings.Index(rest, want)
		if i < 0 {
			return false
		}
		before, after := rest[:i], rest[i+len(want):]
		isPath := strings.HasSuffix(before, "./") || strings.HasSuffix(before, `"`) || strings.HasSuffix(before, "'")
		if strings.Contains(want, "/") {
			isPath = !strings.ContainsFunc(before[max(0, len(before)-1):], isNamePart)
		}
		if isPath && !strings.ContainsFunc(after[:min(1, len(after))], isNamePart) {
			return true
		}
		rest = after
	}
}

func isNamePart(r rune) bool { return !isBetweenNames(r) }
