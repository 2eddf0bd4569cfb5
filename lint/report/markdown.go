package report

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
)

const (
	// markdownMax bounds a comment, in characters. GitHub takes 65,536.
	markdownMax = 60000
	// markdownMaxProblems bounds the problems that are listed.
	markdownMaxProblems = 20
	// markdownMaxCell bounds a text in a table or list, in characters before escaping.
	markdownMaxCell = 500
	// markdownReserve is room for the sentence that counts what was left out.
	markdownReserve = 200
)

// markdownGroup is the findings of one rule. One cause, a line of a template,
// is one finding already.
type markdownGroup struct {
	rule     *lint.Rule
	severity lint.Severity // that of the worst
	total    int
	rows     []markdownRow
}

type markdownRow struct {
	at   lint.Position
	text string
}

// Markdown writes a report as the comment of a pull request: a table for each
// rule, the worst first. What does not fit is the least severe, and is counted.
func Markdown(out io.Writer, r *lint.Report, prefix string) error {
	r = plainAll(fromRoot(r, prefix))
	w := bufio.NewWriter(out)
	head := markdownHead(r)
	fmt.Fprint(w, head)
	groups, left := markdownGroups(r.Findings, markdownMax-markdownReserve-utf8.RuneCountInString(head))
	for _, g := range groups {
		fmt.Fprint(w, g.head())
		for _, row := range g.rows {
			fmt.Fprint(w, row.text)
		}
		fmt.Fprint(w, markdownFoot)
	}
	if n := left.total(); n > 0 {
		fmt.Fprintf(w, "\n**Not listed, for want of room: %s**\n", left)
	}
	return w.Flush()
}

// markdownHead is the summary, and the problems: they say how much the rest is worth.
func markdownHead(r *lint.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**kubevet:** %s\n", verdict(r))
	if len(r.Problems) > 0 {
		fmt.Fprint(&b, "\nNot everything could be checked:\n\n")
	}
	for i, p := range r.Problems {
		if i == markdownMaxProblems || b.Len() > markdownMax/2 {
			fmt.Fprintf(&b, "- and %s more\n", count(len(r.Problems)-i, "problem"))
			break
		}
		fmt.Fprint(&b, "- ")
		if p.File != "" {
			fmt.Fprint(&b, markdownCell(p.String())+": ")
		}
		fmt.Fprint(&b, markdownCell(problemText(p))+"\n")
	}
	return b.String()
}

// markdownGroups groups as many of the worst findings as there is room for,
// and counts the others.
func markdownGroups(findings []*lint.Finding, room int) ([]*markdownGroup, tally) {
	byRule := map[string]*markdownGroup{}
	for _, f := range findings {
		g := byRule[f.Rule.ID]
		if g == nil {
			g = &markdownGroup{rule: f.Rule, severity: f.Severity}
			byRule[f.Rule.ID] = g
		}
		g.total++
		g.severity = min(g.severity, f.Severity)
	}
	var groups []*markdownGroup
	sorted := worst(findings, len(findings))
	taken := 0
	for _, f := range sorted {
		g := byRule[f.Rule.ID]
		row := newMarkdownRow(f)
		size := utf8.RuneCountInString(row.text)
		if len(g.rows) == 0 {
			size += utf8.RuneCountInString(g.head() + markdownFoot)
		}
		if size > room {
			break
		}
		if room -= size; len(g.rows) == 0 {
			groups = append(groups, g)
		}
		g.rows = append(g.rows, row)
		taken++
	}
	slices.SortFunc(groups, func(a, b *markdownGroup) int {
		return cmp.Or(cmp.Compare(a.severity, b.severity), cmp.Compare(a.rule.ID, b.rule.ID))
	})
	for _, g := range groups {
		slices.SortStableFunc(g.rows, func(a, b markdownRow) int { return a.at.Compare(b.at) })
	}
	return groups, tallyOf(sorted[taken:])
}

func (g *markdownGroup) head() string {
	return fmt.Sprintf("\n<details>\n<summary><b>%s</b>: %s (%s, %s)</summary>\n\n| Place | Finding | Fix |\n| --- | --- | --- |\n",
		html.EscapeString(g.rule.ID), html.EscapeString(g.rule.Title), g.severity, count(g.total, "finding"))
}

const markdownFoot = "\n</details>\n"

func newMarkdownRow(f *lint.Finding) markdownRow {
	at := place(f)
	where := "unknown"
	if at.File != "" {
		// Without the column, which a person does not look for.
		where = lint.Position{File: at.File, Line: at.Line}.String()
	}
	message := markdownCell(f.Message)
	message += extent(f)
	return markdownRow{at, fmt.Sprintf("| %s | %s | %s |\n", markdownCell(where), message, markdownCell(f.Fix))}
}

// markdownCell makes a text of the input fit a cell of a table.
func markdownCell(s string) string {
	s = escapeMarkdown(cut(s, markdownMaxCell))
	return strings.NewReplacer("\r\n", "<br>", "\n", "<br>", "\r", "<br>").Replace(s)
}

// escapeMarkdown makes a text mean itself in GitHub's and GitLab's Markdown. A
// manifest must not bring markup into a comment, or mention people: an
// invisible space after the @ keeps the name as it looks.
func escapeMarkdown(s string) string { return markdownEscaper.Replace(s) }

var markdownEscaper = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@&#8203;",
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", "&#124;", "~", `\~`, "$", `\$`, "#", `\#`,
)
