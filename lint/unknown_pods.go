package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxPodDepth is how deep a container list may stand in a custom resource. The
// deepest known kind keeps it at ten levels.
const maxPodDepth = 16

// UnknownPods is a note about a custom resource that seems to have pods, of a kind that
// neither kubevet nor the configuration knows: no rule has checked its containers.
// ok is false if there is nothing to say.
func (o *Object) UnknownPods() (note Problem, ok bool) {
	if len(o.Workloads) > 0 || !mayHavePods(o.Group(), o.Kind) {
		return Problem{}, false
	}
	pod, list, ok := findContainers(o.Root, 0)
	if !ok {
		return Problem{}, false
	}
	path := listIndex.ReplaceAllString(pod.Path(), "[]")
	entry := "pod-spec: " + path
	if outer, isSpec := strings.CutSuffix(path, ".spec"); isSpec {
		entry = "template: " + outer
	}
	return Problem{
		Position: o.Locate(list).Position,
		Message:  fmt.Sprintf("%s %s has containers at %s, which were not checked: kubevet does not know the kind", o.Kind, o.Name, list.Path()),
		Help:     fmt.Sprintf("add to workload-kinds in the configuration: {group: %s, kind: %s, %s}", o.Group(), o.Kind, entry),
	}, true
}

var listIndex = regexp.MustCompile(`\[\d+\]`)

// mayHavePods reports whether a kind may be a custom resource with pods. Schemas and
// policies hold lists of containers too, which describe those of others.
func mayHavePods(group, kind string) bool {
	if !strings.Contains(group, ".") || slices.ContainsFunc(shapesOf(kind), func(s Shape) bool { return s.Group == group }) {
		return false
	}
	for _, suffix := range []string{"kyverno.io", "gatekeeper.sh", "apiextensions.k8s.io", "admissionregistration.k8s.io", "kubewarden.io"} {
		if group == suffix || strings.HasSuffix(group, "."+suffix) {
			return false
		}
	}
	return true
}

// findContainers finds the first list of containers with images, and the mapping that
// holds it.
func findContainers(v Value, depth int) (pod, list Value, ok bool) {
	if depth > maxPodDepth {
		return Value{}, Value{}, false
	}
	for _, l := range extraContainers {
		if list := v.Get(l.path); hasImages(list) {
			return v, list, true
		}
	}
	if v.IsList() {
		for item := range v.Items() {
			if pod, list, ok := findContainers(item, depth+1); ok {
				return pod, list, true
			}
		}
	}
	for _, c := range v.Entries() {
		if !c.IsMap() && !c.IsList() {
			continue
		}
		if pod, list, ok := findContainers(c, depth+1); ok {
			return pod, list, true
		}
	}
	return Value{}, Value{}, false
}

// hasImages reports whether an element of a list is a container with an image.
func hasImages(list Value) bool {
	for item := range list.Items() {
		if item.Get("image").IsScalar() && item.Get("name").IsScalar() {
			return true
		}
	}
	return false
}
