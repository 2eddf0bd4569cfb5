// Package report writes a lint.Report: one file a format.
package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/columns"
	"github.com/kubevet/kubevet/lint/report/places"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// TextOptions say how Text writes.
type TextOptions struct {
	// Color uses terminal colours.
	Color bool
	// Quiet leaves all but the first line of each finding and problem out.
	Quiet bool
	// Verbose lists all occurrences, what explains each finding, the files that
	// were skipped, the problems that are accepted, and details of problems.
	Verbose bool
	// ShowIgnored lists the findings that are ignored, and why.
	ShowIgnored bool
	// MaxPerRule limits the findings of a rule that are listed; the others are
	// counted. Zero: all are.
	MaxPerRule int
	// Columns is the width of the terminal that is written to. Findings are laid out
	// by file and place for it. Zero: it is no terminal, and each finding is one line.
	Columns int
	// FileLink gives the address of a file, and RuleLink that of a rule, for a
	// terminal that has hyperlinks. There are no links if they are nil, or give an empty text.
	FileLink, RuleLink func(name string) string
}

// defaultColumns is the width of a terminal's layout where there is no terminal.
const defaultColumns = 100

// Text writes a report for people: laid out by file and place on a terminal, else one
// line a finding, for grep.
func Text(out io.Writer, r *lint.Report, opts TextOptions) error {
	if opts.Columns > 0 || opts.MaxPerRule > 0 {
		r = r.Whole()
	}
	r = plain.ReportAndFiles(r)
	w := &textWriter{Writer: bufio.NewWriter(out), TextOptions: opts, paint: newPaint(opts.Color)}
	shown, left := perRule(r.Findings, opts.MaxPerRule)
	if opts.Columns > 0 {
		w.layout(r, places.Group(shown), left)
		return w.Flush()
	}
	one := func(f *lint.Finding) {
		w.line(f, f.Severity.String(), w.paint.severity[f.Severity], f.Message+extent(f)+w.alsoAt(f))
		if opts.Verbose && !opts.Quiet {
			w.excerptBelow(f.Origin)
			w.evidence(f)
			fmt.Fprintln(w)
		}
	}
	places.Each(r.Files(), one)
	for _, f := range places.Ordered(shown) {
		one(f)
	}
	w.leftOut(left)
	if opts.ShowIgnored {
		for f := range r.AllIgnored() {
			w.line(f, "ignored", w.paint.faint, f.Severity.String()+": "+f.Message+extent(f)+w.alsoAt(f))
			if !opts.Quiet {
				w.evidenceLine(string(f.Ignored.By), ignoredBecause(f.Ignored))
			}
		}
	}
	w.problemLines(r)
	if !opts.Quiet {
		w.summary(r)
	}
	return w.Flush()
}

type textWriter struct {
	*bufio.Writer
	TextOptions
	paint paint
	// fixedAt is where in the current file a fix is printed already.
	fixedAt map[string]string
}

// paint holds the colours; each prints plain text if colours are off.
type paint struct {
	place, caret, label, faint, added func(a ...any) string
	severity                          [lint.Low + 1]func(a ...any) string
}

func newPaint(on bool) paint {
	c := func(attrs ...color.Attribute) func(a ...any) string {
		p := color.New(attrs...)
		if on {
			p.EnableColor()
		} else {
			p.DisableColor()
		}
		return p.SprintFunc()
	}
	return paint{
		place: c(color.Bold), caret: c(color.FgGreen, color.Bold), label: c(color.FgCyan), faint: c(color.Faint), added: c(color.FgGreen),
		severity: [lint.Low + 1]func(a ...any) string{
			c(), lint.Critical: c(color.FgHiRed, color.Bold), lint.High: c(color.FgRed), lint.Medium: c(color.FgYellow), lint.Low: c(color.FgBlue),
		},
	}
}

// line prints a finding as one line: where it is, a word, what, and the rule.
func (w *textWriter) line(f *lint.Finding, word string, paint func(a ...any) string, message string) {
	fmt.Fprintf(w, "%s: %s: %s [%s]\n", w.paint.place(f.Origin.String()), paint(word), message, f.Rule.ID)
}

// alsoAt names the other lines to edit where several files define the object, or have a copy of a credential, to follow the message. The evidence of a verbose report has them.
func (w *textWriter) alsoAt(f *lint.Finding) string {
	switch l := f.Definitions(); {
	case w.Verbose || len(l) == 0:
		return ""
	case len(l) == 1:
		return fmt.Sprintf(" (also at %s)", l[0])
	case areOfOneFile(l):
		return fmt.Sprintf(" (also at %s and %s)", l[0], lint.Count(len(l)-1, "more place"))
	default:
		return fmt.Sprintf(" (also at %s and in %s)", l[0], lint.Count(len(l)-1, "more file"))
	}
}

// areOfOneFile reports whether a file has several places.
func areOfOneFile(l []lint.Position) bool {
	files := map[string]bool{}
	for _, at := range l {
		files[at.File] = true
	}
	return len(files) < len(l)
}

// ignoredBecause is the reason, the end, and where both are written.
func ignoredBecause(i *lint.Ignored) string {
	s := i.Reason
	if i.By == lint.ByBaseline {
		s = "known"
	}
	if !i.Until.IsZero() {
		s += " (until " + i.Until.Format(time.DateOnly) + ")"
	}
	if at := i.Position.String(); at != "" {
		s += " at " + at
	}
	return s
}

// excerptBelow prints the source line below the line of a finding, and underlines the
// value.
func (w *textWriter) excerptBelow(o lint.Origin) {
	if o.Line == 0 || o.Text == "" {
		return
	}
	number := strconv.Itoa(o.Line)
	text, start, end := columns.Window(o.Text, o.Column, o.EndColumn, maxExcerpt)
	fmt.Fprintf(w, "%s %s %s\n", w.paint.faint(number), w.paint.faint("|"), text)
	if start > 0 {
		fmt.Fprintf(w, "%s %s %s%s\n", strings.Repeat(" ", len(number)), w.paint.faint("|"), columns.Blank(text, start-1), w.paint.caret(strings.Repeat("^", max(end-start, 1))))
	}
}

// maxExcerpt is the width to which source lines are cut, in characters, where there
// is no terminal that has less room.
const maxExcerpt = 160

// stepNames are how text output calls the steps of a trail.
var stepNames = map[lint.StepKind]string{
	lint.StepValues: "value", lint.StepDecides: "decided by", lint.StepDependency: "dependency", lint.StepChart: "value", lint.StepInclude: "included", lint.StepTemplate: "template", lint.StepPatch: "patch",
	lint.StepBase: "base", lint.StepKustomization: "kustomization", lint.StepRendered: "rendered",
}

// maxShown is how many occurrences of one finding are listed.
const maxShown = 5

// maxShown is how many occurrences of one finding text output lists: with -v all.
func (w *textWriter) maxShown() int {
	if w.Verbose {
		return math.MaxInt
	}
	return maxShown
}

// evidence prints what explains a finding, a line each.
func (w *textWriter) evidence(f *lint.Finding) {
	if f.Origin.Precision == lint.PrecisionBlock {
		w.evidenceLine("place", "the line that produced the value, among others")
	}
	for _, s := range f.CommonTrail() {
		if s.Kind == lint.StepRendered && f.Origin.Precision == lint.PrecisionExact {
			continue // the line itself says it
		}
		name := stepNames[s.Kind]
		if s.Missing {
			name = "add value"
		}
		if (s.Kind == lint.StepValues || s.Kind == lint.StepDependency) && s.Position == f.Origin.Position {
			s.Position = lint.Position{} // the line itself says it
		}
		w.evidenceLine(name, step(s))
	}
	for _, rel := range f.Related {
		w.evidenceLine("see", step(lint.Step{Position: rel.Position, Label: rel.Label}))
	}
	for _, line := range objectLines(f, w.maxShown()) {
		w.evidenceLine("object", line)
	}
	w.evidenceLine("fix", f.Fix.Title)
}

// evidenceLine prints a line below a finding or a problem.
func (w *textWriter) evidenceLine(label, text string) {
	fmt.Fprintf(w, "  %s %s: %s\n", w.paint.faint("="), w.paint.label(label), text)
}

func step(s lint.Step) string {
	at := s.Position.String()
	switch {
	case s.Label == "" || s.Label == string(s.Kind):
		return at
	case at == "":
		return s.Label
	case s.Missing:
		return s.Label + " below " + at
	}
	return s.Label + " at " + at
}

// perRule gives n findings of each rule, those of the highest severity, and the
// ones left out. Zero: all.
func perRule(findings []*lint.Finding, n int) (shown, left []*lint.Finding) {
	if n == 0 {
		return findings, nil
	}
	seen := map[string]int{}
	out := map[*lint.Finding]bool{}
	for _, f := range worst(slices.Values(findings), len(findings)) {
		seen[f.Rule.ID]++
		out[f] = seen[f.Rule.ID] > n
	}
	for _, f := range findings {
		if out[f] {
			left = append(left, f)
		} else {
			shown = append(shown, f)
		}
	}
	return shown, left
}

// leftOut counts the findings that are not listed, by their rules.
func (w *textWriter) leftOut(left []*lint.Finding) {
	if len(left) == 0 {
		return
	}
	fmt.Fprintln(w, w.wrapped(fmt.Sprintf("not listed, for --max-per-rule %d: %s", w.MaxPerRule, tallyOf(left)), 0, "  "))
	if w.Quiet {
		return
	}
	for _, g := range groupByRule(left) {
		fmt.Fprintf(w, "  %s: %d more in %s\n", w.link(w.RuleLink, g.name, g.name), g.total(), lint.Count(len(g.files), "file"))
	}
	fmt.Fprintln(w)
}

// summary ends a run: "nothing found" must not look like "nothing read".
func (w *textWriter) summary(r *lint.Report) {
	w.skipped(r.Summary)
	line := func(text string) { fmt.Fprintln(w, w.wrapped(text, 0, "  ")) }
	line(fmt.Sprintf("%s, %s%s%s%s", tally(r.Summary.Findings), lint.Count(r.Summary.Problems, "problem"), acceptedCount(r), ignoredCount(r), interrupted(r)))
	line("checked " + w.checked(r.Summary))
}

// skipped lists with -v what was read and not checked.
func (w *textWriter) skipped(s lint.Summary) {
	if !w.Verbose {
		return
	}
	for _, skip := range s.Skipped {
		fmt.Fprintf(w, "%s: skipped: %s\n", skip.File, skip.Reason)
	}
	for _, name := range s.Unrendered {
		fmt.Fprintf(w, "%s: no scenario renders anything from it\n", name)
	}
}

// checked says what a run looked at, and how to see what it did not look at.
func (w *textWriter) checked(s lint.Summary) string {
	if w.Verbose {
		return checked(s, "")
	}
	return checked(s, " (-v says which, and why)")
}

// checked says what a run looked at. What was skipped is followed by a hint.
func checked(s lint.Summary, hint string) string {
	var l []string
	if s.Charts > 0 {
		l = append(l, lint.Count(s.Charts, "chart")+" in "+lint.Count(s.Scenarios, "scenario"))
	}
	if s.Overlays > 0 {
		l = append(l, lint.Count(s.Overlays, "overlay"))
	}
	if s.Manifests > 0 {
		l = append(l, lint.Count(s.Manifests, "manifest"))
	}
	if s.Documents > 0 {
		l = append(l, lint.Count(s.Documents, "other file"))
	}
	if len(l) == 0 {
		l = append(l, "nothing")
	}
	text := strings.Join(l, ", ") + ": " + lint.Count(s.Objects, "object")
	if n := len(s.Skipped); n > 0 {
		text += "; skipped " + lint.Count(n, "file") + hint
	}
	if n := len(s.Unrendered); n > 0 {
		text += "; no scenario renders " + lint.Count(n, "template")
	}
	if len(s.Configs) > 0 {
		text += "; configuration " + plain.Text(strings.Join(s.Configs, ", "))
	}
	return text
}

// ignoredCount ends a summary, if anything is ignored.
func ignoredCount(r *lint.Report) string {
	if r.CountIgnored() == 0 {
		return ""
	}
	return fmt.Sprintf(", %d ignored", r.CountIgnored())
}
