package checklist

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/certificate"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// Subject is a kind of thing in the input that decides items: an item passes only
// if the input holds one of its subjects.
type Subject string

// The subjects. Their text is what reports print before a count.
const (
	Workloads           Subject = "workloads"
	Roles               Subject = "roles"
	Bindings            Subject = "role bindings"
	ServiceAccounts     Subject = "service accounts"
	Namespaces          Subject = "namespaces"
	NetworkPolicies     Subject = "network policies"
	Services            Subject = "Services"
	Entries             Subject = "Ingresses, Gateways and routes"
	Secrets             Subject = "Secrets"
	ExternalSecrets     Subject = "external or encrypted secrets"
	ConfigMaps          Subject = "ConfigMaps"
	StorageClasses      Subject = "StorageClasses of known provisioners"
	APIServers          Subject = "configurations of kube-apiserver"
	ControllerManagers  Subject = "configurations of kube-controller-manager"
	Schedulers          Subject = "configurations of kube-scheduler"
	Proxies             Subject = "configurations of kube-proxy"
	Kubelets            Subject = "configurations of kubelets"
	Etcds               Subject = "configurations of etcd"
	Clusters            Subject = "cluster versions"
	Encryption          Subject = "EncryptionConfigurations"
	AuditPolicies       Subject = "audit policies"
	Admission           Subject = "AdmissionConfigurations"
	Webhooks            Subject = "admission webhooks and policies"
	PolicyEngines       Subject = "policies of policy engines"
	Certificates        Subject = "certificates"
	CertificateRequests Subject = "certificate requests"
	Kubeconfigs         Subject = "kubeconfigs"
	Meshes              Subject = "service mesh policies"
	CNIs                Subject = "network plugins"
	Dockerfiles         Subject = "Dockerfiles"
	// Systems are workloads that say which information system they are part of.
	Systems Subject = "workloads of a named system"
	// Sensitive and Placed are workloads that the configuration calls sensitive, and
	// those of which it also names the tier.
	Sensitive Subject = "sensitive workloads"
	Placed    Subject = "workloads of a tier"
)

// singular is the subjects as reports print one of each.
var singular = map[Subject]string{
	Workloads: "workload", Roles: "role", Bindings: "role binding", ServiceAccounts: "service account", Namespaces: "namespace",
	NetworkPolicies: "network policy", Services: "Service", Entries: "Ingress, Gateway or route", Secrets: "Secret",
	ExternalSecrets: "external or encrypted secret", ConfigMaps: "ConfigMap", StorageClasses: "StorageClass of a known provisioner",
	APIServers: "configuration of kube-apiserver", ControllerManagers: "configuration of kube-controller-manager",
	Schedulers: "configuration of kube-scheduler", Proxies: "configuration of kube-proxy",
	Kubelets: "configuration of kubelets", Etcds: "configuration of etcd", Clusters: "cluster version", Encryption: "EncryptionConfiguration",
	AuditPolicies: "audit policy", Admission: "AdmissionConfiguration", Webhooks: "admission webhook or policy",
	PolicyEngines: "policy of a policy engine", Certificates: "certificate", CertificateRequests: "certificate request",
	Kubeconfigs: "kubeconfig", Meshes: "service mesh policy", CNIs: "network plugin", Dockerfiles: "Dockerfile",
	Systems: "workload of a named system", Sensitive: "sensitive workload", Placed: "workload of a tier",
}

// kindSubjects maps API groups and kinds to subjects. A group that starts with a dot
// matches all groups that end with it.
var kindSubjects = []struct {
	group   string
	kinds   []string
	subject Subject
}{
	{"rbac.authorization.k8s.io", []string{"Role", "ClusterRole"}, Roles},
	{"rbac.authorization.k8s.io", []string{"RoleBinding", "ClusterRoleBinding"}, Bindings},
	{"", []string{"ServiceAccount"}, ServiceAccounts},
	{"", []string{"Namespace"}, Namespaces},
	{"networking.k8s.io", []string{"NetworkPolicy"}, NetworkPolicies},
	{"policy.networking.k8s.io", nil, NetworkPolicies},
	{"cilium.io", []string{"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"}, NetworkPolicies},
	{"crd.projectcalico.org", []string{"NetworkPolicy", "GlobalNetworkPolicy"}, NetworkPolicies},
	{"projectcalico.org", []string{"NetworkPolicy", "GlobalNetworkPolicy"}, NetworkPolicies},
	{"", []string{"Service"}, Services},
	{"networking.k8s.io", []string{"Ingress"}, Entries},
	{"gateway.networking.k8s.io", nil, Entries},
	{"route.openshift.io", []string{"Route"}, Entries},
	{"networking.istio.io", []string{"Gateway"}, Entries},
	{"traefik.io", []string{"IngressRoute", "IngressRouteTCP"}, Entries},
	{"", []string{"Secret"}, Secrets},
	{"external-secrets.io", nil, ExternalSecrets},
	{"bitnami.com", []string{"SealedSecret"}, ExternalSecrets},
	{"secrets-store.csi.x-k8s.io", nil, ExternalSecrets},
	{"secrets.hashicorp.com", nil, ExternalSecrets},
	{"isindir.github.com", []string{"SopsSecret"}, ExternalSecrets},
	{"", []string{"ConfigMap"}, ConfigMaps},
	{"kubeadm.k8s.io", []string{"ClusterConfiguration"}, Clusters},
	{"controlplane.cluster.x-k8s.io", nil, Clusters},
	{"kops.k8s.io", []string{"Cluster"}, Clusters},
	{"apiserver.config.k8s.io", []string{"EncryptionConfiguration"}, Encryption},
	{"apiserver.config.k8s.io", []string{"AuthenticationConfiguration", "AuthorizationConfiguration"}, APIServers},
	{"apiserver.config.k8s.io", []string{"AdmissionConfiguration"}, Admission},
	{"audit.k8s.io", []string{"Policy"}, AuditPolicies},
	{"admissionregistration.k8s.io", nil, Webhooks},
	{"kyverno.io", nil, PolicyEngines},
	{"policies.kyverno.io", nil, PolicyEngines},
	{".gatekeeper.sh", nil, PolicyEngines},
	{"policy.sigstore.dev", nil, PolicyEngines},
	{"cert-manager.io", []string{"Certificate"}, Certificates},
	{"certificates.k8s.io", []string{"CertificateSigningRequest"}, CertificateRequests},
	{"security.istio.io", nil, Meshes},
	{"policy.linkerd.io", nil, Meshes},
}

// subjectsOf lists the subjects that an object is.
func subjectsOf(p *lint.Pass, o *lint.Object) []Subject {
	var l []Subject
	group := o.Group()
	for _, k := range kindSubjects {
		sameGroup := k.group == group || strings.HasPrefix(k.group, ".") && strings.HasSuffix(group, k.group)
		if sameGroup && (k.kinds == nil || slices.Contains(k.kinds, o.Kind)) {
			l = append(l, k.subject)
		}
	}
	if len(o.Workloads) > 0 {
		l = append(l, Workloads)
	}
	if _, ok := cluster.EncryptionOf(o); ok {
		l = append(l, StorageClasses)
	}
	if o.Is("", "Config") && o.Root.Get("clusters").IsSet() {
		l = append(l, Kubeconfigs)
	}
	for _, c := range controlplane.Of(p, o) {
		if s, ok := programs[c.Program]; ok {
			l = append(l, s)
		}
	}
	for _, w := range o.Workloads {
		if cluster.SystemOf(p.Settings, w) != "" {
			l = append(l, Systems)
		}
		if slices.ContainsFunc(w.Select(lint.KindContainer), isNetworkPlugin) {
			l = append(l, CNIs)
		}
	}
	if holdsCertificate(o.Root.Node, 0) {
		l = append(l, Certificates)
	}
	slices.Sort(l)
	return slices.Compact(l)
}

// programs are the programs of a control plane and its nodes that items are about.
var programs = map[controlplane.Program]Subject{
	controlplane.APIServer: APIServers, controlplane.ControllerManager: ControllerManagers, controlplane.Etcd: Etcds, controlplane.Kubelet: Kubelets,
	controlplane.Scheduler: Schedulers, controlplane.KubeProxy: Proxies,
}

// isNetworkPlugin reports whether a container runs a network plugin.
func isNetworkPlugin(c lint.PodOrContainer) bool {
	return cluster.RunsPolicyEngine(c) || cluster.RunsFlannel(c)
}

// maxDepth is how deep certificates are looked for in an object.
const maxDepth = 32

// holdsCertificate reports whether a text below a node holds an X.509 certificate.
func holdsCertificate(n *yaml.Node, depth int) bool {
	switch {
	case n == nil || depth > maxDepth || n.Kind == yaml.AliasNode: // what aliases lead to is looked at where it is
		return false
	case n.Kind == yaml.ScalarNode:
		return certificate.MayBeIn(n.Value) && slices.ContainsFunc(certificate.In(n.Value), func(f certificate.Found) bool { return f.Certificate != nil })
	}
	return slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return holdsCertificate(c, depth+1) })
}
