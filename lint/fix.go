package lint

import (
	"cmp"
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
	// Also is what there is to do beside giving the field its value, as the rest of a
	// sentence: "mount an emptyDir where it writes". It is empty if the value is enough. Title
	// and the rule's Fix say it themselves.
	Also string
	// Keys are values of a chart to set, all of them, so that the defect is fixed, where
	// the field has none that does it: see Pass.KeysToEnable.
	Keys []Step
	// Key is a value for a key of a chart that decides what is printed, known by its name. It is
	// nil if the name of no key says what it is for.
	Key *NamedKey
	// Fewest says that some of Keys may not be needed: the fewest that do it are found by trial.
	Fewest bool
	// Unless replaces that of the rule, if not empty.
	Unless string
	// IsHarmless says that the fix stops no program, whatever the rule's Unless says.
	IsHarmless bool
	// AdviceOnly says that another value of the field alone does not fix the defect, so
	// that Title stays even if a values key supplies the field.
	AdviceOnly bool
	// AtSwitch says that the field is to be removed, and that a key that decides whether a template prints it is
	// the place to edit, if another value of it removes the field and leaves what is beside it.
	AtSwitch bool
	// For and Apart are as in a Fix.
	For, Apart string
	// Beside begins the title if the value of the fix does not fit what else a values key is for.
	// What that is follows.
	Beside string
}

// NamedKey is a key of a chart's values that does what a rule wants, if it has a value.
type NamedKey struct {
	// Tries are the values with which the fix is tried, in order.
	Tries []Try
	// Own is tried with the key that supplies the value, whatever its name: Title is no fix if the key is
	// printed elsewhere, too. It is zero if the value fits anywhere.
	Own Try
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
	for _, try := range k.Tries {
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
	// Beside is the title if it says what else a values key is for. It is empty otherwise.
	Beside string `json:",omitzero"`
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
	switch {
	case g.For != f.For && isKey && f.Apart != "":
		f.Title, f.For = f.Apart, ""
	case g.Beside != f.Beside: // in one of the scenarios the key is for more
		f.Beside = min(cmp.Or(f.Beside, g.Beside), cmp.Or(g.Beside, f.Beside))
		f.Title = f.Beside
	case g.Title != f.Title:
		f.Title = r.FixText()
	}
	if g.Addition != f.Addition || g.Value != f.Value {
		f.Addition, f.Value = Addition{}, ""
	}
	if !slices.Equal(g.Edits, f.Edits) {
		f.Edits = nil
	}
	return f
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
		s.Missing = s.Set == "" && !d.At.IsSet() && !s.Off
		want := cmp.Or(s.Set, d.Fix.want())
		switch {
		case known:
		case (s.Missing || s.Off) && enabling(f.Origin.Trail) != nil:
			known = true // whether both keys do it is tried
		case want != "":
			f.Fix.Title, known = "set "+s.Label+": "+want, true
			if d.Fix.Also != "" {
				f.Fix.Title += ", and " + d.Fix.Also
			}
			f.Fix.Title = d.fixText(f.Rule, f.Fix.Title)
		case s.Missing:
			f.Fix.Title, known = d.fixText(f.Rule, "set "+s.Label), true
		}
	}
}

// nameKeys makes the fix and the trail name the keys of a subchart's values as its own file does, if that
// is the only file with keys that the fix sets.
func (f *Finding) nameKeys() {
	f.Origin.Switch = nil // the place is known
	title, file, one := f.Fix.Title, "", true
	for _, s := range f.Origin.Trail {
		if !isKey(s.Kind) || s.Label == "" || !strings.Contains(f.Fix.Title, " "+s.Label) {
			continue
		}
		one = one && (file == "" || file == s.Position.File)
		file, title = s.Position.File, strings.ReplaceAll(title, " "+s.Label, " "+s.inFile())
	}
	if one {
		f.Fix.Title = title
	}
	for i := range f.Origin.Trail {
		if s := &f.Origin.Trail[i]; one {
			s.Label, s.Below = s.inFile(), ""
		} else {
			s.Below = ""
		}
	}
}

// inFile is the key of a step as the file at its position names it.
func (s *Step) inFile() string {
	if rest, ok := strings.CutPrefix(s.Label, s.Below+"."); ok && s.Below != "" {
		return rest
	}
	return s.Label
}

// enabling is the step of the key that must be set beside a missing one, or one that is off, since a block that prints it is
// printed only then. Nil if there is none.
func enabling(trail []Step) *Step {
	missing := slices.IndexFunc(trail, func(s Step) bool { return s.Kind == StepValues && (s.Missing || s.Off) })
	if missing < 0 {
		return nil
	}
	i := slices.IndexFunc(trail, func(s Step) bool { return s.Kind == StepDecides && s.Set != "" })
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

// Limits of the trials for the findings of one unit.
const (
	// maxRenderings is how much the trials may cost, as a multiple of what the unit cost. Most
	// cost a part of it: only the templates that may read the values are executed.
	maxRenderings = 24
	// minTrialCost is what the trials of a small unit may cost.
	minTrialCost = 1 << 20
	// maxTrialShare is the part of the cost of the unit that each trial costs at least, for what
	// does not depend on the templates.
	maxTrialShare = 16
	// maxTried is how many units of trials are kept: several findings have the same fix.
	maxTried = 24
)

// untried is a finding for which values are known that may fix it. A fix that was
// not tried is not printed.
type untried struct {
	finding *Finding
	diagnosed
	// sets are the values to try, each alternative all at once, in order of preference.
	sets [][]Step
	// otherwise is the fix if none of them does it.
	otherwise string
	// entries are those of the keys that the rule knows by their names: see NamedKey.
	entries []Entry
	// own is the key that supplies the value, with the value to try. It has no label if there is none.
	own Step
	// switches are the keys that are tried as the place.
	switches []Switch
}

// trials renders a unit with other values, and looks whether findings go away.
type trials struct {
	unit *variant
	// tried are the trials that are kept, by the values that were set; nil if they cannot be
	// rendered. kept are the names of those with a unit, the oldest first.
	tried map[string]*variant
	kept  []string
	// cost is that of all trials.
	cost int
}

// variant is a unit as it is, or with other values.
type variant struct {
	*shared
	// reported holds what the rules report of objects, as far as it is known.
	reported map[*Object]map[report]bool
}

func (c *Checker) variant(u *Unit) *variant {
	return &variant{&shared{checker: c, unit: u}, map[*Object]map[report]bool{}}
}

// report is what findings of one object differ in.
type report struct{ rule, container, field string }

// run tries the fixes of findings, in their order.
func (t *trials) run(l []untried) {
	for _, u := range l {
		if t.atSwitch(u) {
			continue
		}
		takesSwitch := enabling(u.finding.Origin.Trail) != nil
		i := slices.IndexFunc(u.sets, func(set []Step) bool { return t.fixes(set, u.diagnosed) })
		u.finding.Fix.Title = u.otherwise
		if i >= 0 {
			t.fix(u, u.sets[i], takesSwitch)
			continue
		}
		if use := t.ownUse(&u); use != noUse {
			fix := &u.finding.Fix
			fix.Title = u.fixText(u.rule, u.Fix.Beside+use.String())
			fix.Beside = fix.Title
		}
		if takesSwitch {
			t.unit.renderer.Lock()
			u.finding.relocate(u.Diagnostic)
			t.unit.renderer.Unlock()
		}
	}
}

// atSwitch makes the key the place of a finding that decides whether its field is printed, if that alone fixes it.
func (t *trials) atSwitch(u untried) bool {
	for _, s := range u.switches {
		set := []Step{{Kind: StepDecides, Position: s.Position, Label: s.Key, Below: s.Below, Set: s.Set}}
		if t.fixes(set, u.diagnosed) && t.keepsRest(set, u.diagnosed) {
			t.fix(u, set, false)
			u.finding.Origin = u.finding.Origin.decidedAt(s.Entry)
			return true
		}
	}
	return false
}

// keepsRest reports whether all that is beside the value of a diagnostic is the same with other values, and only the value
// is absent.
func (t *trials) keepsRest(set []Step, d diagnosed) bool {
	path := d.At.Path()
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return false
	}
	was, with := d.of().Root.At(path[:dot]).Node, t.with(set)
	if with == nil {
		return false
	}
	for _, o := range with.unit.Objects {
		if o.Ref() == d.of().Ref() {
			return isWithout(o.Root.At(path[:dot]).Node, was, path[dot+1:])
		}
	}
	return false
}

// isWithout reports whether a mapping has the keys of another one, and the same scalars, but for one key, which it lacks.
func isWithout(n, was *yaml.Node, key string) bool {
	if n == nil || was == nil || n.Kind != yaml.MappingNode || was.Kind != yaml.MappingNode || len(n.Content) != len(was.Content)-2 {
		return false
	}
	values := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		values[n.Content[i].Value] = n.Content[i+1]
	}
	for i := 0; i+1 < len(was.Content); i += 2 {
		name, v := was.Content[i].Value, was.Content[i+1]
		if now := values[name]; (now != nil) != (name != key) || now != nil && (now.Kind != v.Kind || now.Value != v.Value) {
			return false
		}
	}
	return true
}

// fix makes the values of a set the fix of a finding.
func (t *trials) fix(u untried, set []Step, takesSwitch bool) {
	f := u.finding
	if u.Fix.Fewest {
		set = t.fewest(set, u.diagnosed)
		f.Origin.Trail = slices.Concat(set, f.Origin.Trail)
	}
	f.Fix.Title = setText(set)
	if takesSwitch && u.Fix.Also != "" { // the set has the wanted value itself
		f.Fix.Title += ", and " + u.Fix.Also
	}
	if k := u.Fix.Key; k != nil {
		f.Fix.Title = k.write(f.Fix.Title)
		// what raises the version of the chart would no longer raise that of the image
		if i := slices.IndexFunc(f.Origin.Trail, func(s Step) bool { return s.Kind == StepChart }); i >= 0 && set[0].Set == k.Own.Value {
			f.Fix.Title += " in place of the chart's " + f.Origin.Trail[i].Label
		}
	}
	if at := f.Origin.Switch; at != nil && len(set) == 1 && set[0].Label == at.Key {
		f.Origin = f.Origin.decidedAt(*at)
	}
	f.Fix.Title = u.fixText(f.Rule, f.Fix.Title)
	if i := slices.IndexFunc(u.entries, func(e Entry) bool { return e.Key == set[0].Label }); i >= 0 {
		f.Origin = f.Origin.decidedAt(u.entries[i])
	}
}

// fewest is as few of some values as fix a finding.
func (t *trials) fewest(set []Step, d diagnosed) []Step {
	for i := 0; i < len(set) && len(set) > 1; {
		if less := slices.Concat(set[:i], set[i+1:]); t.fixes(less, d) {
			set = less
		} else {
			i++
		}
	}
	return set
}

// setText is the fix that sets some values, and fills lists.
func setText(set []Step) string {
	var words, lists []string
	for _, s := range set {
		if s.Set == Filled {
			lists = append(lists, s.Label)
		} else {
			words = append(words, s.Label+": "+s.Set)
		}
	}
	var parts []string
	if len(words) > 0 {
		parts = append(parts, "set "+strings.Join(words, " and "))
	}
	if len(lists) > 0 {
		parts = append(parts, "fill "+strings.Join(lists, " and "))
	}
	return strings.Join(parts, " and ")
}

// fixes reports whether the rule reports nothing more of the same value with other
// values of the chart. That its object or its container is no longer there is no fix: what
// it is for would no longer be done. Nor is a fix what
// makes the rules report something else of the object.
func (t *trials) fixes(set []Step, d diagnosed) bool {
	s := t.with(set)
	if s == nil {
		return false
	}
	of := d.of()
	var same *Object
	for _, o := range s.unit.Objects {
		if o.Ref() == of.Ref() {
			same = o
		}
	}
	if same == nil || !same.hasSubject(d.Subject) {
		return false
	}
	if k := d.Fix.Key; k != nil && (!k.does(set[0], same.Root.At(d.At.Path()).Text()) || !k.fits(s.unit, set[0].Set)) {
		return false
	}
	c := s.checker
	for _, on := range []subject{{object: same}, {}} {
		p := &Pass{Unit: s.unit, Version: c.Version, Profile: c.Profile, Settings: c.Settings, shared: s.shared}
		if _, failed := runUntilPanic(p, on, []*Rule{d.rule}, 0); failed != nil {
			return false
		}
		if slices.ContainsFunc(p.found, d.isAbout) {
			return false
		}
	}
	return !worsens(s.reports(same), t.unit.reports(of))
}

// isAbout reports whether a finding with other values is about the same value, or about one that is
// related to it.
func (d diagnosed) isAbout(found diagnosed) bool {
	o := found.of()
	if o == nil {
		return false
	}
	if o.Ref() == d.of().Ref() && found.Subject.Name == d.Subject.Name && found.field() == d.field() {
		return true
	}
	return found.rule == d.rule && (found.isRelated(d) || d.isRelated(found))
}

// isRelated reports whether the value of a diagnostic is one that another relates to.
func (d *diagnosed) isRelated(by diagnosed) bool {
	return slices.ContainsFunc(by.Related, func(r Related) bool {
		return r.Object != nil && r.Object.Ref() == d.of().Ref() && r.At.Path() == d.At.Path()
	})
}

// field is the path of the value below its container, or below the pod that has the field for the
// container: with some values a chart has a key for the one, and with others for the other.
func (d *Diagnostic) field() string {
	w := d.Subject.Workload
	if w == nil {
		return d.At.Path()
	}
	return trimPath(trimPath(d.At.Path(), d.Subject.Path()), w.Pod.Path())
}

// worsens reports whether the rules report something of an object with other values that
// they do not report of it without.
func worsens(with, without map[report]bool) bool {
	for r := range with {
		if !without[r] {
			return true
		}
	}
	return false
}

// reports is what the rules that look at objects by themselves report of one.
func (t *variant) reports(o *Object) map[report]bool {
	if known, ok := t.reported[o]; ok {
		return known
	}
	c := t.checker
	p := &Pass{Unit: t.unit, Version: c.Version, Profile: c.Profile, Settings: c.Settings, shared: t.shared}
	for next := 0; next < len(c.Rules); {
		next, _ = runUntilPanic(p, subject{object: o}, c.Rules, next)
	}
	t.reported[o] = reportsOf(p.found)
	return t.reported[o]
}

func reportsOf(found []diagnosed) map[report]bool {
	l := make(map[report]bool, len(found))
	for _, f := range found {
		l[report{f.rule.ID, f.Subject.Name, f.field()}] = true
	}
	return l
}

// hasSubject reports whether the object has a pod or container of the same kind and name.
// It has every zero subject.
func (o *Object) hasSubject(h PodOrContainer) bool {
	return h.Workload == nil || slices.ContainsFunc(o.Workloads, func(w *Workload) bool {
		return slices.ContainsFunc(w.Select(h.Kind), func(c PodOrContainer) bool { return c.Name == h.Name })
	})
}

// with is the unit with other values. It is nil if it cannot be rendered, or if the trials of the unit
// have cost too much.
func (t *trials) with(set []Step) *variant {
	name := setText(set)
	of := t.unit.unit
	if v, known := t.tried[name]; known || t.isSpent() {
		return v
	}
	u, cost := of.Try(set)
	t.cost += max(cost, of.Cost/maxTrialShare, 1)
	var v *variant
	if u != nil {
		u.Repository = of.Repository
		if u, problems := withoutOversized(u); len(problems) == 0 {
			v = t.unit.checker.variant(u)
		}
	}
	t.keep(name, v)
	return v
}

// isSpent reports whether the trials of the unit have cost too much.
func (t *trials) isSpent() bool { return t.cost >= max(maxRenderings*t.unit.unit.Cost, minTrialCost) }

// keep keeps a trial for other findings that have the same fix, in place of the oldest one.
func (t *trials) keep(name string, v *variant) {
	if t.tried == nil {
		t.tried = map[string]*variant{}
	}
	t.tried[name] = v
	if v == nil {
		return
	}
	if t.kept = append(t.kept, name); len(t.kept) > maxTried {
		delete(t.tried, t.kept[0])
		t.kept = t.kept[1:]
	}
}

// trialSets are the values that may fix a finding by more than passing a value on:
// several keys, conditions, and keys that decide. No value renames
// a key or is in place of removing one.
func trialSets(d *Diagnostic, trail []Step) (sets [][]Step) {
	if len(d.Fix.Keys) > 0 {
		sets = append(sets, d.Fix.Keys)
	}
	if len(d.Fix.Keys) > 0 || d.Fix.AdviceOnly || d.Fix.Do != Set {
		return sets
	}
	for _, s := range trail {
		switch k := d.Fix.Key; {
		case s.InText:
		case s.Kind == StepValues && (s.Missing || s.Off) && enabling(trail) != nil:
			return append(sets, withSwitch(s, *enabling(trail), d.Fix.want())...)
		case k != nil && s.Kind == StepDecides && k.isNamed(s.Label):
			sets = append(sets, k.sets(s)...)
		case s.Kind == StepValues && s.Chosen && s.Set == "" && d.Fix.want() != "" && s.Label != "":
			s.Set = d.Fix.want()
			sets = append(sets, []Step{s})
		case s.Kind == StepValues && s.Set == "" && s.Label != "" && (d.Fix.want() != "" || !d.At.IsSet()):
			return sets // it is passed on
		case (s.Kind == StepValues || s.Kind == StepDecides) && s.Set != "" && s.Label != "":
			sets = append(sets, []Step{s})
		}
	}
	return sets
}

// withSwitch is what to try for a key that is missing or off: the switch of the block that prints it alone, if
// the key may have the wanted value already, and both.
func withSwitch(key, on Step, want string) (sets [][]Step) {
	if key.Off {
		sets = append(sets, []Step{on})
	}
	if key.Set = want; want != "" {
		sets = append(sets, []Step{on, key})
	}
	return sets
}
