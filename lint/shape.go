package lint

import (
	"strconv"
	"strings"
)

// Shape is where a kind keeps pods. The table below has those that kubevet
// knows; a configuration adds more with Object.AddWorkloads.
type Shape struct {
	// Group is the API group of the kind: apps. Empty: the core group.
	Group, Kind string
	// Template is the path of what has the metadata and spec of pods. "[]" after
	// a key stands for each element of a list, and "*" for each value of a
	// mapping: spec.replicatedJobs[].template.spec.template. Empty: the object itself.
	Template string
	// PodSpec is the path of a pod's spec without metadata beside it, in place of
	// Template. The pods' labels are then not known.
	PodSpec string
	// Noun is how messages call the element of the last list or mapping in
	// Template, which its name tells from the others: job "workers". Empty: the
	// path says enough.
	Noun string
	// Partial: the template is a patch to what an operator generates. Rules then
	// judge what it sets, and not what it leaves out.
	Partial bool
	// Batch: the pods run to an end.
	Batch bool

	// read makes the workloads where there is no template with metadata and spec.
	read func(o *Object, s Shape) []*Workload
}

// podShapes is the one place that knows which kinds have pods.
var podShapes = []Shape{
	{Kind: "Pod"},
	{Kind: "PodTemplate", Template: "template"},
	{Kind: "ReplicationController", Template: "spec.template"},
	{Group: "apps", Kind: "Deployment", Template: "spec.template"},
	{Group: "apps", Kind: "StatefulSet", Template: "spec.template"},
	{Group: "apps", Kind: "DaemonSet", Template: "spec.template"},
	{Group: "apps", Kind: "ReplicaSet", Template: "spec.template"},
	{Group: "extensions", Kind: "Deployment", Template: "spec.template"},
	{Group: "extensions", Kind: "DaemonSet", Template: "spec.template"},
	{Group: "extensions", Kind: "ReplicaSet", Template: "spec.template"},
	{Group: "batch", Kind: "Job", Template: "spec.template", Batch: true},
	{Group: "batch", Kind: "CronJob", Template: "spec.jobTemplate.spec.template", Batch: true},

	{Group: "apps.openshift.io", Kind: "DeploymentConfig", Template: "spec.template"},
	{Group: "argoproj.io", Kind: "Rollout", Template: "spec.template"},
	{Group: "serving.knative.dev", Kind: "Service", Template: "spec.template"},
	{Group: "serving.knative.dev", Kind: "Configuration", Template: "spec.template"},
	{Group: "serving.knative.dev", Kind: "Revision"},
	{Group: "sources.knative.dev", Kind: "ContainerSource", Template: "spec.template"},
	{Group: "keda.sh", Kind: "ScaledJob", Template: "spec.jobTargetRef.template", Batch: true},
	{Group: "apps.kruise.io", Kind: "CloneSet", Template: "spec.template"},
	{Group: "apps.kruise.io", Kind: "StatefulSet", Template: "spec.template"},
	{Group: "apps.kruise.io", Kind: "DaemonSet", Template: "spec.template"},

	{Group: "jobset.x-k8s.io", Kind: "JobSet", Template: "spec.replicatedJobs[].template.spec.template", Noun: "job", Batch: true},
	{Group: "leaderworkerset.x-k8s.io", Kind: "LeaderWorkerSet", Template: "spec.leaderWorkerTemplate.leaderTemplate", Noun: "leaderTemplate"},
	{Group: "leaderworkerset.x-k8s.io", Kind: "LeaderWorkerSet", Template: "spec.leaderWorkerTemplate.workerTemplate", Noun: "workerTemplate"},
	{Group: "batch.volcano.sh", Kind: "Job", Template: "spec.tasks[].template", Noun: "task", Batch: true},
	{Group: "kubeflow.org", Kind: "PyTorchJob", Template: "spec.pytorchReplicaSpecs.*.template", Noun: "replica", Batch: true},
	{Group: "kubeflow.org", Kind: "TFJob", Template: "spec.tfReplicaSpecs.*.template", Noun: "replica", Batch: true},
	{Group: "kubeflow.org", Kind: "MPIJob", Template: "spec.mpiReplicaSpecs.*.template", Noun: "replica", Batch: true},
	{Group: "ray.io", Kind: "RayCluster", Template: "spec.headGroupSpec.template", Noun: "headGroupSpec"},
	{Group: "ray.io", Kind: "RayCluster", Template: "spec.workerGroupSpecs[].template", Noun: "worker group"},

	{Group: "flink.apache.org", Kind: "FlinkDeployment", Template: "spec.podTemplate", Noun: "podTemplate", Partial: true},
	{Group: "flink.apache.org", Kind: "FlinkDeployment", Template: "spec.jobManager.podTemplate", Noun: "jobManager", Partial: true},
	{Group: "flink.apache.org", Kind: "FlinkDeployment", Template: "spec.taskManager.podTemplate", Noun: "taskManager", Partial: true},
	{Group: "elasticsearch.k8s.elastic.co", Kind: "Elasticsearch", Template: "spec.nodeSets[].podTemplate", Noun: "node set", Partial: true},
	{Group: "kibana.k8s.elastic.co", Kind: "Kibana", Template: "spec.podTemplate", Partial: true},
	{Group: "monitoring.coreos.com", Kind: "Prometheus", Partial: true, read: generated},
	{Group: "monitoring.coreos.com", Kind: "PrometheusAgent", Partial: true, read: generated},
	{Group: "monitoring.coreos.com", Kind: "Alertmanager", Partial: true, read: generated},
	{Group: "monitoring.coreos.com", Kind: "ThanosRuler", Partial: true, read: generated},
	{Group: "serving.kserve.io", Kind: "InferenceService", Partial: true, read: inferenceService},

	{Group: "argoproj.io", Kind: "Workflow", Template: "spec", Batch: true, read: argoWorkflow},
	{Group: "argoproj.io", Kind: "WorkflowTemplate", Template: "spec", Batch: true, read: argoWorkflow},
	{Group: "argoproj.io", Kind: "ClusterWorkflowTemplate", Template: "spec", Batch: true, read: argoWorkflow},
	{Group: "argoproj.io", Kind: "CronWorkflow", Template: "spec.workflowSpec", Batch: true, read: argoWorkflow},
	{Group: "tekton.dev", Kind: "Task", Template: "spec", Batch: true, Partial: true, read: tektonTask},
	{Group: "tekton.dev", Kind: "ClusterTask", Template: "spec", Batch: true, Partial: true, read: tektonTask},
	{Group: "tekton.dev", Kind: "TaskRun", Template: "spec.taskSpec", Batch: true, Partial: true, read: tektonTask},
	{Group: "tekton.dev", Kind: "Pipeline", Template: "spec", Batch: true, Partial: true, read: tektonPipeline},
	{Group: "tekton.dev", Kind: "PipelineRun", Template: "spec.pipelineSpec", Batch: true, Partial: true, read: tektonPipeline},
}

// PodSpecShape is the shape of a kind that keeps a pod spec, without metadata
// beside it, at a path.
func PodSpecShape(group, kind, path string) Shape {
	return Shape{Group: group, Kind: kind, Template: path, read: func(o *Object, s Shape) []*Workload {
		var l []*Workload
		for v := range found(o.Root, s.Template) {
			if w := newWorkload(o, v, Value{}, v, false); w != nil {
				w.addAll()
				l = append(l, w)
			}
		}
		return l
	}}
}

// AddWorkloads adds the pods that the object has according to shapes of its
// kind. NewObject has done so for the kinds that kubevet knows.
func (o *Object) AddWorkloads(shapes []Shape) {
	group := o.Group()
	for _, s := range shapes {
		if s.Kind != o.Kind || s.Group != group {
			continue
		}
		read := s.read
		if read == nil {
			read = templates
		}
		for _, w := range read(o, s) {
			w.Batch = s.Batch
			w.all = append([]PodOrContainer{w.Pod}, w.Containers...)
			o.Workloads = append(o.Workloads, w)
		}
	}
}

// templates makes a workload of each pod template.
func templates(o *Object, s Shape) []*Workload {
	var l []*Workload
	path := s.Template + s.PodSpec
	several := strings.ContainsAny(path, "[*")
	for v, name := range found(o.Root, path) {
		spec := v
		if s.PodSpec == "" {
			spec = v.Get("spec")
		}
		w := newWorkload(o, v, v.Get("metadata"), spec, s.Partial)
		if w == nil {
			continue
		}
		w.OpenLabels = w.OpenLabels || s.PodSpec != ""
		switch {
		case s.Noun != "" && several:
			w.Within = s.Noun + ` "` + name + `"`
		case s.Noun != "":
			w.Within = s.Noun
		}
		w.addAll()
		l = append(l, w)
	}
	return l
}

// found yields the values at a path of a Shape, each with the name of the
// element of the last list or mapping on the way there.
func found(v Value, path string) func(func(Value, string) bool) {
	return func(yield func(Value, string) bool) { find(v, "", path, yield) }
}

func find(v Value, name, path string, yield func(Value, string) bool) bool {
	key, rest, _ := strings.Cut(path, ".")
	switch list, many := strings.CutSuffix(key, "[]"); {
	case path == "":
		return yield(v, name)
	case key == "*":
		for k, c := range v.Entries() {
			if !find(c, k, rest, yield) {
				return false
			}
		}
		return true
	case many:
		i := 0
		for c := range v.Get(list).Items() {
			if !find(c, itemName(c, i), rest, yield) {
				return false
			}
			i++
		}
		return true
	}
	return find(v.Child(key), name, rest, yield)
}

// itemName is what the element of a list is called, or its index.
func itemName(v Value, i int) string {
	for _, key := range []string{"name", "groupName"} {
		if t := v.Get(key).written(); t != "" {
			return t
		}
	}
	return strconv.Itoa(i)
}

// newWorkload returns nil if there is no pod spec. It has no containers yet.
func newWorkload(o *Object, template, metadata, spec Value, partial bool) *Workload {
	if !spec.IsMap() {
		return nil
	}
	w := &Workload{
		Object: o, Template: template, Metadata: metadata,
		Windows: spec.Get("os.name").Text() == "windows", OpenLabels: partial || !allKnown(metadata.Get("labels")),
		labels: metadata.Get("labels").StringMap(),
	}
	w.Pod = PodOrContainer{Value: spec.whole(), Kind: KindPod, Workload: w, Partial: partial}
	return w
}

// allKnown reports whether a mapping and each of its values are known.
func allKnown(m Value) bool {
	for _, v := range m.Entries() {
		if !v.IsKnown() {
			return false
		}
	}
	return m.IsKnown()
}

// addAll adds the containers of the lists that pods have.
func (w *Workload) addAll() {
	w.addList(w.Pod.Get("initContainers"), KindInit, "")
	w.addList(w.Pod.Get("containers"), KindContainer, "")
	w.addList(w.Pod.Get("ephemeralContainers"), KindEphemeral, "")
}

func (w *Workload) addList(list Value, sort ContainerKind, noun string) {
	for c := range list.Items() {
		w.add(c, sort, c.Get("name").written(), noun, w.Pod.Partial)
	}
}

func (w *Workload) add(c Value, sort ContainerKind, name, noun string, partial bool) {
	if !c.IsMap() {
		return
	}
	if sort == KindInit && c.Get("restartPolicy").Text() == "Always" {
		sort = KindSidecar
	}
	w.Containers = append(w.Containers, PodOrContainer{Value: c.whole(), Kind: sort, Name: name, Workload: w, Partial: partial, noun: noun})
}

// generated reads the objects of the Prometheus operator: the spec has the fields
// of a pod's, and lists containers that are merged into those generated.
func generated(o *Object, s Shape) []*Workload {
	spec := o.Root.Get("spec")
	w := newWorkload(o, o.Root, spec.Get("podMetadata"), spec, s.Partial)
	if w == nil {
		return nil
	}
	w.addAll()
	return []*Workload{w}
}

// inferenceService reads KServe's components: each has the fields of a pod's
// spec, and perhaps a model server, which is a container by another name.
func inferenceService(o *Object, s Shape) []*Workload {
	var l []*Workload
	for _, name := range []string{"predictor", "transformer", "explainer"} {
		spec := o.Root.Get("spec").Get(name)
		w := newWorkload(o, spec, spec, spec, s.Partial)
		if w == nil {
			continue
		}
		w.Within = name
		w.addAll()
		for _, server := range modelServers {
			w.add(spec.Get(server), KindContainer, "kserve-container", "", true)
		}
		l = append(l, w)
	}
	return l
}

var modelServers = []string{
	"model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle", "art",
}

// argoWorkflow reads the templates of a workflow that run pods. What a template
// leaves out, its pod takes from the workflow, which is a workload of its own
// without containers: so what is wrong there is told once. Both have some of the
// fields of a pod's spec, and are partial; the containers are whole.
func argoWorkflow(o *Object, s Shape) []*Workload {
	spec := o.Root.Get(s.Template)
	whole := newWorkload(o, spec, spec.Get("podMetadata"), spec, true)
	if whole == nil {
		return nil
	}
	whole.Pod.noun = "workflow"
	l := []*Workload{whole}
	i := 0
	for t := range spec.Get("templates").Items() {
		w := newWorkload(o, t, t.Get("metadata"), t, true)
		if w == nil {
			continue
		}
		w.Outer, w.Within = spec, `template "`+itemName(t, i)+`"`
		i++
		w.addNamed(t.Get("initContainers"), KindInit)
		for _, key := range []string{"container", "script"} {
			w.add(t.Get(key), KindContainer, nameOr(t.Get(key), "main"), "", false)
		}
		w.addNamed(t.Get("containerSet.containers"), KindContainer)
		w.addNamed(t.Get("sidecars"), KindContainer)
		if len(w.Containers) > 0 {
			l = append(l, w)
		}
	}
	return l
}

// addNamed adds containers that are whole although their pod is not.
func (w *Workload) addNamed(list Value, sort ContainerKind) {
	for c := range list.Items() {
		w.add(c, sort, c.Get("name").written(), "", false)
	}
}

func nameOr(v Value, name string) string {
	if t := v.Get("name").written(); t != "" {
		return t
	}
	return name
}

// tektonTask reads a task's steps. Its pod's own fields are given when it is run,
// and its step template adds to each step: all are partial.
func tektonTask(o *Object, s Shape) []*Workload {
	spec := o.Root.Get(s.Template)
	if w := taskOf(o, spec, spec.Get("metadata")); w != nil {
		return []*Workload{w}
	}
	return nil
}

// tektonPipeline reads the tasks that a pipeline holds itself.
func tektonPipeline(o *Object, s Shape) []*Workload {
	var l []*Workload
	for _, list := range []string{"tasks", "finally"} {
		i := 0
		for t := range o.Root.Get(s.Template).Get(list).Items() {
			spec := t.Get("taskSpec")
			if w := taskOf(o, spec, spec.Get("metadata")); w != nil {
				w.Within = `task "` + itemName(t, i) + `"`
				l = append(l, w)
			}
			i++
		}
	}
	return l
}

func taskOf(o *Object, spec, metadata Value) *Workload {
	w := newWorkload(o, spec, metadata, spec, true)
	if w == nil {
		return nil
	}
	w.addIndexed(spec.Get("steps"), "step")
	w.addIndexed(spec.Get("sidecars"), "sidecar")
	if len(w.Containers) == 0 {
		return nil
	}
	return w
}

// addIndexed adds containers whose names may be left out.
func (w *Workload) addIndexed(list Value, noun string) {
	i := 0
	for c := range list.Items() {
		w.add(c, KindContainer, itemName(c, i), noun, true)
		i++
	}
}
