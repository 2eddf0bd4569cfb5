package output

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/report/columns"
	"github.com/kubevet/kubevet/lint/report/plain"
)

const (
	width = 80
	// verdictWidth is the room for the longest verdict.
	verdictWidth = 17
	hang         = verdictWidth + 4
	// shown is how many findings and places of an entry are listed without Verbose.
	shown = 3
)

// textWriter writes the format text.
type textWriter struct {
	bytes.Buffer
	Options
}

func text(out io.Writer, r *checklist.Report, opts Options) error {
	w := &textWriter{Options: opts}
	for _, s := range sections(r) {
		score := fmt.Sprintf("%d of %d", s.Score.Good, s.Score.Of)
		fmt.Fprintf(w, "%s%*s\n", w.bold(s.Title), width-len(s.Title), score)
		for _, e := range s.Entries {
			w.entry(e)
		}
		w.WriteByte('\n')
	}
	w.changes()
	w.summary(r)
	_, err := out.Write(w.Bytes())
	return err
}

func (w *textWriter) entry(e checklist.Entry) {
	verdict := e.Verdict.String()
	w.wrap("  "+w.paint(e.Verdict, verdict)+strings.Repeat(" ", verdictWidth-len(verdict)+2), heading(e))
	if word := word(e); word != "" {
		w.line(word)
	}
	if len(e.Findings) > 0 {
		line := figures(e)
		if of := subjects(e); of != "" {
			line += " in " + of
		}
		w.line(line)
	}
	if e.Accepted > 0 {
		w.line(lint.Count(e.Accepted, "accepted finding"))
	}
	if e.Advice > 0 && w.Verbose {
		w.line(lint.Count(e.Advice, "finding") + " of rules that do not decide the item")
	}
	for i, f := range e.Findings {
		if i == shown && !w.Verbose {
			w.line(fmt.Sprintf("and %d more; -v lists them", len(e.Findings)-shown))
			break
		}
		w.line(place(f.File, f.Line) + ": " + plain.Text(f.Message) + " [" + f.Rule + "]")
	}
	if len(e.Findings) == 0 {
		w.evidence(e)
	}
	if e.Needs != "" && e.Verdict != checklist.Fail && (w.Verbose || e.Verdict == checklist.Expired) {
		w.line("needs " + plain.Text(e.Needs))
	}
}

// evidence writes what an entry without findings was decided from: each subject with
// its number, and each place that speaks for the item.
func (w *textWriter) evidence(e checklist.Entry) {
	var says []string
	places := map[string][]string{}
	for _, v := range e.Evidence {
		if places[v.Says] == nil {
			says = append(says, v.Says)
		}
		places[v.Says] = append(places[v.Says], place(v.File, v.Line))
	}
	if of := subjects(e); of != "" && !w.Verbose {
		w.line(of)
	}
	for _, s := range says {
		i := slices.IndexFunc(e.Subjects, func(c checklist.Count) bool { return string(c.Subject) == s })
		switch {
		case i < 0:
			l := places[s]
			if more := len(l) - shown; more > 0 && !w.Verbose {
				l = append(l[:shown:shown], fmt.Sprintf("and %d more", more))
			}
			w.line(plain.Text(s) + ": " + strings.Join(l, ", "))
		case w.Verbose:
			w.line(e.Subjects[i].String() + ": " + strings.Join(places[s], ", "))
		}
	}
}

// changes lists what changed since an earlier report, the worse first.
func (w *textWriter) changes() {
	if w.Since == "" {
		return
	}
	fmt.Fprintln(w, w.bold("Since "+plain.Text(w.Since)))
	if len(w.Changes) == 0 {
		fmt.Fprint(w, "  nothing changed\n\n")
		return
	}
	for _, better := range []bool{false, true} {
		for _, c := range w.Changes {
			if c.IsBetter() != better {
				continue
			}
			label := "worse"
			if better {
				label = "better"
			}
			fmt.Fprintf(w, "  %-*s  %s: %s\n", verdictWidth, label, plain.Text(c.ID), verdictLine(c))
		}
	}
	w.WriteByte('\n')
}

// summary is the last lines: the score, and how many items have which verdict.
func (w *textWriter) summary(r *checklist.Report) {
	counts := map[checklist.Verdict]int{}
	for _, e := range r.Entries {
		counts[e.Verdict]++
	}
	var l []string
	for _, v := range checklist.Verdicts {
		if n := counts[v]; n > 0 {
			l = append(l, fmt.Sprintf("%d %s", n, v))
		}
	}
	fmt.Fprintf(w, "%s\n", w.bold(scoreLine(r.Score)))
	w.wrap("  ", strings.Join(l, ", "))
	if r.Problems > 0 {
		w.wrap("", lint.Count(r.Problems, "problem")+": parts of the input could not be checked; `kubevet` lists them")
	}
	for _, n := range r.Notes {
		w.wrap("", "note: "+noteLine(n))
	}
}

// line writes a line below an entry.
func (w *textWriter) line(text string) { w.wrap(strings.Repeat(" ", hang), text) }

// wrap writes a text after a lead, and breaks it at blanks where it would be too wide.
func (w *textWriter) wrap(lead, text string) {
	indent := strings.Repeat(" ", hang)
	if len(strings.TrimSpace(lead)) == 0 {
		indent = lead + "  "
	}
	line, column := lead, hang
	if len(lead) < hang {
		column = len(lead)
	}
	first := true
	for word := range strings.FieldsSeq(text) {
		n := columns.Of(word)
		if !first && column+1+n > width {
			w.end(line)
			line, column, first = indent, len(indent), true
		}
		if !first {
			line, column = line+" ", column+1
		}
		line, column, first = line+word, column+n, false
	}
	w.end(line)
}

// end writes a line. Where a break puts the start of a log command at the start of
// the line, it is made harmless.
func (w *textWriter) end(line string) {
	line = strings.TrimRight(line, " ")
	if !strings.Contains(line, "\x1b") { // colours are only in lines that we begin
		line = plain.Text(line)
	}
	w.WriteString(line + "\n")
}

func (w *textWriter) bold(s string) string { return w.painted(s, color.Bold) }

func (w *textWriter) paint(v checklist.Verdict, s string) string {
	switch {
	case v == checklist.Fail:
		return w.painted(s, color.FgRed, color.Bold)
	case v.IsGood():
		return w.painted(s, color.FgGreen)
	default:
		return w.painted(s, color.FgYellow)
	}
}

func (w *textWriter) painted(s string, attributes ...color.Attribute) string {
	c := color.New(attributes...)
	if !w.Color {
		return s
	}
	c.EnableColor()
	return c.Sprint(s)
}
