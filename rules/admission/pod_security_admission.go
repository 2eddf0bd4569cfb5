package admission

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// PodSecurityAdmission reports configurations of the admission plugin PodSecurity that enforce
// privileged by default, or that exempt users who create pods for others, or namespaces of users.
//
// A namespace without labels then admits every pod, privileged ones included, and everyone who may
// create a namespace or is exempt owns the nodes.
//
// The configuration is found as an object of kind PodSecurityConfiguration, within an
// AdmissionConfiguration, and in the configurations of OpenShift's API server. Exempt are kube-system and other namespaces whose name starts with kube- or
// openshift-, and what a policy engine protects is for the owner to say: ignore the finding with that
// reason. An exempt user such as system:serviceaccount:kube-system:replicaset-controller exempts every
// pod that it creates for a Deployment.
var PodSecurityAdmission = &lint.Rule{
	ID:        "pod-security-admission",
	Title:     "Pod Security enforces nothing by default, or exempts too much",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"admission-pod-security", "infra-pod-security-policies"},
	Refs:      controls("5.2.1"),
	Fix:       "set defaults.enforce to baseline or restricted, and exempt only namespaces of the system",
	Check:     lint.ObjectCheck(checkPodSecurity),
}

func checkPodSecurity(p *lint.Pass, o *lint.Object) {
	if o.Is("pod-security.admission.config.k8s.io", "PodSecurityConfiguration") {
		checkDefaults(p, o, o.Root)
	}
	for _, root := range controlplane.OpenShiftConfigs(o, controlplane.APIServer) {
		if c := root.Get("admission.pluginConfig.PodSecurity.configuration"); c.IsMap() {
			checkDefaults(p, o, c)
		}
	}
	if !o.Is(configGroup, "AdmissionConfiguration") {
		return
	}
	for plugin := range o.Root.Get("plugins").Items() {
		if c := plugin.Get("configuration"); plugin.Get("name").Text() == "PodSecurity" && c.IsMap() {
			checkDefaults(p, o, c)
		}
	}
}

func checkDefaults(p *lint.Pass, o *lint.Object, c lint.Value) {
	report := func(at lint.Value, message string) {
		p.Report(lint.Diagnostic{Object: o, At: at, Message: o.Kind + " " + message})
	}
	switch enforce := c.Get("defaults.enforce"); {
	case !enforce.IsKnown():
	case enforce.Text() == "privileged":
		report(enforce, "enforces privileged by default, which admits every pod; want baseline or restricted")
	case !enforce.IsSet():
		report(enforce, "does not set defaults.enforce, so it is privileged; want baseline or restricted")
	}
	for user := range c.Get("exemptions.usernames").Items() {
		if text := user.Text(); isController(text) {
			report(user, "exempts "+text+", which creates pods for everyone; want it to be checked")
		}
	}
	for namespace := range c.Get("exemptions.namespaces").Items() {
		if text := namespace.Text(); text == "default" || text == "*" {
			report(namespace, "exempts namespace "+text+"; want only namespaces of the system")
		}
	}
}

// isController reports users that create pods on behalf of others.
func isController(user string) bool {
	name, ok := strings.CutPrefix(user, "system:serviceaccount:kube-system:")
	return ok && strings.HasSuffix(name, "-controller") || user == "system:kube-controller-manager"
}
