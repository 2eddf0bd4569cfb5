package lint

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/fixes"
	"github.com/kubevet/kubevet/lint/place"
)

// The parts of fixes: see package fixes.
type (
	// Fix is what a person does about a finding, at its place.
	Fix = fixes.Fix
	// Span is a part of a file.
	Span = fixes.Span
	// Edit puts a text in the place of a span.
	Edit = fixes.Edit
	// NamedKey is a key of a chart's values that does what a rule wants, if it has a value.
	NamedKey = fixes.NamedKey
	// Try is a value with which a fix is tried.
	Try = fixes.Try
	// DisabledObject is an object that a chart's values keep out.
	DisabledObject = fixes.DisabledObject
	// Enabling is the values of a chart that make it print an object that they keep out.
	Enabling = fixes.Enabling
	// Serving says whether an object that a chart's values keep out does what another object lacks.
	Serving = fixes.Serving
)

// The answers of Serving.
const (
	ServesNot = fixes.ServesNot
	MayServe  = fixes.MayServe
	Serves    = fixes.Serves
)

// ListedInFiles is where a fix for several objects says in which files it is done: what ListedBy says of their kustomizations.
const ListedInFiles = fixes.ListedInFiles

// ListedBy says where a fix adds an object: in a file of one kustomization, or of each.
func ListedBy(kustomizations ...string) string { return fixes.ListedBy(kustomizations...) }

// Apply makes edits to the text of a file. ok is false if they are not within the text,
// or if they overlap.
func Apply(text string, edits []Edit) (changed string, ok bool) { return fixes.Apply(text, edits) }

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
	// IsPlaceholder says that the appVersion of a chart stands for the one that the chart gets when it is packaged.
	IsPlaceholder bool
	// RaisedBy is the file with a command that raises the chart's appVersion, and leaves its values as they are. It is empty if none is known.
	RaisedBy string
	// RewrittenBy is the file with a command that puts another text in the place of that of Key, without what the fix adds: Title has that file
	// do it. It is empty if none is known.
	RewrittenBy string
	// Keeps is a field that keys of a chart must leave as it is to fix the defect, such as the scheme of an endpoint whose certificate is not
	// verified. It is absent if there is none.
	Keeps Value
	// OrSwitch says that a key which decides whether a template prints the value is tried, and named before the title if it fixes
	// the defect: the title is advice for those who need what the key switches on. With a Sample it is the key of an empty list,
	// without which the template prints the value.
	OrSwitch bool
	// Listed is the absent list that the title says to fill, such as resourceNames: an empty list of a chart whose elements a template prints
	// there is tried, as with OrSwitch. It is absent if there is none.
	Listed Value
	// Emptied says that a key of a chart which supplies the value is tried without one: if the rule reports the value again, the template has
	// it too, and the fix says so.
	Emptied bool
	// Unprinted is the title for a field to be removed that a template of the chart prints with any value of the key which supplies it, and without
	// one: the place is the template then. The keys follow on which the first related object depends. It is empty if the key is the place.
	Unprinted string
	// UnprintedAlways replaces Unprinted if no key is known on which the first related object depends.
	UnprintedAlways string
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

// sampleList is the value with which a key is tried that has a list of such names.
const sampleList = "[" + SampleName + "]"

// withoutSample is what to set without the sample: which value is right depends on the application.
func (i Intent) withoutSample(set []Step) []Step {
	set = slices.Clone(set)
	for j := range set {
		switch {
		case i.Sample != "" && set[j].Set == i.Sample || set[j].Set == SampleName:
			set[j].Set = ""
		case set[j].Set == sampleList:
			set[j].Set = Filled
		}
	}
	return set
}

// Advice is an intent that only a person can carry out.
func Advice(title string) Intent { return Intent{Title: title, AdviceOnly: true} }

// FixText is the rule's Fix with the reason not to do it.
func (r *Rule) FixText() string { return fixes.Unless(r.Fix, r.Unless) }

// fixText is the text of a fix with the reason not to do it.
func (d *Diagnostic) fixText(r *Rule, fix string) string {
	if d.Fix.IsHarmless {
		return fix
	}
	return fixes.Unless(fix, cmp.Or(d.Fix.Unless, r.Unless))
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

// fixByValues makes the fix the values key to set, if one is known: that is what
// the user of a chart would change.
func (f *Finding) fixByValues(d Diagnostic) {
	known := len(d.Fix.Keys) > 0 || d.Fix.AdviceOnly || d.At.IsSet() && f.Origin.IsJoined()
	if len(d.Fix.Keys) > 0 && !d.Fix.Fewest {
		f.Fix.Title = d.fixText(f.Rule, fixes.SetText(d.Fix.Keys))
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
		case (s.Missing || s.Off) && fixes.Switch(f.Origin.Trail) != nil:
			known = true // whether both keys do it is tried
		case want != "":
			f.Fix.Title, known = d.fixText(f.Rule, d.Fix.withAlso("set "+s.Label+": "+want)), true
		case s.Missing, i == 0 && d.isToBeFilled():
			f.Fix.Title, known = d.fixText(f.Rule, d.Fix.withAlso("set "+s.Label)), true
		}
	}
	f.nameField(&d)
}

// withAlso is the title of a fix with what else there is to do.
func (i Intent) withAlso(title string) string {
	if i.Also == "" {
		return title
	}
	return title + ", and " + i.Also
}

// nameField makes a title that says what to set the field to name the values key in place of the field, if the place of the finding is
// the key and its value is passed on.
func (f *Finding) nameField(d *Diagnostic) {
	if len(f.Origin.Trail) == 0 || d.At.IsSet() && f.Origin.IsJoined() {
		return
	}
	s, set := f.Origin.Trail[0], "set "+d.field()
	isPassedOn := s.Kind == StepValues && s.Label != "" && s.Set == "" && !s.InText && !s.Off && s.Position == f.Origin.Position
	rest, says := strings.CutPrefix(f.Fix.Title, set)
	if !isPassedOn || !says || rest != "" && !strings.ContainsAny(rest[:1], ":, ;") || fixes.Switch(f.Origin.Trail) != nil {
		return
	}
	before, reason, has := strings.Cut(rest, "; ")
	if rest = strings.TrimSuffix(before, ", or remove it"); has { // what is left without the key depends on the template
		rest += "; " + reason
	}
	f.Fix.Title = "set " + s.Label + withoutPlace(rest)
}

// withoutPlace is the rest of a title that begins with a value, without the words that say on which part of the pod to set it: the key says that.
func withoutPlace(rest string) string {
	if !strings.HasPrefix(rest, ":") {
		return rest
	}
	end := strings.IndexAny(rest, ",;")
	if end < 0 {
		end = len(rest)
	}
	value, _, _ := strings.Cut(rest[:end], " on the ")
	return value + rest[end:]
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
	title := d.Fix.withAlso("print .Values." + key + " as the " + name + " of the " + cmp.Or(d.Subject.noun, d.Subject.Kind.noun()) + ", since the values have it, and no template reads it")
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
		isSwitch := s.Kind == StepValues && fixes.IsBool(s.Set) && !strings.Contains(f.Fix.Title, s.Label)
		return (s.Chosen && s.Missing || isSwitch) && s.Position != f.Origin.Position
	})
}

// settle does what needs the final place of a finding. It reports whether the finding is for the users of a profile: what only the
// values set with which a chart is tested, or a chart that tests others, is for those who want more than the recommended one, besides what
// the API server refuses or ignores: the test does not test what it says. So is what the pods of helm test lack: they run once, by hand.
func (f *Finding) settle(u *Unit, d *Diagnostic, profile Profile) bool {
	if profile == Recommended && f.isLackOfTest(d) {
		return false
	}
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

// isLackOfTest reports whether a finding is about a field that an object of helm test lacks, and no severe one: limits, a probe, a stricter
// security context.
func (f *Finding) isLackOfTest(d *Diagnostic) bool {
	isSevere := f.Rule.Severity == Critical || f.Rule.Severity == High || f.Rule.isRefusal()
	return !isSevere && !f.Secret && d.of() != nil && d.of().IsHelmTest() && !d.At.IsSet()
}

// readInstead makes the fix of a finding about a key that the values lack to read the one that they have in its place: a second key beside
// that would mislead those who set it.
func (f *Finding) readInstead() {
	i := slices.IndexFunc(f.Origin.Trail, func(s Step) bool { return s.Kind == StepValues && s.Missing && s.Instead != "" })
	if i < 0 || f.Origin.IsDependency() || !strings.HasPrefix(f.Fix.Title, "set "+f.Origin.Trail[i].Label) {
		return
	}
	s := f.Origin.Trail[i]
	if above, name, _ := strings.Cut(s.Instead, "."); s.IsMisplaced {
		f.Fix.Title = "move " + name + " out of " + above + " to the top level of the values, where the templates read it, and " + f.Fix.Title
		f.Fix.Value, f.Fix.Addition, f.Fix.Edits = "", Addition{}, nil
		return
	}
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
	if i < 0 || !f.Origin.Trail[i].IsNewInFile() {
		return
	}
	s := f.Origin.Trail[i]
	set := "set " + s.Label
	if want := cmp.Or(s.Set, d.Fix.want()); want != "" {
		set += ": " + want
	}
	if rest, ok := strings.CutPrefix(f.Fix.Title, set); ok && (rest == "" || strings.ContainsAny(rest[:1], ",;")) {
		f.Fix.Title = set + ", a new key of " + s.Position.FromChartOf(f.Origin.File) + rest
		if s.Note != "" {
			f.Fix.Title += "; " + s.Note
		}
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
// is the only file with keys that the fix sets, and the finding is not at a key of another one.
func (f *Finding) nameKeys() {
	keys, one := f.keysFile()
	for _, s := range keys {
		for _, text := range []*string{&f.Fix.Title, &f.Fix.In, &f.Fix.Together} {
			if one {
				*text, _ = fixes.RenameKey(*text, s.Label, s.InFile())
			}
		}
	}
	for i := range f.Origin.Trail {
		s := &f.Origin.Trail[i]
		if one {
			s.Label = s.InFile()
		}
		s.Below = ""
	}
}

// keysFile is the keys of values in the trail that the fix names, and whether one file has all of them, and the key that is the place of the
// finding, if one is. A field of Chart.yaml is none: it has one name for all charts.
func (f *Finding) keysFile() (keys []Step, one bool) {
	file, at := "", ""
	one = true
	for _, s := range f.Origin.Trail {
		if !place.IsKey(s.Kind) || s.Kind == StepChart || s.Label == "" {
			continue
		}
		if s.Position == f.Origin.Position {
			at = s.Position.File
		}
		if _, has := fixes.RenameKey(f.Fix.Title, s.Label, ""); has {
			one = one && (file == "" || file == s.Position.File)
			file = s.Position.File
			keys = append(keys, s)
		}
	}
	return keys, one && (at == "" || file == "" || at == file)
}

// inTemplates is where the fix of a finding in a dependency adds an object.
const inTemplates = "in the templates of this chart, "

// in is what the title of a fix begins with if its place is not that of the value: a dependency, or the entry of a map above the
// key that has the value. A chart of others is named with its version: what can be done here is to take a newer one, or to ignore the
// finding until there is one, which some titles say themselves.
func (d *Diagnostic) in(o Origin, title string) string {
	switch e := o.Entry; {
	case e != nil && e.Addition.Path != "" && d.At.IsSet() && !d.isVolumePath(e.Key):
		return "in " + e.Key + ", "
	case d.addsObject() && o.Taken != nil && o.Taken.Installer != "":
		return "beside " + o.Taken.Installer + ", "
	case d.addsObject():
		return inTemplates
	case o.Taken != nil && o.Taken.Unlisted != "":
		return "delete " + o.Taken.Unlisted + ", which Chart.yaml does not list and Helm renders all the same, or, if it is needed, in the chart that it comes from, "
	case o.Taken != nil && o.Taken.IsPacked:
		return "run " + dependencyUpdate + path.Dir(o.Taken.File) + ", since its packed copy of " + o.Taken.Source + " differs from that; if the finding stays, run it again after this: " + fixes.InSource + o.Taken.Source + ", "
	case o.Taken != nil && o.Taken.Source != "":
		return fixes.InSource + o.Taken.Source + " of this repository, which this dependency comes from, "
	case o.Taken == nil || o.Taken.Chart == "":
		return fixes.InDependency
	}
	return fixes.InChart(o.Taken.Chart, o.Taken.Bundler, title)
}

// isVolumePath reports whether a key supplies only the path of a volume that a diagnostic is about, in a text of the template: the volume
// cannot be removed there.
func (d *Diagnostic) isVolumePath(key string) bool {
	_, field, isVolume := strings.Cut(d.At.Path(), "volumes[")
	_, field, _ = strings.Cut(field, ".")
	return isVolume && field != "" && !strings.HasSuffix(key, "."+field)
}

const (
	dependencyUpdate = "helm dependency update "
	// takesPacked is before the chart that takes in a packed copy of the chart in which a finding is.
	takesPacked = "takes a packed copy of this chart, which is made by " + dependencyUpdate
	// takesReleased is the same where the copy comes from a repository.
	takesReleased = "takes a packed release of this chart, which a new one has to replace in "
)

// packedAgain is a finding whose fix names the charts that have a packed copy of its place.
func (f *Finding) packedAgain() *Finding {
	const then, released = ", and then run " + dependencyUpdate, ", then release the chart, and take its new version in "
	var dirs []string
	isReleased := false
	for _, r := range f.Related {
		dir, isPacked := strings.CutPrefix(r.Label, takesPacked)
		if !isPacked {
			dir, isPacked = strings.CutPrefix(r.Label, takesReleased)
			isReleased = isReleased || isPacked
		}
		if isPacked && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) == 0 || strings.Contains(f.Fix.Title, then) || strings.Contains(f.Fix.Title, released) || strings.HasPrefix(f.Fix.Title, "ignore the finding") {
		return f
	}
	g := *f
	after, others := then+dirs[0], " and for the other charts with a packed copy"
	if isReleased {
		after, others = released+dirs[0]+"/Chart.yaml", " and in the other charts with a packed copy"
	}
	if len(dirs) > 1 {
		after += others
	}
	title, unless := f.Fix.Title, ""
	if i := strings.LastIndex(title, "; if "); i >= 0 && strings.HasSuffix(title, ", ignore the finding") {
		title, unless = title[:i], title[i:]
	}
	g.Fix.Title = title + after + unless
	return &g
}

func (d *Diagnostic) addsObject() bool { return d.Absence || d.Fix.AddsObject }

// aboutObject is the origin of a diagnostic. If an object is absent, what the values have for a mapping of another one, such as
// the labels of pods, does not add it: its place is the template's line.
func (d *Diagnostic) aboutObject(o Origin) Origin {
	if n := d.At.Node; o.Entry == nil || !d.addsObject() || n == nil || n.Kind != yaml.MappingNode {
		return o
	}
	key := o.Entry.Key
	o.Entry, o.Shared = nil, nil
	o.Trail = slices.DeleteFunc(slices.Clone(o.Trail), func(s Step) bool { return place.IsKey(s.Kind) && s.Label == key })
	return o
}

// atDependency makes the dependency the place of a finding in a file that nobody edits where it is, and says in the fix where that is
// to be done, unless a values key does it.
func (f *Finding) atDependency() {
	f.Origin = f.Origin.AtDependency()
	if e := f.Origin.Packed; e != nil {
		f.Origin.Packed = nil
		if strings.HasPrefix(f.Origin.File, e.Source+"/") {
			label := takesReleased
			if e.IsPacked {
				label = takesPacked
			}
			f.Related = append(f.Related, RelatedPlace{Position: e.Position, Label: label + path.Dir(e.File)})
		}
	}
	switch {
	case f.Origin.IsDependency():
		f.Fix.Value, f.Fix.Addition, f.Fix.Edits = "", Addition{}, nil
	case f.isInMapAbove():
		f.Origin.Trail[0].Missing = true
	default:
		f.Fix.In = ""
		return
	}
	isOfTemplate := strings.HasPrefix(f.Fix.Title, takesOut) // whatever key it names
	if fixes.IsNeeded(f.Fix.Title) || strings.HasPrefix(f.Fix.Title, "ignore the finding") || !isOfTemplate && slices.ContainsFunc(f.Origin.Trail, func(s Step) bool {
		_, has := fixes.RenameKey(f.Fix.Title, s.Label, "")
		return place.IsKey(s.Kind) && s.Label != "" && has
	}) {
		f.Fix.In = ""
	}
	f.Fix.Title = f.Fix.In + f.Fix.Title
}

// isInMapAbove reports whether the place of a finding is the entry of a map of the values above the key that has the value.
func (f *Finding) isInMapAbove() bool {
	return f.Origin.IsEntry() && len(f.Origin.Trail) > 0 && f.Fix.In == "in "+f.Origin.Trail[0].Label+", "
}

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

// isEmptied reports whether a value for a field is one that templates take for none.
func isEmptied(want string) bool {
	return slices.Contains([]string{"false", "0", `""`, "[]", "{}"}, want)
}

// triedIfEmpty is the origin of a diagnostic. A template that prints the value of a key only if it is not empty may do nothing with the wanted
// one: then it is to be tried whether that does it.
func (d *Diagnostic) triedIfEmpty(o Origin) Origin {
	if len(o.Trail) == 0 || !o.Trail[0].IfNotEmpty || !isEmptied(d.Fix.want()) {
		return o
	}
	o.Trail = slices.Clone(o.Trail)
	o.Trail[0].Chosen = true
	o.Entry, o.Switch = nil, o.Entry
	return o
}

// IsOfChartTest reports whether a values file of a chart's own tests, such as ci/*-values.yaml, supplies a
// value of the unit or a part of it: no user of the chart gets it.
func (u *Unit) IsOfChartTest(o Origin) bool {
	return slices.ContainsFunc(o.Trail, func(s Step) bool {
		return s.Kind == StepValues && u.isForTests(s.Position.File)
	})
}
