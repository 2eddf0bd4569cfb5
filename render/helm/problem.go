package helm

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v3/pkg/chart"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/branch"
	"github.com/kubevet/kubevet/render/helm/schema"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
	"github.com/kubevet/kubevet/render/manifest"
)

var (
	parseError   = regexp.MustCompile(`^template: (.+?):(\d+)(?::(\d+))?: (?s:(.*))$`)
	executionAt  = regexp.MustCompile(`template: ([^\s"]+?):(\d+):(\d+): executing `)
	executing    = regexp.MustCompile(`^executing ".*?" at <(.*?)>: `)
	calling      = regexp.MustCompile(`^error calling ([\w]+): `)
	noTemplate   = regexp.MustCompile(`no template "([^"]*)" associated with template "[^"]*"`)
	notDefined   = regexp.MustCompile(`template "([^"]*)" not defined`)
	valuesInText = regexp.MustCompile(`(?:^|[^\w.])\$?\.Values((?:\.[A-Za-z_][\w]*)+)`)
)

// parseProblem locates a template's syntax error.
func (r *rendering) parseProblem(t task, err error) lint.Problem {
	p := lint.Problem{
		Code:     lint.CodeRenderError,
		Position: lint.Position{File: t.src.File},
		Message:  "invalid template: " + err.Error(),
		Help:     "correct the template; the others of the chart were rendered without it",
	}
	if m := parseError.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[2])
		p.Message = "invalid template: " + m[4]
	}
	return p
}

// invalidYAML is the problem of a document that is not YAML. If it comes from a helper whose text is fine by itself, the place is the
// include, which indents it.
func (f *output) invalidYAML(d manifest.Document) lint.Problem {
	at, line := f.lineOrigin(d.Err.Line), d.Err.Line
	p := lint.Problem{
		Code:     lint.CodeInvalidYAML,
		Position: at.Position,
		Message:  fmt.Sprintf("renders to invalid YAML (line %d of the output): %s", line, trace.WithoutQuotes(d.Err.Message)),
		Help:     "correct the template, or the values that it prints",
		Detail:   near(f.text, line, d.Line),
	}
	if p.File == "" {
		p.File = f.task.src.File
	}
	if include, ok := f.includeOf(at); ok && f.isFineAlone(line, include) {
		p.Message += ", in what is included from " + at.String()
		p.Position = include
		p.Help = "correct the indentation of what is included: the text is valid by itself"
	}
	return p
}

// includeOf is the place in the template that a file is rendered from which includes what printed a line. ok is false if the template
// printed the line itself.
func (f *output) includeOf(line lint.Origin) (at lint.Position, ok bool) {
	for _, s := range slices.Backward(line.Trail) {
		if s.Kind == lint.StepInclude {
			return s.Position, s.Position.File == f.task.src.File
		}
	}
	return at, false
}

// maxIncluded limits how many lines of what is included are looked at, before and after the one that is not valid.
const maxIncluded = 100

// isFineAlone reports whether the lines of the output around one that come from an include are valid by themselves: the first without its
// indentation, and the others without theirs.
func (f *output) isFineAlone(line int, include lint.Position) bool {
	isOf := func(n int) bool {
		at, ok := f.includeOf(f.lineOrigin(n))
		return ok && at == include
	}
	first, last := line, line
	for first > 1 && line-first < maxIncluded && isOf(first-1) {
		first--
	}
	for last < len(f.lines.Starts) && last-line < maxIncluded && isOf(last+1) {
		last++
	}
	if last == first { // a line alone has no indentation that could be wrong
		return false
	}
	blanks := func(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }
	l := make([]string, 0, last-first+1)
	indent := -1
	for n := first; n <= last; n++ {
		text := f.lines.Line(n)
		if l = append(l, text); n > first && !trace.IsBlank(text) && (indent < 0 || blanks(text) < indent) {
			indent = blanks(text)
		}
	}
	differs := indent >= 0 && blanks(l[0]) != indent
	l[0] = strings.TrimLeft(l[0], " ")
	for i := 1; i < len(l); i++ {
		l[i] = l[i][min(max(indent, 0), blanks(l[i])):]
	}
	return differs && !slices.ContainsFunc(manifest.HelmDocuments([]byte(strings.Join(l, "\n"))), func(d manifest.Document) bool { return d.Err != nil })
}

// maxDetail limits how much of an error is kept: its end, which names the cause.
const maxDetail = 4096

// failure is the reason why a template could not be executed.
type failure struct {
	task    task
	problem lint.Problem
	// key is the required values key that is missing, and unset lists those without a value in the expression that failed. They are
	// empty if not known.
	key, unset string
	// apis are the API versions of custom resources without which the template fails.
	apis []string
}

// failure locates an error at the innermost known line, and shortens it to its cause.
func (r *rendering) failure(t task, err error) failure {
	text := err.Error()
	f := failure{task: t, problem: lint.Problem{
		Code:     lint.CodeRenderError,
		Position: lint.Position{File: t.src.File},
		Help:     "correct the template, or give the values that it needs; the others of the chart were rendered",
		Detail:   strings.ToValidUTF8(text[max(len(text)-maxDetail, 0):], ""),
	}}
	p := &f.problem
	src, pos := r.errorPlace(text, p)
	if at, ok := errors.AsType[*trace.MarkError](err); ok && at.Site.Src.File != "" {
		p.Position, _ = values.SourcePosition(at.Site.Src, at.Site.Pos, at.Site.Pos)
	}
	var missing *trace.RequiredError
	switch {
	case errors.Is(err, trace.ErrBudget):
		p.Code = lint.CodeLimit
		p.Message = fmt.Sprintf("rendering %s was stopped: %s", t.name, strings.TrimPrefix(budgetCause(text), trace.ErrBudget.Error()+": "))
		p.Help = "look for a template that includes itself, a value that holds itself, or a loop that does not end"
	case errors.As(err, &missing):
		p.Code = lint.CodeMissingValue
		p.Message = missing.Message
		p.Help, f.apis = helpFor(missing), lackedAPIs(missing)
		if key := r.keyNamedIn(t, missing.Message, src); key != "" {
			p.Help = strings.Replace(p.Help, "--set KEY=VALUE", "--set KEY=VALUE, such as --set "+key+"=VALUE", 1)
		}
		if f.key = r.requiredKey(t, missing, src, pos); f.key != "" {
			p.Message = fmt.Sprintf("required value %s is missing: %s", f.key, strings.TrimSpace(missing.Message))
			p.Help = helpForKey(f.key)
		}
	default:
		p.Message, p.Detail = cause(text, r.masker().quoted), r.masker().quoted(p.Detail)
		if m := lastExpression(text); m != "" {
			if !valuesInText.MatchString(m) && src != nil { // a function: its arguments are before it
				from, to := trace.ActionSpan(src.Text, pos)
				m = src.Text[from:to]
			}
			f.unset = r.unset(t, m, src)
			p.Message += f.unset
			p.LacksValue = f.unset != "" && strings.Contains(text, "nil")
			if src != nil && f.unset == "" && len(r.scenario.Lookup) == 0 {
				p.Help = cmp.Or(helpForLookup(lookedUp(src.Text, pos, m)), p.Help)
			}
		}
	}
	p.Message = trace.OneLine(p.Message)
	return f
}

var (
	callsLookup = regexp.MustCompile(`\blookup((?:[ \t]+(?:"[^"\n]*"|[^\s"{}()]+|\([^()\n]*\))){4})`)
	lookupWord  = regexp.MustCompile(`"[^"\n]*"|[^\s"()]+|\([^()\n]*\)`)
	variable    = regexp.MustCompile(`\$\w+`)
)

// lookedUp is what an expression at a place of a template reads from the cluster, itself or by a variable which the template sets to it before. It is
// empty if it reads nothing.
func lookedUp(text string, pos int, expression string) string {
	from, to := trace.ActionSpan(text, pos)
	calls := callsLookup.FindStringSubmatch(text[from:to])
	if calls == nil {
		for _, name := range variable.FindAllString(expression, 2) {
			sets := regexp.MustCompile(regexp.QuoteMeta(name) + `[ \t]*:?=[ \t]*\(?[ \t]*` + callsLookup.String())
			if all := sets.FindAllStringSubmatch(text[:from], -1); len(all) > 0 {
				calls = all[len(all)-1]
			}
		}
	}
	if calls == nil {
		return ""
	}
	words := lookupWord.FindAllString(calls[1], 4)
	isKnown := func(i int) bool { return i < len(words) && strings.HasPrefix(words[i], `"`) && words[i] != `""` }
	word := func(i int) string { return strings.Trim(words[i], `"`) }
	switch {
	case !isKnown(1):
		return "an object"
	case !isKnown(3):
		return "a " + word(1)
	case !isKnown(2):
		return word(1) + " " + word(3)
	}
	return word(1) + " " + word(2) + "/" + word(3)
}

// helpForLookup says how to give an object that a template reads from the cluster. It is empty for none.
func helpForLookup(object string) string {
	if object == "" {
		return ""
	}
	return "it reads " + object + " from the cluster by lookup, which finds nothing here: list a file with it under lookup in the configuration"
}

// helpFor says how to give a chart what it requires: what the condition of the failure asks for if that is no
// value, else values.
func helpFor(missing *trace.RequiredError) string {
	var apis []string
	asks := func(string, string) bool { return false }
	if missing.Within != nil {
		tests := missing.Within.Tests()
		for _, t := range tests {
			if t.Kind == trace.APITest && !t.Want {
				apis = append(apis, t.API)
			}
		}
		asks = func(object, field string) bool {
			return slices.ContainsFunc(tests, func(t *trace.Condition) bool {
				return slices.ContainsFunc(append(slices.Clip(t.Operands), t.Operand), func(o trace.Operand) bool {
					return len(o.Fields) > 1 && o.Fields[0] == object && o.Fields[1] == field
				})
			})
		}
	}
	switch {
	case len(apis) > 0:
		return "say which APIs the cluster has with --api-versions " + strings.Join(apis, " --api-versions ")
	case asks("Capabilities", "KubeVersion"):
		return "say which version of Kubernetes the cluster has with --kube-version VERSION"
	case asks("Release", "Namespace"):
		return "give the namespace that the chart requires with --namespace NAMESPACE"
	case asks("Release", "Name"):
		return "give the name that the chart requires with --release-name NAME"
	}
	help := "give the values that the chart requires with -f FILE or --set KEY=VALUE"
	if strings.Contains(strings.ToLower(missing.Message), "namespace") {
		help += ", or the namespace that it requires with --namespace NAMESPACE"
	}
	return help
}

// helpForKey says how to give a chart a key that it requires. A key in an element of a list is no argument of --set: Helm puts what that gives in the
// place of the chart's own list.
func helpForKey(key string) string {
	if end := strings.LastIndexByte(key, ']'); end > 0 {
		return fmt.Sprintf("give it with -f FILE that has the whole list, in %s: Helm merges no lists", key[:end+1])
	}
	return fmt.Sprintf("give it with -f FILE or --set %s=VALUE", key)
}

// addFailures adds one problem for each cause, even if it stopped several templates.
func (r *rendering) addFailures(l []failure) {
	type cause struct {
		lint.Position
		message, key string
	}
	index := map[cause]int{}
	var first []failure
	others := map[int][]string{}
	var stopped []string
	for _, f := range l {
		c := cause{f.problem.Position, f.problem.Message, f.key}
		switch {
		case f.key != "":
			c.Position = lint.Position{}
		case f.unset != "":
			c = cause{message: f.unset}
		}
		i, known := index[c]
		if !known {
			index[c] = len(first)
			first = append(first, f)
			continue
		}
		r.out.Unit.AddLacking([]lint.Problem{f.problem}) // it may be in another folder than the one that is reported
		others[i] = append(others[i], f.task.src.File)
	}
	isOfNoValues := r.lackAllValues(first)
	var without []failure
	for i, f := range first {
		p := f.problem
		if isOfNoValues && f.problem.LacksValue {
			r.out.Unit.AddLacking([]lint.Problem{p})
			without = append(without, f)
			stopped = append(stopped, append(others[i], f.task.src.File)...)
			continue
		}
		if p.File != f.task.src.File {
			p.Message = strings.TrimRight(p.Message, ". ") + ", rendering " + f.task.src.File
		}
		p.Stopped = strings.Join(append([]string{f.task.src.File}, others[i]...), "\n")
		if more := others[i]; len(more) > 0 {
			p.Message = strings.TrimRight(p.Message, ". ") + fmt.Sprintf("; it stopped %d templates", 1+len(more))
			p.Detail = strings.Join(append([]string{p.Detail, f.task.src.File}, more...), "\n")
		}
		r.problem(p)
	}
	if isOfNoValues {
		r.problem(r.withoutValues(without, stopped))
	}
}

// lackAllValues reports whether a chart has no values.yaml and gets no values, and several values are missing in it.
func (r *rendering) lackAllValues(l []failure) bool {
	if r.chart.root.file("values.yaml") != nil || len(r.scenario.Values)+len(r.scenario.Set) > 0 {
		return false
	}
	n := 0
	for _, f := range l {
		if f.problem.LacksValue {
			n++
		}
	}
	return n > 1
}

// maxStopped is how many templates a message names that were not rendered.
const maxStopped = 4

// withoutValues is the problem of a chart without values.yaml whose templates fail for that: they have one cause, and reports list it once.
func (r *rendering) withoutValues(l []failure, stopped []string) lint.Problem {
	slices.Sort(stopped)
	stopped = slices.Compact(stopped)
	var causes []string
	for _, f := range l {
		causes = append(causes, f.problem.String()+": "+f.problem.Message)
	}
	return lint.Problem{
		Code:       lint.CodeRenderError,
		Position:   lint.Position{File: r.chart.root.path("Chart.yaml")},
		Message:    "the chart has no values.yaml, and its templates need values: " + lint.AndOthers(stopped, maxStopped) + " could not be rendered",
		Help:       "give the values with -f FILE, or add a values.yaml; the other templates of the chart were rendered",
		Detail:     strings.Join(causes, "\n"),
		LacksValue: true,
		Stopped:    strings.Join(stopped, "\n"),
	}
}

// lastExpression is the innermost expression in an error.
func lastExpression(text string) string {
	all := executionAt.FindAllStringIndex(text, -1)
	if all == nil {
		return ""
	}
	m := executing.FindStringSubmatch("executing " + text[all[len(all)-1][1]:])
	if m == nil {
		return ""
	}
	return m[1]
}

// unset lists the values keys in an expression that have no value.
func (r *rendering) unset(t task, expression string, src *trace.Source) string {
	if src == nil || r.keys == nil {
		return ""
	}
	var names []string
	for _, m := range valuesInText.FindAllStringSubmatch(expression, -1) {
		steps := append(valuesSteps(r.ownerOf(t, src)), strings.Split(m[1], ".")[1:]...)
		for n := 1; n <= len(steps); n++ {
			if v, _ := r.keys.At(steps[:n]); v == nil {
				if name := trace.JoinSteps(steps[:n]); !slices.Contains(names, name) {
					names = append(names, name)
				}
				break
			}
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "; the value " + names[0] + " is not set"
	}
	return "; the values " + strings.Join(names, ", ") + " are not set"
}

// missingDependency is the problem of a dependency that could not be loaded.
type missingDependency struct {
	problem lint.Problem
	// chart is its name, and name what templates and values call it: its alias, if it has one.
	chart, name string
	// howTo says how to add it.
	howTo string
}

// subchartInText matches what an expression reads of a dependency: .Subcharts.web.Values.port.
var subchartInText = regexp.MustCompile(`\.Subcharts\.(\w+)`)

// lackedBy is the index of the missing dependency without which a template fails with an error. It is -1 if there is none. The name of a helper
// begins with that of its chart by convention. Any dependency may have a helper with another name: then it is the first one.
func (c *Chart) lackedBy(err error) int {
	if len(c.missing) == 0 {
		return -1
	}
	if helper, ok := lackedTemplate(err); ok {
		return max(slices.IndexFunc(c.missing, func(d missingDependency) bool { return strings.HasPrefix(helper+".", d.chart+".") }), 0)
	}
	m := subchartInText.FindStringSubmatch(lastExpression(err.Error()))
	if m == nil {
		return -1
	}
	return slices.IndexFunc(c.missing, func(d missingDependency) bool { return d.name == m[1] })
}

// lackedTemplate is the name of the helper that does not exist, if an error is about one.
func lackedTemplate(err error) (name string, ok bool) {
	text := err.Error()
	for _, pattern := range []*regexp.Regexp{noTemplate, notDefined} {
		if m := pattern.FindStringSubmatch(text); m != nil {
			return m[1], true
		}
	}
	return "", false
}

// incompleteProblem is the problem of a missing dependency again, for all templates that call helpers
// which the chart lacks, or read what the dependency has: they have one cause, and reports list it once.
func (r *rendering) incompleteProblem(d missingDependency, files []string) lint.Problem {
	slices.Sort(files)
	p := d.problem
	p.Stopped = strings.Join(files, "\n")
	p.Detail = "not rendered, since they need what is missing:\n" + p.Stopped
	p.Help = d.howTo + "; without it " + files[0]
	switch n := len(files) - 1; n {
	case 0:
	case 1:
		p.Help += " and 1 more template"
	default:
		p.Help += fmt.Sprintf(" and %d more templates", n)
	}
	p.Help += " could not be rendered"
	return p
}

// errorPlace finds the innermost template file named in an error.
func (r *rendering) errorPlace(text string, p *lint.Problem) (src *trace.Source, pos int) {
	all := executionAt.FindAllStringSubmatch(text, -1)
	for _, a := range slices.Backward(all) {
		s := r.Sources[a[1]]
		if s == nil {
			continue // a string passed to tpl
		}
		line, _ := strconv.Atoi(a[2])
		column, _ := strconv.Atoi(a[3]) // bytes, from 0
		p.File, p.Line = s.File, line
		l := s.Lines().Line(line)
		if column <= len(l) {
			p.Column = utf8.RuneCountInString(l[:column]) + 1
		}
		return s, s.Lines().Starts[min(line, len(s.Lines().Starts))-1] + column
	}
	return nil, 0
}

// cause is the part of an error that names the innermost expression and what is wrong
// with it. The latter is what the function mask is for: the expression is the template's text.
func cause(text string, mask func(string) string) string {
	at := ""
	if all := executionAt.FindAllStringIndex(text, -1); all != nil {
		text = "executing " + text[all[len(all)-1][1]:]
		if m := executing.FindStringSubmatch(text); m != nil {
			at, text = "at <"+m[1]+">: ", text[len(m[0]):]
		}
	}
	for {
		m := calling.FindStringIndex(text)
		if m == nil || strings.HasPrefix(text[m[1]:], "runtime error") {
			break
		}
		text = text[m[1]:]
	}
	if m := noTemplate.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("there is no template %q", m[1])
	}
	if m := notDefined.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("there is no template %q", m[1])
	}
	return at + mask(text)
}

func budgetCause(text string) string {
	if i := strings.LastIndex(text, trace.ErrBudget.Error()); i >= 0 {
		return text[i:]
	}
	return text
}

// requiredKey is the values key that the action around a place requires, starting from
// the root of the user's values. It is empty if not known.
func (r *rendering) requiredKey(t task, missing *trace.RequiredError, src *trace.Source, pos int) string {
	if k := missing.Key; k != nil && k.Object() == trace.ValuesObject {
		steps := r.keys.Global(k.Steps())
		if v, _ := r.keys.At(steps); v == nil || v == "" {
			return trace.JoinSteps(steps)
		}
	}
	if src == nil {
		return ""
	}
	steps := branch.RequiredKey(src, pos)
	if steps == nil {
		return ""
	}
	return trace.JoinSteps(append(valuesSteps(r.ownerOf(t, src)), steps...))
}

// keyPath matches what may be a key of the values in a message: database.name, .Values.database.name.
var keyPath = regexp.MustCompile(`(?:^|[\s"'` + "`" + `(:])\.?(?:Values\.)?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)`)

// keyNamedIn is the first key without a value that the message of a failing template names, from the root of the user's values: the values
// have a map that may hold it, and the template reads an entry with its last name. It is empty if there is none.
func (r *rendering) keyNamedIn(t task, message string, src *trace.Source) string {
	if src == nil || r.keys == nil {
		return ""
	}
	for _, m := range keyPath.FindAllStringSubmatch(message, -1) {
		own := strings.Split(m[1], ".")
		if !strings.Contains(src.Text, "."+own[len(own)-1]) {
			continue
		}
		steps := append(valuesSteps(r.ownerOf(t, src)), own...)
		above, _ := r.keys.At(steps[:len(steps)-1])
		if v, _ := r.keys.At(steps); trace.IsContainer(reflect.ValueOf(above)) && (v == nil || v == "") {
			return trace.JoinSteps(steps)
		}
	}
	return ""
}

// validate checks the values against the schemas of a chart and its subcharts.
func (r *rendering) validate(c *chart.Chart, vals map[string]any) {
	r.violated = map[string]bool{}
	eachSchema(c, vals, nil, func(c *chart.Chart, vals map[string]any, steps []string) {
		r.hasSchema = true
		r.validateOne(c, vals, steps)
	})
}

// eachSchema visits a chart and its subcharts that have a schema, with their values and the key of these.
func eachSchema(c *chart.Chart, vals map[string]any, steps []string, visit func(c *chart.Chart, vals map[string]any, steps []string)) {
	if c.Schema != nil {
		visit(c, vals, steps)
	}
	for _, d := range c.Dependencies() {
		if own, ok := vals[d.Name()].(map[string]any); ok {
			eachSchema(d, own, trace.Join(steps, d.Name()), visit)
		}
	}
}

// InvalidSchema begins the message of a schema that is invalid itself, whatever the values are.
const InvalidSchema = "invalid schema: "

func (r *rendering) validateOne(c *chart.Chart, vals map[string]any, steps []string) {
	file := r.keys.FileOf(c, "values.schema.json")
	err := r.checkSchema(c.Schema, vals)
	if err == nil {
		return
	}
	if errors.Is(err, trace.ErrBudget) {
		r.problem(lint.Problem{
			Code:     lint.CodeLimit,
			Position: lint.Position{File: file},
			Message:  "validating the values was stopped: " + strings.TrimPrefix(err.Error(), trace.ErrBudget.Error()+": "),
			Help:     "look for references that multiply, or schemas that are nested too deep",
		})
		return
	}
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		if outside, ok := errors.AsType[*jsonschema.LoadURLError](err); ok {
			r.note(lint.Problem{
				Position: lint.Position{File: file},
				Message:  "the values were not validated: the schema refers to " + schema.OutsideOf(c.Schema, outside.URL) + ", outside of the chart",
			})
			return
		}
		p := lint.Problem{Code: lint.CodeSchemaViolation, Position: lint.Position{File: file}, Message: InvalidSchema + trace.OneLine(err.Error())}
		if lacks, ok := errors.AsType[*jsonschema.JSONPointerNotFoundError](err); ok {
			ref, line := schema.Dangling(c.Schema, lacks)
			p.Line, p.Message = line, InvalidSchema+"it has no "+ref+", to which it refers"
			p.Help = "correct the reference, or add what it leads to; Helm refuses the chart with this schema"
		}
		r.problem(p)
		return
	}
	for _, v := range schema.Violations(invalid, nil) {
		at := trace.Join(steps, v.Steps...)
		r.violated[v.ID(at)] = true
		p := lint.Problem{
			Code:     lint.CodeSchemaViolation,
			Position: lint.Position{File: file},
			Message:  "values break the chart's schema: " + strings.TrimPrefix(trace.JoinSteps(at)+": "+v.Message, ": "),
			Help:     "helm refuses to install the chart with these values; correct the value or the schema",
		}
		if pos, ok := r.keys.Place(at); ok {
			p.Position = pos
		}
		if p.LacksValue = v.LacksValue(); p.LacksValue {
			p.Help = "helm refuses to install the chart without these values: give them with -f FILE or --set KEY=VALUE"
		}
		r.problem(p)
	}
}

// checkSchema validates values until the time is up. The library cannot be stopped, so it
// may continue after checkSchema returned.
func (r *rendering) checkSchema(text []byte, vals map[string]any) error {
	done := make(chan error, 1)
	go func() {
		_, err := r.chart.schemas.Check(text, vals)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-r.Budget.Done:
		return r.Budget.Stopped()
	}
}

// comparisonsForCost is how many comparisons of a schema cost about as much as a step of a template.
const comparisonsForCost = 4

// anyValue is a value for a key of which only the name is known.
const anyValue = "x"

// breaksSchema says how a schema refuses other values that accepts those of the rendering.
func (r *rendering) breaksSchema(set []lint.Step, over []values.Setting) (how string, cost int) {
	if !r.hasSchema {
		return "", 0
	}
	vals := r.merged.values
	for i, s := range over {
		if set[i].Set == "" {
			s.Value = anyValue
		}
		if !isPlain(s.Value) {
			return "", 0
		}
		if vals = withValue(vals, s.Steps, s.Value); vals == nil {
			return "", 0
		}
	}
	eachSchema(r.merged.chart, vals, nil, func(c *chart.Chart, vals map[string]any, steps []string) {
		if how != "" {
			return
		}
		work, err := r.chart.schemas.Check(c.Schema, vals)
		cost += 1 + work/comparisonsForCost
		invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
		if !ok {
			return
		}
		for _, v := range schema.Violations(invalid, nil) {
			at := trace.Join(steps, v.Steps...)
			if !r.violated[v.ID(at)] {
				how = cmp.Or(how, v.Refusal(at, set[0]))
			}
		}
	})
	return how, cost
}
