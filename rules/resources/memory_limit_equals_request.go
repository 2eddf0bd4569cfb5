package resources

import "github.com/kubevet/kubevet/lint"

// MemoryLimitEqualsRequest reports containers whose memory request differs from
// their memory limit.
//
// The node does not reserve memory between request and limit. When several containers use
// theirs at the same time, the node has none left, and the kernel kills one of them. An
// attacker who makes one pod grow can stop another in this way.
//
// A limit without a request is fine, since the API server copies it. A missing limit is
// reported by memory-limit. Quantities are compared, not text: 1Gi equals 1024Mi. A limit
// below the request, which the API server refuses, is reported too. Text that is not a quantity is
// not checked. Resources of the pod as a whole are compared from Kubernetes 1.34 on.
var MemoryLimitEqualsRequest = &lint.Rule{
	ID:        "memory-limit-equals-request",
	Title:     "Memory limit differs from the request",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"pod-memory-limit"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix:   "set resources.requests.memory and resources.limits.memory to the same quantity",
	Check: lint.PodOrContainerCheck{Of: lint.KindPod | lint.Resourced, Check: checkMemoryEqual},
}

func checkMemoryEqual(p *lint.Pass, h lint.PodOrContainer) {
	if h.Kind == lint.KindPod && !p.Version.AtLeast(podLevelSince) {
		return
	}
	request, limit := h.Get("resources.requests.memory"), h.Get("resources.limits.memory")
	r, ok1 := quantity(request)
	l, ok2 := quantity(limit)
	if !ok1 || !ok2 || r.Cmp(l) == 0 {
		return
	}
	p.Report(lint.Diagnostic{
		Subject: h, At: request, Fix: lint.Intent{Value: limit.Text()},
		Message: h.Label() + " sets resources.requests.memory: " + request.Text() + " and limits.memory: " + limit.Text() + "; want them equal",
		Related: []lint.Related{{Object: h.Workload.Object, At: limit, Label: "the limit"}},
	})
}
