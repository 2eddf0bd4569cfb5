// Package effects knows what else changes in pods and objects with the values of a chart that fix a finding.
package effects

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/texts"
)

// Effect is one thing that changes.
type Effect struct {
	// Does is the verb: sets, adds, leaves out or changes.
	Does string
	// What changes, as the fix names it.
	What string
	// Field is the field of the container or pod in which it is. It is empty for an object or a container as a whole.
	Field string
}

// The verbs, in the order in which a sentence has them.
const (
	Sets      = "sets"
	Adds      = "adds"
	LeavesOut = "leaves out"
	Changes   = "changes"
)

var verbs = []string{Sets, Adds, LeavesOut, Changes}

// Place is where an effect shows.
type Place struct {
	// Object is the kind and the name of an object, and Container is how messages call its container or pod. Container is empty for
	// an object or a container as a whole.
	Object, Container string
}

// All are the effects of some values, each with the places in which it shows.
type All struct {
	list   []Effect
	places map[Effect][]Place
	isFull bool
}

// Limits.
const (
	// maxEffects is how many effects are kept, and maxPlaces how many places of each.
	maxEffects = 32
	maxPlaces  = 2
	// maxNamed is how many effects a sentence names: values that change more are a choice of their own, and no fix. It names all fields of
	// one security context.
	maxNamed = 3
)

// Add adds an effect.
func (a *All) Add(e Effect, at Place) {
	if a.places == nil {
		a.places = map[Effect][]Place{}
	}
	l, known := a.places[e]
	switch {
	case !known && len(a.list) == maxEffects:
		a.isFull = true
		return
	case !known:
		a.list = append(a.list, e)
	}
	if len(l) < maxPlaces && !slices.Contains(l, at) {
		a.places[e] = append(l, at)
	}
}

// Besides says what changes besides a field of a container or pod at a place, as the rest of a sentence. Ok is false if that is
// too much for one sentence.
func (a *All) Besides(field string, of Place) (text string, ok bool) {
	top := Top(field)
	by, context := map[string][]string{}, map[string]bool{}
	n := 0
	for _, e := range a.list {
		if e.Field != "" && (e.Field == field || e.Field == top) {
			continue
		}
		if n++; Top(e.Field) == "securityContext" {
			context[e.Field] = true
		}
		by[e.Does] = append(by[e.Does], e.What+a.where(e, of))
	}
	if n > max(maxNamed, len(context)) || a.isFull {
		return "", false
	}
	var parts []string
	for _, v := range verbs {
		if len(by[v]) > 0 {
			parts = append(parts, v+" "+texts.And(by[v]))
		}
	}
	if len(parts) == 0 {
		return "", true
	}
	return ", which " + texts.And(parts) + ", too", true
}

// IsWithin reports whether all effects are in some fields of containers and pods.
func (a *All) IsWithin(fields map[string]bool) bool {
	return !a.isFull && !slices.ContainsFunc(a.list, func(e Effect) bool { return !fields[Top(e.Field)] })
}

// Top is the field of a container or pod in which another one is.
func Top(field string) string {
	top, _, _ := strings.Cut(field, ".")
	top, _, _ = strings.Cut(top, "[")
	return top
}

// where says where an effect shows, if that is only one other place.
func (a *All) where(e Effect, of Place) string {
	l := a.places[e]
	if len(l) != 1 || l[0] == of || l[0].Container == "" {
		return ""
	}
	if l[0].Object == of.Object {
		return " of " + l[0].Container
	}
	return " of " + l[0].Object
}

// Container is a container of a pod. The pod itself has no name.
type Container struct {
	Place

	Name string
	Node node.Value
}

// Pod is a pod with its containers.
type Pod struct {
	Spec       Container
	Containers []Container
}

// containerLists are the fields of a pod with its containers, and those that only matter for what containers have.
var containerLists = map[string]bool{"containers": true, "initContainers": true, "ephemeralContainers": true, "volumes": true}

// Compare adds what changes in a pod.
func (a *All) Compare(was, now Pod) {
	a.fields(was.Spec, now.Spec, func(name string) bool { return containerLists[name] })
	before, after := byName(was.Containers), byName(now.Containers)
	for _, c := range was.Containers {
		same := after[c.Name]
		if len(same) == 0 {
			a.Add(Effect{Does: LeavesOut, What: c.Container}, Place{Object: c.Object})
			continue
		}
		a.fields(c, same[0], func(name string) bool { return name == "name" })
		after[c.Name] = same[1:]
	}
	for _, c := range now.Containers {
		if len(before[c.Name]) == 0 {
			a.Add(Effect{Does: Adds, What: c.Container}, Place{Object: c.Object})
		}
	}
}

// byName are containers by their names: a custom resource may have one in two parts.
func byName(l []Container) map[string][]Container {
	by := map[string][]Container{}
	for _, c := range l {
		by[c.Name] = append(by[c.Name], c)
	}
	return by
}

// fields adds what changes in the fields of a container or pod.
func (a *All) fields(was, now Container, skip func(name string) bool) {
	if node.IsSame(was.Node.Node, now.Node.Node) {
		return
	}
	seen := map[string]bool{}
	for _, v := range []node.Value{was.Node, now.Node} {
		for name := range v.Entries() {
			if seen[name] || skip(name) {
				continue
			}
			seen[name] = true
			before, after := was.Node.Child(name), now.Node.Child(name)
			if !node.IsSame(before.Node, after.Node) {
				a.field(name, before, after, was.Place)
			}
		}
	}
}

// stopping are the fields of a security context that stop a program which needs another value.
var stopping = []string{"runAsUser", "runAsGroup", "runAsNonRoot", "readOnlyRootFilesystem"}

// IsStopping reports whether a field of a security context stops a program which needs another value.
func IsStopping(name string) bool { return slices.Contains(stopping, name) }

// lists are the fields with a list of which only what is no longer there matters: the key of an element, and what a sentence says before it.
var lists = map[string]struct{ key, noun string }{
	"env":          {"name", ""},
	"volumeMounts": {"mountPath", "the mount at "},
	"ports":        {"containerPort", "port "},
}

// field adds what changes in a field.
func (a *All) field(name string, was, now node.Value, at Place) {
	list, isList := lists[name]
	switch {
	case name == "securityContext":
		a.securityContext(was, now, at)
	case name == "args" || name == "command":
		a.arguments(name, was, now, at)
	case isList:
		a.missing(Effect{Does: LeavesOut, Field: name}, list.noun, keysOf(was, list.key), keysOf(now, list.key), at)
	case !was.IsSet():
		a.Add(Effect{Does: Adds, What: name, Field: name}, at)
	case !now.IsSet():
		a.Add(Effect{Does: LeavesOut, What: name, Field: name}, at)
	default:
		a.Add(Effect{Does: Changes, What: name, Field: name}, at)
	}
}

// missing adds each text of a list that another one lacks.
func (a *All) missing(e Effect, noun string, of, in []string, at Place) {
	have := map[string]bool{}
	for _, s := range in {
		have[s] = true
	}
	for _, s := range of {
		if !have[s] {
			e.What = noun + s
			a.Add(e, at)
		}
	}
}

func keysOf(list node.Value, key string) (l []string) {
	for e := range list.Items() {
		l = append(l, e.Get(key).Text())
	}
	return l
}

// arguments adds the options that come and go. Other arguments are values of these, or what the program does.
func (a *All) arguments(name string, was, now node.Value, at Place) {
	before, after := was.Strings(), now.Strings()
	n := len(a.list)
	a.missing(Effect{Does: LeavesOut, Field: name}, "", options(before), options(after), at)
	a.missing(Effect{Does: Adds, Field: name}, "", options(after), options(before), at)
	if n == len(a.list) && len(options(before)) == 0 && len(options(after)) == 0 {
		a.Add(Effect{Does: Changes, What: map[string]string{"args": "the arguments", "command": "the command"}[name], Field: name}, at)
	}
}

// isOption matches the name of an option. What is behind a letter, as in -pNAME, may be a credential.
var isOption = regexp.MustCompile(`^(?:-[A-Za-z]|--[A-Za-z][\w.-]{0,63})$`)

// options are the names of options among arguments.
func options(args []string) (l []string) {
	for _, s := range args {
		if name, _, _ := strings.Cut(s, "="); isOption.MatchString(name) {
			l = append(l, name)
		}
	}
	return l
}

// securityContext adds the fields that are set and that stop programs.
func (a *All) securityContext(was, now node.Value, at Place) {
	isStopping := false
	for _, name := range stopping {
		v := now.Get(name)
		if v.IsScalar() && v.Text() != "false" && v.Text() != was.Get(name).Text() {
			a.Add(Effect{Does: Sets, What: name + ": " + v.Text(), Field: "securityContext." + name}, at)
			isStopping = true
		}
	}
	if !isStopping {
		a.Add(Effect{Does: Changes, What: "securityContext", Field: "securityContext"}, at)
	}
}
