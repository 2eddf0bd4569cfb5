package cluster

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// inert is kinds of custom resources from which no pods and no services come.
var inert = map[string]bool{
	"ServiceMonitor": true, "PodMonitor": true, "PrometheusRule": true, "Probe": true, "ScrapeConfig": true,
	"Certificate": true, "Issuer": true, "ClusterIssuer": true,
	"VirtualService": true, "Gateway": true, "Server": true, "ServerAuthorization": true, "MeshTLSAuthentication": true, "NetworkAuthentication": true, "DestinationRule": true, "ServiceEntry": true, "Sidecar": true, "PeerAuthentication": true,
	"AuthorizationPolicy": true, "RequestAuthentication": true, "EnvoyFilter": true,
	"ExternalSecret": true, "SecretStore": true, "ClusterSecretStore": true, "SealedSecret": true,
	"ScaledObject": true, "TriggerAuthentication": true,
	"IngressRoute": true, "IngressRouteTCP": true, "IngressRouteUDP": true, "Middleware": true, "TLSOption": true,
	"CiliumNetworkPolicy": true, "CiliumClusterwideNetworkPolicy": true, "NetworkPolicy": true, "GlobalNetworkPolicy": true,
	"Route": true, "SecurityContextConstraints": true, "BackendConfig": true, "FrontendConfig": true, "ManagedCertificate": true,
}

// HasOperands reports whether the unit holds custom resources, or brings the operator of
// some, which may make workloads and Services that no file names.
func (c *Cluster) HasOperands() bool {
	return slices.ContainsFunc(c.Unit.Objects, func(o *lint.Object) bool {
		return o.Kind == "CustomResourceDefinition" || isOperand(o)
	})
}

// isOperand reports whether an object is a custom resource of which pods and Services may be made.
func isOperand(o *lint.Object) bool {
	group := o.Group()
	return strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io") && !inert[o.Kind]
}

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
