package detect

import (
	"regexp"
	"strings"
)

// programs finds the lines of a text that are of a program: those of a text in a YAML file, as the values of a chart have it, and those
// that give the fields of an object names.
type programs struct {
	// indent is that of the key whose text is a program, which is isOpen for its lines.
	indent int
	isOpen bool
	// isNamed says that the lines give fields names: let { password: pwd } = process.env.
	isNamed bool
	// language is the one of the next text, by a comment for editors.
	language string
}

var (
	// opensText matches a line of YAML whose text begins in the next one, with the key.
	opensText = regexp.MustCompile(`^[ ]*(?:- )?["']?([\w./-]+)["']?:\s*(?:[|>][-+0-9]*)\s*$`)
	// ofLanguage matches the comment by which editors know the language of a text.
	ofLanguage = regexp.MustCompile(`^#\s*language=(\w+)$`)
	// opensNames matches the line before fields that get names.
	opensNames = regexp.MustCompile(`^(?:export\s+)?(?:let|const|var)\s*\{[^}]*$`)
)

// languages are those of programs, as editors name them.
const languages = " javascript js typescript ts python java kotlin groovy go ruby php lua rust scala sql "

// has reports whether a line is one of a program. The rest is the text after it. Lines come in the order of the text.
func (p *programs) has(line, rest string) bool {
	content := strings.TrimSpace(line)
	if content == "" {
		return p.isOpen
	}
	indent := len(line) - len(strings.TrimLeft(line, " "))
	p.isOpen = p.isOpen && indent > p.indent
	isNamed := p.isNamed
	p.isNamed = isNamed && !strings.Contains(content, "}") || opensNames.MatchString(content)
	if p.isOpen || isNamed {
		return true
	}
	if m := ofLanguage.FindStringSubmatch(content); m != nil {
		p.language = strings.ToLower(m[1])
		return false
	}
	if last := content[len(content)-1]; strings.IndexByte("|>-+0123456789", last) >= 0 {
		if m := opensText.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
			next, _, _ := strings.Cut(rest, "\n")
			p.indent, p.isOpen = indent, isCode(m[1], strings.TrimSpace(next)) || has(languages, p.language)
		}
	}
	p.language = ""
	return false
}
