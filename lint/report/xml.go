package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

type (
	checkstyleDocument struct {
		XMLName xml.Name          `xml:"checkstyle"`
		Version string            `xml:"version,attr"`
		Files   []*checkstyleFile `xml:"file"`
	}
	checkstyleFile struct {
		Name   string            `xml:"name,attr"`
		Errors []checkstyleError `xml:"error"`
	}
	checkstyleError struct {
		Line     int    `xml:"line,attr,omitempty"`
		Column   int    `xml:"column,attr,omitempty"`
		Severity string `xml:"severity,attr"`
		Message  string `xml:"message,attr"`
		Source   string `xml:"source,attr"`
	}
)

var checkstyleSeverities = [...]string{lint.Critical: "error", lint.High: "error", lint.Medium: "warning", lint.Low: "info"}

// Checkstyle writes a report as Checkstyle does. What reads it, reviewdog for
// one, runs in the same directory, so files are named from there.
func Checkstyle(out io.Writer, r *lint.Report) error {
	r = plain.Report(r.Whole())
	doc := checkstyleDocument{Version: "8.0"}
	byFile := map[string]*checkstyleFile{}
	add := func(at lint.Position, severity, message, source string) {
		f := byFile[at.File]
		if f == nil {
			f = &checkstyleFile{Name: cmp.Or(at.File, ".")}
			byFile[at.File] = f
			doc.Files = append(doc.Files, f)
		}
		f.Errors = append(f.Errors, checkstyleError{at.Line, at.Column, severity, message, source})
	}
	for _, p := range r.Problems {
		add(p.Position, "error", problemText(p), "kubevet."+codeOf(p))
	}
	for _, f := range r.Findings {
		add(place(f), checkstyleSeverities[f.Severity], f.Message+"; fix: "+f.Fix.Title, "kubevet."+f.Rule.ID)
	}
	slices.SortFunc(doc.Files, func(a, b *checkstyleFile) int { return cmp.Compare(a.Name, b.Name) })
	return writeXML(out, doc)
}

// The JUnit dialect that Jenkins, GitLab and Azure read.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Cases []junitCase `xml:"testcase"`
	}
	junitCounts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitOutcome `xml:"failure"`
		Error   *junitOutcome `xml:"error"`
		// Skipped is for findings that are ignored.
		Skipped *junitOutcome `xml:"skipped"`
	}
	junitOutcome struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a report as test results: a suite for each file, a failed case
// for each finding, a skipped one if it is ignored, an error for each problem. A clean run is one case that passes.
func JUnit(out io.Writer, r *lint.Report, prefix string) error {
	r = plain.Report(fromRoot(r.Whole(), prefix))
	doc := junitSuites{Name: "kubevet"}
	byFile := map[string]*junitSuite{}
	names := map[string]int{}
	add := func(c junitCase) {
		s := byFile[c.File]
		if s == nil {
			s = &junitSuite{Name: cmp.Or(c.File, "kubevet")}
			byFile[c.File] = s
			doc.Suites = append(doc.Suites, s)
		}
		// Readers take cases of one name for one case.
		key := c.File + "\x00" + c.Class + "\x00" + c.Name
		if names[key]++; names[key] > 1 {
			c.Name += fmt.Sprintf(" (%d)", names[key])
		}
		s.Cases = append(s.Cases, c)
		s.count(c)
		doc.count(c)
	}
	for _, p := range r.Problems {
		add(junitCase{
			Class: "kubevet." + codeOf(p), Name: p.Message, File: p.File, Line: p.Line,
			Error: &junitOutcome{p.Message, codeOf(p), strings.TrimPrefix(p.String()+"\n", "\n") + problemText(p)},
		})
	}
	for _, f := range slices.Concat(r.Findings, r.Ignored) {
		add(newJUnitCase(f))
	}
	if doc.Tests == 0 {
		add(junitCase{Class: "kubevet", Name: "no findings in " + lint.Count(r.Summary.Objects, "object")})
	}
	slices.SortFunc(doc.Suites, func(a, b *junitSuite) int { return cmp.Compare(a.Name, b.Name) })
	return writeXML(out, doc)
}

func (n *junitCounts) count(c junitCase) {
	n.Tests++
	switch {
	case c.Skipped != nil:
		n.Skipped++
	case c.Error != nil:
		n.Errors++
	case c.Failure != nil:
		n.Failures++
	}
}

// newJUnitCase names a case without its line, so that it stays the same case
// when lines move.
func newJUnitCase(f *lint.Finding) junitCase {
	at := place(f)
	name := cmp.Or(f.Object.String(), f.Rule.Title)
	if f.Container != "" {
		name += ", container " + f.Container
	}
	if f.Path != "" {
		name += ", " + f.Path
	}
	c := junitCase{Class: "kubevet." + f.Rule.ID, Name: name, File: at.File, Line: at.Line}
	if f.Ignored != nil {
		c.Skipped = &junitOutcome{Message: "ignored by the " + string(f.Ignored.By) + ": " + ignoredBecause(f.Ignored)}
		return c
	}
	lines := append([]string{at.String(), f.Message}, evidence(f)...)
	c.Failure = &junitOutcome{f.Message, f.Severity.String(), strings.TrimPrefix(strings.Join(lines, "\n"), "\n")}
	return c
}
