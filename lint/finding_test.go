package lint

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Fingerprints do not depend on the directory in which the program is started,
// nor on elements put before others.
func TestFingerprintPrefix(t *testing.T) {
	at := func(prefix, file string) string {
		u := newUnit(t, "u", podText)
		u.Objects[0].locator = lines{file}
		c := Checker{Rules: []*Rule{{ID: "r", Check: Field{Of: KindPod, Path: "hostPID"}}}, Prefix: prefix}
		findings, _ := c.Check(u)
		return findings[0].Fingerprint
	}
	want := at("", "deploy/prod/f.yaml")
	for _, c := range [][2]string{{"deploy", "prod/f.yaml"}, {"deploy/prod", "f.yaml"}, {"charts/web", "../../deploy/prod/f.yaml"}, {".", "deploy/prod/f.yaml"}} {
		if got := at(c[0], c[1]); got != want {
			t.Errorf("%s in %s: %s, want %s", c[1], c[0], got, want)
		}
	}
	if at("", "deploy/f.yaml") == want || at("deploy", "/deploy/prod/f.yaml") == want {
		t.Error("other files have the same fingerprint")
	}
}

func TestObjectAt(t *testing.T) {
	findings, _ := (&Checker{Rules: []*Rule{{ID: "r", Check: Field{Of: KindPod, Path: "hostPID"}}}}).Check(newUnit(t, "u", "---\n"+podText))
	if at := findings[0].ObjectAt; at.Line != 3 || at.File != "f.yaml" {
		t.Errorf("the object begins at %v", at)
	}
}

// Ignored findings are in a list of their own, and a secret on their line stays hidden.
func TestReportIgnored(t *testing.T) {
	rule := &Rule{ID: "r", Severity: High}
	find := func(object string, ignored *Ignored) *Finding {
		return &Finding{
			Rule: rule, Severity: High, Message: "m", Object: ObjectRef{Kind: "Pod", Name: object}, Ignored: ignored,
			Origin:      Origin{Position: Position{File: "f.yaml", Line: 3, Column: 3}, Text: "  password: hunter2"},
			Occurrences: []Occurrence{{Object: ObjectRef{Kind: "Pod", Name: object}, Input: "u"}},
		}
	}
	known := &Ignored{By: ByComment, Reason: "why", Until: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)}
	same, other := *known, *known
	other.Reason = "another"
	secret := find("s", nil)
	secret.Rule = &Rule{ID: "s", Severity: High}
	secret.Secret, secret.Message, secret.Origin.Text = true, "secret", "  "+masked
	all := []*Finding{find("a", nil), find("b", known), find("c", &same), find("d", &other), find("e", nil), secret}
	r := NewReport(all, nil, nil, Summary{})
	slices.Reverse(all)
	back := NewReport(all, nil, nil, Summary{})
	for _, r := range []*Report{r, back} {
		if len(r.Findings) != 2 || len(r.Ignored) != 2 || r.Summary.Ignored != 2 || r.Summary.Findings[High] != 2 {
			t.Fatalf("%d findings, %d ignored, %v", len(r.Findings), len(r.Ignored), r.Summary)
		}
		var l []string
		for _, f := range slices.Concat(r.Findings, r.Ignored) {
			if strings.Contains(f.Origin.Text, "hunter2") {
				t.Errorf("%s shows the secret: %s", f.Object, f.Origin.Text)
			}
			for _, o := range f.Objects() {
				l = append(l, o.Name)
			}
		}
		if got := strings.Join(l, " "); got != "a e s b c d" {
			t.Errorf("objects %s", got)
		}
	}
}

// A finding about a file is of no object.
func TestFileFinding(t *testing.T) {
	at := Origin{Position: Position{File: "f.yaml", Line: 3}}
	a := NewFileFinding(&Rule{ID: "r", Fix: "fix it"}, at, "m", "", "a", "sub")
	b := NewFileFinding(a.Rule, at, "n", "so", "b", "sub")
	r := NewReport([]*Finding{b, a, a}, nil, nil, Summary{})
	if len(r.Findings) != 2 || a.Fix.Title != "fix it" || b.Fix.Title != "so" || a.Fingerprint == b.Fingerprint ||
		a.Object.String() != "" || len(a.Units()) != 0 || len(a.Objects()) != 0 {
		t.Errorf("%+v", r.Findings)
	}
}

func TestObjectRefString(t *testing.T) {
	for want, r := range map[string]ObjectRef{
		"": {}, "ClusterConfiguration": {Kind: "ClusterConfiguration"}, "Pod/a": {Kind: "Pod", Name: "a"}, "Pod/b/a": {Kind: "Pod", Namespace: "b", Name: "a"},
	} {
		if got := r.String(); got != want {
			t.Errorf("%#v: %q, want %q", r, got, want)
		}
	}
}
