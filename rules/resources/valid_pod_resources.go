package resources

import (
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubevet/kubevet/lint"
)

// ValidPodResources reports resources of a pod as a whole that the API server refuses.
//
// A Deployment of such a pod is created and has no pods; only the events of its ReplicaSet say why.
//
// A pod as a whole may have CPU, memory and huge pages, and no other resources and no claims. Its
// requests must cover the sum of what its containers request, with init containers counted as the
// scheduler does. No container may have a higher limit than the pod. Pods with spec.os.name: windows
// cannot have the field. The rule applies from Kubernetes 1.34 on: earlier versions ignore the field
// unless a feature gate is enabled. Text that is not a quantity is not checked.
var ValidPodResources = &lint.Rule{
	ID:        "valid-pod-resources",
	Title:     "Resources of the pod are invalid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Fix:       "remove the resource from the pod, or raise it to what the containers need",
	Check:     lint.PodCheck(checkPodResources),
}

func checkPodResources(p *lint.Pass, w *lint.Workload) {
	own := w.Resources
	if !p.Version.AtLeast(podLevelSince) || !own.IsMap() || own.Len() == 0 || w.Pod.Partial {
		return
	}
	if w.Windows {
		p.Reportf(w.Pod, own, "sets resources, which a pod on Windows cannot have; want them on the containers")
		return
	}
	if claims := own.Get("claims"); claims.Len() > 0 {
		p.Reportf(w.Pod, claims, "sets resources.claims; want them in spec.resourceClaims and on the containers")
	}
	for _, list := range []string{"requests", "limits"} {
		for name, v := range own.Get(list).Entries() {
			switch q, ok := quantity(v); {
			case !isPodLevel(name):
				p.Reportf(w.Pod, v, "sets resources.%s.%s, which a pod as a whole cannot have; want it on the containers", list, name)
			case !ok:
			case list == "requests":
				checkPodRequest(p, w, name, v, q)
			default:
				checkPodLimit(p, w, name, v, q)
			}
		}
	}
}

// checkPodRequest compares what a pod requests with what its containers do.
func checkPodRequest(p *lint.Pass, w *lint.Workload, name string, at lint.Value, request resource.Quantity) {
	sum, ok := sumOf(w, func(h lint.PodOrContainer) lint.Value { return ownRequest(h, name) })
	if ok && request.Cmp(sum) < 0 {
		p.Reportf(w.Pod, at, "requests %s: %s, less than the %s that its containers request together; want as much or more", name, at.Text(), sum.String())
	}
}

// ownRequest is what a container requests of a resource, as far as it says so itself. It is
// the limit if there is no request: the API server copies it.
func ownRequest(h lint.PodOrContainer, name string) lint.Value {
	return orElse(h.Get("resources.requests").Child(name), h.Get("resources.limits").Child(name))
}

// checkPodLimit compares the limit of a pod with those of its containers.
func checkPodLimit(p *lint.Pass, w *lint.Workload, name string, at lint.Value, limit resource.Quantity) {
	for _, h := range w.Select(lint.Resourced) {
		v := h.Get("resources.limits").Child(name)
		if q, ok := quantity(v); ok && q.Cmp(limit) > 0 {
			p.Report(lint.Diagnostic{
				Subject: h, At: v,
				Message: h.Label() + " has a limit of " + name + ": " + v.Text() + ", more than the pod's limit of " + at.Text() + "; want no more",
				Related: []lint.Related{{Object: w.Object, At: at, Label: "the pod's limit"}},
			})
		}
	}
}
