package lint

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/admission"
	"github.com/kubevet/kubevet/lint/node"
)

// AddAdmission notes at the pods of the unit what policies of it and of the repository set when the
// API server admits them.
func (u *Unit) AddAdmission() {
	var mutations []admission.Mutation
	for _, l := range [][]*Object{u.Objects, u.Policies} {
		for _, o := range l {
			mutations = append(mutations, admission.Mutations(o.Group(), o.Kind, o.Namespace, o.Root)...)
		}
	}
	if len(mutations) == 0 {
		return
	}
	for _, o := range u.Objects {
		for _, w := range o.Workloads {
			w.admitted = admission.Changes(mutations, w.target(), o.target(), w.Pod.Path())
		}
	}
}

// target is the object as policies of admission see it.
func (o *Object) target() admission.Target {
	t := admission.Target{Group: o.Group(), Kind: o.Kind, Name: o.Name, Namespace: o.Namespace, Labels: map[string]string{}}
	if labels := o.Root.Get("metadata.labels"); labels.IsSet() {
		t.Labels = labels.StringMap()
	}
	if node.MayHavePlaceholder(t.Namespace) {
		t.Namespace = ""
	}
	return t
}

// target is the pods as policies of admission see them.
func (w *Workload) target() admission.Target {
	t := w.Object.target()
	if t.Kind == "Pod" {
		return t
	}
	t.Group, t.Kind, t.Name, t.Labels = "", "Pod", "", w.Labels()
	if w.OpenLabels {
		t.Labels = nil
	} else if t.Labels == nil {
		t.Labels = map[string]string{}
	}
	return t
}

// isAdmitted reports whether a policy of admission decides what the pod or container has at v: it sets
// the field, or overwrites it.
func (h PodOrContainer) isAdmitted(v Value) bool {
	if h.Workload == nil || len(h.Workload.admitted) == 0 {
		return false
	}
	w := h.Workload
	at, field := w.placeOf(v)
	sets := func(of PodOrContainer, field string) bool {
		return slices.ContainsFunc(w.admitted, func(c admission.Change) bool { return of.isChanged(c, field, v.IsSet()) })
	}
	if sets(at, field) {
		return true
	}
	if v.IsSet() || h.Kind == KindPod {
		return false
	}
	if at.Kind == KindPod { // the field of a container is reported at its pod
		return sets(h, field)
	}
	name, ok := strings.CutPrefix(field, "securityContext.")
	name, _, _ = strings.Cut(name, ".")
	return ok && slices.Contains(inherited, name) && sets(w.Pod, field)
}

// placeOf is the pod or container that has a value, and the field there.
func (w *Workload) placeOf(v Value) (h PodOrContainer, field string) {
	path := v.Path()
	for _, c := range w.Containers {
		if field, ok := strings.CutPrefix(path, c.Path()+"."); ok {
			return c, field
		}
	}
	return w.Pod, trimPath(path, w.Pod.Path())
}

// isChanged reports whether a change decides a field of a pod or container. What it sets only under a condition may
// be set, but does not overwrite.
func (h PodOrContainer) isChanged(c admission.Change, field string, isSet bool) bool {
	path, unless := c.Path, c.Unless
	if h.Kind != KindPod {
		list := listIndex.ReplaceAllString(trimPath(h.Path(), h.Workload.Pod.Path()), "[]") + "."
		var ok bool
		if path, ok = strings.CutPrefix(path, list); !ok || c.Containers != "" && !admission.Matches(c.Containers, h.Name) {
			return false
		}
		unless = strings.TrimPrefix(unless, list)
	}
	if unless != "" && h.Get(unless).IsSet() {
		return false
	}
	switch {
	case path == field, strings.HasPrefix(field, path+"."):
		return c.IsSure || !isSet
	}
	return !isSet && strings.HasPrefix(path, field+".")
}
