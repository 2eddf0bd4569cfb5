package api

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
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
// apiVersion that is removed. Kinds that are not built
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
			reportUnknown(p, o, d)
		}
	}),
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
	if near := closest(key, d.form.names()); near != "" {
		message += "; want " + near
		fix = "rename " + key + " to " + near
		intent = lint.Intent{Do: lint.Rename, Value: near}
	} else if path, name := d.belongs(); path != "" && name == key {
		intent.AdviceOnly = true
		message += " here; want it in " + path
		fix = "move " + key + " to " + path
	} else if path != "" {
		intent.AdviceOnly = true
		message += "; want " + name + " in " + path
		fix = "move " + key + " to " + path + ", as " + name
	} else {
		message += "; want it removed"
		intent.Do = lint.Remove
	}
	intent.Title = fix
	p.Report(lint.Diagnostic{Object: o, At: v.AtKey(), Message: message, Fix: intent})
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

// belongs is the path of a mapping near the unknown key that has such a field:
// one around it (the key is indented too far), else one in a field beside it
// (too little), there perhaps in other case: name is what it is called there. Empty:
// there is none.
func (d defect) belongs() (path, name string) {
	key := d.steps[len(d.steps)-1].key
	for i := len(d.steps) - 2; i >= 0; i-- {
		if f := d.steps[i].form; f.basis == basisStruct && f.field(key) != nil && !everywhere[key] {
			return pathOf(d.steps[:i]), key
		}
	}
	type place struct{ path, name string }
	var found []place
	for _, beside := range d.form.all() {
		f, path := beside.form, beside.name
		if f.basis == basisList {
			f, path = f.element, path+"[]"
		}
		if f.basis != basisStruct {
			continue
		}
		if i := slices.IndexFunc(f.names(), func(n string) bool { return strings.EqualFold(n, key) }); i >= 0 {
			found = append(found, place{path, f.names()[i]})
		}
	}
	at := pathOf(d.steps[:len(d.steps)-1])
	for _, p := range found {
		if len(found) == 1 || p.path == "spec" || p.path == "template" || p.path == "containers[]" {
			return strings.TrimPrefix(at+"."+p.path, "."), p.name
		}
	}
	return "", ""
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
		return "the object itself"
	}
	return b.String()
}
