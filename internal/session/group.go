package session

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/tree"
)

// group is paths that share a configuration.
type group struct {
	config *config.Config
	paths  []string
	// only is set if there is no other group.
	only bool
	// changed are the files of --files. They are nil if everything is linted.
	changed []string
	// cluster is the access of all units, if they are for one cluster.
	cluster access.OfCluster
}

// groups sorts paths by the configuration that is found from them upward. What
// is under a broken configuration is not linted: its problems are reported, and
// if nothing is left they are the error.
func (s *Session) groups(paths []string) (l []*group, problems []lint.Problem, err error) {
	byFile := map[string]*group{}
	for _, p := range orHere(paths) {
		file := s.configOf(p)
		if g := byFile[file]; g != nil {
			g.paths = append(g.paths, p)
			continue
		}
		c, broken := s.readConfig(file)
		g := &group{config: c, paths: []string{p}}
		byFile[file] = g
		problems = append(problems, broken...)
		if len(broken) > 0 {
			continue
		}
		if err := s.override(c); err != nil {
			return nil, nil, err
		}
		l = append(l, g)
	}
	if len(l) == 0 {
		return nil, nil, &ConfigError{problems}
	}
	l[0].only = len(byFile) == 1
	return l, problems, nil
}

// override puts the values of the command line in the place of a configuration's.
func (s *Session) override(c *config.Config) error {
	for _, o := range s.Overrides {
		if err := c.Set(o.Key, o.Value, "--"+o.Key); err != nil {
			return &UsageError{err}
		}
	}
	return nil
}

// Config is the configuration in force for a path.
func (s *Session) Config(paths []string) (*config.Config, error) {
	l, _, err := s.groups(paths)
	if err != nil {
		return nil, err
	}
	return l[0].config, nil
}

// configOf is the configuration for a path. Empty: there is none.
func (s *Session) configOf(p string) string {
	if s.ConfigFile != "" || s.NoConfig {
		return s.ConfigFile
	}
	file, ok := s.findConfig(stdinConfig(p))
	if !ok {
		return ""
	}
	return file
}

// readConfig reads a configuration; without a file everything has its default.
func (s *Session) readConfig(file string) (*config.Config, []lint.Problem) {
	if file == "" {
		return config.Default(), nil
	}
	return config.Load(file, s.readFile, config.Known{Rules: KnownRules(), Items: checklist.IDs()})
}

// isAbove reports whether the configuration was found in a folder above a path
// that is in no repository.
func (g *group) isAbove(s *Session) bool {
	if g.config.File == "" || s.ConfigFile != "" || s.dir != "" {
		return false
	}
	dir := tree.Resolve(filepath.Dir(filepath.FromSlash(g.config.File)))
	return slices.ContainsFunc(g.paths, func(p string) bool {
		if p = stdinConfig(p); tree.InRepository(p) {
			return false
		}
		at := tree.Resolve(p)
		return at != dir && filepath.Dir(at) != dir
	})
}

// configNotes report what of the configuration has no effect on a plan that
// covers it: paths that match nothing, and a Kubernetes version that is not known yet.
func (g *group) configNotes(plan *render.Plan) []lint.Problem {
	var l []lint.Problem
	if v := g.config.KubeVersion; v.Major > lint.Newest.Major || v.AtLeast(lint.Newest.Minor+1) {
		l = append(l, lint.Problem{
			Message: fmt.Sprintf("Kubernetes %s is newer than %s, the newest that this kubevet knows: what changed in between is not judged", v, lint.Newest),
		})
	}
	if g.config.File == "" || g.narrow() {
		return l
	}
	charts, all := plan.Names()
	for _, names := range [][]string{charts, all} {
		for i := range names {
			names[i], _ = g.config.Rel(names[i])
		}
	}
	return append(l, g.config.Unmatched(charts, all)...)
}

// narrow reports whether the paths are less than what the configuration is about.
func (g *group) narrow() bool {
	if g.changed != nil {
		return true
	}
	if g.config.File == "" {
		return false
	}
	for _, p := range g.paths {
		if name, ok := g.config.Rel(p); ok && name == "." {
			return false
		}
	}
	return true
}
