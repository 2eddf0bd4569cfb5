package reliability

import "github.com/kubevet/kubevet/lint"

// IngressBackendExists reports Ingresses whose backend is a Service, or a port of
// one, that does not exist.
//
// Requests to such a path get an error from the ingress controller.
//
// The rule reports only where the input is complete enough: it has other Services in the namespace, and
// no custom resources that could create some. In a chart no Service beside the
// Ingress may be disabled, and everything must have been rendered. Backends that are names for
// the AWS load balancer's actions (use-annotation) pass.
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
			if o.Kind != "Ingress" || o.Group() != "networking.k8s.io" && o.Group() != "extensions" {
				continue
			}
			known := view.services[o.Namespace]
			if len(known) == 0 || p.MayExistElsewhere(o, "Service") {
				continue
			}
			spec := o.Root.Get("spec")
			checkBackend(p, o, known, spec.Get("defaultBackend"))
			checkBackend(p, o, known, spec.Get("backend"))
			for rule := range spec.Get("rules").Items() {
				for path := range rule.Get("http.paths").Items() {
					checkBackend(p, o, known, path.Get("backend"))
				}
			}
		}
	}),
}

// checkBackend compares a backend, in the form of any version, with the Services.
func checkBackend(p *lint.Pass, o *lint.Object, known map[string]*lint.Object, backend lint.Value) {
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
	s := known[text(name)]
	if s == nil {
		p.Report(lint.Diagnostic{
			Object: o, At: name,
			Message: "Ingress " + o.Name + " names Service " + text(name) + ", which does not exist; want a Service of the same namespace",
		})
		return
	}
	if ports := s.Root.Get("spec.ports"); text(port) != "" && ports.Len() > 0 && !hasPort(ports, text(port)) {
		p.Report(lint.Diagnostic{
			Object: o, At: port,
			Message: "Ingress " + o.Name + " names port " + text(port) + ", which Service " + s.Name + " does not have; want a port of the Service",
			Related: []lint.Related{{Object: s, At: ports, Label: "its ports"}},
		})
	}
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
