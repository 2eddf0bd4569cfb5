package controlplane

import "github.com/kubevet/kubevet/lint"

// APIServerKubeletTLS reports API servers without --kubelet-client-certificate and
// --kubelet-client-key, and those without --kubelet-certificate-authority.
//
// Without a client certificate the kubelets must accept anonymous requests, which can run commands in
// every pod. Without an authority anyone between the API server and a kubelet can pose as the kubelet
// and read what kubectl exec and kubectl logs carry.
//
// kubeadm and kops set the client certificate. They set no authority, since kubelets sign their
// serving certificates themselves unless serverTLSBootstrap is on; a missing authority alone has low
// severity. --kubelet-https=false counts where Kubernetes still had it, before 1.22.
var APIServerKubeletTLS = &lint.Rule{
	ID:        "api-server-kubelet-tls",
	Title:     "API server does not authenticate to kubelets, or does not verify them",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings", "network-api-exposure"},
	Refs:      controls("1.2.4", "1.2.5"),
	Fix:       "give --kubelet-client-certificate, --kubelet-client-key and --kubelet-certificate-authority a file each",
	Check:     settings("api-server-kubelet-tls"),
}
