package lint

import (
	"slices"
	"strconv"
	"strings"
)

// Shape is where a kind keeps pods. The table in kinds.go has the kinds that kubevet
// knows; a configuration adds more with Object.AddWorkloads.
type Shape struct {
	// Group is the API group of the kind: apps. It is empty for the core group.
	Group, Kind string
	// Template is the path of a mapping with the metadata and spec of pods. "[]" after
	// a key stands for each element of a list, and "*" for each value of a
	// mapping: spec.replicatedJobs[].template.spec.template. If it is empty, the
	// object itself is the template.
	Template string
	// PodSpec is the path of a pod spec without metadata beside it. It is used in
	// place of Template. The labels of the pods are then not known.
	PodSpec string
	// Noun is how messages call an element of the last list or mapping in Template:
	// job "workers". It may be empty where the kind has one template.
	Noun string
	// Partial is set if the template is a patch to what an operator generates. Rules
	// then check what it sets, and not what it leaves out.
	Partial bool
	// Batch is set if the pods run to completion.
	Batch bool

	// read makes the workloads of a kind that has no template with metadata and spec.
	// It is given the mapping that holds the kind's apiVersion.
	read func(o *Object, root Value, s Shape) []*Workload
	// self is set if the mapping that spread reads is the main container even where it
	// names no image.
	self bool
	// embeds is set if Template is the path of whole objects.
	embeds bool
}

// AddWorkloads adds the pods that the object has according to shapes of its
// kind. NewObject has done so for the kinds that kubevet knows.
func (o *Object) AddWorkloads(shapes []Shape) {
	o.addFrom(o.Root, o.Group(), o.Kind, shapes)
}

// addFrom adds the pods of a mapping, which is of a kind, to the object's.
func (o *Object) addFrom(root Value, group, kind string, shapes []Shape) {
	for _, s := range shapes {
		if s.Kind != kind || s.Group != group {
			continue
		}
		if s.embeds {
			o.addEmbedded(root, s)
			continue
		}
		read := s.read
		if read == nil {
			read = templates
		}
		for _, w := range read(o, root, s) {
			w.Batch = w.Batch || s.Batch
			w.all = append([]PodOrContainer{w.Pod}, w.Containers...)
			o.Workloads = append(o.Workloads, w)
		}
	}
}

// templates makes a workload of each pod template.
func templates(o *Object, root Value, s Shape) []*Workload {
	var l []*Workload
	path := s.Template + s.PodSpec
	several := strings.ContainsAny(path, "[*")
	for v, name := range found(root, path) {
		spec := v
		if s.PodSpec == "" {
			spec = v.Get("spec")
		}
		w := newWorkload(o, v, v.Get("metadata"), spec, s.Partial)
		if w == nil {
			continue
		}
		w.OpenLabels = w.OpenLabels || s.PodSpec != ""
		w.within(s, several, name)
		if s.PodSpec == "" {
			w.addAll()
		} else {
			w.addExtra()
		}
		l = append(l, w)
	}
	return l
}

// within names the template, where the kind has several.
func (w *Workload) within(s Shape, several bool, name string) {
	switch {
	case s.Noun != "" && several:
		w.Within = s.Noun + ` "` + name + `"`
	case s.Noun != "":
		w.Within = s.Noun
	}
}

// addEmbedded adds the pods of whole objects that stand within the object. An
// operator creates them, and may add labels.
func (o *Object) addEmbedded(root Value, s Shape) {
	for v := range found(root, s.Template) {
		kind := v.Get("kind").Text()
		group, _, ok := strings.Cut(v.Get("apiVersion").Text(), "/")
		if !ok {
			group = ""
		}
		from := len(o.Workloads)
		o.addFrom(v, group, kind, slices.DeleteFunc(slices.Clone(shapesOf(kind)), func(s Shape) bool { return s.embeds }))
		for _, w := range o.Workloads[from:] {
			w.OpenLabels = true
			if w.Within == "" {
				w.Within = kind + ` "` + v.Get("metadata.name").Text() + `"`
			}
		}
	}
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
	w.addList(w.Pod.Get("initContainers"), KindInit)
	w.addList(w.Pod.Get("containers"), KindContainer)
	w.addList(w.Pod.Get("ephemeralContainers"), KindEphemeral)
}

func (w *Workload) addList(list Value, sort ContainerKind) {
	for c := range list.Items() {
		w.add(c, sort, c.Get("name").written(), "", w.Pod.Partial)
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

// spread reads kinds whose operators make a pod of one mapping: it has fields of a pod
// spec beside those of the main container, and lists of further containers.
func spread(o *Object, root Value, s Shape) []*Workload {
	var l []*Workload
	several := strings.ContainsAny(s.Template, "[*")
	for v, name := range found(root, s.Template) {
		metadata := v.Get("podMetadata")
		if !metadata.IsSet() {
			metadata = v.Get("metadata")
		}
		w := newWorkload(o, v, metadata, v, true)
		if w == nil {
			continue
		}
		w.within(s, several, name)
		w.addExtra()
		if v.Get("image").IsScalar() || s.self {
			w.add(v, KindContainer, strings.ToLower(o.Kind), "", true)
		}
		l = append(l, w)
	}
	return l
}

// addExtra adds the containers of the lists that operators know.
func (w *Workload) addExtra() {
	for _, list := range extraContainers {
		w.addList(w.Pod.Get(list.path), list.kind)
	}
}

// extraContainers are the lists of containers that operators merge into the pods they make.
var extraContainers = []struct {
	path string
	kind ContainerKind
}{
	{"initContainers", KindInit},
	{"extraInitContainers", KindInit},
	{"containers", KindContainer},
	{"extraContainers", KindContainer},
	{"additionalContainers", KindContainer},
	{"sidecars", KindContainer},
	{"sidecarContainers", KindContainer},
}

// inferenceService reads KServe's components: each has the fields of a pod's
// spec, and perhaps a model server, which is a container by another name.
func inferenceService(o *Object, root Value, s Shape) []*Workload {
	var l []*Workload
	for _, name := range []string{"predictor", "transformer", "explainer"} {
		spec := root.Get("spec").Get(name)
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
// without containers: so a defect there is reported once. Both have some of the
// fields of a pod spec and are partial; the containers are complete.
func argoWorkflow(o *Object, root Value, s Shape) []*Workload {
	spec := root.Get(s.Template)
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
func tektonTask(o *Object, root Value, s Shape) []*Workload {
	spec := root.Get(s.Template)
	if w := taskOf(o, spec, spec.Get("metadata")); w != nil {
		return []*Workload{w}
	}
	return nil
}

// tektonPipeline reads the tasks that a pipeline holds itself.
func tektonPipeline(o *Object, root Value, s Shape) []*Workload {
	var l []*Workload
	for _, list := range []string{"tasks", "finally"} {
		i := 0
		for t := range root.Get(s.Template).Get(list).Items() {
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

// eventPod reads the pod of an event source or sensor of Argo Events: a mapping with
// fields of a pod spec, and one container.
func eventPod(o *Object, root Value, s Shape) []*Workload {
	spec := root.Get(s.Template)
	w := newWorkload(o, spec, spec.Get("metadata"), spec, true)
	if w == nil {
		return nil
	}
	w.add(spec.Get("container"), KindContainer, "main", "", true)
	return []*Workload{w}
}

// envoyProxy reads the pods that Envoy Gateway makes: the settings of the pod and
// those of its container lie side by side.
func envoyProxy(o *Object, root Value, _ Shape) []*Workload {
	var l []*Workload
	for _, name := range []string{"envoyDeployment", "envoyDaemonSet"} {
		v := root.Get("spec.provider.kubernetes").Get(name)
		pod := v.Get("pod")
		if !pod.IsMap() {
			pod = v
		}
		w := newWorkload(o, v, pod, pod, true)
		if w == nil {
			continue
		}
		w.Within = name
		w.addList(v.Get("initContainers"), KindInit)
		w.add(v.Get("container"), KindContainer, "envoy", "", true)
		l = append(l, w)
	}
	return l
}
