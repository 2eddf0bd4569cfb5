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
	names, _ := inComments(dir)
	return names
}

// inComments are the names of CommentedOut, and those that the comments say are applied otherwise.
func inComments(dir File) (names, byHand map[string]bool) {
	names, byHand = map[string]bool{}, map[string]bool{}
	name, ok := kustomize.File(dir.Tree, dir.Name)
	if !ok {
		return names, byHand
	}
	text, err := dir.Tree.ReadFile(name)
	if err != nil {
		return names, byHand
	}
	var block []string // entries of comments that follow each other
	isApplied := false
	for line := range strings.SplitSeq(string(text)+"\n", "\n") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") {
			for _, entry := range block {
				if isApplied {
					byHand[entry] = true
				} else {
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
	return names, byHand
}
