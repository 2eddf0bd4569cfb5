package document

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/certificate"
	"github.com/kubevet/kubevet/render/manifest"
)

// isPEM reports whether a name is one that files with certificates or keys have. Files
// that tests use are left out: their certificates are made to be wrong.
func isPEM(name string) bool {
	for dir := range strings.SplitSeq(path.Dir(name), "/") {
		switch dir {
		case "fixtures", "vendor", "third_party", "node_modules":
			return false
		}
		if strings.Contains(strings.ToLower(dir), "test") {
			return false
		}
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".pem", ".crt", ".cer", ".csr", ".der", ".key":
		return true
	}
	return false
}

// readPEM makes a document of a file with PEM in it, or of one in DER, which has no lines. Other
// files with such names are of other programs.
func readPEM(kind, file string, text []byte) ([]*lint.Document, []lint.Problem) {
	if certificate.IsDER(text) {
		return []*lint.Document{lint.NewDocument(file, kind, nil, string(text), manifest.NewSource(file, nil))}, nil
	}
	if !bytes.Contains(text, []byte("-----BEGIN ")) {
		return nil, nil
	}
	return readText(kind, file, text)
}

// mayBeDistribution reports whether a name is one that the configuration of k3s or RKE2
// may have. Only such files are read to see what they are.
func mayBeDistribution(name string) bool {
	if !isYAML(name) {
		return false
	}
	lower := strings.ToLower(name)
	base := path.Base(lower)
	return base == "config.yaml" || base == "config.yml" || path.Base(path.Dir(lower)) == "config.yaml.d" ||
		strings.Contains(lower, "k3s") || strings.Contains(lower, "rke2") || strings.Contains(lower, "rancher")
}

// distribution finds keys that only the configuration of k3s and RKE2 has.
var distribution = regexp.MustCompile(`(?m)^(kube-apiserver|kube-controller-manager|kube-scheduler|etcd)-arg\+?:|^write-kubeconfig-mode:|^secrets-encryption:`)

// isK3s reports whether a text is the configuration of k3s or RKE2.
func isK3s(text []byte) bool {
	return distribution.Match(text) && !bytes.Contains(text, []byte("apiVersion:"))
}

// onlyRKE2 finds keys that RKE2 has and k3s has not.
var onlyRKE2 = regexp.MustCompile(`(?m)^(profile: *["']?cis|cni:|audit-policy-file:|control-plane-resource-|pod-security-admission-config-file:|ingress-controller:)`)

// isRKE2 reports whether a text is the configuration of RKE2.
func isRKE2(text []byte) bool { return isK3s(text) && onlyRKE2.Match(text) }

// mayBeTalos reports whether a name is one that the configuration of talhelper has, or a file of Talos in a folder of that name.
func mayBeTalos(name string) bool {
	lower := strings.ToLower(name)
	return isYAML(name) && (strings.HasPrefix(path.Base(lower), "talconfig.") || strings.Contains(lower, "talos"))
}

var (
	talosKeys   = regexp.MustCompile(`(?m)^(?:machine|cluster|talosVersion):`)
	objectsKeys = regexp.MustCompile(`(?m)^(?:metadata|spec):`)
)

// isTalos reports whether a text configures machines with Talos, or is a patch for that.
func isTalos(text []byte) bool { return talosKeys.Match(text) && !objectsKeys.Match(text) }
