package admission

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/node"
)

// assign reads an Assign of Gatekeeper.
func assign(root node.Value) []Mutation {
	spec := root.Get("spec")
	path, names := ofLocation(spec.Get("location").Text())
	c := Change{Path: path, Containers: names, IsSure: !spec.Get("parameters.assignIf").IsSet()}
	for test := range spec.Get("parameters.pathTests").Items() {
		if test.Get("condition").Text() == "MustNotExist" {
			c.Unless, _ = ofLocation(test.Get("subPath").Text())
		} else {
			c.IsSure = false
		}
	}
	scope := func(t Target) Answer { return min(appliesTo(spec.Get("applyTo"), t), inMatch(spec.Get("match"), t)) }
	return []Mutation{{scope, flatten(spec.Get("parameters.assign.value"), c, nil)}}
}

// element matches the key of a list in a location, with the name of its element: containers[name: *].
var element = regexp.MustCompile(`\[\s*\w+\s*:\s*([^\]]*?)\s*\]`)

// ofLocation is the path that a location of Gatekeeper means, and the names of the list's elements.
func ofLocation(location string) (path, names string) {
	if m := element.FindStringSubmatch(location); m != nil {
		if names = strings.Trim(m[1], `"'`); isAny(names) {
			names = ""
		}
	}
	return element.ReplaceAllString(location, "[]"), names
}

func appliesTo(list node.Value, t Target) Answer {
	a := No
	for v := range list.Items() {
		a = max(a, min(has(v.Get("groups"), t.Group), has(v.Get("kinds"), t.Kind)))
	}
	return a
}

// has reports whether a list has a text or *.
func has(list node.Value, text string) Answer {
	if l := list.Strings(); slices.Contains(l, text) || slices.Contains(l, "*") {
		return Yes
	}
	return No
}

func inMatch(match node.Value, t Target) Answer {
	a := Yes
	if kinds := match.Get("kinds"); kinds.Len() > 0 {
		of := No
		for v := range kinds.Items() {
			of = max(of, min(has(v.Get("apiGroups"), t.Group), has(v.Get("kinds"), t.Kind)))
		}
		a = of
	}
	if l := match.Get("namespaces"); l.Len() > 0 {
		a = min(a, among(t.Namespace, l.Strings()))
	}
	a = min(a, among(t.Namespace, match.Get("excludedNamespaces").Strings()).not())
	if name := match.Get("name").Text(); name != "" {
		a = min(a, among(t.Name, []string{name}))
	}
	a = min(a, selects(match.Get("labelSelector"), t.Labels, t.Labels != nil))
	return min(a, selectsNamespace(match.Get("namespaceSelector"), t.Namespace))
}

// mutatingPolicy reads a MutatingAdmissionPolicy, and Kyverno's MutatingPolicy, which has the same form. It reads
// of the expressions only which fields they name.
func mutatingPolicy(root node.Value) []Mutation {
	spec := root.Get("spec")
	m := Mutation{scope: constrained(spec)}
	for v := range spec.Get("mutations").Items() {
		m.changes = append(m.changes, applied(v.Get("applyConfiguration.expression").Text())...)
		for _, pointer := range pointers.FindAllStringSubmatch(v.Get("jsonPatch.expression").Text(), -1) {
			if path, _, ok := ofPointer(pointer[1]); ok {
				m.changes = append(m.changes, Change{Path: path})
			}
		}
	}
	return []Mutation{m}
}

// constrained is the objects that matchConstraints and matchConditions admit to a policy.
func constrained(spec node.Value) Scope {
	constraints := spec.Get("matchConstraints")
	return func(t Target) Answer {
		a := min(ofResources(constraints.Get("resourceRules"), t), ofResources(constraints.Get("excludeResourceRules"), t).not())
		a = min(a, selects(constraints.Get("objectSelector"), t.Labels, t.Labels != nil))
		a = min(a, selectsNamespace(constraints.Get("namespaceSelector"), t.Namespace))
		if spec.Get("matchConditions").Len() > 0 {
			a = min(a, Maybe)
		}
		return a
	}
}

func ofResources(rules node.Value, t Target) Answer {
	a := No
	for rule := range rules.Items() {
		about := min(has(rule.Get("apiGroups"), t.Group), has(rule.Get("operations"), "CREATE"), has(rule.Get("resources"), strings.ToLower(t.Kind)+"s"))
		if rule.Get("resourceNames").Len() > 0 {
			about = min(about, among(t.Name, rule.Get("resourceNames").Strings()))
		}
		a = max(a, about)
	}
	return a
}

var (
	// pointers matches the path of a JSONPatch that an expression writes out.
	pointers = regexp.MustCompile(`path:\s*["'](/[^"']*)["']\s*[,}]`)
	// object matches the start of a part of an applied configuration, as in Object.spec.securityContext{ … }.
	object = regexp.MustCompile(`\bObject(\.\w+)*\s*\{`)
	// field matches a key of one, with the start of its value.
	field = regexp.MustCompile(`(?:,|^)\s*(\w+)\s*:\s*(Object\b)?`)
)

// applied is the fields that an expression of an applied configuration names. Its types have the whole path:
// Object.spec.securityContext{runAsNonRoot: true}.
func applied(expression string) (l []Change) {
	for _, m := range object.FindAllStringIndex(expression, -1) {
		path := strings.TrimSpace(strings.TrimSuffix(expression[m[0]:m[1]], "{"))
		path = strings.TrimPrefix(strings.TrimPrefix(path, "Object"), ".")
		for _, key := range field.FindAllStringSubmatch(topLevel(expression[m[1]:]), -1) {
			if key[2] == "" { // else the part says itself what it sets
				l = append(l, Change{Path: withLists(joined(path, key[1]))})
			}
		}
	}
	return l
}

// topLevel is a text up to the brace that closes it, without what is in brackets within it.
func topLevel(text string) string {
	var b strings.Builder
	depth := 0
	for _, c := range text {
		switch c {
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			if depth--; depth < 0 {
				return b.String()
			}
		default:
			if depth == 0 {
				b.WriteRune(c)
			}
		}
	}
	return b.String()
}

// withLists is a path of an applied configuration, which does not show the lists in it, as others are written.
func withLists(path string) string {
	for _, list := range []string{"containers", "initContainers", "ephemeralContainers"} {
		path = strings.Replace(path, "."+list+".", "."+list+"[].", 1)
	}
	return path
}
