// Kubevet is a linter for Kubernetes: it renders Helm charts and Kustomize
// overlays offline, holds what comes out against a security checklist, and
// reports each finding at the line that a person would edit.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/rules"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program: it returns one of lint's exit codes.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	p := &program{in: in, out: out}
	cmd := p.command()
	cmd.SetArgs(args)
	cmd.SetIn(in)
	cmd.SetOut(out)
	cmd.SetErr(errOut)
	if err := cmd.Execute(); err != nil {
		fmt.Fprintf(errOut, "kubevet: %v\n", err)
		if _, ok := errors.AsType[*usageError](err); ok {
			return lint.ExitUsage
		}
		return lint.ExitProblems
	}
	return p.exit
}

// usageError is a wrong call: exit code 2.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// program holds the flags and the exit code of one call.
type program struct {
	in   io.Reader
	out  io.Writer
	exit int

	format, failOn, profile, kubeVersion, color string
	rules, skip, outputs                        []string
	quiet, verbose, lines                       bool
	render                                      render.Options
}

func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "kubevet [PATH…]",
		Short: "Lint Kubernetes manifests, Helm charts and Kustomize overlays",
		Long: `kubevet renders Helm charts and Kustomize overlays offline, checks every Kubernetes
object against a security checklist, and reports each finding at the line that a
person would edit.

A PATH is a chart, an overlay, a manifest, a directory that holds any of these, or
"-" for manifests on standard input. Without one, the current directory is linted.

Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage; 3 something
could not be checked.`,
		Example: `  kubevet
  kubevet charts/web overlays/prod
  kubevet charts/web -f values-prod.yaml --set replicas=3
  helm template web | kubevet -`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              cobra.ArbitraryArgs,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.lint(cmd.Context(), args) },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	f := root.Flags()
	f.StringVar(&p.format, "format", "text", "output `FORMAT`: "+strings.Join(report.Formats(), ", "))
	f.StringArrayVarP(&p.outputs, "output", "o", nil, "also write a `FORMAT=FILE` (repeatable): sarif=kubevet.sarif")
	f.StringVar(&p.failOn, "fail-on", "medium", "least `SEVERITY` that makes the exit code 1: critical, high, medium, low, or none")
	f.StringVar(&p.profile, "profile", "recommended", "set of rules: recommended, or checklist for all")
	f.StringSliceVar(&p.rules, "rule", nil, "check only this `RULE` (repeatable, or separated by commas)")
	f.StringSliceVar(&p.skip, "skip", nil, "do not check this `RULE` (repeatable, or separated by commas)")
	f.StringVar(&p.color, "color", "auto", "colours: auto, always or never; NO_COLOR is honoured")
	f.BoolVarP(&p.quiet, "quiet", "q", false, "print only the first line of each finding and problem")
	f.BoolVarP(&p.verbose, "verbose", "v", false, "list what was passed over, and details of problems")
	p.renderFlags(root)
	root.AddCommand(p.renderCommand(), p.rulesCommand(), p.explainCommand(), p.versionCommand())
	root.CompletionOptions.DisableDescriptions = false
	return root
}

// renderFlags are the flags of commands that render.
func (p *program) renderFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&p.render.Values, "values", "f", nil, "values `FILE` for charts (repeatable, the last one wins)")
	f.StringArrayVar(&p.render.Set, "set", nil, "`KEY=VALUE` for charts (repeatable)")
	f.StringVar(&p.kubeVersion, "kube-version", lint.Newest.String(), "Kubernetes `VERSION` that the input is meant for")
	f.StringVar(&p.render.Namespace, "namespace", "", "release `NAMESPACE` of charts (default: left to who installs them)")
	f.StringVar(&p.render.ReleaseName, "release-name", "", "release `NAME` of charts (default: the chart's name)")
	f.IntVar(&p.render.Jobs, "jobs", runtime.GOMAXPROCS(0), "how many inputs to render and check at a `TIME`")
}

// plan reads the render flags and looks at the arguments.
func (p *program) plan(args []string) (*render.Plan, error) {
	version, err := lint.ParseVersion(p.kubeVersion)
	if err != nil {
		return nil, usagef("--kube-version: %w", err)
	}
	if p.render.Jobs < 1 {
		return nil, usagef("--jobs: %d is too few; want 1 or more", p.render.Jobs)
	}
	p.render.Version = version
	p.render.Stdin = p.in
	if len(args) == 0 {
		args = []string{"."}
	}
	plan, err := render.NewPlan(args, p.render)
	if err != nil {
		return nil, &usageError{err}
	}
	return plan, nil
}

// lint is what kubevet does without a command.
func (p *program) lint(ctx context.Context, args []string) error {
	failOn, profile, err := p.thresholds()
	if err != nil {
		return err
	}
	selected, err := selectRules(profile, p.rules, p.skip)
	if err != nil {
		return err
	}
	colored, err := p.colored()
	if err != nil {
		return err
	}
	outputs, err := p.outputFiles()
	if err != nil {
		return err
	}
	plan, err := p.plan(args)
	if err != nil {
		return err
	}
	checker := lint.Checker{Rules: selected, Version: p.render.Version, Profile: profile, Jobs: p.render.Jobs}
	var mu sync.Mutex
	var findings []*lint.Finding
	var problems []lint.Problem
	result := plan.Run(ctx, func(r *lint.Rendered) {
		f, failed := checker.Check(r.Unit)
		mu.Lock()
		defer mu.Unlock()
		findings, problems = append(findings, f...), append(problems, failed...)
	})
	r := lint.NewReport(findings, append(result.Problems, problems...), result.Notes, result.Summary)
	p.exit = r.ExitCode(failOn)
	opts := report.Options{
		Text:    report.TextOptions{Color: colored, Quiet: p.quiet, Verbose: p.verbose},
		Doc:     ruleDoc,
		Version: version(),
		Prefix:  render.RepositoryPrefix(),
	}
	for _, o := range outputs {
		if err := o.write(r, opts); err != nil {
			return err
		}
	}
	return report.Write(p.format, p.out, r, opts)
}

// outputFile is a report that goes to a file besides the one on standard output.
type outputFile struct{ format, file string }

// outputFiles reads --format and --output.
func (p *program) outputFiles() ([]outputFile, error) {
	if !slices.Contains(report.Formats(), p.format) {
		return nil, usagef("--format: unknown format %q; want %s", p.format, strings.Join(report.Formats(), ", "))
	}
	var l []outputFile
	for _, o := range p.outputs {
		format, file, ok := strings.Cut(o, "=")
		switch {
		case !ok || file == "":
			return nil, usagef("--output: %q names no file; want FORMAT=FILE", o)
		case !slices.Contains(report.Formats(), format):
			return nil, usagef("--output: unknown format %q; want %s", format, strings.Join(report.Formats(), ", "))
		}
		l = append(l, outputFile{format, file})
	}
	return l, nil
}

func (o outputFile) write(r *lint.Report, opts report.Options) error {
	opts.Text.Color = false
	f, err := os.Create(o.file)
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if err := report.Write(o.format, f, r, opts); err != nil {
		_ = f.Close() // the first error is the one to tell
		return fmt.Errorf("writing the report to %s: %w", o.file, err)
	}
	return f.Close()
}

// ruleDoc is the documentation of a rule, empty for one that has none.
func ruleDoc(id string) string {
	doc, err := rules.Doc(id)
	if err != nil {
		return ""
	}
	return doc.Text()
}

func (p *program) thresholds() (failOn lint.Severity, profile lint.Profile, err error) {
	if p.failOn == "none" {
		failOn = -1
	} else if failOn, err = lint.ParseSeverity(p.failOn); err != nil {
		return 0, 0, usagef("--fail-on: %w or none", err)
	}
	if profile, err = lint.ParseProfile(p.profile); err != nil {
		return 0, 0, usagef("--profile: %w", err)
	}
	return failOn, profile, nil
}

// selectRules lists the rules of a profile, or only those named, without those skipped.
func selectRules(profile lint.Profile, only, skip []string) ([]*lint.Rule, error) {
	wanted, err := findRules("--rule", only)
	if err != nil {
		return nil, err
	}
	unwanted, err := findRules("--skip", skip)
	if err != nil {
		return nil, err
	}
	var selected []*lint.Rule
	for _, r := range rules.All() {
		in := r.Profile <= profile
		if len(only) > 0 {
			in = slices.Contains(wanted, r)
		}
		if in && !slices.Contains(unwanted, r) {
			selected = append(selected, r)
		}
	}
	if len(selected) == 0 {
		return nil, usagef("no rule is left to check: --skip takes away all that --rule or the profile gives")
	}
	return selected, nil
}

func findRules(flag string, ids []string) ([]*lint.Rule, error) {
	var l []*lint.Rule
	for _, id := range ids {
		r, err := findRule(strings.TrimSpace(id))
		if err != nil {
			return nil, usagef("%s: %w", flag, err)
		}
		l = append(l, r)
	}
	return l, nil
}

func findRule(id string) (*lint.Rule, error) {
	if r := rules.Find(id); r != nil {
		return r, nil
	}
	var ids []string
	for _, r := range rules.All() {
		ids = append(ids, r.ID)
	}
	if c := lint.Closest(id, ids); c != "" {
		return nil, fmt.Errorf("unknown rule %q; did you mean %q", id, c)
	}
	return nil, fmt.Errorf("unknown rule %q; `kubevet rules` lists them", id)
}

// colored decides whether to colour the output.
func (p *program) colored() (bool, error) {
	switch p.color {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		f, isFile := p.out.(*os.File)
		return isFile && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isatty.IsTerminal(f.Fd()), nil
	}
	return false, usagef("--color: unknown value %q; want auto, always or never", p.color)
}

func (p *program) renderCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "render [PATH…]",
		Short: "Print the rendered documents and where each came from",
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, err := p.plan(args)
			if err != nil {
				return err
			}
			problems, err := plan.Print(cmd.Context(), p.out, p.lines)
			if err != nil {
				return err
			}
			if len(problems) > 0 {
				p.exit = lint.ExitProblems
				r := lint.NewReport(nil, problems, nil, lint.Summary{})
				return report.Text(cmd.ErrOrStderr(), r, report.TextOptions{Quiet: true})
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&p.lines, "lines", false, "print the file and line before each line")
	p.renderFlags(cmd)
	return cmd
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
				return report.RulesJSON(p.out, rules.All())
			case "text":
				return report.RulesText(p.out, rules.All())
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
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, r := range rules.All() {
				ids = append(ids, r.ID+"\t"+r.Title)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := findRule(args[0])
			if err != nil {
				return &usageError{err}
			}
			doc, err := rules.Doc(r.ID)
			if err != nil {
				return err
			}
			return report.Explain(p.out, r, doc.Text())
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
				version(), len(rules.All()), lint.Newest, runtime.Version())
			return err
		},
	}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument: %q", cmd.Name(), args[0])
	}
	return nil
}

// version is what the Go toolchain noted at build time.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
