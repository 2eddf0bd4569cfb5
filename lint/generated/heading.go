package generated

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// namesFile matches where a heading names the file from which a file is generated: after from or source, or as the one to
// edit. The first group is set if it is the one not to edit.
var namesFile = regexp.MustCompile("(?i)(not |n't |never |be |or )?\\b(?:from|sources?(?: file)?:|template:|(?:edit|change|modify|update)(?: the (?:file|template))?)[ \"'`(]+(?:file |template )?[\"'`(]?([\\w@./-]*[\\w-]\\.[\\w.-]*\\w)")

// namedSource is the file of the input that the heading of a generated file names as its source. It is empty if there is none.
func namedSource(s lint.SourceText, made Made) string {
	for _, m := range namesFile.FindAllStringSubmatch(headingOf(s.Text), -1) {
		if m[1] != "" || path.Base(m[2]) == path.Base(s.Name) {
			continue
		}
		if name := made.Named(s.Name, m[2]); name != "" {
			return name
		}
	}
	return ""
}

var (
	// namesProgram matches where a heading names the program of the repository that generates the file.
	namesProgram = regexp.MustCompile("(?i)\\bgenerated (?:by|with|using)[ :\"'`(]+(?:running |the script )?[\"'`(]?((?:[\\w@.-]+/)*[\\w@.-]+\\.(?:sh|bash|py|js|ts|rb|pl|go|mjs|jsonnet|cue))\\b")
	// isOfFile matches what is before that, if it is said of the file: something in it may be generated, too.
	isOfFile = regexp.MustCompile(`(?i)(?:^\W*|\bcode |\b(?:this|the) (?:file|manifest|template) (?:is |was |has been )?)(?:auto-?|automatically )?$`)
)

// program is the program of the input which the heading of a file says generates it. It is empty if there is none. isGenerated is set if the
// heading says that the file is not to be edited.
func program(s lint.SourceText, made Made, isGenerated bool) string {
	heading := headingOf(s.Text)
	m := namesProgram.FindStringSubmatchIndex(heading)
	if m == nil || !isGenerated && !isOfFile.MatchString(heading[:m[0]]) {
		return ""
	}
	return made.Named(s.Name, heading[m[2]:m[3]])
}

var (
	// namesPath matches the first file in a folder from which a heading says that a file is generated.
	namesPath = regexp.MustCompile("(?i)\\b(?:from|sources?(?: files?)?:)[ :\"'`(]+((?:[\\w@.-]+/)+[\\w@-][\\w@.-]*\\.[a-z]\\w*)")
	// anyFile matches a word that may be the name of a file, and makesHere what a Makefile of the repository may make.
	anyFile   = regexp.MustCompile(`[\w@./-]*[\w-]\.[A-Za-z][\w.-]*\w`)
	makesHere = regexp.MustCompile("(?i)[`'\"(]?\\bmake [a-z`'-]")
)

// maxFiles is how many names in a heading are looked for.
const maxFiles = 100

// isFromElsewhere reports whether the heading of a generated file names files from which it is generated, and the repository has none of the
// files that the heading names: then the file is a copy from another project.
func isFromElsewhere(s lint.SourceText, made Made) bool {
	heading := headingOf(s.Text)
	first := namesPath.FindStringSubmatch(heading)
	if first == nil || makesHere.MatchString(heading) {
		return false
	}
	if top, rest, _ := strings.Cut(first[1], "/"); strings.Contains(strings.Trim(top, "."), ".") || strings.HasPrefix(rest, "templates/") || strings.HasPrefix(rest, "charts/") {
		return false // an address, or the template of a chart, as Helm names it
	}
	for _, name := range anyFile.FindAllString(heading, maxFiles) {
		if base := path.Base(name); base != path.Base(s.Name) && made.Holds(s.Name, base) {
			return false
		}
	}
	return true
}

// SaysGenerated reports whether the comments at the top of a file have the word generated. That alone does not say that the file is not to
// be edited.
func SaysGenerated(file []byte) bool {
	return isGenerated.MatchString(strings.ToLower(headingOf(file)))
}

// headingOf is the text of the comments at the top of a file.
func headingOf(file []byte) string {
	var text strings.Builder
	rest := file
	for line := 1; line <= maxHeading && len(rest) > 0; line++ {
		var l []byte
		l, rest, _ = bytes.Cut(rest, []byte("\n"))
		l = bytes.TrimSpace(l)
		mark := headingLine.Find(l)
		if mark == nil && len(l) > 0 && string(l) != "---" {
			break
		}
		text.Write(bytes.Trim(l[len(mark):], "# "))
		text.WriteString(" ")
	}
	return text.String()
}
