package checklist

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Standard is another list of requirements. Rules name its controls in their Refs.
type Standard struct {
	// ID is what users write: cis.
	ID string
	// Name is what references of rules begin with.
	Name     string
	Controls []Control
}

// Control is one requirement of a standard.
type Control struct {
	// ID is what references of rules call it: 5.2.2, or a title.
	ID string
	// Title is the requirement in our words. Empty: the ID is one.
	Title   string
	Section string
	// Subjects are what the input must hold, at least one of them, so that rules can decide
	// the control. Empty: those of the items of the rules.
	Subjects []Subject
	// Items are items of the checklist whose rules decide the control, besides the rules
	// that refer to it.
	Items []string
	// Rules are the IDs of further rules that decide it.
	Rules []string
	// IfSet says that a field that is absent complies, so that only findings about what a
	// field holds count.
	IfSet bool
	// Unseen is why no file of a repository shows the control. Empty: rules can decide it.
	Unseen string
}

// StandardIDs lists what FindStandard takes.
func StandardIDs() []string {
	var l []string
	for _, s := range standards {
		l = append(l, s.ID)
	}
	return l
}

// FindStandard returns the standard of an ID.
func FindStandard(id string) (Standard, bool) {
	i := slices.IndexFunc(standards, func(s Standard) bool { return s.ID == id })
	if i < 0 {
		return Standard{}, false
	}
	return standards[i], true
}

// EvaluateStandard gives every control of a standard its verdict, in its order: the
// same findings, by another list. A control holds if the rules that refer to it find
// nothing in what they look at.
func EvaluateStandard(s Standard, in Input) []Row {
	var rows []Row
	for _, c := range s.Controls {
		rows = append(rows, in.control(s, c))
	}
	return rows
}

func (in *Input) control(s Standard, c Control) Row {
	r := Row{ID: c.ID, Title: c.Title, Section: c.Section}
	if r.Title == "" {
		r.Title = c.ID
	}
	var subjects []Subject
	r.Rules, subjects = s.rulesOf(c, in.AllRules)
	in.files(&r, subjects)
	if c.IfSet {
		r.Findings, r.Accepted = slices.DeleteFunc(r.Findings, isAbsent), slices.DeleteFunc(r.Accepted, isAbsent)
	}
	switch {
	case len(r.Findings) > 0:
		r.Verdict, r.Needs = Fail, "correct "+findingsCount(len(r.Findings))
	case len(r.Subjects) > 0 && in.ran(r.Rules):
		r.Verdict = Pass
	case c.Unseen != "":
		r.Verdict, r.Needs = NoEvidence, c.Unseen
	case len(r.Rules) == 0:
		r.Verdict, r.Needs = NoEvidence, "no rule decides it: look at the cluster"
	case len(r.Subjects) > 0:
		r.Verdict, r.Needs = NoEvidence, "the rules that were switched off: "+strings.Join(in.off(r.Rules), ", ")
	default:
		var names []string
		for _, s := range subjects {
			names = append(names, string(s))
		}
		r.Verdict, r.Needs = NoEvidence, "files that show it: "+strings.Join(names, "; ")
	}
	return r
}

// isAbsent reports whether a finding is only about fields that are not set. Where its
// occurrences differ, its own message does not say so.
func isAbsent(f *lint.Finding) bool {
	absent := func(message string) bool { return strings.Contains(message, " does not set ") }
	isOther := func(o lint.Occurrence) bool { return !absent(cmp.Or(o.Message, f.Message)) }
	if len(f.Occurrences) == 0 {
		return absent(f.Message)
	}
	return !slices.ContainsFunc(f.Occurrences, isOther)
}

// rulesOf lists the IDs of the rules that decide a control, and what they look at.
func (s Standard) rulesOf(c Control, rules []*lint.Rule) (ids []string, subjects []Subject) {
	named, items := slices.Clone(c.Rules), []string(nil)
	for _, id := range c.Items {
		if i, ok := Find(id); ok {
			named = append(named, i.deciding()...)
		}
	}
	for _, rule := range rules {
		refers := slices.ContainsFunc(rule.Refs, func(ref lint.Ref) bool { return s.Has(c, ref) })
		if refers || slices.Contains(named, rule.ID) {
			ids = append(ids, rule.ID)
			items = append(items, rule.Checklist...)
		}
	}
	if len(c.Subjects) > 0 {
		return ids, c.Subjects
	}
	for _, id := range items {
		if i, ok := Find(id); ok {
			subjects = append(subjects, i.Subjects...)
		}
	}
	slices.Sort(subjects)
	return ids, slices.Compact(subjects)
}

// Has reports whether a reference of a rule is to a control.
func (s Standard) Has(c Control, ref lint.Ref) bool {
	level, _, _ := strings.Cut(c.Section, " ")
	switch {
	case !strings.HasPrefix(ref.Standard, s.Name) || ref.Control != c.ID:
		return false
	case s.ID == "pss": // the same control is in both levels
		return strings.Contains(ref.Standard, "("+strings.ToLower(level)+")")
	}
	return true
}

// Why files of a repository do not show a control.
const (
	onNodes  = "files of a repository do not show permissions on nodes: look at the nodes"
	byPeople = "files of a repository do not show how people work: ask them"
	atRun    = "files of a repository do not show it: look at the running cluster"
)

// section makes controls of one section: each is an ID and a title.
func section(name string, controls ...[2]string) []Control {
	var l []Control
	for _, c := range controls {
		l = append(l, Control{ID: c[0], Title: c[1], Section: name})
	}
	return l
}

// unseen makes controls that files do not show.
func unseen(name, why string, controls ...[2]string) []Control {
	l := section(name, controls...)
	for i := range l {
		l[i].Unseen = why
	}
	return l
}

// about gives controls the subjects that decide them.
func about(controls []Control, subjects ...Subject) []Control {
	for i := range controls {
		controls[i].Subjects = subjects
	}
	return controls
}

// standards are those that --standard takes besides the checklist.
var standards = []Standard{cisBenchmark, nsaGuide, podSecurityStandards, owaspTopTen}

// cisBenchmark is the CIS Kubernetes Benchmark 2.0, with the numbers of its
// recommendations.
var cisBenchmark = Standard{ID: "cis", Name: "CIS Kubernetes Benchmark", Controls: slices.Concat(
	unseen("1.1 Control plane node files", onNodes, [2]string{"1.1", "Permissions and owners of the files of the control plane (1.1.1 to 1.1.21)"}),
	about(section("1.2 API server",
		[2]string{"1.2.1", "Anonymous requests are refused"},
		[2]string{"1.2.2", "No file of static tokens"},
		[2]string{"1.2.3", "The plugin DenyServiceExternalIPs is on"},
		[2]string{"1.2.4", "Client certificate and key for kubelets"},
		[2]string{"1.2.5", "Certificate authority of kubelets"},
		[2]string{"1.2.6", "No authorization mode AlwaysAllow"},
		[2]string{"1.2.7", "Authorization mode Node"},
		[2]string{"1.2.8", "Authorization mode RBAC"},
		[2]string{"1.2.9", "The plugin EventRateLimit is on"},
		[2]string{"1.2.10", "The plugin AlwaysAdmit is off"},
		[2]string{"1.2.11", "The plugin AlwaysPullImages is on"},
		[2]string{"1.2.12", "The plugin ServiceAccount is on"},
		[2]string{"1.2.13", "The plugin NamespaceLifecycle is on"},
		[2]string{"1.2.14", "The plugin NodeRestriction is on"},
		[2]string{"1.2.15", "Profiling is off"},
		[2]string{"1.2.16", "An audit log is written"},
		[2]string{"1.2.17", "Audit logs are kept for 30 days or longer"},
		[2]string{"1.2.18", "10 audit logs or more are kept"},
		[2]string{"1.2.19", "Audit logs rotate at 100 MB or more"},
		[2]string{"1.2.20", "Requests have a fitting time limit"},
		[2]string{"1.2.21", "Service accounts of tokens are looked up"},
		[2]string{"1.2.22", "A key for service account tokens"},
		[2]string{"1.2.23", "Client certificate and key for etcd"},
		[2]string{"1.2.24", "Serving certificate and key"},
		[2]string{"1.2.25", "Certificate authority of clients"},
		[2]string{"1.2.26", "Certificate authority of etcd"},
	), APIServers),
	about(section("1.2 API server",
		[2]string{"1.2.27", "Encryption at rest is configured"},
		[2]string{"1.2.28", "A strong encryption provider comes first"},
	), APIServers, Encryption),
	about(section("1.2 API server",
		[2]string{"1.2.29", "Strong cipher suites"},
		[2]string{"1.2.30", "Service account tokens are not extended"},
	), APIServers),
	about(section("1.3 Controller manager",
		[2]string{"1.3.1", "Terminated pods are collected"},
		[2]string{"1.3.2", "Profiling is off"},
		[2]string{"1.3.3", "Each controller has a service account"},
		[2]string{"1.3.4", "A key for service account tokens"},
		[2]string{"1.3.5", "A root certificate authority for pods"},
		[2]string{"1.3.6", "Kubelet serving certificates rotate"},
		[2]string{"1.3.7", "Listens on the loopback address"},
	), ControllerManagers),
	about(section("1.4 Scheduler",
		[2]string{"1.4.1", "Profiling is off"},
		[2]string{"1.4.2", "Listens on the loopback address"},
	), Schedulers),
	about(section("2 etcd",
		[2]string{"2.1", "Serving certificate and key"},
		[2]string{"2.2", "Clients need a certificate"},
		[2]string{"2.3", "No self-signed serving certificate"},
		[2]string{"2.4", "Peer certificate and key"},
		[2]string{"2.5", "Peers need a certificate"},
		[2]string{"2.6", "No self-signed peer certificate"},
		[2]string{"2.7", "A certificate authority of its own"},
	), Etcds),
	unseen("3.1 Authentication", byPeople,
		[2]string{"3.1.1", "Users have no client certificates"},
		[2]string{"3.1.2", "Users have no service account tokens"},
		[2]string{"3.1.3", "Users have no bootstrap tokens"},
	),
	about(section("3.2 Logging",
		[2]string{"3.2.1", "An audit policy exists"},
		[2]string{"3.2.2", "The audit policy covers what matters"},
	), APIServers, AuditPolicies),
	unseen("4.1 Worker node files", onNodes, [2]string{"4.1", "Permissions and owners of the files of kubelets (4.1.1 to 4.1.10)"}),
	about(section("4.2 Kubelet",
		[2]string{"4.2.1", "Anonymous requests are refused"},
		[2]string{"4.2.2", "No authorization mode AlwaysAllow"},
		[2]string{"4.2.3", "Certificate authority of clients"},
		[2]string{"4.2.4", "The read-only port is off"},
		[2]string{"4.2.5", "Streams have a time limit"},
		[2]string{"4.2.6", "The kubelet keeps its iptables chains"},
		[2]string{"4.2.7", "The host name is not overridden"},
		[2]string{"4.2.8", "Events are limited to a fitting rate"},
		[2]string{"4.2.9", "Serving certificate and key"},
		[2]string{"4.2.10", "Client certificates rotate"},
		[2]string{"4.2.11", "Serving certificates rotate"},
		[2]string{"4.2.12", "Strong cipher suites"},
		[2]string{"4.2.13", "Pods have a limit of processes"},
		[2]string{"4.2.14", "Seccomp is on by default"},
	), Kubelets),
	about(section("4.3 kube-proxy", [2]string{"4.3.1", "Metrics are on the loopback address"}), Proxies),
	section("5.1 RBAC and service accounts",
		[2]string{"5.1.1", "cluster-admin is bound only where it is needed"},
		[2]string{"5.1.2", "Access to Secrets is minimal"},
		[2]string{"5.1.3", "Roles have no wildcards"},
		[2]string{"5.1.4", "The right to create pods is minimal"},
		[2]string{"5.1.5", "The default service accounts are not used"},
		[2]string{"5.1.6", "Tokens are mounted only where they are needed"},
		[2]string{"5.1.7", "The group system:masters is not used"},
		[2]string{"5.1.8", "The rights bind, impersonate and escalate are limited"},
		[2]string{"5.1.9", "The right to create PersistentVolumes is minimal"},
		[2]string{"5.1.10", "Access to the proxy of nodes is minimal"},
		[2]string{"5.1.11", "The right to approve certificate requests is minimal"},
		[2]string{"5.1.12", "Access to webhook configurations is minimal"},
		[2]string{"5.1.13", "The right to create service account tokens is minimal"},
	),
	about(section("5.2 Pod Security Standards",
		[2]string{"5.2.1", "A policy mechanism is active in every namespace"},
	), Namespaces, PolicyEngines, Admission),
	about(section("5.2 Pod Security Standards",
		[2]string{"5.2.2", "No privileged containers"},
		[2]string{"5.2.3", "No host process namespace"},
		[2]string{"5.2.4", "No host IPC namespace"},
		[2]string{"5.2.5", "No host network namespace"},
		[2]string{"5.2.6", "No privilege escalation"},
		[2]string{"5.2.7", "No root containers"},
		[2]string{"5.2.8", "No capability NET_RAW"},
		[2]string{"5.2.9", "No added capabilities"},
		[2]string{"5.2.10", "No Windows host process containers"},
		[2]string{"5.2.11", "No hostPath volumes"},
		[2]string{"5.2.12", "No host ports"},
	), Workloads),
	section("5.3 Network policies",
		[2]string{"5.3.1", "The network plugin supports policies"},
		[2]string{"5.3.2", "All namespaces have network policies"},
	),
	section("5.4 Secrets",
		[2]string{"5.4.1", "Secrets are files rather than environment variables"},
		[2]string{"5.4.2", "Secrets are stored outside of the cluster where appropriate"},
	),
	about(section("5.5 Admission", [2]string{"5.5.1", "The provenance of images is verified"}), Workloads),
	about(section("5.6 General policies",
		[2]string{"5.6.1", "Namespaces separate resources"},
		[2]string{"5.6.2", "Pods have the seccomp profile RuntimeDefault"},
		[2]string{"5.6.3", "Pods and containers have a security context"},
		[2]string{"5.6.4", "The namespace default is not used"},
	), Workloads),
)}

// nsaGuide is the NSA/CISA Kubernetes Hardening Guide 1.2, by its headings.
var nsaGuide = Standard{ID: "nsa", Name: "NSA/CISA", Controls: slices.Concat(
	about(section("Kubernetes Pod security",
		[2]string{"Non-root containers"}, [2]string{"Immutable container file systems"},
	), Workloads),
	[]Control{{
		ID: "Building secure container images", Section: "Kubernetes Pod security", Subjects: []Subject{Dockerfiles},
		Items: []string{"images-minimal", "images-unprivileged-user", "images-pinned-no-secrets", "images-no-download-tools"},
	}},
	about(section("Kubernetes Pod security",
		[2]string{"Pod security enforcement"}, [2]string{"Protecting Pod service account tokens"}, [2]string{"Hardening container environments"},
	), Workloads),
	about(section("Network separation and hardening",
		[2]string{"Network separation and hardening"}, [2]string{"Namespaces"}, [2]string{"Network policies"}, [2]string{"Resource policies"},
	), Workloads, Namespaces),
	[]Control{
		{
			ID: "Control plane hardening", Section: "Network separation and hardening", Subjects: []Subject{APIServers, ControllerManagers, Kubelets, Etcds},
			Items: []string{"network-api-exposure", "admission-controllers"},
		},
		{ID: "Etcd", Section: "Network separation and hardening", Subjects: []Subject{Etcds}, Rules: []string{"etcd-client-cert-auth", "etcd-peer-cert-auth", "etcd-tls"}},
		{ID: "Kubeconfig files", Section: "Network separation and hardening", Subjects: []Subject{Kubeconfigs}, Rules: []string{"no-kubeconfig-static-credentials", "no-insecure-skip-tls-verify"}},
	},
	section("Network separation and hardening", [2]string{"Encryption"}),
	about(section("Network separation and hardening", [2]string{"Secrets"}), Secrets, ExternalSecrets, ConfigMaps, Workloads, Encryption),
	[]Control{{
		ID: "Protecting sensitive cloud infrastructure", Section: "Network separation and hardening", Subjects: []Subject{Workloads},
		Items: []string{"network-metadata-api"},
	}},
	unseen("Network separation and hardening", atRun, [2]string{"Worker node segmentation"}),
	[]Control{
		{
			ID: "Authentication and authorization", Section: "Authentication and authorization", Subjects: []Subject{APIServers, Kubelets},
			Items: []string{"auth-rbac-model"},
		},
		{
			ID: "Authentication", Section: "Authentication and authorization", Subjects: []Subject{APIServers, Kubelets, Kubeconfigs},
			Items: []string{"auth-identity-provider", "auth-no-impersonation-anonymous"},
		},
	},
	about(section("Authentication and authorization", [2]string{"Role-based access control"}), Roles, Bindings),
	[]Control{
		{ID: "Logging", Section: "Audit logging and threat detection", Subjects: []Subject{APIServers, AuditPolicies}, Items: []string{"logs-audit"}},
		{
			ID: "Kubernetes native audit logging configuration", Section: "Audit logging and threat detection", Subjects: []Subject{APIServers, AuditPolicies},
			Items: []string{"logs-audit"},
		},
		{ID: "Service meshes", Section: "Audit logging and threat detection", Subjects: []Subject{Meshes}, Items: []string{"infra-service-mesh"}},
	},
	unseen("Audit logging and threat detection", atRun,
		[2]string{"Worker node and container logging"}, [2]string{"SIEM platforms"}, [2]string{"Fault tolerance"}, [2]string{"Threat detection"}),
	unseen("Upgrading and application security practices", byPeople, [2]string{"Upgrading and application security practices"}),
)}

// podSecurityStandards is the Pod Security Standards of Kubernetes, by level.
var podSecurityStandards = Standard{ID: "pss", Name: "Pod Security Standards", Controls: slices.Concat(
	about(section("Baseline level",
		[2]string{"HostProcess"}, [2]string{"Host Namespaces"}, [2]string{"Privileged Containers"}, [2]string{"Capabilities"},
		[2]string{"HostPath Volumes"}, [2]string{"Host Ports"}, [2]string{"Host Probes / Lifecycle Hooks"}, [2]string{"AppArmor"},
		[2]string{"SELinux"}, [2]string{"/proc Mount Type"},
	), Workloads),
	// Without a profile a pod complies with the baseline level: only Unconfined does not.
	[]Control{{ID: "Seccomp", Section: "Baseline level", Subjects: []Subject{Workloads}, IfSet: true}},
	about(section("Baseline level", [2]string{"Sysctls"}), Workloads),
	about(section("Restricted level",
		[2]string{"Volume Types"}, [2]string{"Privilege Escalation"}, [2]string{"Running as Non-root"}, [2]string{"Running as Non-root user"},
		[2]string{"Seccomp"}, [2]string{"Capabilities"},
	), Workloads),
)}

// owaspTopTen is the OWASP Kubernetes Top Ten of 2025.
var owaspTopTen = Standard{ID: "owasp", Name: owaspName, Controls: []Control{
	owasp("K01", "Insecure workload configurations", nil, Workloads),
	owasp("K02", "Overly permissive authorization configurations", nil, Roles, Bindings),
	owasp("K03", "Secrets management failures", []string{"infra-secrets-management", "secrets-no-configmap-secrets", "secrets-encryption-at-rest", "secrets-bound-tokens"},
		Secrets, ExternalSecrets, ConfigMaps, Workloads, Encryption),
	owasp("K04", "Lack of cluster level policy enforcement", []string{"pod-security-standards-namespace", "admission-pod-security"}, Namespaces, PolicyEngines, Admission),
	owasp("K05", "Missing network segmentation controls", nil, Workloads, Namespaces),
	owasp("K06", "Overly exposed Kubernetes components", []string{"network-api-exposure", "network-load-balancer-external-ips"}, Services, Entries, APIServers, Kubelets, Etcds),
	{
		ID: "K07", Title: "Misconfigured and vulnerable cluster components", Section: owaspName, Subjects: []Subject{APIServers, ControllerManagers, Schedulers, Kubelets, Etcds, Clusters},
		Rules: []string{"supported-kubernetes-version", "control-plane-tls", "no-profiling", "no-insecure-port"}, Items: []string{"admission-controllers"},
	},
	owasp("K08", "Cluster to cloud lateral movement", []string{"network-metadata-api", "infra-cloud-access"}, Workloads),
	owasp("K09", "Broken authentication mechanisms", []string{"auth-identity-provider", "auth-no-impersonation-anonymous", "auth-system-masters"}, APIServers, Kubelets, Kubeconfigs),
	owasp("K10", "Inadequate logging and monitoring", []string{"logs-audit"}, APIServers, AuditPolicies),
}}

const owaspName = lint.OWASPTopTen

// owasp makes a control of the OWASP Top Ten.
func owasp(id, title string, items []string, subjects ...Subject) Control {
	return Control{ID: id, Title: title, Section: owaspName, Items: items, Subjects: subjects}
}
