// Package cli is the command line: commands, flags, and the writing of outputs.
// What the commands do is in package session.
package cli

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubevet/kubevet/internal/sandbox"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/internal/terminal"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
	"github.com/kubevet/kubevet/lint/suggest"
	"github.com/kubevet/kubevet/render/kustomize"
)

// formerVariable is the environment variable by which older versions recognised
// their child processes.
const formerVariable = "KUBEVET_SUPERVISED"

// Main is the program: it returns one of lint's exit codes.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	sandbox.TuneGC()
	log.SetOutput(io.Discard) // Helm's libraries warn there, without a place
	kustomize.Quiet()
	if sandbox.IsChild(args) {
		if err := session.ServeChild(); err != nil {
			fmt.Fprintf(errOut, "kubevet: %s\n", plain.Lines(err.Error()))
			return lint.ExitUsage
		}
		return lint.ExitClean
	}
	if os.Getenv(formerVariable) != "" {
		fmt.Fprintf(errOut, "kubevet: %s is set; it has no effect\n", formerVariable)
	}
	p := &program{in: in, out: out, stdout: &terminal.Output{Writer: out}, errOut: errOut}
	cmd := p.command()
	cmd.SetArgs(args)
	cmd.SetIn(in)
	cmd.SetOut(out)
	cmd.SetErr(errOut)
	if err := cmd.Execute(); err != nil {
		fmt.Fprintf(errOut, "kubevet: %s\n", plain.Lines(err.Error()))
		_, usage := errors.AsType[*session.UsageError](err)
		_, broken := errors.AsType[*session.ConfigError](err)
		if usage || broken {
			return lint.ExitUsage
		}
		return lint.ExitProblems
	}
	return p.exit
}

func usagef(format string, args ...any) error {
	return &session.UsageError{Err: fmt.Errorf(format, args...)}
}

// program holds the flags and the exit code of one call.
type program struct {
	in     io.Reader
	out    io.Writer        // standard output
	stdout *terminal.Output // the same, for text that may be long
	errOut io.Writer
	exit   int

	format, failOn, profile, kubeVersion, color string
	rules, skip, outputs, scenarios             []string
	configFile, baseline, subcharts             string
	podSecurity, loadRestrictor, now            string
	maxPerRule                                  int
	quiet, verbose, lines, showIgnored, prune   bool
	files                                       bool
	options                                     session.Options

	// stdinFilename is the file that standard input takes the place of.
	stdinFilename string
}

// command is the root command, with all others below it.
func (p *program) command() *cobra.Command {
	root := p.lintCommand()
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return &session.UsageError{Err: closestFlag(cmd, err)} })
	root.AddCommand(p.renderCommand(), p.coverageCommand(), p.networkCommand(), p.rbacCommand(), p.rulesCommand(), p.explainCommand(), p.configCommand(), p.initCommand(),
		p.checklistCommand(), p.mergeCommand(), p.baselineCommand(), p.diffCommand(), p.lspCommand(), p.versionCommand())
	cobra.AddTemplateFunc("plainFlags", plainFlags)
	root.SetUsageTemplate(usageTemplate(root.UsageTemplate()))
	root.SetHelpCommand(helpCommand(root))
	root.Version = versionLine()
	root.SetVersionTemplate("{{.Version}}\n")
	root.InitDefaultVersionFlag()
	root.Flags().Lookup("version").Usage = "print the version"
	root.ValidArgsFunction = completePaths
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
	if cmd.HasParent() && cmd.Root().Flags().Lookup(unknown.GetSpecifiedName()) != nil {
		if _, isNone := os.Stat(cmd.Name()); isNone == nil {
			return fmt.Errorf("%w of the command %s; to lint what has that name, write ./%s", err, cmd.Name(), cmd.Name())
		}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if c := suggest.Closest(unknown.GetSpecifiedName(), names); c != "" {
		return fmt.Errorf("%w; did you mean --%s", err, c)
	}
	return fmt.Errorf("%w; `%s --help` lists the flags", err, cmd.CommandPath())
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument: %q", cmd.Name(), args[0])
	}
	return nil
}

func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("%s takes one path at the most: %q", cmd.Name(), args)
	}
	return nil
}

// interruptible runs a command with a context that signals cancel.
func (p *program) interruptible(do func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx, cancel := terminal.Interruptible(cmd.Context(), p.stdout)
		defer cancel()
		cmd.SetContext(ctx)
		return do(cmd, args)
	}
}

// usageTemplate is cobra's, with flags as plainFlags has them.
func usageTemplate(cobras string) string {
	for _, flags := range []string{".LocalFlags.FlagUsages", ".InheritedFlags.FlagUsages"} {
		cobras = strings.ReplaceAll(cobras, flags+" | trimTrailingWhitespaces", flags+" | plainFlags | trimTrailingWhitespaces")
	}
	return cobras
}

// plainFlags leaves the values of switches out of the list of flags: users give none.
func plainFlags(usages string) string {
	const values = "[=true|false]"
	return strings.ReplaceAll(usages, values, strings.Repeat(" ", len(values)))
}

// helpCommand is cobra's, but knows what is no command.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print the help of a command",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return root.Help()
			}
			for _, c := range root.Commands() {
				if c.Name() == args[0] {
					c.InitDefaultHelpFlag()
					return c.Help()
				}
			}
			if c := suggest.Closest(args[0], commandNames(root)); c != "" {
				return usagef("there is no command %q; did you mean `kubevet help %s`", args[0], c)
			}
			return usagef("there is no command %q; `kubevet help` lists them", args[0])
		},
	}
}

func commandNames(root *cobra.Command) []string {
	var l []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			l = append(l, c.Name())
		}
	}
	return l
}

// linters are commands that other linters have, and kubevet does not need.
var linters = []string{"lint", "check", "scan", "run", "validate", "analyze", "test", "audit"}

// noCommand finds a misspelt command: a first argument that is no path, and
// close to one.
func (p *program) noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || p.files {
		return nil
	}
	if _, err := os.Lstat(args[0]); err == nil {
		return nil
	}
	if slices.Contains(linters, args[0]) {
		rest := strings.Join(append([]string{"kubevet"}, args[1:]...), " ")
		return usagef("there is no command %q: kubevet without a command lints; write `%s`", args[0], rest)
	}
	if c := suggest.Closest(args[0], commandNames(cmd)); c != "" {
		return usagef("%s is neither a path nor a command; did you mean `kubevet %s`", args[0], c)
	}
	return nil
}
