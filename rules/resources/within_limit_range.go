package resources

import (
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// WithinLimitRange reports containers and pods that a LimitRange of their namespace refuses.
//
// The API server then creates no pod. A Deployment is created and has none; only the events of its
// ReplicaSet say why.
//
// A LimitRange of type Container gives the least request, the highest limit, and the highest ratio of
// limit to request of each container, init containers included. One of type Pod gives the same for
// the sums of a pod, counted as the scheduler does, and demands that the pod has a request or limit at
// all. Containers have the defaults of the LimitRanges first. Resources of the pod as a whole
// take the place of the sums from Kubernetes 1.34 on. Only LimitRanges of the input count, and if neither
// names a namespace only those of the pod's own directory, or of one above or below it. Text that is no
// quantity is not checked.
var WithinLimitRange = &lint.Rule{
	ID:        "within-limit-range",
	Title:     "Pod is refused by a LimitRange",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix: "change the request or limit, or the LimitRange",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		for _, r := range limitRangesOf(p)[w.Namespace] {
			if !cluster.Of(p).MayBeTogether(r.object, w.Object) {
				continue
			}
			for item := range r.object.Root.Get("spec.limits").Items() {
				c := rangeCheck{p, w, r.object, item}
				switch item.Get("type").Text() {
				case "Container":
					for _, h := range w.Select(lint.Resourced) {
						c.container(h)
					}
				case "Pod":
					if !w.Pod.Partial {
						c.pod()
					}
				}
			}
		}
	}),
}

// rangeCheck compares a pod with an element of a LimitRange.
type rangeCheck struct {
	*lint.Pass
	w     *lint.Workload
	from  *lint.Object
	limit lint.Value
}

// container compares what a container asks for. A request or limit that it leaves out is
// that of the LimitRange, which allows it.
func (c rangeCheck) container(h lint.PodOrContainer) {
	for name, most := range c.limit.Get("max").Entries() {
		v := h.Get("resources.limits").Child(name)
		if compare(v, most) > 0 {
			c.refuse(h, v, most, "has a limit of "+name+": "+v.Text()+", more than the "+most.Text()+" that LimitRange "+c.from.Name+" allows; want no more")
		}
	}
	for name, least := range c.limit.Get("min").Entries() {
		if v := ownRequest(h, name); compare(v, least) < 0 {
			c.refuse(h, v, least, "requests "+name+": "+v.Text()+", less than the "+least.Text()+" that LimitRange "+c.from.Name+" demands; want as much or more")
		}
	}
	for name, ratio := range c.limit.Get("maxLimitRequestRatio").Entries() {
		request, limit := ownRequest(h, name), h.Get("resources.limits").Child(name)
		c.ratio(h, orElse(limit, request), name, ratio, orElse(request, c.defaultOf("requests", name)), orElse(limit, c.defaultOf("limits", name)))
	}
}

// orElse is a value or, if it is not set, another one.
func orElse(v, otherwise lint.Value) lint.Value {
	if v.IsSet() {
		return v
	}
	return otherwise
}

// defaultOf is what the LimitRanges of the namespace give to a container that leaves a
// request or limit out.
func (c rangeCheck) defaultOf(list, name string) lint.Value {
	for _, r := range limitRangesOf(c.Pass)[c.w.Namespace] {
		if v := r.of(list)[name]; v.IsSet() {
			return v
		}
	}
	return lint.Value{}
}

// ratio compares a limit with a request that the container or pod sets.
func (c rangeCheck) ratio(h lint.PodOrContainer, at lint.Value, name string, ratio, request, limit lint.Value) {
	r, ok1 := quantity(request)
	l, ok2 := quantity(limit)
	most, ok3 := quantity(ratio)
	if ok1 && ok2 && ok3 && at.IsSet() && r.Sign() > 0 && l.AsApproximateFloat64() > r.AsApproximateFloat64()*most.AsApproximateFloat64() {
		c.refuse(h, at, ratio, "requests "+name+": "+request.Text()+" with a limit of "+limit.Text()+", more than "+ratio.Text()+" times as much, which LimitRange "+c.from.Name+" allows; want them closer")
	}
}

// pod compares the sums of the pod's containers.
func (c rangeCheck) pod() {
	for name, most := range c.limit.Get("max").Entries() {
		c.sum("limits", name, most, 1, "limit", "more than the "+most.Text()+" that LimitRange "+c.from.Name+" allows; want no more")
	}
	for name, least := range c.limit.Get("min").Entries() {
		c.sum("requests", name, least, -1, "request", "less than the "+least.Text()+" that LimitRange "+c.from.Name+" demands; want as much or more")
	}
}

// sum compares what the pod requests, or its limit, with an end of the range. wrong is the
// sign of the comparison that is refused.
func (c rangeCheck) sum(list, name string, end lint.Value, wrong int, what, message string) {
	want, ok := quantity(end)
	if !ok {
		return
	}
	if v := c.w.Resources.Get(list).Child(name); v.IsSet() && c.Version.AtLeast(podLevelSince) {
		if compare(v, end) == wrong {
			c.refuse(c.w.Pod, v, end, "has a "+what+" of "+name+": "+v.Text()+", "+message)
		}
		return
	}
	some := false
	sum, ok := sumOf(c.w, func(h lint.PodOrContainer) lint.Value {
		v := h.Get("resources.limits").Child(name)
		if list == "requests" {
			v = ownRequest(h, name)
		}
		v = orElse(v, c.defaultOf(list, name))
		some = some || v.IsSet()
		return v
	})
	at := c.w.Pod.Get("containers")
	switch {
	case !at.IsSet() || !ok:
	case !some:
		c.refuse(c.w.Pod, at, end, "has no "+what+" of "+name+", which LimitRange "+c.from.Name+" demands; want one on its containers")
	case sum.Cmp(want) == wrong:
		c.refuse(c.w.Pod, at, end, "has a "+what+" of "+name+": "+sum.String()+" in all, "+message)
	}
}

// refuse reports a value, with the place in the LimitRange that refuses it. The containers of
// a pod may be refused for several resources.
func (c rangeCheck) refuse(h lint.PodOrContainer, at, by lint.Value, message string) {
	c.Report(lint.Diagnostic{
		Subject: h, At: at, Part: by.Path(), Message: h.Label() + " " + message,
		Related: []lint.Related{{Object: c.from, At: by, Label: "the LimitRange"}},
	})
}

// compare compares two quantities. It is 0 if one of them is absent or cannot be read.
func compare(v, with lint.Value) int {
	a, ok1 := quantity(v)
	b, ok2 := quantity(with)
	if !ok1 || !ok2 {
		return 0
	}
	return a.Cmp(b)
}

// sumOf is what the containers of a pod have of a resource at the same time: all that run
// on, or one init container beside the sidecars that started before it. ok is false if a
// quantity cannot be read.
func sumOf(w *lint.Workload, value func(lint.PodOrContainer) lint.Value) (sum resource.Quantity, ok bool) {
	var sidecars, most resource.Quantity
	for _, h := range w.Select(lint.Resourced) {
		v := value(h)
		q, readable := quantity(v)
		if v.IsSet() && !readable {
			return sum, false
		}
		switch h.Kind {
		case lint.KindInit:
			q.Add(sidecars)
			if q.Cmp(most) > 0 {
				most = q
			}
		case lint.KindSidecar:
			sidecars.Add(q)
		default:
			sum.Add(q)
		}
	}
	sum.Add(sidecars)
	if most.Cmp(sum) > 0 {
		return most, true
	}
	return sum, true
}
