package network

import (
	"regexp"

	"github.com/kubevet/kubevet/lint"
)

// onFargate reports whether a pod only runs on AWS Fargate, as its node selector or its required node affinity says. EKS enforces
// no network policy there, only security groups: see https://docs.aws.amazon.com/eks/latest/userguide/pod-networking-use-cases.html.
func onFargate(w *lint.Workload) bool {
	return w.SelectsNodes("eks.amazonaws.com/compute-type", "fargate")
}

// mayBeOnFargate reports whether a chart says of itself that it is for Fargate: which pods run there is up to the Fargate profiles of
// the cluster.
func mayBeOnFargate(p *lint.Pass) bool {
	return p.Unit.Kind == lint.UnitChart && fargateName.MatchString(p.Unit.About)
}

var fargateName = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])fargate(?:[^a-z0-9]|$)`)

// forFargate adds to a fix by a network policy what is to be done if the pods are on Fargate, of which the chart speaks.
func forFargate(p *lint.Pass, in lint.Intent) lint.Intent {
	if mayBeOnFargate(p) {
		return lint.Advice("if the pods run on Fargate, of which the chart's name, description or README speaks, add a SecurityGroupPolicy (vpcresources.k8s.aws/v1beta1) " +
			"that gives them a security group with rules for what they need: EKS enforces no network policies there; if not, " + in.Title)
	}
	return in
}

// securityGroups are the namespaces for which the unit has security groups for pods.
var securityGroups = lint.UnitIndex("security groups for pods", func(p *lint.Pass) map[string]bool {
	namespaces := map[string]bool{}
	for _, o := range p.Unit.Objects {
		if o.Is("vpcresources.k8s.aws", "SecurityGroupPolicy") {
			namespaces[o.Namespace] = true
		}
	}
	return namespaces
})

// What findings of pods on Fargate want, and how to get it.
const (
	groupsOnFargate  = "a security group for its pods, which run on Fargate"
	addSecurityGroup = "add a SecurityGroupPolicy (vpcresources.k8s.aws/v1beta1) that gives the pods a security group with rules for what they need: " +
		"they run on Fargate, where EKS enforces no network policies"
)
