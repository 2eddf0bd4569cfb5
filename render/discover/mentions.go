package discover

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/render/tree"
)

// Mentions says which files of trees people and programs are told of: by shell scripts anywhere in the tree, and by the
// Makefiles, READMEs and the like in the folder of the file or one above. It reads each once. The zero value is ready.
type Mentions struct {
	scripts map[*tree.Tree]map[string]bool
	folders map[ID]map[string]bool
}

// Has reports whether one of them has the name of a file, in any folder.
func (m *Mentions) Has(f File) bool {
	base := path.Base(f.Name)
	if m.scripts == nil {
		m.scripts, m.folders = map[*tree.Tree]map[string]bool{}, map[ID]map[string]bool{}
	}
	if m.scripts[f.Tree] == nil {
		m.scripts[f.Tree] = map[string]bool{}
		for _, text := range programsOf(f.Tree) {
			addNames(m.scripts[f.Tree], text)
		}
	}
	if m.scripts[f.Tree][base] {
		return true
	}
	for dir := f.Name; dir != "."; {
		dir = path.Dir(dir)
		id := ID{f.Tree.Dir(), dir}
		if m.folders[id] == nil {
			m.folders[id] = namesIn(f.Tree, dir)
		}
		if m.folders[id][base] {
			return true
		}
	}
	return false
}

// namesIn gives the words of the files in a folder that say how to use what is there. At the top these are the workflows
// of GitHub as well.
func namesIn(t *tree.Tree, dir string) map[string]bool {
	words := map[string]bool{}
	add := func(dir string, isWanted func(base string) bool) {
		entries, err := t.ReadDir(dir)
		if err != nil {
			return
		}
		for _, e := range entries {
			if !e.Type().IsRegular() || !isWanted(e.Name()) {
				continue
			}
			if text, err := t.ReadFile(path.Join(dir, e.Name())); err == nil && len(text) <= maxGoFile {
				addNames(words, string(text))
			}
		}
	}
	add(dir, saysHow)
	if dir == "." {
		add(".github/workflows", HasManifestName)
	}
	return words
}

// saysHow reports the names of files that say what to do with the others in their folder.
func saysHow(base string) bool {
	lower := strings.ToLower(base)
	ext := path.Ext(lower)
	switch strings.TrimSuffix(lower, ext) {
	case "readme", "makefile", "gnumakefile", "justfile", "taskfile", "tiltfile", "skaffold", "helmfile", ".gitlab-ci", "install":
		return true
	}
	return ext == ".mk" || ext == ".just"
}

// addNames adds the words of a text that names of files may be.
func addNames(to map[string]bool, text string) {
	for word := range strings.FieldsFuncSeq(text, isBetweenNames) {
		to[strings.TrimRight(word, ".")] = true
	}
}

// programsOf reads the programs of a tree that are not in folders which nobody deploys.
func programsOf(t *tree.Tree) (l []string) {
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			ext := path.Ext(e.Name())
			isTest := ext == ".bats" || slices.ContainsFunc(wordsOf(strings.ToLower(e.Name())), naming.IsTests)
			if !e.Type().IsRegular() || ext != ".sh" && ext != ".bash" && (!isTest || ext != ".py" && ext != ".bats") {
				continue
			}
			if text, err := t.ReadFile(path.Join(dir, e.Name())); err == nil && len(text) <= maxGoFile {
				l = append(l, string(text))
			}
		}
		return nil
	})
	return l
}
