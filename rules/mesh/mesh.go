// Package mesh holds the rules on service meshes: sections 2 and 3 of the security checklist. They
// apply only where the input has objects of a mesh.
package mesh

import (
	"embed"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	nsa   = lint.HardeningGuide
	owasp = lint.OWASPTopTen
)

const (
	istioSecurity   = "security.istio.io"
	istioNetworking = "networking.istio.io"
	linkerdPolicy   = "policy.linkerd.io"
	// istioRoot is the namespace whose policies are for the whole mesh, unless the mesh is
	// configured in another way.
	istioRoot = "istio-system"
)

// inIstio reports whether a Namespace has its pods in the mesh of Istio.
func inIstio(o *lint.Object) bool {
	labels := o.Root.Get("metadata.labels")
	return o.Is("", "Namespace") &&
		(labels.Child("istio-injection").Text() == "enabled" || labels.Child("istio.io/rev").Text() != "" || labels.Child("istio.io/dataplane-mode").Text() == "ambient")
}

// istioObjects lists the policies of Istio in a unit, and its Namespaces that are in the mesh.
// Where a unit has no policies, they may be in another place, and no Namespace is listed.
func istioObjects(u *lint.Unit) (policies, namespaces []*lint.Object) {
	for _, o := range u.Objects {
		switch {
		case o.Group() == istioSecurity:
			policies = append(policies, o)
		case inIstio(o):
			namespaces = append(namespaces, o)
		}
	}
	if len(policies) == 0 {
		return nil, nil
	}
	return policies, namespaces
}

// coversNamespace reports whether a policy of Istio is for all pods of a namespace: it is of
// that namespace or of the root, and selects nothing.
func coversNamespace(o *lint.Object, namespace string) bool {
	spec := o.Root.Get("spec")
	return (o.Namespace == namespace || o.Namespace == istioRoot) &&
		spec.Get("selector.matchLabels").Len() == 0 && !spec.Get("targetRef").IsSet() && !spec.Get("targetRefs").IsSet()
}

// isClusterHost reports whether a host is a Service of the cluster: by its full name, or by a
// short one.
func isClusterHost(host string) bool {
	return host != "" && (!strings.Contains(host, ".") || strings.HasSuffix(host, ".svc") || strings.Contains(host, ".svc."))
}

// called is how messages call a Namespace. That of a release has no name.
func called(ns *lint.Object) string {
	if ns.Name == "" {
		return "the release namespace"
	}
	return `namespace "` + ns.Name + `"`
}

// inNamespace is the namespace of an object that a fix adds.
func inNamespace(ns *lint.Object) string {
	if ns.Name == "" {
		return ""
	}
	return ", namespace: " + ns.Name
}
