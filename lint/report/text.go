// Package report writes a lint.Report: one file a format.
package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/kubevet/kubevet/lint"
)

// TextOptions say how Text writes.
type TextOptions struct {
	// Color uses terminal colours.
	Color bool
	// Quiet leaves all but the first line of each finding and problem out.
	Quiet bool
	// Verbose lists the files that were passed over, and details of problems.
	Verbose bool
	// ShowIgnored lists the findings that are ignored, and why.
	ShowIgnored bool
	// MaxPerRule bounds the findings of a rule that are listed; the others are
	// counted. Zero: all are.
	MaxPerRule int
	// Columns is the width of the terminal that is written to: findings stand
	// below the name of their file, long lines are wrapped or cut, and many
	// findings have an overview before them. Zero: it is no terminal.
	Columns int
	// FileLink gives the address of a file, and RuleLink that of a rule, for a
	// terminal that has hyperlinks. Nil, and empty: none.
	FileLink, RuleLink func(name string) string
}

// Text writes a report for people: a line that grep finds, then the evidence.
// On a terminal that line is split: the file stands above all that is in it.
func Text(out io.Writer, r *lint.Report, opts TextOptions) error {
	r = plainAll(r)
	w := &textWriter{Writer: bufio.NewWriter(out), TextOptions: opts, paint: newPaint(opts.Color)}
	if w.many(r) {
		w.overview(r)
	}
	shown, left := perRule(r.Findings, opts.MaxPerRule)
	for _, f := range shown {
		w.heading(f.Origin.File)
		w.finding(f)
	}
	w.leftOut(left)
	if opts.ShowIgnored {
		for _, f := range r.Ignored {
			w.heading(f.Origin.File)
			w.ignored(f)
		}
	}
	w.problems(r)
	if !opts.Quiet {
		for _, g := range groupProblems(r.Notes) {
			w.problem("note", g)
		}
		w.summary(r)
	}
	return w.Flush()
}

type textWriter struct {
	*bufio.Writer
	TextOptions
	paint paint
	// file is what the last heading names, if headed.
	file   string
	headed bool
	// shown is the place of the last source line.
	shown lint.Position
}

// paint holds the colours; each prints plain text if colours are off.
type paint struct {
	place, caret, label, faint func(a ...any) string
	severity                   [lint.Low + 1]func(a ...any) string
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
		place: c(color.Bold), caret: c(color.FgGreen, color.Bold), label: c(color.FgCyan), faint: c(color.Faint),
		severity: [lint.Low + 1]func(a ...any) string{
			c(), lint.Critical: c(color.FgHiRed, color.Bold), lint.High: c(color.FgRed), lint.Medium: c(color.FgYellow), lint.Low: c(color.FgBlue),
		},
	}
}

func (w *textWriter) finding(f *lint.Finding) {
	w.first(f, f.Severity.String(), w.paint.severity[f.Severity], f.Message+extent(f))
	if w.Quiet {
		return
	}
	indent := w.snippet(f.Origin)
	w.evidence(indent, f)
	fmt.Fprintln(w)
}

// ignored prints a finding that is ignored, and why it is.
func (w *textWriter) ignored(f *lint.Finding) {
	w.first(f, "ignored", w.paint.faint, f.Severity.String()+": "+f.Message+extent(f))
	if w.Quiet {
		return
	}
	w.evidenceLine(" ", string(f.Ignored.By), ignoredBecause(f.Ignored))
	for _, line := range objectLines(f, w.maxShown()) {
		w.evidenceLine(" ", "object", line)
	}
	fmt.Fprintln(w)
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

// snippet prints the source line and underlines the value. It returns the
// width of the line number.
func (w *textWriter) snippet(o lint.Origin) (indent string) {
	number := strconv.Itoa(o.Line)
	indent = strings.Repeat(" ", len(number))
	if o.Line == 0 || o.Text == "" || w.repeats(o) {
		return indent
	}
	text, start, end := window(o.Text, o.Column, o.EndColumn, w.snippetRoom(len(number)))
	fmt.Fprintf(w, "%s %s\n%s %s %s\n", indent, w.paint.faint("|"), w.paint.faint(number), w.paint.faint("|"), text)
	if start > 0 {
		fmt.Fprintf(w, "%s %s %s%s\n", indent, w.paint.faint("|"), blank(text, start-1), w.paint.caret(strings.Repeat("^", max(end-start, 1))))
	}
	return indent
}

// maxSnippet is the width to which source lines are cut, in characters, where
// there is no terminal that has less room.
const maxSnippet = 160

// window cuts a long line around the columns, which count characters from 1,
// and moves them along.
func window(text string, start, end, room int) (string, int, int) {
	runes := []rune(Plain(text))
	start, end = min(start, len(runes)+1), min(end, len(runes)+1)
	if len(runes) <= room {
		return string(runes), start, end
	}
	from := 0
	if start > room/2 {
		from = start - room/4
	}
	to := min(from+room, len(runes))
	cut := string(runes[from:to])
	if to < len(runes) {
		cut += " …"
	}
	if from > 0 {
		return "… " + cut, start - from + 2, min(end-from, room+1) + 2
	}
	return cut, start, min(end, room+1)
}

// blank is as wide as the first n characters of the text.
func blank(text string, n int) string {
	width := 0
	for _, r := range text {
		if n == 0 {
			break
		}
		n--
		width++
		if isWide(r) {
			width++
		}
	}
	return strings.Repeat(" ", width)
}

// isWide tells characters that terminals print two columns wide.
func isWide(r rune) bool {
	return r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 ||
		r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000)
}

// stepNames are how text output calls the steps of a trail.
var stepNames = map[lint.StepKind]string{
	lint.StepValues: "value", lint.StepDecides: "decided by", lint.StepChart: "value", lint.StepInclude: "included", lint.StepTemplate: "template", lint.StepPatch: "patch",
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

func (w *textWriter) evidence(indent string, f *lint.Finding) {
	note := func(label, text string) { w.evidenceLine(indent, label, text) }
	if f.Origin.Precision == lint.PrecisionBlock {
		note("place", "the line that produced the value, among others")
	}
	for _, s := range f.Origin.Trail {
		if s.Kind == lint.StepRendered && f.Origin.Precision == lint.PrecisionExact {
			continue // the line itself says it
		}
		name := stepNames[s.Kind]
		if s.Missing {
			name = "add value"
		}
		note(name, step(s))
	}
	for _, rel := range f.Related {
		note("see", step(lint.Step{Position: rel.Position, Label: rel.Label}))
	}
	for _, line := range objectLines(f, w.maxShown()) {
		note("object", line)
	}
	note("fix", f.Fix)
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

// summary ends a run: "nothing found" must not look like "nothing read".
func (w *textWriter) summary(r *lint.Report) {
	s := r.Summary
	if w.Verbose {
		for _, skip := range s.Skipped {
			fmt.Fprintf(w, "%s: skipped: %s\n", skip.File, skip.Reason)
		}
	}
	if w.Verbose {
		for _, name := range s.Unrendered {
			fmt.Fprintf(w, "%s: no scenario renders anything from it\n", name)
		}
	}
	line := func(text string) { fmt.Fprintln(w, w.wrapped(text, 0, "  ")) }
	line(fmt.Sprintf("%s, %s%s%s%s", tally(s.Findings), count(s.Problems, "problem"), acceptedCount(r), ignoredCount(r), interrupted(r)))
	var checked []string
	if s.Charts > 0 {
		checked = append(checked, count(s.Charts, "chart")+" in "+count(s.Scenarios, "scenario"))
	}
	if s.Overlays > 0 {
		checked = append(checked, count(s.Overlays, "overlay"))
	}
	if s.Manifests > 0 {
		checked = append(checked, count(s.Manifests, "manifest"))
	}
	if s.Documents > 0 {
		checked = append(checked, count(s.Documents, "other file"))
	}
	if len(checked) == 0 {
		checked = append(checked, "nothing")
	}
	looked := fmt.Sprintf("checked %s: %s", strings.Join(checked, ", "), count(s.Objects, "object"))
	if n := len(s.Skipped); n > 0 {
		looked += "; skipped " + count(n, "file")
	}
	if n := len(s.Unrendered); n > 0 {
		looked += "; no scenario renders " + count(n, "template")
	}
	if len(s.Configs) > 0 {
		looked += "; configuration " + strings.Map(printable, strings.Join(s.Configs, ", "))
	}
	line(looked)
	if w.many(r) && w.MaxPerRule == 0 {
		fmt.Fprintln(w, w.paint.faint("an overview is at the top; --max-per-rule 3 lists less of it, --rule RULE one rule"))
	}
}

// ignoredCount ends a summary, if anything is ignored.
func ignoredCount(r *lint.Report) string {
	if len(r.Ignored) == 0 {
		return ""
	}
	return fmt.Sprintf(", %d ignored", len(r.Ignored))
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
