package lint

import (
	"cmp"
	"slices"
	"strconv"
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
	atOtherKeys(findings)
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
	out = foldLacks(foldCopies(foldAlternatives(foldDependencies(foldListed(out)))))
	for i, f := range out {
		out[i] = f.withoutOtherCount()
	}
	return out
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
		f.Message = cmp.Or(sharedMessage(f.Occurrences), listingMessage(worstFirst(l, f.Occurrences)), keyMessage(f.Occurrences), worstMessage(l), f.Rule.titleInSentence()+ofObjects(f.Occurrences))
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
	if f.otherKey() != g.otherKey() {
		f.Other = nil
	}
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

// Some defects make findings at several places. Each function here knows one kind of them, and keeps one finding of each defect:
//
//   - withoutImplied: a rule reports what another one implies.
//   - atOtherKeys: keys of a chart's values, and one that counts for all of them.
//   - withoutTaken: a file, and an object that takes it in.
//   - foldListed: a list of objects, and a part of the list with other values.
//   - foldDependencies: a key that is absent in the values of a chart, and of one that takes it.
//   - foldAlternatives: definitions of one object, of which a cluster gets one.
//   - foldCopies: one credential that several plain manifests, or fields of one, hold.
//   - foldLacks: what several inputs lack together, such as a network policy of the namespace that they share.
//
// The first three come before findings of one place are merged, the others after.

// atOtherKeys moves the findings of a key of a chart's values to another key that fixes all of them, if their rule has findings there: the
// securityContext of a pod counts for its containers.
func atOtherKeys(findings []*Finding) {
	if !slices.ContainsFunc(findings, func(f *Finding) bool { return f.Other != nil }) {
		return
	}
	type at struct{ rule, input, key string }
	type group struct {
		first *Finding
		other string // that all have
	}
	groups := map[at]*group{}
	of := func(f *Finding) at { return at{f.Rule.ID, f.input(), f.keyToSet()} }
	for _, f := range findings {
		k := of(f)
		switch g := groups[k]; {
		case k.key == "" || k.input == "":
		case g == nil:
			groups[k] = &group{f, f.otherKey()}
		case g.other != f.otherKey():
			g.other = ""
		}
	}
	for i, f := range findings {
		k := of(f)
		g := groups[k]
		if g == nil || g.other == "" {
			continue
		}
		k.key = g.other
		if to := groups[k]; to != nil && to.other == "" {
			findings[i] = f.movedTo(to.first)
		}
	}
}

// keyToSet is the absent key of a chart's values that the fix of a finding sets, at its place, with the file. It is empty if the fix does something else.
func (f *Finding) keyToSet() string {
	if key := f.missingKey(); key != "" && (strings.HasPrefix(f.Fix.Title, "set "+key) || strings.HasPrefix(f.Fix.Title, "set "+f.Origin.Trail[0].Label)) {
		return f.Origin.File + ":" + key
	}
	return ""
}

// otherKey is the key of Other, with its file. It is empty if there is none.
func (f *Finding) otherKey() string {
	if len(f.Other) == 0 {
		return ""
	}
	return f.Other[0].Position.File + ":" + f.Other[0].MissingKey()
}

// movedTo is a copy of the finding at its other key, where another one is.
func (f *Finding) movedTo(to *Finding) *Finding {
	c := *f
	c.Origin.Position, c.Origin.Text, c.Origin.Precision = to.Origin.Position, to.Origin.Text, max(f.Origin.Precision, to.Origin.Precision)
	c.Origin.Trail, c.Other = slices.Clone(f.Other), nil
	c.Origin.Trail[0] = to.Origin.Trail[0]
	c.Fix = to.Fix
	return &c
}

// withoutImplied leaves out the findings that others about their objects at their places imply, of other units, too. One that is ignored
// does as well: there is nothing else to say of the place. A finding about what inputs lack together is also implied by one at another place
// that is about the same lack and is not ignored.
func withoutImplied(findings []*Finding) []*Finding {
	type about struct {
		rule   string
		at     Position
		object ObjectRef
		lack   string // in place of the place and the object
	}
	reports := func(rule string, f *Finding) about { return about{rule: rule, at: f.Origin.Position, object: f.Object} }
	lacks := func(rule string, f *Finding) about { return about{rule: rule, lack: f.Lacks.Of} }
	implied := map[about]bool{}
	for _, f := range findings {
		if f.Rule.ImpliedBy != "" {
			implied[reports(f.Rule.ImpliedBy, f)] = false
			if f.Lacks.Of != "" && f.Ignored == nil {
				implied[lacks(f.Rule.ImpliedBy, f)] = false
			}
		}
	}
	if len(implied) == 0 {
		return findings
	}
	for _, f := range findings {
		if _, is := implied[reports(f.Rule.ID, f)]; is {
			implied[reports(f.Rule.ID, f)] = true
		}
		if _, is := implied[lacks(f.Rule.ID, f)]; is && f.Ignored == nil && !f.Lacks.IsPart {
			implied[lacks(f.Rule.ID, f)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(findings), func(f *Finding) bool {
		return implied[reports(f.Rule.ImpliedBy, f)] || f.Ignored == nil && implied[lacks(f.Rule.ImpliedBy, f)]
	})
}

// withoutTaken leaves out the findings of files where their rules report an object that takes in the file, such as a Secret with a
// certificate: that is one defect, and the object says more of it.
func withoutTaken(findings []*Finding) []*Finding {
	type about struct{ rule, line string }
	reports := func(f *Finding) about { return about{f.Rule.ID, lineOf(f.Origin.Position)} }
	taken := map[about]bool{}
	for _, f := range findings {
		if f.isOfFile() {
			taken[reports(f)] = false
		}
	}
	if len(taken) == 0 {
		return findings
	}
	for _, f := range findings {
		if _, is := taken[reports(f)]; is && !f.isOfFile() {
			taken[reports(f)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(findings), func(f *Finding) bool { return f.isOfFile() && taken[reports(f)] })
}

// isOfFile reports a finding that is about a file, at a known line, and about no object.
func (f *Finding) isOfFile() bool { return f.Object == (ObjectRef{}) && f.Origin.Line > 0 }

// folding is a list of findings of which some become part of others.
type folding struct {
	was []*Finding
	now []*Finding // nil as long as it is the same
}

// at is a finding with what became part of it. It is nil if it is part of another one.
func (l *folding) at(i int) *Finding {
	if l.now == nil {
		return l.was[i]
	}
	return l.now[i]
}

// into makes a finding part of another one, which becomes whole.
func (l *folding) into(part, other int, whole *Finding) {
	if l.now == nil {
		l.now = slices.Clone(l.was)
	}
	l.now[part], l.now[other] = nil, whole
}

// left lists the findings that are no part of others.
func (l *folding) left() []*Finding {
	if l.now == nil {
		return l.was
	}
	return slices.DeleteFunc(l.now, func(f *Finding) bool { return f == nil })
}

// foldListed folds each finding that another one of its rule lists in full, with other values of the same chart: workloads without a policy,
// of which a scenario has fewer.
func foldListed(findings []*Finding) []*Finding {
	type listed struct{ rule, input, line, object string }
	by := map[listed]int{} // the finding that lists the most
	for i, f := range findings {
		for _, r := range f.Related {
			at := listed{f.Rule.ID, f.input(), lineOf(r.Position), r.Label}
			if has, known := by[at]; !known || len(findings[has].Related) < len(f.Related) {
				by[at] = i
			}
		}
	}
	l := folding{was: findings}
	for i, f := range findings {
		other, known := by[listed{f.Rule.ID, f.input(), lineOf(f.Origin.Position), f.Object.Kind + " " + f.Object.Name}]
		if known && f.input() != "" && l.at(other) != nil && findings[other].lists(f) {
			l.into(i, other, l.at(other).with(f))
		}
	}
	return l.left()
}

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

// foldDependencies folds the findings of charts into those of the dependencies that they take, where a key is absent in the values of both: it is
// one defect of the template, which a default of the dependency ends for all. The place in the values of the other chart is related.
func foldDependencies(findings []*Finding) []*Finding {
	type about struct {
		rule, template, kind string
		key                  string // in the values of the dependency: it says which field of which container is meant
	}
	reports := func(f *Finding, key string) (a about) {
		template := slices.IndexFunc(f.Origin.Trail, func(s Step) bool { return s.Kind == StepTemplate })
		if f.Origin.Line == 0 || template < 0 || key == "" || f.input() == "" {
			return a
		}
		return about{f.Rule.ID, lineOf(f.Origin.Trail[template].Position), f.Object.Kind, key}
	}
	by := map[about]int{}
	for i, f := range findings {
		if a := reports(f, f.missingKey()); a != (about{}) {
			by[a] = i
		}
	}
	l := folding{was: findings}
	for i, f := range findings {
		_, key, _ := strings.Cut(f.missingKey(), ".")
		a := reports(f, key)
		other, known := by[a]
		if a == (about{}) || !known || l.at(other) == nil {
			continue
		}
		own := findings[other]
		if own.input() == f.input() || !own.isInChart() || f.isInChartOf(own.input()) {
			continue
		}
		whole := l.at(other).with(f)
		whole.Severity = min(whole.Severity, f.Severity)
		whole.relate(RelatedPlace{Position: f.Origin.Position, Label: "has no " + f.missingKey() + " either, in the values of a chart that takes this one"})
		l.into(i, other, whole)
	}
	return l.left()
}

// missingKey is the key of a chart's values that is absent at the place of a finding. It is empty if the place is another one.
func (f *Finding) missingKey() string {
	if !f.isAtKey() {
		return ""
	}
	return f.Origin.Trail[0].MissingKey()
}

// isAtKey reports whether a finding is placed in the values of a chart.
func (f *Finding) isAtKey() bool {
	return len(f.Origin.Trail) > 0 && f.Origin.Trail[0].Kind == StepValues && f.Origin.Trail[0].Position.File == f.Origin.File
}

// isInChart reports whether the place of a finding is in the folder of the chart that has it.
func (f *Finding) isInChart() bool { return f.isInChartOf(f.input()) }

func (f *Finding) isInChartOf(chart string) bool {
	return chart == "." || strings.HasPrefix(f.Origin.File, chart+"/")
}

// keyedHere is those of findings with one cause that are of the chart whose folder has the place, if others take it as a dependency: its values have
// other keys than theirs. It is all of them if there is no such chart.
func keyedHere(l []*Finding) []*Finding {
	own := slices.DeleteFunc(slices.Clone(l), func(f *Finding) bool { return f.input() == "" || !f.isInChart() })
	if len(own) == 0 || len(own) == len(l) || !l[0].isAtKey() {
		return l
	}
	return own
}

// foldAlternatives folds findings of one object that several plain manifests of a folder define: a cluster gets one of these. The
// first one has the places of the others as related.
func foldAlternatives(findings []*Finding) []*Finding {
	type about struct {
		rule, dir, input              string
		object                        ObjectRef
		container, path, message, fix string
		related                       string // the places in other files
	}
	first := map[about]int{}
	l := folding{was: findings}
	for i, f := range findings {
		if !f.isAsWritten() {
			continue
		}
		dir := f.Origin.File[:strings.LastIndexByte(f.Origin.File, '/')+1]
		a := about{f.Rule.ID, dir, f.Occurrences[0].Input, f.Object, f.Container, f.StablePath(), f.Message, f.Fix.Title, f.relatedElsewhere()}
		other, known := first[a]
		if !known {
			first[a] = i
			continue
		}
		if whole := l.at(other); whole.Origin.File != f.Origin.File {
			whole = whole.with(f)
			whole.Severity, whole.Fix = min(whole.Severity, f.Severity), whole.commonFix(f)
			isElsewhere := func(r RelatedPlace) bool { return r.File != f.Origin.File } // which the first one has, too
			whole.relate(append(slices.DeleteFunc(slices.Clone(f.Related), isElsewhere), RelatedPlace{Position: f.Origin.Position, Label: otherDefinition + f.Object.String()})...)
			l.into(i, other, whole)
		}
	}
	return l.left()
}

// foldCopies folds findings of a rule about one credential in plain manifests of one input: all copies are replaced together. The first one has the
// places of the others as related.
func foldCopies(findings []*Finding) []*Finding {
	type about struct {
		rule, input, credential, fix string
		unchanged                    bool
	}
	var order []about
	copies := map[about][]int{}
	for i, f := range findings {
		if f.Credential == "" || f.input() == "" || f.Origin.Line == 0 || len(f.Origin.Trail) > 0 {
			continue
		}
		a := about{f.Rule.ID, f.input(), f.Credential, f.Fix.Title, f.Unchanged}
		if copies[a] == nil {
			order = append(order, a)
		}
		copies[a] = append(copies[a], i)
	}
	l := folding{was: findings}
	for _, a := range order {
		first, rest := copies[a][0], copies[a][1:]
		if len(rest) == 0 {
			continue
		}
		others := make([]*Finding, len(rest))
		for n, i := range rest {
			others[n] = findings[i]
		}
		whole := findings[first].with(others...)
		var places []RelatedPlace
		for n, f := range others {
			whole.Severity, whole.Fix = min(whole.Severity, f.Severity), whole.commonFix(f)
			places = append(append(places, f.Related...), RelatedPlace{Position: f.Origin.Position, Label: sameCredential + f.Object.Kind + " " + f.Object.Name})
			l.into(rest[n], first, whole)
		}
		whole.relate(places...)
	}
	return l.left()
}

// sameCredential begins the label of a place with a copy of the credential.
const sameCredential = "the same credential in "

// otherDefinition begins the label of a place with the same defect in another definition of the object.
const otherDefinition = "another definition of "

// Definitions are the places of the same defect in other definitions of the object, and of copies of a credential: each is a line to edit.
func (f *Finding) Definitions() (l []Position) {
	for _, r := range f.Related {
		if strings.HasPrefix(r.Label, otherDefinition) || strings.HasPrefix(r.Label, sameCredential) {
			l = append(l, r.Position)
		}
	}
	return l
}

// Lack identifies what several inputs lack together: one object that any of them adds ends the findings of all. It is zero if what a finding asks
// for is only for its own input.
type Lack struct {
	// Of is equal for what is one lack. Of several at one place it has a line for each.
	Of string `json:",omitzero"`
	// IsPart is set if the fix of the finding does not end those of the others.
	IsPart bool `json:",omitzero"`
}

// and is what two findings of one cause lack.
func (l Lack) and(other Lack) Lack {
	if l.Of == "" || other.Of == "" {
		return Lack{}
	}
	if l.Of != other.Of {
		all := append(strings.Split(l.Of, "\n"), strings.Split(other.Of, "\n")...)
		slices.Sort(all)
		l.Of = strings.Join(slices.Compact(all), "\n")
	}
	l.IsPart = l.IsPart || other.IsPart
	return l
}

// standsFor is higher for a finding that stands for others about what inputs lack together: that of the Namespace, or with a chart's own values.
func (f *Finding) standsFor() int {
	switch {
	case f.Object.Kind == "Namespace":
		return 2
	case slices.ContainsFunc(f.Occurrences, func(o Occurrence) bool { return o.Scenario == DefaultScenario }):
		return 1
	}
	return 0
}

// foldLacks folds the findings of a rule about what inputs lack together into one: that of an object which stands for all of them, such as the
// Namespace, or else the first. The others are related places.
func foldLacks(findings []*Finding) []*Finding {
	type lack struct{ rule, of string }
	leads := map[lack]int{}
	for i, f := range findings {
		at := lack{f.Rule.ID, f.Lacks.Of}
		first, known := leads[at]
		if f.Lacks.Of != "" && !f.Lacks.IsPart && (!known || f.standsFor() > findings[first].standsFor()) {
			leads[at] = i
		}
	}
	parts := map[int][]*Finding{}
	l := folding{was: findings}
	for i, f := range findings {
		if lead, known := leads[lack{f.Rule.ID, f.Lacks.Of}]; known && lead != i {
			parts[lead] = append(parts[lead], f)
			l.into(i, lead, findings[lead])
		}
	}
	for lead, with := range parts {
		whole := findings[lead].with(with...)
		for _, f := range with {
			whole.Severity, whole.Advisory = min(whole.Severity, f.Severity), whole.Advisory && f.Advisory
			whole.Related = append(append(whole.Related, RelatedPlace{Position: f.Origin.Position, Label: f.Object.Kind + " " + f.Object.Name}), f.Related...)
		}
		l.now[lead] = whole
	}
	return l.left()
}

// relatedElsewhere identifies the related places of a finding in other files than its own.
func (f *Finding) relatedElsewhere() string {
	var l []string
	for _, r := range f.Related {
		if r.File != f.Origin.File {
			l = append(l, lineOf(r.Position)+" "+r.Label)
		}
	}
	slices.Sort(l)
	return strings.Join(l, "\n")
}

// isAsWritten reports whether a finding is of one object that a plain manifest has as it is.
func (f *Finding) isAsWritten() bool {
	return len(f.Occurrences) == 1 && f.Occurrences[0].Scenario == "" && f.Object.Name != "" &&
		f.Origin.Line > 0 && len(f.Origin.Trail) == 0 && len(f.MadeFrom) == 0 && f.ObjectAt.File == f.Origin.File
}

// input is the input of a finding in units of one input. It is empty if there are several.
func (f *Finding) input() string {
	if len(f.Occurrences) == 0 || slices.ContainsFunc(f.Occurrences, func(o Occurrence) bool { return o.Input != f.Occurrences[0].Input }) {
		return ""
	}
	return f.Occurrences[0].Input
}

// lineOf identifies a line.
func lineOf(p Position) string { return p.File + ":" + strconv.Itoa(p.Line) }

// with is a copy of the finding that has the occurrences of others, too.
func (f *Finding) with(others ...*Finding) *Finding {
	c := *f
	c.Occurrences = f.occurrences(f, false)
	for _, g := range others {
		for _, o := range g.occurrences(&c, true) {
			o.Trail = nil
			c.Occurrences = append(c.Occurrences, o)
		}
		c.Fails = c.Fails || g.Fails
	}
	slices.SortFunc(c.Occurrences, compareOccurrences)
	return &c
}

// relate adds places to the finding, which changes.
func (f *Finding) relate(l ...RelatedPlace) { f.Related = slices.Concat(f.Related, l) }
