package reliability

import "github.com/kubevet/kubevet/lint"

// UniqueNames reports containers, volumes, container ports and mount paths of a
// pod that have the same name.
//
// The API server refuses such a pod. For a Deployment or Job it does so only when
// the controller creates the pod, and no error is shown: the old version keeps running.
//
// Names of containers must be unique among all kinds of containers, and names of ports
// and mount paths within their container.
var UniqueNames = &lint.Rule{
	ID:        "unique-names",
	Title:     "Two parts of a pod have the same name",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "give each its own name, or remove one of the two",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		if len(w.Containers) > 1 {
			containers := names{what: "container"}
			for _, c := range w.Containers {
				containers.add(p, c, c.Get("name"))
			}
		}
		checkNames(p, w.Pod, "volumes", "name", "volume")
		for _, c := range w.Containers {
			checkNames(p, c, "ports", "name", "port")
			checkNames(p, c, "volumeMounts", "mountPath", "mountPath")
		}
	}),
}

// checkNames reports the elements of a list that have the same name.
func checkNames(p *lint.Pass, h lint.PodOrContainer, list, key, what string) {
	l := h.Get(list)
	if l.Len() < 2 {
		return
	}
	all := names{what: what}
	for v := range l.Items() {
		all.add(p, h, v.Get(key))
	}
}

// names is those of one kind of thing that were seen.
type names struct {
	what string
	seen map[string]lint.Value
}

func (n *names) add(p *lint.Pass, h lint.PodOrContainer, name lint.Value) {
	t := text(name)
	if t == "" {
		return
	}
	first, twice := n.seen[t]
	if !twice {
		if n.seen == nil {
			n.seen = map[string]lint.Value{}
		}
		n.seen[t] = name
		return
	}
	message := h.Label() + " has " + n.what + " " + t + " twice; want it once"
	if n.what == "container" {
		message = `pod has two containers "` + t + `"; want each name once`
	}
	p.Report(lint.Diagnostic{
		Subject: h, At: name, Message: message,
		Related: []lint.Related{{Object: h.Workload.Object, At: first, Label: "the first"}},
	})
}
