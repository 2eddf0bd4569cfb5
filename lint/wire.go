package lint

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/kubevet/kubevet/lint/packed"
	"github.com/kubevet/kubevet/lint/texts"
)

// The JSON of this file is that of findings, problems and summaries without loss. Problems
// and summaries pass from one kubevet process to another as JSON, findings packed: see
// Pack. It may change with every version; the format that users read is that of package
// report.
//
// A Finding names its rule by ID. The reader puts the rule of its own set in
// its place.

// plainFinding is a Finding without its methods.
type plainFinding Finding

// wireFinding is a Finding as JSON has it.
type wireFinding struct {
	Rule   string // in place of the rule
	Stable string `json:",omitzero"`
	*plainFinding
}

// MarshalJSON writes the finding without loss, with its rule by ID.
func (f *Finding) MarshalJSON() ([]byte, error) {
	g := encodeStrings(plainFinding(*f))
	return json.Marshal(wireFinding{f.Rule.ID, texts.Escape(f.stable), &g})
}

// UnmarshalJSON reads what MarshalJSON wrote. The rule has nothing but an ID.
func (f *Finding) UnmarshalJSON(data []byte) error {
	*f = Finding{}
	w := wireFinding{plainFinding: (*plainFinding)(f)}
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	decodeStrings(f)
	f.Rule, f.stable = &Rule{ID: w.Rule}, texts.Unescape(w.Stable)
	return nil
}

type plainProblem Problem

// MarshalJSON writes the problem without loss.
func (p Problem) MarshalJSON() ([]byte, error) { //nolint:recvcheck // UnmarshalJSON changes it
	return json.Marshal(encodeStrings(plainProblem(p)))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Problem) UnmarshalJSON(data []byte) error {
	*p = Problem{}
	if err := json.Unmarshal(data, (*plainProblem)(p)); err != nil {
		return err
	}
	decodeStrings(p)
	return nil
}

type plainSummary Summary

// MarshalJSON writes the summary without loss.
func (s Summary) MarshalJSON() ([]byte, error) { //nolint:recvcheck // UnmarshalJSON changes it
	return json.Marshal(encodeStrings(plainSummary(s)))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Summary) UnmarshalJSON(data []byte) error {
	*s = Summary{}
	if err := json.Unmarshal(data, (*plainSummary)(s)); err != nil {
		return err
	}
	decodeStrings(s)
	return nil
}

// encodeStrings gives a value with all strings made valid UTF-8.
func encodeStrings[T any](v T) T {
	return MapStrings(v, func(_, s string) string { return texts.Escape(s) })
}

func decodeStrings[T any](v *T) {
	*v = MapStrings(*v, func(_, s string) string { return texts.Unescape(s) })
}

var ruleType = reflect.TypeFor[*Rule]()

// MapStrings gives a report, a finding or a part of either in which each text is what
// f makes of it and of the name of the field that it is in. Rules stay as they are.
// What v refers to is not changed: what f changes is in copies, and all else is shared.
func MapStrings[T any](v T, f func(field, text string) string) T { return texts.Map(v, f, ruleType) }

// Visit goes through all fields of a finding. The rule is visited by its ID. The position
// comes first, since findings are sorted by it without reading the rest.
func (f *Finding) Visit(v packed.Visitor, rule *string) {
	VisitPosition(&f.Origin.Position, v)
	v.Text(rule)
	v.Number((*int)(&f.Severity))
	v.Text(&f.Message)
	v.Text(&f.Subject)
	f.Object.visit(v)
	v.Text(&f.Container)
	v.Text(&f.Path)
	v.Text(&f.stable)
	v.Text(&f.Fingerprint)
	v.Number((*int)(&f.Origin.Precision))
	v.Text(&f.Origin.Text)
	packed.Slice(v, &f.Origin.Trail, visitStep)
	packed.Pointer(v, &f.Origin.Entry, visitEntry)
	packed.Pointer(v, &f.Origin.Switch, visitEntry)
	packed.Pointer(v, &f.Origin.Shared, visitEntry)
	v.Text(&f.Origin.Repair)
	packed.Pointer(v, &f.Origin.Taken, visitEntry)
	packed.Pointer(v, &f.Origin.Packed, visitEntry)
	packed.Slice(v, &f.Related, (*RelatedPlace).visit)
	f.visitOccurrences(v)
	visitFix(&f.Fix, v)
	v.Flag(&f.Advisory)
	v.Flag(&f.Fails)
	v.Flag(&f.Secret)
	VisitPosition(&f.ObjectAt, v)
	VisitPosition(&f.ValueAt, v)
	v.Text(&f.Subchart)
	packed.Slice(v, &f.MadeFrom, func(s *string, v packed.Visitor) { v.Text(s) })
	v.Text(&f.CopyOf)
	v.Flag(&f.IsChild)
	v.Flag(&f.Unchanged)
	packed.Pointer(v, &f.Ignored, (*Ignored).visit)
	v.Text(&f.Lacks.Of)
	v.Flag(&f.Lacks.IsPart)
	v.Text(&f.Credential)
	packed.Slice(v, &f.Other, visitStep)
}

// visitOccurrences goes through the occurrences. The only one of a finding that says all
// of it is no more than its unit.
func (f *Finding) visitOccurrences(v packed.Visitor) {
	whole := f.isWhole()
	v.Flag(&whole)
	if !whole {
		packed.Slice(v, &f.Occurrences, (*Occurrence).visit)
		return
	}
	if f.Occurrences == nil {
		f.Occurrences = []Occurrence{{Object: f.Object, Container: f.Container, Path: f.Path, Fingerprint: f.Fingerprint}}
	}
	v.Text(&f.Occurrences[0].Input)
	v.Text(&f.Occurrences[0].Scenario)
}

// VisitPosition goes through the fields of a position.
func VisitPosition(p *Position, v packed.Visitor) {
	v.Text(&p.File)
	v.Number(&p.Line)
	v.Number(&p.Column)
	v.Number(&p.EndColumn)
}

func (r *ObjectRef) visit(v packed.Visitor) {
	v.Text(&r.APIVersion)
	v.Text(&r.Kind)
	v.Text(&r.Namespace)
	v.Text(&r.Name)
}

func visitStep(s *Step, v packed.Visitor) {
	v.Text((*string)(&s.Kind))
	VisitPosition(&s.Position, v)
	v.Text(&s.Label)
	v.Text(&s.Set)
	v.Flag(&s.Chosen)
	v.Flag(&s.InText)
	v.Flag(&s.IfNotEmpty)
	v.Flag(&s.Missing)
	v.Flag(&s.Off)
	v.Text(&s.Below)
	v.Text(&s.Instead)
	v.Flag(&s.IsMisplaced)
	v.Text(&s.Note)
	v.Text(&s.Replaces)
	v.Text(&s.Source)
}

func visitEntry(e *Entry, v packed.Visitor) {
	VisitPosition(&e.Position, v)
	v.Text(&e.Text)
	v.Text(&e.Key)
	v.Text(&e.Below)
	visitAddition(&e.Addition, v)
	v.Text(&e.Source)
	v.Text(&e.Chart)
	v.Text(&e.Bundler)
	v.Text(&e.Installer)
	v.Text(&e.Unlisted)
	v.Flag(&e.IsPacked)
	v.Flag(&e.IsCommented)
}

func (r *RelatedPlace) visit(v packed.Visitor) {
	VisitPosition(&r.Position, v)
	v.Text(&r.Label)
}

func (o *Occurrence) visit(v packed.Visitor) {
	o.Object.visit(v)
	v.Text(&o.Container)
	v.Text(&o.Path)
	v.Text(&o.Message)
	v.Text(&o.Input)
	v.Text(&o.Scenario)
	v.Text(&o.Fingerprint)
	packed.Slice(v, &o.Trail, visitStep)
}

func visitFix(f *Fix, v packed.Visitor) {
	v.Text(&f.Title)
	v.Text(&f.Value)
	visitAddition(&f.Addition, v)
	packed.Slice(v, &f.Edits, visitEdit)
	v.Text(&f.For)
	v.Text(&f.Apart)
	v.Text(&f.Together)
	packed.Slice(v, &f.Files, func(s *string, v packed.Visitor) { v.Text(s) })
	v.Text(&f.InBase)
	packed.Slice(v, &f.Bases, func(s *string, v packed.Visitor) { v.Text(s) })
	v.Text(&f.Beside)
	v.Text(&f.In)
	v.Flag(&f.AddsObject)
}

func visitEdit(e *Edit, v packed.Visitor) {
	v.Text(&e.File)
	v.Number(&e.Start)
	v.Number(&e.End)
	v.Text(&e.New)
}

func visitAddition(g *Addition, v packed.Visitor) {
	v.Text(&g.Path)
	v.Number(&g.Indent)
	v.Number(&g.Step)
	v.Flag(&g.Flow)
}

func (i *Ignored) visit(v packed.Visitor) {
	v.Text((*string)(&i.By))
	v.Text(&i.Reason)
	before := i.Until.Format(time.RFC3339Nano)
	until := before
	v.Text(&until)
	if until != before { // it is read
		t, err := time.Parse(time.RFC3339Nano, until)
		if err != nil {
			v.Broken()
		}
		i.Until = t
	}
	VisitPosition(&i.Position, v)
}
