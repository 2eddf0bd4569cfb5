package reliability

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// IngressBackendExists reports Ingresses and routes whose backend is a Service, or a port of
// one, that does not exist.
//
// Requests to such a path get an error from the ingress controller. The port of a Route of OpenShift is
// the name of a port of the Service, or a port of the pods.
//
// Routes are those of the Gateway API and of OpenShift, and the VirtualServices of Istio. The rule reports only where the
// input is complete enough: it has other Services in the namespace, or in a directory with the Ingress one of that name
// in another namespace, and no custom resources that could create some. A Service that another file of the repository has for the
// namespace exists. In a chart no Service beside the
// Ingress may be disabled, and everything must have been rendered. Backends that are names for
// the AWS load balancer's actions (use-annotation) pass, and so do hosts of ServiceEntries. The severity is low for a Service of a chart
// that exists if its release has another name.
var IngressBackendExists = &lint.Rule{
	ID:        "ingress-backend-exists",
	Title:     "Ingress backend does not exist",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "name a Service of the same namespace and a port that it has",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		if view.operands {
			return
		}
		for _, o := range p.Unit.Objects {
			isIngress := o.Kind == "Ingress" && (o.Group() == "networking.k8s.io" || o.Group() == "extensions")
			if !isIngress {
				checkRouteBackends(p, view, o)
				continue
			}
			known := view.services[o.Namespace]
			if p.MayExistElsewhere(o, "Service") {
				continue
			}
			if len(known) == 0 {
				for _, b := range connect.Backends(o) {
					reportOtherNamespace(p, view, o, b)
				}
				continue
			}
			spec := o.Root.Get("spec")
			checkBackend(p, view, o, spec.Get("defaultBackend"))
			checkBackend(p, view, o, spec.Get("backend"))
			for rule := range spec.Get("rules").Items() {
				for path := range rule.Get("http.paths").Items() {
					checkBackend(p, view, o, path.Get("backend"))
				}
			}
		}
	}),
}

// checkBackend compares a backend, in the form of any version, with the Services.
func checkBackend(p *lint.Pass, view *view, o *lint.Object, backend lint.Value) {
	name, port := backend.Get("service.name"), backend.Get("service.port.number")
	if !port.IsSet() {
		port = backend.Get("service.port.name")
	}
	if old := backend.Get("serviceName"); old.IsSet() {
		name, port = old, backend.Get("servicePort")
	}
	if text(name) == "" || text(port) == "use-annotation" {
		return
	}
	s := view.services[o.Namespace][text(name)]
	if s == nil && view.mayHaveService(o, o.Namespace, text(name)) {
		return
	}
	if s == nil {
		p.Report(missingService(p, view, o, connect.Backend{Name: name, Namespace: o.Namespace}, text(name), " of the same namespace"))
		return
	}
	if ports := s.Root.Get("spec.ports"); text(port) != "" && ports.Len() > 0 && !hasPort(ports, text(port)) {
		p.Report(lint.Diagnostic{
			Object: o, At: port,
			Message: o.KindName() + " names port " + text(port) + ", which " + s.KindName() + " does not have; want a port of the Service",
			Related: []lint.Related{{Object: s, At: ports, Label: "its ports"}},
		})
	}
}

// checkRouteBackends compares the backends of a route with the Services.
func checkRouteBackends(p *lint.Pass, view *view, o *lint.Object) {
	backends := connect.Backends(o)
	if o.Is("networking.istio.io", "VirtualService") {
		backends = destinations(p, o)
	}
	if len(backends) == 0 || p.MayExistElsewhere(o, "Service") {
		return
	}
	reported := map[string]bool{}
	for _, b := range backends {
		known := view.services[b.Namespace]
		name, _, _ := strings.Cut(b.Name.Text(), ".") // of a host of Istio
		switch s := known[name]; {
		case reported[b.Namespace+"/"+name]:
			continue
		case len(known) == 0:
			reportOtherNamespace(p, view, o, b)
		case s == nil && view.mayHaveService(o, b.Namespace, name):
			continue
		case s == nil:
			p.Report(missingService(p, view, o, b, name, inNamespace(b.Namespace)))
		default:
			if ports := s.Root.Get("spec.ports"); ports.Len() > 0 && !slices.ContainsFunc(slices.Collect(ports.Items()), b.Names) {
				p.Report(lint.Diagnostic{
					Object: o, At: b.Port, Message: o.KindName() + " names port " + text(b.Port) + portLacks(b, name),
					Related: []lint.Related{{Object: s, At: ports, Label: "its ports"}},
				})
			}
			continue
		}
		reported[b.Namespace+"/"+name] = true
	}
}

// missingService is about a backend whose Service does not exist, or exists only with another name of the release than the one that a chart is
// rendered with here.
func missingService(p *lint.Pass, view *view, o *lint.Object, b connect.Backend, name, where string) lint.Diagnostic {
	d := lint.Diagnostic{
		Object: o, At: b.Name,
		Message: o.KindName() + " names Service " + name + ", which does not exist; want a Service" + where,
	}
	release := p.Unit.MadeUpRelease
	for _, has := range slices.Sorted(maps.Keys(view.services[b.Namespace])) {
		if other := releaseOf(name, has, release); other != "" {
			d.Severity = lint.Low
			d.Message = o.KindName() + " names Service " + name + ", which exists only if the release is called " + other + "; want the name of the Service with that of any release"
			d.Fix = lint.Advice("compute the name from .Release.Name as that of the Service is, or ignore the finding if the release is always called " + other)
			break
		}
	}
	return d
}

// releaseOf is the name of a release with which a Service would be called as a backend says, by its name with another release. It is empty if there
// is none, or if the Service has no more in its name than the release.
func releaseOf(backend, service, release string) string {
	if release == "" {
		return ""
	}
	for at := 0; ; {
		i := strings.Index(service[at:], release)
		if i < 0 {
			return ""
		}
		at += i
		before, after := service[:at], service[at+len(release):]
		isPart := before+after != "" && (before == "" || strings.HasSuffix(before, "-")) && (after == "" || strings.HasPrefix(after, "-"))
		if isPart && len(backend) > len(before+after) && strings.HasPrefix(backend, before) && strings.HasSuffix(backend, after) {
			return backend[len(before) : len(backend)-len(after)]
		}
		at += len(release)
	}
}

// portLacks is how messages say that a backend's port leads nowhere.
func portLacks(b connect.Backend, service string) string {
	if b.ByTarget {
		return ", to which Service " + service + " does not lead; want a port of the pods, or the name of a port of the Service"
	}
	return ", which Service " + service + " does not have; want a port of the Service"
}

func inNamespace(namespace string) string {
	if namespace == "" {
		return " of the same namespace"
	}
	return " of namespace " + namespace
}

// reportOtherNamespace reports a backend in a namespace without Services, if a Service of
// that name is in another one, beside the object that names it.
func reportOtherNamespace(p *lint.Pass, view *view, o *lint.Object, b connect.Backend) {
	name, _, _ := strings.Cut(b.Name.Text(), ".")
	i := slices.IndexFunc(view.Services, func(s *cluster.Service) bool {
		return s.Name == name && s.Namespace != "" && b.Namespace != "" && s.Namespace != b.Namespace && (p.Unit.Kind != lint.UnitManifests || cluster.DirOf(p, s.Object) == cluster.DirOf(p, o))
	})
	if i < 0 || cluster.ServiceElsewhere(p, o, b.Namespace, name) {
		return
	}
	s := view.Services[i]
	p.Report(lint.Diagnostic{
		Object: o, At: b.Name,
		Message: o.KindName() + " names " + s.KindName() + " of namespace " + b.Namespace + ", which is in namespace " + s.Namespace + "; want a Service" + inNamespace(b.Namespace),
		Related: []lint.Related{{Object: s.Object, At: s.Root.Get("metadata.namespace"), Label: s.KindName()}},
	})
}

// destinations lists the Services of the cluster that a VirtualService of Istio names. Hosts of
// ServiceEntries, with wildcards and outside of the cluster are not among them.
func destinations(p *lint.Pass, o *lint.Object) (l []connect.Backend) {
	entries := map[string]bool{}
	for _, e := range p.Unit.Objects {
		if e.Is("networking.istio.io", "ServiceEntry") {
			for _, host := range e.Root.Get("spec.hosts").Strings() {
				entries[host] = true
			}
		}
	}
	for _, list := range []string{"spec.http[].route[].destination", "spec.http[].mirror", "spec.tcp[].route[].destination", "spec.tls[].route[].destination"} {
		for ref := range o.Root.Each(list) {
			host := ref.Get("host")
			name, rest, _ := strings.Cut(strings.TrimSuffix(host.Text(), ".cluster.local"), ".")
			namespace, isService := o.Namespace, rest == ""
			if before, ok := strings.CutSuffix(rest, ".svc"); ok && !strings.Contains(before, ".") {
				namespace, isService = before, true
			}
			if name != "" && isService && !strings.Contains(name, "*") && !entries[host.Text()] {
				l = append(l, connect.Backend{Ref: ref, Name: host, Port: ref.Get("port.number"), Namespace: namespace})
			}
		}
	}
	return l
}

// hasPort reports whether one of a Service's ports has the number or name.
func hasPort(ports lint.Value, port string) bool {
	for p := range ports.Items() {
		if text(p.Get("port")) == port || text(p.Get("name")) == port {
			return true
		}
	}
	return false
}
