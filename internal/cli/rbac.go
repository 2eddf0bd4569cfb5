package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// rightsFormats is the formats of kubevet rbac.
var rightsFormats = map[string]func([]*access.Rights) []byte{"text": rightsText, "json": rightsJSON, "dot": rightsDOT}

func (p *program) rbacCommand() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "rbac [PATH…]",
		Short: "Print who holds which rights, and who can become cluster-admin",
		Long: `kubevet rbac prints the subjects of role bindings and the dangerous rights that they
hold, each with the entry of the role that gives it and the workload that has a token
for it. For each subject it prints the shortest way to cluster-admin, step by step.

Each chart, overlay and set of manifests is printed by itself, or all together if the
configuration has one-cluster: true.`,
		Example: `  kubevet rbac charts/operator
  kubevet rbac --format dot charts/operator | dot -Tsvg > rbac.svg`,
		RunE: p.interruptible(func(cmd *cobra.Command, args []string) error {
			write := rightsFormats[format]
			if write == nil {
				return usagef("--format: unknown format %q; want text, json or dot", format)
			}
			return p.print(cmd, func(ctx context.Context, s *session.Session) ([]byte, []lint.Problem, error) {
				rights, problems, err := s.Rights(ctx, args)
				if err != nil {
					return nil, nil, err
				}
				return write(rights), problems, nil
			})
		}),
	}
	cmd.Flags().StringVar(&format, "format", format, "`FORMAT` of the output: text, json or dot (for Graphviz)")
	p.renderFlags(cmd)
	return cmd
}

// rightsText is the rights for people to read.
func rightsText(list []*access.Rights) []byte {
	var b bytes.Buffer
	if len(list) == 0 {
		fmt.Fprintln(&b, "the input has no roles that give a dangerous right, and no bindings")
	}
	for i, r := range list {
		if i > 0 {
			fmt.Fprintln(&b)
		}
		writeRights(&b, r)
	}
	return b.Bytes()
}

// writeRights writes the rights of one unit.
func writeRights(w io.Writer, r *access.Rights) {
	fmt.Fprintln(w, plain.Text(r.Unit))
	for _, h := range r.Holders {
		fmt.Fprintf(w, "\n  %s\n", plain.Text(h.String()))
		if h.Workload != nil {
			fmt.Fprintf(w, "    token: %s\n", plain.Text(h.Workload.String()))
		}
		for i := range h.Powers {
			held := &h.Powers[i]
			fmt.Fprintf(w, "    %-8s  %-24s  %s, by %s\n", held.Severity, held.Power, plain.Text(heldScope(held)), plain.Text(givenBy(held.Role, held.At)))
		}
		writeWay(w, h)
	}
	if len(r.Holders) == 0 {
		fmt.Fprintln(w, "\n  no binding gives a dangerous right")
	}
	if len(r.Unbound) > 0 {
		fmt.Fprintln(w, "\n  roles that no binding gives")
	}
	for _, role := range r.Unbound {
		var powers []string
		for _, power := range role.Powers {
			powers = append(powers, power.Power)
		}
		fmt.Fprintf(w, "    %s: %s\n", plain.Text(role.Ref.String()), strings.Join(powers, ", "))
	}
}

// writeWay writes how a holder becomes cluster-admin.
func writeWay(w io.Writer, h *access.Holder) {
	switch {
	case h.IsAdmin:
		fmt.Fprintln(w, "    is cluster-admin")
	case len(h.Path) == 0:
		return
	default:
		steps := "steps"
		if len(h.Path) == 1 {
			steps = "step"
		}
		fmt.Fprintf(w, "    becomes cluster-admin in %d %s\n", len(h.Path), steps)
	}
	for i, s := range h.Path {
		fmt.Fprintf(w, "      %d. %s, by %s: %s\n", i+1, s.Power, plain.Text(givenBy(s.Role, s.At)), plain.Text(s.To))
	}
}

func heldScope(p *access.HeldPower) string {
	switch {
	case p.Cluster:
		return "whole cluster"
	case p.Namespace == "":
		return "its namespace"
	}
	return "namespace " + p.Namespace
}

// givenBy names the role that gives a right, and the place of the entry. A role of Kubernetes'
// own has none.
func givenBy(role string, at lint.Position) string {
	if at.File == "" {
		return role
	}
	return role + " (" + at.String() + ")"
}

// rightsJSON is the rights for programs.
func rightsJSON(list []*access.Rights) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if list == nil {
		list = []*access.Rights{}
	}
	if err := e.Encode(struct {
		Units []*access.Rights `json:"units"`
	}{list}); err != nil {
		panic(err) // texts and numbers only
	}
	return b.Bytes()
}

// rightsDOT is the rights as a graph for Graphviz: from workloads to the accounts that they run
// as, from subjects to the rights that they hold, and from rights to whom they lead to.
func rightsDOT(list []*access.Rights) []byte {
	var b bytes.Buffer
	fmt.Fprint(&b, "digraph rbac {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n")
	for i, r := range list {
		g := graph{out: &b, unit: i, known: map[string]bool{}}
		fmt.Fprintf(&b, "  subgraph cluster_%d {\n    label=%s;\n", i, quoted(r.Unit))
		for _, h := range r.Holders {
			g.holder(h)
		}
		fmt.Fprint(&b, "  }\n")
	}
	fmt.Fprint(&b, "}\n")
	return b.Bytes()
}

// graph writes the part of one unit.
type graph struct {
	out   io.Writer
	unit  int
	known map[string]bool // nodes and edges that are written
}

func (g *graph) holder(h *access.Holder) {
	color := "black"
	if h.IsAdmin || len(h.Path) > 0 {
		color = "red"
	}
	g.node(h.String(), "color="+color)
	if h.Workload != nil {
		g.node(h.Workload.String(), "shape=component")
		g.edge(h.Workload.String(), h.String(), "runs as")
	}
	for i := range h.Powers {
		held := &h.Powers[i]
		g.node(held.Power, "shape=ellipse")
		g.edge(h.String(), held.Power, heldScope(held)+"\n"+givenBy(held.Role, held.At))
	}
	if h.IsAdmin {
		g.node("cluster-admin", "shape=octagon, color=red")
		g.edge(h.String(), "cluster-admin", "is")
	}
	from := h.String()
	for _, s := range h.Path {
		style := "color=red"
		if s.To == "cluster-admin" {
			style = "shape=octagon, color=red"
		}
		g.node(s.To, style)
		g.edge(from, s.To, s.Power, "color=red", "fontcolor=red")
		from = s.To
	}
}

func (g *graph) node(name, style string) {
	if !g.known[name] {
		g.known[name] = true
		fmt.Fprintf(g.out, "    %s [label=%s, %s];\n", g.id(name), quoted(name), style)
	}
}

func (g *graph) edge(from, to, text string, styles ...string) {
	line := fmt.Sprintf("    %s -> %s [%s];\n", g.id(from), g.id(to), strings.Join(append([]string{"label=" + quoted(text)}, styles...), ", "))
	if !g.known[line] {
		g.known[line] = true
		fmt.Fprint(g.out, line)
	}
}

// id names a node, which is of one unit.
func (g *graph) id(name string) string { return quoted(fmt.Sprintf("%d %s", g.unit, name)) }

// quoted is a text as DOT has it, with what is not safe to print made plain.
func quoted(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		line = plain.Text(line)
		lines = append(lines, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(line))
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}
