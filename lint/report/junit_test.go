package report

import (
	"encoding/xml"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// parsedSuites is JUnit read anew, by the names of the format alone.
type parsedSuites struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Suites   []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Cases    []struct {
			Class   string    `xml:"classname,attr"`
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
			Error   *struct{} `xml:"error"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func TestJUnit(t *testing.T) {
	for _, c := range []struct {
		name                    string
		report                  *lint.Report
		tests, failures, errors int
	}{
		{"none", clean(), 1, 0, 0},
		{"one", single(), 1, 1, 0},
		{"many", many(), 8, 6, 2},
		{"lots", lots(30000), 30000, 30000, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var doc parsedSuites
			if err := xml.Unmarshal([]byte(write(t, "junit", c.report, testOptions())), &doc); err != nil {
				t.Fatal(err)
			}
			if doc.Tests != c.tests || doc.Failures != c.failures || doc.Errors != c.errors {
				t.Errorf("got %d tests, %d failures, %d errors", doc.Tests, doc.Failures, doc.Errors)
			}
			tests, failures, errs := 0, 0, 0
			seen := map[[3]string]bool{}
			for _, s := range doc.Suites {
				tests, failures, errs = tests+s.Tests, failures+s.Failures, errs+s.Errors
				for _, k := range s.Cases {
					if key := [3]string{s.Name, k.Class, k.Name}; seen[key] {
						t.Errorf("two cases are called %q", key)
					} else {
						seen[key] = true
					}
					if k.Failure != nil {
						failures--
					}
					if k.Error != nil {
						errs--
					}
				}
				if len(s.Cases) != s.Tests {
					t.Errorf("%s has %d cases and says %d", s.Name, len(s.Cases), s.Tests)
				}
			}
			if tests != c.tests || failures != 0 || errs != 0 {
				t.Errorf("the counts of the suites do not add up: %d, %d, %d", tests, failures, errs)
			}
		})
	}
}
