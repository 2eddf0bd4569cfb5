package cluster

import (
	"path"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
	"github.com/kubevet/kubevet/lint/release"
)

// onlyOnce are the Namespaces and releases in each directory of the repository and below it. A cluster has each of them once, so
// two directories that have the same one are of two clusters.
var onlyOnce = lint.UnitIndex("what a cluster has once", func(p *lint.Pass) map[string]map[string]bool {
	in := map[string]map[string]bool{}
	add := func(o *lint.Object, name string) {
		for _, dir := range dirs.Above(DirOf(p, o)) {
			if in[dir] == nil {
				in[dir] = map[string]bool{}
			}
			in[dir][name] = true
		}
	}
	for _, o := range p.Unit.Namespaces {
		add(o, "Namespace/"+o.Name)
	}
	for _, o := range p.Unit.Releases {
		if r, ok := release.Of(o); ok && r.Namespace != "" && !r.IsAnywhere {
			add(o, r.Namespace+"/"+o.KindName())
		}
	}
	return in
})

// IsOfOtherCluster reports whether a file is of another cluster than the input, as far as the repository shows it: where their
// directories part, both have the same Namespace or release.
func IsOfOtherCluster(p *lint.Pass, file string) bool {
	a, b := part(path.Dir(file), path.Clean(p.Unit.Input))
	if a == "" {
		return false
	}
	in, of := onlyOnce(p)[a], onlyOnce(p)[b]
	if len(in) > len(of) {
		in, of = of, in
	}
	for name := range in {
		if of[name] {
			return true
		}
	}
	return false
}

// part is the first directories above two, or these themselves, that differ. They are empty if one of the two is in the other.
func part(a, b string) (string, string) {
	if dirs.IsBelow(a, b) || dirs.IsBelow(b, a) {
		return "", ""
	}
	in, of := strings.Split(a, "/"), strings.Split(b, "/")
	for i := range min(len(in), len(of)) {
		if in[i] != of[i] {
			return strings.Join(in[:i+1], "/"), strings.Join(of[:i+1], "/")
		}
	}
	return "", ""
}
