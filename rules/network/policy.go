package network

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// hasPolicy says for namespaces whether a policy restricts pods there in a direction.
func hasPolicy(n *connect.Network, d direction) func(namespace string) bool {
	known := map[string]bool{}
	return func(namespace string) bool {
		if _, asked := known[namespace]; !asked {
			restricts := func(p *connect.Policy) bool { return p.Restricts(d.of) && n.AppliesIn(p, namespace) }
			known[namespace] = slices.ContainsFunc(n.Policies, restricts) || namespace != "" && slices.ContainsFunc(n.OtherPolicies(), restricts)
		}
		return known[namespace]
	}
}

// ofOtherCharts says for workloads of a chart whether all policies in their namespace are those of other charts that it renders, such as
// subcharts: these have them for their own pods, and the workloads beside them lack one for one reason.
func (d direction) ofOtherCharts(p *lint.Pass) func(*lint.Workload) bool {
	type place struct{ namespace, chart string }
	n, known := connect.Of(p), map[place]bool{}
	chartOf := func(o *lint.Object) string {
		dir, _, _ := strings.Cut(cluster.FileOf(p, o), "/templates/")
		return dir
	}
	return func(w *lint.Workload) bool {
		if p.Unit.Kind != lint.UnitChart {
			return false
		}
		if policy, _ := d.missedPolicy(p, w); policy != nil {
			return false
		}
		at := place{w.Namespace, chartOf(w.Object)}
		if _, asked := known[at]; !asked {
			isNear := func(policy *connect.Policy) bool {
				return policy.Restricts(d.of) && n.AppliesIn(policy, at.namespace) && chartOf(policy.Object) == at.chart
			}
			known[at] = !slices.ContainsFunc(n.Policies, isNear) && !slices.ContainsFunc(n.OtherPolicies(), isNear)
		}
		return known[at]
	}
}
