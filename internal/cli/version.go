package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.out, "kubevet %s (%d rules, Kubernetes %s, %s)\n",
				version(), len(session.AllRules()), lint.Newest, runtime.Version())
			return err
		},
	}
}
