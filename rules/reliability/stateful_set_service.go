package reliability

import "github.com/kubevet/kubevet/lint"

// StatefulSetService reports StatefulSets whose serviceName is that of no Service, or of
// one that is not headless.
//
// The pods then have no DNS names of their own, and members of a cluster cannot find
// each other by name.
//
// The input must have other Services in the namespace, and no custom resources that
// could create some. In a chart no Service beside the StatefulSet may be disabled, and
// everything must have been rendered. A StatefulSet without serviceName passes. Many need no names and
// set any, since Kubernetes once required it: the rule is part of the strict profile only.
var StatefulSetService = &lint.Rule{
	ID:        "stateful-set-service",
	Title:     "StatefulSet names no headless Service",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{availability},
	Fix:       "add a headless Service of that name, or name one that exists",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		if view.operands {
			return
		}
		for _, w := range view.Pods {
			v := w.Root.Get("spec.serviceName")
			name := text(v)
			if w.Kind != "StatefulSet" || !isBuiltin(w.Workload) || name == "" {
				continue
			}
			known := view.services[w.Namespace]
			d := lint.Diagnostic{Object: w.Object, At: v, Message: w.KindName() + " names Service " + name}
			s := known[name]
			switch {
			case len(known) == 0 || s != nil && s.Root.Get("spec.clusterIP").Text() == "None":
				continue
			case s != nil:
				d.Message += ", which is not headless; want clusterIP: None"
				d.Related = []lint.Related{{Object: s, At: s.Root.Get("spec.clusterIP"), Label: "the Service"}}
			case p.MayExistElsewhere(w.Object, "Service") || view.mayHaveService(w.Object, w.Namespace, name):
				continue
			default:
				d.Message += ", which does not exist; want a headless Service of that name"
			}
			p.Report(d)
		}
	}),
}
