package trace

import "reflect"

// quickCopy makes a deepCopy of Sprig's quick: Sprig walks a value by reflection, each
// byte of each file for itself, so that a copy of the root context of a chart with large
// files takes a second. Maps, lists, text and files are copied here; a value of another
// kind, such as the chart's metadata, is left to Sprig.
func quickCopy(slow func(any) (any, error)) func(any) (any, error) {
	var copied func(v any) (any, error)
	value := func(v reflect.Value) (reflect.Value, error) {
		if v.Kind() == reflect.Interface && v.IsNil() {
			return v, nil
		}
		c, err := copied(v.Interface())
		if err != nil || c == nil {
			return reflect.Zero(v.Type()), err
		}
		return reflect.ValueOf(c), nil
	}
	copied = func(v any) (any, error) {
		if v == nil {
			return slow(v)
		}
		from := reflect.ValueOf(v)
		t := from.Type()
		switch from.Kind() {
		case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
			return v, nil
		case reflect.Map:
			if from.IsNil() || t.Key().Kind() != reflect.String {
				return slow(v)
			}
			to := reflect.MakeMapWithSize(t, from.Len())
			for it := from.MapRange(); it.Next(); {
				c, err := value(it.Value())
				if err != nil {
					return nil, err
				}
				to.SetMapIndex(it.Key(), c)
			}
			return to.Interface(), nil
		case reflect.Slice:
			if from.IsNil() {
				return slow(v)
			}
			to := reflect.MakeSlice(t, from.Len(), from.Len())
			if t.Elem().Kind() == reflect.Uint8 {
				reflect.Copy(to, from)
				return to.Interface(), nil
			}
			for i := range from.Len() {
				c, err := value(from.Index(i))
				if err != nil {
					return nil, err
				}
				to.Index(i).Set(c)
			}
			return to.Interface(), nil
		}
		return slow(v)
	}
	return copied
}
