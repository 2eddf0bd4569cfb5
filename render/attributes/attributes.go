// Package attributes reads which files of a repository .gitattributes marks as generated, of which folders a README or another
// file says it, and which files commands of the repository download, write or copy.
package attributes

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// generatedMark is the attribute by which GitHub and other tools know generated files.
const generatedMark = "linguist-generated"

// maxFile is how long a .gitattributes file may be that is read, in bytes: each file with a finding is compared with
// all its lines.
const maxFile = 64 << 10

// Files are the .gitattributes files and the READMEs of repositories, and what downloads or copies files of theirs, each read once. The
// zero value is ready. It is safe for concurrent use.
type Files struct {
	mu      sync.Mutex
	read    map[folder][]line
	readmes map[folder]readme
	marks   map[folder]noEdit
	// downloads are those of trees, with what else commands write.
	downloads map[*tree.Tree]*downloads
}

type folder struct{ tree, name string }

// line is a line of a .gitattributes file that says whether files are generated.
type line struct {
	lint.Position
	pattern     gitignore.Pattern
	isBase      bool // the pattern is for the last part of a path
	isGenerated bool
}

// Generated is the line by which a file of a tree is generated: the last one that says something of it, in the nearest
// folder that has one. It is empty if the file is not.
func (f *Files) Generated(t *tree.Tree, name string) lint.Position {
	parts := strings.Split(name, "/")
	for _, dir := range append(slices.Collect(discover.Above(name)), ".") {
		for _, l := range slices.Backward(f.in(t, dir)) {
			of := parts
			if l.isBase {
				of = parts[len(parts)-1:]
			}
			switch {
			case l.pattern.Match(of, false) != gitignore.Exclude:
			case l.isGenerated:
				return l.Position
			default:
				return lint.Position{}
			}
		}
	}
	return lint.Position{}
}

// in reads the file of a folder, once. What cannot be read, or is too long, has no lines.
func (f *Files) in(t *tree.Tree, dir string) []line {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := folder{t.Dir(), dir}
	if l, ok := f.read[id]; ok {
		return l
	}
	if f.read == nil {
		f.read = map[folder][]line{}
	}
	name := path.Join(dir, ".gitattributes")
	if text, err := t.ReadFile(name); err == nil && len(text) <= maxFile && bytes.Contains(text, []byte(generatedMark)) {
		f.read[id] = parse(t.Display(name), dir, string(text))
	} else {
		f.read[id] = nil
	}
	return f.read[id]
}

// parse reads the lines that have the mark. A pattern of Git's attributes is one of .gitignore, but that it cannot be
// negated and names no folders.
func parse(file, dir, text string) (l []line) {
	n := 0
	for row := range strings.Lines(text) {
		n++
		fields := strings.Fields(row)
		if len(fields) < 2 || strings.ContainsAny(fields[0][:1], "#!") || strings.HasSuffix(fields[0], "/") {
			continue
		}
		pattern := fields[0]
		for _, attribute := range fields[1:] {
			key, value, _ := strings.Cut(strings.TrimLeft(attribute, "-!"), "=")
			if key != generatedMark {
				continue
			}
			m := line{Position: lint.Position{File: file, Line: n}, isBase: !strings.Contains(pattern, "/")}
			m.isGenerated = attribute == key || value == "true"
			var domain []string
			if !m.isBase && dir != "." {
				domain = strings.Split(dir, "/")
			}
			m.pattern = gitignore.ParsePattern(pattern, domain)
			l = append(l, m)
		}
	}
	return l
}
