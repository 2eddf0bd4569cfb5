package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// endpoint is how the definition of a cluster says who reaches its API server. A path leads
// through all elements of lists: some APIs have a list where others have a mapping.
type endpoint struct {
	// groups are API groups, and kinds the kinds in these.
	groups, kinds []string
	// open is the field that exposes the API server with one of the values yes, or, if these are
	// nil, with a block that holds every address. Empty: the API server is open unless one of
	// the other fields says otherwise.
	open string
	yes  []string
	// isDefault is set if the API server is open where open is not set.
	isDefault bool
	// closed is the value of open that keeps the API server private.
	closed string
	// beside is a field, with its value, without which the API refuses a private endpoint. It is
	// empty if there is none.
	beside [2]string
	// private are fields with the value that keeps the API server from being public.
	private [][2]string
	// ranges are lists of the addresses that may reach it, or the fields that hold one.
	ranges []string
	// limits are fields that restrict the addresses in a way that is not read, so that there is
	// no verdict if they are set.
	limits []string
}

// eks is the definition of a cluster of EKS, which several APIs have below different fields.
func eks(at, cidrs string, groups ...string) endpoint {
	return endpoint{
		groups: groups, kinds: []string{"Cluster"}, open: at + ".endpointPublicAccess", yes: []string{"true"}, isDefault: true,
		closed: "false", beside: [2]string{at + ".endpointPrivateAccess", "true"}, ranges: []string{at + "." + cidrs},
	}
}

// endpoints are the definitions of clusters, each as its API documents it.
var endpoints = []endpoint{
	{
		groups: []string{"eksctl.io"}, kinds: []string{"ClusterConfig"}, open: "vpc.clusterEndpoints.publicAccess", yes: []string{"true"}, isDefault: true,
		closed: "false", beside: [2]string{"vpc.clusterEndpoints.privateAccess", "true"},
		private: [][2]string{{"privateCluster.enabled", "true"}}, ranges: []string{"vpc.publicAccessCIDRs"},
	},
	{
		groups: []string{"controlplane.cluster.x-k8s.io"}, kinds: []string{"AWSManagedControlPlane"},
		open: "spec.endpointAccess.public", yes: []string{"true"}, isDefault: true,
		closed: "false", beside: [2]string{"spec.endpointAccess.private", "true"}, ranges: []string{"spec.endpointAccess.publicCIDRs"},
	},
	{groups: []string{"controlplane.cluster.x-k8s.io"}, kinds: []string{"ROSAControlPlane"}, open: "spec.endpointAccess", yes: []string{"Public"}, isDefault: true, closed: "Private"},
	{
		groups: []string{"infrastructure.cluster.x-k8s.io"}, kinds: []string{"AWSCluster"}, open: "spec.controlPlaneLoadBalancer.scheme", yes: []string{"internet-facing"}, isDefault: true, closed: "internal",
		private: [][2]string{{"spec.controlPlaneLoadBalancer.loadBalancerType", "disabled"}}, ranges: []string{"spec.controlPlaneLoadBalancer.ingressRules.cidrBlocks"},
	},
	eks("spec.resourcesVPCConfig", "publicAccessCIDRs", "eks.services.k8s.aws"),
	eks("spec.forProvider.resourcesVpcConfig", "publicAccessCidrs", "eks.aws.crossplane.io"),
	eks("spec.forProvider.vpcConfig", "publicAccessCidrs", "eks.aws.upbound.io", "eks.aws.m.upbound.io"),
	{
		groups: []string{"infrastructure.cluster.x-k8s.io"}, kinds: []string{"AzureManagedControlPlane"},
		private: [][2]string{{"spec.apiServerAccessProfile.enablePrivateCluster", "true"}}, ranges: []string{"spec.apiServerAccessProfile.authorizedIPRanges"},
	},
	{
		groups: []string{"containerservice.azure.com"}, kinds: []string{"ManagedCluster"},
		private: [][2]string{{"spec.apiServerAccessProfile.enablePrivateCluster", "true"}}, ranges: []string{"spec.apiServerAccessProfile.authorizedIPRanges"},
	},
	{
		groups: []string{"containerservice.azure.upbound.io", "containerservice.azure.m.upbound.io"}, kinds: []string{"KubernetesCluster"},
		private: [][2]string{{"spec.forProvider.privateClusterEnabled", "true"}},
		ranges:  []string{"spec.forProvider.apiServerAccessProfile.authorizedIpRanges", "spec.forProvider.apiServerAuthorizedIpRanges"},
	},
	{
		groups: []string{"infrastructure.cluster.x-k8s.io"}, kinds: []string{"AzureCluster"}, open: "spec.networkSpec.apiServerLB.type", yes: []string{"Public"}, isDefault: true, closed: "Internal",
		limits: []string{"spec.networkSpec.subnets.securityGroup.securityRules"},
	},
	{
		groups: []string{"infrastructure.cluster.x-k8s.io"}, kinds: []string{"GCPManagedControlPlane"},
		private: [][2]string{{"spec.clusterNetwork.privateCluster.enablePrivateEndpoint", "true"}},
		beside:  [2]string{"spec.clusterNetwork.privateCluster.enablePrivateNodes", "true"}, ranges: []string{"spec.master_authorized_networks_config", "spec.master_authorized_networks_config.cidr_blocks.cidr_block"},
	},
	{
		groups: []string{"infrastructure.cluster.x-k8s.io"}, kinds: []string{"GCPCluster"}, open: "spec.loadBalancer.loadBalancerType", yes: []string{"External", "InternalExternal"}, isDefault: true, closed: "Internal",
	},
	{
		groups: []string{"container.cnrm.cloud.google.com"}, kinds: []string{"ContainerCluster"},
		private: [][2]string{{"spec.privateClusterConfig.enablePrivateEndpoint", "true"}, {"spec.controlPlaneEndpointsConfig.ipEndpointsConfig.enabled", "false"}},
		beside:  [2]string{"spec.privateClusterConfig.enablePrivateNodes", "true"},
		ranges:  []string{"spec.masterAuthorizedNetworksConfig", "spec.masterAuthorizedNetworksConfig.cidrBlocks.cidrBlock"},
	},
	{
		groups: []string{"container.gcp.crossplane.io"}, kinds: []string{"Cluster", "GKECluster"},
		private: [][2]string{{"spec.forProvider.privateClusterConfig.enablePrivateEndpoint", "true"}}, beside: [2]string{"spec.forProvider.privateClusterConfig.enablePrivateNodes", "true"},
		ranges: []string{"spec.forProvider.masterAuthorizedNetworksConfig", "spec.forProvider.masterAuthorizedNetworksConfig.cidrBlocks.cidrBlock"},
	},
	{
		groups: []string{"container.gcp.upbound.io", "container.gcp.m.upbound.io"}, kinds: []string{"Cluster"},
		private: [][2]string{{"spec.forProvider.privateClusterConfig.enablePrivateEndpoint", "true"}}, beside: [2]string{"spec.forProvider.privateClusterConfig.enablePrivateNodes", "true"},
		ranges: []string{"spec.forProvider.masterAuthorizedNetworksConfig", "spec.forProvider.masterAuthorizedNetworksConfig.cidrBlocks.cidrBlock"},
	},
	// An API server without a list of addresses is in a security group that lets nobody in, or in one
	// that another tool makes: only the list says that it is open.
	{groups: []string{"kops.k8s.io", "kops"}, kinds: []string{"Cluster"}, open: "spec.kubernetesApiAccess", private: [][2]string{{"spec.api.loadBalancer.type", "Internal"}}},
	{groups: []string{"kops.k8s.io", "kops"}, kinds: []string{"Cluster"}, open: "spec.api.access", private: [][2]string{{"spec.api.loadBalancer.type", "Internal"}}},
	{
		groups: []string{"infrastructure.cluster.x-k8s.io"}, kinds: []string{"OpenStackCluster"}, open: "spec.apiServerLoadBalancer.allowedCIDRs",
		private: [][2]string{{"spec.disableAPIServerFloatingIP", "true"}},
	},
	{
		groups: []string{"hypershift.openshift.io"}, kinds: []string{"HostedCluster"}, open: "spec.platform.aws.endpointAccess", yes: []string{"Public", "PublicAndPrivate"}, closed: "Private",
		ranges: []string{"spec.networking.apiServer.allowedCIDRBlocks"},
	},
	{groups: []string{"management.cattle.io"}, kinds: []string{"Cluster"}, open: "spec.eksConfig.publicAccess", yes: []string{"true"}, closed: "false", beside: [2]string{"spec.eksConfig.privateAccess", "true"}, ranges: []string{"spec.eksConfig.publicAccessSources"}},
}

// isForNodeGroups reports a file of eksctl that only adds node groups to a cluster that is there: it has no vpc, and each group names subnets,
// which a new VPC does not have.
func isForNodeGroups(o *lint.Object) bool {
	if !o.Is("eksctl.io", "ClusterConfig") || o.Root.Get("vpc").IsSet() {
		return false
	}
	groups := 0
	for _, list := range []string{"nodeGroups", "managedNodeGroups"} {
		for group := range o.Root.Get(list).Items() {
			if groups++; group.Get("subnets").Len() == 0 {
				return false
			}
		}
	}
	return groups > 0
}

// checkPublicEndpoint reports the definition of a cluster whose API server every address
// reaches. Templates of Cluster API have the definition of a cluster below spec.template.
func checkPublicEndpoint(p *lint.Pass, o *lint.Object) {
	if isForNodeGroups(o) {
		return
	}
	kind, isTemplate := strings.CutSuffix(o.Kind, "Template")
	root := o.Root
	if isTemplate {
		root = root.Get("spec.template")
	}
	for _, e := range endpoints {
		if !slices.Contains(e.groups, o.Group()) || !slices.Contains(e.kinds, kind) {
			continue
		}
		at, isOpen := e.opens(root)
		if !isOpen {
			continue
		}
		how := fmt.Sprintf("by %s: %s", at.Path(), at.Text())
		if !at.IsSet() {
			how = "since it does not set " + at.Path()
		}
		p.Report(lint.Diagnostic{
			Object: o, At: at, Severity: lint.Medium, Fix: lint.Advice(e.fix(root, at)),
			Message: fmt.Sprintf("%s exposes the API server to every address %s; want a private endpoint, or the addresses that are meant", o.KindName(), how),
		})
		return
	}
}

// opens reports whether every address reaches the API server, and the field that says so, which
// is absent if it is the default. Where a field is unknown, that is not known either.
func (e endpoint) opens(root lint.Value) (at lint.Value, isOpen bool) {
	at, isPrivate := e.isPrivate(root)
	if isPrivate || e.open != "" && !e.isOpened(root, &at) {
		return at, false
	}
	restricted := false
	for _, path := range e.ranges {
		for _, v := range valuesAt(root, path) {
			if isEverywhere(v.Text()) {
				return v, true
			}
			restricted = restricted || isSetOrUnknown(v)
		}
	}
	return at, !restricted
}

// fix is how to close the endpoint, which at opens.
func (e endpoint) fix(root, at lint.Value) string {
	if isEverywhere(at.Text()) {
		return "replace " + at.Text() + " by the addresses that are meant"
	}
	set := [2]string{e.open, e.closed}
	if e.closed == "" {
		set = e.private[0]
	}
	fix := "set " + root.Get(set[0]).Path() + ": " + set[1]
	if v := root.Get(e.beside[0]); e.beside[0] != "" && v.Text() != e.beside[1] {
		fix += " and " + v.Path() + ": " + e.beside[1]
	}
	fix += " if all who use the API server reach the private network"
	if len(e.ranges) > 0 {
		fix += ", or list the addresses that are meant in " + root.Get(e.ranges[0]).Path()
	}
	return fix
}

// isPrivate reports whether a field keeps the API server from being public, or may. at is the
// first of these fields.
func (e endpoint) isPrivate(root lint.Value) (at lint.Value, isPrivate bool) {
	for _, path := range e.limits {
		if slices.ContainsFunc(valuesAt(root, path), isSetOrUnknown) {
			return at, true
		}
	}
	for i, private := range e.private {
		for _, v := range valuesAt(root, private[0]) {
			if v.Text() == private[1] || !v.IsKnown() {
				return at, true
			}
			if i == 0 {
				at = v
			}
		}
	}
	return at, false
}

// isOpened reports whether the field that opens the API server does, and sets at to it.
func (e endpoint) isOpened(root lint.Value, at *lint.Value) bool {
	isSet := false
	for _, v := range valuesAt(root, e.open) {
		if e.yes == nil && isEverywhere(v.Text()) || e.yes != nil && slices.Contains(e.yes, v.Text()) {
			*at = v
			return true
		}
		isSet = isSet || isSetOrUnknown(v)
		*at = v
	}
	return e.isDefault && !isSet
}

func isSetOrUnknown(v lint.Value) bool { return v.IsSet() || !v.IsKnown() }

// valuesAt are the values at a path, which leads through the elements of lists. If there is none, it
// is the absent value.
func valuesAt(v lint.Value, path string) (l []lint.Value) {
	if v.IsList() {
		for item := range v.Items() {
			l = append(l, valuesAt(item, path)...)
		}
		return l
	}
	if path == "" {
		return []lint.Value{v}
	}
	key, rest, _ := strings.Cut(path, ".")
	if next := v.Child(key); next.IsSet() {
		return valuesAt(next, rest)
	}
	return []lint.Value{v.Get(path)}
}
