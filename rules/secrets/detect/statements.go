package detect

import (
	"regexp"
	"strings"
)

// sqlPasswords find the passwords of statements in SQL, which are the second group, after the quote. Quotes may be
// escaped for a shell.
var sqlPasswords = [...]*regexp.Regexp{
	regexp.MustCompile(`(?:\bIDENTIFIED|(?i:\b(?:create|alter|grant)\b[^;]*?\bidentified))\s+(?i:(?:(?:with|via)\s+\S+\s+)?(?:by|using)\s+(?:password\s*\(?\s*)?)\\?(['"])([^'"\\\s]+)`),
	regexp.MustCompile(`(?i)\b(?:create|alter)\s+(?:user|role|login|group|application\s+role)\b[^;]*?\bpassword\s*=?\s*n?\\?(['"])([^'"\\\s]+)`),
	regexp.MustCompile(`(?i)\bset\s+password\b[^;]*?=\s*(?:password\s*\(\s*)?\\?(['"])([^'"\\\s]+)`),
	regexp.MustCompile(`\bWITH\s+(?:[A-Z]+\s+)*PASSWORD\s*=?\s*N?\\?(['"])([^'"\\\s]+)`),
}

// sqlStatement looks for a password in a statement of SQL: CREATE USER app PASSWORD '…', ALTER USER app IDENTIFIED BY '…'.
func sqlStatement(s string) Verdict {
	if !maySQL(s) {
		return Verdict{}
	}
	for _, re := range sqlPasswords {
		for _, m := range re.FindAllStringSubmatch(s, maxHits) {
			if v := literal(m[2]); v.Found() {
				return v
			}
		}
	}
	return Verdict{}
}

// maySQL is a cheap test for such a statement.
func maySQL(s string) bool {
	for _, part := range [...]string{"assword", "ASSWORD", "dentified", "DENTIFIED"} {
		if strings.Contains(s, part) {
			return strings.ContainsAny(s, `'"`)
		}
	}
	return false
}

// variableIn is a variable in a text: of a shell, or of a program that puts the text together.
var variableIn = regexp.MustCompile(`\$[A-Za-z_({]|#\{|\{\}|%[sv]|\{[A-Za-z_.$]+\}`)

// sqlHash is a hash as databases take it in place of a password.
var sqlHash = regexp.MustCompile(`^(?:md5[0-9a-f]{32}|\*[0-9A-F]{40}|0x[0-9A-Fa-f]{32,}|SCRAM-SHA-256\$\S{60,})$`)

// literal judges a text that is a password by its place in a statement.
func literal(s string) Verdict {
	switch {
	case sqlHash.MatchString(s):
		return Verdict{Kind: Hash, What: "the hash of a password"}
	case variableIn.MatchString(s):
		return Verdict{}
	}
	return named("password", s)
}

// The ways in which programs set a value by its name, with the name as the first group.
var (
	// assignment is that of PHP and others: $cfg['db']['password'] = '…', $CFG->dbpass = "…".
	assignment = regexp.MustCompile(`^\$(?:[A-Za-z_]\w*(?:->|::\$?|\.)|[A-Za-z_]\w*(?:\[[^\]]*\])*\[['"])?([A-Za-z_][\w.-]*)(?:['"]\])?\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	// constant is a call that defines one: define('DB_PASSWORD', '…').
	constant = regexp.MustCompile(`\bdefine\(\s*['"]([\w.]+)['"]\s*,\s*(?:"([^"]*)"|'([^']*)')\s*\)`)
	// entryOf is an entry of an array, or an argument: 'password' => '…', "password": "…", password='…'.
	entryOf = regexp.MustCompile(`(?:^|[\[({,\s])['"]?([A-Za-z_][\w.-]*)['"]?\s*(?:=>|[:=])\s*(?:"([^"]*)"|'([^']*)')\s*(?:[,;)\]}]|$)`)
)

// program judges the texts that a line of a program, or of a file such as wp-config.php, sets by a name. The first credential
// counts.
func program(line string, code bool) (name string, v Verdict) {
	ways := []*regexp.Regexp{}
	if line[0] == '$' {
		ways = append(ways, assignment)
	}
	if strings.Contains(line, "define(") {
		ways = append(ways, constant)
	}
	if code {
		ways = append(ways, entryOf)
	}
	for _, re := range ways {
		for _, m := range re.FindAllStringSubmatch(line, maxHits) {
			if variableIn.MatchString(m[2]) { // in double quotes
				continue
			}
			if v = named(m[1], m[2]+m[3]); v.Found() && (v.Kind != Default || !code) {
				return m[1], v
			}
		}
	}
	return "", Verdict{}
}
