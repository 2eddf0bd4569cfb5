package lint

import (
	"strconv"
	"strings"
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
