// Package printer prints what was rendered.
package printer

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Documents writes the documents of a unit, each under a comment that names the file and line it
// came from.
func Documents(out io.Writer, r *lint.Rendered) error {
	if r.Unit == nil {
		return nil
	}
	w := bufio.NewWriter(out)
	for _, t := range r.Texts {
		printDocuments(w, r.Unit.Name(), t)
	}
	return w.Flush()
}

// Lines writes the texts of a unit. Each line is preceded by the file and line it came from: the
// output is for reading, not for applying.
func Lines(out io.Writer, r *lint.Rendered) error {
	if r.Unit == nil {
		return nil
	}
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "# %s\n", r.Unit.Name())
	for _, t := range r.Texts {
		printLines(w, t)
	}
	return w.Flush()
}

// printDocuments writes the documents of a text that hold more than comments.
func printDocuments(w io.Writer, unit string, t lint.RenderedText) {
	var doc []string
	first, content := 0, false
	flush := func() {
		if content {
			fmt.Fprintf(w, "---\n# %s: %s\n%s", unit, at(t, first), strings.Join(doc, ""))
			if last := doc[len(doc)-1]; !strings.HasSuffix(last, "\n") {
				fmt.Fprintln(w)
			}
		}
		doc, first, content = nil, 0, false
	}
	n := 0
	for line := range strings.Lines(t.Text) {
		n++
		if l := strings.TrimRight(line, " \r\n"); l == "---" || strings.HasPrefix(line, "--- ") {
			flush()
			if line = strings.TrimPrefix(l, "---"); strings.TrimSpace(line) == "" {
				continue
			}
			line += "\n"
		}
		trimmed := strings.TrimSpace(line)
		if trimmed == "" && !content {
			continue
		}
		doc = append(doc, line)
		if trimmed != "" && !strings.HasPrefix(trimmed, "#") && !content {
			first, content = n, true
		}
	}
	flush()
}

// at names where a line of a text came from, as closely as is known.
func at(t lint.RenderedText, line int) string {
	if t.Origin != nil {
		if o := t.Origin(line); o.File != "" {
			return o.String()
		}
	}
	return t.Name
}

func printLines(w io.Writer, t lint.RenderedText) {
	var places []string
	var text []string
	width := 0
	for line := range strings.Lines(t.Text) {
		place := ""
		if t.Origin != nil {
			o := t.Origin(len(text) + 1)
			if place = o.File; o.Line > 0 {
				place = fmt.Sprintf("%s:%d", o.File, o.Line)
			}
		}
		places, text = append(places, place), append(text, strings.TrimRight(line, "\r\n"))
		width = max(width, len(place))
	}
	for i, line := range text {
		fmt.Fprintf(w, "%-*s | %s\n", width, places[i], line)
	}
}
