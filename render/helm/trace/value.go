package trace

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Join makes a new path from two others.
func Join(a []string, b ...string) []string {
	return append(slices.Clip(a), b...)
}

// ValueAt follows steps through maps and lists. ok is false if one is missing.
func ValueAt(v any, steps []string) (any, bool) {
	for _, s := range steps {
		c := reflect.ValueOf(v)
		if !IsContainer(under(c)) {
			return nil, false
		}
		if m, ok := v.(map[string]any); ok {
			if v, ok = m[s]; !ok {
				return nil, false
			}
			continue
		}
		x := childOf(c, s)
		if !x.IsValid() || !x.CanInterface() {
			return nil, false
		}
		v = x.Interface()
	}
	return v, true
}

// ChildNode is the entry of a node with a name, or at an index in brackets.
func ChildNode(n *yaml.Node, step string) (k, v *yaml.Node) {
	n = aliased(n)
	if n == nil {
		return nil, nil
	}
	if n.Kind == yaml.SequenceNode {
		if i, ok := IndexStep(step); ok && i < len(n.Content) {
			return n.Content[i], aliased(n.Content[i])
		}
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		if n.Content[i].Value == step {
			return n.Content[i], aliased(n.Content[i+1])
		}
	}
	return mergedNode(n, step)
}

// mergedNode looks for a name in the mappings that a mapping merges (<<).
func mergedNode(n *yaml.Node, step string) (k, v *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "<<" {
			continue
		}
		sources := []*yaml.Node{aliased(n.Content[i+1])}
		if sources[0] != nil && sources[0].Kind == yaml.SequenceNode {
			sources = sources[0].Content
		}
		for _, s := range sources {
			if s = aliased(s); s == n {
				continue
			}
			if k, v := ChildNode(s, step); v != nil {
				return k, v
			}
		}
	}
	return nil, nil
}

func aliased(n *yaml.Node) *yaml.Node {
	for range 16 {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

// Equal compares scalars. Numbers are compared by value, whatever their types.
func Equal(a, b any) bool {
	if IsContainer(reflect.ValueOf(a)) || IsContainer(reflect.ValueOf(b)) {
		return IsContainer(reflect.ValueOf(a)) && IsContainer(reflect.ValueOf(b)) &&
			reflect.ValueOf(a).Kind() == reflect.ValueOf(b).Kind()
	}
	_, s1 := a.(string)
	_, s2 := b.(string)
	return s1 == s2 && canonical(a) == canonical(b)
}

func canonical(v any) string {
	switch v := v.(type) {
	case int:
		return strconv.FormatFloat(float64(v), 'g', -1, 64)
	case int64:
		return strconv.FormatFloat(float64(v), 'g', -1, 64)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return ScalarText(v)
}

// PrintsAs reports whether a scalar value is printed as the text, in YAML or plainly.
func PrintsAs(text string, v any) bool {
	text = strings.TrimSpace(text)
	if IsContainer(reflect.ValueOf(v)) {
		return text == "{}" || text == "[]"
	}
	if text == ScalarText(v) {
		return true
	}
	if s, ok := v.(string); ok {
		return strings.TrimSpace(s) == text || isYAMLOf(text, v)
	}
	return isYAMLOf(text, v)
}

func isYAMLOf(text string, v any) bool {
	var x any
	return len(text) < 4096 && yaml.Unmarshal([]byte(text), &x) == nil && Equal(x, v)
}

// JoinSteps is the path of a key as a user types it: image.tag, hosts[0].
func JoinSteps(steps []string) string {
	var b strings.Builder
	for i, s := range steps {
		if _, ok := IndexStep(s); ok {
			b.WriteString(s)
			continue
		}
		if strings.ContainsAny(s, ".[]\"") {
			b.WriteString("[" + strconv.Quote(s) + "]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s)
	}
	return b.String()
}

// SortedKeys lists the keys of a map in alphabetical order.
func SortedKeys[V any](m map[string]V) []string {
	l := make([]string, 0, len(m))
	for k := range m {
		l = append(l, k)
	}
	slices.Sort(l)
	return l
}

// OneLine is a text on one line, shortened.
func OneLine(s string) string {
	const limit = 400
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > limit {
		cut := limit
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + " …"
	}
	return s
}
