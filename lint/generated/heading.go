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
