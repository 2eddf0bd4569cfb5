// Package blocktext says, from the text of a block of a template, what the block would print: all of a value, a part of a map, the first of some
// values that is not empty. It executes nothing: what it says is tried out, or compared with what a condition tests.
package blocktext

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/render/helm/branch"
	"github.com/kubevet/kubevet/render/helm/trace"
)

// Prints reports whether what a block prints is the value that a test of its condition tests.
func Prints(what string, b *trace.DisabledBlock, test branch.Test) bool {
	if what == "." {
		return b.IsDot(test.Condition)
	}
	return what == strings.Join(trace.Join([]string{test.Operand.Variable}, test.Operand.Fields...), ".")
}

// PrintsAsText reports whether a block prints what a test of its condition tests where a text is, and so is no switch: in quotes, as an element of a
// list, or as a name of a host or of an object.
func PrintsAsText(b *trace.DisabledBlock, test branch.Test) bool {
	if strings.TrimPrefix(test.Operand.Variable, "$") != "" {
		return false
	}
	chain := "." + strings.Join(test.Operand.Fields, ".")
	for _, m := range textValue.FindAllStringSubmatch(b.PlainText(), -1) {
		isText := m[1] != "" || m[3] != ""
		if isText && strings.TrimPrefix(m[2], "$") == chain {
			return true
		}
	}
	return false
}

// textValue prints a value as a scalar: the first group has what is before a text, the second the value, and the third quotes it.
var textValue = regexp.MustCompile(`((?:^|\n)\s*-\s+|["']|\b(?:host|\w*[nN]ame):\s+)?\{\{-?\s*(\$?(?:\.\w+)+)\s*(\|\s*s?quote\s*)?-?\}\}`)

// ownValue prints one value as YAML, and nothing else.
var ownValue = regexp.MustCompile(`^\s*\{\{-?\s*(?:toYaml\s+(\.|\$\w+|\$?\w*(?:\.\w+)+)|(\.|\$\w+|\$?\w*(?:\.\w+)+)\s*\|\s*toYaml)\s*(?:\|\s*n?indent \d+\s*)?-?\}\}\s*$`)

// OwnValue is the value that a text prints as YAML, if it prints nothing else. It is empty if there is none.
func OwnValue(text string) string {
	if m := ownValue.FindStringSubmatch(text); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// mergedValue prints as YAML what it merges one value into, and nothing else.
var mergedValue = regexp.MustCompile(`^\s*\{\{-?\s*toYaml\s+\((?:mergeOverwrite|mustMergeOverwrite)\s[^{}]*\s(\$?\w*(?:\.\w+)+)\s*\)\s*(?:\|\s*n?indent \d+\s*)?-?\}\}\s*$`)

// MergedValue is the value that wins over the others which a text merges and prints as YAML, if it prints nothing else. It is empty if there is
// none.
func MergedValue(text string) string {
	if m := mergedValue.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// partOfMap is the beginning of an action that takes some keys of a map: omit .x "a" | toYaml.
const partOfMap = `\{\{-?\s*(?:toYaml\s+\(\s*)?(omit|pick)\s+(\$?\w*(?:\.\w+)+|\$\w+|\.)((?:\s+"[^"{}]*")+)`

// ownPart prints some keys of a map as YAML, and nothing else.
var ownPart = regexp.MustCompile(`^\s*` + partOfMap + `\s*\)?\s*(?:\|\s*(?:toYaml|n?indent \d+)\s*)*-?\}\}\s*$`)

// Part is some keys of a map.
type Part struct {
	// Of is the map.
	Of string
	// names are the keys, in quotes, that are taken or, if isOmitted is set, left out.
	names     string
	isOmitted bool
}

// OwnPart is the part of a map that a text prints as YAML, if it prints nothing else. Nil if there is none.
func OwnPart(text string) *Part {
	m := ownPart.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	return &Part{Of: m[2], names: m[3], isOmitted: m[1] == "omit"}
}

// Has reports whether a part of a map may have the first key of a path.
func (p *Part) Has(path string) bool {
	name := path[:len(path)-len(strings.TrimLeftFunc(path, func(r rune) bool { return r != '.' && r != '[' }))]
	return strings.Contains(p.names, strconv.Quote(name)) != p.isOmitted
}

// passedYAML prints one value as YAML, also what tpl makes of it.
var passedYAML = regexp.MustCompile(`^\s*\{\{-?\s*(?:tpl\s+\()?\s*toYaml\s+(\.|\$?\w*(?:\.\w+)+)\)?[^{}]*\}\}`)

// FirstValue is the value that a text prints first as YAML, also what tpl makes of it. It is empty if there is none.
func FirstValue(text string) string {
	if m := passedYAML.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// putting puts a value into a map, and does nothing else: {{ $_ := set $container "securityContext" . }}.
var putting = regexp.MustCompile(`^\s*\{\{-?\s*\$\w+\s*:?=\s*set\s+(\$\w+)\s+"(\w+)"\s+(\.|\$?\w*(?:\.\w+)+)\s*-?\}\}\s*$`)

// Putting is the map into which a text puts a value, and does nothing else, the key there, and the value.
func Putting(text string) (into, key, what string, ok bool) {
	m := putting.FindStringSubmatch(text)
	if m == nil {
		return "", "", "", false
	}
	return m[1], m[2], m[3], true
}

// indented is the indentation of a value that an action prints as YAML.
var indented = regexp.MustCompile(`\bn?indent (\d+)\s*-?\}\}\s*$`)

// Indentation is the column at which the last action of a text prints its lines.
func Indentation(text string) (columns int, ok bool) {
	m := indented.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	columns, err := strconv.Atoi(m[1])
	return columns, err == nil
}

// argument is an argument of an action.
var argument = regexp.MustCompile(`[\s(](\$?\w*(?:\.\w+)+|\$\w*|\.)`)

// arguments are the values that an action is given, up to n of them.
func arguments(action string, n int) (l []string) {
	for _, m := range argument.FindAllStringSubmatch(action, n) {
		l = append(l, m[1])
	}
	return l
}

// oneOf is an action that prints the first value of some that is not empty, as YAML.
var oneOf = regexp.MustCompile(`^\s*\{\{-?(?:\s*(?:toYaml|default|or|coalesce|dict|n?indent \d+|[(|)]|\.|\$?\w*(?:\.\w+)+|\$\w+))+\s*-?\}\}`)

// PrintsOneOf reports whether a text prints as YAML the first value of some that is not empty, and what a test tests is among these:
// toYaml (.x | default .y). It is sure that this would be printed if the block is there for each of the values, so that all are empty.
func PrintsOneOf(value string, b *trace.DisabledBlock, test branch.Test) (ok, isSure bool) {
	action := oneOf.FindString(value)
	if !strings.Contains(action, "toYaml") || !strings.Contains(action, "default ") && !strings.Contains(action, "or ") && !strings.Contains(action, "coalesce ") {
		return false, false
	}
	isSure = !b.With && !strings.Contains(action, "dict") && IsAnyTrue(b.Condition)
	for _, a := range arguments(action, -1) {
		ok = ok || Prints(a, b, test)
		isSure = isSure && slices.ContainsFunc(b.Tests, func(c *trace.Condition) bool {
			return Prints(a, b, branch.Test{Condition: c})
		})
	}
	return ok, ok && isSure
}

// IsOneOf reports whether a text has one action that prints the first value of some that is not empty, and nothing else.
func IsOneOf(text string) bool {
	return strings.TrimSpace(oneOf.FindString(text)) == strings.TrimSpace(text)
}

// IsAnyTrue reports whether a condition is that one of some values is not empty.
func IsAnyTrue(c *trace.Condition) bool {
	if c.Kind == trace.AnyOf {
		return !slices.ContainsFunc(c.Parts, func(p *trace.Condition) bool { return !IsAnyTrue(p) })
	}
	return c.Kind == trace.TruthTest && c.Want
}

// passedOnYAML prints a value, or a part of a map, as YAML.
var passedOnYAML = regexp.MustCompile(`\{\{-?\s*(?:toYaml\s+(\$?\w*(?:\.\w+)+|\$\w+|\.)|(\$?\w*(?:\.\w+)+|\$\w+|\.)\s*\|\s*toYaml\b)|` + partOfMap)

// maxPrinted is how many actions are looked at that print YAML after a field.
const maxPrinted = 8

// PassedOn are the values, or maps of which some keys are taken, that a text prints as YAML.
func PassedOn(text string) (l []string) {
	for _, m := range passedOnYAML.FindAllStringSubmatch(text, maxPrinted) {
		l = append(l, m[1]+m[2]+m[4])
	}
	return l
}

// IsGiven reports whether the text of a value is an include that is given what a test of the block's condition tests, or all values.
func IsGiven(value string, b *trace.DisabledBlock, test branch.Test) bool {
	from, to := trace.ActionSpan(value, strings.Index(value, "{{")+len("{{"))
	return strings.Contains(value[from:to], "include ") && slices.ContainsFunc(arguments(value[from:to], -1), func(a string) bool {
		isAll := a == "$" || a == "." && !b.With
		return isAll && slices.Contains(test.Operand.Fields, "Values") || Prints(a, b, test)
	})
}

// ownBlock is an if or with in the block of an if, whose condition is one value.
var ownBlock = regexp.MustCompile(`(?s)^\s*\{\{-?\s*(if|with)\s+(\$?\w*(?:\.\w+)+)\s*-?\}\}(.*?)\{\{-?\s*end\s*-?\}\}`)

// PrintsOwn reports whether the block of an if prints after a field what is in the value that
// its test tests, in one of the blocks there: {{ with .x }}{{ toYaml . }}{{ end }}. The others
// print their own values, and are not entered.
func PrintsOwn(b *trace.DisabledBlock, tested trace.Operand, value string) bool {
	if b.With { // dot is another one
		return false
	}
	for {
		m := ownBlock.FindStringSubmatch(value)
		if m == nil {
			return false
		}
		what := OwnValue(m[3])
		if what == "" {
			return false
		}
		if m[1] == "with" && what == "." {
			what = m[2]
		}
		if what == m[2] && what == tested.Variable+"."+strings.Join(tested.Fields, ".") {
			return true
		}
		value = value[len(m[0]):]
	}
}

// besideSwitch prints a mapping as YAML without one of its keys.
var besideSwitch = regexp.MustCompile(`^\s*\{\{-?\s*omit\s+(\$?\w*(?:\.\w+)+)\s+"(\w+)"\s*\|\s*toYaml\s*(?:\|\s*n?indent \d+\s*)?-?\}\}\s*$`)

// givenMap is an include that is given some values by their names: include "render" (dict "context" .x).
var givenMap = regexp.MustCompile(`^\s*\{\{-?\s*include\s[^{}]*\bdict\s[^{}]*\}\}`)

// PrintsBeside reports whether a block prints after a field all that is beside the key that its
// condition tests: {{ if .x.enabled }}securityContext: {{ omit .x "enabled" | toYaml }}{{ end }}. An include
// that is given the map may do so, which is tried.
func PrintsBeside(tested trace.Operand, value string) bool {
	key := tested.Variable + "." + strings.Join(tested.Fields, ".")
	if m := besideSwitch.FindStringSubmatch(value); m != nil {
		return m[1]+"."+m[2] == key
	}
	return len(tested.Fields) > 1 && slices.Contains(arguments(givenMap.FindString(value), maxPrinted), key[:strings.LastIndexByte(key, '.')])
}

var (
	wholeBlock = regexp.MustCompile(`^\s*\{\{-?\s*(?:toYaml\s+(\.|\$?\w*(?:\.\w+)+)|(\.|\$?\w*(?:\.\w+)+)\s*\|\s*toYaml)\s*(?:\|\s*n?indent \d+\s*)?-?\}\}`)
	oneValue   = regexp.MustCompile(`^"?\{\{-?\s*(\.|\$?\w*(?:\.\w+)+)\s*(?:\|\s*(?:quote|int|toString)\s*)?-?\}\}"?\s*(?:\n|$)`)
	listOf     = regexp.MustCompile(`^[ \t]*\n?\s*\{\{-?\s*range\s+(?:\$\w+(?:\s*,\s*\$\w+)?\s*:=\s*)?(\.|\$?\w*(?:\.\w+)+)\s*-?\}\}`)
	// literalBlock is a mapping or list of which the template has the first key.
	literalBlock = regexp.MustCompile(`^[ \t]*\n[ \t]*(?:- )?[\w./-]+:`)
	constant     = regexp.MustCompile(`^[^\s{][^{\n]*(?:\n|$)`)
)

// WholeBlock is the value that a text prints first as YAML. It is empty if there is none.
func WholeBlock(text string) string {
	if m := wholeBlock.FindStringSubmatch(text); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// blockEdge begins or ends a block. If it is a with of a key of the values, it has the key.
var blockEdge = regexp.MustCompile(`\{\{-?\s*(if|with|range|define|block|end)\b(?:\s+(\$?\.Values(?:\.\w+)+)\s*-?\}\})?`)

// NamedDot is the end of a text with the key of the values in place of dot that it prints first as YAML, where a with of the text sets dot to the
// key: {{ with .Values.x }}securityContext: {{ toYaml . }}. It is the end as it is if there is no such key.
func NamedDot(text, end string) string {
	at := wholeBlock.FindStringSubmatchIndex(end)
	if WholeBlock(end) != "." || !strings.HasSuffix(text, end) {
		return end
	}
	var dots []string // of the blocks around, from the outermost one
	for _, m := range blockEdge.FindAllStringSubmatch(text[:len(text)-len(end)], -1) {
		dot := ""
		if n := len(dots); n > 0 {
			dot = dots[n-1]
		}
		switch {
		case m[1] == "end" && len(dots) > 0:
			dots = dots[:len(dots)-1]
			continue
		case m[1] == "end":
			return end
		case m[1] != "if":
			dot = ""
		}
		if m[1] == "with" {
			dot = m[2]
		}
		dots = append(dots, dot)
	}
	if len(dots) == 0 || dots[len(dots)-1] == "" {
		return end
	}
	from, to := max(at[2], at[4]), max(at[3], at[5])
	return end[:from] + dots[len(dots)-1] + end[to:]
}

// OneValue is the value that a text prints as a scalar. It is empty if there is none.
func OneValue(text string) string {
	if m := oneValue.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// ListOf is the list over which a text ranges first. It is empty if there is none.
func ListOf(text string) string {
	if m := listOf.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// IsLiteral reports whether a text begins with a value that the template itself has.
func IsLiteral(text string) bool { return constant.MatchString(text) || literalBlock.MatchString(text) }

// printedValue prints one value, or what a template or function makes of it.
var printedValue = regexp.MustCompile(`^"?\{\{-?\s*(?:include "[^"]+" |toYaml |default \S+ )?(\$?\w*(?:\.\w+)+)\s*(?:\|[\s\w"]+)*-?\}\}"?\s*(?:\n|$)`)

// PrintedKey is the values key that a block prints at a path below a field. Value is the block's text after the field. Nil if
// it is not known, or if it has nothing in common with the key that the block's condition tests.
func PrintedKey(test branch.Test, value, path string) []string {
	chain := PrintedChain(value, path)
	if variable, _, _ := strings.Cut(chain, "."); variable != test.Operand.Variable {
		return nil
	}
	return KeyBeside(test, chain)
}

// PrintedChain is the chain of fields that a block prints at a path below a field. It is empty if it is not known.
func PrintedChain(value, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		_, of, _, ok := trace.FieldIn(value, name)
		if !ok {
			return ""
		}
		value = of
	}
	if m := printedValue.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	return ""
}

// KeyBeside is the values key of a chain of fields that has its first ones in common with what a test tests. Nil if it has none.
func KeyBeside(test branch.Test, chain string) []string {
	_, rest, _ := strings.Cut(chain, ".")
	names, tested := strings.Split(rest, "."), test.Operand.Fields
	same := 0
	for same < min(len(names), len(tested)) && names[same] == tested[same] {
		same++
	}
	if same == 0 || len(tested)-same > len(test.Steps) {
		return nil
	}
	return trace.Join(test.Steps[:len(test.Steps)-len(tested)+same], names[same:]...)
}
