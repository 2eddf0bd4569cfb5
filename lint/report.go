package lint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Finding is a cause: one rule at one place that a person can edit. Its occurrences
// are the objects, containers and fields in which it shows. Checker gives a Finding
// for each occurrence; NewReport puts those of one cause together.
type Finding struct {
	Rule     *Rule    `json:",omitzero"`
	Severity Severity `json:",omitzero"`
	// Message says what is wrong. Where the occurrences differ in more than whom they
	// are about, it is the rule's title, and each occurrence has a Message of its own.
	Message string `json:",omitzero"`
	// Subject is what Message begins with: pod, or the container. Empty: the message
	// is about something else.
	Subject string `json:",omitzero"`
	// Object has the defect; of several it is the first. Zero: the finding is about a file.
	Object ObjectRef `json:",omitzero"`
	// Container is the name of the container that has it. Empty: the pod or the object,
	// or containers of several names.
	Container string `json:",omitzero"`
	// Path is that of the field, from the object's root; of several it is the first.
	Path   string `json:",omitzero"`
	Origin Origin `json:",omitzero"`
	// Related are other places that matter to the defect.
	Related []RelatedPlace `json:",omitzero"`
	// Occurrences is everything in which the defect shows, sorted.
	Occurrences []Occurrence `json:",omitzero"`
	// Fix is one imperative clause, in lower case without full stop.
	Fix string `json:",omitzero"`
	// Want is the value that the field should have, as YAML, if that alone fixes the
	// defect. Empty: there is no such value, or it depends on the application.
	Want string `json:",omitzero"`
	// Gap is what to add at the place, if the field is absent there.
	Gap Gap `json:",omitzero"`
	// Advisory findings are reported, but never make the exit code 1.
	Advisory bool `json:",omitzero"`
	// Fails is set if the finding makes the exit code 1, unless it is ignored.
	Fails bool `json:",omitzero"`
	// Fingerprint identifies the defect over time: moved lines do not change it. Of
	// several occurrences it is that of the first.
	Fingerprint string `json:",omitzero"`
	// Secret is set if the line held a secret. Origin.Text is masked then.
	Secret bool `json:",omitzero"`
	// ObjectAt is where the object begins. It may have no line.
	ObjectAt Position `json:",omitzero"`
	// ValueAt is where the value begins, if Origin is a line within it, or else the
	// instruction of a Dockerfile that Origin is a part of.
	ValueAt Position `json:",omitzero"`
	// Subchart is the third-party subchart that the object comes from. Empty:
	// the linted input's own.
	Subchart string `json:",omitzero"`
	// Unchanged findings are of plain manifests that did not change. They are there
	// since manifests are checked together, and are not reported.
	Unchanged bool `json:",omitzero"`
	// Ignored is set if the team has chosen to live with the finding.
	Ignored *Ignored `json:",omitzero"`

	// stable is Path with names for indexes.
	stable string
}

// Occurrence is one field of one object of one unit in which a finding shows.
type Occurrence struct {
	Object ObjectRef `json:",omitzero"`
	// Container and Path are as in Finding.
	Container, Path string `json:",omitzero"`
	// Message is the occurrence's own. Empty: the finding's says it.
	Message string `json:",omitzero"`
	// Input and Scenario are those of the Unit.
	Input, Scenario string `json:",omitzero"`
	// Fingerprint identifies the occurrence over time. Units of one input share it.
	Fingerprint string `json:",omitzero"`
	// Trail is how the occurrence came to the place. Nil: as the finding.
	Trail []Step `json:",omitzero"`
}

// Unit is the name of the context's unit.
func (c Occurrence) Unit() string { return unitName(c.Input, c.Scenario) }

// RelatedPlace is a place that a finding refers to, with what is there.
type RelatedPlace struct {
	Position `json:",omitzero"`
	Label    string `json:",omitzero"`
}

// Units lists the names of the units in which the finding shows.
func (f *Finding) Units() []string {
	var l []string
	for _, c := range f.Occurrences {
		if name := c.Unit(); !slices.Contains(l, name) {
			l = append(l, name)
		}
	}
	slices.Sort(l)
	return l
}

// Objects lists the objects that have the defect. A finding that is about a file has
// none.
func (f *Finding) Objects() []ObjectRef {
	var l []ObjectRef
	for _, c := range f.Occurrences {
		if c.Object != (ObjectRef{}) && !slices.Contains(l, c.Object) {
			l = append(l, c.Object)
		}
	}
	return l
}

// StablePath is Path with what elements of lists are called in place of their
// index. It holds no value but names, ports and capabilities.
func (f *Finding) StablePath() string { return cmp.Or(f.stable, f.Path) }

// AsIgnored is a copy of the finding that is ignored.
func (f *Finding) AsIgnored(by Ignored) *Finding {
	g := *f
	g.Ignored = &by
	return &g
}

// NewFileFinding makes a finding about a place in a file that is of no object.
// The part tells it from others of the same rule in that file.
func NewFileFinding(r *Rule, at Origin, message, fix, part, prefix string) *Finding {
	return &Finding{
		Rule: r, Severity: r.Severity, Message: message, Origin: at, Fix: cmp.Or(fix, r.Fix),
		Fingerprint: fingerprint(r.ID, at.Under(prefix).File, part),
	}
}

// newFinding places a diagnostic. Start is where its object begins, and prefix as in
// Checker.
func newFinding(u *Unit, r *Rule, d Diagnostic, start Position, prefix string) *Finding {
	doc := d.document()
	f := &Finding{
		Rule:      r,
		Severity:  d.Severity.Or(r.Severity),
		Message:   d.Message,
		Container: d.Subject.Name,
		Path:      d.At.Path(),
		Origin:    doc.locate(d),
		Fix:       cmp.Or(d.Fix, r.Fix),
		Secret:    d.Secret,
		ObjectAt:  start,
		stable:    doc.Root.StablePath(d.At.Path()),
	}
	if label := d.label(); label != "" && strings.HasPrefix(f.Message, label+" ") {
		f.Subject = label
	}
	switch {
	case d.Within.IsSet():
		f.ValueAt = doc.Locate(d.Within).Position
	case d.Line > 0:
		f.ValueAt = doc.Locate(d.At).Position
	}
	printed, entry := f.Origin.File, f.Origin.Entry
	f.Origin = f.Origin.atEntry()
	if d.Secret {
		f.Origin.mask()
	}
	f.Origin.Trail = slices.Concat(d.Keys, f.Origin.Trail)
	f.fixByValues(d)
	if !d.KeepFix && len(trialSets(&d, f.Origin.Trail)) == 0 {
		f.Want, f.Gap = d.Want, gapOf(doc, &d)
		if entry != nil {
			f.Gap = entry.Gap
		}
	}
	for _, rel := range d.Related {
		f.Related = append(f.Related, RelatedPlace{Position: rel.locate().Position, Label: rel.Label})
	}
	file := Position{File: printed}.Under(prefix).File
	parts := []string{r.ID, doc.Kind, f.stable, file}
	if o := d.of(); o != nil {
		f.setObject(o)
		f.hideSecrets(o, d)
		parts = []string{r.ID, o.Group(), o.Kind, o.Namespace, cmp.Or(o.Identity, o.Name), f.Container, f.stable, file}
	}
	if d.Part != "" {
		parts = append(parts, d.Part)
	}
	f.Fingerprint = fingerprint(parts...)
	f.Occurrences = []Occurrence{{
		Object: f.Object, Container: f.Container, Path: f.Path, Input: u.Input, Scenario: u.Scenario, Fingerprint: f.Fingerprint,
	}}
	return f
}

// setObject notes the object that has the defect.
func (f *Finding) setObject(o *Object) {
	f.Object, f.Subchart = o.Ref(), o.Vendored
	if o.isTest() {
		f.Severity = Low
	}
}

// label is what the message of a diagnostic about a pod or container begins with.
func (d *Diagnostic) label() string {
	if d.Subject.Workload == nil {
		return ""
	}
	return d.Subject.Label()
}

func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// fixByValues makes the fix the values key to set, if one is known: that is what
// the user of a chart would change.
func (f *Finding) fixByValues(d Diagnostic) {
	told := len(d.Keys) > 0 || d.KeepFix
	for i, s := range d.Keys {
		sep := " and "
		if i == 0 {
			f.Fix, sep = "set ", ""
		}
		f.Fix += sep + s.Label + ": " + s.Set
	}
	for i := range f.Origin.Trail {
		s := &f.Origin.Trail[i]
		if s.Kind != StepValues || s.Label == "" {
			continue
		}
		s.Missing = s.Set == "" && !d.At.IsSet()
		want := cmp.Or(s.Set, d.Want)
		switch {
		case told:
		case want != "":
			f.Fix, told = "set "+s.Label+": "+want, true
		case s.Missing:
			f.Fix, told = "set "+s.Label, true
		}
	}
}

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
	// in no repository: whoever owns that folder chose what is checked.
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

// Skip is a file that was passed over, and why.
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
	var told, ignored []*Finding
	for _, f := range findings {
		if f.Ignored == nil {
			told = append(told, f)
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
		Findings: merge(told), Ignored: merge(ignored),
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

// compareIgnored orders findings of one place by what ignores them.
func compareIgnored(a, b *Ignored) int {
	if a == nil || b == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(a.By, b.By), a.Position.Compare(b.Position), cmp.Compare(a.Reason, b.Reason), a.Until.Compare(b.Until))
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
