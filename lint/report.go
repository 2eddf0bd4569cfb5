package lint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// Summary counts what was looked at.
type Summary struct {
	Files     int `json:",omitzero"` // files read
	Manifests int `json:",omitzero"` // plain files that hold Kubernetes objects
	Charts    int `json:",omitzero"`
	Scenarios int `json:",omitzero"` // renderings of charts
	Overlays  int `json:",omitzero"`
	Documents int `json:",omitzero"` // files that rules look at and that hold no Kubernetes objects
	Objects   int `json:",omitzero"` // in all units
	// Skipped is files that hold no Kubernetes objects, or are no YAML and do
	// not look like a manifest.
	Skipped []Skip `json:",omitzero"`
	// Unrendered is templates from which no scenario of their chart printed anything.
	Unrendered []string `json:",omitzero"`
	// Rendered is templates from which an object that installs a chart prints something: they are not among Unrendered. It is empty in a report.
	Rendered []string `json:",omitzero"`
	// Configs are configurations that were found in a folder above a path that is
	// in no repository: anyone who owns that folder chose what is checked.
	Configs []string `json:",omitzero"`
	// Findings counts by severity.
	Findings Tally `json:",omitzero"`
	// Ignored counts what Findings leaves out.
	Ignored  int `json:",omitzero"`
	Problems int `json:",omitzero"`
	// Interrupted is set if the run was ended before its time: then findings may
	// be missing, and a Problem says of what.
	Interrupted bool `json:",omitzero"`
}

// Add adds what another run looked at. Findings and problems are counted by NewReport.
func (s *Summary) Add(t Summary) {
	s.Files += t.Files
	s.Manifests += t.Manifests
	s.Charts += t.Charts
	s.Scenarios += t.Scenarios
	s.Overlays += t.Overlays
	s.Documents += t.Documents
	s.Objects += t.Objects
	s.Skipped = append(s.Skipped, t.Skipped...)
	s.Unrendered, s.Rendered = append(s.Unrendered, t.Unrendered...), append(s.Rendered, t.Rendered...)
	for _, c := range t.Configs {
		if !slices.Contains(s.Configs, c) {
			s.Configs = append(s.Configs, c)
		}
	}
	s.Interrupted = s.Interrupted || t.Interrupted
}

// dropRendered takes from the templates from which no scenario of a chart prints anything those from which an installed one does.
func (s *Summary) dropRendered() {
	rendered := map[string]bool{}
	for _, name := range s.Rendered {
		rendered[name] = true
	}
	s.Unrendered, s.Rendered = slices.DeleteFunc(slices.Clone(s.Unrendered), func(name string) bool { return rendered[name] }), nil
}

// Skip is a file that was skipped, and why.
type Skip struct {
	File, Reason string `json:",omitzero"`
}

// Report is what a run found: the same bytes for the same input, whatever the
// number of workers.
type Report struct {
	Findings []*Finding `json:",omitzero"`
	// Ignored are the findings that the team has chosen to live with. They are
	// not among Findings.
	Ignored  []*Finding `json:",omitzero"`
	Problems []Problem  `json:",omitzero"`
	// Accepted are problems that the team lives with. They are not among Problems.
	Accepted []Problem `json:",omitzero"`
	// Notes are facts worth reporting that need no action: a Kubernetes version
	// that was picked for a chart.
	Notes   []Problem `json:",omitzero"`
	Summary Summary   `json:",omitzero"`

	// stored are the findings of a report that has very many, in place of Findings and
	// Ignored. It is nil if these are all.
	stored Stored
}

// Stored is the findings of a report that are too many to be held as they are: see package store.
type Stored interface {
	// All yields the findings that are not ignored, or those that are.
	All(ignored bool) iter.Seq[*Finding]
	// Files yields the findings of each file that are not ignored.
	Files() []iter.Seq[*Finding]
	// Count counts the findings, and says whether one of them fails.
	Count() (tally Tally, ignored int, fails bool)
	// With is the findings with one more change to each.
	With(change func(*Finding) *Finding) Stored
}

// Storing is the report with findings that are stored in place of its own.
func (r *Report) Storing(s Stored) *Report {
	c := *r
	c.Findings, c.Ignored, c.stored = nil, nil, s
	c.Summary.Findings, c.Summary.Ignored, _ = s.Count()
	return &c
}

// All yields the findings, as Findings has them. It is for reports that may have more
// than fit into memory: see Stored.
func (r *Report) All() iter.Seq[*Finding] {
	if r.stored == nil {
		return slices.Values(r.Findings)
	}
	return r.stored.All(false)
}

// AllIgnored is All for the ignored findings.
func (r *Report) AllIgnored() iter.Seq[*Finding] {
	if r.stored == nil {
		return slices.Values(r.Ignored)
	}
	return r.stored.All(true)
}

// Files are what All yields, file by file. They are nil if the report has no more findings than fit
// into memory.
func (r *Report) Files() []iter.Seq[*Finding] {
	if r.stored == nil {
		return nil
	}
	return r.stored.Files()
}

// Tally counts the findings that All yields.
func (r *Report) Tally() (t Tally) {
	if r.stored != nil {
		t, _, _ = r.stored.Count()
		return t
	}
	for _, f := range r.Findings {
		t[f.Severity]++
	}
	return t
}

// CountIgnored counts the findings that AllIgnored yields.
func (r *Report) CountIgnored() int {
	if r.stored != nil {
		_, ignored, _ := r.stored.Count()
		return ignored
	}
	return len(r.Ignored)
}

// Whole is the report with all findings in Findings and Ignored.
func (r *Report) Whole() *Report {
	if r.stored == nil {
		return r
	}
	return r.Having(slices.Collect(r.All()), slices.Collect(r.AllIgnored()))
}

// Having is the report with these findings in place of its own. Its summary stays.
func (r *Report) Having(findings, ignored []*Finding) *Report {
	c := *r
	c.Findings, c.Ignored, c.stored = findings, ignored, nil
	return &c
}

// Changed is the report with what a function makes of each finding, and with the same
// else. The function must not change what it is given.
func (r *Report) Changed(change func(*Finding) *Finding) *Report {
	c := *r
	if r.stored != nil {
		c.stored = r.stored.With(change)
	}
	changed := func(l []*Finding) (out []*Finding) {
		for _, f := range l {
			out = append(out, change(f))
		}
		return out
	}
	c.Findings, c.Ignored = changed(r.Findings), changed(r.Ignored)
	return &c
}

// Tool is what made a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Rules is how many rules there were. RuleSet is another text whenever they are others.
	Rules   int    `json:"rules"`
	RuleSet string `json:"ruleSet"`
	// Kubernetes is the version that the input was checked for. It is empty if parts of
	// the input were checked for different ones.
	Kubernetes string `json:"kubernetes,omitempty"`
}

// NewTool is this program with some rules. The caller sets the versions.
func NewTool(rules []*Rule) Tool {
	h := sha256.New()
	for _, r := range rules {
		fmt.Fprintln(h, r.ID)
	}
	return Tool{Name: "kubevet", Rules: len(rules), RuleSet: hex.EncodeToString(h.Sum(nil)[:6])}
}

// NewReport merges findings at one place with one cause, sorts, and counts. Those
// that are ignored are merged among themselves. The findings that are given do not
// change: the report holds copies of those that merging or masking changes.
func NewReport(findings []*Finding, problems, notes []Problem, s Summary) *Report {
	r := newReport(problems, notes, s)
	r.Findings, r.Ignored = MergeAll(findings)
	r.Summary.Findings, r.Summary.Ignored = r.Tally(), len(r.Ignored)
	return r
}

// newReport is a report without findings.
func newReport(problems, notes []Problem, s Summary) *Report {
	var open, accepted []Problem
	for _, p := range problems {
		if p.Accepted == nil {
			open = append(open, p)
		} else {
			accepted = append(accepted, p)
		}
	}
	r := &Report{Problems: uniqueProblems(open), Accepted: uniqueProblems(accepted), Notes: uniqueProblems(notes), Summary: s}
	r.Summary.Problems = len(r.Problems)
	r.Summary.dropRendered()
	slices.Sort(r.Summary.Unrendered)
	slices.SortFunc(r.Summary.Skipped, func(a, b Skip) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Reason, b.Reason))
	})
	return r
}

// uniqueProblems lists each problem once, with details if any is known.
func uniqueProblems(l []Problem) []Problem {
	l = slices.Clone(l)
	for i := range l {
		l[i] = l[i].Safe()
	}
	slices.SortFunc(l, func(a, b Problem) int {
		return cmp.Or(a.Compare(b.Position), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message), cmp.Compare(b.Detail, a.Detail), cmp.Compare(a.Help, b.Help))
	})
	l = slices.CompactFunc(l, func(a, b Problem) bool {
		return a.Position == b.Position && a.Message == b.Message
	})
	return oncePerTemplate(l)
}

// oncePerTemplate lists a file once that another program fills in: each of its documents may be broken, and it may be read as a
// manifest and as a part of an overlay. Of several problems at the first line it is the one that says most. The list is sorted.
func oncePerTemplate(l []Problem) []Problem {
	kept := l[:0]
	first := map[string]int{} // by the file
	for _, p := range l {
		if p.Help != TemplateHelp {
			kept = append(kept, p)
			continue
		}
		i, known := first[p.File]
		switch {
		case !known:
			first[p.File] = len(kept)
			kept = append(kept, p)
		case kept[i].Line == p.Line && len(kept[i].Message) < len(p.Message):
			kept[i] = p
		}
	}
	return kept
}

// Exit codes of the program.
const (
	ExitClean    = 0 // nothing at or above the threshold
	ExitFindings = 1 // findings at or above the threshold
	ExitUsage    = 2 // wrong usage or config
	ExitProblems = 3 // something could not be checked, or nothing was
)

// ExitCode is what the program returns. What could not be checked counts more
// than what was found: an incomplete run is no verdict.
func (r *Report) ExitCode() int {
	fails := false
	if r.stored != nil {
		_, _, fails = r.stored.Count()
	}
	switch {
	case len(r.Problems) > 0:
		return ExitProblems
	case fails, slices.ContainsFunc(r.Findings, func(f *Finding) bool { return f.Fails }):
		return ExitFindings
	}
	return ExitClean
}

// Count gives "1 finding" or "3 findings". many is the plural; without it, one
// with an s is.
func Count(n int, one string, many ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(many) > 0:
		return strconv.Itoa(n) + " " + many[0]
	}
	return strconv.Itoa(n) + " " + one + "s"
}
