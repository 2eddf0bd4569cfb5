package trace

import (
	"errors"
	"iter"
	"reflect"
)

// merger merges maps as Sprig does with the library mergo, which goes through the maps that both
// sides have, and through nothing else. Charts merge their root context into small maps hundreds of
// times: to measure all of that beforehand would take longer than everything else that they do.
type merger struct {
	*budget
	// overwrite is set if what is merged into the first map has priority.
	overwrite bool
	// single merges what has no plain maps on both sides, such as the metadata of the chart.
	single mergeFunc
	// measured counts what was gone through.
	measured Measured
}

type mergeFunc = func(d map[string]any, more ...map[string]any) (any, error)

// noteMerge is a function that merges maps into the first one in place of Sprig's. It notes what the result was
// made from.
func (t *Tracer) noteMerge(single mergeFunc, overwrite bool) mergeFunc {
	return func(d map[string]any, more ...map[string]any) (any, error) {
		if err := t.Budget.step(); err != nil {
			return nil, err
		}
		if overwrite && len(more) == 1 {
			t.IDs.overrides(t.IDs.source(reflect.ValueOf(d)), t.IDs.source(reflect.ValueOf(more[0])))
		}
		m := merger{budget: t.Budget, overwrite: overwrite, single: single}
		result, err := m.all(d, more)
		if errors.Is(err, ErrBudget) {
			return nil, err
		}
		from := make([]any, len(more))
		for i, x := range more {
			from[i] = x
		}
		t.noteEmpty(result, more)
		t.made(result, overwrite, from...)
		return result, err
	}
}

// emptyMerge is a map, and an empty one that was merged into it.
type emptyMerge struct{ into, from map[string]any }

// maxEmptyMerges is how many of them are kept.
const maxEmptyMerges = 512

// noteEmpty notes the empty maps among those that were merged into a map: nothing of them is in the output.
func (t *Tracer) noteEmpty(result any, more []map[string]any) {
	into, ok := result.(map[string]any)
	for _, from := range more {
		if ok && from != nil && len(from) == 0 && len(into) > 0 && len(t.emptyMerges) < maxEmptyMerges {
			t.emptyMerges = append(t.emptyMerges, emptyMerge{into, from})
		}
	}
}

// EmptyMerges yields the maps into which a template merged an empty map of the values, with the key of that. It must not be called while
// templates are executed.
func (t *Tracer) EmptyMerges() iter.Seq2[map[string]any, *Key] {
	return func(yield func(map[string]any, *Key) bool) {
		for _, m := range t.emptyMerges {
			k := t.IDs.ifEmpty(t.IDs.source(reflect.ValueOf(m.from)))
			if k != nil && len(k.Steps()) > 0 && !yield(m.into, k) {
				return
			}
		}
	}
}

// all merges maps into one, which is made if it is nil. The result is what Sprig's function returns.
func (m *merger) all(d map[string]any, more []map[string]any) (any, error) {
	for _, from := range more {
		if err := m.step(); err != nil {
			return nil, err
		}
		if d == nil && from != nil {
			d = map[string]any{}
		}
		if failed, ok, err := m.into(d, from, 0); !ok {
			return failed, err
		}
	}
	return d, nil
}

func (m *merger) into(d, from map[string]any, level int) (failed any, ok bool, err error) {
	if err := m.measured.container(len(from), level); err != nil {
		return nil, false, err
	}
	for _, name := range SortedKeys(from) {
		v, known := from[name] // the map itself may be one of those into which is merged
		if !known {
			continue
		}
		if failed, ok, err = m.entry(d, name, v, level); !ok {
			return failed, false, err
		}
	}
	return nil, true, nil
}

// entry merges one entry.
func (m *merger) entry(d map[string]any, name string, v any, level int) (failed any, ok bool, err error) {
	had := d[name]
	if into, from := plainMapOf(had), plainMapOf(v); into != nil && from != nil {
		if failed, ok, err = m.into(into, from, level+1); !ok || len(into) > 0 {
			return failed, ok, err
		}
	} else if isMerged(v) && had != nil {
		return m.alone(d, name, v, had)
	}
	switch {
	case v == nil && m.overwrite, v != nil && (m.overwrite || isEmptyValue(had)):
		d[name] = v
	}
	return nil, true, nil
}

// alone leaves an entry to Sprig.
func (m *merger) alone(d map[string]any, name string, v, had any) (failed any, ok bool, err error) {
	r, err := m.single(map[string]any{name: had}, map[string]any{name: v})
	one, ok := r.(map[string]any)
	if ok && err == nil {
		d[name] = one[name]
	}
	return r, ok, err
}

// isMerged reports whether a value is of a kind that mergo merges with what is there.
func isMerged(v any) bool {
	switch v.(type) {
	case nil, string, bool, int, int64, float64, []any:
		return false
	}
	switch reflect.TypeOf(v).Kind() { //nolint:exhaustive // the others are replaced
	case reflect.Map, reflect.Struct, reflect.Pointer:
		return true
	}
	return false
}

// plainMapOf is a value as a map. Nil if it is none, or if it is nil.
func plainMapOf(v any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return v
	case nil, string, bool, int, int64, float64, []any:
		return nil
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Map && r.Type().ConvertibleTo(plainMap) { // such as Helm's Values
		m, _ := reflect.TypeAssert[map[string]any](r.Convert(plainMap))
		return m
	}
	return nil
}

// isEmptyValue reports whether mergo takes a value as one that is not set.
func isEmptyValue(v any) bool {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Interface || r.Kind() == reflect.Pointer {
		r = r.Elem()
	}
	switch r.Kind() { //nolint:exhaustive // nothing else is empty
	case reflect.Invalid:
		return true
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return r.Len() == 0
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Float32, reflect.Float64:
		return r.IsZero()
	case reflect.Func:
		return r.IsNil()
	}
	return false
}
