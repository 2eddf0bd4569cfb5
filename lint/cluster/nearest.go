package cluster

import (
	"path"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// DirOf is the directory of the file that an object is in.
func DirOf(p *lint.Pass, o *lint.Object) string { return path.Dir(FileOf(p, o)) }

// FileOf is the file that an object is in.
func FileOf(p *lint.Pass, o *lint.Object) string { return p.Locate(o, o.Root.Get("kind")).File }

// findFiles finds the files of the workloads, and of what is for the workloads near it.
func (c *Cluster) findFiles(p *lint.Pass) {
	c.files = map[*lint.Object]string{}
	add := func(o *lint.Object) {
		if _, known := c.files[o]; !known {
			c.files[o] = FileOf(p, o)
		}
	}
	for _, s := range c.Services {
		add(s.Object)
	}
	for _, o := range c.Budgets {
		add(o)
	}
	for _, o := range c.Autoscalers {
		add(o)
	}
	for _, o := range c.Unit.Objects {
		if o.Is("", "Namespace") || o.Is("", "LimitRange") {
			add(o)
		}
	}
	for _, w := range c.Pods {
		add(w.Object)
	}
}

// SameFile reports whether two objects are of one file. It is false in a chart and in an
// overlay.
func (c *Cluster) SameFile(a, b *lint.Object) bool {
	return c.files[a] != "" && c.files[a] == c.files[b]
}

// SameDir reports whether two objects are of files of one directory. It is false in a chart and in an
// overlay.
func (c *Cluster) SameDir(a, b *lint.Object) bool {
	return c.dirOf(a) != "" && c.dirOf(a) == c.dirOf(b)
}

func (c *Cluster) dirOf(o *lint.Object) string {
	if file := c.files[o]; file != "" {
		return path.Dir(file)
	}
	return ""
}

// MayBeTogether reports whether two objects of one namespace may be deployed together. It is
// false if they name no namespace and are of two directories, neither of which is in the other:
// such directories are often examples, or applications with a namespace of their own.
func (c *Cluster) MayBeTogether(a, b *lint.Object) bool {
	in, of := c.dirOf(a), c.dirOf(b)
	return a.Namespace != "" || in == "" || of == "" || dirs.IsBelow(in, of) || dirs.IsBelow(of, in)
}

// Distance is how far apart two objects of a tree of manifests are: none in one file, one step to
// the other files of the directory, and one more for each directory above it until one holds the
// other object. It is none in a chart and in an overlay.
func (c *Cluster) Distance(from, to *lint.Object) int {
	a, b := c.files[from], c.files[to]
	if a == "" || b == "" {
		return 0
	}
	return dirs.Distance(a, b)
}

// places are the workloads of one name by the places that hold them: their file, its directory
// with a slash, and that directory and those above it without one.
type places map[string][]*Pods

func (c *Cluster) placesOf(l []*Pods) places {
	m := places{}
	for _, p := range l {
		for place := range placesAround(c.files[p.Object]) {
			m[place] = append(m[place], p)
		}
	}
	return m
}

// placesAround yields the places that hold a file, the nearest first.
func placesAround(file string) func(func(string) bool) {
	return func(yield func(string) bool) {
		dir := path.Dir(file)
		if !yield(file) || !yield(dir+"/") {
			return
		}
		for _, d := range dirs.Above(dir) {
			if !yield(d) {
				return
			}
		}
	}
}

// findScaled finds which autoscaler scales which workload. In a tree of manifests, an autoscaler
// means the workload of the name that is nearest to it. The lock is held.
func (c *Cluster) findScaled() {
	c.scaled = map[*Pods]*lint.Object{}
	for key, scalers := range c.scalers {
		scale := func(l []*Pods, o *lint.Object) {
			for _, p := range l {
				if c.scaled[p] == nil {
					c.scaled[p] = o
				}
			}
		}
		targets := c.targets[key]
		if c.files == nil || len(targets) < 2 {
			scale(targets, scalers[0])
			continue
		}
		at, done := c.placesOf(targets), map[string]bool{}
		for _, o := range scalers {
			place, ok := c.nearestPlace(o, at)
			if ok && !done[place] {
				scale(at[place], o)
				done[place] = true
			}
		}
	}
}

// nearestPlace is the nearest of some places to an object that has workloads.
func (c *Cluster) nearestPlace(o *lint.Object, at map[string][]*Pods) (place string, ok bool) {
	for place := range placesAround(c.files[o]) {
		if len(at[place]) > 0 {
			return place, true
		}
	}
	return "", false
}

// SelectNear is Select for a selector of an object, such as a Service or a budget, without the
// workloads that the object does not mean. The directories of a tree of manifests are often
// deployed apart and have workloads with the same labels, such as the variants of an example.
// So if an object selects workloads of its own directory, it means those, and otherwise
// those of the nearest directory above it that has some, in itself or below.
func (c *Cluster) SelectNear(o *lint.Object, s selector.Selector) *Selection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.near(o, s)
}

// near is SelectNear while the lock is held.
func (c *Cluster) near(o *lint.Object, s selector.Selector) *Selection {
	all := c.selected(selection{o.Namespace, s.Text()}, s)
	dir := c.dirOf(o)
	if dir == "" || len(all.Pods) < 2 {
		return all
	}
	if all.parts == nil {
		all.parts = map[string]*Selection{}
		for _, p := range all.Pods {
			dir := c.dirOf(p.Object)
			all.add(dir+"/", dir, p)
			for _, d := range dirs.Above(dir) {
				all.add(d, dir, p)
			}
			if dir != "" {
				all.add("", dir, p)
			}
		}
	}
	if part := all.parts[dir+"/"]; part != nil {
		return part
	}
	for _, d := range dirs.Above(dir) {
		if part := all.parts[d]; part != nil {
			return part
		}
	}
	return all.parts[""] // of directories that have none above in common
}

// add adds the pods of a directory to a part.
func (s *Selection) add(key, from string, p *Pods) {
	part := s.parts[key]
	if part == nil {
		dir, only := strings.CutSuffix(key, "/")
		part = &Selection{Hooks: s.Hooks, dir: dir, below: !only, first: from}
		part.ports = sync.OnceValue(part.portNames)
		s.parts[key] = part
	}
	part.Spread = part.Spread || part.first != from
	part.Pods = append(part.Pods, p)
}

// isNear reports whether a Service means pods of a directory, if it selects them. The lock
// is held.
func (c *Cluster) isNear(s *Service, dir string) bool {
	if dir == "" {
		return true
	}
	if s.near == nil {
		s.near = c.near(s.Object, s.Selector)
	}
	switch n := s.near; {
	case n.dir == "" || n.dir == dir:
		return true
	case n.below:
		return n.dir == "." || strings.HasPrefix(dir, n.dir+"/")
	}
	return false
}

// First is the workload to name: of those of the object's own file the first, or else of all.
func (c *Cluster) First(o *lint.Object, l *Selection) *Pods {
	for _, p := range l.Pods {
		if c.SameFile(o, p.Object) {
			return p
		}
	}
	return l.Pods[0]
}
