// Package generated finds files that say that they are generated.
package generated

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// maxHeading is how many lines of a file are searched for a heading.
const maxHeading = 30

var (
	headingLine = regexp.MustCompile(`^\s*(?:#|//|\{\{-?\s*/\*|/\*|\*)`)
	isGenerated = regexp.MustCompile(`\b(?:auto-?)?generated\b`)
	notByHand   = regexp.MustCompile(`\b(?:do not|don't|never|should not|must not)(?: be)? (?:manually |directly )?(?:edit|modif|change)`)
)

// Line is the line of the comment at the top of a file which says that the file is generated and
// not to be edited. It is 0 if there is none.
func Line(file []byte) int {
	var text strings.Builder
	rest, at := file, 0
	for line := 1; line <= maxHeading && len(rest) > 0; line++ {
		var l []byte
		l, rest, _ = bytes.Cut(rest, []byte("\n"))
		l = bytes.TrimSpace(l)
		mark := headingLine.Find(l)
		switch {
		case len(l) == 0 || string(l) == "---":
		case mark == nil:
			return 0
		default:
			lower := strings.ToLower(string(l[len(mark):]))
			if at == 0 && isGenerated.MatchString(lower) {
				at = line
			}
			text.WriteString(strings.Trim(lower, "# "))
			text.WriteString(" ")
		}
		if at > 0 && notByHand.MatchString(text.String()) {
			return at
		}
	}
	return 0
}

// Mark makes the fixes of findings honest whose place is in a generated file: what
// is edited there is lost when it is generated again. sources are the files of the findings.
func Mark(findings []*lint.Finding, sources []lint.SourceText) {
	lines := map[string]int{}
	for _, f := range findings {
		lines[f.Origin.File] = 0
	}
	for _, s := range sources {
		if _, ok := lines[s.Name]; ok {
			lines[s.Name] = Line(s.Text)
		}
	}
	for _, f := range findings {
		file := f.Origin.File
		line := lines[file]
		if line == 0 {
			continue
		}
		f.Fix.Title = "in the source of this generated file, " + f.Fix.Title
		f.Fix.Value, f.Fix.Addition, f.Fix.Edits = "", lint.Addition{}, nil
		f.Related = append(f.Related, lint.RelatedPlace{Position: lint.Position{File: file, Line: line}, Label: "says that the file is generated"})
	}
}
