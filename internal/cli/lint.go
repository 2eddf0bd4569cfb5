package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
)

// lintCommand is the program without a command: it lints.
func (p *program) lintCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kubevet [PATH…]",
		Short: "Lint Kubernetes manifests, Helm charts and Kustomize overlays",
		Long: `kubevet renders Helm charts and Kustomize overlays offline, checks every Kubernetes
object against a security checklist, and reports each finding at the line that a
person would edit.

A PATH is a chart, an overlay, a manifest, a directory that holds any of these, or
"-" for manifests on standard input. Without one, the current directory is linted.
A PATH with the name of a command is written ./config.

Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage; 3 something
could not be checked, or the run was interrupted: the first Ctrl-C prints what was
found so far, the second one kills.`,
		Example: `  kubevet charts/web overlays/prod
  kubevet charts/web -f values-prod.yaml --set replicas=3
  helm template web | kubevet -`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              p.noCommand,
		RunE:              p.interruptible(p.lint),
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			if _, err := os.Stat(cmd.Name()); err == nil && cmd.HasParent() {
				fmt.Fprintf(cmd.ErrOrStderr(), "kubevet: %[1]s is taken as the command; write ./%[1]s for the path\n", cmd.Name())
			}
		},
	}
	f := cmd.Flags()
	p.reportFlags(cmd)
	f.StringVar(&p.baseline, "baseline", "", "`FILE` of known findings, as kubevet baseline writes it: only others are reported")
	f.StringVar(&p.stdinFilename, "stdin-filename", "", "standard input takes the place of `FILE`: report what is found there (for editors)")
	f.BoolVar(&p.files, "files", false, "each PATH is a file that changed: lint only what it belongs to (for pre-commit)")
	p.checkFlags(cmd)
	return cmd
}

func (p *program) lint(cmd *cobra.Command, args []string) error {
	if err := p.validReport(); err != nil { // before the work, not after
		return err
	}
	s, err := p.session(cmd)
	if err != nil {
		return err
	}
	end := p.showProgress(s)
	r, err := p.lintWith(cmd, s, args)
	end()
	if err != nil {
		return err
	}
	return p.writeResult(r)
}

func (p *program) lintWith(cmd *cobra.Command, s *session.Session, args []string) (*session.Result, error) {
	switch {
	case cmd.Flags().Changed("stdin-filename"):
		if len(args) > 0 {
			return nil, usagef("--stdin-filename: %q is too much; standard input is all that is linted", args[0])
		}
		if p.files {
			return nil, usagef("--stdin-filename and --files: give one of them")
		}
		return s.LintAs(cmd.Context(), p.stdinFilename)
	case p.files:
		return s.LintFiles(cmd.Context(), args)
	}
	return s.Lint(cmd.Context(), args)
}

// writeResult writes the report and sets the exit code.
func (p *program) writeResult(r *session.Result) error {
	prefix, kubernetes := r.Prefix(), r.Kubernetes()
	report, err := r.StoredReport()
	if err != nil {
		return err
	}
	p.exit = report.ExitCode()
	return p.write(report, prefix, kubernetes)
}
