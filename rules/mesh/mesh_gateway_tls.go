package mesh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// GatewayTLS reports Gateways of Istio that serve HTTP alone.
//
// Everyone between client and gateway can read and change such a connection: passwords, sessions and all
// else.
//
// A server for HTTP that redirects to HTTPS is fine, and so is one beside a server for HTTPS or TLS with a
// host in common. A gateway passes if all routes for HTTP that it has in the input set the request header x-forwarded-proto: https: a
// proxy in front of it ends TLS, and httpsRedirect would redirect without end. Gateways for traffic out of the mesh, which have the label istio: egressgateway, are exempt. TLS
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
			if v := protocol.Text(); (v == "HTTP" || v == "HTTP2") && !redirect.True() && redirect.IsKnown() && !both && !isBehindTLS(p, o) {
				p.Report(lint.Diagnostic{
					Object: o, At: protocol, Fix: lint.Intent{Unless: "a proxy in front ends TLS and forwards HTTP"},
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

// gatewayName names a Gateway of Istio.
type gatewayName struct{ namespace, name string }

// sayHTTPS are the Gateways of which VirtualServices have routes for HTTP. The value is true if each route says by a header that the client
// uses HTTPS.
var sayHTTPS = lint.UnitIndex("gateways whose routes say HTTPS", func(p *lint.Pass) map[gatewayName]bool {
	by := map[gatewayName]bool{}
	for _, o := range p.Unit.Objects {
		routes := o.Root.Get("spec.http")
		if !o.Is(istioNetworking, "VirtualService") || routes.Len() == 0 {
			continue
		}
		says := true
		for route := range routes.Items() {
			says = says && saysHTTPS(route)
		}
		for _, ref := range o.Root.Get("spec.gateways").Strings() {
			of := gatewayName{o.Namespace, ref}
			if namespace, name, ok := strings.Cut(ref, "/"); ok {
				of = gatewayName{namespace, name}
			}
			before, known := by[of]
			by[of] = says && (before || !known)
		}
	}
	return by
})

// saysHTTPS reports whether a route sets the header by which a program learns that the client uses HTTPS.
func saysHTTPS(route lint.Value) bool {
	for name, v := range route.Get("headers.request.set").Entries() {
		if strings.EqualFold(name, "x-forwarded-proto") {
			return v.Text() == "https"
		}
	}
	return false
}

// isBehindTLS reports whether the routes of a Gateway say that a proxy in front of it ends TLS.
func isBehindTLS(p *lint.Pass, o *lint.Object) bool {
	return sayHTTPS(p)[gatewayName{o.Namespace, o.Name}]
}
