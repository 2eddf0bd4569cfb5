package cluster

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// LabelIndex finds workloads by the labels of their pods without a look at each.
type LabelIndex struct {
	all         []*lint.Workload
	byNamespace map[string][]*lint.Workload
	byLabel     map[label][]*lint.Workload
}

// NewLabelIndex makes an index of workloads.
func NewLabelIndex(workloads []*lint.Workload) *LabelIndex {
	x := &LabelIndex{all: workloads, byNamespace: map[string][]*lint.Workload{}, byLabel: map[label][]*lint.Workload{}}
	for _, w := range workloads {
		x.byNamespace[w.Namespace] = append(x.byNamespace[w.Namespace], w)
		for k, v := range selector.OfPods(w).All() { // into lists that keep the order of the workloads
			l := label{w.Namespace, k, v}
			x.byLabel[l] = append(x.byLabel[l], w)
		}
	}
	return x
}

// All lists the workloads.
func (x *LabelIndex) All() []*lint.Workload { return x.all }

// In lists the workloads of a namespace.
func (x *LabelIndex) In(namespace string) []*lint.Workload { return x.byNamespace[namespace] }

// With lists the workloads of a namespace that may have all of some labels: those
// that have the rarest of them. Without labels it is all of the namespace.
func (x *LabelIndex) With(namespace string, labels map[string]string) []*lint.Workload {
	best := x.byNamespace[namespace]
	for k, v := range labels {
		if l := x.byLabel[label{namespace, k, v}]; len(l) < len(best) {
			best = l
		}
	}
	return best
}

// SystemOf is the information system that a workload is part of, as the configuration has it, or
// else the label app.kubernetes.io/part-of of the object or its pods. It is empty if neither
// says so, or if the workload is in a namespace that systems share or that the installer chooses.
func SystemOf(s lint.Settings, w *lint.Workload) string {
	switch {
	case w.Namespace == "", w.Namespace == "kube-system":
		return ""
	case s.System != nil:
		return s.System(w)
	}
	return w.Label("app.kubernetes.io/part-of")
}
