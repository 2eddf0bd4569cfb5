package api

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// scalar is what a YAML scalar comes to on its way to the API server: kubectl,
// Helm and the server itself read YAML 1.1 and turn it into JSON.
type scalar struct {
	kind scalarKind
	// text is the string, or the number as JSON has it.
	text string
	// number is the value of an int or float.
	number float64
}

type scalarKind int

const (
	scalarNull scalarKind = iota
	scalarString
	scalarBool
	scalarInt
	scalarFloat
	scalarOther // a tag that is not known here
)

const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// resolve reads a scalar node. The rules are those of go.yaml.in/yaml/v2, which
// sigs.k8s.io/yaml reads with: yes and on are booleans, 0777 is octal, 1_000 a number,
// and dates are strings.
func resolve(n *yaml.Node) scalar {
	tag := ""
	if n.Style&yaml.TaggedStyle != 0 {
		tag = n.ShortTag()
	}
	switch tag {
	case "!!str":
		return scalar{kind: scalarString, text: n.Value}
	case "", "!!bool", "!!int", "!!float", "!!null", "!!timestamp":
	default:
		return scalar{kind: scalarOther}
	}
	if tag == "" && n.Style&quoted != 0 {
		return scalar{kind: scalarString, text: n.Value}
	}
	s := resolvePlain(n.Value)
	if n.Tag == "!!str" && (s.kind != scalarBool || strings.EqualFold(s.text, n.Value)) {
		// Kustomize keeps the tag of a string and not its quotes. The tag says
		// nothing of yes and on, which are strings to the parser of nodes.
		return scalar{kind: scalarString, text: n.Value}
	}
	if tag == "!!float" && s.kind == scalarInt {
		s.kind = scalarFloat
	}
	return s
}

func resolvePlain(text string) scalar {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return scalar{kind: scalarNull}
	case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y":
		return scalar{kind: scalarBool, text: "true"}
	case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N":
		return scalar{kind: scalarBool, text: "false"}
	case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
		return scalar{kind: scalarFloat, text: text, number: math.NaN()}
	}
	if strings.IndexByte("+-.0123456789", text[0]) < 0 {
		return scalar{kind: scalarString, text: text}
	}
	return resolveNumber(text)
}

var floatForm = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

func resolveNumber(text string) scalar {
	if text[0] == '.' {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return float(f)
		}
		return scalar{kind: scalarString, text: text}
	}
	plain := strings.ReplaceAll(text, "_", "")
	if strings.Trim(plain, "+-0123456789abcdefABCDEFxXoO") == "" { // errors for 100m and 1.2.3 cost time
		if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
			return scalar{kind: scalarInt, text: strconv.FormatInt(i, 10), number: float64(i)}
		}
		if u, err := strconv.ParseUint(plain, 0, 64); err == nil {
			return scalar{kind: scalarInt, text: strconv.FormatUint(u, 10), number: float64(u)}
		}
	}
	if strings.Trim(plain, "+-.0123456789eE") == "" && floatForm.MatchString(plain) {
		if f, err := strconv.ParseFloat(plain, 64); err == nil {
			return float(f)
		}
	}
	return scalar{kind: scalarString, text: text}
}

// float is a floating-point number, as JSON writes it: whole ones without a point.
func float(f float64) scalar {
	form := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		form = 'e'
	}
	text := strconv.FormatFloat(f, form, -1, 64)
	if form == 'e' { // as encoding/json writes it: e-7, not e-07
		text = strings.Replace(text, "e-0", "e-", 1)
	}
	return scalar{kind: scalarFloat, text: text, number: f}
}

// isInt reports whether the scalar is a whole number of so many bits.
func (s scalar) isInt(bits int) bool {
	if s.kind != scalarInt && s.kind != scalarFloat {
		return false
	}
	_, err := strconv.ParseInt(s.text, 10, bits)
	return err == nil
}

// isNumber reports whether the scalar is a number that JSON can say.
func (s scalar) isNumber() bool {
	return (s.kind == scalarInt || s.kind == scalarFloat) && !math.IsNaN(s.number)
}
