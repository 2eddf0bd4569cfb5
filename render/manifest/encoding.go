package manifest

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	utf8BOM    = []byte("\xef\xbb\xbf")
	utf16LEBOM = []byte("\xff\xfe")
	utf16BEBOM = []byte("\xfe\xff")
)

// UTF8 is the text of a file in UTF-8, without a byte order mark. UTF-16 with a
// byte order mark is converted, as YAML parsers do; every other text is returned
// as it is. Positions count the characters of this text.
func UTF8(data []byte) []byte {
	switch {
	case bytes.HasPrefix(data, utf8BOM):
		return data[len(utf8BOM):]
	case bytes.HasPrefix(data, append(utf16LEBOM, 0, 0)): // UTF-32, which YAML parsers do not read
		return data
	case bytes.HasPrefix(data, utf16LEBOM):
		return fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, utf16BEBOM):
		return fromUTF16(data[2:], binary.BigEndian)
	}
	return data
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	out := make([]byte, 0, len(data)/2+len(data)/8)
	for ; len(data) >= 2; data = data[2:] {
		r := rune(order.Uint16(data))
		if utf16.IsSurrogate(r) && len(data) >= 4 {
			if both := utf16.DecodeRune(r, rune(order.Uint16(data[2:]))); both != utf8.RuneError {
				r, data = both, data[2:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	if len(data) > 0 { // half a character: the parser reports what is not UTF-8
		out = append(out, 0xff)
	}
	return out
}

// UnknownEncoding reports whether a text is not UTF-8, but would hold an object
// if the zero bytes were left out of it: UTF-32, or UTF-16 without a byte order mark.
func UnknownEncoding(data []byte) bool {
	if bytes.IndexByte(data, 0) < 0 {
		return false
	}
	return MayHoldObjects(bytes.ReplaceAll(data, []byte{0}, nil))
}
