package controlplane

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// AuthorizationMode reports API servers whose --authorization-mode has AlwaysAllow or lacks Node or
// RBAC, those without the flag, and AuthorizationConfigurations of which the same is true.
//
// AlwaysAllow, which is the default, lets every authenticated user do everything. Without RBAC rights
// cannot be limited by roles. Without Node a stolen kubelet certificate reads every Secret of the
// cluster instead of those of its own pods.
//
// kubeadm and kops set Node,RBAC. If --authorization-config is set, the file decides. AlwaysAllow and
// an absent flag are critical.
var AuthorizationMode = &lint.Rule{
	ID:        "authorization-mode",
	Title:     "API server does not authorize by RBAC and Node",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-rbac-model", "infra-rbac"},
	Refs:      controls("1.2.6", "1.2.7", "1.2.8"),
	Fix:       "set --authorization-mode=Node,RBAC",
	Check:     lint.Checks{controlplane.Each(checkAuthorization), lint.ObjectCheck(checkAuthorizers)},
}

func checkAuthorization(p *lint.Pass, c *controlplane.Component) {
	r := c.Lookup("authorization-mode", "")
	switch {
	case c.Program != controlplane.APIServer || r.State == controlplane.Unknown || isUsed(c, "authorization-config"):
	case r.State == controlplane.Unset:
		d := c.Diagnostic(r.At, "without "+r.Name+", so everything is allowed; want Node,RBAC")
		d.Severity = lint.Critical
		p.Report(d)
	default:
		modes := strings.Split(strings.ReplaceAll(r.Text, " ", ""), ",")
		if fault, severity := faultOfModes(modes); fault != "" {
			d := c.Diagnostic(r.At, withSetting(c, r)+", which "+fault+"; want Node,RBAC")
			d.Severity = severity
			p.Report(d)
		}
	}
}

// checkAuthorizers judges the list of an AuthorizationConfiguration.
func checkAuthorizers(p *lint.Pass, o *lint.Object) {
	if !o.Is("apiserver.config.k8s.io", "AuthorizationConfiguration") {
		return
	}
	authorizers := o.Root.Get("authorizers")
	var modes []string
	for a := range authorizers.Items() {
		modes = append(modes, a.Get("type").Text())
	}
	if !authorizers.IsKnown() || slices.Contains(modes, "") {
		return
	}
	if fault, severity := faultOfModes(modes); fault != "" {
		p.Report(lint.Diagnostic{Object: o, At: authorizers, Severity: severity, Message: o.Kind + " " + fault + "; want authorizers of type Node and RBAC"})
	}
}

// faultOfModes says what is wrong with authorization modes. Empty: nothing.
func faultOfModes(modes []string) (string, lint.Severity) {
	if slices.Contains(modes, "AlwaysAllow") {
		return "allows everything", lint.Critical
	}
	var missing []string
	for _, mode := range []string{"Node", "RBAC"} {
		if !slices.Contains(modes, mode) {
			missing = append(missing, mode)
		}
	}
	if len(missing) > 0 {
		return "lacks " + lint.And(missing), 0
	}
	return "", 0
}
