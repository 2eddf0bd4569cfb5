package lint

import (
	"reflect"
	"strings"
	"testing"
)

// entries is a Locator of a chart: a template line prints each value, and an entry of
// the values file supplies it.
type entries struct{ entry *Entry }

func (l entries) Locate(v Value) Origin {
	n, _ := v.Anchor()
	return Origin{
		Position: Position{File: "c/templates/pod.yaml", Line: n.Line, Column: 1}, Precision: PrecisionBlock, Text: "  {{ toYaml .Values.pod }}",
		Trail: []Step{
			{Kind: StepDecides, Label: "on", Position: Position{File: "c/values.yaml", Line: 1}},
			{Kind: StepValues, Label: "pod.pid", Position: Position{File: "c/values.yaml", Line: 3, Column: 3}},
			{Kind: StepInclude, Label: "h", Position: Position{File: "c/templates/_h.tpl", Line: 9}},
		},
		Entry: l.entry,
	}
}

// The entry becomes the place, the template line a step of the trail. What a finding is
// known by stays the same.
func TestEntry(t *testing.T) {
	rule := &Rule{ID: "r", Severity: High, Check: Field{Of: KindPod, Path: "hostPID", Allow: []string{"false"}}}
	find := func(e *Entry) *Finding {
		u := newUnit(t, "c", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: true\n")
		u.Objects[0].locator = entries{e}
		findings, problems := (&Checker{Rules: []*Rule{rule}}).Check(u)
		if len(findings) != 1 || len(problems) > 0 {
			t.Fatal(findings, problems)
		}
		return findings[0]
	}
	at := Position{File: "c/values.yaml", Line: 3, Column: 8, EndColumn: 12}
	without, with := find(nil), find(&Entry{Position: at, Text: "  pid: true", Key: "pod.pid"})
	want := Origin{
		Position: at, Text: "  pid: true",
		Trail: []Step{
			{Kind: StepValues, Label: "pod.pid", Position: at},
			{Kind: StepDecides, Label: "on", Position: Position{File: "c/values.yaml", Line: 1}},
			{Kind: StepTemplate, Position: without.Origin.Position},
			{Kind: StepInclude, Label: "h", Position: Position{File: "c/templates/_h.tpl", Line: 9}},
		},
	}
	if !reflect.DeepEqual(with.Origin, want) {
		t.Errorf("origin is %+v\nwant %+v", with.Origin, want)
	}
	if with.Fingerprint != without.Fingerprint {
		t.Error("the entry changes the fingerprint")
	}
	for _, f := range []*Finding{with, without} {
		if f.Origin.Printed() != without.Origin.Position {
			t.Errorf("printed at %s, want %s", f.Origin.Printed(), without.Origin.Position)
		}
	}
	if !with.Origin.IsEntry() || without.Origin.IsEntry() {
		t.Error("IsEntry is wrong")
	}
}

// A values line that supplies a Secret too is masked in findings of other objects.
func TestEntryOfSecret(t *testing.T) {
	rule := &Rule{ID: "r", Severity: High, Check: Field{Of: KindPod, Path: "hostPID", Allow: []string{"false"}}}
	u := newUnit(t, "c", `
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData:
  k: correct-horse
---
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostPID: true
`)
	for _, o := range u.Objects {
		o.locator = entries{&Entry{Position: Position{File: "c/values.yaml", Line: 3, Column: 13}, Text: "pod: {pid: true, k: correct-horse}", Key: "pod.pid"}}
	}
	findings, _ := (&Checker{Rules: []*Rule{rule}}).Check(u)
	if len(findings) != 1 || strings.Contains(findings[0].Origin.Text, "horse") {
		t.Errorf("%+v", findings)
	}
}
