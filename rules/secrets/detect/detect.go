// Package detect recognises credentials in text. It judges the value; the name of
// a value only says what may be expected of it.
//
// Its verdicts never hold the secret: at most four characters of the prefix that
// all tokens of a format share, and the length.
package detect

import (
	"strconv"
	"strings"
)

// Kind is what a credential is.
type Kind int

// The kinds of credentials.
const (
	// None is not a credential, as far as detect can see.
	None Kind = iota
	// Default is a password that everybody tries first: changeme.
	Default
	// Password is a literal under a name that announces a password, or a
	// random one under a name that announces a key or token.
	Password
	// Token is a value in the format of some service's tokens.
	Token
	// CloudKey is a static key to the account of a cloud provider.
	CloudKey
	// JWT is a signed JSON web token.
	JWT
	// URL is a URL or connection string that holds a password.
	URL
	// BasicAuth is a user and password in base64, as HTTP and registries take them.
	BasicAuth
	// Hash is a password's hash: it can be guessed at, offline.
	Hash
	// PrivateKey is the private half of a key pair.
	PrivateKey
)

// Verdict is what detect says of a value. The zero value: no credential.
type Verdict struct {
	Kind Kind
	// What names the credential, with article: a GitHub token.
	What string
	// prefix is of the public format, and length that of the token.
	prefix string
	length int
	// isRandom says that a machine has made up the password: no example has such a one.
	isRandom bool
}

// DefaultPassword is the verdict on a password that everybody tries.
var DefaultPassword = Verdict{Kind: Default, What: "a default password"}

// Found reports whether the value is a credential, default passwords included.
func (v Verdict) Found() bool { return v.Kind != None }

// Secret reports whether the value is a credential that a person chose or was
// given: not one that everybody knows.
func (v Verdict) Secret() bool { return v.Kind != None && v.Kind != Default }

// IsRandom reports whether a machine has made up the password of a URL.
func (v Verdict) IsRandom() bool { return v.isRandom }

// String names the credential for messages, masked: an AWS access key AKIA…
// (20 characters).
func (v Verdict) String() string {
	if v.prefix == "" {
		return v.What
	}
	return v.What + " " + v.prefix[:min(len(v.prefix), 4)] + "… (" + strconv.Itoa(v.length) + " characters)"
}

// Value judges the value of a key. It looks for known formats anywhere in the
// value, and at the whole of it in the light of the key.
func Value(key, value string) Verdict {
	value = strings.TrimSpace(value)
	if len(value) < 3 || isReference(value) {
		return Verdict{}
	}
	if v := known(value); v.Found() {
		return v
	}
	return named(key, value)
}

// known looks for credentials that are recognised under any name.
func known(s string) Verdict {
	for _, look := range [...]func(string) Verdict{privateKey, token, jwt, connection, loginModule, authorization, passwordHash, sqlStatement} {
		if v := look(s); v.Found() {
			return v
		}
	}
	return Verdict{}
}

// named judges a value of one word by what its name announces.
func named(key, s string) Verdict {
	if v := encoded(key, s); v.Found() {
		return v
	}
	s = joined(s)
	m := meaningOf(key)
	if m == nothing || strings.ContainsAny(s, " \t\r\n") || isQuiet(s) || isOwnName(key, s) {
		return Verdict{}
	}
	if namesFake(key) && !isRandom(s) {
		return Verdict{}
	}
	if v := bootstrapToken(s); v.Found() {
		return v
	}
	if v := cloudSecret(key, s); v.Found() {
		return v
	}
	switch {
	case m == secret && (namesKey(key, s) || strings.EqualFold(s, "default") || asksFor(key, s)): // which of several keys, or for which a value is needed
		return Verdict{}
	case isDefault(s, m), isEncodedDefault(s, m):
		return standard(key, s, m)
	case m == passwordRelated && isHash(key, s):
		return Verdict{Kind: Hash, What: "the hash of a password"}
	case m == password && isPassword(s), m == passwordRelated && isPassword(s) && !isNameLike(s):
		return Verdict{Kind: Password, What: "a password", isRandom: isRandom(s)}
	case m == secret && (isObjectName(s) || isAccount(key, s)):
		return Verdict{}
	case isRandom(s) && !isEncodedName(s):
		return Verdict{Kind: Password, What: "a random " + m.noun()}
	case m == secret && isKeyName(key) && isChosen(s) && !isAccessKey(key):
		return Verdict{Kind: Password, What: "a key or token"}
	}
	return Verdict{}
}

// standard is the verdict on a value that everybody tries. A trust store holds certificates of authorities, which are public, and an access key is
// the name of a user.
func standard(key, s string, m meaning) Verdict {
	switch {
	case isTrustStore(key) || isAccessKey(key) || standsForIssued(key, s):
		return Verdict{}
	case m == secret && isToBeChanged(s):
		return Verdict{Kind: Default, What: "a placeholder"}
	}
	return DefaultPassword
}

// standsForIssued reports a word or number in place of a credential that another service issues: it opens nothing. For the keys of AWS, these are
// also what emulators document, such as LocalStack, which do not check them: AWS makes up its keys itself, and MinIO, whose default is one of
// them, takes none of less than eight characters.
func standsForIssued(key, s string) bool {
	if strings.HasPrefix(strings.ToUpper(key), "AWS_") {
		return len(s) < 8 || strings.EqualFold(s, "localstack") || isToBeChanged(s)
	}
	return isIssued(key) && (isToBeChanged(s) || isNumber(s) || isLastWord(key, s))
}

// isTrustStore reports the name of the password of a trust store: ssl.truststore.password.
func isTrustStore(key string) bool {
	return strings.Contains(strings.NewReplacer(".", "", "_", "", "-", "").Replace(strings.ToLower(key)), "truststorepass")
}

func (m meaning) noun() string {
	if m == secret {
		return "key or token"
	}
	return "password"
}

// Given judges a value that is a credential by its place, in any form: the token
// or password of a user.
func Given(key, value string) Verdict {
	value = strings.TrimSpace(value)
	if len(value) < 3 || isReference(value) || isPlaceholder(value) || isPath(value) || strings.Contains(value, "OMITTED") {
		return Verdict{}
	}
	if v := Value(key, value); v.Found() {
		return v
	}
	return Verdict{Kind: Password, What: "a " + meaningOf(key).noun()}
}
