package admission

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// AdmissionEventRateLimit reports API servers without the admission plugin EventRateLimit, and
// AdmissionConfigurations without its settings.
//
// Events cost the API server and etcd as much as any other object. A pod that fails again and again,
// or a user who makes events, slows the cluster down for everyone.
//
// The plugin does nothing without limits in the file of --admission-control-config-file. API Priority
// and Fairness, which is on by default, limits the number of requests too; only the strict profile
// asks for the plugin.
var AdmissionEventRateLimit = &lint.Rule{
	ID:        "admission-event-rate-limit",
	Title:     "API server accepts any number of events",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"auth-denial-of-service", "admission-controllers"},
	Refs:      controls("1.2.9"),
	Fix:       "enable EventRateLimit, with limits in --admission-control-config-file",
	Check:     lint.Checks{controlplane.Each(checkEventRateLimit), lint.ObjectCheck(checkLimits)},
}

const rateLimit = "EventRateLimit"

func checkEventRateLimit(p *lint.Pass, c *controlplane.Component) {
	if r := enabled(c); c.Program == controlplane.APIServer && r.State != controlplane.Unknown && !slices.Contains(pluginsIn(r.Text), rateLimit) {
		p.Report(c.Diagnostic(r.At, "without "+rateLimit+" in "+r.Name+"; want it enabled"))
	}
}

func checkLimits(p *lint.Pass, o *lint.Object) {
	plugins := o.Root.Get("plugins")
	if !o.Is(configGroup, "AdmissionConfiguration") || !plugins.IsKnown() {
		return
	}
	for item := range plugins.Items() {
		if item.Get("name").Text() == rateLimit || !item.Get("name").IsKnown() {
			return
		}
	}
	p.Report(lint.Diagnostic{Object: o, At: plugins, Message: o.Kind + " has no plugin " + rateLimit + "; want its limits"})
}
