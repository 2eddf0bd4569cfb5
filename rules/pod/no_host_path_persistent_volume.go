package pod

import "github.com/kubevet/kubevet/lint"

// NoHostPathPersistentVolume reports PersistentVolumes that are a directory of a node.
//
// Whoever may claim the volume mounts that directory of the node, although their pods hold no
// hostPath that Pod Security could refuse: the claim launders it. A volume on / gives the node away.
//
// The local volume type is fine: it is bound to its node by nodeAffinity, and made for this. Only
// hostPath is reported, whatever its path.
var NoHostPathPersistentVolume = &lint.Rule{
	ID:        "no-host-path-persistent-volume",
	Title:     "PersistentVolume is a path of the node",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Pod security enforcement"},
	},
	Fix:   "use a CSI driver's volume or a local volume with nodeAffinity",
	Check: lint.ObjectCheck(checkHostPathVolume),
}

func checkHostPathVolume(p *lint.Pass, o *lint.Object) {
	if !o.Is("", "PersistentVolume") {
		return
	}
	if v := o.Root.Get("spec.hostPath"); v.IsSet() {
		p.Report(lint.Diagnostic{
			Object: o, At: v,
			Message: "PersistentVolume " + o.Name + " is path " + v.Get("path").Text() + " of a node; want no hostPath",
		})
	}
}
