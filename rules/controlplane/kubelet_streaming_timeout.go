package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletStreamingTimeout reports kubelets with --streaming-connection-idle-timeout=0, which means no
// limit.
//
// A forgotten kubectl exec or port-forward then stays open for ever. Enough of them use up the ports
// and the memory of the node.
//
// Unset is four hours, and so is 0s in a KubeletConfiguration, which kubeadm writes.
var KubeletStreamingTimeout = &lint.Rule{
	ID:        "kubelet-streaming-timeout",
	Title:     "Idle connections to containers never end",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-denial-of-service"},
	Refs:      controls("4.2.5"),
	Fix:       "set streamingConnectionIdleTimeout to 4h or less",
	Check:     settings("kubelet-streaming-timeout"),
}
