// Package resources holds the rules on the CPU and memory that containers may
// use: section 4 of the security checklist.
package resources

import (
	"embed"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go *[^t]est.go
var Source embed.FS

const nsa = "NSA/CISA Kubernetes Hardening Guide"

// bound says which bound of a container a rule asks for.
type bound struct {
	list string // requests or limits
	name string // cpu or memory
	want string // the kind of value that is missing, for messages
}

// check is the rule: each container that may have resources has the bound above
// zero, or its pod has it for all of them.
func (b bound) check(p *lint.Pass, h lint.PodOrContainer) {
	if b.podSets(p, h.Workload) {
		return
	}
	path := "resources." + b.list + "." + b.name
	v := h.Get(path)
	switch {
	case isNone(v):
		p.Reportf(h, v, "sets %s: %s, which is none; want %s", path, v.Text(), b.want)
	case v.IsSet():
	case b.list == "requests" && isSome(h.Get("resources.limits."+b.name)):
		// The API server makes the limit the request.
	default:
		p.Reportf(h, v, "does not set %s; want %s", path, b.want)
	}
}

// podSets reports whether the pod bounds all its containers together: its own
// resources count from Kubernetes 1.34 on.
func (b bound) podSets(p *lint.Pass, w *lint.Workload) bool {
	if !p.Version.AtLeast(34) {
		return false
	}
	v := w.Pod.Get("resources." + b.list + "." + b.name)
	return isSome(v) || !v.IsSet() && b.list == "requests" && isSome(w.Pod.Get("resources.limits."+b.name))
}

// isSome reports whether a quantity is set and not zero. What cannot be parsed,
// a placeholder perhaps, is not guessed at: it is set.
func isSome(v lint.Value) bool { return v.IsSet() && !isNone(v) }

// isNone reports whether a quantity is zero, which Kubernetes takes for no bound.
func isNone(v lint.Value) bool {
	q, ok := quantity(v)
	return ok && q.IsZero()
}

func quantity(v lint.Value) (resource.Quantity, bool) {
	if !v.IsScalar() {
		return resource.Quantity{}, false
	}
	q, err := resource.ParseQuantity(v.Text())
	return q, err == nil
}
