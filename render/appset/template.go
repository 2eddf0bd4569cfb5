package appset

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// The limits on templates: how long one may be, and what a function may give.
const (
	maxTemplate = 8 << 10
	maxText     = 8 << 10
	maxLevels   = 20
)

var parameter = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// fillNames puts parameters in the place of {{name}}.
func fillNames(text string, values map[string]any) string {
	if len(text) > maxTemplate {
		return text
	}
	return parameter.ReplaceAllStringFunc(text, func(found string) string {
		value, ok := values[parameter.FindStringSubmatch(found)[1]]
		if filled := fmt.Sprint(value); ok && len(filled) <= maxText/8 {
			return filled
		}
		return found
	})
}

// flatten notes the values of a mapping by their whole paths: a.b, a.0.
func flatten(flat map[string]any, path string, v any) {
	if strings.Count(path, ".") > maxLevels {
		return
	}
	join := func(key string) string {
		if path == "" {
			return key
		}
		return path + "." + key
	}
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			flatten(flat, join(key), value)
		}
	case []any:
		for i, value := range v {
			flatten(flat, join(strconv.Itoa(i)), value)
		}
	case nil:
	default:
		flat[path] = v
	}
}

// parseTemplate reads a template of Go. It is nil if the template does more than to print parameters: nothing of it may
// take long, or make a long text.
func parseTemplate(text string) *template.Template {
	if len(text) > maxTemplate {
		return nil
	}
	t, err := template.New("").Funcs(functions).Option("missingkey=error").Parse(text)
	if err != nil || len(t.Templates()) > 1 || t.Tree == nil || !isPlain(t.Root) {
		return nil
	}
	return t
}

// fillTemplate executes a template. ok is false if a parameter is missing.
func fillTemplate(t *template.Template, values map[string]any) (filled string, ok bool) {
	if t == nil {
		return "", false
	}
	if values == nil {
		values = map[string]any{}
	}
	var b limited
	if t.Execute(&b, values) != nil || strings.Contains(b.String(), "<no value>") {
		return "", false
	}
	return b.String(), true
}

// limited is a text that may not become long.
type limited struct{ strings.Builder }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxText {
		return 0, errLong
	}
	return l.Builder.Write(p)
}

// isPlain reports whether a part of a template has no loops, and calls no function but those that are known.
func isPlain(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.ListNode:
		return n == nil || !slices.ContainsFunc(n.Nodes, func(n parse.Node) bool { return !isPlain(n) })
	case *parse.TextNode, *parse.CommentNode:
		return true
	case *parse.ActionNode:
		return isPlainPipe(n.Pipe)
	case *parse.IfNode:
		return isPlainPipe(n.Pipe) && isPlain(n.List) && isPlain(n.ElseList)
	case *parse.WithNode:
		return isPlainPipe(n.Pipe) && isPlain(n.List) && isPlain(n.ElseList)
	}
	return false
}

func isPlainPipe(p *parse.PipeNode) bool {
	return !slices.ContainsFunc(p.Cmds, func(c *parse.CommandNode) bool {
		return slices.ContainsFunc(c.Args, func(n parse.Node) bool { return !isPlainArgument(n) })
	})
}

func isPlainArgument(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.PipeNode:
		return isPlainPipe(n)
	case *parse.ChainNode:
		return isPlainArgument(n.Node)
	case *parse.IdentifierNode:
		return functions[n.Ident] != nil || slices.Contains(builtins, n.Ident)
	}
	return true // fields, variables and constants
}

// builtins are the functions of every template that are used.
var builtins = []string{"and", "eq", "ge", "gt", "index", "le", "len", "lt", "ne", "not", "or"}

var errLong = errors.New("too long")

// short fails for a long text: functions of functions could double it without end.
func short(s string) (string, error) {
	if len(s) > maxText {
		return "", errLong
	}
	return s, nil
}

// functions are those of sprig and of Argo CD that are used for names and paths.
var functions = template.FuncMap{
	"contains":   func(part, s string) bool { return strings.Contains(s, part) },
	"default":    defaultTo,
	"dig":        dig,
	"empty":      isEmpty,
	"first":      func(l []string) string { return element(l, 0) },
	"hasPrefix":  func(prefix, s string) bool { return strings.HasPrefix(s, prefix) },
	"hasSuffix":  func(suffix, s string) bool { return strings.HasSuffix(s, suffix) },
	"join":       func(separator string, l []string) (string, error) { return short(strings.Join(l, separator)) },
	"last":       func(l []string) string { return element(l, len(l)-1) },
	"lower":      strings.ToLower,
	"normalize":  normalized,
	"quote":      func(v any) (string, error) { return short(strconv.Quote(scalar(v))) },
	"replace":    replace,
	"splitList":  func(separator, s string) []string { return strings.Split(s, separator) },
	"squote":     func(v any) (string, error) { return short("'" + scalar(v) + "'") },
	"ternary":    ternary,
	"toString":   func(v any) (string, error) { return short(scalar(v)) },
	"trim":       strings.TrimSpace,
	"trimPrefix": func(prefix, s string) string { return strings.TrimPrefix(s, prefix) },
	"trimSuffix": func(suffix, s string) string { return strings.TrimSuffix(s, suffix) },
	"upper":      strings.ToUpper,
	"printf":     printf,
}

// scalar is a scalar as it is printed. Others are too long to be part of a name.
func scalar(v any) string {
	switch v.(type) {
	case string, bool, int, float64:
		return fmt.Sprint(v)
	}
	return strings.Repeat(" ", maxText+1)
}

func element(l []string, i int) string {
	if i < 0 || i >= len(l) {
		return ""
	}
	return l[i]
}

func isEmpty(v any) bool {
	truth, ok := template.IsTrue(v)
	return !ok || !truth
}

func defaultTo(other any, given ...any) any {
	if len(given) == 0 || isEmpty(given[0]) {
		return other
	}
	return given[0]
}

func ternary(a, b any, test bool) any {
	if test {
		return a
	}
	return b
}

// replace puts a text in the place of another. A text that is long enough for the result to be long is none of a path.
func replace(old, with, s string) (string, error) {
	if len(s)*max(len(with), 1) > maxText*8 {
		return "", errLong
	}
	return short(strings.ReplaceAll(s, old, with))
}

var plainFormat = regexp.MustCompile(`^(?:[^%]|%[svq%])*$`)

// printf is that of Go without widths.
func printf(format string, args ...any) (string, error) {
	if !plainFormat.MatchString(format) {
		return "", errors.New("a format that is not used for names")
	}
	for i, v := range args {
		args[i] = scalar(v)
	}
	return short(fmt.Sprintf(format, args...))
}

var errDig = errors.New("want keys, a default and a mapping")

// dig is a value of a mapping by its keys, or the default that follows them.
func dig(args ...any) (any, error) {
	if len(args) < 3 {
		return nil, errDig
	}
	keys, other := args[:len(args)-2], args[len(args)-2]
	at := args[len(args)-1]
	for _, key := range keys {
		name, isText := key.(string)
		m, isMap := at.(map[string]any)
		if !isText || !isMap {
			return nil, errDig
		}
		next, ok := m[name]
		if !ok {
			return other, nil
		}
		at = next
	}
	return at, nil
}
