package pod

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoDefaultNamespace reports workloads that name the namespace default.
//
// Everything that names no namespace ends up there. Network policies, quotas, rights and Pod Security
// labels that are set for one application then apply to all others in it.
//
// Only an explicit default is reported. Workloads that name no namespace go where the person who applies
// them says, and so do those of a chart, whose release namespace is not known here.
var NoDefaultNamespace = &lint.Rule{
	ID:        "no-default-namespace",
	Title:     "Workload is in the namespace default",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-non-default-namespace"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.6.4"},
		{Standard: nsa, Control: "Namespaces"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set metadata.namespace to a namespace made for the application, on the object and on what it uses",
	Check: lint.ObjectCheck(checkDefaultNamespace),
}

func checkDefaultNamespace(p *lint.Pass, o *lint.Object) {
	if len(o.Workloads) > 0 && o.Namespace == "default" {
		d := lint.Diagnostic{
			Object: o, At: o.Root.Get("metadata.namespace"),
			Message: o.KindName() + " is in the namespace default; want a namespace of its own",
		}
		if g := o.Group(); strings.Contains(g, ".") && !strings.HasSuffix(g, ".openshift.io") { // operators may watch certain namespaces only
			d.Fix = lint.Advice(p.Rule.Fix + ", one that its operator watches")
		}
		if setByFlux(p, o) {
			d.Fix = lint.Advice("set spec.targetNamespace of the Kustomization to a namespace made for the application: Flux gives it to all objects that it builds there, whatever they say")
		} else if by := namespaceSetter(p, o); by != "" {
			d.Fix = lint.Advice("set namespace: in " + by + " to a namespace made for the application: it is that of all its objects, whatever they say")
		}
		p.Report(d)
	}
}

// setByFlux reports whether the targetNamespace of a Kustomization of Flux gives an object its namespace.
func setByFlux(p *lint.Pass, o *lint.Object) bool {
	at := p.Locate(o, o.Root.Get("metadata.namespace"))
	return slices.ContainsFunc(at.Trail, func(s lint.Step) bool { return s.Label == "spec.targetNamespace" && s.Position == at.Position })
}

// namespaceSetter is the kustomization that gives an object of an overlay its namespace. It is empty if none does.
func namespaceSetter(p *lint.Pass, o *lint.Object) string {
	for _, k := range p.Kustomizations(o) {
		if k.Namespace != "" {
			if k.Namespace == o.Namespace {
				return k.File
			}
			return "" // a patch gives it another
		}
	}
	return ""
}
