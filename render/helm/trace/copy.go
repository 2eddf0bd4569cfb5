package trace

import "reflect"

// quickCopy makes a deepCopy of Sprig's quick: Sprig walks a value by reflection, each
// byte of each file for itself, so that a copy of the root context of a chart with large
// files takes a second. Maps, lists, text and files are copied here; a value of another
// kind, such as the chart's metadata, is left to Sprig.
type quickCopy func(any) (any, error)

// of is a copy of a value.
func (slow quickCopy) of(v any) (any, error) {
	from := reflect.ValueOf(v)
	switch from.Kind() { //nolint:exhaustive // Sprig copies the others
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return v, nil
	case reflect.Map:
		if !from.IsNil() && from.Type().Key().Kind() == reflect.String {
			return slow.ofMap(from)
		}
	case reflect.Slice:
		if !from.IsNil() {
			return slow.ofSlice(from)
		}
	}
	return slow(v)
}

func (slow quickCopy) ofMap(from reflect.Value) (any, error) {
	to := reflect.MakeMapWithSize(from.Type(), from.Len())
	for it := from.MapRange(); it.Next(); {
		c, err := slow.ofPart(it.Value())
		if err != nil {
			return nil, err
		}
		to.SetMapIndex(it.Key(), c)
	}
	return to.Interface(), nil
}

func (slow quickCopy) ofSlice(from reflect.Value) (any, error) {
	to := reflect.MakeSlice(from.Type(), from.Len(), from.Len())
	if from.Type().Elem().Kind() == reflect.Uint8 {
		reflect.Copy(to, from)
		return to.Interface(), nil
	}
	for i := range from.Len() {
		c, err := slow.ofPart(from.Index(i))
		if err != nil {
			return nil, err
		}
		to.Index(i).Set(c)
	}
	return to.Interface(), nil
}

// ofPart is a copy of what a map or list holds, which may be nil.
func (slow quickCopy) ofPart(v reflect.Value) (reflect.Value, error) {
	if v.Kind() == reflect.Interface && v.IsNil() {
		return v, nil
	}
	c, err := slow.of(v.Interface())
	if err != nil || c == nil {
		return reflect.Zero(v.Type()), err
	}
	return reflect.ValueOf(c), nil
}
