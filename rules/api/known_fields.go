package api

import (
	"iter"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/suggest"
)

// KnownFields reports fields that Kubernetes does not know: misspelt, in the
// wrong case, or in the wrong place.
//
// The API server drops an unknown field, with a warning at most, and what it should
// have done never happens: runAsNonroot: true leaves the container root. With
// strict validation, as kubectl asks for it, the whole object is refused.
//
// Names count to the letter. The fields are those of the newest Kubernetes, so a
// field that the target version has not got yet passes, as does one of the version that replaces an
// apiVersion that is removed. A field that is set in its right place already is to be removed from the wrong one. Kinds that are not built
// in (custom resources), parts that may hold anything, the directives of patches
// ($patch: delete) and what SOPS encrypted are not looked at. Of very many unknown fields of an
// object, those after the first thousand are one finding.
var KnownFields = &lint.Rule{
	ID:        "known-fields",
	Title:     "Field is unknown to Kubernetes",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "spell the field as Kubernetes does and put it where it belongs, or remove it",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if isEncrypted(o) {
			return
		}
		unknown := slices.DeleteFunc(slices.Clone(walked(p, o).unknown), func(d defect) bool {
			return strings.HasPrefix(d.steps[len(d.steps)-1].key, "$") || isFieldOfNext(p, o, d)
		})
		for i, d := range unknown {
			if i == maxDefects {
				reportMore(p, o, d, len(unknown)-i, "are not fields of "+o.Kind)
				return
			}
			switch group, home := siblings(o, unknown, i); {
			case home == "":
				reportUnknown(p, o, d)
			case group[0] == i: // the others are of the same finding
				reportSiblings(p, o, unknown, group, home)
			}
		}
	}),
}

// siblings finds the unknown fields beside the one with index i, itself among them, and the path of the field to which all of them belong: the
// nearest one of their mapping or around it, if it is not set. It is resources for limits and requests that are in a container, or in one of its
// variables. The path is empty if there is no such field.
func siblings(o *lint.Object, unknown []defect, i int) (group []int, home string) {
	isBeside := func(j int) bool {
		return j >= 0 && j < len(unknown) && i-j < mostSiblings && j-i < mostSiblings && slices.Equal(unknown[i].around(), unknown[j].around())
	}
	from := i
	for isBeside(from - 1) {
		from--
	}
	for ; isBeside(from); from++ {
		group = append(group, from)
	}
	if len(group) < 2 {
		return nil, ""
	}
	steps := unknown[i].steps
	for n, s := range slices.Backward(steps) {
		if l := fieldsFor(s.form, o, unknown, group); len(l) == 1 {
			if v := (defect{steps: steps[:n]}).value(o).Child(l[0]); v.IsSet() && !node.IsNull(v.Node) {
				break
			}
			return group, strings.TrimPrefix(pathOf(steps[:n])+"."+l[0], objectItself+".")
		}
	}
	return nil, ""
}

// mostSiblings is how many unknown fields beside one are looked at.
const mostSiblings = 8

// fieldsFor are the fields of a form that are mappings and take all of some unknown fields with their values.
func fieldsFor(f *form, o *lint.Object, unknown []defect, group []int) (names []string) {
	if f.basis != basisStruct {
		return nil
	}
	for _, sub := range f.all() {
		if sub.form.basis == basisStruct && !slices.ContainsFunc(group, func(j int) bool {
			return everywhere[unknown[j].key()] || !sub.form.field(unknown[j].key()).fits(unknown[j].value(o).Node)
		}) {
			names = append(names, sub.name)
		}
	}
	return names
}

// around is the steps to the mapping that has the unknown field, and key the name of it there.
func (d defect) around() []step { return d.steps[:len(d.steps)-1] }
func (d defect) key() string    { return d.steps[len(d.steps)-1].key }

// reportSiblings reports unknown fields that belong to the same place.
func reportSiblings(p *lint.Pass, o *lint.Object, unknown []defect, group []int, home string) {
	var names []string
	for _, j := range group {
		names = append(names, unknown[j].key())
	}
	v := unknown[group[0]].value(o)
	paths := append([]string{v.Path()}, names[1:]...)
	field := home[strings.LastIndexByte(home, '.')+1:]
	d := lint.Diagnostic{
		Object: o, At: v.AtKey(), Fix: lint.Advice("move " + lint.And(names) + " to " + home),
		Message: lint.And(paths) + " are not fields of " + o.Kind + " here; want them in " + home,
	}
	if p.Unit.Kind == lint.UnitChart {
		d.Fix = lint.Advice("write " + field + ": in the template at the place of " + home + ", and print " + lint.And(names) + " below it")
	}
	p.Report(d)
}

// maxDefects is how many unknown fields, or values of a wrong type, of an object are
// reported one by one. Each is looked for among the keys of its mapping.
const maxDefects = 1000

// reportMore reports the other defects of an object together, at the first of them.
func reportMore(p *lint.Pass, o *lint.Object, d defect, n int, are string) {
	v := d.value(o)
	p.Report(lint.Diagnostic{
		Object: o, At: v.AtKey(),
		Message: v.Path() + " and what follows, " + lint.Count(n, "key", "keys") + " in all, " + are,
	})
}

// isFieldOfNext reports whether the apiVersion is removed, and another version of the kind has the
// field: it is the apiVersion that is wrong, and no-removed-api reports it.
func isFieldOfNext(p *lint.Pass, o *lint.Object, d defect) bool {
	t := loadTable()
	k := t.find(o)
	return reached(k.removed, p.Version, false) && slices.ContainsFunc(t.byName[k.kind], func(other *kind) bool {
		return other.form != nil && other.servedBy(p.Version) && other.form.has(d.steps)
	})
}

// has reports whether steps lead to a field.
func (f *form) has(steps []step) bool {
	for _, s := range steps {
		if f == nil || f.basis == basisAny {
			return f != nil
		}
		if below := f.element; f.basis == basisStruct {
			f = f.field(s.key)
		} else {
			f = below
		}
	}
	return f != nil
}

func reportUnknown(p *lint.Pass, o *lint.Object, d defect) {
	v := d.value(o)
	message, fix, intent := v.Path()+" is not a field of "+o.Kind, "", lint.Intent{}
	key := d.steps[len(d.steps)-1].key
	near, home := d.closest(o), place{}
	if near == "" {
		home = d.belongs(o)
	}
	path, below := d.movedTo(o, loadTable().find(o))
	switch taken := d.taken(o, near, home); {
	case path != "" && !d.isTakenAt(o, below):
		intent.AdviceOnly = true
		message += " any more: " + o.APIVersion + " has it as " + below + "; want it there"
		fix = "move " + key + " to " + below
	case path != "":
		message += "; want it removed, since " + below + " is set"
		fix = "remove " + key + ": " + below + " is set"
		intent.Do = lint.Remove
	case d.isAmount(o):
		intent.AdviceOnly = true
		around := pathOf(d.steps[:len(d.steps)-1])
		message += " here; want it in " + around + ".requests or " + around + ".limits"
		fix = "move " + key + " to " + around + ".requests, " + around + ".limits, or both"
	case d.isArgumentOfExec():
		intent.AdviceOnly = true
		message += "; want it in command, which has the arguments, too"
		fix = "append what " + key + " lists to command"
	case taken != "":
		message += "; want it removed, since " + taken + " is set"
		fix = "remove " + key + ": " + taken + " is set"
		intent.Do = lint.Remove
	case near != "":
		message += "; want " + near
		fix = "rename " + key + " to " + near
		if opposite[key] == near {
			fix = "write " + near + ": in place of " + key + ":"
		}
		intent = lint.Intent{Do: lint.Rename, Value: near}
	case home.path != "" && node.IsNull(v.Node): // there is nothing to move
		message += "; want it removed"
		fix = "remove " + key + ", which is empty"
		intent.Do = lint.Remove
	case home.path == objectItself && home.name == key:
		intent.AdviceOnly = true
		message += " here; want it at the top level, beside metadata"
		fix = "move " + key + " to the top level, beside metadata"
	case home.path != "" && home.name == key:
		intent.AdviceOnly = true
		message += " here; want it in " + home.path
		fix = "move " + key + " to " + home.path
	case home.path != "":
		intent.AdviceOnly = true
		message += "; want " + home.name + " in " + home.path
		fix = "move " + key + " to " + home.path + ", as " + home.name
	case d.imageWith(o) != "":
		intent.AdviceOnly = true
		message += "; want image: " + d.imageWith(o)
		fix = "set image: " + d.imageWith(o) + ", and remove " + key
	default:
		message += "; want it removed"
		intent.Do = lint.Remove
	}
	intent.Title = fix
	p.Report(lint.Diagnostic{Object: o, At: v.AtKey(), Message: message, Fix: intent})
}

// imageWith is the image beside a key for its tag, with that tag, if the image has none. It is empty if the key is for something else.
func (d defect) imageWith(o *lint.Object) string {
	n := len(d.steps)
	if d.steps[n-1].key != "tag" || d.form.field("image") == nil {
		return ""
	}
	image, tag := defect{steps: d.steps[:n-1]}.value(o).Get("image"), d.value(o)
	name := image.Text()
	if !tag.IsScalar() || tag.Text() == "" || name == "" || strings.ContainsAny(name, "@ ") || strings.Contains(name[strings.LastIndexByte(name, '/')+1:], ":") {
		return ""
	}
	return name + ":" + tag.Text()
}

// isArgumentOfExec reports whether the key is for the arguments of the command of a probe or hook: those of a container are others.
func (d defect) isArgumentOfExec() bool {
	n := len(d.steps)
	if n < 2 || d.steps[n-2].key != "exec" || !slices.Equal(d.form.names(), []string{"command"}) {
		return false
	}
	return strings.HasPrefix(strings.ToLower(d.steps[n-1].key), "arg")
}

// taken is the path of the field that the unknown key should be, if the object sets it already: two
// values have no place there. It is empty if the field is free.
func (d defect) taken(o *lint.Object, near string, home place) string {
	if near != "" {
		if (defect{steps: d.steps[:len(d.steps)-1]}).value(o).Child(near).IsSet() {
			return near
		}
		return ""
	}
	if home.path == "" || home.below == "" && d.steps[len(home.steps)].key == home.name {
		return "" // what is set there has the key within it
	}
	n, set := 0, 0
	for m := range home.mappings(o) {
		n++
		if m.Child(home.name).IsSet() {
			set++
		}
	}
	if n == 0 || set < n {
		return ""
	}
	return strings.TrimPrefix(home.path+"."+home.name, objectItself+".")
}

// isAmount reports whether the key is an amount of a resource beside requests and limits, to which it belongs.
func (d defect) isAmount(o *lint.Object) bool {
	switch d.steps[len(d.steps)-1].key {
	case "cpu", "memory", "ephemeral-storage":
		limits, requests := d.form.field("limits"), d.form.field("requests")
		return limits != nil && requests != nil && requests.basis == basisMap && requests.element.fits(d.value(o).Node)
	}
	return false
}

// closest is the field that was most likely meant: one that differs in case
// only, or in few letters.
func closest(key string, names []string) string {
	for _, name := range names {
		if strings.EqualFold(name, key) {
			return name
		}
	}
	return suggest.Closest(key, names)
}

// opposite is the field that a rule of a NetworkPolicy has in the other direction.
var opposite = map[string]string{"from": "to", "to": "from"}

// closest is the field that was most likely meant by the unknown key. One that differs in letters must take such a value.
func (d defect) closest(o *lint.Object) string {
	key := d.steps[len(d.steps)-1].key
	if other := opposite[key]; d.form.field(other).fits(d.value(o).Node) { // without it a rule of a NetworkPolicy is for every peer
		return other
	}
	near := closest(key, d.form.names())
	if near == "" || strings.EqualFold(near, key) || d.form.field(near).hasShape(d.value(o).Node) {
		return near
	}
	return ""
}

// hasShape reports whether a value is a mapping, a list or a scalar as those of the form are. A value of another type than the field's may be
// meant for it, but not one of another shape.
func (f *form) hasShape(n *yaml.Node) bool {
	if n = node.Deref(n); n == nil || node.IsNull(n) || f.basis == basisAny {
		return true
	}
	isMap, isList := f.basis == basisStruct || f.basis == basisMap, f.basis == basisList
	if n.Kind == yaml.SequenceNode {
		return isList || f.basis == basisBytes
	}
	return isMap == (n.Kind == yaml.MappingNode) && !isList
}

// place is a field of mappings of an object: those at steps or, if below is not empty, those in the field
// of that name there.
type place struct {
	steps []step
	below string
	// path is that of the mappings, as messages name it. It is empty if there is no such place.
	path, name string
}

// mappings are those that the place is a field of. Those of the elements of a list are several.
func (l place) mappings(o *lint.Object) iter.Seq[lint.Value] {
	v := defect{steps: l.steps}.value(o)
	if l.below == "" {
		return func(yield func(lint.Value) bool) { yield(v) }
	}
	return v.Each(l.below)
}

// belongs is the place near the unknown key that has such a field and takes its value: one around it (the
// key is indented too far), else one in a field beside it (too little), there perhaps in other case.
func (d defect) belongs(o *lint.Object) place {
	key := d.steps[len(d.steps)-1].key
	value := d.value(o).Node
	for i := len(d.steps) - 2; i >= 0; i-- {
		if d.steps[i].key == "openAPIV3Schema" {
			return place{} // a schema has words of its own: around it the same word is about another thing
		}
		if f := d.steps[i].form; f.basis == basisStruct && !everywhere[key] && f.field(key).fits(value) {
			return place{steps: d.steps[:i], path: pathOf(d.steps[:i]), name: key}
		}
	}
	var found []place
	around := d.steps[:len(d.steps)-1]
	for _, beside := range d.form.all() {
		f, below := beside.form, beside.name
		if f.basis == basisList {
			f, below = f.element, below+"[]"
		}
		if f.basis != basisStruct {
			continue
		}
		if i := slices.IndexFunc(f.names(), func(n string) bool { return strings.EqualFold(n, key) }); i >= 0 && f.field(f.names()[i]).fits(value) {
			path := strings.TrimPrefix(pathOf(around)+"."+below, objectItself+".")
			found = append(found, place{around, below, path, f.names()[i]})
		}
	}
	for _, p := range found {
		if len(found) == 1 || p.below == "spec" || p.below == "template" || p.below == "containers[]" {
			return p
		}
	}
	return d.inPod(o)
}

// inPod is the spec of the object's pods, if it has one and the unknown key is a field of it that takes its value.
func (d defect) inPod(o *lint.Object) place {
	key := d.steps[len(d.steps)-1].key
	path := podSpecs[o.Kind]
	f := d.steps[0].form
	var steps []step
	for field := range strings.SplitSeq(path, ".") {
		if f == nil {
			return place{}
		}
		steps = append(steps, step{key: field, form: f})
		f = f.field(field)
	}
	if f == nil || everywhere[key] || !f.field(key).fits(d.value(o).Node) || !(defect{steps: steps}).value(o).IsSet() {
		return place{}
	}
	last := len(steps) - 1
	return place{steps[:last], steps[last].key, path, key}
}

// fits reports whether a field of that form takes a value: each part of it is of the right type, and some
// of its keys are fields. It is false without a form.
func (f *form) fits(n *yaml.Node) bool {
	if f == nil {
		return false
	}
	var w walker
	w.value(n, f)
	unknown := 0
	for _, d := range w.found.unknown {
		if len(d.steps) == 1 {
			unknown++
		}
	}
	n = node.Deref(n)
	return len(w.found.mistyped) == 0 && (unknown == 0 || n != nil && unknown < len(n.Content)/2)
}

// everywhere is the names that are of no use for a suggestion, since so many types have them.
var everywhere = map[string]bool{"apiVersion": true, "kind": true, "name": true, "namespace": true, "labels": true, "annotations": true, "spec": true, "status": true, "metadata": true}

// pathOf is the path of steps, without the numbers of list elements.
func pathOf(steps []step) string {
	var b strings.Builder
	for _, s := range steps {
		switch {
		case s.item:
			b.WriteString("[]")
		case b.Len() > 0:
			b.WriteString("." + s.key)
		default:
			b.WriteString(s.key)
		}
	}
	if b.Len() == 0 {
		return objectItself
	}
	return b.String()
}

// objectItself is the path of an object's own fields.
const objectItself = "the object itself"
