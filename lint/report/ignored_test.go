package report

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kubevet/kubevet/lint"
)

// withIgnored has findings ignored by all that can, and one that is of no object.
func withIgnored() *lint.Report {
	r := many()
	findings := slices.Clone(r.Findings)
	set := func(i int, by lint.Ignored) {
		f := *findings[i]
		f.Ignored = &by
		findings[i] = &f
	}
	set(0, lint.Ignored{By: lint.ByConfig, Reason: "not ours", Position: lint.Position{File: ".kubevet.yaml", Line: 12}})
	set(1, lint.Ignored{
		By: lint.ByComment, Reason: "the <agent> | needs \"it\" \x1b", Until: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC),
		Position: lint.Position{File: "charts/web #1/values.yaml", Line: 2, Column: 3, EndColumn: 9},
	})
	set(2, lint.Ignored{By: lint.ByBaseline, Reason: "baseline", Position: lint.Position{File: "baseline.json"}})
	findings = append(findings, lint.NewFileFinding(
		&lint.Rule{ID: "unused-ignore", Title: "an ignore matches no finding", Severity: lint.Low, Fix: "take it out"},
		lint.Origin{Position: lint.Position{File: "web.yaml", Line: 7, Column: 5, EndColumn: 11}, Text: "a: # kubevet:ignore a b"},
		"the comment ignores a, of which nothing is found here", "", "a", ""))
	return lint.NewReport(findings, nil, nil, lint.Summary{Objects: 14})
}

func TestIgnoredGolden(t *testing.T) {
	for format, ext := range map[string]string{
		"text": "txt", "json": "json", "sarif": "sarif", "junit": "junit.xml", "github": "github.txt", "gitlab": "gitlab.json",
		"checkstyle": "checkstyle.xml", "markdown": "md",
	} {
		opts := testOptions()
		opts.Text.ShowIgnored = true
		got := write(t, format, withIgnored(), opts)
		file := filepath.Join("testdata", "ignored."+ext)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; go test ./lint/report -update writes it anew; got:\n%s", file, got)
		}
	}
}

// Every format counts what is ignored, or has it; none has it as a finding.
func TestIgnored(t *testing.T) {
	r := withIgnored()
	if len(r.Ignored) != 3 || len(r.Findings) != 4 {
		t.Fatalf("%d ignored, %d findings", len(r.Ignored), len(r.Findings))
	}
	if got := write(t, "text", r, Options{}); !strings.Contains(got, ", 0 problems, 3 ignored\n") || strings.Contains(got, "ignored:") {
		t.Errorf("text: %s", got)
	}
	quiet := write(t, "text", r, Options{Text: TextOptions{ShowIgnored: true, Quiet: true}})
	if strings.Count(quiet, ": ignored: ") != 3 || strings.Count(quiet, "\n") != 7 {
		t.Errorf("quiet: %s", quiet)
	}
	run := parseSARIF(t, write(t, "sarif", r, Options{}))
	if err := checkSARIF(t, write(t, "sarif", r, Options{})); err != nil {
		t.Error(err)
	}
	var kinds []string
	for _, res := range run.Results {
		for _, s := range res.Suppressions {
			kinds = append(kinds, s.Kind)
		}
	}
	slices.Sort(kinds)
	if len(run.Results) != 7 || !slices.Equal(kinds, []string{"external", "external", "inSource"}) {
		t.Errorf("sarif: %d results, suppressions %s", len(run.Results), kinds)
	}
	var suites junitSuites
	if err := xml.Unmarshal([]byte(write(t, "junit", r, Options{})), &suites); err != nil || suites.Skipped != 3 || suites.Failures != 4 {
		t.Errorf("junit: %+v, %v", suites.junitCounts, err)
	}
}

func TestIgnoredSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	r := withIgnored()
	var known []*lint.Finding
	for _, by := range []lint.IgnoredBy{lint.ByComment, lint.ByConfig, lint.ByBaseline} {
		f := *single().Findings[0]
		f.Ignored = &lint.Ignored{By: by, Reason: "why", Until: r.Ignored[1].Ignored.Until, Position: lint.Position{File: "a", Line: 1}}
		known = append(known, &f)
	}
	ofFile := slices.DeleteFunc(r.Findings, func(f *lint.Finding) bool { return f.Rule.ID != "unused-ignore" })
	for name, r := range map[string]*lint.Report{
		"ignored": lint.NewReport(slices.Concat(known, ofFile), nil, nil, lint.Summary{}), "none": clean(),
	} {
		text := write(t, "json", r, Options{})
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	if len(known) != 3 || len(ofFile) != 1 {
		t.Errorf("%d ignored, %d of files", len(known), len(ofFile))
	}
}

// Ignored findings take no place from others where a format has limits.
func TestSARIFIgnoredLimit(t *testing.T) {
	r := lots(sarifMaxResults)
	r.Ignored = withIgnored().Ignored
	run := parseSARIF(t, write(t, "sarif", r, Options{}))
	var notes []string
	for _, n := range run.Invocations[0].ToolExecutionNotifications {
		notes = append(notes, n.Message.Text)
	}
	if len(run.Results) != sarifMaxResults || !slices.Contains(notes, "left out, as code scanning takes no more: 3 ignored findings of 3") {
		t.Errorf("%d results, %q", len(run.Results), notes)
	}
}
