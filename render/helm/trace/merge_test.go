package trace

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
)

// mergeFunctions are Sprig's functions that merge, and the same with the tracer's merge in place of mergo.
func mergeFunctions(name string) (sprigs, own mergeFunc) {
	t := NewTracer(NewBudget(context.Background(), DefaultLimits, 0))
	f := Functions()
	sprigs, ok := f[name].(mergeFunc)
	if !ok {
		swallowing := f[name].(func(map[string]any, ...map[string]any) any)
		sprigs = func(d map[string]any, more ...map[string]any) (any, error) { return swallowing(d, more...), nil }
	}
	t.noteStructures(f)
	return sprigs, f[name].(mergeFunc)
}

// TestMergeLikeSprig merges random maps with Sprig's functions, and with those in their place.
func TestMergeLikeSprig(t *testing.T) {
	type values map[string]any
	type metadata struct{ Name, Version string }
	r := rand.New(rand.NewPCG(1, 2))
	var random func(level int) any
	randomMap := func(level int) map[string]any {
		m := map[string]any{}
		for range r.IntN(4) {
			m[string(rune('a'+r.IntN(4)))] = random(level + 1)
		}
		return m
	}
	random = func(level int) any {
		if level < 4 && r.IntN(2) == 0 {
			if r.IntN(6) == 0 {
				return values(randomMap(level))
			}
			return randomMap(level)
		}
		return []any{
			nil,
			"",
			"x",
			"y",
			0,
			1,
			int64(2),
			0.0,
			1.5,
			false,
			true,
			[]any{},
			[]any{"a"},
			[]any{map[string]any{"a": 1}},
			[]string{"s"},
			[]string{},
			map[string]any(nil),
			metadata{"web", ""},
			metadata{"", "1"},
			&metadata{"db", ""},
			&metadata{"", "2"},
			map[string]string{"a": "b"},
			map[string]string{},
		}[r.IntN(23)]
	}
	for _, name := range []string{"merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite"} {
		sprigs, own := mergeFunctions(name)
		for range 2_000 {
			d, a, b := randomMap(0), randomMap(0), randomMap(0)
			if r.IntN(20) == 0 {
				d = nil
			}
			given := fmt.Sprintf("%#v %#v %#v", d, a, b)
			want, wantErr := recovering(sprigs, clone(d), clone(a), clone(b))
			got, gotErr := recovering(own, clone(d), clone(a), clone(b))
			if hasFailed(want, wantErr) != hasFailed(got, gotErr) || !hasFailed(want, wantErr) && !reflect.DeepEqual(want, got) {
				t.Fatalf("%s %s:\n got %#v %v\nwant %#v %v", name, given, got, gotErr, want, wantErr)
			}
		}
	}
}

// hasFailed reports whether maps could not be merged. Where several entries cannot, it depends on their order in mergo how
// the function says so.
func hasFailed(v any, err error) bool {
	_, isMap := v.(map[string]any)
	return err != nil || !isMap
}

// recovering calls a function as text/template does.
func recovering(f mergeFunc, d map[string]any, more ...map[string]any) (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			v, err = nil, fmt.Errorf("%v", p)
		}
	}()
	return f(d, more...)
}

// clone is a copy of maps, which share nothing with it that a merge changes.
func clone(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	c := map[string]any{}
	for k, v := range m {
		switch r := reflect.ValueOf(v); {
		case plainMapOf(v) != nil:
			c[k] = reflect.ValueOf(clone(plainMapOf(v))).Convert(r.Type()).Interface()
		case r.Kind() == reflect.Map && !r.IsNil():
			n := reflect.MakeMap(r.Type())
			for it := r.MapRange(); it.Next(); {
				n.SetMapIndex(it.Key(), it.Value())
			}
			c[k] = n.Interface()
		case r.Kind() == reflect.Pointer:
			p := reflect.New(r.Type().Elem())
			p.Elem().Set(r.Elem())
			c[k] = p.Interface()
		default:
			c[k] = v
		}
	}
	return c
}

// TestMergeOfCycles merges maps that hold themselves: where only one of them does, that is as quick as Sprig.
func TestMergeOfCycles(t *testing.T) {
	_, merge := mergeFunctions("merge")
	cycle := map[string]any{}
	cycle["self"] = cycle
	if r, err := merge(map[string]any{}, cycle); err != nil || len(r.(map[string]any)) != 1 {
		t.Errorf("merge into an empty map: %v", err)
	}
	other := map[string]any{}
	other["self"] = other
	if _, err := merge(other, cycle); !errors.Is(err, ErrBudget) {
		t.Errorf("merge of two maps that hold themselves: %v", err)
	}
}

// TestMergeIgnoresWhatOneSideHas merges a large map into small ones: what only one of them has is not looked at.
func TestMergeIgnoresWhatOneSideHas(t *testing.T) {
	_, merge := mergeFunctions("merge")
	large := map[string]any{}
	for i := range 1000 {
		large[strconv.Itoa(i)] = map[string]any{"a": 1, "b": map[string]any{"c": 2}}
	}
	root := map[string]any{"Values": large}
	if n := testing.AllocsPerRun(10, func() { _, _ = merge(map[string]any{}, root) }); n > 100 {
		t.Errorf("%v allocations", n)
	}
}
