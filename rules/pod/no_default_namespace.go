package pod

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/node"
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
		addresses := addressesOf(p, o)
		if others := referringTo(p, o); others+addresses != "" {
			d.Fix = lint.Advice(p.Rule.Fix + others + addresses)
		}
		if g := o.Group(); strings.Contains(g, ".") && !strings.HasSuffix(g, ".openshift.io") { // operators may watch certain namespaces only
			d.Fix = lint.Advice(p.Rule.Fix + referringTo(p, o) + ", one that its operator watches" + addresses)
		}
		if isSetBy(p, o, "spec.targetNamespace") {
			d.Fix = lint.Advice("set spec.targetNamespace of the Kustomization to a namespace made for the application: Flux gives it to all objects that it builds there, whatever they say" + addresses)
		} else if isSetBy(p, o, "spec.destination.namespace") {
			d.Fix = lint.Advice("set destination.namespace of the Application to a namespace made for the application: Argo CD gives it to all objects that name none" + addresses)
		} else if by := namespaceSetter(p, o); by != "" {
			d.Fix = lint.Advice("set namespace: in " + by + " to a namespace made for the application: it is that of all its objects, whatever they say" + addresses)
		}
		p.Report(d)
	}
}

// inDefault matches the address of a Service in the namespace default.
var inDefault = regexp.MustCompile(`([a-z0-9][-a-z0-9]*)\.default\.svc(?:[^-\w]|$)`)

// users are the first objects of the unit that have the address of a Service in the namespace default, by the name of that Service.
var users = lint.UnitIndex("addresses in the namespace default", func(p *lint.Pass) map[string]*lint.Object {
	by := map[string]*lint.Object{}
	for _, o := range p.Unit.Objects {
		for n := range node.Scalars(o.Root.Node) {
			if !strings.Contains(n.Value, ".default.svc") { // which most texts do not
				continue
			}
			for _, m := range inDefault.FindAllStringSubmatch(n.Value, -1) {
				if by[m[1]] == nil {
					by[m[1]] = o
				}
			}
		}
	}
	return by
})

// addressesOf is the end of a fix that gives an object another namespace: a Service in front of its pods moves with them, and others have the
// address of that in the namespace default. It is empty if none has.
func addressesOf(p *lint.Pass, o *lint.Object) string {
	c := cluster.Of(p)
	for _, w := range o.Workloads {
		for _, s := range c.ServicesTo(c.PodsOf(w)) {
			if user := users(p)[s.Name]; user != nil && s.Namespace == "default" {
				return ", and write the new address of Service " + s.Name + " for " + s.Name + ".default.svc, which " + user.KindName() + " has"
			}
		}
	}
	return ""
}

// maxReferring is how many Services, and how many bindings, a fix names.
const maxReferring = 3

// referringTo is the end of a fix that gives an object another namespace: the Services that lead to its pods, and the bindings with its service
// account as a subject, refer to it in the namespace default. It is empty if there are none.
func referringTo(p *lint.Pass, o *lint.Object) string {
	var services, subjects []string
	c := cluster.Of(p)
	for _, w := range o.Workloads {
		for _, s := range c.ServicesTo(c.PodsOf(w)) {
			if name := s.KindName(); s.Namespace == o.Namespace && !slices.Contains(services, name) {
				services = append(services, name)
			}
		}
		if name, ok := access.AccountName(w); ok {
			subjects = append(subjects, bindingsIn(p)[name]...)
		}
	}
	slices.Sort(subjects)
	all := slices.Clone(services[:min(len(services), maxReferring)])
	if subjects = slices.Compact(subjects); len(subjects) > 0 {
		all = append(all, "the subjects of "+lint.And(subjects[:min(len(subjects), maxReferring)]))
	}
	if len(all) == 0 {
		return ""
	}
	return ", and on what refers to it, such as " + lint.And(all)
}

// bindingsIn are the bindings with a service account of the namespace default as a subject, by the name of the account.
var bindingsIn = lint.UnitIndex("bindings of accounts in the namespace default", func(p *lint.Pass) map[string][]string {
	by := map[string][]string{}
	for _, b := range access.Of(p).Bindings {
		for _, s := range b.Subjects {
			if s.Kind == "ServiceAccount" && s.Namespace == "default" {
				by[s.Name] = append(by[s.Name], b.KindName())
			}
		}
	}
	return by
})

// isSetBy reports whether a field of a Kustomization of Flux or of an Application gives an object its namespace.
func isSetBy(p *lint.Pass, o *lint.Object, field string) bool {
	at := p.Locate(o, o.Root.Get("metadata.namespace"))
	return slices.ContainsFunc(at.Trail, func(s lint.Step) bool { return s.Label == field && s.Position == at.Position })
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
