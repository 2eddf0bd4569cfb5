package lint

import "sync"

// UnitIndex names a value that is computed from a whole unit, such as its Services by
// name. The result gives the value for the unit of a Pass: it is built when a rule
// first asks for it, and once for all rules and objects of the unit. Build may ask for
// other indexes, and must not report. No rule may change the value. The result is
// safe for concurrent use. The name is for people who debug.
func UnitIndex[T any](name string, build func(*Pass) T) func(*Pass) T {
	key := &indexKey{name}
	return func(p *Pass) T {
		if p.shared == nil { // a Pass that no Checker made
			return build(p)
		}
		return p.shared.indexes.get(key, func() any { return build(p) }).(T)
	}
}

// ObjectIndex is UnitIndex for what is computed from one object, for rules that look
// at the same object: it is kept until the object has been checked.
func ObjectIndex[T any](name string, build func(*Pass, *Object) T) func(*Pass, *Object) T {
	key := &indexKey{name}
	return func(p *Pass, o *Object) T {
		if v, ok := p.ofObject[objectKey{key, o}].(T); ok {
			return v
		}
		v := build(p, o)
		if p.ofObject == nil {
			p.ofObject = map[objectKey]any{}
		}
		p.ofObject[objectKey{key, o}] = v
		return v
	}
}

// indexKey tells indexes apart: by its address.
type indexKey struct{ name string }

type objectKey struct {
	index  *indexKey
	object *Object
}

// indexes are those of one unit.
type indexes struct {
	mu    sync.Mutex
	built map[*indexKey]*index
}

type index struct {
	once  sync.Once
	value any
}

// get builds a value once. Others who ask for it meanwhile wait; the index of
// another name may be built at the same time, also by build itself.
func (x *indexes) get(key *indexKey, build func() any) any {
	x.mu.Lock()
	if x.built == nil {
		x.built = map[*indexKey]*index{}
	}
	i := x.built[key]
	if i == nil {
		i = &index{}
		x.built[key] = i
	}
	x.mu.Unlock()
	i.once.Do(func() { i.value = build() })
	return i.value
}
