// Package cli is the command line: commands, flags, and the writing of outputs.
// What the commands do is in package session.
package cli

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"sync/atomic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubevet/kubevet/internal/sandbox"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/lint/suggest"
	"github.com/kubevet/kubevet/render/kustomize"
)

// formerVariable is the environment variable by which older versions recognised
// their child processes.
const formerVariable = "KUBEVET_SUPERVISED"

// Main is the program: it returns one of lint's exit codes.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	tuneGC()
	log.SetOutput(io.Discard) // Helm's libraries warn there, without a place
	kustomize.Quiet()
	if sandbox.IsChild(args) {
		if err := session.ServeChild(); err != nil {
			fmt.Fprintf(errOut, "kubevet: %s\n", report.PlainLines(err.Error()))
			return lint.ExitUsage
		}
		return lint.ExitClean
	}
	if os.Getenv(formerVariable) != "" {
		fmt.Fprintf(errOut, "kubevet: %s is set; it has no effect\n", formerVariable)
	}
	p := &program{in: in, out: out, errOut: errOut}
	cmd := p.command()
	cmd.SetArgs(args)
	cmd.SetIn(in)
	cmd.SetOut(out)
	cmd.SetErr(errOut)
	if err := cmd.Execute(); err != nil {
		fmt.Fprintf(errOut, "kubevet: %s\n", report.PlainLines(err.Error()))
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
	out    io.Writer
	errOut io.Writer
	exit   int
	// writing is when the write began that is under way, in nanoseconds of Unix
	// time. Zero: there is none.
	writing atomic.Int64

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
	root.AddCommand(p.renderCommand(), p.coverageCommand(), p.rulesCommand(), p.explainCommand(), p.configCommand(), p.initCommand(),
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
