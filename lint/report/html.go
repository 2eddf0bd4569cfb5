package report

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/columns"
	"github.com/kubevet/kubevet/lint/report/page"
	"github.com/kubevet/kubevet/lint/report/places"
	"github.com/kubevet/kubevet/lint/report/plain"
)

//go:embed html.html
var htmlMain string

// htmlTemplate is made when it is needed: few runs write HTML.
var htmlTemplate = sync.OnceValue(func() *template.Template { return template.Must(page.Frame().Parse(htmlMain)) })

// What the template of the page shows.
type (
	htmlReport struct {
		Verdict, Checked           string
		ProblemCount, IgnoredCount string
		Problems                   []htmlProblem
		Severities, Rules          []htmlChoice
		Inputs, Namespaces         []htmlChoice
		Files                      []htmlFile
		Ignored                    []htmlIgnored
	}
	htmlProblem struct {
		Code, At, Message, Help string
		More                    int
	}
	// htmlChoice is a value that a filter offers, with its number of findings.
	htmlChoice struct {
		Name  string
		Count int
	}
	htmlFile struct {
		Name   string
		Places []htmlPlace
	}
	htmlPlace struct {
		At, Severity string
		// Pairs are severity:rule of each finding, with blanks between them. Inputs and
		// Namespaces are a line each.
		Pairs, Inputs, Namespaces string
		Rows                      []htmlRow
		Excerpt                   *htmlExcerpt
		Added                     []htmlLine
		Notes                     []htmlNote
		OccurrenceCount           string
		Occurrences               []string
	}
	htmlRow struct {
		Severity, At, Message string
		Rule                  *htmlRule
	}
	htmlRule    struct{ ID, Title, URI string }
	htmlExcerpt struct {
		Number, Before, Marked, After string
		Removed                       bool
	}
	htmlLine struct {
		Text  string
		Rules []*htmlRule
	}
	htmlNote    struct{ Label, Text string }
	htmlIgnored struct{ Rule, At, Message, Because string }
)

// HTML writes a report as one page that loads nothing. helpURI is as in Options.
func HTML(out io.Writer, r *lint.Report, helpURI func(ruleID string) string) error {
	r = plain.ReportAndFiles(r.Whole())
	h := &htmlWriter{helpURI: helpURI, scenarios: scenariosOf(r)}
	w := bufio.NewWriter(out)
	if err := page.Write(w, htmlTemplate(), "kubevet: "+tallyOf(r.Findings).String(), h.report(r)); err != nil {
		return err
	}
	return w.Flush()
}

type htmlWriter struct {
	helpURI   func(ruleID string) string
	scenarios map[string][]string
}

func (h *htmlWriter) report(r *lint.Report) htmlReport {
	v := htmlReport{
		Verdict: verdict(r), Checked: checked(r.Summary, ""),
		ProblemCount: lint.Count(len(r.Problems), "problem"), IgnoredCount: lint.Count(len(r.Ignored), "ignored finding"),
	}
	for _, g := range groupProblems(r.Problems) {
		v.Problems = append(v.Problems, htmlProblem{codeOf(g.Problem), g.String(), g.Message, g.Help, len(g.places) - 1})
	}
	byRule, byInput, byNamespace := map[string]int{}, map[string]int{}, map[string]int{}
	for _, f := range r.Findings {
		byRule[f.Rule.ID]++
		inputs, namespaces := inputsAndNamespaces([]*lint.Finding{f})
		for _, i := range inputs {
			byInput[i]++
		}
		for _, n := range namespaces {
			byNamespace[n]++
		}
	}
	v.Rules, v.Inputs, v.Namespaces = choices(byRule), choices(byInput), choices(byNamespace)
	t := tallyOf(r.Findings)
	for _, s := range lint.Severities {
		v.Severities = append(v.Severities, htmlChoice{s.String(), t[s]})
	}
	for _, f := range places.Group(r.Findings) {
		file := htmlFile{Name: f.Name}
		if file.Name == "" {
			file.Name = "no known file"
		}
		for _, p := range f.Places {
			file.Places = append(file.Places, h.place(p))
		}
		v.Files = append(v.Files, file)
	}
	for _, f := range r.Ignored {
		v.Ignored = append(v.Ignored, htmlIgnored{f.Rule.ID, f.Origin.String(), f.Message, string(f.Ignored.By) + ": " + ignoredBecause(f.Ignored)})
	}
	return v
}

func choices(counts map[string]int) []htmlChoice {
	var l []htmlChoice
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		l = append(l, htmlChoice{name, counts[name]})
	}
	return l
}

// inputsAndNamespaces are those in which findings occur. Where an object names no
// namespace there is none.
func inputsAndNamespaces(findings []*lint.Finding) (inputs, namespaces []string) {
	for _, f := range findings {
		for _, o := range f.Occurrences {
			if !slices.Contains(inputs, o.Input) {
				inputs = append(inputs, o.Input)
			}
			if n := o.Object.Namespace; n != "" && !slices.Contains(namespaces, n) {
				namespaces = append(namespaces, n)
			}
		}
	}
	return inputs, namespaces
}

func (h *htmlWriter) place(p *places.Place) htmlPlace {
	v := htmlPlace{At: p.String(), Severity: p.Severity.String()}
	at := "file"
	if p.Line > 0 {
		at = strings.TrimPrefix(p.String(), p.File+":")
	}
	var pairs []string
	for _, f := range p.Findings {
		pairs = append(pairs, f.Severity.String()+":"+f.Rule.ID)
	}
	v.Pairs = strings.Join(pairs, " ")
	inputs, namespaces := inputsAndNamespaces(p.Findings)
	v.Inputs, v.Namespaces = strings.Join(inputs, "\n"), strings.Join(namespaces, "\n")
	if p.Add != nil {
		row := htmlRow{Severity: p.Add.Fixes[0].Severity.String(), Message: p.Headline()}
		if len(p.Add.Fixes) == 1 {
			row.Message += extent(p.Add.Fixes[0])
			row.Rule = h.rule(p.Add.Fixes[0])
		}
		v.Rows = append(v.Rows, row)
	}
	for _, f := range p.Others() {
		v.Rows = append(v.Rows, htmlRow{f.Severity.String(), "", f.Message + extent(f), h.rule(f)})
	}
	v.Rows[0].At = at
	v.Excerpt = newHTMLExcerpt(p)
	v.Added = h.added(p)
	v.Notes = h.notes(p)
	groups := occurrencesTogether(p.Findings)
	for _, g := range groups {
		v.Occurrences = append(v.Occurrences, h.occurrence(g))
	}
	if len(groups) == 1 {
		v.Notes = slices.Insert(v.Notes, 0, htmlNote{"in", v.Occurrences[0]})
		v.Occurrences = nil
	}
	v.OccurrenceCount = lint.Count(len(groups), "occurrence")
	return v
}

func (h *htmlWriter) rule(f *lint.Finding) *htmlRule {
	r := &htmlRule{ID: f.Rule.ID, Title: f.Rule.Title}
	if h.helpURI != nil {
		r.URI = h.helpURI(r.ID)
	}
	return r
}

func newHTMLExcerpt(p *places.Place) *htmlExcerpt {
	if p.Line == 0 || p.Text == "" || p.Add != nil && p.Add.InValues && len(p.Others()) == 0 {
		return nil
	}
	text, start, end := columns.Window(p.Text, p.Column, p.EndColumn, maxExcerpt)
	e := &htmlExcerpt{Number: strconv.Itoa(p.Line), Removed: p.Add != nil && p.Add.Replaces}
	if start == 0 || p.Add != nil {
		e.Before = text
		return e
	}
	before, upTo := prefixOf(text, start-1), prefixOf(text, max(end, start)-1)
	e.Before, e.Marked, e.After = before, upTo[len(before):], text[len(upTo):]
	return e
}

func (h *htmlWriter) added(p *places.Place) []htmlLine {
	if p.Add == nil {
		return nil
	}
	var l []htmlLine
	for _, line := range p.Add.Lines {
		v := htmlLine{Text: line.Text}
		for _, f := range line.Findings {
			if len(p.Add.Fixes) > 1 {
				v.Rules = append(v.Rules, h.rule(f))
			}
		}
		l = append(l, v)
	}
	return l
}

// notes explain a place: where lines to add belong, fixes, and the trail.
func (h *htmlWriter) notes(p *places.Place) []htmlNote {
	var l []htmlNote
	add := func(label, text string) {
		if n := (htmlNote{label, text}); text != "" && !slices.Contains(l, n) {
			l = append(l, n)
		}
	}
	if p.Add != nil && p.Add.InValues {
		add("add to", "the values, at "+valuesPlace(p.Add.Fixes).String())
	}
	if p.Add != nil && p.Add.Brace > 0 {
		add("add", braceNote(p))
	}
	for _, f := range p.Others() {
		if !isPlainWant(f) {
			add("fix", f.Fix.Title)
		}
	}
	if p.Precision == lint.PrecisionBlock {
		add("place", "the line that produced the value, among others")
	}
	trailNotes(p, add)
	for _, f := range p.Findings {
		for _, rel := range f.Related {
			add("see", step(lint.Step{Position: rel.Position, Label: rel.Label}))
		}
	}
	return l
}

// trailNotes adds the steps of a place's trail that a reader needs.
func trailNotes(p *places.Place, add func(label, text string)) {
	for _, s := range p.Trail {
		if s.Kind == lint.StepRendered && p.Precision == lint.PrecisionExact || s.Missing && p.Add != nil {
			continue
		}
		name := stepNames[s.Kind]
		if s.Missing {
			name = "add value"
		}
		add(name, step(s))
	}
}

func (h *htmlWriter) occurrence(g *shownAs) string {
	text := g.Object.String()
	switch {
	case g.Message != "":
		text += ": " + g.Message
	case g.Container != "":
		text += ", container " + g.Container
	}
	if only := onlyIn(g, h.scenarios, true); only != "" {
		text += fmt.Sprintf(" (%s)", only)
	}
	return text
}
