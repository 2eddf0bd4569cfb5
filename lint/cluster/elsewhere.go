package cluster

import (
	"slices"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/labels"

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

// others are the Services and ServiceAccounts, by name, and the objects with pods of the repository that no file of the unit holds: other units
// apply them.
type others struct {
	services, accounts map[string][]*lint.Object
	pods               []*lint.Object
}

// othersOf are those of the repository that a unit with manifests is from. A chart is to be complete by itself.
var othersOf = lint.UnitIndex("Services, accounts and pods of other units", func(p *lint.Pass) others {
	x := others{services: map[string][]*lint.Object{}, accounts: map[string][]*lint.Object{}}
	if p.Unit.Elsewhere == nil || p.Unit.Kind == lint.UnitChart {
		return x
	}
	own := map[string]bool{}
	for _, o := range p.Unit.Objects {
		own[FileOf(p, o)] = true
	}
	for _, o := range p.Unit.Elsewhere() {
		switch {
		case own[FileOf(p, o)]:
		case o.Is("", "Service"):
			x.services[o.Name] = append(x.services[o.Name], o)
		case o.Is("", "ServiceAccount"):
			x.accounts[o.Name] = append(x.accounts[o.Name], o)
		default:
			x.pods = append(x.pods, o)
		}
	}
	return x
})

// mayBeBeside reports whether an object of another unit may be in a cluster with one of the unit, and in a namespace.
func mayBeBeside(p *lint.Pass, other, of *lint.Object, namespace string) bool {
	isIn := other.Namespace == namespace || other.Namespace == "" || namespace == "" || node.MayHavePlaceholder(other.Namespace)
	return isIn && !dirs.AreOfParallel(FileOf(p, other), FileOf(p, of)) && !AreOfOtherClusters(p, DirOf(p, other), DirOf(p, of))
}

// ServiceElsewhere reports whether another unit of the repository has a Service to which an object of the unit may refer, by its namespace
// and name.
func ServiceElsewhere(p *lint.Pass, of *lint.Object, namespace, name string) bool {
	return slices.ContainsFunc(othersOf(p).services[name], func(o *lint.Object) bool { return mayBeBeside(p, o, of, namespace) })
}

// IsWithoutTokenElsewhere reports whether another unit of the repository has the ServiceAccount of a workload, in its namespace and without
// tokens. Of several with that name all are to be without.
func IsWithoutTokenElsewhere(p *lint.Pass, w *lint.Workload, name string) bool {
	if w.Namespace == "" || node.MayHavePlaceholder(w.Namespace) {
		return false
	}
	found := false
	for _, o := range othersOf(p).accounts[name] {
		if mayBeBeside(p, o, w.Object, w.Namespace) {
			if !o.IsWithoutToken() {
				return false
			}
			found = found || o.Namespace == w.Namespace
		}
	}
	return found
}

// SelectedElsewhere reports whether another unit of the repository has pods in the namespace of an object of the unit, with labels that match.
func SelectedElsewhere(p *lint.Pass, of *lint.Object, matches func(labels.Labels) bool) bool {
	return slices.ContainsFunc(othersOf(p).pods, func(o *lint.Object) bool {
		isSelected := func(w *lint.Workload) bool { return matches(labels.Set(w.Labels())) }
		return slices.ContainsFunc(o.Workloads, isSelected) && mayBeBeside(p, o, of, of.Namespace)
	})
}

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
