package report

import (
	"strconv"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/store"
)

// A report with more findings than are held as they are is written the same.
func TestStored(t *testing.T) {
	rules := []*lint.Rule{{ID: "a", Title: "A", Fix: "do a"}, {ID: "b", Title: "B", Fix: "do b"}}
	many := &store.Store{}
	for i := range 36000 {
		f := &lint.Finding{
			Rule: rules[i%2], Severity: lint.Severity(1 + i*7%4), Message: "m" + strconv.Itoa(i%3), Fix: lint.Fix{Title: "fix it", Addition: lint.Addition{Path: "a.b", Indent: 2, Step: 2}}, Fingerprint: strconv.Itoa(i),
			Object: lint.ObjectRef{Kind: "Pod", Name: strconv.Itoa(i % 1000)},
			Origin: lint.Origin{Position: lint.Position{File: "f\u202e" + strconv.Itoa(i%13), Line: i % 997, Column: 1}, Text: "text: a"},
		}
		f.Occurrences = []lint.Occurrence{{Object: f.Object, Fingerprint: f.Fingerprint, Input: "."}}
		if i%11 == 0 {
			f.Ignored = &lint.Ignored{By: lint.ByConfig, Reason: "r"}
		}
		many.Add([]*lint.Finding{f})
	}
	r, err := store.NewReport(many, nil, nil, lint.Summary{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Files() == nil {
		t.Fatal("the findings are not stored")
	}
	for _, format := range []string{"text", "json", "sarif", "github", "gitlab"} {
		opts := Options{Prefix: "x", Text: TextOptions{ShowIgnored: true}}
		if got, want := write(t, format, r, opts), write(t, format, r.Whole(), opts); got != want {
			t.Errorf("%s differs: %d bytes, want %d", format, len(got), len(want))
		}
	}
}
