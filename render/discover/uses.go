package discover

import (
	"bytes"
	"cmp"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// uses is what a tree says of how its files and folders are used: which of them objects of Flux and Argo CD deploy, and
// which its documents and programs name.
type uses struct {
	// deployed are the folders that objects of Flux and Argo CD name, and patterns those of several folders. The value is
	// set if Argo CD applies the files of the folder one by one, though a kustomization is there.
	deployed map[string]bool
	patterns []deployedPattern
	// generators are those that exclude folders, and excluding is how many patterns they have.
	generators []*directories
	excluding  int
	// inComments are the folders of elements that an ApplicationSet lists in comments, and its file.
	inComments map[string]string
	// names are the folders that the objects in a file name, without patterns, and namers is how many files name a folder.
	names  map[string][]string
	namers map[string]int
	// releases are the files that name a chart as HelmReleases do, by its path. hasOpenChart is set if such a path is not known.
	releases     map[string][]string
	hasOpenChart bool
	// starters are the folders of those files: somebody applies them in a way that is not known. holdStarters are these and those above.
	starters, holdStarters map[string]bool
	// stems are the paths with a variable at their end, app-${MODE:=live}, by what is before it: app.
	stems map[string]stem
	// byDocuments and byPrograms are what commands apply or build, by the last two parts of its path, or by the last one if
	// they give no more. inPrograms are all paths in programs, likewise, and published what commands take from the web, also by its
	// whole address.
	byDocuments, byPrograms, inPrograms map[string]folders
	published                           map[string]bool
	// installed is what documents name in a line that has Helm install a chart, likewise.
	installed map[string]folders
	// hasFlux is set if a Kustomization of Flux names a folder, and hasTop if something may deploy the top of the tree.
	hasFlux, hasTop bool
	// hasUnknown is set if a path of Flux or Argo CD is not known: one from a file that a generator reads, or from values of a chart.
	hasUnknown bool
	// hasOpen is the same, but for paths in a file with a list of elements, which has them.
	hasOpen bool
}

// stem is a path with a variable at its end, and the file that has it.
type stem struct{ file, path string }

// deployedPattern is a pattern of folders. but is the generator that it is from, if that excludes some.
type deployedPattern struct {
	name  string
	plain bool
	but   *directories
}

// folders are those of the texts that name something: the first and the last of them, each with a slash at its end. If
// both are below a folder, all are.
type folders struct{ first, last string }

var (
	// gitOpsPath matches where an object of Flux or Argo CD may name a folder, in a line of its own or within brackets.
	gitOpsPath = regexp.MustCompile(`(?m)^[ \t-]*"?path"?:[ \t]*["']?([^"'#\n]+?)["']?,?[ \t\r]*(?:#.*)?$|[{,][ \t]*"?path"?:[ \t]*["']?([\w./*-]+)`)
	// chartName matches what an object of Flux calls a chart: its path, or its name in a repository.
	chartName = regexp.MustCompile(`\bchart["']?:[ \t]*["']?([^\s"',#]+)`)
	// isPlainSource matches the setting by which Argo CD applies the files of a folder one by one.
	isPlainSource = regexp.MustCompile(`(?m)(?:^[ \t-]*|[{,][ \t]*)"?directory"?:`)
	// fileGenerator matches a generator of Argo CD that reads files.
	fileGenerator = regexp.MustCompile(`(?m)^[ \t-]*files:[ \t\r]*\n[ \t]*-[ \t]+path:`)
	// isAnyFolder matches a path that is nothing but what a template or Flux replaces, and listsFolders a generator that lists folders for it.
	mayBeAnyFolder = regexp.MustCompile(`path:[ \t]*["']?[{$]\{`) // quick
	isAnyFolder    = regexp.MustCompile(`(?m)^[ \t-]*path:[ \t]*["']?(?:\{\{[^}]*\}\}|\$\{[^}]*\})["']?[ \t\r]*$`)
	listsFolders   = regexp.MustCompile(`(?m)^[ \t-]*directories:`)
	// listsElements matches a generator that lists elements.
	listsElements = regexp.MustCompile(`(?m)^[ \t-]*elements:`)
	// saysOnly matches a line of a script that does nothing but print a text to the terminal.
	saysOnly = regexp.MustCompile(`(?m)^[ \t]*(?:echo|printf|(?:log|print)?_?(?:info|warn|warning|error|success)|log)[ \t]+(?:"[^"|>\n]*"|'[^'|>\n]*')[ \t]*$`)
	// expression matches what a template or Flux replaces in a path.
	expression = regexp.MustCompile(`\{\{[^}]*\}\}|\$\{[^}]*\}`)
	// atEnd matches a path with a variable of Flux that ends its last step and does not begin it.
	atEnd = regexp.MustCompile(`^([^${}]*[^${}/._-])[._-]\$\{[^{}]*\}/?$`)
	// applying matches the commands that apply manifests, or build what is applied.
	applying = regexp.MustCompile(`\b(?:kubectl|oc|kustomize|kapp|flux|argocd)\b`)
	// installing matches the commands that install charts.
	installing = regexp.MustCompile(`\bhelm\s+(?:install|upgrade)\b`)
)

const (
	// maxPatterns is how many patterns of folders are compared with each folder in question.
	maxPatterns = 100
	// maxNames is how many folders are known to be named by one file.
	maxNames = 100
)

// usesOf reads what a tree says of its files, once.
func (f *Found) usesOf(t *tree.Tree) *uses {
	u := f.uses[t]
	if u == nil {
		u = &uses{
			deployed: map[string]bool{}, stems: map[string]stem{}, names: map[string][]string{}, releases: map[string][]string{}, namers: map[string]int{}, starters: map[string]bool{}, holdStarters: map[string]bool{}, published: map[string]bool{},
			inComments: map[string]string{}, byDocuments: map[string]folders{}, byPrograms: map[string]folders{}, inPrograms: map[string]folders{}, installed: map[string]folders{},
		}
		eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
			for _, e := range entries {
				if e.Type().IsRegular() {
					u.read(t, dir, e.Name())
				}
			}
			return nil
		})
		for file := range u.names {
			u.starters[path.Dir(file)] = true
			for dir := path.Dir(file); dir != "." && !u.holdStarters[dir]; dir = path.Dir(dir) {
				u.holdStarters[dir] = true
			}
		}
		f.uses[t] = u
	}
	return u
}

// read reads a file that may say how others are used.
func (u *uses) read(t *tree.Tree, dir, base string) {
	isText, isCode := isForPeople(base), isForProgram(dir, base)
	if !isText && !isCode && !HasManifestName(base) {
		return
	}
	text, err := t.ReadFile(path.Join(dir, base))
	if err != nil || len(text) > maxGoFile {
		return
	}
	switch {
	case isText:
		u.eachApplied(string(text), func(key string) {
			if !strings.Contains(key, "/") {
				key = near(dir, key)
			}
			addUse(u.byDocuments, key, dir)
		})
		u.readInstalled(string(text), dir)
	case isCode:
		u.eachApplied(string(text), func(key string) { addUse(u.byPrograms, key, dir) })
		if isTestProgram(dir, base) { // it reads what it names
			return
		}
		for token := range strings.FieldsFuncSeq(saysOnly.ReplaceAllString(string(text), ""), isBetweenSteps) {
			if key := lastSteps(token); strings.Contains(key, "/") {
				addUse(u.inPrograms, key, dir)
			}
		}
	case hasAny(text, "fluxcd", "argoproj", "argocd"): // objects of Flux and Argo CD, or values for charts that make them
		u.readTop(string(text))
		u.readGitOps(path.Join(dir, base), text)
	}
}

// readGitOps reads which folders the objects of Flux and Argo CD in a file deploy, and which they have in a comment.
func (u *uses) readGitOps(file string, text []byte) {
	ofFiles := hasAny(text, "files:") && fileGenerator.Match(text) // patterns that begin with blanks are slow
	isAny := mayBeAnyFolder.Match(text) && isAnyFolder.Match(text) && !listsFolders.Match(text)
	u.hasUnknown = u.hasUnknown || ofFiles || isAny
	u.hasOpen = u.hasOpen || ofFiles || isAny && !listsElements.Match(text)
	u.addDeployedIn(file, text)
	for _, name := range commentedElements(text) {
		u.inComments[name] = file
	}
	for _, m := range inLinesWith("chart", string(text), chartName) {
		u.addRelease(file, m[1])
	}
}

// hasAny reports whether a text has one of some words.
func hasAny(text []byte, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(text, []byte(word)) })
}

// inLinesWith are the matches of a pattern in the lines of a text that have a word. No match has a line break, and each has the word.
func inLinesWith(word, text string, pattern *regexp.Regexp) (matches [][]string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			matches = append(matches, pattern.FindAllStringSubmatch(strings.TrimSuffix(line, "\n"), -1)...)
		}
	}
	return matches
}

// addRelease adds that a file names a chart.
func (u *uses) addRelease(file, chart string) {
	if strings.Contains(chart, "{{") || strings.Contains(chart, "${") {
		u.hasOpenChart = true
	}
	name := path.Clean(strings.Trim(chart, "/}]"))
	if l := u.releases[name]; len(l) == 0 || l[len(l)-1] != file {
		u.releases[name] = append(l, file)
	}
}

var (
	// fluxBuilds matches the Kustomizations of Flux, and syncs whatever makes Flux or Argo CD deploy a folder.
	fluxBuilds = regexp.MustCompile(`\bapiVersion["']?:[ \t]*["']?kustomize\.toolkit\.fluxcd\.io/`)
	syncs      = regexp.MustCompile(`\bapiVersion["']?:[ \t]*["']?(?:kustomize\.toolkit\.fluxcd\.io|fluxcd\.controlplane\.io|argoproj\.io)/`)
)

// readTop looks for objects that may deploy the top of a tree: with its path, one that is not known, or, for Flux, none. The path
// of an Ingress is often that of the top, too.
func (u *uses) readTop(text string) {
	if u.hasFlux && u.hasTop {
		return
	}
	for object := range strings.SplitSeq(strings.TrimPrefix(text, "---"), "\n---") {
		paths := inLinesWith("path", object, gitOpsPath)
		isFlux := strings.Contains(object, "kustomize.toolkit.fluxcd.io/") && fluxBuilds.MatchString(object)
		u.hasFlux = u.hasFlux || isFlux && len(paths) > 0
		u.hasTop = u.hasTop || isFlux && len(paths) == 0
		isSync := isFlux || len(paths) > 0 && syncs.MatchString(object)
		for _, m := range paths {
			name := m[1] + m[2]
			isTop := path.Clean(name) == "." || isSync && strings.Trim(expression.ReplaceAllString(name, ""), "*./") == ""
			u.hasTop = u.hasTop || isTop
		}
	}
}

// Instructions lists the texts of a tree that say what to do with its files: documents, scripts, Makefiles and the like. None
// is in a folder that nobody deploys.
func Instructions(t *tree.Tree) (names []string) {
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			if e.Type().IsRegular() && (isForPeople(e.Name()) || isForProgram(dir, e.Name())) {
				names = append(names, path.Join(dir, e.Name()))
			}
		}
		return nil
	})
	return names
}

// GoFiles are the files of a tree with Go, without those of its tests and of its dependencies.
func GoFiles(t *tree.Tree) (names []string) {
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
				names = append(names, path.Join(dir, e.Name()))
			}
		}
		return func(base string) bool { return base == "vendor" }
	})
	return names
}

// FilesEnding are the files of a tree whose names have one of some endings.
func FilesEnding(t *tree.Tree, endings ...string) (names []string) {
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			hasIt := func(ending string) bool { return strings.HasSuffix(e.Name(), ending) }
			if e.Type().IsRegular() && slices.ContainsFunc(endings, hasIt) {
				names = append(names, path.Join(dir, e.Name()))
			}
		}
		return nil
	})
	return names
}

// Bases are the names of the files of a tree, without those of their folders.
func Bases(t *tree.Tree) map[string]bool {
	bases := map[string]bool{}
	var walk func(dir string)
	walk = func(dir string) {
		entries, _ := t.ReadDir(dir) // the walk of what is linted reports what cannot be listed
		for _, e := range entries {
			switch {
			case e.Type().IsRegular():
				bases[e.Name()] = true
			case e.IsDir() && e.Name() != ".git" && e.Name() != "node_modules":
				walk(path.Join(dir, e.Name()))
			}
		}
	}
	walk(".")
	return bases
}

// isForPeople reports the names of texts that people read to know what to do. A changelog says what was.
func isForPeople(base string) bool {
	lower := strings.ToLower(base)
	ext := path.Ext(lower)
	if strings.TrimSuffix(lower, ext) == "changelog" {
		return false
	}
	return ext == ".md" || ext == ".mdx" || ext == ".rst" || ext == ".adoc" || strings.TrimSuffix(lower, ext) == "readme"
}

// isForProgram reports the names of scripts, of Makefiles and the like, and of the files of CI systems.
func isForProgram(dir, base string) bool {
	switch path.Ext(base) {
	case ".sh", ".bash", ".py", ".bats", ".ps1", ".tf":
		return true
	}
	return saysHow(base) || base == "Jenkinsfile" || HasManifestName(base) && (strings.HasPrefix(dir, ".git") || ofAzure.MatchString(dir))
}

// ofAzure matches the folders for the pipelines of Azure DevOps: their files have any names.
var ofAzure = regexp.MustCompile(`(?:^|/)(?:\.?azure-pipelines|\.azuredevops)(?:/|$)`)

// addDeployed adds a folder that an object of Flux or Argo CD in a file deploys, but for what its generator excludes, if that is not nil. The top of a
// tree says nothing of a folder in it.
func (u *uses) addDeployed(file, name string, plain bool, but *directories) {
	if m := atEnd.FindStringSubmatch(name); m != nil && !strings.Contains(m[1], "*") {
		if start := path.Clean(strings.TrimLeft(m[1], "/")); u.stems[start] == (stem{}) {
			u.stems[start] = stem{file, name}
		}
	}
	name = path.Clean(strings.TrimLeft(strings.ReplaceAll(expression.ReplaceAllString(name, "*"), "**", "*"), "/"))
	switch {
	case strings.HasPrefix(name, ".") || strings.Trim(name, "*/") == "":
	case !strings.Contains(name, "*"):
		u.deployed[name] = u.deployed[name] || plain
		if l := u.names[file]; !slices.Contains(l, name) {
			u.namers[name]++
			if len(l) < maxNames { // else it is never forgotten
				u.names[file] = append(l, name)
			}
		}
	case len(u.patterns) < maxPatterns && !slices.Contains(u.patterns, deployedPattern{name, plain, but}):
		u.patterns = append(u.patterns, deployedPattern{name, plain, but})
	}
}

// forget leaves out what the objects in a file deploy, if nothing else does. recall puts it back.
func (u *uses) forget(file string) (recall func()) {
	left := map[string]bool{}
	for _, name := range u.names[file] {
		if u.namers[name]--; u.namers[name] == 0 {
			left[name] = u.deployed[name]
			delete(u.deployed, name)
		}
	}
	return func() {
		for _, name := range u.names[file] {
			u.namers[name]++
		}
		maps.Copy(u.deployed, left)
	}
}

// near is the key of a name that a document in a folder gives without a path.
func near(dir, base string) string { return dir + "//" + base }

// eachApplied calls add with the last steps of what the commands in a text apply or build. It adds what they take from the web.
func (u *uses) eachApplied(text string, add func(key string)) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		at := applies(line)
		if at == nil {
			continue
		}
		if isTrial(line) {
			continue
		}
		takes := false // the word before takes a file or folder
		for word := range strings.FieldsFuncSeq(line[at[1]:], func(r rune) bool { return r == '=' || isBetweenSteps(r) }) {
			key := lastSteps(word)
			switch {
			case strings.HasPrefix(word, "//"+key): // https://example.com/all.yaml
				u.published[path.Base(key)] = true
			case strings.HasPrefix(word, "//"):
				u.published[key], u.published[word] = true, true
			case takes || strings.Contains(key, "/") || HasManifestName(key):
				add(key)
			}
			switch word {
			case "-f", "-k", "-R", "--filename", "--kustomize", "--path", "build", "kustomize":
				takes = true
			default:
				takes = false
			}
		}
	}
}

// applies is where a line first names a command that applies manifests. It is nil if it does not.
func applies(line string) []int {
	for _, word := range []string{"kubectl", "oc", "kustomize", "kapp", "flux", "argocd"} {
		if strings.Contains(line, word) { // the pattern is slow
			return applying.FindStringIndex(line)
		}
	}
	return nil
}

// readInstalled adds what the commands of Helm in a document install.
func (u *uses) readInstalled(text, dir string) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		at := installing.FindStringIndex(line)
		if at == nil {
			continue
		}
		for word := range strings.FieldsFuncSeq(line[at[1]:], isBetweenSteps) {
			if key := lastSteps(word); strings.Contains(key, "/") {
				addUse(u.installed, key, dir)
			}
		}
	}
}

// isTrial reports a line whose commands apply nothing, and write nothing that another one applies.
func isTrial(line string) bool {
	n := strings.Count(line, "--dry-run")
	return n > 0 && n >= len(applying.FindAllStringIndex(line, n+1)) && !strings.Contains(toNowhere.ReplaceAllString(line, ""), ">")
}

// toNowhere matches where the shell writes what nobody reads.
var toNowhere = regexp.MustCompile(`[12&]?> ?(?:/dev/null|&[12])`)

// lastSteps is the last two parts of a path, or the last one if there is only one.
func lastSteps(name string) string {
	steps := strings.Split(strings.Trim(strings.TrimRight(name, "./"), "/"), "/")
	return strings.TrimPrefix(strings.Join(steps[max(len(steps)-2, 0):], "/"), "./")
}

// addUse adds the folder of a text that names something.
func addUse(to map[string]folders, key, dir string) {
	dir += "/"
	l, known := to[key]
	if !known {
		l = folders{dir, dir}
	}
	to[key] = folders{min(l.first, dir), max(l.last, dir)}
}

// isDeployed reports whether Flux or Argo CD deploys a folder, or one above it: of a folder with a kustomization or a
// chart they deploy no more than that says. So they do where a kustomization is between the two, unless Argo CD applies the files one by one.
func (u *uses) isDeployed(t *tree.Tree, dir string) bool {
	isBetween := false
	for at := dir; at != "."; at = path.Dir(at) {
		ok, plain := u.namesDeployed(at)
		if ok && at == dir {
			return true
		}
		isBuilt := at != dir && isKustomization(t, at)
		if ok && (plain || !isBetween) && !isBuilt && !t.Exists(path.Join(at, "Chart.yaml")) {
			return true
		}
		isBetween = isBetween || isBuilt
	}
	return false
}

// deploysIn reports whether an object of Flux or Argo CD outside of a folder deploys it, one above it or something in it, or a command outside of
// it applies something in it.
func (u *uses) deploysIn(folder string) bool {
	for at := folder; at != "."; at = path.Dir(at) {
		if ok, _ := u.namesDeployed(at); ok {
			return true
		}
	}
	return u.deploysBelow(folder) || appliesIn(u.byDocuments, folder) || appliesIn(u.byPrograms, folder)
}

// deploysBelow reports whether an object of Flux or Argo CD outside of a folder deploys something in it.
func (u *uses) deploysBelow(folder string) bool {
	isBelow := func(name string) bool { return strings.HasPrefix(name, folder+"/") }
	within := map[string]int{} // how many files of the folder name something
	for file, names := range u.names {
		if !isBelow(file) {
			continue
		}
		for _, name := range names {
			within[name]++
		}
	}
	for name := range u.deployed {
		if isBelow(name) && u.namers[name] > within[name] {
			return true
		}
	}
	return slices.ContainsFunc(u.patterns, func(p deployedPattern) bool {
		fixed, _, _ := strings.Cut(p.name, "*")
		return isBelow(fixed)
	})
}

// appliesIn reports whether commands of texts outside of a folder apply it, or something in it.
func appliesIn(l map[string]folders, folder string) bool {
	base := path.Base(folder)
	for key := range l {
		if (key == lastSteps(folder) || strings.HasPrefix(key, base+"/")) && hasUse(l, key, folder) {
			return true
		}
	}
	return false
}

// namesDeployed reports whether an object of Flux or Argo CD names a folder. plain is set if Argo CD applies its files one by
// one, though a kustomization is there.
func (u *uses) namesDeployed(dir string) (ok, plain bool) {
	plain, ok = u.deployed[dir]
	for _, pattern := range u.patterns {
		if is, err := path.Match(pattern.name, dir); is && err == nil && (pattern.but == nil || !pattern.but.leavesOut(dir)) {
			ok, plain = true, plain || pattern.plain
		}
	}
	return ok, plain
}

// isApplied reports whether a document outside of a folder gives a command that applies a file or folder, or one in it a
// command that takes the file from the web. A name alone is that of a file near the document. An empty folder leaves no document
// out.
func (u *uses) isApplied(name, outside string) bool {
	base, key := path.Base(name), lastSteps(name)
	if u.published[base] || u.published[key] || strings.Contains(key, "/") && hasUse(u.byDocuments, key, outside) {
		return true
	}
	for dir := cmp.Or(outside, name); dir != "."; {
		dir = path.Dir(dir)
		if hasUse(u.byDocuments, near(dir, base), outside) {
			return true
		}
	}
	return false
}

// isNamed reports whether a document or program outside of a folder names a file or folder.
func (u *uses) isNamed(name, outside string) bool {
	base, key := path.Base(name), lastSteps(name)
	return u.isApplied(name, outside) || hasUse(u.byPrograms, key, outside) || hasUse(u.byPrograms, base, outside) || hasUse(u.inPrograms, key, outside)
}

// isPathNamed reports whether a document or program gives a file with the folder that it is in. A name alone, such as
// ks.yaml, may be that of many.
func (u *uses) isPathNamed(name string) bool {
	key := lastSteps(name)
	return u.published[key] || hasUse(u.byDocuments, key, "") || hasUse(u.byPrograms, key, "") || hasUse(u.inPrograms, key, "")
}

func hasUse(l map[string]folders, key, outside string) bool {
	of, ok := l[key]
	return ok && (!strings.HasPrefix(of.first, outside+"/") || !strings.HasPrefix(of.last, outside+"/"))
}

func isKustomization(t *tree.Tree, dir string) bool {
	_, ok := kustomize.File(t, dir)
	return ok
}

// isBetweenSteps reports what ends a path in a text.
func isBetweenSteps(r rune) bool { return r != '/' && isBetweenNames(r) }
