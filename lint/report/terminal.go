package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/columns"
	"github.com/kubevet/kubevet/lint/report/places"
)

const (
	// manyPlaces is how many a person still reads without an overview.
	manyPlaces = 8
	// screenfuls is from how many places on the overview says how to see less.
	screenfuls = 15
	// overviewPlaces limits the places that the overview names.
	overviewPlaces = 6
)

// layout writes a report for a terminal: by file and place, the overview last.
func (w *textWriter) layout(r *lint.Report, files []*places.File, left []*lint.Finding) {
	scenarios := scenariosOf(r)
	for _, f := range files {
		w.heading(f.Name)
		w.fixedAt = map[string]string{}
		for _, p := range f.Places {
			w.placeOf(p, scenarios)
		}
		if w.Quiet {
			fmt.Fprintln(w)
		}
	}
	w.leftOut(left)
	if w.ShowIgnored {
		w.ignoredByFile(r.Ignored)
	}
	w.problemTable(r)
	if !w.Quiet {
		w.overview(r, files)
	}
}

// heading names the file of the findings that follow.
func (w *textWriter) heading(file string) {
	fmt.Fprintln(w, w.fileLink(file, w.paint.place(cmp.Or(file, "no known file"))))
}

// entry is the first line of what is said about a place, and the indentation of its
// other lines.
const (
	entryIndent    = "  "
	severityWidth  = len("critical ")
	numberWidth    = 5
	evidenceIndent = "        "
)

// placeOf prints a place: what is wrong there, the source line, what to add, and where
// it occurs.
func (w *textWriter) placeOf(p *places.Place, scenarios map[string][]string) {
	at := "file"
	if p.Line > 0 {
		at = strings.TrimPrefix(p.String(), p.File+":")
	}
	pad := strings.Repeat(" ", max(0, numberWidth+2-len(at)))
	start := w.fileLink(p.File, w.paint.place(at)) + pad
	at += pad
	others := p.Others()
	if headline := p.Headline(); headline != "" {
		severity := p.Add.Fixes[0].Severity
		tag := ""
		if len(p.Add.Fixes) == 1 {
			tag = p.Add.Fixes[0].Rule.ID
		}
		w.headline(start, len(at), severity, headline+w.extentOf(p.Add.Fixes), tag)
		start = strings.Repeat(" ", len(at))
	}
	for _, f := range others {
		w.headline(start, len(at), f.Severity, f.Message+extent(f), f.Rule.ID)
		start = strings.Repeat(" ", len(at))
	}
	if w.Quiet {
		return
	}
	w.excerpt(p)
	if p.Add != nil {
		w.snippet(p)
	}
	w.occurrences(p, scenarios)
	w.trail(p)
	w.fixes(strings.TrimSpace(at), others)
	fmt.Fprintln(w)
}

// fixes prints the fixes of a place, each once. One of several lines is printed once
// for its file.
func (w *textWriter) fixes(at string, findings []*lint.Finding) {
	for _, f := range findings {
		if isPlainWant(f) {
			continue
		}
		switch before := w.fixedAt[f.Fix.Title]; {
		case before == at:
		case before != "" && len(evidenceIndent)+len("fix  ")+columns.Of(f.Fix.Title) > w.Columns:
			w.note("fix", "as at "+before)
		default:
			w.note("fix", f.Fix.Title)
			w.fixedAt[f.Fix.Title] = at
		}
	}
}

// isPlainWant reports whether the message of a finding says what to write at its line.
func isPlainWant(f *lint.Finding) bool {
	return f.Fix.Value != "" && f.Origin.Precision == lint.PrecisionExact && strings.HasSuffix(f.Message, "; want "+f.Fix.Value) &&
		!slices.ContainsFunc(f.Origin.Trail, func(s lint.Step) bool { return s.Kind == lint.StepValues || s.Kind == lint.StepDecides })
}

// extentOf is extent for the findings of a block, if all have the same.
func (w *textWriter) extentOf(findings []*lint.Finding) string {
	if len(findings) > 1 {
		return ""
	}
	return extent(findings[0])
}

// headline prints a message with the names of rules at the right edge.
func (w *textWriter) headline(start string, width int, s lint.Severity, message, tag string) {
	severity := s.String()
	prefix := entryIndent + start + " " + w.paint.severity[s](severity) + strings.Repeat(" ", severityWidth-len(severity))
	used := len(entryIndent) + width + 1 + severityWidth
	w.tagged(prefix, used, strings.Repeat(" ", used), message, []string{tag})
}

// tagged prints a text and, at the right edge, the names of rules: on its last line if
// there is room, else on lines of their own.
func (w *textWriter) tagged(prefix string, used int, hang, text string, tags []string) {
	tags = slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return t == "" })
	text = w.wrapped(text, used, hang)
	fmt.Fprint(w, prefix, text)
	last := text[strings.LastIndexByte(text, '\n')+1:]
	end := columns.Of(last)
	if len(last) == len(text) {
		end += used
	}
	label := strings.Join(tags, ", ")
	switch room := w.Columns - end - 2; {
	case len(tags) == 0:
	case columns.Of(label) <= room:
		fmt.Fprint(w, strings.Repeat(" ", w.Columns-end-columns.Of(label)), w.rules(tags))
	default:
		for _, t := range tags {
			fmt.Fprint(w, "\n", strings.Repeat(" ", max(2, w.Columns-columns.Of(t))), w.rules([]string{t}))
		}
	}
	fmt.Fprintln(w)
}

// rules are names of rules, each with its link. A severity may follow the name.
func (w *textWriter) rules(tags []string) string {
	var l []string
	for _, t := range tags {
		id, severity, _ := strings.Cut(t, " ")
		text := w.link(w.RuleLink, id, w.paint.faint(id))
		if severity != "" {
			text += " " + w.paint.faint(severity)
		}
		l = append(l, text)
	}
	return strings.Join(l, ", ")
}

// gutter prints what is left of a source line or a line to add.
func (w *textWriter) gutter(number, mark string) {
	fmt.Fprint(w, strings.Repeat(" ", max(0, numberWidth-len(number)))+w.paint.faint(number)+" "+mark)
}

// excerpt prints the source line and underlines the value.
func (w *textWriter) excerpt(p *places.Place) {
	if p.Line == 0 || p.Text == "" || p.Add != nil && p.Add.InValues && len(p.Others()) == 0 {
		return
	}
	number := strconv.Itoa(p.Line)
	room := maxExcerpt
	if w.Columns >= columns.Narrowest {
		room = min(maxExcerpt, w.Columns-numberWidth-len(" | ")-4) // and the marks of what is cut
	}
	text, start, end := columns.Window(p.Text, p.Column, p.EndColumn, room)
	if p.Add != nil && p.Add.Replaces {
		w.gutter(number, w.paint.severity[lint.High]("-"))
		fmt.Fprintln(w, " "+text)
		return
	}
	w.gutter(number, w.paint.faint("│"))
	fmt.Fprintln(w, " "+text)
	if start > 0 && p.Add == nil {
		w.gutter("", w.paint.faint("│"))
		fmt.Fprintln(w, " "+columns.Blank(text, start-1)+w.paint.caret(strings.Repeat("^", max(columns.Of(text[len(prefixOf(text, start-1)):len(prefixOf(text, end-1))]), 1))))
	}
}

// prefixOf is the first n characters of a text.
func prefixOf(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// snippet prints the lines to add, each with the rules that ask for it.
func (w *textWriter) snippet(p *places.Place) {
	if p.Add.InValues {
		w.note("add", "to the values, at "+shortPlace(valuesPlace(p.Add.Fixes), p.File, inputOf(p.Findings[0])))
	}
	if p.Add.Brace > 0 {
		w.note("add", braceNote(p))
	}
	if p.Add.BelowEntry {
		w.gutter("", w.paint.faint("⋮"))
		fmt.Fprintln(w)
	}
	for _, l := range p.Add.Lines {
		w.gutter("", w.paint.added("+"))
		var tags []string
		for _, f := range l.Findings {
			if len(p.Add.Fixes) > 1 {
				tags = append(tags, f.Rule.ID+" "+f.Severity.String())
			}
		}
		used := numberWidth + len(" + ") + columns.Of(l.Text)
		w.tagged(" "+w.paint.added(l.Text), used, "", "", tags)
	}
}

// braceNote says where lines to add belong that are of a mapping in braces.
func braceNote(p *places.Place) string {
	return "after the opening brace, at " + lint.Position{File: p.File, Line: p.Line, Column: p.Add.Brace}.String()
}

// valuesPlace is where the values file has the nearest key of those to add.
func valuesPlace(findings []*lint.Finding) lint.Position {
	for _, s := range findings[0].Origin.Trail {
		if s.Kind == lint.StepValues && s.Missing {
			return s.Position
		}
	}
	return lint.Position{}
}

// occurrences prints where the findings of a place show: the objects, and scenarios
// if these are not all of the run.
func (w *textWriter) occurrences(p *places.Place, scenarios map[string][]string) {
	groups := occurrencesTogether(p.Findings)
	if len(groups) == 0 {
		return
	}
	own := slices.ContainsFunc(groups, func(g *shownAs) bool { return g.Message != "" })
	var names []string
	for _, g := range groups {
		name := g.Object.String()
		if own && g.Message != "" {
			name += ": " + g.Message
		} else if g.Container != "" && !strings.Contains(p.Findings[0].Message, strconv.Quote(g.Container)) {
			name += " " + g.Container
		}
		if only := onlyIn(g, scenarios, w.Verbose); only != "" {
			name += " (" + only + ")"
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	names, suffix := commonSuffix(names)
	more := len(names) - w.maxShown()
	if more > 0 {
		names = append(names[:w.maxShown():w.maxShown()], fmt.Sprintf("and %d more", more))
	}
	if own {
		for i, name := range names {
			if i == len(names)-1 {
				name += suffix
			}
			w.note("", name)
		}
		return
	}
	w.note("", strings.Join(names, ", ")+suffix)
}

// commonSuffix takes what all names end with in brackets off them: the scenarios that
// all have in common.
func commonSuffix(names []string) (short []string, suffix string) {
	if len(names) < 2 {
		return names, ""
	}
	i := strings.LastIndex(names[0], " (")
	if i < 0 {
		return names, ""
	}
	suffix = names[0][i:]
	for _, name := range names {
		if !strings.HasSuffix(name, suffix) {
			return names, ""
		}
		short = append(short, strings.TrimSuffix(name, suffix))
	}
	return short, suffix
}

// note prints a line below a place.
func (w *textWriter) note(label, text string) {
	used := len(evidenceIndent)
	if label != "" {
		used += columns.Of(label) + 2
		label = w.paint.label(label) + "  "
	}
	fmt.Fprintf(w, "%s%s%s\n", evidenceIndent, label, w.wrapped(text, used, evidenceIndent+"  "))
}

// trail prints how a value came to the place, and what else a reader should see.
func (w *textWriter) trail(p *places.Place) {
	input := inputOf(p.Findings[0])
	lines := map[string][]string{}
	var order []string
	add := func(label, text string) {
		if lines[label] == nil {
			order = append(order, label)
		}
		if !slices.Contains(lines[label], text) {
			lines[label] = append(lines[label], text)
		}
	}
	for _, s := range p.Trail {
		if label := w.stepLabel(p, s); label != "" {
			add(label, shortStep(s, shortPlace(s.Position, p.File, input)))
		}
	}
	for _, label := range order {
		w.note(label, strings.Join(lines[label], ", "))
	}
	w.related(p, input)
}

// stepLabel is what a step of the trail is called. Empty: it is not printed.
func (w *textWriter) stepLabel(p *places.Place, s lint.Step) string {
	switch {
	case s.Kind == lint.StepRendered && (p.Precision == lint.PrecisionExact || !w.Verbose), s.Missing && p.Add != nil:
		return ""
	case s.Kind == lint.StepRendered:
		return "rendered"
	case s.Missing:
		return "add value"
	case s.Kind == lint.StepValues, s.Kind == lint.StepChart:
		return "value"
	case s.Kind == lint.StepDecides:
		return "decided by"
	case s.Kind == lint.StepDependency:
		return "dependency"
	}
	return "through"
}

// shortStep is a step of the trail with its place.
func shortStep(s lint.Step, at string) string {
	switch {
	case s.Label == "" || s.Label == string(s.Kind):
		return at
	case at == "":
		return s.Label
	}
	return s.Label + " (" + at + ")"
}

// related prints the places that findings refer to. Many of them are named only, and
// placed with -v.
func (w *textWriter) related(p *places.Place, input string) {
	var l []string
	for _, f := range p.Findings {
		short := len(f.Related) > 3 && !w.Verbose
		for _, rel := range f.Related {
			text := rel.Label
			if at := shortPlace(rel.Position, p.File, input); text == "" {
				text = at
			} else if !short && at != "" {
				text += " (" + at + ")"
			}
			if !slices.Contains(l, text) {
				l = append(l, text)
			}
		}
	}
	if more := len(l) - 2*maxShown; more > 0 && !w.Verbose {
		l = append(l[:2*maxShown:2*maxShown], fmt.Sprintf("and %d more", more))
	}
	if len(l) > 0 {
		w.note("see", strings.Join(l, ", "))
	}
}

// shortPlace is a position as it is printed below a file's heading: the lines of that
// file alone, and names without the path of their chart or overlay.
func shortPlace(at lint.Position, file, input string) string {
	if at.File == file && at.Line > 0 {
		return "line " + strconv.Itoa(at.Line)
	}
	if input != "" && input != "." {
		at.File = strings.TrimPrefix(at.File, input+"/")
	}
	at.Column = 0
	return at.String()
}

// inputOf is the chart or overlay that a finding is in. Empty: several.
func inputOf(f *lint.Finding) string {
	input := ""
	for _, o := range f.Occurrences {
		if input != "" && o.Input != input {
			return ""
		}
		input = o.Input
	}
	return input
}

// ignoredByFile lists the findings that are ignored.
func (w *textWriter) ignoredByFile(ignored []*lint.Finding) {
	if len(ignored) == 0 {
		return
	}
	fmt.Fprintln(w, w.paint.place(lint.Count(len(ignored), "ignored finding")))
	for _, f := range ignored {
		prefix := entryIndent + w.fileLink(f.Origin.File, f.Origin.String()) + "  " + f.Severity.String() + "  "
		w.tagged(prefix, len(entryIndent)+columns.Of(f.Origin.String())+len(f.Severity.String())+4, evidenceIndent, f.Message+extent(f), []string{f.Rule.ID})
		if !w.Quiet {
			w.note(string(f.Ignored.By), ignoredBecause(f.Ignored))
		}
	}
	fmt.Fprintln(w)
}

// wrapped breaks a text where the terminal ends. Used is what the first line has
// already, hang is what the others begin with.
func (w *textWriter) wrapped(text string, used int, hang string) string {
	return columns.Wrap(w.Columns, text, used, hang)
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

// overview ends a report on a terminal: by severity and rule, the places to fix first,
// and what was checked.
func (w *textWriter) overview(r *lint.Report, files []*places.File) {
	if len(r.Notes) > 0 {
		for _, g := range groupProblems(r.Notes) {
			w.problem("note", g)
		}
		fmt.Fprintln(w)
	}
	w.skipped(r.Summary)
	line := func(text string) { fmt.Fprintln(w, w.wrapped(text, 0, "  ")) }
	if len(r.Findings) == 0 {
		line(fmt.Sprintf("no findings: %s%s%s%s", w.checked(r.Summary), ignoredCount(r), acceptedCount(r), interrupted(r)))
		return
	}
	all := 0
	for _, f := range r.Findings {
		all += max(1, len(occurrencesOf(f)))
	}
	n := places.Count(r.Findings)
	if n > manyPlaces {
		w.bySeverity(r.Findings)
		w.fixFirst(files, len(r.Findings))
	}
	text := tallyOf(r.Findings).String() + " at " + lint.Count(n, "place")
	if all > len(r.Findings) {
		text += ", " + lint.Count(all, "occurrence")
	}
	line(text + ignoredCount(r) + interrupted(r))
	line("checked " + w.checked(r.Summary))
	if n > screenfuls && w.MaxPerRule == 0 {
		line(w.paint.faint("--max-per-rule 3 lists less of this, --rule RULE one rule, -v everything"))
	}
}

// bySeverity prints the rules of each severity, with the number of findings.
func (w *textWriter) bySeverity(findings []*lint.Finding) {
	byRule := groupByRule(findings)
	for _, s := range lint.Severities {
		total := 0
		var l []string
		groups := slices.SortedFunc(slices.Values(byRule), func(a, b *group) int {
			return cmp.Or(cmp.Compare(b.tally[s], a.tally[s]), strings.Compare(a.name, b.name))
		})
		for _, g := range groups {
			if n := g.tally[s]; n > 0 {
				total += n
				l = append(l, fmt.Sprintf("%s %d", g.name, n))
			}
		}
		if total > 0 {
			head := fmt.Sprintf("%4d %-*s", total, severityWidth, s)
			fmt.Fprintln(w, w.paint.severity[s](head)+w.wrapped(strings.Join(l, ", "), columns.Of(head), strings.Repeat(" ", columns.Of(head))))
		}
	}
	fmt.Fprintln(w)
}

// fixFirst prints the places with the most findings, and how many these are.
func (w *textWriter) fixFirst(files []*places.File, total int) {
	var all []*places.Place
	for _, f := range files {
		all = append(all, f.Places...)
	}
	weight := func(p *places.Place) (n int) {
		for _, f := range p.Findings {
			n += max(1, len(occurrencesOf(f)))
		}
		return n
	}
	slices.SortStableFunc(all, func(a, b *places.Place) int {
		return cmp.Or(cmp.Compare(len(b.Findings), len(a.Findings)), cmp.Compare(weight(b), weight(a)), cmp.Compare(a.Severity, b.Severity), a.Compare(b.Position))
	})
	all = slices.DeleteFunc(all[:min(len(all), overviewPlaces)], func(p *places.Place) bool { return p.File == "" })
	slices.SortStableFunc(all, func(a, b *places.Place) int { return cmp.Compare(a.Severity, b.Severity) })
	fixed := 0
	for _, p := range all {
		fixed += len(p.Findings)
	}
	if fixed < total/3 {
		return // these places are as good as any others
	}
	fmt.Fprintln(w, w.wrapped(fmt.Sprintf("fix these %s and %d of %d findings are fixed:", lint.Count(len(all), "place"), fixed, total), 0, "  "))
	for _, p := range all {
		head := fmt.Sprintf("%4d %-*s", len(p.Findings), severityWidth, p.Severity)
		fmt.Fprintln(w, w.paint.severity[p.Severity](head)+w.fileLink(p.File, p.String()))
	}
	fmt.Fprintln(w)
}

// group is findings that have something in common.
type group struct {
	name string
	tally
	files map[string]bool
}

// groupByRule groups findings by their rule, the worst groups first: those with the
// most findings of the highest severity that any has.
func groupByRule(findings []*lint.Finding) []*group {
	groups := map[string]*group{}
	for _, f := range findings {
		g := groups[f.Rule.ID]
		if g == nil {
			g = &group{name: f.Rule.ID, files: map[string]bool{}}
			groups[f.Rule.ID] = g
		}
		g.tally[f.Severity]++
		g.files[f.Origin.File] = true
	}
	return slices.SortedFunc(maps.Values(groups), func(a, b *group) int {
		return cmp.Or(slices.Compare(b.tally[:], a.tally[:]), cmp.Compare(a.name, b.name))
	})
}
