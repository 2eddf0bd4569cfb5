package reliability

import "github.com/kubevet/kubevet/lint"

// DistinctProbes reports containers whose liveness and readiness probes are the same.
//
// A busy pod fails both at once. Instead of getting no new requests for a while,
// its containers are restarted. The load moves to the next pod and
// overloads that as well.
//
// Probes that differ in any field pass, such as in failureThreshold. The rule is part of the strict
// profile only.
var DistinctProbes = &lint.Rule{
	ID:        "distinct-probes",
	Title:     "Liveness and readiness probe are the same",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{availability},
	Fix:       "let the livenessProbe fail later than the readinessProbe, or check less",
	Check: lint.PodOrContainerCheck{Of: lint.LongRunning, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		live, ready := h.Get("livenessProbe"), h.Get("readinessProbe")
		if live.Len() > 0 && equal(live, ready) {
			p.Report(lint.Diagnostic{
				Subject: h, At: live,
				Message: h.Label() + " has the same livenessProbe as readinessProbe; want the livenessProbe to tolerate more",
				Related: []lint.Related{{Object: h.Workload.Object, At: ready, Label: "readinessProbe"}},
			})
		}
	}},
}

// equal reports whether two values say the same, in any order.
func equal(a, b lint.Value) bool {
	if !a.IsSet() || !b.IsSet() || a.Node.Kind != b.Node.Kind || a.Len() != b.Len() {
		return a.IsSet() == b.IsSet() && !a.IsSet()
	}
	switch {
	case a.IsMap():
		for key, v := range a.Entries() {
			if !equal(v, b.Child(key)) {
				return false
			}
		}
		return true
	case a.IsList():
		var l []lint.Value
		for item := range b.Items() {
			l = append(l, item)
		}
		i := 0
		for item := range a.Items() {
			if i >= len(l) || !equal(item, l[i]) {
				return false
			}
			i++
		}
		return true
	default:
		return a.Text() == b.Text()
	}
}
