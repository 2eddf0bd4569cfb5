package lint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint/fixes"
	"github.com/kubevet/kubevet/lint/place"
	"github.com/kubevet/kubevet/lint/texts"
)

// Where findings are: see package place.
type (
	// Position is a place in a file that a person can edit.
	Position = place.Position
	// Precision says how exactly a Position is known.
	Precision = place.Precision
	// Origin is where a value can be edited, and how it came there.
	Origin = place.Origin
	// Entry is an entry of a values file that alone supplies what a template prints.
	Entry = place.Entry
	// Addition is a field that is absent at the place of a finding, and what to add there.
	Addition = place.Addition
	// Step is one place on the way from source text to the value of a field.
	Step = place.Step
	// StepKind says what part a Step played.
	StepKind = place.StepKind
)

// How exactly a Position is known.
const (
	PrecisionExact = place.PrecisionExact
	PrecisionBlock = place.PrecisionBlock
	PrecisionFile  = place.PrecisionFile
)

// The kinds of steps.
const (
	StepValues        = place.StepValues
	StepDecides       = place.StepDecides
	StepDependency    = place.StepDependency
	StepChart         = place.StepChart
	StepInclude       = place.StepInclude
	StepTemplate      = place.StepTemplate
	StepPatch         = place.StepPatch
	StepBase          = place.StepBase
	StepKustomization = place.StepKustomization
	StepRendered      = place.StepRendered
)

// Filled is the Set of a values key whose list has to be filled, with what depends on the
// application. Only a fix that was tried with it may name it.
const Filled = place.Filled

// Finding is a cause: one rule at one place that a person can edit. Its occurrences
// are the objects, containers and fields in which it shows. Checker gives a Finding
// for each occurrence; NewReport puts those of one cause together.
type Finding struct {
	Rule     *Rule    `json:",omitzero"`
	Severity Severity `json:",omitzero"`
	// Message says what is wrong. Where the occurrences differ in more than whom they
	// are about, it is the rule's title, and each occurrence has a Message of its own. Where they are one
	// defect that units show in different words, only those with other words have one.
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
	// Fix is what a person does about it.
	Fix Fix `json:",omitzero"`
	// Advisory findings are reported, but never make the exit code 1.
	Advisory bool `json:",omitzero"`
	// Fails is set if the finding makes the exit code 1, unless it is ignored.
	Fails bool `json:",omitzero"`
	// Fingerprint identifies the defect over time: moved lines do not change it. Of
	// several occurrences it is that of the first, or of the first with the chart's own values.
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
	// MadeFrom are the files from which the file of the finding was made: the template of a chart, the kustomizations that it was
	// built from, or what it is a copy of. Empty: it was made by hand, or that is not known.
	MadeFrom []string `json:",omitzero"`
	// CopyOf is the same file in the chart of which the chart of the finding is a copy. Empty: it is none.
	CopyOf string `json:",omitzero"`
	// IsChild is set if a program makes that copy, with another name and perhaps other values.
	IsChild bool `json:",omitzero"`
	// Unchanged findings are of plain manifests that did not change. They are there
	// since manifests are checked together, and are not reported.
	Unchanged bool `json:",omitzero"`
	// Ignored is set if the team has chosen to live with the finding.
	Ignored *Ignored `json:",omitzero"`
	// Lacks is what the input lacks together with others: see Lack.
	Lacks Lack `json:",omitzero"`
	// Credential is as in Diagnostic. No report has it.
	Credential string `json:",omitzero"`
	// Other leads from another key of a chart's values, which fixes the finding as well as the one at its place, to the line of the
	// template. It is nil if none is known.
	Other []Step `json:",omitzero"`

	// stable is Path with names for indexes.
	stable string
}

// DefaultScenario is the name of the scenario of a chart's own values.
const DefaultScenario = "default values"

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
	// Trail is how the occurrence came to the place. It is nil if it is that of the finding.
	Trail []Step `json:",omitzero"`
}

// Unit is the name of the context's unit.
func (o Occurrence) Unit() string { return unitName(o.Input, o.Scenario) }

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

// Objects lists the objects that have the defect, each once. One without a namespace is that of its kind and name which another unit has with
// one: what is in the namespace of a release names none. A finding that is about a file has no objects.
func (f *Finding) Objects() []ObjectRef {
	var l []ObjectRef
	named := map[ObjectRef]bool{} // those that name a namespace, without it
	for _, c := range f.Occurrences {
		if c.Object != (ObjectRef{}) && !slices.Contains(l, c.Object) {
			l = append(l, c.Object)
		}
		if o := c.Object; o.Namespace != "" {
			o.Namespace = ""
			named[o] = true
		}
	}
	return slices.DeleteFunc(l, func(o ObjectRef) bool { return named[o] && !f.isBesideNamesake(o) })
}

// isBesideNamesake reports whether a unit has an object without a namespace, and another one of its kind and name with one.
func (f *Finding) isBesideNamesake(o ObjectRef) bool {
	units := map[string]bool{}
	for _, c := range f.Occurrences {
		if c.Object == o {
			units[c.Unit()] = true
		}
	}
	return slices.ContainsFunc(f.Occurrences, func(c Occurrence) bool {
		other := c.Object
		other.Namespace = ""
		return c.Object != o && other == o && units[c.Unit()]
	})
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

// IgnoredBy is what a team chose to ignore a finding with.
type IgnoredBy string

// What findings are ignored by.
const (
	ByComment  IgnoredBy = "comment"
	ByConfig   IgnoredBy = "config"
	ByBaseline IgnoredBy = "baseline"
)

// Ignored says why a team has chosen to live with a finding.
type Ignored struct {
	By     IgnoredBy `json:",omitzero"`
	Reason string    `json:",omitzero"`
	// Until is the first day on which the finding is reported again. It is zero for
	// never.
	Until time.Time `json:",omitzero"`
	// Position is where the choice is written.
	Position Position `json:",omitzero"`
}

// NewFileFinding makes a finding about a place in a file that is of no object.
// The part distinguishes it from others of the same rule in that file.
func NewFileFinding(r *Rule, at Origin, message, fix, part, prefix string) *Finding {
	return &Finding{
		Rule: r, Severity: r.Severity, Message: message, Origin: at, Fix: Fix{Title: cmp.Or(fix, r.Fix)},
		Fingerprint: fingerprint(r.ID, at.Under(prefix).File, part),
	}
}

// newFinding places a diagnostic. Start is where its object begins, and prefix as in
// Checker.
func newFinding(u *Unit, r *Rule, d Diagnostic, start Position, prefix string) *Finding {
	doc, at, path := d.document(), d.place(), d.At.Path()
	f := &Finding{
		Rule:       r,
		Severity:   d.Severity.Or(r.Severity),
		Message:    d.Message,
		Container:  d.Subject.Name,
		Path:       path,
		Origin:     d.triedIfEmpty(d.aboutObject(at.locate(d))),
		Fix:        Fix{Title: d.fixText(r, cmp.Or(d.Fix.Title, r.Fix)), For: d.Fix.For, Apart: d.Fix.Apart, Together: d.Fix.Together, Files: d.Fix.Files, InBase: d.Fix.InBase, Bases: d.Fix.Bases},
		Secret:     d.Secret,
		ObjectAt:   start,
		Lacks:      d.Lacks,
		Credential: d.Credential,
		stable:     at.Root.StablePath(path),
	}
	if d.Fix.ContainerRemoval != "" {
		f.Fix.Beside = f.Fix.Title // unless a key that leaves out the container is found in all scenarios
	}
	f.Fix.In, f.Fix.AddsObject = d.in(f.Origin, f.Fix.Title), d.addsObject()
	if label := d.label(); label != "" && strings.HasPrefix(f.Message, label+" ") {
		f.Subject = label
	}
	switch {
	case d.Within.IsSet():
		f.ValueAt = at.Locate(d.Within).Position
	case d.Line > 0:
		f.ValueAt = at.Locate(d.At).Position
	}
	printed, entry := f.Origin.File, f.Origin.Entry
	f.Origin = f.Origin.AtEntry()
	if d.Secret {
		mask(&f.Origin)
	}
	if !d.Fix.Fewest && u.Try == nil { // otherwise they are tried first
		f.Origin.Trail = slices.Concat(d.Fix.Keys, f.Origin.Trail)
	}
	f.Other = d.otherTrail(at)
	f.fixByValues(d)
	switch {
	case f.Origin.Repair != "":
		f.Fix.Title, f.Fix.Together = d.fixText(r, f.Origin.Repair), ""
	case d.Fix.AdviceOnly || len(trialSets(&d, f.Origin.Trail)) > 0:
	case fixes.Switch(f.Origin.Trail) != nil: // there is no value to try
		f.relocate(d)
	default:
		f.Fix.Value, f.Fix.Addition = d.Fix.want(), additionOf(at, &d)
		if entry != nil {
			f.Fix.Addition = entry.Addition
		} else if u.Try != nil {
			f.printUnread(u, &d)
		}
	}
	f.Related = slices.Grow(f.Related, len(d.Related))
	for _, rel := range d.Related {
		f.Related = append(f.Related, RelatedPlace{Position: rel.locate().Position, Label: rel.Label})
	}
	file := Position{File: printed}.Under(prefix).File
	parts := []string{r.ID, doc.Kind, f.stable, file}
	if o := d.of(); o != nil {
		f.setObject(o)
		f.hideSecrets(o, d)
		if o.Host != nil && f.Origin.Precision != PrecisionExact {
			f.Fix.Value, f.Fix.Addition = "", Addition{} // what to change is not on the line
		}
		parts = []string{r.ID, o.Group(), o.Kind, o.Namespace, cmp.Or(o.Identity, o.Name), f.Container, f.stable, file}
	}
	if d.Part != "" {
		parts = append(parts, d.Part)
	}
	if w := d.Subject.Workload; w.isOuter(d.At) { // each of its pods has the defect
		parts = append(parts, w.Within)
	}
	f.Fingerprint = fingerprint(parts...)
	f.Occurrences = []Occurrence{{
		Object: f.Object, Container: f.Container, Path: f.Path, Input: u.Input, Scenario: u.Scenario, Fingerprint: f.Fingerprint,
	}}
	return f
}

// otherTrail is the trail of a key of a chart's values that sets the other value which does the same: see Finding.Other.
func (d *Diagnostic) otherTrail(at *Document) []Step {
	if d.Or == (Value{}) || d.Or.Path() == d.At.Path() {
		return nil
	}
	o := at.Locate(d.Or).AtEntry()
	if !o.IsEntry() || fixes.Switch(o.Trail) != nil {
		return nil
	}
	if s := &o.Trail[0]; s.Kind == StepValues && s.Set == "" && !s.Chosen && !s.InText && !s.Off {
		s.Missing = true
		return o.Trail
	}
	return nil
}

// wording is what findings of one cause have in common to say. The message is empty if that is nothing.
type wording struct {
	message string
	// subject is what message begins with, if that is another pod or container than that of the first finding.
	subject string
	// lead is set if all are one defect of one object, which units show in different words: the message is that of this one.
	lead *Finding
}

func commonMessage(l []*Finding) wording {
	first := l[0]
	same, sameRest := true, first.Subject != ""
	rest := strings.TrimPrefix(first.Message, first.Subject)
	for _, f := range l {
		same = same && f.Message == first.Message
		sameRest = sameRest && f.Subject != "" && strings.TrimPrefix(f.Message, f.Subject) == rest
	}
	containers := containersOf(l)
	switch {
	case same:
		return wording{message: first.Message}
	case sameRest && containers > 1:
		return wording{message: eachOf(l, containers) + rest}
	case areOne(l):
		lead := leadOf(l)
		return wording{lead.Message, lead.Subject, lead}
	}
	own := ownOf(l)
	if own == nil {
		own = listOf(l)
	}
	if own != nil {
		return wording{own.Message, own.Subject, own}
	}
	return wording{}
}

// containersOf counts the containers of some findings. That of a line of a template is one, also where other charts take in the chart: then
// it is as often there as one of them renders it.
func containersOf(l []*Finding) (n int) {
	type container struct {
		template Position
		subject  string
	}
	type inInput struct {
		container
		input string
	}
	counted := map[inInput]map[string]bool{}
	most := map[container]int{}
	byObject := map[string]bool{} // several templates may print one object, each in another scenario
	for _, f := range l {
		byObject[f.Object.String()+"\x00"+f.Subject] = true
		c := container{subject: f.Subject}
		for _, s := range f.Origin.Trail {
			if s.Kind == StepTemplate {
				c.template = s.Position
			}
		}
		k := inInput{container: c}
		if c.template.Line > 0 {
			k.input = f.input()
		}
		if counted[k] == nil {
			counted[k] = map[string]bool{}
		}
		counted[k][f.Object.String()] = true
		if len(counted[k]) > most[c] {
			most[c]++
			n++
		}
	}
	return min(n, len(byObject))
}

// listOf is the one of some findings of scenarios of one chart that lists the objects of all of them: the others have fewer. It is nil if
// there is none.
func listOf(l []*Finding) *Finding {
	most := l[0]
	units := map[string]bool{}
	for _, f := range l {
		if len(f.Occurrences) != 1 || f.input() == "" || f.input() != l[0].input() || units[f.Occurrences[0].Unit()] || f.Message == "" {
			return nil
		}
		units[f.Occurrences[0].Unit()] = true
		if len(f.Related) > len(most.Related) {
			most = f
		}
	}
	listed := map[string]bool{most.Object.Kind + " " + most.Object.Name: true}
	for _, r := range most.Related {
		listed[r.Label] = true
	}
	isOther := func(f *Finding) bool { return !listed[f.Object.Kind+" "+f.Object.Name] }
	if len(most.Related) == 0 || slices.ContainsFunc(l, isOther) {
		return nil
	}
	return most
}

// ownOf is the one of some findings that is of the chart in which their place is, if the others are of charts that depend on it: they have
// the same object, named by another release. It is nil if there is none.
func ownOf(l []*Finding) (own *Finding) {
	said := map[string]string{}
	for _, f := range l {
		if len(f.Occurrences) != 1 || f.Occurrences[0].Scenario == "" || f.Object.Kind != l[0].Object.Kind || f.Message == "" {
			return nil
		}
		input := f.Occurrences[0].Input
		if text, has := said[input]; has && text != f.Message {
			return nil // the chart has several of them
		}
		said[input] = f.Message
		isBelow := strings.HasPrefix(f.Origin.Printed().File, input+"/") || input == "."
		if isBelow && (own == nil || len(input) > len(own.Occurrences[0].Input)) {
			own = f
		}
	}
	if len(said) < 2 {
		return nil
	}
	return own
}

// leadOf is the first of some findings with the chart's own values, or else the first that names other places, if some name none: a unit
// that shows more knows better.
func leadOf(l []*Finding) *Finding {
	i := slices.IndexFunc(l, func(f *Finding) bool { return len(f.Occurrences) > 0 && f.Occurrences[0].Scenario == DefaultScenario })
	if i < 0 {
		i = slices.IndexFunc(l, func(f *Finding) bool { return len(f.Related) > 0 })
	}
	return l[max(i, 0)]
}

// eachOf is what a message calls n containers: each of 2 containers (app, proxy), or container "main" of each of 2
// templates (build, test), if they differ in that alone.
func eachOf(l []*Finding, n int) string {
	label, within, _ := strings.Cut(l[0].Subject, " of ")
	noun, _, isWithin := strings.Cut(within, ` "`)
	var names, withins []string
	for _, f := range l {
		name, ok := strings.CutPrefix(f.Subject, label+" of "+noun+` "`)
		isWithin = isWithin && ok
		names, withins = appendName(names, f.Container), appendName(withins, strings.TrimSuffix(name, `"`))
	}
	if isWithin {
		return fmt.Sprintf("%s of each of %d %ss%s", label, n, noun, namesOf(withins, n))
	}
	return fmt.Sprintf("each of %d containers%s", n, namesOf(names, n))
}

// appendName appends a name that is not there yet, unless there are more than a message names.
func appendName(names []string, name string) []string {
	if name == "" || len(names) > maxNamed || slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

// areOne reports whether findings are one defect of one object, each in another unit.
func areOne(l []*Finding) bool {
	of, said := l[0].Fingerprint, map[string]string{}
	for _, f := range l {
		for _, o := range f.Occurrences {
			unit, text := o.Unit(), cmp.Or(o.Message, f.Message)
			if cmp.Or(o.Fingerprint, f.Fingerprint) != of || said[unit] != "" && said[unit] != text {
				return false
			}
			said[unit] = text
		}
	}
	return of != "" && len(said) > 0
}

// maxNamed is how many containers a message names.
const maxNamed = 4

// namesOf are the names of n containers in brackets, if each has one of its own and a message can name all.
func namesOf(names []string, n int) string {
	if len(names) != n || n > maxNamed {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// sharedMessage is what the messages of several objects have in common, which each begin with the name of their own or of its
// namespace and differ in a few words at one place. It is empty if they are others.
func sharedMessage(l []Occurrence) string {
	if shared := sharedText(l, subjectOf); shared != "" {
		return shared
	}
	return sharedText(l, func(o Occurrence) (kind, name, rest string) { // each of them may want something else
		if kind, name, rest = subjectOf(o); kind == namespaces {
			rest, _, _ = strings.Cut(rest, "; want ")
		}
		return kind, name, rest
	})
}

// sharedText is sharedMessage for messages of which split gives the subject.
func sharedText(l []Occurrence, split func(Occurrence) (kind, name, rest string)) string {
	var names, first []string
	seen, kind, most := map[ObjectRef]bool{}, "", maxOtherWords
	before, after, longest := 0, 0, 0 // the words in common at both ends, and those of the longest
	for i, o := range l {
		of, name, rest := split(o)
		if i > 0 && of != kind || rest == "" {
			return ""
		}
		words := strings.Split(rest, " ")
		if i == 0 {
			kind, first, before, after = of, words, len(words), len(words)
		}
		longest = max(longest, len(words))
		before = min(before, commonWords(first, words, func(_, i int) int { return i }))
		after = min(after, commonWords(first, words, func(n, i int) int { return n - 1 - i }))
		key := o.Object
		if kind == namespaces {
			key, most = ObjectRef{Namespace: name}, maxWordsOfWorkloads
		}
		if !seen[key] && len(names) <= maxNamed && name != "" {
			names = append(names, name)
		}
		seen[key] = true
	}
	if len(seen) < 2 {
		return ""
	}
	subject := fmt.Sprintf("each of %d %s%s ", len(seen), kind, namesOf(names, len(seen)))
	switch {
	case before == longest && before == len(first):
		return subject + strings.Join(first, " ")
	case before == 0 || after == 0 || longest-before-after > most || before+after > len(first):
		return ""
	}
	stop := "" // of the part that differs
	if other := first[before : len(first)-after]; len(other) > 0 && strings.HasSuffix(other[len(other)-1], ";") {
		stop = ";"
	}
	return subject + strings.Join(first[:before], " ") + " …" + stop + " " + strings.Join(first[len(first)-after:], " ")
}

// worstMessage is what the worst of some findings say, if these say the same of their pods or containers: the others, which matter less, have
// messages of their own in their occurrences. It is empty if all matter the same, or if the worst differ.
func worstMessage(l []*Finding) string {
	worst := slices.Clone(l)
	slices.SortStableFunc(worst, func(a, b *Finding) int { return cmp.Compare(a.Severity, b.Severity) })
	n := slices.IndexFunc(worst, func(f *Finding) bool { return f.Severity != worst[0].Severity })
	if n < 1 {
		return ""
	}
	says := commonMessage(worst[:n])
	if says.lead != nil {
		return ""
	}
	return says.message
}

// worstFirst are the occurrences of some findings, those of the worst first.
func worstFirst(l []*Finding, occurrences []Occurrence) []Occurrence {
	severities := map[string]Severity{}
	for _, f := range l {
		if s, known := severities[f.Message]; !known || f.Severity < s {
			severities[f.Message] = f.Severity
		}
	}
	occurrences = slices.Clone(occurrences)
	slices.SortStableFunc(occurrences, func(a, b Occurrence) int {
		return cmp.Or(
			cmp.Compare(severities[a.Message], severities[b.Message]), a.Object.Compare(b.Object), cmp.Compare(a.Unit(), b.Unit()),
			cmp.Compare(a.Container, b.Container), comparePaths(a.Path, b.Path),
		)
	})
	return occurrences
}

// comparePaths orders the elements of a list as it has them: the third comes before the tenth.
func comparePaths(a, b string) int {
	i, j := strings.LastIndexByte(a, '[')+1, strings.LastIndexByte(b, '[')+1
	if i == 0 || j == 0 {
		return cmp.Compare(a, b)
	}
	return cmp.Or(cmp.Compare(a[:i], b[:j]), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// listedWords are the words of a list, such as "A, B and C", in which each is one word. They are nil if the text is something else.
func listedWords(text string) []string {
	words := strings.Split(strings.Replace(text, " and ", ", ", 1), ", ")
	if len(words) < 2 || slices.ContainsFunc(words, func(w string) bool { return w == "" || strings.Contains(w, " ") }) {
		return nil
	}
	return words
}

// differing are the parts in which messages differ between the words that all of them begin and end with. It is nil if these are not enough, or if a part
// is too long for a list.
func differing(texts [][]string, before, after int) (l []string) {
	for _, words := range texts {
		n := len(words) - before - after
		if n < 1 || before+after < minSharedWords {
			return nil
		}
		text := strings.Join(words[before:len(words)-after], " ")
		switch listed := listedWords(text); {
		case listed != nil:
			l = append(l, listed...)
		case n > maxListedWords:
			return nil
		default:
			l = append(l, text)
		}
	}
	return l
}

// listingMessage is the message of several occurrences in one object, in one namespace or several, that differ in some words at one place: it has all of these words. It is
// empty if they differ in more.
func listingMessage(l []Occurrence) string {
	var texts [][]string
	known := map[string]bool{}
	before, after := 0, 0
	for i, o := range l {
		if o.Object.Kind != l[0].Object.Kind || o.Object.Name != l[0].Object.Name || o.Message == "" {
			return ""
		}
		if known[o.Message] {
			continue
		}
		known[o.Message] = true
		words := strings.Split(o.Message, " ")
		if i == 0 {
			before, after = len(words), len(words)
		} else {
			before = min(before, commonWords(texts[0], words, func(_, i int) int { return i }))
			after = min(after, commonWords(texts[0], words, func(n, i int) int { return n - 1 - i }))
		}
		texts = append(texts, words)
	}
	differ := differing(texts, before, after)
	if len(differ) < 2 {
		return ""
	}
	stop := differ[0][len(differ[0])-1:]
	if !strings.ContainsAny(stop, ",;:") || slices.ContainsFunc(differ, func(s string) bool { return !strings.HasSuffix(s, stop) }) {
		stop = ""
	}
	for i := range differ {
		differ[i] = strings.TrimSuffix(differ[i], stop)
	}
	if most := largest(differ); most != "" && !areTogether(l) {
		differ = []string{most}
	}
	begin, end := "each of", strings.Join(texts[0][len(texts[0])-after:], " ")
	if verb, _, _ := strings.Cut(end, " "); before == 0 && !strings.HasSuffix(verb, "s") { // the chart renders no policy, and a namespace has none
		return ""
	}
	if before > 0 {
		begin, end = strings.Join(texts[0][:before], " "), inNumber(end, len(differ))
	}
	return strings.TrimSpace(begin + " " + AndOthers(differ, maxNamed) + stop + " " + end)
}

// inNumber is the end of a message about so many fields.
func inNumber(end string, n int) string {
	if n < 2 {
		return end
	}
	return strings.Replace(end, "which is required; want it set", "which are required; want them set", 1)
}

// keyMessage is the message of several occurrences that say the same of one key in different mappings, whose path each begins with. It
// is empty if they say something else.
func keyMessage(l []Occurrence) (message string) {
	for i, o := range l {
		rest, ok := strings.CutPrefix(o.Message, o.Path+" ")
		at := max(strings.LastIndex(o.Path, "."), strings.LastIndex(o.Path, "["))
		if quoted := strings.LastIndex(o.Path, `["`); quoted >= 0 && strings.HasSuffix(o.Path, `"]`) {
			at = quoted
		}
		text := strings.Trim(o.Path[at+1:], `"]`) + " " + rest
		if !ok || o.Path == "" || i > 0 && text != message {
			return ""
		}
		message = text
	}
	return message + ofObjects(l)
}

// workloadsSuchAs is behind the number of workloads in a message that names one of them.
const workloadsSuchAs = " workloads, such as "

// withoutOtherCount is a finding whose message gives no number of workloads, if its occurrences have other numbers, and if it is not the number of
// the objects that the finding lists. Each occurrence has the message with its own number.
func (f *Finding) withoutOtherCount() *Finding {
	before, after, has := strings.Cut(f.Message, workloadsSuchAs)
	at := strings.LastIndexByte(before, ' ') + 1
	n, err := strconv.Atoi(before[at:])
	if !has || err != nil || n == len(f.Related)+1 {
		return f
	}
	isOther := func(o Occurrence) bool {
		return o.Message != "" && !strings.Contains(o.Message, before[at-1:]+workloadsSuchAs)
	}
	if !slices.ContainsFunc(f.Occurrences, isOther) {
		return f
	}
	g := *f
	g.Message, g.Occurrences = before[:at]+strings.TrimSpace(workloadsSuchAs)+" "+after, slices.Clone(f.Occurrences)
	for i := range g.Occurrences {
		o := &g.Occurrences[i]
		o.Message = cmp.Or(o.Message, f.Message)
	}
	return &g
}

// areTogether reports whether occurrences of one unit have different messages.
func areTogether(l []Occurrence) bool {
	messages := map[string]string{}
	for _, o := range l {
		if m, known := messages[o.Unit()]; known && m != o.Message {
			return true
		}
		messages[o.Unit()] = o.Message
	}
	return false
}

// largest is the largest of some numbers, such as that of workloads, of which scenarios have fewer. It is empty if one text is none.
func largest(l []string) (text string) {
	most := -1
	for _, s := range l {
		n, err := strconv.Atoi(s)
		if err != nil {
			return ""
		}
		if n > most {
			most, text = n, s
		}
	}
	return text
}

// Limits of messages that list what they differ in.
const (
	// maxListedWords is how many words of each message are listed, and minSharedWords how many all share.
	maxListedWords = 8
	minSharedWords = 3
)

// And joins words as a sentence does: "a, b and c". Without words it is empty.
func And(words []string) string { return texts.And(words) }

// AndOthers is And of at most so many words. Where there are more, the last says how many:
// "a, b and 3 others".
func AndOthers(words []string, most int) string { return texts.AndOthers(words, most) }

// ofObjects says behind a rule's title which objects occurrences are of, and in which namespaces if one object is in several.
func ofObjects(l []Occurrence) string {
	var names, namespaces []string
	for _, o := range l {
		name := KindName(o.Object.Kind, o.Object.Name)
		if o.Object == (ObjectRef{}) || o.Object.Name == "" {
			return ""
		}
		names, namespaces = append(names, name), append(namespaces, o.Object.Namespace)
	}
	unique := func(l []string) []string {
		slices.Sort(l)
		return slices.DeleteFunc(slices.Compact(l), func(s string) bool { return s == "" })
	}
	names, namespaces = unique(names), unique(namespaces)
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1 && len(namespaces) > 1:
		return ": " + names[0] + ", in namespaces " + AndOthers(namespaces, maxNamed)
	case len(names) < maxNamed && slices.ContainsFunc(l, func(o Occurrence) bool { return strings.Contains(o.Message, workloadsSuchAs) }):
		return ": " + strings.Join(names, ", ") + " and more" // each is one of several
	}
	return ": " + AndOthers(names, maxNamed)
}

// What messages begin with.
const (
	objects    = "objects"
	namespaces = "namespaces"
	podsOf     = "pods"
)

// subjectOf is what the message of an occurrence begins with: its object, or the namespace of it, whose name is empty if no file
// has it. The rest is empty if it begins with something else.
func subjectOf(o Occurrence) (kind, name, rest string) {
	name = KindName(o.Object.Kind, o.Object.Name)
	if rest, ok := strings.CutPrefix(o.Message, name+" "); ok {
		return objects, name, rest
	}
	if part, ok := strings.CutPrefix(o.Message, name+`, webhook "`); ok { // as of 'NAME, webhook "hook", sets …'
		_, rest, _ = strings.Cut(part, `", `)
		return objects, name, rest
	}
	if rest, ok := strings.CutPrefix(o.Message, "pod "); ok {
		return podsOf, name, rest
	}
	if rest, ok := strings.CutPrefix(o.Message, "the namespace of "+name+" "); ok {
		return namespaces, "", rest
	}
	if text, ok := strings.CutPrefix(o.Message, `namespace "`); ok {
		name, rest, _ = strings.Cut(text, `" `)
		return namespaces, name, rest
	}
	return "", "", ""
}

// maxOtherWords is how many words may differ between messages that are merged into one.
const maxOtherWords = 3

// maxWordsOfWorkloads is the same for messages about namespaces, which may name one of their workloads or say how many there are.
const maxWordsOfWorkloads = 6

// commonWords counts the words that two texts share, in the order in which at gives them: the place of the ith of n.
func commonWords(a, b []string, at func(n, i int) int) int {
	i := 0
	for i < len(a) && i < len(b) && a[at(len(a), i)] == b[at(len(b), i)] {
		i++
	}
	return i
}

// titleInSentence is the rule's title without its capital letter, which acronyms and kinds such as
// ConfigMap keep.
func (r *Rule) titleInSentence() string {
	first, size := utf8.DecodeRuneInString(r.Title)
	word, _, _ := strings.Cut(r.Title[size:], " ")
	if strings.ContainsFunc(word, unicode.IsUpper) {
		return r.Title
	}
	return string(unicode.ToLower(first)) + r.Title[size:]
}

// relocate makes the place of a finding that of its value, as an entry of the values that takes
// another key, too, is not known to fix it.
func (f *Finding) relocate(d Diagnostic) {
	f.Origin = d.place().locate(d)
	if d.Secret {
		mask(&f.Origin)
	}
	f.fixByValues(d)
}

// setObject notes the object that has the defect.
func (f *Finding) setObject(o *Object) {
	f.Object, f.Subchart = o.Ref(), o.Vendored
	if o.IsHelmTest() {
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
	text := make([]byte, 0, 512) // no allocation, where that is enough
	for i, part := range parts {
		if i > 0 {
			text = append(text, 0)
		}
		text = append(text, part...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// SeenFrom gives the findings that are in a file, and copies, moved there, of those
// that are in other files but whose trail leads to it: the values key that supplied
// a value, the patch or the base of an object, the line that includes a helper.
// The place that a copy was at becomes a related place. The rendered output is no
// place to move to. The function line gives the file's lines, counted from 1.
func SeenFrom(findings []*Finding, in func(file string) bool, line func(n int) string) []*Finding {
	secrets := map[int]bool{} // lines that may hold some
	for _, f := range findings {
		for _, s := range f.Origin.Trail {
			if f.Secret && in(s.Position.File) {
				secrets[s.Position.Line] = true
			}
		}
	}
	var out []*Finding
	for _, f := range findings {
		if in(f.Origin.File) {
			out = append(out, f)
			continue
		}
		s, ok := f.StepIn(in)
		if !ok {
			continue
		}
		g := *f
		g.Fix = Fix{Title: f.Fix.Title}
		g.Related = append([]RelatedPlace{{Position: f.Origin.Position, Label: "where it shows"}}, f.Related...)
		g.Origin.Position, g.Origin.Text, g.Origin.Precision = s.Position, line(s.Position.Line), PrecisionBlock
		if s.Kind == StepValues {
			g.Origin.Precision = PrecisionExact
		}
		if secrets[s.Position.Line] {
			mask(&g.Origin)
		}
		out = append(out, &g)
	}
	return out
}

// StepIn is the first step of the finding's trail that is in a file.
func (f *Finding) StepIn(in func(file string) bool) (Step, bool) {
	for _, s := range f.Origin.Trail {
		if s.Kind != StepRendered && s.Position.File != "" && in(s.Position.File) {
			return s, true
		}
	}
	return Step{}, false
}
