package connect

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// Entrance is a way into pods from outside of the cluster.
type Entrance struct {
	// Object is the Service, Ingress, route or workload that exposes it, and At the value that does.
	Object *lint.Object
	At     lint.Value
	// Kind is what it is: LoadBalancer, NodePort, externalIPs, hostPort, or the kind of the object.
	Kind string
	// Service is the one that leads to the pods. It is nil if none does.
	Service *cluster.Service
	// Ports is the ports of the pods that it leads to.
	Ports Ports
	// Internal is set for load balancers with a private address, such as one of the cloud's network.
	Internal bool
}

// Entrances is the ways into a workload from outside of the cluster, in the order of the
// unit's objects.
func (n *Network) Entrances(w *Workload) []Entrance { return n.exposed()[w] }

// IsInternet reports whether an entrance may be reached from the Internet. Ports of nodes do
// not count: whether nodes have public addresses is not known.
func (e Entrance) IsInternet() bool {
	return !e.Internal && e.Kind != "NodePort" && e.Kind != "hostPort"
}

// IsByController reports whether an entrance is an Ingress or a route: traffic comes from
// the pods of its controller.
func (e Entrance) IsByController() bool { return e.Kind == e.Object.Kind }

// FacesInternet reports whether a workload may be reached from the Internet.
func (n *Network) FacesInternet(w *Workload) bool {
	return slices.ContainsFunc(n.Entrances(w), Entrance.IsInternet)
}

// routeBackends are the paths at which kinds name Services, and the keys of the name and
// the port there. The first form of a kind that is set counts.
var routeBackends = []struct{ group, kind, path, name, port string }{
	{"networking.k8s.io", "Ingress", "spec.defaultBackend.service", "name", "port.number port.name"},
	{"networking.k8s.io", "Ingress", "spec.rules[].http.paths[].backend.service", "name", "port.number port.name"},
	{"networking.k8s.io", "Ingress", "spec.backend", "serviceName", "servicePort"},
	{"networking.k8s.io", "Ingress", "spec.rules[].http.paths[].backend", "serviceName", "servicePort"},
	{"extensions", "Ingress", "spec.backend", "serviceName", "servicePort"},
	{"extensions", "Ingress", "spec.rules[].http.paths[].backend", "serviceName", "servicePort"},
	{"gateway.networking.k8s.io", "HTTPRoute", "spec.rules[].backendRefs[]", "name", "port"},
	{"gateway.networking.k8s.io", "GRPCRoute", "spec.rules[].backendRefs[]", "name", "port"},
	{"gateway.networking.k8s.io", "TLSRoute", "spec.rules[].backendRefs[]", "name", "port"},
	{"gateway.networking.k8s.io", "TCPRoute", "spec.rules[].backendRefs[]", "name", "port"},
	{"gateway.networking.k8s.io", "UDPRoute", "spec.rules[].backendRefs[]", "name", "port"},
	{"route.openshift.io", "Route", "spec.to", "name", ""},
	{"route.openshift.io", "Route", "spec.alternateBackends[]", "name", ""},
	{"traefik.io", "IngressRoute", "spec.routes[].services[]", "name", "port"},
	{"projectcontour.io", "HTTPProxy", "spec.routes[].services[]", "name", "port"},
}

// Backend is a Service that an Ingress or a route names.
type Backend struct {
	// Ref is the reference, Name and Port are its fields. Port is absent if it names none.
	Ref, Name, Port lint.Value
	// Namespace is that of the Service.
	Namespace string
	// ByTarget is set if Port is the name of a port of the Service, or a port of the pods:
	// that of a Route of OpenShift is.
	ByTarget bool
}

// Names reports whether a backend leads to a port of its Service, or may.
func (b Backend) Names(port lint.Value) bool {
	want, name := b.Port.Text(), port.Get("name").Text()
	if want == "" || want == name {
		return true
	}
	target := port.Get("targetPort")
	switch {
	case !b.ByTarget || !target.IsSet() && target.IsKnown():
		return want == port.Get("port").Text()
	case !target.IsKnown():
		return true
	}
	_, isNumber := target.Int()
	_, wantsNumber := b.Port.Int()
	return want == target.Text() || wantsNumber && !isNumber // the port of that name may be the one
}

// Backends lists the Services that an Ingress or a route names. Backends of other kinds are
// not among them.
func Backends(o *lint.Object) []Backend {
	var l []Backend
	for _, form := range routeBackends {
		if !o.Is(form.group, form.kind) {
			continue
		}
		for ref := range o.Root.Each(form.path) {
			if kind := ref.Get("kind").Text(); kind != "" && kind != "Service" || ref.Get("group").Text() != "" {
				continue
			}
			b := newBackend(o, ref, form.name, form.port)
			if o.Kind == "Route" {
				b.Port, b.ByTarget = o.Root.Get("spec.port.targetPort"), true
			}
			if b.Name.Text() != "" {
				l = append(l, b)
			}
		}
	}
	return l
}

// newBackend reads a reference by the keys of its name and of its port, of which the last
// that is set counts.
func newBackend(o *lint.Object, ref lint.Value, name, ports string) Backend {
	b := Backend{Ref: ref, Name: ref.Get(name), Namespace: o.Namespace}
	if other := ref.Get("namespace"); other.IsSet() {
		b.Namespace = other.Text()
	}
	for key := range strings.FieldsSeq(ports) {
		if v := ref.Get(key); v.IsSet() {
			b.Port = v
		}
	}
	return b
}

// isMeshRoute reports whether a route is for traffic between Services, and not for that of
// a gateway.
func isMeshRoute(o *lint.Object) bool {
	parents := o.Root.Get("spec.parentRefs")
	for ref := range parents.Items() {
		if ref.Get("kind").Text() != "Service" {
			return false
		}
	}
	return parents.Len() > 0
}

// entrances finds the ways into each workload.
func (n *Network) entrances() map[*Workload][]Entrance {
	found := map[*Workload][]Entrance{}
	lead := func(e Entrance, by Backend) {
		for _, pods := range n.Cluster.Select(e.Service.Namespace, e.Service.Selector).Pods {
			w := n.of[pods.Workload]
			e.Ports = n.TargetPorts(e.Service, w, by)
			found[w] = append(found[w], e)
		}
	}
	for _, s := range n.Cluster.Services {
		if e, exposes := serviceEntrance(s); exposes {
			lead(e, Backend{})
		}
	}
	for _, o := range n.Cluster.Unit.Objects {
		if isMeshRoute(o) {
			continue
		}
		for _, b := range Backends(o) {
			if s := n.Cluster.Service(b.Namespace, b.Name.Text()); s != nil && s.HasSelector() {
				lead(Entrance{Object: o, At: b.Name, Kind: o.Kind, Service: s}, b)
			}
		}
	}
	for _, w := range n.Workloads {
		if l := hostPorts(w); len(l) > 0 {
			found[w] = append(found[w], l...)
		}
	}
	return found
}

// serviceEntrance is what a Service exposes by itself.
func serviceEntrance(s *cluster.Service) (e Entrance, exposes bool) {
	kind, addresses := s.Root.Get("spec.type"), s.Root.Get("spec.externalIPs")
	e = Entrance{Object: s.Object, At: kind, Kind: kind.Text(), Service: s, Internal: IsInternalLoadBalancer(s.Object)}
	exposes = e.Kind == "LoadBalancer" || e.Kind == "NodePort"
	if !exposes && addresses.Len() > 0 {
		e.Kind, e.At, exposes = "externalIPs", addresses, true
	}
	return e, exposes && s.HasSelector()
}

// hostPorts is the ports of its node that a workload listens on.
func hostPorts(w *Workload) []Entrance {
	var l []Entrance
	for _, c := range w.Select(lint.LongRunning) {
		for port := range c.Get("ports").Items() {
			host := port.Get("hostPort")
			number, ok := port.Get("containerPort").Int()
			protocol, known := parseProtocol(port.Get("protocol").Text())
			if host.IsSet() && ok && known {
				l = append(l, Entrance{Object: w.Object, At: host, Kind: "hostPort", Ports: PortRange(protocol, int(number), int(number))})
			}
		}
	}
	return l
}

// TargetPorts is the ports of a workload that a Service leads to: those of the ports that a
// backend names, and all for the zero Backend.
func (n *Network) TargetPorts(s *cluster.Service, w *Workload, by Backend) Ports {
	var p PortSet
	p.addTargets(s, by)
	return p.of(w)
}

// Targets is the ports that Services lead to, by number and by name. PortsOn says which of a
// workload they are.
func Targets(services []*cluster.Service) PortSet {
	var p PortSet
	for _, s := range services {
		p.addTargets(s, Backend{})
	}
	return p
}

// PortsOn is the ports of a workload that are in the set.
func (s PortSet) PortsOn(w *Workload) Ports { return s.of(w) }

func (s *PortSet) addTargets(service *cluster.Service, by Backend) {
	for port := range service.Root.Get("spec.ports").Items() {
		if !by.Names(port) {
			continue
		}
		protocol, ok := parseProtocol(port.Get("protocol").Text())
		target := port.Get("targetPort")
		if !target.IsSet() {
			target = port.Get("port")
		}
		number, isNumber := target.Int()
		switch name := (portName{protocol, target.Text()}); {
		case !ok:
		case isNumber && !s.Has(protocol, int(number)):
			s.Ports = s.Union(PortRange(protocol, int(number), int(number)))
		case !isNumber && !slices.Contains(s.names, name):
			s.names = append(s.names, name)
		}
	}
}

// internalAnnotations are those by which clouds make a load balancer internal, with
// the values that do.
var internalAnnotations = []struct {
	name   string
	values []string
}{
	{"cloud.google.com/load-balancer-type", []string{"Internal"}},
	{"networking.gke.io/load-balancer-type", []string{"Internal"}},
	{"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", []string{"intranet"}},
	{"service.beta.kubernetes.io/aws-load-balancer-internal", []string{"true", "0.0.0.0/0"}},
	{"service.beta.kubernetes.io/aws-load-balancer-scheme", []string{"internal"}},
	{"service.beta.kubernetes.io/azure-load-balancer-internal", []string{"true"}},
	{"service.beta.kubernetes.io/oci-load-balancer-internal", []string{"true"}},
	{"service.beta.kubernetes.io/openstack-internal-load-balancer", []string{"true"}},
	{"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type", []string{"private"}},
	{"service.kubernetes.io/qcloud-loadbalancer-internal-subnetid", nil},
}

// addressAnnotations are those by which MetalLB, Cilium and kube-vip give the load balancer of a
// Service its addresses.
var addressAnnotations = []string{
	"io.cilium/lb-ipam-ips", "kube-vip.io/loadbalancerIPs", "lbipam.cilium.io/ips", "metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs",
}

// hasPrivateAddresses reports whether a Service asks for addresses of its load balancer, and all of
// them are private.
func hasPrivateAddresses(o *lint.Object) bool {
	addresses := []string{o.Root.Get("spec.loadBalancerIP").Text()}
	for _, name := range addressAnnotations {
		addresses = append(addresses, strings.Split(o.Root.Get("metadata.annotations").Child(name).Text(), ",")...)
	}
	found := false
	for _, text := range addresses {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		a, err := netip.ParseAddr(text)
		if err != nil || !a.IsPrivate() && !a.IsLinkLocalUnicast() {
			return false
		}
		found = true
	}
	return found
}

// IsInternalLoadBalancer reports whether the load balancer of a Service is internal: by an annotation
// of a known cloud, or by the private addresses that the Service asks for.
func IsInternalLoadBalancer(o *lint.Object) bool {
	if hasPrivateAddresses(o) {
		return true
	}
	annotations := o.Root.Get("metadata.annotations")
	for _, a := range internalAnnotations {
		v := annotations.Child(a.name)
		for _, want := range a.values {
			if strings.EqualFold(v.Text(), want) {
				return true
			}
		}
		if a.values == nil && v.Text() != "" {
			return true
		}
	}
	return false
}
