package report

import (
	"encoding/xml"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

func TestCheckstyle(t *testing.T) {
	for _, c := range []struct {
		report *lint.Report
		files  int
	}{{clean(), 0}, {single(), 1}, {many(), 5}, {lots(30000), 1}} {
		var doc struct {
			Files []struct {
				Name   string `xml:"name,attr"`
				Errors []struct {
					Severity string `xml:"severity,attr"`
				} `xml:"error"`
			} `xml:"file"`
		}
		if err := xml.Unmarshal([]byte(write(t, "checkstyle", c.report, Options{})), &doc); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, f := range doc.Files {
			n += len(f.Errors)
			for _, e := range f.Errors {
				if e.Severity != "error" && e.Severity != "warning" && e.Severity != "info" {
					t.Errorf("%s: severity %q", f.Name, e.Severity)
				}
			}
		}
		if want := len(c.report.Findings) + len(c.report.Problems); n != want || len(doc.Files) != c.files {
			t.Errorf("%d errors in %d files, want %d in %d", n, len(doc.Files), want, c.files)
		}
	}
}
