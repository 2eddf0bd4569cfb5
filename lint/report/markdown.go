package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/places"
	"github.com/kubevet/kubevet/lint/report/plain"
)

const (
	// markdownMax limits a comment, in characters. GitHub takes 65,536.
	markdownMax = 60000
	// markdownMaxProblems limits the problems that are listed.
	markdownMaxProblems = 20
	// markdownMaxCell limits a text in a table or list, in characters before escaping.
	markdownMaxCell = 500
	// markdownReserve is room for the sentence that counts what was left out.
	markdownReserve = 200
)

// markdownGroup is the rows of one severity.
type markdownGroup struct {
	severity lint.Severity
	rows     []*markdownRow
	findings []*lint.Finding
}

// markdownRow is what a person edits at one place.
type markdownRow struct {
	text     string
	severity lint.Severity
	findings []*lint.Finding
}

// Markdown writes a report as the comment of a pull request: a table for each severity,
// the worst first, with a row for each place to edit. If there is no room for all, each
// row is one finding, and the least severe are cut and counted.
func Markdown(out io.Writer, r *lint.Report, prefix string) error {
	r = plain.ReportAndFiles(fromRoot(r.Whole(), prefix))
	w := bufio.NewWriter(out)
	head := markdownHead(r)
	fmt.Fprint(w, head)
	room := markdownMax - markdownReserve - utf8.RuneCountInString(head)
	groups, left := markdownGroups(rowsByPlace(r.Findings), room)
	if len(left) > 0 {
		groups, left = markdownGroups(rowsByFinding(r.Findings), room)
	}
	for _, g := range groups {
		fmt.Fprint(w, g.head())
		for _, row := range g.rows {
			fmt.Fprint(w, row.text)
		}
		fmt.Fprint(w, markdownFoot)
	}
	if len(left) > 0 {
		fmt.Fprintf(w, "\n**Not listed, since there is no room: %s**\n", tallyOf(left))
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
			fmt.Fprintf(&b, "- and %s more\n", lint.Count(len(r.Problems)-i, "problem"))
			break
		}
		fmt.Fprint(&b, "- ")
		if p.File != "" {
			fmt.Fprint(&b, MarkdownCell(p.String())+": ")
		}
		fmt.Fprint(&b, MarkdownCell(problemText(p))+"\n")
	}
	return b.String()
}

// rowsByPlace are the places of a report, the worst first.
func rowsByPlace(findings []*lint.Finding) []*markdownRow {
	var l []*markdownRow
	for _, f := range places.Group(findings) {
		for _, p := range f.Places {
			var messages, fixes []string
			if p.Add != nil {
				messages = append(messages, MarkdownCell(p.Headline())+markdownRules(p.Add.Fixes))
				add := "add " + strings.Join(p.Add.Settings(), ", ")
				if p.Add.InValues {
					add += " to the values, at " + valuesPlace(p.Add.Fixes).String()
				}
				fixes = append(fixes, MarkdownCell(add))
			}
			for _, f := range p.Others() {
				messages = append(messages, MarkdownCell(f.Message)+extent(f)+markdownRules([]*lint.Finding{f}))
				if fix := MarkdownCell(f.Fix.Title); !slices.Contains(fixes, fix) {
					fixes = append(fixes, fix)
				}
			}
			l = append(l, newMarkdownRow(p.Severity, p.Findings, strings.Join(messages, "<br>"), strings.Join(fixes, "<br>")))
		}
	}
	slices.SortStableFunc(l, func(a, b *markdownRow) int { return cmp.Compare(a.severity, b.severity) })
	return l
}

// rowsByFinding are the findings of a report, the worst first.
func rowsByFinding(findings []*lint.Finding) []*markdownRow {
	var l []*markdownRow
	for _, f := range worst(slices.Values(findings), len(findings)) {
		one := []*lint.Finding{f}
		l = append(l, newMarkdownRow(f.Severity, one, MarkdownCell(f.Message)+extent(f)+markdownRules(one), MarkdownCell(f.Fix.Title)))
	}
	return l
}

func newMarkdownRow(s lint.Severity, findings []*lint.Finding, message, fix string) *markdownRow {
	at := place(findings[0])
	where := "unknown"
	if at.File != "" {
		// Without the column, which a person does not look for.
		where = lint.Position{File: at.File, Line: at.Line}.String()
	}
	return &markdownRow{fmt.Sprintf("| %s | %s | %s |\n", MarkdownCell(where), message, fix), s, findings}
}

// markdownRules names the rules of findings after their message.
func markdownRules(findings []*lint.Finding) string {
	var l []string
	for _, f := range findings {
		l = append(l, escapeMarkdown(f.Rule.ID))
	}
	return " (" + strings.Join(l, ", ") + ")"
}

// markdownGroups groups as many rows as there is room for, which come worst first, and
// gives the findings of the others.
func markdownGroups(rows []*markdownRow, room int) (groups []*markdownGroup, left []*lint.Finding) {
	for i, row := range rows {
		size := utf8.RuneCountInString(row.text)
		var g *markdownGroup
		if n := len(groups); n > 0 && groups[n-1].severity == row.severity {
			g = groups[n-1]
		} else {
			g = &markdownGroup{severity: row.severity}
			size += utf8.RuneCountInString(g.head()+markdownFoot) + len("1000000")
		}
		if size > room {
			for _, r := range rows[i:] {
				left = append(left, r.findings...)
			}
			return groups, left
		}
		if room -= size; len(g.rows) == 0 {
			groups = append(groups, g)
		}
		g.rows = append(g.rows, row)
		g.findings = append(g.findings, row.findings...)
	}
	return groups, nil
}

// head begins a group. What is at least high is not folded.
func (g *markdownGroup) head() string {
	n := tallyOf(g.findings)
	findings := n.String()
	if n[g.severity] == n.total() {
		findings = lint.Count(n.total(), "finding")
	}
	open := ""
	if g.severity <= lint.High {
		open = " open"
	}
	return fmt.Sprintf("\n<details%s>\n<summary><b>%s</b>: %s at %s</summary>\n\n| Place | Finding | Fix |\n| --- | --- | --- |\n",
		open, g.severity, findings, lint.Count(len(g.rows), "place"))
}

const markdownFoot = "\n</details>\n"

// MarkdownCell makes a text of the input fit a cell of a table.
func MarkdownCell(s string) string {
	return markdownLines.Replace(escapeMarkdown(cut(s, markdownMaxCell)))
}

var markdownLines = strings.NewReplacer("\r\n", "<br>", "\n", "<br>", "\r", "<br>")

// escapeMarkdown makes a text mean itself in GitHub's and GitLab's Markdown. A
// manifest must not bring markup into a comment, or mention people: an
// invisible space after the @ keeps the name as it looks.
func escapeMarkdown(s string) string { return markdownEscaper.Replace(s) }

var markdownEscaper = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@&#8203;",
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", "&#124;", "~", `\~`, "$", `\$`, "#", `\#`,
)
