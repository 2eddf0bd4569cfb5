package trace

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// parenthesized is a chain of fields in parentheses: (.Values.a).b, which is empty if a is absent.
	parenthesized = regexp.MustCompile(`\((\$?\w*(?:\.\w+)+)\)`)
	// indexedChain is a chain of fields whose last names are texts: index .Values "a" "b".
	indexedChain = regexp.MustCompile(`\b(?:index|get) (\$?\w*(?:\.\w+)+)((?: "\w+")+)`)
	// executedYAML is a value as YAML of which tpl executes the templates: the text of a value that is not there has none.
	executedYAML = regexp.MustCompile(`\btpl\s+\(\s*(?:toYaml\s+(\.|\$\w+|\$?\w*(?:\.\w+)+)|(\.|\$\w+|\$?\w*(?:\.\w+)+)\s*\|\s*toYaml)\s*\)\s+(?:\$\w*|\.)`)
)

// plainChains is a template's text with chains of fields written without parentheses and functions, and without tpl of a value's YAML.
// Its lines begin at the same columns.
func plainChains(text string) string {
	for range maxParentheses {
		if !strings.Contains(text, "(") && !indexedChain.MatchString(text) {
			break
		}
		before := text
		text = indexedChain.ReplaceAllStringFunc(text, func(s string) string {
			m := indexedChain.FindStringSubmatch(s)
			return m[1] + strings.ReplaceAll(strings.ReplaceAll(m[2], ` "`, "."), `"`, "")
		})
		if text = parenthesized.ReplaceAllString(text, "$1"); text == before {
			break
		}
	}
	return executedYAML.ReplaceAllString(text, "toYaml $1$2")
}

// otherDot is the beginning of a block that changes dot.
var otherDot = regexp.MustCompile(`\{\{-?\s*(?:else\s+)?(?:with|range|block)\b`)

// PlainText is the text of a block with chains of fields written without parentheses and functions, and with what its condition
// tests in place of the variable that has it: with $x := .Values.x. Its lines begin at the same columns.
func (b *Block) PlainText() string {
	of := "."
	if !b.With {
		of = b.Operand.Variable + "." + strings.Join(b.Operand.Fields, ".")
	}
	if b.Variable == "" || !b.With && (b.Kind != TruthTest || !b.Want || len(of) > maxReplacement) {
		return plainChains(b.Text)
	}
	to := len(b.Text)
	if at := otherDot.FindStringIndex(b.Text); at != nil && of[0] == '.' {
		to = at[0]
	}
	var text strings.Builder
	for rest := b.Text[:to]; ; {
		before, after, found := strings.Cut(rest, b.Variable)
		text.WriteString(before)
		if !found {
			break
		}
		next, _ := utf8.DecodeRuneInString(after)
		switch left := strings.TrimLeft(after, " "); {
		case strings.HasPrefix(left, "=") || strings.HasPrefix(left, ":=") || strings.HasPrefix(left, ","): // it is set to another value
			return plainChains(b.Text)
		case next == '_' || unicode.IsLetter(next) || unicode.IsDigit(next):
			text.WriteString(b.Variable)
		case of == "." && next == '.':
		default:
			text.WriteString(of)
		}
		rest = after
	}
	return plainChains(text.String() + b.Text[to:])
}

// maxReplacement limits the length of what is in place of a variable, which may be there many times.
const maxReplacement = 200

// maxParentheses limits how many parentheses around each other are removed.
const maxParentheses = 4

// FieldIn finds a field in the source of a block. It returns the field's column from 0, the
// text after it, and whether it is on the first line.
func FieldIn(text, field string) (column int, value string, first, ok bool) {
	for line := 0; ; {
		i := strings.Index(text[line:], field+":")
		if i < 0 {
			return 0, "", false, false
		}
		at := line + i
		line += strings.LastIndexByte(text[line:at], '\n') + 1
		if before := strings.TrimLeft(text[line:at], " \t"); before == "" || before == "- " {
			if beginsElement(text[:line], at-line) {
				return 0, "", false, false
			}
			return at - line, strings.TrimLeft(text[at+len(field)+1:], " \t"), line == 0, true
		}
		next := strings.IndexByte(text[at:], '\n') // only the first key of a line counts
		if next < 0 {
			return 0, "", false, false
		}
		line = at + next + 1
	}
}

// beginsElement reports whether an element of a list begins in lines of a template, to the left of a
// column: then what follows at the column belongs to that element.
func beginsElement(lines string, column int) bool {
	for line := range strings.Lines(lines) {
		content := strings.TrimLeft(line, " ")
		if strings.HasPrefix(content, "- ") && len(line)-len(content) < column {
			return true
		}
	}
	return false
}

// yamlBelow is an action that prints a value as YAML after a field, in blocks that begin there.
var yamlBelow = regexp.MustCompile(`^(?:\s*\{\{-?\s*(?:if|with)\s[^{}]*\}\})*\s*(\{\{-?[^{}]*\btoYaml\b[^{}]*\|\s*(n?)indent\s+(\d+)\s*-?\}\})`)

// Outdent is an action that prints a mapping for a field, but not to the right of it: beside the field, rather than below it.
type Outdent struct {
	// From and To are the offsets of the action in the source.
	From, To int
	// Function indents what it prints by Columns, and should do so by Want.
	Function      string
	Columns, Want int
}

// OutdentAfter is the action that prints the mapping of a field which ends at an offset of a source, and begins at a column. ok is false if
// it prints that to the right of the field, or if it is not known where.
func OutdentAfter(text string, end, column int) (o Outdent, ok bool) {
	end = min(end, len(text))
	m := yamlBelow.FindStringSubmatchIndex(text[end:])
	if m == nil {
		return o, false
	}
	o.From, o.To = end+m[2], end+m[3]
	o.Function = text[end+m[4]:end+m[5]] + "indent"
	n, err := strconv.Atoi(text[end+m[6] : end+m[7]])
	at := n
	if o.Function == "indent" { // it indents what follows the blanks of the line
		line := strings.LastIndexByte(text[:o.From], '\n') + 1
		if at += o.From - line; !IsBlank(text[line:o.From]) || strings.HasPrefix(text[o.From:], "{{-") {
			return o, false
		}
	}
	o.Columns, o.Want = n, n+column-at+2
	return o, err == nil && at <= column
}

// Field is where a block has a field at a column of its source, from 0. ok is false if that is not found.
func (p *Piece) Field(field string, column int) (from, to int, ok bool) {
	_, start := ActionSpan(p.Src.Text, p.Pos)
	if !strings.HasPrefix(p.Src.Text[start:], p.Block.Text) {
		return 0, 0, false
	}
	key := strings.Repeat(" ", column) + field + ":"
	for line := range strings.Lines(p.Block.Text) {
		if strings.HasPrefix(line, key) {
			return start + column, start + column + len(field), true
		}
		start += len(line)
	}
	return 0, 0, false
}
