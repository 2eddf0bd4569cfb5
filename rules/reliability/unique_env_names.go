package reliability

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// UniqueEnvNames reports environment variables that a container sets twice.
//
// The last one wins, and kubectl apply may drop either when the list changes. A reader who sees the first
// line expects another value.
//
// A value that refers to the earlier variable of the same name, as in
// PATH: $(PATH):/opt/bin, passes. Several that follow each other in the same order, such as two blocks of a
// template of which one is meant, are one finding.
var UniqueEnvNames = &lint.Rule{
	ID:        "unique-env-names",
	Title:     "Environment variable is set twice",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "remove one of the two",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: checkEnvNames},
}

func checkEnvNames(p *lint.Pass, h lint.PodOrContainer) {
	type place struct {
		lint.Value
		index int
	}
	seen := map[string]place{}
	var run repeated
	i := 0
	for env := range h.Get("env").Items() {
		name := text(env.Get("name"))
		first, twice := seen[name]
		switch {
		case !twice || name == "" || refersTo(text(env.Get("value")), name):
			run.report(p, h)
			run = repeated{}
		case run.names != nil && first.index == run.next:
			run.names, run.next = append(run.names, name), first.index+1
		default:
			run.report(p, h)
			run = repeated{first: first.Value, second: env.Get("name"), names: []string{name}, next: first.index + 1}
		}
		seen[name] = place{env.Get("name"), i}
		i++
	}
	run.report(p, h)
}

// repeated are variables that follow each other, and follow each other in the same order before.
type repeated struct {
	names []string
	// first and second are the names of the first of them, where it is set before and again.
	first, second lint.Value
	// next is the index of the variable that follows where they are set before.
	next int
}

// report reports the variables, if there are any.
func (r repeated) report(p *lint.Pass, h lint.PodOrContainer) {
	if len(r.names) == 0 {
		return
	}
	d := lint.Diagnostic{
		Subject: h, At: r.second,
		Message: h.Label() + " sets environment variable " + r.names[0] + " twice; want it once",
		Related: []lint.Related{{Object: h.Workload.Object, At: r.first, Label: "set before"}},
	}
	if len(r.names) > 1 {
		d.Message = h.Label() + " sets environment variables " + lint.AndOthers(r.names, 3) + " twice; want each once"
		d.Fix = lint.Advice("remove one of the two blocks")
		if isOfTemplate(p, h.Workload.Object, r.first) && isOfTemplate(p, h.Workload.Object, r.second) {
			d.Fix = lint.Advice("have the template print one of the two blocks: make their conditions exclude each other")
		}
	}
	p.Report(d)
}

// isOfTemplate reports whether a value is in a template of a chart, not in its values.
func isOfTemplate(p *lint.Pass, o *lint.Object, v lint.Value) bool {
	trail := p.Locate(o, v).Trail
	return p.Unit.Kind == lint.UnitChart && (len(trail) == 0 || trail[0].Kind != lint.StepValues)
}

func refersTo(value, name string) bool { return strings.Contains(value, "$("+name+")") }
