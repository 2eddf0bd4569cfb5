package pods

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// maxDepth limits how deep FindUnknown looks for containers. Known kinds have them ten
// levels deep at most.
const maxDepth = 16

// FindUnknown looks for containers in a custom resource of a kind that the table does not
// have. It returns the first list of containers with images, and the mapping that
// holds the list. ok is false if there is none, or if the kind cannot have pods of its
// own: schemas and policies hold lists of containers that describe other pods, and releases the values of a chart, which mean something else for each.
func FindUnknown(root node.Value, group, kind string) (pod, list node.Value, ok bool) {
	if !strings.Contains(group, ".") || slices.ContainsFunc(shapesOf(kind), func(s Shape) bool { return s.Group == group }) {
		return node.Value{}, node.Value{}, false
	}
	for _, suffix := range []string{"kyverno.io", "gatekeeper.sh", "apiextensions.k8s.io", "admissionregistration.k8s.io", "kubewarden.io"} {
		if group == suffix || strings.HasSuffix(group, "."+suffix) {
			return node.Value{}, node.Value{}, false
		}
	}
	if strings.HasPrefix(group, "helm.") || group == "argoproj.io" && (kind == "Application" || kind == "ApplicationSet") {
		return node.Value{}, node.Value{}, false
	}
	if !hasScalar(root.Node, "image") {
		return node.Value{}, node.Value{}, false // most kinds have none anywhere
	}
	return findContainers(root, 0)
}

// hasScalar reports whether a text is among the scalars below a node.
func hasScalar(n *yaml.Node, text string) bool {
	for s := range node.Scalars(n) {
		if s.Value == text {
			return true
		}
	}
	return false
}

func findContainers(v node.Value, depth int) (pod, list node.Value, ok bool) {
	if depth > maxDepth {
		return node.Value{}, node.Value{}, false
	}
	for _, l := range operatorLists {
		if list := v.Get(l.key); hasImages(list) {
			return v, list, true
		}
	}
	for item := range v.Items() {
		if pod, list, ok := findContainers(item, depth+1); ok {
			return pod, list, true
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
	return node.Value{}, node.Value{}, false
}

// hasImages reports whether an element of a list is a container with an image.
func hasImages(list node.Value) bool {
	for item := range list.Items() {
		if item.Get("image").IsScalar() && item.Get("name").IsScalar() {
			return true
		}
	}
	return false
}
