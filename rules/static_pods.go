package rules

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// notForStaticPods are the rules that cannot apply to static pods of the control plane, and
// why. The kubelet starts these pods from files of the node, before there is an API
// server: they have no service account, no pod network, no controller, and no Secrets or
// ConfigMaps, so that all their files come from the node. Every other rule applies.
var notForStaticPods = map[string]string{
	"no-automount-token":             "static pods have no service account",
	"no-default-service-account":     "static pods have no service account",
	"service-account-per-workload":   "static pods have no service account",
	"no-host-network":                "there is no pod network before the control plane runs",
	"no-host-port":                   "a port of a pod with the node's network is one of the node",
	"no-probe-host":                  "programs that listen on 127.0.0.1 of the node are probed there",
	"no-host-path":                   "certificates and configuration can only come from the node",
	"no-sensitive-host-path":         "certificates and configuration can only come from the node",
	"no-host-path-persistent-volume": "data can only be kept on the node",
	"restricted-volume-types":        "certificates and configuration can only come from the node",
	"run-as-non-root":                "kubeadm, kops and others start the programs as root, which owns the keys of the node",
	"no-run-as-root-user":            "kubeadm, kops and others start the programs as root, which owns the keys of the node",
	"high-user-id":                   "the user must own the files of the node that the program reads",
	"high-group-id":                  "the user must own the files of the node that the program reads",
	"user-namespace":                 "a pod with the node's network shares the node's users",
	"no-node-name":                   "a static pod is bound to its node",
	"no-control-plane-toleration":    "it belongs on the control plane",
	"no-system-namespace":            "it belongs in kube-system",
	"network-policy-ingress":         "no policy applies to the node's network",
	"network-policy-egress":          "no policy applies to the node's network",
	"disruption-budget":              "a static pod cannot be evicted",
	"multiple-replicas":              "there is one on each node of the control plane",
	"spread-replicas":                "there is one on each node of the control plane",
}

// ofTheirPrograms are the rules that cannot apply because of what the programs of the control plane
// are. They apply to other static pods.
var ofTheirPrograms = []string{
	"no-host-path", "no-sensitive-host-path", "no-host-path-persistent-volume", "restricted-volume-types",
	"run-as-non-root", "no-run-as-root-user", "high-user-id", "high-group-id",
}

// Exempt reports whether the rule of a pass cannot apply to an object.
func Exempt(p *lint.Pass, o *lint.Object) bool {
	_, ok := notForStaticPods[p.Rule.ID]
	return ok && (controlplane.IsStaticPod(p, o) || controlplane.IsOtherStaticPod(o) && !slices.Contains(ofTheirPrograms, p.Rule.ID))
}
