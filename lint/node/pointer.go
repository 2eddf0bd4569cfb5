package node

import (
	"strconv"
	"strings"
)

// pointerKey has what a key cannot have as it is in a JSON pointer.
var pointerKey = strings.NewReplacer("~1", "/", "~0", "~")

// PointerKey is the key that a part of a JSON pointer stands for: a~1b is a/b. See RFC 6901.
func PointerKey(part string) string { return pointerKey.Replace(part) }

// Pointed is what a JSON pointer, without its first slash, leads to in decoded JSON: maps, lists and scalars. ok is false if it leads to nothing.
func Pointed(doc any, pointer string) (at any, ok bool) {
	at = doc
	for part := range strings.SplitSeq(pointer, "/") {
		switch v := at.(type) {
		case map[string]any:
			if at, ok = v[PointerKey(part)]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			at = v[i]
		default:
			return nil, false
		}
	}
	return at, true
}
