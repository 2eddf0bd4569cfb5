package plain

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// Skeletons are the files, as reports call them, that Go programs embed by their names and whose only object lacks its name or, in a workload, the
// selector: the API server would refuse it, and so the program completes it.
func Skeletons(read []Manifest, files []discover.File) map[string]bool {
	var embedders discover.Embedders
	l := map[string]bool{}
	for i, f := range files {
		if len(read[i].Objects) == 1 && isSkeleton(read[i].Objects[0]) && embedders.Named(f) {
			l[f.Display()] = true
		}
	}
	return l
}

func isSkeleton(o *lint.Object) bool {
	lacks := func(path string) bool { v := o.Root.Get(path); return !v.IsSet() && v.IsKnown() }
	switch o.Kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		return o.APIVersion == "apps/v1" && (lacks("spec.selector") || isUnnamed(lacks))
	}
	return len(o.Workloads) > 0 && isUnnamed(lacks)
}

func isUnnamed(lacks func(string) bool) bool {
	return lacks("metadata.name") && lacks("metadata.generateName")
}
