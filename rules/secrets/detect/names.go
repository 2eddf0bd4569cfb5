package detect

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// meaning is what the name of a value says about the value.
type meaning int

const (
	nothing         meaning = iota
	secret                  // a key or token: random
	password                // a password: any word will do
	passwordRelated         // a password perhaps: its name goes on after the word
)

// meaningOf reads a name. Its last words say what the value is: a password file is a
// file, and a token URL is a URL.
func meaningOf(key string) meaning {
	if !mayMean(key) {
		return nothing
	}
	words := split(key)
	for len(words) > 0 && isNumber(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return nothing
	}
	last := words[len(words)-1]
	if isRootToken(words) {
		return secret
	}
	if has(otherNouns, last) || has(switches, words[0]) || slices.Contains(words, "existing") || slices.ContainsFunc(words, func(w string) bool { return has(publicWords, w) }) {
		return nothing
	}
	for i, w := range words { // password2
		words[i] = strings.TrimRight(w, "0123456789")
	}
	last = words[len(words)-1]
	if last == "pass" && len(words) > 1 && has(gateways, words[len(words)-2]) { // NGINX: passes requests on
		return nothing
	}
	tail := words[max(len(words)-3, 0):]
	if i := slices.IndexFunc(tail, isPasswordWord); i >= 0 {
		return passwordMeaning(last)
	}
	if namesSecret(words) {
		return nothing
	}
	if slices.ContainsFunc(tail, isSecretWord) {
		if (last == "key" || last == "keys") && len(tail) > 1 && !has(keyKinds, tail[len(tail)-2]) {
			return nothing
		}
		return secret
	}
	if last == "key" && len(words) > 1 && has(keyKinds, words[len(words)-2]) {
		return secret
	}
	return nothing
}

// isRootToken reports the words of the name by which a development server of Vault or OpenBao takes its root token:
// VAULT_DEV_ROOT_TOKEN_ID, dev-root-token-id. The ID of such a token is the token.
func isRootToken(words []string) bool {
	n := len(words)
	return n >= 4 && slices.Equal(words[n-4:], []string{"dev", "root", "token", "id"})
}

// namesSecret reports the words of a name for the keys of a Secret, secretKeys, or for the Secret that
// holds a key, privateKeySecret.
func namesSecret(words []string) bool {
	if len(words) < 2 {
		return false
	}
	before, last := words[len(words)-2], words[len(words)-1]
	return before == "secret" && last == "keys" || before == "key" && last == "secret"
}

// passwordMeaning is what a name with a word for password says, by its last word.
func passwordMeaning(last string) meaning {
	switch {
	case last == "key" || last == "keys": // names a key of a Secret
		return nothing
	case isPasswordWord(last) || has(passwordOwners, last):
		return password
	case last == "secret" || last == "secrets": // mostly names a Secret
		return secret
	}
	return passwordRelated
}

// mayMean looks for parts of the words below. Most names have none, and need not be
// split.
func mayMean(key string) bool {
	var buf [128]byte
	key = key[max(len(key)-len(buf), 0):]
	for i := range len(key) {
		c := key[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	lower := buf[:len(key)]
	for _, part := range [...]string{"pass", "pwd", "pw", "key", "secret", "token", "cred", "auth", "dsn", "psk", "jwt", "bearer", "hmac", "salt", "pepper"} {
		if bytes.Contains(lower, []byte(part)) {
			return true
		}
	}
	return false
}

// split gives the words of a name in lower case: DB_PASSWORD, dbPassword, db.password, db-password.
func split(key string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = nil
		}
	}
	runes := []rune(key)
	if len(runes) > 200 {
		runes = runes[len(runes)-200:]
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return words
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func has(set, word string) bool { return strings.Contains(set, " "+word+" ") }

// isPasswordWord reports a word for password. htpasswd is a file of hashes, and a way to log in with it.
func isPasswordWord(w string) bool {
	if w == "onepassword" || w == "1password" { // the product
		return false
	}
	return has(passwordWords, w) || strings.HasSuffix(w, "password") || strings.HasSuffix(w, "passwd") && w != "htpasswd" || strings.HasSuffix(w, "passphrase")
}

func isSecretWord(w string) bool {
	if has(secretWords, w) {
		return true
	}
	for _, suffix := range [...]string{"secret", "token", "apikey", "secretkey", "accesskey", "privatekey", "authkey", "encryptionkey"} {
		if strings.HasSuffix(w, suffix) {
			return true
		}
	}
	return false
}

// The words of names, each between spaces.
const (
	passwordWords = " password passwords passwd passwort pwd pass passphrase pw psw dbpass userpass rootpass adminpass mysqlpass pgpass sshpass requirepass masterpass masterauth bindpw rootpw storepass keypass "
	secretWords   = " secret secrets token tokens apikey apikeys credential credentials creds cred psk jwt bearer authorization dsn hmac salt pepper passkey "
	// gateways come before pass in the directives by which NGINX passes requests on: fastcgi_pass.
	gateways = " fastcgi uwsgi scgi "
	// passwordOwners may come after the word: PASSWORD_ROOT, password.value.
	passwordOwners = " value plain plaintext text root admin user db database app old new current b64 base64 "
	// keyKinds come before key where it must be kept secret.
	keyKinds = " api access secret private encryption encrypt signing sign signature auth authentication master account shared storage service app " +
		"application crypt crypto cipher aes hmac session cookie license rsa ssh integration ingest ingestion deploy write admin webhook " +
		"fernet jwt root sa preshared client server tls ssl batch subscription instrumentation "
	// otherNouns come last in the names of values that are about a secret, and are none.
	otherNouns = " name names file files filename filepath path paths dir directory folder location url urls uri uris endpoint endpoints host hostname port " +
		"ttl expiry expiration expires expire timeout lifetime duration age days hours minutes seconds interval period rotation length len size min max limit count " +
		"policy enabled enable disabled disable type kind ref refs reference id ids provider providers class store backend issuer audience audiences format method " +
		"algorithm alg algo prefix suffix mount mounts volume env var variable namespace version mode field fields label labels annotation annotations " +
		"regex pattern template scope scopes request requests reset hint encoder encoding encryption strength complexity validation validator check checker checksum " +
		"uid uuid guid sha sha1 sha256 sha512 md5 digest hash hashes integrity fingerprint thumbprint etag revision required require optional allowed header headers " +
		"engine manager management role roles user username email domain region service selector config configuration setting settings options status " +
		"description title text message error placeholder prompt comment example resource object source target output input command cmd script cert " +
		"certificate crt ca bundle property image repository tag generator server metadata parser grant claim claims usage rules rule auth cache review reviews realm realms hasher hashing " +
		"attribute attributes attr attrs column charset chars char characters character symbols alphabet history authentication authenticator scheme schemes schema " +
		"form page link screen view button warning quality level levels theme verifier query alias lifespan time date entropy score attempts retries retry threshold lockout " +
		"expired reason note notes info help tooltip caption locale lang api connector connectors flow flows plugin plugins "
	// switches come first where the value turns something on or off, or refers to what exists.
	switches = " enable enabled disable disabled allow allowed has have use uses require requires required is no skip existing validate show hide reset change generate create auto "
	// public words mark values that everybody may know.
	publicWords = " public pub publishable site checksum digest "
)

// isOther reports names of values that are no secrets.
func isOther(key string) bool {
	words := split(key)
	return len(words) > 0 && has(otherNouns, words[len(words)-1]) || slices.ContainsFunc(words, func(w string) bool { return has(publicWords, w) })
}

// Words gives the words of a name in lower case: DB_PASSWORD, dbPassword, db.password.
func Words(name string) []string { return split(name) }

// namesKey reports the fields that say which key of a Secret holds a credential:
// secretKey: password.
func namesKey(key, value string) bool {
	words := split(key)
	n := len(words)
	return n > 1 && words[n-2] == "secret" && words[n-1] == "key" && (isPasswordWord(value) || isSecretWord(value))
}

// isAccessKey reports names of access keys. Beside a secret key that is the name of a user of
// an object store: accessKey, MINIO_ACCESS_KEY.
func isAccessKey(key string) bool {
	words := split(key)
	n := len(words)
	return !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "secret") }) &&
		(n > 1 && words[n-2] == "access" && words[n-1] == "key" || n > 0 && words[n-1] == "accesskey")
}

// issued are the last words of names of credentials that the service which takes them makes up itself.
var issued = [...]string{"clientsecret", "apikey", "apitoken", "accesstoken", "refreshtoken", "bottoken", "licensekey", "licencekey", "integrationkey"}

// IsIssued reports names of credentials that another service issues.
func IsIssued(key string) bool { return isIssued(key) }

// isIssued reports names of credentials that another service issues. A word of the user's opens nothing there: the service
// knows only those that it has made.
func isIssued(key string) bool {
	name := strings.TrimRight(strings.Join(split(key), ""), "0123456789")
	return slices.ContainsFunc(issued[:], func(last string) bool { return strings.HasSuffix(name, last) })
}

// OutsideServer is the server that the name of a credential is about, if that is one which an application mostly finds there and does not
// install: "mail server" of smtp_password, "directory" of LDAP_BIND_PASSWORD. LDAP_ADMIN_PASSWORD may be of a directory that is
// installed. It is empty for others.
func OutsideServer(key string) string {
	for _, w := range split(key) {
		switch w {
		case "smtp", "imap", "pop3", "mail", "mailer":
			return "mail server"
		case "bind", "bindpw":
			return "directory"
		}
	}
	return ""
}

// namesFake reports names that say that the value is none of a credential: fakePassword.
func namesFake(key string) bool {
	return slices.ContainsFunc(split(key), func(w string) bool { return has(" fake dummy ", w) })
}

// isLastWord reports a value that is the last word of its own name: secret of CLIENT_SECRET.
func isLastWord(key, value string) bool {
	words := split(key)
	return len(words) > 1 && strings.EqualFold(words[len(words)-1], value)
}

// fillers come before the name of a credential in words that stand for it: someapikey.
var fillers = [...]string{"some", "your", "the", "my", "an", "any", "a", "example", "dummy", "sample", "fake", "enter", "insert", "put", "add", "valid", "real", "actual"}

// asksFor reports a value that is a filler before the last words of the value's own name, someapikey of uptimerobot-apikey. What is on the
// lists of passwords is none, unless another service issues the credential.
func asksFor(key, value string) bool {
	bare := strings.TrimSuffix(strings.TrimRight(strings.Join(split(value), ""), "0123456789"), "here")
	if has(defaults, bare) && !isIssued(key) {
		return false
	}
	words := split(key)
	for len(words) > 0 && isNumber(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	name := ""
	for _, word := range slices.Backward(words[max(len(words)-3, 0):]) {
		name = word + name
		if before, ok := strings.CutSuffix(bare, name); ok && before != "" && areFillers(before) {
			return true
		}
	}
	return false
}

// asksToPut reports words that end with here: PASSWORD_HERE.
func asksToPut(s string) bool {
	words := split(s)
	isOther := func(r rune) bool { return !unicode.IsLetter(r) && r != '_' && r != '-' }
	return len(words) > 1 && words[len(words)-1] == "here" && !strings.ContainsFunc(s, isOther)
}

// asksForValue reports a filler before the word value: somevalue, your-value.
func asksForValue(s string) bool {
	before, ok := strings.CutSuffix(strings.Join(split(s), ""), "value")
	return ok && before != "" && areFillers(before)
}

// asksForOwn reports letters that begin with your and end as the name of a credential does: yourminiosecretkey, yourStorePassword.
var asksForOwn = regexp.MustCompile(`^(?i:your[a-z]+(?:key|secret|password|passphrase|token|credentials?))$`).MatchString

// isOwnName reports a value that has the words of its own name, of which there are several: jdbc-password of JDBC_PASSWORD. It stands for one
// that is put in later. The word for password may be another one, and the others may be left out in part, or be shorter or longer: email_pass of
// mail.password, prom-pwd of prometheus-rw-pwd.
func isOwnName(key, value string) bool {
	words := split(value)
	if len(words) < 2 {
		return false
	}
	named := split(key)
	if slices.Equal(words, named) {
		return true
	}
	last := len(words) - 1
	return len(named) > 1 && isPasswordWord(words[last]) && isPasswordWord(named[len(named)-1]) && !slices.ContainsFunc(words[:last], func(w string) bool {
		return !slices.ContainsFunc(named[:len(named)-1], func(n string) bool {
			return len(n) > 2 && strings.HasSuffix(w, n) || len(w) > 3 && strings.HasPrefix(n, w)
		})
	})
}

// areFillers reports whether a text is one or two fillers, without anything between them.
func areFillers(s string) bool {
	return slices.ContainsFunc(fillers[:], func(filler string) bool {
		rest, ok := strings.CutPrefix(s, filler)
		return ok && (rest == "" || slices.Contains(fillers[:], rest))
	})
}

// isKeyName reports names of keys and tokens. Those that end in secret or credentials
// may name a Secret.
func isKeyName(key string) bool {
	words := split(key)
	for len(words) > 0 && isNumber(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	return last == "key" || strings.HasSuffix(last, "token") || strings.HasSuffix(last, "apikey") || strings.HasSuffix(last, "accesskey") || strings.HasSuffix(last, "secretkey")
}
