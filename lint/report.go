package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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
	s.Unrendered = append(s.Unrendered, t.Unrendered...)
	for _, c := range t.Configs {
		if !slices.Contains(s.Configs, c) {
			s.Configs = append(s.Configs, c)
		}
	}
	s.Interrupted = s.Interrupted || t.Interrupted
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
	// Notes are facts worth telling that need no action: a Kubernetes version
	// that was picked for a chart.
	Notes   []Problem `json:",omitzero"`
	Summary Summary   `json:",omitzero"`
}

// NewReport merges findings at one place with one cause, sorts, and counts. Those
// that are ignored are merged among themselves. The findings that are given do not
// change: the report holds copies of those that merging or masking changes.
func NewReport(findings []*Finding, problems, notes []Problem, s Summary) *Report {
	var reported, ignored []*Finding
	for _, f := range findings {
		if f.Ignored == nil {
			reported = append(reported, f)
		} else {
			ignored = append(ignored, f)
		}
	}
	var open, accepted []Problem
	for _, p := range problems {
		if p.Accepted == nil {
			open = append(open, p)
		} else {
			accepted = append(accepted, p)
		}
	}
	r := &Report{
		Findings: merge(reported), Ignored: merge(ignored),
		Problems: uniqueProblems(open), Accepted: uniqueProblems(accepted), Notes: uniqueProblems(notes), Summary: s,
	}
	maskLines(r.Findings, r.Ignored)
	for _, f := range r.Findings {
		r.Summary.Findings[f.Severity]++
	}
	r.Summary.Ignored = len(r.Ignored)
	r.Summary.Problems = len(r.Problems)
	slices.Sort(r.Summary.Unrendered)
	slices.SortFunc(r.Summary.Skipped, func(a, b Skip) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Reason, b.Reason))
	})
	return r
}

func uniqueProblems(l []Problem) []Problem {
	l = slices.Clone(l)
	for i := range l {
		l[i] = l[i].Safe()
	}
	slices.SortFunc(l, func(a, b Problem) int {
		return cmp.Or(a.Compare(b.Position), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Help, b.Help), cmp.Compare(a.Detail, b.Detail))
	})
	return slices.CompactFunc(l, func(a, b Problem) bool {
		return a.Position == b.Position && a.Message == b.Message
	})
}

// Exit codes of the program.
const (
	ExitClean    = 0 // nothing at or above the threshold
	ExitFindings = 1 // findings at or above the threshold
	ExitUsage    = 2 // wrong usage or config
	ExitProblems = 3 // something could not be checked, or nothing was
)

// ExitCode is what the program returns. What could not be checked weighs more
// than what was found: an incomplete run is no verdict.
func (r *Report) ExitCode() int {
	switch {
	case len(r.Problems) > 0:
		return ExitProblems
	case slices.ContainsFunc(r.Findings, func(f *Finding) bool { return f.Fails }):
		return ExitFindings
	}
	return ExitClean
}

// cause is equal for findings with one cause: one rule at one place, ignored for
// one reason. Without a line the place is not known, and each field of each object
// has a cause of its own.
type cause struct {
	rule    string
	at      Position
	ignored Ignored
	// What follows is set where the place has no line.
	object                   ObjectRef
	container, path, message string
}

func causeOf(f *Finding) cause {
	c := cause{rule: f.Rule.ID, at: f.Origin.Position}
	if f.Ignored != nil {
		c.ignored = *f.Ignored
	}
	if f.Origin.Line == 0 || f.Object == (ObjectRef{}) {
		c.object, c.container, c.path, c.message = f.Object, f.Container, f.StablePath(), f.Message
	}
	return c
}

// merge gives one finding for each cause, sorted. Findings do not change: of those that
// would, there are copies.
func merge(findings []*Finding) []*Finding {
	findings = slices.Clone(findings)
	slices.SortFunc(findings, compareFindings)
	var out []*Finding
	for len(findings) > 0 {
		n := 1
		for n < len(findings) && findings[n].Origin.Position == findings[0].Origin.Position {
			n++
		}
		out = mergeRun(out, findings[:n])
		findings = findings[n:]
	}
	return out
}

// mergeRun appends what the findings of one place merge to.
func mergeRun(out, run []*Finding) []*Finding {
	if len(run) == 1 {
		return append(out, together(run))
	}
	byCause := map[cause][]*Finding{}
	var causes []cause
	for _, f := range run {
		c := causeOf(f)
		if byCause[c] == nil {
			causes = append(causes, c)
		}
		byCause[c] = append(byCause[c], f)
	}
	for _, c := range causes {
		out = append(out, together(byCause[c]))
	}
	return out
}

// together makes one finding of those with one cause. The first one is the worst.
func together(l []*Finding) *Finding {
	if len(l) == 1 && l[0].isWhole() {
		return l[0]
	}
	f := *l[0]
	f.Occurrences = nil
	for _, g := range l {
		f.agreeWith(g)
	}
	f.Message = commonMessage(l)
	f.takeOccurrences(l)
	if f.Message == "" {
		f.Message = f.Rule.titleInSentence()
	}
	return &f
}

// agreeWith makes a finding say what is true of another one of its cause, too: the worse
// of both, and nothing that they do not have in common.
func (f *Finding) agreeWith(g *Finding) {
	f.Severity = min(f.Severity, g.Severity)
	f.Fails = f.Fails || g.Fails
	f.Advisory = f.Advisory && g.Advisory
	if g.Secret && (!f.Secret || len(g.Origin.Text) < len(f.Origin.Text)) {
		f.Secret, f.Origin.Text = true, g.Origin.Text // masked
	}
	if g.Container != f.Container {
		f.Container = ""
	}
	f.Fix = f.Fix.common(g.Fix, f.Rule)
	if g.Origin.Precision > f.Origin.Precision {
		f.Origin.Precision = g.Origin.Precision
	}
}

// takeOccurrences gives a finding the occurrences of others, sorted and each once. The
// first one names the object, path and fingerprint. The message must be set before: an
// occurrence has one of its own where the finding has none.
func (f *Finding) takeOccurrences(l []*Finding) {
	for _, g := range l {
		f.Occurrences = append(f.Occurrences, g.occurrences(f)...)
	}
	slices.SortFunc(f.Occurrences, compareOccurrences)
	f.Occurrences = slices.CompactFunc(f.Occurrences, func(a, b Occurrence) bool { return compareOccurrences(a, b) == 0 })
	if len(f.Occurrences) > 0 {
		o := f.Occurrences[0]
		f.Object, f.Path, f.Fingerprint = o.Object, o.Path, o.Fingerprint
	}
}

// isWhole reports whether a finding that is alone needs no change: it says itself what
// its only occurrence says.
func (f *Finding) isWhole() bool {
	if f.Message == "" || len(f.Occurrences) != 1 {
		return false
	}
	o := f.Occurrences[0]
	return o.Object == f.Object && o.Container == f.Container && o.Path == f.Path && o.Fingerprint == f.Fingerprint && o.Message == "" && o.Trail == nil
}

// commonMessage is what findings have in common to say. Empty: nothing.
func commonMessage(l []*Finding) string {
	first := l[0]
	same, sameRest := true, first.Subject != ""
	rest := strings.TrimPrefix(first.Message, first.Subject)
	containers := map[string]bool{}
	for _, f := range l {
		same = same && f.Message == first.Message
		sameRest = sameRest && f.Subject != "" && strings.TrimPrefix(f.Message, f.Subject) == rest
		containers[f.Object.String()+"\x00"+f.Container] = true
	}
	switch {
	case same:
		return first.Message
	case sameRest && len(containers) > 1:
		return fmt.Sprintf("each of %d containers%s", len(containers), rest)
	}
	return ""
}

// titleInSentence is the rule's title without its capital letter, which acronyms keep.
func (r *Rule) titleInSentence() string {
	first, size := utf8.DecodeRuneInString(r.Title)
	second, _ := utf8.DecodeRuneInString(r.Title[size:])
	if unicode.IsUpper(second) {
		return r.Title
	}
	return string(unicode.ToLower(first)) + r.Title[size:]
}

// occurrences are those of a finding, each with all that the finding it becomes part
// of does not say.
func (f *Finding) occurrences(of *Finding) []Occurrence {
	l := slices.Clone(f.Occurrences)
	for i := range l {
		o := &l[i]
		if o.Fingerprint != "" && (len(l) > 1 || o.Message != "" || o.Trail != nil) { // a finding that was put together before
			continue
		}
		o.Container, o.Path, o.Fingerprint = f.Container, f.Path, f.Fingerprint
		if of.Message == "" {
			o.Message = f.Message
		}
		if !slices.Equal(f.Origin.Trail, of.Origin.Trail) {
			o.Trail = f.Origin.Trail
		}
	}
	return l
}

// compareOccurrences orders by object first. Equal ones show the same.
func compareOccurrences(a, b Occurrence) int {
	return cmp.Or(
		a.Object.Compare(b.Object),
		cmp.Compare(a.Input, b.Input), cmp.Compare(a.Scenario, b.Scenario),
		cmp.Compare(a.Container, b.Container), cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Message, b.Message), cmp.Compare(a.Fingerprint, b.Fingerprint),
	)
}

// compareFindings orders findings by their places first. It is called many times, so that
// it compares no more than it must.
func compareFindings(a, b *Finding) int {
	if c := a.Origin.Compare(b.Origin.Position); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Severity, b.Severity); c != 0 {
		return c
	}
	if c := strings.Compare(a.Rule.ID, b.Rule.ID); c != 0 {
		return c
	}
	if c := a.Object.Compare(b.Object); c != 0 {
		return c
	}
	if c := cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message), strings.Compare(a.Fingerprint, b.Fingerprint)); c != 0 {
		return c
	}
	c := slices.CompareFunc(a.Occurrences, b.Occurrences, func(a, b Occurrence) int {
		return cmp.Or(a.Object.Compare(b.Object), strings.Compare(a.Unit(), b.Unit()))
	})
	return cmp.Or(c, compareIgnored(a.Ignored, b.Ignored))
}

// compareIgnored orders findings of one place by what ignores them.
func compareIgnored(a, b *Ignored) int {
	if a == nil || b == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(a.By, b.By), a.Position.Compare(b.Position), cmp.Compare(a.Reason, b.Reason), a.Until.Compare(b.Until))
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
