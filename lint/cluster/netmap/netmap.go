// Package netmap prints what package connect knows of a unit: who may talk to whom on
// which ports, what faces the Internet, and what has no policy. It also suggests policies
// for workloads that have none.
package netmap

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// Map is the network of a unit. Its JSON form is the output of kubevet network.
type Map struct {
	// Unit names the unit: charts/web (default values).
	Unit      string     `json:"unit"`
	Workloads []Workload `json:"workloads"`
	// Connections is the pairs of workloads of which a policy names one for the other. What
	// everyone may do is with each workload.
	Connections []Connection `json:"connections"`
	// Unread is what of the policies is not understood: they may allow less than the map shows, or
	// more where it is peers, such as toFQDNs.
	Unread []string `json:"unread"`
	// Suggested is policies for workloads without one.
	Suggested []Suggestion `json:"suggested,omitempty"`
}

// Workload is pods of the unit.
type Workload struct {
	// Name is Kind/namespace/name, or Kind/name where the files name no namespace.
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	// HostNetwork is set for pods in the network of their node, to which no policy applies.
	HostNetwork bool `json:"hostNetwork"`
	// Ports is the ports that its containers declare.
	Ports string `json:"ports"`
	// Entrances is the ways in from outside of the cluster.
	Entrances []Entrance `json:"entrances"`
	Ingress   Side       `json:"ingress"`
	Egress    Side       `json:"egress"`
}

// Entrance is a way in from outside of the cluster.
type Entrance struct {
	Object string `json:"object"`
	Kind   string `json:"kind"`
	Ports  string `json:"ports"`
	// Internet is set if it may be reached from the Internet, and not only from the network
	// of the nodes or of the cloud.
	Internet bool `json:"internet"`
	// Closed is set if the policies let no address outside of the cluster in on the ports.
	Closed bool `json:"closed"`
}

// Side is one direction of a workload's traffic. Ports are in words, and empty for none.
type Side struct {
	// Policies is those that restrict the direction. It is empty if everything is allowed.
	Policies []string `json:"policies"`
	// AnyPod is the ports for any pod of the cluster, Nodes those for the nodes, and
	// APIServer those for the API server.
	AnyPod    string `json:"anyPod"`
	Nodes     string `json:"nodes"`
	APIServer string `json:"apiServer"`
	// Namespaces is the namespaces whose pods have more ports than any pod.
	Namespaces []Peer `json:"namespaces"`
	// Outside is addresses outside of the cluster.
	Outside []Peer `json:"outside"`
}

// Peer is a namespace or addresses, with their ports.
type Peer struct {
	Name  string `json:"name"`
	Ports string `json:"ports"`
}

// ownNamespace is the name of the namespace of a workload where no file says which one it is.
const ownNamespace = "its own"

// inWords is what texts call a peer that is a namespace.
func (p Peer) inWords() string {
	if p.Name == ownNamespace {
		return "its own namespace"
	}
	return "namespace " + p.Name
}

// Connection is what one workload may send to another.
type Connection struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Ports string `json:"ports"`
	// Unclear is set if it may be less: see Map.Unread.
	Unclear bool `json:"unclear"`
}

// New makes the map of a unit. suggest adds policies for workloads without one. It must not
// be called while the unit is checked.
func New(u *lint.Unit, suggest bool) *Map {
	n := connect.New(cluster.New(u))
	m := &Map{Unit: u.Name(), Workloads: []Workload{}, Connections: []Connection{}, Unread: unread(n)}
	for _, w := range n.Workloads {
		at := w.Locate(w.Root.Get("kind")).Position
		out := Workload{
			Name: nameOf(w), Namespace: w.Namespace, File: at.File, Line: at.Line, HostNetwork: w.HostNetwork,
			Ports: words(w.Declared()), Entrances: []Entrance{}, Ingress: side(n, w, connect.Ingress), Egress: side(n, w, connect.Egress),
		}
		for _, e := range n.Entrances(w) {
			out.Entrances = append(out.Entrances, Entrance{
				Object: e.Object.Ref().String(), Kind: e.Kind, Ports: words(e.Ports), Internet: e.IsInternet(), Closed: isClosed(n, w, e),
			})
		}
		m.Workloads = append(m.Workloads, out)
	}
	slices.SortStableFunc(m.Workloads, func(a, b Workload) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	m.Connections = append(m.Connections, connections(n)...)
	if suggest {
		m.Suggested = suggestions(n)
	}
	return m
}

// isClosed reports whether policies let no address in by an entrance that leads straight to
// the pods. Behind an Ingress or a route are the pods of a controller.
func isClosed(n *connect.Network, w *connect.Workload, e connect.Entrance) bool {
	if e.IsByController() || e.Ports.IsEmpty() {
		return false
	}
	return !slices.ContainsFunc(n.Outside(w, connect.Ingress), func(o connect.Outside) bool { return !o.Ports.Intersect(e.Ports).IsEmpty() })
}

// nameOf is how the map calls a workload.
func nameOf(w *connect.Workload) string {
	if w.Within != "" {
		return w.Ref().String() + " (" + w.Within + ")"
	}
	return w.Ref().String()
}

func words(p connect.Ports) string {
	if p.IsEmpty() {
		return ""
	}
	return p.String()
}

func side(n *connect.Network, w *connect.Workload, d connect.Direction) Side {
	anyone := n.Allowed(w, d, connect.Target{}).Ports
	s := Side{
		Policies: []string{}, Namespaces: []Peer{}, Outside: []Peer{}, AnyPod: words(anyone),
		Nodes:     words(n.Allowed(w, d, connect.Target{Node: true}).Ports),
		APIServer: words(n.Allowed(w, d, connect.Target{APIServer: true}).Ports),
	}
	for _, p := range w.Policies(d) {
		if name := p.Ref().String(); p.Restricts(d) && !slices.Contains(s.Policies, name) {
			s.Policies = append(s.Policies, name)
		}
	}
	for _, name := range n.PeerNamespaces(w, d) {
		if r := n.Allowed(w, d, connect.Target{Namespace: name, InNamespace: true}); !r.Ports.Minus(anyone).IsEmpty() {
			s.Namespaces = append(s.Namespaces, Peer{cmp.Or(name, ownNamespace), r.Ports.String()})
		}
	}
	for _, o := range n.Outside(w, d) {
		s.Outside = append(s.Outside, Peer{Addresses(o.Addresses), o.Ports.String()})
	}
	return s
}

// connections lists the pairs of which a policy names one for the other, with what the
// policies of both sides allow.
func connections(n *connect.Network) []Connection {
	seen := map[[2]*connect.Workload]bool{}
	var l []Connection
	add := func(from, to *connect.Workload) {
		pair := [2]*connect.Workload{from, to}
		if from == to || seen[pair] {
			return
		}
		seen[pair] = true
		if r := n.Connection(from, to); !r.Ports.IsEmpty() {
			l = append(l, Connection{nameOf(from), nameOf(to), r.Ports.String(), r.Unclear})
		}
	}
	for _, w := range n.Workloads {
		for _, from := range n.NamedPeers(w, connect.Ingress) {
			add(from, w)
		}
		for _, to := range n.NamedPeers(w, connect.Egress) {
			add(w, to)
		}
	}
	slices.SortFunc(l, func(a, b Connection) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return l
}

// unread lists what of the policies is not understood.
func unread(n *connect.Network) []string {
	l := []string{}
	add := func(p *connect.Policy, what string) {
		if text := p.Ref().String() + ": " + what; what != "" && !slices.Contains(l, text) {
			l = append(l, text)
		}
	}
	for _, p := range n.Policies {
		add(p, p.Unclear)
		for _, rules := range p.Rules {
			for _, r := range rules {
				add(p, r.Unclear)
			}
		}
	}
	slices.Sort(l)
	return l
}

// Addresses puts a set in words: each family by itself, and one that lacks little by what
// it lacks.
func Addresses(s *netipx.IPSet) string {
	var parts []string
	for _, family := range []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")} {
		var in, out netipx.IPSetBuilder
		in.AddPrefix(family)
		in.Intersect(s)
		out.AddPrefix(family)
		out.RemoveSet(s)
		has, _ := in.IPSet() // sets have no errors
		lacks, _ := out.IPSet()
		switch holds, without := has.Prefixes(), lacks.Prefixes(); {
		case len(holds) == 0:
		case len(without) == 0:
			parts = append(parts, family.String())
		case len(without) < len(holds):
			parts = append(parts, family.String()+" except "+join(without))
		default:
			parts = append(parts, join(holds))
		}
	}
	return strings.Join(parts, ", ")
}

func join(l []netip.Prefix) string {
	var names []string
	for _, p := range l {
		names = append(names, p.String())
	}
	return strings.Join(names, ", ")
}

// counts is the numbers of a map that a reader asks for first.
func (m *Map) counts() string {
	internet, in, out := 0, 0, 0
	for _, w := range m.Workloads {
		if slices.ContainsFunc(w.Entrances, func(e Entrance) bool { return e.Internet && !e.Closed }) {
			internet++
		}
		if len(w.Ingress.Policies) == 0 {
			in++
		}
		if len(w.Egress.Policies) == 0 {
			out++
		}
	}
	return fmt.Sprintf("%s: %d may be reachable from the Internet, %d without a policy for ingress, %d without a policy for egress", lint.Count(len(m.Workloads), "workload"), internet, in, out)
}
