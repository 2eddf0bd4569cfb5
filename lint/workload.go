package lint

import "strings"

// Workload is a pod template of an object, or the Pod itself.
type Workload struct {
	*Object
	// Template holds the metadata and spec of the pods.
	Template Value
	// Pod is the pod spec.
	Pod Holder
	// Containers are those of all sorts: init, sidecar, regular, ephemeral.
	Containers []Holder
	// Windows is set if spec.os.name says that the pod runs on Windows.
	Windows bool
}

// Sort says what a Holder is. Sorts are bits, so that a set of them is a Sort too.
type Sort int

// The sorts of holders.
const (
	SortPod Sort = 1 << iota
	SortInit
	SortSidecar // an init container with restartPolicy: Always
	SortContainer
	SortEphemeral

	// Containers is every sort of container.
	Containers = SortInit | SortSidecar | SortContainer | SortEphemeral
	// LongRunning is the containers that run as long as the pod.
	LongRunning = SortSidecar | SortContainer
	// Resourced is the containers that may have resources: ephemeral ones may not.
	Resourced = SortInit | SortSidecar | SortContainer
)

// Holder is a pod or one of its containers: what has a securityContext.
type Holder struct {
	Value
	Sort Sort
	// Name is the container's name; empty for a pod.
	Name     string
	Workload *Workload
}

// Label is how messages call the holder: pod, container "app", init container "db".
func (h Holder) Label() string {
	switch h.Sort {
	case SortPod:
		return "pod"
	case SortInit:
		return `init container "` + h.Name + `"`
	case SortSidecar:
		return `sidecar container "` + h.Name + `"`
	case SortEphemeral:
		return `ephemeral container "` + h.Name + `"`
	default:
		return `container "` + h.Name + `"`
	}
}

// Effective is the value at a path as the kubelet sees it: a container's own,
// else its pod's. The paths of both are the same in every case where
// Kubernetes inherits: securityContext.X.
func (h Holder) Effective(path string) (v Value, from Holder) {
	v = h.Get(path)
	if v.IsSet() || h.Sort == SortPod {
		return v, h
	}
	if p := h.Workload.Pod.Get(path); p.IsSet() {
		return p, h.Workload.Pod
	}
	return v, h
}

// Holders lists the pod or the containers, whichever the set of sorts names.
func (w *Workload) Holders(of Sort) []Holder {
	var l []Holder
	if of&SortPod != 0 {
		l = append(l, w.Pod)
	}
	for _, c := range w.Containers {
		if of&c.Sort != 0 {
			l = append(l, c)
		}
	}
	return l
}

// podShape is where a kind keeps pods.
type podShape struct {
	group, kind string
	// template is the path of what has metadata and spec. Empty: the object itself.
	template string
}

// podShapes is the one place that knows which kinds have pods.
var podShapes = []podShape{
	{"", "Pod", ""},
	{"", "PodTemplate", "template"},
	{"", "ReplicationController", "spec.template"},
	{"apps", "Deployment", "spec.template"},
	{"apps", "StatefulSet", "spec.template"},
	{"apps", "DaemonSet", "spec.template"},
	{"apps", "ReplicaSet", "spec.template"},
	{"extensions", "Deployment", "spec.template"},
	{"extensions", "DaemonSet", "spec.template"},
	{"extensions", "ReplicaSet", "spec.template"},
	{"batch", "Job", "spec.template"},
	{"batch", "CronJob", "spec.jobTemplate.spec.template"},
	{"apps.openshift.io", "DeploymentConfig", "spec.template"},
	{"argoproj.io", "Rollout", "spec.template"},
	{"serving.knative.dev", "Service", "spec.template"},
	{"serving.knative.dev", "Configuration", "spec.template"},
	{"serving.knative.dev", "Revision", ""},
	{"sources.knative.dev", "ContainerSource", "spec.template"},
}

func workloads(o *Object) []*Workload {
	group := o.Group()
	for _, s := range podShapes {
		if s.kind != o.Kind || s.group != group {
			continue
		}
		template := o.Root
		if s.template != "" {
			template = o.Root.Get(s.template)
		}
		if w := newWorkload(o, template); w != nil {
			return []*Workload{w}
		}
	}
	return nil
}

// newWorkload returns nil if the template has no pod spec.
func newWorkload(o *Object, template Value) *Workload {
	spec := template.Get("spec")
	if !spec.IsMap() {
		return nil
	}
	w := &Workload{Object: o, Template: template, Windows: spec.Get("os.name").Text() == "windows"}
	w.Pod = Holder{Value: spec, Sort: SortPod, Workload: w}
	add := func(list string, sort Sort) {
		for c := range spec.Get(list).Items() {
			if !c.IsMap() {
				continue
			}
			h := Holder{Value: c, Sort: sort, Name: c.Get("name").Text(), Workload: w}
			if sort == SortInit && c.Get("restartPolicy").Text() == "Always" {
				h.Sort = SortSidecar
			}
			w.Containers = append(w.Containers, h)
		}
	}
	add("initContainers", SortInit)
	add("containers", SortContainer)
	add("ephemeralContainers", SortEphemeral)
	return w
}

// Annotation is the pod's annotation of that name.
func (w *Workload) Annotation(name string) Value {
	return w.Template.Get("metadata.annotations").Child(name)
}

// Labels are the labels of the pods.
func (w *Workload) Labels() map[string]string {
	return w.Template.Get("metadata.labels").StringMap()
}

// Volume is the volume of that name, absent if there is none.
func (w *Workload) Volume(name string) Value {
	for v := range w.Pod.Get("volumes").Items() {
		if v.Get("name").Text() == name {
			return v
		}
	}
	return w.Pod.Get("volumes")
}

// HostUsers reports whether root in the pod is root on the node: false only
// with hostUsers: false.
func (w *Workload) HostUsers() bool {
	b, set := w.Pod.Get("hostUsers").Bool()
	return !set || b
}

// trimPath cuts the holder's own path off a full path, for messages.
func trimPath(full, holder string) string {
	return strings.TrimPrefix(strings.TrimPrefix(full, holder), ".")
}
