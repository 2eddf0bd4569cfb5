package cluster

import (
	"path"
	"strings"
	"sync"

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

// policiesIn are the network policies with a namespace in each directory of the repository and below it: a cluster has each once, too.
var policiesIn = lint.UnitIndex("policies that a cluster has once", func(p *lint.Pass) map[string]map[string]bool {
	in := map[string]map[string]bool{}
	for _, o := range p.Unit.Policies {
		if o.Namespace == "" {
			continue
		}
		for _, dir := range dirs.Above(DirOf(p, o)) {
			if in[dir] == nil {
				in[dir] = map[string]bool{}
			}
			in[dir][o.Namespace+"/"+o.KindName()] = true
		}
	}
	return in
})

// IsOfOtherCluster reports whether a file is of another cluster than the input, as far as the repository shows it: where their
// directories part, both have the same Namespace or release.
func IsOfOtherCluster(p *lint.Pass, file string) bool {
	a, b := part(path.Dir(file), path.Clean(p.Unit.Input))
	return a != "" && shared(onlyOnce(p), a, b, 1) > 0
}

// ofOthers knows which directories of the repository are of different clusters.
type ofOthers struct {
	mu    sync.Mutex
	known map[[2]string]bool
	// apart is what AreApart found.
	apart map[[2]string]bool
	// twice is how many names directories have in several of those below them.
	twice map[string]int
}

var ofOthersOf = lint.UnitIndex("directories of other clusters", func(*lint.Pass) *ofOthers { return &ofOthers{known: map[[2]string]bool{}} })

// AreOfOtherClusters reports whether two directories are of different clusters beyond doubt: where they part, both have two of what a cluster
// has once, a Namespace or release among them. One alone may be there twice by mistake, or since it is applied first. Of a directory
// that has those of several clusters the one below it counts.
func AreOfOtherClusters(p *lint.Pass, dir, of string) bool {
	dir, of = path.Clean(dir), path.Clean(of)
	a, b := part(dir, of)
	if a == "" {
		return false
	}
	l := ofOthersOf(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	a, b = l.ofOne(p, a, dir), l.ofOne(p, b, of)
	key := [2]string{min(a, b), max(a, b)}
	is, ok := l.known[key]
	if !ok {
		n := shared(onlyOnce(p), a, b, 2)
		is = n > 1 || n == 1 && shared(policiesIn(p), a, b, 1) > 0
		l.known[key] = is
	}
	return is
}

// inParallel are the directories that have, with others beside them, what makes two of them those of different clusters. All others beside one
// count, and not one by one as for AreOfOtherClusters: there may be more than those.
var inParallel = lint.UnitIndex("directories in parallel", func(p *lint.Pass) map[string]bool {
	once, policies := namesBeside(onlyOnce(p)), namesBeside(policiesIn(p))
	is := map[string]bool{}
	for dir, n := range once {
		is[dir] = n > 1 || n == 1 && policies[dir] > 0
	}
	return is
})

// namesBeside is how many of the names that a directory has another one beside it has, too.
func namesBeside(in map[string]map[string]bool) map[string]int {
	type of struct{ parent, name string }
	children := map[of]int{}
	for dir, names := range in {
		if dir == path.Dir(dir) { // it is beside none
			continue
		}
		for name := range names {
			children[of{path.Dir(dir), name}]++
		}
	}
	beside := map[string]int{}
	for dir, names := range in {
		for name := range names {
			if dir != path.Dir(dir) && children[of{path.Dir(dir), name}] > 1 {
				beside[dir]++
			}
		}
	}
	return beside
}

// DirOfCluster is the deepest directory at or above the input that may be one of several clusters. Two inputs with the same one are not of different
// clusters as AreOfOtherClusters has them; with different ones they may be of one cluster all the same.
func DirOfCluster(p *lint.Pass) string {
	for _, dir := range dirs.Above(path.Clean(p.Unit.Input)) {
		if inParallel(p)[dir] {
			return dir
		}
	}
	return "."
}

// minParallel is how many objects two directories must both have to be those of two clusters.
const minParallel = 2

// objectsIn are the names of the objects of a tree of manifests, in each directory and those above it.
var objectsIn = lint.UnitIndex("objects of directories", func(p *lint.Pass) map[string]map[string]bool {
	in := map[string]map[string]bool{}
	if p.Unit.Kind != lint.UnitManifests {
		return in
	}
	for _, o := range p.Unit.Objects {
		if o.Name == "" {
			continue
		}
		for _, dir := range dirs.Above(DirOf(p, o)) {
			if in[dir] == nil {
				in[dir] = map[string]bool{}
			}
			in[dir][o.Group()+"/"+o.Namespace+"/"+o.KindName()] = true
		}
	}
	return in
})

// AreApart reports whether two objects of a tree of manifests are for different clusters, as far as the tree shows it: where their directories
// part, both have several objects of the same names, of which a cluster has each once.
func AreApart(p *lint.Pass, o, other *lint.Object) bool {
	if p.Unit.Kind != lint.UnitManifests { // first: the file of a chart's object takes long to find
		return false
	}
	a, b := part(path.Clean(DirOf(p, o)), path.Clean(DirOf(p, other)))
	if a == "" {
		return false
	}
	l := ofOthersOf(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.apart == nil {
		l.apart = map[[2]string]bool{}
	}
	key := [2]string{min(a, b), max(a, b)}
	is, ok := l.apart[key]
	if !ok {
		is = shared(objectsIn(p), a, b, minParallel) == minParallel
		l.apart[key] = is
	}
	return is
}

// ofOne is a directory above another that has what one cluster has, at or below a directory.
func (l *ofOthers) ofOne(p *lint.Pass, at, dir string) string {
	if l.twice == nil {
		l.twice = map[string]int{}
		for _, in := range []map[string]map[string]bool{onlyOnce(p), policiesIn(p)} {
			for name, below := range in {
				if parent := path.Dir(name); parent != name {
					l.twice[parent] += len(below)
				}
				l.twice[name] -= len(below)
			}
		}
	}
	for at != dir && l.twice[at] > 1 {
		next, _, _ := strings.Cut(strings.TrimPrefix(dir, at+"/"), "/")
		at += "/" + next
	}
	return at
}

// shared is how many names two directories have both, counted up to a number.
func shared(l map[string]map[string]bool, a, b string, upTo int) (n int) {
	in, of := l[a], l[b]
	if len(in) > len(of) {
		in, of = of, in
	}
	for name := range in {
		if of[name] {
			if n++; n == upTo {
				break
			}
		}
	}
	return n
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
