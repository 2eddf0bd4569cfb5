package reliability

import (
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// demand is a minAvailable or maxUnavailable: a number, or a percentage of pods.
type demand struct {
	n       int64
	percent bool
}

func newDemand(v lint.Value) (d demand, ok bool) {
	number, percent := strings.CutSuffix(text(v), "%")
	n, err := strconv.ParseInt(number, 10, 32)
	return demand{n, percent}, err == nil && n >= 0
}

// of is how many of that many pods are meant. Kubernetes rounds up.
func (d demand) of(pods int64) int64 {
	if d.percent {
		return (d.n*pods + 99) / 100
	}
	return d.n
}

// guarded is how many pods a budget is about; ok is false if nobody can tell: it
// selects none, or some whose number is not fixed.
func (w *world) guarded(o *lint.Object) (number int64, ok bool) {
	s, ok := selector(o.Root.Get("spec.selector"))
	if !ok {
		return 0, false
	}
	for _, p := range w.selected(o.Namespace, s) {
		n, fixed := replicas(p.Workload)
		if hpa := w.autoscaler(p); hpa != nil {
			n, fixed = hpa.Root.Get("spec.minReplicas").Int()
			if !hpa.Root.Get("spec.minReplicas").IsSet() {
				n, fixed = 1, hpa.Kind == "HorizontalPodAutoscaler"
			}
		}
		if !fixed {
			return 0, false
		}
		number += n
	}
	return number, number > 0
}
