package reliability

import (
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
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

// of is the number of pods that the demand is of a total. Kubernetes rounds up.
func (d demand) of(pods int64) int64 {
	if d.percent {
		return (d.n*pods + 99) / 100
	}
	return d.n
}

// number is how many pods workloads have together. It is zero if that is not known: there
// are none, or the number of some is not fixed. A workload that several files hold counts once: they
// are alternatives.
func (v *view) number(l *cluster.Selection) (number int64) {
	seen := map[lint.ObjectRef]int64{}
	for _, p := range l.Pods {
		n, fixed := replicas(p.Workload)
		if scaler := v.Autoscaler(p); scaler != nil {
			n, fixed = minimum(scaler)
		}
		if !fixed {
			return 0
		}
		before, isSeen := seen[p.Ref()]
		switch {
		case !isSeen:
			seen[p.Ref()] = n
			number += n
		case before != n:
			return 0
		}
	}
	return number
}

// scaler is the first autoscaler that may run more pods of workloads than their minimum. It is nil if there is none.
func (v *view) scaler(l *cluster.Selection) *lint.Object {
	for _, p := range l.Pods {
		o := v.Autoscaler(p)
		if o == nil {
			continue
		}
		least, _ := minimum(o)
		most := o.Root.Get("spec.maxReplicas")
		if o.Kind == "ScaledObject" {
			most = o.Root.Get("spec.maxReplicaCount")
		}
		if n, ok := most.Int(); !ok || n > least { // KEDA's default is more
			return o
		}
	}
	return nil
}

// minimum is the least number of pods that an autoscaler keeps; ok is false if it is not
// known, or KEDA may scale to zero.
func minimum(o *lint.Object) (n int64, ok bool) {
	v := o.Root.Get(minimumPath(o))
	if v.IsSet() || !v.IsKnown() {
		n, ok = v.Int()
		return n, ok && n > 0
	}
	return 1, o.Kind == "HorizontalPodAutoscaler"
}

// minimumPath is where an autoscaler has its minimum.
func minimumPath(o *lint.Object) string {
	if o.Kind == "ScaledObject" {
		return "spec.minReplicaCount"
	}
	return "spec.minReplicas"
}
