package lint

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// Intent is what a rule wants done about the value at which it reports. A rule knows
// fields, not files: only a Locator turns an intent into edits. The zero Intent is advice:
// what the rule's own Fix says.
type Intent struct {
	// Do is what to do with the value.
	Do Action
	// Title replaces the rule's Fix, if not empty.
	Title string
	// Value is the value that the field should have, as YAML, or the name that a key should
	// have. It is empty if there is none, or if it depends on the application.
	Value string
	// Sample is a value that fixes the defect, if which one is right depends on the application: keys of a chart are tried with
	// it. It is in no text. It is empty if there is none.
	Sample string
	// Also is what there is to do beside giving the field its value, as the rest of a
	// sentence: "mount an emptyDir where it writes". It is empty if the value is enough. Title
	// and the rule's Fix say it themselves.
	Also string
	// Mounted is the words of Also that say where an emptyDir is to be mounted. Behind them the fix says by which keys of a chart that
	// is done, or that it takes the template. It is empty if no volume is needed.
	Mounted string
	// Enabling is the values of a chart that fix the defect, where the field has none that
	// does it: see Pass.KeysToEnable.
	Enabling
	// Key is a value for a key of a chart that decides what is printed, known by its name. It is
	// nil if the name of no key says what it is for.
	Key *NamedKey
	// Unless replaces that of the rule, if not empty.
	Unless string
	// AddsObject says that the title adds an object: a chart can do that in its own templates for what its subcharts have.
	AddsObject bool
	// IsHarmless says that the fix stops no program, whatever the rule's Unless says.
	IsHarmless bool
	// AdviceOnly says that another value of the field alone does not fix the defect, so
	// that Title stays even if a values key supplies the field.
	AdviceOnly bool
	// AtSwitch says that the field is to be removed, and that a key that decides whether a template prints it is
	// the place to edit, if another value of it removes the field and leaves what is beside it.
	AtSwitch bool
	// Removal is the words of the title that say to remove the object: "remove the Secret". Where a key of a chart leaves out the
	// object, and nothing beside it, the title names that key, too.
	Removal string
	// ContainerRemoval is the words of the title that say to remove what the container does. Where a key of a chart leaves out the
	// container, and changes nothing beside it, the title names that key in place of them.
	ContainerRemoval string
	// Elsewhere says that something else can supply the object in place of the chart. Such a key is named for that, too.
	Elsewhere bool
	// Supplied is the words that say what Secret supplies the value in place of the chart: "that a vault supplies". A key of a chart that names such
	// a Secret is tried, and named before them. It is empty if the value needs no Secret.
	Supplied string
	// IsReleased says that the release of a chart replaces its appVersion: the one in Chart.yaml is never installed.
	IsReleased bool
	// RaisedBy is the file with a command that raises the chart's appVersion, and leaves its values as they are. It is empty if none is known.
	RaisedBy string
	// RewrittenBy is the file with a command that puts another text in the place of that of Key, without what the fix adds: Title has that file
	// do it. It is empty if none is known.
	RewrittenBy string
	// OrSwitch says that a key which decides whether a template prints the value is tried, and named before the title if it fixes
	// the defect: the title is advice for those who need what the key switches on. With a Sample it is the key of an empty list,
	// without which the template prints the value.
	OrSwitch bool
	// Emptied says that a key of a chart which supplies the value is tried without one: if the rule reports the value again, the template has
	// it too, and the fix says so.
	Emptied bool
	// Mapping is what may be in place of the value, beside its own key: {valueFrom: …}. A key of a chart which supplies the value is tried with
	// it: if the template then prints it as text, InTemplate is the title, with the place of the template before it and the key for ValuesKey.
	Mapping, InTemplate string
	// Without is a field that has to go before the field can have the value With: beside it the value has no effect, or, if
	// IsRefused is set, the API server refuses it. Title says both. Keys of a chart that do both are tried. Without is absent if
	// there is no such field.
	Without   Value
	With      string
	IsRefused bool
	// For, Apart and Together are as in a Fix.
	For, Apart, Together string
	// Files, InBase and Bases are as in a Fix.
	Files, Bases []string
	InBase       string
	// Left is a check of the object with the values of the fix: it reports what these leave to be done, at the value that would
	// do it. The message follows a comma, and so does the title of its fix where no value is known. It is nil if nothing is left.
	Left Check
	// List is the list to which the title says to add, by the words InPolicy. A key of a chart that takes its elements is named in their
	// place. It is absent if there is none.
	List Value
	// Beside begins the title if the value of the fix does not fit what else a values key is for.
	// What that is follows.
	Beside string
}

// InPolicy is the words of a title that say where to add to a list of a policy: see Intent.List.
const InPolicy = "in the policy"

// ValuesKey is where the title InTemplate names the key.
const ValuesKey = "{values key}"

// DisabledObject is an object that a chart's values keep out.
type DisabledObject struct {
	Kind string
	// APIGroup is empty for the core group, and where the template computes or chooses it.
	APIGroup string
	// Template is the file that would print it. It is empty if it is not known which one does.
	Template string
	// Keys are the values to set, all of them, so that the object is there. Each
	// has a Set.
	Keys []Step
	// Switch is the entry of the only one of Keys. It is nil if there are several, or if the
	// values have no such entry.
	Switch *Entry
	// Vendored names the third-party subchart that it belongs to. It is empty for the
	// linted chart's own.
	Vendored string
	// Text is the object as the template has it, actions and all. It is empty if that is not known.
	Text string
	// Unsure says that something else may keep the object out, too.
	Unsure bool
}

// Enabling is the values of a chart that make it print an object that they keep out.
type Enabling struct {
	// Keys are the values to set, all of them. It is nil if there are none.
	Keys []Step
	// Switch is the entry of the only one of Keys: the place to edit, if it fixes the defect. It is nil if there are several,
	// or if the values have no such entry.
	Switch *Entry
	// Fewest says that some of Keys may not be needed: the fewest that do it are found by trial.
	Fewest bool
	// Next are others that are tried if Keys do not fix the defect.
	Next []Enabling
	// in finds those of the unit as Keys make it. It is nil if there are none to find.
	in func(u *Unit) Enabling
}

// sets are the keys, and those that are tried after them.
func (e *Enabling) sets() (sets [][]Step) {
	if len(e.Keys) > 0 {
		sets = append(sets, e.Keys)
	}
	for _, next := range e.Next {
		sets = append(sets, next.Keys)
	}
	return sets
}

// maxNext is how many others are tried at most.
const maxNext = 4

// Serving says whether an object that a chart's values keep out does what another object lacks.
type Serving int

// The answers.
const (
	ServesNot Serving = iota
	MayServe          // only a trial shows it
	Serves
)

func (u *Unit) keysToEnable(group, kind string, of *Object, serves func(DisabledObject) Serving) Enabling {
	if u.Disabled == nil {
		return Enabling{}
	}
	// A switch is enough to know. With a list to fill, or a template that cannot be read well enough, it is tried whether the
	// keys do it.
	var sure, filled, unsure []DisabledObject
	for _, s := range u.Disabled(kind) {
		if s.APIGroup != group && s.APIGroup != "" || s.Vendored != of.Vendored {
			continue
		}
		switch does := serves(s); {
		case does == ServesNot:
		case does == MayServe || s.Unsure:
			unsure = append(unsure, s)
		case s.Fills():
			filled = append(filled, s)
		default:
			sure = append(sure, s)
		}
	}
	e, lists := enablingOf(sure, of), enablingOf(filled, of)
	lists.Switch, lists.Fewest = nil, len(lists.Keys) > 0
	if e.Keys == nil {
		e, lists = lists, Enabling{}
	}
	l := append([]Enabling{}, e)
	if lists.Keys != nil {
		l = append(l, Enabling{Keys: lists.Keys})
	}
	for _, s := range unsure {
		if len(l) <= maxNext && !slices.ContainsFunc(l, func(have Enabling) bool { return slices.Equal(have.Keys, s.Keys) }) {
			l = append(l, Enabling{Keys: s.Keys, Switch: s.Switch})
		}
	}
	if l[0].Keys == nil {
		l = l[1:]
	}
	if len(l) == 0 {
		return Enabling{}
	}
	e = l[0]
	e.Next = l[1:]
	e.in = func(u *Unit) Enabling { return u.keysToEnable(group, kind, of, serves) }
	return e
}

// Fills reports whether a list has to be filled so that the object is there.
func (s *DisabledObject) Fills() bool {
	return slices.ContainsFunc(s.Keys, func(k Step) bool { return k.Set == Filled })
}

// enablingOf is the keys of the one of some objects whose template is beside that of another object. If it is not clear
// which one that is, they are those of all.
func enablingOf(disabled []DisabledObject, of *Object) Enabling {
	var all, beside []Enabling
	add := func(l []Enabling, s DisabledObject) []Enabling {
		if slices.ContainsFunc(l, func(have Enabling) bool { return slices.Equal(have.Keys, s.Keys) }) {
			return l
		}
		return append(l, Enabling{Keys: s.Keys, Switch: s.Switch})
	}
	for _, s := range disabled {
		all = add(all, s)
		if path.Dir(s.Template) == path.Dir(of.start().File) {
			beside = add(beside, s)
		}
	}
	switch {
	case len(all) == 1:
		return all[0]
	case len(beside) == 1:
		return beside[0]
	}
	var sets [][]Step
	for _, e := range all {
		sets = append(sets, e.Keys)
	}
	keys := unionOf(sets)
	return Enabling{Keys: keys, Fewest: len(keys) > 0}
}

// maxUnion is how many keys are set at most to find those that are needed: each is a trial.
const maxUnion = 6

// unionOf is the keys of all sets. It is nil if there are too many, or if two sets give a key
// different values.
func unionOf(sets [][]Step) []Step {
	var l []Step
	for _, s := range slices.Concat(sets...) {
		i := slices.IndexFunc(l, func(have Step) bool { return have.Label == s.Label })
		switch {
		case i < 0:
			l = append(l, s)
		case l[i].Set != s.Set:
			return nil
		}
	}
	if len(l) > maxUnion {
		return nil
	}
	return l
}

// NamedKey is a key of a chart's values that does what a rule wants, if it has a value.
type NamedKey struct {
	// Tries are the values with which the fix is tried, in order.
	Tries []Try
	// Own is tried with the key that supplies the value, whatever its name: Title is no fix if the key is
	// printed elsewhere, too. It is zero if the value fits anywhere.
	Own Try
	// Apart begins the title if what Own adds needs a value of its own.
	Apart string
	// Text is what the key supplies now, and Before what is before it where it may have the new value.
	Text, Before string
}

// Try is a value with which a fix is tried.
type Try struct {
	// Names are what the last part of the key may be: digest.
	Names []string
	// Value is the value, and Text how the fix writes it.
	Value, Text string
	// Ends is what the value of the field ends with if it did it.
	Ends string
}

// names are those of all tries.
func (k *NamedKey) names() (l []string) {
	for _, try := range k.Tries {
		for _, name := range try.Names {
			if !slices.Contains(l, name) {
				l = append(l, name)
			}
		}
	}
	return l
}

// isNamed reports whether a key has one of the names.
func (t *Try) isNamed(label string) bool {
	return slices.ContainsFunc(t.Names, func(name string) bool { return label == name || strings.HasSuffix(label, "."+name) })
}

// isNamed reports whether a key has one of the names.
func (k *NamedKey) isNamed(label string) bool {
	return slices.ContainsFunc(k.Tries, func(t Try) bool { return t.isNamed(label) })
}

// sets are what to try for a key.
func (k *NamedKey) sets(s Step) (sets [][]Step) {
	for _, try := range k.Tries {
		if try.isNamed(s.Label) {
			s.Set = try.Value
			sets = append(sets, []Step{s})
		}
	}
	return sets
}

// does reports whether the value of the field is what it is to be with a key.
func (k *NamedKey) does(s Step, text string) bool {
	i := slices.IndexFunc(k.Tries, func(t Try) bool { return t.Value == s.Set && t.isNamed(s.Label) })
	return i < 0 || strings.HasSuffix(text, k.Tries[i].Ends)
}

// write makes the text of a fix say what to set in place of what was tried.
func (k *NamedKey) write(fix string) string {
	tries := slices.Clone(k.Tries) // one value may be a part of another
	slices.SortStableFunc(tries, func(a, b Try) int { return len(b.Value) - len(a.Value) })
	for _, try := range tries {
		fix = strings.ReplaceAll(fix, try.Value, try.Text)
	}
	return fix
}

// Action is what an Intent does. Its zero value is Set.
type Action int

// The actions.
const (
	// Set gives the field a value, or adds it.
	Set Action = iota
	// Remove removes the field.
	Remove
	// Rename gives a key another name. The value at which the rule reports is the key:
	// see Value.AtKey.
	Rename
)

// want is the value that the field should have. It is empty if there is none.
func (i Intent) want() string {
	if i.Do != Set {
		return ""
	}
	return i.Value
}

// tried is the value with which keys of a chart are tried. It is empty if there is none.
func (i Intent) tried() string { return cmp.Or(i.want(), i.Sample) }

// SampleName is the name of an object with which a key is tried that has one. It is in no text: which object there is depends on the application.
const SampleName = "example"

// withoutSample is what to set without the sample: which value is right depends on the application.
func (i Intent) withoutSample(set []Step) []Step {
	set = slices.Clone(set)
	for j := range set {
		if i.Sample != "" && set[j].Set == i.Sample || set[j].Set == SampleName {
			set[j].Set = ""
		}
	}
	return set
}

// Advice is an intent that only a person can carry out.
func Advice(title string) Intent { return Intent{Title: title, AdviceOnly: true} }

// FixText is the rule's Fix with the reason not to do it.
func (r *Rule) FixText() string { return unless(r.Fix, r.Unless) }

// fixText is the text of a fix with the reason not to do it.
func (d *Diagnostic) fixText(r *Rule, fix string) string {
	if d.Fix.IsHarmless {
		return fix
	}
	return unless(fix, cmp.Or(d.Fix.Unless, r.Unless))
}

// unless adds the reason not to do it to a fix that names none.
func unless(fix, reason string) string {
	if reason == "" || strings.Contains(fix, "ignore the finding") {
		return fix
	}
	return fix + "; if " + reason + ", ignore the finding"
}

// Fix is what a person does about a finding, at its place.
type Fix struct {
	// Title is one imperative clause, in lower case without full stop.
	Title string `json:",omitzero"`
	// Value is the value that the field should have, as YAML, if that alone fixes the
	// defect. It is empty if there is no such value, or if it depends on the application.
	Value string `json:",omitzero"`
	// Addition is what to add at the place, if the field is absent there.
	Addition Addition `json:",omitzero"`
	// Edits are the changes of text that do it. They were not tried. They are nil if only
	// a person can do it, and if nobody asked for them: see Checker.Edits.
	Edits []Edit `json:",omitzero"`
	// For is what the fix fits alone, such as a repository of images of which it names a digest. It
	// is empty if the fix fits all that is at its place.
	For string `json:",omitzero"`
	// Apart is the title if one values key is the place of fixes that fit different things.
	Apart string `json:",omitzero"`
	// Together is the title if the place is that of several objects which need different fixes, such as a file of which
	// overlays make an object each. It is empty if the rule's own is.
	Together string `json:",omitzero"`
	// Files are the kustomizations that Together names, where it has ListedInFiles.
	Files []string `json:",omitzero"`
	// InBase is the title for several objects if their kustomizations have one in common, with ListedInFiles. Bases are those that
	// would do for the object, the outermost first.
	InBase string   `json:",omitzero"`
	Bases  []string `json:",omitzero"`
	// Beside is the title if it says what else a values key is for. It is empty otherwise.
	Beside string `json:",omitzero"`
	// In is what the title begins with if it says where the fix is to be done, since its place is a dependency. It is empty
	// otherwise.
	In string `json:",omitzero"`
	// AddsObject says that the fix adds an object, which can be in any file.
	AddsObject bool `json:",omitzero"`
}

// Span is a part of a file: the bytes from Start to before End.
type Span struct {
	File       string `json:",omitzero"`
	Start, End int    `json:",omitzero"`
}

// Edit puts a text in the place of a span.
type Edit struct {
	Span `json:",omitzero"`
	New  string `json:",omitzero"`
}

// Apply makes edits to the text of a file. ok is false if they are not within the text,
// or if they overlap.
func Apply(text string, edits []Edit) (changed string, ok bool) {
	edits = slices.SortedFunc(slices.Values(edits), func(a, b Edit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(text) {
			return "", false
		}
		b.WriteString(text[at:e.Start] + e.New)
		at = e.End
	}
	return b.String() + text[at:], true
}

// Editor is a Locator that can turn intents into edits.
type Editor interface {
	// Edits are the changes of text that carry out an intent about a value of a
	// document. They are nil if they are not known exactly.
	Edits(d *Document, at Value, in Intent) []Edit
}

// edits are those of a diagnostic whose value is at the place of the finding.
func (d *Diagnostic) edits() []Edit {
	of := d.document()
	e, ok := of.locator.(Editor)
	if !ok || d.Fix.AdviceOnly || len(d.Fix.Keys) > 0 || d.Secret {
		return nil
	}
	if o := d.of(); o != nil && o.IsSecret() {
		return nil
	}
	return e.Edits(of, d.At, d.Fix)
}

// common is what two fixes for one cause have in common. If the titles differ, it is the
// rule's. isKey says that their place is a values key.
func (f Fix) common(g Fix, r *Rule, isKey bool) Fix {
	f.Title, g.Title = strings.TrimPrefix(f.Title, f.In), strings.TrimPrefix(g.Title, g.In)
	inBase := f.inBase(g)
	switch {
	case g.For != f.For && isKey && f.Apart != "":
		f.Title, f.For = f.Apart, ""
	case g.Beside != f.Beside: // in one of the scenarios the key is for more
		if f.Beside == "" || g.Beside != "" && g.Beside < f.Beside {
			f.Beside = g.Beside
		}
		f.Title = f.Beside
	case strings.HasPrefix(g.Title, f.Title+" if "): // in one of the units there is more to look at
		f.Title = g.Title
	case strings.HasPrefix(f.Title, g.Title+" if "):
	case g.Title != f.Title && inBase != "":
		f.Title = inBase
	case g.Title != f.Title && f.Together != "" && g.Together == f.Together:
		f.Files = slices.Concat(f.Files, g.Files)
		slices.Sort(f.Files)
		f.Files = slices.Compact(f.Files)
		f.Title = f.Together
		if len(f.Files) > 0 {
			f.Title = strings.ReplaceAll(f.Together, ListedInFiles, ListedBy(f.Files...))
		}
	case g.Title != f.Title:
		f.Title = r.commonTitle(f.Title, g.Title)
	}
	if g.Together != f.Together {
		f.Together = ""
	}
	if g.Addition != f.Addition || g.Value != f.Value {
		f.Addition, f.Value = Addition{}, ""
	}
	if !slices.Equal(g.Edits, f.Edits) {
		f.Edits = nil
	}
	f.In = commonPlace(f.In, g.In)
	f.Title, f.AddsObject = f.In+f.Title, f.AddsObject && g.AddsObject
	return f
}

// inBase is the title of two fixes that are done in a kustomization which both have in common. It is empty if there is none, or if
// they are the same in one place anyway.
func (f *Fix) inBase(g Fix) string {
	f.Bases = slices.DeleteFunc(slices.Clone(f.Bases), func(base string) bool { return !slices.Contains(g.Bases, base) })
	if f.InBase != g.InBase {
		f.InBase = ""
	}
	isOne := f.Together == g.Together && len(f.Files) == 1 && slices.Equal(f.Files, g.Files)
	if isOne || len(f.Bases) == 0 || f.InBase == "" {
		return ""
	}
	return strings.ReplaceAll(f.InBase, ListedInFiles, ListedBy(f.Bases[0]))
}

// commonPlace is where two fixes are to be done, as their titles begin. It is empty if that differs.
func commonPlace(in, other string) string {
	ofDependency := func(s string) bool { return s == inDependency || strings.HasPrefix(s, inSource) }
	switch {
	case in == other, other == "":
		return in
	case in == "":
		return other
	case ofDependency(in) && ofDependency(other):
		return inDependency
	}
	return ""
}

// ListedInFiles is where a fix for several objects says in which files it is done: what ListedBy says of their kustomizations.
const ListedInFiles = "{listed in files}"

// maxNamedFiles is how many files a fix names.
const maxNamedFiles = 3

// ListedBy says where a fix adds an object: in a file of one kustomization, or of each.
func ListedBy(kustomizations ...string) string {
	switch n := len(kustomizations); {
	case n == 1:
		return "in a file that " + kustomizations[0] + " lists under resources"
	case n > maxNamedFiles:
		return fmt.Sprintf("for each of the %d kustomizations, such as %s, in a file that it lists under resources", n, kustomizations[0])
	default:
		return "for each of " + And(kustomizations) + ", in a file that it lists under resources"
	}
}

// commonTitle is what two titles of fixes have in common: if they differ in the reason not to do it, that is the rule's. If both set
// the same keys, and one has more to do beside them in a scenario, it is that one.
func (r *Rule) commonTitle(a, b string) string {
	if short := ofSubchart(a, b); short != "" {
		return short
	}
	a, reason, _ := strings.Cut(a, "; if ")
	b, other, _ := strings.Cut(b, "; if ")
	if a == b && reason != "" && other != "" {
		return unless(a, r.Unless)
	}
	key, more, _ := strings.Cut(a, ", and ")
	if with, yet, _ := strings.Cut(b, ", and "); a == b || with != key || !strings.HasPrefix(key, "set ") || reason != other {
		return r.FixText()
	} else if len(yet) > len(more) || len(yet) == len(more) && yet > more {
		more = yet
	}
	if reason != "" {
		more += "; if " + reason
	}
	return key + ", and " + more
}

// ofSubchart is the title of a fix that sets a key of a chart, if the other one does the same for the chart that takes it in, whose keys
// have the name of the chart before them. It is empty for others.
func ofSubchart(a, b string) string {
	if len(a) > len(b) {
		a, b = b, a
	}
	short, ok := strings.CutPrefix(a, "set ")
	if _, key, cut := strings.Cut(b[:len(b)-len(short)], "set "); ok && cut && strings.HasPrefix(b, "set ") && strings.HasSuffix(b, short) && strings.HasSuffix(key, ".") && !strings.ContainsAny(key, " :") {
		return a
	}
	return ""
}

// fixByValues makes the fix the values key to set, if one is known: that is what
// the user of a chart would change.
func (f *Finding) fixByValues(d Diagnostic) {
	known := len(d.Fix.Keys) > 0 || d.Fix.AdviceOnly || d.At.IsSet() && f.Origin.isJoined()
	if len(d.Fix.Keys) > 0 && !d.Fix.Fewest {
		f.Fix.Title = d.fixText(f.Rule, setText(d.Fix.Keys))
	}
	for i := range f.Origin.Trail {
		s := &f.Origin.Trail[i]
		if s.Kind != StepValues || s.Label == "" || s.InText {
			continue
		}
		s.Missing = s.Missing || s.Set == "" && !d.At.IsSet() && !s.Off
		want := cmp.Or(s.Set, d.Fix.want())
		switch {
		case known, s.Chosen && s.Missing: // it is tried whether it does it
		case (s.Missing || s.Off) && enabling(f.Origin.Trail) != nil:
			known = true // whether both keys do it is tried
		case want != "":
			f.Fix.Title, known = "set "+s.Label+": "+want, true
			if d.Fix.Also != "" {
				f.Fix.Title += ", and " + d.Fix.Also
			}
			f.Fix.Title = d.fixText(f.Rule, f.Fix.Title)
		case s.Missing, i == 0 && d.isToBeFilled():
			f.Fix.Title, known = d.fixText(f.Rule, "set "+s.Label), true
		}
	}
	f.nameField(&d)
}

// nameField makes a title that says what to set the field to name the values key in place of the field, if the place of the finding is
// the key and its value is passed on.
func (f *Finding) nameField(d *Diagnostic) {
	if len(f.Origin.Trail) == 0 || d.At.IsSet() && f.Origin.isJoined() {
		return
	}
	s, set := f.Origin.Trail[0], "set "+d.field()
	isPassedOn := s.Kind == StepValues && s.Label != "" && s.Set == "" && !s.InText && !s.Off && s.Position == f.Origin.Position
	rest, says := strings.CutPrefix(f.Fix.Title, set)
	if !isPassedOn || !says || rest != "" && !strings.ContainsAny(rest[:1], ":, ;") || enabling(f.Origin.Trail) != nil {
		return
	}
	before, reason, has := strings.Cut(rest, "; ")
	if rest = strings.TrimSuffix(before, ", or remove it"); has { // what is left without the key depends on the template
		rest += "; " + reason
	}
	f.Fix.Title = "set " + s.Label + rest
}

// isToBeFilled reports whether the field has an empty text, and the fix is to give it one that depends on the application.
func (d *Diagnostic) isToBeFilled() bool {
	name, ok := strings.CutPrefix(d.Fix.Title, "set ")
	return ok && d.At.IsScalar() && d.At.Node.Value == "" && strings.HasSuffix(d.At.Path(), name)
}

// printUnread makes the fix to print a value that a chart has for an absent field of a pod or container, and that none of its templates
// reads: users set it, and it does nothing. It is for the only container of a pod, and resources are for the only one of the chart.
func (f *Finding) printUnread(u *Unit, d *Diagnostic) {
	l, ok := d.place().locator.(UnreadLocator)
	name, rest, _ := strings.Cut(d.field(), ".")
	_, missing := d.At.Anchor()
	if !ok || rest == "" || d.Subject.Workload == nil || d.At.IsSet() || d.Fix.want() == "" && d.Fix.Title != "" || missing != d.field() || f.Origin.Precision != PrecisionExact {
		return
	}
	if d.Subject.Kind != KindContainer || len(d.Subject.Workload.Select(KindContainer)) > 1 || name == "resources" && u.hasSeveralPods() {
		return
	}
	key := l.UnreadKey(f.Origin.Position, name, rest, d.Fix.want())
	if key == "" {
		return
	}
	title := "print .Values." + key + " as the " + name + " of the " + cmp.Or(d.Subject.noun, d.Subject.Kind.noun()) + ", since the values have it, and no template reads it"
	if d.Fix.Also != "" {
		title += ", and " + d.Fix.Also
	}
	f.Fix = Fix{Title: d.fixText(f.Rule, title), In: f.Fix.In}
}

// hasSeveralPods reports whether the unit has several pods or pod templates.
func (u *Unit) hasSeveralPods() bool {
	n := 0
	for _, o := range u.Objects {
		if n += len(o.Workloads); n > 1 {
			return true
		}
	}
	return false
}

// dropUnproved removes the key from the trail that a template may not pass on, and a switch that was tried and does not print the field.
func (f *Finding) dropUnproved() {
	f.Origin.Trail = slices.DeleteFunc(f.Origin.Trail, func(s Step) bool {
		isSwitch := s.Kind == StepValues && isBool(s.Set) && !strings.Contains(f.Fix.Title, s.Label)
		return (s.Chosen && s.Missing || isSwitch) && s.Position != f.Origin.Position
	})
}

// settle does what needs the final place of a finding. It reports whether the finding is for the users of a profile: what only the
// values set with which a chart is tested, or a chart that tests others, is for those who want more than the recommended one, besides what
// the API server refuses or ignores: the test does not test what it says.
func (f *Finding) settle(u *Unit, d *Diagnostic, profile Profile) bool {
	f.dropUnproved()
	f.Origin.Switch, f.Origin.Shared, f.Origin.Repair = nil, nil, "" // the place is known
	f.atDependency()
	if !f.Secret && (u.isForTests(f.Origin.File) || u.OfTests && !f.Rule.isRefusal()) { // no release uses these values
		if profile == Recommended && (u.IsOnlyTested != nil || u.OfTests) && !f.Rule.isRefusal() {
			return false
		}
		f.Severity = Low
	}
	if f.Severity != Low && f.isForTests(u, d) {
		f.Severity = Low
	}
	f.readInstead()
	f.nameNewKey(d)
	f.nameKeys()
	return true
}

// readInstead makes the fix of a finding about a key that the values lack to read the one that they have in its place: a second key beside
// that would mislead those who set it.
func (f *Finding) readInstead() {
	i := slices.IndexFunc(f.Origin.Trail, func(s Step) bool { return s.Kind == StepValues && s.Missing && s.Instead != "" })
	if i < 0 || f.Origin.isDependency() || !strings.HasPrefix(f.Fix.Title, "set "+f.Origin.Trail[i].Label) {
		return
	}
	s := f.Origin.Trail[i]
	name := s.Instead[strings.LastIndexByte(s.Instead, '.')+1:]
	read, rest, last := "", s.Label, ""
	for !strings.EqualFold(last, name) && rest != "" {
		last, rest, _ = strings.Cut(rest, ".")
		read = strings.TrimPrefix(read+"."+last, ".")
	}
	set := ""
	if rest != "" {
		set = ", and set " + s.Instead + "." + rest + " if it has no value"
	}
	f.Fix.Title = "read " + s.Instead + " in the template in place of " + read + ", which the values lack" + set
	f.Fix.Value, f.Fix.Addition, f.Fix.Edits = "", Addition{}, nil
	f.Origin.Trail = slices.Delete(slices.Clone(f.Origin.Trail), i, i+1)
}

// nameNewKey says in the fix that the key which it sets is a new one of the values file: the place is a line of a template, since the file has
// no line for the key.
func (f *Finding) nameNewKey(d *Diagnostic) {
	i := slices.IndexFunc(f.Origin.Trail, func(s Step) bool { return s.Kind == StepValues })
	if i < 0 || !f.Origin.Trail[i].Missing || f.Origin.Trail[i].Position.Line > 0 || f.Origin.Trail[i].Position.File == "" {
		return
	}
	s := f.Origin.Trail[i]
	set := "set " + s.Label
	if want := cmp.Or(s.Set, d.Fix.want()); want != "" {
		set += ": " + want
	}
	if rest, ok := strings.CutPrefix(f.Fix.Title, set); ok && (rest == "" || strings.ContainsAny(rest[:1], ",;")) {
		f.Fix.Title = set + ", a new key of " + s.Position.fromChartOf(f.Origin.File) + rest
	}
}

// isForTests reports whether a finding is about a field that is to be added to the values of a chart, for what only the values of its tests
// make it print, and if which value is right depends on the application: who turns the object on gives it one.
func (f *Finding) isForTests(u *Unit, d *Diagnostic) bool {
	if u.IsOnlyTested == nil || f.Secret || d.Fix.want() != "" || d.of() == nil || !f.Origin.IsEntry() || f.Origin.Trail[0].Kind != StepValues || !f.Origin.Trail[0].Missing {
		return false
	}
	return u.IsOnlyTested(d.of(), d.Subject.Name)
}

// nameKeys makes the fix and the trail name the keys of a subchart's values as its own file does, if that
// is the only file with keys that the fix sets.
func (f *Finding) nameKeys() {
	title, in, file, one := f.Fix.Title, f.Fix.In, "", true
	for _, s := range f.Origin.Trail {
		_, has := renameKey(f.Fix.Title, s.Label, "")
		if !isKey(s.Kind) || s.Label == "" || !has {
			continue
		}
		one = one && (file == "" || file == s.Position.File)
		file = s.Position.File
		title, _ = renameKey(title, s.Label, s.inFile())
		in, _ = renameKey(in, s.Label, s.inFile())
	}
	if one {
		f.Fix.Title, f.Fix.In = title, in
	}
	for i := range f.Origin.Trail {
		s := &f.Origin.Trail[i]
		if one {
			s.Label = s.inFile()
		}
		s.Below = ""
	}
}

// Where a fix is to be done whose place is a dependency: that is no place at which a field can be set.
const (
	inDependency = "in the chart that this dependency comes from, "
	inTemplates  = "in the templates of this chart, "
	// inSource is before the directory of a chart of the repository.
	inSource = "in the chart "
)

// in is what the title of a fix begins with if its place is not that of the value: a dependency, or the entry of a map above the
// key that has the value.
func (d *Diagnostic) in(o Origin) string {
	switch e := o.Entry; {
	case e != nil && e.Addition.Path != "" && d.At.IsSet():
		return "in " + e.Key + ", "
	case d.addsObject():
		return inTemplates
	case o.Taken != nil && o.Taken.Source != "":
		return inSource + o.Taken.Source + " of this repository, which this dependency comes from, "
	}
	return inDependency
}

func (d *Diagnostic) addsObject() bool { return d.Absence || d.Fix.AddsObject }

// aboutObject is the origin of a diagnostic. If an object is absent, what the values have for a mapping of another one, such as
// the labels of pods, does not add it: its place is the template's line.
func (o Origin) aboutObject(d *Diagnostic) Origin {
	if n := d.At.Node; o.Entry == nil || !d.addsObject() || n == nil || n.Kind != yaml.MappingNode {
		return o
	}
	key := o.Entry.Key
	o.Entry, o.Shared = nil, nil
	o.Trail = slices.DeleteFunc(slices.Clone(o.Trail), func(s Step) bool { return isKey(s.Kind) && s.Label == key })
	return o
}

// atDependency makes the dependency the place of a finding in a file that nobody edits where it is, and says in the fix where that is
// to be done, unless a values key does it.
func (f *Finding) atDependency() {
	f.Origin = f.Origin.atDependency()
	isAbove := len(f.Origin.Trail) > 0 && f.Fix.In == "in "+f.Origin.Trail[0].Label+", "
	switch {
	case f.Origin.isDependency():
		f.Fix.Value, f.Fix.Addition, f.Fix.Edits = "", Addition{}, nil
	case f.Origin.IsEntry() && isAbove:
		f.Origin.Trail[0].Missing = true
	default:
		f.Fix.In = ""
		return
	}
	if strings.HasPrefix(f.Fix.Title, "ignore the finding") || slices.ContainsFunc(f.Origin.Trail, func(s Step) bool {
		_, has := renameKey(f.Fix.Title, s.Label, "")
		return isKey(s.Kind) && s.Label != "" && has
	}) {
		f.Fix.In = ""
	}
	f.Fix.Title = f.Fix.In + f.Fix.Title
}

// renameKey gives a key that a fix names another name. Another key that begins with the same parts stays. has is
// false if the fix does not name it.
func renameKey(fix, key, to string) (renamed string, has bool) {
	var b strings.Builder
	rest := fix
	for {
		before, after, found := strings.Cut(rest, " "+key)
		b.WriteString(before)
		if !found {
			return b.String(), has
		}
		if isWhole := after == "" || strings.ContainsAny(after[:1], ":, ;"); isWhole {
			has = true
			b.WriteString(" " + to)
		} else {
			b.WriteString(" " + key)
		}
		rest = after
	}
}

// inFile is the key of a step as the file at its position names it.
func (s *Step) inFile() string {
	if above, ok := strings.CutPrefix(s.Below, "+"); ok {
		return above + "." + s.Label
	}
	if rest, ok := strings.CutPrefix(s.Label, s.Below+"."); ok && s.Below != "" {
		return rest
	}
	return s.Label
}

// enabling is the step of the key that must be set beside a missing one, or one that is off, since a block that
// prints it is printed only then. Nil if there is none.
func enabling(trail []Step) *Step {
	missing := slices.IndexFunc(trail, func(s Step) bool { return s.Kind == StepValues && (s.Missing || s.Off) })
	if missing < 0 {
		return nil
	}
	i := slices.IndexFunc(trail, func(s Step) bool { return s.Kind == StepDecides && s.Set != "" && s.Set != Filled })
	if i < 0 {
		return nil
	}
	return &trail[i]
}

// Addition is a field that is absent at the place of a finding, and what to add there.
// The zero Addition means that nothing can be added there, or that adding it does not fix
// the defect by itself.
type Addition struct {
	// Path leads from the mapping at the place to the absent field, as a user types
	// it: limits.memory.
	Path string `json:",omitzero"`
	// Indent is how many columns the mapping's entries are to the right of the place:
	// 0 if the place is the first of them, as in a list.
	Indent int `json:",omitzero"`
	// Step is how many columns the file indents the entries of a mapping.
	Step int `json:",omitzero"`
	// Flow is set if the mapping is in braces and not empty: an entry can be added
	// only inside of these.
	Flow bool `json:",omitzero"`
}

// Keys are the mapping keys of the field's path. They are nil if there are none, or the
// path leads through a list.
func (g Addition) Keys() []string { return node.SplitKeys(g.Path) }

// indentStep is how many columns the document's text indents the entries of a mapping.
func (d *Document) indentStep() int {
	if m := d.Root.Get("metadata").Node; m != nil && m.Kind == yaml.MappingNode && len(m.Content) > 0 && m.Line > d.Root.Node.Line {
		if step := m.Content[0].Column - d.Root.Node.Column; step > 1 && step <= 8 {
			return step
		}
	}
	return 2
}

// additionOf is what a diagnostic needs to have added, as seen from the node at which the document is
// located.
func additionOf(of *Document, d *Diagnostic) Addition {
	n, missing := d.At.Anchor()
	if d.At.IsSet() || missing == "" || n == nil {
		return Addition{}
	}
	path := d.At.Path()
	step := of.indentStep()
	g := Addition{Path: missing, Indent: step, Step: step}
	parent := of.Root.At(strings.TrimSuffix(path[:len(path)-len(missing)], ".")).Node
	switch {
	case parent == n:
		g.Indent = 0
	case parent == nil || parent.Kind != yaml.MappingNode || len(parent.Content) == 0:
	default:
		if first := parent.Content[0].Column - n.Column; parent.Content[0].Line > n.Line && first > 0 {
			g.Indent = first
		}
	}
	g.Flow = parent != nil && parent.Kind == yaml.MappingNode && parent.Style&yaml.FlowStyle != 0 && len(parent.Content) > 0
	return g
}
