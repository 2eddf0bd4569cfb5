package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/kubevet/kubevet/lint"
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

// codeOf is the code of a problem, for formats that need one.
func codeOf(p lint.Problem) string { return cmp.Or(string(p.Code), "problem") }

// problems prints what could not be checked, and what of it is accepted.
func (w *textWriter) problems(r *lint.Report) {
	if w.Columns > 0 && len(r.Problems) > 0 {
		fmt.Fprintln(w, w.wrapped(count(len(r.Problems), "problem")+": parts of the input could not be checked", 0, "  "))
	}
	acceptable := false
	for _, g := range groupProblems(r.Problems) {
		w.problem("problem", g)
		acceptable = acceptable || g.Code.Acceptable()
	}
	if acceptable && w.Columns > 0 && !w.Quiet {
		fmt.Fprintln(w, w.paint.faint(w.wrapped("accept a known problem with kubevet baseline, or under problems: in the configuration", 2, "  ")))
	}
	if w.Verbose || w.ShowIgnored {
		for _, g := range groupProblems(r.Accepted) {
			w.problem("accepted problem", g)
		}
	}
}

// problem prints problems of one cause, or a note.
func (w *textWriter) problem(word string, g *problemGroup) {
	at, plain := "", g.String()
	if plain != "" {
		at, plain = w.fileLink(g.File, w.place(g.Position))+": ", plain+": "
	}
	message := g.Message
	if more := len(g.places) - 1; more > 0 {
		message += fmt.Sprintf(" (and %d more)", more)
	}
	if g.Code != "" {
		message += " [" + string(g.Code) + "]"
	}
	fmt.Fprintf(w, "%s%s: %s\n", at, w.paint.severity[lint.Medium](word), w.wrapped(message, columnsOf(plain+word+": "), "  "))
	if w.Quiet {
		return
	}
	if g.Accepted != nil {
		w.evidenceLine(" ", string(g.Accepted.By), acceptedBecause(g.Accepted))
	} else if g.Help != "" {
		w.evidenceLine(" ", "help", g.Help)
	}
	if !w.Verbose {
		return
	}
	for _, at := range g.places[1:] {
		w.evidenceLine(" ", "also at", at.String())
	}
	for line := range strings.Lines(g.Detail) {
		fmt.Fprintf(w, "  | %s\n", strings.TrimRight(line, "\r\n"))
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
