// Package output writes reports on the checklist: as text, JSON, Markdown, HTML and SARIF.
package output

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// Options is what formats need besides the report. The zero value is fine.
type Options struct {
	// Color asks for colours, in the format text alone.
	Color bool
	// Verbose lists all findings and places of an item, not the first few.
	Verbose bool
	// Rows are those of the report, with findings as rules made them. The format sarif
	// needs them.
	Rows []checklist.Row
	// Lint are the options of the formats of findings, which sarif uses.
	Lint report.Options
	// Changes is what changed since an earlier report. It is nil if there is none.
	Changes []checklist.Change
	// Since is the day of the earlier report.
	Since string
}

var formats = report.FormatTable[*checklist.Report, Options]{
	{"text", text},
	{"json", func(out io.Writer, r *checklist.Report, _ Options) error { return report.WriteJSON(out, r) }},
	{"markdown", markdown},
	{"html", html},
	{"sarif", sarif},
}

// Formats lists the names that Write takes.
func Formats() []string { return formats.Names() }

// Write writes a report in the format of that name.
func Write(format string, out io.Writer, r *checklist.Report, opts Options) error {
	return formats.Write(format, out, r, opts)
}

// sarif writes the items that fail as rules, with the findings of each.
func sarif(out io.Writer, r *checklist.Report, opts Options) error {
	l := &lint.Report{}
	titles := map[string]string{}
	for _, row := range opts.Rows {
		if row.Verdict != checklist.Fail || r.Find(row.ID) == nil {
			continue
		}
		titles[row.ID] = row.Title
		rule := &lint.Rule{ID: row.ID, Title: row.Title, Severity: row.Findings[0].Severity, Fix: row.Needs}
		for _, f := range row.Findings {
			g := *f
			g.Rule = rule
			l.Findings = append(l.Findings, &g)
		}
	}
	o := opts.Lint
	o.Doc = func(id string) string { return titles[id] + "." }
	o.HelpURI = func(string) string { return "" }
	return report.Write("sarif", out, l, o)
}

// place is where something is, safe to print.
func place(file string, line int) string {
	file = plain.Text(file)
	if line > 0 {
		return file + ":" + strconv.Itoa(line)
	}
	return file
}

// scoreLine is a score in one sentence.
func scoreLine(s checklist.Score) string {
	return fmt.Sprintf("%d of %s good (%d %%)", s.Good, lint.Count(s.Of, "item is", "items are"), s.Percent)
}

// noteLine is a note with its place.
func noteLine(n checklist.ReportNote) string {
	line := plain.Text(n.Message)
	if n.File != "" {
		line += " (" + place(n.File, n.Line) + ")"
	}
	return line
}

// heading is the ID of an entry with its title, if that is another text.
func heading(e checklist.Entry) string {
	if e.Title == e.ID {
		return e.ID
	}
	return e.ID + ": " + e.Title
}

// section is the entries of one section.
type section struct {
	Title   string
	Entries []checklist.Entry
	Score   checklist.Score
}

func sections(r *checklist.Report) []section {
	var l []section
	for _, e := range r.Entries {
		if len(l) == 0 || l[len(l)-1].Title != e.Section {
			l = append(l, section{Title: e.Section})
		}
		s := &l[len(l)-1]
		s.Entries = append(s.Entries, e)
	}
	for i := range l {
		l[i].Score = checklist.ScoreOf(l[i].Entries)
	}
	return l
}

// subjects lists what an entry was decided from: 7 workloads, 2 roles.
func subjects(e checklist.Entry) string {
	var l []string
	for _, c := range e.Subjects {
		l = append(l, c.String())
	}
	return strings.Join(l, ", ")
}

// figures is the findings of an entry in numbers: 4 findings (1 high, 3 low).
func figures(e checklist.Entry) string {
	counts := map[string]int{}
	for _, f := range e.Findings {
		counts[f.Severity]++
	}
	var l []string
	for _, s := range lint.Severities {
		if n := counts[s.String()]; n > 0 {
			l = append(l, fmt.Sprintf("%d %s", n, s))
		}
	}
	return lint.Count(len(e.Findings), "finding") + " (" + strings.Join(l, ", ") + ")"
}

// word says what an attestation or an exemption says, in one line. Empty: there is none.
func word(e checklist.Entry) string {
	switch a := e.Attestation; {
	case e.Reason != "":
		return plain.Text(e.Reason)
	case a == nil:
		return ""
	case e.Verdict == checklist.Fail:
		return fmt.Sprintf("accepted until %s: attested by %s on %s (%s)", a.Expires, plain.Text(a.By), a.Date, plain.Text(a.Evidence))
	case e.Verdict == checklist.Expired:
		return fmt.Sprintf("attested by %s on %s; expired on %s", plain.Text(a.By), a.Date, a.Expires)
	default:
		return fmt.Sprintf("attested by %s on %s, valid until %s (%s)", plain.Text(a.By), a.Date, a.Expires, plain.Text(a.Evidence))
	}
}

// verdictLine says how an earlier report differs: was fail, is pass.
func verdictLine(c checklist.Change) string {
	switch {
	case c.Was == "":
		return fmt.Sprintf("new item: %s", c.Is)
	case c.Was != c.Is:
		return fmt.Sprintf("was %s, is %s", c.Was, c.Is)
	default:
		return fmt.Sprintf("%s: %s new, %d fixed", c.Is, lint.Count(len(c.New), "finding"), len(c.Fixed))
	}
}

// Attestations is text to add to a configuration: the items that need an
// attestation and that it does not name, as comments. n is how many they are.
func Attestations(rows []checklist.Row, configuration string) (text string, n int) {
	var b strings.Builder
	for _, r := range rows {
		needed := r.Verdict == checklist.NeedsAttestation || r.Verdict == checklist.Expired
		if !needed || strings.Contains(configuration, "item: "+r.ID+"\n") {
			continue
		}
		n++
		fmt.Fprintf(&b, "#\n# %s\n#- item: %s\n#  by: \n#  date: \n#  evidence: \n", r.Title, r.ID)
	}
	if n == 0 {
		return "", 0
	}
	lead := "\n# What no file can show: take off the # of an item and of the key that a person attests.\n"
	if configuration != "" && !strings.HasSuffix(configuration, "\n") {
		lead = "\n" + lead
	}
	if !strings.Contains("\n"+configuration, "\nattestations:") {
		lead += "#attestations:\n"
	}
	return lead + b.String(), n
}
