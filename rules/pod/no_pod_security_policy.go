package pod

import "github.com/kubevet/kubevet/lint"

// NoPodSecurityPolicy reports PodSecurityPolicies, which Kubernetes 1.25 removed.
//
// The policy has no effect: the cluster has no such kind, and pods that the policy was meant to keep
// out run.
//
// The rule applies from Kubernetes 1.25 on, and only where no-removed-api does not report the object.
// Enforce a Pod Security Standard by labels of the namespaces. Put what goes beyond one in a policy
// engine or a ValidatingAdmissionPolicy.
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
	if p.Version.AtLeast(25) && !p.Runs("no-removed-api") && (o.Is("policy", "PodSecurityPolicy") || o.Is("extensions", "PodSecurityPolicy")) {
		p.Report(lint.Diagnostic{
			Object: o, At: o.Root.Get("kind"), Fix: lint.Intent{Removal: "remove the PodSecurityPolicy"},
			Message: o.KindName() + " has no effect since Kubernetes 1.25; want the namespaces' label " + enforceLabel,
		})
	}
}
