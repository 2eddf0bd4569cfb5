package controlplane

import "github.com/kubevet/kubevet/lint"

// APIServerCertificate reports API servers without --tls-cert-file and --tls-private-key-file.
//
// The API server then makes a certificate of its own at each start. Clients cannot verify it, so that
// they either fail or are configured not to verify anything, and anyone between them and the API server can
// read their credentials.
//
// kubeadm and kops set both. Certificates of --tls-sni-cert-key count too.
var APIServerCertificate = &lint.Rule{
	ID:        "api-server-certificate",
	Title:     "API server signs its serving certificate itself",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings"},
	Refs:      controls("1.2.24"),
	Fix:       "give --tls-cert-file and --tls-private-key-file a file each",
	Check:     settings("api-server-certificate"),
}
