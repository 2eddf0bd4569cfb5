package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/outfile"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/internal/terminal"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/lint/report/plain"
	"github.com/kubevet/kubevet/render"
)

// validReport reports flags of the report that are wrong.
func (p *program) validReport() error { return p.validOutputs(report.Formats()) }

// validOutputs reports flags that are wrong of an output that has these formats.
func (p *program) validOutputs(formats []string) error {
	files, err := p.outputFiles(formats)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := outfile.Check(f.file, false); err != nil {
			return usagef("--output: %w", err)
		}
	}
	_, err = p.colored()
	return err
}

// write writes the report to standard output and to the files of --output. prefix
// is as in report.Options, kubernetes as in lint.Tool.
func (p *program) write(r *lint.Report, prefix, kubernetes string) error {
	outputs, err := p.outputFiles(report.Formats())
	if err != nil {
		return err
	}
	text, err := p.textOptions()
	if err != nil {
		return err
	}
	opts := report.Options{
		Text:    text,
		Doc:     ruleDoc,
		HelpURI: ruleURI,
		Tool:    tool(kubernetes),
		Prefix:  prefix,
	}
	var failed []error
	for _, o := range outputs { // one that cannot be written costs no other
		failed = append(failed, o.write(r, opts))
	}
	return errors.Join(append(failed, report.Write(p.format, p.stdout, r, opts))...)
}

// outputFile is a report that goes to a file besides the one on standard output.
type outputFile struct{ format, file string }

// outputFiles reads --format and --output of a command that has some formats.
func (p *program) outputFiles(formats []string) ([]outputFile, error) {
	p.format = strings.ToLower(p.format)
	if !slices.Contains(formats, p.format) {
		return nil, usagef("--format: unknown format %q; want %s", p.format, strings.Join(formats, ", "))
	}
	if p.maxPerRule < 0 {
		return nil, usagef("--max-per-rule: %d is too few; want 1 or more, or 0 for no limit", p.maxPerRule)
	}
	var l []outputFile
	for _, o := range p.outputs {
		format, file, ok := strings.Cut(o, "=")
		format = strings.ToLower(format)
		switch {
		case !ok && !slices.Contains(formats, format):
			return nil, usagef("--output: %q names no format; want FORMAT=FILE: %s=%s", o, p.format, o)
		case !ok || file == "":
			return nil, usagef("--output: %q names no file; want FORMAT=FILE, or --format %s for standard output", o, format)
		case file == "-":
			return nil, usagef("--output: %q names no file; --format says what is written to standard output", o)
		case !slices.Contains(formats, format):
			return nil, usagef("--output: unknown format %q; want %s", format, strings.Join(formats, ", "))
		}
		l = append(l, outputFile{format, file})
	}
	return l, nil
}

func (o outputFile) write(r *lint.Report, opts report.Options) error {
	opts.Text = report.TextOptions{
		Quiet: opts.Text.Quiet, Verbose: opts.Text.Verbose, ShowIgnored: opts.Text.ShowIgnored, MaxPerRule: opts.Text.MaxPerRule,
	} // a file is no terminal
	return outfile.Write(o.file, false, func(w io.Writer) error { return report.Write(o.format, w, r, opts) })
}

// colored decides whether to colour the output.
func (p *program) colored() (bool, error) {
	switch strings.ToLower(p.color) {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		_, ok := terminal.File(p.out)
		return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", nil
	}
	return false, usagef("--color: unknown value %q; want auto, always or never", p.color)
}

// print prints a text; problems go to standard error.
func (p *program) print(cmd *cobra.Command, do func(context.Context, *session.Session) ([]byte, []lint.Problem, error)) error {
	s, err := p.session(cmd)
	if err != nil {
		return err
	}
	text, problems, err := do(cmd.Context(), s)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(p.stdout, plain.Lines(string(text))); err != nil {
		return err
	}
	return p.printProblems(cmd, problems)
}

// printProblems prints problems to standard error, and sets the exit code.
func (p *program) printProblems(cmd *cobra.Command, problems []lint.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	p.exit = lint.ExitProblems
	r := lint.NewReport(nil, problems, nil, lint.Summary{})
	return report.Text(cmd.ErrOrStderr(), r, report.TextOptions{Quiet: true})
}

// textOptions returns the text options of the flags, and of the terminal if standard output
// is one.
func (p *program) textOptions() (report.TextOptions, error) {
	opts := report.TextOptions{Quiet: p.quiet, Verbose: p.verbose, ShowIgnored: p.showIgnored, MaxPerRule: p.maxPerRule}
	colored, err := p.colored()
	if err != nil {
		return opts, err
	}
	opts.Color = colored
	f, ok := terminal.File(p.out)
	if !ok {
		return opts, nil
	}
	if !p.quiet {
		opts.Columns = terminal.Columns(f)
	}
	if colored && terminal.HasHyperlinks(os.Getenv) {
		opts.FileLink, opts.RuleLink = terminal.FileURI, ruleURI
	}
	return opts, nil
}

// showProgress draws how far a session is on standard error, if that is a terminal that
// a person looks at. The caller calls end when the session is done.
func (p *program) showProgress(s *session.Session) (end func()) {
	f, ok := p.progressTerminal(os.Getenv)
	if !ok {
		return func() {}
	}
	line := terminal.StartProgress(f)
	s.Progress = func(now render.Progress) { line.Update(fmt.Sprintf("%d/%d %s", now.Done, now.Total, now.Current)) }
	return line.Clear
}

// progressTerminal returns the terminal to draw progress on. ok is false if none is drawn.
func (p *program) progressTerminal(env func(string) string) (f *os.File, ok bool) {
	if ci := env("CI"); p.quiet || env("TERM") == "dumb" || ci != "" && ci != "false" {
		return nil, false
	}
	return terminal.File(p.errOut)
}
