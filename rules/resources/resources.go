// Package resources holds the rules on the CPU, memory and disk space that containers may
// use: section 4 of the security checklist.
package resources

import (
	"embed"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go *[^t]est.go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	nsa   = lint.HardeningGuide
	owasp = lint.OWASPTopTen
)

// setting is one request or limit that a rule asks for.
type setting struct {
	list string // requests or limits
	name string // cpu, memory or ephemeral-storage
	want string // the kind of value that is missing, for messages
}

// check is the rule: each container that may have resources has the setting, above
// zero, or gets it from its pod or from a LimitRange of its namespace.
func (s setting) check(p *lint.Pass, w *lint.Workload) {
	if s.podSets(p, w) {
		return
	}
	path := "resources." + s.list + "." + s.name
	defaulted := limitRangesOf(p).gives(w.Namespace, s.list, s.name)
	resized := resizedIn(w, s.name)
	for _, h := range w.Select(lint.Resourced) {
		v := h.Get(path)
		switch {
		case resized[h.Name] && (!v.IsSet() || isZero(v)):
			// addon-resizer writes it when the pod runs.
		case isZero(v):
			p.Reportf(h, v, "sets %s: %s, which sets none; want %s", path, v.Text(), s.want)
		case v.IsSet() || defaulted:
		case s.list == "requests" && isSome(h.Get("resources.limits."+s.name)):
			// The API server copies the limit to the request.
		default:
			p.Report(lint.Diagnostic{Subject: h, At: v, Message: h.Label() + " does not set " + path + "; want " + s.want, Fix: lint.Intent{Sample: s.sample()}})
		}
	}
}

// sample is a value of the setting that conflicts with no other one.
func (s setting) sample() string {
	switch {
	case s.list == "limits" && s.name == "cpu":
		return "1k"
	case s.list == "limits":
		return "1Ti"
	case s.name == "cpu":
		return "1m"
	}
	return "1Ki"
}

// podSets reports whether the pod has the setting for all its containers together.
// Pods may have CPU and memory, which count from Kubernetes 1.34 on.
func (s setting) podSets(p *lint.Pass, w *lint.Workload) bool {
	if !p.Version.AtLeast(podLevelSince) || !isPodLevel(s.name) {
		return false
	}
	v := w.Resources.Get(s.list + "." + s.name)
	return isSome(v) || !v.IsSet() && s.list == "requests" && isSome(w.Resources.Get("limits."+s.name))
}

// has reports whether a container has the setting, of its own or by a LimitRange.
func (s setting) has(p *lint.Pass, h lint.PodOrContainer) bool {
	v := h.Get("resources." + s.list + "." + s.name)
	return isSome(v) || !v.IsSet() && limitRangesOf(p).gives(h.Workload.Namespace, s.list, s.name)
}

// resizedIn is the containers of a Deployment whose requests and limits for a resource addon-resizer sets from another container of the pod: its
// program pod_nanny does so for the resources of which its command has an amount, such as --memory=140Mi.
func resizedIn(w *lint.Workload, resource string) map[string]bool {
	var names map[string]bool
	if w.Kind != "Deployment" {
		return names
	}
	for _, c := range w.Containers {
		words := append(c.Get("command").Strings(), c.Get("args").Strings()...)
		if len(words) == 0 || path.Base(words[0]) != "pod_nanny" || flagOf(words, resource) == "" {
			continue
		}
		if deployment := flagOf(words, "deployment"); deployment != "" && deployment != w.Name {
			continue
		}
		if container := flagOf(words, "container"); container != c.Name && container != "" {
			if names == nil {
				names = map[string]bool{}
			}
			names[container] = true
		}
	}
	return names
}

// flagOf is the value of a flag of a command, in one word with it. It is empty if there is none.
func flagOf(words []string, name string) string {
	for _, word := range words {
		if value, ok := strings.CutPrefix(strings.TrimPrefix(word, "-"), "-"+name+"="); ok {
			return value
		}
	}
	return ""
}

// isSome reports whether a quantity is set and not zero. Text that cannot be parsed,
// such as a placeholder, counts as set.
func isSome(v lint.Value) bool { return v.IsSet() && !isZero(v) }

// isZero reports whether a quantity is zero, which Kubernetes takes for unset.
func isZero(v lint.Value) bool {
	q, ok := quantity(v)
	return ok && q.IsZero()
}

func quantity(v lint.Value) (resource.Quantity, bool) {
	if !v.IsScalar() || !node.IsModestNumber(v.Text()) {
		return resource.Quantity{}, false
	}
	q, err := resource.ParseQuantity(v.Text())
	return q, err == nil
}

// limitRanges are the LimitRanges of a unit by namespace.
type limitRanges map[string][]limitRange

// limitRange is what a LimitRange gives to containers that leave a setting out.
type limitRange struct {
	object *lint.Object
	// requests and limits are by the name of the resource.
	requests, limits map[string]lint.Value
}

// limitRangesOf is the LimitRanges of the unit that a rule looks at.
var limitRangesOf = lint.UnitIndex("limit ranges", func(p *lint.Pass) limitRanges {
	l := limitRanges{}
	for _, o := range p.Unit.Objects {
		if o.Is("", "LimitRange") {
			l[o.Namespace] = append(l[o.Namespace], newLimitRange(o))
		}
	}
	return l
})

// newLimitRange reads the defaults for containers as the API server completes them: a
// maximum is the default limit, and the default limit and the minimum are default requests.
func newLimitRange(o *lint.Object) limitRange {
	l := limitRange{o, map[string]lint.Value{}, map[string]lint.Value{}}
	fill := func(into map[string]lint.Value, from lint.Value) {
		for name, v := range from.Entries() {
			if _, has := into[name]; !has && isSome(v) {
				into[name] = v
			}
		}
	}
	for item := range o.Root.Get("spec.limits").Items() {
		if item.Get("type").Text() != "Container" {
			continue
		}
		fill(l.limits, item.Get("default"))
		fill(l.limits, item.Get("max"))
		fill(l.requests, item.Get("defaultRequest"))
		fill(l.requests, item.Get("default"))
		fill(l.requests, item.Get("max"))
		fill(l.requests, item.Get("min"))
	}
	return l
}

// of are the defaults for requests or limits.
func (l limitRange) of(list string) map[string]lint.Value {
	if list == "requests" {
		return l.requests
	}
	return l.limits
}

// gives reports whether containers of a namespace get a setting that they leave out.
func (l limitRanges) gives(namespace, list, name string) bool {
	return slices.ContainsFunc(l[namespace], func(r limitRange) bool { return r.of(list)[name].IsSet() })
}
