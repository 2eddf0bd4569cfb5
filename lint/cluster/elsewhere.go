package cluster

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/pods"
)

// PodsMayExistElsewhere reports whether an object, such as a Service, may be meant for
// pods that the unit does not show: those that could not be read or rendered (see
// lint.Pass.MayExistElsewhere), or pods that a program with a role of the unit creates.
func PodsMayExistElsewhere(p *lint.Pass, of *lint.Object) bool {
	return p.MayExistElsewhere(of, pods.Kinds()...) || access.Of(p).MakesPods(of.Namespace)
}
