package validity

import (
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
)

// ValidIngress reports Ingresses and IngressClasses with fields that the API server refuses: a
// wildcard in the middle of a host, a path without a slash, a backend without a port.
//
// An installation stops half-way, with some of the objects in place, and clients cannot reach the
// application.
//
// That a backend exists is checked by ingress-backend-exists, and that paths have a type by
// required-fields.
var ValidIngress = &lint.Rule{
	ID:        "valid-ingress",
	Title:     "Ingress is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"networking.k8s.io", "Ingress", []row{
			{"spec", func(s subject, v lint.Value) {
				if rules := v.Get("rules"); known(v, rules) && isEmpty(rules) && !v.Get("defaultBackend").IsSet() {
					s.refuseFor(rules, "must be specified unless defaultBackend is", "rules or a defaultBackend", "add spec.rules or spec.defaultBackend")
				}
			}},
			{"spec.rules[].host", host},
			{"spec.tls[].hosts[]", tlsHost},
			{"spec.tls[].secretName", dnsSubdomain},
			{"spec.rules[].http", requires("paths")},
			{"spec.rules[].http.paths[]", ingressPath},
			{"spec.rules[].http.paths[].backend", backend},
			{"spec.defaultBackend", backend},
			{"spec.ingressClassName", dnsSubdomain},
			{"spec.ingressClassName", func(s subject, v lint.Value) {
				if old := s.Get("metadata.annotations").Child("kubernetes.io/ingress.class"); v.IsSet() && old.IsSet() {
					s.refuse(old, "may not be set when ingressClassName is", "it removed")
				}
			}},
		}},
		kind{"networking.k8s.io", "IngressClass", []row{
			{"spec.controller", required},
			{"spec.controller", domainPath},
			{"spec.parameters", requires("kind", "name")},
			{"spec.parameters.apiGroup", dnsSubdomain},
			{"spec.parameters.kind", pathSegment},
			{"spec.parameters.name", pathSegment},
			{"spec.parameters.scope", oneOf("Cluster", "Namespace")},
		}},
	),
}

// domainPath is a name with a domain before it.
var domainPath = text("must be a domain-prefixed path", "a form such as example.com/controller", func(t string) []string {
	domain, path, ok := strings.Cut(t, "/")
	if !ok || path == "" {
		return []string{t}
	}
	return validation.IsDNS1123Subdomain(domain)
})

func host(s subject, v lint.Value) {
	text("must be a DNS name, with a wildcard only as its first label", "a name such as app.example.com or *.example.com", func(t string) []string {
		if _, err := netip.ParseAddr(t); err == nil {
			return []string{t}
		}
		if strings.Contains(t, "*") {
			return validation.IsWildcardDNS1123Subdomain(t)
		}
		return validation.IsDNS1123Subdomain(t)
	})(s, v)
}

// tlsHost is a host of a certificate, which may be an address as well.
func tlsHost(s subject, v lint.Value) {
	if _, err := netip.ParseAddr(v.Text()); err != nil {
		host(s, v)
	}
}

func ingressPath(s subject, v lint.Value) {
	typ, path := v.Get("pathType"), v.Get("path")
	if !known(v, typ, path) {
		return
	}
	switch typ.Text() {
	case "Exact", "Prefix":
	default:
		if !isEmpty(path) && typ.IsSet() {
			absolutePath(s, path)
		}
		return
	}
	if isEmpty(path) {
		required(s, path)
		return
	}
	absolutePath(s, path)
	text("must not contain //, /./, /../ or an encoded slash", "a plain path", func(t string) []string {
		lower := strings.ToLower(t)
		for _, part := range []string{"//", "/./", "/../", "%2f"} {
			if strings.Contains(lower, part) {
				return []string{part}
			}
		}
		if strings.HasSuffix(t, "/..") || strings.HasSuffix(t, "/.") {
			return []string{t}
		}
		return nil
	})(s, path)
}

// backend is a service or a resource.
func backend(s subject, v lint.Value) {
	if !v.IsMap() || !known(v) || v.Get("serviceName").IsSet() { // that of an API that is removed
		return
	}
	oneField("one of service or resource", "service", "resource")(s, v)
	requires("kind", "name")(s, v.Get("resource"))
	dnsSubdomain(s, v.Get("resource.apiGroup"))
	pathSegment(s, v.Get("resource.kind"))
	pathSegment(s, v.Get("resource.name"))
	service := v.Get("service")
	if !service.IsMap() || !known(service) {
		return
	}
	required(s, service.Get("name"))
	dnsLabel(s, service.Get("name"))
	port := service.Get("port")
	name, number := port.Get("name"), port.Get("number")
	switch {
	case !known(port, name, number):
	case isEmpty(name) && (!number.IsSet() || isZero(number)):
		s.refuseFor(port, "must have a name or a number", "one of the two", "set a name or a number in "+s.path(port))
	case !isEmpty(name) && number.IsSet() && !isZero(number):
		s.refuseFor(number, "may not be set together with name", "one of the two", "remove "+s.path(number)+" or name")
	case !isEmpty(name):
		portName(s, name)
	default:
		portNumber(s, number)
	}
}
