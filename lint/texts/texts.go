// Package texts changes the texts within values.
package texts

import (
	"encoding/hex"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

var timeType = reflect.TypeFor[time.Time]()

// Map gives a value in which each text is what f makes of it and of the name of the field that
// it is in. Pointers of the type keep stay as they are. What v refers to is not changed: what f
// changes is in copies, and all else is shared.
func Map[T any](v T, f func(field, text string) string, keep reflect.Type) T {
	m := mapper{f, keep}
	if mapped, changed := m.value(reflect.ValueOf(&v).Elem(), ""); changed {
		return mapped.Interface().(T)
	}
	return v
}

// mapper replaces texts.
type mapper struct {
	f    func(field, text string) string
	keep reflect.Type
}

// value gives a value with all strings replaced. It is a copy if that changed one,
// else the zero Value.
func (m mapper) value(v reflect.Value, field string) (out reflect.Value, changed bool) {
	switch v.Kind() {
	case reflect.String:
		return m.text(v, field)
	case reflect.Pointer:
		return m.pointer(v, field)
	case reflect.Slice:
		return m.elements(v, field)
	case reflect.Struct:
		return m.fields(v)
	default:
		return reflect.Value{}, false
	}
}

// text is value of a string.
func (m mapper) text(v reflect.Value, field string) (out reflect.Value, changed bool) {
	s := v.String()
	mapped := m.f(field, s)
	if mapped == s {
		return reflect.Value{}, false
	}
	out = copyOf(v)
	out.SetString(mapped)
	return out, true
}

// pointer is value of a pointer.
func (m mapper) pointer(v reflect.Value, field string) (out reflect.Value, changed bool) {
	if v.Type() == m.keep || v.IsNil() {
		return reflect.Value{}, false
	}
	to, changed := m.value(v.Elem(), field)
	if !changed {
		return reflect.Value{}, false
	}
	out = copyOf(v)
	out.Set(reflect.New(v.Type().Elem()))
	out.Elem().Set(to)
	return out, true
}

// elements is value of a slice.
func (m mapper) elements(v reflect.Value, field string) (out reflect.Value, changed bool) {
	for i := range v.Len() {
		e, ok := m.value(v.Index(i), field)
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

// fields is value of a struct. A time has no text.
func (m mapper) fields(v reflect.Value) (out reflect.Value, changed bool) {
	if v.Type() == timeType {
		return reflect.Value{}, false
	}
	for _, of := range exportedFields(v.Type()) {
		e, ok := m.value(v.Field(of.index), of.name)
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

// Mark begins a byte that is not UTF-8: JSON has no place for such bytes, but
// names of files and lines of templates may hold them. Two digits follow, or
// nothing of hexadecimal for the mark itself.
const Mark = "\U0010FFFD"

// Escape makes a text valid UTF-8. Unescape reads it.
func Escape(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(Mark + hex.EncodeToString([]byte(s[:1])))
		case s[:size] == Mark:
			b.WriteString(Mark + Mark)
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// Unescape reads what Escape wrote.
func Unescape(s string) string {
	if !strings.Contains(s, Mark) {
		return s
	}
	var b strings.Builder
	for s != "" {
		before, after, found := strings.Cut(s, Mark)
		b.WriteString(before)
		s = after
		if !found {
			break
		}
		if rest, ok := strings.CutPrefix(s, Mark); ok {
			b.WriteString(Mark)
			s = rest
		} else if raw, err := hex.DecodeString(s[:min(2, len(s))]); err == nil {
			b.Write(raw)
			s = s[len(raw)*2:]
		}
	}
	return b.String()
}

func clean(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, Mark) }
