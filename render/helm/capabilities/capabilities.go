// Package capabilities knows which APIs a Kubernetes version serves.
package capabilities

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v3/pkg/chartutil"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubevet/kubevet/lint"
)

// servedKind is a kind in a version of its API. It is served from Kubernetes minor
// version introduced up to, but not including, removed. Both are zero if the Kubernetes
// types do not say.
type servedKind struct {
	schema.GroupVersionKind
	introduced, removed int
}

// knownKinds is the sorted list of the kinds in client-go.
var knownKinds = sync.OnceValue(func() []servedKind {
	_ = chartutil.DefaultVersionSet // adds CustomResourceDefinition to the scheme
	types := scheme.Scheme.AllKnownTypes()
	var l []servedKind
	for gvk, typ := range types {
		if _, isResource := types[gvk.GroupVersion().WithKind(gvk.Kind+"List")]; isResource {
			l = append(l, lifecycle(gvk, typ))
		}
	}
	slices.SortFunc(l, func(a, b servedKind) int { return cmp.Compare(a.String(), b.String()) })
	return l
})

func lifecycle(gvk schema.GroupVersionKind, typ reflect.Type) servedKind {
	k := servedKind{GroupVersionKind: gvk}
	object := reflect.New(typ).Interface()
	if o, ok := object.(interface{ APILifecycleIntroduced() (int, int) }); ok {
		_, k.introduced = o.APILifecycleIntroduced()
	}
	if o, ok := object.(interface{ APILifecycleRemoved() (int, int) }); ok {
		_, k.removed = o.APILifecycleRemoved()
	}
	return k
}

// APIVersions is the API versions, and the kinds in them, that a cluster of a Kubernetes
// version reports. helm template knows no kinds and no removals, so charts that check for
// them print objects that no such cluster accepts. The kinds of the core API are left out, as helm template does: every cluster has
// them, and charts ask for v1/Secret to find out whether there is one, in which lookup finds objects.
func APIVersions(v lint.Version) chartutil.VersionSet {
	// The API server itself serves these. Their types are not in client-go.
	served := chartutil.VersionSet{"apiregistration.k8s.io/v1", "apiregistration.k8s.io/v1/APIService"}
	removed := map[string]bool{}
	for _, k := range knownKinds() {
		version := k.GroupVersion().String()
		if v.AtLeast(k.introduced) && (k.removed == 0 || !v.AtLeast(k.removed)) {
			if k.Group != "" {
				served = append(served, version+"/"+k.Kind)
			}
			removed[version] = false
		} else if _, known := removed[version]; !known {
			removed[version] = true
		}
	}
	for _, version := range chartutil.DefaultVersionSet {
		if !removed[version] {
			served = append(served, version)
		}
	}
	return served
}

// IsOfKubernetes reports whether an API version, or a kind in one, is of a group that Kubernetes itself serves, or did: which of these a cluster
// has depends on its version alone.
func IsOfKubernetes(api string) bool {
	group, _, _ := strings.Cut(api, "/")
	return !strings.Contains(group, ".") || group == "apiregistration.k8s.io" ||
		slices.ContainsFunc(knownKinds(), func(k servedKind) bool { return k.Group == group })
}
