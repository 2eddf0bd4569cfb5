package mesh

import (
	"fmt"
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// GatewayTLS reports Gateways of Istio that serve HTTP alone.
//
// Everyone between client and gateway can read and change such a connection: passwords, sessions and all
// else.
//
// A server for HTTP that redirects to HTTPS is fine, and so is one beside a server for HTTPS or TLS with a
// host in common. Gateways for traffic out of the mesh, which have the label istio: egressgateway, are exempt. TLS
// versions below 1.2 are reported too. Ingresses and the Gateway API are checked by ingress-tls.
var GatewayTLS = &lint.Rule{
	ID:        "mesh-gateway-tls",
	Title:     "Gateway of the mesh serves without TLS",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings", "infra-encryption"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Encryption"},
	},
	Fix: "add a server for HTTPS, and set tls.httpsRedirect: true on the one for HTTP",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if !o.Is(istioNetworking, "Gateway") || o.Root.Get("spec.selector").Child("istio").Text() == "egressgateway" {
			return
		}
		var secure []string
		servers := o.Root.Get("spec.servers")
		for server := range servers.Items() {
			if protocol := server.Get("port.protocol").Text(); protocol == "HTTPS" || protocol == "TLS" {
				secure = append(secure, server.Get("hosts").Strings()...)
			}
		}
		for server := range servers.Items() {
			protocol := server.Get("port.protocol")
			redirect := server.Get("tls.httpsRedirect")
			both := slices.ContainsFunc(server.Get("hosts").Strings(), func(h string) bool {
				return slices.Contains(secure, h) || slices.Contains(secure, "*") || h == "*" && len(secure) > 0
			})
			if v := protocol.Text(); (v == "HTTP" || v == "HTTP2") && !redirect.True() && redirect.IsKnown() && !both {
				p.Report(lint.Diagnostic{
					Object: o, At: protocol,
					Message: fmt.Sprintf("Gateway %s serves %s without TLS; want HTTPS, or tls.httpsRedirect: true beside it", o.Name, v),
				})
			}
			if v := server.Get("tls.minProtocolVersion"); v.Text() == "TLSV1_0" || v.Text() == "TLSV1_1" {
				p.Report(lint.Diagnostic{
					Object: o, At: v, Fix: lint.Intent{Title: "set minProtocolVersion: TLSV1_2", Value: "TLSV1_2"},
					Message: fmt.Sprintf("Gateway %s sets %s: %s; want TLSV1_2 or later", o.Name, v.Path(), v.Text()),
				})
			}
		}
	}),
}
