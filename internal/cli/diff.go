package cli

import "github.com/spf13/cobra"

func (p *program) diffCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff BASE [PATH…]",
		Short: "Report the findings that are new since a Git revision",
		Long: `diff lints the working tree, and the merge base of HEAD and a revision of the local
repository: a branch, a tag, a hash, also with ~N and ^. Findings that the merge base
has too are unchanged: they are counted, and -v lists them. The exit code is by the
new ones.`,
		Example: `  kubevet diff origin/main
  kubevet diff HEAD charts/web -v`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("diff needs a revision to compare with: kubevet diff origin/main")
			}
			return nil
		},
		RunE: p.interruptible(p.diff),
	}
	p.reportFlags(cmd)
	p.checkFlags(cmd)
	return cmd
}

func (p *program) diff(cmd *cobra.Command, args []string) error {
	if err := p.validReport(); err != nil { // before the work, not after
		return err
	}
	s, err := p.session(cmd)
	if err != nil {
		return err
	}
	end := p.showProgress(s)
	r, err := s.Diff(cmd.Context(), args[0], args[1:])
	end()
	if err != nil {
		return err
	}
	return p.writeResult(r)
}
