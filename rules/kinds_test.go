package rules

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// decoys is an object of some kind that sets what pods have, wherever kinds with
// pods keep it.
const decoys = `apiVersion: %s
kind: %s
metadata:
  name: a
  labels: {pod-security.kubernetes.io/enforce: restricted}
  annotations: {container.apparmor.security.beta.kubernetes.io/a: unconfined}
template: &template
  spec: &pod
    hostNetwork: true
    hostPID: true
    hostUsers: true
    nodeName: node
    serviceAccount: default
    shareProcessNamespace: true
    securityContext: {runAsUser: 0, sysctls: [{name: kernel.msgmax, value: "1"}]}
    volumes: [{name: a, hostPath: {path: /}}, {name: b, emptyDir: {medium: Memory}}]
    initContainers: [{name: b, image: b}]
    containers:
    - name: a
      image: k8s.gcr.io/App:latest
      command: [sshd]
      ports: [{containerPort: 22, hostPort: 22}]
      securityContext: {privileged: true, procMount: Unmasked, capabilities: {add: [NONSENSE]}}
      resources: {requests: {cpu: 2}, limits: {cpu: 1}}
spec:
  <<: *pod
  podTemplate: *template
  template: *template
  jobTemplate: {spec: {template: *template}}
  tls: [{}]
  taskSpec: {steps: [{name: a, image: a}]}
  templates: [{name: a, container: {image: a}}]
`

// TestKinds runs the rules on pods over every kind of Kubernetes: they find
// something in each that has pods, and nothing in any other.
func TestKinds(t *testing.T) {
	t.Parallel()
	var l []*lint.Rule
	for _, s := range sections {
		if slices.Contains([]string{"images", "pod", "resources"}, s.name) {
			l = append(l, s.rules...)
		}
	}
	// These are about objects that have no pods.
	other := map[string]string{"PodSecurityPolicy": "no-pod-security-policy"}

	types := scheme.Scheme.AllKnownTypes()
	var kinds []schema.GroupVersionKind
	for kind := range types {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b schema.GroupVersionKind) int { return strings.Compare(a.String(), b.String()) })
	checked, withPods := 0, 0
	for _, kind := range kinds {
		if kind.Version == "__internal" || types[kind].PkgPath() == reflect.TypeFor[metav1.Status]().PkgPath() || isList(types[kind]) {
			continue
		}
		checked++
		text := fmt.Appendf(nil, decoys, kind.GroupVersion(), kind.Kind)
		objects, _ := manifest.Objects(manifest.Documents(text)[0].Node, manifest.NewSource("test.yaml", text))
		if len(objects) != 1 {
			t.Fatalf("%s: no object", kind)
		}
		u := &lint.Unit{Input: "test.yaml", Objects: objects}
		c := lint.Checker{Rules: l, Version: lint.Newest, Profile: lint.Strict}
		findings, problems := c.Check(u)
		for _, p := range problems {
			t.Error(kind, p, p.Detail)
		}
		if hasPods(types[kind], nil) {
			withPods++
			if len(objects[0].Workloads) != 1 || len(findings) < 20 {
				t.Errorf("%s has pods; found %d workloads and %d findings", kind, len(objects[0].Workloads), len(findings))
			}
			continue
		}
		for _, f := range findings {
			if other[kind.Kind] != f.Rule.ID {
				t.Errorf("%s has no pods: %s [%s]", kind, f.Message, f.Rule.ID)
			}
		}
	}
	t.Logf("%d kinds, %d with pods", checked, withPods)
	if checked < 150 || withPods < 15 {
		t.Errorf("%d kinds, %d with pods: not what Kubernetes has", checked, withPods)
	}
}

// isList reports whether a type is a list of objects, which is read as those.
func isList(t reflect.Type) bool {
	f, ok := t.FieldByName("Items")
	return ok && f.Type.Kind() == reflect.Slice && strings.HasSuffix(t.Name(), "List")
}

// hasPods reports whether a type holds a pod's spec.
func hasPods(t reflect.Type, seen []reflect.Type) bool {
	if t == reflect.TypeFor[corev1.PodSpec]() {
		return true
	}
	if slices.Contains(seen, t) {
		return false
	}
	seen = append(seen, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return hasPods(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPods(t.Field(i).Type, seen) {
				return true
			}
		}
	default:
	}
	return false
}
