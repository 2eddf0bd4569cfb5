// Package controlplane holds the rules on the programs of a cluster: the API server, the
// controller manager, the scheduler, etcd, the kubelet and kube-proxy, and on the files
// that they read. They decide sections 1, 2, 3, 5 and 6 of the security checklist where
// it speaks of these programs.
package controlplane

import (
	"embed"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	cis = lint.CISBenchmark
	nsa = lint.HardeningGuide
)

// controls refers to the numbers of the CIS Benchmark, and to NSA and CISA's guide.
func controls(numbers ...string) []lint.Ref {
	var l []lint.Ref
	for _, n := range numbers {
		l = append(l, lint.Ref{Standard: cis, Control: n})
	}
	return append(l, lint.Ref{Standard: nsa, Control: "Control plane hardening"})
}
