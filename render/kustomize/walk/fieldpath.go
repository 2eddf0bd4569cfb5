package walk

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// PointsTo reports whether a JSON pointer leads where steps start. IsElement says whether the
// part at a place means the element that the step there leads to.
func PointsTo(parts []string, steps []Step, isElement func(i int) bool) bool {
	for i, part := range parts {
		switch s := steps[i]; {
		case s.Index < 0 && node.PointerKey(part) != s.Key:
			return false
		case s.Index >= 0 && !isElement(i):
			return false
		}
	}
	return true
}

// Part takes one step of a field path: a key, a number, or [key=value].
func Part(n *yaml.Node, part string) *yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return node.Child(n, part)
	}
	if i, err := strconv.Atoi(part); err == nil {
		return node.Item(n, i)
	}
	key, want, _ := strings.Cut(strings.Trim(part, "[]"), "=")
	return Named(n, key, want, -1)
}

var fieldPathPart = regexp.MustCompile(`\[[^\]]*\]|(?:[^.\\\[]|\\.)+`)

// SplitFieldPath splits spec.containers.[name=a].image into its parts.
func SplitFieldPath(p string) []string {
	l := fieldPathPart.FindAllString(p, -1)
	for i := range l {
		l[i] = strings.ReplaceAll(l[i], `\.`, ".")
	}
	return l
}

// FieldPathIs reports whether a field path leads where steps do.
func FieldPathIs(p string, steps []Step) bool {
	parts := SplitFieldPath(p)
	if len(parts) != len(steps) {
		return false
	}
	for i, s := range steps {
		switch part := parts[i]; {
		case s.Index < 0:
			if part != s.Key && part != "*" && part != "["+s.Key+"]" {
				return false
			}
		case part == "*" || part == strconv.Itoa(s.Index):
		case strings.HasPrefix(part, "["):
			key, want, _ := strings.Cut(strings.Trim(part, "[]"), "=")
			if node.Text(s.Elem, key) != want && s.Elem.Value != want {
				return false
			}
		default:
			return false
		}
	}
	return true
}
