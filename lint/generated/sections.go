package generated

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// section is a part of a file, between two comments, that a program writes. The lines are those of the comments.
type section struct {
	first, last int
	// by is what the comment says makes it: a command of make. It is empty if it names none.
	by string
}

var (
	// beginsSection matches the word of a comment that begins a part of a file, in capitals or joined to other words, and what it is joined to.
	beginsSection = regexp.MustCompile(`(?:\b|_)(?:BEGIN|START)(?:\b|_)|[\w+:.-]+[-_:.](?i:begin|start)\b|\b(?i:begin|start)[-_:.][\w:.-]+|\b(?i:begin|start)\b`)
	// isWritten matches what the comment says of the part.
	isWritten = regexp.MustCompile(`\bauto-?generated\b|\bgenerated\b|\b(?:do not|don't|never|must not|not to be) (?:edit|modif|change|be edited)`)
	// byMake matches the command of make that a comment names.
	byMake = regexp.MustCompile(`\bmake [a-z][\w.-]*`)
	// endsAnything matches a comment that ends a part which has no name.
	endsAnything = regexp.MustCompile(`\bEND\b|^\W*(?i:end)\b`)
	// saysBegin matches a comment in which the word is in small letters, and no other is joined to it.
	saysBegin = regexp.MustCompile(`(?i)^\W*(?:begin|start)(?:ning)? (?:of )?(?:the )?(?:auto-?|automatically )?generated\b`)
	toEnd     = strings.NewReplacer("BEGIN", "END", "START", "END", "begin", "end", "start", "end", "Begin", "End", "Start", "End")
)

// sectionsOf are the parts of a text between two comments of which the first says that a program writes what follows, and the
// second ends it.
func sectionsOf(text []byte) (l []section) {
	if !mentions(strings.ToLower(string(text))) {
		return nil
	}
	var open section
	end, n := "", 0
	for line := range bytes.Lines(text) {
		n++
		line = bytes.TrimSpace(line)
		mark := headingLine.Find(line)
		if mark == nil {
			continue
		}
		comment := string(line[len(mark):])
		if open.first > 0 {
			if end != "" && strings.Contains(comment, end) || end == "" && endsAnything.MatchString(comment) {
				open.last = n
				l = append(l, open)
				open = section{}
			}
			continue
		}
		word := beginsSection.FindString(comment)
		if word == "" || !isWritten.MatchString(strings.ToLower(comment)) {
			continue
		}
		open, end = section{first: n, by: byMake.FindString(comment)}, ""
		if named := nameOf(comment, word); named != "" {
			end = toEnd.Replace(named)
		} else if word == strings.ToLower(word) && !saysBegin.MatchString(comment) { // a word of a sentence
			open = section{}
		}
	}
	return l
}

// nameOf is the word of a comment that a part of it is in, if it is joined to others: RULES_START.
func nameOf(comment, part string) string {
	for word := range strings.FieldsFuncSeq(comment, func(r rune) bool { return strings.ContainsRune(" \t,;()[]<>{}*=#", r) }) {
		if word = strings.Trim(word, ".:-_"); strings.Contains(word, strings.Trim(part, "_")) && len(word) > len("begin") {
			return word
		}
	}
	return ""
}

// inSection says in what a finding is to be fixed in a part of the file that a program writes. in is empty if it is in none.
func (f *file) inSection(of *lint.Finding) (in string, from lint.RelatedPlace) {
	for _, s := range f.sections {
		if s.first < of.Origin.Line && of.Origin.Line < s.last {
			in = "the source of this generated part"
			if s.by != "" {
				in = "that from which " + s.by + " writes this part"
			}
			return in, lint.RelatedPlace{Position: lint.Position{File: f.name, Line: s.first}, Label: "says that the part is generated"}
		}
	}
	return "", from
}
