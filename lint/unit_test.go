package lint

import (
	"slices"
	"testing"
)

// TestShutKeys pins which of several objects that are shut is meant, and that a
// fix names its keys.
func TestShutKeys(t *testing.T) {
	u := newUnit(t, "chart", podText)
	step := func(label string) Step {
		return Step{Kind: StepValues, Position: Position{File: "values.yaml", Line: 1}, Label: label, Set: "true"}
	}
	shut := func(kind, group, template string, labels ...string) DisabledObject {
		s := DisabledObject{Kind: kind, APIGroup: group, Template: template, Text: "name: " + template}
		for _, l := range labels {
			s.Keys = append(s.Keys, step(l))
		}
		return s
	}
	rule := &Rule{ID: "r", Severity: High, Fix: "add one"}
	rule.Check = UnitCheck(func(p *Pass) {
		o := p.Unit.Objects[0]
		p.Report(Diagnostic{Object: o, At: o.Root, Message: "no policy", Fix: Intent{Keys: p.KeysToEnable("g", "Policy", o, func(s DisabledObject) bool { return s.Text != "name: other.yaml" })}})
	})
	for _, tt := range []struct {
		name string
		shut []DisabledObject
		fix  string
	}{
		{"none", nil, "add one"},
		{"other kind", []DisabledObject{shut("Pod", "g", "x/p.yaml", "a")}, "add one"},
		{"other group", []DisabledObject{shut("Policy", "h", "x/p.yaml", "a")}, "add one"},
		{"one", []DisabledObject{shut("Policy", "g", "x/p.yaml", "a")}, "set a: true"},
		{"computed group", []DisabledObject{shut("Policy", "", "x/p.yaml", "a", "b")}, "set a: true and b: true"},
		{"several", []DisabledObject{shut("Policy", "g", "x/p.yaml", "a"), shut("Policy", "g", "y/p.yaml", "b")}, "add one"},
		{"beside", []DisabledObject{shut("Policy", "g", "x/p.yaml", "a"), shut("Policy", "g", "p.yaml", "b")}, "set b: true"},
		{"does not serve", []DisabledObject{shut("Policy", "g", "x/p.yaml", "a"), shut("Policy", "g", "other.yaml", "b")}, "set a: true"},
		{"same", []DisabledObject{shut("Policy", "g", "x/p.yaml", "a"), shut("Policy", "g", "x/q.yaml", "a")}, "set a: true"},
	} {
		u.Disabled = func(kind string) []DisabledObject {
			return slices.DeleteFunc(slices.Clone(tt.shut), func(s DisabledObject) bool { return s.Kind != kind })
		}
		findings, _ := (&Checker{Rules: []*Rule{rule}}).Check(u)
		f := findings[0]
		if f.Fix.Title != tt.fix {
			t.Errorf("%s: got fix %q, want %q", tt.name, f.Fix.Title, tt.fix)
		}
		if told := len(f.Origin.Trail) > 0 && f.Origin.Trail[0].Kind == StepValues; told != (tt.fix != rule.Fix) {
			t.Errorf("%s: trail %v", tt.name, f.Origin.Trail)
		}
	}
}
