package cli

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/outfile"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/render"
)

func (p *program) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config [PATH]",
		Short: "Print the configuration in force, and where each value came from",
		Args:  atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := p.session(cmd)
			if err != nil {
				return err
			}
			c, err := s.Config(args)
			if err != nil {
				return err
			}
			return c.Print(p.out)
		},
	}
	p.checkFlags(cmd)
	return cmd
}

func (p *program) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIRECTORY]",
		Short: "Write a commented " + config.FileName + " from what a directory holds",
		Args:  atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			inputs, err := render.Inputs(dir)
			if err != nil {
				return &session.UsageError{Err: err}
			}
			found := config.Found{Overlays: inputs.Overlays}
			for _, c := range inputs.Charts {
				found.Charts = append(found.Charts, config.ChartFound(c))
			}
			name := filepath.Join(dir, config.FileName)
			if err := outfile.Check(name, true); err != nil {
				return &session.UsageError{Err: err}
			}
			if err := outfile.Write(name, true, func(w io.Writer) error { return config.Init(w, found) }); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.out, "wrote %s\n", name)
			return err
		},
	}
}
