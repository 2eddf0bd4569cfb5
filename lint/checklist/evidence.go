package checklist

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// evidenceOf lists what a unit shows for items that no rule decides: steps of CI, files
// of the repository, and objects. It says no more than the file does: a step that cannot
// fail the build, a schedule that is paused and a policy that only warns are no evidence.
func evidenceOf(u *lint.Unit) []Evidence {
	var l []Evidence
	for _, d := range u.Documents {
		switch d.Kind {
		case lint.DocumentWorkflow, lint.DocumentPipeline, lint.DocumentPreCommit:
			l = append(l, evidenceOfSteps(documentSteps(d), d.Locate)...)
		case lint.DocumentUpdates:
			if says := updates(d); says != "" {
				l = append(l, Evidence{"code-dependencies-current", lint.Position{File: d.File, Line: 1}, says})
			}
		case lint.DocumentPolicy:
			if text, ok := d.Data.(string); ok && strings.TrimSpace(text) != "" {
				l = append(l, Evidence{"auth-security-policy", lint.Position{File: d.File, Line: 1}, "the repository has a security policy"})
			}
		}
	}
	for _, o := range u.Objects {
		l = append(l, evidenceOfSteps(objectSteps(o), o.Locate)...)
		at := func() lint.Position { return o.Locate(o.Root).Position }
		for _, e := range objectEvidence {
			if says := e.says(o); says != "" {
				for _, item := range e.items {
					l = append(l, Evidence{item, at(), says})
				}
			}
		}
	}
	return l
}

// updates says what a configuration of Renovate or Dependabot does. Empty: nothing.
func updates(d *lint.Document) string {
	if strings.HasPrefix(path.Base(d.File), "dependabot.") {
		if d.Root.Get("updates").Len() > 0 {
			return "Dependabot proposes updates of dependencies"
		}
		return ""
	}
	if enabled, ok := d.Root.Get("enabled").Bool(); ok && !enabled {
		return ""
	}
	if text, ok := d.Data.(string); ok && (strings.TrimSpace(text) == "" || isOff5(text)) {
		return ""
	}
	return "Renovate proposes updates of dependencies"
}

// isOff5 reports whether a text in JSON5 has enabled: false in its outer object.
func isOff5(text string) bool {
	var outer strings.Builder // without comments, inner objects, and strings
	depth := 0
	for text != "" {
		switch {
		case strings.HasPrefix(text, "//"):
			_, text, _ = strings.Cut(text, "\n")
			continue
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text, "*/")
			continue
		case text[0] == '{' || text[0] == '[':
			depth++
		case text[0] == '}' || text[0] == ']':
			depth--
		case text[0] == '"' || text[0] == '\'':
			end := endOfString(text)
			if depth == 1 && text[1:end] == "enabled" { // other strings may hold anything
				outer.WriteString("enabled")
			}
			text = text[min(end+1, len(text)):]
			continue
		case depth == 1:
			outer.WriteByte(text[0])
		}
		text = text[1:]
	}
	return off5.MatchString(outer.String())
}

var off5 = regexp.MustCompile(`\benabled\s*:\s*false\b`)

// endOfString is the index of the quote that ends the string that a text starts with.
func endOfString(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return i
		}
	}
	return len(text)
}

// objectEvidence is what objects show.
var objectEvidence = []struct {
	items []string
	// says is what an object shows. Empty: nothing.
	says func(o *lint.Object) string
}{
	{[]string{"infra-backups"}, backup},
	{[]string{"logs-attack-notification"}, alerts},
	{[]string{"ops-cluster-admin"}, clusterAdmins},
	{[]string{"infra-monitoring"}, runtimeSensor},
	{[]string{"infra-logging"}, logCollector},
	{[]string{"images-scanned"}, imageScanner},
	{[]string{"images-digest-or-signature"}, signaturePolicy},
	{[]string{"infra-secrets-management", "infra-vaults", "secrets-external-injection"}, secretStore},
}

func backup(o *lint.Object) string {
	paused, _ := o.Root.Get("spec.paused").Bool()
	suspended, _ := o.Root.Get("spec.suspend").Bool()
	switch {
	case paused || suspended:
	case o.Is("velero.io", "Schedule") && o.Root.Get("spec.schedule").IsSet():
		return "a Velero Schedule makes backups"
	case o.Is("snapscheduler.backube", "SnapshotSchedule") && !o.Root.Get("spec.disabled").True():
		return "a SnapshotSchedule makes snapshots of volumes"
	case o.Is("k8up.io", "Schedule") && o.Root.Get("spec.backup").IsSet():
		return "a K8up Schedule makes backups"
	case o.Is("volsync.backube", "ReplicationSource") && o.Root.Get("spec.trigger.schedule").IsSet():
		return "a ReplicationSource of VolSync copies a volume"
	case o.Is("longhorn.io", "RecurringJob") && o.Root.Get("spec.task").Text() == "backup":
		return "a RecurringJob of Longhorn makes backups"
	case o.Is("postgresql.cnpg.io", "ScheduledBackup") && o.Root.Get("spec.schedule").IsSet():
		return "a ScheduledBackup of CloudNativePG backs up a database"
	case o.Is("batch", "CronJob") && runs(o, "etcdctl snapshot save"):
		return "a CronJob saves snapshots of etcd"
	}
	return ""
}

// runs reports whether a container's command line holds some words.
func runs(o *lint.Object, text string) bool {
	for _, w := range o.Workloads {
		for _, c := range w.Select(lint.Containers) {
			line := strings.Join(append(c.Get("command").Strings(), c.Get("args").Strings()...), " ")
			if strings.Contains(strings.Join(strings.Fields(line), " "), text) {
				return true
			}
		}
	}
	return false
}

// clusterAdmins says whom a binding makes cluster admin.
func clusterAdmins(o *lint.Object) string {
	ref := o.Root.Get("roleRef")
	if !o.Is("rbac.authorization.k8s.io", "ClusterRoleBinding") || ref.Get("kind").Text() != "ClusterRole" || ref.Get("name").Text() != "cluster-admin" {
		return ""
	}
	var l []string
	for s := range o.Root.Get("subjects").Items() {
		l = append(l, strings.TrimSpace(s.Get("kind").Text()+" "+s.Get("name").Text()))
	}
	if len(l) == 0 {
		return ""
	}
	return "a ClusterRoleBinding gives cluster-admin to " + strings.Join(l, ", ")
}

func alerts(o *lint.Object) string {
	switch {
	case o.Is("monitoring.coreos.com", "PrometheusRule"):
		for rule := range o.Root.Each("spec.groups[].rules[]") {
			if rule.Get("alert").IsSet() {
				return "a PrometheusRule defines alerts"
			}
		}
	case o.Is("monitoring.coreos.com", "AlertmanagerConfig") && o.Root.Get("spec.receivers").Len() > 0:
		return "an AlertmanagerConfig sends alerts to receivers"
	case image(o, "falcosidekick"):
		return "Falcosidekick hands on events of Falco"
	}
	return ""
}

func runtimeSensor(o *lint.Object) string {
	switch {
	case o.Is("cilium.io", "TracingPolicy"), o.Is("cilium.io", "TracingPolicyNamespaced"):
		return "a TracingPolicy of Tetragon watches processes"
	case o.Group() == "security.kubearmor.com":
		return "a policy of KubeArmor watches processes"
	}
	for _, s := range []struct{ image, title string }{{"falco", "Falco"}, {"falco-no-driver", "Falco"}, {"tetragon", "Tetragon"}, {"kubearmor", "KubeArmor"}, {"tracee", "Tracee"}} {
		if image(o, s.image) {
			return s.title + " watches processes"
		}
	}
	return ""
}

func logCollector(o *lint.Object) string {
	if o.Kind != "DaemonSet" {
		return ""
	}
	for _, name := range []string{"fluent-bit", "fluentd", "fluentd-kubernetes-daemonset", "filebeat", "promtail", "vector"} {
		if image(o, name) {
			return "a DaemonSet of " + name + " collects logs"
		}
	}
	return ""
}

func imageScanner(o *lint.Object) string {
	for _, name := range []string{"trivy-operator", "starboard-operator"} {
		if image(o, name) {
			return name + " scans the images that run"
		}
	}
	return ""
}

// image reports whether a container of an object runs an image of that name, whatever
// its registry.
func image(o *lint.Object, name string) bool {
	return slices.ContainsFunc(o.Workloads, func(w *lint.Workload) bool {
		return slices.ContainsFunc(w.Select(lint.Containers), func(c lint.PodOrContainer) bool {
			return imageName(c.Get("image").Text()) == name
		})
	})
}

// imageName is the last part of a reference, without tag and digest.
func imageName(ref string) string {
	name, _, _ := strings.Cut(path.Base(ref), "@")
	name, _, _ = strings.Cut(name, ":")
	return name
}

func signaturePolicy(o *lint.Object) string {
	switch {
	case o.Is("policy.sigstore.dev", "ClusterImagePolicy") && o.Root.Get("spec.mode").Text() != "warn" && o.Root.Get("spec.authorities").Len() > 0:
		return "a ClusterImagePolicy verifies signatures of images"
	case o.Is("kyverno.io", "ClusterPolicy"), o.Is("kyverno.io", "Policy"):
		general := o.Root.Get("spec.validationFailureAction").Text()
		for rule := range o.Root.Each("spec.rules[]") {
			for verify := range rule.Get("verifyImages").Items() {
				action := verify.Get("failureAction").Text()
				if action == "" {
					action = general
				}
				if strings.EqualFold(action, "enforce") {
					return "a Kyverno policy verifies signatures of images"
				}
			}
		}
	}
	return ""
}

func secretStore(o *lint.Object) string {
	if o.Root.Get("sops.mac").IsSet() {
		return "SOPS encrypts the values of the object"
	}
	for _, w := range o.Workloads {
		if w.Annotation("vault.hashicorp.com/agent-inject").Text() == "true" {
			return "the agent of Vault gives the pod its secrets"
		}
	}
	return ""
}
