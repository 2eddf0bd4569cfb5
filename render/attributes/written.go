package attributes

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/plain"
	"github.com/kubevet/kubevet/render/tree"
)

// Written is the line of a Makefile or a shell script which has a generator write a file, and the one file from which it does,
// as reports call it: of an overlay, its kustomization. bases are the kustomizations that an overlay lists which commands make for
// the file. Each is empty if there is none.
func (f *Files) Written(t *tree.Tree, name string) (at lint.Position, source string, bases []string) {
	w := f.writerOf(t, name)
	return w.Position, w.source, w.bases
}

func (f *Files) writerOf(t *tree.Tree, name string) writer {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.downloadsOf(t)
	if w, ok := d.written[name]; ok {
		return w
	}
	if w, ok := d.targets[name]; ok || len(d.multi)+len(d.filled) == 0 {
		return w
	}
	for dir := range discover.Above(name) {
		if of, ok := d.filled[dir]; ok && of.source != "" {
			return writer{Position: of.Position, source: of.source, isOfChart: true}
		}
		if w, ok := d.multi[dir]; ok && plain.IsWrittenByProgram(discover.File{Tree: t, Name: name}) {
			return w
		}
	}
	return writer{}
}

// writer is a line that writes a file, and what it writes the file from, if that is one file or overlay.
type writer struct {
	lint.Position
	source string
	// overlay is the folder of the overlay that it builds. It is empty if it builds none.
	overlay string
	// chart is the folder of the chart that it renders, whole and with its own values. It is empty if it renders none.
	chart string
	// isOfChart is set if the source is a chart or a template of one.
	isOfChart bool
	// bases are the kustomizations, as reports call them, that the overlay lists which it builds, if commands make that.
	bases []string
}

// from notes what commands make a file from.
func (w *writer) from(s *instructions, commands string) {
	w.overlay, w.source = s.overlayOf(commands)
	if w.source != "" {
		return
	}
	if w.bases = s.basesOf(commands); len(w.bases) > 0 {
		return
	}
	chart, source, isWhole := s.chartOf(commands)
	if w.source, w.isOfChart = source, source != ""; isWhole {
		w.chart = chart
	}
}

var (
	// generates matches the commands that write manifests from something else.
	generates = regexp.MustCompile(`\b(?:jsonnet|helm[\w.-]* template|kustomize build|kubectl kustomize|cue export|skaffold render|cdk8s synth|tk (?:export|show)|kubecfg show|controller-gen|gojsontoyaml|yq|ytt|dhall-to-yaml|` +
		`gomplate|envsubst|istioctl manifest generate|kompose convert)\b|\$[({](?:HELM[)}]["']? template\b|(?:JSONNET|KUSTOMIZE|CONTROLLER_GEN|YQ|YTT|GOJSONTOYAML(?:_BINARY)?|JSONNET_BINARY)[)}])`)
	// editsInPlace matches the commands that change a file which is edited by hand as well, or that make what is to be edited.
	editsInPlace = regexp.MustCompile(`\b(?:sed|yq|perl|jq)\b[^|]* (?:-[a-z]*i\b|-i|--in-?place)|\bkustomize edit\b|\btouch\b|\bcp\b`)
	// rule matches the line of a Makefile that begins a rule: its targets, and what follows.
	rule = regexp.MustCompile(`^((?:\$[({]\w+[)}]/)?[^\s#:=$][^:=#]*):([^=:].*)?$`)
	// setsVariable matches what follows the targets if a variable is set for them, and runsProgram what runs a program of the
	// repository, in the recipe of a rule.
	setsVariable = regexp.MustCompile(`^\s*(?:export\s+|override\s+)?[\w.-]+\s*[:?+]*=`)
	runsProgram  = regexp.MustCompile(`(?m)^[@+-]*\s*(?:\./|bash |sh |python3? )?[\w./-]+\.(?:sh|py)\b|\bgo run\b|(?:>|-o|--output)[ =]*["']?\$[@({]?@`)
)

// isShell reports whether a text is for the shell, or has commands for it.
func isShell(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".mdx", ".rst", ".adoc", ".txt", ".py", ".tf", ".ps1", ".bats":
		return false
	}
	return true
}

func isMakefile(name string) bool {
	return strings.Contains(strings.ToLower(path.Base(name)), "makefile") || path.Ext(name) == ".mk"
}

// write takes a command that may write a manifest.
func (s *instructions) write(text string, line int) {
	if !s.isShell || !generates.MatchString(text) || editsInPlace.MatchString(text) {
		return
	}
	words := strings.Fields(apart.Replace(text))
	s.writeMulti(words, line)
	s.export(words, line)
	w, isRead := writer{Position: lint.Position{File: s.tree.Display(s.name), Line: line}}, false
	for i, word := range words {
		if i == 0 || !discover.HasManifestName(word) || !slices.Contains([]string{">", "-o", "--output"}, words[i-1]) {
			continue
		}
		name, ok := s.find(word)
		known, isKnown := s.written[name]
		if isKnown && known.isOfChart { // from something else as well
			s.written[name] = writer{Position: known.Position}
		}
		if !ok || isKnown || isValues(name) {
			continue
		}
		if !isRead {
			w.from(s, text)
			isRead = true
		}
		of := w
		if of.source == "" && len(of.bases) == 0 {
			of.source = s.sourceOf(words, name)
		}
		s.written[name] = of
	}
}

// runsJsonnet matches the word that runs jsonnet.
var runsJsonnet = regexp.MustCompile(`^[@-]?(?:[\w./-]*/)?jsonnet$|^[@-]?\$[({](?:JSONNET|JSONNET_BINARY)[)}]$`)

// writeMulti takes the words of a command that has jsonnet write a file for each object of its source into a folder. Other files may be
// there, too: these are not as a program writes them.
func (s *instructions) writeMulti(words []string, line int) {
	at := slices.IndexFunc(words, func(w string) bool { return w == "-m" || w == "--multi" })
	if at < 1 || at+1 == len(words) || !slices.ContainsFunc(words[:at], runsJsonnet.MatchString) {
		return
	}
	dir, ok := s.find(strings.TrimSuffix(words[at+1], "/"))
	if _, isKnown := s.multi[dir]; !ok || isKnown || dir == "." {
		return
	}
	if source := s.sourceOf(words, dir); path.Ext(source) == ".jsonnet" {
		s.multi[dir] = writer{Position: lint.Position{File: s.tree.Display(s.name), Line: line}, source: source}
	}
}

// export takes the words of a command that has Tanka write a file for each object of an environment into a folder: tk export FOLDER ENVIRONMENT.
func (s *instructions) export(words []string, line int) {
	if len(words) < 4 || words[0] != "tk" || words[1] != "export" {
		return
	}
	var folders []string
	for _, w := range words[2:] {
		if name, ok := s.find(strings.TrimSuffix(w, "/")); ok && !strings.HasPrefix(w, "-") && !isFile(s.tree, name) {
			folders = append(folders, name)
		}
	}
	if len(folders) != 2 || folders[0] == "." {
		return
	}
	source := path.Join(folders[1], "main.jsonnet")
	if _, isKnown := s.multi[folders[0]]; !isKnown && isFile(s.tree, source) {
		s.multi[folders[0]] = writer{Position: lint.Position{File: s.tree.Display(s.name), Line: line}, source: s.tree.Display(source)}
	}
}

func isValues(name string) bool { return strings.HasPrefix(path.Base(name), "values") }

// sourceOf is the only file or folder of the tree that the words of a command name, but for a file that it writes: empty if
// there are several, or if it is a folder.
func (s *instructions) sourceOf(words []string, output string) (source string) {
	n := 0
	for i, word := range words {
		isCommand := i == 0 || words[i-1] == "|"
		if isCommand && !strings.Contains(word, "/") || strings.HasPrefix(word, "-") || !isCommand && (words[i-1] == "-J" || words[i-1] == "--jpath") {
			continue
		}
		name, ok := s.find(word)
		if !ok || name == output || name == "." {
			continue
		}
		n++
		if isFile(s.tree, name) {
			source = s.tree.Display(name)
		}
	}
	if n != 1 {
		return ""
	}
	return source
}

// compared is a command of git that fails unless what is at a path is the same as what is committed: it checks what a generator made anew.
type compared struct {
	lint.Position
	// pattern is for the first parts of the names of files.
	pattern []string
}

// mayCompare matches a text that may have such a command.
var mayCompare = regexp.MustCompile(`\bgit\b[^\n]* diff\b[^\n]* --(?:exit-code|quiet)\b`)

// Compared is the line of a Makefile or a shell script which checks with git diff that a file, or its folder, is as it is committed. The file is
// generated if it is also as a program writes it: others in the folder may be edited by hand. It is empty if there is none.
func (f *Files) Compared(t *tree.Tree, name string) lint.Position {
	f.mu.Lock()
	l := f.downloadsOf(t).compared
	f.mu.Unlock()
	parts := strings.Split(name, "/")
	i := slices.IndexFunc(l, func(c compared) bool {
		return len(c.pattern) <= len(parts) && matches(c.pattern, parts[:len(c.pattern)])
	})
	if i < 0 || !plain.IsWrittenByProgram(discover.File{Tree: t, Name: name}) {
		return lint.Position{}
	}
	return l[i].Position
}

// compare takes the words of git diff. What it compares with another commit, or with what is staged, is not what a command has just written.
func (c *copies) compare(words []string, line int) {
	var paths []string
	fails, isPath := false, false
	for _, w := range words[2:] {
		switch {
		case w == "--" && len(paths) > 0: // commits are before it
			return
		case w == "--":
			isPath = true
		case isPath || !strings.HasPrefix(w, "-"):
			paths = append(paths, w)
		case w == "--exit-code", w == "--quiet":
			fails = true
		case w == "--cached", w == "--staged", w == "--no-index":
			return
		}
	}
	if !fails {
		return
	}
	var l []compared
	for _, w := range paths {
		place := c.resolve(strings.ReplaceAll(w, "$*", "*")) // of a pattern rule
		if !isPath && !c.tree.Exists(withoutPattern(place)) {
			return // a commit
		}
		if isKnown(place) && strings.Trim(place, "*./") != "" && !strings.HasPrefix(w, ":") {
			l = append(l, compared{lint.Position{File: c.tree.Display(c.name), Line: line}, strings.Split(path.Clean(place), "/")})
		}
	}
	if len(c.compared)+len(l) <= maxTransfers {
		c.compared = append(c.compared, l...)
	}
}
