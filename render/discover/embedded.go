package discover

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/tree"
)

// embeds knows the folders that Go programs embed, and which files of these the programs name. It reads each once. The zero
// value is ready.
type embeds struct {
	folders map[ID][]*embedded // by the folder of the Go files
	modules map[ID]*goTexts
}

// embedded is a folder that a Go program embeds as a whole.
type embedded struct {
	name string // in the tree
	// variable is what holds it, and isWhole is set if the package may read all that is there.
	variable string
	isWhole  bool
}

// goTexts is what the Go files of a module have, but for its tests.
type goTexts struct {
	// isKnown is set if all were read.
	isKnown bool
	// words are the names of files, and folders those of the folders before them.
	words, folders map[string]bool
	// using are the folders of the Go files that have a word which begins in upper case and is a variable of a package.
	using map[string]folders
}

const (
	// maxModule is how much text of a module is read, in bytes.
	maxModule = 16 << 20
	// maxEmbedded is how many folders are known that the Go files in a folder embed.
	maxEmbedded = 20
)

var (
	// embedding matches where a folder is embedded, with the variable that holds it.
	embedding = regexp.MustCompile(`(?m)^//go:embed[ \t]+(\S+)[ \t]*\n(?:[ \t]*//[^\n]*\n)*(?:[ \t]*var[ \t]+)?[ \t]*(\w+)[ \t]+embed\.FS\b`)
	// readsMany matches what reads files of a folder without their names, or makes up the names.
	readsMany = regexp.MustCompile(`\b(?:ReadDir|WalkDir|Walk|Glob|ParseFS|Sub|FS|FileServer)\(|%s\.ya?ml"|"\.ya?ml"`)
)

// unread is the folder of the Go program that embeds the folder of a manifest, names other files there, and not this one. It is
// empty if there is none.
func (e *embeds) unread(m File) string {
	for dir := range Above(m.Name) {
		of := path.Dir(dir)
		for _, folder := range e.in(m.Tree, of) {
			if folder.name == dir && e.isUnread(m, folder, of) {
				return of
			}
		}
	}
	return ""
}

func (e *embeds) isUnread(m File, folder *embedded, of string) bool {
	if folder.isWhole {
		return false
	}
	module := e.moduleOf(m.Tree, of)
	if !module.isKnown || module.words[path.Base(m.Name)] {
		return false
	}
	if by, ok := module.using[folder.variable]; ok && (by.first != of+"/" || by.last != of+"/") {
		return false // another package reads it
	}
	return module.folders[path.Base(folder.name)]
}

// in lists the folders that the Go files in a folder embed.
func (e *embeds) in(t *tree.Tree, dir string) (l []*embedded) {
	id := ID{t.Dir(), dir}
	if known, ok := e.folders[id]; ok {
		return known
	}
	var texts []string
	entries, _ := t.ReadDir(dir) // the walk reports what it cannot list
	for _, entry := range entries {
		text := programText(t, dir, entry)
		texts = append(texts, text)
		if !strings.Contains(text, "//go:embed") {
			continue
		}
		for _, m := range embedding.FindAllStringSubmatch(text, -1) {
			if name := path.Join(dir, m[1]); !strings.Contains(m[1], "*") && len(l) < maxEmbedded && t.Exists(name) {
				l = append(l, &embedded{name: name, variable: m[2]})
			}
		}
	}
	isWhole := slices.ContainsFunc(texts, readsMany.MatchString) // without the names of files
	for _, folder := range l {
		folder.isWhole = isWhole
		base := path.Base(folder.name)
		isHandedOn := regexp.MustCompile(`[(,=&{:]\s*` + folder.variable + `\s*[,)}\n]`)
		for _, text := range texts {
			folder.isWhole = folder.isWhole || strings.Contains(text, base+`/"`) || strings.Contains(text, base+"/%") || isHandedOn.MatchString(text)
		}
	}
	if e.folders == nil {
		e.folders = map[ID][]*embedded{}
	}
	e.folders[id] = l
	return l
}

// embeddingLine matches where files are embedded, with their names.
var embeddingLine = regexp.MustCompile(`(?m)^[ \t]*//go:embed[ \t]+(.+)$`)

// Embedders knows which Go programs embed files. It reads each folder once. The zero value is ready.
type Embedders struct{ lines map[ID][]embeddingOf }

// embeddingOf is what a Go file embeds, as it names that from its folder.
type embeddingOf struct {
	by    File
	names []string
}

// Of is the Go file that embeds a file, as reports call it. It is empty if there is none.
func (e *Embedders) Of(m File) string {
	for dir := range Above(m.Name) {
		if by := e.by(m, dir, strings.TrimPrefix(m.Name, dir+"/")); by != "" {
			return by
		}
	}
	return e.by(m, ".", m.Name)
}

// Named reports whether a Go program embeds a file by its own name, and not by that of its folder or a pattern.
func (e *Embedders) Named(m File) bool {
	isNamed := func(dir, name string) bool {
		return slices.ContainsFunc(e.in(m.Tree, dir), func(of embeddingOf) bool {
			return slices.ContainsFunc(of.names, func(n string) bool { return strings.Trim(n, "\"`") == name })
		})
	}
	for dir := range Above(m.Name) {
		if isNamed(dir, strings.TrimPrefix(m.Name, dir+"/")) {
			return true
		}
	}
	return isNamed(".", m.Name)
}

// by is the Go file of a folder that embeds a file, which has some name from there.
func (e *Embedders) by(m File, dir, name string) string {
	for _, of := range e.in(m.Tree, dir) {
		if slices.ContainsFunc(of.names, func(pattern string) bool { return embedsFile(pattern, name) }) {
			return of.by.Display()
		}
	}
	return ""
}

// embedsFile reports whether a pattern of go:embed is for a file, or for a folder that it is in.
func embedsFile(pattern, name string) bool {
	pattern = strings.TrimPrefix(strings.Trim(pattern, "\"`"), "all:")
	parts := strings.Split(name, "/")
	n := strings.Count(pattern, "/") + 1
	if n > len(parts) {
		return false
	}
	ok, err := path.Match(pattern, strings.Join(parts[:n], "/"))
	return ok && err == nil
}

func (e *Embedders) in(t *tree.Tree, dir string) (l []embeddingOf) {
	id := ID{t.Dir(), dir}
	if known, ok := e.lines[id]; ok {
		return known
	}
	entries, _ := t.ReadDir(dir) // the walk reports what it cannot list
	for _, entry := range entries {
		text := programText(t, dir, entry)
		if !strings.Contains(text, "//go:embed") {
			continue
		}
		of := embeddingOf{by: File{Tree: t, Name: path.Join(dir, entry.Name())}}
		for _, m := range embeddingLine.FindAllStringSubmatch(text, maxEmbedded) {
			of.names = append(of.names, strings.Fields(m[1])...)
		}
		l = append(l, of)
	}
	if e.lines == nil {
		e.lines = map[ID][]embeddingOf{}
	}
	e.lines[id] = l
	return l
}

// programText is the text of a Go file that is no test. It is empty for others.
func programText(t *tree.Tree, dir string, e fs.DirEntry) string {
	if !e.Type().IsRegular() || !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
		return ""
	}
	return (&goFiles{dir: dir}).text(t, e.Name())
}

// moduleOf is what the Go files of a module have, with the folder that is in it.
func (e *embeds) moduleOf(t *tree.Tree, dir string) *goTexts {
	for dir != "." && !t.Exists(path.Join(dir, "go.mod")) {
		dir = path.Dir(dir)
	}
	id := ID{t.Dir(), dir}
	m := e.modules[id]
	if m != nil {
		return m
	}
	if e.modules == nil {
		e.modules = map[ID]*goTexts{}
	}
	m = &goTexts{words: map[string]bool{}, folders: map[string]bool{}, using: map[string]folders{}}
	e.modules[id] = m
	left := maxModule
	eachDir(t, func(at string, entries []fs.DirEntry) func(string) bool {
		for _, entry := range entries {
			if left < 0 || dir != "." && at != dir && !strings.HasPrefix(at, dir+"/") {
				return nil
			}
			text := programText(t, at, entry)
			left -= len(text)
			m.add(text, at)
		}
		return nil
	})
	m.isKnown = left >= 0
	return m
}

func (m *goTexts) add(text, dir string) {
	for token := range strings.FieldsFuncSeq(text, isBetweenSteps) {
		key := lastSteps(token)
		if HasManifestName(key) {
			m.words[path.Base(key)] = true
			m.folders[path.Dir(key)] = true
		}
		for word := range strings.SplitSeq(token, ".") {
			if word != "" && word[0] >= 'A' && word[0] <= 'Z' {
				addUse(m.using, word, dir)
			}
		}
	}
}

// Agents knows which files the pipelines of Jenkins read as pod templates of their agents. It reads the pipelines of a tree once. The zero value is
// ready.
type Agents struct{ templates map[string]map[string]bool }

var (
	// makesAgent matches what runs an agent of a pipeline in a pod.
	makesAgent = regexp.MustCompile(`\b(?:kubernetes|podTemplate)\b`)
	// readsTemplate matches where a pipeline reads a file: one of the workspace, or the resource of a library.
	readsTemplate = regexp.MustCompile(`\b(readFile|readTrusted|yamlFile|libraryResource)\b[\s(]*(?:file\s*:\s*)?["']([^"'$\n]+\.ya?ml)["']`)
)

// Read reports whether a pipeline that runs agents in pods reads a file, which it names from the top of the tree.
func (a *Agents) Read(m File) bool {
	dir := m.Tree.Dir()
	known, ok := a.templates[dir]
	if !ok {
		known = agentTemplates(m.Tree)
		if a.templates == nil {
			a.templates = map[string]map[string]bool{}
		}
		a.templates[dir] = known
	}
	return known[m.Name]
}

// agentTemplates are the files that the pipelines of a tree read.
func agentTemplates(t *tree.Tree) map[string]bool {
	l := map[string]bool{}
	for _, name := range FilesEnding(t, "Jenkinsfile", ".jenkinsfile", ".groovy") {
		text, err := t.ReadFile(name)
		if err != nil || len(text) > maxGoFile || !makesAgent.Match(text) {
			continue
		}
		for _, m := range readsTemplate.FindAllStringSubmatch(string(text), maxNames) {
			template := path.Clean(strings.TrimPrefix(m[2], "/"))
			if m[1] == "libraryResource" {
				template = path.Join("resources", template)
			}
			l[template] = true
		}
	}
	return l
}
