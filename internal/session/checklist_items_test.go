package session

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/lint/checklist"
)

// TestItems checks, for each item that rules decide, that there is an input that fails
// it and one that passes it: the documents of the examples of its rules. An item that
// a person attests too passes with their word.
func TestItems(t *testing.T) {
	t.Parallel()
	for _, item := range checklist.Items {
		deciding, _ := checklist.RulesOf(item, AllRules())
		if len(deciding) == 0 {
			continue // evidence alone
		}
		t.Run(item.ID, func(t *testing.T) {
			t.Parallel()
			seen := map[checklist.Verdict]bool{}
			for _, id := range deciding {
				for _, text := range exampleInputs(t, id) {
					seen[verdictOf(t, item, text)] = true
					if seen[checklist.Pass] && seen[checklist.Fail] {
						return
					}
				}
			}
			for _, v := range []checklist.Verdict{checklist.Pass, checklist.Fail} {
				if !seen[v] {
					t.Errorf("no example of %s gives the verdict %s", strings.Join(deciding, ", "), v)
				}
			}
		})
	}
}

// hardened is a workload that passes what no example of a rule passes alone.
const hardened = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, sensitivity: high}}
    spec:
      automountServiceAccountToken: false
      runtimeClassName: gvisor
      nodeSelector: {tier: high}
      tolerations: [{key: example.com/tier, operator: Exists}]
      containers:
      - name: web
        image: registry.example/web@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        ports: [{name: http, containerPort: 8080}]
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 100m, memory: 64Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`

// calico is a network plugin that enforces policies.
const calico = `apiVersion: v1
kind: Pod
metadata: {name: calico, namespace: kube-system}
spec:
  containers: [{name: node, image: quay.io/calico/node:v3.30.1}]
`

// bothParts passes the items that are about two things: data at rest and in transit, and
// impersonation and anonymous requests.
const bothParts = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: disks}
provisioner: ebs.csi.aws.com
parameters: {encrypted: "true"}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  tls: [{hosts: [shop.example.com], secretName: web-tls}]
  rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pods, namespace: shop}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}}
`

// exampleInputs are the files of a rule's example, and each of its documents by itself.
func exampleInputs(t *testing.T, id string) []map[string]string {
	t.Helper()
	inputs := []map[string]string{{"a.yaml": hardened}, {"a.yaml": calico}, {"a.yaml": bothParts}}
	if data, err := fs.ReadFile(examples.Files, id+".yaml"); err == nil {
		for _, text := range append(strings.Split(string(data), "\n---\n"), string(data)) {
			inputs = append(inputs, map[string]string{"a.yaml": text})
		}
	}
	if data, err := fs.ReadFile(examples.Files, id+".txtar"); err == nil {
		trees := map[string]map[string]string{} // each first folder is a repository
		for _, f := range txtar.Parse(data).Files {
			top, name, ok := strings.Cut(f.Name, "/")
			if !ok {
				top, name = "", f.Name
			}
			if trees[top] == nil {
				trees[top] = map[string]string{}
				inputs = append(inputs, trees[top])
			}
			trees[top][name] = string(f.Data)
		}
	}
	return inputs
}

// verdictOf is the verdict on an item for some files, with a valid attestation.
func verdictOf(t *testing.T, item checklist.Item, files map[string]string) checklist.Verdict {
	t.Helper()
	dir := t.TempDir()
	files[".kubevet.yaml"] = "attestations:\n- {item: " + item.ID + ", by: Ada, date: 2026-05-01, evidence: the minutes}\n" +
		"sensitive:\n- {labels: {sensitivity: high}, tier: high}\n" +
		"tiers:\n  high: {node-selector: {tier: high}, tolerations: [{key: example.com/tier, operator: Exists}], runtime-class: gvisor}\n"
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := New(Options{Jobs: 1, Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	in, _, err := s.Checklist(context.Background(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range checklist.Evaluate(*in) {
		if r.ID == item.ID {
			return r.Verdict
		}
	}
	t.Fatalf("no item %s", item.ID)
	return ""
}
