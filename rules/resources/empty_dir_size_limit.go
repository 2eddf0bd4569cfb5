package resources

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// EmptyDirSizeLimit reports emptyDir volumes without a size limit.
//
// Such a volume lies on the node's disk, or with medium: Memory in its memory. It may grow until the
// node has none left and evicts pods, its neighbours included.
//
// A volume in memory counts towards the memory limits of the containers that write to it. It is not
// reported if all of them have one. Volumes on disk have low severity and are reported in the strict
// profile only. They are not reported if a container of the pod has a limit on ephemeral storage: the
// kubelet then limits the pod to the sum of these limits. The defaults of a LimitRange in the namespace
// count. Volumes that no container mounts for writing are not reported. Zero means no limit.
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
		case !inMemory && (p.Profile != lint.Strict || limitsDisk(p, w)), inMemory && limitsMemory(p, w, writers):
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

// limitsDisk reports whether the kubelet limits the disk space of the pod: it adds up
// the limits of the containers, and a container without one adds nothing.
func limitsDisk(p *lint.Pass, w *lint.Workload) bool {
	s := setting{list: "limits", name: "ephemeral-storage"}
	return slices.ContainsFunc(w.Select(lint.Resourced), func(h lint.PodOrContainer) bool { return s.has(p, h) })
}

// limitsMemory reports whether every writer has a memory limit, which what it writes to
// a volume in memory counts towards.
func limitsMemory(p *lint.Pass, w *lint.Workload, writers []lint.PodOrContainer) bool {
	s := setting{list: "limits", name: "memory"}
	return s.podSets(p, w) || !slices.ContainsFunc(writers, func(h lint.PodOrContainer) bool { return !s.has(p, h) })
}
