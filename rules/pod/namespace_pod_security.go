package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

const (
	enforceLabel        = "pod-security.kubernetes.io/enforce"
	enforceVersionLabel = "pod-security.kubernetes.io/enforce-version"
)

// NamespacePodSecurity reports namespaces for which the API server enforces no Pod Security Standard.
//
// Whoever may create a pod there, by a stolen token of a build job for one, may then create a
// privileged one, and has its node.
//
// The label pod-security.kubernetes.io/enforce must be baseline or restricted; privileged enforces
// nothing, and the API server refuses other values, as it does a malformed enforce-version. An
// explicit privileged has the severity that pods without bounds have; a label that is missing has
// medium severity, since the cluster may be set up to enforce a standard by default. The labels for
// warn and audit keep no pod out. kube-system, kube-public and kube-node-lease are exempt.
var NamespacePodSecurity = &lint.Rule{
	ID:        "namespace-pod-security",
	Title:     "Namespace enforces no Pod Security Standard",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-security-standards-namespace", "infra-pod-security-policies", "admission-pod-security"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.2.1"},
		{Standard: nsa, Control: "Pod security enforcement"},
	},
	Fix:   "set the label pod-security.kubernetes.io/enforce to restricted, or to baseline",
	Check: lint.ObjectCheck(checkNamespacePodSecurity),
}

var clusterNamespaces = []string{"kube-system", "kube-public", "kube-node-lease"}

func checkNamespacePodSecurity(p *lint.Pass, o *lint.Object) {
	if !o.Is("", "Namespace") || slices.Contains(clusterNamespaces, o.Name) {
		return
	}
	labels := o.Root.Get("metadata.labels")
	enforce, version := labels.Child(enforceLabel), labels.Child(enforceVersionLabel)
	d := lint.Diagnostic{Object: o, At: enforce, Want: "restricted"}
	ns := `namespace "` + o.Name + `"`
	switch level, err := podsecurity.ParseLevel(enforce.Text()); {
	case !enforce.IsSet():
		d.Severity = lint.Medium
		d.Message = ns + " does not set the label " + enforceLabel + "; want baseline or restricted"
	case err != nil:
		d.Message = ns + " sets the label " + enforceLabel + ": " + enforce.Text() + ", which is no level; want baseline or restricted"
	case level == podsecurity.Privileged:
		d.Message = ns + " sets the label " + enforceLabel + ": privileged, which enforces nothing; want baseline or restricted"
	}
	if d.Message != "" {
		p.Report(d)
	}
	if _, err := podsecurity.ParseVersion(version.Text(), p.Version); version.IsSet() && err != nil {
		p.Report(lint.Diagnostic{
			Object: o, At: version, Want: "latest",
			Message: ns + " sets the label " + enforceVersionLabel + ": " + version.Text() + "; want latest or a form like v1.31",
		})
	}
}
