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
			side := "the network of the nodes"
			if e.Internet {
				side = "the Internet"
			}
			closed := ""
			if e.Closed {
				closed = ", but the policies let nobody in there"
			}
			t.line("  open to %s by %s of %s: %s%s", side, e.Kind, e.Object, cmp.Or(e.Ports, "no port"), closed)
		}
		if w.HostNetwork {
			t.line("  in the network of its node: no policy applies")
			continue
		}
		t.side("ingress", "from", w.Ingress, to[w.Name])
		t.side("egress", "to", w.Egress, from[w.Name])
	}
	if len(m.Connections) > 0 {
		t.line("")
		t.line("connections that policies name")
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
		t.line("not understood, so that less or more may be allowed")
	}
	for _, what := range m.Unread {
		t.line("  %s", what)
	}
}

// side writes one direction. named is set if the map has connections of the workload.
func (t *text) side(name, word string, s Side, named bool) {
	if len(s.Policies) == 0 && s.AnyPod == "all ports" {
		t.line("  %s: no policy, so %s anywhere on all ports", name, word)
		return
	}
	t.line("  %s: %s", name, cmp.Or(strings.Join(s.Policies, ", "), "policies that deny nothing"))
	before := t.Len()
	row := func(peer, ports string) {
		if ports != "" {
			t.line("    %s %s: %s", word, peer, ports)
		}
	}
	row("any pod", s.AnyPod)
	for _, p := range s.Namespaces {
		row("any pod of "+p.inWords(), p.Ports)
	}
	for _, p := range s.Outside {
		row(p.Name, p.Ports)
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
		t.line("    %s nobody but those named below", word)
	default:
		t.line("    %s nobody", word)
	}
}
