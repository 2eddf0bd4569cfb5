package kustomize

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/edit"
	"github.com/kubevet/kubevet/render/kustomize/walk"
)

// decode reads a kustomization as kustomize does, but skips what kustomize refuses, each of which
// is a problem: unknown fields, and values of another type than the field's. changed is set if
// there are any.
func (f *files) decode(k *kustomization) (view []byte, changed bool, err error) {
	view = k.source.Data
	for range maxDropped {
		k.spec = types.Kustomization{}
		if err = k.spec.Unmarshal(view); err == nil {
			return view, f.correctKind(k) || changed, nil
		}
		j, jerr := k8syaml.YAMLToJSON(view)
		if jerr != nil {
			return nil, false, err
		}
		corrected, ok := f.withoutUnknown(k, j, err)
		if !ok {
			corrected, ok = f.withoutMistyped(k, j, err)
		}
		if !ok {
			return nil, false, err
		}
		view, changed = corrected, true
	}
	return nil, false, err
}

// withoutUnknown is a kustomization without a field that kustomize does not know.
func (f *files) withoutUnknown(k *kustomization, j []byte, err error) ([]byte, bool) {
	m := unknownField.FindStringSubmatch(err.Error())
	if m == nil {
		return nil, false
	}
	stripped, ok := edit.StripField(j, m[1])
	if !ok {
		return nil, false
	}
	at := lint.Position{File: k.source.Text.File}
	if n := walk.FindKey(k.node, m[1]); n != nil {
		at = k.source.Text.LocateNode(n).Position
	}
	f.problem(lint.CodeInvalidKustomization, at, fmt.Sprintf("unknown field %q: kustomize refuses the file", m[1]),
		"correct the name or take the field out; the rest was built without it")
	return stripped, true
}

// withoutMistyped is a kustomization without a value of another type than that of its field: with the
// text in its place if that is wanted, else without the value.
func (f *files) withoutMistyped(k *kustomization, j []byte, err error) ([]byte, bool) {
	typeError, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return nil, false
	}
	way := edit.PathAt(j, typeError.Offset)
	if len(way) == 0 {
		return nil, false
	}
	label := ""
	n := k.node
	for _, step := range way {
		switch step := step.(type) {
		case string:
			label, n = label+"."+step, walk.Field(n, step)
		case int:
			label, n = label+"["+strconv.Itoa(step)+"]", node.Item(n, step)
		}
	}
	have, want := typeError.Value, wanted(typeError.Type)
	have, _, _ = strings.Cut(have, " ") // a number follows
	instead, help := meant(n, have, typeError.Type.Kind())
	corrected, ok := edit.Put(j, way, instead)
	if !ok {
		return nil, false
	}
	if field, ok := way[0].(string); ok && len(way) > 1 && instead == nil {
		if i, ok := way[1].(int); ok { // an entry without one of its values would do something else
			k.unfit = append(k.unfit, entry{k.source.Name, field, i})
		}
	}
	f.problem(lint.CodeInvalidKustomization, k.position(n),
		fmt.Sprintf("%s is a %s, want a %s: kustomize refuses the file", printable(label[1:]), typeName(have), want), help)
	return corrected, true
}

// meant is what a value of another type than its field's was meant to be, and what to do about it.
// It is nil if that is not known.
func meant(n *yaml.Node, have string, want reflect.Kind) (instead any, help string) {
	if n != nil && n.Kind == yaml.ScalarNode {
		switch {
		case want == reflect.String:
			return n.Value, "put it in quotes; the rest was built as if it were"
		case want == reflect.Slice && have == "string":
			return []any{n.Value}, "make it a list; the rest was built as if it were one"
		case want == reflect.Bool && (n.Value == "true" || n.Value == "false"):
			return n.Value == "true", "take the quotes off; the rest was built as if it had none"
		}
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && want == reflect.Int64 {
			return i, "take the quotes off; the rest was built as if it had none"
		}
	}
	return nil, "correct the value; the rest was built without it"
}

// typeName is how reports call a type of JSON.
func typeName(t string) string {
	switch t {
	case "bool":
		return "boolean"
	case "array":
		return "list"
	case "object":
		return "mapping"
	}
	return t
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "mapping"
	default:
		return "number"
	}
}

// correctKind takes out a kind or apiVersion that kustomize refuses.
func (f *files) correctKind(k *kustomization) (changed bool) {
	s := &k.spec
	refuse := func(field, want string, value *string) {
		n := walk.Field(k.node, field)
		f.problem(lint.CodeInvalidKustomization, k.position(n), fmt.Sprintf("%s is %s, want %s: kustomize refuses the file", field, printable(*value), want),
			"correct it; the rest was built as if it were")
		*value, changed = "", true
	}
	if s.Kind != "" && s.Kind != types.KustomizationKind && s.Kind != types.ComponentKind {
		refuse("kind", types.KustomizationKind+" or "+types.ComponentKind, &s.Kind)
	}
	version := types.KustomizationVersion
	if s.Kind == types.ComponentKind {
		version = types.ComponentVersion
	}
	if s.APIVersion != "" && s.APIVersion != version {
		refuse("apiVersion", version, &s.APIVersion)
	}
	return changed
}
