package network

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoLocalExternalName reports Services of type ExternalName whose name is that of the client's own machine,
// or of the cloud's metadata service.
//
// A client that resolves such a name connects to itself: an ingress controller or a proxy that is configured to
// serve the Service then serves its own internal ports, or the credentials of its node, to the Internet.
//
// Reported are localhost and what ends in .localhost, loopback and link-local addresses, and the names of
// the metadata services of clouds. Names of the cluster are fine: they give a Service of another namespace
// a name in this one.
var NoLocalExternalName = &lint.Rule{
	ID:        "no-local-external-name",
	Title:     "ExternalName Service points back to the client",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-metadata-api"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K05"},
	},
	Fix: "name a host outside of the cluster, or use a Service with a selector",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		name := o.Root.Get("spec.externalName")
		if !o.Is("", "Service") || o.Root.Get("spec.type").Text() != "ExternalName" || !isLocalName(name.Text()) {
			return
		}
		p.Report(lint.Diagnostic{
			Object: o, At: name,
			Message: o.KindName() + " sets spec.externalName: " + name.Text() + ", which is local to each client; want the name of a host",
		})
	}),
}

// metadataNames are the names of the metadata services of clouds.
var metadataNames = []string{"instance-data", "instance-data.ec2.internal", "metadata", "metadata.google.internal"}

func isLocalName(name string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if a, err := netip.ParseAddr(name); err == nil {
		return a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified()
	}
	return slices.Contains(metadataNames, name) || name == "localhost" || strings.HasSuffix(name, ".localhost") || strings.HasPrefix(name, "localhost.localdomain")
}
