package pod

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

// RestrictedVolumeTypes reports volumes of a type that the restricted Pod Security Standard
// refuses: nfs, iscsi, glusterfs, gitRepo, awsElasticBlockStore and their kin.
//
// Such a volume names a server or disk outright, so whoever may create pods reaches any that the
// nodes reach, with the rights of the nodes. A PersistentVolumeClaim leaves that choice to the
// administrators of the storage.
//
// Allowed are configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim,
// projected and secret. A volume that names no type is an emptyDir. hostPath, which the standard
// refuses too, is left to no-host-path.
var RestrictedVolumeTypes = &lint.Rule{
	ID:        "restricted-volume-types",
	Title:     "Volume is of a restricted type",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: restricted, Control: "Volume Types"},
	},
	Fix:   "use a persistentVolumeClaim or another volume of an allowed type",
	Check: lint.PodCheck(checkVolumeTypes),
}

func checkVolumeTypes(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		if at, kind := podsecurity.RestrictedVolume(volume); kind != "" && kind != "hostPath" {
			p.Reportf(w.Pod, at, "has volume %q of type %s; want %s", volume.Get("name").Text(), kind, podsecurity.AllowedVolumes())
		}
	}
}
