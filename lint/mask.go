package lint

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// masked stands in reports for what a secret and the rest of its line were.
const masked = "‹masked›"

// mask takes a secret out of the source line: everything from the value on, and
// in flow style, where other values stand before it, from the first bracket on.
// A line of a template that only refers to values stays.
func (o *Origin) mask() {
	if o.Text == "" {
		return
	}
	cut := len(o.Text) - len(strings.TrimLeft(o.Text, " \t"))
	if o.Column > 0 {
		cut = 0
		for range o.Column - 1 {
			_, size := utf8.DecodeRuneInString(o.Text[cut:])
			cut += size
		}
	}
	if i := strings.IndexAny(o.Text, "{["); i >= 0 && i < cut {
		cut = i
	} else if onlyActions(o.Text[cut:]) {
		return
	}
	o.Text = o.Text[:cut] + masked
}

// onlyActions reports template text without a literal: {{ .Values.password }}.
// It says where the secret comes from, and holds none.
func onlyActions(s string) bool {
	seen := false
	for {
		s = strings.Trim(s, " \t\r\"'")
		if s == "" {
			return seen
		}
		rest, ok := strings.CutPrefix(s, "{{")
		action, after, closed := strings.Cut(rest, "}}")
		if !ok || !closed || strings.ContainsAny(action, "\"'`") || strings.Contains(action, "/*") {
			return false
		}
		s, seen = after, true
	}
}

// maskLines masks the findings of other rules on a line with a secret, in all lists. It
// puts copies in place of those that change.
func maskLines(lists ...[]*Finding) {
	type line struct {
		file string
		line int
	}
	texts := map[line]string{}
	for _, f := range slices.Concat(lists...) {
		if !f.Secret {
			continue
		}
		at := line{f.Origin.File, f.Origin.Line}
		if have, ok := texts[at]; !ok || len(f.Origin.Text) < len(have) {
			texts[at] = f.Origin.Text
		}
	}
	if len(texts) == 0 {
		return
	}
	for _, findings := range lists {
		for i, f := range findings {
			text, ok := texts[line{f.Origin.File, f.Origin.Line}]
			if ok && f.Origin.Text != "" && f.Origin.Text != text {
				c := *f
				c.Origin.Text = text
				findings[i] = &c
			}
		}
	}
}

// locate places a diagnostic.
func (doc *Document) locate(d Diagnostic) Origin {
	if d.Line > 0 {
		if at, ok := doc.locateLine(d.At, d.Line); ok {
			return at
		}
	}
	return doc.Locate(d.At)
}

// locateLine places a line within a literal block. The second result is false
// unless the place is sure.
func (doc *Document) locateLine(v Value, n int) (Origin, bool) {
	locator, ok := doc.locator.(interface{ LocateLine(n int) Origin })
	if !ok || !v.IsScalar() || v.Node.Style&yaml.LiteralStyle == 0 {
		return Origin{}, false
	}
	lines := strings.Split(v.Node.Value, "\n")
	if n > len(lines) {
		return Origin{}, false
	}
	at := locator.LocateLine(v.Node.Line + n)
	text := strings.TrimSpace(at.Text)
	switch {
	case at.Precision != PrecisionExact || at.File == "" || text == "":
		return Origin{}, false
	case text == strings.TrimSpace(lines[n-1]):
		before, _, _ := strings.Cut(at.Text, text)
		at.Column = utf8.RuneCountInString(before) + 1
		at.EndColumn = at.Column + utf8.RuneCountInString(text)
		return at, true
	}
	return at, at.Column > 0 // a template's line, which its locator has verified
}
