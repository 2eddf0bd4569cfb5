package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/columns"
)

// problemGroup is problems with one code and cause.
type problemGroup struct {
	lint.Problem // the first
	places       []lint.Position
}

// groupProblems puts problems with one code and cause together, in the order of
// the first of each.
func groupProblems(l []lint.Problem) []*problemGroup {
	type key struct {
		code          lint.ProblemCode
		message, help string
		by            lint.Ignored
	}
	byKey := map[key]*problemGroup{}
	var groups []*problemGroup
	for _, p := range l {
		k := key{code: p.Code, message: p.Message, help: p.Help}
		if p.Accepted != nil {
			k.by = *p.Accepted
		}
		g := byKey[k]
		if g == nil {
			g = &problemGroup{Problem: p}
			byKey[k] = g
			groups = append(groups, g)
		}
		g.places = append(g.places, p.Position)
	}
	return groups
}

// maxOtherFiles is how many other files a group names.
const maxOtherFiles = 3

// otherFiles names the files of a group other than that of the first problem, for a message. It is empty if there are none.
func (g *problemGroup) otherFiles() string {
	seen := map[string]bool{g.File: true, "": true}
	var files []string
	for _, at := range g.places {
		if !seen[at.File] {
			seen[at.File] = true
			files = append(files, at.File)
		}
	}
	if len(files) == 0 {
		return ""
	}
	return ", in " + lint.AndOthers(files, maxOtherFiles)
}

// codeOf is the code of a problem, for formats that need one.
func codeOf(p lint.Problem) string { return cmp.Or(string(p.Code), "problem") }

// problemLines prints what could not be checked, a line each, what of it is accepted,
// and notes.
func (w *textWriter) problemLines(r *lint.Report) {
	for _, g := range groupProblems(r.Problems) {
		w.problem("problem", g)
	}
	if w.Verbose || w.ShowIgnored {
		for _, g := range groupProblems(r.Accepted) {
			w.problem("accepted problem", g)
		}
	}
	if w.Quiet {
		return
	}
	for _, g := range groupProblems(r.Notes) {
		w.problem("note", g)
	}
}

// problem prints problems of one cause, or a note.
func (w *textWriter) problem(word string, g *problemGroup) {
	at, plain := "", g.String()
	if plain != "" {
		at, plain = w.fileLink(g.File, w.paint.place(plain))+": ", plain+": "
	}
	message := g.Message
	if more := len(g.places) - 1; more > 0 {
		message += fmt.Sprintf(" (and %d more%s)", more, g.otherFiles())
	}
	if g.Code != "" {
		message += " [" + string(g.Code) + "]"
	}
	fmt.Fprintf(w, "%s%s: %s\n", at, w.paint.severity[lint.Medium](word), w.wrapped(message, columns.Of(plain+word+": "), "  "))
	if w.Quiet {
		return
	}
	if g.Accepted != nil {
		w.evidenceLine(string(g.Accepted.By), acceptedBecause(g.Accepted))
	} else if g.Help != "" {
		w.evidenceLine("help", g.Help)
	}
	w.problemDetail(g)
}

// problemDetail prints with -v where else a problem is, and what a tool said.
func (w *textWriter) problemDetail(g *problemGroup) {
	if !w.Verbose {
		return
	}
	for _, at := range g.places[1:] {
		w.evidenceLine("also at", at.String())
	}
	for line := range strings.Lines(g.Detail) {
		fmt.Fprintf(w, "  | %s\n", strings.TrimRight(line, "\r\n"))
	}
}

// problemTable prints problems on a terminal: by code, and by cause below it.
func (w *textWriter) problemTable(r *lint.Report) {
	if len(r.Problems) > 0 {
		fmt.Fprintln(w, w.wrapped(w.paint.severity[lint.Medium](lint.Count(len(r.Problems), "problem"))+": parts of the input could not be checked (exit 3)", 0, "  "))
		acceptable := w.problemsByCode(r.Problems)
		if acceptable && !w.Quiet {
			w.faintLine("accept a known one with `kubevet baseline`, or under problems: in .kubevet.yaml with a reason; `kubevet explain " + codeOf(r.Problems[0]) + "` says more")
		}
		fmt.Fprintln(w)
	}
	if len(r.Accepted) > 0 && (w.Verbose || w.ShowIgnored) {
		fmt.Fprintln(w, lint.Count(len(r.Accepted), "accepted problem"))
		w.problemsByCode(r.Accepted)
		fmt.Fprintln(w)
	}
}

func (w *textWriter) faintLine(text string) {
	fmt.Fprintln(w, entryIndent+w.paint.faint(w.wrapped(text, len(entryIndent), entryIndent)))
}

// problemsByCode prints problems below their code. It reports whether any may be accepted.
func (w *textWriter) problemsByCode(l []lint.Problem) (acceptable bool) {
	byCode := map[string][]*problemGroup{}
	total := map[string]int{}
	var codes []string
	for _, g := range groupProblems(l) {
		code := codeOf(g.Problem)
		if byCode[code] == nil {
			codes = append(codes, code)
		}
		byCode[code] = append(byCode[code], g)
		total[code] += len(g.places)
		acceptable = acceptable || g.Code.Acceptable()
	}
	slices.SortStableFunc(codes, func(a, b string) int { return cmp.Compare(total[b], total[a]) })
	for _, code := range codes {
		groups := byCode[code]
		head := entryIndent + w.paint.label(code)
		if n := total[code]; n > 1 {
			head += fmt.Sprintf(" (%d)", n)
		}
		fmt.Fprintln(w, head)
		shown := min(len(groups), w.maxShown())
		for i, g := range groups[:shown] {
			w.cause(g, i+1 == shown || groups[i+1].Help != g.Help)
		}
		if more := len(groups) - shown; more > 0 {
			fmt.Fprintf(w, "    and %d more; -v lists all\n", more)
		}
	}
	return acceptable
}

// cause prints problems of one cause on a terminal, with what to do if the next ones
// do not say the same.
func (w *textWriter) cause(g *problemGroup, withHelp bool) {
	const indent, hang = "    ", "      "
	at, plain := "", g.String()
	if plain != "" {
		at = w.fileLink(g.File, w.paint.place(plain)) + "  "
		plain += "  "
	}
	message := g.Message
	if more := len(g.places) - 1; more > 0 {
		message += fmt.Sprintf(" (and at %s more%s)", lint.Count(more, "place"), g.otherFiles())
	}
	fmt.Fprintf(w, "%s%s%s\n", indent, at, w.wrapped(message, len(indent)+columns.Of(plain), hang))
	if w.Quiet {
		return
	}
	if g.Accepted != nil {
		fmt.Fprintf(w, "%s%s  %s\n", hang, w.paint.label(string(g.Accepted.By)), w.wrapped(acceptedBecause(g.Accepted), len(hang)+len(g.Accepted.By)+2, hang))
	}
	w.problemDetail(g)
	if g.Help != "" && g.Accepted == nil && withHelp {
		fmt.Fprintf(w, "%s%s  %s\n", hang, w.paint.label("fix"), w.wrapped(g.Help, len(hang)+5, hang+"  "))
	}
}

// acceptedBecause is ignoredBecause for a problem, whose reason in a baseline is a
// person's.
func acceptedBecause(i *lint.Ignored) string {
	other := *i
	if other.By == lint.ByBaseline && other.Reason != "baseline" {
		other.By = ""
	}
	return ignoredBecause(&other)
}

// acceptedCount ends a summary, if any problem is accepted.
func acceptedCount(r *lint.Report) string {
	if len(r.Accepted) == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d accepted)", len(r.Accepted))
}
