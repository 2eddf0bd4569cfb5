package session

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubevet/kubevet/internal/git"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/render/tree"
)

// Checklist lints paths with all rules and gives every item of the checklist its
// verdict.
func (s *Session) Checklist(ctx context.Context, paths []string) (*checklist.Input, *Result, error) {
	t := *s
	t.forChecklist = true
	t.Overrides = append([]Override{{Key: "profile", Value: lint.Strict.String()}}, s.Overrides...)
	known, err := t.readBaseline()
	if err != nil {
		return nil, nil, err
	}
	groups, problems, err := t.groups(paths)
	if err != nil {
		return nil, nil, err
	}
	in := &checklist.Input{AllRules: AllRules(), Now: t.Now}
	for _, g := range groups {
		if wrong := t.checkAttestations(g.config); len(wrong) > 0 {
			return nil, nil, &ConfigError{wrong}
		}
		for _, a := range g.config.Attestations {
			in.Attestations = append(in.Attestations, checklist.Attestation(a))
		}
		for _, e := range g.config.NotApplicable {
			in.Exemptions = append(in.Exemptions, checklist.Exemption(e))
		}
	}
	r, err := t.lintGroups(ctx, groups, problems, nil)
	if err != nil {
		return nil, nil, err
	}
	known.apply(r, paths)
	for _, g := range r.groups {
		in.View = in.View.With(g.view)
	}
	in.Revision = revisionOf(paths)
	in.Report, in.Rules, in.Kubernetes = r.Report(), r.ran(), groups[0].config.KubeVersion
	return in, r, nil
}

// checkMode is the mode of a run that checks.
func (s *Session) checkMode() mode {
	if s.forChecklist {
		return modeChecklist
	}
	return modeLint
}

// checkAttestations reports attestations that cannot be true: those of a day to
// come, and those whose evidence is a file that does not exist.
func (s *Session) checkAttestations(c *config.Config) []lint.Problem {
	var l []lint.Problem
	wrong := func(at lint.Position, format string, args ...any) {
		l = append(l, lint.Problem{Position: at, Code: lint.CodeInvalidConfig, Message: fmt.Sprintf(format, args...)})
	}
	for _, a := range c.Attestations {
		if a.Date.After(s.Now) {
			wrong(a.Position, "the attestation of %s has the date %s, which is in the future", a.Item, a.Date.Format(time.DateOnly))
		}
		if file, ok := evidenceFile(a.Evidence); ok && !s.hasEvidence(c.File, file) {
			wrong(a.Position, "the evidence for %s is not in the repository: %q", a.Item, a.Evidence)
		}
	}
	for _, e := range c.NotApplicable {
		if e.Date.After(s.Now) {
			wrong(e.Position, "%s is declared not applicable on %s, which is in the future", e.Item, e.Date.Format(time.DateOnly))
		}
	}
	return l
}

// evidenceFile is the file that evidence names. It is not ok for a link, and for
// words.
func evidenceFile(evidence string) (file string, ok bool) {
	if strings.Contains(evidence, "://") || strings.ContainsAny(evidence, " \t\n") {
		return "", false
	}
	file, _, _ = strings.Cut(evidence, "#")
	return file, strings.Contains(file, "/") || filepath.Ext(file) != ""
}

// hasEvidence reports whether a file exists beside a configuration.
func (s *Session) hasEvidence(configFile, name string) bool {
	if filepath.IsAbs(name) {
		return false
	}
	_, err := s.readFile(filepath.ToSlash(filepath.Join(filepath.Dir(filepath.FromSlash(configFile)), filepath.FromSlash(name))))
	return err == nil || errors.Is(err, tree.ErrTooLarge)
}

// revisionOf is the commit that the repository of some paths is at. It is empty if they
// are in none, or in several at different commits.
func revisionOf(paths []string) string {
	revision := ""
	for i, p := range orHere(paths) {
		if p == "-" {
			return ""
		}
		head, err := git.Head(p)
		if err != nil || i > 0 && head != revision {
			return ""
		}
		revision = head
	}
	return revision
}
