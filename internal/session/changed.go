package session

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/document"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// LintFiles lints what changed files belong to.
func (s *Session) LintFiles(ctx context.Context, files []string) (*Result, error) {
	known, err := s.readBaseline()
	if err != nil {
		return nil, err
	}
	if err := existingFiles(ctx, files); err != nil {
		return nil, err
	}
	return s.lintFiles(ctx, known, files)
}

// lintFiles lints what files belong to; they need not exist.
func (s *Session) lintFiles(ctx context.Context, known *known, files []string) (*Result, error) {
	groups, problems, err := s.groupsOfFiles(files)
	r, err := s.lintGroups(ctx, groups, problems, err)
	if err != nil {
		return nil, err
	}
	known.apply(r, files)
	return r, nil
}

// groupsOfFiles are the trees that changed files belong to: the tree below the
// configuration that is found from each file upward, else the repository that
// holds it. Each is narrowed to what the files are part of.
func (s *Session) groupsOfFiles(files []string) (l []*group, problems []lint.Problem, err error) {
	roots, byRoot, err := s.rootsOf(files)
	if err != nil {
		return nil, nil, err
	}
	for _, root := range roots {
		if byRoot[root] = used(root, byRoot[root]); len(byRoot[root]) == 0 {
			continue
		}
		groups, broken, err := s.groups([]string{root})
		if wrong, ok := errors.AsType[*ConfigError](err); ok {
			problems = append(problems, wrong.Problems...)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, broken...)
		for _, g := range groups {
			if !slices.ContainsFunc(byRoot[root], g.isConfig) { // everything depends on it
				g.changed = byRoot[root]
			}
		}
		l = append(l, groups...)
	}
	if len(l) == 0 && len(problems) > 0 {
		return nil, nil, &ConfigError{problems}
	}
	return l, problems, nil
}

// rootsOf sorts changed files by the directory to walk for what they belong to.
func (s *Session) rootsOf(files []string) (roots []string, byRoot map[string][]string, err error) {
	byRoot = map[string][]string{}
	for _, f := range files {
		if f == "-" {
			return nil, nil, usagef("--files: %q is no file; name the files that changed", f)
		}
		root, ok := s.rootOf(f)
		if !ok {
			continue
		}
		if !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
		byRoot[root] = append(byRoot[root], f)
	}
	return roots, byRoot, nil
}

// rootOf is the directory to walk for what a file belongs to.
func (s *Session) rootOf(file string) (root string, ok bool) {
	if s.ConfigFile == "" {
		if found, ok := s.findConfig(file); ok {
			return path.Dir(filepath.ToSlash(found)), true
		}
	}
	if s.workspace != "" && isBelow(s.workspace, file) && !tree.InRepository(file) {
		return narrower(s.workspace, file)
	}
	root, ok = render.Root(file)
	if ok && s.buffers != nil {
		return narrower(root, file)
	}
	return root, ok
}

// isConfig recognises the configuration among changed files, also a removed one.
func (g *group) isConfig(file string) bool {
	if IsConfigName(file) {
		return true
	}
	a, err1 := filepath.Abs(file)
	b, err2 := filepath.Abs(filepath.FromSlash(g.config.File))
	return g.config.File != "" && err1 == nil && err2 == nil && a == b
}

// IsConfigName reports whether a file has the name of a configuration.
func IsConfigName(file string) bool { return path.Base(filepath.ToSlash(file)) == config.FileName }

// markUnchanged gives findings of a unit, those of files that did not change as copies
// that are marked.
func markUnchanged(plan *render.Plan, unit *lint.Unit, findings []*lint.Finding) []*lint.Finding {
	out := make([]*lint.Finding, 0, len(findings))
	for _, f := range findings {
		places := []lint.Position{f.Origin.Position}
		for _, s := range f.Origin.Trail {
			places = append(places, s.Position)
		}
		for _, r := range f.Related {
			places = append(places, r.Position)
		}
		if !plan.Concerns(unit, places...) {
			g := *f
			g.Unchanged = true
			f = &g
		}
		out = append(out, f)
	}
	return out
}

// withoutUnchanged leaves out findings of files that did not change. Comments that
// ignore nothing are reported if everything was linted that they apply to. known is
// nil if the work did not end: what files are part of is not known then.
func withoutUnchanged(known *rest, findings []*lint.Finding) []*lint.Finding {
	return slices.DeleteFunc(findings, func(f *lint.Finding) bool {
		if len(f.Occurrences) > 0 {
			return f.Unchanged
		}
		if known == nil {
			return true
		}
		state := known.States[f.Origin.File]
		return !state.Concerns || f.Rule.ID != ignore.InvalidIgnore.ID && state.Shared
	})
}

// used are those of some changed files below a folder that may be a part of what
// is linted. The others are no manifests, are of no kind that rules look at, are in no
// chart, are led to by no link, and no manifest or kustomization mentions their names: nothing needs to be
// planned or built to know that a README is not deployed.
func used(root string, files []string) []string {
	mayBe := map[string]bool{} // by absolute path
	for _, f := range files {
		if mayBeUnused(root, f) {
			mayBe[tree.Resolve(f)] = true
		}
	}
	if len(mayBe) == 0 {
		return files
	}
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.Type()&fs.ModeSymlink != 0:
			target := tree.Resolve(name)
			for f := range mayBe {
				if f == target || strings.HasPrefix(f, target+string(filepath.Separator)) {
					delete(mayBe, f)
				}
			}
		case e.IsDir() && name != root && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules"):
			return fs.SkipDir
		case e.Type().IsRegular() && isManifestName(e.Name()):
			mentioned(name, mayBe)
		}
		if len(mayBe) == 0 {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return files // it is not known
	}
	return slices.DeleteFunc(slices.Clone(files), func(f string) bool { return mayBe[tree.Resolve(f)] })
}

// mayBeUnused reports whether a file is regular, no manifest and no other document by its
// name, and in no chart.
func mayBeUnused(root, file string) bool {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || isManifestName(file) || slices.Contains(builders, filepath.Base(file)) {
		return false
	}
	top := tree.Resolve(root)
	if _, ok := document.Find(inRepository(top, tree.Resolve(file)), func() []byte { return nil }); ok {
		return false
	}
	for dir := filepath.Dir(tree.Resolve(file)); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, "Chart.yaml")); !errors.Is(err, fs.ErrNotExist) {
			return false
		}
		if dir == top || dir == filepath.Dir(dir) {
			return true
		}
	}
}

func isManifestName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json", ".tgz":
		return true
	}
	return slices.Contains(kustomize.FileNames(), filepath.Base(name))
}

// mentioned takes out the files that a manifest or kustomization mentions.
func mentioned(name string, files map[string]bool) {
	text, err := tree.ReadFile(name)
	if err != nil {
		clear(files) // it is not known
		return
	}
	if !slices.Contains(kustomize.FileNames(), filepath.Base(name)) && !bytes.Contains(text, []byte("kind")) {
		return
	}
	for f := range files {
		if bytes.Contains(text, []byte(filepath.Base(f))) {
			delete(files, f)
		}
	}
}
