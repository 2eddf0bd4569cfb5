// Package admission reads what policies of a repository do to objects when the API server admits
// them: the mutate and generate rules of Kyverno, Kubernetes' own MutatingAdmissionPolicy, and
// Gatekeeper's Assign. A field that such a policy sets is not missing, although no manifest sets it.
package admission

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/node"
)

// Answer is whether a policy is about an object.
type Answer int

// The answers. Maybe is that of a condition which no file decides.
const (
	No Answer = iota
	Maybe
	Yes
)

func (a Answer) not() Answer { return Yes - a }

// Target is an object, as far as policies look at it.
type Target struct {
	// Group is the API group, and Kind the kind.
	Group, Kind string
	// Name and Namespace are empty if they are not known.
	Name, Namespace string
	// Labels are all that the object has. Nil if some are not known.
	Labels map[string]string
}

// Scope says which objects a policy is about.
type Scope func(Target) Answer

// Change is one field that a policy sets.
type Change struct {
	// Path is the field's, from the pod: containers[].securityContext.runAsNonRoot.
	Path string
	// Containers is a glob for the names of containers. It is empty for all.
	Containers string
	// Unless is a field of the same form. If the pod has it, the policy does nothing. It is empty if
	// the policy overwrites what there is.
	Unless string
	// Value is the text that it gets. It is empty if that is not known, or no text.
	Value string
	// IsSure is false if the policy has a condition that no file decides.
	IsSure bool
}

// Mutation is a rule that sets fields. The paths of its changes start at the object.
type Mutation struct {
	scope   Scope
	changes []Change
}

// IsPolicy reports whether Mutations or Generations may read an object of the group and kind.
func IsPolicy(group, kind string) bool { return mutationsOf(group, kind) != nil }

// Markers are texts of which a file with a policy has one.
var Markers = []string{"kyverno.io/", "mutations.gatekeeper.sh/", "MutatingAdmissionPolicy"}

// Mutations is the rules of a policy that set fields. It is empty for other objects. The namespace is
// that of the policy.
func Mutations(group, kind, namespace string, root node.Value) []Mutation {
	read := mutationsOf(group, kind)
	if read == nil {
		return nil
	}
	l := read(root)
	if kind == "Policy" { // it applies in its own namespace
		for i, m := range l {
			l[i].scope = func(t Target) Answer {
				if t.Kind == "Namespace" { // it is in none
					return No
				}
				return min(m.scope(t), among(t.Namespace, []string{namespace}))
			}
		}
	}
	return l
}

func mutationsOf(group, kind string) func(node.Value) []Mutation {
	switch {
	case group == "kyverno.io" && (kind == "ClusterPolicy" || kind == "Policy"):
		return kyvernoMutations
	case group == "mutations.gatekeeper.sh" && kind == "Assign":
		return assign
	case group == "admissionregistration.k8s.io" && kind == "MutatingAdmissionPolicy", group == "policies.kyverno.io" && kind == "MutatingPolicy":
		return mutatingPolicy
	}
	return nil
}

// Changes is what mutations do to a pod. Own is the object that has the pod template at podPath. The
// paths of the changes start at the pod.
func Changes(mutations []Mutation, pod, own Target, podPath string) (l []Change) {
	for _, m := range mutations {
		l = m.appendTo(l, m.scope(pod), "spec.")
		if own.Kind != pod.Kind {
			l = m.appendTo(l, m.scope(own), podPath+".")
		}
	}
	return l
}

// Label is the value that mutations give a label of an object, and whether they do: it is Maybe if that depends on what no
// file says, or if the value is not known.
func Label(mutations []Mutation, t Target, label string) (value string, is Answer) {
	path := labelsPath + label
	for _, m := range mutations {
		for _, c := range m.changes {
			if c.Path != path || c.isMoot(t, label) {
				continue
			}
			switch about := m.scope(t); {
			case about == No:
			case about == Maybe, !c.IsSure, c.Value == "", is == Yes && c.Value != value:
				return "", Maybe
			default:
				value, is = c.Value, Yes
			}
		}
	}
	return value, is
}

// labelsPath is the start of the path of a change to a label.
const labelsPath = "metadata.labels."

// isMoot reports whether a change to a label does nothing, since the object has it, or has labels at all.
func (c Change) isMoot(t Target, label string) bool {
	_, has := t.Labels[label]
	return has && c.Unless == labelsPath+label || len(t.Labels) > 0 && c.Unless+"." == labelsPath
}

func (m Mutation) appendTo(l []Change, about Answer, prefix string) []Change {
	if about == No {
		return l
	}
	for _, c := range m.changes {
		var ok bool
		if c.Path, ok = strings.CutPrefix(c.Path, prefix); !ok {
			continue
		}
		c.Unless = strings.TrimPrefix(c.Unless, prefix)
		c.IsSure = c.IsSure && about == Yes
		l = append(l, c)
	}
	return l
}

// flatten adds a change for each scalar and list that a policy sets at a path.
func flatten(v node.Value, c Change, l []Change) []Change {
	if !v.IsMap() {
		c.Value = v.Text()
		return append(l, c)
	}
	for key, child := range v.Entries() {
		below := c
		below.Path += "." + key
		l = flatten(child, below, l)
	}
	return l
}

// among reports whether globs match a name. An empty name is not known.
func among(name string, globs []string) Answer {
	switch {
	case slices.ContainsFunc(globs, isAny):
		return Yes
	case len(globs) == 0:
		return No
	case name == "", slices.ContainsFunc(globs, node.MayHavePlaceholder):
		return Maybe
	case slices.ContainsFunc(globs, func(glob string) bool { return Matches(glob, name) }):
		return Yes
	}
	return No
}

func isAny(glob string) bool { return glob == "*" || glob == "?*" }

// Matches reports whether a glob, such as Change.Containers, matches a name.
func Matches(glob, name string) bool {
	ok, err := path.Match(glob, name)
	return ok && err == nil
}

// nameLabel is the label that the API server gives to each namespace.
const nameLabel = "kubernetes.io/metadata.name"

// selectsNamespace is selects for a namespace of which only the name is known.
func selectsNamespace(selector node.Value, namespace string) Answer {
	known := map[string]string{}
	if namespace != "" {
		known[nameLabel] = namespace
	}
	return selects(selector, known, false)
}

// selects reports whether a label selector selects an object. If the labels are not all that it has,
// one that they lack may be there. An absent selector selects everything.
func selects(selector node.Value, labels map[string]string, areAll bool) Answer {
	has := func(key string, holds func(value string) bool) Answer {
		value, known := labels[key]
		switch {
		case !known && !areAll:
			return Maybe
		case known && holds(value):
			return Yes
		}
		return No
	}
	a := Yes
	for key, v := range selector.Get("matchLabels").Entries() {
		a = min(a, has(key, func(value string) bool { return Matches(v.Text(), value) }))
	}
	for e := range selector.Get("matchExpressions").Items() {
		in := func(value string) bool { return slices.Contains(e.Get("values").Strings(), value) }
		key := e.Get("key").Text()
		switch e.Get("operator").Text() {
		case "In":
			a = min(a, has(key, in))
		case "NotIn":
			a = min(a, has(key, in).not())
		case "Exists":
			a = min(a, has(key, func(string) bool { return true }))
		case "DoesNotExist":
			a = min(a, has(key, func(string) bool { return true }).not())
		default:
			a = min(a, Maybe)
		}
	}
	return a
}
