package report

import (
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// How often a finding occurs: a defect that several units show counts once.
func TestExtent(t *testing.T) {
	occurrence := func(object, scenario, message, fingerprint string) lint.Occurrence {
		return lint.Occurrence{Object: lint.ObjectRef{Kind: "Role", Name: object}, Scenario: scenario, Message: message, Fingerprint: fingerprint}
	}
	in := func(namespace string, o lint.Occurrence) lint.Occurrence {
		o.Object.Namespace = namespace
		return o
	}
	for _, tt := range []struct {
		want string
		l    []lint.Occurrence
	}{
		{"", []lint.Occurrence{occurrence("a", "x", "", "1"), occurrence("a", "y", "other words", "1")}},
		{" (2 times in Role/a)", []lint.Occurrence{occurrence("a", "x", "b", "1"), occurrence("a", "x", "c", "2"), occurrence("a", "y", "d", "2")}},
		{" (2 times in Role/a)", []lint.Occurrence{occurrence("a", "x", "b", "1"), occurrence("a", "x", "c", "1")}},
		{" (2 objects)", []lint.Occurrence{occurrence("a", "x", "", "1"), occurrence("b", "x", "", "2")}},
		{" (3 times in 2 objects)", []lint.Occurrence{occurrence("a", "x", "b", "1"), occurrence("a", "x", "c", "2"), occurrence("b", "x", "b", "3")}},
		{"", []lint.Occurrence{occurrence("a", "x", "b", "1"), occurrence("a", "x", "b", "2"), occurrence("a", "y", "b", "3")}}, // copies of one object
		{" (2 times in 2 objects)", []lint.Occurrence{occurrence("a", "x", "b", "1"), occurrence("a", "x", "b", "2"), occurrence("b", "x", "b", "3"), occurrence("b", "x", "b", "4")}},
		{"", []lint.Occurrence{occurrence("a", "x", "", "1"), in("n", occurrence("a", "y", "", "2"))}}, // n is the namespace of the release
		{" (2 objects)", []lint.Occurrence{occurrence("a", "x", "", "1"), in("n", occurrence("a", "x", "", "2"))}},
		{" (2 objects)", []lint.Occurrence{in("m", occurrence("a", "x", "", "1")), in("n", occurrence("a", "y", "", "2"))}},
	} {
		f := &lint.Finding{Object: tt.l[0].Object, Occurrences: tt.l}
		if got := extent(f); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
