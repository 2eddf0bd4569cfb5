package discover

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
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

// named are the files and folders that the texts of a tree name, but for those of tests.
type named struct {
	// bases are the names of files, and paths what is named with a folder, from the top of the tree.
	bases, paths map[string]bool
}

// namedIn reads the texts of a tree: documents, programs of all kinds, and manifests.
func namedIn(t *tree.Tree) *named {
	n := &named{map[string]bool{}, map[string]bool{}}
	eachDir(t, func(dir string, entries []fs.DirEntry) func(string) bool {
		for _, e := range entries {
			base := e.Name()
			isText := isForPeople(base) || isForProgram(dir, base) || HasManifestName(base)
			if !e.Type().IsRegular() || !isText && !slices.Contains(programEndings, path.Ext(base)) || isTestProgram(dir, base) {
				continue
			}
			if text, err := t.ReadFile(path.Join(dir, base)); err == nil && len(text) <= maxGoFile {
				n.add(dir, base, string(text))
			}
		}
		return nil
	})
	return n
}

// programEndings are those of the names of programs in other languages than that of a shell.
var programEndings = []string{".go", ".ts", ".js", ".mjs", ".java", ".kt", ".rb", ".rs", ".cs", ".php", ".groovy", ".star", ".bzl", ".bazel", ".toml"}

// add notes what a text names. The paths of Go are also those of packages: there a path counts from the top, or from the folder of the text.
func (n *named) add(dir, base, text string) {
	for token := range strings.FieldsFuncSeq(text, isBetweenSteps) {
		if last := path.Base(token); HasManifestName(last) && last != base {
			n.bases[last] = true
		}
		if !strings.Contains(token, "/") {
			continue
		}
		n.paths[path.Clean(strings.TrimLeft(token, "/"))] = true
		n.paths[path.Join(dir, token)] = true
		if path.Ext(base) != ".go" {
			n.paths[path.Base(strings.TrimRight(token, "/."))] = true
			n.paths[lastSteps(token)] = true
		}
	}
}

// IsNamedAtAll reports whether a text of the tree, of whatever kind, names a manifest or its folder, or one above, or something else may
// apply the manifest. What only tests name is not. What is at the top is for those who look there.
func (f *Found) IsNamedAtAll(m File) bool {
	return path.Dir(m.Name) == "." || f.IsNamedAnywhere(m)
}

// IsNamedAnywhere is IsNamedAtAll, but for what is at the top.
func (f *Found) IsNamedAnywhere(m File) bool {
	if m.Named || f.MayBeApplied(m) {
		return true
	}
	if f.named == nil {
		f.named = map[*tree.Tree]*named{}
	}
	n := f.named[m.Tree]
	if n == nil {
		n = namedIn(m.Tree)
		f.named[m.Tree] = n
	}
	if n.bases[path.Base(m.Name)] {
		return true
	}
	for dir := range Above(m.Name) {
		if n.paths[dir] || n.paths[lastSteps(dir)] || n.paths[path.Base(dir)] {
			return true
		}
	}
	return false
}

// jsonnetLists are the folders that the jsonnet files of a folder name, of those beside these files: the applications that Argo CD gets, as
// a list of their folders. They are read once for each folder.
type jsonnetLists map[ID]jsonnetList

// jsonnetList is what the jsonnet files of one folder name. by is the first one that names folders; it is empty if they make no list of them.
type jsonnetList struct {
	by    string
	named map[string]bool
}

// Limits of a list: how many folders it names at least, and how long a file is read.
const (
	minListed  = 3
	maxJsonnet = 1 << 18
)

// quotedText matches a string of jsonnet in a line.
var quotedText = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// leavesOut says why nobody applies a manifest: its folder, or one above, is beside a list of most others that does not name it. It is empty
// if there is no such list.
func (l jsonnetLists) leavesOut(m File) (folder, reason string) {
	for dir := path.Dir(m.Name); dir != "."; dir = path.Dir(dir) {
		list := l.of(m, path.Dir(dir))
		if list.by != "" && !list.named[path.Base(dir)] {
			return dir, m.Tree.Display(list.by) + " lists the folders beside this one, and nothing else names it: name it to lint it"
		}
	}
	return "", ""
}

func (l jsonnetLists) of(m File, dir string) jsonnetList {
	id := ID{m.Tree.Dir(), dir}
	if list, ok := l[id]; ok {
		return list
	}
	list := jsonnetList{named: map[string]bool{}}
	entries, _ := m.Tree.ReadDir(dir) // what cannot be read has no list
	folders := map[string]bool{}
	for _, e := range entries {
		if e.IsDir() {
			folders[e.Name()] = true
		}
	}
	for _, e := range entries {
		if ext := path.Ext(e.Name()); len(folders) < minListed || e.IsDir() || ext != ".jsonnet" && ext != ".libsonnet" {
			continue
		}
		if name := path.Join(dir, e.Name()); list.read(m, name, folders) >= minListed && list.by == "" {
			list.by = name
		}
	}
	if len(list.named)*2 < len(folders) {
		list.by = ""
	}
	l[id] = list
	return list
}

// read adds the folders that the strings of a file name, but for comment lines: each step of a path may be one. It is how many the file
// names.
func (l jsonnetList) read(m File, name string, folders map[string]bool) int {
	text, err := m.Tree.ReadFile(name)
	if err != nil || len(text) > maxJsonnet {
		return 0
	}
	own := map[string]bool{}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); bytes.HasPrefix(line, []byte("//")) || bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		for _, quoted := range quotedText.FindAll(line, -1) {
			for step := range strings.SplitSeq(string(quoted[1:len(quoted)-1]), "/") {
				if folders[step] {
					l.named[step], own[step] = true, true
				}
			}
		}
	}
	return len(own)
}

// patchFile matches the file that a command gives kubectl patch: by --patch-file, or as the text of -p.
var patchFile = regexp.MustCompile(`--patch-file(?:=|\s+)["']?([^\s"'` + "`" + `]+)|\s(?:-p|--patch)(?:=|\s+)["']?\$\((?:cat\s+|<\s*)["']?([^\s"')]+)`)

// PatchFiles says which files the documents and programs of trees give kubectl patch. It reads each once. The zero value
// is ready.
type PatchFiles struct {
	// names are the paths as commands have them, by their last part.
	names map[*tree.Tree]map[string][]string
}

// Has reports whether a command patches an object with a file.
func (p *PatchFiles) Has(f File) bool {
	if p.names == nil {
		p.names = map[*tree.Tree]map[string][]string{}
	}
	names := p.names[f.Tree]
	if names == nil {
		names = map[string][]string{}
		for _, name := range Instructions(f.Tree) {
			text, err := f.Tree.ReadFile(name)
			if err != nil || len(text) > maxGoFile || !hasAny(text, "-p") || !hasAny(text, "--patch-file", "$(") {
				continue
			}
			for _, m := range patchFile.FindAllStringSubmatch(strings.ReplaceAll(string(text), "\\\n", " "), -1) {
				addPatch(names, m[1]+m[2])
			}
		}
		p.names[f.Tree] = names
	}
	for _, name := range names[path.Base(f.Name)] {
		if name == f.Name || strings.HasSuffix(f.Name, "/"+name) || !strings.Contains(name, "/") {
			return true
		}
	}
	return false
}

// Patching is a kustomization's files of a folder that make no sense by themselves, such as patches, and its files of objects.
type Patching struct{ Patches, Resources []File }

// Patchings are what kustomizations patch with, by the folders of the patches. It is to be called after Roots.
func (f *Found) Patchings() map[ID][]Patching {
	all := map[ID][]Patching{}
	for _, k := range f.Kustomizations {
		var resources []File
		in := map[string][]File{}
		for _, name := range f.refs[k.ID()].Paths {
			if HasManifestName(name) {
				resources = append(resources, File{Tree: k.Tree, Name: name})
			}
		}
		for _, name := range f.refs[k.ID()].Fragments {
			if HasManifestName(name) {
				in[path.Dir(name)] = append(in[path.Dir(name)], File{Tree: k.Tree, Name: name})
			}
		}
		for dir, patches := range in {
			id := ID{k.Tree.Dir(), dir}
			all[id] = append(all[id], Patching{patches, resources})
		}
	}
	return all
}

// maxPatchNames is how many paths with the same last part are kept.
const maxPatchNames = 100

// addPatch notes a path. What a shell puts into it may be any folder.
func addPatch(names map[string][]string, name string) {
	if i := strings.LastIndexAny(name, "$}"); i >= 0 {
		_, name, _ = strings.Cut(name[i:], "/")
	}
	name = strings.TrimLeft(path.Clean(name), "./")
	if base := path.Base(name); len(names[base]) < maxPatchNames && !strings.Contains(base, "$") {
		names[base] = append(names[base], name)
	}
}
