package api

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
)

// tableText is the kinds of Kubernetes and their fields. TestTable generates it
// from Kubernetes' Go types. Two sorts of lines start what follows them:
//
//	kind apiVersion kind type introduced deprecated removed replacement
//	type name
//
// The indented lines after a type are its fields: a name, and a form. A form is the name
// of a type, or a basic one; [] before it makes it a list, {} a map from strings.
//
//go:embed table.txt
var tableText string

// table is the text, taken apart when a rule first asks for it.
type table struct {
	kinds map[kindKey]*kind
	// byName lists the kinds of a name in order of the text.
	byName map[string][]*kind
	// groups lists the API groups.
	groups []string
}

type kindKey struct{ apiVersion, kind string }

// kind is a kind of object in one version of its API.
type kind struct {
	kindKey
	form *form
	// introduced, deprecated and removed are zero if Kubernetes does not say.
	introduced, deprecated, removed lint.Version
	// replacement is what Kubernetes names as such; zero: nothing.
	replacement kindKey
}

func (k kindKey) group() string {
	group, _, ok := strings.Cut(k.apiVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// basis is what a form comes down to.
type basis byte

const (
	basisAny basis = iota // whatever one likes
	basisString
	basisBool
	basisInt32
	basisInt64
	basisFloat
	basisQuantity
	basisIntOrString
	basisTime
	basisDuration
	basisBytes
	basisList
	basisMap
	basisStruct
)

var basics = map[string]basis{
	"any":      basisAny,
	"string":   basisString,
	"bool":     basisBool,
	"int32":    basisInt32,
	"int64":    basisInt64,
	"float":    basisFloat,
	"quantity": basisQuantity,
	"intstr":   basisIntOrString,
	"time":     basisTime,
	"duration": basisDuration,
	"bytes":    basisBytes,
}

// form is the form of a value.
type form struct {
	basis basis
	// element is that of a list or map.
	element *form
	// fields are those of a struct, sorted by name.
	fields []field
}

type field struct {
	name string
	form *form
}

// field finds a field of a struct. Names count to the letter, as they do for
// the API server.
func (f *form) field(name string) *form {
	i, ok := slices.BinarySearchFunc(f.fields, name, func(f field, name string) int {
		return strings.Compare(f.name, name)
	})
	if !ok {
		return nil
	}
	return f.fields[i].form
}

// names lists the fields of a struct.
func (f *form) names() []string {
	l := make([]string, len(f.fields))
	for i, field := range f.fields {
		l[i] = field.name
	}
	return l
}

// loadTable reads the table, once.
var loadTable = sync.OnceValue(func() *table {
	t := &table{kinds: map[kindKey]*kind{}, byName: map[string][]*kind{}}
	forms := map[string]*form{}
	for name, b := range basics {
		forms[name] = &form{basis: b}
	}
	var current *form
	for line := range strings.Lines(tableText) {
		line = strings.TrimSuffix(line, "\n")
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "kind":
			t.add(newKind(strings.Split(rest, " "), forms))
		case "type":
			current = formOf(forms, rest)
		case "":
			name, ref, _ := strings.Cut(rest, " ")
			current.fields = append(current.fields, field{name, formOf(forms, ref)})
		}
	}
	for _, k := range gone {
		t.add(&k)
	}
	return t
})

func (t *table) add(k *kind) {
	t.kinds[k.kindKey] = k
	t.byName[k.kind] = append(t.byName[k.kind], k)
	if !slices.Contains(t.groups, k.group()) {
		t.groups = append(t.groups, k.group())
	}
}

// newKind reads a line of the table. What the text holds is known: it is generated.
func newKind(words []string, forms map[string]*form) *kind {
	k := &kind{kindKey: kindKey{words[0], words[1]}, form: formOf(forms, words[2])}
	for i, v := range []*lint.Version{&k.introduced, &k.deprecated, &k.removed} {
		if words[3+i] != "-" {
			*v, _ = lint.ParseVersion(words[3+i])
		}
	}
	if apiVersion, name, ok := strings.Cut(words[6], ","); ok {
		k.replacement = kindKey{apiVersion, name}
	}
	return k
}

// formOf is the form of that name, made when first named.
func formOf(forms map[string]*form, name string) *form {
	f := forms[name]
	if f != nil {
		return f
	}
	f = &form{basis: basisStruct}
	forms[name] = f
	switch {
	case strings.HasPrefix(name, "[]"):
		f.basis, f.element = basisList, formOf(forms, name[2:])
	case strings.HasPrefix(name, "{}"):
		f.basis, f.element = basisMap, formOf(forms, name[2:])
	}
	return f
}

// find is the kind of an object, or nil if Kubernetes' own API has no such kind.
func (t *table) find(o *lint.Object) *kind {
	return t.kinds[kindKey{o.APIVersion, o.Kind}]
}
