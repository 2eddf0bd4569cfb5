package report

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kubevet/kubevet/lint"
)

// sarifSchema is the official schema. The module of gosec, which golangci-lint
// brings, holds a copy of it; the go command fetches it where it is not there.
var sarifSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	const modfile = "-modfile=../../tools/go.mod"
	out, err := exec.Command("go", "mod", "download", modfile, "-json", "github.com/securego/gosec/v2").Output()
	if err != nil {
		return nil, err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(module.Dir, "report", "sarif", "testdata", "sarif-schema-2.1.0.json"))
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(f)
	_ = f.Close() // it was only read
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("sarif.json")
})

// checkSARIF gives what the schema says against a report.
func checkSARIF(t *testing.T, text string) error {
	t.Helper()
	if testing.Short() {
		t.Skip("the schema may have to be fetched")
	}
	schema, err := sarifSchema()
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("SKIPPED: the SARIF schema is not in the module cache, and cannot be fetched:", err)
	}
	if err != nil {
		t.Fatalf("no SARIF schema: %v", err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

func parseSARIF(t *testing.T, text string) sarifRun {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0]
}

// severityNamed is the severity with a name.
func severityNamed(t *testing.T, name string) lint.Severity {
	t.Helper()
	for s := lint.Critical; s <= lint.Low; s++ {
		if s.String() == name {
			return s
		}
	}
	t.Fatalf("unknown severity %q", name)
	return 0
}

func TestSARIFSchema(t *testing.T) {
	for name, r := range map[string]*lint.Report{"none": clean(), "one": single(), "many": many()} {
		for _, opts := range []Options{{}, testOptions()} {
			t.Run(name+opts.Tool.Version, func(t *testing.T) {
				if err := checkSARIF(t, write(t, "sarif", r, opts)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestSARIFSchemaChecks: a schema that takes everything would prove nothing.
func TestSARIFSchemaChecks(t *testing.T) {
	text := write(t, "sarif", single(), Options{})
	for _, c := range [][2]string{
		{`"startLine": 12`, `"startLine": 0`}, {`"level": "error"`, `"level": "high"`}, {`"uri": "web.yaml"`, `"uri": "web%.yaml"`},
	} {
		if err := checkSARIF(t, strings.Replace(text, c[0], c[1], 1)); err == nil {
			t.Errorf("the schema takes %s", c[1])
		}
	}
}

func TestSARIFLimits(t *testing.T) {
	notifications := func(run sarifRun) string {
		var l []string
		for _, n := range run.Invocations[0].ToolExecutionNotifications {
			l = append(l, n.Level+": "+n.Message.Text)
		}
		return strings.Join(l, "\n")
	}
	for _, c := range []struct {
		findings, results int
		sorted            bool
		notes             string
	}{
		{5000, 5000, false, ""},
		{6000, 6000, true, "note: code scanning shows 5000 of 6000 findings, the worst first"},
		{30000, 25000, true, "warning: 25000 of 30000 findings are here, the worst first, as code scanning takes no more; left out: 5000 findings (5000 low)\n" +
			"note: code scanning shows 5000 of 30000 findings, the worst first"},
	} {
		text := write(t, "sarif", lots(c.findings), Options{})
		run := parseSARIF(t, text)
		if len(run.Results) != c.results {
			t.Errorf("%d findings: %d results, want %d", c.findings, len(run.Results), c.results)
		}
		if got := notifications(run); got != c.notes {
			t.Errorf("%d findings: got\n%s\nwant\n%s", c.findings, got, c.notes)
		}
		if !run.Invocations[0].ExecutionSuccessful {
			t.Errorf("%d findings: a limit of the format is no failure", c.findings)
		}
		last, sorted := lint.Critical, true
		for _, res := range run.Results {
			s := severityNamed(t, res.Properties.Severity)
			sorted = sorted && s >= last
			last = s
			if run.Tool.Driver.Rules[res.RuleIndex].ID != res.RuleID {
				t.Fatalf("the index of %s is wrong", res.RuleID)
			}
		}
		if sorted != c.sorted {
			t.Errorf("%d findings: sorted by severity: %v, want %v", c.findings, sorted, c.sorted)
		}
		if c.findings == 30000 {
			if err := checkSARIF(t, text); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestSARIFProblems(t *testing.T) {
	run := parseSARIF(t, write(t, "sarif", many(), Options{}))
	if run.Invocations[0].ExecutionSuccessful {
		t.Error("a run with problems is called successful")
	}
	var levels []string
	for _, n := range run.Invocations[0].ToolExecutionNotifications {
		levels = append(levels, n.Level)
	}
	if !slices.Equal(levels, []string{"error", "error", "note"}) {
		t.Errorf("got %v", levels)
	}
}

func TestSARIFURIs(t *testing.T) {
	for _, c := range []struct{ file, uri, base string }{
		{"a/b.yaml", "a/b.yaml", sarifRoot},
		{"a b#c?d%.yaml", "a%20b%23c%3Fd%25.yaml", sarifRoot},
		{"a:b.yaml", "a%3Ab.yaml", sarifRoot},
		{"é/[x].yaml", "%C3%A9/%5Bx%5D.yaml", sarifRoot},
		{"../a.yaml", "../a.yaml", sarifRoot},
		{"", ".", sarifRoot},
		{"/a b.yaml", "file:///a%20b.yaml", ""},
		{"C:/a.yaml", "file:///C:/a.yaml", ""},
	} {
		if got := newSARIFArtifact(c.file); got.URI != c.uri || got.URIBaseID != c.base {
			t.Errorf("%q: got %+v", c.file, got)
		}
	}
}

// TestSARIFLines: code scanning takes no result without a line, and the
// fingerprint stays what it is when lines move.
func TestSARIFLines(t *testing.T) {
	r := many()
	before := parseSARIF(t, write(t, "sarif", r, Options{})).Results
	for _, f := range r.Findings {
		f.Origin.Line += 3
	}
	for i, res := range parseSARIF(t, write(t, "sarif", r, Options{})).Results {
		old := before[i]
		if old.Locations[0].PhysicalLocation.Region.StartLine < 1 {
			t.Errorf("%s has line %d", old.RuleID, old.Locations[0].PhysicalLocation.Region.StartLine)
		}
		if old.PartialFingerprints["kubevet/v1"] != res.PartialFingerprints["kubevet/v1"] {
			t.Errorf("the fingerprint of %s moved with its line", res.RuleID)
		}
	}
}

func TestSARIFRule(t *testing.T) {
	long := *latest
	long.Title = strings.Repeat("é", 2000)
	s := newSARIFRule(&long, SARIFOptions{})
	if n := len([]rune(s.FullDescription.Text)); n != sarifMaxDescription {
		t.Errorf("the description has %d characters", n)
	}
	if len(s.Properties.Tags) != sarifMaxTags || s.Properties.Tags[0] != "security" {
		t.Errorf("got %v", s.Properties.Tags)
	}
}
