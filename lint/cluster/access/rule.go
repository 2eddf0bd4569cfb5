package access

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// PolicyRule is one entry of the rules of a Role or ClusterRole. It means what the RBAC
// authorizer of Kubernetes makes of it: * means every verb, API group, or resource
// with its subresources; */scale for the subresource scale of every resource; a URL that
// ends in * for all that begin so. There is no other pattern: pods/* and */* match
// nothing, and resourceNames are literal. Unknown elements of lists grant nothing.
type PolicyRule struct {
	// At is the entry.
	At lint.Value
	// Groups, Resources, Verbs, Names and URLs are the known elements of the lists
	// apiGroups, resources, verbs, resourceNames and nonResourceURLs.
	Groups, Resources, Verbs, Names, URLs []string
	// Named is set if the entry has resourceNames, be they known or not.
	Named bool

	// own are the names of roles that the entry lets someone escalate who has them.
	own []string
}

// Request is what the authorizer decides on.
type Request struct {
	Verb string
	// Group, Resource and Name are those of an object. Resource has its subresource
	// after a slash. Name is empty where the request names no object.
	Group, Resource, Name string
	// URL is the path of a request that is about no resource. Empty: it is about one.
	URL string
}

// NewPolicyRule reads an entry.
func NewPolicyRule(v lint.Value) PolicyRule {
	r := PolicyRule{
		At: v, Groups: v.Get("apiGroups").Strings(), Resources: v.Get("resources").Strings(), Verbs: v.Get("verbs").Strings(),
		URLs: v.Get("nonResourceURLs").Strings(),
	}
	names := v.Get("resourceNames")
	r.Names, r.Named = names.Strings(), names.Len() > 0 || !names.IsKnown()
	return r
}

// Allows reports whether the entry by itself grants a request.
func (r *PolicyRule) Allows(q Request) bool {
	if !r.HasVerb(q.Verb) {
		return false
	}
	if q.URL != "" {
		return slices.ContainsFunc(r.URLs, func(have string) bool { return urlMatches(have, q.URL) })
	}
	return r.HasGroup(q.Group) && r.HasResource(q.Resource) && (!r.Named || slices.Contains(r.Names, q.Name))
}

// HasVerb reports whether the entry is about a verb.
func (r *PolicyRule) HasVerb(verb string) bool { return hasOrAll(r.Verbs, verb) }

// HasGroup reports whether the entry is about an API group. The core group is empty.
func (r *PolicyRule) HasGroup(group string) bool { return hasOrAll(r.Groups, group) }

// HasResource reports whether the entry is about a resource, or a subresource.
func (r *PolicyRule) HasResource(resource string) bool {
	return slices.ContainsFunc(r.Resources, func(have string) bool { return resourceMatches(have, resource) })
}

func hasOrAll(list []string, word string) bool {
	return slices.Contains(list, word) || slices.Contains(list, "*")
}

// resourceMatches reports whether an element of resources is about a resource.
func resourceMatches(have, resource string) bool {
	if have == "*" || have == resource {
		return true
	}
	_, sub, ok := strings.Cut(resource, "/")
	return ok && have == "*/"+sub
}

func urlMatches(have, url string) bool {
	return have == "*" || have == url || strings.HasSuffix(have, "*") && strings.HasPrefix(url, strings.TrimRight(have, "*"))
}

// Element is the first element of a list of the entry, such as resources, that is a text.
// Absent if there is none.
func (r *PolicyRule) Element(list, text string) lint.Value {
	l := r.At.Get(list)
	for item := range l.Items() {
		if item.Written() == text {
			return item
		}
	}
	return l
}
