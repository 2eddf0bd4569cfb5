package generated

import (
	"cmp"

	"github.com/kubevet/kubevet/lint"
)

// chartCopies are findings in charts of which others are copies, by what is the same in the copies. It is nil if there are no copies.
type chartCopies map[sameInChart]*lint.Finding

// sameInChart is what findings in a chart and its copy have in common: the place, too, since the files are equal.
type sameInChart struct {
	rule, file                     string
	line, column                   int
	kind, container, path, message string
}

func inChart(f *lint.Finding, file string) sameInChart {
	at := f.Origin.Position
	return sameInChart{f.Rule.ID, file, at.Line, at.Column, f.Object.Kind, f.Container, f.Path, f.Message}
}

func isCopyOfChart(f *lint.Finding) bool {
	return f.CopyOf != "" && len(f.MadeFrom) == 0 && f.Ignored == nil
}

// look notes that a finding is in a copy.
func (c *chartCopies) look(f *lint.Finding) {
	if *c == nil {
		*c = chartCopies{}
	}
	(*c)[inChart(f, f.CopyOf)] = nil
}

// add notes a finding as the original of those in copies. Where the chart itself does not have it, since it cannot be rendered, it is that of
// the first copy.
func (c chartCopies) add(f *lint.Finding) {
	like := inChart(f, cmp.Or(f.CopyOf, f.Origin.File))
	known, isWanted := c[like]
	switch {
	case !isWanted:
	case known == nil, known.CopyOf != "" && (f.CopyOf == "" || comparePlaces(f, known) < 0):
		c[like] = f
	}
}

// originalOf is the original of a finding in a copy. It is nil if there is none, or if it is that itself.
func (c chartCopies) originalOf(f *lint.Finding) *lint.Finding {
	if of := c[inChart(f, f.CopyOf)]; of != nil && of.Origin.File != f.Origin.File {
		return of
	}
	return nil
}
