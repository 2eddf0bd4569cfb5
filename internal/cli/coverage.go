package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
)

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
