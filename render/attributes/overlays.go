package attributes

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// Overlay is the folder of the overlay from which a command builds a file. It is empty if none is known.
func (f *Files) Overlay(t *tree.Tree, name string) string {
	w := f.writerOf(t, name)
	return w.overlay
}

// buildsOverlay matches the commands that build an overlay, up to their arguments.
var buildsOverlay = regexp.MustCompile(`(?:\bkustomize\s+build|\$[({]KUSTOMIZE[)}]\s+build|\b(?:kubectl|oc)\s+kustomize)(?:\s|$)`)

// takesValue are the options of these commands before a value of theirs.
var takesValue = []string{
	"-o", "--output", "-e", "--env", "--load-restrictor", "--load_restrictor", "--reorder", "--mount", "--network-name", "--helm-command", "--as-current-user",
}

// overlayOf is the folder of the only overlay that a text with commands builds, and its kustomization, as reports call it. They are
// empty if there is none, or if it is not known which.
func (s *instructions) overlayOf(text string) (dir, source string) {
	text = strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(text)
	found := buildsOverlay.FindAllStringIndex(text, 2)
	if len(found) != 1 {
		return "", ""
	}
	arguments, _, _ := strings.Cut(text[found[0][1]:], "\n")
	named, isUnknown := ".", false
	words := strings.Fields(apart.Replace(strings.ReplaceAll(arguments, "|", " | ")))
	for i := 0; i < len(words) && words[i] != "|"; i++ {
		switch word := words[i]; {
		case word == ">", slices.Contains(takesValue, word):
			i++
		case strings.HasPrefix(word, "-"), word == "2": // as in 2>/dev/null
		case strings.HasPrefix(word, "$"): // options, if the folder is named as well
			isUnknown = true
		case named != ".":
			return "", ""
		default:
			named = word
		}
	}
	dir, ok := s.find(named)
	if !ok || named == "." && isUnknown {
		return "", ""
	}
	name, ok := kustomize.File(s.tree, dir)
	if !ok {
		return "", ""
	}
	return dir, s.tree.Display(name)
}
