package netmap

import (
	"fmt"
	"io"
	"strings"
)

// Dot writes maps as one graph in the language of Graphviz. Safe makes a text of the input
// safe to print in one line.
func Dot(out io.Writer, maps []*Map, safe func(string) string) error {
	d := &dot{safe: safe}
	d.line("digraph network {")
	d.line("  rankdir=LR")
	d.line("  node [shape=box, fontname=\"sans-serif\"]")
	d.line("  edge [fontname=\"sans-serif\", fontsize=10]")
	for i, m := range maps {
		d.unit(i, m)
	}
	d.line("}")
	_, err := io.WriteString(out, d.String())
	return err
}

type dot struct {
	strings.Builder
	safe func(string) string
}

func (d *dot) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

// quote makes a text a string of the language.
func (d *dot) quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(d.safe(s)) + `"`
}

func (d *dot) unit(i int, m *Map) {
	id := func(name string) string { return d.quote(fmt.Sprintf("%d %s", i, name)) }
	used := map[string]bool{}
	var edges []string
	edge := func(from, to, ports, attributes string) {
		if ports != "" {
			edges = append(edges, fmt.Sprintf("    %s -> %s [label=%s%s]", id(from), id(to), d.quote(ports), attributes))
			used[from], used[to] = true, true
		}
	}
	for _, w := range m.Workloads {
		w.edges(edge)
	}
	for _, c := range m.Connections {
		edge(c.From, c.To, c.Ports, "")
	}
	d.line("  subgraph cluster_%d {", i)
	d.line("    label=%s", d.quote(m.Unit))
	named := map[string]bool{}
	for _, w := range m.Workloads {
		named[w.Name] = true
		label, attributes := w.Name, ""
		if w.Ports != "" {
			label += "\n" + w.Ports
		}
		if w.HostNetwork {
			label, attributes = label+"\nhost network: no policy applies", ", color=red"
		}
		d.line("    %s [label=%s%s]", id(w.Name), strings.ReplaceAll(d.quoteLines(label), "\n", `\n`), attributes)
	}
	for _, name := range sortedKeys(used) {
		if !named[name] {
			d.line("    %s [label=%s, shape=ellipse]", id(name), d.quote(name))
		}
	}
	for _, e := range edges {
		d.line("%s", e)
	}
	d.line("  }")
}

// edges gives the arrows between a workload and what is no workload of the unit.
func (w Workload) edges(edge func(from, to, ports, attributes string)) {
	const open = ", style=dashed, color=red"
	for _, e := range w.Entrances {
		from := "network of the nodes"
		if e.Internet {
			from = "Internet"
		}
		edge(from, w.Name, e.Kind+" "+e.Ports, "")
	}
	if w.HostNetwork {
		return
	}
	if len(w.Ingress.Policies) == 0 {
		edge("any pod", w.Name, w.Ingress.AnyPod, open)
	} else {
		edge("any pod", w.Name, w.Ingress.AnyPod, "")
	}
	for _, p := range w.Ingress.Namespaces {
		edge("pods of "+p.inWords(), w.Name, p.Ports, "")
	}
	if len(w.Egress.Policies) == 0 {
		edge(w.Name, "anywhere", w.Egress.AnyPod, open)
		return
	}
	edge(w.Name, "any pod", w.Egress.AnyPod, "")
	for _, p := range w.Egress.Namespaces {
		edge(w.Name, "pods of "+p.inWords(), p.Ports, "")
	}
	for _, p := range w.Egress.Outside {
		edge(w.Name, p.Name, p.Ports, "")
	}
	if w.Egress.APIServer != w.Egress.AnyPod {
		edge(w.Name, "API server", w.Egress.APIServer, "")
	}
}

// quoteLines is quote for a text of several lines.
func (d *dot) quoteLines(s string) string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		lines = append(lines, strings.Trim(d.quote(line), `"`))
	}
	return `"` + strings.Join(lines, "\n") + `"`
}
