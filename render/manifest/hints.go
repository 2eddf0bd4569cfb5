package manifest

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// hintWords are the top-level keys by which an object is known, in the spellings
// that are worth a look.
var hintWords = [][][]byte{
	{[]byte("apiVersion"), []byte("apiversion"), []byte("ApiVersion"), []byte("APIVersion")},
	{[]byte("kind"), []byte("Kind"), []byte("KIND")},
	{[]byte("metadata"), []byte("Metadata")},
	{[]byte("spec"), []byte("Spec")},
}

// MayHoldObjects is a cheap test that is true for every text with an object, or
// with something that was meant to be one. The text is UTF-8.
func MayHoldObjects(data []byte) bool {
	found := 0
	for _, spellings := range hintWords {
		for _, w := range spellings {
			if bytes.Contains(data, w) {
				found++
				break
			}
		}
	}
	return found >= 2 || mayHideKeys(data)
}

// mayHideKeys reports whether a key could be written so that a search for its
// letters does not find it: escapes in quotes, and binary keys.
func mayHideKeys(data []byte) bool {
	for rest := data; ; {
		i := bytes.IndexByte(rest, '\\')
		if i < 0 || i+1 >= len(rest) {
			break
		}
		switch rest[i+1] {
		case 'x', 'u', 'U', '\n', '\r':
			return true
		}
		rest = rest[i+2:]
	}
	return bytes.Contains(data, []byte("binary")) || bytes.Contains(data, []byte("!<")) || bytes.Contains(data, []byte("%TAG"))
}

// LargeText is the size, in bytes, from which a text is looked at line by line
// before it is parsed: nodes take many times the memory of their text.
const LargeText = 256 << 10

// HasObjectKeys reports whether a text may hold an object, also beyond
// MayHoldObjects: in a large text the keys must be at the start of a line, or in
// a text of braces.
func HasObjectKeys(data []byte) bool {
	if !MayHoldObjects(data) {
		return false
	}
	if len(data) < LargeText || mayHideKeys(data) {
		return true
	}
	keys := 0
	for _, c := range split(data) {
		if keys = max(keys, rootKeys(c.text)); keys >= 2 {
			return true
		}
	}
	return false
}

// rootKeys counts the keys of an object at the least indentation of a document. It
// is 2 where that is not so easily seen.
func rootKeys(text []byte) int {
	if body := trimLead(text); len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		return braceKeys(body)
	}
	indent, keys, mapping := -1, 0, false
	for line := range bytes.Lines(text) {
		t := bytes.TrimLeft(line, " ")
		if len(bytes.TrimSpace(t)) == 0 || t[0] == '#' || isMarker(line, "---") && len(bytes.TrimSpace(line)) == 3 {
			continue
		}
		in := len(line) - len(t)
		if indent < 0 {
			indent = in
		}
		if in > indent {
			continue
		}
		switch {
		case mapping && (bytes.HasPrefix(t, []byte("- ")) || len(bytes.TrimSpace(t)) == 1 && t[0] == '-'):
			continue // the list below a key may have the key's indentation
		case !isLetter(t[0]):
			return 2
		case isObjectKey(t):
			keys++
		}
		mapping = true
	}
	return keys
}

// braceKeys counts the keys of an object at the top of JSON, or of the element of
// a list that has most of them. It is 2 for what is not JSON, or more than one value.
func braceKeys(text []byte) int { //nolint:gocognit // a scanner: one loop over one switch
	top := 1 // the depth of the mappings that count
	if text[0] == '[' {
		top = 2
	}
	keys, most, depth, isKey := 0, 0, 0, false
	for i := 0; i < len(text); i++ {
		switch b := text[i]; b {
		case ' ', '\t', '\n', '\r':
		case '{', '[':
			if depth++; depth == top {
				keys, isKey = 0, b == '{'
			}
		case '}', ']':
			if depth--; depth == 0 && len(bytes.TrimSpace(text[i+1:])) > 0 {
				return 2
			}
		case ',':
			isKey = depth == top
		case '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(text) {
				return 2
			}
			if word := text[i+1 : end]; isKey && depth == top && isObjectKey(word) {
				keys++
				most = max(most, keys)
			}
			i, isKey = end, false
		default:
			if isKey && depth == top {
				return 2
			}
		}
	}
	return most
}

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

func isObjectKey(line []byte) bool {
	for _, spellings := range hintWords {
		for _, w := range spellings {
			if bytes.HasPrefix(line, w) {
				return true
			}
		}
	}
	return false
}

// LooksLikeManifest reports whether a text has apiVersion and kind as keys, or one
// of them and metadata: what a broken file must have for its error to matter.
func LooksLikeManifest(data []byte) bool {
	if hasLine(data, "apiVersion:") && hasLine(data, "kind:") {
		return true // as most manifests do, and patterns are slow
	}
	lower := bytes.ToLower(data)
	api, kind := hasKey(lower, "apiversion"), hasKey(lower, "kind")
	return api && kind || (api || kind) && hasKey(lower, "metadata")
}

// hasLine reports whether a line of a text begins with a word.
func hasLine(data []byte, word string) bool {
	return bytes.HasPrefix(data, []byte(word)) || bytes.Contains(data, []byte("\n"+word))
}

// spaces is what may be between a key and what is around it.
const spaces = " \t\n\f\r"

// hasKey reports whether a name is in a text as a key: with a colon after it, at the start
// of a line, also quoted or behind a byte order mark, or anywhere in JSON.
func hasKey(text []byte, name string) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(name))
		if i < 0 {
			return false
		}
		before, after := text[:from+i], text[from+i+len(name):]
		if from += i + 1; isBeforeColon(after) && isKeyPlace(before) {
			return true
		}
	}
}

func isQuote(b byte) bool { return b == '"' || b == '\'' }

// isBeforeColon reports whether a text begins with a colon, with a quote and blanks before it.
func isBeforeColon(text []byte) bool {
	if len(text) > 0 && isQuote(text[0]) {
		text = text[1:]
	}
	return bytes.HasPrefix(bytes.TrimLeft(text, spaces), []byte(":"))
}

// isKeyPlace reports whether a key may follow a text.
func isKeyPlace(before []byte) bool {
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	if signs := bytes.TrimPrefix(line, []byte(" ")); utf8.RuneCount(signs) <= 4 && !bytes.ContainsFunc(signs, isWord) {
		return true
	}
	isQuoted := len(before) > 0 && isQuote(before[len(before)-1])
	if isQuoted {
		before = before[:len(before)-1]
	}
	before = bytes.TrimRight(before, spaces)
	if len(before) == 0 || before[len(before)-1] != '{' && before[len(before)-1] != ',' {
		return false
	}
	before = bytes.TrimRight(before[:len(before)-1], " \t\f\r")
	return isQuoted || len(before) == 0 || before[len(before)-1] == '\n'
}

// isWord reports what is not a sign: parts of words, comments and blanks.
func isWord(r rune) bool {
	return r == '_' || r == '#' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune(spaces, r)
}
