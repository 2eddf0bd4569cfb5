package trace

import (
	"reflect"
	"testing"

	"github.com/Masterminds/sprig/v3"
	"helm.sh/helm/v3/pkg/chartutil"
)

// TestQuickCopy compares copies with Sprig's, and sees that a change of the copy leaves
// the original alone.
func TestQuickCopy(t *testing.T) {
	slow := sprig.TxtFuncMap()["mustDeepCopy"].(func(any) (any, error))
	type files map[string][]byte
	type named struct{ A []string }
	shared := map[string]any{"x": 1}
	for _, v := range []any{
		"text", true, 1, int64(2), 3.5, uint(4), []byte("bytes"),
		[]any{},
		map[string]any{},
		[]any(nil), map[string]any(nil),
		map[string]any{"nil": nil, "list": []any{nil, "a", []any{1.5}}},
		chartutil.Values{"a": map[string]any{"b": []any{"c"}}},
		[]string{"a"},
		map[string]string{"a": "b"},
		map[int]string{1: "a"},
		files{"f": []byte("data"), "none": nil},
		&named{[]string{"a"}},
		named{[]string{"b"}},
		map[string]any{"Files": files{"f": []byte("x")}, "Chart": named{}, "p": &named{[]string{"c"}}},
		map[string]any{"one": shared, "two": shared},
		map[string]map[string]any{"a": {"b": 1}, "nil": nil},
	} {
		want, wantErr := slow(v)
		got, err := quickCopy(slow).of(v)
		if (err == nil) != (wantErr == nil) || !reflect.DeepEqual(got, want) {
			t.Errorf("copy of %#v is %#v (%v), Sprig's %#v (%v)", v, got, err, want, wantErr)
		}
	}
	from := map[string]any{"m": map[string]any{"k": "v"}, "l": []any{"a"}, "b": []byte("x")}
	got, err := quickCopy(slow).of(from)
	if err != nil {
		t.Fatal(err)
	}
	to := got.(map[string]any)
	to["m"].(map[string]any)["k"] = "changed"
	to["l"].([]any)[0] = "changed"
	to["b"].([]byte)[0] = 'y'
	if want := (map[string]any{"m": map[string]any{"k": "v"}, "l": []any{"a"}, "b": []byte("x")}); !reflect.DeepEqual(from, want) {
		t.Errorf("a change of the copy changed the original: %v", from)
	}
}

// TestQuickCopyOfFiles makes sure that Sprig is not asked for the bytes of a file.
func TestQuickCopyOfFiles(t *testing.T) {
	slow := func(any) (any, error) {
		t.Error("the slow copy was used")
		return nil, nil
	}
	if _, err := quickCopy(slow).of(map[string]any{"Files": map[string][]byte{"f": make([]byte, 1<<20)}}); err != nil {
		t.Fatal(err)
	}
}
