package resources

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// EmptyDirSizeLimit reports emptyDir volumes without a size limit.
//
// Such a volume lies on the node's disk, or with medium: Memory in its memory, and may grow until the
// node has none left and evicts pods, of its neighbours too.
//
// A volume in memory counts towards the memory limits of the containers that write to it, and is not
// reported where all of them have one. Volumes on disk have low severity and are reported under the
// checklist profile only, and not where a container has a limit on ephemeral storage: the kubelet then
// bounds the pod by the sum of those. Volumes that no container mounts for writing are not reported.
// Zero is no limit.
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
		dir, name := volume.Get("emptyDir"), volume.Get("name").Text()
		limit := dir.Get("sizeLimit")
		writers := writersOf(w, name)
		if !dir.IsSet() || isSome(limit) || len(writers) == 0 {
			continue
		}
		inMemory := dir.Get("medium").Text() == "Memory"
		what := "on the node's disk"
		switch {
		case !inMemory && (p.Profile != lint.ChecklistProfile || boundsDisk(p, w)), inMemory && boundsMemory(p, w, writers):
			continue
		case inMemory:
			what = "in the node's memory"
		}
		p.Report(lint.Diagnostic{
			Subject: w.Pod, At: limit, Severity: lint.Low.If(!inMemory),
			Message: w.Pod.Label() + ` has volume "` + name + `" ` + what + " without emptyDir.sizeLimit; want one",
		})
	}
}

// writersOf lists the containers that can write to a volume.
func writersOf(w *lint.Workload, volume string) []lint.PodOrContainer {
	var l []lint.PodOrContainer
	for _, h := range w.Select(lint.Containers) {
		for m := range h.Get("volumeMounts").Items() {
			if m.Get("name").Text() == volume && !m.Get("readOnly").True() {
				l = append(l, h)
				break
			}
		}
	}
	return l
}

// boundsDisk reports whether the kubelet bounds what the pod puts on the node's
// disk: it adds the limits of the containers up, and those that have none count
// nothing.
func boundsDisk(p *lint.Pass, w *lint.Workload) bool {
	if (bound{list: "limits", name: "ephemeral-storage"}).podSets(p, w) {
		return true
	}
	return slices.ContainsFunc(w.Select(lint.Resourced), func(h lint.PodOrContainer) bool {
		return isSome(h.Get("resources.limits.ephemeral-storage"))
	})
}

// boundsMemory reports whether all who can write have a memory limit: what they write
// to a volume in memory is part of it.
func boundsMemory(p *lint.Pass, w *lint.Workload, writers []lint.PodOrContainer) bool {
	if (bound{list: "limits", name: "memory"}).podSets(p, w) {
		return true
	}
	return !slices.ContainsFunc(writers, func(h lint.PodOrContainer) bool { return !isSome(h.Get("resources.limits.memory")) })
}
