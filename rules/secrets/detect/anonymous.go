package detect

import (
	"slices"
	"strings"
)

// Anonymous knows the users of a section that log in without an account: by custom, a server takes any password
// of the user anonymous, so that it is no credential. It knows users of examples, too, who have no account anywhere, and what the
// section turns off. A section is a mapping, or the part of a file that has one user. The zero value knows none.
type Anonymous struct {
	// off are what the names of the switches that are off have before the word for it: broker of broker.enabled. A database in a file has
	// no passwords, either.
	off map[string]bool
	// prefixes are what the names of such users have before the word for user: mirror of mirror.user. Examples are those of
	// users of examples.
	prefixes, examples map[string]bool
	// users are the names of users by what their names have before the word for user, and ids those of clients by what is before id.
	users, ids map[string]string
}

// ofAnonymous are parts of what Note looks for: of users, of switches, and of databases in a file.
var ofAnonymous = [...]string{"nonymous", "@foo.", "@bar.", "@example.", "nable", "NABLE", "sqlite", "SQLite", "SQLITE", "h2", "H2"}

// mayBeAnonymous is a fast test that most texts fail.
func mayBeAnonymous(text string) bool {
	return slices.ContainsFunc(ofAnonymous[:], func(part string) bool { return strings.Contains(text, part) })
}

// Note looks at a pair of the section.
func (a *Anonymous) Note(key, value string) {
	value = strings.ToLower(strings.TrimSpace(value))
	if prefix, ok := switchedOff(key, value); ok {
		a.off = with(a.off, prefix)
	}
	a.noteNames(key, value)
	isAnonymous := value == "anonymous"
	if !isAnonymous && !strings.Contains(value, "@") {
		return
	}
	switch prefix, ok := beforeUser(key); {
	case !ok:
	case isAnonymous:
		a.prefixes = with(a.prefixes, prefix)
	case isExampleUser(prefix, value):
		a.examples = with(a.examples, prefix)
	}
}

// noteNames looks at the name of a user or client.
func (a *Anonymous) noteNames(key, value string) {
	if value == "" {
		return
	}
	if prefix, ok := beforeUser(key); ok {
		a.users = withName(a.users, prefix, value)
	}
	if words := split(key); len(words) > 1 && words[len(words)-1] == "id" {
		a.ids = withName(a.ids, strings.Join(words[:len(words)-1], " "), value)
	}
}

func withName(names map[string]string, prefix, name string) map[string]string {
	if names == nil {
		names = map[string]string{}
	}
	names[prefix] = name
	return names
}

// HasNameOfUser reports whether a password of the section is the name of its user, which everybody tries.
func (a *Anonymous) HasNameOfUser(key, value string) bool {
	words := split(key)
	i := slices.IndexFunc(words, isPasswordWord)
	return i == len(words)-1 && i >= 0 && isNamed(a.users, words[:i], value)
}

// HasID reports whether a secret of the section is the public ID of its client: no service issues such a one, so it is a placeholder.
func (a *Anonymous) HasID(key, value string) bool {
	words := split(key)
	return len(words) > 1 && words[len(words)-1] == "secret" && isNamed(a.ids, words[:len(words)-1], value)
}

func isNamed(names map[string]string, prefix []string, value string) bool {
	name, ok := names[strings.Join(prefix, " ")]
	return ok && name == strings.ToLower(strings.TrimSpace(value))
}

func with(set map[string]bool, prefix string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[prefix] = true
	return set
}

// isExampleUser reports addresses of examples as users: foo@bar.com. A server for mail has no user of a domain for documentation; other
// programs may have one, such as the first user that they make.
func isExampleUser(prefix, value string) bool {
	_, host, _ := strings.Cut(value, "@")
	if has(" foo.com bar.com foo.bar ", host) {
		return true
	}
	words := strings.Fields(prefix)
	return isExampleHost(host) && slices.ContainsFunc(words, func(w string) bool { return has(" smtp imap pop3 ", w) })
}

// switchedOff reports a pair that turns off what its section, or the words before the switch, are about. Of databases in a file it
// reports their type.
func switchedOff(key, value string) (prefix string, ok bool) {
	isOff, isFile := value == "false" || value == "no" || value == "off", has(" sqlite sqlite3 h2 ", value)
	if !isOff && !isFile {
		return "", false
	}
	words := split(key)
	if len(words) == 0 || !has(" enabled enable ", words[len(words)-1]) && (!isFile || !has(" type driver engine dialect adapter ", words[len(words)-1])) {
		return "", false
	}
	return strings.Join(words[:len(words)-1], " "), true
}

// HasPassword reports whether a credential that the section has under a key is the password of such a user, or a default one that
// is not in use.
func (a *Anonymous) HasPassword(key string, v Verdict) bool {
	if len(a.prefixes)+len(a.examples)+len(a.off) == 0 || v.Kind != Password && v.Kind != Default && v.Kind != Hash {
		return false
	}
	words := split(key)
	i := slices.IndexFunc(words, isPasswordWord)
	if i < 0 {
		return false
	}
	prefix := strings.Join(words[:i], " ")
	return v.Kind == Default && (a.off[prefix] || a.off[""] && has(" root admin user default ", prefix)) || a.prefixes[prefix] || a.examples[prefix] && !v.isRandom && v.Kind != Hash
}

// beforeUser is what the name of a user has before the word for it.
func beforeUser(key string) (prefix string, ok bool) {
	words := split(key)
	i := slices.IndexFunc(words, func(w string) bool { return has(" user username userid login usr uid ", w) })
	if i < 0 || slices.ContainsFunc(words[i+1:], func(w string) bool { return w != "name" && w != "id" }) {
		return "", false
	}
	return strings.Join(words[:i], " "), true
}

// withoutAnonymous leaves out the passwords of anonymous users of a text.
func withoutAnonymous(text string, hits []Hit) []Hit {
	if len(hits) == 0 || !mayBeAnonymous(text) {
		return hits
	}
	s := sections{}
	var lines []int // the section of each line
	for line := range strings.Lines(text) {
		lines = append(lines, s.next(strings.TrimRight(line, " \t\r\n")))
	}
	return slices.DeleteFunc(hits, func(h Hit) bool {
		return h.Line <= len(lines) && s.users[lines[h.Line-1]].HasPassword(h.Name, h.Verdict)
	})
}

// flowUsers are the users of a mapping that YAML has on one line.
func flowUsers(text string) (users Anonymous) {
	if mayBeAnonymous(text) && !strings.Contains(text, "{") { // within braces are other mappings
		for part := range flowParts(text) {
			name, value, _ := pair(part)
			users.Note(name, value)
		}
	}
	return users
}

// sections divides a text: at the headlines of INI and TOML, at the tags of XML, and where the indentation of YAML does.
type sections struct {
	open  []section // each is indented more than the one before
	users []Anonymous
}

type section struct{ indent, number int }

// next is the section of the next line.
func (s *sections) next(line string) int {
	text := strings.TrimLeft(line, " \t")
	indent := len(line) - len(text)
	var isNew bool
	switch {
	case text == "" || isComment(text):
		return s.current(0)
	case strings.HasPrefix(text, "- "):
		s.close(indent)
		rest := strings.TrimLeft(text[1:], " ")
		indent += len(text) - len(rest)
		text, isNew = rest, true
	case strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]"), text == "---", strings.HasPrefix(text, "</"), strings.HasPrefix(text, "}"):
		isNew = true
	default:
		_, isNew = onlyTag(text)
	}
	s.close(indent)
	if n := len(s.open); isNew && n > 0 && s.open[n-1].indent == indent {
		s.open = s.open[:n-1]
	}
	number := s.current(indent)
	if name, value, _ := pair(text); name != "" {
		s.users[number].Note(name, value)
	}
	return number
}

// close ends the sections that are indented more.
func (s *sections) close(indent int) {
	for len(s.open) > 0 && s.open[len(s.open)-1].indent > indent {
		s.open = s.open[:len(s.open)-1]
	}
}

// current is the innermost section, which begins here if it is indented less.
func (s *sections) current(indent int) int {
	if n := len(s.open); n > 0 && s.open[n-1].indent >= indent {
		return s.open[n-1].number
	}
	s.users = append(s.users, Anonymous{})
	s.open = append(s.open, section{indent, len(s.users) - 1})
	return len(s.users) - 1
}
