package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/suggest"
)

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
