package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// jsonText is a part of a report in JSON, in the form of WriteJSON. Findings are most of a
// report, and to write them field by field takes a fraction of the time that
// encoding/json takes.
type jsonText struct {
	text []byte
	// depth is how deep what follows is nested.
	depth int
	// filled is set if the innermost list or object has elements.
	filled bool
	// odd is set if a text was written that Plain may change.
	odd bool
}

// begin begins a list or an object.
func (t *jsonText) begin(bracket byte) {
	t.text = append(t.text, bracket)
	t.depth++
	t.filled = false
}

// end ends the innermost list or object.
func (t *jsonText) end(bracket byte) {
	t.depth--
	if t.filled {
		t.line()
	}
	t.text = append(t.text, bracket)
	t.filled = true
}

func (t *jsonText) line() {
	t.text = append(t.text, '\n')
	for range t.depth {
		t.text = append(t.text, ' ', ' ')
	}
}

// element begins an element of a list.
func (t *jsonText) element() {
	if t.filled {
		t.text = append(t.text, ',')
	}
	t.line()
	t.filled = true
}

// name begins a field of an object.
func (t *jsonText) name(name string) {
	t.element()
	t.text = append(append(append(t.text, '"'), name...), '"', ':', ' ')
}

// field is a field with a text.
func (t *jsonText) field(name, value string) {
	t.name(name)
	t.quote(value)
}

// optional is a field that is left out if it is empty.
func (t *jsonText) optional(name, value string) {
	if value != "" {
		t.field(name, value)
	}
}

// number is a field that is left out if it is zero.
func (t *jsonText) number(name string, n int) {
	if n != 0 {
		t.name(name)
		t.text = strconv.AppendInt(t.text, int64(n), 10)
	}
}

// quote writes a text. Those that are not ordinary take the way of all other values.
func (t *jsonText) quote(s string) {
	if !plain.IsOrdinary(s) {
		t.odd = true
		text, _ := appendJSON(nil, "", s) // a text has no fault
		t.text = append(t.text, text...)
		return
	}
	t.text = append(t.text, '"')
	for {
		i := strings.IndexByte(s, '"')
		if j := strings.IndexByte(s, '\\'); i < 0 || j >= 0 && j < i {
			i = j
		}
		if i < 0 {
			break
		}
		t.text = append(append(t.text, s[:i]...), '\\', s[i])
		s = s[i+1:]
	}
	t.text = append(append(t.text, s...), '"')
}

// plainFinding writes a finding with texts that are safe to print. Most are: only if one may
// not be, the finding is written again with all texts changed.
func (t *jsonText) plainFinding(f *lint.Finding) {
	start := len(t.text)
	t.odd = false
	if t.finding(f); t.odd {
		t.text = t.text[:start]
		t.finding(lint.MapStrings(f, plain.Field))
	}
}

func (t *jsonText) finding(f *lint.Finding) {
	t.begin('{')
	t.field("rule", f.Rule.ID)
	t.field("severity", f.Severity.String())
	t.field("message", f.Message)
	if f.Object != (lint.ObjectRef{}) {
		t.name("object")
		t.object(f.Object)
	}
	if objects := f.Objects(); len(objects) > 1 {
		t.name("objects")
		t.begin('[')
		for _, o := range objects {
			t.element()
			t.object(o)
		}
		t.end(']')
	}
	t.optional("container", f.Container)
	t.field("path", f.Path)
	t.name("location")
	t.location(f.Origin.Position, f.Origin.Precision.String(), "")
	t.name("trail")
	t.trail(f.Origin.Trail)
	if len(f.Related) > 0 {
		t.name("related")
		t.begin('[')
		for _, r := range f.Related {
			t.element()
			t.location(r.Position, "", r.Label)
		}
		t.end(']')
	}
	t.units(f.Units())
	t.occurrences(f)
	t.field("fingerprint", f.Fingerprint)
	t.field("fix", f.Fix.Title)
	if f.Ignored != nil {
		t.name("ignored")
		t.ignored(newJSONIgnored(f.Ignored))
	}
	t.end('}')
}

func (t *jsonText) object(o lint.ObjectRef) {
	t.begin('{')
	t.field("apiVersion", o.APIVersion)
	t.field("kind", o.Kind)
	t.optional("namespace", o.Namespace)
	t.field("name", o.Name)
	t.end('}')
}

func (t *jsonText) location(p lint.Position, precision, label string) {
	t.begin('{')
	t.field("file", p.File)
	t.number("line", p.Line)
	t.number("column", p.Column)
	t.number("endColumn", p.EndColumn)
	t.optional("precision", precision)
	t.optional("label", label)
	t.end('}')
}

func (t *jsonText) trail(trail []lint.Step) {
	t.begin('[')
	for _, s := range trail {
		t.element()
		t.begin('{')
		t.field("kind", string(s.Kind))
		t.optional("file", s.Position.File)
		t.number("line", s.Position.Line)
		t.number("column", s.Position.Column)
		t.optional("label", s.Label)
		if s.Missing { // a values key that has to be added
			t.name("missing")
			t.text = append(t.text, "true"...)
		}
		t.end('}')
	}
	t.end(']')
}

func (t *jsonText) units(names []string) {
	t.name("units")
	t.begin('[')
	for _, name := range names {
		t.element()
		t.quote(name)
	}
	t.end(']')
}

// occurrences is everything in which the finding shows. It is left out if that is one.
func (t *jsonText) occurrences(f *lint.Finding) {
	if len(f.Occurrences) < 2 {
		return
	}
	all := occurrencesOf(f)
	if len(all) < 2 {
		return
	}
	t.name("occurrences")
	t.begin('[')
	for _, s := range all {
		t.element()
		t.begin('{')
		t.name("object")
		t.object(s.Object)
		t.optional("container", s.Container)
		t.field("path", s.Path)
		t.optional("message", s.Message)
		var units []string
		for _, o := range s.units {
			if name := o.Unit(); !slices.Contains(units, name) {
				units = append(units, name)
			}
		}
		t.units(units)
		t.field("fingerprint", s.Fingerprint)
		if len(s.Trail) > 0 { // else it is the finding's
			t.name("trail")
			t.trail(s.Trail)
		}
		t.end('}')
	}
	t.end(']')
}

func (t *jsonText) ignored(i *jsonIgnored) {
	t.begin('{')
	t.field("by", i.By)
	t.field("reason", i.Reason)
	t.optional("until", i.Until)
	t.optional("file", i.File)
	t.number("line", i.Line)
	t.end('}')
}
