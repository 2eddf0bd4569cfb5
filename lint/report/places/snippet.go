package places

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// Placeholder is, in lines to add, a value that depends on the application.
const Placeholder = "…"

// Snippet is YAML to add at a place.
type Snippet struct {
	// Lines are indented as they are in the file.
	Lines []Line
	// Replaces is set if the lines take the place of the source line, such as that of
	// an empty mapping in braces. Else they follow it.
	Replaces bool
	// BelowEntry is set if the lines belong below the rest of the entry that begins at the
	// source line, such as a list.
	BelowEntry bool
	// InValues is set if the lines are values of a chart, from the root of a values
	// file. Then they do not belong to the source line of the place.
	InValues bool
	// Brace is the column of the opening brace of the mapping that the lines belong into,
	// right after it. Zero: the mapping is not in braces.
	Brace int
	// Fixes are the findings that the lines fix, if placeholders are filled in.
	Fixes []*lint.Finding

	settings int
	root     *entry
}

// Settings are the lines as paths and values, each in one text: limits.memory: ….
func (s *Snippet) Settings() []string {
	var l []string
	s.root.settings("", &l)
	return l
}

func (e *entry) settings(path string, l *[]string) {
	for _, c := range e.entries {
		name := path + c.key
		if len(c.entries) == 0 {
			*l = append(*l, name+": "+cmp.Or(c.value, Placeholder))
		}
		c.settings(name+".", l)
	}
}

// Line is a line to add, and the findings that ask for it.
type Line struct {
	Text     string
	Findings []*lint.Finding
}

// entry is a key of a mapping to add. Without entries of its own it has a value.
type entry struct {
	key      string
	value    string
	entries  []*entry
	findings []*lint.Finding
}

// valuesKey is the key of a chart's values that gives a finding's absent field, if that
// is not the place of the finding already.
func valuesKey(f *lint.Finding) (label string, ok bool) {
	for _, s := range f.Origin.Trail {
		if s.Kind == lint.StepValues && s.Missing && s.Label != "" && f.Fix.Addition.Path != "" && s.Position != f.Origin.Position {
			return s.Label, true
		}
	}
	return "", false
}

// collect takes the findings that adding lines fixes, all to the same mapping.
func (s *Snippet) collect(p *Place) {
	for _, f := range p.Findings {
		keys := f.Fix.Addition.Keys()
		label, inValues := valuesKey(f)
		if inValues {
			keys = node.SplitKeys(label)
		}
		if len(keys) == 0 || len(s.Fixes) > 0 && !inValues && f.Fix.Addition.Indent != s.Fixes[0].Fix.Addition.Indent || !s.root.add(keys, f) {
			continue
		}
		s.InValues = inValues
		s.Fixes = append(s.Fixes, f)
	}
}

// newSnippet is the lines that a place lacks. It is nil if no finding can be fixed by adding any.
func newSnippet(p *Place) *Snippet {
	root := &entry{}
	s := &Snippet{root: root}
	s.collect(p)
	if len(s.Fixes) == 0 {
		return nil
	}
	addition := s.Fixes[0].Fix.Addition
	indent, step, flow := addition.Indent, cmp.Or(addition.Step, addition.Indent, 2), addition.Flow
	s.settings = root.leaves()
	if s.InValues {
		s.Lines = root.lines(0, 2)
		return s
	}
	key, after := p.key(), p.afterKey()
	switch {
	case p.Precision != lint.PrecisionExact || p.Line == 0 || p.Column == 0:
		return nil // there is no line to follow: an action of a template is not the mapping that it prints
	case flow || indent > 0 && strings.HasPrefix(after, "{}") && after != "{}":
		s.Brace = p.brace(indent > 0)
		if s.Brace == 0 || strings.HasSuffix(p.File, ".json") { // JSON has no bare keys, and no comma at the end
			return nil
		}
		s.Lines = root.flowLines(p.leading()+flowIndent, 2)
	case indent > 0 && (after == "{}" || after == "null" || after == "~"):
		s.Replaces = true
		s.Lines = append([]Line{{Text: strings.Repeat(" ", p.Column-1) + key + ":"}}, root.lines(p.Column-1+indent, step)...)
	case indent > 0 && after != "" && after[0] != '#' && after[0] != '&':
		return nil // a mapping in braces, or no mapping
	default:
		s.BelowEntry = indent == 0 && p.opensBlock()
		s.Lines = root.lines(p.Column-1+indent, step)
	}
	return s
}

// flowIndent is how much further to the right than the source line the lines within
// braces begin. They must be to the right of the block that the line is in, which can
// begin after a dash.
const flowIndent = 4

// leading is how many blanks the source line starts with.
func (p *Place) leading() int { return len(p.Text) - len(strings.TrimLeft(p.Text, " ")) }

// brace is the column of the brace that opens the mapping at the place: the value of the
// key there, or the entry of a list. Zero: there is none, such as in a template that
// prints the mapping.
func (p *Place) brace(ofKey bool) int {
	runes, at := []rune(p.Text), p.Column
	if ofKey {
		at = p.EndColumn
		for at >= 1 && at <= len(runes) && (runes[at-1] == ':' || runes[at-1] == ' ') {
			at++
		}
	}
	if at < 1 || at > len(runes) || runes[at-1] != '{' || at < len(runes) && runes[at] == '{' {
		return 0
	}
	return at
}

// afterKey is what follows the key at the place, without a comment.
func (p *Place) afterKey() string {
	runes := []rune(p.Text)
	if p.EndColumn < 1 || p.EndColumn-1 > len(runes) {
		return ""
	}
	rest, isKey := strings.CutPrefix(strings.TrimSpace(string(runes[p.EndColumn-1:])), ":")
	if !isKey {
		return ""
	}
	if i := strings.Index(rest, " #"); i >= 0 {
		rest = rest[:i]
	}
	return strings.TrimSpace(rest)
}

// opensBlock reports whether the source line is a key whose value is below it, such as
// the line "- args:".
func (p *Place) opensBlock() bool {
	line, _, _ := strings.Cut(p.Text, " #")
	return strings.HasSuffix(strings.TrimRight(line, " "), ":")
}

// add adds a setting. It is false if another finding wants another value there.
func (e *entry) add(keys []string, f *lint.Finding) bool {
	for _, k := range keys {
		i := slices.IndexFunc(e.entries, func(c *entry) bool { return c.key == k })
		if i < 0 {
			if e.value != "" {
				return false
			}
			i = len(e.entries)
			e.entries = append(e.entries, &entry{key: k})
		}
		e = e.entries[i]
	}
	if f.Fix.Value != "" && (e.value != "" && e.value != f.Fix.Value || len(e.entries) > 0) {
		return false
	}
	e.value = f.Fix.Value
	e.findings = append(e.findings, f)
	return true
}

func (e *entry) leaves() int {
	if len(e.entries) == 0 {
		return 1
	}
	n := 0
	for _, c := range e.entries {
		n += c.leaves()
	}
	return n
}

// lines are the entries as YAML: each on its own line but those of small mappings.
func (e *entry) lines(indent, by int) []Line {
	slices.SortFunc(e.entries, func(a, b *entry) int { return strings.Compare(a.key, b.key) })
	var l []Line
	for _, c := range e.entries {
		text := strings.Repeat(" ", indent) + scalar(c.key) + ":"
		inline, findings, ok := c.inline()
		if ok {
			l = append(l, Line{text + " " + inline, findings})
			continue
		}
		l = append(l, Line{text, c.findings})
		l = append(l, c.lines(indent+by, by)...)
	}
	return l
}

// flowLines are the entries as YAML within braces: like lines, with commas.
func (e *entry) flowLines(indent, by int) []Line {
	slices.SortFunc(e.entries, func(a, b *entry) int { return strings.Compare(a.key, b.key) })
	blanks := strings.Repeat(" ", indent)
	var l []Line
	for _, c := range e.entries {
		if inline, findings, ok := c.inline(); ok {
			l = append(l, Line{blanks + scalar(c.key) + ": " + inline + ",", findings})
			continue
		}
		l = append(l, Line{blanks + scalar(c.key) + ": {", c.findings})
		l = append(l, c.flowLines(indent+by, by)...)
		l = append(l, Line{blanks + "},", nil})
	}
	return l
}

// inline is the value of an entry in one line, if that is short.
func (e *entry) inline() (text string, findings []*lint.Finding, ok bool) {
	switch {
	case len(e.entries) == 0 && e.value == "":
		return Placeholder, e.findings, true
	case len(e.entries) == 0:
		return e.value, e.findings, true
	case len(e.entries) > 2:
		return "", nil, false
	}
	slices.SortFunc(e.entries, func(a, b *entry) int { return strings.Compare(a.key, b.key) })
	findings = slices.Clone(e.findings)
	var l []string
	for _, c := range e.entries {
		if len(c.entries) > 0 {
			return "", nil, false
		}
		value, of, _ := c.inline()
		l = append(l, scalar(c.key)+": "+value)
		findings = append(findings, of...)
	}
	return "{" + strings.Join(l, ", ") + "}", findings, true
}

// scalar is a key as YAML, in quotes if it needs them.
func scalar(key string) string {
	data, err := yaml.Marshal(key)
	if err != nil {
		return key
	}
	return strings.TrimSuffix(string(data), "\n")
}
