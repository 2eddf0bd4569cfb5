package discover

import (
	"bytes"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/kustomize"
)

var (
	// commentedEntry matches the entry of a list in a comment: # - secret.yaml.
	commentedEntry = regexp.MustCompile(`^#+\s*-\s+(?:path:\s*)?["']?([^\s"'#]+)["']?\s*(?:#.*)?$`)
	// elementsKey matches the list of a generator of an ApplicationSet, and elementPath the folder of an element in a comment.
	elementsKey = regexp.MustCompile(`^(?:-[ \t]+)?elements:$`)
	elementPath = regexp.MustCompile(`^#+[ \t]*(?:-[ \t]+)?path:[ \t]*["']?(?:\./)?([\w./-]+?)/?["']?[ \t]*$`)
	// appliedOtherwise matches the words of a comment which says that files are in use all the same. The name of kubectl alone does not: an image
	// may have it among its tools.
	appliedOtherwise = regexp.MustCompile(`(?i)\b(?:appl(?:y|ied|ies)|(?:by|using|via|with) kubectl|kubectl (?:-\w|create|replace)|manual(?:ly)?|by hand|separate(?:ly)?|deployed|installed|created|bootstrap\w*|sync(?:ed|s)?)\b`)
	// excludedFolder matches a comment which says that a folder is not deployed: # web excluded, see below.
	excludedFolder = regexp.MustCompile(`^#+\s*["'` + "`" + `]?([\w.-]+)["'` + "`" + `]?:?\s+(?:(?:is|was|has been|temporarily|currently|now)\s+)*(?:excluded|disabled|removed|switched off|turned off|not deployed)\b`)
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

// commentedElements are the folders of the elements that the generators of ApplicationSets in a text have in comments, between others. Comments
// about how these are applied keep theirs out of it.
func commentedElements(text []byte) (names []string) {
	if !bytes.Contains(text, []byte("ApplicationSet")) {
		return nil
	}
	list := -1 // how far the key of the list is indented
	var block []string
	isApplied := false
	for raw := range bytes.Lines(text) {
		line := strings.TrimSpace(string(raw))
		if list >= 0 && strings.HasPrefix(line, "#") {
			if m := elementPath.FindStringSubmatch(line); m != nil {
				block = append(block, m[1])
			}
			isApplied = isApplied || appliedOtherwise.MatchString(line)
			continue
		}
		if !isApplied {
			names = append(names, block...)
		}
		block, isApplied = nil, false
		indent := len(raw) - len(bytes.TrimLeft(raw, " -"))
		switch {
		case elementsKey.MatchString(line):
			list = indent
		case line != "" && indent <= list:
			list = -1
		}
	}
	if !isApplied {
		names = append(names, block...)
	}
	return names
}

// minBeside is how many folders a kustomization lists at least for what it says of another one beside them to count.
const minBeside = 3

// excludedFolders are the folders that a comment of a kustomization says are not deployed, if it lists most folders beside each, by
// themselves or by files in them.
func excludedFolders(k File, paths []string) (folders []string) {
	name, ok := kustomize.File(k.Tree, k.Name)
	if !ok || len(paths) < minBeside {
		return nil
	}
	text, err := k.Tree.ReadFile(name)
	if err != nil {
		return nil
	}
	var words []string
	for line := range strings.Lines(string(text)) {
		if m := excludedFolder.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			words = append(words, m[1])
		}
	}
	if len(words) == 0 {
		return nil
	}
	beside := foldersOf(paths)
	for _, dir := range slices.Sorted(maps.Keys(beside)) {
		listed, all := beside[dir], foldersIn(k, dir)
		if len(listed) < minBeside || 2*len(listed) < len(all) {
			continue
		}
		for _, word := range words {
			if all[word] && !listed[word] {
				folders = append(folders, path.Join(dir, word))
			}
		}
	}
	return folders
}

// foldersOf are the folders that paths list, by themselves or by files in them, by the folder that they are in.
func foldersOf(paths []string) map[string]map[string]bool {
	in := map[string]map[string]bool{}
	for _, p := range paths {
		if HasManifestName(p) {
			p = path.Dir(p)
		}
		dir := path.Dir(p)
		if in[dir] == nil {
			in[dir] = map[string]bool{}
		}
		in[dir][path.Base(p)] = true
	}
	return in
}

// foldersIn are the folders in one of the tree of a file. What cannot be listed has none.
func foldersIn(of File, dir string) map[string]bool {
	all := map[string]bool{}
	entries, _ := of.Tree.ReadDir(dir) // the walk reports what it cannot list
	for _, e := range entries {
		if e.IsDir() {
			all[e.Name()] = true
		}
	}
	return all
}
