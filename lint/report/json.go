package report

import (
	"bufio"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// The JSON form of a report. docs/json.md describes it and docs/report.schema.json
// is its schema: a field is never renamed or taken away within one version.
type (
	jsonFinding struct {
		Rule      string         `json:"rule"`
		Severity  string         `json:"severity"`
		Message   string         `json:"message"`
		Object    *jsonObject    `json:"object,omitempty"`
		Objects   []jsonObject   `json:"objects,omitempty"`
		Container string         `json:"container,omitempty"`
		Path      string         `json:"path"`
		Location  jsonLocation   `json:"location"`
		Trail     []jsonStep     `json:"trail"`
		Related   []jsonLocation `json:"related,omitempty"`
		Units     []string       `json:"units"`
		// Occurrences is everything in which the finding shows.
		Occurrences []jsonOccurrence `json:"occurrences,omitempty"`
		Fingerprint string           `json:"fingerprint"`
		Fix         string           `json:"fix"`
		Ignored     *jsonIgnored     `json:"ignored,omitempty"`
	}
	jsonOccurrence struct {
		Object      jsonObject `json:"object"`
		Container   string     `json:"container,omitempty"`
		Path        string     `json:"path"`
		Message     string     `json:"message,omitempty"`
		Units       []string   `json:"units"`
		Fingerprint string     `json:"fingerprint"`
		// Trail is left out where it is the finding's.
		Trail []jsonStep `json:"trail,omitempty"`
	}
	jsonIgnored struct {
		By     string `json:"by"`
		Reason string `json:"reason"`
		Until  string `json:"until,omitempty"`
		File   string `json:"file,omitempty"`
		Line   int    `json:"line,omitempty"`
	}
	jsonObject struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Namespace  string `json:"namespace,omitempty"`
		Name       string `json:"name"`
	}
	jsonLocation struct {
		File      string `json:"file"`
		Line      int    `json:"line,omitempty"`
		Column    int    `json:"column,omitempty"`
		EndColumn int    `json:"endColumn,omitempty"`
		Precision string `json:"precision,omitempty"`
		Label     string `json:"label,omitempty"`
	}
	jsonStep struct {
		Kind   string `json:"kind"`
		File   string `json:"file,omitempty"`
		Line   int    `json:"line,omitempty"`
		Column int    `json:"column,omitempty"`
		Label  string `json:"label,omitempty"`
		// Missing is set for a values key that has to be added.
		Missing bool `json:"missing,omitempty"`
	}
	jsonProblem struct {
		// Code is left out for notes.
		Code    string `json:"code,omitempty"`
		File    string `json:"file,omitempty"`
		Line    int    `json:"line,omitempty"`
		Column  int    `json:"column,omitempty"`
		Message string `json:"message"`
		Help    string `json:"help,omitempty"`
		// Accepted says by what the problem is accepted, and why.
		Accepted *jsonIgnored `json:"accepted,omitempty"`
	}
	jsonSummary struct {
		Files     int `json:"files"`
		Manifests int `json:"manifests"`
		Charts    int `json:"charts"`
		Scenarios int `json:"scenarios"`
		Overlays  int `json:"overlays"`
		Objects   int `json:"objects"`
		// Documents is files that hold no objects and that rules look at.
		Documents int        `json:"documents"`
		Skipped   []jsonSkip `json:"skipped"`
		// Unrendered is templates from which no scenario printed anything.
		Unrendered []string       `json:"unrendered"`
		Findings   map[string]int `json:"findings"`
		Ignored    int            `json:"ignored"`
		Problems   int            `json:"problems"`
		// Interrupted is set if the run was ended before its time.
		Interrupted bool `json:"interrupted,omitempty"`
	}
	jsonSkip struct {
		File   string `json:"file"`
		Reason string `json:"reason"`
	}
)

// JSON writes a report for programs. The zero Tool is left out.
func JSON(out io.Writer, r *lint.Report, tool lint.Tool) error {
	buffered := bufio.NewWriterSize(out, 1<<16)
	w := &jsonWriter{out: buffered}
	findings := func(f *lint.Finding) any { return newJSONFinding(lint.MapStrings(f, plain.Field)) }
	problems := func(p lint.Problem) any { return newJSONProblem(lint.MapStrings(p, plain.Field)) }
	w.field("version", 1)
	if tool != (lint.Tool{}) {
		w.field("tool", tool)
	}
	w.list("findings", each(r.All(), findings))
	w.list("ignored", each(r.AllIgnored(), findings))
	w.list("problems", each(slices.Values(r.Problems), problems))
	w.list("accepted", each(slices.Values(r.Accepted), problems)) // problems that the team lives with
	w.list("notes", each(slices.Values(r.Notes), problems))
	w.field("summary", newJSONSummary(r))
	w.text("\n}\n")
	if w.err != nil {
		return w.err
	}
	return buffered.Flush()
}

// jsonWriter writes the fields of the report, in the form of WriteJSON. After the
// first error it does nothing.
type jsonWriter struct {
	out   io.Writer
	begun bool
	err   error
}

func (w *jsonWriter) text(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.out, s)
	}
}

func (w *jsonWriter) name(name string) {
	before := ","
	if !w.begun {
		before, w.begun = "{", true
	}
	w.text(before + "\n  \"" + name + "\": ")
}

func (w *jsonWriter) field(name string, v any) {
	w.name(name)
	if w.err == nil {
		var text []byte
		text, w.err = appendJSON(nil, "  ", v)
		w.text(string(text))
	}
}

func (w *jsonWriter) list(name string, list iter.Seq[any]) {
	w.name(name)
	if w.err == nil {
		w.err = writeJSONList(w.out, "  ", list)
	}
}

func newJSONSummary(r *lint.Report) jsonSummary {
	s := lint.MapStrings(r.Summary, plain.Field)
	j := jsonSummary{
		Files: s.Files, Manifests: s.Manifests, Charts: s.Charts, Scenarios: s.Scenarios, Overlays: s.Overlays, Objects: s.Objects, Documents: s.Documents,
		Skipped: []jsonSkip{}, Unrendered: append([]string{}, s.Unrendered...), Findings: map[string]int{}, Ignored: r.CountIgnored(), Problems: s.Problems,
		Interrupted: s.Interrupted,
	}
	for _, skip := range s.Skipped {
		j.Skipped = append(j.Skipped, jsonSkip(skip))
	}
	for _, severity := range lint.Severities {
		j.Findings[severity.String()] = s.Findings[severity]
	}
	return j
}

func jsonTrail(trail []lint.Step) []jsonStep {
	var l []jsonStep
	for _, s := range trail {
		l = append(l, jsonStep{
			Kind: string(s.Kind), File: s.Position.File, Line: s.Position.Line, Column: s.Position.Column, Label: s.Label, Missing: s.Missing,
		})
	}
	return l
}

func newJSONFinding(f *lint.Finding) jsonFinding {
	o := f.Origin
	j := jsonFinding{
		Rule: f.Rule.ID, Severity: f.Severity.String(), Message: f.Message,
		Container: f.Container, Path: f.Path,
		Location: jsonLocation{
			File: o.File, Line: o.Line, Column: o.Column, EndColumn: o.EndColumn, Precision: o.Precision.String(),
		},
		Trail: []jsonStep{}, Units: append([]string{}, f.Units()...), Fingerprint: f.Fingerprint, Fix: f.Fix.Title,
		Occurrences: jsonOccurrences(f),
	}
	if f.Object != (lint.ObjectRef{}) {
		j.Object = (*jsonObject)(&f.Object)
	}
	if i := f.Ignored; i != nil {
		j.Ignored = newJSONIgnored(i)
	}
	if objects := f.Objects(); len(objects) > 1 {
		for _, o := range objects {
			j.Objects = append(j.Objects, jsonObject(o))
		}
	}
	j.Trail = append(j.Trail, jsonTrail(o.Trail)...)
	for _, rel := range f.Related {
		j.Related = append(j.Related, jsonLocation{
			File: rel.File, Line: rel.Line, Column: rel.Column, EndColumn: rel.EndColumn, Label: rel.Label,
		})
	}
	return j
}

func newJSONProblem(p lint.Problem) jsonProblem {
	j := jsonProblem{Code: string(p.Code), File: p.File, Line: p.Line, Column: p.Column, Message: p.Message, Help: p.Help}
	if p.Accepted != nil {
		j.Accepted = newJSONIgnored(p.Accepted)
	}
	return j
}

func newJSONIgnored(i *lint.Ignored) *jsonIgnored {
	j := &jsonIgnored{By: string(i.By), Reason: i.Reason, File: i.Position.File, Line: i.Position.Line}
	if !i.Until.IsZero() {
		j.Until = i.Until.Format(time.DateOnly)
	}
	return j
}
