package examples_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules"
)

// TestSemantics holds what the examples cannot show: other versions, other profiles, and
// corners that would only confuse a reader there. Findings are in want comments.
func TestSemantics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		rule    string
		version int // minor; 0: the newest
		profile lint.Profile
		chart   bool
		yaml    string
	}{
		{name: "restart policies of containers before 1.35", rule: "restart-policy", version: 34, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  initContainers:
  - name: proxy
    restartPolicy: Always
  - name: migrate
    restartPolicy: OnFailure # want: restart-policy "init container "migrate" sets restartPolicy: OnFailure, which init containers may set from Kubernetes 1.35 on only; want Always or unset"
  containers:
  - name: app
    restartPolicy: Never # want: restart-policy "container "app" sets restartPolicy: Never, which containers may set from Kubernetes 1.35 on only; want it unset"
`},
		{name: "sidecars before 1.29", rule: "restart-policy", version: 27, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  initContainers:
  - name: proxy
    restartPolicy: Always # want: restart-policy "sidecar container "proxy" sets restartPolicy: Always, which Kubernetes before 1.29 ignores, so the pod waits for its end; want a container"
  containers:
  - name: app
`},
		{name: "gitRepo before 1.33", rule: "no-git-repo-volume", version: 32, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  volumes:
  - name: v
    gitRepo: {repository: https://git.example.com/a.git} # want: no-git-repo-volume "pod has volume "v" of type gitRepo, which the kubelet clones as root; want an init container that clones"
`},
		{name: "gitRepo from 1.33 on", rule: "no-git-repo-volume", version: 33, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  volumes:
  - name: v
    gitRepo: {repository: https://git.example.com/a.git} # want: no-git-repo-volume "pod has volume "v" of type gitRepo, which Kubernetes disables since 1.33, so the pod does not start; want an init container that clones"
`},
		{name: "pod-level resources before 1.34", rule: "valid-pod-resources", version: 33, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  resources: {limits: {ephemeral-storage: 1Gi}}
  containers:
  - name: app
`},
		{name: "a chart's empty repository", rule: "valid-image-reference", chart: true, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: app
    image: ":1.0" # want: valid-image-reference "container "app" uses image ":1.0", whose repository is empty with these values; want a default, or required with a message that names the value"
  - name: b
    image: "registry.example.com/app:" # want: valid-image-reference "container "b" uses image "registry.example.com/app:", whose tag is empty with these values; want a default, or required with a message that names the value"
`},
		{name: "an image that OpenShift's triggers set", rule: "valid-image-reference", yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, annotations: {image.openshift.io/triggers: "[]"}}
spec: {template: {spec: {containers: [{name: app, image: " "}]}}}
`},
		{name: "the budget of a workload that KEDA scales", rule: "budget-allows-eviction", yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: {template: {metadata: {labels: {app: a}}, spec: {containers: [{name: app}]}}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: a}
spec: {scaleTargetRef: {name: a}, minReplicaCount: 2}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: a}
spec:
  selector: {matchLabels: {app: a}}
  minAvailable: 2 # want: budget-allows-eviction "PodDisruptionBudget a sets minAvailable: 2 of 2 pods, so none can ever be evicted; want less"
`},
		{name: "seccomp annotations count up to 1.26", rule: "seccomp-profile", version: 26, yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations:
    seccomp.security.alpha.kubernetes.io/pod: runtime/default
    container.seccomp.security.alpha.kubernetes.io/open: unconfined # want: seccomp-profile "container "open" has the seccomp annotation unconfined; want runtime/default or localhost/…"
    container.seccomp.security.alpha.kubernetes.io/field: unconfined
spec:
  containers:
  - name: inherits
  - name: open
  - name: field
    securityContext: {seccompProfile: {type: RuntimeDefault}}
`},
		{name: "an object whose name is a placeholder", rule: "disruption-budget", profile: lint.Strict, yaml: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${NAME} # want: disruption-budget "Deployment ${NAME} has several replicas and no PodDisruptionBudget; want one that selects its pods"
spec:
  replicas: 2
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a}]}}
`},
		{name: "a namespace that is a placeholder", rule: "default-deny-ingress", yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: a
  namespace: ${NAMESPACE}
spec: {containers: [{name: a}]}
`},
		{name: "a seccomp profile without type", rule: "seccomp-profile", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  securityContext: {seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: app
    securityContext:
      seccompProfile: {} # want: seccomp-profile "container "app" does not set securityContext.seccompProfile.type; want RuntimeDefault or Localhost"
`},
		{name: "an AppArmor profile without type", rule: "apparmor-profile", yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations:
    container.apparmor.security.beta.kubernetes.io/gone: unconfined # want: apparmor-profile "pod has the AppArmor annotation unconfined; want runtime/default or localhost/…"
spec:
  containers:
  - name: app
    securityContext:
      appArmorProfile: {} # want: apparmor-profile "container "app" does not set securityContext.appArmorProfile.type; want RuntimeDefault or Localhost"
`},
		{name: "pod-level resources count from 1.34 on", rule: "memory-limit", version: 33, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  resources: {limits: {memory: 1Gi}}
  containers:
  - name: app # want: memory-limit "container "app" does not set resources.limits.memory; want a limit on memory"
`},
		{name: "pod-level requests are no limit", rule: "memory-limit", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  resources: {requests: {memory: 1Gi}}
  containers:
  - name: app # want: memory-limit "container "app" does not set resources.limits.memory; want a limit on memory"
`},
		{name: "a pod-level limit is a request", rule: "memory-request", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  resources: {limits: {memory: 1Gi}}
  containers:
  - name: app
`},
		{name: "a limit of zero is no request", rule: "cpu-request", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: app
    resources: # want: cpu-request "container "app" does not set resources.requests.cpu; want the CPU that the container needs"
      limits: {cpu: "0"}
`},
		{name: "what is not a quantity is not guessed at", rule: "memory-limit-equals-request", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: app
    resources: {requests: {memory: "${MEMORY}"}, limits: {memory: 1Gi}}
  - name: equal
    resources: {requests: {memory: 1000Mi}, limits: {memory: 1048576000}}
`},
		{name: "hostUsers is not looked at before 1.35", rule: "run-as-non-root", version: 34, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostUsers: false
  containers:
  - name: app # want: run-as-non-root "container "app" does not set securityContext.runAsNonRoot; want true"
`},
		{name: "a pod-level false that does no harm", rule: "run-as-non-root", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  securityContext:
    runAsNonRoot: false # want: run-as-non-root "pod sets securityContext.runAsNonRoot: false, and only the containers' own settings keep them from root; want true"
  containers:
  - name: app
    securityContext: {runAsNonRoot: true}
  - name: metrics
    securityContext: {runAsUser: 65534}
`},
		{name: "runAsUser of the pod, false on the container", rule: "run-as-non-root", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  securityContext: {runAsUser: 65534}
  containers:
  - name: app
    securityContext:
      runAsNonRoot: false # want: run-as-non-root "container "app" sets securityContext.runAsNonRoot: false, and only runAsUser: 65534 keeps it from root; want true"
`},
		{name: "null is unset, and merge keys count", rule: "read-only-root-filesystem", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: first
    securityContext: &hardened
      readOnlyRootFilesystem: true
  - name: second
    securityContext:
      <<: *hardened
  - name: third
    securityContext:
      readOnlyRootFilesystem: null # want: read-only-root-filesystem "container "third" does not set securityContext.readOnlyRootFilesystem; want true"
`},
		{name: "an unnamed namespace is asked about under the checklist profile only", rule: "default-deny-ingress", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: app}]}
`},
		{name: "unnamed, checklist", rule: "default-deny-ingress", profile: lint.Strict, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: b}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: a # want: default-deny-ingress "the namespace of Pod a has no network policy that denies ingress by default; want one with podSelector: {}, policyTypes: [Ingress] and no rules"
spec: {containers: [{name: app}]}
`},
		{name: "release namespace, checklist", rule: "default-deny-egress", profile: lint.Strict, chart: true, yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: a # want: default-deny-egress "the release namespace has no network policy that denies egress by default; want one with podSelector: {}, policyTypes: [Egress] and no rules"
spec: {containers: [{name: app}]}
`},
		{name: "the cluster's own namespaces, and those of host pods", rule: "default-deny-ingress", yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: kube-system}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: agents}
spec: {hostNetwork: true, containers: [{name: app}]}
`},
		{name: "egress to more than DNS is no denial", rule: "default-deny-egress", yaml: `
apiVersion: v1
kind: Namespace
metadata: # want: default-deny-egress "namespace "a" has no network policy that denies egress by default; want one with podSelector: {}, policyTypes: [Egress] and no rules"
  name: a
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default, namespace: a}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - ports: [{port: 53, protocol: UDP}]
  - ports: [{port: 443}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-all, namespace: a}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{}]
`},
		{name: "policies that isolate nothing", rule: "network-policy-egress", yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: a
  labels: {app: a, tier: "1"} # want: network-policy-egress "Pod a is selected by no network policy for egress; want one"
spec: {containers: [{name: app}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ingress-by-default}
spec: {podSelector: {}, egress: []}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: expressions}
spec:
  podSelector:
    matchExpressions:
    - {key: app, operator: Exists}
    - {key: tier, operator: NotIn, values: ["1"]}
  policyTypes: [Egress]
`},
		{name: "Cilium", rule: "network-policy-ingress", yaml: `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a, namespace: shop}
specs:
- endpointSelector: {matchLabels: {"k8s:app": web}}
  ingress: [{}]
- endpointSelector: {matchLabels: {app: batch}}
  egress: [{}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: batch
  namespace: shop
  labels: {app: batch} # want: network-policy-ingress "Pod batch is selected by no network policy for ingress; want one"
spec: {containers: [{name: app}]}
`},
		{name: "Calico", rule: "network-policy-ingress", yaml: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: a, namespace: shop}
spec: {selector: app == 'web'}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: a, namespace: bank}
spec: {selector: has(app) && app != 'x'}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: {name: selected, namespace: bank, labels: {app: z}}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: # want: network-policy-ingress "Pod batch is selected by no network policy for ingress; want one"
  name: batch
  namespace: shop
spec: {containers: [{name: app}]}
`},
		{name: "a subject with a namespace matches what leaves its own open", rule: "no-automount-token", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {serviceAccount: controller, containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop}
spec: # want: no-automount-token "pod does not set automountServiceAccountToken; want false"
  serviceAccountName: controller
  containers: [{name: app}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: a}
subjects:
- {kind: ServiceAccount, name: controller, namespace: release}
- {kind: Group, name: "system:serviceaccounts:shop"}
`},
		{name: "image references", rule: "no-latest-tag", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - {name: absent}
  - {name: empty, image: ""}
  - {name: placeholder, image: "{{ image }}"}
  - {name: port, image: "localhost:5000/app:1"}
  - {name: v6, image: "[::1]:5000/app:1"}
  - name: v6-untagged
    image: "[::1]:5000/app" # want: no-latest-tag "container "v6-untagged" uses image [::1]:5000/app without a tag; want a version"
`},
		{name: "volume sources that do not exist are not restricted ones", rule: "restricted-volume-types", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  volumes:
  - {name: a, mountPath: /a}
  - {name: b, nfs: null}
  - {name: c}
`},
		{name: "what an operator generates may set what is absent", rule: "read-only-root-filesystem", yaml: `
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: a}
spec:
  containers:
  - name: prometheus
    securityContext: {privileged: false}
  - name: proxy
    securityContext:
      readOnlyRootFilesystem: false # want: read-only-root-filesystem "container "proxy" sets securityContext.readOnlyRootFilesystem: false; want true"
`},
		{name: "a generated pod without limits is not judged", rule: "memory-limit", yaml: `
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: a}
spec:
  steps:
  - {name: a, image: b}
`},
		{name: "steps are called steps", rule: "no-privileged-container", yaml: `
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: a}
spec:
  tasks:
  - name: build
    taskSpec:
      steps:
      - name: image
        securityContext: {privileged: true} # want: no-privileged-container "step "image" of task "build" sets securityContext.privileged: true; want false"
`},
		{name: "an Argo template takes its workflow's security context", rule: "run-as-non-root", yaml: `
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: a-}
spec:
  securityContext: {runAsNonRoot: true}
  templates:
  - name: good
    container: {image: a}
  - name: wrong
    script:
      image: a
      securityContext: {runAsNonRoot: false} # want: run-as-non-root "container "main" of template "wrong" sets securityContext.runAsNonRoot: false; want true"
`},
		{name: "an Argo workflow without one", rule: "seccomp-profile", yaml: `
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: a}
spec:
  workflowSpec:
    templates:
    - name: build
      container: # want: seccomp-profile "container "main" of template "build" does not set securityContext.seccompProfile.type; want RuntimeDefault or Localhost"
        image: a
`},
		{name: "what a workflow's pods are called is not known", rule: "network-policy-ingress", yaml: `
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: a}
spec:
  templates:
  - name: build
    container: {image: a}
`},
		{name: "a namespace enforces an older version", rule: "meets-namespace-pod-security", yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: old, labels: {pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.33}}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: old}
spec:
  containers:
  - name: app
    livenessProbe: {httpGet: {host: 127.0.0.1, port: 80}}
---
apiVersion: v1
kind: Namespace
metadata: {name: new, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: new}
spec:
  containers:
  - name: app
    livenessProbe:
      httpGet:
        host: 127.0.0.1 # want: meets-namespace-pod-security "namespace "new" enforces baseline and refuses the pod: container "app" sets livenessProbe.httpGet.host: 127.0.0.1; want it unset"
`},
		{name: "PodSecurityPolicy before 1.25", rule: "no-pod-security-policy", version: 24, yaml: `
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: a}
`},
		{name: "tags are pulled once outside the checklist profile", rule: "image-pull-policy", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - {name: a, image: "app:1.0", imagePullPolicy: IfNotPresent}
  - {name: b, image: "app:1.0"}
  - name: c
    image: app:1.0
    imagePullPolicy: Never # want: image-pull-policy "container "c" sets imagePullPolicy: Never; want Always or a digest"
`},
		{name: "without a configuration nothing is sensitive", rule: "sandboxed-runtime", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers: [{name: a}]
`},
		{name: "without a configuration every registry will do", rule: "trusted-registries", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers: [{name: a, image: quay.io/a/b:1}]
`},
		{name: "user namespaces are asked for from 1.33 on", rule: "user-namespace", version: 32, yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers: [{name: a}]
`},
		{name: "a pod's volume in memory within its limits", rule: "empty-dir-size-limit", yaml: `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  volumes:
  - {name: unused, emptyDir: {medium: Memory}}
  - name: shm
    emptyDir: # want: empty-dir-size-limit "pod has volume "shm" in the node's memory without emptyDir.sizeLimit; want one"
      medium: Memory
  - {name: disk, emptyDir: {}}
  containers:
  - {name: a, volumeMounts: [{name: shm, mountPath: /dev/shm}, {name: disk, mountPath: /d}]}
  - {name: b, resources: {limits: {memory: 1Gi}}, volumeMounts: [{name: shm, mountPath: /dev/shm}]}
`},
		{name: "policies of pods that are not of the input's namespace", rule: "no-dangling-network-policy", yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: other}
spec: {podSelector: {matchLabels: {app: a}}}
---
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: one}
spec: {containers: [{name: a}]}
`},
		{name: "ranges of ports hold 80", rule: "no-metadata-api-egress", yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to:
    - ipBlock:
        cidr: 169.254.0.0/16 # want: no-metadata-api-egress "NetworkPolicy a allows egress to the cloud's metadata service by ipBlock 169.254.0.0/16; want except: [169.254.169.254/32]"
    ports: [{port: 1, endPort: 1024}]
  - to: [{ipBlock: {cidr: 169.254.0.0/16}}]
    ports: [{port: 53, protocol: UDP}]
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.TrimPrefix(tt.yaml, "\n")
			wants, err := parseWants([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			source := manifest.NewSource("test.yaml", []byte(text))
			u := &lint.Unit{Input: "test.yaml"}
			if tt.chart {
				u.Kind, u.Scenario = lint.UnitChart, "default values"
			}
			for _, d := range manifest.Documents([]byte(text)) {
				if d.Err != nil {
					t.Fatal(d.Err)
				}
				objects, _ := manifest.Objects(d.Node, source)
				u.Objects = append(u.Objects, objects...)
			}
			c := lint.Checker{Rules: []*lint.Rule{rules.Find(tt.rule)}, Version: lint.Newest, Profile: tt.profile}
			if tt.version != 0 {
				c.Version.Minor = tt.version
			}
			findings, problems := c.Check(u)
			for _, p := range problems {
				t.Error(p, p.Detail)
			}
			var got, want []string
			for _, f := range findings {
				got = append(got, fmt.Sprintf("%d: %s", f.Origin.Line, f.Message))
			}
			for _, w := range wants {
				want = append(want, fmt.Sprintf("%d: %s", w.Line, w.Message))
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}
