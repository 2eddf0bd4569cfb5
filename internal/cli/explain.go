package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
)

func (p *program) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE",
		Short: "Explain a rule, or the code of a problem: what it reports, why, and how to fix it",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("explain takes one rule; `kubevet rules` lists them")
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completedRules(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if kind, ok := lint.ProblemCode(args[0]).Kind(); ok {
				return report.ExplainProblem(p.out, kind)
			}
			r, err := session.FindRule(args[0])
			if err != nil {
				if _, meant := lint.ParseProblemCode(args[0]); strings.Contains(meant.Error(), "did you mean") && !strings.Contains(err.Error(), "did you mean") {
					err = meant
				}
				return &session.UsageError{Err: err}
			}
			return report.Explain(p.out, r, ruleDoc(r.ID))
		},
	}
}
