package generated

import (
	"bytes"

	"github.com/kubevet/kubevet/lint"
)

// minLines is how many lines a template must have at least that the file beside it has, too.
const minLines = 5

// beside is a template beside a file which has most of its lines, too. It is known that one is made from the other only where a program says so.
type beside struct {
	name string
	// lines are the numbers of its lines by what they have without spaces around: the first of several that are the same.
	lines map[string]int
}

// besideOf is the template beside a file. It is empty if there is none.
func besideOf(s lint.SourceText, made Made) (b beside) {
	name, text := made.TemplateBeside(s.Name)
	if name == "" || len(s.Text) == 0 {
		return b
	}
	own := map[string]bool{}
	for line := range bytes.Lines(s.Text) {
		own[string(bytes.TrimSpace(line))] = true
	}
	b = beside{name, map[string]int{}}
	n, all, same := 0, 0, 0
	for line := range bytes.Lines(text) {
		n++
		key := string(bytes.TrimSpace(line))
		if key == "" {
			continue
		}
		if all++; own[key] {
			same++
		}
		if _, known := b.lines[key]; !known {
			b.lines[key] = n
		}
	}
	if same < minLines || 3*same < 2*all {
		return beside{}
	}
	return b
}

// inBeside says that a finding is to be fixed in the template beside the file, too, if that has the line. in is empty if it has not.
func (f *file) inBeside(of *lint.Finding) (in string, from lint.RelatedPlace) {
	if f.beside.name == "" {
		return "", from
	}
	n := 0
	for line := range bytes.Lines(f.text) {
		if n++; n < of.Origin.Line {
			continue
		}
		if at := f.beside.lines[string(bytes.TrimSpace(line))]; at > 0 {
			return f.beside.name + " and here", lint.RelatedPlace{Position: lint.Position{File: f.beside.name, Line: at}, Label: "has the line, too"}
		}
		break
	}
	return "", from
}
