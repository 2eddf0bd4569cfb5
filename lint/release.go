package lint

import "cmp"

// Release is what an object has a tool install in a namespace: Flux, Argo CD or the controller of k3s.
type Release struct {
	Namespace string
	// Values are those that the object gives a chart, absent if it gives none as a mapping.
	Values Value
	// IsChart is false for manifests of a folder.
	IsChart bool
}

// Release is what the object has a tool install. ok is false if it installs nothing.
func (o *Object) Release() (r Release, ok bool) {
	spec := o.Root.Get("spec")
	switch {
	case o.Is("helm.toolkit.fluxcd.io", "HelmRelease"):
		return Release{cmp.Or(spec.Get("targetNamespace").Text(), o.Namespace), spec.Get("values"), true}, true
	case o.Is("helm.cattle.io", "HelmChart"):
		return Release{cmp.Or(spec.Get("targetNamespace").Text(), o.Namespace), spec.Get("set"), true}, true
	case o.Is("argoproj.io", "ApplicationSet"):
		spec = spec.Get("template.spec")
	case !o.Is("argoproj.io", "Application"):
		return r, false
	}
	r.Namespace = spec.Get("destination.namespace").Text()
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
