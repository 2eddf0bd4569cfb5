package output

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/report/page"
	"github.com/kubevet/kubevet/lint/report/plain"
)

//go:embed html.html
var htmlMain string

// htmlTemplate is made when it is needed: few runs write HTML.
var htmlTemplate = sync.OnceValue(func() *template.Template { return template.Must(page.Frame().Parse(htmlMain)) })

// What the template of the page shows.
type (
	htmlPage struct {
		Heading, About, ScoreLine, Problems, Since string
		Notes                                      []string
		Score                                      checklist.Score
		Verdicts                                   []htmlVerdict
		Sections                                   []htmlSection
		Changes                                    []htmlChange
	}
	// htmlVerdict is a verdict with the number of items that have it.
	htmlVerdict struct {
		Key, Name, Class string
		Count            int
	}
	htmlSection struct {
		Key, Title string
		Score      checklist.Score
		Counts     []htmlVerdict
		Entries    []htmlItem
	}
	htmlItem struct {
		ID, Title, Verdict  string
		Key, Class          string
		SectionKey          string
		ShowID              bool
		Notes               []htmlNote
		Figures, PlaceCount string
		// More says on paper how many findings only the screen lists.
		More     string
		Findings []htmlFinding
		Places   []string
	}
	htmlNote    struct{ Label, Text string }
	htmlFinding struct {
		Severity, At, Message, Rule, Fix string
		Excerpt                          *htmlExcerpt
	}
	htmlExcerpt struct{ Number, Text string }
	htmlChange  struct{ Label, ID, Text string }
)

// html writes a report as one page that loads nothing.
func html(out io.Writer, r *checklist.Report, opts Options) error {
	w := bufio.NewWriter(out)
	title := fmt.Sprintf("Security checklist: %d %%", r.Score.Percent)
	if err := page.Write(w, htmlTemplate(), title, newHTMLPage(r, opts)); err != nil {
		return err
	}
	return w.Flush()
}

func newHTMLPage(r *checklist.Report, opts Options) htmlPage {
	p := htmlPage{Heading: "Kubernetes security checklist", Score: r.Score, ScoreLine: scoreLine(r.Score), Since: plain.Text(opts.Since), Verdicts: htmlVerdicts(r.Entries)}
	if r.Standard != "checklist" {
		p.Heading = "Kubernetes security: " + strings.ToUpper(plain.Text(r.Standard))
	}
	about := []string{plain.Text(r.Date), plain.Text(r.Tool.Name + " " + r.Tool.Version), lint.Count(r.Tool.Rules, "rule")}
	if r.Tool.Kubernetes != "" {
		about = append(about, "for Kubernetes "+plain.Text(r.Tool.Kubernetes))
	}
	if r.Revision != "" {
		about = append(about, "revision "+plain.Text(r.Revision))
	}
	p.About = strings.Join(about, ", ")
	if r.Problems > 0 {
		p.Problems = lint.Count(r.Problems, "problem")
	}
	for _, n := range r.Notes {
		p.Notes = append(p.Notes, noteLine(n))
	}
	excerpts := excerptsOf(opts.Rows)
	for i, s := range sections(r) {
		section := htmlSection{Key: strconv.Itoa(i), Title: plain.Text(s.Title), Score: s.Score}
		for _, e := range s.Entries {
			section.Entries = append(section.Entries, newHTMLItem(e, section.Key, excerpts))
		}
		counts := htmlVerdicts(s.Entries)
		for _, v := range p.Verdicts { // each section has the columns of all
			v.Count = 0
			for _, c := range counts {
				if c.Key == v.Key {
					v.Count = c.Count
				}
			}
			section.Counts = append(section.Counts, v)
		}
		p.Sections = append(p.Sections, section)
	}
	for _, c := range opts.Changes {
		label := "worse"
		if c.IsBetter() {
			label = "better"
		}
		p.Changes = append(p.Changes, htmlChange{label, plain.Text(c.ID), verdictLine(c)})
	}
	return p
}

// htmlVerdicts counts the verdicts of some entries. Those that none has are left out.
func htmlVerdicts(entries []checklist.Entry) []htmlVerdict {
	var l []htmlVerdict
	for _, v := range checklist.Verdicts {
		n := 0
		for _, e := range entries {
			if e.Verdict == v {
				n++
			}
		}
		if n > 0 {
			l = append(l, htmlVerdict{string(v), v.String(), class(v), n})
		}
	}
	return l
}

// class is the style of a verdict.
func class(v checklist.Verdict) string {
	switch {
	case v == checklist.Fail:
		return "bad"
	case v.IsGood():
		return "good"
	}
	return "open"
}

func newHTMLItem(e checklist.Entry, section string, excerpts map[string]*lint.Finding) htmlItem {
	i := htmlItem{
		ID: plain.Text(e.ID), Title: plain.Text(e.Title), Verdict: e.Verdict.String(), Key: string(e.Verdict), Class: class(e.Verdict),
		SectionKey: section, ShowID: e.ID != e.Title, Figures: figures(e), PlaceCount: lint.Count(len(e.Evidence), "place"),
	}
	note := func(label, text string) {
		if text != "" {
			i.Notes = append(i.Notes, htmlNote{label, text})
		}
	}
	if e.Verdict == checklist.NotApplicable {
		note("reason", word(e))
	} else {
		note("attested", word(e))
	}
	note("looked at", subjects(e))
	if e.Accepted > 0 {
		note("accepted", lint.Count(e.Accepted, "finding"))
	}
	note("needs", plain.Text(e.Needs))
	note("rules", strings.Join(e.Rules, ", "))
	for _, f := range e.Findings {
		h := htmlFinding{Severity: f.Severity, At: place(f.File, f.Line), Message: plain.Text(f.Message), Rule: f.Rule, Fix: plain.Text(f.Fix)}
		if g := excerpts[f.Fingerprint+f.File]; g != nil && g.Origin.Text != "" {
			h.Excerpt = &htmlExcerpt{strconv.Itoa(g.Origin.Line), plain.Text(g.Origin.Text)}
		}
		i.Findings = append(i.Findings, h)
	}
	if more := len(e.Findings) - shown; more > 0 {
		i.More = fmt.Sprintf("and %d more, which the page lists on a screen", more)
	}
	for _, v := range e.Evidence {
		i.Places = append(i.Places, place(v.File, v.Line)+": "+plain.Text(v.Says))
	}
	return i
}

// excerptsOf are the findings of rows, which have the line that they are at.
func excerptsOf(rows []checklist.Row) map[string]*lint.Finding {
	l := map[string]*lint.Finding{}
	for _, r := range rows {
		for _, f := range r.Findings {
			l[f.Fingerprint+f.Origin.File] = f
		}
	}
	return l
}
