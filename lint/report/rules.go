package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
)

// RulesText lists rules in columns.
func RulesText(out io.Writer, rules []*lint.Rule) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range rules {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Profile, r.Title)
	}
	return w.Flush()
}

// jsonRule is a rule as `kubevet rules --format json` prints it.
type jsonRule struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Severity  string    `json:"severity"`
	Profile   string    `json:"profile"`
	Checklist []string  `json:"checklist"`
	Refs      []jsonRef `json:"references"`
	Fix       string    `json:"fix"`
	Aliases   []string  `json:"aliases,omitempty"`
}

type jsonRef struct {
	Standard string `json:"standard"`
	Control  string `json:"control"`
}

// RulesJSON lists rules for programs.
func RulesJSON(out io.Writer, rules []*lint.Rule) error {
	l := []jsonRule{}
	for _, r := range rules {
		j := jsonRule{
			ID: r.ID, Title: r.Title, Severity: r.Severity.String(), Profile: r.Profile.String(),
			Checklist: r.Checklist, Refs: []jsonRef{}, Fix: r.FixText(), Aliases: r.Aliases,
		}
		for _, ref := range r.Refs {
			j.Refs = append(j.Refs, jsonRef(ref))
		}
		l = append(l, j)
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(l)
}

// wrapWidth is the width of wrapped text, in characters.
const wrapWidth = 80

// wrap writes a paragraph in lines of wrapWidth at the most.
func wrap(b *strings.Builder, paragraph string) {
	width := 0
	for i, word := range strings.Fields(paragraph) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+n > wrapWidth:
			b.WriteByte('\n')
			width = 0
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	b.WriteByte('\n')
}

// Explain prints all that there is to know of a rule. The doc is its
// paragraphs, with empty lines between them.
func Explain(out io.Writer, r *lint.Rule, doc string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n", r.ID, r.Title)
	for paragraph := range strings.SplitSeq(doc, "\n\n") {
		wrap(&b, paragraph)
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "severity:  %s\nprofile:   %s\nchecklist: %s\n", r.Severity, r.Profile, strings.Join(r.Checklist, ", "))
	for i, ref := range r.Refs {
		label := "asked by:  "
		if i > 0 {
			label = "           "
		}
		fmt.Fprintf(&b, "%s%s, %s\n", label, ref.Standard, ref.Control)
	}
	fmt.Fprintf(&b, "fix:       %s\n", r.FixText())
	_, err := io.WriteString(out, b.String())
	return err
}

// ExplainMarkdown is what Explain prints, as Markdown.
func ExplainMarkdown(r *lint.Rule, doc string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**: %s\n\n", r.ID, r.Title)
	for paragraph := range strings.SplitSeq(doc, "\n\n") {
		if text := strings.Join(strings.Fields(paragraph), " "); text != "" {
			fmt.Fprintf(&b, "%s\n\n", text)
		}
	}
	fmt.Fprintf(&b, "- severity: %s, profile: %s\n", r.Severity, r.Profile)
	if len(r.Checklist) > 0 {
		fmt.Fprintf(&b, "- checklist: %s\n", strings.Join(r.Checklist, ", "))
	}
	for _, ref := range r.Refs {
		fmt.Fprintf(&b, "- asked by: %s, %s\n", ref.Standard, ref.Control)
	}
	fmt.Fprintf(&b, "- fix: %s\n", r.FixText())
	return b.String()
}

// StepText says in a few words what part a step of a trail played. It is what
// text output calls the step, with its label.
func StepText(s lint.Step) string {
	name := stepNames[s.Kind]
	if s.Missing {
		name = "add value"
	}
	if s.Label == "" || s.Label == string(s.Kind) {
		return name
	}
	return name + ": " + s.Label
}
