package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/outfile"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
)

func (p *program) baselineCommand() *cobra.Command {
	file := "kubevet-baseline.json"
	cmd := &cobra.Command{
		Use:   "baseline [PATH…]",
		Short: "Write the present findings to a file, so that only new ones are reported",
		RunE: p.interruptible(func(cmd *cobra.Command, args []string) error {
			if err := outfile.Check(file, false); err != nil { // before the work, not after
				return &session.UsageError{Err: err}
			}
			s, err := p.session(cmd)
			if err != nil {
				return err
			}
			b, err := s.MakeBaseline(cmd.Context(), args, file, p.prune)
			if err != nil {
				return err
			}
			if b.Interrupted {
				return fmt.Errorf("interrupted: %s was not written", file)
			}
			return p.writeBaseline(file, b)
		}),
	}
	cmd.Flags().StringVar(&file, "file", file, "`FILE` to write")
	cmd.Flags().BoolVar(&p.prune, "prune", false, "only remove entries that are no longer found")
	p.checkFlags(cmd)
	return cmd
}

// writeBaseline writes a baseline and says what it holds.
func (p *program) writeBaseline(file string, b *session.NewBaseline) error {
	if err := outfile.Write(file, false, b.Write); err != nil {
		return err
	}
	if len(b.Problems) > 0 {
		p.exit = lint.ExitProblems
		r := lint.NewReport(nil, b.Problems, nil, lint.Summary{})
		if err := report.Text(p.out, r, report.TextOptions{Quiet: true}); err != nil {
			return err
		}
	}
	known := lint.Count(b.Known, "known finding", "known findings")
	if b.Accepted > 0 {
		known += " and " + lint.Count(b.Accepted, "accepted problem", "accepted problems")
	}
	done := fmt.Sprintf("wrote %s to %s", known, file)
	if p.prune {
		done = fmt.Sprintf("took %s out of %s, %s left", lint.Count(b.Removed, "entry", "entries"), file,
			lint.Count(len(b.Entries), "entry is", "entries are"))
	}
	_, err := fmt.Fprintln(p.out, done)
	return err
}
