package reliability

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// VolumeExists reports volume mounts whose volume the pod does not declare.
//
// The API server refuses such a pod. For a Deployment or Job it does so only when
// the controller creates the pod, and no error is shown: the old version keeps running.
//
// The volumeClaimTemplates of a StatefulSet count as volumes. Custom resources are not
// checked: an operator may add volumes.
var VolumeExists = &lint.Rule{
	ID:        "volume-exists",
	Title:     "Mounted volume does not exist",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "declare the volume in the pod's volumes, or mount one that is",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		if w.Pod.Partial || !isBuiltin(w) {
			return // an operator may add volumes
		}
		var volumes []string
		for v := range w.Pod.Get("volumes").Items() {
			volumes = append(volumes, text(v.Get("name")))
		}
		if w.Kind == "StatefulSet" {
			for v := range w.Root.Get("spec.volumeClaimTemplates").Items() {
				volumes = append(volumes, text(v.Get("metadata.name")))
			}
		}
		for _, c := range w.Containers {
			for _, list := range []string{"volumeMounts", "volumeDevices"} {
				for m := range c.Get(list).Items() {
					name := text(m.Get("name"))
					if name == "" || slices.Contains(volumes, name) {
						continue
					}
					want := "a volume of the pod"
					if near := suggest.Closest(name, volumes); near != "" {
						want = near
					}
					p.Report(lint.Diagnostic{
						Subject: c, At: m.Get("name"),
						Message: c.Label() + " mounts volume " + name + ", which the pod does not declare; want " + want,
					})
				}
			}
		}
	}),
}
