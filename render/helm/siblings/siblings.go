// Package siblings knows the charts of a tree by name and version, and which of them a dependency is.
package siblings

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/render/tree"
)

// ID is the name and the version of a chart.
type ID struct{ Name, Version string }

// IDOf reads a Chart.yaml. The name is empty if it has none or no version.
func IDOf(text []byte) ID {
	m := new(chart.Metadata)
	if yaml.Unmarshal(text, m) != nil || m.Version == "" {
		return ID{}
	}
	return ID{m.Name, m.Version}
}

// Charts are those of a tree.
type Charts struct {
	tree   *tree.Tree
	byID   map[ID][]string // their directories
	byName map[string][]known
	// foreign are the repositories with charts that the tree does not have.
	foreign map[string]bool
}

// known is a chart of the tree.
type known struct {
	dir  string
	meta *chart.Metadata
	// version is nil if the chart has none that Helm accepts.
	version *semver.Version
}

// Find reads the charts in some directories of a tree.
func Find(t *tree.Tree, dirs []string) *Charts {
	c := &Charts{tree: t, byID: map[ID][]string{}, byName: map[string][]known{}, foreign: map[string]bool{}}
	var all []known
	for _, dir := range dirs {
		m := metadata(t, dir)
		if m == nil {
			continue
		}
		k := known{dir: dir, meta: m}
		if v, err := semver.NewVersion(m.Version); err == nil {
			k.version = v
		}
		all = append(all, k)
		c.byName[m.Name] = append(c.byName[m.Name], k)
		c.byID[ID{m.Name, m.Version}] = append(c.byID[ID{m.Name, m.Version}], dir)
	}
	for _, k := range all {
		for _, d := range k.meta.Dependencies {
			if d != nil && d.Repository != "" && c.byName[d.Name] == nil {
				c.foreign[d.Repository] = true
			}
		}
	}
	return c
}

// metadata is the Chart.yaml in a directory, with the dependencies of the old requirements.yaml. Nil if it has no name or no version.
func metadata(t *tree.Tree, dir string) *chart.Metadata {
	m := new(chart.Metadata)
	text, err := t.ReadFile(path.Join(dir, "Chart.yaml"))
	if err != nil || yaml.Unmarshal(text, m) != nil || m.Name == "" || m.Version == "" {
		return nil
	}
	if text, err := t.ReadFile(path.Join(dir, "requirements.yaml")); err == nil {
		_ = yaml.Unmarshal(text, m) // loading the chart reports it
	}
	return m
}

// Dirs are the directories of the charts with a name and version.
func (c *Charts) Dirs(id ID) []string { return c.byID[id] }

// Named are the directories of the charts with a name.
func (c *Charts) Named(name string) (dirs []string) {
	for _, k := range c.byName[name] {
		dirs = append(dirs, k.dir)
	}
	return dirs
}

// Sibling is a chart of the tree that a dependency may be.
type Sibling struct {
	Dir, Version string
	// Locked is the version that Chart.lock names. It is empty if it is not known.
	Locked string
	// Fits is set if it is the one that the dependency is.
	Fits bool
}

// Of is the only chart of the tree with the name of a dependency and a version that it admits, and that is compatible with the one that
// Chart.lock names. If none has such a version, it is the only one with the name, which does not fit. The charts in above, which depend on
// it, are no candidates, and nor is one that wraps the chart of the same name from the same repository. The name alone says little where the
// repository has other charts than the tree: then the dependency must name the very version. ok is false if there is none, or more than one.
func (c *Charts) Of(d *chart.Dependency, lock *chart.Lock, above []string) (s Sibling, ok bool) {
	required, err := semver.NewConstraint(d.Version)
	if d.Version == "" || err != nil {
		return Sibling{}, false
	}
	pinned := locked(d.Name, lock)
	var fitting, others []known
	for _, k := range c.byName[d.Name] {
		switch {
		case slices.Contains(above, k.dir):
			if k.version != nil && required.Check(k.version) {
				return Sibling{}, false // in a circle
			}
		case k.wraps(d):
		case k.version == nil || !required.Check(k.version) || !isCompatible(k.version, pinned),
			c.foreign[d.Repository] && !isExact(d.Version, k.version):
			others = append(others, k)
		default:
			fitting = append(fitting, k)
		}
	}
	l := fitting
	if len(l) == 0 {
		l = others
	}
	if len(l) != 1 {
		return Sibling{}, false
	}
	s = Sibling{Dir: l[0].dir, Version: l[0].meta.Version, Fits: len(fitting) == 1}
	if pinned != nil {
		s.Locked = pinned.Original()
	}
	return s, true
}

// wraps reports whether a chart takes in a chart with its own name from the repository of a dependency.
func (k known) wraps(by *chart.Dependency) bool {
	return slices.ContainsFunc(k.meta.Dependencies, func(d *chart.Dependency) bool {
		return d != nil && d.Name == by.Name && d.Repository == by.Repository
	})
}

func isExact(constraint string, v *semver.Version) bool {
	exact, err := semver.NewVersion(constraint)
	return err == nil && exact.Equal(v)
}

// locked is the version that Chart.lock has of a dependency. Nil if it is not known.
func locked(name string, lock *chart.Lock) *semver.Version {
	if lock == nil {
		return nil
	}
	for _, d := range lock.Dependencies {
		if d != nil && d.Name == name {
			if v, err := semver.NewVersion(d.Version); err == nil {
				return v
			}
		}
	}
	return nil
}

// isCompatible reports whether a version is the one that is locked, or a later one that can take its place.
func isCompatible(v, locked *semver.Version) bool {
	if locked == nil || v.Equal(locked) {
		return true
	}
	later, err := semver.NewConstraint("^" + locked.String())
	return err == nil && later.Check(v)
}

// References are the directories of the charts that a chart takes in without a path: they are not in its charts folder, and the
// tree has them.
func (c *Charts) References(dir string) (dirs []string) {
	m := metadata(c.tree, dir)
	if m == nil || len(m.Dependencies) == 0 {
		return nil
	}
	return c.referencesOf(dir, m, func(*chart.Dependency) bool { return true })
}

// Placed are the directories of those to which a chart refers by file:// at a folder that has no chart: something puts them there before Helm runs.
func (c *Charts) Placed(dir string) (dirs []string) {
	m := metadata(c.tree, dir)
	if m == nil {
		return nil
	}
	return c.referencesOf(dir, m, func(d *chart.Dependency) bool {
		rel, ok := strings.CutPrefix(d.Repository, "file://")
		return ok && !path.IsAbs(rel) && !c.tree.Exists(path.Join(dir, rel, "Chart.yaml"))
	})
}

// referencesOf are the directories of the charts that some dependencies of a chart are, which its charts folder does not have.
func (c *Charts) referencesOf(dir string, m *chart.Metadata, is func(*chart.Dependency) bool) (dirs []string) {
	lock := c.lock(dir)
	inCharts, _ := c.tree.ReadDir(path.Join(dir, "charts")) // most charts have none
	for _, d := range m.Dependencies {
		isThere := func(e fs.DirEntry) bool { return e.Name() == d.Name || strings.HasPrefix(e.Name(), d.Name+"-") } // or name-1.0.0.tgz
		if d == nil || slices.ContainsFunc(inCharts, isThere) || !is(d) {
			continue
		}
		if s, ok := c.Of(d, lock, []string{dir}); ok && s.Fits {
			dirs = append(dirs, s.Dir)
		}
	}
	return dirs
}

// lock reads the Chart.lock in a directory, or the older requirements.lock. Nil if there is none.
func (c *Charts) lock(dir string) *chart.Lock {
	for _, base := range []string{"Chart.lock", "requirements.lock"} {
		l := new(chart.Lock)
		if text, err := c.tree.ReadFile(path.Join(dir, base)); err == nil && yaml.Unmarshal(text, l) == nil {
			return l
		}
	}
	return nil
}
