package admission

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

func parse(t *testing.T, text string) node.Value {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return node.NewValue(&n)
}

func TestKyvernoScope(t *testing.T) {
	pod := Target{Kind: "Pod", Namespace: "shop", Labels: map[string]string{"app": "web"}}
	for rule, want := range map[string]Answer{
		`match: {any: [{resources: {kinds: [Pod]}}]}`:                                                                                Yes,
		`match: {resources: {kinds: [v1/Pod]}}`:                                                                                      Yes,
		`match: {any: [{resources: {kinds: ["*"]}}]}`:                                                                                Yes,
		`match: {any: [{resources: {kinds: [Pod/exec]}}]}`:                                                                           No,
		`match: {any: [{resources: {kinds: [Service]}}, {resources: {kinds: [Pod]}}]}`:                                               Yes,
		`match: {all: [{resources: {kinds: [Pod]}}, {resources: {namespaces: ["s?op"]}}]}`:                                           Yes,
		`match: {all: [{resources: {kinds: [Pod]}}, {resources: {namespaces: [team-*]}}]}`:                                           No,
		`match: {any: [{resources: {kinds: [Pod], selector: {matchLabels: {app: w*}}}}]}`:                                            Yes,
		`match: {any: [{resources: {kinds: [Pod], selector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}}]}`:            No,
		`match: {any: [{resources: {kinds: [Pod], operations: [UPDATE]}}]}`:                                                          No,
		`match: {any: [{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {team: a}}}}]}`:                                   Maybe,
		`match: {any: [{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}}]}`:         Yes,
		`{match: {any: [{resources: {kinds: [Pod]}}]}, exclude: {any: [{resources: {namespaces: [shop]}}]}}`:                         No,
		`{match: {any: [{resources: {kinds: [Pod]}}]}, exclude: {any: [{resources: {annotations: {a: b}}}]}}`:                        Maybe,
		`{match: {any: [{resources: {kinds: [Pod]}, subjects: [{kind: User, name: jo}]}]}}`:                                          Maybe,
		`{match: {any: [{resources: {kinds: [Pod]}}]}, preconditions: {all: [{key: a, operator: Equals, value: b}]}}`:                Maybe,
		`{match: {any: [{resources: {kinds: [Pod]}}]}, exclude: {resources: {kinds: [Pod], selector: {matchLabels: {app: other}}}}}`: Yes,
	} {
		if got := kyvernoScope(parse(t, rule))(pod); got != want {
			t.Errorf("%s: got %d, want %d", rule, got, want)
		}
	}
}

func TestChanges(t *testing.T) {
	kyverno := func(mutate string) string {
		return "spec: {rules: [{match: {any: [{resources: {kinds: [Pod, Deployment]}}]}, mutate: " + mutate + "}]}"
	}
	const all = "apiGroups: ['*'], operations: ['*']"
	for _, test := range []struct{ group, kind, text, want string }{
		{"kyverno.io", "ClusterPolicy", kyverno(`{patchStrategicMerge: {spec: {enableServiceLinks: false}}}`), "enableServiceLinks"},
		{"kyverno.io", "ClusterPolicy", kyverno(`{patchStrategicMerge: {spec: {template: {spec: {+(hostUsers): false}}}}}`), "hostUsers unless hostUsers"},
		{"kyverno.io", "ClusterPolicy", kyverno(`{patchStrategicMerge: {spec: {containers: [{(name): "*", (image): "*:latest", imagePullPolicy: Always}]}}}`), "containers[].imagePullPolicy perhaps"},
		{"kyverno.io", "ClusterPolicy", kyverno(`{patchStrategicMerge: {spec: {containers: [{(name): "app-*", securityContext: {privileged: null, runAsUser: 10001}}]}}}`), "containers[].securityContext.runAsUser of app-*"},
		{"kyverno.io", "ClusterPolicy", kyverno(`{foreach: [{list: "request.object.spec.initContainers", patchesJson6902: "- {op: add, path: '/spec/initContainers/{{elementIndex}}/securityContext', value: {runAsNonRoot: true}}"}]}`), "initContainers[].securityContext.runAsNonRoot"},
		{"kyverno.io", "ClusterPolicy", kyverno(`{patchesJson6902: "- {op: add, path: /spec/containers/0/securityContext/privileged, value: false}\n- {op: add, path: /spec/containers/-, value: {name: a}}"}`), "containers[].securityContext.privileged perhaps"},
		{"kyverno.io", "ClusterPolicy", kyverno(`{targets: [{kind: Pod}], patchStrategicMerge: {spec: {enableServiceLinks: false}}}`), ""},
		{"mutations.gatekeeper.sh", "Assign", `spec: {applyTo: [{groups: [""], kinds: [Pod]}], location: "spec.containers[name: *].securityContext", parameters: {pathTests: [{subPath: "spec.containers[name: *].securityContext", condition: MustNotExist}], assign: {value: {runAsNonRoot: true}}}}`, "containers[].securityContext.runAsNonRoot unless containers[].securityContext"},
		{"admissionregistration.k8s.io", "MutatingAdmissionPolicy", `spec: {matchConstraints: {resourceRules: [{` + all + `, resources: [deployments]}]}, mutations: [{applyConfiguration: {expression: "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, imagePullPolicy: 'Always'})}}}}"}}]}`, "containers perhaps, containers[].name perhaps, containers[].imagePullPolicy perhaps"},
		{"admissionregistration.k8s.io", "MutatingAdmissionPolicy", `spec: {matchConstraints: {resourceRules: [{` + all + `, resources: [pods]}]}, mutations: [{applyConfiguration: {expression: "Object{spec: Object.spec{securityContext: Object.spec.securityContext{runAsNonRoot: true, fsGroup: 1}}}"}}]}`, "securityContext.runAsNonRoot perhaps, securityContext.fsGroup perhaps"},
		{"policies.kyverno.io", "MutatingPolicy", `spec: {matchConstraints: {resourceRules: [{` + all + `, resources: [pods]}]}, mutations: [{jsonPatch: {expression: "[JSONPatch{op: 'add', path: '/spec/hostUsers', value: false}]"}}]}`, "hostUsers perhaps"},
		{"example.com", "ClusterPolicy", kyverno(`{patchStrategicMerge: {spec: {enableServiceLinks: false}}}`), ""},
	} {
		mutations := Mutations(test.group, test.kind, "", parse(t, test.text))
		var got []string
		for _, c := range Changes(mutations, Target{Kind: "Pod"}, Target{Group: "apps", Kind: "Deployment"}, "spec.template.spec") {
			text := c.Path
			if c.Containers != "" {
				text += " of " + c.Containers
			}
			if c.Unless != "" {
				text += " unless " + c.Unless
			}
			if !c.IsSure {
				text += " perhaps"
			}
			if !strings.HasPrefix(text, "template.") { // one for a Deployment is no field of a pod
				got = append(got, text)
			}
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s: got %s, want %s", test.text, got, test.want)
		}
	}
}

// TestPatchesThatExpand checks that JSON patches in a text whose aliases expand without end, or into very much, set nothing.
func TestPatchesThatExpand(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("- op: add\n  path: /spec/a\n  value:\n    a0: &a0 {x: 1, y: 2}\n")
	for i := range 40 {
		fmt.Fprintf(&bomb, "    a%d: &a%d {x: *a%d, y: *a%d}\n", i+1, i+1, i, i)
	}
	for name, text := range map[string]string{"cycle": "- {op: add, path: /spec/a, value: &x {a: *x}}", "bomb": bomb.String()} {
		if l := jsonPatches(text, true); len(l) > 0 {
			t.Errorf("%s: got %d changes, want none", name, len(l))
		}
	}
	if l := jsonPatches("- {op: add, path: /spec/a, value: {b: 1}}", true); len(l) != 1 || l[0].Path != "spec.a.b" {
		t.Errorf("got %v, want one change of spec.a.b", l)
	}
}

func TestPreconditions(t *testing.T) {
	shop := Target{Kind: "Namespace", Name: "shop", Labels: map[string]string{"net/deny": "true"}}
	for conditions, want := range map[string]Answer{
		`[]`: Yes,
		`{all: [{key: "{{ request.object.metadata.name }}", operator: AnyNotIn, value: [cart, "kube-*"]}]}`:                                  Yes,
		`{all: [{key: "{{request.object.metadata.name}}", operator: NotIn, value: [cart, shop]}]}`:                                           No,
		`{any: [{key: "{{request.object.metadata.name}}", operator: Equals, value: "sh*"}, {key: a, operator: Equals, value: b}]}`:           Yes,
		`[{key: "{{request.object.metadata.name}}", operator: Equals, value: cart}]`:                                                         No,
		`{all: [{key: "{{ request.operation || 'BACKGROUND' }}", operator: AnyIn, value: [CREATE, UPDATE]}]}`:                                Yes,
		`{all: [{key: '{{ request.object.metadata.labels."net/deny" || "false" }}', operator: Equals, value: "true"}]}`:                      Yes,
		`{all: [{key: '{{ request.object.metadata.labels."net/open" || "false" }}', operator: Equals, value: "true"}]}`:                      No,
		`{all: [{key: '{{ request.object.metadata.labels.open }}', operator: Equals, value: "true"}]}`:                                       Maybe,
		`{all: [{key: '{{ request.object.metadata.labels."net/deny" }}', operator: Equals, value: true}]}`:                                   Maybe,
		`{all: [{key: "{{request.object.metadata.name}}", operator: AnyIn, value: "{{ names }}"}]}`:                                          Maybe,
		`{all: [{key: "{{request.object.metadata.name}}", operator: GreaterThan, value: a}]}`:                                                Maybe,
		`{all: [{key: "x-{{request.object.metadata.name}}", operator: Equals, value: x-shop}]}`:                                              Maybe,
		`{all: [{key: a, operator: Equals, value: b}, {key: "{{request.object.metadata.name}}", operator: NotEquals, value: shop}]}`:         No,
		`{all: [{key: "{{request.object.metadata.name}}", operator: Equals, value: shop}], any: [{key: a, operator: Equals, value: b}]}`:     Maybe,
		`{any: [{key: "{{request.namespace}}", operator: Equals, value: shop}, {key: "{{request.name}}", operator: Equals, value: "cart"}]}`: Maybe,
	} {
		if got := preconditions(parse(t, conditions), shop); got != want {
			t.Errorf("%s: got %d, want %d", conditions, got, want)
		}
	}
}

func TestLabel(t *testing.T) {
	rule := func(more, patch string) string {
		return "spec: {rules: [{match: {any: [{resources: {kinds: [Namespace]}}]}, " + more + "mutate: " + patch + "}]}"
	}
	const adds, sets = `{patchStrategicMerge: {metadata: {labels: {+(level): baseline}}}}`, `{patchStrategicMerge: {metadata: {labels: {level: baseline}}}}`
	none, has := map[string]string{}, map[string]string{"level": "privileged"}
	for _, test := range []struct {
		kind, text string
		labels     map[string]string
		want       string
		is         Answer
	}{
		{"ClusterPolicy", rule("", adds), none, "baseline", Yes},
		{"ClusterPolicy", rule("", adds), has, "", No},
		{"ClusterPolicy", rule("", sets), has, "baseline", Yes},
		{"Policy", rule("", sets), none, "", No},
		{"ClusterPolicy", rule("", `{patchesJson6902: "- {op: add, path: /metadata/labels/level, value: baseline}"}`), none, "baseline", Yes},
		{"ClusterPolicy", rule("", `{patchStrategicMerge: {metadata: {labels: {level: "{{ level }}"}}}}`), none, "", Maybe},
		{"ClusterPolicy", rule("", `{patchStrategicMerge: {metadata: {+(labels): {level: baseline}}}}`), map[string]string{"a": "b"}, "", No},
		{"ClusterPolicy", rule("", `{patchStrategicMerge: {metadata: {(name): "s*", labels: {level: baseline}}}}`), none, "", Maybe},
		{"ClusterPolicy", rule("exclude: {any: [{resources: {names: [shop]}}]}, ", sets), none, "", No},
		{"ClusterPolicy", rule("preconditions: [{key: a, operator: Equals, value: b}], ", sets), none, "", Maybe},
	} {
		mutations := Mutations("kyverno.io", test.kind, "shop", parse(t, test.text))
		value, is := Label(mutations, Target{Kind: "Namespace", Name: "shop", Labels: test.labels}, "level")
		if value != test.want || is != test.is {
			t.Errorf("%s of %v: got %q %d, want %q %d", test.text, test.labels, value, is, test.want, test.is)
		}
	}
}
