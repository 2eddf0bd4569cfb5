package trace

import (
	"fmt"
	"regexp"
	"strings"
)

// SecretName matches keys whose values are secrets.
var SecretName = regexp.MustCompile(`(?i)pass(word|wd|phrase|code)?s?$|passw|secret|token|credential|api[-_]?key|private[-_]?key|access[-_]?key|encryption[-_]?key|license[-_]?key|` +
	`account[-_]?key|connection[-_]?string|\bdsn\b|(^|[-_])(pwd|auth|salt|pin)$|(database|redis|mongo|amqp|broker)[-_]?ur[li]$|webhook`)

// RequiredError is a missing value that a chart requires, or a call of fail.
type RequiredError struct {
	Message string
	// Key is the key of the value. It is nil if it is not known.
	Key *Key
	// Within is the innermost block around a call of fail. It is nil if there is none.
	Within *Within
}

func (e *RequiredError) Error() string { return e.Message }

// Required is the template function required.
func Required(message string, v any) (any, error) {
	if s, ok := v.(string); v == nil || ok && s == "" {
		return v, &RequiredError{Message: message}
	}
	return v, nil
}

// IsSecretName reports whether the value of a key with that name is likely a secret.
func IsSecretName(name string) bool { return SecretName.MatchString(name) }

// QuotedText matches quoted texts in an error.
var QuotedText = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|'[^']*'")

// WithoutQuotes is an error without the texts that it quotes. A single sign stays: that is what a parser expected, such as ':'.
func WithoutQuotes(msg string) string {
	return QuotedText.ReplaceAllStringFunc(msg, func(q string) string {
		if len(q) == 3 && strings.ContainsAny(q[1:2], ":,-?[]{}") {
			return q
		}
		return q[:1] + "…" + q[len(q)-1:]
	})
}

// tplError is the reason why a string could not be executed. It names the values key of
// the string. It never quotes the string, which may contain secrets.
type tplError struct {
	what string
	key  string // empty if not known
	err  error
}

func (t *Tracer) tplError(what, text string, err error) error {
	e := &tplError{what: what, err: err}
	if o := t.IDs.ofString(text); o != nil && o.Key != nil && o.Key.Object() == ValuesObject && !o.Key.IsName {
		e.key = JoinSteps(o.Key.Steps())
	}
	return e
}

func (e *tplError) Error() string {
	if e.key == "" {
		return fmt.Sprintf("%s: %v", e.what, e.err)
	}
	text := e.err.Error()
	if SecretName.MatchString(e.key) {
		text = WithoutQuotes(text)
	}
	return fmt.Sprintf("%s the value of %s: %s", e.what, e.key, text)
}

func (e *tplError) Unwrap() error { return e.err }
