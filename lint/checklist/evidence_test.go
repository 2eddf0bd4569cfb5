package checklist

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/document"
	"github.com/kubevet/kubevet/render/manifest"
)

// TestEvidence: what files show, with their lines, and nothing where they show less.
func TestEvidence(t *testing.T) {
	for _, tt := range []struct {
		name, file, text string
		want             []string // item, line and text
	}{
		{"a scanner in GitHub Actions", ".github/workflows/ci.yml", `on: push
jobs:
  scan:
    steps:
    - uses: actions/checkout@v5
    - run: |
        docker build -t app .
        trivy image --exit-code 1 app
`, []string{
			"code-scanners-in-ci 6 Trivy scans images",
			"images-automated-scanners 6 Trivy scans images",
			"images-scanned 6 Trivy scans images",
		}},
		{"Trivy without an exit code fails no build", ".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [{run: trivy image app}]}}\n", nil},
		{"|| true", ".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [{run: 'hadolint Dockerfile || true'}]}}\n", nil},
		{"a pipe", ".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [{run: 'hadolint Dockerfile | tee log'}]}}\n", nil},
		{"set +e", ".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [{run: \"set +e\\nhadolint Dockerfile\"}]}}\n", nil},
		{"continue-on-error of the step", ".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [{run: hadolint Dockerfile, continue-on-error: true}]}}\n", nil},
		{"continue-on-error of the job", ".github/workflows/ci.yml", "on: push\njobs: {a: {continue-on-error: true, steps: [{run: hadolint Dockerfile}]}}\n", nil},
		{"a step that never runs", ".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [{run: hadolint Dockerfile, if: false}]}}\n", nil},
		{"a workflow that a person starts", ".github/workflows/ci.yml", "on: workflow_dispatch\njobs: {a: {steps: [{run: hadolint Dockerfile}]}}\n", nil},
		{"the version of a scanner", ".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [{run: hadolint --version}]}}\n", nil},
		{"a scanner that is installed", ".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [{run: apt-get install -y hadolint}]}}\n", nil},
		{"hadolint", ".github/workflows/ci.yaml", "on: [push]\njobs:\n  a:\n    steps:\n    - run: make && hadolint Dockerfile\n", []string{
			"code-scanners-in-ci 5 hadolint checks Dockerfiles",
			"images-automated-scanners 5 hadolint checks Dockerfiles",
		}},
		{"a scanner in a container", ".github/workflows/ci.yaml", "on: {push: {}}\njobs:\n  a:\n    steps:\n    - run: docker run --rm hadolint/hadolint:2.12.0 hadolint Dockerfile\n", []string{
			"code-scanners-in-ci 5 hadolint checks Dockerfiles",
			"images-automated-scanners 5 hadolint checks Dockerfiles",
		}},
		{"actions", ".github/workflows/ci.yml", `on: push
jobs:
  a:
    steps:
    - uses: aquasecurity/trivy-action@0.33.1
      with: {image-ref: app, exit-code: '1'}
    - uses: bridgecrewio/checkov-action@v12
      with: {soft_fail: true}
    - uses: github/codeql-action/analyze@v3
    - run: cosign sign --yes app
    - uses: sigstore/cosign-installer@v3
`, []string{
			"code-scanners-in-ci 5 Trivy scans images",
			"code-scanners-in-ci 9 CodeQL analyses the code",
			"images-automated-scanners 5 Trivy scans images",
			"images-integrity-signature 10 Cosign signs images",
			"images-scanned 5 Trivy scans images",
		}},
		{"GitLab CI", ".gitlab-ci.yml", `scan:
  script:
  - grype --fail-on high app
may-fail:
  allow_failure: true
  script: hadolint Dockerfile
manual:
  when: manual
  script: hadolint Dockerfile
.hidden:
  script: hadolint Dockerfile
`, []string{
			"code-scanners-in-ci 3 Grype scans images",
			"images-automated-scanners 3 Grype scans images",
			"images-scanned 3 Grype scans images",
		}},
		{"pre-commit", ".pre-commit-config.yaml", `repos:
- repo: https://github.com/kubevet/kubevet
  rev: v1.0.0
  hooks:
  - id: kubevet
- repo: https://github.com/gitleaks/gitleaks
  hooks:
  - id: gitleaks
    stages: [manual]
`, []string{
			"code-scanners-in-ci 5 kubevet checks manifests and Dockerfiles",
			"images-automated-scanners 5 kubevet checks manifests and Dockerfiles",
		}},
		{"Dependabot", ".github/dependabot.yml", "version: 2\nupdates:\n- {package-ecosystem: gomod}\n", []string{"code-dependencies-current 1 Dependabot proposes updates of dependencies"}},
		{"Dependabot without updates", ".github/dependabot.yml", "version: 2\nupdates: []\n", nil},
		{"Renovate", "renovate.json", `{"extends": ["config:recommended"]}`, []string{"code-dependencies-current 1 Renovate proposes updates of dependencies"}},
		{"Renovate that is off", "renovate.json", `{"enabled": false}`, nil},
		{"Renovate in JSON5", ".renovaterc.json5", "// updates\n{extends: ['config:recommended'], kustomize: {enabled: false}, description: \"a \\\" } enabled: false\"}\n", []string{"code-dependencies-current 1 Renovate proposes updates of dependencies"}},
		{"Renovate in JSON5 for some files", ".renovaterc.json5", "// enabled: false\n{extends: ['config:recommended'], /* { */ kustomize: {enabled: false}}\n", []string{"code-dependencies-current 1 Renovate proposes updates of dependencies"}},
		{"Renovate in JSON5 that is off", "renovate.json5", "{extends: [], 'enabled': false,}\n", nil},
		{"an empty configuration of Renovate", "renovate.json5", "\n", nil},
		{"a security policy", "SECURITY.md", "# Security\n\nWrite to security@example.com.\n", []string{"auth-security-policy 1 the repository has a security policy"}},
		{"an empty security policy", "SECURITY.md", "\n", nil},
		{"a Tekton task", "task.yaml", `apiVersion: tekton.dev/v1
kind: Task
metadata: {name: scan}
spec:
  steps:
  - name: scan
    image: aquasec/trivy:0.66.0
    args: [image, --exit-code, "1", app]
  - name: lint
    onError: continue
    script: hadolint Dockerfile
`, []string{
			"code-scanners-in-ci 8 Trivy scans images",
			"images-automated-scanners 8 Trivy scans images",
			"images-scanned 8 Trivy scans images",
		}},
		{"an Argo workflow", "workflow.yaml", `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: scan}
spec:
  templates:
  - name: scan
    script:
      image: alpine
      source: |
        kubevet .
`, []string{
			"code-scanners-in-ci 9 kubevet checks manifests and Dockerfiles",
			"images-automated-scanners 9 kubevet checks manifests and Dockerfiles",
		}},
		{"Velero", "a.yaml", "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: a}\nspec: {schedule: '@daily'}\n", []string{"infra-backups 1 a Velero Schedule makes backups"}},
		{"Velero that is paused", "a.yaml", "apiVersion: velero.io/v1\nkind: Schedule\nmetadata: {name: a}\nspec: {schedule: '@daily', paused: true}\n", nil},
		{"snapshots of etcd", "a.yaml", "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: etcd, command: [etcdctl, snapshot, save, /b]}]}}}}}\n", []string{"infra-backups 1 a CronJob saves snapshots of etcd"}},
		{"VolSync", "a.yaml", "apiVersion: volsync.backube/v1alpha1\nkind: ReplicationSource\nmetadata: {name: a}\nspec: {sourcePVC: a, trigger: {schedule: '@daily'}, restic: {repository: a}}\n", []string{"infra-backups 1 a ReplicationSource of VolSync copies a volume"}},
		{"VolSync by hand", "a.yaml", "apiVersion: volsync.backube/v1alpha1\nkind: ReplicationSource\nmetadata: {name: a}\nspec: {sourcePVC: a, trigger: {manual: once}}\n", nil},
		{"Longhorn", "a.yaml", "apiVersion: longhorn.io/v1beta2\nkind: RecurringJob\nmetadata: {name: a}\nspec: {task: backup, cron: '@daily'}\n", []string{"infra-backups 1 a RecurringJob of Longhorn makes backups"}},
		{"snapshots of Longhorn stay on the disk", "a.yaml", "apiVersion: longhorn.io/v1beta2\nkind: RecurringJob\nmetadata: {name: a}\nspec: {task: snapshot, cron: '@daily'}\n", nil},
		{"CloudNativePG", "a.yaml", "apiVersion: postgresql.cnpg.io/v1\nkind: ScheduledBackup\nmetadata: {name: a}\nspec: {schedule: '@daily', cluster: {name: a}}\n", []string{"infra-backups 1 a ScheduledBackup of CloudNativePG backs up a database"}},
		{"a cluster admin", "a.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: User, name: ada}, {kind: Group, name: admins}]\n", []string{"ops-cluster-admin 1 a ClusterRoleBinding gives cluster-admin to User ada, Group admins"}},
		{"an admin of a namespace", "a.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: User, name: ada}]\n", nil},
		{"alerts", "a.yaml", "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec: {groups: [{name: a, rules: [{alert: A, expr: up}]}]}\n", []string{"logs-attack-notification 1 a PrometheusRule defines alerts"}},
		{"recordings are no alerts", "a.yaml", "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec: {groups: [{name: a, rules: [{record: A, expr: up}]}]}\n", nil},
		{"Falco", "a.yaml", "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: 'docker.io/falcosecurity/falco:0.41.0'}]}}}\n", []string{"infra-monitoring 1 Falco watches processes"}},
		{"a log collector", "a.yaml", "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: 'fluent/fluent-bit:4.0'}]}}}\n", []string{"infra-logging 1 a DaemonSet of fluent-bit collects logs"}},
		{"a scanner of running images", "a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: 'ghcr.io/aquasecurity/trivy-operator:0.28.0'}]}}}\n", []string{"images-scanned 1 trivy-operator scans the images that run"}},
		{"Kyverno that enforces", "a.yaml", "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\nspec: {validationFailureAction: Enforce, rules: [{name: a, verifyImages: [{imageReferences: ['*']}]}]}\n", []string{"images-digest-or-signature 1 a Kyverno policy verifies signatures of images"}},
		{"Kyverno that audits", "a.yaml", "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\nspec: {validationFailureAction: Audit, rules: [{name: a, verifyImages: [{imageReferences: ['*']}]}]}\n", nil},
		{"SnapScheduler", "a.yaml", "apiVersion: snapscheduler.backube/v1\nkind: SnapshotSchedule\nmetadata: {name: a}\nspec: {schedule: '@daily'}\n", []string{"infra-backups 1 a SnapshotSchedule makes snapshots of volumes"}},
		{"SnapScheduler that is disabled", "a.yaml", "apiVersion: snapscheduler.backube/v1\nkind: SnapshotSchedule\nmetadata: {name: a}\nspec: {schedule: '@daily', disabled: true}\n", nil},
		{"K8up", "a.yaml", "apiVersion: k8up.io/v1\nkind: Schedule\nmetadata: {name: a}\nspec: {backup: {schedule: '@daily'}}\n", []string{"infra-backups 1 a K8up Schedule makes backups"}},
		{"K8up that only prunes", "a.yaml", "apiVersion: k8up.io/v1\nkind: Schedule\nmetadata: {name: a}\nspec: {prune: {schedule: '@daily'}}\n", nil},
		{"a CronJob that is suspended", "a.yaml", "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {suspend: true, schedule: '@daily', jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: etcd, command: [etcdctl, snapshot, save, /b]}]}}}}}\n", nil},
		{"Alertmanager", "a.yaml", "apiVersion: monitoring.coreos.com/v1alpha1\nkind: AlertmanagerConfig\nmetadata: {name: a}\nspec: {receivers: [{name: team}]}\n", []string{"logs-attack-notification 1 an AlertmanagerConfig sends alerts to receivers"}},
		{"Falcosidekick", "a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: 'falcosecurity/falcosidekick:2.31.1'}]}}}\n", []string{"logs-attack-notification 1 Falcosidekick hands on events of Falco"}},
		{"Tetragon", "a.yaml", "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: a}\nspec: {}\n", []string{"infra-monitoring 1 a TracingPolicy of Tetragon watches processes"}},
		{"KubeArmor", "a.yaml", "apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata: {name: a}\nspec: {}\n", []string{"infra-monitoring 1 a policy of KubeArmor watches processes"}},
		{"sigstore", "a.yaml", "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: a}\nspec: {authorities: [{keyless: {}}]}\n", []string{"images-digest-or-signature 1 a ClusterImagePolicy verifies signatures of images"}},
		{"SOPS", "a.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: 'ENC[AES256_GCM,data:x]'}\nsops: {mac: 'ENC[AES256_GCM,data:y]'}\n", []string{
			"infra-secrets-management 1 SOPS encrypts the values of the object",
			"infra-vaults 1 SOPS encrypts the values of the object",
			"secrets-external-injection 1 SOPS encrypts the values of the object",
		}},
		{"sigstore that warns", "a.yaml", "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: a}\nspec: {mode: warn, authorities: [{keyless: {}}]}\n", nil},
		{"Vault", "a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {vault.hashicorp.com/agent-inject: 'true'}}\nspec: {containers: [{name: a, image: a}]}\n", []string{
			"infra-secrets-management 1 the agent of Vault gives the pod its secrets",
			"infra-vaults 1 the agent of Vault gives the pod its secrets",
			"secrets-external-injection 1 the agent of Vault gives the pod its secrets",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, e := range Look(unitOf(t, tt.file, tt.text), lint.Settings{}).Evidence {
				if _, ok := Find(e.Item); !ok || e.Position.File != tt.file {
					t.Errorf("%+v: no item, or another file", e)
				}
				got = append(got, fmt.Sprintf("%s %d %s", e.Item, e.Position.Line, e.Says))
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %s\nwant %s", strings.Join(got, "\n    "), strings.Join(tt.want, "\n    "))
			}
		})
	}
}

// unitOf is the unit of one file.
func unitOf(t *testing.T, name, text string) *lint.Unit {
	t.Helper()
	u := &lint.Unit{Input: "."}
	if r, ok := document.Find(name, func() []byte { return []byte(text) }); ok {
		documents, problems := r.Read(r.Kind, name, []byte(text))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		u.Documents = documents
		return u
	}
	source := manifest.NewSource(name, []byte(text))
	for _, d := range manifest.Documents([]byte(text)) {
		objects, _ := manifest.Objects(d.Node, source)
		u.Objects = append(u.Objects, objects...)
	}
	if len(u.Objects) == 0 {
		t.Fatal("no object")
	}
	return u
}

// TestTools: every tool speaks for items that there are.
func TestTools(t *testing.T) {
	for _, tool := range tools {
		if len(tool.names)+len(tool.actions) == 0 || len(tool.items) == 0 || tool.says == "" {
			t.Errorf("%+v lacks something", tool)
		}
		for _, item := range tool.items {
			if _, ok := Find(item); !ok {
				t.Errorf("%s: no item %s", tool.says, item)
			}
		}
	}
}
