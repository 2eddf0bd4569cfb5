package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/cluster/netmap"
)

// Rendered is the text of the rendered documents of paths, each with where it
// came from: above it, or with lines before each line.
func (s *Session) Rendered(ctx context.Context, paths []string, lines bool) ([]byte, []lint.Problem, error) {
	if lines {
		return s.print(ctx, paths, modeLines, "")
	}
	return s.print(ctx, paths, modeRender, "")
}

// Coverage is the text that says which lines of the templates of charts no
// scenario reaches, and what keeps them from it.
func (s *Session) Coverage(ctx context.Context, paths []string) ([]byte, []lint.Problem, error) {
	return s.print(ctx, paths, modeCoverage, "\n")
}

// Network is the maps of what the network policies of paths allow, one for each unit.
// suggest adds policies for workloads without one.
func (s *Session) Network(ctx context.Context, paths []string, suggest bool) ([]*netmap.Map, []lint.Problem, error) {
	m := modeNetwork
	if suggest {
		m = modeSuggest
	}
	texts, problems, err := s.printed(ctx, paths, m)
	if err != nil {
		return nil, nil, err
	}
	var maps []*netmap.Map
	for _, text := range texts {
		unit := &netmap.Map{}
		if err := json.Unmarshal(text, unit); err != nil {
			return nil, nil, fmt.Errorf("reading a network map: %w", err)
		}
		if len(unit.Workloads) > 0 {
			maps = append(maps, unit)
		}
	}
	return maps, problems, nil
}

// Rights is who holds which powers, and who can become cluster-admin: of each unit, or of all
// together where the configuration has them in one cluster.
func (s *Session) Rights(ctx context.Context, paths []string) ([]*access.Rights, []lint.Problem, error) {
	var l []*access.Rights
	problems, err := s.each(ctx, paths, modeRights, func(g *group, texts [][]byte) error {
		facts, err := readFacts(texts)
		if err != nil {
			return err
		}
		facts = slices.DeleteFunc(facts, (*access.Facts).IsEmpty)
		if g.config.OneCluster && len(facts) > 0 {
			l = append(l, access.NewRights("one cluster", facts))
			return nil
		}
		for _, f := range facts {
			l = append(l, access.NewRights(f.Unit, []*access.Facts{f}))
		}
		return nil
	})
	return l, problems, err
}

// readFacts reads the access of units.
func readFacts(texts [][]byte) (facts []*access.Facts, err error) {
	for _, text := range texts {
		f := &access.Facts{}
		if err := json.Unmarshal(text, f); err != nil {
			return nil, fmt.Errorf("reading what roles give: %w", err)
		}
		facts = append(facts, f)
	}
	return facts, nil
}

// facts is the access of the units of a group, and the problems of reading them.
func (s *Session) facts(ctx context.Context, g *group) ([]*access.Facts, []lint.Problem, error) {
	texts, problems, err := s.textsOf(ctx, g, modeRights)
	if err != nil {
		return nil, nil, err
	}
	facts, err := readFacts(texts)
	return facts, problems, err
}

// textsOf is what the units of a group come to in a mode that prints, in order and without empty texts.
func (s *Session) textsOf(ctx context.Context, g *group, m mode) ([][]byte, []lint.Problem, error) {
	c, err := s.checkGroup(ctx, g, m)
	if err != nil {
		return nil, nil, err
	}
	var texts [][]byte
	for _, id := range slices.SortedFunc(maps.Keys(c.units), compareUnits) {
		if text := c.units[id].Text; len(text) > 0 {
			texts = append(texts, text)
		}
	}
	return texts, c.found().problems, nil
}

// print puts the texts of all units together, with a separator between them.
func (s *Session) print(ctx context.Context, paths []string, m mode, separator string) ([]byte, []lint.Problem, error) {
	texts, problems, err := s.printed(ctx, paths, m)
	return bytes.Join(texts, []byte(separator)), problems, err
}

// printed is what the units of paths come to in a mode that prints, without empty texts.
func (s *Session) printed(ctx context.Context, paths []string, m mode) ([][]byte, []lint.Problem, error) {
	var out [][]byte
	problems, err := s.each(ctx, paths, m, func(_ *group, texts [][]byte) error {
		out = append(out, texts...)
		return nil
	})
	return out, problems, err
}

// each takes the groups of paths through a mode that prints, and hands on what the units of each
// come to, in order and without empty texts.
func (s *Session) each(ctx context.Context, paths []string, m mode, do func(*group, [][]byte) error) ([]lint.Problem, error) {
	if err := s.valid(); err != nil {
		return nil, err
	}
	if err := explainPaths(paths); err != nil {
		return nil, err
	}
	groups, problems, err := s.groups(paths)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		texts, found, err := s.textsOf(ctx, g, m)
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
		if err := do(g, texts); err != nil {
			return nil, err
		}
	}
	return lint.NewReport(nil, problems, nil, lint.Summary{}).Problems, nil
}
