package secrets

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// EncryptionAtRest reports API servers that store Secrets unencrypted, encryption configurations
// that leave Secrets out or in the clear, and keys of such a configuration in a manifest.
//
// Anyone who gets a backup of etcd, a disk of the control plane or a connection to etcd reads every
// password and token of the cluster. With a key that is kept beside the data, or in a repository,
// they still do.
//
// Of a configuration only the first provider writes: identity further down is how old Secrets stay
// readable. An entry that names secrets counts before one for *. and that before one for *.*. What
// starts kube-apiserver is looked at in containers, in kubeadm's ClusterConfiguration and in Cluster
// API's control planes. aescbc and aesgcm have low severity, as have local keys beside kms and version 1 of kms;
// secretbox with a local key is reported by the strict profile only. Placeholders and SOPS-encrypted
// files are no keys. Keys are masked.
var EncryptionAtRest = &lint.Rule{
	ID:        "encryption-at-rest",
	Title:     "Secrets are stored unencrypted",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-encryption-at-rest", "infra-encryption"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "1.2.27"},
		{Standard: cis, Control: "1.2.28"},
		{Standard: nsa, Control: "Secrets"},
	},
	Fix: "start kube-apiserver with --encryption-provider-config, and let kms be the first provider for secrets",
	Check: lint.Checks{
		controlplane.Each(func(p *lint.Pass, c *controlplane.Component) {
			const flag = "encryption-provider-config"
			r := c.Lookup(flag, "")
			if c.Program != controlplane.APIServer || r.State == controlplane.Unknown || r.Text != "" {
				return
			}
			d := c.Diagnostic(r.At, "without "+r.Name+r.By()+"; want an encryption configuration")
			d.Severity = lint.Medium
			if r.Field != "" {
				d.Fix.Title = "set " + r.Field + ": aesgcm or aescbc"
			}
			p.Report(d)
		}),
		lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
			if o.Is("apiserver.config.k8s.io", "EncryptionConfiguration") || o.Is("", "EncryptionConfig") {
				checkEncryption(p, o)
			}
		}),
	},
}

func checkEncryption(p *lint.Pass, o *lint.Object) {
	resources := o.Root.Get("resources")
	if e, ok := entryFor(resources, "secrets", "*.", "*.*"); !ok {
		p.Report(lint.Diagnostic{Object: o, At: resources, Message: o.Kind + " encrypts no secrets; want secrets among the resources"})
	} else {
		checkProviders(p, o, e.Get("providers"))
	}
	for e := range resources.Items() {
		for provider := range e.Get("providers").Items() {
			for name, v := range provider.Entries() {
				for key := range v.Get("keys").Items() {
					checkKey(p, o, name, key)
				}
			}
		}
	}
}

// entryFor is the entry that counts for a resource: the first that has it by
// the first of some names.
func entryFor(entries lint.Value, names ...string) (lint.Value, bool) {
	for _, name := range names {
		for e := range entries.Items() {
			if slices.Contains(e.Get("resources").Strings(), name) {
				return e, true
			}
		}
	}
	return lint.Value{}, false
}

// checkProviders judges the provider that writes: the first.
func checkProviders(p *lint.Pass, o *lint.Object, providers lint.Value) {
	var names []string
	var first lint.Value
	for provider := range providers.Items() {
		for name := range provider.Entries() {
			if names = append(names, name); len(names) == 1 {
				first = provider.Child(name)
				if !first.IsSet() { // identity: null is as good as {}
					first = provider
				}
			}
		}
	}
	if len(names) == 0 {
		return // no configuration: the API server does not start
	}
	d := lint.Diagnostic{Object: o, At: first}
	switch names[0] {
	case "identity":
		d.Message = o.Kind + " stores secrets unencrypted: its first provider is identity; want kms first"
		p.Report(d)
		return
	case "kms":
		if version := first.Get("apiVersion"); version.Text() != "v2" && p.Version.AtLeast(28) {
			d.At, d.Fix = version, lint.Intent{Title: "set apiVersion: v2, if the plugin speaks it", Value: "v2"}
			d.Message = o.Kind + " encrypts secrets by version 1 of kms, which is deprecated since Kubernetes 1.28; want apiVersion: v2"
			d.Severity = lint.Low
			p.Report(d)
		}
		return
	case "aescbc":
		d.Message = o.Kind + " encrypts secrets by aescbc, which padding oracles break; want kms first"
	case "aesgcm":
		d.Message = o.Kind + " encrypts secrets by aesgcm, whose key must be replaced before 200,000 writes; want kms first"
	default:
		if !slices.Contains(names, "kms") && p.Profile < lint.Strict {
			return
		}
		d.Message = o.Kind + " encrypts secrets by " + names[0] + " with a key that is kept on the node; want kms first"
	}
	d.Severity = lint.Low
	p.Report(d)
}

// checkKey reports a key that anyone with the manifest can read.
func checkKey(p *lint.Pass, o *lint.Object, provider string, key lint.Value) {
	secret := key.Get("secret")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(secret.Text()))
	if isEncrypted(o) || err != nil || len(raw) < 16 { // a placeholder, or what the API server refuses
		return
	}
	p.Report(lint.Diagnostic{
		Object: o, At: secret, Secret: true,
		Message: o.Kind + " holds key " + key.Get("name").Text() + " of " + provider + "; want it outside of manifests, or kms",
		Fix:     lint.Intent{Title: "replace the key, which was published, and write the file on the node alone or use kms"},
	})
}
