package cluster

import (
	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/pods"
)

// PodsMayExistElsewhere reports whether an object, such as a Service, may be meant for
// pods that the unit does not show: those that could not be read or rendered (see
// lint.Pass.MayExistElsewhere), or pods that a program with a role of the unit creates.
func PodsMayExistElsewhere(p *lint.Pass, of *lint.Object) bool {
	return p.MayExistElsewhere(of, pods.Kinds()...) || access.Of(p).MakesPods(of.Namespace)
}

// podsElsewhere are the objects with pods of Unit.Pods by their namespaces.
var podsElsewhere = lint.UnitIndex("pods of other units", func(p *lint.Pass) map[string][]*lint.Object {
	byNamespace := map[string][]*lint.Object{}
	for _, o := range p.Unit.Pods {
		byNamespace[o.Namespace] = append(byNamespace[o.Namespace], o)
	}
	return byNamespace
})

// podFiles are the files of the unit's own workloads.
var podFiles = lint.UnitIndex("files of workloads", func(p *lint.Pass) map[string]bool {
	files := map[string]bool{}
	for _, o := range p.Unit.Objects {
		if len(o.Workloads) > 0 {
			files[FileOf(p, o)] = true
		}
	}
	return files
})

// PodsElsewhere lists the workloads of other units in the namespace which a Namespace declares, of those that Unit.Pods has. Those of other
// clusters do not count.
func PodsElsewhere(p *lint.Pass, namespace *lint.Object) (l []*lint.Workload) {
	all := podsElsewhere(p)[namespace.Name]
	if len(all) == 0 || namespace.Name == "" || node.MayHavePlaceholder(namespace.Name) { // other units may fill in another name
		return nil
	}
	home := FileOf(p, namespace)
	seen := map[*yaml.Node]bool{}
	for _, o := range all {
		file := FileOf(p, o)
		if !seen[o.Root.Node] && !podFiles(p)[file] && !dirs.AreOfParallel(file, home) && !AreOfOtherClusters(p, DirOf(p, o), DirOf(p, namespace)) {
			seen[o.Root.Node] = true
			l = append(l, o.Workloads...)
		}
	}
	return l
}
