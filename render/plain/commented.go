package plain

import (
	"path"

	"github.com/kubevet/kubevet/render/discover"
)

// SkipCommentedOut skips the manifests that the nearest kustomization, in their folder or above, has in a comment, if
// no kustomization refers to them, nothing says how to apply them, and Flux does not apply a folder of theirs below it.
func SkipCommentedOut(read []Manifest, files []discover.File, kustomized, referred map[discover.ID]bool, flux map[string]bool) {
	entries := map[discover.ID]map[string]bool{}
	var mentions discover.Mentions
	for i, f := range files {
		if f.Named || len(read[i].Objects) == 0 || referred[f.ID()] {
			continue
		}
		of, ok := nearest(f, kustomized)
		if dir := path.Dir(f.Name); !ok || of.Name != dir && flux[dir] {
			continue
		}
		if entries[of.ID()] == nil {
			entries[of.ID()] = discover.CommentedOut(of)
		}
		if entries[of.ID()][f.Name] && !mentions.Has(f) {
			read[i].drop("the nearest kustomization has it in a comment, and nothing else names it")
		}
	}
}

// nearest is the folder of the kustomization that is nearest to a file, in its folder or above.
func nearest(f discover.File, kustomized map[discover.ID]bool) (dir discover.File, ok bool) {
	for name := f.Name; name != "."; {
		name = path.Dir(name)
		if kustomized[discover.ID{Dir: f.Tree.Dir(), Name: name}] {
			return discover.File{Tree: f.Tree, Name: name}, true
		}
	}
	return dir, false
}
