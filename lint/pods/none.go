package pods

import (
	"slices"
	"strings"
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

// IsInert reports a kind of custom resources from which no pods and no services come.
func IsInert(kind string) bool { return inert[kind] }

// settings are the groups whose resources say what others do, and those that have what else is installed. Of some of them
// a few kinds are made into pods, which follow the group.
var settings = map[string][]string{
	"external-secrets.io": nil, "generators.external-secrets.io": nil, "secrets.hashicorp.com": nil, "bitnami.com": nil, "isindir.github.com": nil,
	"cert-manager.io": nil, "trust.cert-manager.io": nil, "cert-manager.k8s.cloudflare.com": nil,
	"kyverno.io": nil, "policies.kyverno.io": nil, "constraints.gatekeeper.sh": nil, "templates.gatekeeper.sh": nil, "mutations.gatekeeper.sh": nil, "config.gatekeeper.sh": nil,
	"cilium.io": nil, "projectcalico.org": nil, "crd.projectcalico.org": nil, "k8s.cni.cncf.io": nil, "metallb.io": nil,
	"networking.istio.io": nil, "security.istio.io": nil, "telemetry.istio.io": nil, "extensions.istio.io": nil,
	"traefik.io": nil, "traefik.containo.us": nil, "configuration.konghq.com": nil, "getambassador.io": nil, "projectcontour.io": nil,
	"source.toolkit.fluxcd.io": nil, "notification.toolkit.fluxcd.io": nil, "image.toolkit.fluxcd.io": nil, "source.extensions.fluxcd.io": nil,
	"kustomize.toolkit.fluxcd.io": nil, "helm.toolkit.fluxcd.io": nil, "helm.cattle.io": nil, "argoproj.io": {"ArgoCD"},
	"route.openshift.io": nil, "image.openshift.io": nil, "security.openshift.io": nil, "config.openshift.io": nil, "console.openshift.io": nil,
	"cloud.google.com": nil, "networking.gke.io": nil, "keda.sh": nil, "velero.io": nil,
	"monitoring.coreos.com":        {"Alertmanager", "Prometheus", "PrometheusAgent", "ThanosRuler"},
	"operator.victoriametrics.com": {"VLogs", "VMAgent", "VMAlert", "VMAlertmanager", "VMAnomaly", "VMAuth", "VMCluster", "VMSingle"},
	"grafana.integreatly.org":      {"Grafana"},
	"postgresql.cnpg.io":           {"Cluster", "Pooler"},
	"barmancloud.cnpg.io":          nil,
	"apisix.apache.org":            nil, "oathkeeper.ory.sh": nil,
	"openebs.io":      {"CStorPool", "CStorVolume", "JivaVolume", "StoragePoolClaim"},
	"objectbucket.io": nil, "caching.internal.knative.dev": nil,
	"gateway.envoyproxy.io":    {"EnvoyProxy"},
	"ceph.rook.io":             {"CephCluster", "CephFilesystem", "CephFilesystemMirror", "CephNFS", "CephObjectStore", "CephRBDMirror"},
	"instancetype.kubevirt.io": nil,
	"k8s.mariadb.com":          {"Backup", "MariaDB", "MaxScale", "PhysicalBackup", "Restore", "SqlJob"},
	"rabbitmq.com":             {"RabbitmqCluster"},
	"kafka.strimzi.io":         {"Kafka", "KafkaBridge", "KafkaConnect", "KafkaMirrorMaker", "KafkaMirrorMaker2", "KafkaNodePool"},
	"operators.coreos.com":     {"CatalogSource", "ClusterServiceVersion", "OperatorGroup", "Subscription"},
}

// MayCome reports whether pods may come of a resource of a kind that Find does not know: of a custom one, unless its group is
// one for settings, or for what else is installed.
func MayCome(group, kind string) bool {
	makers, known := settings[group]
	switch {
	case !IsCustom(group), inert[kind]:
		return false
	case known:
		return slices.Contains(makers, kind)
	}
	return kind == "Cluster" || !strings.HasPrefix(kind, "Cluster") // which are in no namespace
}

// IsCustom reports an API group that is none of Kubernetes' own, nor of its projects.
func IsCustom(group string) bool {
	return strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io")
}

// MayComeOfGroup is MayCome for a kind that is not known.
func MayComeOfGroup(group string) bool {
	makers, known := settings[group]
	return IsCustom(group) && (!known || len(makers) > 0)
}
