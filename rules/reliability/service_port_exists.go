package reliability

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/suggest"
)

// ServicePortExists reports Services whose targetPort is a name that none of the
// pods they select declares.
//
// Such a port has no endpoints, and connections to it are refused.
//
// Port numbers pass: a container may listen on a port that it does not declare. So do
// headless Services, whose clients connect to the pods directly. If the input has no
// workload that the Service selects, nothing is reported. In a tree of manifests the
// workloads that are nearest to the Service count: those of its directory, if it selects some,
// or else those of one other directory.
var ServicePortExists = &lint.Rule{
	ID:        "service-port-exists",
	Title:     "Service targets a port that its pods do not declare",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "name a port of the pods' containers, or declare the port by that name on the container that listens on it",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, s := range view.Services {
			if !s.HasSelector() || s.Root.Get("spec.clusterIP").Text() == "None" {
				continue
			}
			l := view.SelectNear(s.Object, s.Selector)
			if len(l.Pods) > 0 && !l.Spread && !slices.ContainsFunc(l.Pods, func(p *cluster.Pods) bool { return p.Pod.Partial }) {
				checkTargetPorts(p, s.Object, l, view.First(s.Object, l))
			}
		}
	}),
}

func checkTargetPorts(p *lint.Pass, o *lint.Object, l *cluster.Selection, first *cluster.Pods) {
	names := l.PortNames()
	for port := range o.Root.Get("spec.ports").Items() {
		target := port.Get("targetPort")
		name := text(target)
		if name == "" || node.IsCapitals(name) || isNumber(target) || slices.Contains(names, name) {
			continue
		}
		want, fix := "a port that they declare", lint.Intent{}
		switch near := suggest.Closest(name, names); {
		case near != "" && !differInTLS(near, name):
			want = near
		case len(names) == 0: // the Service may print the name in other places, too: a number is no good advice
			want = "it declared"
			fix = lint.Advice("add a port with the name " + name + " to the container that listens on it")
		case len(names) == 1 && o.Root.Get("spec.ports").Len() == 1 && mayServe(names[0], o.Name, text(port.Get("name")), name): // of several ports, another one may be for it
			want = names[0]
		}
		p.Report(lint.Diagnostic{
			Object: o, At: target, Fix: fix,
			Message: o.KindName() + " targets port " + name + ", which " + first.KindName() + " does not declare; want " + want,
			Related: []lint.Related{{Object: first.Object, At: first.Pod.Get("containers"), Label: "the containers"}},
		})
	}
}

// purposes are words of ports that others are not for.
var purposes = []string{"metrics", "webhook", "health", "probe", "admin", "debug", "profiling"}

// mayServe reports whether a port of a container may be what a Service is for that has some names: the two do not say different things.
func mayServe(port string, names ...string) bool {
	service := strings.Join(names, " ")
	if differInTLS(port, service) {
		return false
	}
	return !slices.ContainsFunc(purposes, func(word string) bool { return strings.Contains(service, word) != strings.Contains(port, word) })
}

// differInTLS reports whether one name says https and the other http.
func differInTLS(a, b string) bool {
	isHTTP, isHTTPS := func(name string) bool { return strings.Contains(name, "http") }, func(name string) bool { return strings.Contains(name, "https") }
	return isHTTP(a) && isHTTP(b) && isHTTPS(a) != isHTTPS(b)
}
