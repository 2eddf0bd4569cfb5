package lint

import (
	"slices"
	"testing"
)

// TestKeysToEnable pins which of several objects that are disabled is meant, and that a
// fix names its keys.
func TestKeysToEnable(t *testing.T) {
	u := newUnit(t, "chart", podText)
	step := func(label string) Step {
		return Step{Kind: StepValues, Position: Position{File: "values.yaml", Line: 1}, Label: label, Set: "true"}
	}
	disabled := func(kind, group, template string, labels ...string) DisabledObject {
		s := DisabledObject{Kind: kind, APIGroup: group, Template: template, Text: "name: " + template}
		for _, l := range labels {
			s.Keys = append(s.Keys, step(l))
		}
		return s
	}
	rule := &Rule{ID: "r", Severity: High, Fix: "add one"}
	rule.Check = UnitCheck(func(p *Pass) {
		o := p.Unit.Objects[0]
		var in Intent
		in.Enabling = p.KeysToEnable("g", "Policy", o, func(s DisabledObject) Serving {
			if s.Text == "name: other.yaml" {
				return ServesNot
			}
			return Serves
		})
		p.Report(Diagnostic{Object: o, At: o.Root, Message: "no policy", Fix: in})
	})
	for _, tt := range []struct {
		name     string
		disabled []DisabledObject
		fix      string
	}{
		{"none", nil, "add one"},
		{"other kind", []DisabledObject{disabled("Pod", "g", "x/p.yaml", "a")}, "add one"},
		{"other group", []DisabledObject{disabled("Policy", "h", "x/p.yaml", "a")}, "add one"},
		{"one", []DisabledObject{disabled("Policy", "g", "x/p.yaml", "a")}, "set a: true"},
		{"computed group", []DisabledObject{disabled("Policy", "", "x/p.yaml", "a", "b")}, "set a: true and b: true"},
		{"several", []DisabledObject{disabled("Policy", "g", "x/p.yaml", "a"), disabled("Policy", "g", "y/p.yaml", "b")}, "add one"},
		{"beside", []DisabledObject{disabled("Policy", "g", "x/p.yaml", "a"), disabled("Policy", "g", "p.yaml", "b")}, "set b: true"},
		{"does not serve", []DisabledObject{disabled("Policy", "g", "x/p.yaml", "a"), disabled("Policy", "g", "other.yaml", "b")}, "set a: true"},
		{"same", []DisabledObject{disabled("Policy", "g", "x/p.yaml", "a"), disabled("Policy", "g", "x/q.yaml", "a")}, "set a: true"},
	} {
		u.Disabled = func(kind string) []DisabledObject {
			return slices.DeleteFunc(slices.Clone(tt.disabled), func(s DisabledObject) bool { return s.Kind != kind })
		}
		findings, _ := (&Checker{Rules: []*Rule{rule}}).Check(u)
		f := findings[0]
		if f.Fix.Title != tt.fix {
			t.Errorf("%s: got fix %q, want %q", tt.name, f.Fix.Title, tt.fix)
		}
		if known := len(f.Origin.Trail) > 0 && f.Origin.Trail[0].Kind == StepValues; known != (tt.fix != rule.Fix) {
			t.Errorf("%s: trail %v", tt.name, f.Origin.Trail)
		}
	}
}
