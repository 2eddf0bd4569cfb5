package resources

import "strings"

// podLevelSince is the Kubernetes version from which the resources of a pod as a whole
// count.
const podLevelSince = 34

// isPodLevel reports whether a pod as a whole may have a resource.
func isPodLevel(name string) bool {
	return name == "cpu" || name == "memory" || strings.HasPrefix(name, "hugepages-")
}
