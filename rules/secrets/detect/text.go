package detect

import (
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Hit is a credential within a text.
type Hit struct {
	// Line counts from 1.
	Line int
	// Name is what the credential is called in the text, a key of a properties file for
	// instance. It is empty if there is nothing, or nothing that may be printed.
	Name string
	Verdict
}

// maxHits limits how many credentials of one text are reported.
const maxHits = 50

// Text judges a value that may be a file: properties, an environment file, JSON,
// YAML, INI, a script. Hits come in the order of the text, one a line at most.
func Text(key, text string) []Hit {
	hits := textHits(key, text)
	isCode := func(h Hit) bool { return h.Name == "PW" && !h.isRandom }
	if slices.ContainsFunc(hits, isCode) && len(codeKey.FindAllStringIndex(text, minCodes)) == minCodes {
		hits = slices.DeleteFunc(hits, isCode)
	}
	return hits
}

// minCodes is how many keys of two capitals a text has that lists codes, such as those of countries: PW is Palau there.
const minCodes = 10

// codeKey matches such a key.
var codeKey = regexp.MustCompile(`(?:^|[\s"'{,])[A-Z]{2}["']?\s*[:=]`)

func textHits(key, text string) []Hit {
	if !strings.ContainsAny(strings.TrimSpace(text), "\n=:{<") && !strings.HasPrefix(text, "machine ") {
		if v := Value(key, text); v.Found() {
			return []Hit{{Line: 1, Verdict: v}}
		}
		if strings.HasPrefix(text, "--") {
			return flags(text)
		}
		if isOpenPassphrase(key, strings.TrimSpace(text)) {
			return []Hit{{Line: 1, Verdict: Verdict{Kind: Password, What: "a password"}}}
		}
		return encodedText(key, text)
	}
	if isReference(strings.TrimSpace(text)) || strings.HasSuffix(key, "nsswitch.conf") { // where to look for passwd and shadow
		return nil
	}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		if l, ok := jsonHits(text); ok {
			return l
		}
	}
	f := file{code: isCode(key, text), known: mayKnow(text), netrc: strings.Contains(text, "machine "), account: isServiceAccount(text)}
	hits := withoutAnonymous(text, f.hits(text))
	if len(hits) > 0 || strings.Contains(strings.TrimSpace(text), "\n") {
		return hits
	}
	if v := Value(key, text); v.Found() {
		return []Hit{{Line: 1, Verdict: v}}
	}
	return flags(text)
}

// encodedText judges a file in base64, whose lines are none of the value's.
func encodedText(key, text string) []Hit {
	text = strings.TrimSpace(text)
	if len(text) < 24 || run(text, base64Set) != text {
		return nil
	}
	plain, ok := decode(text)
	if !ok || !isPrintable(plain) || !strings.ContainsAny(plain, "=:") || run(plain, base64Set) == plain {
		return nil
	}
	hits := Text(key, plain)
	for i := range hits {
		hits[i].Line = 1
	}
	return hits
}

// flags judges the words of a line that are flags, as JAVA_OPTS has them:
// -Xmx1g -Djavax.net.ssl.keyStorePassword=….
func flags(line string) []Hit {
	if !strings.Contains(line, "-") || !strings.Contains(line, "=") && !strings.HasPrefix(line, "--") {
		return nil
	}
	words := shellWords(line)
	for i, w := range words {
		next := ""
		if i+1 < len(words) && strings.HasPrefix(w, "--") {
			next = words[i+1]
		}
		if name, v, _ := word("", w, next); v.Found() && strings.HasPrefix(w, "-") {
			return []Hit{{Line: 1, Name: name, Verdict: v}}
		}
	}
	return nil
}

// hits judges a text line by line.
func (f file) hits(text string) []Hit {
	var hits []Hit
	var p programs
	var c comments
	after := len(text) - strings.LastIndex(text, closeComment) // where no comment ends any more
	n := 0
	for line := range strings.Lines(text) {
		n++
		of := f
		of.code = p.has(line, text[len(line):]) || f.code
		outside, inside := line, ""
		if c.isOpen || len(text) >= after {
			outside, inside = c.cut(line)
		}
		name, v := of.line(text, outside)
		if !v.Found() && inside != "" {
			of.comment = true
			name, v = of.line(text, inside)
		}
		f.named, f.opened = nameOnly(outside), openedBy(outside)
		if v.Found() {
			hits = append(hits, Hit{Line: n, Name: name, Verdict: v})
		}
		text = text[len(line):]
		if len(hits) >= maxHits {
			break
		}
	}
	return hits
}

// isCode reports whether a text is a program rather than configuration: in a program, what follows an
// equals sign is an expression.
func isCode(key, text string) bool {
	if i := strings.LastIndexByte(key, '.'); i >= 0 && has(" py js mjs ts tsx jsx go java kt rb pl php lua groovy ps1 c cc cpp rs swift cs scala html css scss sql md tpl tmpl rego cel cue jsonnet libsonnet vcl vrl ", strings.ToLower(key[i+1:])) {
		return true
	}
	first, _, _ := strings.Cut(text, "\n")
	return strings.HasPrefix(first, "#!") && !strings.Contains(first, "sh")
}

// file is how the lines of a text are read.
type file struct {
	code  bool   // expressions are no values
	known bool   // some line may hold a known format
	netrc bool   // words follow each other in pairs: password, and the password
	named string // what the line before calls the value of this one
	// opened is the element of XML that the line before opens.
	opened string

	comment bool // the line is in a comment of XML
	account bool // the text is the key of a Google service account
}

// mayKnow looks, over the text as a whole, for the parts that known formats
// have: most texts have none.
func mayKnow(text string) bool {
	for _, part := range [...]string{"://", begin, encodedBegin, "eyJ", "@tcp(", "@unix(", "@//", "jdbc:", "assword=", "ASSWORD=", "assword =", "wd=", "WD=", "$", "SHA}", "uthorization", "asic ", "earer ", "LoginModule"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return maySQL(text) || token(text).Found()
}

// line judges one line. The rest is the text from there on, for keys of several lines.
func (f file) line(rest, line string) (name string, v Verdict) {
	line = strings.TrimSpace(line)
	if len(line) < 6 || len(line) > 1<<16 {
		return "", Verdict{}
	}
	if strings.Contains(line, begin) && strings.Contains(line, "PRIVATE KEY") {
		return nameBefore(line), f.key(rest)
	}
	line, isExample := withoutRegistry(line)
	if isExample {
		return "", known(line)
	}
	if f.comment || isComment(line) {
		if v = known(line); v.Kind == Default || v.Kind == URL || v.Kind == Hash || sqlStatement(line).Found() { // examples, most of them
			return "", Verdict{}
		}
		return "", v
	}
	if name, v = f.flow(line); v.Found() {
		return printable(name), v
	}
	name, value, literal := f.pair(line)
	if v = f.format(rest, line); !v.Found() {
		if called, p := program(line, f.code); p.Found() {
			return printable(called), p
		}
	}
	switch {
	case name == "":
		return "", v
	case v.Found() && isReference(value):
		return "", Verdict{}
	case v.Found() && !known(value).Found(): // the line as a whole is one: a connection string
		return "", v
	case !v.Found():
		v = f.judge(name, value, literal)
	}
	if !v.Found() {
		return "", v
	}
	return printable(holder(name, value)), v
}

// holder is the name of the pair that holds the credential of a line. Where the line as a whole is a connection string of pairs, which begins
// with the pair of the name, that may be a later one: SharedAccessKey of Endpoint=sb://…;SharedAccessKey=….
func holder(name, value string) string {
	first, rest, ok := strings.Cut(value, ";")
	if isPair := strings.Contains(first, "="); !ok || isPair || known(first).Found() {
		return name
	}
	for part := range strings.SplitSeq(rest, ";") {
		if later, _, _ := pair(strings.TrimSpace(part)); later != "" && known(part).Found() {
			return later
		}
	}
	return name
}

// withoutRegistry is a line of npm's file without the registry before the name of its key, and whether that is of documentation.
func withoutRegistry(line string) (rest string, isExample bool) {
	i := strings.Index(line, ":_")
	if i < 1 || !strings.HasPrefix(line, "//") {
		return line, false
	}
	host, _, _ := strings.Cut(line[len("//"):i], "/")
	return line[i+1:], isExampleHost(host)
}

// pair is the name and the value that a line gives, in whichever way.
func (f file) pair(line string) (name, value string, literal bool) {
	name, value, literal = pair(line)
	if first, command, ok := strings.Cut(value, " "); ok && has(" PGPASSWORD MYSQL_PWD REDISCLI_AUTH ", name) && !isComment(strings.TrimSpace(command)) {
		value = strings.Trim(first, `"'`) // set for the command that follows
	}
	if name == "value" && f.named != "" {
		name = f.named
	}
	if meaningOf(f.opened) != nothing && !strings.ContainsAny(line, "<> \t") {
		return f.opened, line, true
	}
	if name == "" && f.netrc {
		name, value = netrc(line)
	}
	if name == "" {
		name, value = directive(line)
	}
	return name, value, literal
}

// directive is a line of the configuration of Redis or LDAP that gives a password after a blank: requirepass hunter2.
func directive(line string) (name, value string) {
	name, value, ok := strings.Cut(line, " ")
	value = strings.TrimSpace(value)
	if !ok || !has(" requirepass masterauth bindpw rootpw ", strings.ToLower(name)) || strings.ContainsAny(value, " \t") {
		return "", ""
	}
	return name, strings.Trim(value, `"'`)
}

// flow judges the pairs of a mapping that YAML has on one line: {user: a, password: …}.
// The first credential counts.
func (f file) flow(line string) (name string, v Verdict) {
	from, to := strings.IndexByte(line, '{'), strings.LastIndexByte(line, '}')
	if f.code || from < 0 || to < from+6 || strings.IndexByte("{%", line[from+1]) >= 0 {
		return "", v
	}
	if before := strings.TrimSpace(line[:from]); before != "" && strings.IndexByte(":-[,", before[len(before)-1]) < 0 {
		return "", v
	}
	f.named = ""
	users := flowUsers(line[from+1 : to])
	for part := range flowParts(line[from+1 : to]) {
		colon, equals := strings.Index(part, ": "), strings.IndexByte(part, '=')
		if colon <= 0 || equals >= 0 && equals < colon {
			continue
		}
		name, value, literal := pair(part)
		switch {
		case name == "name":
			f.named = value
			continue
		case name == "value" && f.named != "":
			name = f.named
		}
		if name != "" && !isReference(value) {
			if v = f.judge(name, value, literal); v.Found() && !users.HasPassword(name, v) {
				return name, v
			}
		}
	}
	return "", Verdict{}
}

// flowParts gives what commas, brackets and braces outside of quotes separate.
func flowParts(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		from, quote, before := 0, byte(0), byte(',')
		for i := range len(text) {
			c := text[i]
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case (c == '"' || c == '\'') && strings.IndexByte(":,{}[]", before) >= 0:
				quote = c
			case strings.IndexByte(",{}[]", c) >= 0:
				if !yield(strings.TrimSpace(text[from:i])) {
					return
				}
				from = i + 1
			}
			if c != ' ' {
				before = c
			}
		}
		yield(strings.TrimSpace(text[from:]))
	}
}

// judge judges a pair whose value has no known format.
func (f file) judge(name, value string, literal bool) Verdict {
	if v := authorization(value); v.Found() {
		return v
	}
	if v := keyValues(value); v.Found() {
		return v
	}
	if !literal && (f.code || isExpression(value)) {
		return Verdict{}
	}
	v := named(name, value)
	if f.code && v.Kind == Default {
		return Verdict{}
	}
	return v
}

func isComment(line string) bool {
	for _, p := range [...]string{"#", "//", ";", "-- ", "*"} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	return false
}

// nameBefore is the name on a line that starts a key of several lines.
func nameBefore(line string) string {
	if i := strings.Index(line, begin); i > 0 {
		name, _, _ := pair(line[:i] + "x")
		return printable(name)
	}
	return ""
}

// pair reads name = value, name: value and <name>value</name>; literal says
// that the value was in quotes.
func pair(line string) (name, value string, literal bool) {
	if strings.HasPrefix(line, "<") {
		return element(line)
	}
	i := strings.IndexAny(line, "=:")
	if i <= 0 || line[i] == ':' && i+1 < len(line) && strings.IndexByte(" \t=", line[i+1]) < 0 && line[0] != '"' && line[0] != '\'' {
		// host:port and URLs are no pairs; properties files may have name:value, rarely.
		if i = strings.IndexByte(line, '='); i <= 0 {
			return "", "", false
		}
	}
	name = strings.TrimRight(line[:i], " \t:?+")
	if property, ok := strings.CutPrefix(name, "-D"); ok && strings.Contains(property, ".") { // of Java
		name = property
	}
	name = strings.TrimLeft(name, "-")
	for _, p := range [...]string{"export ", "- ", "set ", "env ", "ENV ", "const ", "var ", "let ", "local ", "declare "} {
		name = strings.TrimSpace(strings.TrimPrefix(name, p))
	}
	name = strings.Trim(name, `"'`)
	if !isKey(name) {
		return "", "", false
	}
	value = strings.TrimLeft(strings.TrimSpace(line[i+1:]), "=> ")
	if line[i] == ':' && strings.HasPrefix(value, "#") && strings.HasPrefix(line[i+1:], " ") { // a comment of YAML: the value is empty
		return name, "", false
	}
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		if end := strings.IndexByte(value[1:], value[0]); end >= 0 {
			after := strings.TrimSpace(value[end+2:])
			return name, value[1 : 1+end], after == "" || strings.IndexByte(",;#}])", after[0]) >= 0
		}
		return "", "", false
	}
	if j := strings.Index(value, " #"); j >= 0 {
		value = strings.TrimSpace(value[:j])
	}
	return name, strings.TrimRight(value, ",;"), false
}

// netrc reads a line of a file that programs such as curl take passwords from.
func netrc(line string) (name, value string) {
	words := strings.Fields(line)
	if i := slices.Index(words, "password"); i >= 0 && i+1 < len(words) && len(words) <= 10 {
		return "password", words[i+1]
	}
	return "", ""
}

// isKey reports what can be a name in a file.
func isKey(s string) bool {
	if s == "" || len(s) > 128 || !unicode.IsLetter(rune(s[0])) && s[0] != '_' {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 || !urlSet(byte(r)) && !strings.ContainsRune("./[]", r) }) < 0
}

// isExpression reports what a program or template would compute.
func isExpression(s string) bool {
	return strings.ContainsAny(s, "()[]{}<>`|\\ \t") || strings.HasPrefix(s, "$") || strings.HasPrefix(s, "&") || strings.HasPrefix(s, "*") || strings.HasPrefix(s, "!")
}

// printable is the name if it cannot itself be a secret.
func printable(name string) string {
	if len(name) > 80 || known(name).Found() || meaningOf(name) == nothing && (isRandom(name) || !isName(name)) {
		return ""
	}
	return name
}

// needles are parts of names that announce something, or of values that are
// something under any name.
var needles = [...]string{"pass", "pwd", "secret", "token", "key", "cred", "auth", "dsn", "psk", "://", "jwt", "hook", "value"}

// Secret judges a value of a Secret. There a password may have spaces, a key or token need
// not be random, and what looks random is a credential under any name but those of
// something public.
func Secret(key, text string) []Hit {
	hits := Text(key, text)
	text = strings.TrimSpace(text)
	if len(hits) > 0 || strings.ContainsAny(text, "\t\r\n") || isQuiet(text) || isOther(key) || isOwnName(key, text) || standsForIssued(key, text) {
		return hits
	}
	m := meaningOf(key)
	switch spaces := strings.Contains(text, " "); {
	case m == password && spaces && isPassphrase(text) && !describesPassword(text):
		return []Hit{{Line: 1, Verdict: Verdict{Kind: Password, What: "a password"}}}
	case spaces:
	case isRandom(text) && !isEncodedName(text):
		return []Hit{{Line: 1, Verdict: Verdict{Kind: Password, What: "a random value"}}}
	case m == secret && len(text) >= 8 && isPassword(text) && !asksFor(key, text) && !isObjectName(text) && !isAccessKey(key) && !isSequence(text):
		return []Hit{{Line: 1, Verdict: Verdict{Kind: Password, What: "a key or token"}}}
	}
	return hits
}

// OneOfPasswords judges a value of a Secret whose name says that its values are passwords, each under the name of a user, as in {admin: …}.
// There, one that mixes letters, digits and signs is a password.
func OneOfPasswords(key, text string) []Hit {
	hits := Secret(key, text)
	if len(hits) > 0 || isOther(key) || !isMixed(strings.TrimSpace(text)) {
		return hits
	}
	return Secret("password", text)
}

// isMixed reports a text of eight or more letters of both cases, digits and signs, as rules for passwords ask for.
func isMixed(s string) bool {
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(s, is) }
	return len(s) >= 8 && has(unicode.IsUpper) && has(unicode.IsLower) && has(unicode.IsDigit) &&
		has(func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) })
}

// describesPassword reports words about a password that is put in later: the password to use for the shop.
var describesPassword = regexp.MustCompile(`^(?i:the|your|a)(?: [A-Za-z-]+){0,3} (?i:password|passphrase)(?: [A-Za-z-]+)*$`).MatchString

// isPassphrase reports a few words without punctuation: correct horse battery staple.
func isPassphrase(s string) bool {
	return len(s) <= 80 && !strings.ContainsAny(s, ".,:;()[]{}<>=/\\|\"") && strings.Count(s, " ") < 10
}

// isOpenPassphrase reports a password of several words that is a whole value, outside of a Secret, under a name that
// ends with password. Within files such values are nearly all sentences, commands and templates: only single words
// count there.
func isOpenPassphrase(key, s string) bool {
	if len(s) < 8 || !strings.Contains(s, " ") || strings.ContainsAny(s, "\t\r\n`$") || meaningOf(key) != password {
		return false
	}
	words := split(key)
	return isPasswordWord(strings.TrimRight(words[len(words)-1], "0123456789")) &&
		isPassphrase(s) && !isSentence(s) && !isPlaceholder(s) && !isReference(s) && !isPublic(s)
}

// Binary judges a value that is no text: key stores, by their names. Stores of what is
// trusted hold public certificates.
func Binary(key, data string) []Hit {
	i := strings.LastIndexByte(key, '.')
	if len(data) < 100 || strings.Contains(strings.ToLower(key), "trust") || !has(" p12 pfx jks keystore bcfks kdbx keytab ", strings.ToLower(key[i+1:])) {
		return nil
	}
	return []Hit{{Line: 1, Verdict: Verdict{Kind: PrivateKey, What: "a key store"}}}
}
