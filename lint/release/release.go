// Package release reads what objects of the repository have tools install in namespaces: Flux, Argo CD and the
// controller of k3s.
package release

import (
	"cmp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// Release is what an object has a tool install in a namespace.
type Release struct {
	// Namespace is that which it installs in. It is empty if that is the namespace of the release, or is not known.
	Namespace string
	// IsAnywhere is set if the namespace is not known: it may be any.
	IsAnywhere bool
	// HasVariable is set if that is so since the namespace has a variable, which Flux replaces in what it applies.
	HasVariable bool
	// Values are those that the object gives a chart, absent if it gives none as a mapping.
	Values lint.Value
	// IsChart is false for manifests of a folder.
	IsChart bool
}

// Of is what an object has a tool install. ok is false if it installs nothing.
func Of(o *lint.Object) (r Release, ok bool) {
	spec := o.Root.Get("spec")
	switch {
	case o.Is("helm.toolkit.fluxcd.io", "HelmRelease"):
		return in(o, spec.Get("targetNamespace"), spec.Get("values")), true
	case o.Is("helm.cattle.io", "HelmChart"):
		return in(o, spec.Get("targetNamespace"), spec.Get("set")), true
	case o.Is("argoproj.io", "ApplicationSet"):
		spec = spec.Get("template.spec")
	case !o.Is("argoproj.io", "Application"):
		return r, false
	}
	namespace := spec.Get("destination.namespace")
	r.Namespace, r.IsAnywhere = namespace.Text(), !namespace.IsKnown()
	r.HasVariable = r.IsAnywhere && strings.Contains(namespace.Written(), "${")
	for _, path := range [...]string{"source", "sources[]"} {
		for source := range spec.Each(path) {
			r.IsChart = r.IsChart || source.Get("chart").IsSet() || source.Get("helm").IsSet()
			if !r.Values.IsSet() {
				r.Values = source.Get("helm.valuesObject")
			}
		}
	}
	return r, true
}

// in is a chart that is installed in a target namespace, or else in the object's own.
func in(o *lint.Object, target, values lint.Value) Release {
	r := Release{Namespace: cmp.Or(target.Text(), o.Namespace), Values: values, IsChart: true}
	if r.IsAnywhere = !target.IsKnown() || !target.IsSet() && node.MayHavePlaceholder(o.Namespace); r.IsAnywhere {
		r.Namespace, r.HasVariable = "", strings.Contains(cmp.Or(target.Written(), o.Namespace), "${")
	}
	return r
}
