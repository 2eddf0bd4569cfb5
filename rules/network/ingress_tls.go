package network

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// IngressTLS reports Ingresses and Routes without TLS, Ingress hosts that no certificate covers, and
// Gateways that listen for HTTP alone.
//
// Everyone between client and server can read and change such a connection: passwords, sessions and
// all else.
//
// A host of a rule must be in some tls[].hosts, literally or by wildcard; a tls entry without hosts
// covers all. Ingresses whose controller takes the certificate from an annotation (AWS, Google, Azure,
// OpenShift's routes) are exempt, and so are those for Istio, whose Gateway terminates TLS, and minions of
// the NGINX Ingress Controller, whose master does and which may not set spec.tls. A listener
// for HTTP beside one for HTTPS or TLS, for example to redirect, is fine. Routes are those of OpenShift;
// one that also serves HTTP (insecureEdgeTerminationPolicy: Allow) is reported with low severity. Gateways
// of Istio are checked by mesh-gateway-tls. IngressRoutes are not checked.
var IngressTLS = &lint.Rule{
	ID:        "ingress-tls",
	Title:     "Ingress serves without TLS",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings", "infra-encryption"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Encryption"},
	},
	Fix:   "add spec.tls with the hosts and a Secret that holds their certificate",
	Check: lint.ObjectCheck(checkIngressTLS),
}

// edgeAnnotations name a certificate for the controller of a cloud, or say that
// something before the Ingress ends TLS.
var edgeAnnotations = []string{
	"alb.ingress.kubernetes.io/certificate-arn",
	"appgw.ingress.kubernetes.io/appgw-ssl-certificate",
	"ingress.gcp.kubernetes.io/pre-shared-cert",
	"networking.gke.io/managed-certificates",
	"route.openshift.io/termination",
	"traefik.ingress.kubernetes.io/router.tls",
}

func checkIngressTLS(p *lint.Pass, o *lint.Object) {
	switch {
	case o.Is("networking.k8s.io", "Ingress"), o.Is("extensions", "Ingress"):
		checkIngress(p, o)
	case o.Is("gateway.networking.k8s.io", "Gateway"):
		checkGateway(p, o)
	case o.Is("route.openshift.io", "Route"):
		checkRoute(p, o)
	}
}

func checkRoute(p *lint.Pass, o *lint.Object) {
	tls := o.Root.Get("spec.tls")
	switch plain := tls.Get("insecureEdgeTerminationPolicy"); {
	case !tls.IsSet():
		p.Report(lint.Diagnostic{Object: o, At: tls, Fix: lint.Intent{Title: "add spec.tls with termination: edge, reencrypt or passthrough"}, Message: "Route " + o.Name + " does not set spec.tls; want a termination"})
	case plain.Text() == "Allow":
		p.Report(lint.Diagnostic{Object: o, At: plain, Fix: lint.Intent{Title: "set insecureEdgeTerminationPolicy: Redirect or None", Value: "Redirect"}, Severity: lint.Low, Message: "Route " + o.Name + " serves HTTP beside HTTPS by spec.tls.insecureEdgeTerminationPolicy: Allow; want Redirect or None"})
	}
}

func checkIngress(p *lint.Pass, o *lint.Object) {
	annotations := o.Root.Get("metadata.annotations")
	for _, name := range edgeAnnotations {
		if annotations.Child(name).Text() != "" {
			return
		}
	}
	if annotations.Child("nginx.org/mergeable-ingress-type").Text() == "minion" {
		return // the host belongs to the master, which is checked
	}
	class := o.Root.Get("spec.ingressClassName").Text() + annotations.Child("kubernetes.io/ingress.class").Text()
	if strings.Contains(class, "istio") || strings.Contains(annotations.Child("alb.ingress.kubernetes.io/listen-ports").Text(), "HTTPS") {
		return
	}
	tls := o.Root.Get("spec.tls")
	if tls.Len() == 0 {
		d := lint.Diagnostic{Object: o, At: tls, Message: "Ingress " + o.Name + " does not set spec.tls; want it"}
		if !namesHost(o) {
			d.Fix.Title = "add spec.tls with a Secret that holds a certificate: an entry without hosts is for all"
		}
		p.Report(d)
		return
	}
	var hosts []string
	for entry := range tls.Items() {
		named := entry.Get("hosts").Strings()
		if len(named) == 0 {
			return // for all hosts
		}
		hosts = append(hosts, named...)
	}
	var reported []string
	for rule := range o.Root.Get("spec.rules").Items() {
		v := rule.Get("host")
		if host := v.Text(); host != "" && !covered(host, hosts) && !slices.Contains(reported, host) {
			reported = append(reported, host)
			p.Report(lint.Diagnostic{Object: o, At: v, Message: "Ingress " + o.Name + " serves host " + host + ", which is not in spec.tls; want it in tls[].hosts"})
		}
	}
}

// namesHost reports whether a rule of an Ingress names a host. The others are for any.
func namesHost(o *lint.Object) bool {
	for rule := range o.Root.Get("spec.rules").Items() {
		if rule.Get("host").IsSet() {
			return true
		}
	}
	return false
}

// covered reports whether a host is among those, literally or by wildcard.
func covered(host string, hosts []string) bool {
	return slices.ContainsFunc(hosts, func(h string) bool {
		_, domain, _ := strings.Cut(host, ".")
		return strings.EqualFold(h, host) || strings.EqualFold(h, "*."+domain)
	})
}

func checkGateway(p *lint.Pass, o *lint.Object) {
	listeners := o.Root.Get("spec.listeners")
	var plain lint.Value
	for l := range listeners.Items() {
		switch v := l.Get("protocol"); v.Text() {
		case "HTTP":
			if !plain.IsSet() {
				plain = v
			}
		default:
			return
		}
	}
	if plain.IsSet() {
		p.Report(lint.Diagnostic{Object: o, At: plain, Fix: lint.Intent{Title: "add a listener with protocol: HTTPS and the certificate in tls.certificateRefs"}, Message: "Gateway " + o.Name + " listens for HTTP alone; want a listener for HTTPS"})
	}
}
