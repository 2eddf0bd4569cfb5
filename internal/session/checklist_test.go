package session

import (
	"slices"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
)

// TestReferences checks that each reference of a rule is to a control that
// `kubevet checklist --standard` reports: otherwise its findings would be lost there.
func TestReferences(t *testing.T) {
	var controls []func(lint.Ref) bool
	for _, id := range checklist.StandardIDs() {
		s, ok := checklist.FindStandard(id)
		if !ok {
			t.Fatalf("no standard %s", id)
		}
		for _, c := range s.Controls {
			controls = append(controls, func(r lint.Ref) bool { return s.Has(c, r) })
		}
	}
	for _, rule := range AllRules() {
		for _, ref := range rule.Refs {
			if !slices.ContainsFunc(controls, func(has func(lint.Ref) bool) bool { return has(ref) }) {
				t.Errorf("%s refers to %q of %q, which is no control of a standard", rule.ID, ref.Control, ref.Standard)
			}
		}
	}
}

// TestControlRules checks that the rules that controls name exist, and that each control
// has rules, or says why files do not show it.
func TestControlRules(t *testing.T) {
	rules := AllRules()
	for _, id := range checklist.StandardIDs() {
		s, ok := checklist.FindStandard(id)
		if !ok {
			t.Fatalf("no standard %s", id)
		}
		rows := checklist.EvaluateStandard(s, checklist.Input{Report: &lint.Report{}, AllRules: rules})
		for i, c := range s.Controls {
			for _, r := range c.Rules {
				if !slices.Contains(rows[i].Rules, r) {
					t.Errorf("%s %s is decided by %s, which is no rule", id, c.ID, r)
				}
			}
			if len(rows[i].Rules) == 0 && c.Unseen == "" {
				t.Errorf("%s %s: no rule decides it", id, c.ID)
			}
		}
	}
}

// TestDecidingRules checks that the rules that items name exist: one that does not
// would be missed by nothing.
func TestDecidingRules(t *testing.T) {
	rules := AllRules()
	for _, i := range checklist.Items {
		for _, id := range i.Rules {
			if !slices.ContainsFunc(rules, func(r *lint.Rule) bool { return r.ID == id }) {
				t.Errorf("%s is decided by %s, which is no rule", i.ID, id)
			}
		}
	}
}
