package resources

import "github.com/kubevet/kubevet/lint"

// NamespaceLimitRange reports namespaces with workloads and without a LimitRange, and LimitRanges that
// leave containers without default requests or a default memory limit.
//
// A pod that sets no CPU and memory may then use all of its node. A LimitRange gives defaults to
// containers that set none, and refuses those that ask for too much.
//
// The rule is part of the strict profile only. It applies to each namespace that a workload of the
// input names, and reports the Namespace, or the first workload if the input has no Namespace. All
// LimitRanges of a namespace count together: they must give containers a default request of CPU and
// of memory, and a default limit of memory. A maximum is a default limit too, as the API server has
// it. A namespace that no file names is up to the person who installs the files. kube-system,
// kube-public and kube-node-lease are exempt.
var NamespaceLimitRange = &lint.Rule{
	ID:        "namespace-limit-range",
	Title:     "Namespace has no default resources",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix:   "add a LimitRange with defaults for CPU and memory to the namespace",
	Check: checkNamespaces("LimitRange", checkDefaults),
}

// checkDefaults reports what the LimitRanges of a namespace leave without a default.
func checkDefaults(p *lint.Pass, namespace string) {
	l := limitRangesOf(p)[namespace]
	if len(l) == 0 {
		return
	}
	for _, s := range []setting{{list: "requests", name: "cpu"}, {list: "requests", name: "memory"}, {list: "limits", name: "memory"}} {
		if limitRangesOf(p).gives(namespace, s.list, s.name) {
			continue
		}
		what := "default"
		if s.list == "requests" {
			what = "defaultRequest"
		}
		o := l[0].object
		p.Report(lint.Diagnostic{
			Object: o, At: o.Root.Get("spec.limits"), Part: what + "." + s.name, Fix: lint.Intent{Title: "set " + what + "." + s.name + " in the limits of type Container", AdviceOnly: true},
			Message: o.KindName() + " gives containers no " + what + "." + s.name + "; want one",
		})
	}
}
