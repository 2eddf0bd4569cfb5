package resources

import "github.com/kubevet/kubevet/lint"

// EmptyDirSizeLimit reports emptyDir volumes without a size limit.
//
// Such a volume lies on the node's disk, or with medium: Memory in its memory, and may grow until the
// node has none left and evicts pods, of its neighbours too.
//
// A volume in memory is bounded by the memory limits of the pod's containers, and is not reported
// where all have one. Volumes on disk have low severity and are reported under the checklist profile
// only, and not where every container has a limit on ephemeral storage, which bounds them. Zero is no
// limit.
var EmptyDirSizeLimit = &lint.Rule{
	ID:        "empty-dir-size-limit",
	Title:     "Volume emptyDir has no size limit",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix:   "set emptyDir.sizeLimit on the volume",
	Check: lint.PodCheck(checkEmptyDirs),
}

func checkEmptyDirs(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		dir := volume.Get("emptyDir")
		limit := dir.Get("sizeLimit")
		inMemory := dir.Get("medium").Text() == "Memory"
		if !dir.IsSet() || isSome(limit) || !inMemory && (p.Profile != lint.ChecklistProfile || boundsDisk(w)) {
			continue
		}
		what := "on the node's disk"
		if inMemory {
			what = "in the node's memory"
			if boundsMemory(p, w) {
				continue
			}
		}
		p.Report(lint.Diagnostic{
			Holder: w.Pod, At: limit, Lowered: !inMemory, Severity: lint.Low,
			Message: w.Pod.Label() + ` has volume "` + volume.Get("name").Text() + `" ` + what + " without emptyDir.sizeLimit; want one",
		})
	}
}

// boundsDisk reports whether every container has a limit on the disk that it fills.
func boundsDisk(w *lint.Workload) bool {
	for _, h := range w.Holders(lint.Resourced) {
		if !isSome(h.Get("resources.limits.ephemeral-storage")) {
			return false
		}
	}
	return true
}

// boundsMemory reports whether every container has a memory limit: a volume in memory
// is then part of it.
func boundsMemory(p *lint.Pass, w *lint.Workload) bool {
	b := bound{list: "limits", name: "memory"}
	if b.podSets(p, w) {
		return true
	}
	for _, h := range w.Holders(lint.Resourced) {
		if !isSome(h.Get("resources.limits.memory")) {
			return false
		}
	}
	return true
}
