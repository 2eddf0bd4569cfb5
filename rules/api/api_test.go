package api

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// check runs a rule over a text for a Kubernetes version.
func check(t *testing.T, rule *lint.Rule, minor int, text string) []string {
	t.Helper()
	u := &lint.Unit{Input: "test.yaml"}
	source := manifest.NewSource("test.yaml", []byte(text))
	for _, d := range manifest.Documents([]byte(text)) {
		if d.Err != nil {
			t.Fatal(d.Err)
		}
		objects, _ := manifest.Objects(d.Node, source)
		u.Objects = append(u.Objects, objects...)
	}
	c := lint.Checker{Rules: []*lint.Rule{rule}, Version: lint.Version{Major: 1, Minor: minor}}
	findings, problems := c.Check(u)
	for _, p := range problems {
		t.Error(p, p.Detail)
	}
	var l []string
	for _, f := range findings {
		l = append(l, fmt.Sprintf("%d: %v: %s", f.Origin.Line, f.Severity, f.Message))
	}
	slices.Sort(l)
	return l
}

func TestLife(t *testing.T) {
	for _, tt := range []struct {
		rule             *lint.Rule
		minor            int
		apiVersion, kind string
		want             string // empty: nothing
	}{
		{NoDeprecatedAPI, 15, "extensions/v1beta1", "Deployment", "medium: apiVersion extensions/v1beta1 of Deployment is deprecated since v1.8 and removed in v1.16; want apps/v1"},
		{NoRemovedAPI, 15, "extensions/v1beta1", "Deployment", ""},
		{NoRemovedAPI, 16, "extensions/v1beta1", "Deployment", "high: apiVersion extensions/v1beta1 of Deployment is removed since v1.16; want apps/v1"},
		{NoDeprecatedAPI, 16, "extensions/v1beta1", "Deployment", ""},
		// What replaces it must be there for the target.
		{NoDeprecatedAPI, 18, "extensions/v1beta1", "Ingress", "medium: apiVersion extensions/v1beta1 of Ingress is deprecated since v1.14 and removed in v1.22; want networking.k8s.io/v1beta1"},
		{NoRemovedAPI, 22, "extensions/v1beta1", "Ingress", "high: apiVersion extensions/v1beta1 of Ingress is removed since v1.22; want networking.k8s.io/v1"},
		{NoRemovedAPI, 26, "flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "high: apiVersion flowcontrol.apiserver.k8s.io/v1beta1 of FlowSchema is removed since v1.26; want flowcontrol.apiserver.k8s.io/v1beta3"},
		{NoRemovedAPI, 37, "flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "high: apiVersion flowcontrol.apiserver.k8s.io/v1beta1 of FlowSchema is removed since v1.26; want flowcontrol.apiserver.k8s.io/v1"},
		// Kinds that the table does not hold.
		{NoRemovedAPI, 37, "apiregistration.k8s.io/v1beta1", "APIService", "high: apiVersion apiregistration.k8s.io/v1beta1 of APIService is removed since v1.22; want apiregistration.k8s.io/v1"},
		{NoRemovedAPI, 37, "policy/v1beta1", "PodSecurityPolicy", "high: apiVersion policy/v1beta1 of PodSecurityPolicy is removed since v1.25; want it removed"},
		{NoRemovedAPI, 24, "policy/v1beta1", "PodSecurityPolicy", ""},
		{NoRemovedAPI, 16, "extensions/v1beta1", "PodSecurityPolicy", "high: apiVersion extensions/v1beta1 of PodSecurityPolicy is removed since v1.16; want policy/v1beta1"},
		{NoDeprecatedAPI, 22, "scheduling.k8s.io/v1alpha1", "PriorityClass", "medium: apiVersion scheduling.k8s.io/v1alpha1 of PriorityClass is deprecated since v1.14 and removed in v1.23; want scheduling.k8s.io/v1"},
		{NoRemovedAPI, 23, "scheduling.k8s.io/v1alpha1", "PriorityClass", "high: apiVersion scheduling.k8s.io/v1alpha1 of PriorityClass is removed since v1.23; want scheduling.k8s.io/v1"},
		{AvailableAPI, 10, "node.k8s.io/v1alpha1", "RuntimeClass", ""}, // when it came is not known
		// Kinds whose types have no tags.
		{NoDeprecatedAPI, 22, "rbac.authorization.k8s.io/v1alpha1", "Role", "medium: apiVersion rbac.authorization.k8s.io/v1alpha1 of Role is deprecated since v1.17 and removed in v1.23; want rbac.authorization.k8s.io/v1"},
		{NoRemovedAPI, 23, "rbac.authorization.k8s.io/v1alpha1", "Role", "high: apiVersion rbac.authorization.k8s.io/v1alpha1 of Role is removed since v1.23; want rbac.authorization.k8s.io/v1"},
		{NoRemovedAPI, 24, "node.k8s.io/v1alpha1", "RuntimeClass", "high: apiVersion node.k8s.io/v1alpha1 of RuntimeClass is removed since v1.24; want node.k8s.io/v1"},
		{AvailableAPI, 36, "scheduling.k8s.io/v1alpha3", "Workload", "high: apiVersion scheduling.k8s.io/v1alpha3 of Workload is served since v1.37 only; want scheduling.k8s.io/v1alpha2"},
		{NoDeprecatedAPI, 37, "v1", "Endpoints", "low: apiVersion v1 of Endpoints is deprecated since v1.33; want EndpointSlice of discovery.k8s.io/v1"},
		{NoDeprecatedAPI, 32, "v1", "Endpoints", ""},
		// Not yet.
		{AvailableAPI, 20, "batch/v1", "CronJob", "high: apiVersion batch/v1 of CronJob is served since v1.21 only; want batch/v1beta1"},
		{AvailableAPI, 21, "batch/v1", "CronJob", ""},
		{AvailableAPI, 22, "autoscaling/v2", "HorizontalPodAutoscaler", "high: apiVersion autoscaling/v2 of HorizontalPodAutoscaler is served since v1.23 only; want autoscaling/v1"},
		// Never.
		{AvailableAPI, 37, "apps/v1", "Ingress", "high: apiVersion apps/v1 of Ingress does not exist; want networking.k8s.io/v1"},
		{AvailableAPI, 37, "v1", "DeploymentConfig", ""},
		{AvailableAPI, 37, "v1", "Config", ""},
		{AvailableAPI, 37, "serving.knative.dev/v1", "Service", ""},
		// Under a group that no custom resource has, and under one that may have.
		{AvailableAPI, 37, "v1/apps", "Deployment", "high: apiVersion v1/apps of Deployment does not exist; want apps/v1"},
		{AvailableAPI, 37, "rbac/v1", "ClusterRole", "high: apiVersion rbac/v1 of ClusterRole does not exist; want rbac.authorization.k8s.io/v1"},
		{AvailableAPI, 37, "networkin.k8s.io/v1", "Ingress", "high: apiVersion networkin.k8s.io/v1 of Ingress does not exist; want networking.k8s.io/v1"},
		{AvailableAPI, 37, "networking.gke.io/v1", "Ingress", ""},
		{AvailableAPI, 37, "skaffold/v4beta11", "Config", ""},
		{AvailableAPI, 37, "\"{{ group }}/v1\"", "Deployment", ""},
		{AvailableAPI, 37, "${GROUP}/v1", "Deployment", ""},
	} {
		text := fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: a}\n", tt.apiVersion, tt.kind)
		var want []string
		if tt.want != "" {
			line := "1: "
			if strings.HasSuffix(tt.want, "want it removed") {
				line = "2: " // at the kind
			}
			want = []string{line + tt.want}
		}
		if got := check(t, tt.rule, tt.minor, text); !slices.Equal(got, want) {
			t.Errorf("%s, %s %s in v1.%d:\ngot  %q\nwant %q", tt.rule.ID, tt.apiVersion, tt.kind, tt.minor, got, want)
		}
	}
}

// TestRemovedVolumes: a type of volume is reported from the version on that has no plugin for it.
func TestRemovedVolumes(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b:1}], volumes: [{name: v, rbd: {monitors: [m], image: i}}]}\n"
	const class = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: a}\nprovisioner: "
	for _, tt := range []struct {
		text        string
		minor, want int
	}{
		{pod, 30, 0},
		{pod, 31, 1},
		{class + "kubernetes.io/rbd\n", 30, 0},
		{class + "kubernetes.io/rbd\n", 31, 1},
		{class + "kubernetes.io/scaleio\n", 22, 1},
		{class + "rbd.csi.ceph.com\n", 37, 0},
		{class + "rbd\n", 37, 0},
	} {
		if l := check(t, NoRemovedAPI, tt.minor, tt.text); len(l) != tt.want {
			t.Errorf("1.%d: %v; want %d findings in\n%s", tt.minor, l, tt.want, tt.text)
		}
	}
}

// TestRemoved: what the hand-written list says must not be in the generated table,
// and every kind of the table is deprecated before it is removed.
func TestRemoved(t *testing.T) {
	for _, k := range removedKinds {
		if strings.Contains(tableText, "kind "+k.apiVersion+" "+k.kind+" ") {
			t.Errorf("%s %s: the table has it; take it out of the list", k.apiVersion, k.kind)
		}
	}
	for _, k := range untagged {
		if !regexp.MustCompile("(?m)^kind " + k.apiVersion + " " + k.kind + " [^ ]+ - - - -$").MatchString(tableText) {
			t.Errorf("%s %s: the table does not have it, or knows its life; take it out of the list", k.apiVersion, k.kind)
		}
	}
	for _, kinds := range loadTable().byName {
		for _, k := range kinds {
			if (k.removed != lint.Version{}) && !reached(k.deprecated, k.removed, false) {
				t.Errorf("%s %s is removed in %v and deprecated in %v", k.apiVersion, k.kind, k.removed, k.deprecated)
			}
		}
	}
}

// TestLostQuotes: a node may have the tag of a string and not its quotes.
func TestLostQuotes(t *testing.T) {
	for text, want := range map[string]scalarKind{"true": scalarString, "False": scalarString, "8080": scalarString, "1e3": scalarString, "~": scalarString, "yes": scalarBool, "text": scalarString} {
		if got := resolve(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}); got.kind != want {
			t.Errorf("%s: %v; want %v", text, got.kind, want)
		}
	}
}

// TestAliasBomb: what aliases multiply is visited once.
func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\nspec:\n  versions:\n  - schema:\n      openAPIV3Schema:\n        allOf:\n        - &a0 {type: object, bogus: 1}\n")
	for i := range 40 {
		fmt.Fprintf(&b, "        - &a%d {allOf: [*a%d, *a%d, *a%d]}\n", i+1, i, i, i)
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(b.String()), &n); err != nil {
		t.Fatal(err)
	}
	o, ok := lint.NewObject(&n, nil)
	if !ok {
		t.Fatal("no object")
	}
	if got := walk(o).unknown; len(got) != 1 {
		t.Errorf("%d unknown fields; want the one of the first anchor", len(got))
	}
}

func TestRepairQuantity(t *testing.T) {
	for text, want := range map[string]string{
		"512MB": "512M", "1GB": "1G", "1 Gi": "1Gi", "100 m": "100m", "2GiB": "2Gi", "10b": "10", "2 cores": "2", "64g": "64G", "1,5Gi": "", "half": "", "": "", "1.5.2Gi": "", "5 apples": "",
	} {
		if got := repairQuantity(text); got != want {
			t.Errorf("%q is fixed to %q; want %q", text, got, want)
		}
	}
}

func BenchmarkLoadTable(b *testing.B) {
	for b.Loop() {
		newTable()
	}
}

// BenchmarkRules walks over the examples, as three rules need it; BenchmarkParse beside
// it is what reading them takes.
func BenchmarkRules(b *testing.B) {
	objects, size := exampleObjects(b)
	b.SetBytes(size)
	for b.Loop() {
		for _, o := range objects {
			walk(o)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	_, size := exampleObjects(b)
	b.SetBytes(size)
	for b.Loop() {
		exampleObjects(b)
	}
}

func exampleObjects(b *testing.B) (objects []*lint.Object, size int64) {
	b.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "rules", "*.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		size += int64(len(data))
		for _, d := range manifest.Documents(data) {
			l, _ := manifest.Objects(d.Node, nil)
			objects = append(objects, l...)
		}
	}
	return objects, size
}

// Very many defects of one object are reported together after the first ones: each is looked
// for among all keys.
func TestManyDefects(t *testing.T) {
	var fields, labels strings.Builder
	for i := range 2 * maxDefects {
		fmt.Fprintf(&fields, "field%d: x\n", i)
		fmt.Fprintf(&labels, "    label%d: 1\n", i)
	}
	for _, tt := range []struct {
		rule             *lint.Rule
		text, last, more string
	}{
		{KnownFields, "apiVersion: v1\nkind: Pod\n$patch: merge\n" + fields.String(), "field999 is not a field of Pod", "field1000 and what follows, 1000 keys in all, are not fields of Pod"},
		{FieldTypes, "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n" + labels.String(), "metadata.labels.label999 is ", "metadata.labels.label1000 and what follows, 1000 keys in all, have values of a wrong type, or placeholders"},
	} {
		l := check(t, tt.rule, 37, tt.text)
		has := func(text string) bool {
			return slices.ContainsFunc(l, func(s string) bool { return strings.Contains(s, text) })
		}
		if len(l) != maxDefects+1 || !has(tt.last) || !has(tt.more) {
			t.Errorf("%s: %d findings, the last ones %q", tt.rule.ID, len(l), l[max(0, len(l)-2):])
		}
	}
}
