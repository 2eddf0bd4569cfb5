package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/fixes"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/place"
)

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
	return foldLacks(foldAlternatives(foldDependencies(foldListed(out))))
}

// mergeRun appends what the findings of one place merge to.
func mergeRun(out, run []*Finding) []*Finding {
	if len(run) == 1 {
		return append(out, together(run).packedAgain())
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
		out = append(out, together(byCause[c]).packedAgain())
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
	f.Lacks = f.Lacks.and(g.Lacks)
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
