package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/pods"
)

func object(t *testing.T, text string) *lint.Object {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	o, ok := lint.NewObject(&doc, nil)
	if !ok {
		t.Fatal("no object")
	}
	return o
}

// shape writes the pods and containers of all workloads, each with its path and what is known of it.
func shape(o *lint.Object) string {
	var b strings.Builder
	for _, w := range o.Workloads {
		for _, h := range w.Select(lint.KindPod | lint.Containers) {
			fmt.Fprintf(&b, "%s at %s", h.Label(), h.Path())
			if h.Partial {
				b.WriteString(", partial")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestShapes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml, want string }{
		{"JobSet", `
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
spec:
  replicatedJobs:
  - name: workers
    template: {spec: {template: {spec: {containers: [{name: app}]}}}}
  - name: driver
    template: {spec: {template: {spec: {initContainers: [{name: proxy, restartPolicy: Always}], containers: [{name: app}]}}}}
`, `
pod of job "workers" at spec.replicatedJobs[0].template.spec.template.spec
container "app" of job "workers" at spec.replicatedJobs[0].template.spec.template.spec.containers[0]
pod of job "driver" at spec.replicatedJobs[1].template.spec.template.spec
sidecar container "proxy" of job "driver" at spec.replicatedJobs[1].template.spec.template.spec.initContainers[0]
container "app" of job "driver" at spec.replicatedJobs[1].template.spec.template.spec.containers[0]
`},
		{"LeaderWorkerSet", `
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
spec:
  leaderWorkerTemplate:
    leaderTemplate: {spec: {containers: [{name: a}]}}
    workerTemplate: {spec: {containers: [{name: b}]}}
`, `
pod of leaderTemplate at spec.leaderWorkerTemplate.leaderTemplate.spec
container "a" of leaderTemplate at spec.leaderWorkerTemplate.leaderTemplate.spec.containers[0]
pod of workerTemplate at spec.leaderWorkerTemplate.workerTemplate.spec
container "b" of workerTemplate at spec.leaderWorkerTemplate.workerTemplate.spec.containers[0]
`},
		{"Kubeflow", `
apiVersion: kubeflow.org/v1
kind: PyTorchJob
spec: {pytorchReplicaSpecs: {Master: {template: {spec: {containers: [{name: pytorch}]}}}}}
`, `
pod of replica "Master" at spec.pytorchReplicaSpecs.Master.template.spec
container "pytorch" of replica "Master" at spec.pytorchReplicaSpecs.Master.template.spec.containers[0]
`},
		{"Argo", `
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
spec:
  workflowSpec:
    templates:
    - name: all
      dag: {tasks: []}
    - name: build
      container: {image: a}
      sidecars: [{name: docker}]
    - name: count
      script: {name: run, image: a}
`, `
workflow at spec.workflowSpec, partial
pod of template "build" at spec.workflowSpec.templates[1], partial
container "main" of template "build" at spec.workflowSpec.templates[1].container
container "docker" of template "build" at spec.workflowSpec.templates[1].sidecars[0]
pod of template "count" at spec.workflowSpec.templates[2], partial
container "run" of template "count" at spec.workflowSpec.templates[2].script
`},
		{"Tekton task", `
apiVersion: tekton.dev/v1
kind: Task
spec:
  steps: [{name: build, image: a}, {image: b}]
  sidecars: [{name: registry}]
`, `
pod at spec, partial
step "build" at spec.steps[0], partial
step "1" at spec.steps[1], partial
sidecar "registry" at spec.sidecars[0], partial
`},
		{"Tekton pipeline", `
apiVersion: tekton.dev/v1
kind: Pipeline
spec:
  tasks: [{name: ref, taskRef: {name: other}}, {name: own, taskSpec: {steps: [{name: s}]}}]
`, `
pod of task "own" at spec.tasks[1].taskSpec, partial
step "s" of task "own" at spec.tasks[1].taskSpec.steps[0], partial
`},
		{"KServe", `
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
spec:
  predictor: {model: {storageUri: s3://a}}
  transformer: {containers: [{name: kserve-container}]}
`, `
pod of predictor at spec.predictor, partial
container "kserve-container" of predictor at spec.predictor.model, partial
pod of transformer at spec.transformer, partial
container "kserve-container" of transformer at spec.transformer.containers[0], partial
`},
		{"Prometheus", `
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
spec: {containers: [{name: prometheus}]}
`, `
pod at spec, partial
container "prometheus" at spec.containers[0], partial
`},
		{"Spark", `
apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
spec:
  image: a
  driver: {securityContext: {privileged: true}, sidecars: [{name: log, image: b}]}
  executor: {initContainers: [{name: load}]}
`, `
pod of driver at spec.driver, partial
container "log" of driver at spec.driver.sidecars[0], partial
driver of SparkApplication at spec.driver, partial
pod of executor at spec.executor, partial
init container "load" of executor at spec.executor.initContainers[0], partial
executor of SparkApplication at spec.executor, partial
pod at spec, partial
SparkApplication at spec, partial
`},
		{"Beat", `
apiVersion: beat.k8s.elastic.co/v1beta1
kind: Beat
spec: {daemonSet: {podTemplate: {spec: {containers: [{name: filebeat}]}}}}
`, `
pod of daemonSet at spec.daemonSet.podTemplate.spec, partial
container "filebeat" of daemonSet at spec.daemonSet.podTemplate.spec.containers[0], partial
`},
		{"operator's bundle", `
apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
spec: {install: {spec: {deployments: [{name: manager, spec: {template: {spec: {containers: [{name: app}]}}}}]}}}
`, `
pod of deployment "manager" at spec.install.spec.deployments[0].spec.template.spec
container "app" of deployment "manager" at spec.install.spec.deployments[0].spec.template.spec.containers[0]
`},
		{"whole objects", `
apiVersion: work.open-cluster-management.io/v1
kind: ManifestWork
spec:
  workload:
    manifests:
    - {apiVersion: v1, kind: Service, metadata: {name: a}}
    - {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: [{name: app}]}}}}
    - {apiVersion: work.open-cluster-management.io/v1, kind: ManifestWork, spec: {workload: {manifests: []}}}
`, `
pod of Deployment "web" at spec.workload.manifests[1].spec.template.spec
container "app" of Deployment "web" at spec.workload.manifests[1].spec.template.spec.containers[0]
`},
		{"Argo Events", `
apiVersion: argoproj.io/v1alpha1
kind: EventSource
spec: {template: {container: {securityContext: {privileged: true}}}}
`, `
pod at spec.template, partial
container "main" at spec.template.container, partial
`},
		{"Envoy Gateway", `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
spec: {provider: {kubernetes: {envoyDeployment: {pod: {securityContext: {}}, container: {image: a}}}}}
`, `
pod of envoyDeployment at spec.provider.kubernetes.envoyDeployment.pod, partial
container "envoy" of envoyDeployment at spec.provider.kubernetes.envoyDeployment.container, partial
`},
		{"Strimzi", `
apiVersion: kafka.strimzi.io/v1beta2
kind: Kafka
spec:
  kafka: {template: {pod: {securityContext: {runAsUser: 0}}, kafkaContainer: {securityContext: {}}, initContainer: {env: []}}}
  entityOperator: {template: {topicOperatorContainer: {securityContext: {}}}}
`, `
pod of kafka at spec.kafka.template.pod, partial
container "kafka" of kafka at spec.kafka.template.kafkaContainer, partial
init container "init" of kafka at spec.kafka.template.initContainer, partial
pod of entityOperator at spec.entityOperator.template, partial
container "topicOperator" of entityOperator at spec.entityOperator.template.topicOperatorContainer, partial
`},
		{"no pods", "apiVersion: v1\nkind: Service\nspec: {template: {spec: {containers: [{name: a}]}}}\n", "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := shape(object(t, tt.yaml)); "\n"+got != tt.want {
				t.Errorf("got:\n%swant:%s", got, tt.want)
			}
		})
	}
}

// TestAddWorkloads adds a kind that kubevet does not know, as a configuration does.
func TestAddWorkloads(t *testing.T) {
	o := object(t, "apiVersion: example.com/v1\nkind: Fleet\nspec: {groups: [{name: a, pods: {spec: {containers: [{name: app}]}}}]}\n")
	o.AddWorkloads([]pods.Shape{
		{Group: "example.com", Kind: "Fleet", Template: "spec.groups[].pods", Noun: "group"},
		{Group: "example.org", Kind: "Fleet", Template: "spec.groups[].pods"},
	})
	want := "pod of group \"a\" at spec.groups[0].pods.spec\ncontainer \"app\" of group \"a\" at spec.groups[0].pods.spec.containers[0]\n"
	if got := shape(o); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// TestAddPodSpec adds a kind that has a pod's spec without metadata.
func TestAddPodSpec(t *testing.T) {
	t.Parallel()
	o := object(t, "apiVersion: example.com/v1\nkind: Runner\nspec: {pods: {big: {containers: [{name: app}]}}}\n")
	o.AddWorkloads([]pods.Shape{{Group: "example.com", Kind: "Runner", PodSpec: "spec.pods.*", Noun: "pod"}})
	want := "pod of pod \"big\" at spec.pods.big\ncontainer \"app\" of pod \"big\" at spec.pods.big.containers[0]\n"
	if got := shape(o); got != want || !o.Workloads[0].OpenLabels {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// TestIsDefinite holds what a partial pod leaves open.
func TestIsDefinite(t *testing.T) {
	part := func(text string, kind lint.ContainerKind) lint.PodOrContainer {
		o := object(t, text)
		return o.Workloads[len(o.Workloads)-1].Select(kind)[0]
	}
	const prometheus = "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nspec: {containers: [{name: a, image: b}]}\n"
	const workflow = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: [{name: a, container: {image: b}}]}\n"
	for _, tt := range []struct {
		h    lint.PodOrContainer
		path string
		want bool
	}{
		{part(prometheus, lint.KindContainer), "image", true},
		{part(prometheus, lint.KindContainer), "resources.limits.memory", false},
		{part(prometheus, lint.KindPod), "securityContext.runAsNonRoot", false},
		{part(workflow, lint.KindPod), "securityContext.runAsNonRoot", false},
		{part(workflow, lint.KindContainer), "securityContext.runAsNonRoot", true},
		{part(workflow, lint.KindContainer), "securityContext.privileged", true},
	} {
		if got := tt.h.IsDefinite(tt.h.Get(tt.path)); got != tt.want {
			t.Errorf("%s, %s: definite %v; want %v", tt.h.Label(), tt.path, got, tt.want)
		}
	}
}
