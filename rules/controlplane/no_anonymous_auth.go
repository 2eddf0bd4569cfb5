package controlplane

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// NoAnonymousAuth reports API servers that accept requests without credentials: those without
// --anonymous-auth=false, and AuthenticationConfigurations whose anonymous requests are not limited to
// /healthz, /readyz and /livez.
//
// Anonymous requests have the rights of system:anonymous and system:unauthenticated. One careless
// binding to either gives rights to everyone who reaches the API server, and faults of the API
// server can be used without an account.
//
// The default is true, which probes of kubeadm's static pod need: from Kubernetes 1.32 on, an
// AuthenticationConfiguration with anonymous.conditions lets the probes in and nobody else. A flag
// that is not set has low severity. If --authentication-config is set, the file decides.
var NoAnonymousAuth = &lint.Rule{
	ID:        "no-anonymous-auth",
	Title:     "API server accepts anonymous requests",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-no-impersonation-anonymous"},
	Refs:      controls("1.2.1"),
	Fix:       "set --anonymous-auth=false, or limit anonymous requests to /healthz, /readyz and /livez in an AuthenticationConfiguration",
	Check:     lint.Checks{controlplane.Each(checkAnonymous), lint.ObjectCheck(checkConditions)},
}

// probePaths are the paths that may be asked for without credentials.
var probePaths = []string{"/healthz", "/readyz", "/livez"}

func checkAnonymous(p *lint.Pass, c *controlplane.Component) {
	r := c.Lookup("anonymous-auth", "")
	if c.Program != controlplane.APIServer || r.State == controlplane.Unknown || r.Text == "false" {
		return
	}
	d := c.Diagnostic(r.At, withSetting(c, r)+"; want false")
	if r.State != controlplane.Set {
		if isUsed(c, "authentication-config") {
			return
		}
		d = c.Diagnostic(r.At, "without "+r.Name+"; want false")
		d.Severity = lint.Low
	}
	if c.IsKubeadm() { // without anonymous requests its probes fail
		d.Fix = lint.Advice("limit anonymous requests to " + lint.And(probePaths) + " in an AuthenticationConfiguration, and have kubeadm join discover the cluster by a file: by a token it reads cluster-info without credentials")
	}
	p.Report(d)
}

// checkConditions judges the anonymous requests that an AuthenticationConfiguration accepts.
func checkConditions(p *lint.Pass, o *lint.Object) {
	if !o.Is("apiserver.config.k8s.io", "AuthenticationConfiguration") {
		return
	}
	anonymous := o.Root.Get("anonymous")
	enabled, conditions := anonymous.Get("enabled"), anonymous.Get("conditions")
	if !enabled.True() || !conditions.IsKnown() {
		return
	}
	if conditions.Len() == 0 {
		p.Report(lint.Diagnostic{Object: o, At: enabled, Message: o.Kind + " accepts anonymous requests to every path; want conditions with " + lint.And(probePaths)})
		return
	}
	for condition := range conditions.Items() {
		path := condition.Get("path")
		if text := path.Text(); text != "" && !slices.Contains(probePaths, strings.TrimSuffix(text, "/")) {
			p.Report(lint.Diagnostic{Object: o, At: path, Message: o.Kind + " accepts anonymous requests to " + text + "; want " + lint.And(probePaths) + " alone"})
		}
	}
}
