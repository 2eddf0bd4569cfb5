package pod

import (
	"maps"
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// TierPlacement reports workloads that do not select the nodes of their tier of sensitivity, or do
// not tolerate the taints that keep others off those nodes.
//
// Pods of different tiers on one node are separated by its kernel only: the least protected
// workload of the node decides how safe the most sensitive one is.
//
// The configuration lists the tiers: the workloads of each, and the labels and taints of its
// nodes. Without it the rule reports nothing. A nodeSelector counts, and so does a required nodeAffinity
// of which every term asks for the label. Preferred affinity does not.
var TierPlacement = &lint.Rule{
	ID:        "tier-placement",
	Title:     "Workload is not restricted to the nodes of its tier",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-placement"},
	Fix:       "select the nodes of the tier with nodeSelector, and tolerate their taints",
	Check:     lint.PodCheck(checkTiers),
}

func checkTiers(p *lint.Pass, w *lint.Workload) {
	for _, tier := range p.Settings.Tiers {
		if tier.Holds == nil || !tier.Holds(w) {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(tier.NodeLabels)) {
			if value := tier.NodeLabels[key]; !w.SelectsNodes(key, value) {
				p.Reportf(w.Pod, w.Pod.Get("nodeSelector").Child(key), "is of tier %s and does not select its nodes; want nodeSelector %s: %s", tier.Name, key, value)
			}
		}
		for _, taint := range tier.Taints {
			if !tolerates(w, taint) {
				p.Reportf(w.Pod, w.Pod.Get("tolerations"), "is of tier %s and does not tolerate the taint of its nodes; want a toleration of %s", tier.Name, taint)
			}
		}
	}
}

func tolerates(w *lint.Workload, taint string) bool {
	for t := range w.Pod.Get("tolerations").Items() {
		if key := t.Get("key").Text(); key == taint || key == "" && t.Get("operator").Text() == "Exists" {
			return true
		}
	}
	return false
}
