package namespaces

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/gitops"
	"github.com/kubevet/kubevet/render/kustomize"
)

// Applied is what Flux and Argo CD apply of the trees.
type Applied struct {
	// Folders are those that they build, or apply the files of.
	Folders map[discover.ID]Folder
	// Unknown are the beginnings of the names of folders that they may build, of paths that are not known.
	Unknown []discover.File
	// Beside are the folders that hold objects of Flux: what applies these may apply what is beside them.
	Beside map[discover.ID]bool
}

// AddBeside notes the folder of a file with an object of Flux. One whose name is not known is a template of one.
func (a Applied) AddBeside(f discover.File, o *lint.Object) {
	if o.Group() == "kustomize.toolkit.fluxcd.io" && !node.MayHavePlaceholder(o.Name) {
		a.Beside[folderOf(f)] = true
	}
}

// DropForeign drops what sources have applied whose only path is the whole repository, if others have folders of it: they are
// other repositories.
func (a Applied) DropForeign() {
	hasFolder, isNamed := map[string]bool{}, false
	for _, folder := range a.Folders {
		for _, t := range folder.Targets {
			hasFolder[t.Source] = hasFolder[t.Source] || t.Path != "."
			isNamed = isNamed || t.Path != "" && t.Path != "."
		}
	}
	if !isNamed {
		return
	}
	isForeign := func(t gitops.Target) bool { return t.Source != "" && !hasFolder[t.Source] }
	for id, folder := range a.Folders {
		folder.Targets = slices.DeleteFunc(folder.Targets, isForeign)
		if a.Folders[id] = folder; len(folder.Targets) == 0 {
			delete(a.Folders, id)
		}
	}
}

func folderOf(f discover.File) discover.ID {
	return discover.ID{Dir: f.Tree.Dir(), Name: path.Dir(f.Name)}
}

// MayBeApplied reports whether Flux or Argo CD may apply a file. It is true if nothing is known of what they apply. It can only tell
// of wanted files.
func (f *Finder) MayBeApplied(file discover.File) bool {
	if len(f.applied.Folders)+len(f.applied.Unknown) == 0 || f.reachedByPath[file.ID()] || f.applied.Beside[folderOf(file)] {
		return true
	}
	isBelow := func(start discover.File) bool {
		return start.Tree == file.Tree && strings.HasPrefix(file.Name, start.Name)
	}
	if slices.ContainsFunc(f.applied.Unknown, isBelow) {
		return true
	}
	for dir := file.Name; dir != "."; {
		dir = path.Dir(dir)
		if _, has := kustomize.File(file.Tree, dir); has {
			return false // it does not name the file
		}
		if _, ok := f.applied.Folders[discover.ID{Dir: file.Tree.Dir(), Name: dir}]; ok {
			return true
		}
	}
	return false
}
