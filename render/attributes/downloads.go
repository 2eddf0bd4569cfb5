package attributes

import (
	"path"
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
	d := f.downloads[t]
	if d == nil {
		d = downloadsOf(t)
		if f.downloads == nil {
			f.downloads = map[*tree.Tree]*downloads{}
		}
		f.downloads[t] = d
	}
	if at, ok := d.files[name]; ok {
		return at
	}
	if at, ok := d.split[path.Dir(name)]; ok && isNamedAfter(t, name) {
		return at
	}
	return lint.Position{}
}

// downloads are the lines which download the files of a tree.
type downloads struct {
	tree  *tree.Tree
	files map[string]lint.Position
	// split are the folders in which yq writes each object of a download to a file with the object's name.
	split map[string]lint.Position
}

func downloadsOf(t *tree.Tree) *downloads {
	d := &downloads{t, map[string]lint.Position{}, map[string]lint.Position{}}
	for _, name := range discover.Instructions(t) {
		if text, err := t.ReadFile(name); err == nil && fetches.Match(text) {
			s := instructions{downloads: d, name: name, fetched: map[string]bool{}}
			s.read(string(text))
		}
	}
	return d
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
	// between matches what is between commands. A pipe is a part of one.
	between = regexp.MustCompile(`&&|\|\||;`)
	// writesTo matches the options of curl and wget before the name of a file, and keepsName those of curl that take the
	// name from the address. The option -O is either.
	writesTo  = regexp.MustCompile(`^(?:-[A-Za-z]*[oO]|--output(?:-document)?|>|tee)$`)
	keepsName = regexp.MustCompile(`^(?:-[A-Za-z]*O|--remote-name)$`)
	// splits matches the option of yq that writes each object to a file.
	splits = regexp.MustCompile(`\byq\b.*(?:-s|--split-exp)[ =]["']?\.metadata\.name\b`)
)

// instructions is a text with commands for the shell.
type instructions struct {
	*downloads
	name string
	// dir is where the last cd leads to. It is empty if there was none, or if that is not known.
	dir string
	// fetched are the names by which commands call what was downloaded so far.
	fetched map[string]bool
}

// read takes the commands of a text. Those of a README are in blocks of code.
func (s *instructions) read(text string) {
	isReadme, isMakefile := path.Ext(strings.ToLower(s.name)) == ".md", strings.Contains(strings.ToLower(path.Base(s.name)), "makefile")
	isCode := !isReadme
	var command strings.Builder
	at, n := 0, 0
	for line := range strings.Lines(text) {
		n++
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
		case isCode && !strings.HasPrefix(command.String(), "#"):
			for _, one := range between.Split(command.String(), -1) {
				s.command(strings.TrimLeft(one, "@-+$ "), at)
			}
		}
		command.Reset()
		if isMakefile { // each line has a shell of its own
			s.dir = ""
		}
	}
}

// command takes a command, with those to which it pipes what it writes.
func (s *instructions) command(text string, line int) {
	words := strings.Fields(strings.NewReplacer(">>", " > ", ">", " > ", "--output=", "-o ", `"`, "", "'", "").Replace(text))
	if len(words) > 1 && words[0] == "cd" {
		s.dir, _ = s.find(words[1])
		return
	}
	address, outputs := written(words)
	isFetch := address != "" && fetches.MatchString(text)
	if !isFetch && !slices.ContainsFunc(words, func(word string) bool { return s.fetched[word] }) {
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
