package pod

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// SandboxedRuntime reports sensitive workloads that share the kernel of their node.
//
// Every kernel bug that a neighbour can reach leads to them. A sandboxed runtime, such
// as gVisor or Kata Containers, puts a kernel of its own between.
//
// The configuration lists the workloads that are sensitive, and the runtime classes that are sandboxed
// (any, if it names none), for all or for a tier. Without it the rule reports nothing.
var SandboxedRuntime = &lint.Rule{
	ID:        "sandboxed-runtime",
	Title:     "Sensitive workload shares the node's kernel",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-sandbox"},
	Fix:       "set runtimeClassName to a sandboxed runtime class",
	Check:     lint.PodCheck(checkSandboxed),
}

func checkSandboxed(p *lint.Pass, w *lint.Workload) {
	runtimes := p.Settings.SandboxedRuntimes
	sensitive := p.Settings.IsSensitive(w)
	for _, tier := range p.Settings.Tiers {
		if len(tier.RuntimeClasses) > 0 && tier.Holds != nil && tier.Holds(w) {
			runtimes, sensitive = tier.RuntimeClasses, true
			break
		}
	}
	if !sensitive {
		return
	}
	want := "a sandboxed runtime class"
	if len(runtimes) > 0 {
		want = strings.Join(runtimes, " or ")
	}
	switch v := w.Pod.Get("runtimeClassName"); {
	case v.Text() == "":
		p.Reportf(w.Pod, v, "does not set runtimeClassName, although it is sensitive; want %s", want)
	case len(runtimes) > 0 && !slices.Contains(runtimes, v.Text()):
		p.Reportf(w.Pod, v, "sets runtimeClassName: %s, although it is sensitive; want %s", v.Text(), want)
	}
}
