package attributes

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/plain"
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
	// writtenBy matches the one sentence of a README that says it of all that is beside it, without a word for the folder.
	writtenBy = regexp.MustCompile(`^(?:(?:all |these )` + contents + ` (?:are|is) )?(?:auto-?)?generated (?:by|from|with) .*\b(?:do not|don't|never) ` + byHand + `(?:edit|modify|change)\b`)
	// allWritten matches what a README above several folders says of all of these.
	allWritten = regexp.MustCompile(`^(?:all |these )(?:of these |the )?(?:directories|folders)\b[^.]*\b(?:auto-?)?generated\b.*\b(?:do not|don't|never) ` + byHand + `(?:edit|modify|change)\b`)
	// madeFrom matches what says how the files of a folder are made, if a paragraph is about them, without more.
	madeFrom = regexp.MustCompile(`\b(?:they|` + contents + `(?: ` + here + `)?) are (?:all )?(?:automatically )?(?:auto-?)?generated (?:by|from|with|using)\b`)
	// listedFolder matches a line of a README that has a folder in a list, or in a drawing of the tree, as generated.
	listedFolder = regexp.MustCompile("(?im)^[ \t│├└─|+-]*[-*]? *[*_`]*(?:\\./)?([\\w.-]+)/[`*_]*[ \t]*(?:[-–—:#]+|←)[ \t]*(?:all |the )?(?:auto-?)?generated\\b")
	thisFolder   = regexp.MustCompile(`\bthis (?:directory|folder)\b`)
)

// paragraph is one of a README, without emphasis and in lower case.
type paragraph struct {
	line int
	text string
	// isHeading is set for a heading, and level is its level.
	isHeading bool
	level     int
}

// paragraphsOf are the headings and paragraphs at the top of a README, without blocks of code. isAll is set if there are no others.
func paragraphsOf(text string) (l []paragraph, isAll bool) {
	n, isCode := 0, false
	var last paragraph
	end := func() {
		if last.text != "" {
			l = append(l, last)
		}
		last = paragraph{}
	}
	for row := range strings.Lines(text) {
		if n++; n > maxHeading && last.text == "" {
			return l, false
		}
		row = strings.TrimSpace(row)
		if strings.HasPrefix(row, "```") {
			isCode = !isCode
		}
		words := strings.TrimLeft(row, "#")
		switch level := len(row) - len(words); {
		case isCode || row == "" || strings.HasPrefix(row, "```"):
			end()
		case level > 0:
			end()
			l = append(l, paragraph{n, withoutMarks.Replace(strings.ToLower(strings.TrimSpace(words))), true, level})
		default:
			if last.text == "" {
				last.line = n
			}
			last.text += withoutMarks.Replace(strings.ToLower(row)) + " "
		}
	}
	end()
	return l, true
}

var withoutMarks = strings.NewReplacer("*", "", "_", "", "> ", "", "’", "'")

// generatedLine is the line of the README of a folder which says that the files in it are made elsewhere and not to be
// edited. It is 0 if none does. A README of no more than one paragraph is about the folder.
func generatedLine(l []paragraph, isAll bool) int {
	texts := slices.DeleteFunc(slices.Clone(l), func(p paragraph) bool { return p.isHeading })
	for _, p := range texts {
		if allWritten.MatchString(p.text) || madeElsewhere.MatchString(p.text) && thisFolder.MatchString(p.text) && editNone.MatchString(p.text) ||
			isAll && len(texts) == 1 && writtenBy.MatchString(p.text) {
			return p.line
		}
	}
	return 0
}

// madeLine is the line of the README of a folder which says from what the files in it are generated, and no more. It is 0 if none does.
func madeLine(l []paragraph) int {
	for _, p := range l {
		if !p.isHeading && thisFolder.MatchString(p.text) && madeFrom.MatchString(p.text) {
			return p.line
		}
	}
	return 0
}

// listedFolders are the lines of a README that list folders beside it as generated, by the names of these in lower case.
func listedFolders(text string) map[string]int {
	l := map[string]int{}
	n := 0
	for row := range strings.Lines(text) {
		n++
		if m := listedFolder.FindStringSubmatch(row); m != nil {
			l[strings.ToLower(m[1])] = n
		}
	}
	return l
}

// Readme is the line of the README in the folder of a file, or in one above, which says that what is in it is generated or
// copied from elsewhere, and not to be edited. If it says only that it is generated, the file must be as a program writes it: others there may
// be edited by hand. That of the whole repository does not count. It is empty if none does.
func (f *Files) Readme(t *tree.Tree, name string) lint.Position {
	for dir := range discover.Above(name) {
		of := f.readme(t, dir)
		if of.generated.Line > 0 {
			return of.generated
		}
		made := of.made
		if made.Line == 0 {
			made = f.readme(t, path.Dir(dir)).listed[strings.ToLower(path.Base(dir))]
		}
		if made.Line > 0 && plain.IsWrittenByProgram(discover.File{Tree: t, Name: name}) {
			return made
		}
	}
	return lint.Position{}
}

// readme is what the README of a folder says of the files in it: each the line that says it, or empty.
type readme struct {
	// generated is the one for what is made elsewhere and not to be edited, made for what is generated, without more, vendored for what is copied from other
	// projects, unchanged for a chart that is such a copy without changes, and elsewhere for one that is edited in another
	// repository.
	generated, made, vendored, unchanged, elsewhere lint.Position
	// listed are the lines which say that what is in folders beside it is generated, by the names of these in lower case.
	listed map[string]lint.Position
	// pulled are the comments of the kustomization beside it that have Helm pull charts, by the folders of these.
	pulled map[string]lint.Position
}

// maxTop is how much of a README is looked at, in bytes.
const maxTop = 16 << 10

// readme reads the README of a folder, once. What cannot be read says nothing.
func (f *Files) readme(t *tree.Tree, dir string) (r readme) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := folder{t.Dir(), dir}
	if r, ok := f.readmes[id]; ok {
		return r
	}
	if f.readmes == nil {
		f.readmes = map[folder]readme{}
	}
	for _, base := range []string{"README.md", "README", "README.txt", "readme.md"} {
		name := path.Join(dir, base)
		if text, err := t.ReadFile(name); err == nil {
			at := func(line int) lint.Position {
				if line == 0 {
					return lint.Position{}
				}
				return lint.Position{File: t.Display(name), Line: line}
			}
			l, isAll := paragraphsOf(string(text[:min(len(text), maxTop)]))
			isAll = isAll && len(text) <= maxTop
			isOwn := func(repository string) bool { // which is plain and in lower case, as the text is
				of := func(name string) string { return withoutMarks.Replace(strings.ToLower(name)) }
				return isOwn(t, of(moduleOf(t)), repository) || path.Base(repository) == of(filepath.Base(t.Dir()))
			}
			r = readme{at(generatedLine(l, isAll)), at(madeLine(l)), at(vendoredLine(l)), at(unchangedLine(l)), at(elsewhereLine(l, dir, isOwn)), nil, nil}
			for folder, line := range listedFolders(string(text[:min(len(text), maxTop)])) {
				if r.listed == nil {
					r.listed = map[string]lint.Position{}
				}
				r.listed[folder] = at(line)
			}
			break
		}
	}
	r.pulled = pullsIn(t, dir)
	f.readmes[id] = r
	return r
}
