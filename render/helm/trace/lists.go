package trace

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"text/template"
)

// listFuncs are functions that make lists. Each call makes a new list.
const listFuncs = `append push mustAppend mustPush prepend mustPrepend concat rest mustRest initial mustInitial reverse mustReverse
	uniq mustUniq without mustWithout compact mustCompact slice mustSlice chunk mustChunk sortAlpha keys values pluck
	list tuple`

// findFuncs are functions that make lists from the parts of a text.
const findFuncs = `regexFindAll mustRegexFindAll regexSplit mustRegexSplit`

// matchFuncs are functions that take a pattern and a text, and do not return a text.
const matchFuncs = `regexMatch mustRegexMatch`

// compareFuncs are functions that compare elements of lists with each other, or
// with their other arguments.
const compareFuncs = `uniq mustUniq without mustWithout has mustHas deepEqual`

// limitLists makes functions that make lists count the elements.
func (t *Tracer) limitLists(f template.FuncMap) {
	b := t.Budget
	for name := range strings.FieldsSeq(listFuncs) {
		f[name] = limitedList(b, f[name])
	}
	for name := range strings.FieldsSeq(findFuncs) {
		f[name] = wrap(f[name], func(args []reflect.Value, _ bool) error {
			if err := b.list(args[1].Len() >> 4); err != nil {
				return err
			}
			return b.match(args[0].String(), args[1].Len())
		})
	}
	for name := range strings.FieldsSeq(matchFuncs) {
		f[name] = wrap(f[name], func(args []reflect.Value, _ bool) error { return b.match(args[0].String(), args[1].Len()) })
	}
	for name := range strings.FieldsSeq(compareFuncs) {
		f[name] = comparing(b, name, f[name])
	}
	contains := f["contains"].(func(string, string) bool)
	f["contains"] = func(part, s string) (bool, error) {
		if err := b.expense(len(s), 1); err != nil {
			return false, err
		}
		return contains(part, s), b.step()
	}
	until := f["until"].(func(int) []int)
	f["until"] = func(n int) ([]int, error) {
		if err := b.list(n); err != nil {
			return nil, err
		}
		return until(n), nil
	}
	untilStep := f["untilStep"].(func(int, int, int) []int)
	f["untilStep"] = func(from, to, step int) ([]int, error) {
		if err := b.numbers(from, to, step); err != nil {
			return nil, err
		}
		return untilStep(from, to, step), nil
	}
	seq := f["seq"].(func(...int) string)
	f["seq"] = func(params ...int) (string, error) {
		for _, n := range params {
			if err := b.list(n); err != nil {
				return "", err
			}
		}
		return seq(params...), nil
	}
}

// numberFuncs are functions that print their argument in an error if it is not a number.
const numberFuncs = `add sub div mod mul add1 add1f addf subf divf mulf max min biggest maxf minf ceil floor round toDecimal sortAlpha
	int int64 float64`

// guardArguments makes functions check values before they may print them.
func (t *Tracer) guardArguments(f template.FuncMap) {
	for name := range strings.FieldsSeq(numberFuncs) {
		f[name] = guarded(t.Budget, f[name])
	}
	dict := f["dict"].(func(...any) map[string]any)
	f["dict"] = func(l ...any) (map[string]any, error) {
		for i := 0; i < len(l); i += 2 {
			if err := t.Budget.check(l[i]); err != nil {
				return nil, err
			}
		}
		return dict(l...), nil
	}
}

// guarded wraps a function with one result, or a result and an error.
func guarded(b *budget, f any) any {
	switch f := f.(type) {
	case func(any) int:
		return func(v any) (int, error) { return f(plain(v)), b.check(v) }
	case func(any) int64:
		return func(v any) (int64, error) { return f(plain(v)), b.check(v) }
	case func(any) float64:
		return func(v any) (float64, error) { return f(plain(v)), b.check(v) }
	}
	return wrap(f, func(args []reflect.Value, _ bool) error {
		for _, a := range args {
			if err := b.checkPrinted(a); err != nil {
				return err
			}
		}
		return b.step()
	})
}

// plain replaces a map or list by nil, which is no number either.
func plain(v any) any {
	if IsContainer(under(reflect.ValueOf(v))) {
		return nil
	}
	return v
}

// list checks the length of a new list.
func (b *budget) list(n int) error {
	if n < 0 {
		n = -n
	}
	if n < 0 || n > maxList {
		return fmt.Errorf("%w: a list of more than %d elements", ErrBudget, maxList)
	}
	return b.spend(16 * n)
}

// numbers checks a list of numbers from one to another. Sprig adds the step once more
// than needed, and that addition must not overflow.
func (b *budget) numbers(from, to, step int) error {
	if step == 0 {
		return nil
	}
	n := (float64(to) - float64(from)) / float64(step)
	if math.Abs(n) > maxList || math.Abs(float64(to)+float64(step)) >= math.MaxInt64 {
		return b.list(maxList + 1)
	}
	return b.list(int(n))
}

// comparing wraps a function that compares elements.
func comparing(b *budget, name string, f any) any {
	return wrap(f, func(args []reflect.Value, variadic bool) error {
		for _, a := range args {
			if err := b.checkPrinted(a); err != nil {
				return err
			}
		}
		n, m := 0, 1
		for i, a := range args {
			n = max(n, lengths(a, false))
			if variadic && i == len(args)-1 {
				m = a.Len()
			}
		}
		if strings.Contains(strings.ToLower(name), "uniq") {
			m = n
		}
		return b.pairs(n, m)
	})
}

// limitedList wraps a function that returns a list. The lists passed to it limit the
// length of the new one.
func limitedList(b *budget, f any) any {
	return wrap(f, func(args []reflect.Value, variadic bool) error {
		n := 0
		for i, a := range args {
			n += lengths(a, variadic && i == len(args)-1)
		}
		return b.list(n)
	})
}

// wrap runs a check before a function of any type that returns a result, or a result and
// an error.
func wrap(f any, check func(args []reflect.Value, variadic bool) error) any {
	v := reflect.ValueOf(f)
	typ := v.Type()
	in := make([]reflect.Type, typ.NumIn())
	for i := range in {
		in[i] = typ.In(i)
	}
	errType := reflect.TypeFor[error]()
	wrapped := reflect.FuncOf(in, []reflect.Type{typ.Out(0), errType}, typ.IsVariadic())
	return reflect.MakeFunc(wrapped, func(args []reflect.Value) []reflect.Value {
		if err := check(args, typ.IsVariadic()); err != nil {
			return []reflect.Value{reflect.Zero(typ.Out(0)), reflect.ValueOf(&err).Elem()}
		}
		var out []reflect.Value
		if typ.IsVariadic() {
			out = v.CallSlice(args)
		} else {
			out = v.Call(args)
		}
		if len(out) == 1 {
			out = append(out, reflect.Zero(errType))
		}
		return out
	}).Interface()
}

// lengths is the number of elements of an argument, or of several together.
func lengths(v reflect.Value, several bool) int {
	if v = under(v); !v.IsValid() {
		return 0
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array:
	default:
		return 0
	}
	n := v.Len()
	if several && v.Kind() == reflect.Slice {
		for i := range v.Len() {
			n += lengths(v.Index(i), false)
		}
	}
	return n
}
