package store

import (
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// A report of very many findings, which are stored packed, is the same as one of a list.
func TestStoredReport(t *testing.T) {
	rules := []*lint.Rule{{ID: "a", Title: "A"}, {ID: "b", Title: "B"}}
	var findings []*lint.Finding
	s := &Store{}
	for i := range maxUnpacked + 5000 {
		f := &lint.Finding{
			Rule: rules[i%2], Severity: lint.Severity(1 + i%4), Message: "m" + strconv.Itoa(i%3), Fingerprint: strconv.Itoa(i), Fails: i%7 == 0,
			Object: lint.ObjectRef{Kind: "Pod", Name: strconv.Itoa(i % 1000)},
			Origin: lint.Origin{Position: lint.Position{File: "f" + strconv.Itoa(i*7919%13), Line: i * 31 % 997, Column: i % 5}, Text: "text"},
		}
		f.Occurrences = []lint.Occurrence{{Object: f.Object, Fingerprint: f.Fingerprint, Input: "."}}
		switch {
		case i%11 == 0:
			f.Ignored = &lint.Ignored{By: lint.ByConfig, Reason: "r"}
		case i%1009 == 0:
			f.Secret, f.Origin.Text = true, "‹masked›"
		}
		findings = append(findings, f)
	}
	for i, l := range slices.Collect(slices.Chunk(findings, 1000)) {
		if i%2 == 0 {
			s.Add(l)
		} else if err := s.AddPacked(Pack(l)); err != nil {
			t.Fatal(err)
		}
	}
	s.Resolve(rules)
	if err := s.Map(func(l []*lint.Finding) []*lint.Finding { return l }); err != nil {
		t.Fatal(err)
	}
	want := lint.NewReport(findings, nil, nil, lint.Summary{})
	got, err := NewReport(s, nil, nil, lint.Summary{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) > 0 || got.Tally() != want.Tally() || got.CountIgnored() != len(want.Ignored) || got.ExitCode() != want.ExitCode() || got.Summary.Findings != want.Summary.Findings {
		t.Errorf("%v, %d ignored, exit code %d; want %v, %d, %d", got.Tally(), got.CountIgnored(), got.ExitCode(), want.Tally(), len(want.Ignored), want.ExitCode())
	}
	var byFile []*lint.Finding
	for _, file := range got.Files() {
		byFile = slices.AppendSeq(byFile, file)
	}
	if !reflect.DeepEqual(byFile, want.Findings) {
		t.Error("the findings differ by file")
	}
	if whole := got.Whole(); !reflect.DeepEqual(whole.Findings, want.Findings) || !reflect.DeepEqual(whole.Ignored, want.Ignored) {
		t.Error("the findings differ")
	}
}

// A stored finding of a rule that nobody knows is an error.
func TestStoreUnknownRule(t *testing.T) {
	s := &Store{}
	if err := s.AddPacked(Pack([]*lint.Finding{{Rule: &lint.Rule{ID: "no-such"}}})); err != nil {
		t.Fatal(err)
	}
	s.Resolve([]*lint.Rule{{ID: "no-a"}})
	if _, err := s.List(); err == nil {
		t.Error("a rule that does not exist is no error")
	}
}
