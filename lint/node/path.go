package node

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// valuePath is the way from an object's root to a value. It is put together only when it
// is asked for: most values are looked at and never reported.
type valuePath struct {
	// prefix is written as a user would type it, and so are the steps below it unless
	// their bit in keys is set. The steps that are used come first.
	prefix string
	steps  [3]string
	// keys has a bit for each step that is a key as the YAML has it.
	keys uint8
}

// push appends steps as a user would type them: spec.replicas, [0]. The text is not empty.
func (p *valuePath) push(text string) {
	i := p.free()
	p.steps[i] = text
	p.keys &^= 1 << i
}

// pushKey appends one key, which may hold any character.
func (p *valuePath) pushKey(key string) {
	if key == "" {
		p.push(pathKey(key))
		return
	}
	i := p.free()
	p.steps[i] = key
	p.keys |= 1 << i
}

// free is the first step that is not used.
func (p *valuePath) free() int {
	for i := range p.steps {
		if p.steps[i] == "" {
			return i
		}
	}
	*p = valuePath{prefix: p.String()}
	return 0
}

// step is a step as a user would type it.
func (p *valuePath) step(i int) string {
	if p.keys&(1<<i) != 0 {
		return pathKey(p.steps[i])
	}
	return p.steps[i]
}

// String is the whole path.
func (p *valuePath) String() string {
	switch {
	case p.steps[0] == "":
		return p.prefix
	case p.steps[1] == "":
		return join(p.prefix, p.step(0))
	}
	first, second, third := p.step(0), p.step(1), ""
	if p.steps[2] != "" {
		third = p.step(2)
	}
	var b strings.Builder
	b.Grow(len(p.prefix) + len(first) + len(second) + len(third) + 3)
	b.WriteString(p.prefix)
	for _, s := range [...]string{first, second, third} {
		if s == "" {
			break
		}
		if b.Len() > 0 && s[0] != '[' {
			b.WriteByte('.')
		}
		b.WriteString(s)
	}
	return b.String()
}

func join(prefix, rel string) string {
	if prefix == "" || rel == "" || rel[0] == '[' {
		return prefix + rel
	}
	return prefix + "." + rel
}

// pathKey is a key as a step of a path: in brackets and quotes if it holds dots.
func pathKey(key string) string {
	if isPlainKey(key) {
		return key
	}
	return "[" + strconv.Quote(key) + "]"
}

func isPlainKey(key string) bool {
	for i := range len(key) {
		switch key[i] {
		case '.', '[', ']', '"':
			return false
		}
	}
	return key != ""
}

// pathKeyLen is the length of pathKey.
func pathKeyLen(key string) int {
	if isPlainKey(key) {
		return len(key)
	}
	for i := range len(key) {
		if c := key[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return len(pathKey(key))
		}
	}
	return len(key) + len(`[""]`)
}

// indexStep is the step to an element of a list.
func indexStep(i int) string {
	if i >= 0 && i < len(indexSteps) {
		return indexSteps[i]
	}
	return "[" + strconv.Itoa(i) + "]"
}

// indexSteps is the steps that are common.
var indexSteps = [...]string{
	"[0]", "[1]", "[2]", "[3]", "[4]", "[5]", "[6]", "[7]", "[8]", "[9]", "[10]", "[11]", "[12]", "[13]", "[14]", "[15]",
}

// elementKeys are the fields that identify an element of a list, the best first:
// volumes, environment variables and containers have a name, most ports do not.
var elementKeys = [...]string{"name", "containerPort", "port"}

// StablePath returns a path below the value in which elements of lists have their name or
// port in place of their index, so that it stays the same if another element is put
// before them. Elements without a name keep their index. Of other values nothing is
// spelled out, since they may be secrets.
func (v Value) StablePath(path string) string {
	if !strings.Contains(path, "[") {
		return path
	}
	var b strings.Builder
	b.Grow(len(path) + len(path)/2)
	at, list := v.Node, ""
	for rest := path; rest != ""; {
		step, after, isKey := cutStep(rest)
		if isKey {
			list = unquoteStep(step)
			_, at = Get(at, list)
			b.WriteString(rest[:len(rest)-len(after)])
			rest = after
			continue
		}
		var next *yaml.Node
		if i, err := strconv.Atoi(step); err == nil {
			next = Item(at, i)
		}
		b.WriteString("[" + elementName(list, step, NewValue(next)) + "]")
		at, rest = next, after
	}
	return b.String()
}

// elementName is what an element of a list is called: its name or port, a
// capability by itself, else its index. Other scalars are never spelled out,
// since arguments may hold secrets.
func elementName(list, index string, v Value) string {
	switch {
	case v.IsScalar() && (list == "add" || list == "drop"):
		return v.Node.Value
	case !v.IsMap():
		return index
	}
	for _, key := range elementKeys {
		if name := v.Get(key); name.IsScalar() && name.Node.Value != "" {
			return name.Node.Value
		}
	}
	return index
}

// SplitKeys returns the mapping keys of a path as Value.Path writes it. It is nil for an
// empty path, and for one that leads through a list.
func SplitKeys(path string) []string {
	var l []string
	for rest := path; rest != ""; {
		step, after, isKey := cutStep(rest)
		if !isKey {
			return nil
		}
		l, rest = append(l, unquoteStep(step)), after
	}
	return l
}

// At returns the value at a path below v, as Value.Path writes it: unlike for Get, the path
// may have quoted keys and indexes.
func (v Value) At(path string) Value {
	for rest := path; rest != ""; {
		step, after, isKey := cutStep(rest)
		rest = after
		if isKey {
			v = v.Child(unquoteStep(step))
		} else if i, err := strconv.Atoi(step); err == nil {
			v = v.Item(i)
		}
	}
	return v
}

// cutStep takes the first step off a path as Value.Path writes it: a key, a
// quoted key in brackets, or an index in brackets. The step of an index comes
// without its brackets.
func cutStep(path string) (step, after string, isKey bool) {
	path = strings.TrimPrefix(path, ".")
	if strings.HasPrefix(path, `["`) {
		if quoted, err := strconv.QuotedPrefix(path[1:]); err == nil {
			return quoted, strings.TrimPrefix(path[1+len(quoted):], "]"), true
		}
	}
	if strings.HasPrefix(path, "[") {
		step, after, _ = strings.Cut(path[1:], "]")
		return step, after, false
	}
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i], path[i:], true
	}
	return path, "", true
}

func unquoteStep(step string) string {
	if !strings.HasPrefix(step, `"`) {
		return step
	}
	if key, err := strconv.Unquote(step); err == nil {
		return key
	}
	return step
}
