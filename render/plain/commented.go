package plain

import (
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
)

var (
	// commentedEntry matches the entry of a list in a comment: # - secret.yaml.
	commentedEntry = regexp.MustCompile(`^#+\s*-\s+(?:path:\s*)?["']?([^\s"'#]+)["']?\s*(?:#.*)?$`)
	// appliedOtherwise matches the words of a comment which says that files are in use all the same.
	appliedOtherwise = regexp.MustCompile(`(?i)\b(?:appl(?:y|ied|ies)|kubectl|manual(?:ly)?|by hand|separate(?:ly)?|deployed|installed|created|bootstrap\w*|sync(?:ed|s)?)\b`)
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
			entries[of.ID()] = commentedOut(of)
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

// commentedOut are the names in the tree of the files that are entries in comments of a kustomization. Comments about how
// the files are applied keep theirs out of it.
func commentedOut(dir discover.File) map[string]bool {
	names := map[string]bool{}
	name, ok := kustomize.File(dir.Tree, dir.Name)
	if !ok {
		return names
	}
	text, err := dir.Tree.ReadFile(name)
	if err != nil {
		return names
	}
	var block []string // entries of comments that follow each other
	isApplied := false
	for line := range strings.SplitSeq(string(text)+"\n", "\n") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") {
			for _, entry := range block {
				names[entry] = !isApplied
			}
			block, isApplied = nil, false
			continue
		}
		remark := line
		if m := commentedEntry.FindStringSubmatch(line); m != nil {
			block = append(block, path.Join(dir.Name, m[1]))
			_, remark, _ = strings.Cut(line[1:], "#")
		}
		isApplied = isApplied || appliedOtherwise.MatchString(remark)
	}
	return names
}
