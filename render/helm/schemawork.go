package helm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/kubevet/kubevet/render/helm/trace"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxSchemaWork is how many times a schema, or a part of one, may be held against a
// part of the values. Schemas whose references multiply would take for ever, and the
// library cannot be stopped.
const maxSchemaWork = 10_000_000

// schemaWork counts, without doing it, how often parts of a schema are compared with
// parts of values at most.
type schemaWork struct {
	known map[schemaPair]int
}

// schemaPair is a part of a schema and a part of values. The values are told by
// the address of a map or list; all scalars count as one.
type schemaPair struct {
	schema *jsonschema.Schema
	value  uintptr
	length int
}

// checkSchemaWork refuses a schema that takes too long with these values.
func checkSchemaWork(s *jsonschema.Schema, v any) error {
	w := &schemaWork{known: map[schemaPair]int{}}
	if w.count(s, v) >= maxSchemaWork {
		return fmt.Errorf("%w: a schema that is held against the values more than %d times", trace.ErrBudget, maxSchemaWork)
	}
	return nil
}

func (w *schemaWork) count(s *jsonschema.Schema, v any) int {
	if s == nil {
		return 0
	}
	at := schemaPair{schema: s}
	if c := reflect.ValueOf(v); trace.IsContainer(c) {
		at.value, at.length = c.Pointer(), c.Len()
	}
	if n, ok := w.known[at]; ok {
		return n
	}
	w.known[at] = 0 // a reference to itself: the library finds the cycle
	n := 1
	for _, sub := range alternatives(s) {
		n += w.count(sub, v)
	}
	switch v := v.(type) {
	case map[string]any:
		n += w.object(s, v)
	case []any:
		n += w.array(s, v)
	}
	n = min(n, maxSchemaWork)
	w.known[at] = n
	return n
}

// alternatives are the schemas that are held against the same value as s.
func alternatives(s *jsonschema.Schema) []*jsonschema.Schema {
	l := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	l = append(l, s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else, s.ContentSchema)
	if s.DynamicRef != nil {
		l = append(l, s.DynamicRef.Ref)
	}
	for _, d := range s.Dependencies {
		if sub, ok := d.(*jsonschema.Schema); ok {
			l = append(l, sub)
		}
	}
	return slices.AppendSeq(l, maps.Values(s.DependentSchemas))
}

func (w *schemaWork) object(s *jsonschema.Schema, m map[string]any) (n int) {
	additional, _ := s.AdditionalProperties.(*jsonschema.Schema)
	for _, name := range trace.SortedKeys(m) {
		v := m[name]
		n += w.count(s.PropertyNames, name) + w.count(s.UnevaluatedProperties, v)
		sub, known := s.Properties[name]
		n += w.count(sub, v)
		for re, sub := range s.PatternProperties {
			if re.MatchString(name) {
				known = true
				n += w.count(sub, v)
			}
		}
		if !known {
			n += w.count(additional, v)
		}
		n = min(n, maxSchemaWork)
	}
	return n
}

func (w *schemaWork) array(s *jsonschema.Schema, l []any) (n int) {
	additional, _ := s.AdditionalItems.(*jsonschema.Schema)
	each := []*jsonschema.Schema{additional, s.Items2020, s.UnevaluatedItems, s.Contains}
	items, isList := s.Items.([]*jsonschema.Schema)
	if one, ok := s.Items.(*jsonschema.Schema); ok {
		each = append(each, one)
	}
	if !isList {
		items = s.PrefixItems
	}
	for i, v := range l {
		for _, sub := range each {
			n += w.count(sub, v)
		}
		if i < len(items) {
			n += w.count(items[i], v)
		}
		n = min(n, maxSchemaWork)
	}
	return n
}
