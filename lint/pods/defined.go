package pods

import "github.com/kubevet/kubevet/lint/node"

// Defined is the shape of a kind according to its CustomResourceDefinition, if each version of it has a pod template as Kubernetes has it at
// spec.template: all that rules ask to be set can be set there. ok is false if not, or if the table has the kind.
func Defined(definition node.Value) (s Shape, ok bool) {
	spec := definition.Get("spec")
	s = Shape{Group: spec.Get("group").Text(), Kind: spec.Get("names.kind").Text(), Template: "spec.template", whole: true}
	versions := 0
	for v := range spec.Get("versions").Items() {
		if !hasPodSpec(v.Get("schema.openAPIV3Schema.properties.spec.properties.template.properties.spec")) {
			return s, false
		}
		versions++
	}
	return s, versions > 0 && s.Group != "" && s.Kind != ""
}

// hasPodSpec reports whether a schema is that of a pod spec.
func hasPodSpec(schema node.Value) bool {
	return hasProperties(schema, "containers", "initContainers", "securityContext", "volumes") &&
		hasProperties(schema.Get("properties.containers.items"), "image", "name", "resources", "securityContext")
}

func hasProperties(schema node.Value, names ...string) bool {
	for _, name := range names {
		if !schema.Get("properties").Child(name).IsMap() {
			return false
		}
	}
	return true
}

// MayBeDefined reports whether an object of a kind that the table does not have has its containers at the path of Defined, so that a definition may say that they
// are those of its pods.
func MayBeDefined(root node.Value, group, kind string) bool {
	if root.Get("spec.template.spec").Len() == 0 {
		return false
	}
	pod, _, ok := FindUnknown(root, group, kind)
	return ok && pod.Path() == "spec.template.spec"
}

// isWhole reports whether each container has a name and an image.
func (t *Template) isWhole() bool {
	for _, c := range t.Containers {
		if !c.Get("name").IsScalar() || !c.Get("image").IsScalar() {
			return false
		}
	}
	return len(t.Containers) > 0
}
