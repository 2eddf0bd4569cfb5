package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/baseline"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/render"
)

func (p *program) renderCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "render [PATH…]",
		Short: "Print the rendered documents and where each came from",
		RunE: p.apart(func(cmd *cobra.Command, args []string) error {
			return p.eachPlan(cmd, args, func(plan *render.Plan, out io.Writer) ([]lint.Problem, error) {
				return plan.Print(cmd.Context(), out, p.lines)
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
		Short: "Print which lines of a chart's templates no scenario reaches, and what keeps them shut",
		RunE: p.apart(func(cmd *cobra.Command, args []string) error {
			return p.eachPlan(cmd, args, func(plan *render.Plan, out io.Writer) ([]lint.Problem, error) {
				return plan.Coverage(cmd.Context(), out)
			})
		}),
	}
	p.renderFlags(cmd)
	return cmd
}

// eachPlan does something with the arguments of each configuration. What that
// writes is printed at the end; problems go to standard error.
func (p *program) eachPlan(cmd *cobra.Command, args []string, do func(*render.Plan, io.Writer) ([]lint.Problem, error)) error {
	checks, problems, err := p.checks(cmd, args)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for _, c := range checks {
		plan, err := p.plan(c.config, c.args)
		if err != nil {
			return err
		}
		failed, err := do(plan, &out)
		if err != nil {
			return err
		}
		problems = append(problems, failed...)
	}
	if isApart(cmd.Context()) {
		return errApart
	}
	if _, err := out.WriteTo(p.out); err != nil {
		return err
	}
	if len(problems) == 0 {
		return nil
	}
	p.exit = lint.ExitProblems
	r := lint.NewReport(nil, problems, nil, lint.Summary{})
	return report.Text(cmd.ErrOrStderr(), r, report.TextOptions{Quiet: true})
}

func (p *program) rulesCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "json":
				return report.RulesJSON(p.out, allRules())
			case "text":
				return report.RulesText(p.out, allRules())
			}
			return usagef("--format: unknown format %q; want text or json", format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output `FORMAT`: text or json")
	return cmd
}

func (p *program) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE",
		Short: "Explain a rule: what it reports, why, and how to mend it",
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
			r, err := findRule(args[0])
			if err != nil {
				return &usageError{err}
			}
			return report.Explain(p.out, r, ruleDoc(r.ID))
		},
	}
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.out, "kubevet %s (%d rules, Kubernetes %s, %s)\n",
				version(), len(allRules()), lint.Newest, runtime.Version())
			return err
		},
	}
}

func (p *program) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config [PATH]",
		Short: "Print the configuration in force, and where each value came from",
		Args:  atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			checks, _, err := p.checks(cmd, args)
			if err != nil {
				return err
			}
			return checks[0].config.Print(p.out)
		},
	}
	p.checkFlags(cmd)
	return cmd
}

func (p *program) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIRECTORY]",
		Short: "Write a commented " + config.FileName + " from what a directory holds",
		Args:  atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			inputs, err := render.Inputs(dir)
			if err != nil {
				return &usageError{err}
			}
			found := config.Found{Overlays: inputs.Overlays}
			for _, c := range inputs.Charts {
				found.Charts = append(found.Charts, config.ChartFound(c))
			}
			name := filepath.Join(dir, config.FileName)
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return usagef("%s is there already; remove it first", name)
			}
			if err != nil {
				return fmt.Errorf("writing the configuration: %w", err)
			}
			if err := config.Init(f, found); err != nil {
				_ = f.Close() // the first error is the one to tell
				return fmt.Errorf("writing %s: %w", name, err)
			}
			if err := f.Close(); err != nil {
				return fmt.Errorf("writing %s: %w", name, err)
			}
			_, err = fmt.Fprintf(p.out, "wrote %s\n", name)
			return err
		},
	}
}

func (p *program) baselineCommand() *cobra.Command {
	file := "kubevet-baseline.json"
	cmd := &cobra.Command{
		Use:   "baseline [PATH…]",
		Short: "Write the present findings to a file, so that only new ones are told",
		RunE: p.apart(func(cmd *cobra.Command, args []string) error {
			checks, problems, err := p.checks(cmd, args)
			if err != nil {
				return err
			}
			all := &found{problems: problems}
			for _, c := range checks {
				f, err := c.run(cmd.Context(), p)
				if err != nil {
					return err
				}
				all.add(f)
			}
			if all.summary.Interrupted {
				return fmt.Errorf("interrupted: %s was not written", file)
			}
			return p.writeBaseline(file, all, args)
		}),
	}
	cmd.Flags().StringVar(&file, "file", file, "`FILE` to write")
	cmd.Flags().BoolVar(&p.prune, "prune", false, "only take out what is no longer found")
	p.checkFlags(cmd)
	return cmd
}

// writeBaseline writes what was found, or with --prune what of the old file was.
func (p *program) writeBaseline(file string, all *found, args []string) error {
	opts := baselineOptions(file, all, args)
	var b *baseline.Baseline
	var done string
	if !p.prune {
		b = baseline.New(all.findings, opts)
		_, known, _ := b.Apply(all.findings, opts)
		done = fmt.Sprintf("wrote %s to %s", counted(len(mergedFindings(known)), "known finding", "known findings"), file)
	} else {
		old, err := readBaseline(file)
		if err != nil {
			return err
		}
		_, _, stale := old.Apply(all.findings, opts)
		b = old.Prune(stale)
		done = fmt.Sprintf("took %s out of %s, %s left", counted(len(stale), "entry", "entries"), file,
			counted(len(b.Entries), "entry is", "entries are"))
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("writing the baseline: %w", err)
	}
	if err := b.Write(f); err != nil {
		_ = f.Close() // the first error is the one to tell
		return fmt.Errorf("writing the baseline %s: %w", file, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing the baseline %s: %w", file, err)
	}
	if len(all.problems) > 0 {
		p.exit = lint.ExitProblems
	}
	r := lint.NewReport(nil, all.problems, nil, lint.Summary{})
	if len(r.Problems) > 0 {
		if err := report.Text(p.out, r, report.TextOptions{Quiet: true}); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(p.out, done)
	return err
}

// counted is a number with a noun of that number.
func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("%s takes one path at the most: %q", cmd.Name(), args)
	}
	return nil
}
