package pods

import (
	"strings"

	"github.com/kubevet/kubevet/lint/node"
)

// spread reads kinds whose operators make a pod of one mapping: it has fields of a pod
// spec beside those of the main container, and lists of further containers.
func spread(root node.Value, s Shape) []*Template {
	var l []*Template
	for v, name := range at(root, s.Template) {
		metadata := v.Get("podMetadata")
		if !metadata.IsSet() {
			metadata = v.Get("metadata")
		}
		spec := v
		if s.apart {
			spec = v.Without("securityContext")
		}
		t := newTemplate(v, metadata, spec, true)
		if t == nil {
			continue
		}
		t.Within = within(s, name)
		t.addOperatorLists()
		if v.Get("image").IsScalar() || s.self {
			t.add(Container{Value: v, Name: strings.ToLower(s.Kind), Unnamed: true, Partial: true})
		}
		l = append(l, t)
	}
	return l
}

// inferenceService reads the components of KServe. Each has the fields of a pod spec, and
// may have a model server, which is a container under another key.
func inferenceService(root node.Value, s Shape) []*Template {
	var l []*Template
	for _, name := range []string{"predictor", "transformer", "explainer"} {
		spec := root.Get("spec").Get(name)
		t := newTemplate(spec, spec, spec, s.Partial)
		if t == nil {
			continue
		}
		t.Within = name
		t.addPodLists()
		for _, server := range modelServers {
			t.add(Container{Value: spec.Get(server), Name: "kserve-container", Partial: true})
		}
		l = append(l, t)
	}
	return l
}

var modelServers = []string{
	"model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle", "art",
}

// argoWorkflow reads the templates of a workflow that run pods. A pod takes from the
// workflow what its template does not set. The workflow itself is therefore a
// Template without containers, so that a defect there is reported once. Both have some of
// the fields of a pod spec, but not os, and are partial; the containers are complete, unless a patch
// of the pods or the defaults of templates may add to them.
func argoWorkflow(root node.Value, s Shape) []*Template {
	spec := root.Get(s.Template)
	workflow := newTemplate(spec, spec.Get("podMetadata"), spec, true)
	if workflow == nil {
		return nil
	}
	workflow.Noun, workflow.Windows = "workflow", false
	isPatched := spec.Get("podSpecPatch").IsSet() || spec.Get("templateDefaults").IsSet()
	l := []*Template{workflow}
	i := 0
	for v := range spec.Get("templates").Items() {
		t := newTemplate(v, v.Get("metadata"), v, true)
		if t == nil {
			continue
		}
		t.Outer, t.Within, t.Windows = spec, `template "`+elementName(v, i)+`"`, false
		i++
		if t.Resources = v.Get("podResources"); !t.Resources.IsSet() {
			t.Resources = spec.Get("podResources")
		}
		isPartial := isPatched || v.Get("podSpecPatch").IsSet()
		t.addList(v.Get("initContainers"), Init, isPartial)
		for _, key := range []string{"container", "script"} {
			name := v.Get(key).Get("name").Written()
			if name == "" {
				name = "main"
			}
			t.add(Container{Value: v.Get(key), Name: name, Partial: isPartial})
		}
		t.addList(v.Get("containerSet.containers"), Main, isPartial)
		t.addList(v.Get("sidecars"), Main, isPartial)
		if len(t.Containers) > 0 {
			l = append(l, t)
		}
	}
	return l
}

// tektonTask reads the steps of a task. The fields of its pod are given when it is run,
// and its step template adds to each step: all of them are partial.
func tektonTask(root node.Value, s Shape) []*Template {
	if t := task(root.Get(s.Template)); t != nil {
		return []*Template{t}
	}
	return nil
}

// tektonPipeline reads the tasks that a pipeline holds itself.
func tektonPipeline(root node.Value, s Shape) []*Template {
	var l []*Template
	for _, list := range []string{"tasks", "finally"} {
		for i, v := range items(root.Get(s.Template).Get(list)) {
			if t := task(v.Get("taskSpec")); t != nil {
				t.Within = `task "` + elementName(v, i) + `"`
				l = append(l, t)
			}
		}
	}
	return l
}

func task(spec node.Value) *Template {
	t := newTemplate(spec, spec.Get("metadata"), spec, true)
	if t == nil {
		return nil
	}
	for _, noun := range []string{"step", "sidecar"} {
		for i, c := range items(spec.Get(noun + "s")) {
			t.add(Container{Value: c, Name: elementName(c, i), Noun: noun, Partial: true})
		}
	}
	if len(t.Containers) == 0 {
		return nil
	}
	return t
}

// eventPod reads the pod of an event source or sensor of Argo Events: a mapping with
// fields of a pod spec, and one container.
func eventPod(root node.Value, s Shape) []*Template {
	spec := root.Get(s.Template)
	t := newTemplate(spec, spec.Get("metadata"), spec, true)
	if t == nil {
		return nil
	}
	t.add(Container{Value: spec.Get("container"), Name: "main", Partial: true})
	return []*Template{t}
}

// envoyProxy reads the pods of Envoy Gateway. The settings of the pod and those of its
// container are in mappings beside each other.
func envoyProxy(root node.Value, _ Shape) []*Template {
	var l []*Template
	for _, name := range []string{"envoyDeployment", "envoyDaemonSet"} {
		v := root.Get("spec.provider.kubernetes").Get(name)
		pod := v.Get("pod")
		if !pod.IsMap() {
			pod = v
		}
		t := newTemplate(v, pod, pod, true)
		if t == nil {
			continue
		}
		t.Within = name
		t.addList(v.Get("initContainers"), Init, t.Partial)
		t.add(Container{Value: v.Get("container"), Name: "envoy", Partial: true})
		l = append(l, t)
	}
	return l
}

// strimzi reads the templates of Strimzi. The settings of the pod are under pod, and those of a container under a key
// beside it that ends in Container: kafkaContainer.
func strimzi(root node.Value, s Shape) []*Template {
	v := root.Get(s.Template)
	pod := v.Get("pod")
	if !pod.IsMap() {
		pod = v
	}
	t := newTemplate(v, pod.Get("metadata"), pod, true)
	if t == nil {
		return nil
	}
	t.Within = s.Noun
	for key, c := range v.Entries() {
		if name, ok := strings.CutSuffix(key, "Container"); ok {
			container := Container{Value: c, Name: name, Partial: true}
			if name == "init" {
				container.List = Init
			}
			t.add(container)
		}
	}
	return []*Template{t}
}
