package admission

import (
	"cmp"
	"regexp"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// Generation is an object that a rule of Kyverno makes.
type Generation struct {
	// Scope is the objects for each of which it makes one.
	Scope Scope
	// Excluded is the objects that the rule would be about if it did not exclude them.
	Excluded Scope
	// APIVersion, Kind and Namespace are those of the object that it makes. The namespace may hold a
	// variable of Kyverno.
	APIVersion, Kind, Namespace string
	// Data is the object, absent if it is a copy of another one.
	Data node.Value
}

// Generations is the objects that a policy makes. It is empty for other objects.
func Generations(group, kind string, root node.Value) (l []Generation) {
	if group != "kyverno.io" || kind != "ClusterPolicy" {
		return nil
	}
	for rule := range root.Get("spec.rules").Items() {
		generate, scope := rule.Get("generate"), kyvernoScope(rule)
		for _, of := range append([]node.Value{generate}, elements(generate.Get("foreach"))...) {
			g := Generation{scope, kyvernoExcluded(rule), of.Get("apiVersion").Text(), of.Get("kind").Text(), written(of.Get("namespace")), of.Get("data")}
			if g.Kind != "" {
				l = append(l, g)
			}
		}
	}
	return l
}

func elements(list node.Value) (l []node.Value) {
	for v := range list.Items() {
		l = append(l, v)
	}
	return l
}

func kyvernoMutations(root node.Value) (l []Mutation) {
	if admits, set := root.Get("spec.admission").Bool(); set && !admits {
		return nil
	}
	for rule := range root.Get("spec.rules").Items() {
		mutate := rule.Get("mutate")
		if mutate.Get("targets").IsSet() { // it changes objects that exist
			continue
		}
		m := Mutation{scope: kyvernoScope(rule)}
		for _, of := range append([]node.Value{mutate}, elements(mutate.Get("foreach"))...) {
			isSure := !of.Get("preconditions").IsSet() && (!of.Get("list").IsSet() || wholeList.MatchString(written(of.Get("list"))))
			m.changes = append(m.changes, strategicMerge(of.Get("patchStrategicMerge"), Change{IsSure: isSure})...)
			m.changes = append(m.changes, jsonPatches(written(of.Get("patchesJson6902")), isSure)...)
		}
		if len(m.changes) > 0 {
			l = append(l, m)
		}
	}
	return l
}

// wholeList matches the list of a foreach that has all containers of a kind.
var wholeList = regexp.MustCompile(`^request\.object\.[\w.]+(\[\])?(\s*\|\|.*)?$`)

// anchored matches a key with an anchor: +(name) adds what is absent, (name) is a condition.
var anchored = regexp.MustCompile(`^([+=<^X]?)\((.+)\)$`)

// unanchored is the name in a key, and the sign of its anchor. ok is false if the key has no anchor.
func unanchored(key string) (sign, name string, ok bool) {
	m := anchored.FindStringSubmatch(key)
	if m == nil {
		return "", key, false
	}
	return m[1], m[2], true
}

// strategicMerge is the fields that a patch of Kyverno sets below one that c describes.
func strategicMerge(v node.Value, c Change) (l []Change) {
	c.IsSure = c.IsSure && !isConditional(v, c.Path)
	for key, child := range v.Entries() {
		sign, name, ok := unanchored(key)
		if ok && sign != "+" && sign != "=" && child.IsScalar() {
			continue // a condition
		}
		below := c
		if below.Path = joined(c.Path, name); sign == "+" {
			below.Unless = cmp.Or(c.Unless, below.Path)
		}
		switch {
		case child.IsMap():
			l = append(l, strategicMerge(child, below)...)
		case child.Item(0).IsMap():
			l = append(l, mergeElements(child, below)...)
		case child.IsSet(): // null removes the field
			below.Value = child.Text()
			l = append(l, below)
		}
	}
	return l
}

// isConditional reports whether a part of a patch, at a path, depends on what the object has. The name of a list's
// element only selects it.
func isConditional(v node.Value, path string) bool {
	for key := range v.Entries() {
		sign, name, ok := unanchored(key)
		if ok && sign != "+" && (name != "name" || !strings.HasSuffix(path, "[]")) {
			return true
		}
	}
	return false
}

// mergeElements is the fields that a patch sets in the elements of a list that c describes.
func mergeElements(list node.Value, c Change) (l []Change) {
	c.Path += "[]"
	for element := range list.Items() {
		of := c
		if name := cmp.Or(written(element.Child("(name)")), written(element.Child("name"))); !isAny(name) && !strings.Contains(name, "{{") {
			of.Containers = name
		}
		l = append(l, strategicMerge(element, of)...)
	}
	return l
}

func joined(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// written is a text that may hold variables of Kyverno.
func written(v node.Value) string {
	if !v.IsScalar() {
		return ""
	}
	return v.Node.Value
}

// jsonPatches is the fields that JSON patches set, written as YAML in a text.
func jsonPatches(text string, isSure bool) (l []Change) {
	var n yaml.Node
	if text == "" || yaml.Unmarshal([]byte(text), &n) != nil || !node.IsExpandable(&n) {
		return nil
	}
	for patch := range node.NewValue(&n).Items() {
		if op := patch.Get("op").Text(); op != "add" && op != "replace" {
			continue
		}
		path, ofAll, ok := ofPointer(written(patch.Get("path")))
		if ok {
			l = flatten(patch.Get("value"), Change{Path: path, IsSure: isSure && ofAll}, l)
		}
	}
	return l
}

// ofPointer is the path that a JSON pointer means. OfAll is set if it is about each element of a list, not a
// certain one. ok is false if it adds an element.
func ofPointer(pointer string) (path string, ofAll, ok bool) {
	ofAll = true
	for key := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch {
		case key == "", key == "-":
			return "", false, false
		case strings.Contains(key, "{{"):
			path += "[]"
		case strings.Trim(key, "0123456789") == "":
			path, ofAll = path+"[]", false
		default:
			path = joined(path, node.PointerKey(key))
		}
	}
	return path, ofAll, !strings.HasSuffix(path, "[]")
}

// kyvernoScope is the objects that a rule is about.
func kyvernoScope(rule node.Value) Scope {
	match, exclude := rule.Get("match"), rule.Get("exclude")
	open := rule.Get("celPreconditions").Len() > 0
	return func(t Target) Answer {
		a := min(inBlock(match, t), inBlock(exclude, t).not(), preconditions(rule.Get("preconditions"), t))
		if open {
			a = min(a, Maybe)
		}
		return a
	}
}

// kyvernoExcluded is the objects that a rule matches and excludes.
func kyvernoExcluded(rule node.Value) Scope {
	return func(t Target) Answer { return min(inBlock(rule.Get("match"), t), inBlock(rule.Get("exclude"), t)) }
}

// inBlock is what match or exclude says of an object.
func inBlock(block node.Value, t Target) Answer {
	a := anyOf(block.Get("any"), t, inFilter)
	if all := block.Get("all"); all.Len() > 0 {
		a = max(a, allOf(all, t, inFilter))
	}
	if block.Get("resources").IsSet() {
		a = max(a, inFilter(block, t))
	}
	return a
}

// anyOf is what a list of which one must hold says of an object. It is No if the list is empty.
func anyOf(list node.Value, t Target, says func(node.Value, Target) Answer) Answer {
	a := No
	for v := range list.Items() {
		a = max(a, says(v, t))
	}
	return a
}

// allOf is what a list of which all must hold says of an object. It is Yes if the list is empty.
func allOf(list node.Value, t Target, says func(node.Value, Target) Answer) Answer {
	a := Yes
	for v := range list.Items() {
		a = min(a, says(v, t))
	}
	return a
}

func inFilter(filter node.Value, t Target) Answer {
	resources, a := filter.Get("resources"), Yes
	for _, field := range []string{"subjects", "roles", "clusterRoles"} {
		if filter.Get(field).Len() > 0 { // who creates the object is not known
			a = Maybe
		}
	}
	if resources.Get("annotations").Len() > 0 {
		a = Maybe
	}
	if kinds := resources.Get("kinds"); kinds.Len() > 0 {
		a = min(a, ofKinds(kinds.Strings(), t.Kind))
	}
	names := resources.Get("names").Strings()
	if name := resources.Get("name").Text(); name != "" {
		names = append(names, name)
	}
	if len(names) > 0 {
		a = min(a, among(t.Name, names))
	}
	namespace := t.Namespace
	if t.Kind == "Namespace" {
		namespace = t.Name
	}
	if l := resources.Get("namespaces"); l.Len() > 0 {
		a = min(a, among(namespace, l.Strings()))
	}
	if l := resources.Get("operations"); l.Len() > 0 {
		a = min(a, among("CREATE", l.Strings()))
	}
	a = min(a, selects(resources.Get("selector"), t.Labels, t.Labels != nil))
	return min(a, selectsNamespace(resources.Get("namespaceSelector"), namespace))
}

// ofKinds reports whether a list has a kind, as Kyverno writes kinds: Pod, apps/v1/Deployment, *. A last part
// in lower case is a subresource.
func ofKinds(kinds []string, kind string) Answer {
	var names []string
	for _, k := range kinds {
		name := k[strings.LastIndexByte(k, '/')+1:]
		if name != "" && !unicode.IsLower(rune(name[0])) {
			names = append(names, name)
		}
	}
	return among(kind, names)
}
