package certificate

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
)

// HoldsKey reports whether a block of PEM holds a private key: its content must have the form of one.
// What tests and documentation show in place of a key does not have it, and nor has a key that is cut off.
//
// The label is the text after BEGIN, and the body what is between the first line and the last. Programs
// copy keys into many places: the body may be indented, in quotes, on one line, in lines of any width, or
// with escapes for its line breaks.
func HoldsKey(label, body string) bool {
	data, isEncrypted := content(body)
	if len(data)%4 == 1 { // no base64 has that length: the text goes on, and the caller has cut it
		data = data[:len(data)-1]
	}
	raw, err := base64.RawStdEncoding.DecodeString(data)
	if err != nil {
		return false
	}
	if isEncrypted { // by a password, as OpenSSL did before PKCS #8: whole blocks of a cipher
		return len(raw) >= minEncrypted && len(raw)%8 == 0
	}
	return isKeyOf(label, raw) && (isKnown(label) || isBase64Text(label, data, body))
}

// minEncrypted is less than the size of any key that is encrypted, in bytes.
const minEncrypted = 48

// isKeyOf reports whether the content of a block with a label is a private key.
func isKeyOf(label string, raw []byte) bool {
	switch {
	case !isKnown(label):
		return len(raw) >= minUnknown // such as COSIGN, which has a form of its own
	case strings.HasPrefix(label, "PGP "):
		return isPGPKey(raw)
	}
	return isKey(raw) || isOpenSSHKey(raw) // programs try them all
}

// isKnown reports the labels of keys whose form is known.
func isKnown(label string) bool {
	name, _, _ := strings.Cut(label, "PRIVATE KEY")
	return slices.Contains([]string{"", "RSA", "EC", "DSA", "ENCRYPTED", "OPENSSH", "ANY", "PGP"}, strings.TrimSpace(name))
}

// isBase64Text reports base64 of something under the label of a format that is not known, and not words in its place:
// letters of both cases and digits, and little else in the block.
func isBase64Text(label, data, body string) bool {
	return strings.Trim(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ") == "" &&
		strings.ContainsAny(data, "0123456789") && strings.ToLower(data) != data && strings.ToUpper(data) != data &&
		len(data)*10 >= len(strings.Join(strings.Fields(unescape.Replace(body)), ""))*9
}

// minUnknown is the size from which the content of a label that is not known is taken for a key, in bytes.
const minUnknown = 32

// unescape gives the characters for their escapes in JSON, in the strings of programs, in XML and in URLs.
var unescape = strings.NewReplacer(`\n`, "\n", `\r`, "\n", `\t`, " ", `\u000a`, "\n", `\u000A`, "\n", `\u000d`, "\n", `\u000D`, "\n",
	`\u002b`, "+", `\u002B`, "+", `\u002f`, "/", `\u002F`, "/", `\u003d`, "=", `\u003D`, "=", `\`, "",
	"&#10;", "\n", "&#13;", "\n", "&#xa;", "\n", "&#xA;", "\n", "&#xd;", "\n", "&#xD;", "\n", "%0A", "\n", "%0a", "\n", "%0D", "\n", "%0d", "\n",
	"%2B", "+", "%2b", "+", "%2F", "/", "%2f", "/", "%3D", "=", "%3d", "=")

// content is the base64 of a block without its padding, and whether its headers say that it is encrypted.
func content(body string) (data string, isEncrypted bool) {
	body = unescape.Replace(body)
	if i := strings.LastIndexByte(body, ':'); i >= 0 {
		isEncrypted = strings.Contains(body[:i], "Proc-Type")
		body = afterHeader(body[i+1:])
	}
	isQuoted := strings.ContainsAny(body, `"'`)
	words := strings.FieldsFunc(body, func(r rune) bool { return !isBase64(r) })
	words = slices.DeleteFunc(words, func(w string) bool {
		return w == "//" || w == "+" && isQuoted // a comment, or a program joins the lines
	})
	data, _, _ = strings.Cut(strings.Join(words, ""), "=")
	return data, isEncrypted
}

// maxHeader is longer than most words of a header. On one line with the key, the first long word after a header is
// the key.
const maxHeader = 40

// afterHeader is what follows the value of the last header.
func afterHeader(text string) string {
	if _, rest, ok := strings.Cut(strings.TrimSpace(text), "\n"); ok {
		return rest
	}
	words := strings.Fields(text)
	for i := 1; i < len(words); i++ {
		if len(words[i]) > maxHeader {
			return strings.Join(words[i:], "\n")
		}
	}
	return ""
}

func isBase64(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '/' || r == '='
}

// The tags of elements of DER.
const (
	tagInteger = asn1.TagInteger
	tagOctets  = asn1.TagOctetString
	tagOID     = asn1.TagOID
	tagList    = asn1.TagSequence
)

// isKey reports whether bytes in DER have the form of a private key: that of PKCS #8, encrypted or not, of PKCS #1,
// of SEC 1 for elliptic curves, or OpenSSL's for DSA. Go reads fewer kinds of keys than there are, such as those of
// the curve secp256k1: the form decides.
func isKey(raw []byte) bool {
	l, ok := elements(raw)
	if !ok || len(l) < 2 {
		return false
	}
	switch {
	case l[0].Tag == tagList: // EncryptedPrivateKeyInfo
		return len(l) == 2 && isAlgorithm(l[0]) && l[1].Tag == tagOctets && len(l[1].Bytes) >= minEncrypted/2
	case l[0].Tag != tagInteger || len(l[0].Bytes) != 1: // the version
		return false
	case l[1].Tag == tagOctets: // SEC 1
		return len(l[1].Bytes) >= minScalar && !slices.ContainsFunc(l[2:], isUniversal)
	case l[1].Tag == tagList: // PKCS #8
		return len(l) > 2 && isAlgorithm(l[1]) && l[2].Tag == tagOctets && isKeyFor(l[1], l[2].Bytes) && !slices.ContainsFunc(l[3:], isUniversal)
	}
	return isNumbers(l)
}

// minScalar is the size of the smallest key of an elliptic curve that is in use, in bytes.
const minScalar = 14

// The numbers of a key: RSA has its version and eight more, and then perhaps a list of more primes; DSA has its version
// and five.
const (
	numbersOfRSA = 9
	numbersOfDSA = 6
)

func isNumbers(l []asn1.RawValue) bool {
	n := 0
	for n < len(l) && l[n].Class == asn1.ClassUniversal && l[n].Tag == tagInteger && len(l[n].Bytes) > 0 {
		n++
	}
	return n == len(l) && (n == numbersOfRSA || n == numbersOfDSA) || n == numbersOfRSA && len(l) == n+1 && l[n].Tag == tagList
}

func isUniversal(v asn1.RawValue) bool { return v.Class == asn1.ClassUniversal }

// isAlgorithm reports the identifier of an algorithm.
func isAlgorithm(v asn1.RawValue) bool {
	l, ok := elements(v.FullBytes)
	return ok && len(l) > 0 && l[0].Tag == tagOID
}

// The object identifiers of RSA and of elliptic curves, in DER without their header.
var (
	rsaOID = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01}
	ecOID  = []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01}
)

// isKeyFor reports whether the content of PKCS #8 is a key for its algorithm.
func isKeyFor(algorithm asn1.RawValue, raw []byte) bool {
	if l, _ := elements(algorithm.FullBytes); bytes.Equal(l[0].Bytes, rsaOID) || bytes.Equal(l[0].Bytes, ecOID) {
		return isKey(raw)
	}
	return len(raw) >= minScalar
}

// maxElements is more than a private key has.
const maxElements = 16

// elements are those of a sequence in DER, which must be all that there is.
func elements(raw []byte) ([]asn1.RawValue, bool) {
	var list asn1.RawValue
	rest, err := asn1.Unmarshal(raw, &list)
	if err != nil || len(rest) > 0 || list.Class != asn1.ClassUniversal || list.Tag != tagList || !list.IsCompound {
		return nil, false
	}
	var l []asn1.RawValue
	for rest = list.Bytes; len(rest) > 0 && len(l) < maxElements; {
		var v asn1.RawValue
		if rest, err = asn1.Unmarshal(rest, &v); err != nil {
			return nil, false
		}
		l = append(l, v)
	}
	return l, len(rest) == 0
}

// isOpenSSHKey reports a key in the format of OpenSSH: its cipher, the function and the options that make a key of the
// password, and one or more public keys before the private ones.
func isOpenSSHKey(raw []byte) bool {
	rest, ok := bytes.CutPrefix(raw, []byte("openssh-key-v1\x00"))
	for range 3 {
		if !ok {
			return false
		}
		_, rest, ok = sshString(rest)
	}
	if !ok || len(rest) < 4 {
		return false
	}
	n := binary.BigEndian.Uint32(rest)
	rest = rest[4:]
	for i := uint32(0); i < n && ok; i++ { // each takes bytes, so that the loop ends
		_, rest, ok = sshString(rest)
	}
	if !ok || n == 0 {
		return false
	}
	private, _, ok := sshString(rest)
	return ok && len(private) >= minUnknown
}

// sshString reads a string with its length before it.
func sshString(raw []byte) (s, rest []byte, ok bool) {
	if len(raw) < 4 {
		return nil, nil, false
	}
	n := int64(binary.BigEndian.Uint32(raw))
	if raw = raw[4:]; n > int64(len(raw)) {
		return nil, nil, false
	}
	return raw[:n], raw[n:], true
}

// isPGPKey reports packets of OpenPGP that begin with a secret key.
func isPGPKey(raw []byte) bool {
	const secretKey = 5
	if len(raw) < 6 || raw[0]&0x80 == 0 {
		return false
	}
	tag, size, header := int(raw[0]>>2&0xf), 0, 0
	switch isNew := raw[0]&0x40 != 0; {
	case isNew && raw[1] < 192:
		tag, size, header = int(raw[0]&0x3f), int(raw[1]), 2
	case isNew && raw[1] < 224:
		tag, size, header = int(raw[0]&0x3f), (int(raw[1])-192)<<8+int(raw[2])+192, 3
	case isNew:
		tag, size, header = int(raw[0]&0x3f), int(binary.BigEndian.Uint32(raw[2:])), 6
	case raw[0]&3 == 0:
		size, header = int(raw[1]), 2
	case raw[0]&3 == 1:
		size, header = int(binary.BigEndian.Uint16(raw[1:])), 3
	case raw[0]&3 == 2:
		size, header = int(binary.BigEndian.Uint32(raw[1:])), 5
	}
	if tag != secretKey || header == 0 || size < minUnknown || size > len(raw)-header {
		return false
	}
	version := raw[header]
	return version >= 3 && version <= 6
}
