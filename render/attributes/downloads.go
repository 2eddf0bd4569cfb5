package attributes

import (
	"bytes"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// Download is the line of a README, a Makefile or a shell script which downloads a file with curl or wget: what is edited
// in the file is lost when the line is run again. It is empty if none does.
func (f *Files) Download(t *tree.Tree, name string) lint.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.downloadsOf(t)
	if at, ok := d.files[name]; ok {
		return at
	}
	if at, ok := d.published[path.Base(name)]; ok {
		if text, err := t.ReadFile(name); err == nil && len(text) >= minPublished {
			return at
		}
	}
	if at, ok := d.split[path.Dir(name)]; ok && isNamedAfter(t, name) {
		return at
	}
	return lint.Position{}
}

// downloadsOf reads the texts of a tree, once. The lock is held.
func (f *Files) downloadsOf(t *tree.Tree) *downloads {
	d := f.downloads[t]
	if d == nil {
		d = downloadsOf(t)
		if f.downloads == nil {
			f.downloads = map[*tree.Tree]*downloads{}
		}
		f.downloads[t] = d
	}
	return d
}

// downloads are the lines which download the files of a tree.
type downloads struct {
	tree  *tree.Tree
	files map[string]lint.Position
	// split are the folders in which yq writes each object of a download to a file with the object's name.
	split map[string]lint.Position
	// published are the names of files which texts say were downloaded or copied from releases and repositories of other projects.
	published map[string]lint.Position
	// written are what generators write, and targets what the rules of Makefiles make.
	written, targets map[string]writer
	// multi is what has jsonnet or Tanka write several files into folders, by the folders.
	multi map[string]writer
	// madeBy are the charts and overlays of which scripts write what they make, by the scripts that were asked for.
	madeBy map[string][]string
	// rendered are the manifests that programs name which render charts.
	rendered map[string]renderer
	// onlyCharts are the charts that are the only one in a folder, by the folders that were asked for: empty for others.
	onlyCharts map[string]string
	// copied are the commands that copy files into folders which they empty, by the folders.
	copied map[string][]fill
	// filled are the lines that have generators write into folders which are emptied before, by the folders.
	filled map[string]filler
	// compared is what commands check with git diff.
	compared []compared
	// marked is what controller-gen makes, by the files and the folders, and markers where Go says from what: nil until it is asked for.
	marked  map[string]marked
	roles   map[string]marked // by the names of the roles
	markers markers
	// markedGo are the files with markers for roles, likewise.
	markedGo []string
	// bases are the names of all files, without their folders. It is nil until one is asked for.
	bases map[string]bool
	// places are all files and folders, by their names. It is nil until one is asked for.
	places map[string][]string
	// pulled are the lines that have Helm pull charts, by the folders of these.
	pulled map[string]lint.Position
	module string // the first line of go.mod
}

const (
	// maxText is how long a text may be that is read, in bytes.
	maxText = 1 << 20
	// minPublished is how long a file must be to be that of a release, in bytes. Shorter ones of the name may be what installs it.
	minPublished = 1 << 10
)

func downloadsOf(t *tree.Tree) *downloads {
	d := &downloads{
		tree: t, files: map[string]lint.Position{}, split: map[string]lint.Position{}, published: map[string]lint.Position{},
		written: map[string]writer{}, targets: map[string]writer{}, multi: map[string]writer{}, rendered: map[string]renderer{}, copied: map[string][]fill{},
		filled: map[string]filler{}, marked: map[string]marked{}, roles: map[string]marked{}, onlyCharts: map[string]string{}, madeBy: map[string][]string{},
		pulled: map[string]lint.Position{},
	}
	d.module = moduleOf(t)
	var scripts, programs []string
	named := discover.Instructions(t)
	for i, name := range slices.Concat(named, plainNames(t, named)) {
		text, err := t.ReadFile(name)
		if err != nil || len(text) > maxText || i >= len(named) && !startsShell.Match(text) {
			continue
		}
		s := instructions{downloads: d, name: name, fetched: map[string]bool{}, isShell: isShell(name)}
		if mayDownload(text) || s.isShell && generates.Match(text) {
			s.read(string(text))
		}
		if isMakefile(name) {
			s.rules(string(text))
		}
		s.rendersFiles(string(text))
		d.pulls(name, string(text))
		d.copiesIn(name, text)
		if !isShell(name) || discover.HasManifestName(name) {
			continue
		}
		programs = append(programs, name)
		if runsControllerGen.Match(text) && d.controllerGen(name, text, nil) {
			scripts = append(scripts, name)
		}
	}
	d.withArguments(scripts, programs)
	return d
}

// plainNames are the other files of a tree whose names have no ending: some are scripts for a shell, as their first lines say.
func plainNames(t *tree.Tree, others []string) (names []string) {
	known := map[string]bool{}
	for _, name := range others {
		known[name] = true
	}
	for _, name := range discover.FilesEnding(t, "") {
		if strings.Contains(path.Base(name), ".") || known[name] {
			continue
		}
		if info, err := t.Stat(name); err == nil && info.Size() <= maxText {
			names = append(names, name)
		}
	}
	return names
}

// startsShell matches the first line of a script for a shell.
var startsShell = regexp.MustCompile(`^#![^\n]*\b(?:ba|da|z|k)?sh\b`)

// mayDownload looks for what the lines that are looked for have: patterns are slow.
func mayDownload(text []byte) bool {
	return bytes.Contains(text, []byte("://")) && (bytes.Contains(text, []byte("curl")) || bytes.Contains(text, []byte("wget")) || published.Match(text))
}

// isNamedAfter reports whether yq gave a file the name of its object: NAME.yml.
func isNamedAfter(t *tree.Tree, name string) bool {
	object, isYAML := strings.CutSuffix(path.Base(name), ".yml")
	text, err := t.ReadFile(name)
	if err != nil || !isYAML {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "  name:"); ok && strings.Trim(rest, " \"'\r\n") == object {
			return true
		}
	}
	return false
}

var (
	// fetches matches a command that downloads.
	fetches = regexp.MustCompile(`\b(?:curl|wget)\b`)
	// writesTo matches the options of curl and wget before the name of a file, and keepsName those of curl that take the
	// name from the address. The option -O is either.
	writesTo  = regexp.MustCompile(`^(?:-[A-Za-z]*[oO]|--output(?:-document)?|>|tee)$`)
	keepsName = regexp.MustCompile(`^(?:-[A-Za-z]*O|--remote-name)$`)
	// splits matches the option of yq that writes each object to a file.
	splits = regexp.MustCompile(`\byq\b.*(?:-s|--split-exp)[ =]["']?\.metadata\.name\b`)
)

// between ends the line of a command that another one follows. A pipe is a part of one.
var between = strings.NewReplacer("&&", "\n", "||", "\n", ";", "\n")

// apart sets the names of files apart from the rest of a command.
var apart = strings.NewReplacer(">>", " > ", ">", " > ", "--output=", "-o ", `"`, "", "'", "")

// instructions is a text with commands for the shell.
type instructions struct {
	*downloads
	name    string
	isShell bool
	// dir is where the last cd leads to. It is empty if there was none, or if that is not known.
	dir string
	// fetched are the names by which commands call what was downloaded so far.
	fetched map[string]bool
	// offer is the line which says where a file can be downloaded, and isOffered is set if the text goes on that it is in this
	// repository as well.
	offer     lint.Position
	isOffered bool
	// made are the overlays that the commands make.
	made overlaysMade
}

// read takes the commands of a text. Those of a README are in blocks of code.
func (s *instructions) read(text string) {
	isReadme, isMakefile := path.Ext(strings.ToLower(s.name)) == ".md", isMakefile(s.name)
	isCode := !isReadme
	if isMakefile {
		s.made.readDefined(text)
	}
	var command strings.Builder
	at, n := 0, 0
	for line := range strings.Lines(text) {
		n++
		if isMakefile && rule.MatchString(strings.TrimRight(line, "\r\n")) {
			s.made.endRule()
		}
		line = strings.TrimSpace(line)
		if command.Len() == 0 {
			at = n
		}
		rest, goesOn := strings.CutSuffix(line, `\`)
		command.WriteString(rest)
		command.WriteString(" ")
		if goesOn {
			continue
		}
		switch {
		case isReadme && strings.HasPrefix(line, "```"):
			isCode = !isCode
		case !isCode:
			s.sentence(command.String(), at)
		case isCode && !strings.HasPrefix(command.String(), "#"):
			s.mention(command.String(), at)
			for one := range strings.SplitSeq(between.Replace(command.String()), "\n") {
				one = strings.TrimPrefix(strings.TrimLeft(one, "@-+ "), "$ ")
				s.command(one, at)
				s.makeOverlay(one)
				s.write(one, at)
			}
		}
		command.Reset()
		if isMakefile { // each line has a shell of its own
			s.dir = ""
			s.made.endLine()
		}
	}
	s.made.endRule()
}

var (
	// published matches the address of a file with manifests in a release or a repository: of whose, and its name.
	published = regexp.MustCompile(`https://(?:github\.com/([\w.-]+/[\w.-]+)/(?:releases/download|raw)|raw\.githubusercontent\.com/([\w.-]+/[\w.-]+))/[\w./{}$()+%-]*?([\w.-]+\.ya?ml)\b`)
	anyURL    = regexp.MustCompile(`https?://[^\s)>\]"']+`)
	// saysTaken matches the words of those who have a copy of a file.
	saysTaken = regexp.MustCompile(`\b(?:download(?:s|ed|ing)?|cop(?:y|ied|ies)|vendored|fetch(?:ed)?|taken from)\b`)
	// inThisRepository matches what is said of a file that is here, too.
	inThisRepository = regexp.MustCompile(`\b(?:provided|included|bundled|shipped|copy|copied|one|found|available) (?:\w+ )?in (?:this|our|the) repo(?:sitory)?\b`)
)

// mention notes the file of another project that a line says is downloaded or copied. What a command applies from the web may be nowhere
// else.
func (s *instructions) mention(line string, at int) {
	if !strings.Contains(line, "https://") {
		return
	}
	m := published.FindStringSubmatch(line)
	if m == nil || s.isOwn(m[1]+m[2]) || applies.MatchString(line) || !saysTaken.MatchString(strings.ToLower(anyURL.ReplaceAllString(line, ""))) {
		return
	}
	s.offer, s.isOffered = lint.Position{File: s.tree.Display(s.name), Line: at}, false
	if isTelling(m[3]) {
		if _, known := s.published[m[3]]; !known {
			s.published[m[3]] = s.offer
		}
	}
}

var applies = regexp.MustCompile(`\b(?:kubectl|oc|kustomize|helm|flux)\b`)

// sentence takes a line of a document that is no code.
func (s *instructions) sentence(line string, at int) {
	switch {
	case strings.HasPrefix(line, "#"):
		s.offer, s.isOffered = lint.Position{}, false
	case s.offer.File != "" && inThisRepository.MatchString(strings.ToLower(line)):
		s.isOffered = true
	default:
		s.mention(line, at)
	}
}

// offered takes the words of a command that applies what the text has offered in place of a download.
func (s *instructions) offered(words []string) {
	if i := slices.Index(words, "-f"); s.isOffered && i >= 0 && i+1 < len(words) && discover.HasManifestName(words[i+1]) {
		if name, ok := s.find(words[i+1]); ok {
			s.files[name] = s.offer
		}
		s.offer, s.isOffered = lint.Position{}, false
	}
}

func (s *instructions) isOwn(repository string) bool { return isOwn(s.tree, s.module, repository) }

// IsOwn reports whether a repository is that of a tree, as go.mod and the folder call it.
func IsOwn(t *tree.Tree, repository string) bool { return isOwn(t, moduleOf(t), repository) }

// isOwn reports whether a repository is that of a tree, as go.mod, of which module is the first line, and the folder call it.
func isOwn(t *tree.Tree, module, repository string) bool {
	return strings.Contains(module+"/", "github.com/"+repository+"/") || strings.EqualFold(path.Base(repository), filepath.Base(t.Dir()))
}

// moduleOf is the first line of the go.mod of a tree. It is empty if there is none.
func moduleOf(t *tree.Tree) string {
	text, _ := t.ReadFile("go.mod")
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// isTelling reports whether the name of a file says what it is: it has several words, and not only those of any project.
func isTelling(base string) bool {
	words := strings.FieldsFunc(strings.TrimSuffix(base, path.Ext(base)), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return len(words) > 1 && slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(common, strings.ToLower(word)) })
}

// common are the words in names of files that many projects have.
var common = []string{
	"all", "app", "base", "bundle", "chart", "cluster", "cm", "components", "config", "configmap", "controller", "crd", "crds", "cr", "default", "demo", "deploy",
	"deployment", "dev", "example", "examples", "full", "helm", "in", "ingress", "install", "job", "k8s", "kind", "kubernetes", "kustomization", "latest",
	"manifest", "manifests", "minimal", "namespace", "operator", "pod", "prod", "quickstart", "rbac", "release", "role", "sample", "secret", "server",
	"service", "simple", "stable", "statefulset", "svc", "test", "values", "web",
}

// command takes a command, with those to which it pipes what it writes.
func (s *instructions) command(text string, line int) {
	if len(s.fetched) == 0 && !s.isOffered && !strings.Contains(text, "://") && !strings.HasPrefix(text, "cd") {
		return
	}
	words := strings.Fields(apart.Replace(text))
	if len(words) > 1 && words[0] == "cd" {
		s.dir, _ = s.find(words[1])
		return
	}
	s.offered(words)
	address, outputs := written(words)
	isFetch := address != "" && fetches.MatchString(text)
	if !isFetch && (len(words) == 0 || !slices.ContainsFunc(words[1:], func(word string) bool { return s.fetched[word] })) { // the first is a program
		return
	}
	at := lint.Position{File: s.tree.Display(s.name), Line: line}
	if dir, ok := s.find("."); ok && splits.MatchString(text) {
		s.split[dir] = at
	}
	if len(outputs) == 0 && s.dir != "" && slices.ContainsFunc(words, keepsName.MatchString) { // else it may be for those who read the text
		outputs = append(outputs, path.Base(address))
	}
	for _, output := range outputs {
		s.fetched[output] = true
		if name, ok := s.find(output); ok && !strings.HasPrefix(path.Base(name), "values") && !strings.HasSuffix(address, "/"+name) {
			s.files[name] = at
		}
	}
}

// written is the address that the words of a command have, and the files that it writes.
func written(words []string) (address string, outputs []string) {
	for i, word := range words {
		switch {
		case strings.Contains(word, "://"):
			address = word
		case i > 0 && writesTo.MatchString(words[i-1]) && !strings.HasPrefix(word, "-"):
			outputs = append(outputs, word)
		}
	}
	return address, outputs
}

// find is the name in the tree of what a command names from the folder in which it runs: that of the last cd, that of the
// text, or the top. ok is false if there is none.
func (s *instructions) find(name string) (_ string, ok bool) {
	if strings.ContainsAny(name, "$~*") || path.IsAbs(name) {
		return "", false
	}
	for _, dir := range []string{s.dir, path.Dir(s.name), "."} {
		if at := path.Join(dir, name); dir != "" && at != ".." && !strings.HasPrefix(at, "../") && s.tree.Exists(at) {
			return at, true
		}
	}
	return "", false
}
