package trace

import (
	"errors"
	"fmt"
	"reflect"
)

// The eq and ne of text/template print maps and lists that they cannot compare in the
// error. Printing one that contains itself would never end. The functions below print no
// value.

// TemplateNe is the template function ne.
func TemplateNe(a, b reflect.Value) (bool, error) {
	same, err := TemplateEq(a, b)
	return !same, err
}

// TemplateEq reports whether a is equal to one of the others, by the rules of
// text/template.
func TemplateEq(a reflect.Value, others ...reflect.Value) (bool, error) {
	if len(others) == 0 {
		return false, errors.New("missing argument for comparison")
	}
	a = underInterface(a)
	for _, b := range others {
		same, err := equalValues(a, underInterface(b))
		if same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func underInterface(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

func equalValues(a, b reflect.Value) (bool, error) {
	switch {
	case a.CanInt() && b.CanInt():
		return a.Int() == b.Int(), nil
	case a.CanUint() && b.CanUint():
		return a.Uint() == b.Uint(), nil
	case a.CanInt() && b.CanUint():
		return a.Int() >= 0 && uint64(a.Int()) == b.Uint(), nil
	case a.CanUint() && b.CanInt():
		return b.Int() >= 0 && a.Uint() == uint64(b.Int()), nil
	case a.CanFloat() && b.CanFloat():
		return a.Float() == b.Float(), nil
	case a.CanComplex() && b.CanComplex():
		return a.Complex() == b.Complex(), nil
	case a.Kind() == reflect.String && b.Kind() == reflect.String:
		return a.String() == b.String(), nil
	case a.Kind() == reflect.Bool && b.Kind() == reflect.Bool:
		return a.Bool() == b.Bool(), nil
	case isBasic(a) || isBasic(b):
		if a.IsValid() && b.IsValid() {
			return false, fmt.Errorf("incompatible types for comparison: %v and %v", a.Type(), b.Type())
		}
		return false, nil
	case a.IsValid() && b.IsValid() && a.Kind() != b.Kind():
		return false, fmt.Errorf("non-comparable types %v, %v", a.Type(), b.Type())
	case isNilValue(a) || isNilValue(b):
		return isNilValue(a) == isNilValue(b), nil
	case !b.Type().Comparable():
		return false, fmt.Errorf("non-comparable type %v", b.Type())
	}
	return a.Interface() == b.Interface(), nil
}

func isBasic(v reflect.Value) bool {
	return v.CanInt() || v.CanUint() || v.CanFloat() || v.CanComplex() || v.Kind() == reflect.String || v.Kind() == reflect.Bool
}

func isNilValue(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return v.IsNil()
	default:
		return false
	}
}
