package lint

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint/effects"
	"github.com/kubevet/kubevet/lint/fixes"
	"github.com/kubevet/kubevet/lint/place"
	"github.com/kubevet/kubevet/lint/uses"
)

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
	// leaving are the keys that are tried as what leaves out the object, or the container.
	leaving []Switch
	// shared is the key that is tried in place of the one that the fix sets: see Origin. It has no label if there is none.
	shared Step
	// passed is the key that the fix sets because its value is passed on: that is only tried where the chart may refuse it.
	// It is nil if there is none.
	passed []Step
	// emptied is the key that supplies the value, to be tried without one, or with a mapping. It has no label if there is none.
	emptied Step
	// suppliers are the values to try so that another Secret supplies the value.
	suppliers [][]Step
	// parts are the keys that supply a part of the text with a credential, with a placeholder to try.
	parts []Step
}

// trials renders a unit with other values, and looks whether findings go away.
type trials struct {
	unit *variant
	// tried are the trials that are kept, by the values that were set; nil if they cannot be
	// rendered. kept are the names of those with a unit, the oldest first.
	tried map[string]*variant
	kept  []string
	// awaited is how many findings are still to come that try some values. The rendering of a trial takes much memory:
	// what no finding awaits is dropped, and is rendered again if need be.
	awaited map[string]int
	// cost is that of all trials.
	cost int
	// refused is how the chart refuses values, by those, and refusalCost what it cost to find that out.
	refused     map[string]string
	refusalCost int
	// beside are what is tried for findings of the unit about a value that the API server refuses beside another field, by
	// the key that is to have the value.
	beside map[string][]beside
	// leftOut are the objects that values leave out, by the values: nil if they change more.
	leftOut map[string][]*Object
	// supplied are the objects of those units in which another Secret supplies something, by the values.
	supplied map[string]map[ObjectRef]*Object
	// compared is what changes in the unit, by the values.
	compared map[string]*comparison
	// passing are the keys that only pass their values on.
	passing passedKeys
}

// beside is a finding, and the values to try that remove the other field and set the key.
type beside struct {
	diagnosed
	set []Step
}

// besides finds what is tried for values that the API server refuses beside another field: of several findings with the same
// values, the first.
func besides(l []outcome) map[string][]beside {
	found := map[string][]beside{}
	known := map[string]bool{}
	for _, o := range l {
		for _, u := range o.untried {
			for _, set := range u.sets {
				if !u.Fix.IsRefused || len(set) < 2 || known[fixes.SetText(set)] {
					continue
				}
				known[fixes.SetText(set)] = true
				key := fixes.SetText(set[len(set)-1:])
				found[key] = append(found[key], beside{u.diagnosed, set})
			}
		}
	}
	return found
}

// await counts the values that findings try.
func (t *trials) await(l []outcome) {
	t.awaited = map[string]int{}
	for _, o := range l {
		for i := range o.untried {
			t.passing.add(&o.untried[i])
			for _, name := range t.awaitedBy(&o.untried[i]) {
				t.awaited[name]++
			}
		}
	}
}

// awaitedBy names the values that a finding tries.
func (t *trials) awaitedBy(u *untried) (names []string) {
	for _, s := range slices.Concat(u.switches, u.leaving) {
		names = append(names, fixes.SetText(s.steps()))
	}
	for _, set := range slices.Concat(u.sets, u.suppliers) {
		names = append(names, fixes.SetText(set))
	}
	if set := u.toPass(); set != nil {
		names = append(names, fixes.SetText(set))
	}
	for _, b := range t.beside[fixes.SetText(u.passed)] {
		names = append(names, fixes.SetText(b.set))
	}
	for _, s := range append([]Step{u.own, u.shared, u.emptied}, u.parts...) {
		if s.Label != "" {
			names = append(names, fixes.SetText([]Step{s}))
		}
	}
	return names
}

// drop drops the trials that no finding awaits after one was tried.
func (t *trials) drop(u *untried) {
	for _, name := range t.awaitedBy(u) {
		t.awaited[name]--
	}
	t.kept = slices.DeleteFunc(t.kept, func(name string) bool {
		n, isAwaited := t.awaited[name]
		if !isAwaited || n > 0 {
			return false
		}
		delete(t.tried, name)
		return true
	})
}

// run tries the fixes of findings, in their order.
func (t *trials) run(l []untried) {
	for i := range l {
		t.tryFixes(l[i])
		t.drop(&l[i])
	}
}

// tryFixes tries the fixes of a finding.
func (t *trials) tryFixes(u untried) {
	t.placeAtPart(&u)
	defer t.mount(&u)
	defer t.empty(&u)
	if t.atSwitch(u) || t.atShared(u) {
		return
	}
	if u.passed != nil {
		t.passOn(u)
		t.leaveOut(&u)
		return
	}
	takesSwitch := fixes.Switch(u.finding.Origin.Trail) != nil
	set := t.find(&u)
	u.finding.Fix.Title = u.otherwise
	if t.appends(&u, set) {
		return
	}
	if set != nil {
		t.fix(u, set, takesSwitch)
		return
	}
	if t.keepsChosen(&u) || t.failsWithOwn(&u) {
		return
	}
	use := t.ownUse(&u)
	if use == uses.None {
		use = t.atNamed(&u)
	}
	if use != uses.None {
		fix := &u.finding.Fix
		fix.Title = u.Fix.Beside + use.String()
		if u.of().Vendored != "" { // nobody gives it another value here
			fix.Title = fixes.InDependency + fix.Title
		}
		u.rewritten(false)
		fix.Title = u.fixText(u.rule, fix.Title)
		if u.of().Vendored != "" {
			fix.Title, fix.In = strings.TrimPrefix(fix.Title, fix.In), ""
		}
		fix.Beside = fix.Title
	}
	u.computed()
	if takesSwitch {
		t.unit.renderer.Lock()
		u.finding.relocate(u.Diagnostic)
		t.unit.renderer.Unlock()
	}
	t.outside(&u)
	t.leaveOut(&u)
}

// find is the first set that fixes a finding, if there is one without custom resources that the cluster must know. Nil if none does.
func (t *trials) find(u *untried) (found []Step) {
	for _, set := range u.sets {
		switch {
		case !t.fixes(set, u.diagnosed):
		case len(t.customKinds(set)) == 0:
			return set
		case found == nil:
			found = set
		}
	}
	if found != nil {
		return found
	}
	for _, set := range u.sets {
		if filled := t.filled(set, u.diagnosed); filled != nil {
			return filled
		}
	}
	if e := &u.Fix.Enabling; e.In != nil {
		for _, set := range e.Sets() {
			if more := t.further(set, u); more != nil {
				return more
			}
		}
	}
	return t.within(u)
}

// filled is a set that takes all elements of a list such as the rules of a role, which are then to be in a key: the set, and that key to fill. It is nil
// if the set does not do that, or if no key is known with which the finding would be fixed.
func (t *trials) filled(set []Step, d diagnosed) []Step {
	v := t.with(set)
	name := d.ruleList()
	if v == nil || name == "" || slices.ContainsFunc(set, func(s Step) bool { return s.Set == Filled }) {
		return nil
	}
	for _, o := range v.unit.Objects {
		list := o.Root.Get(name)
		if o.Ref() != d.of().Ref() || list.Node == nil || list.Len() > 0 {
			continue
		}
		v.renderer.Lock()
		trail := o.Locate(list.Item(0)).Trail
		v.renderer.Unlock()
		for _, s := range trail {
			label, isElement := strings.CutSuffix(s.Label, "[0]")
			if s.Kind != StepValues || !isElement {
				continue
			}
			s.Label, s.Set = label, Filled
			if more := slices.Concat(set, []Step{s}); t.fixes(more, d) {
				return more
			}
		}
	}
	return nil
}

// within is two keys that print an absent field together: a block that the one enables has another block with the field. Nil if there
// are none.
func (t *trials) within(u *untried) []Step {
	if u.At.IsSet() || len(u.sets) == 0 || len(u.sets[0]) != 1 || u.sets[0][0].Set == "" || u.sets[0][0].Kind != StepValues || u.Fix.OrSwitch {
		return nil
	}
	on := u.sets[0]
	v := t.with(on)
	if v == nil {
		return nil
	}
	for _, o := range v.unit.Objects {
		if o.Ref() != u.of().Ref() {
			continue
		}
		for _, d := range v.run(subject{object: o}, u.rule).found {
			if !u.isAbout(d) {
				continue
			}
			v.renderer.Lock()
			trail := d.place().locate(d.Diagnostic).Trail
			v.renderer.Unlock()
			for _, set := range trialSets(&d.Diagnostic, trail) {
				if all := fixes.Union([][]Step{on, set}); len(all) == len(on)+1 && t.fixes(all, u.diagnosed) {
					return all
				}
			}
		}
	}
	return nil
}

// maxFurther is how many times keys are added to those that do not enable an object alone.
const maxFurther = 2

// further is a set with keys that something depends on which the template prints only with the set, and that fix a finding
// together. Nil if there are none.
func (t *trials) further(set []Step, u *untried) []Step {
	for range maxFurther {
		v := t.with(set)
		if v == nil {
			return nil
		}
		v.renderer.Lock()
		e := u.Fix.In(v.unit.Disabled)
		v.renderer.Unlock()
		var first []Step
		for _, keys := range e.Sets() {
			all := fixes.Union([][]Step{set, keys})
			if len(all) <= len(set) {
				continue
			}
			if t.fixes(all, u.diagnosed) {
				return all
			}
			if first == nil {
				first = all
			}
		}
		if set = first; set == nil {
			return nil
		}
	}
	return nil
}

// passOn keeps the fix of a finding that sets a key which is passed on, unless the chart refuses the value. Then the fix is what
// the rule says, and to change what refuses it.
func (t *trials) passOn(u untried) {
	l := t.beside[fixes.SetText(u.passed)] // of a container that prints the key, too
	if i := slices.IndexFunc(l, func(b beside) bool { return t.fixes(b.set, b.diagnosed) && t.fixes(b.set, u.diagnosed) }); i >= 0 {
		t.fix(u, l[i].set, false)
		return
	}
	if how, refuses := t.refuses(u.passed); refuses {
		u.refused(how)
		return
	}
	set := u.toPass()
	if set == nil || t.passTogether(&u, set[0]) || t.cost >= t.limit()/passedShare || t.with(set) == nil {
		return
	}
	f := u.finding
	if !t.isFixed(set, u.diagnosed) || !t.isPassed(set, &u) {
		u.refused("")
		t.unlessEmpty(&u, set[0])
		return
	}
	besides, ok := t.besides(set, &u.diagnosed)
	if !ok && u.passed[0].IsNewInFile() {
		u.refused("")
		return
	}
	// What is worse elsewhere comes from templates that print the value where it is not meant to be: of a map that the values have, these have
	// findings of their own.
	if besides != "" {
		words := fixes.SetText(u.Fix.withoutSample(set))
		if rest, ok := strings.CutPrefix(f.Fix.Title, words); ok {
			f.Fix.Title = words + besides + rest
		}
	}
}

// unlessEmpty says in the fix of a finding that a template leaves its field out if the key that supplies it has the wanted value, such as false: the
// template tests the key.
func (t *trials) unlessEmpty(u *untried, key Step) {
	at := u.finding.Origin.Printed()
	if !isEmptied(key.Set) || !u.At.IsSet() || u.of().Vendored != "" || at == u.finding.Origin.Position {
		return
	}
	o := t.with([]Step{key}).unit.same(u.of())
	if o == nil || !o.hasSubject(u.Subject) || o.Root.At(u.At.Path()).AtKey().IsSet() {
		return
	}
	title := fixes.SetText([]Step{key}) + ", and print the field for " + key.Set + ", too: the template leaves it out then (" + at.File + ":" + strconv.Itoa(at.Line) + ")"
	u.finding.Fix.Title = u.fixText(u.rule, title)
}

// passedShare is the part of what trials may cost that keys cost which only pass their value on: what they do is known as a rule.
const passedShare = 4

// passedKeys are the keys that pass their values on to what findings are about. They are tried at once: a trial for each would cost much.
type passedKeys struct {
	set []Step
	// labels are the keys, and fields the fields of containers and pods that have the values.
	labels, fields map[string]bool
	// isClean says that the keys change nothing else.
	isClean, isTried bool
}

// passTogether reports whether a finding is gone with all keys that pass their values on, and these change nothing but what the findings are
// about.
func (t *trials) passTogether(u *untried, key Step) bool {
	a := &t.passing
	if !a.isTried {
		a.isTried = true
		c := t.compare(a.set)
		a.isClean = c != nil && len(c.begun) == 0 && c.effects.IsWithin(a.fields)
	}
	i := slices.IndexFunc(a.set, func(s Step) bool { return s.Label == key.Label })
	return a.isClean && u.Fix.Key == nil && i >= 0 && a.set[i].Set == key.Set && t.isGone(a.set, u.diagnosed) && t.isPassed(a.set, u)
}

// isPassed reports whether the value of a finding is the wanted one with some values: a template may print that as a part of a text.
func (t *trials) isPassed(set []Step, u *untried) bool {
	want := strings.Trim(u.Fix.want(), `"'`)
	if want == "" || !u.At.IsScalar() || u.Line > 0 || u.In != nil {
		return true
	}
	return slices.ContainsFunc(t.with(set).unit.Objects, func(o *Object) bool {
		v := o.Root.At(u.At.Path())
		return o.Ref() == u.of().Ref() && (!v.IsScalar() || v.Text() == want)
	})
}

// add adds the key of a finding.
func (a *passedKeys) add(u *untried) {
	set := u.toPass()
	if set == nil || u.Subject.Workload == nil {
		return
	}
	if a.fields == nil {
		a.labels, a.fields = map[string]bool{}, map[string]bool{}
	}
	a.fields[effects.Top(u.field())] = true
	if !a.labels[set[0].Label] {
		a.labels[set[0].Label] = true
		a.set = append(a.set, set[0])
	}
}

// toPass is the key that the fix sets because its value is passed on, with the value to try. It is nil if no value is known.
func (u *untried) toPass() []Step {
	if len(u.passed) != 1 || u.Fix.tried() == "" {
		return nil
	}
	s := u.passed[0]
	s.Set = u.Fix.tried()
	return []Step{s}
}

// refused makes the fix what the rule says, and to change what of the chart refuses the value, if that is known.
func (u *untried) refused(how string) {
	f := u.finding
	f.Fix.Title, f.Fix.Value, f.Fix.Addition = cmp.Or(u.Fix.Title, u.rule.Fix), "", Addition{}
	if how != "" && !strings.Contains(f.Fix.Title, "ignore the finding") {
		f.Fix.Title += ", and change the chart: " + how
	}
	f.Fix.Title = u.fixText(u.rule, f.Fix.Title)
}

// keepsChosen reports whether the key that supplies what a function chose is the place of a finding though no trial with it fixes that:
// the chart refuses the value, or the trial lacks what a missing dependency has. The function would choose it.
func (t *trials) keepsChosen(u *untried) bool {
	f := u.finding
	at := f.Origin.Switch
	i := slices.IndexFunc(u.sets, func(set []Step) bool { return len(set) == 1 && set[0].Chosen && at != nil && set[0].Label == at.Key })
	if i < 0 {
		return false
	}
	how, _ := t.refuses(u.sets[i])
	if how == "" && !t.unit.unit.Lacks(u.sets[i]) {
		return false
	}
	f.Origin.Entry = at
	f.Origin = f.Origin.AtEntry()
	u.refused(how)
	if how == "" {
		f.Fix.Title = u.fixText(u.rule, u.Fix.withAlso(fixes.SetText(u.sets[i])+", which could not be tried without the missing dependency"))
	}
	return true
}

// refuses reports whether the chart refuses a value, or may do so, and how, if that is known.
func (t *trials) refuses(set []Step) (how string, refuses bool) {
	name := fixes.SetText(set)
	if how, known := t.refused[name]; known {
		return how, how != ""
	}
	if t.refusalCost >= t.limit() {
		return "", true
	}
	how, cost := t.unit.unit.Refuses(set)
	t.refusalCost += cost
	if t.refused == nil {
		t.refused = map[string]string{}
	}
	t.refused[name] = how
	return how, how != ""
}

// atShared makes the key the place of a finding whose value a template takes where the key has none that the fix would set, if it does
// the same: one value there is enough for all that read it, and hides nothing that is set for all.
func (t *trials) atShared(u untried) bool {
	if u.shared.Label == "" || !t.fixes([]Step{u.shared}, u.diagnosed) {
		return false
	}
	f := u.finding
	f.Fix.Addition, f.Fix.Edits = f.Origin.Shared.Addition, nil
	f.Origin = f.Origin.AtShared()
	t.fix(u, []Step{u.shared}, false)
	return true
}

// sharedKey is the step of the shared key of a finding, with the value to try. It has no label if there is none, or if which value is
// right depends on the application: then each has its own.
func (f *Finding) sharedKey(d *Diagnostic) Step {
	e, want := f.Origin.Shared, d.Fix.want()
	if e == nil || want == "" || d.At.IsSet() || d.Fix.AdviceOnly || len(d.Fix.Keys) > 0 || d.Fix.Key != nil || !f.Origin.IsEntry() {
		return Step{}
	}
	return Step{Kind: StepValues, Position: e.Position, Label: e.Key, Below: e.Below, Set: want, Chosen: true}
}

// fix makes the values of a set the fix of a finding.
func (t *trials) fix(u untried, set []Step, takesSwitch bool) {
	f := u.finding
	if u.Fix.OrSwitch {
		besides, _ := t.besides(set, &u.diagnosed)
		f.Fix.Title = fixes.SetText(u.Fix.withoutSample(set)) + besides + t.needs(set) + ", or " + f.Fix.Title
		if set[0].Set == sampleList {
			f.Origin.Trail = slices.Insert(slices.Clone(f.Origin.Trail), 0, set[0])
		}
		return
	}
	if len(u.Fix.Keys) > 0 {
		if u.Fix.Fewest || !slices.ContainsFunc(u.sets, func(s []Step) bool { return slices.Equal(s, set) }) {
			set = t.fewest(set, u.diagnosed)
		}
		f.Origin.Trail = slices.Concat(set, f.Origin.Trail)
	}
	all, left := t.completed(set, u.diagnosed)
	besides, _ := t.besides(all, &u.diagnosed)
	f.Fix.Title = fixes.SetText(u.Fix.withoutSample(all))
	f.Origin.Trail = slices.Insert(slices.Clone(f.Origin.Trail), min(len(set), len(f.Origin.Trail)), all[len(set):]...)
	if k := u.Fix.Key; k != nil {
		f.Fix.Title = k.Write(f.Fix.Title)
		if of := f.Origin.OfChart(); of != "" && k.Own.Value != "" && (strings.HasSuffix(set[0].Set, k.Own.Value) || len(set) == 1 && u.standsForVersion(of)) { // also a whole reference
			u.inPlaceOf(of, set[0].Label)
		}
		u.rewritten(set[0].Set == k.Own.Value)
	}
	f.Fix.Title += besides + t.needs(set) + left
	isWanted := takesSwitch || u.Fix.Without.IsSet() || set[0].Set == u.Fix.want() && (set[0].Chosen || u.isDecidedBy(set[0]))
	if isWanted { // the set has the wanted value itself
		f.Fix.Title = u.Fix.withAlso(f.Fix.Title)
	}
	switch at := t.switchOf(&u, set); {
	case at == nil:
		f.Origin.KeepNewKey(set)
	case set[len(set)-1].Chosen: // it supplies the value
		f.Origin.Entry = at
		f.Origin = f.Origin.AtEntry()
	default:
		f.Origin = f.Origin.DecidedAt(*at)
	}
	f.Fix.Title = u.fixText(f.Rule, f.Fix.Title)
	if i := slices.IndexFunc(u.entries, func(e Entry) bool { return e.Key == set[0].Label }); i >= 0 {
		f.Origin = f.Origin.DecidedAt(u.entries[i])
	}
}

// isDecidedBy reports whether a key that decides what is printed has the name of the field, and the field is there: the key stands for its value.
func (u *untried) isDecidedBy(s Step) bool {
	path := "." + u.At.Path()
	return s.Kind == StepDecides && u.At.IsSet() && strings.HasSuffix("."+s.Label, path[strings.LastIndexByte(path, '.'):])
}

// inPlaceOf says in the fix that a key takes the place of a field of Chart.yaml: what raises the version of the chart no longer raises that of
// the image.
func (u *untried) inPlaceOf(of, key string) {
	fix := &u.finding.Fix
	switch fix.Title += " in place of the chart's " + of; {
	case u.isPlaceholder():
		fix.Title = "have the release set the digest in " + key + ": it packages the chart with another " + of + ", " + u.Fix.Key.Text + " stands for that only"
	case u.Fix.IsReleased:
		fix.Title = "have the release set the digest in " + key + ": it replaces the chart's " + of + " by --app-version, so that " + u.Fix.Key.Text + " stands for a version only"
	case u.Fix.RaisedBy != "":
		fix.Title += ", and have " + u.Fix.RaisedBy + " write it, too: it raises the " + of + " alone"
	default:
		fix.Title += ", and renew it with each " + of
	}
}

// isPlaceholder reports whether the value of the key stands for the version that the chart gets when it is packaged.
func (u *untried) isPlaceholder() bool {
	return u.Fix.IsPlaceholder || strings.HasPrefix(strings.TrimPrefix(u.Fix.Key.Text, "v"), NoVersion)
}

// standsForVersion reports whether a field of Chart.yaml supplies a version that the release replaces: a digest in a key of its own would hold the
// image of one release in all later ones.
func (u *untried) standsForVersion(of string) bool {
	return (of == "appVersion" || of == "version") && (u.isPlaceholder() || u.Fix.IsReleased)
}

// NoVersion is the version of charts that get another one when they are packaged.
const NoVersion = "0.0.0"

// rewritten says in the fix what a command has to write that replaces the value of the key. isOwn says that the fix adds to that value.
func (u *untried) rewritten(isOwn bool) {
	switch by, fix := u.Fix.RewrittenBy, &u.finding.Fix; {
	case by == "":
	case isOwn:
		fix.Title = u.Fix.Title
	default:
		fix.Title += ", and have " + by + " write it, too: it replaces " + u.Fix.Key.Text + " alone"
	}
}

// computed makes the fix of a finding that whoever releases the chart adds to the key which supplies the value, if the value of the key is a
// template with a field of Chart.yaml: what the fix would write there would stay when the field changes.
func (u *untried) computed() {
	k, f := u.Fix.Key, u.finding
	of := f.Origin.OfChart()
	if k == nil || of == "" || !f.Origin.IsEntry() || f.Origin.Trail[0].Kind != StepValues || f.Fix.Beside != "" {
		return
	}
	f.Fix.Title = u.fixText(u.rule, "have the release write the digest of its image into "+f.Origin.Trail[0].Label+": the key follows the chart's "+of+", and a digest written by hand would hold the image at "+k.Text)
}

// switchOf is the entry of the only key of a set if it decides what is printed, and is not the value itself, or the one of the value that
// another key switches on. It is nil if the values have no such entry.
func (t *trials) switchOf(u *untried, set []Step) *Entry {
	if at := u.finding.Origin.Switch; len(set) == 2 && set[0].Kind == StepDecides && set[1].Chosen && at != nil && at.Key == set[1].Label {
		return at
	}
	if at := u.finding.Origin.Switch; len(set) == 2 && at != nil && at.Key == set[0].Label && set[0].Kind == StepValues && set[0].Set != "" && set[1].Set != "" {
		return at // one enables the block in which the other enables one
	}
	if len(set) == 2 && set[0].Kind == StepDecides && set[1].Set == Filled {
		set = set[:1]
	}
	if len(set) != 1 || set[0].Set == Filled {
		return t.firstOf(u, set)
	}
	l := []*Entry{u.finding.Origin.Switch, u.Fix.Switch}
	for _, e := range u.Fix.Next {
		l = append(l, e.Switch)
	}
	if set[0].Kind == StepDecides {
		t.unit.renderer.Lock()
		for _, s := range u.deciders() {
			l = append(l, &s.Entry)
		}
		t.unit.renderer.Unlock()
	}
	if i := slices.IndexFunc(l, func(e *Entry) bool { return e != nil && e.Key == set[0].Label }); i >= 0 {
		return l[i]
	}
	if by, ok := u.place().locator.(SwitchLocator); ok && set[0].Kind == StepDecides && u.finding.Origin.Taken != nil { // a key without a value
		t.unit.renderer.Lock()
		defer t.unit.renderer.Unlock()
		return by.EntryAt(set[0].Label)
	}
	return nil
}

// firstOf is the entry of the first of several keys that make the chart print an object. It is nil if the values have none.
func (t *trials) firstOf(u *untried, set []Step) *Entry {
	l, ok := u.place().locator.(SwitchLocator)
	if !ok || len(u.Fix.Keys) == 0 {
		return nil
	}
	t.unit.renderer.Lock()
	defer t.unit.renderer.Unlock()
	return l.EntryAt(set[0].Label)
}

// fewest is as few of some values as fix a finding.
func (t *trials) fewest(set []Step, d diagnosed) []Step {
	for i := 0; i < len(set) && len(set) > 1; {
		if less := slices.Concat(set[:i], set[i+1:]); t.fixes(less, d) && len(t.customKinds(less)) <= len(t.customKinds(set)) {
			set = less
		} else {
			i++
		}
	}
	return set
}

// trialSets are the values that may fix a finding by more than passing a value on:
// several keys, conditions, and keys that decide. No value renames
// a key or is in place of removing one.
func trialSets(d *Diagnostic, trail []Step) (sets [][]Step) {
	sets = d.Fix.Sets()
	if len(sets) == 0 && d.Fix.OrSwitch {
		return fixes.Deciding(trail, d.Fix.Sample)
	}
	if len(sets) > 0 || d.Fix.AdviceOnly || d.Fix.Do != Set {
		return sets
	}
	for _, s := range trail {
		switch k := d.Fix.Key; {
		case s.InText, s.Set == Filled: // what fills it is not known
		case s.Kind == StepValues && (s.Missing || s.Off) && fixes.Switch(trail) != nil:
			return append(sets, fixes.WithSwitch(s, *fixes.Switch(trail), d.Fix.tried())...)
		case k != nil && s.Kind == StepDecides && k.IsNamed(s.Label):
			sets = append(sets, k.Sets(s)...)
		case s.Kind == StepValues && s.Chosen && s.Set == "" && d.Fix.tried() != "" && s.Label != "":
			s.Set = d.Fix.tried()
			sets = append(sets, []Step{s})
		case s.Kind == StepValues && s.Set == "" && s.Label != "" && (d.Fix.want() != "" || !d.At.IsSet()):
			return sets // it is passed on
		case (s.Kind == StepValues || s.Kind == StepDecides) && s.Set != "" && s.Label != "":
			sets = append(sets, []Step{s})
		case s.Kind == StepDecides && s.Label != "" && fixes.IsBool(d.Fix.want()): // it has no value
			s.Set = d.Fix.want()
			sets = append(sets, []Step{s})
		}
	}
	return sets
}

// passedOn is the key, with its value, that the fix of a finding sets because its value is passed on. It has no value if that
// depends on the application. It is nil if there is none.
func (f *Finding) passedOn(d *Diagnostic) []Step {
	for _, s := range f.Origin.Trail {
		if s.Kind == StepValues && s.Label != "" && !s.InText && s.Set == "" && strings.HasPrefix(f.Fix.Title, "set "+s.Label) {
			s.Set = d.Fix.want()
			return []Step{s}
		}
	}
	return nil
}

// outside makes the fix of a finding about an absent field to take the mapping that is to have it out of a block which a key of the trail prints, or
// leaves out, if the field is absent with and without the block: what is added in the block would hold only as long as it is printed, and what is added
// beside it would be there twice. The place is the line above the block.
func (t *trials) outside(u *untried) {
	if u.At.IsSet() || u.Subject.Workload == nil || u.finding.Origin.IsEntry() {
		return
	}
	for _, s := range u.finding.Origin.Trail {
		if !place.IsKey(s.Kind) || s.Label == "" || s.Set == "" || s.Set == Filled {
			continue
		}
		v := t.with([]Step{s})
		if v == nil {
			continue
		}
		for _, o := range v.unit.Objects {
			if o.Ref() == u.of().Ref() && o.hasSubject(u.Subject) && t.takesOut(u, v, o, s) {
				return
			}
		}
	}
}

// takesOut is outside for an object as it is with another value of a key.
func (t *trials) takesOut(u *untried, v *variant, o *Object, s Step) bool {
	_, missing := u.At.Anchor()
	for _, d := range v.run(subject{object: o}, u.rule).found {
		_, without := d.At.Anchor()
		if !u.isAbout(d) {
			continue
		}
		if block, rest, _ := strings.Cut(missing, "."); s.Kind == StepValues && o.Root.At(strings.TrimSuffix(u.At.Path(), "."+rest)).IsMap() {
			u.takeOut(u.finding.Origin, block, s)
			return true
		}
		block, isOn := strings.CutSuffix(without, "."+missing)
		if !isOn || s.Kind != StepDecides || d.At.Path() != u.At.Path() || isSwitchOf(s.Label, block) {
			continue
		}
		v.renderer.Lock()
		at := d.place().locate(d.Diagnostic)
		v.renderer.Unlock()
		if at.File == u.finding.Origin.File && at.Entry == nil && at.Line < u.finding.Origin.Line {
			u.takeOut(at, block, s)
			return true
		}
	}
	return false
}

// isSwitchOf reports whether a key such as podSecurityContext.enabled has the name of a mapping, and so is for that alone: as long as it prints
// the mapping, the block around that is no reason not to add to the mapping.
func isSwitchOf(key, mapping string) bool {
	i := strings.LastIndexByte(key, '.')
	return i >= 0 && strings.HasSuffix(strings.ToLower(key[:i]), strings.ToLower(mapping))
}

// takesOut begins a title that says to take a mapping out of a block.
const takesOut = "take "

// takeOut makes the fix of a finding to take a mapping out of the block that depends on a key.
func (u *untried) takeOut(at Origin, block string, s Step) {
	f := u.finding
	s.Kind = StepDecides
	at.Switch, at.Shared = nil, nil
	at.Trail = append([]Step{s}, slices.DeleteFunc(slices.Clone(at.Trail), func(have Step) bool { return have.Label == s.Label })...)
	f.Origin = at
	f.Fix.Value, f.Fix.Addition, f.Fix.Edits = "", Addition{}, nil
	f.Fix.Title = u.fixText(u.rule, takesOut+block+" out of the block that depends on "+s.Label+", and "+cmp.Or(u.Fix.Title, u.rule.Fix))
}

// publishing are the kinds of objects that make an application reachable from outside of the cluster.
var publishing = map[string]bool{"Ingress": true, "Gateway": true, "HTTPRoute": true, "GRPCRoute": true, "TCPRoute": true, "TLSRoute": true, "VirtualService": true, "IngressRoute": true, "Route": true}

// publishes reports whether a unit with other values makes something reachable from outside of the cluster that is not so without them: that is no
// price for a policy.
func (t *trials) publishes(with *Unit) bool {
	isOpen := func(o *Object) bool {
		return publishing[o.Kind] || o.Kind == "Service" && o.Root.Get("spec").Get("type").Text() == "LoadBalancer"
	}
	known := map[ObjectRef]bool{}
	for _, o := range t.unit.unit.Objects {
		if isOpen(o) {
			known[o.Ref()] = true
		}
	}
	return slices.ContainsFunc(with.Objects, func(o *Object) bool { return isOpen(o) && !known[o.Ref()] })
}

// addsPods reports whether a unit with other values has more workloads: a key that turns on another part of a chart is not to be set for the sake
// of one object that comes with it.
func (t *trials) addsPods(with *Unit) bool {
	return len(with.Workloads()) > len(t.unit.unit.Workloads())
}
