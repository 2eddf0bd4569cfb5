package lint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint/fixes"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/place"
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

// MergeAll merges findings, those that are ignored among themselves.
func MergeAll(findings []*Finding) (reported, ignored []*Finding) {
	for _, f := range withoutTaken(withoutImplied(findings)) {
		if f.Ignored == nil {
			reported = append(reported, f)
		} else {
			ignored = append(ignored, f)
		}
	}
	reported, ignored = merge(reported), merge(ignored)
	maskLines(reported, ignored)
	return reported, ignored
}

// withoutImplied leaves out the findings that others about their objects at their places imply, of other units, too. One that is ignored
// does as well: there is nothing else to say of the place.
func withoutImplied(findings []*Finding) []*Finding {
	type about struct {
		rule   string
		at     Position
		object ObjectRef
	}
	of := func(rule string, f *Finding) about { return about{rule, f.Origin.Position, f.Object} }
	implied := map[about]bool{}
	for _, f := range findings {
		if f.Rule.ImpliedBy != "" {
			implied[of(f.Rule.ImpliedBy, f)] = false
		}
	}
	if len(implied) == 0 {
		return findings
	}
	for _, f := range findings {
		if _, is := implied[of(f.Rule.ID, f)]; is {
			implied[of(f.Rule.ID, f)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(findings), func(f *Finding) bool { return implied[of(f.Rule.ImpliedBy, f)] })
}

// withoutTaken leaves out the findings of files where their rules report an object that takes in the file, such as a Secret with a
// certificate: that is one defect, and the object says more of it.
func withoutTaken(findings []*Finding) []*Finding {
	type about struct{ rule, line string }
	taken := map[about]bool{}
	of := func(f *Finding) about { return about{f.Rule.ID, lineOf(f.Origin.Position)} }
	for _, f := range findings {
		if f.isOfFile() {
			taken[of(f)] = false
		}
	}
	if len(taken) == 0 {
		return findings
	}
	for _, f := range findings {
		if _, is := taken[of(f)]; is && !f.isOfFile() {
			taken[of(f)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(findings), func(f *Finding) bool { return f.isOfFile() && taken[of(f)] })
}

// isOfFile reports a finding that is about a file, at a known line, and about no object.
func (f *Finding) isOfFile() bool { return f.Object == (ObjectRef{}) && f.Origin.Line > 0 }

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

// cause is equal for findings with one cause: one rule at one place, ignored for
// one reason. Without a line the place is not known, and each field of each object
// has a cause of its own.
type cause struct {
	rule    string
	at      Position
	ignored Ignored
	// added is what to add to the values entry at the place: each key that is absent there is a
	// cause of its own.
	added string
	// What follows is set where the place has no line.
	object                   ObjectRef
	container, path, message string
}

func causeOf(f *Finding) cause {
	c := cause{rule: f.Rule.ID, at: f.Origin.Position}
	if f.Ignored != nil {
		c.ignored = *f.Ignored
	}
	if f.Origin.IsEntry() {
		c.added = cmp.Or(f.Fix.Addition.Path, f.Origin.Trail[0].MissingKey())
	}
	if f.Origin.Line == 0 || f.Object == (ObjectRef{}) {
		c.object, c.container, c.path, c.message = f.Object, f.Container, f.StablePath(), f.Message
	}
	return c
}

func (c cause) withoutAdded() cause {
	c.added = ""
	return c
}

// amongAdditions is the cause whose key ends that of a fix which takes more than the key, from the place on. It is the same cause if there
// is none.
func (c cause) amongAdditions(known map[cause]bool) cause {
	for other := c; ; {
		_, rest, ok := strings.Cut(other.added, ".")
		if other.added = rest; !ok {
			return c
		} else if known[other] {
			return other
		}
	}
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
	return alternatives(ofDependencies(absorb(out)))
}

// listing identifies what findings of one rule and input list: an object at a line.
type listing struct{ rule, input, file, object string }

// absorb leaves out each finding that another one of its rule lists in full, with other values of the same chart: workloads without a policy,
// of which a scenario has fewer. The other one gets its occurrences.
func absorb(l []*Finding) []*Finding {
	by := map[listing]*Finding{}
	for _, f := range l {
		for _, r := range f.Related {
			at := listing{f.Rule.ID, f.input(), lineOf(r.Position), r.Label}
			if has := by[at]; has == nil || len(has.Related) < len(f.Related) {
				by[at] = f
			}
		}
	}
	if len(by) == 0 {
		return l
	}
	place := map[*Finding]int{}
	for i, f := range l {
		place[f] = i
	}
	out := slices.Clone(l)
	for i, f := range l {
		of := by[listing{f.Rule.ID, f.input(), lineOf(f.Origin.Position), f.Object.Kind + " " + f.Object.Name}]
		if of == nil || f.input() == "" || out[place[of]] == nil || !of.lists(f) {
			continue // or the other one is in a third
		}
		j := place[of]
		out[i], out[j] = nil, out[j].with(f)
	}
	return slices.DeleteFunc(out, func(f *Finding) bool { return f == nil })
}

// ofDependencies folds the findings of charts into those of the dependencies that they take, where a key is absent in the values of both: it is
// one defect of the template, which a default of the dependency ends for all. The place in the values of the other chart is related.
func ofDependencies(l []*Finding) []*Finding {
	type about struct {
		rule, template, kind string
		key                  string // in the values of the dependency: it says which field of which container is meant
	}
	of := func(f *Finding, key string) (a about) {
		template := slices.IndexFunc(f.Origin.Trail, func(s Step) bool { return s.Kind == StepTemplate })
		if f.Origin.Line == 0 || template < 0 || key == "" || f.input() == "" {
			return a
		}
		return about{f.Rule.ID, lineOf(f.Origin.Trail[template].Position), f.Object.Kind, key}
	}
	byKey := map[about]int{}
	for i, f := range l {
		if a := of(f, f.missingKey()); a != (about{}) {
			byKey[a] = i
		}
	}
	out, folded := slices.Clone(l), false
	for i, f := range l {
		_, key, _ := strings.Cut(f.missingKey(), ".")
		a := of(f, key)
		j, ok := byKey[a]
		if a == (about{}) || !ok || out[j] == nil || l[j].input() == f.input() || !isInChart(l[j]) || isInChartOf(f, l[j].input()) {
			continue
		}
		also := RelatedPlace{Position: f.Origin.Position, Label: "has no " + f.missingKey() + " either, in the values of a chart that takes this one"}
		of := out[j].with(f)
		of.Severity, of.Related = min(of.Severity, f.Severity), slices.Concat(of.Related, []RelatedPlace{also})
		out[i], out[j], folded = nil, of, true
	}
	if !folded {
		return l
	}
	return slices.DeleteFunc(out, func(f *Finding) bool { return f == nil })
}

// missingKey is the key of a chart's values that is absent at the place of a finding. It is empty if the place is another one.
func (f *Finding) missingKey() string {
	if len(f.Origin.Trail) == 0 || f.Origin.Trail[0].Kind != StepValues || f.Origin.Trail[0].Position.File != f.Origin.File {
		return ""
	}
	return f.Origin.Trail[0].MissingKey()
}

// isInChart reports whether the place of a finding is in the folder of the chart that has it.
func isInChart(f *Finding) bool { return isInChartOf(f, f.input()) }

func isInChartOf(f *Finding, chart string) bool {
	return chart == "." || strings.HasPrefix(f.Origin.File, chart+"/")
}

// keyedHere is those of findings with one cause that are of the chart whose folder has the place, if others take it as a dependency: its values have
// other keys than theirs. It is all of them if there is no such chart.
func keyedHere(l []*Finding) []*Finding {
	own := slices.DeleteFunc(slices.Clone(l), func(f *Finding) bool { return f.input() == "" || !isInChart(f) })
	isKey := len(l[0].Origin.Trail) > 0 && l[0].Origin.Trail[0].Kind == StepValues && l[0].Origin.Trail[0].Position.File == l[0].Origin.File
	if len(own) == 0 || len(own) == len(l) || !isKey {
		return l
	}
	return own
}

// alternatives folds findings of one object that several plain manifests of a folder define: a cluster gets one of these. The
// first one has the places of the others as related.
func alternatives(l []*Finding) []*Finding {
	type about struct {
		rule, dir, input              string
		object                        ObjectRef
		container, path, message, fix string
	}
	first := map[about]int{}
	out, folded := slices.Clone(l), false
	for i, f := range l {
		if len(f.Occurrences) != 1 || f.Occurrences[0].Scenario != "" || f.Object.Name == "" || f.Origin.Line == 0 || len(f.Origin.Trail)+len(f.MadeFrom) > 0 || f.ObjectAt.File != f.Origin.File || f.refersElsewhere() {
			continue
		}
		dir := f.Origin.File[:strings.LastIndexByte(f.Origin.File, '/')+1]
		k := about{f.Rule.ID, dir, f.Occurrences[0].Input, f.Object, f.Container, f.StablePath(), f.Message, f.Fix.Title}
		j, known := first[k]
		if !known {
			first[k] = i
		} else if of := out[j]; of.Origin.File != f.Origin.File {
			out[i], out[j], folded = nil, of.with(f).alsoAt(f), true
		}
	}
	if !folded {
		return l
	}
	return slices.DeleteFunc(out, func(f *Finding) bool { return f == nil })
}

// refersElsewhere reports whether a finding is related to another file, such as what a generated one is made of.
func (f *Finding) refersElsewhere() bool {
	return slices.ContainsFunc(f.Related, func(r RelatedPlace) bool { return r.File != f.Origin.File })
}

// alsoAt adds the place of another finding of the same object to a finding, which changes.
func (f *Finding) alsoAt(g *Finding) *Finding {
	f.Severity = min(f.Severity, g.Severity)
	f.Fix = f.commonFix(g)
	f.Related = slices.Concat(f.Related, g.Related, []RelatedPlace{{Position: g.Origin.Position, Label: "another definition of " + f.Object.String()}})
	return f
}

// input is the input of a finding in units of one input. It is empty if there are several.
func (f *Finding) input() string {
	if len(f.Occurrences) == 0 || slices.ContainsFunc(f.Occurrences, func(o Occurrence) bool { return o.Input != f.Occurrences[0].Input }) {
		return ""
	}
	return f.Occurrences[0].Input
}

// line identifies a line.
func lineOf(p Position) string { return p.File + ":" + strconv.Itoa(p.Line) }

// lists reports whether a finding lists all that another one is about, and that in other units.
func (f *Finding) lists(g *Finding) bool {
	if len(f.Related) <= len(g.Related) || f.Fix.Title != g.Fix.Title {
		return false
	}
	all := map[string]bool{lineOf(f.Origin.Position): true}
	for _, r := range f.Related {
		all[lineOf(r.Position)] = true
	}
	units := map[string]bool{}
	for _, o := range f.Occurrences {
		units[o.Unit()] = true
	}
	return !slices.ContainsFunc(g.Related, func(r RelatedPlace) bool { return !all[lineOf(r.Position)] }) &&
		!slices.ContainsFunc(g.Occurrences, func(o Occurrence) bool { return units[o.Unit()] })
}

// with is the finding with the occurrences of another one.
func (f *Finding) with(g *Finding) *Finding {
	c := *f
	c.Occurrences = f.occurrences(f, false)
	for _, o := range g.occurrences(&c, true) {
		o.Trail = nil
		c.Occurrences = append(c.Occurrences, o)
	}
	slices.SortFunc(c.Occurrences, compareOccurrences)
	c.Fails = f.Fails || g.Fails
	return &c
}

// mergeRun appends what the findings of one place merge to.
func mergeRun(out, run []*Finding) []*Finding {
	if len(run) == 1 {
		return append(out, together(run))
	}
	byCause := map[cause][]*Finding{}
	var causes []cause
	added := map[cause]string{} // the first one, by the causes without it
	additions := map[cause]bool{}
	for _, f := range run {
		c := causeOf(f)
		if all := c.withoutAdded(); added[all] == "" {
			added[all] = c.added
		}
		additions[c] = additions[c] || f.Fix.Addition.Path != ""
	}
	for _, f := range run {
		c := causeOf(f)
		if c.added == "" { // its fix takes more than a key, for the same defect
			c.added = added[c]
		} else if !additions[c] && strings.HasPrefix(f.Fix.Title, "set "+f.Origin.Trail[0].Label+":") {
			c = c.amongAdditions(additions)
		}
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
	own := keyedHere(l)
	f.Fix = own[0].Fix
	for _, g := range l {
		f.agreeWith(g)
	}
	for _, g := range own {
		f.Fix = f.commonFix(g)
	}
	f.Related = allRelated(l)
	says := commonMessage(l)
	if lead := says.lead; lead != nil { // what a chart does with the values with which it is tested says less
		f.Severity, f.Fails, f.Advisory = lead.Severity, lead.Fails, lead.Advisory
		if f.Fix.Together == "" && len(lead.Related) > 0 && slices.ContainsFunc(l, func(g *Finding) bool { return len(g.Related) == 0 }) {
			f.Fix = lead.Fix // the others lack what it is about
		}
	}
	f.Message, f.Subject = says.message, cmp.Or(says.subject, f.Subject)
	f.takeOccurrences(l, says.lead != nil)
	if f.Message == "" {
		f.Message = cmp.Or(sharedMessage(f.Occurrences), listingMessage(f.Occurrences), keyMessage(f.Occurrences), f.Rule.titleInSentence()+ofObjects(f.Occurrences))
	}
	return &f
}

// allRelated lists the related places of findings, each once. Units differ: with other
// values a chart can have more workloads.
func allRelated(l []*Finding) []RelatedPlace {
	all := l[0].Related
	var seen map[RelatedPlace]bool // nil if all is that of the first finding
	for _, g := range l[1:] {
		if slices.Equal(g.Related, l[0].Related) {
			continue
		}
		if seen == nil {
			seen, all = map[RelatedPlace]bool{}, slices.Clone(all)
			for _, r := range all {
				seen[r] = true
			}
		}
		for _, r := range g.Related {
			if !seen[r] {
				seen[r] = true
				all = append(all, r)
			}
		}
	}
	return all
}

// commonFix is the fix that is true of another finding of its cause, too.
func (f *Finding) commonFix(g *Finding) Fix {
	return f.Fix.Common(g.Fix, fixes.OfRule{Title: f.Rule.Fix, Unless: f.Rule.Unless}, f.Origin.IsEntry())
}

// agreeWith makes a finding say what is true of another one of its cause, too: the worse
// of both, and nothing that they do not have in common. Its fix stays.
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
	if g.Origin.Precision > f.Origin.Precision {
		f.Origin.Precision = g.Origin.Precision
	}
}

// takeOccurrences gives a finding the occurrences of others, sorted and each once. The
// first one names the object, path, trail and fingerprint: that with the chart's own values, or of an overlay that is not for tests,
// if there is one. The message must be set before: an occurrence has one of its own where the finding has none, or where it is one
// defect in other words.
func (f *Finding) takeOccurrences(l []*Finding, isOne bool) {
	for _, g := range l {
		f.Occurrences = append(f.Occurrences, g.occurrences(f, isOne)...)
	}
	slices.SortFunc(f.Occurrences, compareOccurrences)
	f.Occurrences = slices.CompactFunc(f.Occurrences, func(a, b Occurrence) bool { return compareOccurrences(a, b) == 0 })
	if len(f.Occurrences) > 0 {
		o := f.Occurrences[leading(f.Occurrences)]
		f.Object, f.Path, f.Fingerprint = o.Object, o.Path, o.Fingerprint
		f.lead(o.Trail)
	}
}

// leading is the index of the occurrence that comes before others: that with a chart's own values, or else of an overlay that is
// not for tests.
func leading(l []Occurrence) int {
	if i := slices.IndexFunc(l, func(o Occurrence) bool { return o.Scenario == DefaultScenario }); i >= 0 {
		return i
	}
	return max(slices.IndexFunc(l, func(o Occurrence) bool { return !naming.IsBelowTests(o.Input) }), 0)
}

// lead makes the trail of an occurrence that of the finding. A nil trail changes nothing.
func (f *Finding) lead(trail []Step) {
	if trail == nil {
		return
	}
	for i := range f.Occurrences {
		switch o := &f.Occurrences[i]; {
		case o.Trail == nil:
			o.Trail = f.Origin.Trail
		case slices.Equal(o.Trail, trail):
			o.Trail = nil
		}
	}
	f.Origin.Trail = trail
}

// CommonTrail is the trail of a finding without the values keys that decide only some of its occurrences.
func (f *Finding) CommonTrail() []Step {
	isCommon := func(s Step) bool {
		return !slices.ContainsFunc(f.Occurrences, func(o Occurrence) bool {
			return o.Trail != nil && !slices.ContainsFunc(o.Trail, func(other Step) bool { return place.IsKey(other.Kind) && other.Label == s.Label })
		})
	}
	if !slices.ContainsFunc(f.Origin.Trail, func(s Step) bool { return s.Kind == StepDecides && !isCommon(s) }) {
		return f.Origin.Trail
	}
	return slices.DeleteFunc(slices.Clone(f.Origin.Trail), func(s Step) bool { return s.Kind == StepDecides && !isCommon(s) })
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

// occurrences are those of a finding, each with all that the finding it becomes part
// of does not say.
func (f *Finding) occurrences(of *Finding, isOne bool) []Occurrence {
	l := slices.Clone(f.Occurrences)
	for i := range l {
		o := &l[i]
		if isOne {
			o.Message = otherThan(of.Message, cmp.Or(o.Message, f.Message))
		}
		if o.Fingerprint != "" && (len(l) > 1 || o.Message != "" || o.Trail != nil) { // a finding that was put together before
			if o.Trail == nil && !slices.Equal(f.Origin.Trail, of.Origin.Trail) {
				o.Trail = f.Origin.Trail
			}
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

// otherThan is a text if it is another one, and else empty.
func otherThan(have, text string) string {
	if text == have {
		return ""
	}
	return text
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
	if c = cmp.Or(c, compareIgnored(a.Ignored, b.Ignored)); c != 0 {
		return c
	}
	return slices.CompareFunc(a.Related, b.Related, func(a, b RelatedPlace) int {
		return cmp.Or(a.Compare(b.Position), strings.Compare(a.Label, b.Label))
	})
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
