package api

import (
	"cmp"
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
)

var update = flag.Bool("update", false, "write generated files anew")

// TestTable generates the table of kinds, their life and their fields from
// Kubernetes' Go types, and demands that table.txt is what comes out.
func TestTable(t *testing.T) {
	want := generate(t)
	if *update {
		if err := os.WriteFile("table.txt", []byte(want), 0o644); err != nil { //nolint:gosec // a source file
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("table.txt"); err != nil || string(got) != want {
		t.Error("table.txt is not what k8s.io/api gives; run go test ./rules/api -update", err)
	}
}

// newScheme knows every type of Kubernetes that its Go modules hold.
func newScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, apiextensionsv1.AddToScheme, apiextensionsv1beta1.AddToScheme,
	} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// persisted reports whether manifests hold objects of the kind: lists and the
// options of requests come with every group, and are no objects.
func persisted(gvk schema.GroupVersionKind, typ reflect.Type) bool {
	_, meta := typ.FieldByName("ObjectMeta")
	return meta && gvk.Version != runtime.APIVersionInternal
}

func generate(t *testing.T) string {
	t.Helper()
	known := newScheme(t).AllKnownTypes()
	var kinds []schema.GroupVersionKind
	for gvk, typ := range known {
		if persisted(gvk, typ) {
			kinds = append(kinds, gvk)
		}
	}
	slices.SortFunc(kinds, func(a, b schema.GroupVersionKind) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Kind, b.Kind))
	})
	var b strings.Builder
	b.WriteString("# Code generated from k8s.io/api by TestTable -update. DO NOT EDIT.\n")
	g := generator{t: t, names: map[string]reflect.Type{}}
	for _, gvk := range kinds {
		line := []string{"kind", gvk.GroupVersion().String(), gvk.Kind, g.ref(known[gvk])}
		fmt.Fprintln(&b, strings.Join(append(line, lifecycle(known[gvk])...), " "))
	}
	for len(g.todo) > 0 {
		typ := g.todo[0]
		g.todo = g.todo[1:]
		g.done = append(g.done, typ)
		g.lines = append(g.lines, g.structure(typ))
	}
	slices.Sort(g.lines)
	for _, l := range g.lines {
		b.WriteString(l)
	}
	return b.String()
}

// lifecycle gives the versions in which a kind is introduced, deprecated and
// removed, and what replaces it.
func lifecycle(typ reflect.Type) []string {
	v := reflect.New(typ).Interface()
	version := func(major, minor int) string {
		if major != 1 {
			return "-"
		}
		return fmt.Sprintf("%d.%d", major, minor)
	}
	l := []string{"-", "-", "-", "-"}
	if v, ok := v.(interface{ APILifecycleIntroduced() (int, int) }); ok {
		l[0] = version(v.APILifecycleIntroduced())
	}
	if v, ok := v.(interface{ APILifecycleDeprecated() (int, int) }); ok {
		l[1] = version(v.APILifecycleDeprecated())
	}
	if v, ok := v.(interface{ APILifecycleRemoved() (int, int) }); ok {
		l[2] = version(v.APILifecycleRemoved())
	}
	if v, ok := v.(interface {
		APILifecycleReplacement() schema.GroupVersionKind
	}); ok {
		r := v.APILifecycleReplacement()
		l[3] = r.GroupVersion().String() + "," + r.Kind
	}
	return l
}

// generator writes down struct types, each once.
type generator struct {
	t     *testing.T
	names map[string]reflect.Type
	todo  []reflect.Type
	done  []reflect.Type
	lines []string
}

// wellKnown is how the types with a decoder of their own read.
var wellKnown = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity]():    "quantity",
	reflect.TypeFor[intstr.IntOrString]():   "intstr",
	reflect.TypeFor[metav1.Time]():          "time",
	reflect.TypeFor[metav1.MicroTime]():     "time",
	reflect.TypeFor[metav1.Duration]():      "duration",
	reflect.TypeFor[metav1.FieldsV1]():      "any",
	reflect.TypeFor[runtime.RawExtension](): "any",
	reflect.TypeFor[[]byte]():               "bytes",

	reflect.TypeFor[apiextensionsv1.JSON]():                              "any",
	reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrArray]():            "any",
	reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrBool]():             "any",
	reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrStringArray]():      "any",
	reflect.TypeFor[apiextensionsv1beta1.JSON]():                         "any",
	reflect.TypeFor[apiextensionsv1beta1.JSONSchemaPropsOrArray]():       "any",
	reflect.TypeFor[apiextensionsv1beta1.JSONSchemaPropsOrBool]():        "any",
	reflect.TypeFor[apiextensionsv1beta1.JSONSchemaPropsOrStringArray](): "any",
}

// ref is how a field refers to its type.
func (g *generator) ref(typ reflect.Type) string {
	if name, ok := wellKnown[typ]; ok {
		return name
	}
	switch p := reflect.New(typ).Interface().(type) {
	case json.Unmarshaler, encoding.TextUnmarshaler:
		g.t.Errorf("%T has a decoder of its own; say in wellKnown how it reads", p)
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return g.ref(typ.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32:
		return "int32"
	case reflect.Int, reflect.Int64:
		return "int64"
	case reflect.Float64:
		return "float"
	case reflect.Slice:
		return "[]" + g.ref(typ.Elem())
	case reflect.Map:
		if typ.Key().Kind() != reflect.String {
			g.t.Errorf("%v is keyed by something else than strings", typ)
		}
		return "{}" + g.ref(typ.Elem())
	case reflect.Struct:
		return g.name(typ)
	default:
		g.t.Errorf("no form for %v", typ)
		return "any"
	}
}

func (g *generator) name(typ reflect.Type) string {
	parts := strings.Split(typ.PkgPath(), "/")
	name := strings.Join(parts[max(0, len(parts)-2):], "/") + "." + typ.Name()
	switch g.names[name] {
	case nil:
		g.names[name] = typ
		g.todo = append(g.todo, typ)
	case typ:
	default:
		g.t.Errorf("two types are called %s", name)
	}
	return name
}

func (g *generator) structure(typ reflect.Type) string {
	var b strings.Builder
	fmt.Fprintln(&b, "type", g.name(typ))
	fields := g.fields(typ)
	slices.Sort(fields)
	for _, f := range fields {
		fmt.Fprintln(&b, "", f)
	}
	return b.String()
}

// fields lists those of a struct as encoding/json sees them: what is embedded
// without a name of its own counts as the struct's.
func (g *generator) fields(typ reflect.Type) []string {
	var l []string
	for f := range typ.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case f.Anonymous && name == "":
			embedded := f.Type
			if embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			l = append(l, g.fields(embedded)...)
		case !f.IsExported():
		default:
			l = append(l, cmp.Or(name, f.Name)+" "+g.ref(f.Type))
		}
	}
	return l
}
