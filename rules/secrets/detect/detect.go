// Package detect tells credentials from other text. It judges the value; the
// name under which a value stands only says what may be expected of it.
//
// What it says of a secret never holds the secret: at most four characters of
// the prefix that all tokens of a format share, and the length.
package detect

import (
	"strconv"
	"strings"
)

// Kind is what sort of credential a value is.
type Kind int

// The kinds of credentials.
const (
	// None is not a credential, as far as can be told.
	None Kind = iota
	// Default is a password that everybody tries first: changeme.
	Default
	// Password is a literal under a name that announces a password, or a
	// random one under a name that announces a key or token.
	Password
	// Token is a value in the format of some service's tokens.
	Token
	// CloudKey is a Token that opens the account of a cloud provider.
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
}

// Found reports whether the value is a credential, default passwords included.
func (v Verdict) Found() bool { return v.Kind != None }

// Secret reports whether the value is a credential that somebody chose or was
// given: not one that everybody knows.
func (v Verdict) Secret() bool { return v.Kind != None && v.Kind != Default }

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

// known looks for what is a credential whatever its name.
func known(s string) Verdict {
	for _, look := range [...]func(string) Verdict{privateKey, token, jwt, connection, authorization, passwordHash} {
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
	tells := tell(key)
	if tells == nothing || strings.ContainsAny(s, " \t\r\n") || isQuiet(s) {
		return Verdict{}
	}
	if v := cloudSecret(key, s); v.Found() {
		return v
	}
	switch {
	case isDefault(s, tells):
		return Verdict{Kind: Default, What: "a default password"}
	case tells == password && isPassword(s):
		return Verdict{Kind: Password, What: "a password"}
	case isRandom(s):
		return Verdict{Kind: Password, What: "a random " + noun(tells)}
	}
	return Verdict{}
}

func noun(t telling) string {
	if t == password {
		return "password"
	}
	return "key or token"
}
