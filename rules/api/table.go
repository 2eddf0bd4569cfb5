package api

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
)

// tableText is the kinds of Kubernetes and their fields. TestTable generates it
// from Kubernetes' Go types. Two kinds of lines start what follows them:
//
//	kind apiVersion kind type introduced deprecated removed replacement
//	type name
//
// The indented lines after a type are its fields: a name, and a form. A form is the name
// of a type, or a basic one; [] before it makes it a list, {} a map from strings.
//
//go:embed table.txt
var tableText string

// table is the text, split when a rule first asks for it.
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
	basisAny basis = iota // any form
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

	// The fields of a struct, sorted by name, are read from text when they are first needed.
	read   sync.Once
	fields []field
	byName map[string]*form
	text   string
	forms  *forms
}

type field struct {
	name string
	form *form
}

// all lists the fields of a struct, sorted by name.
func (f *form) all() []field {
	f.read.Do(func() {
		for line := range strings.Lines(f.text) {
			name, ref, _ := strings.Cut(strings.TrimSpace(line), " ")
			f.fields = append(f.fields, field{name, f.forms.get(ref)})
		}
		f.byName = make(map[string]*form, len(f.fields))
		for _, of := range f.fields {
			f.byName[of.name] = of.form
		}
	})
	return f.fields
}

// field finds a field of a struct. Names count to the letter, as they do for
// the API server.
func (f *form) field(name string) *form {
	f.all()
	return f.byName[name]
}

// names lists the names of a struct's fields.
func (f *form) names() []string {
	l := make([]string, len(f.all()))
	for i, field := range f.all() {
		l[i] = field.name
	}
	return l
}

// forms makes forms when they are first named.
type forms struct {
	mu     sync.Mutex
	byName map[string]*form
	// text is the lines of the fields of each type.
	text map[string]string
}

func (l *forms) get(name string) *form {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.make(name)
}

func (l *forms) make(name string) *form {
	f := l.byName[name]
	if f != nil {
		return f
	}
	f = &form{basis: basisStruct, forms: l}
	l.byName[name] = f
	switch {
	case strings.HasPrefix(name, "[]"):
		f.basis, f.element = basisList, l.make(name[2:])
	case strings.HasPrefix(name, "{}"):
		f.basis, f.element = basisMap, l.make(name[2:])
	default:
		f.text = l.text[name]
	}
	return f
}

// loadTable reads the table, once.
var loadTable = sync.OnceValue(newTable)

// newTable splits the text: the kinds at once, the types when they are needed.
func newTable() *table {
	t := &table{kinds: map[kindKey]*kind{}, byName: map[string][]*kind{}}
	l := &forms{byName: map[string]*form{}, text: map[string]string{}}
	for name, b := range basics {
		l.byName[name] = &form{basis: b}
	}
	kinds, types, _ := strings.Cut(tableText, "\ntype ")
	for typ := range strings.SplitSeq(types, "\ntype ") {
		name, fields, _ := strings.Cut(typ, "\n")
		l.text[name] = fields
	}
	for line := range strings.SplitSeq(kinds, "\n") {
		if words := strings.Split(line, " "); words[0] == "kind" {
			t.add(newKind(words[1:], l))
		}
	}
	for i := range removedKinds {
		t.add(&removedKinds[i])
	}
	for _, k := range untagged {
		if known := t.kinds[k.kindKey]; known != nil {
			known.introduced, known.deprecated, known.removed, known.replacement = k.introduced, k.deprecated, k.removed, k.replacement
		}
	}
	return t
}

func (t *table) add(k *kind) {
	t.kinds[k.kindKey] = k
	t.byName[k.kind] = append(t.byName[k.kind], k)
	if !slices.Contains(t.groups, k.group()) {
		t.groups = append(t.groups, k.group())
	}
}

// newKind reads a line of the table. What the text holds is known: it is generated.
func newKind(words []string, l *forms) *kind {
	k := &kind{kindKey: kindKey{words[0], words[1]}, form: l.get(words[2])}
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

// find is the kind of an object, or nil if Kubernetes' own API has no such kind.
func (t *table) find(o *lint.Object) *kind {
	return t.kinds[kindKey{o.APIVersion, o.Kind}]
}
