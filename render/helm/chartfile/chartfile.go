// Package chartfile reads Chart.yaml files that a program completes before Helm sees them.
package chartfile

import (
	"bytes"
	"regexp"
	"strings"
)

// Placeholder is a version that a program fills in.
type Placeholder struct {
	// Key is version or appVersion, Line the line that has it, and Written how it is written.
	Key     string
	Line    int
	Written string
	// Text is what takes its place in what is rendered: ${name}, which rules know as unknown.
	Text string
}

// NoVersion is the version that takes the place of one that is not known: Helm takes no chart without one.
const NoVersion = "0.0.0"

var (
	// versions matches the lines with the versions of a chart.
	versions = regexp.MustCompile(`(?m)^(version|appVersion):[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^"'#\s][^#\n]*?))[ \t]*(?:#.*)?\r?$`)
	// placeholder matches what programs replace: {x}, ${x}, {{ x }}, @x@, $(x), __x__, %x%, and <x>.
	placeholder = regexp.MustCompile(`\{\{[^{}\n]+\}\}|\$?\{[^{}\n]+\}|@([A-Za-z_][\w.-]*)@|\$\([^()\n]+\)|__[A-Za-z]\w*?__|%[A-Za-z_]\w*%|<[A-Za-z_][\w .-]*>`)
)

// Fill puts versions that Helm accepts in the place of those that a program fills in. The lines stay the same. The text is
// returned as it is if it has none.
func Fill(text []byte) (filled []byte, found []Placeholder) {
	var out []byte
	end := 0
	for _, m := range versions.FindAllSubmatchIndex(text, -1) {
		written := ""
		for i := 4; i < len(m); i += 2 {
			if m[i] >= 0 {
				written = string(text[m[i]:m[i+1]])
			}
		}
		key := string(text[m[2]:m[3]])
		if !placeholder.MatchString(written) || key == "appVersion" && isText(text, m) {
			continue
		}
		p := Placeholder{Key: key, Line: 1 + bytes.Count(text[:m[0]], []byte("\n")), Written: written, Text: placeholder.ReplaceAllStringFunc(written, variable)}
		value := p.Text
		if key == "version" {
			value = NoVersion
		}
		out = append(append(out, text[end:m[0]]...), key+`: "`+strings.NewReplacer(`"`, "", `\`, "").Replace(value)+`"`...)
		if end = m[1]; text[end-1] == '\r' {
			end--
		}
		found = append(found, p)
	}
	if len(found) == 0 {
		return text, nil
	}
	return append(out, text[end:]...), found
}

// isText reports whether YAML reads a placeholder as text: in quotes, or as it begins.
func isText(text []byte, m []int) bool {
	if m[8] < 0 {
		return true
	}
	return !bytes.ContainsRune([]byte("{@%"), rune(text[m[8]]))
}

// notInName matches what is no part of the name of a variable.
var notInName = regexp.MustCompile(`\W+`)

// variable is a placeholder as ${name}.
func variable(written string) string {
	return "${" + strings.Trim(notInName.ReplaceAllString(written, "_"), "_") + "}"
}
