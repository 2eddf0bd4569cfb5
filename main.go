// Kubevet is a linter for Kubernetes: it renders Helm charts and Kustomize
// overlays offline, holds what comes out against a security checklist, and
// reports each finding at the line that a person would edit.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/tree"
)

func main() {
	collectSeldom()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program: it returns one of lint's exit codes.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	log.SetOutput(io.Discard) // Helm's libraries warn there, without a place
	p := &program{args: args, in: in, out: out, errOut: errOut, inRead: new(atomic.Bool), supervised: newSupervised()}
	if p.supervised != nil {
		errOut, p.errOut = p.supervised.errOut, p.supervised.errOut
		defer p.supervised.tell(event{Do: didFinish})
	}
	cmd := p.command()
	cmd.SetArgs(args)
	cmd.SetIn(in)
	cmd.SetOut(out)
	cmd.SetErr(errOut)
	if err := cmd.Execute(); err != nil {
		fmt.Fprintf(errOut, "kubevet: %v\n", err)
		_, usage := errors.AsType[*usageError](err)
		_, broken := errors.AsType[*configError](err)
		if usage || broken {
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

// configError is a configuration that cannot be used: exit code 2.
type configError struct{ problems []lint.Problem }

func (e *configError) Error() string {
	var l []string
	for _, p := range e.problems {
		l = append(l, p.Error())
	}
	return strings.Join(l, "\nkubevet: ")
}

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// program holds the flags and the exit code of one call.
type program struct {
	args   []string
	in     io.Reader
	out    io.Writer
	errOut io.Writer
	exit   int
	// inRead is set once standard input was read as manifests, inText what was read
	// of it as the text of a file.
	inRead *atomic.Bool
	inText []byte
	// supervised is set in a second process: see supervise.go.
	supervised *supervised

	format, failOn, profile, kubeVersion, color string
	rules, skip, outputs, scenarios             []string
	configFile, baseline, subcharts             string
	podSecurity, loadRestrictor                 string
	maxPerRule                                  int
	quiet, verbose, lines, showIgnored, prune   bool
	files                                       bool
	render                                      render.Options

	// stdinFilename is the file that standard input takes the place of.
	stdinFilename string
	// buffers take the place of files. Nil: all is as it is on disk.
	buffers *tree.Buffers
	// edited are their names as the user gives them. Values among them are what
	// a chart is rendered with that holds them.
	edited []string
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
A PATH with the name of a command is written ./config.

Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage; 3 something
could not be checked, or the run was interrupted: the first Ctrl-C tells what was found
so far, the second one kills.`,
		Example: `  kubevet charts/web overlays/prod
  kubevet charts/web -f values-prod.yaml --set replicas=3
  helm template web | kubevet -`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              p.noCommand,
		RunE:              p.apart(p.lint),
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			if _, err := os.Stat(cmd.Name()); err == nil && cmd.HasParent() {
				fmt.Fprintf(cmd.ErrOrStderr(), "kubevet: %[1]s is taken as the command; write ./%[1]s for the path\n", cmd.Name())
			}
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return &usageError{closestFlag(cmd, err)} })
	f := root.Flags()
	p.reportFlags(root)
	f.StringVar(&p.baseline, "baseline", "", "`FILE` of known findings, as kubevet baseline writes it: only others are told")
	f.StringVar(&p.stdinFilename, "stdin-filename", "", "standard input takes the place of `FILE`: tell what is found there (for editors)")
	f.BoolVar(&p.files, "files", false, "each PATH is a file that changed: lint only what it belongs to (for pre-commit)")
	p.checkFlags(root)
	root.AddCommand(p.renderCommand(), p.coverageCommand(), p.rulesCommand(), p.explainCommand(), p.configCommand(), p.initCommand(),
		p.baselineCommand(), p.diffCommand(), p.lspCommand(), p.versionCommand())
	complete(root)
	for _, cmd := range root.Commands() {
		complete(cmd)
	}
	return root
}

// closestFlag says which flag was meant by one that does not exist.
func closestFlag(cmd *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if c := lint.Closest(unknown.GetSpecifiedName(), names); c != "" {
		return fmt.Errorf("%w; did you mean --%s", err, c)
	}
	return fmt.Errorf("%w; `%s --help` lists the flags", err, cmd.CommandPath())
}

// noCommand finds a misspelt command: a first argument that is no path, and
// close to one.
func (p *program) noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || p.files {
		return nil
	}
	if _, err := os.Stat(args[0]); err == nil {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if c := lint.Closest(args[0], names); c != "" {
		return usagef("%s is neither a path nor a command; did you mean `kubevet %s`", args[0], c)
	}
	return nil
}

// reportFlags are the flags of commands that report.
func (p *program) reportFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.format, "format", "text", "output `FORMAT`: "+strings.Join(report.Formats(), ", "))
	f.StringArrayVarP(&p.outputs, "output", "o", nil, "also write a `FORMAT=FILE` (repeatable): sarif=kubevet.sarif")
	f.BoolVar(&p.showIgnored, "show-ignored", false, "list the ignored findings too")
	f.StringVar(&p.failOn, "fail-on", "medium", "least `SEVERITY` that makes the exit code 1: critical, high, medium, low, or none")
	f.StringVar(&p.color, "color", "auto", "`WHEN` to colour: auto, always or never; NO_COLOR is honoured")
	f.IntVar(&p.maxPerRule, "max-per-rule", 0, "list at most `N` findings of a rule, and count the others (text; 0: no limit)")
	f.BoolVarP(&p.quiet, "quiet", "q", false, "print only the first line of each finding and problem")
	f.BoolVarP(&p.verbose, "verbose", "v", false, "list what was passed over, and details of problems")
}

// checkFlags are the flags of commands that check.
func (p *program) checkFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.profile, "profile", "recommended", "`SET` of rules: recommended, or checklist for all")
	f.StringSliceVar(&p.rules, "rule", nil, "check only this `RULE` (repeatable, or separated by commas)")
	f.StringSliceVar(&p.skip, "skip", nil, "do not check this `RULE` (repeatable, or separated by commas)")
	f.StringVar(&p.podSecurity, "pod-security", "", "check only what a namespace of this `LEVEL` refuses: restricted, baseline:v1.31")
	f.BoolVar(&p.render.Explore, "explore", false, "also render charts with one value changed at a time, where that reaches more of their templates")
	f.StringVar(&p.subcharts, "subcharts", "report", "`POLICY` on findings in third-party subcharts: report, warn (they never fail) or ignore")
	p.renderFlags(cmd)
}

// renderFlags are the flags of commands that render.
func (p *program) renderFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.configFile, "config", "", "configuration `FILE` (default: .kubevet.yaml, looked for from each PATH upward)")
	f.StringArrayVarP(&p.render.Values, "values", "f", nil, "values `FILE` for charts (repeatable, the last one wins)")
	f.StringArrayVar(&p.render.Set, "set", nil, "`KEY=VALUE` for charts (repeatable)")
	f.StringVar(&p.loadRestrictor, "load-restrictor", restrictedLoad,
		"`WHICH` files an overlay may name, as for kustomize: LoadRestrictionsRootOnly or LoadRestrictionsNone")
	f.StringArrayVar(&p.scenarios, "scenario", nil, "also render charts with `NAME=FILE[,FILE…]` (repeatable)")
	f.StringVar(&p.kubeVersion, "kube-version", lint.Newest.String(), "Kubernetes `VERSION` that the input is meant for")
	f.StringVar(&p.render.Namespace, "namespace", "", "release `NAMESPACE` of charts (default: left to who installs them)")
	f.StringVar(&p.render.ReleaseName, "release-name", "", "release `NAME` of charts (default: the chart's name)")
	f.IntVar(&p.render.Jobs, "jobs", runtime.GOMAXPROCS(0), "render and check `N` inputs together")
	f.Lookup("jobs").DefValue = "as many as there are processors"
}

// What kustomize's flag --load-restrictor takes.
const (
	restrictedLoad = "LoadRestrictionsRootOnly"
	freeLoad       = "LoadRestrictionsNone"
)

// plan looks at arguments as a configuration and the flags have it.
func (p *program) plan(c *config.Config, args []string) (*render.Plan, error) {
	if p.render.Jobs < 1 {
		return nil, usagef("--jobs: %d is too few; want 1 or more", p.render.Jobs)
	}
	if p.loadRestrictor != restrictedLoad && p.loadRestrictor != freeLoad {
		return nil, usagef("--load-restrictor: unknown value %q; want %s or %s", p.loadRestrictor, restrictedLoad, freeLoad)
	}
	opts := p.render
	if p.supervised != nil && p.supervised.Serial {
		opts.Jobs = 1
	}
	opts.LoadRestrictionsNone = p.loadRestrictor == freeLoad
	opts.Version, opts.Stdin, opts.Shapes = c.KubeVersion, onceRead{p}, c.Shapes()
	for _, s := range p.scenarios {
		name, files, ok := strings.Cut(s, "=")
		if !ok || name == "" || files == "" {
			return nil, usagef("--scenario: %q is of another form; want NAME=FILE", s)
		}
		opts.Scenarios = append(opts.Scenarios, render.Scenario{Name: name, Values: strings.Split(files, ",")})
	}
	opts.Lookup, opts.Config = c.Lookup, c.File
	if c.File != "" {
		opts.Chart = func(dir string) render.ChartOptions { return chartOptions(c, dir) }
		opts.Includes = func(name string) bool {
			rel, ok := c.Rel(name)
			return !ok || c.Includes(rel)
		}
	}
	p.withBuffers(&opts)
	plan, err := render.NewPlan(args, opts)
	if err != nil {
		return nil, &usageError{err}
	}
	return plan, nil
}

// chartOptions is what a configuration says of the chart in a directory.
func chartOptions(c *config.Config, dir string) render.ChartOptions {
	rel, ok := c.Rel(dir)
	if !ok {
		return render.ChartOptions{}
	}
	chart := c.Chart(rel)
	opts := render.ChartOptions{NoDefaults: !chart.DefaultValues, NoCI: !chart.CIValues}
	for _, s := range chart.Scenarios {
		opts.Scenarios = append(opts.Scenarios, render.Scenario{
			Name: s.Name, Values: s.Values, Set: s.Set, ReleaseName: s.ReleaseName, Namespace: s.Namespace, Version: s.KubeVersion,
		})
	}
	return opts
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
