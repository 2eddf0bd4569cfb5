package lint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint/suggest"
)

// Summary counts what was looked at.
type Summary struct {
	Files     int `json:",omitzero"` // files read
	Manifests int `json:",omitzero"` // plain files that hold Kubernetes objects
	Charts    int `json:",omitzero"`
	Scenarios int `json:",omitzero"` // renderings of charts
	Overlays  int `json:",omitzero"`
	Documents int `json:",omitzero"` // files that rules look at and that hold no Kubernetes objects
	Objects   int `json:",omitzero"` // in all units
	// Skipped is files that hold no Kubernetes objects, or are no YAML and do
	// not look like a manifest.
	Skipped []Skip `json:",omitzero"`
	// Unrendered is templates from which no scenario of their chart printed anything.
	Unrendered []string `json:",omitzero"`
	// Rendered is templates from which an object that installs a chart prints something: they are not among Unrendered. It is empty in a report.
	Rendered []string `json:",omitzero"`
	// Configs are configurations that were found in a folder above a path that is
	// in no repository: anyone who owns that folder chose what is checked.
	Configs []string `json:",omitzero"`
	// Findings counts by severity.
	Findings Tally `json:",omitzero"`
	// Ignored counts what Findings leaves out.
	Ignored  int `json:",omitzero"`
	Problems int `json:",omitzero"`
	// Interrupted is set if the run was ended before its time: then findings may
	// be missing, and a Problem says of what.
	Interrupted bool `json:",omitzero"`
}

// Add adds what another run looked at. Findings and problems are counted by NewReport.
func (s *Summary) Add(t Summary) {
	s.Files += t.Files
	s.Manifests += t.Manifests
	s.Charts += t.Charts
	s.Scenarios += t.Scenarios
	s.Overlays += t.Overlays
	s.Documents += t.Documents
	s.Objects += t.Objects
	s.Skipped = append(s.Skipped, t.Skipped...)
	s.Unrendered, s.Rendered = append(s.Unrendered, t.Unrendered...), append(s.Rendered, t.Rendered...)
	for _, c := range t.Configs {
		if !slices.Contains(s.Configs, c) {
			s.Configs = append(s.Configs, c)
		}
	}
	s.Interrupted = s.Interrupted || t.Interrupted
}

// dropRendered takes from the templates from which no scenario of a chart prints anything those from which an installed one does.
func (s *Summary) dropRendered() {
	rendered := map[string]bool{}
	for _, name := range s.Rendered {
		rendered[name] = true
	}
	s.Unrendered, s.Rendered = slices.DeleteFunc(slices.Clone(s.Unrendered), func(name string) bool { return rendered[name] }), nil
}

// Skip is a file that was skipped, and why.
type Skip struct {
	File, Reason string `json:",omitzero"`
}

// Report is what a run found: the same bytes for the same input, whatever the
// number of workers.
type Report struct {
	Findings []*Finding `json:",omitzero"`
	// Ignored are the findings that the team has chosen to live with. They are
	// not among Findings.
	Ignored  []*Finding `json:",omitzero"`
	Problems []Problem  `json:",omitzero"`
	// Accepted are problems that the team lives with. They are not among Problems.
	Accepted []Problem `json:",omitzero"`
	// Notes are facts worth reporting that need no action: a Kubernetes version
	// that was picked for a chart.
	Notes   []Problem `json:",omitzero"`
	Summary Summary   `json:",omitzero"`

	// stored are the findings of a report that has very many, in place of Findings and
	// Ignored. It is nil if these are all.
	stored Stored
}

// Stored is the findings of a report that are too many to be held as they are: see package store.
type Stored interface {
	// All yields the findings that are not ignored, or those that are.
	All(ignored bool) iter.Seq[*Finding]
	// Files yields the findings of each file that are not ignored.
	Files() []iter.Seq[*Finding]
	// Count counts the findings, and says whether one of them fails.
	Count() (tally Tally, ignored int, fails bool)
	// With is the findings with one more change to each.
	With(change func(*Finding) *Finding) Stored
}

// Storing is the report with findings that are stored in place of its own.
func (r *Report) Storing(s Stored) *Report {
	c := *r
	c.Findings, c.Ignored, c.stored = nil, nil, s
	c.Summary.Findings, c.Summary.Ignored, _ = s.Count()
	return &c
}

// All yields the findings, as Findings has them. It is for reports that may have more
// than fit into memory: see Stored.
func (r *Report) All() iter.Seq[*Finding] {
	if r.stored == nil {
		return slices.Values(r.Findings)
	}
	return r.stored.All(false)
}

// AllIgnored is All for the ignored findings.
func (r *Report) AllIgnored() iter.Seq[*Finding] {
	if r.stored == nil {
		return slices.Values(r.Ignored)
	}
	return r.stored.All(true)
}

// Files are what All yields, file by file. They are nil if the report has no more findings than fit
// into memory.
func (r *Report) Files() []iter.Seq[*Finding] {
	if r.stored == nil {
		return nil
	}
	return r.stored.Files()
}

// Tally counts the findings that All yields.
func (r *Report) Tally() (t Tally) {
	if r.stored != nil {
		t, _, _ = r.stored.Count()
		return t
	}
	for _, f := range r.Findings {
		t[f.Severity]++
	}
	return t
}

// CountIgnored counts the findings that AllIgnored yields.
func (r *Report) CountIgnored() int {
	if r.stored != nil {
		_, ignored, _ := r.stored.Count()
		return ignored
	}
	return len(r.Ignored)
}

// Whole is the report with all findings in Findings and Ignored.
func (r *Report) Whole() *Report {
	if r.stored == nil {
		return r
	}
	return r.Having(slices.Collect(r.All()), slices.Collect(r.AllIgnored()))
}

// Having is the report with these findings in place of its own. Its summary stays.
func (r *Report) Having(findings, ignored []*Finding) *Report {
	c := *r
	c.Findings, c.Ignored, c.stored = findings, ignored, nil
	return &c
}

// Changed is the report with what a function makes of each finding, and with the same
// else. The function must not change what it is given.
func (r *Report) Changed(change func(*Finding) *Finding) *Report {
	c := *r
	if r.stored != nil {
		c.stored = r.stored.With(change)
	}
	changed := func(l []*Finding) (out []*Finding) {
		for _, f := range l {
			out = append(out, change(f))
		}
		return out
	}
	c.Findings, c.Ignored = changed(r.Findings), changed(r.Ignored)
	return &c
}

// Tool is what made a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Rules is how many rules there were. RuleSet is another text whenever they are others.
	Rules   int    `json:"rules"`
	RuleSet string `json:"ruleSet"`
	// Kubernetes is the version that the input was checked for. It is empty if parts of
	// the input were checked for different ones.
	Kubernetes string `json:"kubernetes,omitempty"`
}

// NewTool is this program with some rules. The caller sets the versions.
func NewTool(rules []*Rule) Tool {
	h := sha256.New()
	for _, r := range rules {
		fmt.Fprintln(h, r.ID)
	}
	return Tool{Name: "kubevet", Rules: len(rules), RuleSet: hex.EncodeToString(h.Sum(nil)[:6])}
}

// NewReport merges findings at one place with one cause, sorts, and counts. Those
// that are ignored are merged among themselves. The findings that are given do not
// change: the report holds copies of those that merging or masking changes.
func NewReport(findings []*Finding, problems, notes []Problem, s Summary) *Report {
	r := newReport(problems, notes, s)
	r.Findings, r.Ignored = MergeAll(findings)
	r.Summary.Findings, r.Summary.Ignored = r.Tally(), len(r.Ignored)
	return r
}

// newReport is a report without findings.
func newReport(problems, notes []Problem, s Summary) *Report {
	var open, accepted []Problem
	for _, p := range problems {
		if p.Accepted == nil {
			open = append(open, p)
		} else {
			accepted = append(accepted, p)
		}
	}
	r := &Report{Problems: uniqueProblems(open), Accepted: uniqueProblems(accepted), Notes: uniqueProblems(notes), Summary: s}
	r.Summary.Problems = len(r.Problems)
	r.Summary.dropRendered()
	slices.Sort(r.Summary.Unrendered)
	slices.SortFunc(r.Summary.Skipped, func(a, b Skip) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Reason, b.Reason))
	})
	return r
}

// uniqueProblems lists each problem once, with details if any is known.
func uniqueProblems(l []Problem) []Problem {
	l = slices.Clone(l)
	for i := range l {
		l[i] = l[i].Safe()
	}
	slices.SortFunc(l, func(a, b Problem) int {
		return cmp.Or(a.Compare(b.Position), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message), cmp.Compare(b.Detail, a.Detail), cmp.Compare(a.Help, b.Help))
	})
	l = slices.CompactFunc(l, func(a, b Problem) bool {
		return a.Position == b.Position && a.Message == b.Message
	})
	return oncePerTemplate(l)
}

// oncePerTemplate lists a file once that another program fills in: each of its documents may be broken, and it may be read as a
// manifest and as a part of an overlay. Of several problems at the first line it is the one that says most. The list is sorted.
func oncePerTemplate(l []Problem) []Problem {
	kept := l[:0]
	first := map[string]int{} // by the file
	for _, p := range l {
		if p.Help != TemplateHelp {
			kept = append(kept, p)
			continue
		}
		i, known := first[p.File]
		switch {
		case !known:
			first[p.File] = len(kept)
			kept = append(kept, p)
		case kept[i].Line == p.Line && len(kept[i].Message) < len(p.Message):
			kept[i] = p
		}
	}
	return kept
}

// Exit codes of the program.
const (
	ExitClean    = 0 // nothing at or above the threshold
	ExitFindings = 1 // findings at or above the threshold
	ExitUsage    = 2 // wrong usage or config
	ExitProblems = 3 // something could not be checked, or nothing was
)

// ExitCode is what the program returns. What could not be checked counts more
// than what was found: an incomplete run is no verdict.
func (r *Report) ExitCode() int {
	fails := false
	if r.stored != nil {
		_, _, fails = r.stored.Count()
	}
	switch {
	case len(r.Problems) > 0:
		return ExitProblems
	case fails, slices.ContainsFunc(r.Findings, func(f *Finding) bool { return f.Fails }):
		return ExitFindings
	}
	return ExitClean
}

// Count gives "1 finding" or "3 findings". many is the plural; without it, one
// with an s is.
func Count(n int, one string, many ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(many) > 0:
		return strconv.Itoa(n) + " " + many[0]
	}
	return strconv.Itoa(n) + " " + one + "s"
}

// ProblemCode names a kind of problem, in kebab case. Configuration and baselines
// accept problems by their code; `kubevet explain CODE` prints what ProblemKinds
// says of it.
type ProblemCode string

// The codes of problems. ProblemKinds explains each.
const (
	// Files.
	CodeUnreadable   ProblemCode = "unreadable-file"
	CodeOutsideRoot  ProblemCode = "outside-root"
	CodeInvalidYAML  ProblemCode = "invalid-yaml"
	CodeNotAnObject  ProblemCode = "not-an-object"
	CodeDuplicateKey ProblemCode = "duplicate-key"
	// CodeInvalidDockerfile is of a Dockerfile that BuildKit would refuse.
	CodeInvalidDockerfile ProblemCode = "invalid-dockerfile"
	CodeLimit             ProblemCode = "limit"
	CodeNothingToLint     ProblemCode = "nothing-to-lint"
	// Charts.
	CodeInvalidChart      ProblemCode = "invalid-chart"
	CodeInvalidValues     ProblemCode = "invalid-values"
	CodeMissingDependency ProblemCode = "missing-dependency"
	CodeMissingValue      ProblemCode = "missing-value"
	CodeRenderError       ProblemCode = "render-error"
	CodeSchemaViolation   ProblemCode = "schema-violation"
	// Overlays and GitOps.
	CodeInvalidKustomization ProblemCode = "invalid-kustomization"
	CodeMissingFile          ProblemCode = "missing-file"
	CodeRemoteBase           ProblemCode = "remote-base"
	CodeInvalidPatch         ProblemCode = "invalid-patch"
	CodePluginNotRun         ProblemCode = "plugin-not-run"
	// The run.
	CodeInvalidConfig ProblemCode = "invalid-config"
	CodeInterrupted   ProblemCode = "interrupted"
	CodeUnitLost      ProblemCode = "unit-lost"
	CodeDefect        ProblemCode = "kubevet-defect"
)

// ProblemKind explains the problems of one code.
type ProblemKind struct {
	Code ProblemCode
	// Title is a short sentence without full stop.
	Title string
	// Explanation says what was not checked, and why. What to do about it is in Help.
	Explanation, Help string
}

// ProblemKinds is all kinds of problems, in the order of the codes. It must not
// be changed.
var ProblemKinds = []ProblemKind{
	{CodeUnreadable, "File cannot be read", "The file exists, but it is no regular file, is too large, or the system refuses to open it. Nothing in it was checked.", "correct the file's type or permissions, or exclude it in the configuration"},
	{CodeOutsideRoot, "Path leads outside of the repository", "A link or a path names a file outside of the linted tree. kubevet never reads such files: a pull request could use them to print what it must not see.", "move the file into the repository"},
	{CodeInvalidYAML, "File is not valid YAML or JSON", "The document cannot be parsed, so none of it was checked. The other documents of the file were.", "correct the syntax at the line"},
	{CodeNotAnObject, "Document is not a Kubernetes object", "The document lacks apiVersion or kind, or is no mapping. The API server would refuse it, and no rule can check it.", "add apiVersion and kind, or keep the file out of the linted paths"},
	{CodeDuplicateKey, "Key appears twice in one mapping", "Parsers disagree on which of the two counts, and strict decoding refuses the document.", "remove one of the two"},
	{CodeInvalidDockerfile, "Dockerfile cannot be parsed", "BuildKit would refuse the file, so none of it was checked.", "correct the instruction at the line"},
	{CodeLimit, "Input exceeds a limit", "Limits on size, depth and expansion keep a hostile input from exhausting the machine. The part that exceeds one was not checked.", "split or simplify the input"},
	{CodeNothingToLint, "No Kubernetes object found", "None of the named paths holds a chart, an overlay or a manifest.", "name a path that holds one; -v lists the files that were skipped"},
	{CodeInvalidChart, "Chart cannot be loaded", "Helm would refuse the chart. None of it was rendered.", "correct the file at the line"},
	{CodeInvalidValues, "Values cannot be used", "A values file or --set cannot be parsed or merged.", "correct the values"},
	{CodeMissingDependency, "Chart lacks a dependency", "Chart.yaml lists a chart that is not in charts/. kubevet does not use the network, so its objects were not checked.", "run `helm dependency build`"},
	{CodeMissingValue, "Chart requires a value", "A template calls required or fail. The chart renders only with values of your own.", "give the values with -f or as a scenario in the configuration"},
	{CodeRenderError, "Template fails", "Helm would fail in the same way. What the template prints was not checked.", "correct the template, or the value that it fails on"},
	{CodeSchemaViolation, "Values break the chart's schema", "values.schema.json refuses the values, as Helm would.", "correct the values or the schema"},
	{CodeInvalidKustomization, "Kustomization cannot be built", "kustomize would refuse the kustomization. None of its objects were checked.", "correct the entry at the line"},
	{CodeMissingFile, "Named file does not exist", "A kustomization, a chart, the configuration or a symbolic link names a file that is not there.", "correct the path, or add the file: run the command that generates it, if there is one"},
	{CodeRemoteBase, "Base is remote and was not fetched", "kubevet does not use the network. The objects of the base, and what patches change in them, were not checked.", "vendor the base, or accept the problem"},
	{CodeInvalidPatch, "Patch cannot be applied", "The patch has no target among the objects, or is not valid.", "correct the patch or its target"},
	{CodePluginNotRun, "Plugin was not run", "The kustomization names a generator, transformer or function that is a program. kubevet runs no program.", "lint the output of kustomize instead, or accept the problem"},
	{CodeInvalidConfig, "Configuration cannot be used", "An entry of the configuration is unknown or has the wrong type.", "correct the entry at the line"},
	{CodeInterrupted, "Run was interrupted", "The run was stopped before it was done. What is listed was checked; the rest was not.", "run it again"},
	{CodeUnitLost, "Checking a part of the input was stopped", "The part used up the time, the memory or the stack that kubevet allows. Everything else was checked.", "look for a template that includes itself, an alias cycle, or a loop that does not end"},
	{CodeDefect, "kubevet failed", "kubevet itself has a defect. What it was checking is not complete.", "report it, with the details that -v prints"},
}

// Kind explains the problems of the code. ok is false for a code that does not exist.
func (c ProblemCode) Kind() (k ProblemKind, ok bool) {
	i := slices.IndexFunc(ProblemKinds, func(k ProblemKind) bool { return k.Code == c })
	if i < 0 {
		return ProblemKind{}, false
	}
	return ProblemKinds[i], true
}

// Acceptable reports whether configuration and baseline may accept problems of the
// code. Those of a single run and of kubevet itself always count.
func (c ProblemCode) Acceptable() bool {
	switch c {
	case "", CodeInterrupted, CodeUnitLost, CodeDefect, CodeInvalidConfig, CodeNothingToLint:
		return false
	default:
		return true
	}
}

// ParseProblemCode reads a code. The error says which one was meant.
func ParseProblemCode(name string) (ProblemCode, error) {
	var all []string
	for _, k := range ProblemKinds {
		if string(k.Code) == name {
			return k.Code, nil
		}
		all = append(all, string(k.Code))
	}
	if near := suggest.Closest(name, all); near != "" {
		return "", fmt.Errorf("unknown problem %q; did you mean %q", name, near)
	}
	return "", fmt.Errorf("unknown problem %q; want %s", name, strings.Join(all, ", "))
}

// Problem is what could not be read, parsed, rendered or placed.
type Problem struct {
	Position `json:",omitzero"`
	// Code is the kind of problem. It is empty for a note.
	Code ProblemCode `json:",omitzero"`
	// Message is the cause, in lower case without full stop.
	Message string `json:",omitzero"`
	// Help says what to do about it. May be empty.
	Help string `json:",omitzero"`
	// Accepted says why the team accepts the problem. It is nil if it counts, and makes
	// the exit code 3.
	Accepted *Ignored `json:",omitzero"`
	// Detail is more than a line: a stack, the tail of a log. May be empty.
	Detail string `json:",omitzero"`
	// IsData says that all that is missing are Secrets and ConfigMaps, or what they hold. It is for rules, not for
	// reports.
	IsData bool `json:",omitzero"`
	// LacksValue says that a chart lacks nothing but a value, which those who install it may give, and Stopped has the files of the templates
	// that it stopped, one a line. They are for what renders the chart, not for reports.
	LacksValue bool   `json:",omitzero"`
	Stopped    string `json:",omitzero"`
}

// TemplateHelp is the help for a file that cannot be parsed since another program fills it in first.
const TemplateHelp = "it seems to be a template, which another program fills in: check what that makes of it, or exclude the file in the configuration"

// Error makes a Problem an error, for functions that stop at the first.
func (p Problem) Error() string {
	if s := p.String(); s != "" {
		return s + ": " + p.Message
	}
	return p.Message
}

// quotedValue is where errors of parsers and decoders quote what they read: YAML
// with backquotes after a tag, JSON, numbers and dates with double quotes after "parsing"
// or "unmarshal".
var quotedValue = regexp.MustCompile("(cannot unmarshal !!?[\\w:.,/-]*|cannot decode !!?[\\w:.,/-]*) `[^`]*`?" +
	`|(parsing time|[Pp]arsing|cannot parse|trying to unmarshal|invalid number literal|invalid value) "(?:[^"\\]|\\.)*"?`)

// withoutQuotedValues removes the values that the error of a parser quotes: any of them may
// be a secret.
func withoutQuotedValues(text string) string {
	if !strings.ContainsAny(text, "`\"") {
		return text
	}
	return quotedValue.ReplaceAllString(text, "$1$2")
}

// Safe is the problem without the values that the error of a parser quotes in it.
func (p Problem) Safe() Problem {
	p.Message, p.Detail = withoutQuotedValues(p.Message), withoutQuotedValues(p.Detail)
	return p
}
