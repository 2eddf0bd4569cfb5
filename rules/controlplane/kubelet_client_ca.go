package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletClientCA reports kubelets without authentication.x509.clientCAFile or --client-ca-file.
//
// The API server authenticates to the kubelet with a client certificate. If the kubelet cannot verify
// it, either the API server must come in anonymously, and so can everyone else, or kubectl exec and
// kubectl logs fail.
//
// kubeadm sets it in files that it reads. Drop-ins and kubeletExtraArgs are judged only where they set
// it, and so are files beside a script that installs k3s or RKE2, which set it by a flag.
var KubeletClientCA = &lint.Rule{
	ID:        "kubelet-client-ca",
	Title:     "Kubelet verifies no client certificates",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs:      controls("4.2.3"),
	Fix:       "set authentication.x509.clientCAFile to the certificate of the cluster authority",
	Check:     settings("kubelet-client-ca"),
}
