package network

import (
	"cmp"
	"fmt"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// ServiceSelectsOneApplication reports Services that select the pods of several applications.
//
// A client of the one application then talks to the other, by chance. Anyone who can deploy pods with the
// labels that a Service selects can read what its clients send. It is the class of colliding labels of
// Services in the study "Inside Job" (arXiv 2506.21134).
//
// Applications are distinguished by app.kubernetes.io/name and app.kubernetes.io/component, k8s-app and
// app. Workloads that lack these, or have the same, belong together, such as a stable version and a canary.
// Headless Services and Jobs are exempt. In a tree of manifests the workloads must be in one file, since files
// are often alternatives. The rule is part of the strict profile only.
var ServiceSelectsOneApplication = &lint.Rule{
	ID:        "service-selects-one-application",
	Title:     "Service selects pods of several applications",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-policies-all-workloads"},
	Fix:       "select by a label that only the pods of the application have",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		c := cluster.Of(p)
		pairs := map[*cluster.Selection][2]*cluster.Pods{} // of Services with the same selector
		for _, s := range c.Services {
			if !s.HasSelector() || s.Root.Get("spec.clusterIP").Text() == "None" {
				continue
			}
			l := c.Select(s.Namespace, s.Selector)
			pair, known := pairs[l]
			if !known {
				pair = twoApplications(p, l.Pods)
				pairs[l] = pair
			}
			first, pods := pair[0], pair[1]
			if pods == nil {
				continue
			}
			p.Report(lint.Diagnostic{
				Object: s.Object, At: s.Root.Get("spec.selector"),
				Message: fmt.Sprintf("%s selects the pods of %s and of %s, which are different applications; want the pods of one", s.KindName(), first.KindName(), pods.KindName()),
				Related: []lint.Related{
					{Object: first.Object, At: first.Metadata.Get("labels"), Label: "the labels of " + first.Name},
					{Object: pods.Object, At: pods.Metadata.Get("labels"), Label: "the labels of " + pods.Name},
				},
			})
		}
	}),
}

// twoApplications is the first of some pods whose labels name an application, and the first that
// are of another one and belong to the same deployment. The second is nil if there are none.
func twoApplications(p *lint.Pass, l []*cluster.Pods) (pair [2]*cluster.Pods) {
	for _, pods := range l {
		name := applicationOf(pods)
		switch {
		case name == "" || pods.Batch:
		case pair[0] == nil:
			pair[0] = pods
		case name != applicationOf(pair[0]) && belongTogether(p, pair[0], pods):
			pair[1] = pods
			return pair
		}
	}
	return pair
}

// applicationOf is the application of pods, by their labels. It is empty if they do not say.
func applicationOf(w *cluster.Pods) string {
	name := cmp.Or(w.Labels["app.kubernetes.io/name"], w.Labels["k8s-app"], w.Labels["app"])
	if component := w.Labels["app.kubernetes.io/component"]; component != "" {
		name += "/" + component
	}
	return name
}
