package controlplane

import "github.com/kubevet/kubevet/lint"

// ControllerManagerServiceAccountCredentials reports controller managers without
// --use-service-account-credentials=true.
//
// All controllers then use one identity, which needs the rights of all of them together. A fault in
// one controller gives an attacker everything that any of them may do, and the audit log shows
// one name for all of them.
//
// The default is false. kubeadm and kops set it to true.
var ControllerManagerServiceAccountCredentials = &lint.Rule{
	ID:        "controller-manager-service-account-credentials",
	Title:     "Controllers share one identity",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-controller-manager-credentials"},
	Refs:      controls("1.3.3"),
	Fix:       "set --use-service-account-credentials=true",
	Check:     settings("controller-manager-service-account-credentials"),
}
