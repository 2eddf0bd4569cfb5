package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/lsp"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/render/tree"
)

func (p *program) lspCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor on standard input and output (Language Server Protocol)",
		Long: `lsp is a language server: an editor starts it and speaks with it over standard input
and output. It lints what the open files belong to as they are in the editor, saved or
not. The flags count as they do for kubevet itself.`,
		Args: noArgs,
		RunE: p.serve,
	}
	cmd.Flags().StringVar(&p.baseline, "baseline", "", "`FILE` of known findings, as kubevet baseline writes it: only others are reported")
	cmd.Flags().Bool("stdio", true, "speak over standard input and output; there is no other way")
	p.checkFlags(cmd)
	return cmd
}

func (p *program) serve(cmd *cobra.Command, _ []string) error {
	s, err := p.session(cmd)
	if err != nil {
		return err
	}
	server := lsp.Server{
		Lint: func(ctx context.Context, root string, files []string, buffers map[string][]byte) (*lsp.Result, error) {
			r, err := s.In(root).LintEdited(ctx, files, buffers)
			if err != nil {
				return nil, err
			}
			return (*lsp.Result)(r), nil
		},
		Explain: func(id string) string {
			r, err := session.FindRule(id)
			if err != nil {
				return ""
			}
			return report.ExplainMarkdown(r, ruleDoc(r.ID))
		},
		HelpURI:  ruleURI,
		Resolve:  tree.Resolve,
		IsConfig: session.IsConfigName,
		Version:  version(),
	}
	if !server.Serve(cmd.Context(), p.in, p.out) {
		p.exit = lint.ExitFindings
	}
	return nil
}
