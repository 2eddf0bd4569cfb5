package checklist

import (
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
		r := Row{ID: c.ID, Title: c.Title, Section: c.Section}
		if r.Title == "" {
			r.Title = c.ID
		}
		var items []string
		for _, rule := range in.AllRules {
			if slices.ContainsFunc(rule.Refs, func(ref lint.Ref) bool { return s.Has(c, ref) }) {
				r.Rules = append(r.Rules, rule.ID)
				items = append(items, rule.Checklist...)
			}
		}
		var subjects []Subject
		for _, id := range items {
			if i, ok := Find(id); ok {
				subjects = append(subjects, i.Subjects...)
			}
		}
		slices.Sort(subjects)
		in.files(&r, slices.Compact(subjects))
		switch {
		case len(r.Findings) > 0:
			r.Verdict, r.Needs = Fail, "correct "+findingsCount(len(r.Findings))
		case len(r.Subjects) > 0 && in.ran(r.Rules):
			r.Verdict = Pass
		case c.Unseen != "":
			r.Verdict, r.Needs = NoEvidence, c.Unseen
		case len(r.Rules) == 0:
			r.Verdict, r.Needs = NoEvidence, "no rule decides it: look at the cluster"
		default:
			r.Verdict, r.Needs = NoEvidence, "files that the rules look at: "+strings.Join(r.Rules, ", ")
		}
		rows = append(rows, r)
	}
	return rows
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

// standards are those that --standard takes besides the checklist.
var standards = []Standard{cisBenchmark, nsaGuide, podSecurityStandards, owaspTopTen}

// cisBenchmark is the CIS Kubernetes Benchmark 2.0, with the numbers of its
// recommendations.
var cisBenchmark = Standard{ID: "cis", Name: "CIS Kubernetes Benchmark", Controls: slices.Concat(
	unseen("1.1 Control plane node files", onNodes, [2]string{"1.1", "Permissions and owners of the files of the control plane (1.1.1 to 1.1.21)"}),
	section("1.2 API server",
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
		[2]string{"1.2.27", "Encryption at rest is configured"},
		[2]string{"1.2.28", "A strong encryption provider comes first"},
		[2]string{"1.2.29", "Strong cipher suites"},
		[2]string{"1.2.30", "Service account tokens are not extended"},
	),
	section("1.3 Controller manager",
		[2]string{"1.3.1", "Terminated pods are collected"},
		[2]string{"1.3.2", "Profiling is off"},
		[2]string{"1.3.3", "Each controller has a service account"},
		[2]string{"1.3.4", "A key for service account tokens"},
		[2]string{"1.3.5", "A root certificate authority for pods"},
		[2]string{"1.3.6", "Kubelet serving certificates rotate"},
		[2]string{"1.3.7", "Listens on the loopback address"},
	),
	section("1.4 Scheduler",
		[2]string{"1.4.1", "Profiling is off"},
		[2]string{"1.4.2", "Listens on the loopback address"},
	),
	section("2 etcd",
		[2]string{"2.1", "Serving certificate and key"},
		[2]string{"2.2", "Clients need a certificate"},
		[2]string{"2.3", "No self-signed serving certificate"},
		[2]string{"2.4", "Peer certificate and key"},
		[2]string{"2.5", "Peers need a certificate"},
		[2]string{"2.6", "No self-signed peer certificate"},
		[2]string{"2.7", "A certificate authority of its own"},
	),
	unseen("3.1 Authentication", byPeople,
		[2]string{"3.1.1", "Users have no client certificates"},
		[2]string{"3.1.2", "Users have no service account tokens"},
		[2]string{"3.1.3", "Users have no bootstrap tokens"},
	),
	section("3.2 Logging",
		[2]string{"3.2.1", "An audit policy exists"},
		[2]string{"3.2.2", "The audit policy covers what matters"},
	),
	unseen("4.1 Worker node files", onNodes, [2]string{"4.1", "Permissions and owners of the files of kubelets (4.1.1 to 4.1.10)"}),
	section("4.2 Kubelet",
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
	),
	section("4.3 kube-proxy", [2]string{"4.3.1", "Metrics are on the loopback address"}),
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
	section("5.2 Pod Security Standards",
		[2]string{"5.2.1", "A policy mechanism is active in every namespace"},
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
	),
	section("5.3 Network policies",
		[2]string{"5.3.1", "The network plugin supports policies"},
		[2]string{"5.3.2", "All namespaces have network policies"},
	),
	section("5.4 Secrets",
		[2]string{"5.4.1", "Secrets are files rather than environment variables"},
		[2]string{"5.4.2", "Secrets are stored outside of the cluster where appropriate"},
	),
	section("5.5 Admission", [2]string{"5.5.1", "The provenance of images is verified"}),
	section("5.6 General policies",
		[2]string{"5.6.1", "Namespaces separate resources"},
		[2]string{"5.6.2", "Pods have the seccomp profile RuntimeDefault"},
		[2]string{"5.6.3", "Pods and containers have a security context"},
		[2]string{"5.6.4", "The namespace default is not used"},
	),
)}

// nsaGuide is the NSA/CISA Kubernetes Hardening Guide 1.2, by its headings.
var nsaGuide = Standard{ID: "nsa", Name: "NSA/CISA", Controls: slices.Concat(
	section("Kubernetes Pod security",
		[2]string{"Non-root containers"}, [2]string{"Immutable container file systems"}, [2]string{"Building secure container images"},
		[2]string{"Pod security enforcement"}, [2]string{"Protecting Pod service account tokens"}, [2]string{"Hardening container environments"},
	),
	section("Network separation and hardening",
		[2]string{"Network separation and hardening"}, [2]string{"Namespaces"}, [2]string{"Network policies"}, [2]string{"Resource policies"},
		[2]string{"Control plane hardening"}, [2]string{"Etcd"}, [2]string{"Kubeconfig files"}, [2]string{"Encryption"}, [2]string{"Secrets"},
		[2]string{"Protecting sensitive cloud infrastructure"},
	),
	unseen("Network separation and hardening", atRun, [2]string{"Worker node segmentation"}),
	section("Authentication and authorization",
		[2]string{"Authentication and authorization"}, [2]string{"Authentication"}, [2]string{"Role-based access control"},
	),
	section("Audit logging and threat detection", [2]string{"Logging"}, [2]string{"Kubernetes native audit logging configuration"}, [2]string{"Service meshes"}),
	unseen("Audit logging and threat detection", atRun,
		[2]string{"Worker node and container logging"}, [2]string{"SIEM platforms"}, [2]string{"Fault tolerance"}, [2]string{"Threat detection"}),
	unseen("Upgrading and application security practices", byPeople, [2]string{"Upgrading and application security practices"}),
)}

// podSecurityStandards is the Pod Security Standards of Kubernetes, by level.
var podSecurityStandards = Standard{ID: "pss", Name: "Pod Security Standards", Controls: slices.Concat(
	section("Baseline level",
		[2]string{"HostProcess"}, [2]string{"Host Namespaces"}, [2]string{"Privileged Containers"}, [2]string{"Capabilities"},
		[2]string{"HostPath Volumes"}, [2]string{"Host Ports"}, [2]string{"Host Probes / Lifecycle Hooks"}, [2]string{"AppArmor"},
		[2]string{"SELinux"}, [2]string{"/proc Mount Type"}, [2]string{"Seccomp"}, [2]string{"Sysctls"},
	),
	section("Restricted level",
		[2]string{"Volume Types"}, [2]string{"Privilege Escalation"}, [2]string{"Running as Non-root"}, [2]string{"Running as Non-root user"},
		[2]string{"Seccomp"}, [2]string{"Capabilities"},
	),
)}

// owaspTopTen is the OWASP Kubernetes Top Ten of 2025.
var owaspTopTen = Standard{ID: "owasp", Name: "OWASP Kubernetes Top Ten 2025", Controls: section("OWASP Kubernetes Top Ten 2025",
	[2]string{"K01", "Insecure workload configurations"},
	[2]string{"K02", "Overly permissive authorization configurations"},
	[2]string{"K03", "Secrets management failures"},
	[2]string{"K04", "Lack of cluster level policy enforcement"},
	[2]string{"K05", "Missing network segmentation controls"},
	[2]string{"K06", "Overly exposed Kubernetes components"},
	[2]string{"K07", "Misconfigured and vulnerable cluster components"},
	[2]string{"K08", "Cluster to cloud lateral movement"},
	[2]string{"K09", "Broken authentication mechanisms"},
	[2]string{"K10", "Inadequate logging and monitoring"},
)}
