package cli

import "github.com/spf13/cobra"

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
