package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// shape is one kind of value: how the schema describes it, and how it is read.
// What makes no sense goes to the reader's problems, and the second result is
// false.
type shape[V any] struct {
	schema *schema
	read   func(r *reader, n *yaml.Node, path string) (V, bool)
}

// scalar is a value that is written as text, with one of the tags that YAML
// gives such texts.
func scalar[V any](s *schema, want string, tags []string, parse func(r *reader, text string) (V, error)) shape[V] {
	return shape[V]{s, func(r *reader, n *yaml.Node, path string) (v V, ok bool) {
		if n.Kind != yaml.ScalarNode || !slices.Contains(tags, n.ShortTag()) {
			r.wrong(n, path, want)
			return v, false
		}
		v, err := parse(r, n.Value)
		if err != nil {
			r.problemf(n, "%s: %v", path, err)
			return v, false
		}
		return v, true
	}}
}

// aText are the tags of what has to be a text.
var aText = []string{"!!str"}

// text is a text that is not blank.
var text = scalar(&schema{Type: "string", Pattern: `\S`}, "a text", aText, func(_ *reader, s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New("the text is blank; want some")
	}
	return s, nil
})

// anyText is a text that may be empty.
var anyText = scalar(&schema{Type: "string"}, "a text", aText, func(_ *reader, s string) (string, error) { return s, nil })

// matching is a text that matches an expression.
func matching(expression, want string) shape[string] {
	re := regexp.MustCompile(expression)
	return scalar(&schema{Type: "string", Pattern: expression}, want, aText, func(_ *reader, s string) (string, error) {
		if !re.MatchString(s) {
			return "", fmt.Errorf("bad value %q; want %s", s, want)
		}
		return s, nil
	})
}

// checked is a text that a function finds nothing wrong with.
func checked(want string, check func(string) error) shape[string] {
	return scalar(&schema{Type: "string", MinLength: 1}, want, aText, func(_ *reader, s string) (string, error) {
		return s, check(s)
	})
}

// choice is one of the names, each of which means a value.
func choice[V any](noun string, names []string, values []V) shape[V] {
	want := strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
	return scalar(&schema{Type: "string", Enum: names}, want, aText, func(_ *reader, s string) (v V, err error) {
		if i := slices.Index(names, s); i >= 0 {
			return values[i], nil
		}
		if near := suggest.Closest(s, names); near != "" {
			return v, fmt.Errorf("unknown %s %q; did you mean %q", noun, s, near)
		}
		return v, fmt.Errorf("unknown %s %q; want %s", noun, s, want)
	})
}

var boolean = scalar(&schema{Type: "boolean"}, "true or false", []string{"!!bool"}, func(_ *reader, s string) (bool, error) {
	return strings.EqualFold(s, "true"), nil
})

var date = scalar(&schema{Type: "string", Format: "date"}, "a date like 2027-03-01", []string{"!!str", "!!timestamp"},
	func(_ *reader, s string) (time.Time, error) {
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return t, fmt.Errorf("bad date %q; want a day that exists, like 2027-03-01", s)
		}
		return t, nil
	})

// days is a number of days, up to ten years.
var days = scalar(&schema{Type: "integer"}, "a number of days from 1 to 3650", []string{"!!int"}, func(_ *reader, s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 3650 {
		return 0, fmt.Errorf("bad value %s; want a number of days from 1 to 3650", s)
	}
	return n, nil
})

// version may be written without quotes: its text counts, not the number 1.3
// that YAML makes of 1.30.
var version = scalar(&schema{Type: []string{"string", "number"}, Pattern: `^v?[1-9][0-9]*\.[0-9]+(\..*)?$`}, "a version like 1.31",
	[]string{"!!str", "!!float"}, func(_ *reader, s string) (lint.Version, error) { return lint.ParseVersion(s) })

// either is a scalar or a mapping.
func either[V any](want string, text, mapping shape[V]) shape[V] {
	return shape[V]{&schema{AnyOf: []*schema{text.schema, mapping.schema}}, func(r *reader, n *yaml.Node, path string) (v V, ok bool) {
		switch n.Kind {
		case yaml.MappingNode:
			return mapping.read(r, n, path)
		case yaml.ScalarNode:
			return text.read(r, n, path)
		default:
			r.wrong(n, path, want)
			return v, false
		}
	}}
}

// changed is a shape whose value is turned into another.
func changed[V, W any](s shape[V], change func(V) W) shape[W] {
	return shape[W]{s.schema, func(r *reader, n *yaml.Node, path string) (w W, ok bool) {
		v, ok := s.read(r, n, path)
		if !ok {
			return w, false
		}
		return change(v), true
	}}
}

// list is any number of values.
func list[V any](each shape[V]) shape[[]V] {
	return shape[[]V]{&schema{Type: "array", Items: each.schema}, func(r *reader, n *yaml.Node, path string) ([]V, bool) {
		if n.ShortTag() != "!!seq" {
			r.wrong(n, path, "a list")
			return nil, false
		}
		var l []V
		for i, c := range n.Content {
			if v, ok := each.read(r, c, fmt.Sprintf("%s[%d]", path, i)); ok {
				l = append(l, v)
			}
		}
		return l, len(l) == len(n.Content)
	}}
}

// some is a value, or a list of at least one.
func some[V any](each shape[V]) shape[[]V] {
	many := list(each)
	atLeastOne := *many.schema
	atLeastOne.MinItems = 1
	return shape[[]V]{&schema{AnyOf: []*schema{each.schema, &atLeastOne}}, func(r *reader, n *yaml.Node, path string) ([]V, bool) {
		if n.Kind != yaml.SequenceNode {
			v, ok := each.read(r, n, path)
			return []V{v}, ok
		}
		if len(n.Content) == 0 {
			r.problemf(n, "%s is an empty list; want at least one", path)
			return nil, false
		}
		return many.read(r, n, path)
	}}
}

// entry is a key of a mapping with keys of the user's own.
type entry[V any] struct {
	key   string
	value V
	at    lint.Position
}

// mapping has keys of the user's own. It keeps their order.
func mapping[V any](key shape[string], value shape[V]) shape[[]entry[V]] {
	s := &schema{Type: "object", PropertyNames: key.schema, AdditionalProperties: value.schema}
	return shape[[]entry[V]]{s, func(r *reader, n *yaml.Node, path string) ([]entry[V], bool) {
		var l []entry[V]
		before := len(r.problems)
		for k, v := range r.pairs(n, path) {
			name, ok := key.read(r, k, path)
			if !ok {
				continue
			}
			at := position(r.file, k)
			if i := slices.IndexFunc(l, func(e entry[V]) bool { return e.key == name }); i >= 0 {
				r.problemf(k, "%s has %q twice; the other is on line %d", path, name, l[i].at.Line)
				continue
			}
			if value, ok := value.read(r, v, below(path, k.Value)); ok {
				l = append(l, entry[V]{name, value, at})
			}
		}
		return l, len(r.problems) == before
	}}
}

// texts is a mapping of texts, such as labels.
func texts(value shape[string]) shape[map[string]string] {
	return changed(mapping(text, value), func(l []entry[string]) map[string]string {
		m := make(map[string]string, len(l))
		for _, e := range l {
			m[e.key] = e.value
		}
		return m
	})
}

// pairs yields the keys and values of a mapping that are fit to be looked at.
// Keys that appear twice are reported, and the first one counts.
func (r *reader) pairs(n *yaml.Node, path string) func(func(k, v *yaml.Node) bool) {
	return func(yield func(k, v *yaml.Node) bool) {
		if n.ShortTag() != "!!map" {
			r.wrong(n, path, "a mapping")
			return
		}
		lines := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			line, twice := lines[k.Value]
			switch {
			case k.ShortTag() == "!!merge":
				r.problemf(k, "%s has a merge key; want the keys themselves", orRoot(path))
			case k.Kind != yaml.ScalarNode || k.ShortTag() != "!!str":
				r.problemf(k, "a key of %s is %s; want a text", orRoot(path), what(k))
			case twice:
				r.problemf(k, "%s has %q twice; the other is on line %d", orRoot(path), k.Value, line)
			default:
				lines[k.Value] = k.Line
				if !yield(k, v) {
					return
				}
			}
		}
	}
}

// record is a mapping whose keys are known, read into a T.
type record[T any] struct {
	fields []field[T]
	// at is where the record keeps its place. It is nil if the record keeps none.
	at func(*T) *lint.Position
	// check looks at the whole once all fields have been read without a
	// problem. It may be nil.
	check func(r *reader, n *yaml.Node, path string, v *T)
}

// field is a key of a record.
type field[T any] struct {
	name     string
	schema   *schema
	required bool
	// preset is the default as YAML. It is empty for the zero value of the Go field.
	preset string
	read   func(r *reader, n *yaml.Node, path string, into *T) bool
}

// key makes a field of its name, its description for editors, the shape of its
// value, and where that value is kept.
func key[T, V any](name, doc string, s shape[V], in func(*T) *V) field[T] {
	described := *s.schema
	described.Description = doc
	return field[T]{name: name, schema: &described, read: func(r *reader, n *yaml.Node, path string, into *T) bool {
		v, ok := s.read(r, n, path)
		if ok {
			*in(into) = v
		}
		return ok
	}}
}

// must makes a field one that has to be given.
func (f field[T]) must() field[T] {
	f.required = true
	return f
}

// or gives a field a default, as YAML.
func (f field[T]) or(preset string) field[T] {
	f.preset = preset
	f.schema.Default = plain(parsePreset(preset))
	return f
}

// parsePreset reads a default, which is written by us.
func parsePreset(preset string) *yaml.Node {
	n, problem := parseYAML("", []byte(preset))
	if problem != nil {
		panic(problem.Message)
	}
	return n
}

// plain is a default as the schema gives it.
func plain(n *yaml.Node) any {
	var v any
	if err := n.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

// start gives a record its defaults.
func (t *record[T]) start(into *T) {
	for _, f := range t.fields {
		if f.preset != "" {
			f.read(&reader{presets: true}, parsePreset(f.preset), f.name, into)
		}
	}
}

// fill reads the fields of a record that has its defaults.
func (t *record[T]) fill(r *reader, n *yaml.Node, path string, into *T) bool {
	before := len(r.problems)
	if t.at != nil {
		*t.at(into) = position(r.file, n)
	}
	var names, seen []string
	for _, f := range t.fields {
		names = append(names, f.name)
	}
	for k, v := range r.pairs(n, path) {
		i := slices.Index(names, k.Value)
		if i < 0 {
			r.unknownKey(k, path, names)
			continue
		}
		seen = append(seen, k.Value)
		t.fields[i].read(r, v, below(path, k.Value), into)
	}
	for _, f := range t.fields {
		if n.Kind == yaml.MappingNode && f.required && !slices.Contains(seen, f.name) {
			r.problemf(n, "%s has no %s; want one", path, f.name)
		}
	}
	if len(r.problems) == before && t.check != nil {
		t.check(r, n, path, into)
	}
	return len(r.problems) == before
}

func (r *reader) unknownKey(k *yaml.Node, path string, names []string) {
	in := ""
	if path != "" {
		in = " in " + path
	}
	if near := suggest.Closest(k.Value, names); near != "" {
		r.problemf(k, "unknown key %q%s; did you mean %q", k.Value, in, near)
		return
	}
	r.problemf(k, "unknown key %q%s; want one of %s", k.Value, in, strings.Join(names, ", "))
}

// shape makes a record the shape of a value.
func (t *record[T]) shape() shape[T] {
	return shape[T]{t.schema(), func(r *reader, n *yaml.Node, path string) (v T, ok bool) {
		t.start(&v)
		ok = t.fill(r, n, path, &v)
		return v, ok
	}}
}

func (t *record[T]) schema() *schema {
	s := &schema{Type: "object", Properties: map[string]*schema{}, AdditionalProperties: false}
	for _, f := range t.fields {
		s.Properties[f.name] = f.schema
		s.order = append(s.order, preset{f.name, f.preset})
		if f.required {
			s.Required = append(s.Required, f.name)
		}
	}
	return s
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func orRoot(path string) string {
	if path == "" {
		return "the configuration"
	}
	return path
}
