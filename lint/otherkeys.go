package lint

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/fixes"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/place"
	"github.com/kubevet/kubevet/lint/uses"
)

// leaving are the keys that may leave out the object or the container of a diagnostic: see Intent.
func (f *Finding) leaving(d *Diagnostic) []Switch {
	if d.Fix.ContainerRemoval != "" {
		return d.containerSwitches()
	}
	if d.Fix.Removal == "" && !d.Fix.Elsewhere && !f.isTestOfDependency(d) || d.of() == nil {
		return nil
	}
	l, ok := d.of().locator.(SwitchLocator)
	if !ok {
		return nil
	}
	return l.ObjectSwitches(d.of().Root)
}

// isTestOfDependency reports whether a finding is about a pod that tests the release, and that a dependency has: those who take in the chart
// need not take in its test. What a key of the values sets in it is set there.
func (f *Finding) isTestOfDependency(d *Diagnostic) bool {
	return f.Origin.Taken != nil && !f.Origin.IsEntry() && d.of() != nil && d.of().IsHelmTest()
}

// isBesideTest reports whether an object is for a test: it is one itself, or its template is in the folder of tests that has the other one.
func (o *Object) isBesideTest(test *Object) bool {
	dir := path.Dir(o.start().File)
	return o.IsHelmTest() || dir == path.Dir(test.start().File) && path.Base(dir) == "tests"
}

// containerSwitches are the keys that decide whether a template prints the container.
func (d *Diagnostic) containerSwitches() []Switch {
	if d.of() == nil {
		return nil
	}
	l, ok := d.of().locator.(SwitchLocator)
	if !ok || d.Subject.Workload == nil || len(d.Subject.Workload.Select(KindContainer)) == 1 && d.Subject.Kind == KindContainer {
		return nil
	}
	return l.ObjectSwitches(d.Subject.Value)
}

// listSets are the keys of a chart with empty lists whose elements a template prints in the list that the title says to fill. The renderer must
// be held.
func (f *Finding) listSets(d *Diagnostic) (sets [][]Step) {
	if d.of() == nil || d.Fix.Listed.Path() == "" || f.Origin.IsEntry() {
		return nil
	}
	l, hasKeys := d.of().locator.(KeyLocator)
	entries, hasEntries := d.of().locator.(SwitchLocator)
	if !hasKeys || !hasEntries {
		return nil
	}
	for _, key := range l.ListKeys(d.Fix.Listed) {
		if e := entries.EntryAt(key); e != nil {
			sets = append(sets, []Step{{Kind: StepDecides, Position: e.Position, Label: key, Below: e.Below, Set: sampleList}})
		}
	}
	return sets
}

// leaveOut makes the fix of a finding name the key that leaves out the object, if that is all it does.
func (t *trials) leaveOut(u *untried) {
	if u.Fix.ContainerRemoval != "" {
		t.leaveOutContainer(u)
		return
	}
	i := slices.IndexFunc(u.leaving, func(s Switch) bool { return t.leavesOut(s.steps(), u.of(), u.Fix.Elsewhere) })
	if i < 0 {
		t.supply(u)
		return
	}
	s := u.leaving[i].steps()[0]
	if u.leaving[i].IsSample {
		s.Set = ""
	}
	f, set := u.finding, fixes.SetText([]Step{s})
	switch title := cmp.Or(u.Fix.Title, u.rule.Fix); {
	case u.Fix.Removal == "" && !u.Fix.Elsewhere:
		f.Origin = f.Origin.DecidedAt(u.leaving[i].Entry)
		f.Fix.Title = set + ", which leaves out the test of the dependency, or change the chart that this comes from"
	case u.Fix.Elsewhere:
		if !u.Secret && !f.Origin.IsEntry() { // what the template says of the object stays
			f.Origin = f.Origin.DecidedAt(u.leaving[i].Entry)
		}
		f.Fix.Title = set + fixes.LeavesOut + noneOf(t.leftOut[fixes.SetText(u.leaving[i].steps())], u.of().Kind) + ", and " + title
	case strings.HasPrefix(title, u.Fix.Removal):
		f.Origin = f.Origin.DecidedAt(u.leaving[i].Entry)
		fallthrough
	default:
		what := strings.TrimPrefix(u.Fix.Removal, "remove ")
		f.Fix.Title = strings.Replace(title, u.Fix.Removal, set+", which removes "+what, 1)
	}
	f.Fix.Title = u.fixText(u.rule, f.Fix.Title)
	f.Origin.DecidedBy(s)
}

// leaveOutContainer makes the fix of a finding name the key that leaves out the container, if that is all it does. Init containers that
// go with it are named.
func (t *trials) leaveOutContainer(u *untried) {
	for _, s := range u.leaving {
		set := s.steps()
		gone := t.withoutContainer(set, u)
		if s.IsSample || len(gone) == 0 {
			continue
		}
		named := func(what string) string {
			return u.fixText(u.rule, strings.Replace(u.Fix.Title, u.Fix.ContainerRemoval, what, 1))
		}
		what := "the container"
		if len(gone) > 1 {
			what = "the containers " + strings.Join(gone, " and ")
		}
		f := u.finding
		if strings.HasPrefix(u.Fix.Title, u.Fix.ContainerRemoval) {
			f.Origin = f.Origin.DecidedAt(s.Entry)
		}
		f.Fix.Title, f.Fix.Beside = named(fixes.SetText(set)+", which leaves out "+what), ""
		f.Fix.Together = named("leave out " + what + " with the key that decides about it") // another chart has it below its dependency
		return
	}
}

// maxGoneContainers is how many containers values may leave out together.
const maxGoneContainers = 2

// withoutContainer are the containers that a pod lacks with other values: that of a finding, and init containers beside it. Nil if other
// containers or objects have other fields. What pods have beside their containers, such as volumes, may go with these.
func (t *trials) withoutContainer(set []Step, u *untried) (gone []string) {
	with := t.with(set)
	if with == nil || len(with.unit.Objects) != len(t.unit.unit.Objects) {
		return nil
	}
	have := make(map[ObjectRef]*Object, len(with.unit.Objects))
	for _, o := range with.unit.Objects {
		have[o.Ref()] = o
	}
	now := have[u.of().Ref()]
	if now == nil || now.hasSubject(u.Subject) {
		return nil
	}
	for _, c := range u.Subject.Workload.Containers {
		if !now.hasSubject(c) {
			gone = append(gone, c.Name)
		}
	}
	if len(gone) > maxGoneContainers {
		return nil
	}
	for _, o := range t.unit.unit.Objects {
		if now := have[o.Ref()]; now == nil || !o.hasSameBut(now, u.Subject.Name, gone) {
			return nil
		}
	}
	return gone
}

// hasSameBut reports whether an object is the same with other values, with the same fields, or has pods with the same containers but for a
// container, and init containers of some names, which it may lack. Volumes that are still mounted are the same: a key that makes
// one of them an emptyDir throws away what is on it.
func (o *Object) hasSameBut(now *Object, name string, gone []string) bool {
	if len(o.Workloads) == 0 || len(now.Workloads) != len(o.Workloads) {
		return len(now.Workloads) == len(o.Workloads) && node.HasSameFields(now.Root.Node, o.Root.Node)
	}
	for i, w := range o.Workloads {
		left := now.Workloads[i].Containers
		for _, c := range w.Containers {
			switch {
			case len(left) > 0 && left[0].Kind == c.Kind && left[0].Name == c.Name && node.HasSameFields(left[0].Node, c.Node):
				left = left[1:]
			case c.Name != name && (c.Kind != KindInit || !slices.Contains(gone, c.Name)):
				return false
			}
		}
		if len(left) > 0 || !w.hasSameVolumes(now.Workloads[i]) {
			return false
		}
	}
	return true
}

// hasSameVolumes reports whether a pod has the volumes that the containers of another version of it mount. Those of claim templates are
// no fields of the pod.
func (w *Workload) hasSameVolumes(now *Workload) bool {
	had := map[string]Value{}
	for v := range w.Pod.Get("volumes").Items() {
		had[v.Get("name").Text()] = v
	}
	mounted := map[string]bool{}
	for _, c := range now.Containers {
		for m := range c.Get("volumeMounts").Items() {
			mounted[m.Get("name").Text()] = true
		}
	}
	for v := range now.Pod.Get("volumes").Items() {
		if name := v.Get("name").Text(); mounted[name] && !node.HasSameFields(v.Node, had[name].Node) {
			return false
		}
	}
	return true
}

// noneOf says which objects of a kind a chart does not make, of some that it leaves out.
func noneOf(gone []*Object, kind string) string {
	var names []string
	for _, g := range gone {
		if g.Kind == kind {
			names = append(names, cmp.Or(g.Name, g.Identity))
		}
	}
	slices.Sort(names)
	switch n := len(names); {
	case n < 2:
		return "no " + kind
	case n > fixes.MaxNamedFiles:
		return fmt.Sprintf("none of %d %ss, such as %s", n, kind, names[0])
	default:
		return fmt.Sprintf("none of the %ss %s and %s", kind, strings.Join(names[:n-1], ", "), names[n-1])
	}
}

// maxLeftOut is how many objects values may leave out if that is all they do.
const maxLeftOut = 8

// leavesOut reports whether an object is not there with other values, and all else is, with the same fields: what needs the object
// would change. Roles and bindings for the object alone may go with it, and so may others of its kind if something else can supply them.
func (t *trials) leavesOut(set []Step, o *Object, suppliedElsewhere bool) bool {
	name := fixes.SetText(set)
	gone, known := t.leftOut[name]
	if !known {
		if with := t.with(set); with != nil {
			gone = without(t.unit.unit, with.unit)
		}
		if t.leftOut == nil {
			t.leftOut = map[string][]*Object{}
		}
		t.leftOut[name] = gone
	}
	roles := map[string]bool{}
	for _, g := range gone {
		if g.isRoleFor(o.Kind) {
			roles[g.Kind+"/"+g.Name] = true
		}
	}
	isFor := func(g *Object) bool {
		role := g.Root.Get("roleRef")
		return g.Ref() == o.Ref() || o.IsHelmTest() && g.isBesideTest(o) || suppliedElsewhere && g.Kind == o.Kind && g.Group() == o.Group() || roles[g.Kind+"/"+g.Name] || roles[role.Get("kind").Text()+"/"+role.Get("name").Text()]
	}
	return slices.ContainsFunc(gone, func(g *Object) bool { return g.Ref() == o.Ref() }) && !slices.ContainsFunc(gone, func(g *Object) bool { return !isFor(g) })
}

// without are the objects of a unit that another one lacks. Nil if they are many, or if others do not have the same fields in both: but for
// claims that name one of the volumes which are gone, and none or another one then, and for rules of roles that name what is gone.
func without(u, other *Unit) (gone []*Object) {
	have := make(map[ObjectRef]*Object, len(other.Objects))
	for _, o := range other.Objects {
		have[o.Ref()] = o
	}
	volumes := map[string]bool{}
	var claims []string
	var rights []Value
	for _, o := range u.Objects {
		now := have[o.Ref()]
		switch {
		case now == nil:
			gone = append(gone, o)
			volumes[o.Name] = volumes[o.Name] || o.Is("", "PersistentVolume")
		case node.HasSameFields(now.Root.Node, o.Root.Node):
		case o.Is("", "PersistentVolumeClaim"):
			claims = append(claims, o.Root.Get("spec.volumeName").Text())
		default:
			lost, ok := o.lostRules(now)
			if !ok {
				return nil
			}
			rights = append(rights, lost...)
		}
		if len(gone) > maxLeftOut {
			return nil
		}
	}
	isKept := func(right Value) bool { return !isRightOn(right, gone) }
	if slices.ContainsFunc(claims, func(name string) bool { return !volumes[name] }) || slices.ContainsFunc(rights, isKept) {
		return nil
	}
	return gone
}

// lostRules are the rules of a role that it lacks with other values. Ok is false if something else of the object differs.
func (o *Object) lostRules(now *Object) (lost []Value, ok bool) {
	same := node.HasSameFields(now.Root.Get("metadata").Node, o.Root.Get("metadata").Node)
	if o.Group() != "rbac.authorization.k8s.io" || o.Root.Get("rules").Len() == 0 || !same {
		return nil, false
	}
	left := slices.Collect(now.Root.Get("rules").Items())
	for rule := range o.Root.Get("rules").Items() {
		if len(left) > 0 && node.IsSame(left[0].Node, rule.Node) {
			left = left[1:]
		} else {
			lost = append(lost, rule)
		}
	}
	return lost, len(left) == 0
}

// isRightOn reports whether a rule of a role grants rights only on some objects, which it names.
func isRightOn(rule Value, objects []*Object) bool {
	names := rule.Get("resourceNames").Strings()
	for _, resource := range rule.Get("resources").Strings() {
		for _, name := range names {
			if !slices.ContainsFunc(objects, func(o *Object) bool { return o.Name == name && isResourceOf(resource, o.Kind) }) {
				return false
			}
		}
	}
	return len(names) > 0 && rule.Get("resources").Len() > 0
}

// isResourceOf reports whether a resource is that of a kind.
func isResourceOf(resource, kind string) bool {
	one := strings.ToLower(kind)
	return resource == one+"s" || resource == strings.TrimSuffix(one, "y")+"ies"
}

// isRoleFor reports whether an object is a role with rights for one kind alone.
func (o *Object) isRoleFor(kind string) bool {
	rules := o.Root.Get("rules")
	if o.Group() != "rbac.authorization.k8s.io" || rules.Len() == 0 {
		return false
	}
	for r := range rules.Items() {
		for _, resource := range r.Get("resources").Strings() {
			if !isResourceOf(resource, kind) {
				return false
			}
		}
	}
	return true
}

// atSwitch makes the key the place of a finding that decides whether its field is printed, if that alone fixes it.
func (t *trials) atSwitch(u untried) bool {
	for _, s := range u.switches {
		set := s.steps()
		if t.fixes(set, u.diagnosed) && t.keepsRest(set, u.diagnosed) {
			t.fix(u, set, false)
			u.finding.Origin = u.finding.Origin.DecidedAt(s.Entry)
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
			return node.IsWithout(o.Root.At(path[:dot]).Node, was, path[dot+1:])
		}
	}
	return false
}

// removedKey is the value that removes a key which another values file has: a subchart's own.
const removedKey = "null"

// emptiedKey is the step of the key that supplies the value of a finding, to be tried without one, or with a mapping. It has no label if there is
// none.
func (f *Finding) emptiedKey(d *Diagnostic) Step {
	set := d.Fix.Mapping
	switch {
	case d.Fix.Emptied:
		set = `""`
	case d.Fix.Do == Remove && f.isInMapAbove(), d.Fix.Unprinted != "" && d.of() != nil && d.of().Vendored == "":
		set = removedKey
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
		switch {
		case u.Fix.Unprinted != "":
			t.unprint(u, now)
			return
		case u.emptied.Set == removedKey:
			t.remove(u, now)
			return
		}
		if u.Fix.Mapping != "" && strings.HasPrefix(now.Text(), "map[") {
			u.inTemplate()
		}
		u.generated(now)
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

// remove makes the fix of a finding in a map of the values, whose subchart has the field in its own ones, to remove it there.
func (t *trials) remove(u *untried, now Value) {
	if _, ok := t.besides([]Step{u.emptied}, &u.diagnosed); ok && !now.AtKey().IsSet() {
		u.finding.Fix.Title = u.fixText(u.rule, "set "+u.emptied.Label+": "+removedKey+", since the subchart's own values have it")
	}
}

// unprint makes the template the place of a finding about a field that it prints without the key which supplies it, too, and says in the fix on
// which key the related object depends.
func (t *trials) unprint(u *untried, now Value) {
	if !now.AtKey().IsSet() { // not even without a value
		return
	}
	f := u.finding
	t.unit.renderer.Lock()
	f.relocate(u.Diagnostic)
	var switches []Switch
	if l, ok := u.Related[0].Object.locator.(SwitchLocator); ok {
		switches = l.ObjectSwitches(u.Related[0].Object.Root)
	}
	t.unit.renderer.Unlock()
	f.Origin.Entry = nil
	f.Fix.Title = u.Fix.Unprinted
	if len(switches) == 0 { // as far as is known, the template always prints the related object
		f.Fix.Title = cmp.Or(u.Fix.UnprintedAlways, f.Fix.Title)
	}
	for _, s := range switches {
		v := t.with(s.steps())
		if v != nil && v.unit.same(u.of()) != nil && v.unit.same(u.Related[0].Object) == nil {
			f.Fix.Title += ", which depends on .Values." + s.InChart
			f.Origin.DecidedBy(s.steps()[0])
			break
		}
	}
	f.Fix.Title = u.fixText(u.rule, f.Fix.Title)
}

// inTemplate makes the fix of a finding one of the template, which prints what its key has as text, and says so.
func (u *untried) inTemplate() {
	f := u.finding
	at := f.Origin.Printed()
	f.Fix.Title = u.fixText(u.rule, "at "+at.File+":"+strconv.Itoa(at.Line)+", "+strings.ReplaceAll(u.Fix.InTemplate, ValuesKey, u.emptied.Label))
}

// volumeName is that of the volume with which keys are tried.
const volumeName = "kubevet-tmp"

// mount says in the fix of a finding by which keys the container gets the volume that it needs, or that the templates take none.
func (t *trials) mount(u *untried) {
	f := u.finding
	l, ok := u.of().locator.(VolumeLocator)
	i := slices.IndexFunc(f.Origin.Trail, func(s Step) bool { return place.IsKey(s.Kind) && s.Label != "" })
	if !ok || i < 0 || u.Fix.Mounted == "" || u.Subject.Workload == nil || !strings.HasPrefix(f.Fix.Title, "set ") || !strings.Contains(f.Fix.Title, u.Fix.Mounted) {
		return
	}
	f.Fix.Together = f.Fix.Title // containers with one key may have different ones for mounts
	if t.mountsItself(u, f.Origin.Trail[i]) {
		return
	}
	t.unit.renderer.Lock()
	sets, none := l.VolumeKeys(u.Subject.Workload.Pod.Get("volumes"), u.Subject.Get("volumeMounts"), f.Origin.Trail[i].Label, volumeName)
	t.unit.renderer.Unlock()
	by, known := t.volumesBy(u, i, sets)
	if !known {
		return
	}
	if by == "" && none() {
		by = ", in the template, since no values key for volumes takes one"
	}
	f.Fix.Title = strings.Replace(f.Fix.Title, u.Fix.Mounted, u.Fix.Mounted+by, 1)
}

// mountsItself says in the fix of a finding at which paths the chart mounts an emptyDir as soon as the key that the fix sets is set, and reports
// whether there are any. The author of such a chart knows where the container writes, so that the fix asks for no more volumes.
func (t *trials) mountsItself(u *untried, key Step) bool {
	f, also := u.finding, ", and "+u.Fix.Also
	if key.Set = cmp.Or(key.Set, u.Fix.want()); !strings.HasPrefix(f.Fix.Title, "set "+key.Label+": "+key.Set+also) {
		return false
	}
	if t.passing.isClean { // all such keys at once were tried already
		if all := t.with(t.passing.set); all == nil || len(u.emptyDirs(all.unit)) == 0 {
			return false
		}
	}
	with := t.with([]Step{key})
	if with == nil || !t.isFixed([]Step{key}, u.diagnosed) {
		return false
	}
	paths := u.emptyDirs(with.unit)
	if len(paths) == 0 {
		return false
	}
	f.Fix.Title = strings.Replace(f.Fix.Title, also, "; the chart then mounts an emptyDir at "+AndOthers(paths, maxNamed), 1)
	return true
}

// emptyDirs are the paths at which the container of a diagnostic mounts an emptyDir in a unit with other values, and nothing without these.
func (d *Diagnostic) emptyDirs(u *Unit) (paths []string) {
	o := u.same(d.of())
	if o == nil {
		return nil
	}
	had := map[string]bool{}
	for m := range d.Subject.Get("volumeMounts").Items() {
		had[m.Get("mountPath").Text()] = true
	}
	for _, w := range o.Workloads {
		for _, c := range w.Select(d.Subject.Kind) {
			for m := range c.Get("volumeMounts").Items() {
				path := m.Get("mountPath").Text()
				if c.Name == d.Subject.Name && path != "" && !had[path] && w.Volume(m.Get("name").Text()).Get("emptyDir").IsSet() {
					paths = append(paths, path)
				}
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// volumesBy says by which keys the container gets the volume that it needs: the first ones that replace no others, if there are such keys. i is
// the step of the key that the fix sets. Known is false if the trials have cost too much.
func (t *trials) volumesBy(u *untried, i int, sets [][]Step) (by string, known bool) {
	for _, set := range sets {
		with := t.with(set)
		if with == nil && t.isSpent() {
			return "", false
		}
		if with == nil {
			continue
		}
		isMounted, keepsOthers := u.isMounted(with.unit)
		keys := ", with " + u.finding.besideKey(i, set[0]) + " and " + u.finding.besideKey(i, set[1])
		switch {
		case isMounted && keepsOthers:
			return keys, true
		case isMounted && by == "":
			by = keys + replacedVolumes
		}
	}
	return by, true
}

// replacedVolumes follows keys for a volume and its mount that take the place of what the template prints without them.
const replacedVolumes = " (with what they replace: volumes and mounts that the template prints without them)"

// besideKey is a key that the fix names beside that of a step of the trail, as the file of the other one has it.
func (f *Finding) besideKey(i int, s Step) string {
	if _, one := f.keysFile(); one {
		s.Below = f.Origin.Trail[i].Below
		return s.InFile()
	}
	return s.Label
}

// isMounted reports whether the pod of a diagnostic has the volume with which keys are tried, and the container mounts it, and whether
// both have all that they had before.
func (d *Diagnostic) isMounted(u *Unit) (is, keepsOthers bool) {
	o := u.same(d.of())
	if o == nil {
		return false, false
	}
	volumes, mounts := d.Subject.Workload.Pod.Get("volumes"), d.Subject.Get("volumeMounts")
	for _, w := range o.Workloads {
		for _, c := range w.Select(d.Subject.Kind) {
			if c.Name == d.Subject.Name && hasNamed(w.Pod.Get("volumes"), "emptyDir") && hasNamed(c.Get("volumeMounts"), "mountPath") {
				return true, hasAll(w.Pod.Get("volumes"), volumes, "name") && hasAll(c.Get("volumeMounts"), mounts, "mountPath")
			}
		}
	}
	return false, false
}

// hasAll reports whether a list has what another one has in a field of its elements.
func hasAll(list, other Value, field string) bool {
	have := map[string]bool{}
	for e := range list.Items() {
		have[e.Get(field).Text()] = true
	}
	for e := range other.Items() {
		if !have[e.Get(field).Text()] {
			return false
		}
	}
	return true
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
func fits(k *NamedKey, u *Unit, value string) bool {
	if k.Own.Value == value {
		return usesOf(u, uses.Text{Text: k.Mark(value), Within: k.Before + value, IsTried: true}) == uses.None
	}
	return usesOf(u, uses.Text{Text: k.Mark(value), IsTried: true}) < uses.Name
}

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
			return usesOf(v.unit, uses.Text{Text: k.Mark(k.Own.Value), Within: k.Before + k.Own.Value, IsTried: true})
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
			if o.Ref() != u.of().Ref() || !k.Does(set[0], o.Root.At(u.At.Path()).Text()) {
				continue
			}
			if use := usesOf(v.unit, uses.Text{Text: k.Mark(set[0].Set), IsTried: true}); use >= uses.Name {
				f.Origin = f.Origin.DecidedAt(u.entries[i])
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

// appends makes the fix of a finding a value of its own for what the fix would add to the key that supplies the value, if a template puts text
// behind that with another value of a key beside it, or in another place. The set is what was found to fix it.
func (t *trials) appends(u *untried, set []Step) bool {
	k, own := u.Fix.Key, u.own
	if t.appendsElsewhere(u, set) {
		return true
	}
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

// appendsElsewhere does so for the key that has the tag, if a template prints text right behind it, whether that is rendered now or not.
func (t *trials) appendsElsewhere(u *untried, set []Step) bool {
	k, key := u.Fix.Key, u.own.Label
	if len(set) > 0 && k != nil && strings.HasSuffix(set[0].Set, k.Mark(k.Own.Value)) {
		key = set[0].Label
	} else if len(set) > 0 {
		return false
	}
	l, ok := u.of().locator.(KeyLocator)
	if key == "" || k == nil || k.Own.Value == "" || !ok {
		return false
	}
	t.unit.renderer.Lock()
	text := l.AppendedTo(key)
	t.unit.renderer.Unlock()
	if text == "" {
		return false
	}
	f := u.finding
	if i := slices.IndexFunc(u.entries, func(e Entry) bool { return e.Key == key }); i >= 0 && len(set) > 0 {
		f.Origin = f.Origin.DecidedAt(u.entries[i])
	}
	f.Fix.Title = u.fixText(u.rule, k.Apart+"a template appends "+text+" to this tag")
	f.Fix.Beside = f.Fix.Title
	return true
}

// failsWithOwn makes the fix of a finding a value of its own for what the fix would add to the key that supplies the value, if the chart cannot be
// rendered with that: a template may read a version from a tag, and a schema may allow no digest.
func (t *trials) failsWithOwn(u *untried) bool {
	k, set := u.Fix.Key, []Step{u.own}
	if u.own.Label == "" || t.isSpent() || t.with(set) != nil {
		return false
	}
	how, _ := t.refuses(set)
	if how == "" {
		return false
	}
	f := u.finding
	f.Fix.Title = u.fixText(u.rule, k.Apart+"the chart takes none in this key: "+strings.ReplaceAll(how, k.Own.Value, k.Text+"@sha256:…"))
	f.Fix.Beside = f.Fix.Title
	return true
}

// withPrinted is what is tried for a key that the rule knows by its name. A key beside an empty one that has the printed value is tried before that: the
// empty one is for users to override it, or no longer in use. An empty key at which the finding is, whatever its name, is tried, too.
func (d *Diagnostic) withPrinted(sets [][]Step, trail []Step, own Step) [][]Step {
	k := d.Fix.Key
	if k == nil {
		return sets
	}
	var l [][]Step
	for _, set := range sets {
		for _, s := range trail {
			if set[0].Kind != StepDecides || s.Kind != StepValues || s.Set != "" || s.Missing || s.Off || s.InText || !k.IsNamed(s.Label) || mapOf(s.Label) != mapOf(set[0].Label) {
				continue
			}
			for _, printed := range k.Sets(s) {
				if printed[0].Set == set[0].Set {
					l = append(l, printed)
				}
			}
		}
		l = append(l, set)
	}
	if own.Kind == StepDecides && !k.IsNamed(own.Label) {
		l = append(l, []Step{own})
	}
	return l
}

// mapOf is the key of the map that has a key.
func mapOf(label string) string { return label[:max(strings.LastIndexByte(label, '.'), 0)] }

// ownKey is the step of the key that supplies the value of a finding, with the value to try. It has no label if there is
// none.
func (f *Finding) ownKey(d *Diagnostic) Step {
	if k := d.Fix.Key; k == nil || k.Own.Value == "" || d.In != nil || len(f.Origin.Trail) == 0 {
		return Step{}
	}
	s := f.Origin.Trail[0]
	if s.Kind != StepValues && s.Kind != StepDecides || s.Position != f.Origin.Position || s.InText { // the value is a part of that of the key
		return Step{}
	}
	s.Set = d.Fix.Key.Own.Value
	return s
}
