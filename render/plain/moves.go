package plain

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kubevet/kubevet/render/discover"
)

// moves are the READMEs of folders such as v2 that say which parts of v1 moved there, by the folders such as v1. It reads each once.
type moves map[discover.ID]move

// move is what a README says of the folders that are in another one.
type move struct {
	readme string
	done   map[string]bool
}

var (
	// versionFolder matches the name of a folder that is a version: v1, _v1, chart-v1.
	versionFolder = regexp.MustCompile(`^(|.*[-_.])v(\d{1,3})$`)
	saysMigrated  = regexp.MustCompile(`(?i)\bmigrat(?:ion|ed|ing)\b`)
	openTask      = regexp.MustCompile(`^\s*[-*+]\s+\[ \]`)
)

// of is the README that says that the folder of a file, or one above, moved to the folder with the next version. It is empty if none says so.
func (m moves) of(f discover.File) string {
	part := ""
	for dir := range discover.Above(f.Name) {
		if part != "" && versionFolder.MatchString(path.Base(dir)) {
			if of := m.read(f, dir); of.done[part] {
				return f.Tree.Display(of.readme)
			}
		}
		part = path.Base(dir)
	}
	return ""
}

func (m moves) read(f discover.File, dir string) move {
	id := discover.ID{Dir: f.Tree.Dir(), Name: dir}
	of, known := m[id]
	if !known {
		of = newMove(f, dir)
		m[id] = of
	}
	return of
}

// newMove reads the README of the next version. It says nothing unless it is about a migration and has most folders of the version before:
// each in a line of its own, but for tasks that are open.
func newMove(f discover.File, dir string) (of move) {
	parent, base := path.Split(dir)
	m := versionFolder.FindStringSubmatch(base)
	n, _ := strconv.Atoi(m[2]) // the expression has digits only
	of.readme = path.Join(parent, m[1]+"v"+strconv.Itoa(n+1), "README.md")
	text, err := f.Tree.ReadFile(of.readme)
	if err != nil || len(text) > maxReadme || !saysMigrated.Match(text) {
		return of
	}
	words := map[string]bool{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if !openTask.MatchString(line) {
			for word := range strings.FieldsFuncSeq(line, isBetweenWords) {
				words[word] = true
			}
		}
	}
	entries, _ := f.Tree.ReadDir(dir) // the walk reports what it cannot list
	entries = slices.DeleteFunc(slices.Clone(entries), func(e fs.DirEntry) bool { return !e.IsDir() })
	done := map[string]bool{}
	for _, e := range entries {
		if words[e.Name()] {
			done[e.Name()] = true
		}
	}
	if len(done) > 1 && 3*len(done) >= 2*len(entries) {
		of.done = done
	}
	return of
}

// maxReadme is how long a README may be that is read.
const maxReadme = 1 << 20

// isBetweenWords reports what is in no name of a folder.
func isBetweenWords(r rune) bool {
	return r != '-' && r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
