package examples_test

import (
	"cmp"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/embedded"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules"
)

// TestExamples compares each example with its own rule: the findings must be
// those that its comments name, on their very lines.
func TestExamples(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(examples.Files, "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, name := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := fs.ReadFile(examples.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			rule := rules.Find(strings.TrimSuffix(name, ".yaml"))
			if rule == nil {
				t.Fatal("no rule of that name")
			}
			wants, err := parseWants(data)
			if err != nil {
				t.Error(err)
			}
			if len(wants) == 0 {
				t.Error("an example needs a bad document")
			}
			findings := check(t, rule, name, data)
			checkWants(t, wants, findings)
			checkPositions(t, data, findings)
			checkDocuments(t, data, wants)
		})
	}
}

// settings is the configuration that examples of rules that need one speak of.
var settings = lint.Settings{
	Registries:        []string{"registry.example.com", "docker.io/library"},
	Sensitive:         isSensitive,
	SandboxedRuntimes: []string{"gvisor"},
	WorkloadWriters:   []string{"deployer-*"},
	Now:               time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC),
	Tiers:             []lint.Tier{{Name: "high", Holds: isSensitive, NodeLabels: map[string]string{"tier": "high"}, Taints: []string{"example.com/tier"}}},
}

func isSensitive(w *lint.Workload) bool { return w.Labels()["sensitivity"] == "high" }

// check runs one rule over a file, which is one unit.
func check(t *testing.T, rule *lint.Rule, name string, data []byte) []*lint.Finding {
	t.Helper()
	source := manifest.NewSource(name, data)
	u := &lint.Unit{Input: name}
	for _, d := range manifest.Documents(data) {
		for _, p := range source.Problems(d) {
			t.Error(p)
		}
		objects, problems := manifest.Objects(d.Node, source)
		for _, p := range problems {
			t.Error(p)
		}
		if len(objects) == 0 {
			t.Errorf("line %d: a document without an object", d.Line)
		}
		u.Objects = append(u.Objects, objects...)
	}
	for _, p := range embedded.Add(u) {
		t.Error(p)
	}
	c := lint.Checker{Rules: []*lint.Rule{rule}, Version: lint.Newest, Profile: lint.Strict, Settings: settings}
	findings, problems := c.Check(u)
	for _, p := range problems {
		t.Error(p, p.Detail)
	}
	return findings
}

func checkWants(t *testing.T, wants []want, findings []*lint.Finding) {
	t.Helper()
	var got []want
	for _, f := range findings {
		got = append(got, want{Line: f.Origin.Line, Rule: f.Rule.ID, Message: f.Message})
	}
	slices.SortStableFunc(got, func(a, b want) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	missing := slices.Clone(wants)
	for _, g := range got {
		i := slices.IndexFunc(missing, func(w want) bool {
			return w.Line == g.Line && w.Rule == g.Rule && w.Message == g.Message
		})
		if i < 0 {
			t.Errorf("unexpected finding: line %v", g)
			continue
		}
		missing = slices.Delete(missing, i, i+1)
	}
	for _, w := range missing {
		t.Errorf("no such finding: line %v", w)
	}
}

// checkPositions demands that every finding is exact to the column: a plain
// manifest leaves nothing to guess.
func checkPositions(t *testing.T, data []byte, findings []*lint.Finding) {
	t.Helper()
	lines := strings.Split(string(data), "\n")
	for _, f := range findings {
		o := f.Origin
		if start, _, _ := strings.Cut(o.Text, "‹"); f.Secret && 1 <= o.Line && o.Line <= len(lines) && strings.HasPrefix(lines[o.Line-1], start) {
			o.Text = lines[o.Line-1] // what is masked is there
		}
		if o.Precision != lint.PrecisionExact || o.Line < 1 || o.Line > len(lines) || o.Text != lines[o.Line-1] {
			t.Errorf("%s: %s: not exact: %+v", o.Position, f.Message, o)
			continue
		}
		if o.Column < 1 || o.EndColumn <= o.Column || o.EndColumn > len(o.Text)+1 {
			t.Errorf("%s: %s: columns %d to %d are not within the line", o.Position, f.Message, o.Column, o.EndColumn)
			continue
		}
		if at := o.Text[o.Column-1 : o.EndColumn-1]; strings.TrimSpace(at) != at || strings.Contains(at, "# want") {
			t.Errorf("%s: %s: points at %q", o.Position, f.Message, at)
		}
	}
}

// checkDocuments demands that each document says in its first line what case it
// is, that good ones are good, and that there is one.
func checkDocuments(t *testing.T, data []byte, wants []want) {
	t.Helper()
	good, line := 0, 1
	for _, doc := range regexp.MustCompile(`(?m)^---\n`).Split(string(data), -1) {
		end := line + strings.Count(doc, "\n")
		first, _, _ := strings.Cut(doc, "\n")
		if !strings.HasPrefix(first, "# ") || !strings.HasSuffix(first, ".") {
			t.Errorf("line %d: a document starts with a comment, one sentence that names the case", line)
		}
		if strings.HasPrefix(first, "# Good") {
			good++
			for _, w := range wants {
				if line <= w.Line && w.Line <= end {
					t.Errorf("line %d: a finding in a document that is called good", w.Line)
				}
			}
		}
		line = end + 1
	}
	if good == 0 {
		t.Error("an example needs a good document")
	}
}
