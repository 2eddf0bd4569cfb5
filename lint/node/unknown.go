package node

import (
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// A value is unknown where the text of the manifest is not what the cluster gets: a
// placeholder that another program fills in (Flux, envsubst, Ansible, Octopus,
// OpenShift templates), encrypted text (SOPS), or a reference that a build
// replaces (ko). Rules give no verdict on it. This file is the one place that
// knows what is unknown.

// UnknownPart replaces each placeholder in the result of Value.PartialText. No manifest
// needs this character.
const UnknownPart = '\uFFFC'

// IsKnown reports whether the value is what the cluster gets. It is false
//
//   - for a scalar that is a placeholder, encrypted, or a build reference;
//   - for a scalar that contains a placeholder, unless the field holds free text, in
//     which a program of its own may give a meaning to it: arguments, the values
//     of variables, annotations, the data of a ConfigMap;
//   - for a list that is a placeholder, or with an unknown element, and for a mapping with a placeholder in
//     place of a key: they may hold anything;
//   - for an absent value, if one of these should contain it.
func (v Value) IsKnown() bool {
	if v.Node == nil {
		return !v.unknown && (v.lacks == nil || !mayContainFields(v.lacks))
	}
	switch v.Node.Kind { //nolint:exhaustive // a Value is of these kinds
	case yaml.ScalarNode:
		return !v.isUnknownText(v.Node.Value)
	case yaml.MappingNode:
		return !IsPlaceholderMap(v.Node) && !hasPlaceholderKey(v.Node)
	case yaml.SequenceNode:
		if IsPlaceholderList(v.Node) {
			return false
		}
		for item := range v.Items() {
			if IsPlaceholderMap(item.Node) || item.IsScalar() && item.isUnknownText(item.Node.Value) {
				return false
			}
		}
	}
	return true
}

// PartialText is the text of a scalar in which UnknownPart replaces each
// placeholder, for rules that can judge the rest: registry.example.com/app:￼ has a
// registry, but no known tag. If nothing is known, it is UnknownPart alone. Empty
// for anything that is not a scalar. A diagnostic about a part that is known
// sets Diagnostic.KnownPart.
func (v Value) PartialText() string {
	text := v.Text()
	if !v.IsScalar() || text != "" {
		return text
	}
	text = v.Node.Value
	if isWhollyUnknown(text) {
		return string(UnknownPart)
	}
	var b strings.Builder
	for at := 0; at < len(text); {
		if end := placeholderEnd(text, at); end > at {
			b.WriteRune(UnknownPart)
			at = end
			continue
		}
		b.WriteByte(text[at])
		at++
	}
	return b.String()
}

// IsPlaceholder reports whether a text as a whole is a placeholder, encrypted, or a
// build reference, in any field.
func IsPlaceholder(text string) bool { return mayBeUnknown(text) && isWhollyUnknown(text) }

// HasPlaceholder reports whether a text contains a placeholder. A "$" that
// begins none, as in a regular expression or a JSONPath, is no placeholder.
func HasPlaceholder(text string) bool {
	if !mayBeUnknown(text) {
		return false
	}
	if isWhollyUnknown(text) {
		return true
	}
	for at := range len(text) {
		if placeholderEnd(text, at) > at {
			return true
		}
	}
	return false
}

// MayHavePlaceholder is HasPlaceholder for text that never needs {{, ${, $( or <…>, such as a
// name or a key: there these begin a placeholder whatever follows, and if it is cut off.
func MayHavePlaceholder(text string) bool {
	return strings.Contains(text, "{{") || strings.Contains(text, "${") || strings.Contains(text, "$(") ||
		strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">") || HasPlaceholder(text)
}

// IsComputed reports an expression of ytt as the whole of a text. Its program gives names to objects, and may make several of one document.
func IsComputed(text string) bool { return strings.HasPrefix(text, "#@ ") }

// isUnknownText reports whether the text of a scalar at the value's path is unknown.
func (v Value) isUnknownText(text string) bool {
	if !mayBeUnknown(text) {
		return false
	}
	path := v.Path()
	if isFreeText(path) {
		// $request_uri is a variable of the program that reads the text.
		return isWhollyUnknown(text) && !isBareVariable(text)
	}
	// Chainsaw and Kyverno's tests evaluate what is in round brackets: (env('IMAGE')), ($namespace).
	isExpression := isBetween(text, "(", ")") && (isLetter(text[1]) || text[1] == '$')
	return HasPlaceholder(text) || isExpression || strings.Contains(path, "encryptedData")
}

// mayBeUnknown is a fast test that most texts fail.
func mayBeUnknown(text string) bool {
	if text != "" && (text[0] == '<' || text[0] == '@' || text[0] == '[' || text[0] == '(') || strings.HasPrefix(text, "ENC[") {
		return true
	}
	for i := range len(text) {
		if marks[text[i]] && mayBeginAt(text, i) {
			return true
		}
	}
	return false
}

// mayBeginAt reports whether a placeholder may begin at a mark, or a scheme of a build end there.
func mayBeginAt(text string, i int) bool {
	switch text[i] {
	case '$', '%':
		return true
	case '{', '_', '#', '<', '(', '[':
		return i+1 < len(text) && mayBegin(text[i], text[i+1])
	case '@':
		return mayBeginToken(text[i+1:])
	case 'P':
		return strings.HasPrefix(text[i:], placeholderWord) || text[i:] == placeholderSuffix
	case ':':
		return strings.HasPrefix(text[i:], "://") && isBuildScheme(text[:i])
	}
	return false
}

// mayBeginToken reports whether a placeholder may begin with an @ before a text. That of a digest is
// alone.
func mayBeginToken(text string) bool {
	return text != "" && mayBegin('@', text[0]) && strings.IndexByte(text, '@') >= 0
}

// marks has the characters that mayBeUnknown looks at.
var marks = func() (m [256]bool) {
	for _, c := range []byte("$%{_#<([@P:") {
		m[c] = true
	}
	return m
}()

// mayBegin reports whether two characters may begin a placeholder: {{, {%, {x, #{, #@, __, _X, <%, <x, ((, (@, [[, @x.
func mayBegin(c, next byte) bool {
	return next == c || next == '{' || next == '%' || next == '@' || c == '_' && next >= 'A' && next <= 'Z' || (c == '<' || c == '{' || c == '@') && isLetter(next)
}

// isBuildScheme reports the schemes of references that are replaced before the
// object is applied: ko builds an image, vals reads a secret.
func isBuildScheme(scheme string) bool { return scheme == "ko" || strings.HasPrefix(scheme, "ref+") }

// isWhollyUnknown reports whether nothing of a text is known.
func isWhollyUnknown(text string) bool {
	text = strings.TrimSpace(text)
	if scheme, _, ok := strings.Cut(text, "://"); ok && isBuildScheme(scheme) {
		return true
	}
	switch {
	case text == "":
		return false
	case strings.HasPrefix(text, "ENC[") && text[len(text)-1] == ']', IsComputed(text): // SOPS; ytt
		return true
	case isBetween(text, "<", ">") && !strings.ContainsAny(text[1:len(text)-1], "<>\n"),
		isBetween(text, "__", "__") && isIdentifier(text[2:len(text)-2], "-."),
		isBetween(text, "%", "%") && isIdentifier(text[1:len(text)-1], "-."),
		isBetween(text, "@", "@") && isIdentifier(strings.Trim(text, "@"), "-."),
		isBetween(text, "[[", "]]") && isIdentifier(strings.Trim(text, "[] "), "-./:"),
		isBetween(text, "((", "))") && isIdentifier(strings.Trim(text, "() "), "-./:"),
		isNamedPlaceholder(text):
		return true
	}
	for at := 0; at < len(text); {
		end := placeholderEnd(text, at)
		if end == at {
			return false
		}
		at = end
	}
	return true
}

func isBetween(text, open, closing string) bool {
	return len(text) > len(open)+len(closing) && strings.HasPrefix(text, open) && strings.HasSuffix(text, closing)
}

// placeholderWord marks a text in capitals that something else replaces, such as the patch of
// an overlay: PLACEHOLDER_NAMESPACE. NamespacePlaceholder does the same.
const (
	placeholderWord   = "PLACEHOLDER"
	placeholderSuffix = "Placeholder"
)

func isNamedPlaceholder(text string) bool {
	if word, ok := strings.CutSuffix(text, placeholderSuffix); ok && isIdentifier(word, "") && unicode.IsUpper(rune(text[0])) {
		return true
	}
	return strings.Contains(text, placeholderWord) && isIdentifier(text, "-") && text == strings.ToUpper(text) &&
		slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return r == '_' || r == '-' }), placeholderWord)
}

// isBareVariable reports $name, in lower case.
func isBareVariable(text string) bool {
	return text[0] == '$' && len(text) > 1 && text[1] != '{' && text[1] != '(' && text != strings.ToUpper(text)
}

// placeholderEnd is where the placeholder that begins at a byte of a text ends, or the
// same byte if none begins there.
func placeholderEnd(text string, at int) int {
	if strings.IndexByte("{<($@#_%[", text[at]) < 0 {
		return at
	}
	isWordStart := at == 0 || !isWordByte(text[at-1])
	return at + placeholderLen(text[at:], isWordStart)
}

// delimiters enclose placeholders of any content. None is the start of another.
var delimiters = []struct{ open, closing string }{
	{"{{", "}}"}, {"{%", "%}"}, {"<%", "%>"}, {"<path:", ">"}, {"(@", "@)"}, // the last is ytt's
}

// placeholderLen is the length of the placeholder at the start of a text, or zero. isWordStart
// is unset if a word goes on there, as at the @ of a mail address.
func placeholderLen(s string, isWordStart bool) int {
	for _, d := range delimiters {
		if strings.HasPrefix(s, d.open) {
			return lenUntil(s, d.closing)
		}
	}
	switch s[0] {
	case '$':
		return variableLen(s)
	case '{':
		return nameLen(s, "{", "}", "-.")
	case '(':
		return nameLen(s, "((", "))", "-./:")
	case '@':
		if isWordStart {
			return nameLen(s, "@", "@", "-.")
		}
	case '#':
		return tokenLen(s)
	case '<':
		return nameLen(s, "<", ">", "-. ")
	case '_':
		switch {
		case !isWordStart:
		case strings.HasPrefix(s, "__"):
			return wordLen(s, "__")
		default:
			return capitalsLen(s)
		}
	case '%':
		return wordLen(s, "%")
	case '[':
		return max(actionLen(s), nameLen(s, "[[", "]]", "-./:"))
	}
	return 0
}

// tokenLen is the length of #{X} or #{X}# at the start of a text, or zero.
func tokenLen(s string) int {
	if !strings.HasPrefix(s, "#{") {
		return 0
	}
	n := lenUntil(s, "}")
	if n > 0 && n < len(s) && s[n] == '#' {
		n++
	}
	return n
}

// actionLen is the length of [[ .X ]], an action of a Go template with other delimiters, at
// the start of a text, or zero.
func actionLen(s string) int {
	inner, ok := strings.CutPrefix(s, "[[")
	if !ok {
		return 0
	}
	inner, _, ok = strings.Cut(inner, "]]")
	if name, isField := strings.CutPrefix(strings.Trim(inner, " -"), "."); !ok || !isField || !isIdentifier(name, ".") {
		return 0
	}
	return len(inner) + len("[[]]")
}

// variableLen is the length of ${X}, ${X:-default}, ${{X}}, $(X) or $X at the start of
// a text, or zero. Numbers are groups of a regular expression: $1, ${1}. A second $
// makes the first one a character.
func variableLen(s string) int {
	switch {
	case len(s) < 2:
		return 0
	case strings.HasPrefix(s, "${{"):
		return lenUntil(s, "}}")
	case s[1] == '{':
		name := strings.TrimLeft(s[2:], " !#")
		if name == "" || !isLetter(name[0]) {
			return 0
		}
		depth := 0
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '{':
				depth++
			case '}':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return 0
	case s[1] == '(':
		if n := lenUntil(s, ")"); n > 3 && isLetter(s[2]) && isIdentifier(s[2:n-1], `-.[]'"`) {
			return n
		}
		return 0
	case isLetter(s[1]):
		n := 2
		for n < len(s) && isWordByte(s[n]) {
			n++
		}
		return n
	}
	return 0
}

// wordLen is the length of a word in capitals between two marks at the start of a
// text, or zero: __IMAGE__, %IMAGE%.
func wordLen(s, mark string) int {
	name, _, ok := strings.Cut(s[len(mark):], mark)
	if !ok || len(name) < 3 || !isIdentifier(name, "") || name != strings.ToUpper(name) {
		return 0
	}
	return len(name) + 2*len(mark)
}

// capitalsLen is the length of a word in capitals with an underscore on each side at the start of a text, or zero: _IMG_REPO_, which
// a script replaces.
func capitalsLen(s string) int {
	n := 0
	for n < len(s) && isWordByte(s[n]) {
		n++
	}
	name, ok := strings.CutSuffix(strings.TrimPrefix(s[:n], "_"), "_")
	if !ok || !IsCapitals(name) || name[len(name)-1] == '_' {
		return 0
	}
	return n
}

// nameLen is the length of a name between two marks at the start of a text, or zero. Others
// are the characters that it may have beside letters and digits.
func nameLen(s, open, closing, others string) int {
	name, ok := strings.CutPrefix(s, open)
	if !ok {
		return 0
	}
	name, _, ok = strings.Cut(name, closing)
	if !ok || !isIdentifier(strings.Trim(name, " "), others) {
		return 0
	}
	return len(open) + len(name) + len(closing)
}

func lenUntil(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func isWordByte(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' }

// isIdentifier reports a letter and then letters, digits, underscores and some others.
func isIdentifier(s, others string) bool {
	for i := range len(s) {
		if !isWordByte(s[i]) && strings.IndexByte(others, s[i]) < 0 {
			return false
		}
	}
	return s != "" && isLetter(s[0])
}

// IsCapitals reports a word in capitals, such as PROJECT_ID or PORT. Where Kubernetes takes no
// such text, as in names, images and numbers, a person or a script replaces it before the
// manifest is applied. Elsewhere it is a value: NET_ADMIN, TCP.
func IsCapitals(text string) bool {
	return len(text) >= 3 && isIdentifier(text, "") && text[0] != '_' && !strings.ContainsFunc(text, unicode.IsLower)
}

// HasCapitals reports a word in capitals as the whole of a text or of a part of it:
// DOMAIN.example.com/name, disk-wipe-HOSTNAME.
func HasCapitals(text string) bool {
	for text != "" {
		word := text
		if i := strings.IndexAny(text, "./-"); i >= 0 {
			word, text = text[:i], text[i+1:]
		} else {
			text = ""
		}
		if IsCapitals(word) {
			return true
		}
	}
	return false
}

// IsPlaceholderMap reports what YAML makes of placeholders without quotes: of {{ x }} a mapping
// whose only key is a mapping, and of {x} one whose only key has no value.
func IsPlaceholderMap(n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 || n.Style&yaml.FlowStyle == 0 || !IsNull(n.Content[1]) {
		return false
	}
	if k := n.Content[0]; k.Kind != yaml.MappingNode {
		return k.Kind == yaml.ScalarNode && k.Style == 0 && n.Content[1].Value == "" && isIdentifier(k.Value, "-.[]")
	}
	return n.Content[0].Style&yaml.FlowStyle != 0
}

// IsPlaceholderList reports what YAML makes of [[ .x ]] without quotes, an action of a Go template with other delimiters: a
// list in a list, with one text that begins with a dot.
func IsPlaceholderList(n *yaml.Node) bool {
	if n.Kind != yaml.SequenceNode || len(n.Content) != 1 || n.Content[0].Kind != yaml.SequenceNode || len(n.Content[0].Content) != 1 {
		return false
	}
	inner := n.Content[0]
	text := inner.Content[0]
	return n.Style&yaml.FlowStyle != 0 && inner.Style&yaml.FlowStyle != 0 && text.Kind == yaml.ScalarNode && !IsQuoted(text) &&
		len(text.Value) > 1 && text.Value[0] == '.' && isLetter(text.Value[1])
}

// hasPlaceholderKey reports whether a placeholder takes the place of keys. $patch and the
// like are no placeholders.
func hasPlaceholderKey(m *yaml.Node) bool {
	for i := 0; i+1 < len(m.Content); i += 2 {
		k := m.Content[i]
		switch {
		case k.Kind == yaml.MappingNode:
			return true
		case k.Kind != yaml.ScalarNode || k.Value == "":
		case k.Value == "<<":
			if s := Deref(m.Content[i+1]); s != nil && (IsPlaceholderMap(s) || s.Kind == yaml.ScalarNode && IsPlaceholder(s.Value)) {
				return true
			}
		case k.Value == "_" && m.Content[i+1].Kind == yaml.ScalarNode && IsPlaceholder(m.Content[i+1].Value): // ytt's template.replace
			return true
		case strings.IndexByte("${#_<%@(", k.Value[0]) >= 0 && IsPlaceholder(k.Value) && (k.Value[0] != '$' || !isLetter(k.Value[1])):
			return true
		}
	}
	return false
}

// Written returns the text of a scalar as the file has it, and of the mapping that YAML
// makes of {{ x }}. It is for names: they are compared and printed whether they are known
// or not. It is empty for anything else.
func (v Value) Written() string {
	switch n := v.Node; {
	case n == nil:
		return ""
	case n.Kind == yaml.ScalarNode:
		return n.Value
	case IsPlaceholderMap(n) && len(n.Content[0].Content) > 0:
		return "{{ " + n.Content[0].Content[0].Value + " }}"
	case IsPlaceholderMap(n):
		return "{" + n.Content[0].Value + "}"
	}
	return ""
}

// isFreeText reports whether a field holds text in which $X and {{ x }} may have a
// meaning of their own: for a shell, a template engine or a dashboard.
func isFreeText(path string) bool {
	last := path
	for strings.HasSuffix(last, "]") { // args[1]
		i := strings.LastIndexByte(last, '[')
		if i < 0 || strings.HasSuffix(last, `"]`) {
			break
		}
		last = last[:i]
	}
	if i := strings.LastIndexByte(last, '.'); i >= 0 {
		parent := last[:i]
		last = last[i+1:]
		if last == "value" && strings.HasSuffix(parent, "]") {
			return true // env[0].value, httpHeaders[0].value
		}
	}
	switch last {
	case "command", "args", "subPathExpr", "description", "message", "messageExpression", "expression", "script",
		"source", "pattern", "replacement", "regex", "expr", "query", "jsonPath", "rego":
		return true
	}
	return strings.HasPrefix(path, "data.") || strings.HasPrefix(path, "data[") || strings.HasPrefix(path, "stringData") ||
		strings.Contains(path, "annotations.") || strings.Contains(path, "annotations[")
}
