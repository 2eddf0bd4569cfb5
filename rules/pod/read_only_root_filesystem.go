package pod

import "github.com/kubevet/kubevet/lint"

// ReadOnlyRootFilesystem reports containers whose root filesystem is writable.
//
// An attacker who breaks into the application can then add tools, change its code and
// configuration, and stay until the container ends. With a read-only root only
// the volumes that the pod mounts for writing are left.
//
// Only containers have the field, and unset means writable. Applications that
// write temporary files need an emptyDir volume for them. Pods with spec.os.name:
// windows are exempt from Kubernetes 1.25 on: the API server refuses the field there.
// Pods that select Windows nodes by kubernetes.io/os, where the field has no effect, are exempt too.
var ReadOnlyRootFilesystem = &lint.Rule{
	ID:        "read-only-root-filesystem",
	Title:     "Root filesystem is writable",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.6.3"},
		{Standard: nsa, Control: "Immutable container file systems"},
		{Standard: owasp, Control: "K01"},
	},
	Fix: "set securityContext.readOnlyRootFilesystem: true on the container, and mount an emptyDir where it writes, filled by an init container if the image has files there",
	Check: lint.Field{
		Of:     lint.Containers,
		Path:   "securityContext.readOnlyRootFilesystem",
		Allow:  []string{"true"},
		Absent: lint.Bad,
		Also:   "mount an emptyDir " + whereItWrites + ", filled by an init container if the image has files there",

		Mounted: whereItWrites,
		AlsoFor: saveElsewhere,
		FixFor:  packagesFirst,
		Unless:  neverOnLinux,
	},
}

// whereItWrites is where a container with a read-only root needs a volume.
const whereItWrites = "where the container writes"

// saveElsewhere is what there is to do for a program that saves a file in the folder that it starts in: no volume can be
// mounted there if that is /.
func saveElsewhere(c lint.PodOrContainer) string {
	program, flag := savesInWorkingDir(c)
	if program == "" {
		return ""
	}
	return "give " + program + " a file there by " + flag + ", or set workingDir to that folder: it saves the file in the folder that it starts in"
}

// packagesFirst is the fix for a container that installs packages when it starts, or builds images there: no emptyDir makes that
// possible with a read-only root.
func packagesFirst(c lint.PodOrContainer) lint.Intent {
	if buildsInRoot(c) {
		return lint.Advice("kaniko builds images in its root filesystem, which no emptyDir can replace" + otherBuilder)
	}
	how := installsPackages(c)
	if how == "" {
		return lint.Intent{}
	}
	return lint.Advice("put the packages of " + how + " into the image first, since no emptyDir can take the place of all the folders that they go to, and then set securityContext.readOnlyRootFilesystem: true, with an emptyDir where else the container writes")
}
