// Package reliability holds the rules on whether workloads stay up: probes,
// replicas, budgets, and references that lead somewhere.
package reliability

import (
	"embed"
	"strconv"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go
var Source embed.FS

// availability is the checklist item that asks that services stay up.
const availability = "auth-denial-of-service"

// runsOn reports whether the workload's pods run until they are stopped: those of
// jobs end, and a pod that is a hook or is not restarted does too.
func runsOn(w *lint.Workload) bool {
	policy := w.Pod.Get("restartPolicy").Text()
	return !w.Batch && w.Hook == "" && (policy == "" || policy == "Always")
}

// isBuiltin reports whether the kind of the workload is Kubernetes' own.
func isBuiltin(w *lint.Workload) bool {
	switch w.Group() {
	case "", "apps", "batch", "extensions":
		return true
	}
	return false
}

// isReplicated reports whether the kind of workload has replicas that can replace
// each other.
func isReplicated(w *lint.Workload) bool {
	return isBuiltin(w) && (w.Kind == "Deployment" || w.Kind == "StatefulSet")
}

// replicas is how many pods a Deployment, StatefulSet, ReplicaSet or
// ReplicationController asks for; ok is false for other kinds.
func replicas(w *lint.Workload) (n int64, ok bool) {
	switch w.Kind {
	case "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController":
	default:
		return 0, false
	}
	v := w.Root.Get("spec.replicas")
	if !isBuiltin(w) {
		return 0, false
	}
	if !v.IsSet() {
		return 1, true
	}
	return v.Int()
}

// text is a scalar as it is written: a name is text, even if it looks like a boolean.
func text(v lint.Value) string {
	if !v.IsScalar() {
		return ""
	}
	return v.Node.Value
}

// readSelector reads a label selector. ok is false if it is none, selects everything, or
// cannot be read.
func readSelector(v lint.Value) (s selector.Selector, ok bool) {
	s, ok = selector.New(v)
	return s, ok && !s.Empty()
}

// isNumber reports whether a port is given as a number, in quotes or not: no name may be
// all digits.
func isNumber(port lint.Value) bool {
	_, err := strconv.ParseInt(text(port), 10, 32)
	return err == nil
}
