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
// PATH: $(PATH):/opt/bin, passes.
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
	seen := map[string]lint.Value{}
	for env := range h.Get("env").Items() {
		name := text(env.Get("name"))
		first, twice := seen[name]
		if twice && name != "" && !refersTo(text(env.Get("value")), name) {
			p.Report(lint.Diagnostic{
				Subject: h, At: env.Get("name"),
				Message: h.Label() + " sets environment variable " + name + " twice; want it once",
				Related: []lint.Related{{Object: h.Workload.Object, At: first, Label: "set before"}},
			})
		}
		seen[name] = env.Get("name")
	}
}

func refersTo(value, name string) bool { return strings.Contains(value, "$("+name+")") }
