package reliability

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// ServiceSelectsPods reports Services whose selector matches no workload in the input.
//
// Such a Service has no endpoints, and connections to it are refused. Most often a label was
// changed in one of two places.
//
// Services without a selector and those of type ExternalName pass, and so do those in kube-system,
// where every cluster has pods of its own, and those of the cluster's DNS. The rule reports only where the input
// (a chart, an overlay, a tree of manifests) is complete enough: it has workloads in the
// namespace, another Service selects some of them, and it has no custom resources
// that could create pods, nor a Role that lets someone create some. In a tree
// of manifests some workload must be in the same directory, and some must have the Service's name,
// one of the labels or nearly one. In a chart no workload beside the Service may be
// disabled. Everything must have been read and rendered. A workload that lacks a label passes,
// since pods may get labels when they run, as leaders of clusters do: some label must have
// another value, and no script of a ConfigMap that calls kubectl may name it.
var ServiceSelectsPods = &lint.Rule{
	ID:        "service-selects-pods",
	Title:     "Service selects no pods",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "set the Service's selector to labels that the pods have",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, s := range view.Services {
			v := s.Root.Get("spec.selector")
			if s.HasSelector() && view.selecting[s.Namespace] > 0 && view.selectsNothing(s.Object, v, s.Selector) && !isSetByScript(p, v) {
				p.Report(lint.Diagnostic{
					Object: s.Object, At: v,
					Message: s.KindName() + " selects " + s.Selector.String() + ", which no workload has; want labels of pods",
				})
			}
		}
	}),
}

// isSetByScript reports whether a script of the unit that calls kubectl names a label of a selector.
func isSetByScript(p *lint.Pass, selector lint.Value) bool {
	for _, text := range kubectlScripts(p) {
		for key := range selector.Entries() {
			if strings.Contains(text, key) {
				return true
			}
		}
	}
	return false
}

// maxScripts limits how many scripts are searched for labels.
const maxScripts = 32

// kubectlScripts are the texts of ConfigMaps with commands of kubectl that change labels.
var kubectlScripts = lint.UnitIndex("scripts that set labels", func(p *lint.Pass) (l []string) {
	for _, o := range p.Unit.Objects {
		if !o.Is("", "ConfigMap") {
			continue
		}
		for _, v := range o.Root.Get("data").Entries() {
			if text := v.Text(); len(l) < maxScripts && (strings.Contains(text, "kubectl patch") || strings.Contains(text, "kubectl label")) {
				l = append(l, text)
			}
		}
	}
	return l
})
