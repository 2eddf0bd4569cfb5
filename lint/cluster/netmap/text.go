package netmap

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// Text writes maps for people, one after the other. Safe makes a text of the input safe to
// print in one line.
func Text(out io.Writer, maps []*Map, safe func(string) string) error {
	t := &text{safe: safe}
	for i, m := range maps {
		if i > 0 {
			t.line("")
		}
		t.unit(m)
	}
	_, err := io.WriteString(out, t.String())
	return err
}

type text struct {
	strings.Builder
	safe func(string) string
}

func (t *text) line(format string, args ...any) {
	t.WriteString(strings.TrimRight(t.safe(fmt.Sprintf(format, args...)), " ") + "\n")
}

func (t *text) unit(m *Map) {
	t.line("%s", m.Unit)
	t.line("%s", m.counts())
	from, to := map[string]bool{}, map[string]bool{}
	for _, c := range m.Connections {
		from[c.From], to[c.To] = true, true
	}
	for _, w := range m.Workloads {
		t.line("")
		t.line("%s  %s:%d", w.Name, w.File, w.Line)
		for _, e := range w.Entrances {
			t.line("  reachable from %s", e.inWords())
		}
		if w.HostNetwork {
			t.line("  uses the network of its node (hostNetwork), to which no policy applies")
			continue
		}
		t.side("ingress", "from", w.Ingress, to[w.Name])
		t.side("egress", "to", w.Egress, from[w.Name])
	}
	if len(m.Connections) > 0 {
		t.line("")
		t.line("connections that policies allow between workloads")
	}
	for _, c := range m.Connections {
		unclear := ""
		if c.Unclear {
			unclear = " at most"
		}
		t.line("  %s → %s: %s%s", c.From, c.To, c.Ports, unclear)
	}
	if len(m.Unread) > 0 {
		t.line("")
		t.line("parts of policies that kubevet does not read, so that less or more may be allowed")
	}
	for _, what := range m.Unread {
		t.line("  %s", what)
	}
}

// everywhere is the name of the peer that is all addresses.
const everywhere = "0.0.0.0/0, ::/0"

// inWords says from where a workload may be reached, and how.
func (e Entrance) inWords() string {
	from, through, closed := "the network of the nodes", e.Object, ""
	if e.Internet {
		from = "the Internet"
	}
	switch kind, _, _ := strings.Cut(e.Object, "/"); {
	case e.Kind == "hostPort":
		through = "its hostPort"
	case e.Kind != kind:
		through += " (" + e.Kind + ")"
	}
	if e.Closed {
		closed = ", but its policies let nobody in there"
	}
	return from + " through " + through + ": " + cmp.Or(e.Ports, "no port that it declares") + closed
}

// side writes one direction. named is set if the map has connections of the workload.
func (t *text) side(name, word string, s Side, named bool) {
	if len(s.Policies) == 0 && s.AnyPod == "all ports" {
		t.line("  %s: no policy, so all traffic is allowed", name)
		return
	}
	t.line("  %s: %s", name, cmp.Or(strings.Join(s.Policies, ", "), "no policy that denies anything"))
	before := t.Len()
	row := func(peer, ports string) {
		if ports != "" {
			t.line("    %s %s: %s", word, peer, ports)
		}
	}
	pods := "any pod"
	if s.Nodes == s.AnyPod {
		pods = "any pod and node"
	}
	row(pods, s.AnyPod)
	for _, p := range s.Namespaces {
		row("any pod of "+p.inWords(), p.Ports)
	}
	for _, p := range s.Outside {
		name := p.Name
		if name == everywhere {
			name = "any address outside of the cluster"
		}
		row(name, p.Ports)
	}
	if s.Nodes != s.AnyPod {
		row("nodes", s.Nodes)
	}
	if word == "to" && s.APIServer != s.AnyPod {
		row("the API server", s.APIServer)
	}
	switch {
	case t.Len() > before:
	case named:
		t.line("    only the connections listed below")
	default:
		t.line("    nothing is allowed")
	}
}
