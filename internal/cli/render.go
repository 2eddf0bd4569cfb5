package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
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

// print prints a text; problems go to standard error.
func (p *program) print(cmd *cobra.Command, do func(context.Context, *session.Session) ([]byte, []lint.Problem, error)) error {
	s, err := p.session(cmd)
	if err != nil {
		return err
	}
	text, problems, err := do(cmd.Context(), s)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(output{p.out, p}, report.PlainLines(string(text))); err != nil {
		return err
	}
	return p.printProblems(cmd, problems)
}

// printProblems prints problems to standard error, and sets the exit code.
func (p *program) printProblems(cmd *cobra.Command, problems []lint.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	p.exit = lint.ExitProblems
	r := lint.NewReport(nil, problems, nil, lint.Summary{})
	return report.Text(cmd.ErrOrStderr(), r, report.TextOptions{Quiet: true})
}
