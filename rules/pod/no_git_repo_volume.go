package pod

import "github.com/kubevet/kubevet/lint"

// NoGitRepoVolume reports volumes of type gitRepo.
//
// The kubelet clones the repository as root. Hooks in a prepared repository ran as root on the node
// (CVE-2024-10220), so anyone who could create a pod had the node.
//
// From Kubernetes 1.33 on the type is disabled, and from 1.36 on it cannot be enabled: the pod does not
// start. An init container that clones into an emptyDir does the same without the node.
var NoGitRepoVolume = &lint.Rule{
	ID:        "no-git-repo-volume",
	Title:     "Volume of type gitRepo",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: restricted, Control: "Volume Types"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "clone the repository in an init container, into an emptyDir that the containers share",
	Check: lint.PodCheck(checkGitRepo),
}

func checkGitRepo(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		v := volume.Get("gitRepo")
		if !v.IsSet() {
			continue
		}
		why := "which the kubelet clones as root"
		switch {
		case p.Version.AtLeast(36):
			why = "which Kubernetes 1.36 removed, so the pod cannot start"
		case p.Version.AtLeast(33):
			why = "which Kubernetes disables since 1.33, so the pod does not start"
		}
		p.Reportf(w.Pod, v, "has volume %q of type gitRepo, %s; want an init container that clones", volume.Get("name").Text(), why)
	}
}
