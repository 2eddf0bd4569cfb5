package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// Options is what the formats need besides the report. None has to be set.
type Options struct {
	// Text is for the formats text and terminal alone.
	Text TextOptions
	// Doc gives the documentation of a rule: paragraphs of plain text.
	Doc func(ruleID string) string
	// HelpURI gives the web page of a rule. Empty: it has none.
	HelpURI func(ruleID string) string
	// Tool is what JSON and SARIF say of the program. The zero Tool: nothing.
	Tool lint.Tool
	// Prefix is the path of the working directory relative to the root of the
	// repository, with forward slashes. What a forge reads names files from there.
	Prefix string
}

// A FormatTable lists formats with what writes them, in the order in which users see
// them. R is what is written, and O is what the formats need besides.
type FormatTable[R, O any] []struct {
	Name  string
	Write func(out io.Writer, r R, opts O) error
}

// Names lists the formats.
func (t FormatTable[R, O]) Names() []string {
	l := make([]string, len(t))
	for i, f := range t {
		l[i] = f.Name
	}
	return l
}

// Write writes r in the format of that name. The error of an unknown format lists the
// known ones.
func (t FormatTable[R, O]) Write(format string, out io.Writer, r R, opts O) error {
	for _, f := range t {
		if f.Name == format {
			return f.Write(out, r, opts)
		}
	}
	return fmt.Errorf("unknown format %q; want %s", format, strings.Join(t.Names(), ", "))
}

// formats is the formats of findings.
var formats = FormatTable[*lint.Report, Options]{
	{"text", func(out io.Writer, r *lint.Report, opts Options) error { return Text(out, r, opts.Text) }},
	{"terminal", func(out io.Writer, r *lint.Report, opts Options) error {
		text := opts.Text
		text.Columns = cmp.Or(text.Columns, defaultColumns)
		return Text(out, r, text)
	}},
	{"json", func(out io.Writer, r *lint.Report, opts Options) error { return JSON(out, r, opts.Tool) }},
	{"sarif", func(out io.Writer, r *lint.Report, opts Options) error {
		return SARIF(out, r, SARIFOptions{Doc: opts.Doc, HelpURI: opts.HelpURI, Version: opts.Tool.Version, Prefix: opts.Prefix})
	}},
	{"junit", func(out io.Writer, r *lint.Report, opts Options) error { return JUnit(out, r, opts.Prefix) }},
	{"github", func(out io.Writer, r *lint.Report, opts Options) error { return GitHub(out, r, opts.Prefix) }},
	{"gitlab", func(out io.Writer, r *lint.Report, opts Options) error { return GitLab(out, r, opts.Prefix) }},
	{"checkstyle", func(out io.Writer, r *lint.Report, _ Options) error { return Checkstyle(out, r) }},
	{"markdown", func(out io.Writer, r *lint.Report, opts Options) error { return Markdown(out, r, opts.Prefix) }},
	{"html", func(out io.Writer, r *lint.Report, opts Options) error { return HTML(out, r, opts.HelpURI) }},
}

// Formats lists the names that Write takes.
func Formats() []string { return formats.Names() }

// Write writes a report in the format of that name.
func Write(format string, out io.Writer, r *lint.Report, opts Options) error {
	return formats.Write(format, out, r, opts)
}

// WriteJSON writes a value as indented JSON in which every control and invisible
// character of a text is an escape.
func WriteJSON(out io.Writer, v any) error {
	text, err := appendJSON(nil, "", v)
	if err != nil {
		return err
	}
	_, err = out.Write(append(text, '\n'))
	return err
}

// appendJSON appends a value as it is written within lines that begin with indent.
func appendJSON(b []byte, indent string, v any) ([]byte, error) {
	var buffer bytes.Buffer
	enc := json.NewEncoder(&buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return appendIndented(b, indent, plain.EscapeJSON(bytes.TrimSuffix(buffer.Bytes(), []byte("\n")))), nil
}

// appendIndented appends what encoding/json wrote, indented as json.Indent does it, in a
// fraction of its time: it need not look for faults.
func appendIndented(b []byte, indent string, compact []byte) []byte {
	depth := 0
	line := func() {
		b = append(append(b, '\n'), indent...)
		for range depth {
			b = append(b, ' ', ' ')
		}
	}
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			end := i + 1
			for compact[end] != '"' {
				if compact[end] == '\\' {
					end++
				}
				end++
			}
			b = append(b, compact[i:end+1]...)
			i = end
		case '{', '[':
			b = append(b, c)
			if compact[i+1] == c+2 { // {} and [] stay
				i++
				b = append(b, c+2)
				continue
			}
			depth++
			line()
		case '}', ']':
			depth--
			line()
			b = append(b, c)
		case ',':
			b = append(b, c)
			line()
		case ':':
			b = append(b, c, ' ')
		default:
			b = append(b, c)
		}
	}
	return b
}

// writeJSONList writes a list as WriteJSON does, but one element after the other: a
// report may be larger than the memory.
func writeJSONList(out io.Writer, indent string, list iter.Seq[any]) error {
	begin := "["
	for v := range list {
		text, err := appendJSON([]byte(begin+"\n  "+indent), "  "+indent, v)
		if err != nil {
			return err
		}
		if _, err := out.Write(text); err != nil {
			return err
		}
		begin = ","
	}
	end := "[]"
	if begin == "," {
		end = "\n" + indent + "]"
	}
	_, err := io.WriteString(out, end)
	return err
}

// each gives a list to write.
func each[T any](list iter.Seq[T], written func(T) any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for v := range list {
			if !yield(written(v)) {
				return
			}
		}
	}
}

// writeXML writes a document of its own, line by line.
func writeXML(out io.Writer, v any) error {
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	lines := &escapedLines{out: out, escape: plain.EscapeXML}
	enc := xml.NewEncoder(lines)
	enc.Indent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := lines.Write([]byte("\n"))
	return err
}

// escapedLines escapes whole lines and writes them. What comes behind the last line
// break is kept back.
type escapedLines struct {
	out    io.Writer
	escape func([]byte) []byte
	rest   []byte
}

func (l *escapedLines) Write(b []byte) (int, error) {
	l.rest = append(l.rest, b...)
	end := bytes.LastIndexByte(l.rest, '\n') + 1
	if end == 0 {
		return len(b), nil
	}
	if _, err := l.out.Write(l.escape(l.rest[:end])); err != nil {
		return 0, err
	}
	l.rest = append(l.rest[:0], l.rest[end:]...)
	return len(b), nil
}

// fromRoot gives a copy of the report that names files from the root of the
// repository. Rendered lines keep their name: it is no path.
func fromRoot(r *lint.Report, prefix string) *lint.Report {
	if path.Clean(prefix) == "." {
		return r
	}
	moved := func(p lint.Position) lint.Position { return p.Under(prefix) }
	problems := func(l []lint.Problem) []lint.Problem {
		l = slices.Clone(l)
		for i := range l {
			l[i].Position = moved(l[i].Position)
		}
		return l
	}
	c := *r.Changed(func(f *lint.Finding) *lint.Finding { return movedFinding(f, moved) })
	c.Problems, c.Accepted, c.Notes = problems(r.Problems), problems(r.Accepted), problems(r.Notes)
	return &c
}

// movedFinding gives a copy of a finding with other positions.
func movedFinding(f *lint.Finding, moved func(lint.Position) lint.Position) *lint.Finding {
	g := *f
	g.Origin.Position = moved(f.Origin.Position)
	g.Origin.Trail = slices.Clone(f.Origin.Trail)
	for i, s := range g.Origin.Trail {
		if s.Kind != lint.StepRendered {
			g.Origin.Trail[i].Position = moved(s.Position)
		}
	}
	g.Related = slices.Clone(f.Related)
	for i := range g.Related {
		g.Related[i].Position = moved(g.Related[i].Position)
	}
	if f.Ignored != nil {
		ignored := *f.Ignored
		ignored.Position = moved(ignored.Position)
		g.Ignored = &ignored
	}
	return &g
}

// isAbs reports an absolute path with forward slashes, on Windows too.
func isAbs(file string) bool {
	return path.IsAbs(file) || len(file) > 2 && file[1] == ':' && file[2] == '/'
}

// place is where a format that needs a file shows a finding: where it is, or
// else the nearest known file that had a part in it.
func place(f *lint.Finding) lint.Position {
	if f.Origin.File != "" {
		return f.Origin.Position
	}
	for _, s := range f.Origin.Trail {
		if s.Kind != lint.StepRendered && s.Position.File != "" {
			return s.Position
		}
	}
	return lint.Position{}
}

// worst gives at most n findings, the worst first, otherwise in their order.
func worst(findings iter.Seq[*lint.Finding], n int) []*lint.Finding {
	l := firstOfEach(findings, n)
	return l[:min(n, len(l))]
}

// firstOfEach gives the first n findings of each severity, the worst first.
func firstOfEach(findings iter.Seq[*lint.Finding], n int) []*lint.Finding {
	var bySeverity [lint.Low + 1][]*lint.Finding
	for f := range findings {
		if l := &bySeverity[f.Severity]; len(*l) < n {
			*l = append(*l, f)
		}
	}
	return slices.Concat(bySeverity[:]...)
}

// tally counts findings by severity.
type tally lint.Tally

func tallyOf(findings []*lint.Finding) (t tally) {
	for _, f := range findings {
		t[f.Severity]++
	}
	return t
}

// minus is what is left after some were taken.
func (t tally) minus(u tally) tally {
	for i, n := range u {
		t[i] -= n
	}
	return t
}

func (t tally) total() int { return lint.Tally(t).Total() }

// String gives "3 findings (1 critical, 2 low)".
func (t tally) String() string {
	var l []string
	for _, s := range lint.Severities {
		if n := t[s]; n > 0 {
			l = append(l, strconv.Itoa(n)+" "+s.String())
		}
	}
	s := lint.Count(t.total(), "finding")
	if len(l) > 0 {
		s += " (" + strings.Join(l, ", ") + ")"
	}
	return s
}

// verdict is the report in one line. It says in how many objects: "nothing
// found" must not look like "nothing read".
func verdict(r *lint.Report) string {
	return fmt.Sprintf("%s, %s%s in %s%s%s", tally(r.Tally()), lint.Count(len(r.Problems), "problem"), acceptedCount(r), lint.Count(r.Summary.Objects, "object"),
		ignoredCount(r), interrupted(r))
}

// interrupted ends a summary of an incomplete run.
func interrupted(r *lint.Report) string {
	if r.Summary.Interrupted {
		return "; interrupted"
	}
	return ""
}

// evidence is what explains a finding, as lines of plain text.
func evidence(f *lint.Finding) []string {
	var l []string
	for _, s := range f.CommonTrail() {
		l = append(l, stepNames[s.Kind]+": "+step(s))
	}
	for _, rel := range f.Related {
		l = append(l, "see: "+step(lint.Step{Position: rel.Position, Label: rel.Label}))
	}
	for _, line := range objectLines(f, maxShown) {
		l = append(l, "object: "+line)
	}
	return append(l, "fix: "+f.Fix.Title)
}

// problemText is a problem with what to do about it.
func problemText(p lint.Problem) string {
	if p.Help == "" {
		return p.Message
	}
	return p.Message + "\nhelp: " + p.Help
}

// cut shortens a text to n characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}
