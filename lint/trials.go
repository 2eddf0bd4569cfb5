package lint

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
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
}

// beside is a finding, and the values to try that remove the other field and set the key.
type beside struct {
	diagnosed
	set []Step
}

// variant is a unit as it is, or with other values.
type variant struct {
	*shared
	// reported holds what the rules report of objects, as far as it is known.
	reported map[*Object]reports
	// ofUnit is what rules report of the unit as a whole, likewise.
	ofUnit map[*Rule]ruleReports
}

// ruleReports is what a rule reports of a unit as a whole. failed is set if it could not look at it.
type ruleReports struct {
	found  []diagnosed
	failed bool
}

func (c *Checker) variant(u *Unit) *variant {
	return &variant{&shared{checker: c, unit: u}, map[*Object]reports{}, map[*Rule]ruleReports{}}
}

// reports are what rules report of one object, with the path and the severity of each.
type reports map[report]defect

// report is what findings of one object differ in.
type report struct{ rule, container, field string }

// defect is where a report is, and how severe.
type defect struct {
	path     string
	severity Severity
}

// besides finds what is tried for values that the API server refuses beside another field: of several findings with the same
// values, the first.
func besides(l []outcome) map[string][]beside {
	found := map[string][]beside{}
	known := map[string]bool{}
	for _, o := range l {
		for _, u := range o.untried {
			for _, set := range u.sets {
				if !u.Fix.IsRefused || len(set) < 2 || known[setText(set)] {
					continue
				}
				known[setText(set)] = true
				key := setText(set[len(set)-1:])
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
			for _, name := range t.awaitedBy(&o.untried[i]) {
				t.awaited[name]++
			}
		}
	}
}

// awaitedBy names the values that a finding tries.
func (t *trials) awaitedBy(u *untried) (names []string) {
	for _, s := range slices.Concat(u.switches, u.leaving) {
		names = append(names, setText(s.steps()))
	}
	for _, set := range slices.Concat(u.sets, u.suppliers) {
		names = append(names, setText(set))
	}
	for _, b := range t.beside[setText(u.passed)] {
		names = append(names, setText(b.set))
	}
	for _, s := range append([]Step{u.own, u.shared, u.emptied}, u.parts...) {
		if s.Label != "" {
			names = append(names, setText([]Step{s}))
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
	takesSwitch := enabling(u.finding.Origin.Trail) != nil
	set := t.find(&u)
	u.finding.Fix.Title = u.otherwise
	if t.appends(&u, set) {
		return
	}
	if set != nil {
		t.fix(u, set, takesSwitch)
		return
	}
	if t.keepsChosen(&u) {
		return
	}
	use := t.ownUse(&u)
	if use == uses.None {
		use = t.atNamed(&u)
	}
	if use != uses.None {
		fix := &u.finding.Fix
		fix.Title = u.Fix.Beside + use.String()
		u.rewritten(false)
		fix.Title = u.fixText(u.rule, fix.Title)
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

// volumeName is that of the volume with which keys are tried.
const volumeName = "kubevet-tmp"

// mount says in the fix of a finding by which keys the container gets the volume that it needs, or that the templates take none.
func (t *trials) mount(u *untried) {
	f := u.finding
	l, ok := u.of().locator.(VolumeLocator)
	i := slices.IndexFunc(f.Origin.Trail, func(s Step) bool { return isKey(s.Kind) && s.Label != "" })
	if !ok || i < 0 || u.Fix.Mounted == "" || u.Subject.Workload == nil || !strings.HasPrefix(f.Fix.Title, "set ") || !strings.Contains(f.Fix.Title, u.Fix.Mounted) {
		return
	}
	f.Fix.Together = f.Fix.Title // containers with one key may have different ones for mounts
	t.unit.renderer.Lock()
	sets, none := l.VolumeKeys(u.Subject.Workload.Pod.Get("volumes"), u.Subject.Get("volumeMounts"), f.Origin.Trail[i].Label, volumeName)
	t.unit.renderer.Unlock()
	by := ""
	for _, set := range sets {
		with := t.with(set)
		if with == nil && t.isSpent() {
			return
		}
		if with != nil && u.isMounted(with.unit) {
			by = ", with " + set[0].Label + " and " + set[1].Label
			break
		}
	}
	if by == "" && none() {
		by = ", in the template, since no values key for volumes takes one"
	}
	f.Fix.Title = strings.Replace(f.Fix.Title, u.Fix.Mounted, u.Fix.Mounted+by, 1)
}

// isMounted reports whether the pod of a diagnostic has the volume with which keys are tried, and the container mounts it.
func (d *Diagnostic) isMounted(u *Unit) bool {
	for _, o := range u.Objects {
		if o.Ref() != d.of().Ref() {
			continue
		}
		for _, w := range o.Workloads {
			for _, c := range w.Select(d.Subject.Kind) {
				if c.Name == d.Subject.Name && hasNamed(w.Pod.Get("volumes"), "emptyDir") && hasNamed(c.Get("volumeMounts"), "mountPath") {
					return true
				}
			}
		}
	}
	return false
}

// hasNamed reports whether a list has an element for the volume with which keys are tried, with some field.
func hasNamed(list Value, field string) bool {
	for e := range list.Items() {
		if e.Get("name").Text() == volumeName && e.Get(field).IsSet() {
			return true
		}
	}
	return false
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
	if e := &u.Fix.Enabling; e.in != nil {
		for _, set := range e.sets() {
			if more := t.further(set, u); more != nil {
				return more
			}
		}
	}
	return t.within(u)
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
				if all := unionOf([][]Step{on, set}); len(all) == len(on)+1 && t.fixes(all, u.diagnosed) {
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
		e := u.Fix.in(v.unit)
		v.renderer.Unlock()
		var first []Step
		for _, keys := range e.sets() {
			all := unionOf([][]Step{set, keys})
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
	l := t.beside[setText(u.passed)] // of a container that prints the key, too
	if i := slices.IndexFunc(l, func(b beside) bool { return t.fixes(b.set, b.diagnosed) && t.fixes(b.set, u.diagnosed) }); i >= 0 {
		t.fix(u, l[i].set, false)
		return
	}
	if how, refuses := t.refuses(u.passed); refuses {
		u.refused(how)
	}
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
	f.Origin = f.Origin.atEntry()
	u.refused(how)
	if how == "" {
		f.Fix.Title = setText(u.sets[i]) + ", which could not be tried without the missing dependency"
		if u.Fix.Also != "" {
			f.Fix.Title += ", and " + u.Fix.Also
		}
		f.Fix.Title = u.fixText(u.rule, f.Fix.Title)
	}
	return true
}

// refuses reports whether the chart refuses a value, or may do so, and how, if that is known.
func (t *trials) refuses(set []Step) (how string, refuses bool) {
	name := setText(set)
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

// atSwitch makes the key the place of a finding that decides whether its field is printed, if that alone fixes it.
func (t *trials) atSwitch(u untried) bool {
	for _, s := range u.switches {
		set := s.steps()
		if t.fixes(set, u.diagnosed) && t.keepsRest(set, u.diagnosed) {
			t.fix(u, set, false)
			u.finding.Origin = u.finding.Origin.decidedAt(s.Entry)
			return true
		}
	}
	return false
}

// atShared makes the key the place of a finding whose value a template takes where the key has none that the fix would set, if it does
// the same: one value there is enough for all that read it, and hides nothing that is set for all.
func (t *trials) atShared(u untried) bool {
	if u.shared.Label == "" || !t.fixes([]Step{u.shared}, u.diagnosed) {
		return false
	}
	f := u.finding
	f.Fix.Addition, f.Fix.Edits = f.Origin.Shared.Addition, nil
	f.Origin = f.Origin.atShared()
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
			return node.IsWithout(o.Root.At(path[:dot]).Node, was, path[dot+1:])
		}
	}
	return false
}

// fix makes the values of a set the fix of a finding.
func (t *trials) fix(u untried, set []Step, takesSwitch bool) {
	f := u.finding
	if u.Fix.OrSwitch {
		f.Fix.Title = setText(u.Fix.withoutSample(set)) + t.needs(set) + ", or " + f.Fix.Title
		return
	}
	if len(u.Fix.Keys) > 0 {
		if u.Fix.Fewest || !slices.ContainsFunc(u.sets, func(s []Step) bool { return slices.Equal(s, set) }) {
			set = t.fewest(set, u.diagnosed)
		}
		f.Origin.Trail = slices.Concat(set, f.Origin.Trail)
	}
	all, left := t.completed(set, u.diagnosed)
	f.Fix.Title = setText(u.Fix.withoutSample(all)) + t.sideEffects(set, u.diagnosed) + t.needs(set) + left
	f.Origin.Trail = slices.Insert(slices.Clone(f.Origin.Trail), min(len(set), len(f.Origin.Trail)), all[len(set):]...)
	isWanted := takesSwitch || u.Fix.Without.IsSet() || set[0].Chosen && set[0].Set == u.Fix.want()
	if isWanted && u.Fix.Also != "" { // the set has the wanted value itself
		f.Fix.Title += ", and " + u.Fix.Also
	}
	if k := u.Fix.Key; k != nil {
		f.Fix.Title = k.write(f.Fix.Title)
		if of := f.Origin.ofChart(); of != "" && set[0].Set == k.Own.Value {
			u.inPlaceOf(of, set[0].Label)
		}
		u.rewritten(set[0].Set == k.Own.Value)
	}
	switch at := t.switchOf(&u, set); {
	case at == nil:
		f.Origin.keepNewKey(set)
	case set[len(set)-1].Chosen: // it supplies the value
		f.Origin.Entry = at
		f.Origin = f.Origin.atEntry()
	default:
		f.Origin = f.Origin.decidedAt(*at)
	}
	f.Fix.Title = u.fixText(f.Rule, f.Fix.Title)
	if i := slices.IndexFunc(u.entries, func(e Entry) bool { return e.Key == set[0].Label }); i >= 0 {
		f.Origin = f.Origin.decidedAt(u.entries[i])
	}
}

// inPlaceOf says in the fix that a key takes the place of a field of Chart.yaml: what raises the version of the chart no longer raises that of
// the image.
func (u *untried) inPlaceOf(of, key string) {
	fix := &u.finding.Fix
	switch fix.Title += " in place of the chart's " + of; {
	case strings.HasPrefix(strings.TrimPrefix(u.Fix.Key.Text, "v"), noVersion):
		fix.Title = "have the release set the digest in " + key + ": it packages the chart with another " + of + ", " + u.Fix.Key.Text + " stands for that only"
	case u.Fix.IsReleased:
		fix.Title = "have the release set the digest in " + key + ": it replaces the chart's " + of + " by --app-version, so that " + u.Fix.Key.Text + " stands for a version only"
	case u.Fix.RaisedBy != "":
		fix.Title += ", and have " + u.Fix.RaisedBy + " write it, too: it raises the " + of + " alone"
	default:
		fix.Title += ", and renew it with each " + of
	}
}

// noVersion is the version of charts that get another one when they are packaged.
const noVersion = "0.0.0"

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
	of := f.Origin.ofChart()
	if k == nil || of == "" || !f.Origin.IsEntry() || f.Origin.Trail[0].Kind != StepValues || f.Fix.Beside != "" {
		return
	}
	f.Fix.Title = u.fixText(u.rule, "have the release write the digest of its image into "+f.Origin.Trail[0].Label+": the key follows the chart's "+of+", and a digest written by hand would hold the image at "+k.Text)
}

// ofChart is the field of Chart.yaml that supplied a part of the value. It is empty if there is none.
func (o *Origin) ofChart() string {
	if i := slices.IndexFunc(o.Trail, func(s Step) bool { return s.Kind == StepChart }); i >= 0 {
		return o.Trail[i].Label
	}
	return ""
}

// stopping are the fields of a security context that stop a program which needs another value.
var stopping = []string{"runAsUser", "runAsGroup", "runAsNonRoot", "readOnlyRootFilesystem"}

// sideEffects says which fields of the security context the values of a fix set besides the one that a finding is about: a
// switch turns on all of them. It is empty if there are none.
func (t *trials) sideEffects(set []Step, d diagnosed) string {
	with := t.with(set)
	if with == nil || d.Subject.Workload == nil || !isSwitch(set) {
		return ""
	}
	at := d.Subject.Path() + ".securityContext"
	was := d.of().Root.At(at)
	var l []string
	for _, o := range with.unit.Objects {
		if o.Ref() != d.of().Ref() {
			continue
		}
		for _, name := range stopping {
			now := o.Root.At(at).Get(name)
			if now.IsScalar() && now.Text() != "false" && now.Text() != was.Get(name).Text() && !strings.HasSuffix(d.At.Path(), "."+name) {
				l = append(l, name+": "+now.Text())
			}
		}
	}
	if len(l) == 0 {
		return ""
	}
	return ", which sets " + And(l) + ", too"
}

// customKinds are the kinds of custom resources that the chart has only with the values of a set, and that the cluster must know.
func (t *trials) customKinds(set []Step) []string {
	if with := t.with(set); with != nil {
		return with.unit.customKinds(t.unit.unit)
	}
	return nil
}

// needs says which kinds of custom resources the cluster must know for the values of a fix. It is empty if there are none.
func (t *trials) needs(set []Step) string {
	kinds := t.customKinds(set)
	if len(kinds) == 0 {
		return ""
	}
	return ", on a cluster that knows " + strings.Join(kinds, " and ")
}

// completed is the values of a fix with one more, if that does what they leave to be done, and what is to be said of it.
func (t *trials) completed(set []Step, d diagnosed) (all []Step, text string) {
	isFilled := slices.ContainsFunc(set, func(s Step) bool { return s.Set == Filled }) // with what a person writes
	left := t.left(set, d)
	if isFilled || len(left) == 0 {
		return set, ""
	}
	u := t.with(set)
	u.renderer.Lock()
	trail := left[0].place().locate(left[0].Diagnostic).Trail
	u.renderer.Unlock()
	for _, s := range trail {
		if s.Set == "" || s.Set == Filled || s.Label == "" || !isKey(s.Kind) {
			continue
		}
		s.Kind = StepDecides // about the field that is left
		if more := slices.Concat(set, []Step{s}); t.fixes(more, d) {
			still := t.left(more, d)
			isDone := !slices.ContainsFunc(still, func(other diagnosed) bool { return other.Fix.Title == left[0].Fix.Title })
			if len(still) < len(left) || isDone && len(still) == len(left) { // there may be something else to do instead
				return more, ", " + left[0].Message + t.titles(more, still)
			}
		}
	}
	return set, t.titles(set, left)
}

// titles are the fixes of what a fix leaves to be done, as the rest of a sentence.
func (t *trials) titles(set []Step, left []diagnosed) string {
	var b strings.Builder
	for i := range left {
		title := left[i].Fix.Title
		if key := t.listKey(set, &left[i]); key != "" {
			title = strings.Replace(strings.Replace(title, InPolicy, "in "+key, 1), ": it ", ": the policy ", 1)
		}
		b.WriteString(", " + title)
	}
	return b.String()
}

// sampleElement is the element with which keys for a list of a policy's rules are tried.
const sampleElement = `[{"ports": [{"port": 65535}]}]`

// listKey is the key that adds to the list of a fix beside the values of a set. It is empty if none is known.
func (t *trials) listKey(set []Step, d *diagnosed) string {
	l, ok := d.of().locator.(KeyLocator)
	list, with := d.Fix.List, t.with(set)
	if !ok || list.Path() == "" || with == nil {
		return ""
	}
	with.renderer.Lock()
	keys := l.ListKeys(list)
	with.renderer.Unlock()
	for _, key := range keys {
		v := t.with(slices.Concat(set, []Step{{Kind: StepValues, Label: key, Set: sampleElement}}))
		if v != nil && slices.ContainsFunc(v.unit.Objects, func(o *Object) bool {
			return o.Ref() == d.of().Ref() && o.Root.At(list.Path()).Len() == list.Len()+1
		}) {
			return key
		}
	}
	return ""
}

// left is what the values of a fix leave to be done.
func (t *trials) left(set []Step, d diagnosed) (l []diagnosed) {
	u := t.with(set)
	if d.Fix.Left == nil || u == nil {
		return nil
	}
	rule := *d.rule
	rule.Check = d.Fix.Left
	for _, o := range u.unit.Objects {
		if o.Ref() != d.of().Ref() {
			continue
		}
		more := u.run(subject{object: o}, &rule)
		if more.failed {
			return nil
		}
		l = append(l, more.found...)
	}
	return l
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

// setText is the fix that sets some values, and fills lists.
func setText(set []Step) string {
	var words, lists []string
	for _, s := range set {
		switch s.Set {
		case Filled:
			lists = append(lists, s.Label)
		case "": // which value depends on the application
			words = append(words, s.Label)
		default:
			words = append(words, s.Label+": "+s.Set)
		}
	}
	var parts []string
	if len(words) > 0 {
		parts = append(parts, "set "+And(words))
	}
	if len(lists) > 0 {
		parts = append(parts, "fill "+And(lists))
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
	if same == nil || !same.hasSubject(d.Subject) || len(d.Fix.Keys) > 0 && t.publishes(s.unit) {
		return false
	}
	if d.Fix.want() != "" && d.losesElement(same, of) || d.isLost(same, of) || !d.isGiven(same) {
		return false
	}
	if k := d.Fix.Key; k != nil && (!k.does(set[0], same.Root.At(d.At.Path()).Text()) || !k.fits(s.unit, set[0].Set)) {
		return false
	}
	known, has := s.ofUnit[d.rule]
	if !has {
		known = s.run(subject{}, d.rule)
		s.ofUnit[d.rule] = known
	}
	for _, l := range []ruleReports{s.run(subject{object: same}, d.rule), known} {
		if l.failed || slices.ContainsFunc(l.found, d.isAbout) {
			return false
		}
	}
	more := s.reports(same)
	if isSwitch(set) {
		more = maps.Clone(more)
		maps.DeleteFunc(more, func(r report, found defect) bool {
			name, ok := strings.CutPrefix(r.field, "securityContext.")
			return ok && r.container == d.Subject.Name && slices.Contains(stopping, name) && found.severity > d.severity() // the fix names it
		})
	}
	return !worsens(more, t.unit.reports(of), same, of, d.severity())
}

// isSwitch reports whether one of some values turns something on or off.
func isSwitch(set []Step) bool {
	return slices.ContainsFunc(set, func(s Step) bool { return isBool(s.Set) })
}

// run is what a rule reports of a subject.
func (t *variant) run(on subject, r *Rule) ruleReports {
	c := t.checker
	p := &Pass{Unit: t.unit, Version: c.Version, Profile: c.Profile, Settings: c.Settings, shared: t.shared}
	_, failed := runUntilPanic(p, on, []*Rule{r}, 0)
	return ruleReports{p.found, failed != nil}
}

// losesElement reports whether the list with the value of a diagnostic is shorter than it was: the element may be the one that
// is gone, which has the value no more than before.
func (d *diagnosed) losesElement(object, was *Object) bool {
	path := d.At.Path()
	i := strings.LastIndexByte(path, '[')
	if i < 0 || !strings.Contains(d.field(), "[") {
		return false
	}
	return object.Root.At(path[:i]).Len() < was.Root.At(path[:i]).Len()
}

// isLost reports whether the value of a diagnostic is only left out with other values: that makes nothing right, unless the rule
// prohibits that the value is there. Of a text that is wrong in a part, what is left without the part is not known to be right.
func (d *diagnosed) isLost(object, was *Object) bool {
	isContent := d.Secret || d.Line > 0
	if !d.At.IsSet() || d.In != nil || d.Fix.want() != "" || d.rule.isProhibition() && !isContent {
		return false
	}
	return was.Root.IsLeftOut(d.At.Path(), object.Root)
}

// isGiven reports whether the field that a diagnostic wants to have a value has one with other values, if the rule does not prohibit another
// one: the rule may not apply any more, as to pods for Windows.
func (d *diagnosed) isGiven(object *Object) bool {
	if d.At.IsSet() || d.In != nil || d.Fix.want() == "" || len(d.Fix.Keys) > 0 || d.rule.isProhibition() {
		return true
	}
	if d.Subject.Workload == nil {
		return object.Root.At(d.At.Path()).IsSet()
	}
	field := d.field()
	return slices.ContainsFunc(object.Workloads, func(w *Workload) bool {
		return w.Pod.At(field).IsSet() || slices.ContainsFunc(w.Select(d.Subject.Kind), func(c PodOrContainer) bool { return c.Name == d.Subject.Name && c.At(field).IsSet() })
	})
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

// worsens reports whether the rules report something of an object with other values that they do not report of it without.
// What is the same with and without is no worse if it matters no more than what is fixed: a rule only begins to apply, such
// as one about pods that share no namespace of their node.
func worsens(with, without reports, object, was *Object, fixed Severity) bool {
	for r, d := range with {
		if _, had := without[r]; !had && (d.severity < fixed || !isSameValue(object.Root.At(d.path).Node, was.Root.At(d.path).Node)) {
			return true
		}
	}
	return false
}

// isSameValue reports whether two nodes are absent, or scalars with one text.
func isSameValue(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == yaml.ScalarNode && b.Kind == yaml.ScalarNode && a.Value == b.Value
}

// severity is that of the finding.
func (d *diagnosed) severity() Severity { return d.Severity.Or(d.rule.Severity) }

// reports is what the rules that look at objects by themselves report of one.
func (t *variant) reports(o *Object) reports {
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

func reportsOf(found []diagnosed) reports {
	l := make(reports, len(found))
	for _, f := range found {
		l[report{f.rule.ID, f.Subject.Name, f.field()}] = defect{f.At.Path(), f.severity()}
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
		u.Repository, u.Policies, u.Ingresses = of.Repository, of.Policies, of.Ingresses
		u.AddAdmission()
		if u, problems := withoutOversized(u); len(problems) == 0 {
			v = t.unit.checker.variant(u)
		}
	}
	t.keep(name, v)
	return v
}

// isSpent reports whether the trials of the unit have cost too much.
func (t *trials) isSpent() bool { return t.cost >= t.limit() }

// limit is what the trials of the unit may cost.
func (t *trials) limit() int { return max(maxRenderings*t.unit.unit.Cost, minTrialCost) }

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
	sets = d.Fix.sets()
	if len(sets) == 0 && d.Fix.OrSwitch {
		return deciding(trail, d.Fix.Sample)
	}
	if len(sets) > 0 || d.Fix.AdviceOnly || d.Fix.Do != Set {
		return sets
	}
	for _, s := range trail {
		switch k := d.Fix.Key; {
		case s.InText, s.Set == Filled: // what fills it is not known
		case s.Kind == StepValues && (s.Missing || s.Off) && enabling(trail) != nil:
			return append(sets, withSwitch(s, *enabling(trail), d.Fix.tried())...)
		case k != nil && s.Kind == StepDecides && k.isNamed(s.Label):
			sets = append(sets, k.sets(s)...)
		case s.Kind == StepValues && s.Chosen && s.Set == "" && d.Fix.tried() != "" && s.Label != "":
			s.Set = d.Fix.tried()
			sets = append(sets, []Step{s})
		case s.Kind == StepValues && s.Set == "" && s.Label != "" && (d.Fix.want() != "" || !d.At.IsSet()):
			return sets // it is passed on
		case (s.Kind == StepValues || s.Kind == StepDecides) && s.Set != "" && s.Label != "":
			sets = append(sets, []Step{s})
		case s.Kind == StepDecides && s.Label != "" && isBool(d.Fix.want()): // it has no value
			s.Set = d.Fix.want()
			sets = append(sets, []Step{s})
		}
	}
	return sets
}

// deciding are the keys of a trail that decide what is printed, each with another value. With a sample they are those of empty lists.
func deciding(trail []Step, sample string) (sets [][]Step) {
	for _, s := range trail {
		if s.Kind != StepDecides || s.Set == "" || s.Label == "" || (s.Set == Filled) != (sample != "") {
			continue
		}
		if sample != "" {
			s.Set = sample
		}
		sets = append(sets, []Step{s})
	}
	return sets
}

func isBool(text string) bool { return text == "true" || text == "false" }

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

// usesOf is what a text is for in the objects of a unit, except where it is within another text: the strictest use.
func usesOf(u *Unit, t uses.Text) (found uses.Use) {
	text := t.Text
	for _, o := range u.Objects {
		if l, ok := o.locator.(DumpLocator); ok {
			t.IsDumped = func(n *yaml.Node) bool { return l.IsDumped(Value{Node: n}, text) }
		}
		found = max(found, t.Of(o.Root.Node))
	}
	return found
}

// fits reports whether a value that is tried with a key fits all for which it is then printed.
func (k *NamedKey) fits(u *Unit, value string) bool {
	if k.Own.Value == value {
		return usesOf(u, uses.Text{Text: k.mark(value), Within: k.Before + value, IsTried: true}) == uses.None
	}
	return usesOf(u, uses.Text{Text: k.mark(value), IsTried: true}) < uses.Name
}

// markLength is how many characters at the end of a value that is tried are looked for: the end repeats itself,
// and a label may have only a part of it.
const markLength = 16

func (k *NamedKey) mark(value string) string { return value[max(len(value)-markLength, 0):] }

// objectCost is what it costs to look for a text in an object.
const objectCost = 16

// ownUse is what the key that supplies the value of a finding is for beside it, if the value of the fix does not fit that.
func (t *trials) ownUse(u *untried) uses.Use {
	k := u.Fix.Key
	if u.own.Label == "" || t.isSpent() {
		return uses.None
	}
	if t.printsElse(u) {
		return uses.Decides
	}
	if t.cost += objectCost * len(t.unit.unit.Objects); usesOf(t.unit.unit, uses.Text{Text: k.Text, Within: k.Before + k.Text}) == uses.None {
		return uses.None
	}
	v := t.with([]Step{u.own})
	if v == nil {
		return uses.None
	}
	for _, o := range v.unit.Objects {
		if o.Ref() == u.of().Ref() && strings.HasSuffix(o.Root.At(u.At.Path()).Text(), k.Own.Ends) {
			return usesOf(v.unit, uses.Text{Text: k.mark(k.Own.Value), Within: k.Before + k.Own.Value, IsTried: true})
		}
	}
	return uses.None // the key supplies something else, such as the whole reference
}

// atNamed makes a key that the rule knows by its name the place of a finding, if the key supplies the value, but what it is for beside that does
// not fit the value of the fix. The result is what else it is for.
func (t *trials) atNamed(u *untried) uses.Use {
	k, f := u.Fix.Key, u.finding
	if k == nil || u.own.Label != "" || f.Origin.IsEntry() {
		return uses.None
	}
	for _, set := range u.sets {
		i := slices.IndexFunc(u.entries, func(e Entry) bool { return len(set) == 1 && e.Key == set[0].Label })
		if i < 0 {
			continue
		}
		v := t.with(set)
		if v == nil {
			continue
		}
		for _, o := range v.unit.Objects {
			if o.Ref() != u.of().Ref() || !k.does(set[0], o.Root.At(u.At.Path()).Text()) {
				continue
			}
			if use := usesOf(v.unit, uses.Text{Text: k.mark(set[0].Set), IsTried: true}); use >= uses.Name {
				f.Origin = f.Origin.decidedAt(u.entries[i])
				return use
			}
		}
	}
	return uses.None
}

// printsElse reports whether a template that tests the key which supplies the value of a finding prints something else with the value of the
// fix.
func (t *trials) printsElse(u *untried) bool {
	l, ok := u.of().locator.(KeyLocator)
	if !ok {
		return false
	}
	t.unit.renderer.Lock()
	isTested := l.IsTested(u.own.Label)
	t.unit.renderer.Unlock()
	if !isTested {
		return false
	}
	v := t.with([]Step{u.own})
	if v == nil {
		return false
	}
	was, now := t.unit.unit.Objects, v.unit.Objects
	if len(was) != len(now) {
		return true
	}
	for i := range was {
		if was[i].Ref() == now[i].Ref() && !node.IsSameShape(was[i].Root.Node, now[i].Root.Node) {
			return true
		}
	}
	return false
}

// emptiedKey is the step of the key that supplies the value of a finding, to be tried without one, or with a mapping. It has no label if there is
// none.
func (f *Finding) emptiedKey(d *Diagnostic) Step {
	set := d.Fix.Mapping
	if d.Fix.Emptied {
		set = `""`
	}
	if set == "" || !f.Origin.IsEntry() || f.Origin.Trail[0].Kind != StepValues || f.Origin.Trail[0].Position != f.Origin.Position {
		return Step{}
	}
	s := f.Origin.Trail[0]
	s.Set = set
	return s
}

// empty says in the fix of a finding where a template has the value, too, if it prints it as long as the key has none.
func (t *trials) empty(u *untried) {
	if u.emptied.Label == "" {
		return
	}
	v := t.with([]Step{u.emptied})
	if v == nil {
		return
	}
	for _, o := range v.unit.Objects {
		if o.Ref() != u.of().Ref() {
			continue
		}
		now := o.Root.At(u.At.Path())
		if u.Fix.Mapping != "" && strings.HasPrefix(now.Text(), "map[") {
			u.inTemplate()
		}
		if u.Fix.Mapping != "" || now.Written() != u.At.Written() {
			continue
		}
		again := v.run(subject{object: o}, u.rule).found
		i := slices.IndexFunc(again, func(d diagnosed) bool { return d.At.Path() == u.At.Path() })
		if i < 0 {
			continue
		}
		v.renderer.Lock()
		at := again[i].place().locate(again[i].Diagnostic)
		v.renderer.Unlock()
		if at.Line > 0 && at.Position != u.finding.Origin.Position {
			u.finding.Fix.Title += "; also remove the same default at " + at.File + ":" + strconv.Itoa(at.Line) + ", which is printed as long as " + u.emptied.Label + " is empty"
		}
	}
}

// inTemplate makes the fix of a finding one of the template, which prints what its key has as text, and says so.
func (u *untried) inTemplate() {
	f := u.finding
	at := f.Origin.Printed()
	f.Fix.Title = u.fixText(u.rule, "at "+at.File+":"+strconv.Itoa(at.Line)+", "+strings.ReplaceAll(u.Fix.InTemplate, ValuesKey, u.emptied.Label))
}

// appends makes the fix of a finding a value of its own for what the fix would add to the key that supplies the value, if a template puts text
// behind that with another value of a key beside it. The set is what was found to fix it.
func (t *trials) appends(u *untried, set []Step) bool {
	k, own := u.Fix.Key, u.own
	if own.Label == "" || set != nil && (set[0].Label != own.Label || set[0].Set != own.Set) {
		return false
	}
	l, ok := u.of().locator.(KeyLocator)
	if !ok {
		return false
	}
	t.unit.renderer.Lock()
	flags := l.Flags(own.Label)
	t.unit.renderer.Unlock()
	for _, flag := range flags {
		v := t.with([]Step{own, flag})
		if v == nil {
			continue
		}
		for _, o := range v.unit.Objects {
			text := o.Root.At(u.At.Path()).Text()
			if o.Ref() != u.of().Ref() || strings.HasSuffix(text, k.Own.Ends) || !strings.Contains(text, k.Own.Ends) {
				continue
			}
			f := u.finding
			f.Fix.Title = u.fixText(u.rule, k.Apart+"with "+flag.Label+": "+flag.Set+" the template puts text behind this one")
			f.Fix.Beside = f.Fix.Title
			return true
		}
	}
	return false
}

// ownKey is the step of the key that supplies the value of a finding, with the value to try. It has no label if there is
// none.
func (f *Finding) ownKey(d *Diagnostic) Step {
	if k := d.Fix.Key; k == nil || k.Own.Value == "" || d.In != nil || len(f.Origin.Trail) == 0 {
		return Step{}
	}
	s := f.Origin.Trail[0]
	if s.Kind != StepValues && s.Kind != StepDecides || s.Position != f.Origin.Position {
		return Step{}
	}
	s.Set = d.Fix.Key.Own.Value
	return s
}

// outside makes the fix of a finding about an absent field to take the mapping that is to have it out of a block which a key of the trail prints, or
// leaves out, if the field is absent with and without the block: what is added in the block would hold only as long as it is printed, and what is added
// beside it would be there twice. The place is the line above the block.
func (t *trials) outside(u *untried) {
	if u.At.IsSet() || u.Subject.Workload == nil || u.finding.Origin.IsEntry() {
		return
	}
	for _, s := range u.finding.Origin.Trail {
		if !isKey(s.Kind) || s.Label == "" || s.Set == "" || s.Set == Filled {
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
		if !isOn || s.Kind != StepDecides || d.At.Path() != u.At.Path() {
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

// takeOut makes the fix of a finding to take a mapping out of the block that depends on a key.
func (u *untried) takeOut(at Origin, block string, s Step) {
	f := u.finding
	s.Kind = StepDecides
	at.Switch, at.Shared = nil, nil
	at.Trail = append([]Step{s}, slices.DeleteFunc(slices.Clone(at.Trail), func(have Step) bool { return have.Label == s.Label })...)
	f.Origin = at
	f.Fix.Value, f.Fix.Addition, f.Fix.Edits = "", Addition{}, nil
	f.Fix.Title = u.fixText(u.rule, "take "+block+" out of the block that depends on "+s.Label+", and "+cmp.Or(u.Fix.Title, u.rule.Fix))
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
