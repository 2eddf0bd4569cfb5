package selector

import (
	"iter"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubevet/kubevet/lint"
)

// controllerLabel is a label that a controller adds to the pods which it makes.
type controllerLabel struct {
	// kinds are the owners whose pods have it, by their groups.
	kinds map[string][]string
	// owner gives the name of the owner in a value, as far as files know it. It is nil if the value is made when the
	// pods are: any may be meant.
	owner func(value string) string
	// single is set if each pod of the owner has another value.
	single bool
	// indexed is set if only the pods of indexed jobs have it.
	indexed bool
}

var (
	ofJobs         = map[string][]string{"batch": {"Job", "CronJob"}}
	ofStatefulSets = map[string][]string{"apps": {"StatefulSet"}}
	// ofJobSets also have the labels of Jobs, whose names the JobSet's controller makes.
	ofJobSets = map[string][]string{"jobset.x-k8s.io": {"JobSet"}}

	runOfCronJob = regexp.MustCompile(`-\d{8,}$`)
	ordinal      = regexp.MustCompile(`-\d+$`)
)

// jobOf is the name of the Job or CronJob whose pods have a value: the jobs of a CronJob end in the minute of the run.
func jobOf(value string) string { return runOfCronJob.ReplaceAllString(value, "") }

// statefulSetOf is the name of the StatefulSet whose pods have a value. Without an ordinal it is that of none.
func statefulSetOf(value string) string {
	if name := ordinal.ReplaceAllString(value, ""); name != value {
		return name
	}
	return value + "_0"
}

// controllerLabels are the labels that controllers add.
var controllerLabels = map[string]controllerLabel{
	"job-name":                                 {kinds: ofJobs, owner: jobOf},
	"batch.kubernetes.io/job-name":             {kinds: ofJobs, owner: jobOf},
	"controller-uid":                           {kinds: ofJobs},
	"batch.kubernetes.io/controller-uid":       {kinds: ofJobs},
	"batch.kubernetes.io/job-completion-index": {kinds: ofJobs, single: true, indexed: true},
	"jobset.sigs.k8s.io/jobset-name":           {kinds: ofJobSets, owner: func(value string) string { return value }},
	"jobset.sigs.k8s.io/replicatedjob-name":    {kinds: ofJobSets},
	"jobset.sigs.k8s.io/job-index":             {kinds: ofJobSets},
	"statefulset.kubernetes.io/pod-name":       {kinds: ofStatefulSets, owner: statefulSetOf, single: true},
	"apps.kubernetes.io/pod-index":             {kinds: ofStatefulSets, single: true},
	"controller-revision-hash":                 {kinds: map[string][]string{"apps": {"StatefulSet", "DaemonSet"}}},
	"pod-template-generation":                  {kinds: map[string][]string{"apps": {"DaemonSet"}, "extensions": {"DaemonSet"}}},
	"pod-template-hash":                        {kinds: map[string][]string{"apps": {"Deployment"}, "extensions": {"Deployment"}}},
	"rollouts-pod-template-hash":               {kinds: map[string][]string{"argoproj.io": {"Rollout"}}},
}

// PodLabels are the labels of a workload's pods: those of the template, and those that its controller adds. Of the
// values of these only the name of the owner counts.
type PodLabels struct {
	labels.Set
	workload *lint.Workload
}

// OfPods are the labels of a workload's pods.
func OfPods(w *lint.Workload) PodLabels { return PodLabels{w.Labels(), w} }

// Has reports whether the pods have a label.
func (l PodLabels) Has(key string) bool {
	_, ok := l.Lookup(key)
	return ok
}

// Get is the value of a label.
func (l PodLabels) Get(key string) string {
	value, _ := l.Lookup(key)
	return value
}

// Lookup is the value of a label, and whether the pods have it.
func (l PodLabels) Lookup(key string) (string, bool) {
	value, ok := l.Set[key]
	c, isAdded := controllerLabels[key]
	switch {
	case !isAdded:
		return value, ok
	case ok:
		return c.compared(value), true
	case !c.isOf(l.workload):
		return "", false
	case c.owner != nil:
		return ownerOf(l.workload), true
	}
	return "", true
}

// ownerOf is the name of the owner as labels have it.
func ownerOf(w *lint.Workload) string {
	if w.Group() == "batch" {
		return jobOf(w.Name)
	}
	return w.Name
}

// All yields the labels whose values are known.
func (l PodLabels) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for key := range l.Set {
			if c, isAdded := controllerLabels[key]; isAdded && c.owner == nil {
				continue
			}
			if !yield(key, l.Get(key)) {
				return
			}
		}
		for _, key := range ownerLabels {
			if _, written := l.Set[key]; !written && controllerLabels[key].isOf(l.workload) && !yield(key, l.Get(key)) {
				return
			}
		}
	}
}

// ownerLabels are the labels that have the name of the owner.
var ownerLabels = []string{"job-name", "batch.kubernetes.io/job-name", "jobset.sigs.k8s.io/jobset-name", "statefulset.kubernetes.io/pod-name"}

// compared is what counts of a value.
func (c controllerLabel) compared(value string) string {
	if c.owner == nil {
		return ""
	}
	return c.owner(value)
}

func (c controllerLabel) isOf(w *lint.Workload) bool {
	return slices.Contains(c.kinds[w.Group()], w.Kind) && (!c.indexed || isIndexed(w))
}

// isIndexed reports whether the pods of a job have an index.
func isIndexed(w *lint.Workload) bool {
	spec := w.Root.Get("spec")
	if w.Kind == "CronJob" {
		spec = spec.Get("jobTemplate.spec")
	}
	return spec.Get("completionMode").Text() == "Indexed"
}

// IsAdded reports whether a controller may add a label to pods.
func IsAdded(key string) bool {
	_, ok := controllerLabels[key]
	return ok
}

// Requirement is what counts of a requirement that pods have a label: of one that a controller adds the name of the
// owner. ok is false if nothing counts, since some pods of each owner may meet it.
func Requirement(r labels.Requirement) (counts labels.Requirement, ok bool) {
	c, isAdded := controllerLabels[r.Key()]
	if !isAdded {
		return r, true
	}
	values := r.Values().List()
	for i, v := range values {
		values[i] = c.compared(v)
	}
	operator := r.Operator()
	excludes := operator == selection.NotIn || operator == selection.NotEquals
	switch {
	case operator == selection.Exists, operator == selection.DoesNotExist:
		return r, true
	case excludes && (c.owner == nil || c.single):
		return r, false
	case c.owner == nil:
		operator, values = selection.Exists, nil
	case excludes:
		operator = selection.NotIn
	default:
		operator = selection.In
	}
	made, err := labels.NewRequirement(r.Key(), operator, values)
	if err != nil { // it selects nothing
		return r, true
	}
	return *made, true
}

// Comparable is a selector of which only that counts which files know of the pods. named is false if it is the
// selector itself, which names no label that a controller adds.
func Comparable(s labels.Selector) (counts labels.Selector, named bool) {
	requirements, _ := s.Requirements()
	for _, r := range requirements {
		named = named || IsAdded(r.Key())
	}
	if !named {
		return s, false
	}
	counts = labels.NewSelector()
	for _, r := range requirements {
		if c, ok := Requirement(r); ok {
			counts = counts.Add(c)
		}
	}
	return counts, true
}
