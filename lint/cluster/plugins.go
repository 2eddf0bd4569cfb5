package cluster

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// policyEngines are parts of the images of programs that enforce network policies.
var policyEngines = []string{
	"antrea/", "aws-network-policy-agent", "azure-npm", "calico-node", "calico/", "canal/", "cilium/cilium", "kube-network-policies", "kube-ovn",
	"kube-router", "ovn-kubernetes", "romana/", "weave-npc", "weaveworks/weave",
}

// RunsPolicyEngine reports whether a container runs a program that enforces network
// policies, by the known part of its image.
func RunsPolicyEngine(c lint.PodOrContainer) bool {
	image := c.Get("image").PartialText()
	return slices.ContainsFunc(policyEngines, func(part string) bool { return strings.Contains(image, part) })
}

// RunsFlannel reports whether a container runs Flannel, a network plugin that enforces no
// network policies, from any registry.
func RunsFlannel(c lint.PodOrContainer) bool {
	image, _, _ := strings.Cut(c.Get("image").PartialText(), "@")
	name, _, _ := strings.Cut(image[strings.LastIndexByte(image, '/')+1:], ":")
	return name == "flannel"
}
