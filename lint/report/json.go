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

// The JSON form of a report, but for findings: see jsonText. docs/json.md describes it and
// docs/report.schema.json is its schema: a field is never renamed or taken away within one
// version.
type (
	jsonIgnored struct {
		By     string `json:"by"`
		Reason string `json:"reason"`
		Until  string `json:"until,omitempty"`
		File   string `json:"file,omitempty"`
		Line   int    `json:"line,omitempty"`
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
	problems := func(p lint.Problem) any { return newJSONProblem(lint.MapStrings(p, plain.Field)) }
	w.field("version", 1)
	if tool != (lint.Tool{}) {
		w.field("tool", tool)
	}
	w.findings("findings", r.All())
	w.findings("ignored", r.AllIgnored())
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

func (w *jsonWriter) findings(name string, list iter.Seq[*lint.Finding]) {
	w.name(name)
	t := jsonText{depth: 1}
	t.begin('[')
	for f := range list {
		if w.err != nil {
			return
		}
		t.element()
		t.plainFinding(f)
		_, w.err = w.out.Write(t.text)
		t.text = t.text[:0]
	}
	t.end(']')
	w.text(string(t.text))
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
