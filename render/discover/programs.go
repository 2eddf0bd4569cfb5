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
	programs := map[*tree.Tree]map[string]naming{} // read at the first question
	skipped := map[ID]bool{}
	isSkipped := func(t *tree.Tree, dir string) bool {
		id := ID{t.Dir(), dir}
		is, ok := skipped[id]
		if !ok {
			if _, ok := programs[t]; !ok {
				programs[t] = namesOfFolders(programsOf(t))
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

// naming is how programs name a folder.
type naming struct{ byTest, byApplying bool }

// isTestInput reports whether a test program names a folder, and none that names it applies, builds or checks manifests.
func isTestInput(dir string, names map[string]naming) bool {
	name := path.Base(dir)
	if above := path.Base(path.Dir(dir)); above != "." {
		name = above + "/" + name
	}
	return names[name].byTest && !names[name].byApplying
}

// namesOfFolders finds the folders that programs name, each with the folder above, as "./a/b-tests". That of a folder at the
// top has to be in quotes or to begin with a dot, as its name alone may be a word.
func namesOfFolders(programs []program) map[string]naming {
	found := map[string]naming{}
	for _, p := range programs {
		add := func(name string) {
			n := found[name]
			found[name] = naming{n.byTest || p.isTest, n.byApplying || p.applies}
		}
		for from := 0; from < len(p.text); {
			length := strings.IndexFunc(p.text[from:], isBetweenSteps)
			if length < 0 {
				length = len(p.text) - from
			}
			isQuoted := from > 0 && (p.text[from-1] == '"' || p.text[from-1] == '\'')
			addFolders(p.text[from:from+length], isQuoted, add)
			from += length + 1
		}
	}
	return found
}

// addFolders adds the folders that a path in a text names.
func addFolders(text string, isQuoted bool, add func(name string)) {
	steps := strings.Split(text, "/")
	for i, step := range steps {
		if i == 0 && isQuoted || i > 0 && strings.HasSuffix(steps[i-1], ".") {
			add(step)
		}
		if i > 0 {
			add(steps[i-1] + "/" + step)
		}
	}
}

// isBetweenSteps reports what ends a path in a text.
func isBetweenSteps(r rune) bool { return r != '/' && isBetweenNames(r) }
