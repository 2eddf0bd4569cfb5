package branch

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// Reached is the parts of a chart's templates that one rendering reached.
type Reached struct {
	// Name is the name of the scenario.
	Name string
	// Nodes are the positions of the executed parts of a template, by file, in ascending
	// order.
	Nodes map[string][]int
	// Printed are the files that printed something.
	Printed map[string]bool
	// Keys are the values that the templates saw. Nil if there were none.
	Keys *values.Index
}

// Coverage is the parts of a chart's templates that its scenarios reached.
type Coverage struct {
	// Chart and Dir are the chart's name and path.
	Chart, Dir string
	// Scenarios are the names of the rendered scenarios.
	Scenarios []string
	// Files are the chart's own templates and helpers, by name.
	Files []FileCoverage
	// Subcharts are the chart's subcharts, one row for each, by name.
	Subcharts []FileCoverage

	unrendered []string
	nodes      map[string]map[int]bool // reached, by file
	blocks     []Block
}

// FileCoverage is the lines of a file, or of a subchart's files, that were reached.
type FileCoverage struct {
	// Name is the path of the file, or of the subchart's folder.
	Name string
	// Lines counts the lines that have text or an action. Reached counts those of them
	// that at least one scenario executed.
	Lines, Reached int
	// Printed is set if at least one scenario printed something from the file. Files of
	// helpers print nothing by themselves.
	Printed bool
	// NotEntered are the blocks that no scenario entered, in the order of their lines. Blocks
	// nested in them are not listed.
	NotEntered []Branch
}

// Branch is a block of a template that no scenario entered.
type Branch struct {
	lint.Position
	// Kind is if, with, range, else or define.
	Kind string
	// Condition is the source of the block's pipeline: .Values.metrics.enabled. For an
	// else it is the if, with or range that it belongs to, for a define its name.
	Condition string
	// Values are the keys in the condition, with their values.
	Values []Value
	// Lines counts the lines in the block that have text or an action.
	Lines int
}

// Value is a values key in a condition.
type Value struct {
	// Key is the key as a user sets it: metrics.enabled.
	Key string
	// Value is false, empty, unset, set and the like. If the scenarios differ, it is all
	// of these values, separated by |.
	Value string
}

// String is the branch as it is written in the template: if .Values.metrics.enabled.
func (b *Branch) String() string { return b.Kind + " " + b.Condition }

// Percent is the share of lines that were reached. It is 100 if there are no lines.
func (f *FileCoverage) Percent() float64 { return share(f.Reached, f.Lines) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * float64(part) / float64(whole)
}

// Percent is the share of lines of the chart's own templates that were reached.
func (c *Coverage) Percent() float64 { return share(c.Count()) }

// Count is how many lines of the chart's own templates were reached, and how many there
// are in total.
func (c *Coverage) Count() (reached, lines int) {
	for _, f := range c.Files {
		reached += f.Reached
		lines += f.Lines
	}
	return reached, lines
}

// Unrendered are the chart's own templates, without helpers and notes, that printed
// nothing in any scenario.
func (c *Coverage) Unrendered() []string { return c.unrendered }

// Unrendered are the chart's own templates that printed nothing in any of the renderings.
// Helpers, notes and templates with only comments are left out.
func Unrendered(files *ChartFiles, renderings []*Reached) []string {
	var l []string
	for _, f := range files.Files {
		if !strings.HasPrefix(f.Name, "templates/") || IsPartial(f.Name) || path.Base(f.Name) == "NOTES.txt" {
			continue
		}
		printed := slices.ContainsFunc(renderings, func(r *Reached) bool { return r.Printed[f.Path] })
		if !printed && len(bytes.TrimSpace(templateComment.ReplaceAll(f.Text, nil))) > 0 {
			l = append(l, f.Path)
		}
	}
	slices.Sort(l)
	return l
}

var templateComment = regexp.MustCompile(`(?s)\{\{-?\s*/\*.*?\*/\s*-?\}\}`)

// Adds reports whether a rendering reached parts of templates that are not in the
// coverage, and adds these. So of two renderings that reach the same parts, only the
// first one adds any. The counts remain those of the renderings passed to NewCoverage.
func (c *Coverage) Adds(r *Reached) bool {
	before := c.size()
	c.merge(r)
	return c.size() > before
}

func (c *Coverage) size() (n int) {
	for _, l := range c.nodes {
		n += len(l)
	}
	return n
}

func (c *Coverage) merge(r *Reached) {
	for file, l := range r.Nodes {
		if c.nodes[file] == nil {
			c.nodes[file] = make(map[int]bool, len(l))
		}
		for _, pos := range l {
			c.nodes[file][pos] = true
		}
	}
}

// NewCoverage merges the parts of a chart that several renderings reached.
func NewCoverage(name string, files *ChartFiles, renderings []*Reached) *Coverage {
	cov := &Coverage{Chart: name, Dir: files.Dir, unrendered: Unrendered(files, renderings), nodes: map[string]map[int]bool{}}
	printed := map[string]bool{}
	for _, r := range renderings {
		cov.Scenarios = append(cov.Scenarios, r.Name)
		cov.merge(r)
		for file := range r.Printed {
			printed[file] = true
		}
	}
	all := parseTemplates(files)
	cov.Files = all.cover(cov, files, renderings, printed)
	for _, sub := range files.Subs {
		row := FileCoverage{Name: sub.Dir}
		row.addAll(all, cov, sub, printed)
		cov.Subcharts = append(cov.Subcharts, row)
	}
	byName := func(a, b FileCoverage) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortFunc(cov.Files, byName)
	slices.SortFunc(cov.Subcharts, byName)
	slices.SortStableFunc(cov.blocks, func(a, b Block) int { return a.Compare(b.Position) })
	return cov
}

// Blocks are the blocks of the chart's own templates that no scenario entered, by
// position. Unlike NotEntered, they include nested blocks.
func (c *Coverage) Blocks() []Block { return c.blocks }

// maxConditions limits how deep a block may be nested in others that must be enabled too.
const maxConditions = 16

// Enable lists the changes to values each of which may make a block render: the one
// that does, if it is known, and otherwise one for each boolean on which the block's own
// condition depends.
func (b *Block) Enable(keys *values.Index) []Solution {
	if len(b.Conditions) > maxConditions {
		return nil
	}
	s := &Solver{Values: keys, Unset: IsToggle, Texts: true, StandIns: true, APIs: true}
	if found, ok := s.Solve(b.Conditions...); ok {
		return []Solution{found}
	}
	var l []Solution
	for _, steps := range b.keys() {
		v, _ := keys.At(steps)
		if flag, ok := v.(bool); ok {
			l = append(l, Solution{Set: []values.Setting{{Steps: steps, Value: !flag}}})
		}
	}
	return l
}

// addAll adds the files of a subchart, and of the subcharts below it, to its row.
func (f *FileCoverage) addAll(all *templates, cov *Coverage, s *ChartFiles, printed map[string]bool) {
	for _, g := range all.cover(&Coverage{nodes: cov.nodes}, s, nil, printed) {
		f.Lines += g.Lines
		f.Reached += g.Reached
		f.Printed = f.Printed || g.Printed
	}
	for _, sub := range s.Subs {
		f.addAll(all, cov, sub, printed)
	}
}

// cover compares the templates of one chart with the nodes that were reached.
func (all *templates) cover(cov *Coverage, s *ChartFiles, renderings []*Reached, printed map[string]bool) []FileCoverage {
	var l []FileCoverage
	for _, t := range all.files[s] {
		w := &walker{all: all, src: t.src, reached: cov.nodes[t.src.File], renderings: renderings, lines: map[int]bool{}}
		w.file(t)
		f := FileCoverage{Name: t.src.File, Lines: len(w.lines), Printed: printed[t.src.File], NotEntered: w.listed}
		for _, reached := range w.lines {
			if reached {
				f.Reached++
			}
		}
		slices.SortStableFunc(f.NotEntered, func(a, b Branch) int { return a.Compare(b.Position) })
		l = append(l, f)
		cov.blocks = append(cov.blocks, w.blocks...)
	}
	return l
}

// Print writes the coverage as a table of files. Under each file are the blocks that no
// scenario entered, and the reason.
func (c *Coverage) Print(out io.Writer) {
	reached, lines := c.Count()
	fmt.Fprintf(out, "%s: %d of %d template lines reached (%.1f %%) in: %s\n", c.Dir, reached, lines, c.Percent(), strings.Join(c.Scenarios, ", "))
	unrendered := c.Unrendered()
	row := func(f *FileCoverage, note string) {
		fmt.Fprintf(out, "%5.1f %%  %11s  %s%s\n", f.Percent(), fmt.Sprintf("%d/%d", f.Reached, f.Lines), strings.TrimPrefix(f.Name, c.Dir+"/"), note)
	}
	for i := range c.Files {
		f := &c.Files[i]
		note := ""
		if slices.Contains(unrendered, f.Name) {
			note = ": nothing was printed"
		}
		row(f, note)
		for j := range f.NotEntered {
			b := &f.NotEntered[j]
			fmt.Fprintf(out, "%25s line %d: %s (%s)\n", "", b.Line, trace.OneLine(b.String()), b.why())
		}
	}
	for i := range c.Subcharts {
		row(&c.Subcharts[i], ": subchart")
	}
}

// why is the known reason why a branch was not entered.
func (b *Branch) why() string {
	l := []string{lint.Count(b.Lines, "line")}
	for _, v := range b.Values {
		l = append(l, v.Key+" is "+v.Value)
	}
	return strings.Join(l, ", ")
}
