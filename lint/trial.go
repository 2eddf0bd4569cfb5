package lint

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/effects"
	"github.com/kubevet/kubevet/lint/fixes"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/place"
)

// variant is a unit as it is, or with other values.
type variant struct {
	*shared
	// reported holds what the rules report of objects, as far as it is known.
	reported map[*Object]reports
	// ofUnit is what rules report of the unit as a whole, likewise.
	ofUnit map[*Rule]ruleReports
	// whole is what all rules report of the unit as a whole. It is nil if that is not known yet.
	whole reports
}

// ruleReports is what a rule reports of a unit as a whole. failed is set if it could not look at it.
type ruleReports struct {
	found  []diagnosed
	failed bool
}

func (c *Checker) variant(u *Unit) *variant {
	return &variant{shared: &shared{checker: c, unit: u}, reported: map[*Object]reports{}, ofUnit: map[*Rule]ruleReports{}}
}

// reports are what rules report of one object, with the path and the severity of each.
type reports map[report]defect

// report is what findings of one object differ in.
type report struct {
	of               *Rule
	object           ObjectRef
	container, field string
}

// defect is where a report is, and how severe.
type defect struct {
	path     string
	severity Severity
}

// fixes reports whether the rule reports nothing more of the same value with other
// values of the chart. That its object or its container is no longer there is no fix: what
// it is for would no longer be done. Nor is a fix what
// makes the rules report something else of the object, or changes too much besides.
func (t *trials) fixes(set []Step, d diagnosed) bool {
	if !t.isGone(set, d) {
		return false
	}
	_, ok := t.besides(set, &d)
	return ok
}

// isGone reports whether a finding is gone with some values, and nothing else of its object is worse, whatever these change in other places.
func (t *trials) isGone(set []Step, d diagnosed) bool {
	s, of := t.with(set), d.of()
	if s == nil || !t.isFixed(set, d) {
		return false
	}
	same := s.unit.same(of)
	more := s.reports(same)
	if isSwitch(set) {
		more = maps.Clone(more)
		maps.DeleteFunc(more, func(r report, found defect) bool { return d.isNamed(set, r, found, same) })
	}
	return !worsens(more, t.unit.reports(of), same, of, d.severity())
}

// same is the object of a unit that another one is with other values. It is nil if there is none.
func (u *Unit) same(of *Object) *Object {
	var same *Object
	for _, o := range u.Objects {
		if o.Ref() == of.Ref() {
			same = o
		}
	}
	return same
}

// isFixed reports whether a finding is gone with some values.
func (t *trials) isFixed(set []Step, d diagnosed) bool {
	s := t.with(set)
	if s == nil {
		return false
	}
	of := d.of()
	same := s.unit.same(of)
	if same == nil || !same.hasSubject(d.Subject) || len(d.Fix.Keys) > 0 && t.publishes(s.unit) || d.Fix.AddsObject && t.addsPods(s.unit) {
		return false
	}
	if name := d.ruleList(); name != "" && same.Root.Get(name).Len() == 0 {
		return false
	}
	if d.Fix.want() != "" && d.losesElement(same, of) || d.isLost(same, of) || !d.isGiven(same) || !d.Fix.isKept(same) {
		return false
	}
	if k := d.Fix.Key; k != nil && (!k.Does(set[0], same.Root.At(d.At.Path()).Text()) || !fits(k, s.unit, set[0].Set)) {
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
	return true
}

// isKept reports whether an object with other values has the field of Keeps as it was.
func (i Intent) isKept(o *Object) bool {
	return !i.Keeps.IsSet() || o.Root.At(i.Keeps.Path()).Text() == i.Keeps.Text()
}

// isNamed reports whether the fix that sets some values names what a rule then reports: a field of the security context, which matters less
// than what is fixed, or the list that has to be filled.
func (d *diagnosed) isNamed(set []Step, r report, found defect, object *Object) bool {
	if name := d.ruleList(); name != "" && set[len(set)-1].Set == Filled {
		return strings.HasPrefix(found.path, name+"[")
	}
	name, ok := strings.CutPrefix(r.field, "securityContext.")
	if !ok || r.container != d.Subject.Name || !effects.IsStopping(name) || found.severity <= d.severity() {
		return false
	}
	now := object.Root.At(found.path)
	return now.IsScalar() && now.Text() != "false" // as the fix names what else it changes
}

// isSwitch reports whether one of some values turns something on or off.
func isSwitch(set []Step) bool {
	return slices.ContainsFunc(set, func(s Step) bool { return fixes.IsBool(s.Set) })
}

// ruleList is the list at the root of an object that has the value of a diagnostic, such as the rules of a role: without elements the
// object does nothing. It is empty if there is none.
func (d *Diagnostic) ruleList() string {
	if d.of() == nil || d.Subject.Workload != nil {
		return ""
	}
	name, _, ok := strings.Cut(d.At.Path(), "[")
	if !ok || strings.Contains(name, ".") {
		return ""
	}
	return name
}

// comparison is what changes in a unit with some values.
type comparison struct {
	effects effects.All
	// begun are the rules that report something which they did not report without the values, each with how severe the worst of it is.
	begun map[*Rule]Severity
	// isBroken says that the chart no longer has a CustomResourceDefinition: its programs and custom resources need that.
	isBroken bool
}

// compare compares the unit with what it is with some values. The result is nil if it cannot be rendered with them.
func (t *trials) compare(set []Step) *comparison {
	name := fixes.SetText(set)
	if c, known := t.compared[name]; known {
		return c
	}
	with := t.with(set)
	if with == nil {
		return nil
	}
	c := &comparison{begun: map[*Rule]Severity{}}
	was := make(map[ObjectRef]*Object, len(t.unit.unit.Objects))
	for _, o := range t.unit.unit.Objects {
		was[o.Ref()] = o
	}
	left, added := maps.Clone(was), map[string]int{}
	for _, o := range with.unit.Objects {
		of := was[o.Ref()]
		if delete(left, o.Ref()); of == nil {
			added[replacedKind(o)]++
		}
		if of == nil || !node.IsSame(o.Root.Node, of.Root.Node) {
			c.change(t, with, of, o)
		}
	}
	for _, o := range t.unit.unit.Objects {
		switch kind := replacedKind(o); {
		case left[o.Ref()] != o:
		case added[kind] > 0:
			added[kind]-- // it has another name, or another scope
		default:
			c.isBroken = c.isBroken || o.Is("apiextensions.k8s.io", "CustomResourceDefinition")
			c.effects.Add(effects.Effect{Does: effects.LeavesOut, What: KindName(o.Kind, cmp.Or(o.Name, o.Identity))}, effects.Place{Object: o.KindName()})
		}
	}
	c.begin(t.unit.unitReports(), with.unitReports())
	t.cost += objectCost * len(with.unit.Objects)
	if t.compared == nil {
		t.compared = map[string]*comparison{}
	}
	t.compared[name] = c
	return c
}

// replacedKind is the kind of an object, without what says that it is for the whole cluster.
func replacedKind(o *Object) string { return strings.TrimPrefix(o.Kind, "Cluster") }

// change adds what changes in an object, which is nil if it is a new one.
func (c *comparison) change(t *trials, with *variant, was, now *Object) {
	var before reports
	if was != nil {
		before = t.unit.reports(was)
		if len(was.Workloads) == len(now.Workloads) {
			for i, w := range was.Workloads {
				c.effects.Compare(w.forEffects(), now.Workloads[i].forEffects())
			}
		}
	}
	c.begin(before, with.reports(now))
}

// begin adds the rules that report more of an object or a container.
func (c *comparison) begin(before, after reports) {
	more, worst := map[report]int{}, map[report]Severity{}
	for r, d := range after {
		r.field = ""
		more[r]++
		worst[r] = min(cmp.Or(worst[r], d.severity), d.severity)
	}
	for r := range before {
		r.field = ""
		more[r]--
	}
	for r, n := range more {
		if n > 0 {
			c.begun[r.of] = min(cmp.Or(c.begun[r.of], worst[r]), worst[r])
		}
	}
}

// forEffects is the pod to be compared.
func (w *Workload) forEffects() effects.Pod {
	p := effects.Pod{Spec: w.Pod.forEffects()}
	for _, c := range w.Containers {
		p.Containers = append(p.Containers, c.forEffects())
	}
	return p
}

func (h PodOrContainer) forEffects() effects.Container {
	return effects.Container{Place: effects.Place{Object: h.Workload.KindName(), Container: h.Label()}, Name: h.Name, Node: h.Value}
}

// besides says what the values of a fix change besides what a finding is about: fields of containers and objects that are gone, and rules of
// the same severity that begin to apply. Ok is false if the values are no fix: they change too much, or bring something more severe.
func (t *trials) besides(set []Step, d *diagnosed) (text string, ok bool) {
	c := t.compare(set)
	if c == nil {
		return "", true
	}
	field, of := "", effects.Place{}
	if d.Subject.Workload != nil {
		field, of = d.field(), effects.Place{Object: d.Subject.Workload.KindName(), Container: d.Subject.Label()}
	}
	if text, ok = c.effects.Besides(field, of); !ok || c.isBroken {
		return "", false
	}
	var rules []string
	for r, severity := range c.begun {
		switch {
		case severity < d.severity():
			return "", false
		case severity == d.severity() && r != d.rule && r.ImpliedBy == "": // a finding says what is implied
			rules = append(rules, r.ID)
		}
	}
	slices.Sort(rules)
	switch {
	case len(rules) > maxNamed:
		return "", false
	case len(rules) == 1:
		text += ", after which " + rules[0] + " applies"
	case len(rules) > 1:
		text += ", after which " + And(rules) + " apply"
	}
	return text, true
}

// unitReports is what the rules report that look at the unit as a whole.
func (t *variant) unitReports() reports {
	if t.whole == nil {
		t.whole = t.allReports(subject{})
	}
	return t.whole
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
	if o.Ref() == d.of().Ref() && found.Subject.Name == d.Subject.Name && found.namedField() == d.namedField() {
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

// namedField is the field with the name of a volume in place of its index: with other values there may be fewer volumes before it.
func (d *Diagnostic) namedField() string {
	field := d.field()
	if w := d.Subject.Workload; w != nil && effects.Top(field) == "volumes" {
		return w.Pod.StablePath(field)
	}
	return field
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
	t.reported[o] = t.allReports(subject{object: o})
	return t.reported[o]
}

// allReports is what all rules report of a subject.
func (t *variant) allReports(of subject) reports {
	c := t.checker
	p := &Pass{Unit: t.unit, Version: c.Version, Profile: c.Profile, Settings: c.Settings, shared: t.shared}
	for next := 0; next < len(c.Rules); {
		next, _ = runUntilPanic(p, of, c.Rules, next)
	}
	return reportsOf(p.found)
}

func reportsOf(found []diagnosed) reports {
	l := make(reports, len(found))
	for _, f := range found {
		r := report{of: f.rule, container: f.Subject.Name, field: f.namedField()}
		if o := f.of(); o != nil {
			r.object = o.Ref()
		}
		l[r] = defect{f.At.Path(), f.severity()}
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
	name := fixes.SetText(set)
	of := t.unit.unit
	if v, known := t.tried[name]; known || t.isSpent() {
		return v
	}
	u, cost := of.Try(set)
	t.cost += max(cost, of.Cost/maxTrialShare, 1)
	var v *variant
	if u != nil {
		u.takeContext(of)
		u.AddAdmission()
		if u, problems := withoutOversized(u); len(problems) == 0 {
			v = t.unit.checker.variant(u)
		}
	}
	t.keep(name, v)
	return v
}

// takeContext gives a unit what the run knows of another one that is the same with other values.
func (u *Unit) takeContext(of *Unit) {
	u.Repository, u.Incomplete, u.AllFiles, u.ByKustomize = of.Repository, of.Incomplete, of.AllFiles, of.ByKustomize
	u.Policies, u.Bindings, u.Namespaces, u.Ingresses, u.OptIn = of.Policies, of.Bindings, of.Namespaces, of.Ingresses, of.OptIn
	u.Releases, u.Placed, u.MissingPatches, u.Pods, u.Elsewhere = of.Releases, of.Placed, of.MissingPatches, of.Pods, of.Elsewhere
	u.AddWorkloads(of.shapes)
	u.IsRefused, u.SetByInstalls, u.IsOnlyTested, u.OfTests, u.lacking = of.IsRefused, of.SetByInstalls, of.IsOnlyTested, of.OfTests, of.lacking
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
		if s.Set == "" || s.Set == Filled || s.Label == "" || !place.IsKey(s.Kind) {
			continue
		}
		s.Kind = StepDecides // about the field that is left
		if more := slices.Concat(set, []Step{s}); t.fixes(more, d) && u.keeps(t.with(more)) {
			still := t.left(more, d)
			isDone := !slices.ContainsFunc(still, func(other diagnosed) bool { return other.Fix.Title == left[0].Fix.Title })
			if len(still) < len(left) || isDone && len(still) == len(left) { // there may be something else to do instead
				return more, ", " + left[0].Message + t.titles(more, still)
			}
		}
	}
	return set, t.titles(set, left)
}

// keeps reports whether other values render all objects of some, and all their containers: a key that leaves out a part is no answer to what is
// left to be done about it.
func (t *variant) keeps(other *variant) bool {
	containers := func(t *variant) (n int) {
		for _, w := range t.unit.Workloads() {
			n += len(w.Containers)
		}
		return n
	}
	return other != nil && len(other.unit.Objects) >= len(t.unit.Objects) && containers(other) >= containers(t)
}

// titles are the fixes of what a fix leaves to be done, as the rest of a sentence.
func (t *trials) titles(set []Step, left []diagnosed) string {
	var b strings.Builder
	for i := range left {
		title := left[i].Fix.Title
		if key := t.listKey(set, &left[i]); key != "" {
			title = strings.Replace(strings.Replace(title, InPolicy, "in "+key, 1), ": it ", ": the policy ", 1)
		}
		if i > 0 { // a clause by itself: the one before may have an explanation after a colon
			b.WriteString("; " + strings.TrimPrefix(title, "and "))
			continue
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
