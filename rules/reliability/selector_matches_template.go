package reliability

import (
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
)

// SelectorMatchesTemplate reports workloads whose selector does not match the
// labels of their own pods.
//
// The API server refuses such a workload.
//
// Jobs are not checked: the API server sets their selectors. Of custom resources,
// OpenShift's DeploymentConfig is checked, whose selector is that of a ReplicationController.
var SelectorMatchesTemplate = &lint.Rule{
	ID:        "selector-matches-template",
	Title:     "Selector does not match the template's labels",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "give the selector and the template's metadata.labels the same labels",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		v := w.Root.Get("spec.selector")
		var s labels.Selector
		if w.OpenLabels || !isBuiltin(w) && !w.Is("apps.openshift.io", "DeploymentConfig") {
			return
		}
		switch w.Kind {
		case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet":
			ok := false
			if s, ok = readSelector(v); !ok {
				return
			}
		case "ReplicationController", "DeploymentConfig": // where it is unset, the template's labels are taken
			s = labels.SelectorFromSet(v.StringMap())
		default:
			return
		}
		if s.Matches(labels.Set(w.Labels())) {
			return
		}
		p.Report(lint.Diagnostic{
			Object: w.Object, At: v,
			Message: w.KindName() + " selects " + s.String() + ", which its own template's labels do not match; want the same labels",
			Related: []lint.Related{{Object: w.Object, At: w.Template.Get("metadata.labels"), Label: "labels of the template"}},
		})
	}),
}
