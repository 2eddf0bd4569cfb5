package reliability

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// AutoscalerTargetExists reports HorizontalPodAutoscalers and ScaledObjects of KEDA whose target
// cannot be scaled or does not exist.
//
// Such an autoscaler scales nothing. Under load the workload that was meant stays
// as small as it is.
//
// DaemonSets, Jobs, CronJobs and Pods cannot be scaled. A target without its API group, or with one that
// Kubernetes removed, is not found either: it is apps for Deployments, StatefulSets and ReplicaSets. That
// a target of a built-in kind does not exist is reported only if the input has
// workloads of its kind in the namespace and no custom resources that could create some. In a chart no
// workload beside the autoscaler may be disabled, and everything must have been rendered.
var AutoscalerTargetExists = &lint.Rule{
	ID:        "autoscaler-target-exists",
	Title:     "Autoscaler has nothing to scale",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "name a workload of the same namespace by its kind and name",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, o := range view.Autoscalers {
			if !checkTargetKind(p, o) && !view.operands {
				checkTarget(p, view, o)
			}
		}
	}),
}

// unscalable are the built-in kinds of pods that have no number of replicas.
var unscalable = map[string]string{"DaemonSet": "apps", "Job": "batch", "CronJob": "batch", "Pod": ""}

// targetOf is the target of an autoscaler: its group, kind and name. KEDA has defaults.
func targetOf(o *lint.Object) (group, kind string, name lint.Value) {
	ref := o.Root.Get("spec.scaleTargetRef")
	group, _, _ = strings.Cut(text(ref.Get("apiVersion")), "/")
	if group == "v1" {
		group = ""
	}
	kind = text(ref.Get("kind"))
	if o.Kind == "ScaledObject" && kind == "" {
		kind = "Deployment"
	}
	if o.Kind == "ScaledObject" && !ref.Get("apiVersion").IsSet() {
		group = "apps"
	}
	return group, kind, ref.Get("name")
}

// checkTargetKind reports a target that no autoscaler can scale, in any unit.
func checkTargetKind(p *lint.Pass, o *lint.Object) (reported bool) {
	ref := o.Root.Get("spec.scaleTargetRef")
	group, kind, name := targetOf(o)
	if !ref.IsKnown() || !ref.Get("kind").IsKnown() || !ref.Get("apiVersion").IsKnown() {
		return true
	}
	d := lint.Diagnostic{Object: o, At: ref.Get("kind")}
	subject := o.KindName()
	switch of, never := unscalable[kind]; {
	case o.Kind == "ScaledObject" && text(name) == "":
		if !name.IsKnown() {
			return true
		}
		d.At, d.Message = name, subject+" does not set spec.scaleTargetRef.name, so it scales nothing; want the name of a workload"
	case never && (group == of || group == "" || group == "extensions"):
		d.Message = subject + " scales " + kind + " " + text(name) + ", and a " + kind + " has no replicas to scale; want a Deployment or StatefulSet"
	case slices.Contains([]string{"Deployment", "StatefulSet", "ReplicaSet"}, kind) && (group == "" || group == "extensions" && p.Version.AtLeast(16)):
		d.At, d.Fix = ref.Get("apiVersion"), lint.Intent{Title: "set apiVersion: apps/v1", Value: "apps/v1"}
		d.Message = subject + " does not set the apiVersion of its target, and no " + kind + " is found without it; want apps/v1"
		if d.At.IsSet() {
			d.Message = subject + " scales a " + kind + " of " + text(d.At) + ", which Kubernetes does not have; want apps/v1"
		}
	default:
		return false
	}
	p.Report(d)
	return true
}

func checkTarget(p *lint.Pass, view *view, o *lint.Object) {
	_, kind, name := targetOf(o)
	switch kind {
	case "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController":
	default:
		return
	}
	if view.Workload(o.Namespace, kind, text(name)) != nil {
		return
	}
	if slices.ContainsFunc(view.MayBeIn(o.Namespace), func(other string) bool { return view.Workload(other, kind, text(name)) != nil }) {
		return
	}
	subject := o.KindName() + " scales " + kind + " " + text(name)
	var names []string
	for _, w := range view.Pods {
		if w.Namespace != o.Namespace {
			continue
		}
		if w.Kind == kind {
			names = append(names, w.Name)
		} else if w.Name == text(name) {
			p.Report(lint.Diagnostic{
				Object: o, At: o.Root.Get("spec.scaleTargetRef.kind"), Fix: lint.Intent{Value: w.Kind},
				Message: subject + ", which is a " + w.Kind + "; want " + w.Kind,
			})
			return
		}
	}
	if len(names) == 0 || text(name) == "" || p.MayExistElsewhere(o, kind) {
		return
	}
	want := "a " + kind + " of the same namespace"
	if near := suggest.Closest(text(name), names); near != "" {
		want = near
	}
	p.Report(lint.Diagnostic{Object: o, At: name, Message: subject + ", which does not exist; want " + want})
}
