// Package validity holds the rules on what the API server refuses although each field
// by itself has the right type: fields that exclude each other, numbers out of range,
// names that are none.
//
// A rule is a table of constraints: the path of a value, and what must hold there.
// Only built-in kinds are checked; what an operator makes of its own resources is
// not known. Paths, values and limits are those of Kubernetes' own validation, which is
// the referee in the tests.
package validity

import (
	"embed"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
)

// Source is the text of this package; the rules' doc comments are read from it.
//
//go:embed *[^t].go *[^s]t.go
var Source embed.FS

// infraUpgrades is the item of the checklist for objects that a cluster does not take.
const infraUpgrades = "infra-upgrades"

// subject is an object, a pod or a container, with the rule that checks it.
type subject struct {
	*lint.Pass
	object *lint.Object
	lint.Value
	// part is the pod or container. It is zero if the subject is the object.
	part lint.PodOrContainer
	// isKey is set where values are keys of a mapping.
	isKey bool
	// reported is the paths of values that the rule has reported: one fault is enough.
	reported *paths
	// related are other places that have to do with what is reported.
	related []lint.Related
}

// paths is a set of paths. The zero value is empty.
type paths struct{ set map[string]bool }

// add reports whether a path is new.
func (p *paths) add(path string) bool {
	if p.set[path] {
		return false
	}
	if p.set == nil {
		p.set = map[string]bool{}
	}
	p.set[path] = true
	return true
}

// label is what messages about the subject begin with.
func (s subject) label() string {
	if s.part.Workload == nil {
		return s.object.Kind
	}
	return s.part.Label()
}

// A constraint looks at the value at its path and reports what is wrong with it.
type constraint func(s subject, v lint.Value)

// row is a constraint on the values at a path, in which [] means each element of a
// list and {} each value of a mapping.
type row struct {
	path  string
	check constraint
}

// step is a row that was taken apart: the field at path, or what is at path below the list or
// mapping of that name.
type step struct {
	list, path string
	check      constraint
}

func steps(rows []row) []step {
	l := make([]step, len(rows))
	for i, r := range rows {
		l[i] = step{path: r.path, check: r.check}
		if end := strings.IndexAny(r.path, "[{"); end >= 0 {
			l[i].list, l[i].path = r.path[:end], r.path[end:]
		}
	}
	return l
}

// kind is the constraints on the objects of a kind.
type kind struct {
	group, kind string
	rows        []row
}

// objects checks the objects of the kinds.
func objects(kinds ...kind) lint.ObjectCheck {
	of := make([][]step, len(kinds))
	for i, k := range kinds {
		of[i] = steps(k.rows)
	}
	return func(p *lint.Pass, o *lint.Object) {
		for i, k := range kinds {
			if o.Is(k.group, k.kind) {
				s := subject{Pass: p, object: o, Value: o.Root, reported: &paths{}}
				s.apply(of[i])
			}
		}
	}
}

// pods checks the pods of built-in kinds.
func pods(rows ...row) lint.PodCheck {
	all := steps(rows)
	return func(p *lint.Pass, w *lint.Workload) {
		if isBuiltin(w.Object) {
			podSubject(p, w).apply(all)
		}
	}
}

func podSubject(p *lint.Pass, w *lint.Workload) subject {
	return subject{Pass: p, object: w.Object, Value: w.Pod.Value, part: w.Pod, reported: &paths{}}
}

// containers checks the containers of built-in kinds.
func containers(rows ...row) lint.PodCheck {
	all := steps(rows)
	return func(p *lint.Pass, w *lint.Workload) {
		if !isBuiltin(w.Object) {
			return
		}
		for _, h := range w.Containers {
			s := subject{Pass: p, object: w.Object, Value: h.Value, part: h, reported: &paths{}}
			s.apply(all)
		}
	}
}

// isBuiltin reports the kinds with pods that Kubernetes has itself.
func isBuiltin(o *lint.Object) bool {
	switch o.Group() {
	case "":
		return o.Kind == "Pod" || o.Kind == "PodTemplate" || o.Kind == "ReplicationController"
	case "apps", "batch", "extensions":
		return true
	}
	return false
}

func (s subject) apply(l []step) {
	name, list := "", s.Value // the list that was looked at last: rows of one list follow each other
	for i := range l {
		r := &l[i]
		if r.list == "" {
			r.check(s, s.Get(r.path))
			continue
		}
		if r.list != name {
			name, list = r.list, s.Get(r.list)
		}
		if list.IsSet() { // most lists are not there
			s.each(list, r.path, r.check)
		}
	}
}

// each checks the values at a path below a value.
func (s subject) each(v lint.Value, path string, check constraint) {
	before, after, ok := strings.Cut(path, "{}")
	if !ok {
		for w := range v.Each(path) {
			check(s, w)
		}
		return
	}
	for m := range v.Each(before) {
		for _, c := range m.Entries() {
			s.each(c, strings.TrimPrefix(after, "."), check)
		}
	}
}

// path is the path of a value as messages name it.
func (s subject) path(v lint.Value) string {
	return strings.TrimPrefix(strings.TrimPrefix(v.Path(), s.Path()), ".")
}

// isLeftEmpty reports whether a chart leaves the value empty, as charts do with what their
// user must set: the key is there, with nothing or an empty text after it.
func (s subject) isLeftEmpty(v lint.Value) bool {
	if s.Unit.Kind != lint.UnitChart {
		return false
	}
	_, missing := v.Anchor()
	return !v.IsSet() && missing == "" || v.IsScalar() && v.Node.Value == ""
}

// refuse reports a value that the API server refuses. The reason completes a sentence
// whose subject is the value: "must be greater than or equal to 0". A field of what is no
// mapping is left to field-types, which reports the type of the value.
func (s subject) refuse(v lint.Value, reason, want string) {
	s.refuseFor(v, reason, want, s.fix(v, want))
}

// fix is what to do about a value, in the words of what is wanted.
func (s subject) fix(v lint.Value, want string) string {
	path := s.path(v)
	switch {
	case s.isKey:
		return "rename the key " + strconv.Quote(v.Node.Value) + ": use " + want
	case path == "":
		return ""
	case want == "it removed":
		return "remove " + path
	case want == "it set":
		return "set " + path
	case strings.HasPrefix(want, "letters"), strings.HasPrefix(want, "lower-case"), strings.HasPrefix(want, "at most"):
		return "write " + path + " with " + want
	case isEmpty(v):
		return "set " + path + " to " + want
	}
	return "change " + path + " to " + want
}

// changeDuplicate is what to do about a value that may be there once.
func (s subject) changeDuplicate(v lint.Value) string { return "remove or change " + s.path(v) }

// refuseFor is refuse with a fix that says more than what is wanted of the value alone.
func (s subject) refuseFor(v lint.Value, reason, want, fix string) {
	if v.IsUnholdable() || isEmpty(v) && s.IsForUser(s.object, v) {
		return
	}
	path := v.Path()
	if !s.reported.add(path) {
		return
	}
	d := lint.Diagnostic{
		Object: s.object, Subject: s.part, At: v,
		Fix:       lint.Intent{Title: fix},
		Related:   s.related,
		KnownPart: v.IsList() && v.Len() > 0, // constraints on what a list lacks ask known() themselves
	}
	if from, to := naming.OddPart(v.Text()); to > 0 && strings.Contains(want, "lower-case letters") {
		d.Range = &lint.Range{From: from, To: to} // a values key may have it
	}
	switch {
	case s.isKey:
		d.Message = s.label() + " has the key " + strconv.Quote(v.Node.Value) + " in " + strings.TrimSuffix(strings.TrimSuffix(s.path(v), `["`+v.Node.Value+`"]`), "."+v.Node.Value) + ", which " + reason
	case !v.IsSet():
		d.Message = s.label() + " does not set " + s.path(v) + ", which " + reason
	case v.IsList() && v.Len() == 0:
		d.Message = s.label() + " leaves " + s.path(v) + " empty, which " + reason
	case v.IsScalar() && len(v.Node.Value) <= maxShown && !strings.Contains(v.Node.Value, "\n"):
		d.Message = s.label() + " sets " + s.path(v) + ": " + shown(v.Node.Value) + ", which " + reason
	default:
		d.Message = s.label() + " sets " + s.path(v) + ", which " + reason
	}
	if key := s.keyOfPart(v, want, &d); key != "" {
		if s.isNameOfUnit(v) {
			return
		}
		d.Severity, d.Fix = lint.Low, lint.Advice("set "+key+", or take it by required")
		d.Message, _, _ = strings.Cut(d.Message, ", which ")
		d.Message += ", which has an empty part, since " + key + " is empty"
		want = "a value there"
	}
	d.Message += "; want " + want
	if s.isLeftEmpty(v) {
		d.Severity = lint.Low
	}
	s.Report(d)
}

// isNameOfUnit reports whether a value with an empty part is the name of an object of the unit, which valid-name reports for the same empty value.
func (s subject) isNameOfUnit(v lint.Value) bool {
	name := v.Node.Value
	return s.Runs("valid-name") && strings.Trim(name, "-.") != name && referredNames(s.Pass)[name]
}

// referredNames are the names of the objects of a unit to which others refer by them.
var referredNames = lint.UnitIndex("names that others refer to", func(p *lint.Pass) map[string]bool {
	names := map[string]bool{}
	for _, o := range p.Unit.Objects {
		switch o.Kind {
		case "ServiceAccount", "Namespace", "Secret", "ConfigMap", "PersistentVolumeClaim", "Service", "StorageClass":
			names[o.Name] = true
		}
	}
	return names
})

// keyOfPart is the values key that is to supply the empty part of a name which a chart puts together, where a diagnostic then reports.
// It is empty if that is not known.
func (s subject) keyOfPart(v lint.Value, want string, d *lint.Diagnostic) string {
	if s.Unit.Kind != lint.UnitChart || s.isKey || !v.IsScalar() || !isOfName(want) {
		return ""
	}
	at, ok := naming.EmptyPart(v.Node.Value)
	if !ok {
		return ""
	}
	in := *d
	in.Range = &lint.Range{From: at, To: at}
	key := s.KeyOfPart(in)
	if key != "" {
		d.Range = in.Range
	}
	return key
}

// isOfName reports whether what is wanted of a value is the form of a name or label, which a chart may put together.
func isOfName(want string) bool {
	return strings.Contains(want, "letters, digits") || strings.HasPrefix(want, "a name such as")
}

// maxShown is how long a value may be for messages to show it.
const maxShown = 60

func shown(text string) string {
	if text == "" || strings.TrimSpace(text) != text {
		return `"` + text + `"`
	}
	return text
}

// known reports whether all values are known, set or not.
func known(values ...lint.Value) bool {
	return !slices.ContainsFunc(values, func(v lint.Value) bool { return !v.IsKnown() })
}

// isEmpty reports values that the API server takes as unset: absent ones, empty text
// and empty lists.
func isEmpty(v lint.Value) bool {
	return !v.IsSet() || v.IsScalar() && v.Node.Value == "" || v.IsList() && v.Len() == 0
}
