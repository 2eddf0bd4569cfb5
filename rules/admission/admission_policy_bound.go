package admission

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// AdmissionPolicyBound reports ValidatingAdmissionPolicies and MutatingAdmissionPolicies that no
// binding of the input names, and policies of which every binding only warns or audits.
//
// A policy does nothing without a binding, and one that only audits admits what it should refuse.
// Anyone who reads the policy believes that the cluster is protected.
//
// A binding may be in another repository or behind a value of a chart; where the input says so,
// nothing is reported. Audit is a sensible first step, and the finding has low severity then.
var AdmissionPolicyBound = &lint.Rule{
	ID:        "admission-policy-bound",
	Title:     "Admission policy enforces nothing",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"admission-secure-chain", "admission-pod-security"},
	Refs:      controls("5.2.1"),
	Fix:       "add a ValidatingAdmissionPolicyBinding with validationActions: [Deny]",
	Check:     lint.UnitCheck(checkBound),
}

func checkBound(p *lint.Pass) {
	for _, kind := range []string{"ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"} {
		bindings := map[string][]*lint.Object{}
		unknown := false
		for _, o := range p.Unit.Objects {
			if o.Is(webhookGroup, kind+"Binding") {
				name := o.Root.Get("spec.policyName")
				unknown = unknown || !name.IsKnown()
				bindings[name.Text()] = append(bindings[name.Text()], o)
			}
		}
		for _, o := range p.Unit.Objects {
			if !o.Is(webhookGroup, kind) || unknown {
				continue
			}
			switch l := bindings[o.Name]; {
			case len(l) > 0:
				if kind == "ValidatingAdmissionPolicy" {
					checkActions(p, o, l)
				}
			case !p.MayExistElsewhere(o, kind+"Binding"):
				p.Report(lint.Diagnostic{
					Object: o, At: o.Root.Get("metadata.name"), KnownPart: true, Message: kind + " " + o.Name + " has no binding; want a " + kind + "Binding that names it",
				})
			}
		}
	}
}

// checkActions reports a policy of which no binding denies.
func checkActions(p *lint.Pass, policy *lint.Object, bindings []*lint.Object) {
	for _, b := range bindings {
		if actions := b.Root.Get("spec.validationActions"); !actions.IsKnown() || slices.Contains(actions.Strings(), "Deny") || actions.Len() == 0 {
			return
		}
	}
	b := bindings[0]
	actions := b.Root.Get("spec.validationActions")
	p.Report(lint.Diagnostic{
		Object: b, At: actions, Severity: lint.Low,
		Message: b.KindName() + " sets only " + lint.And(actions.Strings()) + ", so " + policy.Name + " refuses nothing; want Deny",
		Fix:     lint.Intent{Title: "set validationActions: [Deny]"},
	})
}
