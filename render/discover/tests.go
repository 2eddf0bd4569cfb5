package discover

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// contents is what the files and folders in a folder say of it.
type contents struct {
	// hasEnvironment is set if one is for an environment, such as prod, hasSources if the sources of a program are there, and
	// hasTests if a folder is for a kind of tests or their data.
	hasEnvironment, hasSources, hasTests bool
}

func contentsOf(entries []fs.DirEntry) (c contents) {
	for _, e := range entries {
		c.hasEnvironment = c.hasEnvironment || e.IsDir() && isEnvironment(e.Name())
		c.hasSources = c.hasSources || !e.IsDir() && isProject(e.Name())
		c.hasTests = c.hasTests || e.IsDir() && isInTests(e.Name())
	}
	return c
}

// isTestFolder reports a folder whose manifests only tests apply: its name says that it is for tests, and it is not
// beside the folder of another environment, such as prod. A folder test may be an environment without any other beside
// it: it is for tests if it is beside the sources of a program, or holds them or folders such as e2e and fixtures.
func isTestFolder(name string, above, within contents) bool {
	base := path.Base(name)
	if base == "integration" && within.hasTests {
		return !above.hasEnvironment && !within.hasEnvironment
	}
	return !above.hasEnvironment && (naming.SaysTests(base) || base == "test" && (above.hasSources || within.hasSources || within.hasTests))
}

// isInTests reports the names of folders that only tests have.
func isInTests(base string) bool {
	return slices.Contains([]string{"e2e", "fixtures", "golden", "integration", "testdata", "unit", "__snapshots__"}, base)
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
	in := func(dir string) contents {
		entries, _ := w.tree.ReadDir(dir) // the walk reports what it cannot list
		return contentsOf(entries)
	}
	for ; name != "."; name = path.Dir(name) {
		if isTestFolder(name, in(path.Dir(name)), in(name)) || w.isPages(name) {
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

// ofTests is why something in a folder of tests is skipped.
const ofTests = "a folder of tests: name it to lint it"

// isChartOfTests reports whether a chart in a folder of tests is for them alone: Flux and Argo CD do not deploy it, no document outside
// of the folder gives a command that installs it, and it takes in no chart from outside of it, which it would test.
func (w *walker) isChartOfTests(name, folder string) bool {
	if folder == "" {
		return false
	}
	for _, dir := range LocalDependencies(w.tree, name) {
		if !strings.HasPrefix(dir, folder+"/") {
			return false
		}
	}
	u := w.usesOf(w.tree)
	return !u.isDeployed(w.tree, name) && !hasUse(u.installed, lastSteps(name), folder)
}

// isOverlayOfTests reports whether a kustomization in a folder of tests may be for them alone: Flux and Argo CD do not deploy it, and
// no document outside of the folder gives a command that applies it.
func (w *walker) isOverlayOfTests(name, folder string) bool {
	u := w.usesOf(w.tree)
	return folder != "" && !u.isDeployed(w.tree, name) && !u.isApplied(name, folder)
}

// InTests gives the function that finds the folder of tests of a manifest that is for them alone: no path names the folder, no environment is
// beside it, Flux and Argo CD do not deploy the manifest, and no command outside of the folder applies it. The folder is empty if there is none.
func (f *Found) InTests() func(m File) (folder string) {
	isFor := map[ID]bool{}
	isForTests := func(t *tree.Tree, dir string) bool {
		id := ID{t.Dir(), dir}
		is, known := isFor[id]
		if !known {
			entries, _ := t.ReadDir(path.Dir(dir)) // the walk reports what it cannot list
			is = !contentsOf(entries).hasEnvironment
			isFor[id] = is
		}
		return is
	}
	return func(m File) string {
		for dir := range Above(m.Name) {
			if base := path.Base(dir); naming.SaysTests(base) || naming.IsTests(base) {
				if isForTests(m.Tree, dir) && !f.isAppliedOutside(m, dir) {
					return m.Tree.Display(dir)
				}
				return ""
			}
		}
		return ""
	}
}

// OfExample gives the function that finds the values file for which a file holds what Helm renders, to show it: beside the values or in a
// folder such as rendered_manifests beside them, below a folder of examples, and nothing applies the file. The name is empty if there is none.
func (f *Found) OfExample() func(m File) (values string) {
	beside := map[ID]string{}
	valuesIn := func(t *tree.Tree, dir string) string {
		id := ID{t.Dir(), dir}
		values, known := beside[id]
		if !known {
			entries, _ := t.ReadDir(dir) // the walk reports what it cannot list
			i := slices.IndexFunc(entries, func(e fs.DirEntry) bool {
				return e.Type().IsRegular() && HasManifestName(e.Name()) && slices.Contains(wordsOf(e.Name()), "values")
			})
			if i >= 0 {
				values = t.Display(path.Join(dir, entries[i].Name()))
			}
			beside[id] = values
		}
		return values
	}
	return func(m File) string {
		folder := path.Dir(m.Name)
		example := folder
		for dir := range Above(m.Name) {
			if slices.Contains(wordsOf(path.Base(dir)), "rendered") {
				folder, example = dir, path.Dir(dir)
				break
			}
		}
		values := valuesIn(m.Tree, example)
		if values == "" || !naming.SaysExamples(example) || f.isAppliedOutside(m, folder) || f.MayBeApplied(m) {
			return ""
		}
		return values
	}
}

// isAppliedOutside reports whether a path names the folder that a file is in, or something outside of it may apply the file.
func (f *Found) isAppliedOutside(m File, folder string) bool {
	for dir := range Above(m.Name) {
		if f.roots[ID{m.Tree.Dir(), dir}] {
			return true
		}
		if dir == folder {
			break
		}
	}
	u := f.usesOf(m.Tree)
	if f.Referred[m.ID()] || f.byHand[m.ID()] || u.isDeployed(m.Tree, path.Dir(m.Name)) {
		return true
	}
	return slices.ContainsFunc([]string{m.Name, path.Dir(m.Name)}, func(name string) bool {
		return u.isApplied(name, folder) || hasUse(u.byPrograms, lastSteps(name), folder)
	})
}

// IsForTest reports whether a file that a test in a folder above it applies is for the test alone: no path names the folder, or one in it, or
// a folder of tests that has it, and nothing outside of the folder applies the file.
func (f *Found) IsForTest(m File, folder string) bool {
	return !m.Named && !f.isAppliedOutside(m, folder) && !f.namesTestsAbove(m)
}

var (
	// featureTest matches the heading of a README that is a test itself: its commands build something and compare that.
	featureTest = regexp.MustCompile(`(?i)^\s*#+[ \t][^\n]*\b(?:feature|regression|integration|conformance|acceptance)[ -]tests?\b`)
	// diffsExpected matches a command that compares something with what is in a folder expected.
	diffsExpected = regexp.MustCompile(`(?m)^[ \t]*(?:\$ )?diff\b[^\n]*\bexpected\b`)
)

// isExpectedOutput reports a folder expected beside kustomizations: it holds what they are to build. Flux and Argo CD do not deploy it.
func (w *walker) isExpectedOutput(name string) bool {
	if path.Base(name) != "expected" || isKustomization(w.tree, name) || w.usesOf(w.tree).isDeployed(w.tree, name) {
		return false
	}
	above := path.Dir(name)
	isBeside := func(base string) bool {
		info, err := w.tree.Stat(path.Join(above, base))
		return err == nil && info.IsDir()
	}
	return isKustomization(w.tree, above) || slices.ContainsFunc([]string{"base", "bases", "overlays"}, isBeside) || diffsExpected.MatchString(w.readme(above))
}

// isTestOfReadme reports a folder whose README is a test of what is beside it: it says so and compares that with a folder expected.
func (w *walker) isTestOfReadme(name string) bool {
	text := w.readme(name)
	if !featureTest.MatchString(text) || !w.tree.Exists(path.Join(name, "expected")) && !diffsExpected.MatchString(text) {
		return false
	}
	return !w.usesOf(w.tree).deploysIn(name)
}

// isAmongTests reports a folder beside many whose READMEs are tests: a program builds them all.
func (w *walker) isAmongTests(name string) bool {
	above := path.Dir(name)
	are, known := w.amongTests[above]
	if !known {
		entries, _ := w.tree.ReadDir(above) // the walk reports what it cannot list
		tests, all := 0, 0
		for _, e := range entries {
			if !e.IsDir() {
				continue
			}
			if all++; w.isTestOfReadme(path.Join(above, e.Name())) {
				tests++
			}
		}
		are = tests >= minTests && 4*tests >= 3*all
		if w.amongTests == nil {
			w.amongTests = map[string]bool{}
		}
		w.amongTests[above] = are
	}
	return are && !w.usesOf(w.tree).deploysIn(name)
}

// minTests is how many folders with tests make one beside them a folder of tests, too, if they are three of four.
const minTests = 5

// readme is the text of the README of a folder. It is empty if there is none, or it is too long.
func (w *walker) readme(dir string) string {
	text, err := w.tree.ReadFile(path.Join(dir, "README.md"))
	if err != nil || len(text) > maxGoFile {
		return ""
	}
	return string(text)
}

// withoutTests takes out the kustomizations that are for tests alone: no other one leads to them. What they refer to outside of the folder
// of tests stays, as if something else did.
func (f *Found) withoutTests(refs map[ID]kustomize.Refs) (skipped []lint.Skip) {
	if len(f.ofTests) == 0 {
		return nil
	}
	used := map[ID]bool{}
	for _, k := range f.Kustomizations {
		if f.ofTests[k.ID()] == "" || k.Named || f.linked[k.ID()] {
			reach(refs, k.ID(), used, nil)
		}
	}
	f.Kustomizations = slices.DeleteFunc(f.Kustomizations, func(k File) bool {
		folder := f.ofTests[k.ID()]
		if folder == "" || used[k.ID()] {
			return false
		}
		delete(refs, k.ID())
		if at := (ID{k.Tree.Dir(), folder}); !f.partly[at] {
			f.partly[at] = true
			skipped = append(skipped, lint.Skip{File: k.Tree.Display(folder), Reason: ofTests})
		}
		return true
	})
	for id, l := range f.referrers {
		f.referrers[id] = slices.DeleteFunc(l, func(by ID) bool { return f.ofTests[by] != "" && !used[by] })
	}
	return skipped
}

// isTestProgram reports a program of tests, by its name or that of a folder above it.
func isTestProgram(dir, base string) bool {
	return slices.ContainsFunc(wordsOf(strings.ToLower(base)), naming.IsTests) ||
		slices.ContainsFunc(strings.Split(dir, "/"), func(name string) bool { return naming.IsTests(name) || naming.SaysTests(name) })
}

var (
	// refused matches the names of folders with what is not to be admitted, and what follows the word.
	refused = regexp.MustCompile(`^(?:bad|disallowed|invalid|non[-_]?compliant|fail|failed|failing)((?:[-_.].*)?)$`)
	// policy matches an object by which a cluster refuses others.
	policy = regexp.MustCompile(`(?m)^apiVersion:[ \t]*["']?(?:(?:templates|constraints)\.gatekeeper\.sh|policies\.kyverno\.io|policies\.kubewarden\.io)/|` +
		`^kind:[ \t]*["']?ValidatingAdmissionPolicy["']?[ \t\r]*$|^apiVersion:[ \t]*["']?kyverno\.io/\S+\s+kind:[ \t]*["']?(?:Cluster)?Policy["']?[ \t\r]*$`)
)

// admitted are the words with which the names of folders begin that hold what is admitted.
var admitted = []string{"good", "allowed", "valid", "compliant", "pass", "passed", "passing"}

// maxPolicyFiles is how many files of a folder are searched for policies.
const maxPolicyFiles = 200

// isRefused reports a folder of examples which a policy beside them refuses: bad_resources beside good_resources. Flux and Argo CD
// do not deploy it.
func (w *walker) isRefused(name string) bool {
	m := refused.FindStringSubmatch(path.Base(name))
	if m == nil {
		return false
	}
	above := path.Dir(name)
	hasGood := slices.ContainsFunc(admitted, func(word string) bool {
		info, err := w.tree.Stat(path.Join(above, word+m[1]))
		return err == nil && info.IsDir()
	})
	if !hasGood {
		return false
	}
	has, known := w.policies[above]
	if !known {
		budget := maxPolicyFiles
		has = w.hasPolicy(above, &budget)
		if w.policies == nil {
			w.policies = map[string]bool{}
		}
		w.policies[above] = has
	}
	return has && !w.usesOf(w.tree).isDeployed(w.tree, name)
}

// hasPolicy reports whether a folder holds a policy, besides those among what is refused. Its own files are searched first.
func (w *walker) hasPolicy(dir string, budget *int) bool {
	entries, _ := w.tree.ReadDir(dir) // the walk reports what it cannot list
	for _, e := range entries {
		if !e.Type().IsRegular() || !HasManifestName(e.Name()) || *budget <= 0 {
			continue
		}
		*budget--
		if text, err := w.tree.ReadFile(path.Join(dir, e.Name())); err == nil && policy.Match(text) {
			return true
		}
	}
	for _, e := range entries {
		if *budget--; *budget <= 0 {
			return false
		}
		if e.IsDir() && !refused.MatchString(e.Name()) && w.hasPolicy(path.Join(dir, e.Name()), budget) {
			return true
		}
	}
	return false
}

// ofLibrary matches the line of a Chart.yaml that makes the chart a library.
var ofLibrary = regexp.MustCompile(`(?im)^type:[ \t]*["']?library["']?[ \t\r]*(?:#.*)?$`)

// IsTestChart reports whether a chart exists to test others of the repository, which it takes in by file://, so that nobody
// installs it: it is in the folder of a library chart that it takes in, or in one that the .helmignore of the chart above it names, or it is
// in a folder of tests, which no path names, and takes in a chart from outside of it. References are the directories of the charts that it
// takes in.
func (f *Found) IsTestChart(c File, references []string) bool {
	for _, dir := range references {
		text, err := c.Tree.ReadFile(path.Join(dir, "Chart.yaml"))
		if err != nil || c.Named {
			continue
		}
		below, isBelow := strings.CutPrefix(c.Name, dir+"/")
		if dir == "." {
			below, isBelow = c.Name, c.Name != "."
		}
		switch {
		case isBelow && (ofLibrary.Match(text) || c.isIgnoredBy(dir, below)):
			return true
		case !isBelow && naming.IsBelowTests(path.Dir(c.Name)) && !naming.IsBelowTests(dir) && !f.namesTestsAbove(c):
			return true
		}
	}
	return false
}

// namesTestsAbove reports whether a path names the folder of tests that a file is in, or one in it.
func (f *Found) namesTestsAbove(file File) bool {
	for dir := range Above(file.Name) {
		if f.roots[ID{file.Tree.Dir(), dir}] && naming.IsBelowTests(dir) {
			return true
		}
	}
	return false
}

// isIgnoredBy reports whether the .helmignore of a chart names the folder in it that the file is in.
func (f File) isIgnoredBy(chart, below string) bool {
	text, _ := f.Tree.ReadFile(path.Join(chart, ".helmignore")) // without one nothing is ignored
	first, _, _ := strings.Cut(below, "/")
	for line := range strings.Lines(string(text)) {
		if name := strings.Trim(strings.TrimSpace(line), "/"); name == first || name == below {
			return true
		}
	}
	return false
}
