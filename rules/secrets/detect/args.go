package detect

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// ArgHit is a credential in a command line.
type ArgHit struct {
	// Index is that of the argument that holds it.
	Index int
	// Line is that within the argument, counted from 1, where that is a script.
	Line int
	// Name is the flag or variable: --password.
	Name string
	Verdict
}

// Args judges the words of a command line.
func Args(args []string) []ArgHit {
	var hits []ArgHit
	command, trusts := "", opensTrustStore(args)
	for i, arg := range args {
		if len(hits) >= maxHits {
			break
		}
		if i == 0 || command == "" {
			command = path.Base(arg)
		}
		if strings.ContainsAny(strings.TrimSpace(arg), " \t\n") {
			hits = append(hits, script(i, arg)...)
			continue
		}
		next := ""
		if i+1 < len(args) {
			next = args[i+1]
		}
		name, v, ahead := word(command, arg, next)
		if v.Found() && (v.Kind != Default || !trusts) {
			h := ArgHit{Index: i, Line: 1, Name: name, Verdict: v}
			if ahead {
				h.Index++
			}
			hits = append(hits, h)
		}
	}
	return hits
}

// word judges an argument; ahead says that the next one is the credential.
func word(command, arg, next string) (name string, v Verdict, ahead bool) {
	if isReference(arg) {
		return "", Verdict{}, false
	}
	if flag, value, ok := strings.Cut(arg, "="); ok && isKey(strings.TrimLeft(flag, "-")) {
		if v = assigned(strings.TrimLeft(flag, "-"), strings.Trim(value, `"'`)); !v.Found() {
			return "", v, false
		}
		return printable(flag), v, false
	}
	if v := known(arg); v.Found() || !strings.HasPrefix(arg, "-") {
		return "", v, false
	}
	const programs = " mysql mysqldump mysqladmin mysqlcheck mysqlimport mysqlshow mariadb mariadb-dump mariadb-admin sshpass "
	if len(arg) > 2 && arg[1] == 'p' && has(programs, command) { // -psecret
		return "-p", named("password", strings.Trim(arg[2:], `"'`)), false
	}
	if next == "" || strings.HasPrefix(next, "-") || strings.ContainsAny(next, " \t\n") {
		return "", Verdict{}, false
	}
	return arg, following(command, arg, next), true
}

// assigned judges name=value, and the pair in --set name=value.
func assigned(name, value string) Verdict {
	if v := Value(name, value); v.Found() {
		return v
	}
	if k, w, ok := strings.Cut(value, "="); ok && isKey(k) {
		return Value(k, w)
	}
	return Verdict{}
}

// following judges the word after a flag.
func following(command, flag, value string) Verdict {
	switch {
	case isUserFlag(command, flag):
		user, pass, ok := strings.Cut(value, ":")
		if !ok || pass == "" {
			return Verdict{}
		}
		return inConnection(user, pass, "a user and password", "a default user and password")
	case isPasswordFlag(command, flag):
		return named("password", value)
	case isKey(strings.TrimLeft(flag, "-")) && !known(value).Found(): // known ones are found anyway
		return named(strings.TrimLeft(flag, "-"), value)
	}
	return Verdict{}
}

func isUserFlag(command, arg string) bool {
	return (arg == "-u" || arg == "--user" || arg == "--proxy-user" || arg == "-U") && has(" curl wget http xh ", command)
}

func isPasswordFlag(command, arg string) bool {
	switch arg {
	case "-a":
		return has(" redis-cli valkey-cli keydb-cli ", command)
	case "-p":
		return has(" sshpass docker podman mongosh mongo mongodump mongorestore ", command)
	case "-w":
		return has(" ldapsearch ldapadd ldapmodify ldapwhoami ", command)
	case "-P":
		return has(" sqlcmd ", command)
	}
	return false
}

// script judges an argument that is a program for a shell.
func script(index int, text string) []ArgHit {
	var hits []ArgHit
	text = withoutMessages(text)
	if hits = scriptLines(index, text); len(hits) > 0 {
		return hits
	}
	if v := known(text); v.Found() {
		return []ArgHit{{Index: index, Line: 1, Verdict: v}}
	}
	return nil
}

// withoutMessages is a script without the commands that only print a text for people, which may have the form of a URL or a command in it. A
// token, or a password that a machine has made up, is one there, too.
func withoutMessages(text string) string {
	if !strings.Contains(text, "echo ") && !strings.Contains(text, "printf ") || groupOutput.MatchString(text) {
		return text
	}
	blank := []byte(text)
	for from := 0; from < len(text); {
		end := from + commandEnd(text[from:])
		if isMessage(text[from:end], text[end:]) {
			for i := from; i < end; i++ {
				if text[i] != '\n' {
					blank[i] = ' '
				}
			}
		}
		from = end + 1
	}
	return string(blank)
}

// commandEnd is where the first command of a script ends: at an operator or a new line outside of quotes.
func commandEnd(text string) int {
	if strings.HasPrefix(strings.TrimLeft(text, " \t"), "#") {
		text, _, _ = strings.Cut(text, "\n")
		return len(text)
	}
	quote := byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte(";|&\n", c) >= 0:
			return i
		}
	}
	return len(text)
}

// isMessage reports a command that only prints a text. The rest of the script follows it.
func isMessage(command, rest string) bool {
	command = strings.TrimSpace(command)
	if !strings.HasPrefix(command, "echo ") && !strings.HasPrefix(command, "printf ") || strings.HasSuffix(command, "\\") {
		return false
	}
	isPiped := strings.HasPrefix(rest, "|") && !strings.HasPrefix(rest, "||")
	if isPiped || slices.ContainsFunc(shellWords(command), func(w string) bool { return strings.HasPrefix(strings.TrimLeft(w, "12&"), ">") }) {
		return false
	}
	v := known(command)
	return !v.isRandom && (v.Kind == URL || v.Kind == Default)
}

// groupOutput matches the end of several commands whose output goes into a file or a program.
var groupOutput = regexp.MustCompile(`(?m)^\s*(?:\}|\)|done|fi|esac)\s*[|>]`)

func scriptLines(index int, text string) []ArgHit {
	var hits []ArgHit
	n := 0
	for line := range strings.Lines(text) {
		n++
		if len(hits) >= maxHits || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if name, v := commands(line); v.Found() {
			hits = append(hits, ArgHit{Index: index, Line: n, Name: name, Verdict: v})
		}
	}
	return hits
}

// commands judges the commands of one line of a script.
func commands(line string) (name string, v Verdict) {
	var command string
	words := shellWords(line)
	trusts := strings.Contains(line, "keytool") && opensTrustStore(words)
	for i, w := range words {
		switch {
		case has(" ; && || | & ( ) then do else ! exec sudo env export time nohup ", w):
			command = ""
			continue
		case command == "" && !strings.Contains(w, "="):
			command = path.Base(w)
		}
		if strings.HasPrefix(w, "#") {
			break
		}
		if strings.ContainsAny(w, " \t") {
			if v := known(w); v.Found() {
				return "", v
			}
			continue
		}
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		if name, v, _ := word(command, w, next); v.Found() && (v.Kind != Default || !trusts) {
			return name, v
		}
	}
	return "", Verdict{}
}

// opensTrustStore reports words by which keytool opens the trust store that Java has for everyone, whose certificates are public.
func opensTrustStore(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return path.Base(w) == "keytool" }) &&
		slices.ContainsFunc(words, func(w string) bool { return w == "-cacerts" || path.Base(w) == "cacerts" })
}

// shellWords splits as a shell does, roughly: quotes hold together and are taken
// off, operators are words of their own.
func shellWords(line string) []string {
	var words []string
	var b strings.Builder
	var quote byte
	flush := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	for i := range len(line) {
		c := line[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && strings.IndexByte(" \t\r\n", c) >= 0:
			flush()
		case quote == 0 && strings.IndexByte(";|&", c) >= 0:
			flush()
			if n := len(words); n > 0 && words[n-1] == string(c) {
				words[n-1] += string(c)
			} else {
				words = append(words, string(c))
			}
		default:
			b.WriteByte(c)
		}
	}
	flush()
	return words
}
