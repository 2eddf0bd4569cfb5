package mesh

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// DefaultDeny reports namespaces of a service mesh without a policy that denies requests by
// default.
//
// Without one, every workload of the mesh may call a workload that no policy selects, such as one that is
// added tomorrow.
//
// Of Istio, the namespace or istio-system needs an AuthorizationPolicy without selector that allows
// nothing: spec: {} or no rules. It applies to Namespaces that the input puts into the mesh, if the input has
// policies of Istio at all. Of Linkerd, a Namespace with linkerd.io/inject: enabled needs the annotation
// config.linkerd.io/default-inbound-policy: deny, if the input has AuthorizationPolicies of Linkerd. The rule is
// part of the strict profile only, with low severity.
var DefaultDeny = &lint.Rule{
	ID:        "mesh-default-deny",
	Title:     "Mesh does not deny requests by default",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"infra-service-mesh"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network policies"},
		{Standard: owasp, Control: "K05"},
	},
	Fix: "add a policy that allows nothing for the namespace, and policies for what the workloads need",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		policies, namespaces := istioObjects(p.Unit)
		for _, ns := range namespaces {
			if !slices.ContainsFunc(policies, func(o *lint.Object) bool { return deniesByDefault(o, ns.Name) }) {
				p.Report(lint.Diagnostic{
					Object: ns, At: ns.Root.Get("metadata"), Absence: true,
					Message: called(ns) + " is in the mesh and has no AuthorizationPolicy that denies by default; want one with spec: {}",
					Fix:     lint.Intent{Title: "add {apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: allow-nothing" + inNamespace(ns) + "}, spec: {}}, and policies for what the workloads need"},
				})
			}
		}
		linkerd := slices.ContainsFunc(p.Unit.Objects, func(o *lint.Object) bool { return o.Is("policy.linkerd.io", "AuthorizationPolicy") })
		for _, o := range p.Unit.Objects {
			annotations := o.Root.Get("metadata.annotations")
			if policy := annotations.Child(inboundPolicy); linkerd && o.Is("", "Namespace") && annotations.Child("linkerd.io/inject").Text() == "enabled" && policy.IsKnown() && policy.Text() != "deny" {
				p.Report(lint.Diagnostic{
					Object: o, At: policy, Fix: lint.Intent{Value: "deny"},
					Message: called(o) + " is in the mesh and does not set " + inboundPolicy + ": deny; want requests denied by default",
				})
			}
		}
	}),
}

// deniesByDefault reports whether an object is an AuthorizationPolicy of Istio that allows
// nothing in a namespace.
func deniesByDefault(o *lint.Object, namespace string) bool {
	spec := o.Root.Get("spec")
	action := spec.Get("action").Text()
	return o.Is(istioSecurity, "AuthorizationPolicy") && coversNamespace(o, namespace) && spec.Get("rules").Len() == 0 && (action == "" || action == "ALLOW")
}
