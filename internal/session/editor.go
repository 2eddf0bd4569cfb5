package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/store"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/tree"
)

// Edited is what linting files that are open in an editor came to.
type Edited struct {
	Report *lint.Report
	// Reads reports whether a file, as the report names it, went into it.
	Reads func(file string) bool
	// Read reads a file that the report names.
	Read func(file string) ([]byte, error)
}

// LintEdited lints what files belong to that are open in an editor. The buffers
// are the texts of all open files. Of an open configuration only itself is checked.
func (s *Session) LintEdited(ctx context.Context, files []string, buffers map[string][]byte) (*Edited, error) {
	known, err := s.readBaseline()
	if err != nil {
		return nil, err
	}
	s = s.with(buffers, files)
	s.edits = true
	var others []string
	var problems []lint.Problem
	for _, f := range files {
		if !IsConfigName(f) {
			others = append(others, f)
			continue
		}
		_, broken := s.readConfig(f)
		problems = append(problems, broken...)
	}
	groups, broken, err := s.groupsOfFiles(others)
	if wrong, ok := errors.AsType[*ConfigError](err); ok {
		broken, err = wrong.Problems, nil
	}
	r, err := s.lintGroups(ctx, groups, slices.Concat(problems, broken), err)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("linting %s: %w", strings.Join(files, ", "), err)
	}
	known.apply(r, files)
	return &Edited{
		Report: r.Report(),
		Reads: func(file string) bool {
			return slices.ContainsFunc(r.groups, func(o *outcome) bool { return o.reads.has(file) })
		},
		Read: s.buffers.ReadFile,
	}, nil
}

// has reports whether a file went into the work. Where that is not known, it did.
func (r *rest) has(file string) bool {
	return r == nil || slices.Contains(r.ReadFiles, file) ||
		slices.ContainsFunc(r.ReadDirs, func(d string) bool { return d == "." || file == d || strings.HasPrefix(file, d+"/") })
}

// LintAs lints what a file belongs to, with standard input in its place, and keeps
// the findings that are in that file or whose trail leads there.
func (s *Session) LintAs(ctx context.Context, name string) (*Result, error) {
	switch info, err := os.Stat(name); {
	case name == "" || name == "-":
		return nil, usagef("--stdin-filename: %q is no file; name the one that standard input takes the place of", name)
	case err == nil && !info.Mode().IsRegular():
		return nil, usagef("--stdin-filename: %s is no file", name)
	}
	text, err := s.readStdin(ctx)
	if ctx.Err() != nil {
		return nil, errors.New("interrupted while reading standard input: nothing was checked")
	}
	if err != nil {
		return nil, fmt.Errorf("reading standard input: %w", err)
	}
	s = s.with(map[string][]byte{name: text}, []string{name})
	known, err := s.readBaseline()
	if err != nil {
		return nil, err
	}
	r, err := s.lintFiles(ctx, known, []string{name})
	if err != nil {
		return nil, err
	}
	is, lines := sameFile(name), linesOf(name, s.buffers)
	for _, g := range r.groups {
		l, err := g.findings.List()
		if err != nil {
			return nil, err
		}
		g.findings = &store.Store{}
		g.findings.Add(seenFrom(l, name, is, lines)) // of all together: it looks for lines with secrets
	}
	return r, nil
}

// seenFrom keeps the findings that are in a file, or whose trail leads there.
func seenFrom(findings []*lint.Finding, name string, is func(string) bool, lines []string) []*lint.Finding {
	findings = lint.SeenFrom(findings, is, func(n int) string {
		if n < 1 || n > len(lines) {
			return ""
		}
		return lines[n-1]
	})
	if filepath.IsAbs(name) {
		return findings
	}
	for i, f := range findings { // a link leads to the file, or it is one
		named := *f
		named.Origin.File = filepath.ToSlash(filepath.Clean(name))
		findings[i] = &named
	}
	return findings
}

// findConfig finds the configuration for a path: on disk, or one that is being
// written and not there yet.
func (s *Session) findConfig(name string) (file string, ok bool) {
	if s.dir != "" {
		found, ok := config.Find(filepath.Join(s.dir, filepath.FromSlash(name)))
		if !ok {
			return "", false
		}
		rel, err := filepath.Rel(s.dir, filepath.FromSlash(found))
		return filepath.ToSlash(rel), err == nil
	}
	file, ok = config.Find(name)
	depth := -1
	if ok {
		depth = len(tree.Resolve(filepath.Dir(filepath.FromSlash(file))))
	}
	at := tree.Resolve(name)
	for _, e := range s.edited {
		if _, err := os.Stat(e); err == nil || !IsConfigName(e) {
			continue
		}
		dir := filepath.Dir(tree.Resolve(e))
		rel, err := filepath.Rel(dir, at)
		if err == nil && filepath.IsLocal(rel) && len(dir) > depth {
			file, ok, depth = filepath.ToSlash(e), true, len(dir)
		}
	}
	return file, ok
}

// narrower is the directory in which to look for what an edited file belongs to,
// where that is no repository but all that a person has: the topmost chart or
// overlay that holds the file, or else the file's own directory. A person would not
// wait until a home directory has been searched. ok is false if nothing is left to look in.
func narrower(root, file string) (dir string, ok bool) {
	wide := tree.Resolve(root)
	if _, err := os.Lstat(filepath.Join(wide, ".git")); err == nil || !isWide(wide) {
		return root, true
	}
	found := ""
	for at := filepath.Dir(tree.Resolve(file)); at != wide && at != filepath.Dir(at); at = filepath.Dir(at) {
		if found == "" || render.IsInput(at) {
			found = at
		}
	}
	return found, found != ""
}

// isWide reports whether a directory holds too much to be searched for an edited file.
func isWide(dir string) bool {
	home, err := os.UserHomeDir()
	return dir == filepath.Dir(dir) || dir == tree.Resolve(os.TempDir()) || err == nil && dir == tree.Resolve(home)
}

// isBelow reports whether a directory holds a file, which need not exist.
func isBelow(dir, file string) bool {
	rel, err := filepath.Rel(tree.Resolve(dir), tree.Resolve(file))
	return err == nil && filepath.IsLocal(rel)
}

// sameFile returns a function that reports whether a name leads to the same file.
func sameFile(name string) func(string) bool {
	want := tree.Resolve(name)
	known := map[string]bool{"": false}
	return func(file string) bool {
		same, ok := known[file]
		if !ok {
			same = tree.Resolve(filepath.FromSlash(file)) == want
			known[file] = same
		}
		return same
	}
}

// linesOf are the lines of a file without their ends. They are nil if it cannot be
// read.
func linesOf(name string, buffers *tree.Buffers) []string {
	text, err := buffers.ReadFile(name)
	if err != nil {
		return nil
	}
	var l []string
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		l = append(l, strings.TrimRight(line, "\r\n"))
	}
	return l
}

// withBuffers lays the buffers over what is rendered. A chart that holds a file
// of values which none of its scenarios reads is rendered with it too.
func (s *Session) withBuffers(opts *render.Options) {
	opts.Buffers = s.buffers
	if len(s.edited) == 0 {
		return
	}
	everywhere := func(file string) bool { // scenarios of all charts
		is := sameFile(file)
		return slices.ContainsFunc(opts.Scenarios, func(s render.Scenario) bool { return slices.ContainsFunc(s.Values, is) })
	}
	configured := opts.Chart
	opts.Chart = func(dir string) render.ChartOptions {
		var o render.ChartOptions
		if configured != nil {
			o = configured(dir)
		}
		for _, file := range s.edited {
			if name, ok := ownValues(dir, file); ok && !reads(o, name) && !everywhere(file) {
				o.Scenarios = append(slices.Clip(o.Scenarios), render.Scenario{Name: name, Values: []string{name}})
			}
		}
		return o
	}
}

// ownValues is the name within a chart of a file that holds values for it, but
// is neither its values.yaml nor one of its tests'.
func ownValues(chart, file string) (name string, ok bool) {
	rel, err := filepath.Rel(tree.Resolve(filepath.FromSlash(chart)), tree.Resolve(file))
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	name = filepath.ToSlash(rel)
	base, ext := path.Base(name), path.Ext(name)
	top, _, nested := strings.Cut(name, "/")
	switch {
	case ext != ".yaml" && ext != ".yml", !strings.Contains(base, "values"), name == "values.yaml":
		return "", false
	case nested && slices.Contains([]string{"charts", "ci", "crds", "templates"}, top):
		return "", false
	}
	return name, true
}

// reads reports whether a scenario of a chart reads a file of its directory.
func reads(o render.ChartOptions, name string) bool {
	return slices.ContainsFunc(o.Scenarios, func(s render.Scenario) bool {
		return slices.ContainsFunc(s.Values, func(v string) bool { return path.Clean(v) == name })
	})
}
