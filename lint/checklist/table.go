package checklist

// Items is the checklist, in its order. It must not be changed.
var Items = []Item{
	// Authentication and authorization.
	{ID: "auth-system-masters", Title: "No user or component uses the group system:masters once the cluster is up", Decided: ByFiles, Evidence: "RoleBindings, ClusterRoleBindings, client certificates and certificate signing requests", Subjects: []Subject{Bindings, Kubeconfigs, CertificateRequests, Certificates}, Rules: []string{"no-system-masters"}},
	{ID: "auth-controller-manager-credentials", Title: "kube-controller-manager uses a service account for each controller", Decided: ByFiles, Evidence: "the static pod of kube-controller-manager, or a kubeadm configuration", Subjects: []Subject{ControllerManagers}, Rules: []string{"controller-manager-service-account-credentials"}},
	{ID: "auth-root-ca", Title: "The key of the root certificate is protected", Decided: ByFilesAndAttestation, MaxAge: 24, Evidence: "manifests, kubeconfigs and key files", Subjects: []Subject{Certificates, Kubeconfigs, Secrets}, Rules: []string{"no-ca-private-key"}},
	{ID: "auth-certificate-lifetime", Title: "Intermediate and leaf certificates live three years at most", Decided: ByFiles, Evidence: "certificates in files, Secrets, kubeconfigs and caBundles; cert-manager Certificates; kubeadm configurations", Subjects: []Subject{Certificates, ControllerManagers}, Rules: []string{"certificate-lifetime"}},
	{ID: "auth-access-review", Title: "Access is reviewed at least every 24 months", Decided: ByAttestation, MaxAge: 24},
	{ID: "auth-rbac-model", Title: "The cluster has a role-based access model", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "the static pod of kube-apiserver, AuthorizationConfiguration, KubeletConfiguration", Subjects: []Subject{APIServers, Kubelets}, Rules: []string{"authorization-mode", "kubelet-authorization"}},
	{ID: "auth-rbac-least-privilege", Title: "RBAC grants only the rights that are needed", Decided: ByFiles, Evidence: "Roles, ClusterRoles and their bindings", Subjects: []Subject{Roles, Bindings}, Rules: []string{"no-rbac-wildcard", "no-cluster-admin-binding", "no-rbac-escalation", "no-rbac-secrets-read", "no-rbac-pod-exec", "no-rbac-node-proxy", "no-rbac-webhook-write", "no-rbac-persistent-volume-create", "no-aggregated-privilege"}},
	{ID: "auth-service-account-per-service", Title: "Each service has its own service account", Decided: ByFiles, Evidence: "workloads and ServiceAccounts", Subjects: []Subject{Workloads}, Rules: []string{"no-default-service-account", "service-account-per-workload"}},
	{ID: "auth-production-access", Title: "Developers reach production only with the approval of security", Decided: ByAttestation, MaxAge: 12},
	{ID: "auth-no-impersonation-anonymous", Title: "Nobody impersonates others, and anonymous requests reach only health endpoints", Decided: ByFiles, Evidence: "Roles and bindings, the static pod of kube-apiserver, AuthenticationConfiguration, KubeletConfiguration", Subjects: []Subject{Roles, Bindings, APIServers, Kubelets}, Rules: []string{"no-rbac-impersonation", "no-anonymous-auth", "kubelet-no-anonymous-auth", "no-anonymous-binding"}},
	{ID: "auth-privileged-access-management", Title: "People reach the cluster through privileged access management", Decided: ByAttestation, MaxAge: 12},
	{ID: "auth-separate-namespaces", Title: "Each information system has its own namespaces", Decided: ByFiles, Evidence: "workloads with app.kubernetes.io/part-of, or systems named in the configuration", Subjects: []Subject{Workloads}, Rules: []string{"namespace-per-system"}},
	{ID: "auth-rbac-audit", Title: "RBAC rights are audited regularly", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "Roles, ClusterRoles and their bindings", Subjects: []Subject{Roles, Bindings}, As: []string{"auth-rbac-least-privilege"}},
	{ID: "auth-two-factor", Title: "People authenticate with two factors", Decided: ByAttestation, MaxAge: 12},
	{ID: "auth-compliance", Title: "The applicable industry standards are met", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "everything that rules with a reference to a standard check", Subjects: []Subject{Workloads}},
	{ID: "auth-breach-protection", Title: "Applications are protected against breaches", Decided: ByAttestation, MaxAge: 12},
	{ID: "auth-denial-of-service", Title: "Applications and the API server are protected against denial of service", Decided: ByFiles, Evidence: "workloads, ResourceQuotas, LimitRanges, the static pod of kube-apiserver", Subjects: []Subject{Workloads, APIServers}, Rules: []string{"namespace-resource-quota", "namespace-limit-range", "admission-event-rate-limit", "ephemeral-storage-limit"}},
	{ID: "auth-security-policy", Title: "A public security policy exists", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "SECURITY.md in the root, docs/ or .github/", Rules: []string{"repository-security-policy"}},
	{ID: "auth-bug-bounty", Title: "A public bug bounty program exists", Decided: ByAttestation, MaxAge: 24},
	{ID: "auth-identity-provider", Title: "Users authenticate through an identity provider", Decided: ByFiles, Evidence: "the static pod of kube-apiserver, AuthenticationConfiguration, kubeconfigs", Subjects: []Subject{APIServers, Kubeconfigs}, Rules: []string{"api-server-identity-provider", "no-static-token-auth", "no-kubeconfig-static-credentials"}},
	{ID: "auth-certificate-management", Title: "Cluster certificates are managed centrally", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "TLS Secrets and KubeletConfiguration", Subjects: []Subject{Kubelets, Certificates}, Rules: []string{"no-inline-tls-secret", "kubelet-certificate-rotation"}},
	{ID: "auth-named-identities", Title: "Users are persons, and service accounts are named for their purpose", Decided: ByFiles, Evidence: "RoleBindings and ClusterRoleBindings", Subjects: []Subject{Bindings}, Rules: []string{"named-identities"}},

	// Infrastructure.
	{ID: "infra-automated-servers", Title: "Servers are configured and updated automatically", Decided: ByAttestation, MaxAge: 12},
	{ID: "infra-backups", Title: "Backups are made regularly", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "Velero Schedules, VolumeSnapshot schedules, CronJobs that back up etcd"},
	{ID: "infra-tls-settings", Title: "TLS is configured with sound versions, ciphers and keys", Decided: ByFiles, Evidence: "control plane files, Ingresses, Gateways, APIServices, ServiceMonitors, certificates", Subjects: []Subject{APIServers, Kubelets, Etcds, Entries, Certificates, Kubeconfigs}, Rules: []string{"control-plane-tls", "ingress-tls", "no-insecure-skip-tls-verify", "certificate-strength"}},
	{ID: "infra-cloud-access", Title: "Access to cloud providers is controlled", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "workloads, Secrets and ConfigMaps", Subjects: []Subject{Workloads, Secrets, ConfigMaps}, Rules: []string{"no-static-cloud-credentials"}},
	{ID: "infra-encryption", Title: "Data is encrypted at rest and in transit", Decided: ByFiles, Evidence: "EncryptionConfiguration, StorageClasses of known provisioners, Ingresses, service mesh objects", Subjects: []Subject{APIServers, Encryption, StorageClasses, Entries, Meshes}, As: []string{"secrets-encryption-at-rest", "infra-tls-settings", "network-service-mesh-encryption"}, Rules: []string{"storage-class-encrypted"}},
	{ID: "infra-ssh", Title: "SSH is hardened", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "workloads and Secrets", Subjects: []Subject{Workloads}, Rules: []string{"no-ssh-server"}},
	{ID: "infra-network-policies", Title: "Network policies restrict access", Decided: ByFiles, Evidence: "workloads and NetworkPolicies", Subjects: []Subject{Workloads}, As: []string{"network-policies-all-workloads", "network-default-deny"}},
	{ID: "infra-rbac", Title: "RBAC restricts access", Decided: ByFiles, Evidence: "Roles and bindings, the static pod of kube-apiserver", Subjects: []Subject{Roles, Bindings, APIServers}, As: []string{"auth-rbac-least-privilege", "auth-rbac-model"}},
	{ID: "infra-pod-security-policies", Title: "Pod Security Admission or a policy engine restricts what can run", Decided: ByFiles, Evidence: "Namespaces and policy objects", Subjects: []Subject{Namespaces, Admission, PolicyEngines}, As: []string{"pod-security-standards-namespace", "admission-pod-security"}, Rules: []string{"no-pod-security-policy"}},
	{ID: "infra-service-mesh", Title: "A service mesh restricts access", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "objects of Istio, Linkerd or Cilium", Subjects: []Subject{Meshes}, As: []string{"network-service-mesh-encryption"}, Rules: []string{"mesh-strict-mtls", "mesh-default-deny"}},
	{ID: "infra-network-segmentation", Title: "The cluster is isolated from the Internet", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "Services, Ingresses, Gateways and control plane files", Subjects: []Subject{Services, Entries, APIServers}, As: []string{"network-api-exposure", "network-dmz"}},
	{ID: "infra-secrets-management", Title: "A dedicated system manages secrets", Decided: ByFiles, Evidence: "Secrets, ExternalSecrets, SealedSecrets, SecretProviderClasses", Subjects: []Subject{Secrets, ExternalSecrets}, Rules: []string{"no-literal-secret"}},
	{ID: "infra-monitoring", Title: "Anomalies and threats are monitored", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "Falco, Tetragon, KubeArmor or the like"},
	{ID: "infra-logging", Title: "Everything is logged", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "an audit Policy and a log collector", Subjects: []Subject{AuditPolicies}, As: []string{"logs-audit"}},
	{ID: "infra-vaults", Title: "Secrets are kept in dedicated vaults", Decided: ByFiles, Evidence: "Secrets, ExternalSecrets, SealedSecrets, SecretProviderClasses", Subjects: []Subject{Secrets, ExternalSecrets}, As: []string{"infra-secrets-management"}},
	{ID: "infra-upgrades", Title: "Servers are upgraded regularly", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "kubeadm and Cluster API versions, control plane images, API versions of all objects", Subjects: []Subject{Clusters, Workloads}, Rules: []string{"supported-kubernetes-version", "no-deprecated-api", "no-removed-api"}},
	{ID: "infra-immutable", Title: "Infrastructure is immutable", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "workloads and their images", Subjects: []Subject{Workloads}},

	// Network.
	{ID: "network-cni-supports-policies", Title: "The CNI plugin enforces network policies", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "the manifests of the CNI plugin", Subjects: []Subject{CNIs}, Rules: []string{"cni-enforces-policies"}},
	{ID: "network-policies-all-workloads", Title: "Ingress and egress policies apply to every workload", Decided: ByFiles, Evidence: "workloads and NetworkPolicies", Subjects: []Subject{Workloads}, Rules: []string{"network-policy-ingress", "network-policy-egress", "no-dangling-network-policy", "no-allow-all-network-policy"}},
	{ID: "network-default-deny", Title: "Each namespace denies all traffic by default", Decided: ByFiles, Evidence: "workloads, Namespaces and NetworkPolicies", Subjects: []Subject{Workloads}, Rules: []string{"default-deny-ingress", "default-deny-egress"}},
	{ID: "network-service-mesh-encryption", Title: "A mesh encrypts cluster traffic where appropriate", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "objects of Istio, Linkerd or Cilium", Subjects: []Subject{Meshes}, Rules: []string{"mesh-strict-mtls"}},
	{ID: "network-api-exposure", Title: "API server, kubelet and etcd are not exposed to the public", Decided: ByFiles, Evidence: "Services, Ingresses and control plane files", Subjects: []Subject{Services, Entries, APIServers, Kubelets, Etcds}, Rules: []string{"no-public-control-plane", "kubelet-no-read-only-port", "etcd-client-cert-auth", "etcd-peer-cert-auth", "no-insecure-port", "no-profiling"}},
	{ID: "network-metadata-api", Title: "Workloads cannot reach the metadata API of the cloud", Decided: ByFiles, Evidence: "workloads and NetworkPolicies", Subjects: []Subject{Workloads}, Rules: []string{"no-metadata-api-egress"}},
	{ID: "network-load-balancer-external-ips", Title: "Load balancers and external IPs are restricted", Decided: ByFiles, Evidence: "Services", Subjects: []Subject{Services}, Rules: []string{"no-external-ips", "load-balancer-source-ranges", "no-node-port"}},
	{ID: "network-dmz", Title: "What faces the Internet is separate from internal services", Decided: ByFiles, Evidence: "Services, Ingresses, Gateways and workloads", Subjects: []Subject{Services, Entries}, Rules: []string{"internet-facing-separation"}},

	// Pods.
	{ID: "pod-rbac-workload-write", Title: "The right to change workloads is granted only where it is needed", Decided: ByFiles, Evidence: "Roles, ClusterRoles and their bindings", Subjects: []Subject{Roles}, Rules: []string{"no-rbac-workload-write"}},
	{ID: "pod-security-standards-namespace", Title: "A fitting Pod Security Standard is enforced in every namespace", Decided: ByFiles, Evidence: "Namespaces and their workloads", Subjects: []Subject{Namespaces}, Rules: []string{"namespace-pod-security", "meets-namespace-pod-security"}},
	{ID: "pod-memory-limit", Title: "Every container has a memory limit equal to its request", Decided: ByFiles, Evidence: "workloads", Subjects: []Subject{Workloads}, Rules: []string{"memory-limit", "memory-limit-equals-request"}},
	{ID: "pod-cpu-limit-sensitive", Title: "Sensitive workloads may have a CPU limit", Decided: ByFiles, Evidence: "workloads that the configuration calls sensitive", Subjects: []Subject{Sensitive}, Rules: []string{"cpu-limit"}},
	{ID: "pod-seccomp", Title: "A seccomp profile is set", Decided: ByFiles, Evidence: "workloads", Subjects: []Subject{Workloads}, Rules: []string{"seccomp-profile"}},
	{ID: "pod-apparmor-selinux", Title: "An AppArmor or SELinux profile is set", Decided: ByFiles, Evidence: "workloads", Subjects: []Subject{Workloads}, Rules: []string{"apparmor-profile", "selinux-options"}},
	{ID: "pod-placement", Title: "Pods run on the nodes of their tier", Decided: ByFiles, Evidence: "workloads, with tiers in the configuration", Subjects: []Subject{Placed}, Rules: []string{"tier-placement"}},
	{ID: "pod-sandbox", Title: "Sensitive applications run in sandboxed runtimes or on nodes of their own", Decided: ByFiles, Evidence: "workloads that the configuration calls sensitive", Subjects: []Subject{Sensitive}, Rules: []string{"sandboxed-runtime"}},
	{ID: "pod-run-as-user", Title: "Pods do not run as root", Decided: ByFiles, Evidence: "workloads", Subjects: []Subject{Workloads}, Rules: []string{"run-as-non-root", "no-run-as-root-user"}},
	{ID: "pod-privilege", Title: "Nothing is privileged or may escalate privileges", Decided: ByFiles, Evidence: "workloads", Subjects: []Subject{Workloads}, Rules: []string{"no-privilege-escalation", "no-privileged-container"}},
	{ID: "pod-host-isolation", Title: "Pods are isolated from their node", Decided: ByFiles, Evidence: "workloads", Subjects: []Subject{Workloads}, Rules: []string{"read-only-root-filesystem", "no-host-pid", "no-host-ipc", "no-host-network", "no-unsafe-sysctls", "no-host-path", "no-container-runtime-socket", "no-host-port", "proc-mount-default", "no-windows-host-process", "no-share-process-namespace", "mount-propagation"}},
	{ID: "pod-resource-minimums", Title: "CPU and memory are limited, and capabilities are the least that are needed", Decided: ByFiles, Evidence: "workloads", Subjects: []Subject{Workloads}, Rules: []string{"cpu-request", "memory-request", "memory-limit", "drop-all-capabilities", "no-added-capabilities"}},
	{ID: "pod-non-default-namespace", Title: "Pods run in a namespace other than default", Decided: ByFiles, Evidence: "workloads", Subjects: []Subject{Workloads}, Rules: []string{"no-default-namespace"}},

	// Logs, audit and monitoring.
	{ID: "logs-audit", Title: "Audit logs are kept and protected", Decided: ByFiles, Evidence: "the static pod of kube-apiserver, audit Policies, workloads", Subjects: []Subject{APIServers, AuditPolicies}, Rules: []string{"audit-log", "audit-policy", "no-audit-log-mount"}},
	{ID: "logs-logs-handler", Title: "The /logs endpoint is off", Decided: ByFiles, Evidence: "the static pod of kube-apiserver, KubeletConfiguration", Subjects: []Subject{APIServers, Kubelets}, Rules: []string{"no-logs-handler"}},
	{ID: "logs-certificate-expiry", Title: "No TLS certificate is about to expire", Decided: ByFiles, Evidence: "certificates in files, Secrets, kubeconfigs and caBundles", Subjects: []Subject{Certificates}, Rules: []string{"certificate-expiry"}},
	{ID: "logs-insider-threats", Title: "Insider threats are detected", Decided: ByAttestation, MaxAge: 12},
	{ID: "logs-attack-notification", Title: "Attacks raise a notice", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "PrometheusRules, Alertmanager and Falco configurations"},
	{ID: "logs-third-party", Title: "Third-party vendors are monitored", Decided: ByAttestation, MaxAge: 12},
	{ID: "logs-authorizations", Title: "Changes of authorization are monitored", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "audit Policies", Subjects: []Subject{AuditPolicies}},
	{ID: "logs-dns-expiry", Title: "Expiry dates of DNS names are monitored", Decided: ByAttestation, MaxAge: 12},

	// Secrets.
	{ID: "secrets-no-configmap-secrets", Title: "ConfigMaps hold nothing confidential", Decided: ByFiles, Evidence: "ConfigMaps and workloads", Subjects: []Subject{ConfigMaps, Workloads}, Rules: []string{"no-secret-in-config-map", "no-secret-in-env", "no-secret-in-args"}},
	{ID: "secrets-encryption-at-rest", Title: "Secrets are encrypted at rest", Decided: ByFiles, Evidence: "the static pod of kube-apiserver, EncryptionConfiguration", Subjects: []Subject{APIServers, Encryption}, Rules: []string{"encryption-at-rest"}},
	{ID: "secrets-external-injection", Title: "Secrets come from third-party storage where appropriate", Decided: ByFiles, Evidence: "Secrets, ExternalSecrets, SealedSecrets, SecretProviderClasses", Subjects: []Subject{Secrets, ExternalSecrets}, As: []string{"infra-secrets-management"}},
	{ID: "secrets-token-automount", Title: "Service account tokens are mounted only where they are needed", Decided: ByFiles, Evidence: "workloads and ServiceAccounts", Subjects: []Subject{Workloads}, Rules: []string{"no-automount-token"}},
	{ID: "secrets-bound-tokens", Title: "Service account tokens are bound and expire", Decided: ByFiles, Evidence: "Secrets, workloads, the static pod of kube-apiserver", Subjects: []Subject{Secrets, Workloads, APIServers}, Rules: []string{"no-token-secret", "token-expiration"}},

	// Images.
	{ID: "images-minimal", Title: "Images hold nothing unnecessary", Decided: ByFiles, Evidence: "Dockerfiles", Subjects: []Subject{Dockerfiles}, Rules: []string{"dockerfile-minimal-base", "dockerfile-clean-packages"}},
	{ID: "images-unprivileged-user", Title: "Images run as an unprivileged user", Decided: ByFiles, Evidence: "Dockerfiles", Subjects: []Subject{Dockerfiles}, Rules: []string{"dockerfile-user"}},
	{ID: "images-digest-or-signature", Title: "Images are named by digest, or their signature is verified", Decided: ByFiles, Evidence: "workloads and signature policies", Subjects: []Subject{Workloads}, Rules: []string{"image-digest"}},
	{ID: "images-scanned", Title: "Images are scanned and known faults are patched", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "trivy-operator or the like, CI files"},
	{ID: "images-no-sudo-add", Title: "Dockerfiles use neither sudo nor ADD", Decided: ByFiles, Evidence: "Dockerfiles", Subjects: []Subject{Dockerfiles}, Rules: []string{"dockerfile-no-sudo", "dockerfile-no-add"}},
	{ID: "images-pinned-no-secrets", Title: "Dockerfiles pin versions and hold nothing confidential", Decided: ByFiles, Evidence: "Dockerfiles", Subjects: []Subject{Dockerfiles}, Rules: []string{"dockerfile-pinned-base", "dockerfile-pinned-packages", "dockerfile-no-secret"}},
	{ID: "images-few-packages-ports-layers", Title: "Images have few packages, ports and layers", Decided: ByFiles, Evidence: "Dockerfiles", Subjects: []Subject{Dockerfiles}, Rules: []string{"dockerfile-no-recommends", "dockerfile-exposed-ports", "dockerfile-consolidate-runs"}},
	{ID: "images-no-download-tools", Title: "Production images hold no download tools", Decided: ByFiles, Evidence: "Dockerfiles", Subjects: []Subject{Dockerfiles}, Rules: []string{"dockerfile-no-download-tools"}},
	{ID: "images-dockerignore-workdir", Title: "Dockerfiles copy only what they need to absolute paths", Decided: ByFiles, Evidence: "Dockerfiles and .dockerignore", Subjects: []Subject{Dockerfiles}, Rules: []string{"dockerfile-dockerignore", "dockerfile-absolute-workdir", "dockerfile-no-recursive-copy"}},
	{ID: "images-no-latest-no-remote-control", Title: "No image is named latest, and no container has remote-control tools", Decided: ByFiles, Evidence: "workloads and Dockerfiles", Subjects: []Subject{Workloads, Dockerfiles}, Rules: []string{"no-latest-tag", "image-pull-policy", "no-remote-control-tools", "trusted-registries"}},
	{ID: "images-integrity-signature", Title: "Builds verify packages, and images are signed", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "Dockerfiles and CI files", Subjects: []Subject{Dockerfiles}, Rules: []string{"dockerfile-verified-downloads"}},
	{ID: "images-automated-scanners", Title: "Scanners check Dockerfiles and images automatically", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "CI files and pre-commit configurations"},
	{ID: "images-secure-pipeline", Title: "The pipeline that builds images is secured", Decided: ByAttestation, MaxAge: 12},

	// Admission.
	{ID: "admission-controllers", Title: "A fitting set of admission controllers is enabled", Decided: ByFiles, Evidence: "the static pod of kube-apiserver, kubeadm configurations", Subjects: []Subject{APIServers}, Rules: []string{"admission-plugins"}},
	{ID: "admission-pod-security", Title: "Pod security is enforced at admission", Decided: ByFiles, Evidence: "AdmissionConfiguration, Namespaces, policy engines", Subjects: []Subject{Admission, Namespaces, PolicyEngines}, Rules: []string{"pod-security-admission"}},
	{ID: "admission-secure-chain", Title: "Admission plugins and webhooks are configured securely", Decided: ByFiles, Evidence: "webhook configurations, ValidatingAdmissionPolicies, AdmissionConfiguration", Subjects: []Subject{Webhooks, Admission}, Rules: []string{"webhook-failure-policy", "webhook-scope", "webhook-tls", "admission-policy-bound"}},

	// Code.
	{ID: "code-scanners-in-ci", Title: "Security scanners run in CI", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "CI files"},
	{ID: "code-dependencies-current", Title: "Dependencies are kept up to date", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "the configuration of Renovate or Dependabot"},
	{ID: "code-protect-ci", Title: "CI tools are protected like the product", Decided: ByAttestation, MaxAge: 12},
	{ID: "code-security-tests", Title: "Changes of the code get security tests", Decided: ByAttestation, MaxAge: 12},

	// Operations.
	{ID: "ops-cluster-admin", Title: "It is known who is cluster admin", Decided: ByFilesAndAttestation, MaxAge: 12, Evidence: "Roles, ClusterRoles and their bindings", Subjects: []Subject{Bindings}},
	{ID: "ops-onboarding", Title: "An onboarding process exists", Decided: ByAttestation, MaxAge: 24},
	{ID: "ops-documentation", Title: "User documentation exists", Decided: ByAttestation, MaxAge: 24},
	{ID: "ops-training", Title: "Employees are trained in security regularly", Decided: ByAttestation, MaxAge: 12},
}
