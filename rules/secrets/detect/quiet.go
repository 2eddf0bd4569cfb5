package detect

import (
	"encoding/base64"
	"math"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// isReference reports whether a value as a whole says where the secret is, or
// is encrypted.
func isReference(s string) bool {
	for _, p := range [...]string{
		"ENC[", "ENC(", "!vault", "$ANSIBLE_VAULT", "vault:", "vault://", "bao:", "ref+", "secretref+", "secretKeyRef", "op://", "akvs://", "azurekeyvault://",
		"awssm://", "gcpsm://", "sm://", "arn:", "gcp:", "aws:", "projects/", "secret://", "secret:", "secrets:", "env:", "file:", "keystore:", "kubernetes:", "k8s:", "k8s://", "keyvault:",
		"@Microsoft.KeyVault", "age-encryption.org", "-----BEGIN AGE ENCRYPTED", "-----BEGIN PGP MESSAGE", "AQICAH", "<path:",
	} {
		if rest, ok := strings.CutPrefix(s, p); ok {
			// A file may start with a key of that name: env:, and a new line.
			return !strings.HasSuffix(p, ":") || rest != "" && strings.IndexByte(" \t\r\n", rest[0]) < 0
		}
	}
	return isSpinnakerReference(s)
}

// isSpinnakerReference reports the place of a secret as Spinnaker reads it: encrypted:ENGINE!KEY:VALUE, encryptedFile:k8s!n:NAME!k:KEY.
func isSpinnakerReference(s string) bool {
	kind, place, ok := strings.Cut(s, ":")
	engine, _, hasParts := strings.Cut(place, "!")
	return ok && (kind == "encrypted" || kind == "encryptedFile") && hasParts && engine != "" && run(engine, alnumSet) == engine && !strings.ContainsAny(s, " \t\r\n")
}

// emulatorKeys are the account keys that emulators have for everyone: Azurite, as Microsoft's "Use the Azurite emulator
// for local Azure Storage development" gives it, and the emulator of Cosmos DB.
var emulatorKeys = [...]string{
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
	"C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
}

// isPlaceholder reports whether a value is a placeholder for one that is put in later, or
// is one that documentation uses.
func isPlaceholder(s string) bool {
	if s == "" || strings.Trim(s, "*.xX#?-_ ") == "" {
		return true
	}
	if strings.Contains(s, "${") || strings.Contains(s, "$(") || strings.Contains(s, "{{") || strings.Contains(s, "}}") || strings.Contains(s, "<%") || strings.Contains(s, "%(") {
		return true
	}
	if isWrapped(s, "<", ">") || isWrapped(s, "[", "]") || isWrapped(s, "%", "%") || isWrapped(s, "__", "__") || isWrapped(s, "{", "}") || isWrapped(s, "@", "@") ||
		isWrapped(s, "#{", "}#") || isWrapped(s, "((", "))") {
		return true
	}
	if s[0] == '$' && isIdentifier(strings.TrimLeft(s, "$")) {
		return true
	}
	if hasRun(s, 10) || isMostlyGenerated(s) || isEncodedRun(s) || isEncodedExample(s) || distinct(s) <= 3 && len(s) >= 8 || distinct(s) == 1 && len(s) >= 3 && !isNumber(s) {
		return true
	}
	if slices.Contains(emulatorKeys[:], s) || asksForValue(s) || asksForOwn(s) || asksToPut(s) || isElided(s) {
		return true
	}
	lower := strings.ToLower(s)
	for _, w := range [...]string{
		"example", "placeholder", "your-", "your_", "yourpass", "yoursecret", "yourtoken", "yourkey", "your.", "replace", "redacted", "todo", "fixme", "xxxx", "****", "....", "dummy",
		"insert", "fill-in", "fill_in", "fillme", "tobeset", "to-be-", "to_be_", "<", "not-a-real", "notreal", "sample", "fake", "bogus", "not-set", "notset", "unset", "put-your", "put_your", "override", "overwrit",
	} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return has(" null nil none undefined unknown n/a na empty ignored unused notused false true yes no on off default auto generated random todo tbd ", lower) && lower != "default"
}

// IsPlaceholder reports whether a value stands for one that is put in later.
func IsPlaceholder(s string) bool { return isPlaceholder(s) }

// isElided reports a value of which a part was left out, so that it can be shown: 8c902458-...-....
func isElided(s string) bool {
	return strings.Contains(s, "…") || strings.Contains(s, "-...") || strings.Contains(s, "...-") || strings.HasSuffix(s, "...")
}

func isWrapped(s, open, closing string) bool {
	return len(s) > len(open)+len(closing) && strings.HasPrefix(s, open) && strings.HasSuffix(s, closing)
}

// isQuiet reports whether a value of one word is no secret under any name.
func isQuiet(s string) bool {
	return isReference(s) || isPlaceholder(s) || isBool(s) || isQuantity(s) || isPath(s) || isFile(s) || isPlainURL(s) || isMail(s) || isDigest(s) || isPublic(s) || isDotted(s)
}

func isBool(s string) bool {
	return has(" true false yes no on off enabled disabled required optional always never ", strings.ToLower(s))
}

// isQuantity reports numbers of a unit, versions, durations and dates.
func isQuantity(s string) bool {
	if _, err := time.ParseDuration(s); err == nil && !isNumber(s) {
		return true
	}
	if packageVersion.MatchString(s) {
		return true
	}
	digits := strings.TrimRight(strings.TrimLeft(s, "v+-"), "smhdwyKMGTPEikBbtec%")
	return digits != s && digits != "" && strings.Trim(digits, "0123456789.") == "" ||
		strings.Trim(s, "0123456789.,:-/TZ") == "" && !isNumber(s)
}

// version is v1 in the path of an API.
var version = regexp.MustCompile(`^v[0-9]+$`)

// packageVersion is a version of a package of a distribution: 7.58.0-2ubuntu3.14, 1.2.3~rc1+dfsg-4.
var packageVersion = regexp.MustCompile(`^v?[0-9]+(\.[0-9]+)+[-+~][0-9a-z.+~-]{1,24}$`)

func isPath(s string) bool {
	switch {
	case strings.HasPrefix(s, "./"), strings.HasPrefix(s, "../"), strings.HasPrefix(s, "~/"), len(s) > 2 && s[1] == ':' && s[2] == '\\':
		return true
	case !strings.Contains(s, "/"):
		return false
	}
	// Base64 has slashes as well, and the parts between them are no words. /v1/secret is a path.
	words, all := 0, 0
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '/' || r == ':' }) {
		all++
		if isName(part) || strings.HasPrefix(s, "/") && version.MatchString(part) {
			words++
		}
	}
	return words*3 >= all*2
}

// isName reports words of letters, joined by dots, hyphens and underscores, and
// perhaps with numbers between them: names of things.
func isName(s string) bool {
	letters, wordy := 0, 0
	for _, w := range split(s) {
		if isNumber(w) {
			if len(w) > 4 {
				return false
			}
			continue
		}
		letters += len(w)
		if isWord(w) {
			wordy += len(w)
		}
	}
	return letters > 0 && wordy*10 >= letters*7
}

// isWord reports what could be a word of a language, perhaps with a few digits
// after it: letters with vowels among them.
func isWord(w string) bool {
	w = strings.TrimRight(w, "0123456789")
	if has(" db k8s s3 tls ssl ssh ca svc ns pvc cfg dev prd stg tmp src sql mysql http https grpc tcp udp kv js css html xml rss dns vpc sns sqs kms crt csr ldap ", w) {
		return true
	}
	if len(w) < 3 || len(w) > 20 {
		return false
	}
	vowels, run := 0, 0
	for _, r := range w {
		switch {
		case !unicode.IsLetter(r):
			return false
		case strings.ContainsRune("aeiouy", r):
			vowels++
			run = 0
		default:
			run++
			if run > 4 {
				return false
			}
		}
	}
	return vowels > 0 && len(w) <= vowels*6
}

func isFile(s string) bool {
	i := strings.LastIndexByte(s, '.')
	return i > 0 && has(" txt key pem crt cer der json yaml yml conf cfg cnf env properties jks p12 pfx keystore truststore password passwd "+
		"secret token ini toml xml sh py js rb pub asc gpg kdbx db html log com org net io local internal svc ", strings.ToLower(s[i+1:])) && isName(s[:i])
}

// isPlainURL reports URLs; those with credentials in them were found before.
func isPlainURL(s string) bool { return strings.Contains(s, "://") }

func isMail(s string) bool {
	i := strings.LastIndexByte(s, '@')
	if i < 1 || len(s) > 254 || !strings.Contains(s[i:], ".") || !isName(s[i+1:]) {
		return false
	}
	_, err := mail.ParseAddress(s)
	return err == nil
}

func isDigest(s string) bool {
	return strings.HasPrefix(s, "sha256:") || strings.HasPrefix(s, "sha512:") || strings.HasPrefix(s, "sha256-") || strings.HasPrefix(s, "sha384-") ||
		strings.HasPrefix(s, "sha512-") || strings.HasPrefix(s, "sha1:") || strings.HasPrefix(s, "md5:") || strings.HasPrefix(s, "SHA256:")
}

// isPublic reports certificates and public keys, in PEM and in base64 of it.
func isPublic(s string) bool {
	for _, p := range [...]string{"-----BEGIN", "LS0tLS1CRUdJTi", "ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-", "MIIBIjANBg", "MIICIjANBg", "MFkwEwYHKoZI", "AAAAB3NzaC1yc2E", "AAAAC3NzaC1lZDI1NTE5", "age1", "pk_live_", "pk_test_", "MIID", "MIIE", "MIIF"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return signedStatement.MatchString(s)
}

// signedStatement is what a party says, its address and its signature of that, for everyone to verify, as Libplanet writes the version of a
// protocol: 1067/ADDRESS/SIGNATURE/EXTRA.
var signedStatement = regexp.MustCompile(`^[0-9]+/[0-9A-Fa-f]{40}/[0-9A-Za-z+/.=_-]+$`)

var (
	// hexAccount is an address on Ethereum, 20 bytes. A private key has 32.
	hexAccount = regexp.MustCompile(`^0x[0-9A-Fa-f]{40}$`)
	// base58Account is an address on Solana or Bitcoin.
	base58Account = regexp.MustCompile(`^[1-9A-HJ-NP-Za-km-z]{26,44}$`)
)

// isAccount reports the address of an account or a contract on a blockchain, which is public: ethTokenAddress. In base58, a key of 32 bytes
// looks the same, so the name must end in address. A name that says secret or private is believed.
func isAccount(key, s string) bool {
	words := split(key)
	if slices.Contains(words, "secret") || slices.Contains(words, "private") {
		return false
	}
	last := words[len(words)-1] // a key without words means nothing
	return hexAccount.MatchString(s) || (last == "address" || last == "addr") && base58Account.MatchString(s)
}

// isDotted reports qualified names: com.acme.security.PasswordEncoder.
func isDotted(s string) bool {
	return strings.Count(s, ".") >= 2 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-") == "" && isName(s)
}

// hasRun reports the same character many times over: what is put in place of text
// that a chart generates when it is installed.
func hasRun(s string, n int) bool {
	same := 1
	for i := 1; i < len(s); i++ {
		if s[i] != s[i-1] {
			same = 0
		}
		if same++; same >= n {
			return true
		}
	}
	return false
}

// isMostlyGenerated reports text nearly all of which is in place of what a chart generates, in several parts: the letter a, also in capitals, and
// the digit 1, as in aaaaaaaA1-a. So much of it is in no password that is in use.
func isMostlyGenerated(s string) bool {
	return len(s) >= 8 && (strings.Count(s, "a")+strings.Count(s, "A")+strings.Count(s, "1"))*5 >= len(s)*4 && hasRun(strings.ToLower(s), 5)
}

// isEncodedRun reports base64, or base64 of it, of the same character many times over.
func isEncodedRun(s string) bool {
	for range 2 {
		repeats := len(s) >= 16 && s[:4] == s[4:8] || len(s) >= 32 && s[:16] == s[16:32]
		if !repeats { // which most texts do not: they need no decoding
			return false
		}
		plain, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return false
		}
		if s = string(plain); hasRun(s, 10) {
			return true
		}
	}
	return false
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

func distinct(s string) int {
	var seen [256]bool
	n := 0
	for i := range len(s) {
		if !seen[s[i]] {
			seen[s[i]] = true
			n++
		}
	}
	return n
}

// plainLetters reads digits and signs as the letters that they stand for.
var plainLetters = strings.NewReplacer("-", "", "_", "", "@", "a", "0", "o", "$", "s", "3", "e")

// barely is a text in lower case with the letters that its digits and signs stand for.
func barely(lower string) string { return plainLetters.Replace(strings.TrimRight(lower, "!.?")) }

// asksForChange reports text that asks the user to replace it: changeme.
func asksForChange(s string) bool {
	bare := barely(strings.ToLower(s))
	return strings.Contains(bare, "changeme") || strings.Contains(bare, "changeit") || strings.Contains(bare, "changethis") || strings.Contains(bare, "pleasechange") || bare == "setme"
}

// joined is a text without the spaces within the words that ask for a change: change me. Other texts stay as they are.
func joined(s string) string {
	const longest = len("please change this!") + 8
	if len(s) > longest || !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	all := strings.Join(strings.Fields(s), "")
	if has(" changeme changeit changethis pleasechange pleasechangeme pleasechangeit pleasechangethis ", barely(strings.ToLower(all))) {
		return all
	}
	return s
}

// isToBeChanged is asksForChange, for base64 too.
func isToBeChanged(s string) bool {
	text, ok := decode(s)
	return asksForChange(s) || ok && isPrintable(text) && asksForChange(text)
}

// isDefault reports passwords that are tried first.
func isDefault(s string, t meaning) bool {
	if asksForChange(s) {
		return true
	}
	lower := strings.ToLower(s)
	bare := barely(lower)
	if has(defaults, lower) || has(defaults, bare) {
		return true
	}
	if isNumber(s) {
		return t == password && has(" 0000 1111 1234 4321 123123 111111 000000 ", s) || has(" 12345 54321 123456 654321 1234567 12345678 123456789 1234567890 ", s)
	}
	if core := strings.TrimRight(lower, "0123456789!"); has(defaults, core) && len(s) <= 16 {
		return true
	}
	if t == password && (isWordAndCount(s) || isAlternating(s)) || len(s) <= 24 && (strings.HasPrefix(lower, "supersecret") || strings.HasPrefix(lower, "topsecret")) && isName(s) {
		return true
	}
	if len(s) > 24 || !isName(s) || isMixedCase(s) || isUpper(s) || strings.Count(s, "-")+strings.Count(s, "_")+strings.Count(s, ".") > 1 {
		return false
	}
	return t == password && (strings.Contains(bare, "password") || strings.Contains(bare, "secret") && !strings.ContainsAny(s, "-_."))
}

// isAlternating reports words with "password" in letters that are large and small by turns: nOtApAsSwOrD.
func isAlternating(s string) bool {
	if lower := strings.ToLower(s); len(s) > 24 || !strings.Contains(lower, "password") || !isName(lower) {
		return false
	}
	same := 0 // how many letters have the case of the one before
	for i := range len(s) {
		if !unicode.IsLetter(rune(s[i])) {
			return false
		}
		if i > 0 && unicode.IsUpper(rune(s[i])) == unicode.IsUpper(rune(s[i-1])) {
			same++
		}
	}
	return same <= 1
}

// isWordAndCount reports a word with digits in their order after it: config123. Everybody tries these with the words of the service.
func isWordAndCount(s string) bool {
	word := strings.TrimRight(s, "0123456789")
	return has(" 123 1234 12345 ", s[len(word):]) && len(word) <= 12 && isWord(word)
}

// isEncodedDefault reports a default in base64, which was encoded twice.
func isEncodedDefault(s string, m meaning) bool {
	if len(s)%4 != 0 || len(s) > 40 {
		return false
	}
	text, ok := decode(s)
	return ok && isPrintable(text) && len(text) > 3 && isDefault(text, m)
}

// isHash reports the hash of a password, by its name: password_sha256_hex.
func isHash(key, s string) bool {
	words := split(key)
	return len(s) >= 32 && strings.Trim(s, "0123456789abcdefABCDEF") == "" &&
		slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "sha") || w == "md5" || w == "hash" || w == "hex" })
}

const defaults = " password passwd passwort pass pa55word passw0rd pwd admin administrator adminadmin adminpassword root rootpassword rootpass toor secret supersecret topsecret mysecret " +
	"mysecretpassword mysecretpw mypassword mypass test testing testtest tester guest user default letmein welcome qwerty qwertz abc abcd iloveyou monkey dragon master " +
	"postgres postgresql mysql mariadb redis rabbitmq mongo mongodb elastic elasticsearch grafana minio minioadmin kibana keycloak airflow superset jenkins nexus sonar sonarqube " +
	"wordpress bitnami harbor gitea gitlab vault consul nats kafka cassandra influxdb couchdb neo4j clickhouse prom-operator foo bar foobar baz demo vagrant ubuntu raspberry " +
	"calvin cisco oracle tomcat tiger scott manager system temp temporary hackme s3cret s3cr3t changeme changeit pass123 admin123 qwerty123 asdf asdfasdf insecure unsafe weak "

// isPassword reports what a person could have chosen as a password: any word that
// is no number, no type of a schema and not the name of another credential.
func isPassword(s string) bool {
	if len(s) < 4 || len(s) > 128 || isNumber(s) && len(s) < 6 || strings.ContainsAny(s, "()[]{}<>;\"'`|\\") && !isRandom(s) {
		return false
	}
	return !namesCredential(s) && !namesVariable(s) && !has(schemaWords, strings.ToLower(s))
}

// namesVariable reports the name of a variable for a password in capitals, which stands for what is put in its place: DB_PASS.
func namesVariable(s string) bool {
	words := strings.Split(strings.Trim(s, "_"), "_")
	return isUpper(s) && len(words) > 1 && isPasswordWord(strings.ToLower(words[len(words)-1]))
}

// isSentence reports words about a password: see your administrator.
func isSentence(s string) bool {
	return slices.ContainsFunc(strings.Fields(s), func(w string) bool {
		w = strings.ToLower(strings.Trim(w, ".,!?"))
		return isPasswordWord(w) || isSecretWord(w) || has(sentenceWords, w)
	})
}

// sentenceWords are of sentences about a password, and rarely of a password.
const sentenceWords = " your you enter please must should here see set use used confirm change same stored generated managed provided taken read comes from characters character letters " +
	"digits required optional not needed key keys value environment variable file field login user username account administrator "

// schemaWords describe a password in schemas and forms, and are none.
const schemaWords = " string text str bytes integer number boolean bool object array varchar input hidden plain plaintext hashed encrypted prompt "

// isNameLike reports words of letters that hyphens, dots or capitals join, as names are written.
func isNameLike(s string) bool {
	return !strings.ContainsAny(s, "0123456789!#%^&*+=~?@$") && (strings.ContainsAny(s, "-_./:") || isMixedCase(s) || isUpper(s))
}

// namesCredential reports names that say what they name: db-credentials, dbPassword,
// DB_PASSWORD, app-tls-key.
func namesCredential(s string) bool {
	if !isName(s) && !isObjectName(s) {
		return false
	}
	words := split(s)
	return len(words) > 1 && slices.ContainsFunc(words, func(w string) bool {
		return has(" secret secrets credential credentials creds password passwords passwd passphrase token tokens key keys apikey auth login keystore truststore ", w)
	})
}

// isObjectName reports DNS labels as people name Secrets: words and short codes that hyphens join, ibm-s390x-ssh-key. A
// namespace may come before it, and a hash that a tool adds after it.
func isObjectName(s string) bool {
	if namespace, name, ok := strings.Cut(s, "/"); ok && (isWord(namespace) || isObjectName(namespace)) {
		return name == strings.ToLower(name) && isWord(name) || isObjectName(name)
	}
	if !strings.Contains(s, "-") || len(s) > 63 {
		return false
	}
	parts := strings.Split(s, "-")
	hashed := isNameHash(parts)
	if hashed {
		parts = parts[:len(parts)-1]
	}
	words := 0
	for _, part := range parts {
		switch {
		case strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789.") != "":
			return false
		case isWord(part), version.MatchString(part), part == "or", part == "and": // aws-v2-or-v4
			words++
		case len(part) > 8 || changes(part) > 2:
			return false
		}
	}
	return words >= 2 || hashed && (words == 1 || len(parts) == 1)
}

// isNameHash reports parts of a name of which the last is a hash: ten characters of kustomize's generators, or five to
// ten of a controller after two parts.
func isNameHash(parts []string) bool {
	last := parts[len(parts)-1]
	if !strings.ContainsAny(last, "0123456789") {
		return false
	}
	return len(parts) > 1 && len(last) == 10 && strings.Trim(last, "2456789bcdfghkmt") == "" ||
		len(parts) > 2 && len(last) >= 5 && len(last) <= 10 && (strings.Trim(last, "0123456789abcdef") == "" || strings.Trim(last, "2456789bcdfghjklmnpqrstvwxz") == "")
}

// isChosen reports one word with digits, which a person chose as a key: console123.
func isChosen(s string) bool {
	if len(s) < 8 || len(s) > 64 || !strings.ContainsAny(s, "0123456789") || isNumber(s) || strings.Trim(s, wordCharacters) != "" {
		return false
	}
	return isWord(s) && !isSecretWord(strings.TrimRight(s, "0123456789"))
}

const wordCharacters = "abcdefghijklmnopqrstuvwxyz0123456789"

// isMixedCase reports names in camel case: an identifier.
func isMixedCase(s string) bool {
	words := split(s)
	return len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !isWord(w) })
}

// isUpper reports names in capitals: a variable.
func isUpper(s string) bool { return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" }

// isEncodedName reports base64 of words, which is not random although it looks so.
func isEncodedName(s string) bool {
	text, ok := decode(s)
	return ok && isPrintable(text) && isName(text)
}

// isRandom reports text that a machine has made up: keys and tokens.
func isRandom(s string) bool {
	if len(s) < 12 || len(s) > 4096 || isName(s) || isSequence(s) {
		return false
	}
	var lower, upper, digit, other int
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			lower++
		case c >= 'A' && c <= 'Z':
			upper++
		case c >= '0' && c <= '9':
			digit++
		case strings.IndexByte("+/=_-.:~!@#$%^&*?,", c) >= 0:
			other++
		default:
			return false
		}
	}
	if other*3 > len(s) || digit+upper == 0 {
		return false
	}
	bits := entropy(s)
	if lower+upper == 0 { // a number
		return false
	}
	if strings.Trim(s, "0123456789abcdefABCDEF-") == "" { // hexadecimal, UUIDs
		return len(s) >= 24 && digit > 2 && bits > 2.5
	}
	if len(s) < 16 {
		return digit > 0 && lower > 0 && (upper > 0 || other > 0) && bits > 3 && changes(s) >= 4
	}
	return bits > 3.3 && changes(s) >= 4 && (digit > 1 || upper > 2 && lower > 2)
}

// entropy is Shannon's, in bits a character.
func entropy(s string) float64 {
	var n [256]int
	for i := range len(s) {
		n[s[i]]++
	}
	bits := 0.0
	for _, c := range n {
		if c > 0 {
			p := float64(c) / float64(len(s))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}

// changes counts how often a letter and a digit, or the cases, follow each other.
func changes(s string) int {
	class := func(c byte) int {
		switch {
		case c >= 'a' && c <= 'z':
			return 1
		case c >= 'A' && c <= 'Z':
			return 2
		case c >= '0' && c <= '9':
			return 3
		}
		return 0
	}
	n := 0
	for i := 1; i < len(s); i++ {
		if class(s[i]) != class(s[i-1]) {
			n++
		}
	}
	return n
}

// isEncodedExample reports base64 of a name that says that it is an example.
func isEncodedExample(s string) bool {
	if len(s) < 12 || len(s)%4 != 0 || len(s) > 80 {
		return false
	}
	text, ok := decode(s)
	return ok && strings.Contains(strings.ToLower(text), "example") && isIdentifier(strings.NewReplacer("-", "", ".", "").Replace(text))
}

// isSequence reports what fingers make: 1234567890, abcdefgh.
func isSequence(s string) bool {
	lower := strings.ToLower(s)
	for _, run := range [...]string{"1234567890", "0123456789", "abcdefghij", "qwertyuiop", "0987654321", "deadbeef"} {
		if strings.Contains(lower, run) {
			return true
		}
	}
	return false
}
