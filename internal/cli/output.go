package cli

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
)

// validReport reports flags of the report that are wrong.
func (p *program) validReport() error {
	files, err := p.outputFiles(report.Formats())
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, err := writable(f.file, false); err != nil {
			return usagef("--output: %w", err)
		}
	}
	_, err = p.colored()
	return err
}

// write writes the report to standard output and to the files of --output. prefix
// is as in report.Options.
func (p *program) write(r *lint.Report, prefix string) error {
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
		Version: version(),
		Prefix:  prefix,
	}
	var failed []error
	for _, o := range outputs { // one that cannot be written costs no other
		failed = append(failed, o.write(r, opts))
	}
	return errors.Join(append(failed, report.Write(p.format, output{p.out, p}, r, opts))...)
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
		case !ok || file == "":
			return nil, usagef("--output: %q names no file; want FORMAT=FILE", o)
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
	return writeFile(o.file, false, func(w io.Writer) error { return report.Write(o.format, w, r, opts) })
}

// colored decides whether to colour the output.
func (p *program) colored() (bool, error) {
	switch strings.ToLower(p.color) {
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
