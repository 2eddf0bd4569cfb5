package resources

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// RequestsWithinLimits reports containers that request more of a resource than their limit allows, or
// other than their limit where the two must be equal.
//
// The API server refuses such a pod. A Deployment of it is created and has no pods; only the events
// of its ReplicaSet say why.
//
// Resources that cannot be divided, such as huge pages and devices like nvidia.com/gpu, must be
// equal. A request of them without a limit is refused too, and so are huge pages without CPU or
// memory. Quantities are compared, not text: 1Gi equals 1024Mi. If a container has no limit, the
// default limit of a LimitRange in its namespace counts. Resources of the pod as a whole are compared
// from Kubernetes 1.34 on. Text that is not a quantity is not checked.
var RequestsWithinLimits = &lint.Rule{
	ID:        "requests-within-limits",
	Title:     "Request exceeds the limit",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-memory-limit", "pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix: "lower the request to the limit, or raise the limit",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		if p.Version.AtLeast(podLevelSince) {
			checkWithinLimits(p, w.Pod)
		}
		for _, h := range w.Select(lint.Resourced) {
			checkWithinLimits(p, h)
		}
	}),
}

func checkWithinLimits(p *lint.Pass, h lint.PodOrContainer) {
	requests, limits := h.Get("resources.requests"), h.Get("resources.limits")
	for name, request := range requests.Entries() {
		limit, of := limits.Child(name), h.Workload.Object
		by := ""
		if !limit.IsSet() && h.Kind != lint.KindPod {
			if v, from := limitRangesOf(p).limit(h.Workload.Namespace, name); v.IsSet() && cluster.Of(p).MayBeTogether(from, of) {
				limit, of, by = v, from, ", which LimitRange "+from.Name+" gives it"
			}
		}
		r, ok1 := quantity(request)
		l, ok2 := quantity(limit)
		d := lint.Diagnostic{Subject: h, At: request, Fix: lint.Intent{Value: limit.Text()}}
		switch {
		case !limit.IsSet() && isWhole(name) && ok1:
			d.At, d.Fix.Value = limit, request.Text()
			d.Message = h.Label() + " requests " + name + ": " + request.Text() + " without a limit; want an equal one"
		case !ok1 || !ok2:
			continue
		case isWhole(name) && r.Cmp(l) != 0:
			d.Message = h.Label() + " requests " + name + ": " + request.Text() + " with a limit of " + limit.Text() + by + "; want them equal"
		case r.Cmp(l) > 0:
			d.Message = h.Label() + " requests " + name + ": " + request.Text() + ", more than its limit of " + limit.Text() + by + "; want no more"
		default:
			continue
		}
		if limit.IsSet() {
			d.Related = []lint.Related{{Object: of, At: limit, Label: "the limit"}}
		}
		p.Report(d)
	}
	checkHugePages(p, h, requests, limits)
}

// limit is the default limit of a namespace's containers, and the LimitRange that sets it.
func (l limitRanges) limit(namespace, name string) (lint.Value, *lint.Object) {
	for _, r := range l[namespace] {
		if v := r.limits[name]; v.IsSet() {
			return v, r.object
		}
	}
	return lint.Value{}, nil
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

// isWhole reports whether a resource cannot be overcommitted: request and limit must be
// the same. Extended resources have a domain that is not Kubernetes' own.
func isWhole(name string) bool {
	domain, _, ok := strings.Cut(name, "/")
	return strings.HasPrefix(name, "hugepages-") || ok && !strings.HasSuffix("."+domain, ".kubernetes.io")
}
