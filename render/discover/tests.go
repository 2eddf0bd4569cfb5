package discover

import (
	"path"
	"slices"
	"strings"
)

// isTestFolder reports a folder whose manifests only tests apply: its name says that it is for tests, and it is not
// beside the folder of another environment, such as prod. A folder test may be an environment without any other beside
// it: it is for tests if it is beside the sources of a program, or holds them.
func (w *walker) isTestFolder(name string) bool {
	base := path.Base(name)
	if base != "test" && !saysTests(base) {
		return false
	}
	beside, err := w.tree.ReadDir(path.Dir(name))
	if err != nil {
		return false
	}
	hasSources := false
	for _, e := range beside {
		if e.IsDir() && isEnvironment(e.Name()) {
			return false
		}
		hasSources = hasSources || !e.IsDir() && isProject(e.Name())
	}
	if base != "test" || hasSources {
		return true
	}
	within, err := w.tree.ReadDir(name)
	if err != nil {
		return false
	}
	for _, e := range within {
		if !e.IsDir() && isProject(e.Name()) {
			return true
		}
	}
	return false
}

// saysTests reports the names of folders for tests: tests, e2e, and those that end so, such as template-tests. Other
// singulars are often the names of clusters and programs: load-test.
func saysTests(base string) bool {
	words := wordsOf(strings.ToLower(base))
	n := len(words)
	if n == 0 {
		return false
	}
	switch last := words[n-1]; last {
	case "tests", "e2e", "testcases":
		return true
	case "cases", "inputs", "manifests":
		return n > 1 && isTests(words[n-2])
	}
	return false
}

// isEnvironment reports the names of folders for environments that programs are deployed to. Projects have folders named
// dev, too, with what their developers need.
func isEnvironment(base string) bool {
	switch strings.ToLower(base) {
	case "prod", "production", "preprod", "staging", "stage", "stg", "live", "uat", "qa":
		return true
	}
	return false
}

// isProject reports the files beside the sources of a program.
func isProject(base string) bool {
	return slices.Contains([]string{
		"go.mod", "package.json", "pyproject.toml", "setup.py", "requirements.txt", "pom.xml", "build.gradle", "build.gradle.kts",
		"Cargo.toml", "Gemfile", "composer.json", "CMakeLists.txt", "Dockerfile", "Containerfile",
	}, base)
}

// inUnapplied reports whether a folder is one of tests or pages, or in one.
func (w *walker) inUnapplied(name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if w.isTestFolder(name) || w.isPages(name) {
			return true
		}
	}
	return false
}

// isOfTests reports whether a manifest in a folder of tests is for them alone: Flux and Argo CD do not deploy it, and no
// document outside of the folder gives a command that applies it.
func (w *walker) isOfTests(name, folder string) bool {
	if folder == "" || !(File{Tree: w.tree, Name: name}).LooksLikeManifest() {
		return false
	}
	u := w.usesOf(w.tree)
	return !u.isDeployed(w.tree, path.Dir(name)) && !u.isApplied(name, folder) && !u.isApplied(path.Dir(name), folder)
}
