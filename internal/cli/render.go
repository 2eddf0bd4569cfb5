package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
)

func (p *program) renderCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "render [PATH…]",
		Short: "Print the rendered documents and where each came from",
		RunE: p.interruptible(func(cmd *cobra.Command, args []string) error {
			return p.print(cmd, func(ctx context.Context, s *session.Session) ([]byte, []lint.Problem, error) {
				return s.Rendered(ctx, args, p.lines)
			})
		}),
	}
	cmd.Flags().BoolVar(&p.lines, "lines", false, "print the file and line before each line")
	p.renderFlags(cmd)
	return cmd
}

func (p *program) coverageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "coverage [CHART…]",
		Short: "Print which lines of a chart's templates no scenario reaches, and what prevents it",
		RunE: p.interruptible(func(cmd *cobra.Command, args []string) error {
			return p.print(cmd, func(ctx context.Context, s *session.Session) ([]byte, []lint.Problem, error) {
				return s.Coverage(ctx, args)
			})
		}),
	}
	p.renderFlags(cmd)
	return cmd
}
