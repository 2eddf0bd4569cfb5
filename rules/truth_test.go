package rules

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

var update = flag.Bool("update", false, "write docs/truth-table.md anew")

// truthTable is one table of the page: what a rule says of each value that the pod
// may set, crossed with each that the container may set.
type truthTable struct {
	rule string
	// field is that of the container, and the pod's too if podValues are given.
	field string
	// podValues and values are YAML. Empty: unset.
	podValues, values []string
	note              string
}

var truthTables = []truthTable{
	{"run-as-non-root", "securityContext.runAsNonRoot", []string{"", "true", "false"}, []string{"", "true", "false"}, "A container's own value wins. What the pod sets wrong is reported on the pod, once."},
	{"seccomp-profile", "securityContext.seccompProfile", []string{"", "{type: RuntimeDefault}", "{type: Localhost, localhostProfile: a.json}", "{type: Unconfined}"}, []string{"", "{type: RuntimeDefault}", "{type: Unconfined}", "{}"}, "Unconfined on the pod is refused by Pod Security even where every container overrides it."},
	{"no-run-as-root-user", "securityContext.runAsUser", []string{"", "0", "1000"}, []string{"", "0", "1000"}, "Each setting is judged where it is."},
	{"apparmor-profile", "securityContext.appArmorProfile", []string{"", "{type: RuntimeDefault}", "{type: Unconfined}"}, []string{"", "{type: RuntimeDefault}", "{type: Unconfined}"}, "Unset means the runtime's default."},
	{"selinux-options", "securityContext.seLinuxOptions", []string{"", "{type: container_t}", "{type: spc_t}"}, []string{"", "{type: container_t}", "{type: spc_t}"}, ""},
	{"high-user-id", "securityContext.runAsUser", []string{"", "1000", "10001"}, []string{"", "1000", "10001"}, "A container's own value wins. What the pod sets wrong is reported on the pod, once."},
	{"no-privilege-escalation", "securityContext.allowPrivilegeEscalation", nil, []string{"", "true", "false"}, "Only containers have the field."},
	{"no-privileged-container", "securityContext.privileged", nil, []string{"", "true", "false"}, "Only containers have the field."},
	{"read-only-root-filesystem", "securityContext.readOnlyRootFilesystem", nil, []string{"", "true", "false"}, "Only containers have the field."},
	{"drop-all-capabilities", "securityContext.capabilities", nil, []string{"", "{drop: [ALL]}", "{drop: [all]}", "{drop: [NET_RAW]}"}, "Only containers have the field."},
	{"memory-limit", "resources", nil, []string{"", "{requests: {memory: 1Gi}}", "{limits: {memory: 1Gi}}", "{limits: {memory: 0}}"}, "Ephemeral containers may not have resources."},
	{"memory-request", "resources", nil, []string{"", "{requests: {memory: 1Gi}}", "{limits: {memory: 1Gi}}"}, "The API server makes a limit without a request the request."},
}

// lists are the lists of a pod that a container may be in.
var lists = []struct{ name, list, more string }{
	{"init container", "initContainers", ""},
	{"sidecar", "initContainers", "restartPolicy: Always"},
	{"container", "containers", ""},
	{"ephemeral container", "ephemeralContainers", ""},
}

// truthKinds are kinds with pods, with the keys that lead to the pod's spec.
var truthKinds = []struct{ api, kind, path string }{
	{"v1", "Pod", "spec"},
	{"v1", "PodTemplate", "template.spec"},
	{"v1", "ReplicationController", "spec.template.spec"},
	{"apps/v1", "Deployment", "spec.template.spec"},
	{"apps/v1", "StatefulSet", "spec.template.spec"},
	{"apps/v1", "DaemonSet", "spec.template.spec"},
	{"apps/v1", "ReplicaSet", "spec.template.spec"},
	{"batch/v1", "Job", "spec.template.spec"},
	{"batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec"},
	{"argoproj.io/v1alpha1", "Rollout", "spec.template.spec"},
	{"serving.knative.dev/v1", "Service", "spec.template.spec"},
	{"apps.openshift.io/v1", "DeploymentConfig", "spec.template.spec"},
}

// TestTruthTable fails if docs/truth-table.md is not what the rules say now, or if a
// rule says other of one kind than of another.
func TestTruthTable(t *testing.T) {
	t.Parallel()
	name := filepath.Join("..", "docs", "truth-table.md")
	want := truthPage(t)
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Error("docs/truth-table.md is stale; `go test ./rules -run TestTruthTable -update` writes it")
	}
}

func truthPage(t *testing.T) string {
	t.Helper()
	var kinds []string
	for _, k := range truthKinds {
		kinds = append(kinds, k.kind+" ("+k.api+")")
	}
	var b strings.Builder
	fmt.Fprintf(&b, `# Truth tables

What the rules on pods say of each value, for each kind of container, in Kubernetes %s: **pod** and **container** name what is
reported, with the severity; a dash is no finding. A test asks about every cell in each of these kinds, and fails when they differ
or when this page is stale:
%s.
`, lint.Newest, strings.Join(kinds[:len(kinds)-1], ", ")+" and "+kinds[len(kinds)-1])
	for _, table := range truthTables {
		table.write(t, &b)
	}
	return b.String()
}

func (table truthTable) write(t *testing.T, b *strings.Builder) {
	t.Helper()
	fmt.Fprintf(b, "\n## %s\n\n`%s`. %s\n\n| pod sets | container sets |", table.rule, table.field, table.note)
	for _, s := range lists {
		fmt.Fprintf(b, " %s |", s.name)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(lists)) + "\n")
	podValues := table.podValues
	if podValues == nil {
		podValues = []string{"has no such field"}
	}
	for _, pod := range podValues {
		for _, value := range table.values {
			fmt.Fprintf(b, "| %s | %s |", shownValue(pod), shownValue(value))
			for _, s := range lists {
				fmt.Fprintf(b, " %s |", table.verdict(t, pod, value, s.list, s.more))
			}
			b.WriteString("\n")
		}
	}
}

func shownValue(v string) string {
	switch v {
	case "":
		return "unset"
	case "has no such field":
		return v
	}
	return "`" + v + "`"
}

// verdict asks the rule about one cell in every kind, which must agree.
func (table truthTable) verdict(t *testing.T, podValue, value, list, more string) string {
	t.Helper()
	var first string
	for i, k := range truthKinds {
		text := cell(k.api, k.kind, k.path, podSetting(table, podValue), field(table.field, value), list, more)
		objects, _ := manifest.Objects(manifest.Documents([]byte(text))[0].Node, manifest.NewSource("test.yaml", []byte(text)))
		c := lint.Checker{Rules: []*lint.Rule{Find(table.rule)}, Version: lint.Newest, Profile: lint.Strict}
		findings, problems := c.Check(&lint.Unit{Input: "test.yaml", Objects: objects})
		if len(problems) > 0 || len(objects) != 1 {
			t.Fatalf("%s: %v\n%s", table.rule, problems, text)
		}
		var reported []string
		for _, f := range findings {
			who := "container"
			if f.Container == "" {
				who = "pod"
			}
			reported = append(reported, "**"+who+"** "+f.Severity.String())
		}
		verdict := strings.Join(reported, ", ")
		if verdict == "" {
			verdict = "–"
		}
		if i == 0 {
			first = verdict
		} else if verdict != first {
			t.Errorf("%s: %s in a %s, but %s in a %s:\n%s", table.rule, verdict, k.kind, first, truthKinds[0].kind, text)
		}
	}
	return first
}

func podSetting(table truthTable, value string) string {
	if table.podValues == nil {
		return ""
	}
	return field(table.field, value)
}

// field nests a value under a dotted path, in flow style. Empty: nothing.
func field(path, value string) string {
	if value == "" {
		return ""
	}
	keys := strings.Split(path, ".")
	return strings.Join(keys, ": {") + ": " + value + strings.Repeat("}", len(keys)-1)
}

// cell is an object of a kind with one container in one list.
func cell(api, kind, path, pod, container, list, more string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: %s\nkind: %s\nmetadata: {name: a}\n", api, kind)
	indent := ""
	for key := range strings.SplitSeq(path, ".") {
		b.WriteString(indent + key + ":\n")
		indent += "  "
	}
	if pod != "" {
		b.WriteString(indent + pod + "\n")
	}
	b.WriteString(indent + list + ":\n" + indent + "- name: app\n")
	for _, line := range []string{more, container} {
		if line != "" {
			b.WriteString(indent + "  " + line + "\n")
		}
	}
	return b.String()
}
