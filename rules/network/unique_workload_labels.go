package network

import (
	"fmt"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// UniqueWorkloadLabels reports workloads whose selector selects the pods of another workload too.
//
// Labels decide whose pods are meant. A Service or a policy for the one then means the other as well, so
// that requests go to the wrong application, and a policy that allows everything for the one does so for the other. Anyone who can
// deploy pods with such labels can take over requests. It is the class of label collisions of the study
// "Inside Job" (arXiv 2506.21134).
//
// Compared are Deployments, StatefulSets, DaemonSets and ReplicaSets of one namespace by what
// spec.selector selects. Controllers do not fight over pods, since they go by owner. Workloads of one name
// are not compared: they are variants of each other. In a tree of manifests both must be in the same
// file, since files are often alternatives.
var UniqueWorkloadLabels = &lint.Rule{
	ID:        "unique-workload-labels",
	Title:     "Selector selects the pods of another workload",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-policies-all-workloads"},
	Fix:       "give the workloads a label that distinguishes them, and select by it: the API server refuses another spec.selector, so delete a workload that runs first",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		c := cluster.Of(p)
		reported := map[[2]*cluster.Pods]bool{}
		for _, w := range c.Pods {
			at := w.Root.Get("spec.selector")
			if !isController(w) || w.Hook != "" {
				continue
			}
			s, ok := selector.New(at)
			if !ok || s.Empty() {
				continue
			}
			for _, other := range c.Select(w.Namespace, s).Pods {
				if other == w || other.Name == w.Name || !isController(other) || reported[[2]*cluster.Pods{other, w}] || !belongTogether(p, w, other) {
					continue
				}
				reported[[2]*cluster.Pods{w, other}] = true
				p.Report(lint.Diagnostic{
					Object: w.Object, At: at,
					Message: fmt.Sprintf("%s selects %s, which the pods of %s have too; want a label that only its own pods have", w.KindName(), s.String(), other.KindName()),
					Related: []lint.Related{{Object: other.Object, At: other.Metadata.Get("labels"), Label: "the other pods' labels"}},
				})
				break
			}
		}
	}),
}

// isController reports whether a workload selects its pods by labels.
func isController(w *cluster.Pods) bool {
	switch w.Kind {
	case "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet":
		return w.Group() == "apps"
	}
	return false
}

// belongTogether reports whether two workloads are deployed together: those of a chart or an
// overlay are, and those of one file.
func belongTogether(p *lint.Pass, a, b *cluster.Pods) bool {
	return p.Unit.Kind != lint.UnitManifests || fileOf(p, a) == fileOf(p, b)
}

func fileOf(p *lint.Pass, w *cluster.Pods) string { return p.Locate(w.Object, w.Root.Get("kind")).File }
