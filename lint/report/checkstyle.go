package report

import (
	"cmp"
	"encoding/xml"
	"io"
	"slices"

	"github.com/kubevet/kubevet/lint"
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
	r = plainText(r)
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
		add(place(f), checkstyleSeverities[f.Severity], f.Message+"; fix: "+f.Fix, "kubevet."+f.Rule.ID)
	}
	slices.SortFunc(doc.Files, func(a, b *checkstyleFile) int { return cmp.Compare(a.Name, b.Name) })
	return writeXML(out, doc)
}
