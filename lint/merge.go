package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
	if g.Fix != f.Fix {
		f.Fix = f.Rule.Fix
	}
	if g.Gap != f.Gap || g.Want != f.Want {
		f.Gap, f.Want = Gap{}, ""
	}
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
	case sameRest:
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
