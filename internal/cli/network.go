package cli

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/lint/cluster/netmap"
	"github.com/kubevet/kubevet/lint/report/plain"
)

func (p *program) networkCommand() *cobra.Command {
	var format string
	var suggest bool
	cmd := &cobra.Command{
		Use:   "network [PATH…]",
		Short: "Print who may talk to whom by the network policies, and what faces the Internet",
		RunE: p.interruptible(func(cmd *cobra.Command, args []string) error {
			write, err := networkFormat(format, suggest)
			if err != nil {
				return err
			}
			s, err := p.session(cmd)
			if err != nil {
				return err
			}
			maps, problems, err := s.Network(cmd.Context(), args, suggest)
			if err != nil {
				return err
			}
			if err := write(p.stdout, maps); err != nil {
				return err
			}
			return p.printProblems(cmd, problems)
		}),
	}
	cmd.Flags().StringVar(&format, "format", "text", "output `FORMAT`: text, json, or dot for Graphviz")
	cmd.Flags().BoolVar(&suggest, "suggest", false, "print a NetworkPolicy for each workload without one, as manifests to apply")
	p.renderFlags(cmd)
	return cmd
}

// networkFormat is how maps are written. Texts of the input are made safe to print.
func networkFormat(format string, suggest bool) (func(io.Writer, []*netmap.Map) error, error) {
	switch format = strings.ToLower(format); {
	case format == "json":
		return networkJSON, nil
	case format != "text" && format != "dot":
		return nil, usagef("--format: unknown format %q; want text, json or dot", format)
	case suggest && format == "dot":
		return nil, usagef("--suggest has no picture; want --format text or json")
	case suggest:
		return func(out io.Writer, maps []*netmap.Map) error {
			_, err := io.WriteString(out, plain.Lines(netmap.YAML(maps, plain.Text)))
			return err
		}, nil
	case format == "dot":
		return func(out io.Writer, maps []*netmap.Map) error { return netmap.Dot(out, maps, plain.Text) }, nil
	}
	return func(out io.Writer, maps []*netmap.Map) error { return netmap.Text(out, maps, plain.Text) }, nil
}

// networkJSON writes maps as a list. Control characters are escaped, as in other reports.
func networkJSON(out io.Writer, maps []*netmap.Map) error {
	if maps == nil {
		maps = []*netmap.Map{}
	}
	text, err := json.MarshalIndent(maps, "", "  ")
	if err != nil {
		return err
	}
	_, err = out.Write(append(plain.EscapeJSON(text), '\n'))
	return err
}
