package pod

import "github.com/kubevet/kubevet/lint"

// ProcMountDefault reports containers whose /proc is not masked as usual.
//
// Runtimes hide or write-protect the parts of /proc through which the kernel can be
// configured and read, such as kcore, keys and sysrq-trigger. procMount: Unmasked shows
// them to the container's root.
//
// Unset and Default are fine. From Kubernetes 1.35 on pods with hostUsers: false are
// exempt, as in the baseline standard: their root has no power over the node's kernel. The
// restricted standard refuses Unmasked even there.
var ProcMountDefault = &lint.Rule{
	ID:        "proc-mount-default",
	Title:     "Container's /proc is unmasked",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "/proc Mount Type"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove securityContext.procMount",
	Unless: "the program runs containers of its own",
	Check: lint.Field{
		Of:     lint.Containers,
		Path:   "securityContext.procMount",
		Allow:  []string{"Default"},
		Unless: inUserNamespace,
	},
}
