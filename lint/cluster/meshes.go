package cluster

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// injections are the labels and annotations by which service meshes add a proxy to pods, and an init container that needs
// NET_ADMIN to redirect their traffic: those of Istio, Linkerd and Kuma.
var injections = [...]struct {
	mesh, key string
	values    []string // any if there are none
}{
	{"Istio", "istio-injection", []string{"enabled"}},
	{"Istio", "sidecar.istio.io/inject", []string{"true"}},
	{"Istio", "istio.io/rev", nil},
	{"Linkerd", "linkerd.io/inject", []string{"enabled", "ingress"}},
	{"Kuma", "kuma.io/sidecar-injection", []string{"enabled", "true"}},
}

// Injector is the mesh that adds containers to the pods of a Namespace or of one of its workloads, since a label or annotation
// says so. It is empty if there is none. Istio's ambient mode adds none.
func Injector(namespace *lint.Object, workloads []*lint.Workload) string {
	if mesh := injector(namespace.Root.Get("metadata")); mesh != "" {
		return mesh
	}
	for _, w := range workloads {
		if mesh := injector(w.Metadata); mesh != "" {
			return mesh
		}
	}
	return ""
}

func injector(metadata lint.Value) string {
	labels, annotations := metadata.Get("labels"), metadata.Get("annotations")
	for _, i := range injections {
		if i.mesh == "Istio" && labels.Child("istio.io/dataplane-mode").Text() == "ambient" {
			continue
		}
		for _, m := range [...]lint.Value{labels, annotations} {
			if text := m.Child(i.key).Text(); text != "" && (i.values == nil || slices.Contains(i.values, text)) {
				return i.mesh
			}
		}
	}
	return ""
}

// KeptFromSidecar is what keeps the sidecar of Istio out of the pods of a workload: a label or annotation, or the network of the node. It is empty
// if nothing does, or if their template has the proxy itself. Pods of the ambient mode have none and are in the mesh.
func KeptFromSidecar(w *lint.Workload) string {
	const inject = "sidecar.istio.io/inject"
	labels, annotations := w.Metadata.Get("labels"), w.Metadata.Get("annotations")
	hasProxy := slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool { return c.Get("name").Text() == "istio-proxy" })
	if hasProxy || labels.Child("istio.io/dataplane-mode").Text() == "ambient" {
		return ""
	}
	choice := labels.Child(inject)
	if !choice.IsSet() { // the label decides where both are set
		choice = annotations.Child(inject)
	}
	switch {
	case choice.Text() == "false":
		return inject + ": false"
	case w.Pod.Get("hostNetwork").True():
		return "hostNetwork: true"
	}
	return ""
}
