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
