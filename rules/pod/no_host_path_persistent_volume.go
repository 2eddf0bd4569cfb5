package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoHostPathPersistentVolume reports PersistentVolumes that are a directory of a node.
//
// Anyone who may claim the volume mounts that directory of the node, although their pods have no
// hostPath that Pod Security could refuse: the claim hides it. A volume on / gives the node away.
//
// A hostPath volume is reported with any path. A volume of type local, which is made for this and
// bound to its node, is reported only if its path is sensitive. For sensitive paths the severity is the
// one that no-sensitive-host-path has for them. A volume whose only access mode is ReadOnlyMany counts
// as mounted for reading.
var NoHostPathPersistentVolume = &lint.Rule{
	ID:        "no-host-path-persistent-volume",
	Title:     "PersistentVolume is a path of the node",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "use a CSI driver's volume or a local volume with nodeAffinity",
	Check: lint.ObjectCheck(checkHostPathVolume),
}

func checkHostPathVolume(p *lint.Pass, o *lint.Object) {
	if !o.Is("", "PersistentVolume") {
		return
	}
	modes := o.Root.Get("spec.accessModes").Strings()
	writable := len(modes) == 0 || slices.ContainsFunc(modes, func(m string) bool { return m != "ReadOnlyMany" })
	for _, kind := range []string{"hostPath", "local"} {
		v := o.Root.Get("spec").Get(kind)
		path := v.Get("path")
		severity, gives := dangerOf(path.Text(), writable)
		if isRuntimeSocket(path.Text()) {
			severity, gives = lint.Critical, "the interface of the container runtime"
		}
		switch {
		case !v.IsSet():
		case severity != 0:
			p.Report(lint.Diagnostic{
				Object: o, At: path, Severity: severity,
				Message: o.KindName() + " uses the sensitive path " + path.Text() + " of a node: it holds " + gives + "; want another path",
				Fix:     lint.Intent{Title: "use a CSI driver's volume, or a directory made for the volume"},
			})
		case kind == "hostPath":
			p.Report(lint.Diagnostic{
				Object: o, At: v,
				Message: o.KindName() + " uses path " + path.Written() + " of a node; want no hostPath",
				Fix:     lint.Intent{Elsewhere: true},
			})
		}
	}
}
