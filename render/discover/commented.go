package discover

import (
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/render/kustomize"
)

var (
	// commentedEntry matches the entry of a list in a comment: # - secret.yaml.
	commentedEntry = regexp.MustCompile(`^#+\s*-\s+(?:path:\s*)?["']?([^\s"'#]+)["']?\s*(?:#.*)?$`)
	// appliedOtherwise matches the words of a comment which says that files are in use all the same.
	appliedOtherwise = regexp.MustCompile(`(?i)\b(?:appl(?:y|ied|ies)|kubectl|manual(?:ly)?|by hand|separate(?:ly)?|deployed|installed|created|bootstrap\w*|sync(?:ed|s)?)\b`)
)

// CommentedOut are the names in the tree of the files and folders that are entries in comments of a kustomization. Comments
// about how these are applied keep theirs out of it.
func CommentedOut(dir File) map[string]bool {
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
				if !isApplied {
					names[entry] = true
				}
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

// commentedOut are the kustomizations that another one has in a comment, to which none refers, and which nothing else
// names, with the kustomization that has the comment.
func (f *Found) commentedOut(refs map[ID]kustomize.Refs) map[ID]string {
	by := map[ID]string{}
	for _, k := range f.Kustomizations {
		for name := range CommentedOut(k) {
			if id := (ID{k.Tree.Dir(), name}); by[id] == "" && name != k.Name {
				by[id] = k.Display()
			}
		}
	}
	l := map[ID]string{}
	for _, k := range f.Kustomizations {
		id := k.ID()
		if by[id] == "" || k.Named || f.Referred[id] || f.linked[id] || refs[id].Component || refs[id].MakesChart {
			continue
		}
		if u := f.usesOf(k.Tree); !u.isNamed(k.Name, k.Name) && !u.isDeployed(k.Tree, k.Name) {
			l[id] = by[id]
		}
	}
	return l
}
