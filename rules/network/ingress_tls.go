package network

import (
	"cmp"
	"regexp"
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
// one that also serves HTTP (insecureEdgeTerminationPolicy: Allow) is reported with low severity. An Ingress
// whose hosts another one of its class and namespace has in spec.tls passes if the class names NGINX, which serves
// a host in one way; other controllers may do so, so the severity is low. One whose hosts an Ingress of another class has in spec.tls
// and leads to the Service of this class's gateway passes: TLS ends before it. It is low, too, if an Ingress of a dependency
// or file that could not be read may have the hosts: the one that has its Services, and for Caddy, which may get certificates itself. Gateways
// of Istio are checked by mesh-gateway-tls. An Ingress whose middleware of Traefik redirects to HTTPS passes, and so do those for the AWS
// Load Balancer Controller that redirect to HTTPS or listen for it, and those whose controller passes TLS through to the pods. IngressRoutes are not checked.
var IngressTLS = &lint.Rule{
	ID:        "ingress-tls",
	Title:     "Ingress serves without TLS",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings", "infra-encryption"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Encryption"},
	},
	Fix:   addCertificate,
	Check: lint.ObjectCheck(checkIngressTLS),
}

// addCertificate is what to do about an Ingress without TLS.
const addCertificate = "add spec.tls with the hosts and a Secret that holds their certificate"

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

// passingTLS are the annotations with which a controller leaves TLS to the pods: it reads no certificate.
var passingTLS = []string{
	"nginx.ingress.kubernetes.io/ssl-passthrough",
	"ingress.kubernetes.io/ssl-passthrough",
	"haproxy.org/ssl-passthrough",
	"haproxy-ingress.github.io/ssl-passthrough",
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

// otherProtocols are the ports, and their usual names, of protocols that are no HTTP.
var otherProtocols = map[string]bool{
	"ldap": true, "389": true, "ldaps": true, "636": true, "amqp": true, "5672": true, "amqps": true, "5671": true,
	"postgres": true, "postgresql": true, "5432": true, "mysql": true, "3306": true, "mongodb": true, "27017": true, "redis": true, "6379": true,
	"kafka": true, "9092": true, "mqtt": true, "1883": true, "smtp": true, "25": true, "587": true, "ssh": true, "22": true,
}

func checkRoute(p *lint.Pass, o *lint.Object) {
	tls := o.Root.Get("spec.tls")
	port := o.Root.Get("spec.port.targetPort").Text()
	switch plain := tls.Get("insecureEdgeTerminationPolicy"); {
	case !tls.IsSet() && otherProtocols[port]:
		p.Report(lint.Diagnostic{
			Object: o, At: tls, Fix: lint.Advice("lead to a port with TLS and add spec.tls with termination: passthrough, or remove the Route: the router passes on nothing but HTTP and TLS"),
			Message: o.KindName() + " does not set spec.tls, and leads to port " + port + ", which is not for HTTP; want termination: passthrough to a port with TLS",
		})
	case !tls.IsSet():
		p.Report(lint.Diagnostic{Object: o, At: tls, Fix: lint.Intent{Title: "add spec.tls with termination: edge, reencrypt or passthrough"}, Message: o.KindName() + " does not set spec.tls; want a termination"})
	case plain.Text() == "Allow":
		p.Report(lint.Diagnostic{Object: o, At: plain, Fix: lint.Intent{Title: "set insecureEdgeTerminationPolicy: Redirect or None", Value: "Redirect"}, Severity: lint.Low, Message: o.KindName() + " serves HTTP beside HTTPS by spec.tls.insecureEdgeTerminationPolicy: Allow; want Redirect or None"})
	}
}

func checkIngress(p *lint.Pass, o *lint.Object) {
	if isEndedElsewhere(o) {
		return
	}
	tls := o.Root.Get("spec.tls")
	if tls.Len() == 0 {
		checkWithoutTLS(p, o, tls)
		return
	}
	var hosts []string
	var list lint.Value
	for entry := range tls.Items() {
		list = entry.Get("hosts")
		named := list.Strings()
		if len(named) == 0 {
			return // for all hosts
		}
		hosts = append(hosts, named...)
	}
	checkHosts(p, o, list, hosts)
}

// checkHosts reports the hosts of an Ingress that are not among those of spec.tls, each at its rule. Where a patch adds spec.tls they are one
// finding at its last list of hosts: not all that uses the base has it.
func checkHosts(p *lint.Pass, o *lint.Object, list lint.Value, hosts []string) {
	var reported, lacking []string
	for rule := range o.Root.Get("spec.rules").Items() {
		v := rule.Get("host")
		host := v.Text()
		if host == "" || covered(host, hosts) || slices.Contains(reported, host) {
			continue
		}
		reported = append(reported, host)
		d := withoutHosts(o, v, host)
		switch {
		case isServed(p, o, &d, host):
		case d.Severity == 0 && p.Unit.Kind == lint.UnitOverlay && p.Locate(o, list).File != p.Locate(o, v).File:
			lacking = append(lacking, host)
		default:
			p.Report(d)
		}
	}
	if len(lacking) > 0 {
		p.Report(withoutHosts(o, list, lacking...))
	}
}

// withoutHosts is a finding about hosts that spec.tls lacks.
func withoutHosts(o *lint.Object, at lint.Value, hosts ...string) lint.Diagnostic {
	list := lint.And(hosts)
	d := lint.Diagnostic{
		Object: o, At: at, Fix: lint.Advice("add " + list + " to the hosts of an entry of spec.tls whose certificate is for it, too"),
		Message: o.KindName() + " serves host " + list + ", which is not in spec.tls; want it in tls[].hosts",
	}
	if len(hosts) > 1 {
		d.Fix = lint.Advice("add " + list + " to the hosts of an entry of spec.tls whose certificate is for them, too")
		d.Message = o.KindName() + " serves hosts " + list + ", which are not in spec.tls; want them in tls[].hosts"
	}
	return d
}

// isEndedElsewhere reports whether an Ingress says that something else than its controller with a Secret ends TLS.
func isEndedElsewhere(o *lint.Object) bool {
	annotations := o.Root.Get("metadata.annotations")
	is := func(name string) bool { return annotations.Child(name).Text() != "" }
	if slices.ContainsFunc(edgeAnnotations, is) {
		return true
	}
	passes := func(name string) bool { return annotations.Child(name).Text() == "true" }
	if slices.ContainsFunc(passingTLS, passes) {
		return true
	}
	if annotations.Child("nginx.org/mergeable-ingress-type").Text() == "minion" {
		return true // the host belongs to the master, which is checked
	}
	return strings.Contains(classOf(o), "istio") || strings.Contains(annotations.Child(albPrefix+"listen-ports").Text(), "HTTPS")
}

// albPrefix begins the annotations of the AWS Load Balancer Controller. It takes certificates from ACM, and reads no Secret.
const albPrefix = "alb.ingress.kubernetes.io/"

// isForALB reports whether an Ingress is for the AWS Load Balancer Controller, and whether it redirects to HTTPS.
func isForALB(o *lint.Object) (is, redirects bool) {
	class := classOf(o)
	if class != "" && !strings.Contains(class, "alb") && otherClass.MatchString(class) {
		return false, false
	}
	is = class == "alb"
	for name, v := range o.Root.Get("metadata.annotations").Entries() {
		rest, isALB := strings.CutPrefix(name, albPrefix)
		is = is || isALB
		isAction := isALB && strings.HasPrefix(rest, "actions.") && redirectToHTTPS.MatchString(v.Text())
		redirects = redirects || isALB && rest == "ssl-redirect" || isAction
	}
	return is, is && redirects
}

// otherClass matches the names of classes of controllers that do not read the annotations of AWS's.
var otherClass = regexp.MustCompile(`(?i)nginx|traefik|kong|haproxy|contour|istio|gce|azure|caddy|apisix`)

// redirectToHTTPS matches an action of the AWS Load Balancer Controller that redirects to HTTPS.
var redirectToHTTPS = regexp.MustCompile(`(?i)"protocol"\s*:\s*"https"`)

// checkWithoutTLS reports an Ingress without an entry for TLS.
func checkWithoutTLS(p *lint.Pass, o *lint.Object, tls lint.Value) {
	d := lint.Diagnostic{Object: o, At: tls, Message: o.KindName() + " does not set spec.tls; want it"}
	forALB, redirects := isForALB(o)
	switch {
	case redirects, isRedirected(p, o):
		return
	case forALB:
		annotations := o.Root.Get("metadata.annotations")
		d.At = annotations
		d.Message = o.KindName() + " has its load balancer of AWS listen for HTTP alone; want HTTPS in " + albPrefix + "listen-ports"
		d.Fix = lint.Advice("set " + albPrefix + `listen-ports: '[{"HTTP": 80}, {"HTTPS": 443}]' and ` + albPrefix + "ssl-redirect: '443', and name the certificate in " + albPrefix +
			"certificate-arn, unless ACM has one for the hosts: the controller reads no Secret")
		if group := annotations.Child(albPrefix + "group.name").Text(); group != "" {
			d.Severity = lint.Low
			d.Message += ", unless another Ingress of its group " + group + " redirects to it"
		}
	case !namesHost(o):
		d.Fix.Title = "add spec.tls with a Secret that holds a certificate: an entry without hosts is for all"
	case isServed(p, o, &d, hostsOf(o)...):
		return
	case strings.Contains(classOf(o), "caddy"):
		d.Severity = lint.Low
		d.Message += ", unless Caddy gets the certificates itself, as it does once its configuration has an email"
	}
	adviseTraefik(o, &d)
	p.Report(d)
}

// adviseTraefik completes the fix for an Ingress that binds its routers to Traefik's entry point for HTTP: spec.tls only gives Traefik the
// certificate, and the entry point or router.tls decides whether a router serves TLS.
func adviseTraefik(o *lint.Object, d *lint.Diagnostic) {
	const name = "traefik.ingress.kubernetes.io/router."
	if o.Root.Get("metadata.annotations").Child(name+"entrypoints").Text() != "web" {
		return
	}
	d.Fix.Also = "set the annotations " + name + "entrypoints: websecure and " + name + `tls: "true", since Traefik serves HTTP on entry point web whatever spec.tls says`
	d.Fix.Title = cmp.Or(d.Fix.Title, addCertificate) + ", and " + d.Fix.Also
}

// middlewares are the Middlewares of Traefik in the unit and in the manifests of the repository, by their names.
var middlewares = lint.UnitIndex("middlewares", func(p *lint.Pass) map[string][]*lint.Object {
	by := map[string][]*lint.Object{}
	for _, o := range slices.Concat(p.Unit.Objects, p.Unit.Ingresses) {
		if o.Kind == "Middleware" {
			by[o.Name] = append(by[o.Name], o)
		}
	}
	return by
})

// toTLS matches the names of middlewares that redirect to HTTPS: those of which the input does not say what they do.
var toTLS = regexp.MustCompile(`(?i)(?:to|2|redirect|force|only)[-_.]?(?:https|tls|ssl|scheme)|(?:https|tls|ssl)[-_.]?(?:redirect|only)`)

// isRedirected reports whether a middleware of Traefik redirects all that comes for an Ingress to HTTPS.
func isRedirected(p *lint.Pass, o *lint.Object) bool {
	list := o.Root.Get("metadata.annotations").Child("traefik.ingress.kubernetes.io/router.middlewares").Text()
	for ref := range strings.SplitSeq(list, ",") {
		name, ok := strings.CutSuffix(strings.TrimSpace(ref), "@kubernetescrd")
		if !ok {
			continue
		}
		found := middlewareOf(p, name)
		if found == nil && toTLS.MatchString(name) || found != nil && found.Root.Get("spec.redirectScheme.scheme").Text() == "https" {
			return true
		}
	}
	return false
}

// middlewareOf is the one that an annotation calls NAMESPACE-NAME. It is nil if the input has none.
func middlewareOf(p *lint.Pass, ref string) *lint.Object {
	for i, c := range ref {
		if c != '-' {
			continue
		}
		for _, m := range middlewares(p)[ref[i+1:]] {
			if m.Namespace == "" || m.Namespace == ref[:i] {
				return m
			}
		}
	}
	return nil
}

// classOf is the class of an Ingress. It is empty for the default one.
func classOf(o *lint.Object) string {
	return o.Root.Get("spec.ingressClassName").Text() + o.Root.Get("metadata.annotations").Child("kubernetes.io/ingress.class").Text()
}

// hostsOf are the hosts of an Ingress. One is empty if a rule is for any host, or the host is not known.
func hostsOf(o *lint.Object) (l []string) {
	for rule := range o.Root.Get("spec.rules").Items() {
		l = append(l, rule.Get("host").Text())
	}
	return l
}

// servedHost is a host that Ingresses of a class and namespace serve.
type servedHost struct{ namespace, class, host string }

// tlsHosts are the Ingresses of the unit and of the repository by the hosts for which they have a certificate.
var tlsHosts = lint.UnitIndex("hosts with TLS", func(p *lint.Pass) map[servedHost]*lint.Object {
	by := map[servedHost]*lint.Object{}
	for _, o := range slices.Concat(p.Unit.Objects, p.Unit.Ingresses) {
		if !o.Is("networking.k8s.io", "Ingress") {
			continue
		}
		for entry := range o.Root.Get("spec.tls").Items() {
			for _, host := range entry.Get("hosts").Strings() {
				if at := (servedHost{o.Namespace, classOf(o), strings.ToLower(host)}); by[at] == nil {
					by[at] = o
				}
			}
		}
	}
	return by
})

// gateway is an Ingress that has a certificate for a host, and the Service to which it leads all requests for it.
type gateway struct {
	*lint.Object
	service string
}

// tlsGateways are the Ingresses of the unit and of the repository that end TLS for a host and lead all of it to one Service, by the host.
var tlsGateways = lint.UnitIndex("gateways with TLS", func(p *lint.Pass) map[string][]gateway {
	by := map[string][]gateway{}
	for _, o := range slices.Concat(p.Unit.Objects, p.Unit.Ingresses) {
		if !o.Is("networking.k8s.io", "Ingress") {
			continue
		}
		var named []string
		for entry := range o.Root.Get("spec.tls").Items() {
			named = append(named, entry.Get("hosts").Strings()...)
		}
		for rule := range o.Root.Get("spec.rules").Items() {
			host := strings.ToLower(rule.Get("host").Text())
			if paths := rule.Get("http.paths"); host != "" && paths.Len() == 1 && len(by[host]) < mostGateways && covered(host, named) {
				for to := range paths.Items() {
					path, service := to.Get("path").Text(), to.Get("backend.service.name").Text()
					if service != "" && (path == "" || path == "/") {
						by[host] = append(by[host], gateway{o, service})
					}
				}
			}
		}
	}
	return by
})

// mostGateways is how many Ingresses of one host are looked at.
const mostGateways = 16

// isBehind reports whether an Ingress of another class ends TLS for a host and leads it to the gateway of this one's class: its Service, or
// the namespace of it, has the name of the class.
func isBehind(p *lint.Pass, o *lint.Object, host string) bool {
	class := strings.ToLower(classOf(o))
	if class == "" || host == "" {
		return false
	}
	return slices.ContainsFunc(tlsGateways(p)[strings.ToLower(host)], func(g gateway) bool {
		return classOf(g.Object) != classOf(o) && hasWords(strings.ToLower(g.Namespace+"/"+g.service), class) && !leadsToGateway(o, g)
	})
}

// hasWords reports whether a text has a name between its edges and signs.
func hasWords(text, name string) bool {
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, name)
		if !ok {
			return false
		}
		before := strings.TrimSuffix(text[:len(text)-len(after)], name)
		isEdge := func(s string) bool { return s == "" || strings.ContainsAny(s, "-/.") }
		if isEdge(before[max(0, len(before)-1):]) && isEdge(after[:min(1, len(after))]) {
			return true
		}
		rest = after
	}
}

// leadsToGateway reports whether an Ingress leads to the Service of a gateway itself.
func leadsToGateway(o *lint.Object, g gateway) bool {
	for name := range o.Root.Each("spec.rules[].http.paths[].backend.service.name") {
		if o.Namespace == g.Namespace && name.Text() == g.service {
			return true
		}
	}
	return false
}

// serviceNames are those of the unit, with their namespaces.
var serviceNames = lint.UnitIndex("names of services", func(p *lint.Pass) map[[2]string]bool {
	has := map[[2]string]bool{}
	for _, o := range p.Unit.Objects {
		if o.Is("", "Service") {
			has[[2]string{o.Namespace, o.Name}] = true
		}
	}
	return has
})

// hasBackend reports whether the unit has a Service to which an Ingress leads. The others are of what it does not show.
func hasBackend(p *lint.Pass, o *lint.Object) bool {
	for name := range o.Root.Each("spec.rules[].http.paths[].backend.service.name") {
		if serviceNames(p)[[2]string{o.Namespace, name.Text()}] {
			return true
		}
	}
	return false
}

// isServed reports whether another Ingress has the controller serve hosts of an Ingress with TLS. It completes the finding if
// that depends on the controller, or on what could not be read.
func isServed(p *lint.Pass, o *lint.Object, d *lint.Diagnostic, hosts ...string) bool {
	if len(hosts) > 0 && !slices.ContainsFunc(hosts, func(host string) bool { return !isBehind(p, o, host) }) {
		return true
	}
	var other *lint.Object
	for _, host := range hosts {
		found := tlsHosts(p)[servedHost{o.Namespace, classOf(o), strings.ToLower(host)}]
		if found == nil || found.Name == o.Name {
			other = nil
			break
		}
		other = found
	}
	message, _, _ := strings.Cut(d.Message, "; want ")
	switch {
	case other != nil && strings.Contains(classOf(o), "nginx"):
		return true
	case other != nil:
		d.Severity = lint.Low
		d.Message = message + ", which " + other.KindName() + " sets for the host; want it here, too, unless the controller redirects HTTP, or serves all of the host with TLS"
		d.Fix = lint.Advice("add the entry of " + other.KindName() + " for the host to spec.tls, or ignore the finding if the controller redirects HTTP or serves all of the host with TLS")
	case p.LacksInput(o) && !hasBackend(p, o):
		d.Severity = lint.Low
		d.Message += ", unless an Ingress that could not be read has it for the host"
	}
	return false
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
		p.Report(lint.Diagnostic{Object: o, At: plain, Fix: lint.Intent{Title: "add a listener with protocol: HTTPS and the certificate in tls.certificateRefs"}, Message: o.KindName() + " listens for HTTP alone; want a listener for HTTPS"})
	}
}
