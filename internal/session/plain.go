package session

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/document"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// Input that is small and plain is linted in the process that the user started:
// what it can cost is limited by its size. These are the sums over all files.
const (
	maxPlainBytes = 2 << 20
	maxPlainFiles = 2000
	maxPlainDepth = 64 // of brackets, and of indentation in steps of two
)

// errNotPlain ends a walk.
var errNotPlain = errors.New("not plain")

// isPlain reports whether what a group lints is small and plain: manifests
// without aliases and deep nesting, and nothing that is built, rendered, or linked
// to. Whatever is not known to be is not.
func (s *Session) isPlain(ctx context.Context, g *group) bool {
	if s.dir != "" {
		return false
	}
	seen := &plainness{}
	for _, text := range s.texts {
		if seen.text(text) != nil {
			return false
		}
	}
	stdin := false
	for _, p := range g.paths {
		if p == "-" {
			stdin = true
		} else if isPart(p) || filepath.WalkDir(p, func(name string, e fs.DirEntry, err error) error { return seen.entry(p, name, e, err) }) != nil {
			return false
		}
	}
	if !stdin {
		return true
	}
	text, err := s.readStdin(ctx)
	if err != nil {
		return true // reading it again gives the error
	}
	return seen.text(text) == nil
}

// builders are the files whose folders are charts and overlays.
var builders = append(kustomize.FileNames(), "Chart.yaml")

// isPart reports whether a folder that holds a path is a chart or an overlay: then
// the path leads to it.
func isPart(p string) bool {
	at, err := filepath.Abs(p)
	if err != nil {
		return true
	}
	for {
		above := filepath.Dir(at)
		if above == at {
			return false
		}
		for _, base := range builders {
			if _, err := os.Lstat(filepath.Join(above, base)); err == nil {
				return true
			}
		}
		at = above
	}
}

// plainness is what was seen of the input.
type plainness struct{ bytes, files int }

// entry looks at what a walk of a path of the command line meets.
func (p *plainness) entry(root, name string, e fs.DirEntry, err error) error {
	base := filepath.Base(name)
	hidden := strings.HasPrefix(base, ".") && name != root
	reader, isDocument := document.Find(inRepository(root, name), func() []byte { return nil })
	switch {
	case err != nil, e.Type()&fs.ModeSymlink != 0:
		return errNotPlain
	case e.IsDir() && (hidden && !document.IsFolder(base) || base == "node_modules"):
		return fs.SkipDir
	case e.IsDir():
		return nil
	case base == ".gitignore" || isDocument && reader.IsYAML:
		return p.file(name)
	case isDocument:
		return p.size(name)
	case hidden:
		return nil
	case slices.Contains(builders, base), strings.HasSuffix(base, ".tgz"), strings.HasSuffix(base, ".tar.gz"):
		return errNotPlain
	}
	switch strings.ToLower(filepath.Ext(base)) {
	case ".yaml", ".yml", ".json":
		return p.file(name)
	}
	if name == root {
		return p.file(name)
	}
	return nil
}

// inRepository is the name that a file is likely to have in its repository: which
// readers take it depends on that.
func inRepository(root, name string) string {
	rel, err := filepath.Rel(root, name)
	if err != nil || rel == "." {
		return filepath.ToSlash(name)
	}
	return filepath.ToSlash(rel)
}

// size looks at a file whose reader takes time that is proportional to its size.
func (p *plainness) size(name string) error {
	info, err := os.Lstat(name)
	if err != nil {
		return errNotPlain
	}
	p.files++
	if p.bytes += int(min(info.Size(), maxPlainBytes+1)); p.files > maxPlainFiles || p.bytes > maxPlainBytes {
		return errNotPlain
	}
	return nil
}

func (p *plainness) file(name string) error {
	if info, err := os.Lstat(name); err != nil || info.Size() > maxPlainBytes {
		return errNotPlain
	}
	text, err := tree.ReadFile(name)
	if err != nil {
		return errNotPlain
	}
	return p.text(text)
}

// text looks at a text of YAML or JSON.
func (p *plainness) text(text []byte) error {
	p.files++
	p.bytes += len(text)
	if p.files > maxPlainFiles || p.bytes > maxPlainBytes || !isPlainText(text) {
		return errNotPlain
	}
	return nil
}

// isPlainText reports whether a text has no aliases and merge keys, no deep
// nesting, and nothing that installs a chart.
func isPlainText(text []byte) bool {
	for _, word := range []string{"<<", "toolkit.fluxcd.io", "argoproj.io", "!!binary"} {
		if bytes.Contains(text, []byte(word)) {
			return false
		}
	}
	t := &textScan{}
	for line := range bytes.Lines(text) {
		indent := len(line) - len(bytes.TrimLeft(line, " \t-?:")) // compact lists in lists, too
		if indent > 2*maxPlainDepth || !t.line(line) {
			return false
		}
	}
	return !t.anchors || !t.aliases
}

// textScan is what was seen of a text.
type textScan struct {
	brackets int
	// anchors and aliases are set for what looks so: a && b, a schedule.
	anchors, aliases bool
}

// line looks at a line. It returns false if the text is not plain.
func (t *textScan) line(line []byte) bool {
	for i, c := range line {
		switch c {
		case '[', '{':
			if t.brackets++; t.brackets > maxPlainDepth {
				return false
			}
		case ']', '}':
			t.brackets = max(t.brackets-1, 0)
		case '&':
			t.anchors = t.anchors || beginsName(line, i)
		case '*':
			t.aliases = t.aliases || beginsName(line, i)
		case 0: // UTF-16, or no text
			return false
		}
	}
	return true
}

// beginsName reports whether a character may begin an anchor or alias.
func beginsName(line []byte, i int) bool {
	return (i == 0 || bytes.IndexByte([]byte(" \t[{,:-"), line[i-1]) >= 0) && i+1 < len(line) && bytes.IndexByte([]byte(" \t\r\n"), line[i+1]) < 0
}
