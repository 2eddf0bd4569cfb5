package cluster

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/pods"
)

// HasOperands reports whether the unit holds custom resources, or brings the operator of
// some, which may make workloads and Services that no file names.
func (c *Cluster) HasOperands() bool {
	return slices.ContainsFunc(c.Unit.Objects, func(o *lint.Object) bool {
		return o.Kind == "CustomResourceDefinition" || isOperand(o)
	})
}

// isOperand reports whether an object is a custom resource of which pods and Services may be made.
func isOperand(o *lint.Object) bool {
	return pods.IsCustom(o.Group()) && !pods.IsInert(o.Kind)
}

// podMakers are the objects of which pods may come that no file shows, by their namespaces.
var podMakers = lint.UnitIndex("custom resources that make pods", func(p *lint.Pass) map[string][]*lint.Object {
	byNamespace := map[string][]*lint.Object{}
	for _, o := range p.Unit.Objects {
		if len(o.Workloads) == 0 && o.Host == nil && pods.MayCome(o.Group(), o.Kind) && !isAttached(o) {
			byNamespace[o.Namespace] = append(byNamespace[o.Namespace], o)
		}
	}
	return byNamespace
})

// PodMakersIn are the custom resources of a namespace of which pods may come that no file shows.
func PodMakersIn(p *lint.Pass, namespace string) []*lint.Object { return podMakers(p)[namespace] }

// QuoteOperand reports whether a label has the name of a custom resource whose pods no file shows: most
// operators, and charts, label the pods that they make with the name of what they make them for.
func (c *Cluster) QuoteOperand(labels map[string]string) bool {
	for _, value := range labels {
		if c.operands()[value] {
			return true
		}
	}
	return false
}

// operandNames are the names of the custom resources whose pods no file shows.
func (c *Cluster) operandNames() map[string]bool {
	names := map[string]bool{}
	for _, o := range c.Unit.Objects {
		if isOperand(o) && o.Name != "" && len(o.Workloads) == 0 {
			names[o.Name] = true
		}
	}
	return names
}

// isAttached reports whether an object is a policy for others, as the Gateway API attaches policies: it is made into no pods.
func isAttached(o *lint.Object) bool {
	spec := o.Root.Get("spec")
	return strings.HasSuffix(o.Kind, "Policy") && (spec.Get("targetRefs").IsSet() || spec.Get("targetRef").IsSet())
}
