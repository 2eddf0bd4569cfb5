package helm

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
)

var (
	parseError   = regexp.MustCompile(`^template: (.+?):(\d+)(?::(\d+))?: (?s:(.*))$`)
	executionAt  = regexp.MustCompile(`template: ([^\s"]+?):(\d+):(\d+): executing `)
	executing    = regexp.MustCompile(`^executing ".*?" at <.*?>: `)
	calling      = regexp.MustCompile(`^error calling ([\w]+): `)
	noTemplate   = regexp.MustCompile(`no template "([^"]*)" associated with template "[^"]*"`)
	notDefined   = regexp.MustCompile(`template "([^"]*)" not defined`)
	valuesInText = regexp.MustCompile(`(?:^|[^\w.])\$?\.Values((?:\.[A-Za-z_][\w]*)+)`)
)

// requiredError is a missing value that a chart insists on, or a fail.
type requiredError struct{ message string }

func (e *requiredError) Error() string { return e.message }

func required(message string, v any) (any, error) {
	if s, ok := v.(string); v == nil || ok && s == "" {
		return v, &requiredError{message}
	}
	return v, nil
}

// parseProblem places a template's syntax error.
func (r *rendering) parseProblem(t task, err error) lint.Problem {
	p := lint.Problem{
		Position: lint.Position{File: t.src.file},
		Message:  "invalid template: " + err.Error(),
		Help:     "correct the template; the others of the chart were rendered without it",
	}
	if m := parseError.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[2])
		p.Message = "invalid template: " + m[4]
	}
	return p
}

// maxDetail bounds what is kept of an error: the end, which tells the cause.
const maxDetail = 4096

// executionProblem places an error at the innermost line that is known, and
// shortens it to its cause.
func (r *rendering) executionProblem(t task, err error) lint.Problem {
	text := err.Error()
	p := lint.Problem{
		Position: lint.Position{File: t.src.file},
		Help:     "correct the template, or give the values that it needs; the others of the chart were rendered",
		Detail:   strings.ToValidUTF8(text[max(len(text)-maxDetail, 0):], ""),
	}
	src, pos := r.errorPlace(text, &p)
	if at, ok := errors.AsType[*markError](err); ok && at.site.src.file != "" {
		p.Position, _ = position(at.site.src, at.site.pos, at.site.pos)
	}
	p.Message = cause(text)
	var missing *requiredError
	tooMuch := errors.Is(err, errBudget)
	switch {
	case tooMuch:
		p.Message = fmt.Sprintf("rendering %s was stopped: %s", t.name, strings.TrimPrefix(budgetCause(text), errBudget.Error()+": "))
		p.Help = "look for a template that includes itself, a value that holds itself, or a loop that does not end"
	case errors.As(err, &missing):
		p.Message = missing.message
		if key := r.requiredKey(src, pos); key != "" {
			p.Message = fmt.Sprintf("required value %s is missing: %s", key, strings.TrimSpace(missing.message))
			p.Help = fmt.Sprintf("give it with -f FILE or --set %s=VALUE", key)
		} else {
			p.Help = "give the values that the chart asks for with -f FILE or --set KEY=VALUE"
		}
	}
	p.Message = oneLine(p.Message)
	if p.File != t.src.file {
		p.Message += ", rendering " + t.src.file
	}
	return p
}

// lacksTemplate reports whether an error is about a helper that is not there.
func lacksTemplate(err error) bool {
	text := err.Error()
	return noTemplate.MatchString(text) || notDefined.MatchString(text)
}

// incompleteProblem is one problem for all templates that call helpers which a
// missing dependency would have brought.
func (r *rendering) incompleteProblem(files []string) lint.Problem {
	slices.Sort(files)
	what := fmt.Sprintf("%d templates were", len(files))
	if len(files) == 1 {
		what = files[0] + " was"
	}
	return lint.Problem{
		Position: lint.Position{File: r.chart.Dir + "/Chart.yaml"},
		Message:  fmt.Sprintf("%s not rendered for want of helpers of missing dependencies (%s)", what, strings.Join(r.chart.missing, ", ")),
		Help:     "run helm dependency build " + r.chart.Dir,
		Detail:   strings.Join(files, "\n"),
	}
}

// errorPlace finds the innermost template file named in an error.
func (r *rendering) errorPlace(text string, p *lint.Problem) (src *source, pos int) {
	all := executionAt.FindAllStringSubmatch(text, -1)
	for _, a := range slices.Backward(all) {
		s := r.sources[a[1]]
		if s == nil {
			continue // a string given to tpl
		}
		line, _ := strconv.Atoi(a[2])
		column, _ := strconv.Atoi(a[3]) // bytes, from 0
		p.File, p.Line = s.file, line
		l := s.lineText(line)
		if column <= len(l) {
			p.Column = utf8.RuneCountInString(l[:column]) + 1
		}
		return s, s.starts[min(line, len(s.starts))-1] + column
	}
	return nil, 0
}

// cause takes off an error what leads to it.
func cause(text string) string {
	if all := executionAt.FindAllStringIndex(text, -1); all != nil {
		text = "executing " + text[all[len(all)-1][1]:]
		text = executing.ReplaceAllString(text, "")
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
	return text
}

func budgetCause(text string) string {
	if i := strings.LastIndex(text, errBudget.Error()); i >= 0 {
		return text[i:]
	}
	return text
}

// requiredKey is the values key that the action around a place names, from the
// root of the values as a user gives them.
func (r *rendering) requiredKey(src *source, pos int) string {
	if src == nil {
		return ""
	}
	from, to := actionSpan(src.text, pos)
	action := src.text[from:to]
	if !strings.Contains(action, "required") {
		return ""
	}
	m := valuesInText.FindAllStringSubmatch(action, -1)
	if len(m) != 1 {
		return ""
	}
	return strings.TrimPrefix(valuesPrefix(src.owner)+m[0][1], ".")
}

// valuesPrefix is the path of a chart's values in those of the root.
func valuesPrefix(owner string) string {
	steps := valuesSteps(owner)
	if len(steps) == 0 {
		return ""
	}
	return "." + strings.Join(steps, ".")
}

func oneLine(s string) string {
	const limit = 400
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > limit {
		cut := limit
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + " …"
	}
	return s
}

// actionSpan is the {{ … }} around an offset of a template.
func actionSpan(text string, pos int) (from, to int) {
	pos = min(max(pos, 0), len(text))
	from = strings.LastIndex(text[:pos], "{{")
	if from < 0 {
		from = pos
	}
	for i := max(from, 0); i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '`' || c == '\'':
			i = skipQuoted(text, i)
		case c == '}' && strings.HasPrefix(text[i:], "}}"):
			return from, i + 2
		}
	}
	return from, len(text)
}

// skipQuoted is the offset of the quote that ends the one at i.
func skipQuoted(text string, i int) int {
	q := text[i]
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == '\\' && q != '`':
			j++
		case text[j] == q:
			return j
		case text[j] == '\n' && q != '`':
			return i
		}
	}
	return i
}
