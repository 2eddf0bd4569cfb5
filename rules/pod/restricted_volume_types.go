package pod

import (
	"github.com/kubevet/kubevet/lint"
	podfields "github.com/kubevet/kubevet/lint/pods"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

// RestrictedVolumeTypes reports volumes of a type that the restricted Pod Security Standard
// refuses: nfs, iscsi, glusterfs, awsElasticBlockStore and the like.
//
// Such a volume names a server or disk directly, so anyone who may create pods reaches all that the
// nodes reach, with the rights of the nodes. A PersistentVolumeClaim leaves that choice to the
// administrators of the storage.
//
// Allowed are configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim,
// projected and secret. A volume that names no type is an emptyDir. The standard refuses hostPath and
// gitRepo too; no-host-path and no-git-repo-volume report those, and no-removed-api what Kubernetes has removed.
var RestrictedVolumeTypes = &lint.Rule{
	ID:        "restricted-volume-types",
	Title:     "Volume is of a restricted type",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: restricted, Control: "Volume Types"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "use a persistentVolumeClaim or another volume of an allowed type",
	Check: lint.PodCheck(checkVolumeTypes),
}

func checkVolumeTypes(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		if at, kind := podsecurity.RestrictedVolume(volume); kind != "" && kind != "hostPath" && !isReportedByOthers(p, kind) {
			p.Reportf(w.Pod, at, "has volume %q of type %s; want %s", volume.Get("name").Text(), kind, podsecurity.AllowedVolumes())
		}
	}
}

// isReportedByOthers reports the types of volumes that other rules report with a graver reason.
func isReportedByOthers(p *lint.Pass, kind string) bool {
	since, isRemoved := podfields.RemovedVolumes[kind]
	return kind == "gitRepo" && p.Runs("no-git-repo-volume") || isRemoved && p.Version.AtLeast(since) && p.Runs("no-removed-api")
}
