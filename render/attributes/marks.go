package attributes

import (
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

var (
	// saysNoEdit matches the names of files which say that nothing beside and below them is to be edited.
	saysNoEdit = regexp.MustCompile(`(?i)^do[-_. ]?not[-_. ]?edit[\w -]*(?:\.(?:md|txt|rst|adoc))?$`)
	// toFolder matches the links of such a file that may lead to where the files are made.
	toFolder = regexp.MustCompile(`\]\(([\w./-]+)\)`)
)

// noEdit is a file which says that nothing in its folder is to be edited, and the folder from which that one is made. Both
// are empty if there is none.
type noEdit struct {
	lint.Position
	from string
}

// NoEdit is the file, named such as DO_NOT_EDIT.md, in the folder of a file, or in one above, which says that what is there is not
// to be edited, and the file of which the file is a copy, as reports call it. That of the whole repository does not count. Each
// is empty if there is none.
func (f *Files) NoEdit(t *tree.Tree, name string) (at lint.Position, source string) {
	for dir := range discover.Above(name) {
		mark := f.noEditIn(t, dir)
		if mark.File == "" {
			continue
		}
		if mark.from != "" {
			rel := strings.TrimPrefix(name, dir+"/")
			for _, of := range []string{path.Join(mark.from, path.Base(dir), rel), path.Join(mark.from, rel)} {
				if t.Exists(of) {
					return mark.Position, t.Display(of)
				}
			}
		}
		return mark.Position, ""
	}
	return lint.Position{}, ""
}

// noEditIn looks for such a file in a folder, once.
func (f *Files) noEditIn(t *tree.Tree, dir string) (mark noEdit) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := folder{t.Dir(), dir}
	if mark, ok := f.marks[id]; ok {
		return mark
	}
	if f.marks == nil {
		f.marks = map[folder]noEdit{}
	}
	entries, _ := t.ReadDir(dir) // what cannot be listed says nothing
	for _, e := range entries {
		if !e.Type().IsRegular() || !saysNoEdit.MatchString(e.Name()) {
			continue
		}
		name := path.Join(dir, e.Name())
		mark.Position = lint.Position{File: t.Display(name), Line: 1}
		if text, err := t.ReadFile(name); err == nil {
			mark.from = linkedFolder(t, dir, string(text[:min(len(text), maxTop)]))
		}
		break
	}
	f.marks[id] = mark
	return mark
}

// maxDefinitions is how many definitions of applications in a tree are known.
const maxDefinitions = 10000

var (
	// nixApplication matches where a program of Nix defines an application for nixidy, and not only adds to it.
	nixApplication = regexp.MustCompile(`^\s*(?:[\w-]+\.)*(?:applications|\w*[aA]pps)\.("[\w.-]+"|[\w-]+)(?:\.[\w.-]+)?\s*=(\s*\{)?`)
	// nixRoot matches where one names the folder into which nixidy writes.
	nixRoot = regexp.MustCompile(`\brootPath\s*=\s*"(?:\./)?([\w./-]+)"`)
	// nixFile matches the names that nixidy gives the files that it writes: Deployment-web.yaml.
	nixFile = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*-.+\.ya?ml$`)
)

// nixPrograms are the programs of Nix in a tree that say what nixidy writes.
type nixPrograms struct {
	// whole are the lines that begin the definition of an application, by its name, and parts those that define something of one.
	whole, parts map[string][]lint.Position
	// roots are the lines that name the folders into which nixidy writes: none if the flake at the top does not name nixidy.
	roots map[string]lint.Position
}

// nixOf reads the programs of Nix in a tree, once.
func (f *Files) nixOf(t *tree.Tree) nixPrograms {
	f.mu.Lock()
	defer f.mu.Unlock()
	programs, known := f.nix[t]
	if !known {
		if f.nix == nil {
			f.nix = map[*tree.Tree]nixPrograms{}
		}
		programs = readNix(t)
		f.nix[t] = programs
	}
	return programs
}

// Nixidy is the line of a program of the repository which names the folder into which nixidy writes, for a file in it that has the name of one
// that nixidy wrote. The flake at the top names nixidy. It is empty if there is none.
func (f *Files) Nixidy(t *tree.Tree, name string) lint.Position {
	if !nixFile.MatchString(path.Base(name)) {
		return lint.Position{}
	}
	return f.nixOf(t).roots[path.Dir(path.Dir(name))]
}

// Defined is the line of a program of the repository from which a generator makes a file, if the line that marks the file as generated names
// nixidy: it has a folder for each application, beside the mark, or in the folder that the mark names. It is empty if there is none, or several.
func (f *Files) Defined(t *tree.Tree, name, mark string, line int) lint.Position {
	text, err := t.ReadFile(mark)
	rest, isBelow := strings.CutPrefix(name, path.Dir(mark)+"/")
	application, _, isFolder := strings.Cut(rest, "/")
	if err != nil || len(text) > maxFile {
		return lint.Position{}
	}
	if f.Nixidy(t, name) == (lint.Position{File: t.Display(mark), Line: line}) {
		application = path.Base(path.Dir(name))
	} else if lines := strings.Split(string(text), "\n"); !isBelow || !isFolder || line < 1 || line > len(lines) ||
		!strings.Contains(strings.ToLower(lines[line-1]), "nixidy") {
		return lint.Position{}
	}
	programs := f.nixOf(t)
	return programs.application(application)
}

// readNix reads the programs of Nix in a tree.
func readNix(t *tree.Tree) nixPrograms {
	programs := nixPrograms{whole: map[string][]lint.Position{}, parts: map[string][]lint.Position{}, roots: map[string]lint.Position{}}
	for _, name := range discover.FilesEnding(t, ".nix") {
		text, err := t.ReadFile(name)
		if err != nil || len(text) > maxText {
			continue
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			programs.add(line, lint.Position{File: t.Display(name), Line: n})
		}
	}
	if flake, err := t.ReadFile("flake.nix"); err != nil || !strings.Contains(string(flake), "nixidy") {
		clear(programs.roots)
	}
	return programs
}

// add notes what a line says. A comment says nothing.
func (n *nixPrograms) add(line string, at lint.Position) {
	if strings.HasPrefix(strings.TrimSpace(line), "#") || len(n.whole)+len(n.parts) > maxDefinitions {
		return
	}
	if m := nixRoot.FindStringSubmatch(line); m != nil {
		if root := path.Clean(m[1]); n.roots[root].File == "" {
			n.roots[root] = at
		}
	}
	if m := nixApplication.FindStringSubmatch(line); m != nil {
		to, application := n.parts, strings.Trim(m[1], `"`)
		if m[2] != "" {
			to = n.whole
		}
		to[application] = append(to[application], at)
	}
}

// application is the line that defines an application: one with all that it has, if there is any. It is empty if there is none, or several.
func (n *nixPrograms) application(name string) lint.Position {
	l := n.whole[name]
	if len(l) == 0 {
		l = n.parts[name]
	}
	if len(l) == 1 {
		return l[0]
	}
	return lint.Position{}
}

// linkedFolder is the folder of the tree to which the first link of a text in a folder leads: one that is not above or below.
func linkedFolder(t *tree.Tree, dir, text string) string {
	for _, m := range toFolder.FindAllStringSubmatch(text, maxLinks) {
		to := path.Join(dir, m[1])
		if to == "." || to == ".." || strings.HasPrefix(to, "../") || strings.HasPrefix(dir+"/", to+"/") || strings.HasPrefix(to, dir+"/") {
			continue
		}
		if info, err := t.Stat(to); err == nil && info.IsDir() {
			return to
		}
	}
	return ""
}

// maxLinks is how many links of a text are followed.
const maxLinks = 20
