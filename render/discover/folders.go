package discover

import (
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/document"
)

// notDeployed describes a folder that is skipped. Empty for others.
func (w *walker) notDeployed(name string) string {
	base := path.Base(name)
	switch {
	case toolFolder(base) != "" && !document.IsFolder(base) && (w.index == nil || !w.index.hasBelow(name)):
		return toolFolder(base)
	case isArchive(base) && !w.isOfProgram(name):
		return archived
	case w.isGoVendor(name):
		return "a folder of Go packages"
	case base == "gen" && path.Base(path.Dir(name)) == "cue.mod" && w.isFile(path.Join(path.Dir(name), "module.cue")):
		return cueModules
	case base == "third_party":
		return "a folder of other projects' files"
	case isGolden(name):
		return "the output that tests expect"
	case isTestData(name):
		return "a folder of test data"
	}
	return ""
}

const (
	// archived describes a folder by its name alone.
	archived = "a folder for what is no longer used"
	// cueModules describes the packages of other modules of CUE.
	cueModules = "a folder that the tools of CUE write"
)

// isOfProgram reports whether a folder that is named like an archive is named for the program in it: for its chart, or in the names of its manifests, as
// folders beside it are in theirs: archive/web-archive-1.yaml and index/web-index-1.yaml.
func (w *walker) isOfProgram(name string) bool {
	if text, err := w.tree.ReadFile(path.Join(name, "Chart.yaml")); err == nil {
		var chart struct{ Name string }
		return yaml.Unmarshal(text, &chart) == nil && chart.Name == path.Base(name)
	}
	before, parent := w.beforeName(name), path.Dir(name)
	if before == "" {
		return false
	}
	if w.before == nil {
		w.before = map[string]map[string]int{}
	}
	if w.before[parent] == nil {
		w.before[parent] = map[string]int{}
		entries, _ := w.tree.ReadDir(parent) // the walk reports what it cannot list
		for _, e := range entries {
			if e.IsDir() {
				w.before[parent][w.beforeName(path.Join(parent, e.Name()))]++
			}
		}
	}
	return w.before[parent][before] > 1
}

// beforeName is what the first manifest of a folder with the folder's name in its own has before that. It is empty if there is none.
func (w *walker) beforeName(dir string) string {
	entries, _ := w.tree.ReadDir(dir) // the walk reports what it cannot list
	for _, e := range entries {
		before, after, ok := strings.Cut(e.Name(), "-"+path.Base(dir))
		if ok && before != "" && HasManifestName(e.Name()) && (strings.HasPrefix(after, "-") || strings.HasPrefix(after, ".")) {
			return before
		}
	}
	return ""
}

// isInUse reports whether Flux, Argo CD or a command outside of a folder applies it, or something in it.
func (w *walker) isInUse(name string) bool {
	u := w.usesOf(w.tree)
	return u.isDeployed(w.tree, name) || u.deploysBelow(name) || appliesIn(u.byDocuments, name) || appliesIn(u.byPrograms, name)
}

// toolFolder describes folders that are hidden or that tools fill. Empty for others.
func toolFolder(base string) string {
	switch {
	case strings.HasPrefix(base, "."):
		return "a hidden folder"
	case base == "node_modules":
		return "a folder of Node packages"
	}
	return ""
}

// isTaskFolder reports hidden folders with the files of Task or just, and scripts: these say what people apply.
func isTaskFolder(base string) bool {
	return base == ".taskfiles" || base == ".tasks" || base == ".just" || base == ".scripts"
}

var (
	// isValidator matches how a schema of Yamale describes the name or version of a chart.
	isValidator = regexp.MustCompile(`(?m)^(?:name|version):[ \t]*(?:str|any|include|regex|semver)\(`)
	// fetchesChart matches how charts-build-scripts names the archive or the repository of a chart.
	fetchesChart = regexp.MustCompile(`(?m)^url:[ \t]*["']?(?:[a-z]+://|git@)`)
)

// isSchema reports whether a file is a schema for those of its name, as chart-testing gives it to Yamale.
func (w *walker) isSchema(name string) bool {
	text, err := w.tree.ReadFile(name)
	return err == nil && isValidator.Match(text)
}

// isOfPackage reports whether a folder has the changes of charts-build-scripts to a chart that these fetch.
func (w *walker) isOfPackage(name string) bool {
	if path.Base(name) != "generated-changes" {
		return false
	}
	text, err := w.tree.ReadFile(path.Join(path.Dir(name), "package.yaml"))
	return err == nil && fetchesChart.Match(text) && !w.tree.Exists(path.Join(path.Dir(name), "charts", "Chart.yaml"))
}

// isGoVendor reports whether a folder holds the packages of other Go modules: it is beside the
// go.mod of a module, has the list of them that go mod vendor writes, or has the folder of a host of Go packages, as
// those of tools before go mod have. Git tracks such folders, but the project does not edit them.
func (w *walker) isGoVendor(name string) bool {
	if path.Base(name) != "vendor" {
		return false
	}
	return w.isFile(path.Join(name, "modules.txt")) || w.isFile(path.Join(path.Dir(name), "go.mod")) ||
		slices.ContainsFunc([]string{"github.com", "golang.org", "k8s.io"}, func(host string) bool { return w.tree.Exists(path.Join(name, host)) })
}

// isArchive reports the folders for what is no longer used. Old and deprecated may be the names of something
// else, so they need a mark that sorts them to one end, or archive beside them. Archived says it of any other word, but
// mail-archive is the name of a program.
func isArchive(base string) bool {
	words := wordsOf(strings.ToLower(base))
	if len(words) == 0 {
		return false
	}
	if words[0] == "archived" || words[len(words)-1] == "archived" {
		return true
	}
	old := strings.ContainsAny(base[:1], "._") && len(words) == 1
	for _, word := range words {
		switch word {
		case "archive", "attic":
			old = true
		case "deprecated", "old", "legacy", "obsolete", "retired", "unused":
		default:
			return false
		}
	}
	return old
}

// SaysUnused reports a folder whose name says in one of its words that what is there is not in use: old_versions, DEPRECATED. It may say
// that of something else, so it needs another sign.
func SaysUnused(base string) bool {
	return slices.ContainsFunc(wordsOf(strings.ToLower(base)), func(word string) bool {
		return word == "deprecated" || word == "old" || word == "obsolete" || word == "retired" || word == "unused" || word == "historical"
	})
}

var (
	// notInUse matches what a README says of files that are not applied.
	notInUse = regexp.MustCompile(`(?i)\b(?:not|no longer) (?:in use|used|maintained|deployed|applied)\b|\b(?:I|we) (?:no longer|do not|don't) (?:use|maintain|deploy)\b|` +
		`\bunmaintained\b|\b(?:previously|formerly) (?:deployed|used)\b|\bnot the (?:active|current) (?:source|version|state)\b|\bhistorical (?:reasons?|manifests?|reference)\b|\b(?:kept|here|only|just) (?:only |just )?for (?:historical |future )?reference\b`)
	// excluding matches the folder that a README excludes from what is applied.
	excluding = regexp.MustCompile("(?i)\\bexclud(?:es|ed|ing)[ :]+[\"'`]?(?:\\./)?([\\w.-]+)/")
)

// unusedBy is the README which says that a folder is not in use, if the name of the folder says so, too, or has the word archive: apps-archive. The
// README is in the folder, or in the one above. It is empty if there is none, or if something deploys a part of the folder.
func (w *walker) unusedBy(name string) (readme string) {
	base := path.Base(name)
	hasArchive := slices.Contains(wordsOf(strings.ToLower(base)), "archive")
	if !SaysUnused(base) && !hasArchive || w.usesOf(w.tree).deploysIn(name) {
		return ""
	}
	if notInUse.MatchString(w.readme(name)) {
		return path.Join(name, "README.md")
	}
	saysSo := func(line string) bool {
		m := excluding.FindStringSubmatch(line)
		return m != nil && m[1] == base || strings.Contains(line, base+"/") && notInUse.MatchString(line)
	}
	if slices.ContainsFunc(strings.Split(w.readme(path.Dir(name)), "\n"), saysSo) {
		return path.Join(path.Dir(name), "README.md")
	}
	return ""
}

// retired are the names of folders that often hold the charts which a project has given up.
var retired = []string{"archives", "deprecated", "legacy", "obsolete", "old", "retired", "unmaintained"}

// isRetired reports a folder of charts beside another one, whose name says that they are no longer used. Such a name is not
// enough: Renovate ignores the folder, chart-testing does not look at it, or all of its charts say that they are deprecated.
// Flux and Argo CD deploy none of them.
func (w *walker) isRetired(name string) bool {
	if !slices.Contains(retired, strings.ToLower(path.Base(name))) {
		return false
	}
	charts := w.chartsIn(name)
	if len(charts) == 0 || w.usesOf(w.tree).isDeployed(w.tree, name) {
		return false
	}
	for _, chart := range charts {
		if ok, _ := w.usesOf(w.tree).namesDeployed(chart); ok {
			return false
		}
	}
	return w.isIgnoredByRenovate(name) || w.isOutsideOfTests(name) || !slices.ContainsFunc(charts, func(chart string) bool {
		text, err := w.tree.ReadFile(path.Join(chart, "Chart.yaml"))
		return err != nil || !saysDeprecated.Match(text)
	})
}

var (
	saysDeprecated = regexp.MustCompile(`(?m)^deprecated:[ \t]*true\b`)
	// ignoredPaths and chartDirs match the lists of folders that Renovate ignores, and that chart-testing looks at.
	ignoredPaths = regexp.MustCompile(`["']?\bignorePaths["']?\s*:\s*\[([^\]]*)\]`)
	chartDirs    = regexp.MustCompile(`(?m)^chart-dirs:[ \t]*(?:#.*)?((?:\r?\n[ \t]*-[ \t].*)+|\[[^\]]*\])`)
	// listEntry matches an entry of such a list.
	listEntry = regexp.MustCompile(`[\w.*/-]+`)
)

// chartsIn are the folders of the charts that are right in a folder.
func (w *walker) chartsIn(dir string) (charts []string) {
	entries, _ := w.tree.ReadDir(dir) // the walk reports what it cannot list
	for _, e := range entries {
		if e.IsDir() && w.isFile(path.Join(dir, e.Name(), "Chart.yaml")) {
			charts = append(charts, path.Join(dir, e.Name()))
		}
	}
	return charts
}

// isIgnoredByRenovate reports whether Renovate, at the top of the tree, is told to ignore a folder.
func (w *walker) isIgnoredByRenovate(name string) bool {
	for _, config := range []string{"renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json", ".github/renovate.json", ".github/renovate.json5"} {
		text, _ := w.tree.ReadFile(config) // most trees have none or one
		for _, m := range ignoredPaths.FindAllSubmatch(text, -1) {
			for _, glob := range listEntry.FindAllString(string(m[1]), -1) {
				inAny, isInAny := strings.CutPrefix(glob, "**/")
				if folder := strings.TrimRight(inAny, "/*"); folder == name || isInAny && folder == path.Base(name) {
					return true
				}
			}
		}
	}
	return false
}

// excludedCharts matches the list of charts that chart-testing leaves out.
var excludedCharts = regexp.MustCompile(`(?m)^excluded-charts:[ \t]*(?:#.*)?((?:\r?\n[ \t]*-[ \t].*)+|\[[^\]]*\])`)

// isExcludedTest reports whether chart-testing leaves out a chart whose name says that it is for tests: it is not for users to install.
func (w *walker) isExcludedTest(name string) bool {
	if name == w.root || !slices.ContainsFunc(wordsOf(strings.ToLower(path.Base(name))), naming.IsTests) {
		return false
	}
	for _, config := range chartTesting {
		text, err := w.tree.ReadFile(config)
		if err != nil {
			continue
		}
		m := excludedCharts.FindSubmatch(text)
		return m != nil && slices.Contains(listEntry.FindAllString(string(m[1]), -1), path.Base(name)) && !w.usesOf(w.tree).isDeployed(w.tree, name)
	}
	return false
}

// chartTesting are the names of the files with the settings of chart-testing.
var chartTesting = []string{"ct.yaml", ".ct.yaml", ".github/ct.yaml", ".ci/ct.yaml"}

// isOutsideOfTests reports whether chart-testing, which lints and tests the charts that are released, looks at charts in other
// folders only. By default that is charts.
func (w *walker) isOutsideOfTests(name string) bool {
	for _, config := range chartTesting {
		text, err := w.tree.ReadFile(config)
		if err != nil {
			continue
		}
		dirs := []string{"charts"}
		if m := chartDirs.FindSubmatch(text); m != nil {
			dirs = nil
			for line := range strings.FieldsFuncSeq(string(m[1]), func(r rune) bool { return r == '\n' || r == ',' }) {
				line, _, _ = strings.Cut(strings.TrimLeft(line, " \t-"), " #")
				if dir := listEntry.FindString(line); dir != "" {
					dirs = append(dirs, path.Clean(dir))
				}
			}
		}
		return !slices.Contains(dirs, name) && slices.ContainsFunc(dirs, func(dir string) bool { return len(w.chartsIn(dir)) > 0 })
	}
	return false
}

// isClone is the script beside a folder that clones the project in it from elsewhere, in place of what is there. The Go module of such a
// project has another owner than that of the repository. It is empty if there is none.
func (w *walker) isClone(name string) string {
	owner := w.moduleOwner(name)
	if owner == "" || strings.Count(name, "/") > maxLevels {
		return ""
	}
	dir := name
	for dir != "." {
		dir = path.Dir(dir)
		above := w.moduleOwner(dir)
		if above == owner {
			return ""
		}
		if above != "" {
			break
		}
	}
	return w.cloner(path.Dir(name), path.Base(name))
}

// cloner is a script in a folder that removes and clones projects, and names a folder.
func (w *walker) cloner(dir, folder string) string {
	scripts, known := w.cloners[dir]
	if !known {
		scripts = w.clonersIn(dir)
		if w.cloners == nil {
			w.cloners = map[string][]cloner{}
		}
		w.cloners[dir] = scripts
	}
	for _, s := range scripts {
		if s.words[folder] {
			return s.name
		}
	}
	return ""
}

// cloner is a script that removes and clones projects, and the words in it.
type cloner struct {
	name  string
	words map[string]bool
}

func (w *walker) clonersIn(dir string) (scripts []cloner) {
	entries, _ := w.tree.ReadDir(dir) // the walk reports what it cannot list
	for _, e := range entries {
		if ext := path.Ext(e.Name()); !e.Type().IsRegular() || ext != ".sh" && ext != ".bash" {
			continue
		}
		text, err := w.tree.ReadFile(path.Join(dir, e.Name()))
		if err == nil && len(text) <= maxGoFile && clones.Match(text) && removes.Match(text) {
			s := cloner{path.Join(dir, e.Name()), map[string]bool{}}
			addNames(s.words, string(text))
			scripts = append(scripts, s)
		}
	}
	return scripts
}

var (
	clones  = regexp.MustCompile(`(?m)^[ \t]*git\s[^#\n]*\bclone\b`)
	removes = regexp.MustCompile(`(?m)^[ \t]*rm\s+-(?:rf|fr|r)\b`)
	// goModule matches the host and the owner of a Go module.
	goModule = regexp.MustCompile(`(?m)^module[ \t]+"?([\w.-]+\.[\w-]+/[\w.-]+)`)
)

// moduleOwner is the host and the owner of the Go module in a folder. It is empty if there is none.
func (w *walker) moduleOwner(dir string) string {
	text, err := w.tree.ReadFile(path.Join(dir, "go.mod"))
	if err != nil {
		return ""
	}
	m := goModule.FindSubmatch(text)
	if m == nil {
		return ""
	}
	return string(m[1])
}

// wordsOf are the words of a name like old-files or old_files.
func wordsOf(base string) []string {
	return strings.FieldsFunc(base, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ' ' })
}

// isTestData reports the folders that tests read and that are often wrong on purpose: testdata, which the
// go command ignores, other names for it, such as testdata2, and the folders for data within a folder of tests.
func isTestData(name string) bool {
	words := wordsOf(path.Base(name))
	if len(words) > 0 && strings.TrimRight(words[len(words)-1], "0123456789") == "testdata" {
		return true
	}
	switch path.Base(name) {
	case "test_data", "test-data", "testfiles", "test_files", "test-files", "testResources", "test_resources", "test-resources", "fixtures", "__fixtures__", "__mocks__":
		return true
	case "data", "resources", "snapshots", "expected", "generated", "mock", "mocks", "stub", "stubs":
		return naming.IsTests(path.Base(path.Dir(name)))
	}
	return false
}

// isGolden reports a folder with the output that tests expect, which nobody applies or edits: __snapshots__, canondata,
// golden files, and golden in a folder of tests.
func isGolden(name string) bool {
	switch path.Base(name) {
	case "__snapshots__", "__golden__", "canondata", "golden-files", "golden_files", "goldenfiles":
		return true
	case "golden", "goldens":
		return slices.ContainsFunc(strings.Split(path.Dir(name), "/"), func(dir string) bool {
			words := wordsOf(dir) // such as e2e-tests, but test-cluster is another thing
			return dir == "test" || len(words) > 0 && (words[len(words)-1] == "tests" || words[len(words)-1] == "testdata")
		})
	}
	return false
}

func (w *walker) isFile(name string) bool {
	info, err := w.tree.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// maxLook is how many names a skipped folder is searched for.
const maxLook = 1000

// mayHoldManifests reports whether a folder that is skipped has a file with the
// name of a manifest: only then it is worth a line.
func (w *walker) mayHoldManifests(dir string, budget *int) bool {
	entries, err := w.tree.ReadDir(dir)
	if err != nil {
		return true
	}
	for _, e := range entries {
		if *budget--; *budget < 0 || !e.IsDir() && HasManifestName(e.Name()) || e.IsDir() && w.mayHoldManifests(path.Join(dir, e.Name()), budget) {
			return true
		}
	}
	return false
}

// isChartFolder reports whether everything in a folder of a chart is the chart's.
func isChartFolder(base string) bool {
	return base == "charts" || base == "templates" || base == "crds"
}

// maxLevels is how many folders deep a file may be for those above it to be looked at: a file is found the slower the deeper
// it is, so that all folders above would take a time that grows with the square of the depth.
const maxLevels = 100

// Above are the folders of a file, from its own up, without the top of the tree. There are none of a file that is too deep.
func Above(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if strings.Count(name, "/") > maxLevels {
			return
		}
		for dir := path.Dir(name); dir != "." && yield(dir); dir = path.Dir(dir) {
		}
	}
}
