package output

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// markdown writes a table for each section.
func markdown(out io.Writer, r *checklist.Report, opts Options) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Kubernetes security checklist: %s\n\n", scoreLine(r.Score))
	fmt.Fprintf(&b, "%s, %s", r.Date, cell(r.Tool.Name+" "+r.Tool.Version))
	if r.Revision != "" {
		fmt.Fprintf(&b, ", revision `%s`", cell(r.Revision))
	}
	b.WriteString("\n")
	if r.Problems > 0 {
		fmt.Fprintf(&b, "\n%s: parts of the input could not be checked.\n", lint.Count(r.Problems, "problem"))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\nNote: %s\n", cell(noteLine(n)))
	}
	if opts.Since != "" {
		fmt.Fprintf(&b, "\n## Since %s\n\n", cell(opts.Since))
		for _, c := range opts.Changes {
			fmt.Fprintf(&b, "- %s: %s\n", cell(c.ID), verdictLine(c))
		}
		if len(opts.Changes) == 0 {
			b.WriteString("Nothing changed.\n")
		}
	}
	for _, s := range sections(r) {
		fmt.Fprintf(&b, "\n## %s: %d of %d\n\n| verdict | item | evidence | needs |\n|---|---|---|---|\n", cell(s.Title), s.Score.Good, s.Score.Of)
		for _, e := range s.Entries {
			verdict := e.Verdict.String()
			if !e.Verdict.IsGood() {
				verdict = "**" + verdict + "**"
			}
			fmt.Fprintf(&b, "| %s | %s<br>%s | %s | %s |\n", verdict, cell(e.ID), cell(e.Title), markdownEvidence(e, opts), cell(e.Needs))
		}
	}
	_, err := out.Write(b.Bytes())
	return err
}

// markdownEvidence is what an entry was decided from, for a cell of a table.
func markdownEvidence(e checklist.Entry, opts Options) string {
	var l []string
	add := func(s string) {
		if s != "" {
			l = append(l, cell(s))
		}
	}
	add(word(e))
	if len(e.Findings) > 0 {
		add(figures(e))
	}
	add(subjects(e))
	for i, f := range e.Findings {
		if i == shown && !opts.Verbose {
			add(fmt.Sprintf("and %d more", len(e.Findings)-shown))
			break
		}
		add(place(f.File, f.Line) + ": " + f.Message + " (" + f.Rule + ")")
	}
	return strings.Join(l, "<br>")
}

// cell makes a text safe for a cell of a table.
func cell(s string) string { return report.MarkdownCell(plain.Text(s)) }
