package helmfile

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/Masterminds/sprig/v3"
	k8syaml "sigs.k8s.io/yaml"
)

// own are the functions that know what to make of unknown values, or that helmfile has in place of those of sprig.
var own = map[string]func(e *evaluation, args []any) any{
	"and":      func(_ *evaluation, args []any) any { return firstThat(args, false) },
	"or":       func(_ *evaluation, args []any) any { return firstThat(args, true) },
	"coalesce": func(_ *evaluation, args []any) any { return coalesce(args) },
	"default":  func(_ *evaluation, args []any) any { return defaultTo(args) },
	"ternary":  func(_ *evaluation, args []any) any { return ternary(args) },
	"dig":      (*evaluation).dig,
	"get":      (*evaluation).get,
	"hasKey":   (*evaluation).hasKey,
	"index":    (*evaluation).index,
}

// pure are functions of known values that neither read anything nor take long, and ofSprig those of sprig: uniq is not among them, which compares
// each item with all others.
var pure = map[string]any{
	"not":    func(v any) bool { return !isTrue(v) },
	"eq":     isEqual,
	"ne":     func(a, b any) (bool, error) { is, err := isEqual(a, b); return !is, err },
	"len":    func(v any) int { return reflect.ValueOf(v).Len() },
	"print":  fmt.Sprint,
	"printf": printf,
	"toYaml": func(v any) (string, error) {
		data, err := k8syaml.Marshal(v)
		return strings.TrimSuffix(string(data), "\n"), err
	},
}

// ofSprig is made at the first call.
var ofSprig = sync.OnceValue(func() map[string]any {
	of, all := map[string]any{}, sprig.TxtFuncMap()
	for _, name := range []string{
		"add", "add1", "b64dec", "b64enc", "cat", "contains", "dict", "div", "empty", "first", "float64", "has", "hasPrefix", "hasSuffix", "indent", "initial",
		"int", "int64", "join", "kebabcase", "keys", "kindIs", "last", "list", "lower", "max", "min", "mod", "mul", "nindent", "nospace", "quote", "replace", "rest",
		"snakecase", "splitList", "squote", "sub", "title", "toJson", "toString", "trim", "trimAll", "trimPrefix", "trimSuffix", "trunc", "upper",
	} {
		of[name] = all[name]
	}
	return of
})

// call is what a function gives. It is unknown if the function is, or if it fails.
func (e *evaluation) call(name string, args []any) (any, error) {
	if err := e.spend(1, 0); err != nil {
		return nil, err
	}
	if f := own[name]; f != nil {
		return f(e, args), nil
	}
	f := pure[name]
	if f == nil {
		f = ofSprig()[name]
	}
	if f == nil {
		return unknown{name}, nil
	}
	for _, v := range args {
		size, isKnown := measure(v, 0)
		if err := e.spend(0, size); err != nil {
			return nil, err
		}
		if !isKnown {
			return unknown{name}, nil
		}
	}
	if multiplies(name, args) > maxText {
		return nil, errLimit
	}
	v := called(f, args)
	size, _ := measure(v, 0)
	return v, e.spend(0, size)
}

// multiplies is how long a text at most becomes of which a function repeats a part.
func multiplies(name string, args []any) int {
	switch name {
	case "replace":
		if len(args) == 3 {
			return (len(fmt.Sprint(args[2])) + 1) * max(len(fmt.Sprint(args[1])), 1)
		}
	case "indent", "nindent":
		if n, isInt := args[0].(int); isInt && len(args) == 2 && n >= 0 && n < maxText {
			return (strings.Count(fmt.Sprint(args[1]), "\n") + 1) * n
		}
		return maxText + 1
	case "join":
		if len(args) == 2 {
			return (reflect.ValueOf(fmt.Sprint(args[1])).Len() + 1) * max(len(fmt.Sprint(args[0])), 1)
		}
	}
	return 0
}

// called is what a function of Go gives. It is unknown if the function fails, or if the arguments are none of its.
func called(f any, args []any) (v any) {
	defer func() {
		if recover() != nil { // reflection and sprig panic for wrong arguments
			v = unknown{}
		}
	}()
	of := reflect.ValueOf(f)
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		want := of.Type().In(min(i, of.Type().NumIn()-1))
		if of.Type().IsVariadic() && i >= of.Type().NumIn()-1 {
			want = want.Elem()
		}
		in[i] = reflect.Zero(want)
		if arg != nil {
			in[i] = reflect.ValueOf(arg)
		}
	}
	out := of.Call(in)
	if len(out) > 1 && !out[1].IsNil() {
		return unknown{}
	}
	return generic(out[0].Interface())
}

// generic is a list of texts as one of any values.
func generic(v any) any {
	texts, ok := v.([]string)
	if !ok {
		return v
	}
	l := make([]any, len(texts))
	for i, s := range texts {
		l[i] = s
	}
	return l
}

// measure is about how long a value is if it is printed, and whether all of it is known.
func measure(v any, level int) (size int, isKnown bool) {
	if level > maxLevels {
		return maxWork, false
	}
	isKnown = true
	add := func(v any) {
		n, known := measure(v, level+1)
		size, isKnown = size+n, isKnown && known
	}
	switch v := v.(type) {
	case unknown:
		return 1, false
	case string:
		return len(v) + 1, true
	case []any:
		for _, item := range v {
			add(item)
		}
	case map[string]any:
		for key, value := range v {
			size += len(key)
			add(value)
		}
	}
	return size + 8, isKnown
}

// printed is a value as an action prints it. ok is false if a part of it is not known.
func printed(v any) (text string, ok bool) {
	if _, isKnown := measure(v, 0); !isKnown {
		return "", false
	}
	if v == nil {
		return "", true
	}
	return fmt.Sprint(v), true
}

// firstThat is the first value whose truth is as wanted, or the last one: it is the function and, or the function or.
func firstThat(args []any, want bool) any {
	var result any = unknown{}
	hasUnknown := false
	for _, v := range args {
		if _, isUnknown := v.(unknown); isUnknown {
			hasUnknown = true
			continue
		}
		if result = v; isTrue(v) == want {
			if hasUnknown && want {
				return unknown{} // true, but one of several values
			}
			return v
		}
	}
	if hasUnknown {
		return unknown{}
	}
	return result
}

func coalesce(args []any) any {
	for _, v := range args {
		if _, isUnknown := v.(unknown); isUnknown || isTrue(v) {
			return v
		}
	}
	return nil
}

func defaultTo(args []any) any {
	if len(args) != 2 {
		return unknown{}
	}
	if _, isUnknown := args[1].(unknown); isUnknown || isTrue(args[1]) {
		return args[1]
	}
	return args[0]
}

func ternary(args []any) any {
	if len(args) == 3 {
		if test, ok := args[2].(bool); ok && test {
			return args[0]
		} else if ok {
			return args[1]
		}
	}
	return unknown{}
}

// dig is a value of a map by its keys, or the default that follows them.
func (e *evaluation) dig(args []any) any {
	if len(args) < 3 {
		return unknown{}
	}
	keys := make([]string, len(args)-2)
	for i := range keys {
		key, ok := args[i].(string)
		if !ok {
			return unknown{}
		}
		keys[i] = key
	}
	return e.find(args[len(args)-1], keys, args[len(args)-2])
}

// get is a value of a map by its path, or a default: that of helmfile.
func (e *evaluation) get(args []any) any {
	if len(args) < 2 || len(args) > 3 {
		return unknown{}
	}
	at, ok := args[0].(string)
	if !ok {
		return unknown{}
	}
	var other any = unknown{at}
	if len(args) == 3 {
		other = args[1]
	}
	return e.find(args[len(args)-1], strings.Split(at, "."), other)
}

func (e *evaluation) hasKey(args []any) any {
	if len(args) != 2 {
		return unknown{}
	}
	key, ok := args[1].(string)
	if !ok {
		return unknown{}
	}
	m, isMap := args[0].(map[string]any)
	if _, has := m[key]; has {
		return true
	}
	if !isMap || e.isOpen {
		return unknown{key}
	}
	return false
}

// find is a value below keys. Other takes the place of one that is not there.
func (e *evaluation) find(v any, keys []string, other any) any {
	for _, key := range keys {
		m, isMap := v.(map[string]any)
		next, ok := m[key]
		if !ok && isMap && !e.isOpen {
			return other
		} else if !ok {
			return unknown{strings.Join(keys, "_")}
		}
		v = next
	}
	return v
}

func (*evaluation) index(args []any) any {
	if len(args) == 0 {
		return unknown{}
	}
	v := args[0]
	for _, key := range args[1:] {
		switch key := key.(type) {
		case string:
			v = fields(v, []string{key})
		case int:
			l, _ := v.([]any)
			if key < 0 || key >= len(l) {
				return unknown{}
			}
			v = l[key]
		default:
			return unknown{}
		}
	}
	return v
}

// isEqual compares two texts, numbers or truth values. What it cannot compare is not known.
func isEqual(a, b any) (bool, error) {
	switch a.(type) {
	case string, bool, int:
		if reflect.TypeOf(a) == reflect.TypeOf(b) {
			return a == b, nil
		}
	}
	return false, fmt.Errorf("cannot compare %T and %T", a, b)
}

var plainFormat = regexp.MustCompile(`^(?:[^%]|%[svqd%])*$`)

// printf is that of Go without widths, which make long texts.
func printf(format string, args ...any) (string, error) {
	if !plainFormat.MatchString(format) {
		return "", errLimit
	}
	return fmt.Sprintf(format, args...), nil
}
