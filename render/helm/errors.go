package helm

import (
	"fmt"
	"regexp"
)

// secretName matches keys whose values are secrets.
var secretName = regexp.MustCompile(`(?i)pass(word|wd|phrase|code)?s?$|passw|secret|token|credential|api[-_]?key|private[-_]?key|access[-_]?key|encryption[-_]?key|license[-_]?key|` +
	`account[-_]?key|connection[-_]?string|\bdsn\b|(^|[-_])(pwd|auth|salt|pin)$|(database|redis|mongo|amqp|broker)[-_]?ur[li]$|webhook`)

// requiredError is a missing value that a chart insists on, or a fail.
type requiredError struct{ message string }

func (e *requiredError) Error() string { return e.message }

func required(message string, v any) (any, error) {
	if s, ok := v.(string); v == nil || ok && s == "" {
		return v, &requiredError{message}
	}
	return v, nil
}

// IsSecretName reports whether the value of a key with that name is likely a secret.
func IsSecretName(name string) bool { return secretName.MatchString(name) }

var quotedText = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|'[^']*'")

// withoutQuotes is an error without what it quotes.
func withoutQuotes(msg string) string {
	return quotedText.ReplaceAllStringFunc(msg, func(q string) string { return q[:1] + "…" + q[len(q)-1:] })
}

// tplError is why a string could not be executed. It names the values key of the
// string, and never quotes the string, which may hold secrets.
type tplError struct {
	what string
	key  string // empty: not known
	err  error
}

func (t *tracer) tplError(what, text string, err error) error {
	e := &tplError{what: what, err: err}
	if o := t.ids.ofString(text); o != nil && o.key != nil && o.key.object() == valuesObject && !o.key.isName {
		e.key = joinSteps(o.key.steps())
	}
	return e
}

func (e *tplError) Error() string {
	if e.key == "" {
		return fmt.Sprintf("%s: %v", e.what, e.err)
	}
	text := e.err.Error()
	if secretName.MatchString(e.key) {
		text = withoutQuotes(text)
	}
	return fmt.Sprintf("%s the value of %s: %s", e.what, e.key, text)
}

func (e *tplError) Unwrap() error { return e.err }
