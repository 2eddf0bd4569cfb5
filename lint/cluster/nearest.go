package cluster

import (
	"path"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// DirOf is the directory of the file that an object is in.
func DirOf(p *lint.Pass, o *lint.Object) string { return path.Dir(fileOf(p, o)) }

func fileOf(p *lint.Pass, o *lint.Object) string { return p.Locate(o, o.Root.Get("kind")).File }

// Above lists a directory and those above it.
func Above(dir string) []string {
	l := []string{dir}
	for dir != path.Dir(dir) && path.Base(dir) != ".." {
		dir = path.Dir(dir)
		l = append(l, dir)
	}
	return l
}

// findFiles finds the files of the Services, budgets and workloads.
func (c *Cluster) findFiles(p *lint.Pass) {
	c.files = map[*lint.Object]string{}
	add := func(o *lint.Object) {
		if _, known := c.files[o]; !known {
			c.files[o] = fileOf(p, o)
		}
	}
	for _, s := range c.Services {
		add(s.Object)
	}
	for _, o := range c.Budgets {
		add(o)
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
			for _, d := range Above(dir) {
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
	for _, d := range Above(dir) {
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
