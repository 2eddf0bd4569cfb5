// Package optin reads network policies in the templates of charts which select pods by labels that the pods choose: those of other
// charts that are installed beside them get the policy with the label.
package optin

import (
	"slices"
	"strings"
)

// Policy is a network policy in a template of a chart, whether or not the values enable it.
type Policy struct {
	// Chart is the directory of the chart, as reports call it.
	Chart string
	// Namespace is empty if the policy is in that of the release, or in one that the template computes.
	Namespace string
	// Labels are those that pods need, as far as the template does not compute them. They are empty if it selects all pods.
	Labels map[string]string
	// Ingress and Egress are the directions in which the policy denies what it does not allow.
	Ingress, Egress bool
}

// IsChosen reports whether the policy selects pods by a label of somebody's own domain. Those of Kubernetes and of Helm say what a pod is, and
// labels without a domain often do.
func (p Policy) IsChosen() bool {
	for key := range p.Labels {
		domain, _, has := strings.Cut(key, "/")
		isCommon := func(d string) bool { return domain == d || strings.HasSuffix(domain, "."+d) }
		if has && !isCommon("kubernetes.io") && !isCommon("k8s.io") && !isCommon("helm.sh") {
			return true
		}
	}
	return false
}

// Selects reports whether pods with some labels have those that the policy asks for, in a namespace. What is not known may be so.
func (p Policy) Selects(labels map[string]string, namespace string) bool {
	if p.Namespace != "" && namespace != "" && p.Namespace != namespace {
		return false
	}
	for key, value := range p.Labels {
		if has, ok := labels[key]; !ok || has != value {
			return false
		}
	}
	return true
}

// Read is the network policies in the text of a template.
func Read(template string) (l []Policy) {
	for _, lines := range documents(template) {
		if p, ok := read(lines); ok {
			l = append(l, p)
		}
	}
	return l
}

// line is a line of a template that is neither empty, nor a comment, nor an action alone.
type line struct {
	indent int
	key    string // without "- " of an item
	value  string
	// isAction is set for an action alone: what it prints is not known.
	isAction bool
}

// documents are the lines of a text, document by document.
func documents(text string) [][]line {
	var all [][]line
	var l []line
	for t := range strings.Lines(text) {
		trimmed := strings.TrimSpace(t)
		switch {
		case strings.HasPrefix(t, "---"):
			all, l = append(all, l), nil
			continue
		case trimmed == "" || trimmed[0] == '#':
			continue
		case strings.HasPrefix(trimmed, "{{"):
			l = append(l, line{indent: len(t) - len(strings.TrimLeft(t, " ")), isAction: true})
			continue
		}
		item := strings.TrimPrefix(trimmed, "- ")
		key, value, _ := strings.Cut(item, ":")
		value, _, _ = strings.Cut(value, " #")
		l = append(l, line{indent: len(t) - len(strings.TrimLeft(t, " ")), key: unquoted(key), value: unquoted(value)})
	}
	return append(all, l)
}

func unquoted(text string) string { return strings.Trim(strings.TrimSpace(text), `"'`) }

// read is the policy that a document of a template makes. ok is false if it makes none, or if it is not known what the policy selects.
func read(lines []line) (p Policy, ok bool) {
	if !slices.Contains(lines, line{key: "kind", value: "NetworkPolicy"}) {
		return p, false
	}
	for _, l := range below(lines, "metadata") {
		if l.key == "namespace" && !strings.Contains(l.value, "{{") {
			p.Namespace = l.value
		}
	}
	spec := below(lines, "spec")
	selector, isSet := find(spec, "podSelector")
	if !isSet {
		return p, false
	}
	if p.Labels, ok = labels(spec, selector); !ok {
		return p, false
	}
	p.Ingress, p.Egress = directions(spec)
	return p, true
}

// find is the line of a key that is directly in a mapping.
func find(mapping []line, key string) (line, bool) {
	i := slices.IndexFunc(mapping, func(l line) bool { return l.key == key && l.indent == mapping[0].indent })
	if i < 0 {
		return line{}, false
	}
	return mapping[i], true
}

// below is the lines below that of a key which is directly in a mapping, without actions that come first: they need not be indented.
func below(mapping []line, key string) []line {
	first := slices.IndexFunc(mapping, func(l line) bool { return !l.isAction })
	if first < 0 {
		return nil
	}
	i := slices.IndexFunc(mapping, func(l line) bool { return l.key == key && l.indent == mapping[first].indent })
	if i < 0 {
		return nil
	}
	at := mapping[i].indent
	rest := mapping[i+1:]
	end := slices.IndexFunc(rest, func(l line) bool { return !l.isAction && l.indent <= at })
	if end < 0 {
		end = len(rest)
	}
	rest = rest[:end]
	return rest[max(0, slices.IndexFunc(rest, func(l line) bool { return !l.isAction })):]
}

// labels are those that the selector of a policy asks for, as far as the template has them as text. They are empty if it selects all
// pods. ok is false if no label is known.
func labels(spec []line, selector line) (m map[string]string, ok bool) {
	if selector.value == "{}" {
		return nil, true
	}
	m = map[string]string{}
	for _, l := range below(below(spec, "podSelector"), "matchLabels") {
		if !l.isAction && l.value != "" && !strings.Contains(l.key+l.value, "{{") {
			m[l.key] = l.value
		}
	}
	return m, selector.value == "" && len(m) > 0
}

// directions are those in which a policy denies what it does not allow. Without policyTypes these are ingress, and egress if the policy has
// rules for it.
func directions(spec []line) (ingress, egress bool) {
	types, isSet := find(spec, "policyTypes")
	if !isSet {
		_, egress = find(spec, "egress")
		return true, egress
	}
	has := func(kind string) bool { return strings.Contains(types.value, kind) }
	if types.value == "" {
		i := slices.Index(spec, types)
		rest := spec[i+1:]
		has = func(kind string) bool { // the items may be as far to the left as the key
			for _, l := range rest {
				if !l.isAction && l.key != "Ingress" && l.key != "Egress" {
					return false
				}
				if l.key == kind {
					return true
				}
			}
			return false
		}
	}
	return has("Ingress"), has("Egress")
}
