package network

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
)

// folders knows which policies of a tree of manifests are kept with their pods. Manifests
// that name no namespace may be of several applications, or examples without pods.
type folders struct {
	pass *lint.Pass
	// workloads is the folders of workloads without a namespace, above those and the ones
	// above them, and selecting those of policies that select some of them by labels.
	workloads, above, selecting map[string]bool
}

func foldersOf(p *lint.Pass) *folders {
	f := &folders{pass: p, workloads: map[string]bool{}, above: map[string]bool{}, selecting: map[string]bool{}}
	if p.Unit.Kind != lint.UnitManifests {
		return f
	}
	for _, w := range cluster.Of(p).Workloads.In("") {
		dir := cluster.DirOf(p, w.Object)
		f.workloads[dir] = true
		for _, a := range dirs.Above(dir) {
			f.above[a] = true
		}
	}
	n := connect.Of(p)
	for _, policy := range n.Policies {
		if s := policy.Subject; policy.Namespace == "" && s.OwnNamespace() && !s.AllPods() && len(n.Subjects(policy)) > 0 {
			f.selecting[cluster.DirOf(p, policy.Object)] = true
		}
	}
	return f
}

// hasPodsOf reports whether the input has the pods that a policy may be meant for, as far as
// folders say so: workloads without a namespace are in its folder, or in one above or below
// it, or another policy of its folder selects some.
func (f *folders) hasPodsOf(policy *lint.Object) bool {
	if f.pass.Unit.Kind != lint.UnitManifests || policy.Namespace != "" {
		return true
	}
	dir := cluster.DirOf(f.pass, policy)
	if f.above[dir] || f.selecting[dir] {
		return true
	}
	for _, a := range dirs.Above(dir) {
		if f.workloads[a] {
			return true
		}
	}
	return false
}

// inheritors tells which namespaces a policy of a directory above them may be for: it names no
// namespace, and Config Sync gives what a directory holds to all namespaces below it.
func (d direction) inheritors(p *lint.Pass) func(ns namespace) bool {
	holders := map[string]bool{}
	if p.Unit.Kind == lint.UnitManifests {
		for _, policy := range connect.Of(p).Policies {
			if s := policy.Subject; policy.Namespace == "" && s.OwnNamespace() && s.AllPods() && policy.Isolates[d.of] {
				holders[cluster.DirOf(p, policy.Object)] = true
			}
		}
	}
	return func(ns namespace) bool {
		return len(holders) > 0 && slices.ContainsFunc(dirs.Above(cluster.DirOf(p, ns.object))[1:], func(dir string) bool { return holders[dir] })
	}
}
