package discover

import (
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/render/tree"
)

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
			if err != nil || len(text) > maxGoFile {
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
