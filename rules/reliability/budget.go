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

// of is how many of that many pods are meant. Kubernetes rounds up.
func (d demand) of(pods int64) int64 {
	if d.percent {
		return (d.n*pods + 99) / 100
	}
	return d.n
}

// number is how many pods workloads have together; zero if nobody can tell, since there
// are none or the number of some is not fixed.
func (v *view) number(l *cluster.Selection) (number int64) {
	for _, p := range l.Pods {
		n, fixed := replicas(p.Workload)
		if hpa := v.Autoscaler(p); hpa != nil {
			n, fixed = hpa.Root.Get("spec.minReplicas").Int()
			if !hpa.Root.Get("spec.minReplicas").IsSet() {
				n, fixed = 1, hpa.Kind == "HorizontalPodAutoscaler"
			}
		}
		if !fixed {
			return 0
		}
		number += n
	}
	return number
}
