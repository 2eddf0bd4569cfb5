package detect

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"regexp"
	"strings"
)

// run is the longest start of s made of the set.
func run(s string, set func(byte) bool) string {
	i := 0
	for i < len(s) && set(s[i]) {
		i++
	}
	return s[:i]
}

// standardBase64 gives the alphabet of URLs in the standard one, without breaks.
var standardBase64 = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "")

// decode reads base64 of either alphabet, with or without padding.
func decode(s string) (string, bool) {
	s = standardBase64.Replace(strings.TrimRight(s, "= \n\r"))
	b, err := base64.RawStdEncoding.DecodeString(s)
	return string(b), err == nil
}

// IsAuthority reports whether a PEM text holds the certificate of an authority: one that may sign
// others, and is not that of a server which is only marked so.
func IsAuthority(text string) bool {
	cert := firstCertificate(text)
	return cert != nil && cert.IsCA && !isServer(cert)
}

// IsOnlyMarked reports whether the certificate in a PEM text is marked as an authority's, as "openssl req -x509" does with each that it makes, and
// has no purpose: it may be that of a server.
func IsOnlyMarked(text string) bool {
	cert := firstCertificate(text)
	return cert != nil && cert.IsCA && cert.KeyUsage == 0 && bytes.Equal(cert.RawSubject, cert.RawIssuer)
}

// firstCertificate is the first one in a PEM text, which is that of the key. It is nil if there is none.
func firstCertificate(text string) *x509.Certificate {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
			return cert
		}
	}
}

// isServer reports a certificate that a server issued to itself: for a host name, and without the purpose of
// signing certificates. "openssl req -x509" marks each such certificate as an authority's.
func isServer(cert *x509.Certificate) bool {
	name := cert.Subject.CommonName
	return cert.KeyUsage&x509.KeyUsageCertSign == 0 && bytes.Equal(cert.RawSubject, cert.RawIssuer) &&
		(len(cert.DNSNames)+len(cert.IPAddresses) > 0 || name == "localhost" || strings.Contains(strings.Trim(name, "."), ".") && !strings.Contains(name, " "))
}

// jwt looks for signed JSON web tokens.
func jwt(s string) Verdict {
	for from := 0; ; {
		i := strings.Index(s[from:], "eyJ")
		if i < 0 {
			return Verdict{}
		}
		start := from + i
		from = start + 3
		if start > 0 && (alnumSet(s[start-1]) || s[start-1] == '.') {
			continue
		}
		t := run(s[start:min(start+maxKey, len(s))], dottedSet)
		from = start + max(len(t), 3)
		parts := strings.Split(strings.TrimRight(t, "."), ".")
		if len(parts) != 3 || len(parts[2]) < 16 {
			continue
		}
		head, ok := decode(parts[0])
		claims, ok2 := decode(parts[1])
		if !ok || !ok2 || !strings.Contains(head, `"alg"`) || !json.Valid([]byte(head)) || !json.Valid([]byte(claims)) || isShownJWT(claims) {
			continue
		}
		v := Verdict{Kind: JWT, What: "a JSON web token", prefix: "eyJ", length: len(t)}
		if strings.Contains(claims, "kubernetes/serviceaccount") || strings.Contains(claims, `"kubernetes.io"`) {
			v.What = "a service account token"
		}
		return v
	}
}

// isShownJWT knows the claims of tokens in documentation.
func isShownJWT(claims string) bool {
	return strings.Contains(claims, "John Doe") || strings.Contains(strings.ToLower(claims), "example") || strings.Contains(claims, `"1234567890"`)
}

// connection looks for URLs and connection strings that hold a password.
func connection(s string) Verdict {
	for from := 0; ; {
		i := strings.Index(s[from:], "://")
		if i < 0 {
			break
		}
		start, at := from+i, from+i+3
		from = at
		scheme := start
		for scheme > 0 && (alnumSet(s[scheme-1]) || s[scheme-1] == '+' || s[scheme-1] == '-') {
			scheme--
		}
		if scheme == start {
			continue
		}
		if v := authorityOf(s[at:]); v.Found() {
			return v
		}
		rest := s[at:]
		if next := strings.Index(rest, "://"); next >= 0 { // each part of the text is read once
			rest = rest[:next]
		}
		if v := query(rest); v.Found() {
			return v
		}
	}
	for _, look := range [...]func(string) Verdict{goConnection, javaConnection, easyConnect, keyValues} {
		if v := look(s); v.Found() {
			return v
		}
	}
	return Verdict{}
}

// authorityOf judges the part of a URL from its host on. Before a placeholder for the host, <host>, a password is an example unless a machine has made it up.
func authorityOf(rest string) Verdict {
	authority, isOpen := rest, false
	if end := strings.IndexAny(rest, "/?# \t\r\n\"'`<>,;|\\"); end >= 0 {
		authority, isOpen = rest[:end], rest[end] == '<'
	}
	v := userinfo(authority)
	if isOpen && strings.HasSuffix(authority, "@") && !v.isRandom {
		return Verdict{}
	}
	return v
}

// goConnection looks for connection strings as Go's driver for MySQL takes them.
func goConnection(s string) Verdict {
	for _, network := range [...]string{"@tcp(", "@unix("} {
		i := strings.Index(s, network)
		if i <= 0 {
			continue
		}
		head := s[:i]
		if j := strings.LastIndexAny(head, " \t\r\n\"'=/"); j >= 0 {
			head = head[j+1:]
		}
		if v := userinfo(head + "@db"); v.Found() {
			return v
		}
	}
	return Verdict{}
}

// javaConnection looks for JDBC URLs with a password. Every driver has a form of its own;
// what they share is password=… among the properties, with any separator. Oracle's
// has user/password@ before the server.
func javaConnection(s string) Verdict {
	for from := 0; ; {
		i := strings.Index(s[from:], "jdbc:")
		if i < 0 {
			return Verdict{}
		}
		from += i + len("jdbc:")
		text, _, _ := strings.Cut(s[from:min(from+maxURL, len(s))], "jdbc:")
		if end := strings.IndexAny(text, " \t\r\n\"'`<>\\"); end >= 0 {
			text = text[:end]
		}
		if v := properties(text); v.Found() {
			return v
		}
		if rest, ok := strings.CutPrefix(text, "oracle:"); ok {
			_, rest, _ = strings.Cut(rest, ":")
			if v := slashed(rest); v.Found() {
				return v
			}
		}
	}
}

// maxURL limits how much of a connection string is read.
const maxURL = 4 << 10

// properties looks for a password among the properties of a JDBC URL.
func properties(text string) Verdict {
	var user, pass string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(";?&:,()/", r) }) {
		k, v, _ := strings.Cut(part, "=")
		switch strings.ToLower(k) {
		case "user", "username", "uid", "userid":
			user = v
		case "password", "pwd", "passwd", "pass", "trustpassword", "truststorepassword", "keystorepassword", "sslpassword", "accesskey":
			if pass == "" {
				pass = braced(v)
			}
		}
	}
	if pass == "" {
		return Verdict{}
	}
	return inConnection(user, pass, connectionString, defaultConnectionString)
}

const (
	connectionString        = "a connection string with a password"
	defaultConnectionString = "a connection string with a default password"
)

// braced takes the braces off a value that may hold separators: {a;b}.
func braced(v string) string {
	if len(v) > 1 && v[0] == '{' && v[1] != '{' {
		return strings.Trim(v, "{}")
	}
	return v
}

// easyConnect looks for Oracle's user/password@//host.
func easyConnect(s string) Verdict {
	i := strings.Index(s, "@//")
	if i <= 0 {
		return Verdict{}
	}
	head := s[max(0, i-200):i]
	if j := strings.LastIndexAny(head, " \t\r\n\"'=:"); j >= 0 {
		head = head[j+1:]
	}
	return slashed(head + "@db")
}

// slashed judges user/password@server.
func slashed(s string) Verdict {
	i := strings.LastIndexByte(s, '@')
	if i <= 0 {
		return Verdict{}
	}
	user, pass, ok := strings.Cut(s[:i], "/")
	if !ok || user == "" || pass == "" || strings.ContainsAny(pass, "/@") && pass[0] != '"' {
		return Verdict{}
	}
	return inConnection(user, strings.Trim(pass, `"`), connectionString, defaultConnectionString)
}

// query looks for keys and tokens among the parameters of a URL.
func query(s string) Verdict {
	s = s[:min(len(s), maxURL)]
	if end := strings.IndexAny(s, " \t\r\n\"'`<>\\"); end >= 0 {
		s = s[:end]
	}
	host, params, ok := strings.Cut(s, "?")
	host, _, _ = strings.Cut(host, "/")
	if !ok || isExampleHost(host) {
		return Verdict{}
	}
	for pair := range strings.SplitSeq(params, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "odbc_connect" { // as SQLAlchemy takes connection strings of ODBC
			if text, err := url.QueryUnescape(value); err == nil {
				return keyValues(text)
			}
		}
		switch v := named(name, value); {
		case meaningOf(name) == password && v.Kind == Default:
			return Verdict{Kind: Default, What: "a URL with a default password"}
		case meaningOf(name) == password && v.Secret():
			return Verdict{Kind: URL, What: "a URL with a password"}
		case v.Secret() && isRandom(value):
			return Verdict{Kind: URL, What: "a URL with a key or token"}
		}
		if name == "sig" && len(value) > 40 && !isPlaceholder(value) && strings.Contains(params, "sv=") {
			return Verdict{Kind: CloudKey, What: "an Azure shared access signature"}
		}
	}
	return Verdict{}
}

func userinfo(authority string) Verdict {
	i := strings.LastIndexByte(authority, '@')
	if i < 0 {
		return Verdict{}
	}
	user, pass, ok := strings.Cut(authority[:i], ":")
	host := authority[i+1:]
	if !ok || pass == "" || isExampleHost(host) {
		return Verdict{}
	}
	if p, err := url.PathUnescape(pass); err == nil {
		pass = p
	}
	return inConnection(user, pass, "a URL with a password", "a URL with a default password")
}

// PasswordOfURL is the password of a text that is the URL of a database: postgresql://user:password@host/name.
func PasswordOfURL(text string) (password string, ok bool) {
	u, err := url.Parse(text)
	if err != nil || u.User == nil || u.Host == "" {
		return "", false
	}
	scheme, _, _ := strings.Cut(u.Scheme, "+")
	if !has(" postgres postgresql mysql mariadb mongodb ", scheme) {
		return "", false
	}
	return u.User.Password()
}

// inConnection judges a password at a place for passwords.
func inConnection(user, pass, what, standard string) Verdict {
	lower := strings.ToLower(pass)
	switch {
	case strings.EqualFold(user, "anonymous"), isPlaceholder(pass), isReference(pass), isBool(pass), namesVariable(pass), has(" pass pw pwd passwd userpass ", lower) && has(" user username usr name u ", strings.ToLower(user)):
		return Verdict{}
	case has(" user username ", strings.ToLower(user)) && has(" password pass ", lower):
		return Verdict{} // how documentation writes the form
	case has(" token apitoken accesstoken authtoken apikey ", strings.NewReplacer("-", "", "_", "").Replace(lower)):
		return Verdict{} // what is there, and not the word
	case isDefault(pass, password), strings.EqualFold(user, pass):
		return Verdict{Kind: Default, What: standard}
	case len(pass) < 3:
		return Verdict{}
	}
	return Verdict{Kind: URL, What: what, isRandom: isRandom(pass)}
}

func isExampleHost(host string) bool {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	for _, d := range [...]string{"example.com", "example.org", "example.net", ".example", "host", "hostname", "domain.com"} {
		if host == d || strings.HasSuffix(host, "."+strings.TrimPrefix(d, ".")) {
			return true
		}
	}
	return false
}

// keyValues reads connection strings in pairs: Server=db;User Id=sa;Password=…,
// and host=db user=app password=…, as .NET, ODBC, DB2 and libpq take them.
func keyValues(s string) Verdict {
	if !strings.Contains(s, "assword=") && !strings.Contains(s, "ASSWORD=") && !strings.Contains(s, "wd=") && !strings.Contains(s, "WD=") && !strings.Contains(s, "assword =") || strings.Contains(s, "\n") {
		return Verdict{}
	}
	lower := strings.ToLower(s)
	pairs := strings.Split(s, ";")
	const servers = " server host addr address hostname datasource endpoint driver dsn database dbalias provider servername port "
	if len(pairs) < 2 {
		if !strings.Contains(lower, "host=") && !strings.Contains(lower, "dbname=") {
			return Verdict{}
		}
		pairs = strings.Fields(s)
	}
	user, found, server := "", "", false
	for _, pair := range pairs {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		k, v, ok := strings.Cut(strings.TrimSpace(pair), "=")
		k = strings.ToLower(strings.TrimSpace(k))
		v = strings.Trim(strings.TrimSpace(v), `'"`)
		switch {
		case !ok:
			return Verdict{}
		case k == "password" || k == "pwd" || k == "passwd":
			found = braced(v)
		case k == "user" || k == "user id" || k == "userid" || k == "uid" || k == "username":
			user, server = v, true
		case has(servers, k) || k == "data source" || k == "network address" || k == "accountendpoint" || k == "initial catalog":
			server = true
		}
	}
	if !server || found == "" || strings.ContainsAny(found, " ") {
		return Verdict{}
	}
	return inConnection(user, found, connectionString, defaultConnectionString)
}

// authorization looks for the values of HTTP's Authorization header.
func authorization(s string) Verdict {
	if strings.IndexByte(s, ' ') < 0 {
		return Verdict{}
	}
	if i := strings.Index(s, "uthorization"); i >= 0 { // in the configuration of a server, the rest of a statement follows
		s = strings.TrimLeft(s[i+len("uthorization"):], " :=,\"'")
		if end := strings.IndexAny(s, "\"';"); end >= 0 {
			s = s[:end]
		}
	}
	scheme, rest, ok := strings.Cut(s, " ")
	rest = strings.Trim(strings.TrimSpace(rest), `"'`)
	if !ok || len(rest) < 8 || strings.ContainsAny(rest, " \t\n") || isPlaceholder(rest) {
		return Verdict{}
	}
	switch strings.ToLower(scheme) {
	case "basic":
		return basicAuth(rest)
	case "bearer", "token", "apikey":
		if !isName(rest) && mixed(rest) && strings.Trim(rest, "0123456789.") != "" {
			return Verdict{Kind: Token, What: "a bearer token"}
		}
	}
	return Verdict{}
}

// vaultPair matches references to Vault for a user and a password, each with colons of its own.
var vaultPair = regexp.MustCompile(`^(?:>>)?vault:[\w./-]+#[\w.-]+:(?:>>)?vault:[\w./-]+#[\w.-]+$`)

// basicAuth judges user:password in base64.
func basicAuth(s string) Verdict {
	text, ok := decode(s)
	if !ok || !isPrintable(text) {
		return Verdict{}
	}
	user, pass, ok := strings.Cut(text, ":")
	if !ok || pass == "" || vaultPair.MatchString(text) {
		return Verdict{}
	}
	v := inConnection(user, pass, "a user and password in base64", "a default user and password in base64")
	if v.Kind == URL {
		v.Kind = BasicAuth
	}
	return v
}

func isPrintable(s string) bool {
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xfffd || r == 0x7f {
			return false
		}
	}
	return s != ""
}

// encoded judges values that are base64 of a credential under names that say so.
func encoded(key, s string) Verdict {
	if n := len(key) - len("auth"); n < 0 || !strings.EqualFold(key[n:], "auth") {
		return Verdict{}
	}
	words := split(key)
	if words[len(words)-1] != "auth" {
		return Verdict{}
	}
	if user, pass, ok := strings.Cut(s, "/"); ok && len(words) > 1 && words[len(words)-2] == "neo4j" {
		if user == "" || strings.ContainsAny(pass, "/ ") || variableIn.MatchString(pass) {
			return Verdict{}
		}
		return named("password", pass)
	}
	return basicAuth(s)
}

// moduleOption is an option of a login module of Java that holds a credential, with quotes that may be escaped.
var moduleOption = regexp.MustCompile(`\b((?i:[a-z]*password|clientsecret))\s*=\s*\\?["']([^"'\\\s]+)`)

// loginModule looks for a password in the configuration of JAAS, as clients of Kafka have it:
// PlainLoginModule required username="app" password="hunter2"; and the like.
func loginModule(s string) Verdict {
	if !strings.Contains(s, "LoginModule") {
		return Verdict{}
	}
	for _, m := range moduleOption.FindAllStringSubmatch(s, maxHits) {
		if v := named(m[1], m[2]); v.Found() {
			return v
		}
	}
	return Verdict{}
}

// passwordHash looks for hashes as htpasswd, shadow and the like write them.
func passwordHash(s string) Verdict {
	if strings.IndexByte(s, '$') < 0 && !strings.Contains(s, "SHA}") {
		return Verdict{}
	}
	for _, p := range [...]struct {
		prefix string
		least  int
	}{
		{"$2a$", 56},
		{"$2b$", 56},
		{"$2y$", 56},
		{"$apr1$", 24},
		{"$1$", 24},
		{"$5$", 40},
		{"$6$", 80},
		{"$y$", 40},
		{"$argon2id$", 40},
		{"$argon2i$", 40},
		{"$pbkdf2$", 60}, // as Authelia and passlib write them
		{"$pbkdf2-sha256$", 60},
		{"$pbkdf2-sha512$", 60},
		{"$scrypt$", 60},
		{"pbkdf2_sha256$", 60}, // as Django does
		{"{SHA}", 28},
		{"{SSHA}", 32},
	} {
		i := strings.Index(s, p.prefix)
		if i < 0 || i > 0 && alnumSet(s[i-1]) {
			continue
		}
		rest := run(s[i+len(p.prefix):], func(c byte) bool { return base64Set(c) || c == '.' || c == '$' || c == ',' || c == '=' })
		if len(rest) >= p.least-3 && !isPlaceholder(rest) && distinct(rest) >= 10 {
			return Verdict{Kind: Hash, What: "the hash of a password"}
		}
	}
	return Verdict{}
}
