package attributes

import (
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/tree"
)

const (
	// maxHeading is how many lines of a README are read: what it says of all files of the folder comes first.
	maxHeading = 40
	contents   = `(?:files|charts|manifests|crds|contents?|everything|anything|yamls?)`
	here       = `(?:in|of|under|inside|within) this (?:directory|folder)`
	byHand     = `(?:manually |directly |by hand )?`
)

var (
	// madeElsewhere matches how the files of a folder came there, if a paragraph is about them.
	madeElsewhere = regexp.MustCompile(`\b(?:auto-?)?(?:generated|synced|synchroni[sz]ed|vendored|copied|mirrored|imported|overwritten)\b`)
	// editNone matches sentences which say that no file of the folder is to be edited.
	editNone = regexp.MustCompile(`\b(?:do not|don't|never) ` + byHand + `(?:edit|modify|change) (?:` +
		`(?:any |all |the |any of the )?(?:\w+ )?` + contents + ` ` + here + `|these (?:files|charts|manifests|crds)\b|this (?:directory|folder)\b|them\b)` +
		`|\b` + contents + ` ` + here + `[^.]* (?:must|should|may) not be ` + byHand + `(?:edited|modified|changed)`)
	thisFolder = regexp.MustCompile(`\bthis (?:directory|folder)\b`)
)

// readmeLine is the line of the README of a folder which says that the files in it are made elsewhere and not to be
// edited. It is 0 if none does.
func readmeLine(text string) int {
	at, paragraph := 0, ""
	n, isCode := 0, false
	for row := range strings.Lines(text + "\n\n") {
		n++
		row = strings.TrimSpace(row)
		if strings.HasPrefix(row, "```") {
			isCode = !isCode
		}
		if row != "" && !isCode && !strings.HasPrefix(row, "#") {
			if at == 0 {
				at = n
			}
			paragraph += strings.NewReplacer("*", "", "_", "", "> ", "", "’", "'").Replace(strings.ToLower(row)) + " "
			continue
		}
		if madeElsewhere.MatchString(paragraph) && thisFolder.MatchString(paragraph) && editNone.MatchString(paragraph) {
			return at
		}
		if at, paragraph = 0, ""; n > maxHeading {
			break
		}
	}
	return 0
}

// Readme is the line of the README in the folder of a file, or in one above, which says that what is in it is generated or
// copied from elsewhere, and not to be edited. That of the whole repository does not count. It is empty if none does.
func (f *Files) Readme(t *tree.Tree, name string) lint.Position {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if at := f.readme(t, dir); at.Line > 0 {
			return at
		}
	}
	return lint.Position{}
}

// readme reads the README of a folder, once. What cannot be read, or is too long, says nothing.
func (f *Files) readme(t *tree.Tree, dir string) lint.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := folder{t.Dir(), dir}
	if at, ok := f.readmes[id]; ok {
		return at
	}
	if f.readmes == nil {
		f.readmes = map[folder]lint.Position{}
	}
	f.readmes[id] = lint.Position{}
	for _, base := range []string{"README.md", "README", "README.txt", "readme.md"} {
		name := path.Join(dir, base)
		if text, err := t.ReadFile(name); err == nil && len(text) <= maxFile {
			if line := readmeLine(string(text)); line > 0 {
				f.readmes[id] = lint.Position{File: t.Display(name), Line: line}
			}
			break
		}
	}
	return f.readmes[id]
}
