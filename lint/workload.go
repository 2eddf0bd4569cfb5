package lint

import (
	"slices"
	"strings"
)

// Workload is a pod template of an object, or the Pod itself.
type Workload struct {
	*Object
	// Within names the template, where the object has several: template "build".
	// Empty: it has one.
	Within string
	// Template holds the metadata and spec of the pods. In kinds that spread them
	// out over fields of their own, it is what comes nearest.
	Template Value
	// Metadata is that of the pods.
	Metadata Value
	// Pod is the pod spec.
	Pod Holder
	// Outer holds what the pod takes from its object where Pod leaves it unset.
	// Absent: nothing.
	Outer Value
	// Containers are those of all sorts: init, sidecar, regular, ephemeral.
	Containers []Holder
	// Windows is set if spec.os.name says that the pod runs on Windows.
	Windows bool
	// OpenLabels is set if the pods get labels that the object does not tell.
	OpenLabels bool
	// Batch is set if the pods run to an end, as those of a Job do.
	Batch bool

	labels map[string]string // read once: selectors ask for them again and again
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
	// Partial is set if the holder is a patch to what an operator generates: what
	// is absent here may be set there.
	Partial bool

	noun string // what the kind calls it; empty: as Kubernetes does
}

// Label is how messages call the holder: pod, container "app", init container
// "db", container "main" of template "build".
func (h Holder) Label() string {
	label := h.noun
	if label == "" {
		label = h.Sort.noun()
	}
	if h.Sort != SortPod {
		label += ` "` + h.Name + `"`
	}
	if h.Workload != nil && h.Workload.Within != "" {
		label += " of " + h.Workload.Within
	}
	return label
}

func (s Sort) noun() string {
	switch s {
	case SortPod:
		return "pod"
	case SortInit:
		return "init container"
	case SortSidecar:
		return "sidecar container"
	case SortEphemeral:
		return "ephemeral container"
	default:
		return "container"
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
	if p := h.Workload.PodValue(path); p.IsSet() {
		return p, h.Workload.Pod
	}
	return v, h
}

// PodValue is the pod's own value at a path, else the one that it takes from
// its object.
func (w *Workload) PodValue(path string) Value {
	v := w.Pod.Get(path)
	if !v.IsSet() && w.Outer.IsSet() {
		if o := w.Outer.Get(path); o.IsSet() {
			return o
		}
	}
	return v
}

// Settles reports whether it is certain what the holder has at a value of it:
// either it is set, or nothing outside the object can set it. This is the one
// place that knows which absent fields are defects.
func (h Holder) Settles(v Value) bool {
	switch {
	case v.IsSet() || h.Workload == nil:
		return true
	case h.Partial:
		return false
	case h.Sort == SortPod || !h.Workload.Pod.Partial || h.Workload.Outer.IsSet():
		return true
	}
	field, ok := strings.CutPrefix(trimPath(v.Path(), h.Path()), "securityContext.")
	field, _, _ = strings.Cut(field, ".")
	return !ok || !slices.Contains(inherited, field)
}

// inherited is the fields of a securityContext that a container takes from its pod.
var inherited = []string{
	"appArmorProfile", "runAsGroup", "runAsNonRoot", "runAsUser", "seLinuxOptions", "seccompProfile", "windowsOptions",
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

// Annotation is the pod's annotation of that name.
func (w *Workload) Annotation(name string) Value {
	return w.Metadata.Get("annotations").Child(name)
}

// Labels are the labels of the pods. They must not be changed.
func (w *Workload) Labels() map[string]string { return w.labels }

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
