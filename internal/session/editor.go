package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
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
	if err != nil {
		return nil, err
	}
	r, err := s.run(ctx, groups)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("linting %s: %w", strings.Join(files, ", "), err)
	}
	r.problems = slices.Concat(problems, broken)
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
