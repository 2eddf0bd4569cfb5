package network

import "github.com/kubevet/kubevet/lint"

// onFargate reports whether a pod only runs on AWS Fargate, as its node selector or its required node affinity says. EKS enforces
// no network policy there, only security groups: see https://docs.aws.amazon.com/eks/latest/userguide/pod-networking-use-cases.html.
func onFargate(w *lint.Workload) bool {
	return w.SelectsNodes("eks.amazonaws.com/compute-type", "fargate")
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
