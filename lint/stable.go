package lint

import (
	"strconv"
	"strings"
)

// elementKeys are what tells the elements of a list apart, the best first:
// volumes, environment variables and containers have a name, ports mostly not.
var elementKeys = [...]string{"name", "containerPort", "port"}

// stablePath is the path of a value of the document with what elements of lists
// are called in place of their index: an element put before another must not
// make its defects new ones. Elements that are called nothing keep the index.
func (d *Document) stablePath(path string) string {
	var b strings.Builder
	at := d.Root
	list := ""
	for rest := path; rest != ""; {
		step, after, isKey := cutStep(rest)
		if isKey {
			at, list = at.Child(unquoteStep(step)), unquoteStep(step)
			b.WriteString(rest[:len(rest)-len(after)])
			rest = after
			continue
		}
		next := Value{}
		if i, err := strconv.Atoi(step); err == nil && at.IsList() && i >= 0 && i < len(at.Node.Content) {
			next = NewValue(at.Node.Content[i])
		}
		b.WriteString("[" + elementName(list, step, next) + "]")
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
	if key, err := strconv.Unquote(step); err == nil && strings.HasPrefix(step, `"`) {
		return key
	}
	return step
}
