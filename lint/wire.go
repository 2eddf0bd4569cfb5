package lint

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
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
	return json.Marshal(wireFinding{f.Rule.ID, escapeBytes(f.stable), &g})
}

// UnmarshalJSON reads what MarshalJSON wrote. The rule has nothing but an ID.
func (f *Finding) UnmarshalJSON(data []byte) error {
	*f = Finding{}
	w := wireFinding{plainFinding: (*plainFinding)(f)}
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	decodeStrings(f)
	f.Rule, f.stable = &Rule{ID: w.Rule}, unescapeBytes(w.Stable)
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

// escapeMark begins a byte that is not UTF-8: JSON has no place for such bytes, but
// names of files and lines of templates may hold them. Two digits follow, or
// nothing of hexadecimal for the mark itself.
const escapeMark = "\U0010FFFD"

// encodeStrings gives a value with all strings made valid UTF-8.
func encodeStrings[T any](v T) T {
	return MapStrings(v, func(_, s string) string { return escapeBytes(s) })
}

func decodeStrings[T any](v *T) {
	*v = MapStrings(*v, func(_, s string) string { return unescapeBytes(s) })
}

func escapeBytes(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(escapeMark + hex.EncodeToString([]byte(s[:1])))
		case s[:size] == escapeMark:
			b.WriteString(escapeMark + escapeMark)
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

func unescapeBytes(s string) string {
	if !strings.Contains(s, escapeMark) {
		return s
	}
	var b strings.Builder
	for s != "" {
		before, after, found := strings.Cut(s, escapeMark)
		b.WriteString(before)
		s = after
		if !found {
			break
		}
		if rest, ok := strings.CutPrefix(s, escapeMark); ok {
			b.WriteString(escapeMark)
			s = rest
		} else if raw, err := hex.DecodeString(s[:min(2, len(s))]); err == nil {
			b.Write(raw)
			s = s[len(raw)*2:]
		}
	}
	return b.String()
}

func clean(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, escapeMark) }

var (
	ruleType = reflect.TypeFor[*Rule]()
	timeType = reflect.TypeFor[time.Time]()
)

// MapStrings gives a report, a finding or a part of either in which each text is what
// f makes of it and of the name of the field that it is in. Rules stay as they are.
// What v refers to is not changed: what f changes is in copies, and all else is shared.
func MapStrings[T any](v T, f func(field, text string) string) T {
	if mapped, changed := mapStrings(reflect.ValueOf(&v).Elem(), "", f); changed {
		return mapped.Interface().(T)
	}
	return v
}

// mapStrings gives a value with all strings replaced. It is a copy if that changed one,
// else the zero Value.
func mapStrings(v reflect.Value, field string, f func(field, text string) string) (out reflect.Value, changed bool) {
	switch v.Kind() {
	case reflect.String:
		return mapString(v, field, f)
	case reflect.Pointer:
		return mapPointer(v, field, f)
	case reflect.Slice:
		return mapElements(v, field, f)
	case reflect.Struct:
		return mapFields(v, f)
	default:
		return reflect.Value{}, false
	}
}

// mapString is mapStrings of a string.
func mapString(v reflect.Value, field string, f func(field, text string) string) (out reflect.Value, changed bool) {
	s := v.String()
	mapped := f(field, s)
	if mapped == s {
		return reflect.Value{}, false
	}
	out = copyOf(v)
	out.SetString(mapped)
	return out, true
}

// mapPointer is mapStrings of a pointer. That to a rule stays.
func mapPointer(v reflect.Value, field string, f func(field, text string) string) (out reflect.Value, changed bool) {
	if v.Type() == ruleType || v.IsNil() {
		return reflect.Value{}, false
	}
	to, changed := mapStrings(v.Elem(), field, f)
	if !changed {
		return reflect.Value{}, false
	}
	out = copyOf(v)
	out.Set(reflect.New(v.Type().Elem()))
	out.Elem().Set(to)
	return out, true
}

// mapElements is mapStrings of a slice.
func mapElements(v reflect.Value, field string, f func(field, text string) string) (out reflect.Value, changed bool) {
	for i := range v.Len() {
		e, ok := mapStrings(v.Index(i), field, f)
		if !ok {
			continue
		}
		if !changed {
			out, changed = copyOf(v), true
			out.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v))
		}
		out.Index(i).Set(e)
	}
	return out, changed
}

// mapFields is mapStrings of a struct. A time has no text.
func mapFields(v reflect.Value, f func(field, text string) string) (out reflect.Value, changed bool) {
	if v.Type() == timeType {
		return reflect.Value{}, false
	}
	for _, of := range exportedFields(v.Type()) {
		e, ok := mapStrings(v.Field(of.index), of.name, f)
		if !ok {
			continue
		}
		if !changed {
			out, changed = copyOf(v), true
		}
		out.Field(of.index).Set(e)
	}
	return out, changed
}

// copyOf is a copy of a value that can be changed. What the value refers to is shared.
func copyOf(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// structField is an exported field of a struct.
type structField struct {
	index int
	name  string
}

// exportedFields are the exported fields of a struct.
func exportedFields(t reflect.Type) []structField {
	if l, ok := fieldsByType.Load(t); ok {
		return l.([]structField)
	}
	var l []structField
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() {
			l = append(l, structField{i, f.Name})
		}
	}
	fieldsByType.Store(t, l)
	return l
}

// fieldsByType has what exportedFields found.
var fieldsByType sync.Map
