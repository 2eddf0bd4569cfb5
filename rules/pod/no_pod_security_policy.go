package pod

import "github.com/kubevet/kubevet/lint"

// NoPodSecurityPolicy reports PodSecurityPolicies, of which Kubernetes 1.25 and newer know nothing.
//
// Whoever counts on the policy counts on nothing: the cluster has no such kind, and pods that the
// policy was meant to keep out run.
//
// Before 1.25 the rule is silent. Enforce a Pod Security Standard by labels of the namespaces, or
// keep what goes beyond one in a policy engine or a ValidatingAdmissionPolicy. That the object can
// not be applied is told by no-removed-api.
var NoPodSecurityPolicy = &lint.Rule{
	ID:        "no-pod-security-policy",
	Title:     "PodSecurityPolicy has no effect",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-pod-security-policies"},
	Fix:       "remove the PodSecurityPolicy, and label the namespaces with pod-security.kubernetes.io/enforce",
	Check:     lint.ObjectCheck(checkNoPolicy),
}

func checkNoPolicy(p *lint.Pass, o *lint.Object) {
	if p.Version.AtLeast(25) && (o.Is("policy", "PodSecurityPolicy") || o.Is("extensions", "PodSecurityPolicy")) {
		p.Report(lint.Diagnostic{
			Object: o, At: o.Root.Get("kind"),
			Message: "PodSecurityPolicy " + o.Name + " has no effect since Kubernetes 1.25; want the namespaces' label " + enforceLabel,
		})
	}
}
