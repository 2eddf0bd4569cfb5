package attributes

import (
	"path"
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
var buildsOverlay = regexp.MustCompile(`(?:\bkustomize["']?\s+build|\$[({]?KUSTOMIZE[)}]?["']?\s+build|\b(?:kubectl|oc)\s+kustomize)(?:\s|$)`)

// takesValue are the options of these commands before a value of theirs.
var takesValue = []string{
	"-o", "--output", "-e", "--env", "--load-restrictor", "--load_restrictor", "--reorder", "--mount", "--network-name", "--helm-command", "--as-current-user",
}

// overlayOf is the folder of the only overlay that a text with commands builds, and its kustomization, as reports call it. They are
// empty if there is none, or if it is not known which.
func (s *instructions) overlayOf(text string) (dir, source string) {
	named := builtFolder(text)
	dir, ok := s.find(named)
	if !ok || named == "" {
		return "", ""
	}
	name, ok := kustomize.File(s.tree, dir)
	if !ok {
		return "", ""
	}
	return dir, s.tree.Display(name)
}

// builtFolder is the folder of the only overlay that a text with commands builds, as it names it. It is empty if there is none, or if it
// is not known which.
func builtFolder(text string) string {
	text = strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(text)
	found := buildsOverlay.FindAllStringIndex(text, 2)
	if len(found) != 1 {
		return ""
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
			return ""
		default:
			named = word
		}
	}
	if named == "." && isUnknown {
		return ""
	}
	return named
}

var (
	// addsToOverlay matches the command that lists something in the overlay of the folder in which it runs.
	addsToOverlay = regexp.MustCompile(`(?:\bkustomize|\$[({]KUSTOMIZE[)}])\s+edit\s+add\s+(?:resource|base|component)s?\s+(.+)`)
	// writesOverlay matches the command that writes the text of a variable to a kustomization.
	writesOverlay = regexp.MustCompile(`^(?:echo|printf)\b[^>]*\$\$?[({]?(\w+)[)}]?[^>$]*>\s*["']?([\w./-]*\bkustomization\.ya?ml)["']?\s*$`)
	// defines matches the line of a Makefile that begins the text of a variable.
	defines = regexp.MustCompile(`^define\s+(\w+)`)
	// listsFolder matches an entry of a kustomization that is the path of something in another folder.
	listsFolder = regexp.MustCompile(`^\s*-\s+["']?(\.\./[\w./-]+)["']?\s*$`)
)

// overlaysMade are the overlays that the commands of a text make, which the repository does not have: make build-installer often
// writes one to a folder that it removes again.
type overlaysMade struct {
	// in is the folder to which the last cd leads, as the commands name it.
	in string
	// bases are the kustomizations that they list, as reports call them, by the folders of the overlays.
	bases map[string][]string
	// listed are the entries of other folders in the texts of the variables of a Makefile.
	listed map[string][]string
}

// readDefined notes what the variables of a Makefile list.
func (o *overlaysMade) readDefined(text string) {
	o.listed = map[string][]string{}
	name := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if m := defines.FindStringSubmatch(line); m != nil {
			name = m[1]
		} else if strings.HasPrefix(line, "endef") {
			name = ""
		}
		if m := listsFolder.FindStringSubmatch(line); m != nil && name != "" {
			o.listed[name] = append(o.listed[name], m[1])
		}
	}
}

// endLine and endRule forget what the next line, or the next rule, of a Makefile does not have.
func (o *overlaysMade) endLine() { o.in = "" }

func (o *overlaysMade) endRule() { o.bases = nil }

// makeOverlay takes a command that may make an overlay, or a part of one.
func (s *instructions) makeOverlay(command string) {
	if folder, ok := strings.CutPrefix(command, "cd "); ok {
		s.made.in = path.Join(s.made.in, strings.Trim(strings.TrimSpace(folder), `"'`))
		return
	}
	if m := addsToOverlay.FindStringSubmatch(command); m != nil {
		for word := range strings.FieldsSeq(m[1]) {
			s.addBase(s.made.in, strings.Trim(word, `"'`))
		}
		return
	}
	if m := writesOverlay.FindStringSubmatch(command); m != nil {
		for _, entry := range s.made.listed[m[1]] {
			s.addBase(path.Join(s.made.in, path.Dir(m[2])), entry)
		}
	}
}

// addBase notes the folder of a kustomization that an overlay in a folder lists.
func (s *instructions) addBase(overlay, entry string) {
	dir, ok := s.find(path.Join(overlay, entry))
	if !ok {
		return
	}
	if name, ok := kustomize.File(s.tree, dir); ok {
		if s.made.bases == nil {
			s.made.bases = map[string][]string{}
		}
		s.made.bases[overlay] = append(s.made.bases[overlay], s.tree.Display(name))
	}
}

// basesOf are the kustomizations, as reports call them, that the only overlay lists which a text with commands builds, if commands
// before have made it.
func (s *instructions) basesOf(text string) []string {
	named := builtFolder(text)
	if named == "" {
		return nil
	}
	return s.made.bases[path.Join(s.made.in, named)]
}
