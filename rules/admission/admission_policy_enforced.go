package admission

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/node"
)

// AdmissionPolicyEnforced reports policies of Kyverno and constraints of Gatekeeper if all of those in
// the input only audit or warn, and nothing else in it enforces anything.
//
// The cluster then admits everything, and violations are known only to those who read reports.
//
// One enforcing policy, a ValidatingAdmissionPolicyBinding with Deny, or a namespace with a Pod
// Security level is enough for silence: auditing new policies beside enforced ones is good practice.
// The default is Audit for Kyverno and deny for Gatekeeper. The finding is at the first policy, and
// lists how many there are.
var AdmissionPolicyEnforced = &lint.Rule{
	ID:        "admission-policy-enforced",
	Title:     "Policies are audited, and none is enforced",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"admission-pod-security", "admission-secure-chain"},
	Refs:      controls("5.2.1"),
	Fix:       "enforce the policies that nothing violates any more",
	Check:     lint.UnitCheck(checkEnforced),
}

func checkEnforced(p *lint.Pass) {
	var first *lint.Object
	var at lint.Value
	count := 0
	for _, o := range p.Unit.Objects {
		if enforces(o) {
			return
		}
		if where, ok := audits(o); ok {
			if count++; first == nil {
				first, at = o, where
			}
		}
	}
	if count == 0 {
		return
	}
	what := first.KindName() + " only audits"
	if count > 1 {
		what = strconv.Itoa(count) + " policies only audit, such as " + first.KindName()
	}
	p.Report(lint.Diagnostic{Object: first, At: at, Absence: true, KnownPart: !at.IsSet(), Message: what + ", and no policy enforces; want one that does"})
}

// enforces reports whether an object refuses pods or other objects, or may do so.
func enforces(o *lint.Object) bool {
	switch {
	case o.Is(webhookGroup, "ValidatingAdmissionPolicyBinding"):
		return slices.Contains(o.Root.Get("spec.validationActions").Strings(), "Deny")
	case o.Is("", "Namespace"):
		level := o.Root.Get("metadata.labels").Child(naming.EnforceLabel)
		return level.IsSet() && level.Text() != "privileged"
	case isKyverno(o):
		for action := range kyvernoActions(o) {
			if strings.EqualFold(action.Text(), "Enforce") || !action.IsKnown() {
				return true
			}
		}
		return false
	case isConstraint(o):
		action := o.Root.Get("spec.enforcementAction")
		return !action.IsKnown() || !action.IsSet() || action.Text() == "deny" || action.Text() == "scoped"
	}
	return false
}

// audits reports whether an object is a policy that only audits, and where it says so.
func audits(o *lint.Object) (lint.Value, bool) {
	switch {
	case isKyverno(o):
		for rule := range o.Root.Get("spec.rules").Items() {
			if rule.Get("validate").IsSet() || rule.Get("verifyImages").IsSet() {
				return o.Root.Get("spec.validationFailureAction"), true
			}
		}
		if o.Group() == "policies.kyverno.io" {
			return o.Root.Get("spec.validationActions"), true
		}
		return lint.Value{}, false
	case isConstraint(o):
		return o.Root.Get("spec.enforcementAction"), true
	}
	return lint.Value{}, false
}

func isKyverno(o *lint.Object) bool {
	switch o.Group() {
	case "kyverno.io":
		return o.Kind == "ClusterPolicy" || o.Kind == "Policy"
	case "policies.kyverno.io":
		return strings.HasSuffix(o.Kind, "ValidatingPolicy") // also of images, and of a namespace
	}
	return false
}

// kyvernoActions yields the fields of a policy that say whether it enforces.
func kyvernoActions(o *lint.Object) func(func(lint.Value) bool) {
	return func(yield func(lint.Value) bool) {
		spec := o.Root.Get("spec")
		for _, path := range []string{"validationFailureAction", "validationFailureActionOverrides[].action", "rules[].validate.failureAction", "rules[].validate.failureActionOverrides[].action", "rules[].verifyImages[].failureAction"} {
			for v := range spec.Each(path) {
				if !yield(v) {
					return
				}
			}
		}
		for v := range spec.Get("validationActions").Items() {
			if v.Text() == "Deny" && !yield(node.NewValue(&yaml.Node{Kind: yaml.ScalarNode, Value: "Enforce"})) {
				return
			}
		}
	}
}

// isConstraint reports a constraint of Gatekeeper.
func isConstraint(o *lint.Object) bool { return o.Group() == "constraints.gatekeeper.sh" }
