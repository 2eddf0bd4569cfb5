package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/outfile"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	checklistoutput "github.com/kubevet/kubevet/lint/checklist/output"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/lint/suggest"
	"github.com/kubevet/kubevet/render/tree"
)

// checklistFlags are the flags of kubevet checklist besides those of checking.
type checklistFlags struct {
	standard, since          string
	sections, items, require []string
	minScore                 int
	init                     bool
}

func (p *program) checklistCommand() *cobra.Command {
	var flags checklistFlags
	cmd := &cobra.Command{
		Use:   "checklist [PATH…]",
		Short: "Report a verdict on each of the 97 items of the security checklist",
		Long: `checklist checks the paths with all rules and gives each item of the Kubernetes
security checklist a verdict:

  pass               files show that the item holds
  attested           a person attests it in .kubevet.yaml; no file contradicts
  not applicable     the configuration says why the item does not apply
  fail               files show that it does not hold
  expired            its attestation is too old
  needs attestation  files alone cannot decide it, and nobody attests it
  no evidence        the paths hold nothing that the item is about

An attestation never turns a failing item into one that passes.

Exit codes: 0 the gates hold (without --require and --min-score there are none);
1 a gate does not hold; 2 wrong usage; 3 something could not be checked.`,
		Example: `  kubevet checklist
  kubevet checklist --section pod -o html=checklist.html deploy/
  kubevet checklist --require pod-run-as-user --min-score 60`,
		RunE: p.interruptible(func(cmd *cobra.Command, args []string) error { return p.checklist(cmd, args, flags) }),
	}
	f := cmd.Flags()
	f.StringVar(&p.format, "format", "text", "output `FORMAT`: "+strings.Join(checklistoutput.Formats(), ", "))
	f.StringArrayVarP(&p.outputs, "output", "o", nil, "also write a `FORMAT=FILE` (repeatable): json=checklist.json")
	f.StringSliceVar(&flags.sections, "section", nil, "report only this `SECTION` (repeatable): "+strings.Join(sectionIDs(), ", "))
	f.StringSliceVar(&flags.items, "item", nil, "report only this `ITEM` (repeatable)")
	f.StringSliceVar(&flags.require, "require", nil, "exit with 1 unless this `ITEM` passes, is attested, or does not apply (repeatable)")
	f.IntVar(&flags.minScore, "min-score", 0, "exit with 1 if fewer than this `PERCENT` of the items are good")
	f.StringVar(&flags.standard, "standard", checklistStandard, "report the controls of this `STANDARD` in place of the items: "+strings.Join(checklist.StandardIDs(), ", "))
	f.StringVar(&flags.since, "since", "", "also say what changed since the `REPORT`, which --format json wrote")
	f.BoolVar(&flags.init, "init", false, "write the items that need an attestation into "+config.FileName+", as comments")
	f.StringVar(&p.color, "color", "auto", "`WHEN` to colour: auto, always or never; NO_COLOR is honoured")
	f.BoolVarP(&p.verbose, "verbose", "v", false, "list all findings and places of each item")
	f.StringVar(&p.baseline, "baseline", "", "`FILE` of known findings, as kubevet baseline writes it: only others count")
	p.checkFlags(cmd)
	for _, hidden := range []string{"profile", "rule", "skip", "pod-security"} { // the checklist asks for all rules
		_ = f.MarkHidden(hidden)
	}
	complete := func(values func() []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return values(), cobra.ShellCompDirectiveNoFileComp
		}
	}
	_ = cmd.RegisterFlagCompletionFunc("section", complete(sectionIDs))
	_ = cmd.RegisterFlagCompletionFunc("item", complete(checklist.IDs))
	_ = cmd.RegisterFlagCompletionFunc("require", complete(checklist.IDs))
	return cmd
}

// checklistStandard is the default of --standard.
const checklistStandard = "checklist"

func sectionIDs() []string {
	var l []string
	for _, s := range checklist.Sections {
		l = append(l, s.ID)
	}
	return l
}

func (p *program) checklist(cmd *cobra.Command, args []string, flags checklistFlags) error {
	if err := p.validChecklist(&flags); err != nil {
		return err
	}
	earlier, err := readChecklist(flags.since)
	if err != nil {
		return err
	}
	s, err := p.session(cmd)
	if err != nil {
		return err
	}
	end := p.showProgress(s)
	in, result, err := s.Checklist(cmd.Context(), args)
	end()
	if err != nil {
		return err
	}
	rows := checklist.Evaluate(*in)
	if flags.init {
		return p.initAttestations(args, rows)
	}
	if standard, ok := checklist.FindStandard(flags.standard); ok {
		rows = checklist.EvaluateStandard(standard, *in)
	}
	r := checklist.NewReport(flags.standard, rows, in)
	r.Tool.Version, r.Tool.Kubernetes, r.Revision = version(), in.Kubernetes.String(), in.Revision
	if len(flags.sections)+len(flags.items) > 0 {
		r = r.Only(func(e checklist.Entry) bool {
			section, _, _ := strings.Cut(e.ID, "-")
			return slices.Contains(flags.sections, section) || slices.Contains(flags.items, e.ID)
		})
	}
	opts := checklistoutput.Options{Verbose: p.verbose, Rows: rows, Lint: report.Options{Tool: tool(in.Kubernetes.String()), Prefix: result.Prefix()}}
	if earlier != nil {
		opts.Since, opts.Changes = earlier.Date, checklist.Since(earlier, r)
	}
	p.exit = checklistExit(r, flags)
	return p.writeChecklist(r, opts)
}

// validChecklist reports flags that are wrong, and makes those right that are
// written in capitals.
func (p *program) validChecklist(flags *checklistFlags) error {
	for _, l := range []struct {
		flag   string
		values []string
		known  []string
	}{{"--section", flags.sections, sectionIDs()}, {"--item", flags.items, checklist.IDs()}, {"--require", flags.require, checklist.IDs()}} {
		for i, v := range l.values {
			l.values[i] = strings.ToLower(v)
			if slices.Contains(l.known, l.values[i]) {
				continue
			}
			if c := suggest.Closest(l.values[i], l.known); c != "" {
				return usagef("%s: there is no %q; did you mean %q", l.flag, v, c)
			}
			return usagef("%s: there is no %q; `kubevet checklist` lists all", l.flag, v)
		}
	}
	flags.standard = strings.ToLower(flags.standard)
	if known := append([]string{checklistStandard}, checklist.StandardIDs()...); flags.standard != "" && !slices.Contains(known, flags.standard) {
		return usagef("--standard: there is no %q; want %s", flags.standard, strings.Join(known, ", "))
	}
	if flags.standard != checklistStandard && len(flags.sections)+len(flags.items)+len(flags.require) > 0 {
		return usagef("--standard %s has other items; --section, --item and --require are for the checklist", flags.standard)
	}
	if flags.minScore < 0 || flags.minScore > 100 {
		return usagef("--min-score: %d is no percentage; want 0 to 100", flags.minScore)
	}
	p.format = strings.ToLower(p.format)
	return p.validOutputs(checklistoutput.Formats())
}

// readChecklist reads an earlier report. It is nil if no file is named.
func readChecklist(file string) (*checklist.Report, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // without a file there is no report
	}
	data, err := tree.ReadFile(file)
	if err != nil {
		return nil, usagef("%s: %w", file, outfile.Reason(err))
	}
	r, err := checklist.Read(data)
	if err != nil {
		return nil, usagef("%s: %w", file, err)
	}
	return r, nil
}

// checklistExit is the exit code of a report with its gates.
func checklistExit(r *checklist.Report, flags checklistFlags) int {
	missed := func(id string) bool {
		e := r.Find(id)
		return e == nil || !e.Verdict.IsGood()
	}
	switch {
	case r.Problems > 0:
		return lint.ExitProblems
	case slices.ContainsFunc(flags.require, missed), r.Score.Percent < flags.minScore:
		return lint.ExitFindings
	}
	return lint.ExitClean
}

// writeChecklist writes a report to standard output and to the files of --output.
func (p *program) writeChecklist(r *checklist.Report, opts checklistoutput.Options) error {
	files, err := p.outputFiles(checklistoutput.Formats())
	if err != nil {
		return err
	}
	for _, o := range files {
		if err := outfile.Write(o.file, false, func(w io.Writer) error { return checklistoutput.Write(o.format, w, r, opts) }); err != nil {
			return err
		}
	}
	if opts.Color, err = p.colored(); err != nil {
		return err
	}
	return checklistoutput.Write(p.format, p.stdout, r, opts)
}

// initAttestations adds the items that need an attestation to the configuration of
// a directory, as comments.
func (p *program) initAttestations(args []string, rows []checklist.Row) error {
	dir := "."
	if len(args) > 0 {
		dir = args[0]
	}
	name := filepath.Join(dir, config.FileName)
	if err := outfile.Check(name, false); err != nil {
		return &session.UsageError{Err: err}
	}
	before, err := tree.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usagef("%s: %w", name, outfile.Reason(err))
	}
	text, n := checklistoutput.Attestations(rows, string(before))
	if n == 0 {
		_, err := fmt.Fprintf(p.out, "%s has every item that needs an attestation\n", name)
		return err
	}
	if err := outfile.Write(name, false, func(w io.Writer) error {
		_, err := io.WriteString(w, string(before)+text)
		return err
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "wrote %d items that need an attestation to %s, as comments\n", n, name)
	return err
}

func (p *program) mergeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "merge REPORT…",
		Short: "Put checklist reports of several repositories together",
		Long: `merge reads reports that kubevet checklist --format json wrote, and gives each item
one verdict: fail if it fails in any of them, else the best one.`,
		Example: `  kubevet merge payments.json platform.json --format markdown`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("merge takes the names of reports")
			}
			return nil
		},
		RunE: p.interruptible(func(_ *cobra.Command, args []string) error {
			if err := p.validChecklist(&checklistFlags{standard: checklistStandard}); err != nil {
				return err
			}
			var names []string
			var reports []*checklist.Report
			for _, file := range args {
				r, err := readChecklist(file)
				if err != nil {
					return err
				}
				reports = append(reports, r)
				names = append(names, strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)))
			}
			r, err := checklist.Merge(names, reports)
			if err != nil {
				return &session.UsageError{Err: err}
			}
			p.exit = checklistExit(r, checklistFlags{})
			return p.writeChecklist(r, checklistoutput.Options{Verbose: p.verbose})
		}),
	}
	f := cmd.Flags()
	f.StringVar(&p.format, "format", "text", "output `FORMAT`: "+strings.Join(checklistoutput.Formats(), ", "))
	f.StringArrayVarP(&p.outputs, "output", "o", nil, "also write a `FORMAT=FILE` (repeatable): json=all.json")
	f.StringVar(&p.color, "color", "auto", "`WHEN` to colour: auto, always or never; NO_COLOR is honoured")
	f.BoolVarP(&p.verbose, "verbose", "v", false, "list all findings and places of each item")
	return cmd
}
