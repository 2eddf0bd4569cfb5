package reliability

import "github.com/kubevet/kubevet/lint"

// AutoscalerTargetExists reports HorizontalPodAutoscalers that scale a workload
// which is not there.
//
// Such an autoscaler scales nothing: under load the workload that was meant stays
// as small as it is.
//
// Looked at are targets of built-in kinds, where the unit has workloads in the
// namespace and no custom resources from which an operator could make some; in a chart
// none beside the autoscaler may be switched off, and everything must have been rendered.
var AutoscalerTargetExists = &lint.Rule{
	ID:        "autoscaler-target-exists",
	Title:     "Autoscaler scales nothing",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "name a workload of the same namespace by its kind and name",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		if view.operands {
			return
		}
		for _, o := range view.Autoscalers {
			if o.Kind == "HorizontalPodAutoscaler" {
				checkTarget(p, view, o)
			}
		}
	}),
}

func checkTarget(p *lint.Pass, view *view, o *lint.Object) {
	ref := o.Root.Get("spec.scaleTargetRef")
	name, kind := ref.Get("name"), ref.Get("kind").Text()
	switch kind {
	case "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController":
	default:
		return
	}
	if view.Workload(o.Namespace, kind, text(name)) != nil {
		return
	}
	var names []string
	for _, w := range view.Pods {
		if w.Namespace != o.Namespace {
			continue
		}
		if w.Kind == kind {
			names = append(names, w.Name)
		} else if w.Name == text(name) {
			p.Report(lint.Diagnostic{
				Object: o, At: ref.Get("kind"), Want: w.Kind,
				Message: "HorizontalPodAutoscaler " + o.Name + " scales " + kind + " " + text(name) + ", which is a " + w.Kind + "; want " + w.Kind,
			})
			return
		}
	}
	if len(names) == 0 || text(name) == "" || p.MayExistElsewhere(o, kind) {
		return
	}
	want := "a " + kind + " of the same namespace"
	if near := lint.Closest(text(name), names); near != "" {
		want = near
	}
	p.Report(lint.Diagnostic{
		Object: o, At: name,
		Message: "HorizontalPodAutoscaler " + o.Name + " scales " + kind + " " + text(name) + ", which is not there; want " + want,
	})
}
