package chartfile

import (
	"bytes"
	"io/fs"

	"helm.sh/helm/v3/pkg/ignore"
)

// IgnoredBy is the first line of a .helmignore that hides a file of the chart from Helm, and what it says. The line is 0 if none does. Helm
// ignores what any of the lines matches, and all that a line with ! does not match.
func IgnoredBy(text []byte, name string, info fs.FileInfo) (line int, rule string) {
	for text := range bytes.Lines(text) {
		line++
		text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
		if rules, err := ignore.Parse(bytes.NewReader(text)); err == nil && rules.Ignore(name, info) {
			return line, string(text)
		}
	}
	return 0, ""
}
