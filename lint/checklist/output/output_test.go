package output

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
)

// hostile is what an input could hold to act on a reader of the report.
const hostile = "x\x1b[31m\n::error::forged\n97 of 97 items are good\u202e<script>alert(1)</script>|`"

func sample() (*checklist.Report, Options) {
	rule := &lint.Rule{ID: "no-host-pid", Title: "Pod uses the host's process namespace", Severity: lint.High, Checklist: []string{"pod-host-isolation"}}
	finding := &lint.Finding{
		Rule: rule, Severity: lint.High, Message: hostile, Fix: lint.Fix{Title: hostile}, Fingerprint: "f",
		Origin: lint.Origin{Position: lint.Position{File: hostile, Line: 3, Column: 1}, Text: hostile},
	}
	in := checklist.Input{
		Report: &lint.Report{Findings: []*lint.Finding{finding}}, Rules: []*lint.Rule{rule}, AllRules: []*lint.Rule{rule},
		View: checklist.View{
			Subjects: map[checklist.Subject]checklist.Seen{checklist.Workloads: {N: 2, At: []lint.Position{{File: hostile, Line: 1}}}},
			Evidence: []checklist.Evidence{{Item: "code-scanners-in-ci", Position: lint.Position{File: hostile, Line: 2}, Says: hostile}},
		},
		Attestations: []checklist.Attestation{{Item: "ops-training", By: hostile, Date: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Evidence: hostile}},
		Exemptions:   []checklist.Exemption{{Item: "auth-bug-bounty", Reason: hostile}},
		Now:          time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
	}
	rows := checklist.Evaluate(in)
	return checklist.NewReport("checklist", rows, &in), Options{Rows: rows, Verbose: true, Since: hostile}
}

// TestHostile checks that no format lets a text of the input act: no control
// character, no line of its own, no log command, and no markup.
func TestHostile(t *testing.T) {
	r, opts := sample()
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			var b bytes.Buffer
			if err := Write(format, &b, r, opts); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(b.String(), "\x1b\u202e") {
				t.Error("a control character is in the output")
			}
			if !strings.Contains(b.String(), "pod-host-isolation") {
				t.Error("the failing item is missing")
			}
			for line := range strings.Lines(b.String()) {
				switch {
				case strings.HasPrefix(strings.TrimSpace(line), "::"):
					t.Errorf("a log command: %s", line)
				case strings.HasPrefix(line, "97 of 97"):
					t.Errorf("a forged line: %s", line)
				case format == "html" && strings.Contains(line, "<script>alert"), format == "markdown" && strings.Contains(line, "<script"):
					t.Errorf("markup: %s", line)
				}
			}
		})
	}
}

// TestRoundTrip checks that a report that is read and written again is the same.
func TestRoundTrip(t *testing.T) {
	r, opts := sample()
	var first, second bytes.Buffer
	if err := Write("json", &first, r, opts); err != nil {
		t.Fatal(err)
	}
	back, err := checklist.Read(first.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := Write("json", &second, back, opts); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Errorf("got\n%s\nwant\n%s", second.String(), first.String())
	}
	if !json.Valid(first.Bytes()) {
		t.Error("no valid JSON")
	}
}

// TestColumns checks that no line of the text is wider than 80 columns, unless one
// word is.
func TestColumns(t *testing.T) {
	r, opts := sample()
	opts.Verbose = false
	var b bytes.Buffer
	if err := Write("text", &b, r, opts); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimRight(line, "\n"); len([]rune(line)) > width && strings.Contains(strings.TrimSpace(line[hang:]), " ") {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
}

func TestAttestations(t *testing.T) {
	rows := []checklist.Row{{ID: "ops-training", Title: "Training", Verdict: checklist.NeedsAttestation}, {ID: "pod-seccomp", Verdict: checklist.Fail}}
	text, n := Attestations(rows, "profile: strict")
	want := "\n\n# What no file can show: take off the # of an item and of the key that a person attests.\n#attestations:\n#\n# Training\n#- item: ops-training\n#  by: \n#  date: \n#  evidence: \n"
	if n != 1 || text != want {
		t.Errorf("%d, %q; want %q", n, text, want)
	}
	if text, n := Attestations(rows, "attestations:\n- item: ops-training\n"); n != 0 || text != "" {
		t.Errorf("twice: %d, %q", n, text)
	}
}
