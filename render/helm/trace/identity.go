package trace

import (
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// ValuesObject is the name of the object that holds the values.
const ValuesObject = "Values"

// Key is a place in the values, or in another object that templates see.
type Key struct {
	Parent *Key // nil for the object itself
	Name   string
	index  int  // of a list element, if name is empty
	IsName bool // the key itself rather than its value
}

// Child is the key of an entry with that name.
func (k *Key) Child(name string) *Key { return &Key{Parent: k, Name: name} }
func (k *Key) element(i int) *Key     { return &Key{Parent: k, index: i} }

// Equal reports whether both keys are the same path.
func (k *Key) Equal(o *Key) bool {
	for k != nil && o != nil {
		if k == o {
			return true
		}
		if k.Name != o.Name || k.index != o.index || k.IsName != o.IsName {
			return false
		}
		k, o = k.Parent, o.Parent
	}
	return k == o
}

// Object is the name of the object that the key is in: Values, Release.
func (k *Key) Object() string {
	for k.Parent != nil {
		k = k.Parent
	}
	return k.Name
}

// Steps are the path from the object to the key: names, and indexes in brackets.
func (k *Key) Steps() []string {
	var l []string
	for ; k.Parent != nil; k = k.Parent {
		switch {
		case k.IsName:
		case k.Name == "":
			l = append(l, "["+strconv.Itoa(k.index)+"]")
		default:
			l = append(l, k.Name)
		}
	}
	for i, j := 0, len(l)-1; i < j; i, j = i+1, j-1 {
		l[i], l[j] = l[j], l[i]
	}
	return l
}

// origin is where a string or number that templates pass on came from.
type origin struct {
	text   string // keeps the bytes alive, so that their address is not reused
	Key    *Key   // the key that the string is the value or the name of
	make   func() *Traced
	traced *Traced // the result of make, or of looking up the key
	busy   bool
	ids    *identities // of an origin that has make
}

// maxChain limits how many strings in a row can each be made from the previous one. The
// origin of a string at the end of a longer chain stays unknown: resolving it takes
// nested calls.
const maxChain = 2000

// identities finds the origin of values by their addresses.
//
// Go passes strings, maps and slices on without copying what they refer to, and
// text/template does not box a number again. So a value that passed through variables,
// dict, default or range is still at the address at which it was cloned.
type identities struct {
	strings    map[*byte]*origin
	scalars    map[unsafe.Pointer]*origin // booleans and numbers
	containers map[uintptr]*Key
	// parsed has functions that find the keys of containers that were parsed from a text.
	parsed map[uintptr]func() *Key
	// entries has functions that find the entries of maps that were parsed.
	entries map[uintptr]func() parsedEntries
	// running is set while templates are executed. Nothing is resolved during that time.
	running bool
	// made lists, for each container made by merge, omit and the like, the containers
	// that it was made from.
	made map[uintptr][]reflect.Value
	// over has, for the key of a map that lies within another one and into which that one was merged, the key of the other.
	over map[string]*Key
	keep []any // keeps everything alive whose address is used here
	// Snapshot is the values before any template could change them.
	Snapshot map[string]any
	// resolving is the number of nested resolve calls.
	resolving int
}

// NewIdentities returns an empty table of identities.
func NewIdentities() *identities {
	return &identities{
		strings:    map[*byte]*origin{},
		scalars:    map[unsafe.Pointer]*origin{},
		parsed:     map[uintptr]func() *Key{},
		entries:    map[uintptr]func() parsedEntries{},
		containers: map[uintptr]*Key{},
		made:       map[uintptr][]reflect.Value{},
		over:       map[string]*Key{},
	}
}

// overrides notes that a map with all the rest of the values around another one wins over that: what a library has as its
// defaults, over which a chart merges its own values.
func (ids *identities) overrides(base, by *Key) {
	if base == nil || by == nil || base.Object() != ValuesObject || base.IsName || by.IsName {
		return
	}
	for up := base.Parent; up != nil; up = up.Parent {
		if up.Equal(by) {
			ids.over[JoinSteps(base.Steps())] = by
			return
		}
	}
}

// Over is the path of the values to a map into which others were merged, at or above some steps, and the path to the map that
// wins over it. base is nil if there is none.
func (ids *identities) Over(steps []string) (base, by []string) {
	if len(ids.over) == 0 {
		return nil, nil
	}
	for n := len(steps) - 1; n > 0; n-- {
		if k := ids.over[JoinSteps(steps[:n])]; k != nil {
			return steps[:n], k.Steps()
		}
	}
	return nil, nil
}

// Clone copies a tree of values and gives each string and number an address of its own. A
// map that is at several places is copied once.
func (ids *identities) Clone(v any, k *Key) any { return ids.cloneTree(v, k, map[uintptr]any{}) }

func (ids *identities) cloneTree(v any, k *Key, seen map[uintptr]any) any {
	switch v := v.(type) {
	case string:
		return ids.Name(v, k)
	case bool, float64, int64, int:
		return ids.scalar(v, &origin{text: ScalarText(v), Key: k})
	case map[string]any:
		if v == nil {
			return v
		}
		id := reflect.ValueOf(v).Pointer()
		if c, ok := seen[id]; ok {
			return c
		}
		m := make(map[string]any, len(v))
		seen[id] = m
		ids.container(m, k)
		for _, name := range SortedKeys(v) {
			at := k.Child(name)
			m[ids.Name(name, &Key{Parent: at, IsName: true})] = ids.cloneTree(v[name], at, seen)
		}
		return m
	case []any:
		if len(v) == 0 {
			return v
		}
		l := make([]any, len(v))
		ids.container(l, k)
		for i := range v {
			l[i] = ids.cloneTree(v[i], k.element(i), seen)
		}
		return l
	}
	return v
}

func (ids *identities) container(c any, k *Key) {
	ids.containers[reflect.ValueOf(c).Pointer()] = k
	ids.keep = append(ids.keep, c)
}

// Name clones a string. Strings of one byte are cloned too: a registered string must not
// share an address with one of Go's static strings.
func (ids *identities) Name(s string, k *Key) string {
	return ids.register(s, &origin{Key: k})
}

// register clones a string and notes its origin.
func (ids *identities) register(s string, o *origin) string {
	if s == "" {
		return s
	}
	s = strings.Clone(s)
	o.text, o.ids = s, ids
	ids.strings[unsafe.StringData(s)] = o
	return s
}

// scalar puts a boolean or number at an address of its own, and notes its origin.
func (ids *identities) scalar(v any, o *origin) any {
	v = boxed(v)
	o.ids = ids
	ids.scalars[address(v)] = o
	ids.keep = append(ids.keep, v)
	return v
}

// boxed makes an interface whose data is at an address of its own. Go itself keeps
// booleans and small numbers in a shared table.
func boxed(v any) any {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	type iface struct{ typ, data unsafe.Pointer }
	(*iface)(unsafe.Pointer(&v)).data = p.UnsafePointer()
	return v
}

// address is the address at which an interface keeps its value.
func address(x any) unsafe.Pointer {
	type iface struct{ typ, data unsafe.Pointer }
	return (*iface)(unsafe.Pointer(&x)).data
}

// ofString is the origin of a string, or of a longer string that starts with it.
func (ids *identities) ofString(s string) *origin {
	if s == "" {
		return nil
	}
	o := ids.strings[unsafe.StringData(s)]
	switch {
	case o == nil || len(o.text) == len(s):
		return o
	case len(s) < len(o.text):
		return &origin{text: s, ids: ids, make: func() *Traced { return o.resolve().slice(0, len(s)) }}
	}
	return nil
}

// Of is the origin of a string or number.
func (ids *identities) Of(v any) *origin {
	switch x := v.(type) {
	case string:
		return ids.ofString(x)
	case bool, float64, int64, int:
		return ids.scalars[address(v)]
	case []byte: // the content of a file
		if len(x) > 0 {
			return ids.strings[&x[0]]
		}
	}
	return nil
}

// KeyOf is the key of a map or list.
func (ids *identities) KeyOf(v reflect.Value) *Key {
	v = under(v)
	if !IsContainer(v) {
		return nil
	}
	at := v.Pointer()
	k := ids.containers[at]
	if find := ids.parsed[at]; k == nil && find != nil && !ids.running {
		delete(ids.parsed, at)
		if k = find(); k != nil {
			ids.containers[at] = k
		}
	}
	return k
}

// source is the key of a map or list. If it was made from a single container, it is the
// key of that one.
func (ids *identities) source(v reflect.Value) *Key {
	for range 8 {
		v = under(v)
		if k := ids.KeyOf(v); k != nil || !IsContainer(v) {
			return k
		}
		from := ids.made[v.Pointer()]
		if len(from) != 1 {
			return nil
		}
		v = from[0]
	}
	return nil
}

// spread notes, for the containers inside v, which containers they were made from. V
// itself was made from others.
func (ids *identities) spread(v reflect.Value, level int) {
	from := ids.made[v.Pointer()]
	if len(from) == 0 || level > MaxLevels {
		return
	}
	below := func(name string, c reflect.Value) {
		if c = under(c); !IsContainer(c) || c.Len() == 0 && c.Kind() == reflect.Slice || ids.containers[c.Pointer()] != nil {
			return
		}
		if _, known := ids.made[c.Pointer()]; !known {
			ids.copied(c, from, name)
			ids.spread(c, level+1)
		}
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			below("["+strconv.Itoa(i)+"]", v.Index(i))
		}
		return
	}
	if v.Type().Key().Kind() == reflect.String {
		for it := v.MapRange(); it.Next(); {
			below(it.Key().String(), it.Value())
		}
	}
}

// IsContainer reports whether a value is a map or a list. The bytes of a file are none.
func IsContainer(v reflect.Value) bool {
	return v.IsValid() && (v.Kind() == reflect.Map || v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8)
}

// under unwraps interfaces and pointers.
func under(v reflect.Value) reflect.Value {
	for v.IsValid() && (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) {
		v = v.Elem()
	}
	return v
}

// resolve makes the text of an origin. Later calls return the same text.
func (o *origin) resolve() *Traced {
	switch {
	case o.traced != nil:
	case o.busy || o.make != nil && o.ids.resolving > maxChain: // made from itself, or from too many others: the origin stays unknown
		return &Traced{Text: o.text, Pieces: []Piece{{End: len(o.text), Kind: Printed}}}
	case o.make != nil:
		o.busy = true
		o.ids.resolving++
		o.traced = o.make()
		o.ids.resolving--
		o.busy, o.make = false, nil
	default:
		var b builder
		p := Piece{Kind: Printed}
		if o.Key != nil {
			p.Keys, p.Whole = []*Key{o.Key}, true
		}
		b.add(o.text, p)
		o.traced = b.done()
	}
	return o.traced
}

// step goes from a container to its entry with a name or index. K is the container's key,
// if known.
func (ids *identities) step(v reflect.Value, k *Key, name string) (reflect.Value, *Key) {
	return ids.stepFrom(v, k, name, 0)
}

func (ids *identities) stepFrom(v reflect.Value, k *Key, name string, depth int) (reflect.Value, *Key) {
	v = under(v)
	c := childOf(v, name)
	if known := ids.known(c); known != nil {
		return c, known
	}
	var from []reflect.Value
	if IsContainer(v) {
		from = ids.made[v.Pointer()]
	}
	if k != nil && (len(from) == 0 && ids.mayHave(k.step(name), v) || ids.holds(k.step(name), c)) {
		return c, k.step(name)
	}
	if len(from) == 0 || depth > 8 {
		return c, nil
	}
	if !c.IsValid() {
		if of := ids.source(v); of != nil && ids.mayHave(of.step(name), v) {
			return c, of.step(name) // absent from what it was copied from, too
		}
	}
	if IsContainer(c) {
		return c, ids.copied(c, from, name)
	}
	for _, f := range from {
		if x := childOf(f, name); x.IsValid() && c.IsValid() && sameScalar(x, c) {
			if _, found := ids.stepFrom(f, ids.KeyOf(f), name, depth+1); found != nil {
				return c, found
			}
		}
	}
	return c, nil
}

// known is the key that the address of a value leads to.
func (ids *identities) known(v reflect.Value) *Key {
	if k := ids.KeyOf(v); k != nil {
		return k
	}
	if v.IsValid() && v.CanInterface() {
		if o := ids.Of(v.Interface()); o != nil && o.Key != nil && !o.Key.IsName {
			return o.Key
		}
	}
	return nil
}

// copied notes that a part of a container was made from the same parts of the containers
// that the whole was made from. If there is just one such part, it returns its key.
func (ids *identities) copied(c reflect.Value, from []reflect.Value, name string) *Key {
	parts, known := ids.made[c.Pointer()]
	if !known {
		for _, f := range from {
			if x := childOf(f, name); IsContainer(x) && x.Kind() == c.Kind() && x.Pointer() != c.Pointer() {
				parts = append(parts, x)
			}
		}
		if parts != nil {
			ids.made[c.Pointer()] = parts
			ids.keep = append(ids.keep, c.Interface())
		}
	}
	if len(parts) == 1 {
		return ids.source(parts[0])
	}
	return nil
}

// holds reports whether a changed map still has the scalar that the values had at a key.
func (ids *identities) holds(k *Key, c reflect.Value) bool {
	if k.Object() != ValuesObject || !c.IsValid() || IsContainer(c) || !c.CanInterface() {
		return false
	}
	v, ok := ValueAt(ids.Snapshot, k.Steps())
	return ok && Equal(v, c.Interface())
}

// mayHave reports whether an entry of a container may be at a key: a template added what the values did not have. The release and
// the other objects do not change.
func (ids *identities) mayHave(k *Key, of reflect.Value) bool {
	if k.Object() != ValuesObject || !hasEntry(of, k) {
		return true
	}
	_, ok := ValueAt(ids.Snapshot, k.Steps())
	return ok
}

// prints reports whether the value at a key is printed as the text.
func (ids *identities) prints(k *Key, text string) bool {
	if k.Object() != ValuesObject {
		return true // the release and the other objects do not change
	}
	v, ok := ValueAt(ids.Snapshot, k.Steps())
	return ok && PrintsAs(text, v)
}

// step is the key one level below, by name or by an index in brackets.
func (k *Key) step(name string) *Key {
	if i, ok := IndexStep(name); ok {
		return k.element(i)
	}
	return k.Child(name)
}

// IndexStep reads a step of a path that is an index, such as [0].
func IndexStep(name string) (int, bool) {
	if len(name) < 3 || name[0] != '[' || name[len(name)-1] != ']' {
		return 0, false
	}
	i, err := strconv.Atoi(name[1 : len(name)-1])
	return i, err == nil && i >= 0
}

// childOf is the entry of a map with a name, or of a list at an index in brackets.
func childOf(v reflect.Value, name string) reflect.Value {
	v = under(v)
	switch {
	case !v.IsValid():
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		return under(v.MapIndex(reflect.ValueOf(name).Convert(v.Type().Key())))
	case v.Kind() == reflect.Slice:
		if i, ok := IndexStep(name); ok && i < v.Len() {
			return under(v.Index(i))
		}
	}
	return reflect.Value{}
}

// hasEntry reports whether a container has an entry with the last step of a key. It may have no value.
func hasEntry(v reflect.Value, k *Key) bool {
	switch {
	case !v.IsValid():
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		return v.MapIndex(reflect.ValueOf(k.Name).Convert(v.Type().Key())).IsValid()
	case v.Kind() == reflect.Slice:
		return k.Name == "" && k.index < v.Len()
	}
	return false
}

func sameScalar(a, b reflect.Value) bool {
	if IsContainer(a) || IsContainer(b) || !a.CanInterface() || !b.CanInterface() {
		return false
	}
	return ScalarText(a.Interface()) == ScalarText(b.Interface())
}

// Unchanged is like chain, but returns nil if a template changed the value at that place.
func (ids *identities) Unchanged(v reflect.Value, names []string) *Key {
	k := ids.KeyOf(v)
	for _, name := range names {
		v, k = ids.step(v, k, name)
	}
	if k == nil || k.Object() != ValuesObject || IsContainer(v) {
		return k
	}
	had, _ := ValueAt(ids.Snapshot, k.Steps())
	if v.IsValid() != (had != nil) || v.IsValid() && v.CanInterface() && !Equal(had, v.Interface()) {
		return nil
	}
	return k
}

// chain follows static names below a value.
func (ids *identities) chain(v reflect.Value, names []string) *Key {
	k := ids.KeyOf(v)
	for _, name := range names {
		v, k = ids.step(v, k, name)
	}
	return k
}
