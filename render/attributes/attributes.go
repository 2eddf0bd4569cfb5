// Package attributes reads which files of a repository .gitattributes marks as generated, of which folders a README or another
// file says it, and which files commands of the repository download, write or copy.
package attributes

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"sync"

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
	entries map[folder]map[string]entry
	// downloads are those of trees, with what else commands write.
	downloads map[*tree.Tree]*downloads
	// nix are the programs of Nix of trees: see Defined.
	nix map[*tree.Tree]nixPrograms
}

type folder struct{ tree, name string }

// line is a line of a .gitattributes file that says whether files are generated.
type line struct {
	lint.Position
	pattern     []string // for the parts of a path below the folder of the file
	isBase      bool     // the pattern is for the last part of a path
	isGenerated bool
}

// Generated is the line by which a file of a tree is generated: the last one that says something of it, in the nearest
// folder that has one. It is empty if the file is not.
func (f *Files) Generated(t *tree.Tree, name string) lint.Position {
	for _, dir := range append(slices.Collect(discover.Above(name)), ".") {
		below := name
		if dir != "." {
			below = strings.TrimPrefix(name, dir+"/")
		}
		parts := strings.Split(below, "/")
		for _, l := range slices.Backward(f.in(t, dir)) {
			of := parts
			if l.isBase {
				of = parts[len(parts)-1:]
			}
			switch {
			case !matches(l.pattern, of):
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
		f.read[id] = parse(t.Display(name), string(text))
	} else {
		f.read[id] = nil
	}
	return f.read[id]
}

// matches reports whether a pattern is for a path, both in parts, as Git does it: unlike one of .gitignore, it is not for what is
// below a folder for which it is.
func matches(pattern, name []string) bool {
	// here says for each number of parts of the path whether the pattern so far is for them.
	here := make([]bool, len(name)+1)
	here[0] = true
	for at, p := range pattern {
		next := make([]bool, len(name)+1)
		for i := range next {
			switch isAny, isLast := p == "**", at == len(pattern)-1; {
			case isAny && i > 0 && (next[i-1] || here[i-1]):
				next[i] = true
			case isAny:
				next[i] = here[i] && !isLast // at the end it is for what is inside
			case i > 0 && here[i-1]:
				next[i], _ = path.Match(p, name[i-1])
			}
		}
		here = next
	}
	return here[len(name)]
}

// parse reads the lines that have the mark.
func parse(file, text string) (l []line) {
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
			m.pattern = strings.Split(strings.TrimPrefix(pattern, "/"), "/")
			l = append(l, m)
		}
	}
	return l
}

// TemplateBeside is the template beside a manifest or a file of values that has its name and one more ending, as reports call it, and its text.
// It is empty if there is none.
func TemplateBeside(t *tree.Tree, name string) (template string, text []byte) {
	ext := path.Ext(name)
	if ext != ".yaml" && ext != ".yml" {
		return "", nil
	}
	for _, end := range discover.TemplateExtensions {
		for _, beside := range []string{name + end, name + end[1:], strings.TrimSuffix(name, ext) + end + ext} {
			info, err := t.Stat(beside)
			if err != nil || !info.Mode().IsRegular() || info.Size() > maxText {
				continue
			}
			if text, err = t.ReadFile(beside); err == nil {
				return t.Display(beside), text
			}
		}
	}
	return "", nil
}
