package reliability

import "github.com/kubevet/kubevet/lint"

// StatefulSetService reports StatefulSets whose serviceName is that of no Service.
//
// The pods then have no names of their own in DNS, and members of a cluster that
// look for each other by name find nobody.
//
// The unit must have other Services in the namespace, and no custom resources from
// which an operator could make some. A StatefulSet without serviceName passes: it asks
// for no names.
var StatefulSetService = &lint.Rule{
	ID:        "stateful-set-service",
	Title:     "StatefulSet names a Service that is not there",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "Add a headless Service of that name, or name one that exists.",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		if hasOperands(p.Unit) {
			return
		}
		for _, w := range p.Unit.Workloads() {
			v := w.Root.Get("spec.serviceName")
			name := text(v)
			if w.Kind != "StatefulSet" || !isBuiltin(w) || name == "" {
				continue
			}
			if known := services(p.Unit, w.Namespace); len(known) > 0 && known[name] == nil {
				p.Report(lint.Diagnostic{
					Object: w.Object, At: v,
					Message: "StatefulSet " + w.Name + " names Service " + name + ", which is not there; want a headless Service of that name",
				})
			}
		}
	}),
}
