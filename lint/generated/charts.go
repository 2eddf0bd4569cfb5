package generated

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// chartCopies are findings in charts of which others are copies, by what is the same in the copies. It is nil if there are no copies.
type chartCopies map[sameInChart]*lint.Finding

// sameInChart is what findings in a chart and its copy have in common: the place, too, since the files are equal. In what a program makes of a
// chart, the values may be on other lines, and the names and messages are others.
type sameInChart struct {
	rule, file                     string
	line, column                   int
	kind, container, path, message string
	key                            string // of the values
}

// inChild is the same for what a program makes of a chart, whose folder has a name that stands for its own.
func inChild(f *lint.Finding, file, name, own string) sameInChart {
	rename := func(text string) string {
		if own == "" {
			return text
		}
		return strings.ReplaceAll(text, own, name)
	}
	s := sameInChart{rule: f.Rule.ID, file: file, kind: f.Object.Kind, container: rename(f.Container), path: rename(f.StablePath())}
	isKey := func(s lint.Step) bool {
		return (s.Kind == lint.StepValues || s.Kind == lint.StepDecides) && s.Position.File == f.Origin.File && s.Position.Line == f.Origin.Line
	}
	if i := slices.IndexFunc(f.Origin.Trail, isKey); i >= 0 {
		s.key = f.Origin.Trail[i].Label
	} else {
		s.line = f.Origin.Line
	}
	return s
}

// keyOf is what a finding in a copy has in common with its original.
func keyOf(f *lint.Finding) sameInChart {
	if !f.IsChild {
		return inChart(f, f.CopyOf)
	}
	child, parent := path.Dir(f.Origin.File), path.Dir(f.CopyOf)
	for child != "." && parent != "." && path.Base(child) == path.Base(parent) {
		child, parent = path.Dir(child), path.Dir(parent)
	}
	return inChild(f, f.CopyOf, path.Base(parent), path.Base(child))
}

// child notes of a finding that it is in a chart which a program makes of another one. It reports whether it is.
func (f *file) child(of *lint.Finding, made Made) bool {
	source, by := made.ChildOf(of.Origin.File)
	if source == "" {
		return false
	}
	of.CopyOf, of.IsChild = source, true
	f.retitle(of, source+" or "+path.Base(by.File)+", which makes this copy of it")
	of.Related = append(of.Related, lint.RelatedPlace{Position: by, Label: "makes the chart of another one"})
	return true
}

func inChart(f *lint.Finding, file string) sameInChart {
	at := f.Origin.Position
	return sameInChart{f.Rule.ID, file, at.Line, at.Column, f.Object.Kind, f.Container, f.Path, f.Message, ""}
}

func isCopyOfChart(f *lint.Finding) bool {
	return f.CopyOf != "" && len(f.MadeFrom) == 0 && f.Ignored == nil
}

// look notes that a finding is in a copy.
func (c *chartCopies) look(f *lint.Finding) {
	if *c == nil {
		*c = chartCopies{}
	}
	(*c)[keyOf(f)] = nil
}

// add notes a finding as the original of those in copies. Where the chart itself does not have it, since it cannot be rendered, it is that of
// the first copy.
func (c chartCopies) add(f *lint.Finding) {
	if c == nil {
		return
	}
	if f.CopyOf != "" {
		c.addAs(f, keyOf(f))
		return
	}
	c.addAs(f, inChart(f, f.Origin.File))
	c.addAs(f, inChild(f, f.Origin.File, "", ""))
}

func (c chartCopies) addAs(f *lint.Finding, like sameInChart) {
	known, isWanted := c[like]
	switch {
	case !isWanted:
	case known == nil, known.CopyOf != "" && (f.CopyOf == "" || comparePlaces(f, known) < 0):
		c[like] = f
	}
}

// originalOf is the original of a finding in a copy. It is nil if there is none, or if it is that itself.
func (c chartCopies) originalOf(f *lint.Finding) *lint.Finding {
	if of := c[keyOf(f)]; of != nil && of.Origin.File != f.Origin.File {
		return of
	}
	return nil
}
