package connect

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Protocol is a transport protocol that NetworkPolicies know.
type Protocol int

// The protocols of core/v1.
const (
	TCP Protocol = iota
	UDP
	SCTP
	protocols // how many there are
)

// String gives TCP, UDP or SCTP.
func (p Protocol) String() string { return [...]string{"TCP", "UDP", "SCTP"}[p] }

// parseProtocol reads the name of a protocol. An empty one is TCP.
func parseProtocol(name string) (p Protocol, ok bool) {
	switch strings.ToUpper(name) {
	case "", "TCP":
		return TCP, true
	case "UDP":
		return UDP, true
	case "SCTP":
		return SCTP, true
	}
	return 0, false
}

// span is ports from first to last.
type span struct{ first, last int }

const lastPort = 65535

// Ports is a set of ports of each protocol. The zero value is no port. It is never
// changed after it was made.
type Ports struct {
	spans [protocols][]span // sorted, without overlaps
}

// AllPorts is every port of every protocol.
func AllPorts() Ports {
	var p Ports
	for i := range p.spans {
		p.spans[i] = []span{{0, lastPort}}
	}
	return p
}

// PortRange is the ports from first to last of a protocol.
func PortRange(protocol Protocol, first, last int) Ports {
	var p Ports
	if first <= last {
		p.spans[protocol] = []span{{max(first, 0), min(last, lastPort)}}
	}
	return p
}

// Span is the ports from First to Last of a protocol.
type Span struct {
	Protocol    Protocol
	First, Last int
}

// Spans yields the ports in order, as few spans as possible.
func (p Ports) Spans() iter.Seq[Span] {
	return func(yield func(Span) bool) {
		for i, l := range p.spans {
			for _, s := range l {
				if !yield(Span{Protocol(i), s.first, s.last}) {
					return
				}
			}
		}
	}
}

// Has reports whether a port is in the set.
func (p Ports) Has(protocol Protocol, port int) bool {
	return slices.ContainsFunc(p.spans[protocol], func(s span) bool { return s.first <= port && port <= s.last })
}

// IsEmpty reports whether no port is in the set.
func (p Ports) IsEmpty() bool {
	for _, l := range p.spans {
		if len(l) > 0 {
			return false
		}
	}
	return true
}

// IsAll reports whether every port of a protocol is in the set.
func (p Ports) IsAll(protocol Protocol) bool {
	l := p.spans[protocol]
	return len(l) == 1 && l[0].first <= 1 && l[0].last == lastPort
}

// Everything reports whether every port of every protocol is in the set.
func (p Ports) Everything() bool { return p.IsAll(TCP) && p.IsAll(UDP) && p.IsAll(SCTP) }

// Equal reports whether both sets have the same ports.
func (p Ports) Equal(q Ports) bool {
	for i := range p.spans {
		if !slices.Equal(p.spans[i], q.spans[i]) {
			return false
		}
	}
	return true
}

// Union is the ports of either set.
func (p Ports) Union(q Ports) Ports {
	for i := range p.spans {
		p.spans[i] = merge(p.spans[i], q.spans[i])
	}
	return p
}

// Intersect is the ports of both sets.
func (p Ports) Intersect(q Ports) Ports {
	for i := range p.spans {
		var l []span
		for _, a := range p.spans[i] {
			for _, b := range q.spans[i] {
				if s := (span{max(a.first, b.first), min(a.last, b.last)}); s.first <= s.last {
					l = append(l, s)
				}
			}
		}
		p.spans[i] = l
	}
	return p
}

// Minus is the ports of p that q lacks.
func (p Ports) Minus(q Ports) Ports {
	for i := range p.spans {
		l := p.spans[i]
		for _, b := range q.spans[i] {
			var rest []span
			for _, a := range l {
				for _, s := range []span{{a.first, min(a.last, b.first-1)}, {max(a.first, b.last+1), a.last}} {
					if s.first <= s.last {
						rest = append(rest, s)
					}
				}
			}
			l = rest
		}
		p.spans[i] = l
	}
	return p
}

func merge(a, b []span) []span {
	if len(b) == 0 {
		return a
	}
	l := slices.Concat(a, b)
	slices.SortFunc(l, func(a, b span) int { return a.first - b.first })
	out := l[:1]
	for _, s := range l[1:] {
		if last := &out[len(out)-1]; s.first <= last.last+1 {
			last.last = max(last.last, s.last)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// String gives "all ports", "TCP 80, 8000-8100; UDP 53", or "no port".
func (p Ports) String() string {
	switch {
	case p.Everything():
		return "all ports"
	case p.IsEmpty():
		return "no port"
	}
	var parts []string
	for i, l := range p.spans {
		if len(l) == 0 {
			continue
		}
		var ports []string
		for _, s := range l {
			switch {
			case s.first <= 1 && s.last == lastPort:
				ports = append(ports, "all ports")
			case s.first == s.last:
				ports = append(ports, strconv.Itoa(s.first))
			default:
				ports = append(ports, fmt.Sprintf("%d-%d", s.first, s.last))
			}
		}
		parts = append(parts, Protocol(i).String()+" "+strings.Join(ports, ", "))
	}
	return strings.Join(parts, "; ")
}

// PortSet is the ports of a rule: numbers, and names that each destination gives a
// number of its own.
type PortSet struct {
	Ports
	names []portName
}

type portName struct {
	protocol Protocol
	name     string
}

// of is the ports as a destination has them. A nil destination, such as an address, has no
// names.
func (s PortSet) of(destination *Workload) Ports {
	p := s.Ports
	if destination == nil {
		return p
	}
	for _, n := range s.names {
		for _, port := range destination.declared() {
			if port.name == n.name && port.protocol == n.protocol {
				p = p.Union(PortRange(n.protocol, port.number, port.number))
			}
		}
	}
	return p
}

// HasNames reports whether the set has ports by name.
func (s PortSet) HasNames() bool { return len(s.names) > 0 }

// Within reports whether all ports of the set are among some ports and names.
func (s PortSet) Within(ports Ports, names ...string) bool {
	return s.Minus(ports).IsEmpty() && !slices.ContainsFunc(s.names, func(n portName) bool { return !slices.Contains(names, n.name) })
}

// NamedPort is the ports that a workload declares by a name.
func (w *Workload) NamedPort(name string) Ports {
	var p Ports
	for _, port := range w.declared() {
		if port.name == name {
			p = p.Union(PortRange(port.protocol, port.number, port.number))
		}
	}
	return p
}

// PortsOf is the ports of a rule as a destination has them: names become numbers.
func (r *Rule) PortsOf(destination *Workload) Ports { return r.Ports.of(destination) }
