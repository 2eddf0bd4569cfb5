package resources

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// RequestsWithinLimits reports containers that request more of a resource than their limit allows, or
// other than their limit where the two must be equal.
//
// The API server refuses such a pod. A Deployment of it is created and has no pods; only the events
// of its ReplicaSet say why.
//
// Resources that are not divided, huge pages and those of devices such as nvidia.com/gpu, must be
// equal, and a request of them without a limit is refused too; so are huge pages without CPU or
// memory. Quantities are compared, not texts: 1Gi equals 1024Mi. Resources of the pod as a whole are
// compared from Kubernetes 1.34 on.
// What is no quantity is not judged.
var RequestsWithinLimits = &lint.Rule{
	ID:        "requests-within-limits",
	Title:     "Request exceeds the limit",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-memory-limit", "pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix:   "lower the request to the limit, or raise the limit",
	Check: lint.PodOrContainerCheck{Of: lint.KindPod | lint.Resourced, Check: checkWithinLimits},
}

func checkWithinLimits(p *lint.Pass, h lint.PodOrContainer) {
	if h.Kind == lint.KindPod && !p.Version.AtLeast(34) {
		return
	}
	requests, limits := h.Get("resources.requests"), h.Get("resources.limits")
	for name, request := range requests.Entries() {
		limit := limits.Child(name)
		r, ok1 := quantity(request)
		l, ok2 := quantity(limit)
		d := lint.Diagnostic{Subject: h, At: request, Want: limit.Text()}
		switch {
		case !limit.IsSet() && isWhole(name) && ok1:
			d.At, d.Want = limit, request.Text()
			d.Message = h.Label() + " requests " + name + ": " + request.Text() + " without a limit; want an equal one"
		case !ok1 || !ok2:
			continue
		case isWhole(name) && r.Cmp(l) != 0:
			d.Message = h.Label() + " requests " + name + ": " + request.Text() + " with a limit of " + limit.Text() + "; want them equal"
		case r.Cmp(l) > 0:
			d.Message = h.Label() + " requests " + name + ": " + request.Text() + ", more than its limit of " + limit.Text() + "; want no more"
		default:
			continue
		}
		if limit.IsSet() {
			d.Related = []lint.Related{{Object: h.Workload.Object, At: limit, Label: "the limit"}}
		}
		p.Report(d)
	}
	checkHugePages(p, h, requests, limits)
}

// checkHugePages reports huge pages of a container that has no CPU or memory.
func checkHugePages(p *lint.Pass, h lint.PodOrContainer, requests, limits lint.Value) {
	for name, limit := range limits.Entries() {
		if !strings.HasPrefix(name, "hugepages-") || h.Kind == lint.KindPod {
			continue
		}
		has := false
		for _, list := range []lint.Value{requests, limits} {
			has = has || list.Get("cpu").IsSet() || list.Get("memory").IsSet()
		}
		if !has {
			p.Reportf(h, limit, "has %s without cpu or memory; want one of them", name)
		}
	}
}

// isWhole reports whether a resource cannot be promised twice: request and limit are
// the same. Extended resources have a domain that is not Kubernetes' own.
func isWhole(name string) bool {
	domain, _, ok := strings.Cut(name, "/")
	return strings.HasPrefix(name, "hugepages-") || ok && !strings.HasSuffix("."+domain, ".kubernetes.io")
}
