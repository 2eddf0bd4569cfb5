package lint

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint/admission"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/pods"
)

// Workload is a pod template of an object, or the Pod itself.
type Workload struct {
	*Object
	// Within names the template, where the object has several: template "build". It is
	// empty if it has one.
	Within string
	// Template holds the metadata and spec of the pods. In kinds that spread them
	// out over fields of their own, it is the closest mapping.
	Template Value
	// Metadata is that of the pods.
	Metadata Value
	// Pod is the pod spec.
	Pod PodOrContainer
	// Containers are those of all kinds: init, sidecar, regular, ephemeral.
	Containers []PodOrContainer
	// Resources are those of the pod as a whole, absent if it has none.
	Resources Value
	// Windows is set if spec.os.name says that the pod runs on Windows.
	Windows bool
	// OpenLabels is set if the pods may have labels that the object does not show:
	// its operator adds some, or some are unknown.
	OpenLabels bool
	// Batch is set if the pods run to completion, as those of a Job do.
	Batch bool

	all    []PodOrContainer  // the pod and its containers
	kinds  ContainerKind     // those of the containers
	labels map[string]string // read once, since many selectors look at them
	// admitted is what policies of the repository set at admission.
	admitted []admission.Change
	// outer holds what the pod takes from its object where Pod leaves it unset. It is nil
	// for most kinds.
	outer *Value
}

// AddWorkloads adds the pods that objects have according to shapes of their kinds: those of a configuration, and of definitions in the
// repository. NewObject has added those of the kinds that kubevet knows.
func (u *Unit) AddWorkloads(shapes []pods.Shape) {
	u.shapes = shapes
	for _, o := range u.Objects {
		o.AddWorkloads(shapes)
	}
}

// AddWorkloads adds the pods that the object has according to shapes of its kind.
func (o *Object) AddWorkloads(shapes []pods.Shape) {
	o.addWorkloads(pods.FindBy(shapes, o.Root, o.Group(), o.Kind))
}

func (o *Object) addWorkloads(templates []*pods.Template) {
	for _, t := range templates {
		o.Workloads = append(o.Workloads, newWorkload(o, t))
	}
}

// In is a copy of the object that is in a namespace. It is for renderers, before the object is checked.
func (o *Object) In(namespace string) *Object {
	copied := *o
	copied.Namespace, copied.Workloads = namespace, nil
	copied.addWorkloads(pods.Find(o.Root, o.Group(), o.Kind))
	return &copied
}

func newWorkload(o *Object, t *pods.Template) *Workload {
	w := &Workload{
		Object: o, Within: t.Within, Template: t.Root, Metadata: t.Metadata,
		Resources: t.Resources, Windows: t.Windows, OpenLabels: t.OpenLabels, Batch: t.Batch,
		all: make([]PodOrContainer, 0, len(t.Containers)+1),
	}
	if outer := t.Outer; outer.IsSet() {
		w.outer = &outer
	}
	if labels := t.Metadata.Get("labels"); labels.Len() > 0 {
		w.labels = labels.StringMap()
	}
	w.Pod = PodOrContainer{Value: t.Spec, Kind: KindPod, Workload: w, Partial: t.Partial, later: t.Later, noun: t.Noun}
	w.Pod.label = w.Pod.Label()
	w.all = append(w.all, w.Pod)
	for _, c := range t.Containers {
		h := PodOrContainer{Value: c.Value, Kind: kindOf(c), Name: c.Name, Workload: w, Partial: c.Partial, later: c.Later, noun: c.Noun}
		if h.label = h.Label(); c.Unnamed {
			h.label = ofKind(o.Kind, t.Within)
		}
		w.all = append(w.all, h)
		w.kinds |= h.Kind
	}
	w.Containers = w.all[1:len(w.all):len(w.all)]
	return w
}

// ofKind is how messages call a container that its object does not name: SparkApplication, driver of SparkApplication.
func ofKind(kind, within string) string {
	if within == "" {
		return kind
	}
	return within + " of " + kind
}

// kindOf returns the kind of a container. Sidecars are init containers that restart.
func kindOf(c pods.Container) ContainerKind {
	switch {
	case c.List == pods.Ephemeral:
		return KindEphemeral
	case c.List == pods.Main:
		return KindContainer
	case c.Get("restartPolicy").Text() == "Always":
		return KindSidecar
	}
	return KindInit
}

var listIndex = regexp.MustCompile(`\[\d+\]`)

// UnknownPods returns a note for each kind of custom resources in the unit that seem to have pods, of a kind that neither kubevet nor the configuration
// knows: at the first object, with the number of the others and their files.
func (u *Unit) UnknownPods() (notes []Problem) {
	type others struct {
		note, count int
		files       []string
	}
	known := map[string]*others{}
	var kinds []*others
	for _, o := range u.Objects {
		note, ok := o.UnknownPods()
		if !ok {
			continue
		}
		kind := o.Group() + "/" + o.Kind
		of := known[kind]
		if of == nil {
			of = &others{note: len(notes), count: -1}
			known[kind], kinds, notes = of, append(kinds, of), append(notes, note)
		}
		of.count++
		if file := note.File; file != notes[of.note].File && !slices.Contains(of.files, file) && len(of.files) < maxUnknownFiles {
			of.files = append(of.files, file)
		}
	}
	for _, of := range kinds {
		if of.count > 0 {
			notes[of.note].Message += "; nor were those of " + Count(of.count, "other object")
		}
		if len(of.files) > 0 {
			slices.Sort(of.files)
			notes[of.note].Message += ", also in " + AndOthers(of.files, maxUnknownFiles-1)
		}
	}
	return notes
}

// maxUnknownFiles is how many files are looked for that have objects of one kind with unknown pods.
const maxUnknownFiles = 5

// UnknownPods returns a note about a custom resource that seems to have pods, of a kind
// that neither kubevet nor the configuration knows: no rule has checked its containers.
// ok is false if there is nothing to note.
func (o *Object) UnknownPods() (note Problem, ok bool) {
	if len(o.Workloads) > 0 {
		return Problem{}, false
	}
	pod, list, ok := pods.FindUnknown(o.Root, o.Group(), o.Kind)
	if !ok {
		return Problem{}, false
	}
	path := listIndex.ReplaceAllString(pod.Path(), "[]")
	entry := "pod-spec: "
	if outer, isSpec := strings.CutSuffix(path, ".spec"); isSpec {
		entry, path = "template: ", outer
	}
	if strings.Contains(path, "[") { // which ends a mapping in braces
		path = "'" + path + "'"
	}
	return Problem{
		Position: o.Locate(list).Position,
		Message:  fmt.Sprintf("%s has containers at %s, which were not checked: kubevet does not know the kind", o.KindName(), list.Path()),
		Help:     fmt.Sprintf("add to workload-kinds in the configuration: {group: %s, kind: %s, %s%s}", o.Group(), o.Kind, entry, path),
	}, true
}

// ContainerKind says what a PodOrContainer is. Kinds are bits, so a set of them is a
// ContainerKind too.
type ContainerKind int

// The kinds of a PodOrContainer.
const (
	KindPod ContainerKind = 1 << iota
	KindInit
	KindSidecar // an init container with restartPolicy: Always
	KindContainer
	KindEphemeral

	// Containers is every kind of container.
	Containers = KindInit | KindSidecar | KindContainer | KindEphemeral
	// LongRunning is the containers that run as long as the pod.
	LongRunning = KindSidecar | KindContainer
	// Resourced is the containers that may have resources: ephemeral ones may not.
	Resourced = KindInit | KindSidecar | KindContainer
)

// PodOrContainer is a pod or one of its containers: what has a securityContext.
type PodOrContainer struct {
	Value
	Kind ContainerKind
	// Name is the container's name; empty for a pod.
	Name     string
	Workload *Workload
	// Partial is set if it is a patch to what an operator generates: what
	// is absent here may be set there.
	Partial bool

	later []string // fields that something else sets
	noun  string   // what the kind calls it; empty: as Kubernetes does
	label string   // what Label returns; empty: it is yet to be made
}

// Label is the value of a label of the object, or else of its pods. It is empty if neither has
// it, or if it is unknown.
func (w *Workload) Label(key string) string {
	v := w.Root.Get("metadata.labels").Child(key)
	if !v.IsKnown() {
		return ""
	}
	return cmp.Or(v.Text(), w.Labels()[key])
}

// Label is how messages call it: pod, container "app", init container
// "db", container "main" of template "build", container 1 if it has no name.
func (h PodOrContainer) Label() string {
	if h.label != "" {
		return h.label
	}
	label := h.noun
	if label == "" {
		label = h.Kind.noun()
	}
	switch {
	case h.Kind == KindPod:
	case h.Name == "" && h.index() > 0:
		label += " " + strconv.Itoa(h.index())
	default:
		label += ` "` + h.Name + `"`
	}
	if h.Workload != nil && h.Workload.Within != "" {
		label += " of " + h.Workload.Within
	}
	return label
}

// index counts a container in the list of its pod, from 1. It is 0 if it is in none.
func (h PodOrContainer) index() int {
	_, index, ok := strings.Cut(h.Path()[strings.LastIndexByte(h.Path(), '.')+1:], "[")
	n, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
	if !ok || err != nil {
		return 0
	}
	return n + 1
}

func (s ContainerKind) noun() string {
	switch s {
	case KindPod:
		return "pod"
	case KindInit:
		return "init container"
	case KindSidecar:
		return "sidecar container"
	case KindEphemeral:
		return "ephemeral container"
	default:
		return "container"
	}
}

// Effective is the value at a path as the kubelet sees it: a container's own,
// else its pod's. The paths of both are the same in every case where
// Kubernetes inherits: securityContext.X.
func (h PodOrContainer) Effective(path string) (v Value, from PodOrContainer) {
	v = h.Get(path)
	if v.IsSet() || !v.IsKnown() || h.Kind == KindPod {
		return v, h
	}
	if p := h.Workload.PodValue(path); p.IsSet() || !p.IsKnown() {
		return p, h.Workload.Pod
	}
	return v, h
}

// PodValue is the pod's own value at a path, else the one that it takes from
// its object.
func (w *Workload) PodValue(path string) Value {
	v := w.Pod.Get(path)
	if o, ok := w.OuterValue(path); ok && (o.IsSet() || !o.IsKnown()) {
		return o
	}
	return v
}

// HasOuter reports whether the pod takes from its object what it does not set itself, as those of a Workflow do.
func (w *Workload) HasOuter() bool { return w.outer != nil }

// OuterValue is the value at a path that the pod takes from its object. ok is false if it takes none: a securityContext of
// its own, even an empty one, replaces all of that of the object.
func (w *Workload) OuterValue(path string) (v Value, ok bool) {
	if w.outer == nil {
		return Value{}, false
	}
	first, _, _ := strings.Cut(path, ".")
	own := w.Pod.Get(first)
	return w.outer.Get(path), !own.IsSet() && own.IsKnown()
}

// isOuter reports whether a value is one that pods take from their object.
func (w *Workload) isOuter(v Value) bool {
	return w != nil && w.outer != nil && !strings.HasPrefix(v.Path(), w.Pod.Path()+".") && strings.HasPrefix(v.Path(), w.outer.Path()+".")
}

// IsDefinite reports whether it is certain what the pod or container has at v:
// the value is known, and either it is set, or nothing outside the object can set
// it. This is the one place that knows which absent fields are defects.
func (h PodOrContainer) IsDefinite(v Value) bool {
	switch {
	case !v.IsKnown(), h.isAdmitted(v):
		return false
	case v.IsSet() || h.Workload == nil:
		return true
	case h.Partial || h.isSetLater(v):
		return false
	case h.Kind == KindPod:
		return true
	}
	path := trimPath(v.Path(), h.Path())
	field, ok := strings.CutPrefix(path, "securityContext.")
	field, _, _ = strings.Cut(field, ".")
	if !ok || !slices.Contains(inherited, field) {
		return true
	}
	return (!h.Workload.Pod.Partial || h.Workload.outer != nil) && h.Workload.PodValue(path).IsKnown()
}

// isSetLater reports whether something else sets a field, or one above it.
func (h PodOrContainer) isSetLater(v Value) bool {
	if len(h.later) == 0 {
		return false
	}
	field, _, _ := strings.Cut(trimPath(v.Path(), h.Path()), ".")
	return slices.Contains(h.later, field)
}

// inherited is the fields of a securityContext that a container takes from its pod.
var inherited = []string{
	"appArmorProfile", "runAsGroup", "runAsNonRoot", "runAsUser", "seLinuxOptions", "seccompProfile", "windowsOptions",
}

// Select lists the pod or the containers, whichever the set of kinds names. The list
// must not be changed.
func (w *Workload) Select(of ContainerKind) []PodOrContainer {
	if of == KindPod {
		return w.all[:1:1]
	}
	if of&KindPod == 0 && of&w.kinds == w.kinds {
		return w.Containers
	}
	if of == KindPod|Containers {
		return w.all
	}
	var l []PodOrContainer
	if of&KindPod != 0 {
		l = append(l, w.Pod)
	}
	for i := range w.Containers {
		if of&w.Containers[i].Kind != 0 {
			l = append(l, w.Containers[i])
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

// trimPath cuts the path of a pod or container off a full path, for messages.
func trimPath(full, prefix string) string {
	return strings.TrimPrefix(strings.TrimPrefix(full, prefix), ".")
}

// AddAdmission notes at the pods of the unit what policies of it and of the repository set when the
// API server admits them.
func (u *Unit) AddAdmission() {
	var mutations []admission.Mutation
	for _, l := range [][]*Object{u.Objects, u.Policies} {
		for _, o := range l {
			mutations = append(mutations, admission.Mutations(o.Group(), o.Kind, o.Namespace, o.Root)...)
		}
	}
	if len(mutations) == 0 {
		return
	}
	for _, o := range u.Objects {
		for _, w := range o.Workloads {
			w.admitted = admission.Changes(mutations, w.podTarget(), o.Target(), w.Pod.Path())
		}
	}
}

// Target is the object as policies of admission see it.
func (o *Object) Target() admission.Target {
	t := admission.Target{Group: o.Group(), Kind: o.Kind, Name: o.Name, Namespace: o.Namespace, Labels: map[string]string{}}
	if labels := o.Root.Get("metadata.labels"); labels.IsSet() {
		t.Labels = labels.StringMap()
	}
	if node.MayHavePlaceholder(t.Namespace) {
		t.Namespace = ""
	}
	return t
}

// podTarget is the pods as policies of admission see them.
func (w *Workload) podTarget() admission.Target {
	t := w.Target()
	if t.Kind == "Pod" {
		return t
	}
	t.Group, t.Kind, t.Name, t.Labels = "", "Pod", "", w.Labels()
	if w.OpenLabels {
		t.Labels = nil
	} else if t.Labels == nil {
		t.Labels = map[string]string{}
	}
	return t
}

// isAdmitted reports whether a policy of admission decides what the pod or container has at v: it sets
// the field, or overwrites it.
func (h PodOrContainer) isAdmitted(v Value) bool {
	if h.Workload == nil || len(h.Workload.admitted) == 0 {
		return false
	}
	w := h.Workload
	at, field := w.placeOf(v)
	sets := func(of PodOrContainer, field string) bool {
		return slices.ContainsFunc(w.admitted, func(c admission.Change) bool { return of.isChanged(c, field, v.IsSet()) })
	}
	if sets(at, field) {
		return true
	}
	if v.IsSet() || h.Kind == KindPod {
		return false
	}
	if at.Kind == KindPod { // the field of a container is reported at its pod
		return sets(h, field)
	}
	name, ok := strings.CutPrefix(field, "securityContext.")
	name, _, _ = strings.Cut(name, ".")
	return ok && slices.Contains(inherited, name) && sets(w.Pod, field)
}

// placeOf is the pod or container that has a value, and the field there.
func (w *Workload) placeOf(v Value) (h PodOrContainer, field string) {
	path := v.Path()
	for _, c := range w.Containers {
		if field, ok := strings.CutPrefix(path, c.Path()+"."); ok {
			return c, field
		}
	}
	if w.isOuter(v) {
		return w.Pod, trimPath(path, w.outer.Path())
	}
	return w.Pod, trimPath(path, w.Pod.Path())
}

// isChanged reports whether a change decides a field of a pod or container. What it sets only under a condition may
// be set, but does not overwrite.
func (h PodOrContainer) isChanged(c admission.Change, field string, isSet bool) bool {
	path, unless := c.Path, c.Unless
	if h.Kind != KindPod {
		list := listIndex.ReplaceAllString(trimPath(h.Path(), h.Workload.Pod.Path()), "[]") + "."
		var ok bool
		if path, ok = strings.CutPrefix(path, list); !ok || c.Containers != "" && !admission.Matches(c.Containers, h.Name) {
			return false
		}
		unless = strings.TrimPrefix(unless, list)
	}
	if unless != "" && h.Get(unless).IsSet() {
		return false
	}
	switch {
	case path == field, strings.HasPrefix(field, path+"."):
		return c.IsSure || !isSet
	}
	return !isSet && strings.HasPrefix(path, field+".")
}

// SelectsNodes reports whether the pods only run on nodes with a label, as their node selector or their required node affinity says.
func (w *Workload) SelectsNodes(key, value string) bool {
	if w.Pod.Get("nodeSelector").Child(key).Text() == value {
		return true
	}
	terms := w.Pod.Get("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms")
	for term := range terms.Items() { // one of them is enough to choose a node
		asks := false
		for e := range term.Get("matchExpressions").Items() {
			values := e.Get("values").Strings()
			asks = asks || e.Get("key").Text() == key && e.Get("operator").Text() == "In" && len(values) == 1 && values[0] == value
		}
		if !asks {
			return false
		}
	}
	return terms.Len() > 0
}
