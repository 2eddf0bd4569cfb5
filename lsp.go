package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
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
	cmd.Flags().StringVar(&p.baseline, "baseline", "", "`FILE` of known findings, as kubevet baseline writes it: only others are told")
	cmd.Flags().Bool("stdio", true, "speak over standard input and output; there is no other way")
	p.checkFlags(cmd)
	return cmd
}

func (p *program) serve(cmd *cobra.Command, _ []string) error {
	s := lsp.Server{
		Lint: func(ctx context.Context, files []string, buffers map[string][]byte) (*lsp.Result, error) {
			return p.lintBuffers(ctx, cmd, files, buffers)
		},
		Explain: func(id string) string {
			r, err := findRule(id)
			if err != nil {
				return ""
			}
			return report.ExplainMarkdown(r, ruleDoc(r.ID))
		},
		HelpURI:  ruleURI,
		Resolve:  tree.Resolve,
		Enter:    os.Chdir,
		IsConfig: isConfigName,
		Version:  version(),
	}
	if !s.Serve(cmd.Context(), p.in, p.out) {
		p.exit = lint.ExitFindings
	}
	return nil
}

func isConfigName(file string) bool { return path.Base(filepath.ToSlash(file)) == config.FileName }

// lintBuffers lints what files belong to that are open in an editor. Of an open
// configuration only itself is checked.
func (p *program) lintBuffers(ctx context.Context, cmd *cobra.Command, files []string, buffers map[string][]byte) (*lsp.Result, error) {
	q := *p
	q.buffers, q.quiet = tree.NewBuffers(buffers), true // quiet: no progress is drawn
	known, err := readBaseline(q.baseline)
	if err != nil {
		return nil, err
	}
	var configs, others []string
	for _, f := range files {
		if isConfigName(f) {
			configs = append(configs, f)
		} else {
			others = append(others, f)
		}
	}
	q.edited = files
	all := &found{}
	for _, f := range configs {
		_, broken := q.newCheck(f)
		all.problems = append(all.problems, broken...)
	}
	runs, problems, err := q.checksOfFiles(cmd, others)
	if wrong, ok := errors.AsType[*configError](err); ok {
		problems, err = wrong.problems, nil
	}
	if err != nil {
		return nil, err
	}
	all.problems = append(all.problems, problems...)
	for _, c := range runs {
		f, err := c.run(ctx, &q)
		if err != nil {
			return nil, err
		}
		all.add(f)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("linting %s: %w", strings.Join(files, ", "), err)
	}
	if known != nil {
		known.apply(all, files)
	}
	return &lsp.Result{
		Report: lint.NewReport(all.findings, all.problems, all.notes, all.summary),
		Reads: func(file string) bool {
			return slices.ContainsFunc(runs, func(c *check) bool { return c.plan.Reads(file) })
		},
		Read: q.buffers.ReadFile,
	}, nil
}
