package validity

import (
	"net/netip"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
)

// ValidService reports Services with fields that the API server refuses: several ports without
// names, a node port on an internal Service, a load balancer without a cluster IP. So it does Endpoints and
// EndpointSlices with addresses that lead back to the node, such as 127.0.0.1 and 169.254.169.254.
//
// An installation stops half-way, with some of the objects in place, and clients cannot reach the pods.
//
// Ports that are out of range are reported by valid-port, and unknown types by valid-value. What
// a type does not use but the API server tolerates passes.
var ValidService = &lint.Rule{
	ID:        "valid-service",
	Title:     "Fields of a Service are not valid together",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"", "Service", []row{
			{"spec", service},
			{"spec.selector", keys(labelKey)},
			{"spec.selector{}", labelValue},
			{"spec.externalIPs[]", externalIP},
			{"spec.loadBalancerSourceRanges[]", cidr},
			{"spec.sessionAffinityConfig.clientIP.timeoutSeconds", func(s subject, v lint.Value) {
				if s.Get("spec.sessionAffinity").Text() == "ClientIP" { // otherwise the API server drops the field
					between(1, 86400)(s, v)
				}
			}},
			{"spec.ports[].appProtocol", qualified},
			{"spec.ports[]", requires("port")},
			{"spec.ipFamilies[]", oneOf("IPv4", "IPv6")},
			{"spec.ipFamilies", unique("")},
			{"spec", families},
			{"spec.loadBalancerClass", qualified},
			{"spec.trafficDistribution", trafficDistribution},
		}},
		kind{"", "Endpoints", []row{
			{"subsets[].addresses[].ip", endpointIP},
			{"subsets[].notReadyAddresses[].ip", endpointIP},
			{"subsets[].ports[].name", dnsLabel},
			{"subsets[].ports", func(s subject, v lint.Value) {
				for port := range v.Items() {
					if name := port.Get("name"); v.Len() > 1 && isEmpty(name) && known(port, name) {
						s.refuse(name, "is required when there are several ports", "it set")
					}
				}
			}},
		}},
		kind{"discovery.k8s.io", "EndpointSlice", []row{
			{"addressType", all(required, oneOf("IPv4", "IPv6", "FQDN"))},
			{"endpoints[].addresses[]", all(endpointIP, ofType)},
			{"ports[].name", dnsLabel},
			{"ports", unique("name")},
		}},
	),
}

func trafficDistribution(s subject, v lint.Value) {
	if s.Version.AtLeast(34) {
		oneOf("PreferClose", "PreferSameZone", "PreferSameNode")(s, v)
	} else {
		oneOf("PreferClose")(s, v)
	}
}

func externalIP(s subject, v lint.Value) {
	ip(s, v)
	routedIP(s, v)
}

// endpointIP is an address to which a Service leads. An EndpointSlice may have names instead.
func endpointIP(s subject, v lint.Value) {
	if s.Get("addressType").Text() != "FQDN" {
		ip(s, v)
		routedIP(s, v)
	}
}

// ofType is an address of the type that an EndpointSlice has.
func ofType(s subject, v lint.Value) {
	a, err := netip.ParseAddr(v.Text())
	switch typ := s.Get("addressType").Text(); {
	case err != nil:
	case typ == "IPv4" && !a.Is4(), typ == "IPv6" && a.Is4():
		s.refuse(v, "must be of the addressType "+typ, "an address of "+typ)
	}
}

// routedIP is an address of another machine. Those of the node itself and of the metadata service of clouds are none.
func routedIP(s subject, v lint.Value) {
	if a, err := netip.ParseAddr(v.Text()); err == nil && (a.IsUnspecified() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast()) {
		s.refuse(v, "may not be a loopback, unspecified or link-local address", "an address that is routed")
	}
}

func service(s subject, v lint.Value) {
	typ, clusterIP := v.Get("type"), v.Get("clusterIP")
	if !v.IsMap() || !known(v, typ, clusterIP) {
		return
	}
	headless := clusterIP.Text() == "None"
	serviceType(s, v, typ.Text(), headless)
	servicePorts(s, v, typ.Text())
	if ip := clusterIP.Text(); ip != "" && !headless && typ.Text() != "ExternalName" {
		if _, err := netip.ParseAddr(ip); err != nil {
			s.refuse(clusterIP, "must be empty, None, or a valid IP address", "it removed")
		}
	}
	if ports := v.Get("ports"); isEmpty(ports) && ports.IsKnown() && !headless && typ.Text() != "ExternalName" {
		s.refuse(ports, "is required", "it set")
	}
}

// families compares the number of addresses of a Service with its policy. A headless Service without a selector
// has two families unless it says otherwise.
func families(s subject, v lint.Value) {
	policy := v.Get("ipFamilyPolicy")
	if !v.IsMap() || v.Get("type").Text() == "ExternalName" || !known(v, v.Get("type"), policy, v.Get("clusterIP"), v.Get("selector")) {
		return
	}
	if policy.IsSet() && policy.Text() != "SingleStack" || !policy.IsSet() && v.Get("clusterIP").Text() == "None" && v.Get("selector").Len() == 0 {
		return
	}
	for _, field := range []string{"ipFamilies", "clusterIPs"} {
		if l := v.Get(field); l.Len() > 1 && known(l) {
			s.refuseFor(policy, "must be PreferDualStack or RequireDualStack when "+field+" has two items", "PreferDualStack or RequireDualStack",
				"set "+s.path(policy)+" to PreferDualStack or RequireDualStack, or keep one item in "+s.path(l))
			return
		}
	}
}

// serviceType are the fields that only some types of Services have.
func serviceType(s subject, v lint.Value, typ string, headless bool) {
	outside := typ == "NodePort" || typ == "LoadBalancer"
	if headless && (outside || typ == "ExternalName") {
		s.refuse(v.Get("clusterIP"), "may not be None when the type is "+typ, "it removed")
	}
	if typ == "ExternalName" {
		externalName(s, v.Get("externalName"))
	}
	if typ != "LoadBalancer" {
		for _, f := range []string{"loadBalancerSourceRanges", "loadBalancerClass", "allocateLoadBalancerNodePorts"} {
			if w := v.Get(f); w.IsSet() && (!w.IsList() || w.Len() > 0) {
				s.refuse(w, "may be used only when the type is LoadBalancer", "it removed")
			}
		}
	}
	if policy := v.Get("externalTrafficPolicy"); !outside && (policy.Text() == "Local" || policy.Text() == "Cluster") && v.Get("externalIPs").Len() == 0 {
		s.refuse(policy, "may be set only for Services that are reached from outside", "it removed")
	}
	local := v.Get("externalTrafficPolicy").Text() == "Local"
	if check := v.Get("healthCheckNodePort"); check.IsSet() && !isZero(check) && (typ != "LoadBalancer" || !local) {
		s.refuse(check, "may be set only when the type is LoadBalancer and externalTrafficPolicy is Local", "it removed")
	}
}

// externalName is the DNS name of a service in another place.
func externalName(s subject, v lint.Value) {
	required(s, v)
	text("must be a DNS subdomain", "the DNS name of a service in another place", func(t string) []string {
		return validation.IsDNS1123Subdomain(strings.TrimSuffix(t, "."))
	})(s, v)
}

// namedPorts refuses several ports without names, once for a Service.
func namedPorts(s subject, ports lint.Value) {
	var without []lint.Value
	for port := range ports.Items() {
		if name := port.Get("name"); isEmpty(name) && known(port, name) {
			without = append(without, name)
		}
	}
	switch {
	case ports.Len() < 2 || len(without) == 0:
	case len(without) == 1:
		s.refuse(without[0], "is required when a Service has several ports", "it set")
	default:
		s.refuseFor(without[0], "is required when a Service has several ports, as is that of "+strconv.Itoa(len(without)-1)+" more", "them set", "set a name on each of the ports")
	}
}

// servicePorts compares the ports with each other.
func servicePorts(s subject, v lint.Value, typ string) {
	ports := v.Get("ports")
	numbers, nodes, names := map[string]bool{}, map[string]bool{}, map[string]bool{}
	namedPorts(s, ports)
	for port := range ports.Items() {
		name, node := port.Get("name"), port.Get("nodePort")
		dnsLabel(s, name)
		if n := name.Text(); n != "" && names[n] {
			s.refuseFor(name, "is a duplicate value", "each once", s.changeDuplicate(name))
		} else {
			names[n] = true
		}
		oncePerProtocol(s, numbers, port, port.Get("port"), "each port and protocol once")
		if !node.IsSet() || isZero(node) {
			continue
		}
		oncePerProtocol(s, nodes, port, node, "each node port and protocol once")
		if typ != "NodePort" && typ != "LoadBalancer" {
			s.refuse(node, "may not be used when the type is "+orDefault(typ, "ClusterIP"), "it removed")
		}
	}
}

// oncePerProtocol refuses a number that an earlier port has with the same protocol.
func oncePerProtocol(s subject, seen map[string]bool, port, number lint.Value, want string) {
	protocol := port.Get("protocol")
	if !known(protocol, number) || !number.IsSet() {
		return
	}
	key := orDefault(protocol.Text(), "TCP") + " " + number.Text()
	if seen[key] {
		s.refuseFor(number, "is a duplicate value", want, s.changeDuplicate(number))
	}
	seen[key] = true
}

func orDefault(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}
