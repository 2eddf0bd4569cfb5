package trace

import (
	"maps"
	"strings"
)

// shape says where in a value of a template the values of the chart as a whole may be. Nil if they
// are nowhere in it: what is at a key that a template names is no longer the whole.
type shape struct {
	kind shapeKind
	// parts are what is at the known keys of a map, and others what is at any other key, or in a
	// list.
	parts  map[string]*shape
	others *shape
	// path is the key below which the values of a subchart are.
	path  []string
	depth int
	name  string // which no shape but an equal one has
}

type shapeKind int

const (
	// isMixed is a map or list that has the values in it.
	isMixed shapeKind = iota
	// isValues is the values themselves, or those of a subchart.
	isValues
	// isSubcharts has what the templates of each subchart are given.
	isSubcharts
	// isUnknown may be anything.
	isUnknown
)

var (
	theUnknown = &shape{kind: isUnknown, name: "?"}
	// theScope is what the template of a file is given.
	theScope = scopeOf(nil)
)

// scopeOf is what the templates of a subchart are given, or those of the chart itself.
func scopeOf(path []string) *shape {
	if len(path) > maxShapeDepth {
		return theUnknown
	}
	name := strings.Join(path, "/")
	return mixed(map[string]*shape{
		ValuesObject: {kind: isValues, path: path, name: "V" + name},
		subcharts:    {kind: isSubcharts, path: path, name: "S" + name},
	}, nil)
}

// Limits of the shapes that are distinguished: a template may include itself with another map around what it was
// given, or with a subchart of it.
const (
	maxShapeDepth = 6
	maxShapeName  = 4096
)

// mixed is a map or list that has something.
func mixed(parts map[string]*shape, others *shape) *shape {
	s := &shape{parts: map[string]*shape{}, others: others}
	add := func(name string, part *shape) {
		if part != nil {
			s.depth = max(s.depth, part.depth+1)
			s.name += name + ":" + part.name + ","
		}
	}
	for _, name := range SortedKeys(parts) {
		if parts[name] != nil && len(s.name) <= maxShapeName {
			s.parts[name] = parts[name]
			add(name, parts[name])
		}
	}
	add("*", others)
	switch {
	case s.depth == 0:
		return nil
	case s.depth > maxShapeDepth || len(s.name) > maxShapeName:
		return theUnknown
	}
	s.name = "{" + s.name + "}"
	return s
}

// id is the name of the shape.
func (s *shape) id() string {
	if s == nil {
		return ""
	}
	return s.name
}

// either is a value that may have one shape or another.
func either(l ...*shape) (s *shape) {
	for _, o := range l {
		switch {
		case o == nil || s.id() == o.name:
		case s == nil:
			s = o
		case s.kind != isMixed || o.kind != isMixed:
			return theUnknown
		default:
			parts := maps.Clone(s.parts)
			for name, part := range o.parts {
				parts[name] = either(parts[name], part)
			}
			s = mixed(parts, either(s.others, o.others))
		}
	}
	return s
}

// isWhole reports whether it is the values themselves, or what has all of a subchart, or may be.
func (s *shape) isWhole() bool { return s != nil && s.kind != isMixed }

// at is what a map has at a key.
func (s *shape) at(key string) *shape { return either(s.parts[key], s.others) }

// element is what may be at any key of a map, or in a list.
func (s *shape) element() *shape {
	if s == nil {
		return nil
	}
	e := s.others
	for _, name := range SortedKeys(s.parts) {
		e = either(e, s.parts[name])
	}
	return e
}

// clashesWith reports whether a map has one of some keys.
func (s *shape) clashesWith(keys map[string]bool) bool {
	if s == nil {
		return false
	}
	if s.kind != isMixed || s.others != nil {
		return true
	}
	for name := range s.parts {
		if keys[name] {
			return true
		}
	}
	return false
}

// sameAs are the functions whose result is one of the arguments, or a part of it.
var sameAs = names("default coalesce ternary required and or deepCopy mustDeepCopy omit pick unset")

// Functions of lists: those that add elements to one, those whose result has elements of one, and those
// whose result is an element.
var (
	adders  = names("append mustAppend push mustPush prepend mustPrepend")
	restOf  = names("concat rest mustRest initial mustInitial reverse mustReverse uniq mustUniq compact mustCompact slice mustSlice")
	firstOf = names("first mustFirst last mustLast")
)

// mergers put maps into the first of them.
var mergers = names("merge mustMerge mergeOverwrite mustMergeOverwrite")

// typeFuncs look at no more of a map than its keys.
var typeFuncs = names("typeIs kindIs typeOf kindOf typeIsLike not empty len keys")

// namesShape reports whether the name of a shape could be mistaken if a map in it had a key.
func namesShape(key string) bool { return strings.ContainsAny(key, "{}:,*?/") }
