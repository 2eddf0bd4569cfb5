package report

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

const (
	// manyFindings is how many a person still reads from top to bottom.
	manyFindings = 50
	// overviewRules and overviewInputs bound the tables of an overview.
	overviewRules, overviewInputs = 20, 10
	// narrowest is the width below which wrapping makes nothing easier to read.
	narrowest = 40
)

// heading names the file of the findings that follow, on a terminal.
func (w *textWriter) heading(file string) {
	if w.Columns == 0 || w.headed && file == w.file {
		return
	}
	w.file, w.headed = file, true
	if file == "" {
		file = "no known file"
	}
	fmt.Fprintln(w, w.fileLink(w.file, w.paint.place(file)))
}

// first prints the first line of a finding: where it is, a word, what, and the rule.
func (w *textWriter) first(f *lint.Finding, word string, paint func(a ...any) string, message string) {
	id := w.link(w.RuleLink, f.Rule.ID, f.Rule.ID)
	if w.Columns == 0 {
		fmt.Fprintf(w, "%s: %s: %s [%s]\n", w.place(f.Origin.Position), paint(word), message, id)
		return
	}
	place := "file"
	if f.Origin.Line > 0 {
		place = strings.TrimPrefix(f.Origin.String(), f.Origin.File+":")
	}
	const indent, hang = "  ", "      "
	text := w.wrapped(message+" ["+f.Rule.ID+"]", columnsOf(indent+place+" "+word+": "), hang)
	text = strings.TrimSuffix(text, f.Rule.ID+"]") + id + "]"
	fmt.Fprintf(w, "%s%s %s: %s\n", indent, w.fileLink(f.Origin.File, w.paint.place(place)), paint(word), text)
}

// evidenceLine prints a line below a finding or a problem.
func (w *textWriter) evidenceLine(indent, label, text string) {
	hang := indent + "     "
	text = w.wrapped(text, columnsOf(indent+" = "+label+": "), hang)
	fmt.Fprintf(w, "%s %s %s: %s\n", indent, w.paint.faint("="), w.paint.label(label), text)
}

// snippetRoom is how many characters of a source line there is room for.
func (w *textWriter) snippetRoom(number int) int {
	if w.Columns < narrowest {
		return maxSnippet
	}
	const marks = len(" | ") + 4 // and those of what is cut, at both ends
	return min(maxSnippet, w.Columns-number-marks)
}

// wrapped breaks a text between words where the terminal ends. Used is what the
// first line has already, hang is what the others begin with. What is longer
// than a line is left whole: it can be copied.
func (w *textWriter) wrapped(text string, used int, hang string) string {
	if w.Columns < narrowest {
		return text
	}
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("\n" + hang)
			used = columnsOf(hang)
		}
		for j, word := range strings.Split(line, " ") {
			if startsCommand(word) { // it may come to start a line
				word = ":?" + word[2:]
			}
			size := columnsOf(word)
			switch {
			case j == 0:
			case used+1+size > w.Columns && used > columnsOf(hang):
				b.WriteString("\n" + hang)
				used = columnsOf(hang)
			default:
				b.WriteString(" ")
				used++
			}
			b.WriteString(word)
			used += size
		}
	}
	return b.String()
}

// place is a position as it is printed.
func (w *textWriter) place(at lint.Position) string {
	return w.paint.place(at.String())
}

// link makes a text a hyperlink (OSC 8), if the function has an address for a name.
func (w *textWriter) link(address func(string) string, name, text string) string {
	if address == nil || name == "" {
		return text
	}
	to := address(name)
	if to == "" {
		return text
	}
	return "\x1b]8;;" + to + "\x1b\\" + text + "\x1b]8;;\x1b\\"
}

func (w *textWriter) fileLink(file, text string) string { return w.link(w.FileLink, file, text) }

// perRule gives n findings of each rule, those of the highest severity, and the
// ones left out. Zero: all.
func perRule(findings []*lint.Finding, n int) (shown, left []*lint.Finding) {
	if n == 0 {
		return findings, nil
	}
	seen := map[string]int{}
	out := map[*lint.Finding]bool{}
	for _, f := range worst(findings, len(findings)) {
		seen[f.Rule.ID]++
		out[f] = seen[f.Rule.ID] > n
	}
	for _, f := range findings {
		if out[f] {
			left = append(left, f)
		} else {
			shown = append(shown, f)
		}
	}
	return shown, left
}

// repeats reports whether a terminal shows the line of a finding already, above
// the one before it.
func (w *textWriter) repeats(o lint.Origin) bool {
	before := w.shown
	w.shown = o.Position
	return w.Columns > 0 && o.Position == before && o.Line > 0
}

// leftOut counts the findings that are not listed, by their rules.
func (w *textWriter) leftOut(left []*lint.Finding) {
	if len(left) == 0 {
		return
	}
	head := fmt.Sprintf("not listed, for --max-per-rule %d: %s", w.MaxPerRule, tallyOf(left))
	fmt.Fprintln(w, w.wrapped(head, 0, "  "))
	if w.Quiet {
		return
	}
	for _, g := range groupBy(left, func(f *lint.Finding) []string { return []string{f.Rule.ID} }) {
		fmt.Fprintf(w, "  %s: %d more in %s\n", w.link(w.RuleLink, g.name, g.name), g.total(), count(len(g.files), "file"))
	}
	fmt.Fprintln(w)
}

// group is findings that have something in common.
type group struct {
	name string
	tally
	files map[string]bool
	rule  *lint.Rule // of the first
}

// groupBy groups findings by names, the worst groups first: those with the most
// findings of the highest severity that any has. One finding may have several.
func groupBy(findings []*lint.Finding, names func(*lint.Finding) []string) []*group {
	groups := map[string]*group{}
	for _, f := range findings {
		for _, name := range names(f) {
			g := groups[name]
			if g == nil {
				g = &group{name: name, files: map[string]bool{}, rule: f.Rule}
				groups[name] = g
			}
			g.tally[f.Severity]++
			g.files[f.Origin.File] = true
		}
	}
	return slices.SortedFunc(maps.Values(groups), func(a, b *group) int {
		return cmp.Or(slices.Compare(b.tally[:], a.tally[:]), cmp.Compare(a.name, b.name))
	})
}

// many reports whether there are so many findings that a terminal needs help.
func (w *textWriter) many(r *lint.Report) bool {
	return w.Columns > 0 && !w.Quiet && len(r.Findings) > manyFindings
}

// overview tells of many findings which rules and which inputs they are of.
func (w *textWriter) overview(r *lint.Report) {
	fmt.Fprintf(w, "%s\n\n", verdict(r))
	rules := groupBy(r.Findings, func(f *lint.Finding) []string { return []string{f.Rule.ID} })
	w.table("rule", rules, overviewRules, func(g *group) string { return g.rule.Title })
	inputs := groupBy(r.Findings, inputsOf)
	if len(inputs) > 1 {
		w.table("in", inputs, overviewInputs, func(*group) string { return "" })
	}
}

// inputsOf names the charts of a finding; of what is no chart, the directory.
func inputsOf(f *lint.Finding) []string {
	var l []string
	for _, c := range f.Occurrences {
		name := c.Input
		if c.Scenario == "" {
			name = path.Dir(f.Origin.File)
		}
		if !slices.Contains(l, name) {
			l = append(l, name)
		}
	}
	if l == nil {
		l = []string{path.Dir(f.Origin.File)}
	}
	return l
}

// table prints groups with their numbers by severity, and what more is to be
// said of each if there is room.
func (w *textWriter) table(title string, groups []*group, most int, more func(*group) string) {
	const number = 9 // the width of a column: "critical" and a blank
	var head strings.Builder
	for _, s := range lint.Severities {
		fmt.Fprintf(&head, "%*s", number, s)
	}
	fmt.Fprintf(w, "%s  %s\n", w.paint.faint(head.String()), w.paint.faint(title))
	name := 0
	for _, g := range groups[:min(len(groups), most)] {
		name = max(name, columnsOf(g.name))
	}
	for _, g := range groups[:min(len(groups), most)] {
		w.row(g.tally)
		text := Fit(g.name, max(w.Columns-4*number-2, 20))
		if g.name == g.rule.ID {
			text = w.link(w.RuleLink, g.name, text)
		}
		fmt.Fprint(w, "  "+text)
		room := w.Columns - 4*number - 2 - name - 2
		if s := more(g); s != "" && room > 20 {
			fmt.Fprint(w, strings.Repeat(" ", name-columnsOf(g.name)+2)+w.paint.faint(Fit(s, room)))
		}
		fmt.Fprintln(w)
	}
	if rest := groups[min(len(groups), most):]; len(rest) > 0 {
		var sum tally
		for _, g := range rest {
			for i, n := range g.tally {
				sum[i] += n
			}
		}
		w.row(sum)
		fmt.Fprintf(w, "  and %d more\n", len(rest))
	}
	fmt.Fprintln(w)
}

func (w *textWriter) row(t tally) {
	for _, s := range lint.Severities {
		n := t[s]
		cell := ""
		if n > 0 {
			cell = strconv.Itoa(n)
		}
		fmt.Fprint(w, strings.Repeat(" ", 9-len(cell))+w.paint.severity[s](cell))
	}
}
