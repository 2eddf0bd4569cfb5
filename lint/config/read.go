package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/suggest"
)

// Known is what a configuration may refer to.
type Known struct {
	// Rules are all that there are. If it is nil, any id is accepted.
	Rules []*lint.Rule
	// Items are the ids of the checklist's items. If it is nil, any id is accepted.
	Items []string
}

// Parse reads a configuration. The file's name goes into positions. Problems
// are everything that makes no sense, sorted by place; the Config then holds
// what could be read, and should not be used.
func Parse(file string, data []byte, known Known) (*Config, []lint.Problem) {
	c := Default()
	c.File = file
	r := &reader{file: file, known: known}
	root, problem := parseYAML(file, data)
	switch {
	case problem != nil:
		r.problems = append(r.problems, *problem)
	case root != nil:
		table.fill(r, root, "", c)
		checkConfig(r, root, c)
	}
	slices.SortStableFunc(r.problems, func(a, b lint.Problem) int {
		return cmp.Or(a.Compare(b.Position), cmp.Compare(a.Message, b.Message))
	})
	return c, r.problems
}

// given is the value of a key that does not have its default.
type given struct {
	node *yaml.Node
	// from is what gave it, if not the file.
	from string
}

// parseYAML reads one document. The node is nil if it holds nothing.
func parseYAML(file string, data []byte) (*yaml.Node, *lint.Problem) {
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, syntaxProblem(file, data, err)
	}
	switch err := decoder.Decode(&more); {
	case err == nil:
		return nil, &lint.Problem{Code: lint.CodeInvalidConfig, Position: position(file, &more), Message: "a second document starts here; want one"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxProblem(file, data, err)
	}
	root, last := node.Expand(&doc, maxValues)
	if last != nil {
		return nil, &lint.Problem{
			Code:     lint.CodeInvalidConfig,
			Position: position(file, last),
			Message:  fmt.Sprintf("there are more than %d values up to here; want fewer, or fewer aliases of aliases", maxValues),
		}
	}
	root = root.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, nil
	}
	return root, nil
}

// yamlError is how errors of the YAML library look.
var yamlError = regexp.MustCompile(`(?s)^(?:yaml: )+(?:line (\d+): )?(.*)$`)

// oneTooFew are the errors for which the library counts lines from zero.
var oneTooFew = regexp.MustCompile(`^did not find expected (key|node content|'-' indicator|<|',' or)`)

var unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)

func syntaxProblem(file string, data []byte, err error) *lint.Problem {
	text, line := err.Error(), 0
	if m := yamlError.FindStringSubmatch(text); m != nil {
		text = m[2]
		line, _ = strconv.Atoi(m[1]) // without a number it is zero
	}
	lines := bytes.Split(data, []byte("\n"))
	anchor := unknownAnchor.FindStringSubmatch(text)
	switch {
	case line > 0 && oneTooFew.MatchString(text):
		line++
	case line > 0:
	case anchor != nil:
		line = 1 + slices.IndexFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte("*"+anchor[1])) })
	default: // on the first line, or nothing but text was looked at so far
		line = 1 + max(0, slices.IndexFunc(lines, unreadable))
	}
	p := lint.Problem{
		Code:     lint.CodeInvalidConfig,
		Position: lint.Position{File: file, Line: min(line, len(lines))},
		Message:  "the YAML cannot be read: " + strings.ReplaceAll(unknownAnchor.ReplaceAllString(text, "unknown anchor referenced"), "\n", " "),
	}.Safe()
	return &p
}

// unreadable reports whether a line holds what YAML forbids in any place.
func unreadable(line []byte) bool {
	return !utf8.Valid(line) || bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' || r == 0x7f })
}

// maxValues limits how many values aliases may expand a file to.
const maxValues = 100_000

func position(file string, n *yaml.Node) lint.Position {
	return lint.Position{File: file, Line: n.Line, Column: n.Column}
}

// what names the type of a value for messages. The value itself is not printed: a file
// that is no configuration may hold secrets.
func what(n *yaml.Node) string {
	switch n.ShortTag() {
	case "!!map":
		return "a mapping"
	case "!!seq":
		return "a list"
	case "!!null":
		return "empty"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	case "!!timestamp":
		return "a date"
	case "!!str":
		return "a text"
	default:
		return "of another type"
	}
}

// reader gathers what makes no sense.
type reader struct {
	file string
	// from is the flag that is read, if it is not a file.
	from string
	// presets is set while defaults are read.
	presets  bool
	known    Known
	problems []lint.Problem
}

func (r *reader) problemf(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, lint.Problem{Code: lint.CodeInvalidConfig, Position: position(r.file, n), Message: fmt.Sprintf(format, args...)})
}

// wrong reports a value of the wrong type.
func (r *reader) wrong(n *yaml.Node, path, want string) {
	if n.ShortTag() == "!!null" {
		want += ", or the key left out"
	}
	r.problemf(n, "%s is %s; want %s", orRoot(path), what(n), want)
}

// rule is the present id of a rule.
func (r *reader) rule(id string) (string, error) {
	if r.known.Rules == nil {
		return id, nil
	}
	rule, err := lint.FindRule(r.known.Rules, id)
	if err != nil {
		return "", err
	}
	return rule.ID, nil
}

func (r *reader) item(id string) (string, error) {
	if r.known.Items == nil || slices.Contains(r.known.Items, id) {
		return id, nil
	}
	if near := suggest.Closest(id, r.known.Items); near != "" {
		return "", fmt.Errorf("unknown checklist item %q; did you mean %q", id, near)
	}
	return "", fmt.Errorf("unknown checklist item %q; want an id of the checklist", id)
}

func quote(s string) string { return strconv.Quote(s) }
