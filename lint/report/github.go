package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// githubMaxShown is how many annotations of one level GitHub shows for a step.
const githubMaxShown = 10

// githubLevel is the kind of an annotation.
type githubLevel int

// From worst to least.
const (
	githubError githubLevel = iota
	githubWarning
	githubNotice
)

var githubCommands = [...]string{"error", "warning", "notice"}

var githubLevels = [...]githubLevel{lint.Critical: githubError, lint.High: githubError, lint.Medium: githubWarning, lint.Low: githubNotice}

// GitHub writes annotations of a workflow run, as the commands that a step
// prints: of each level as many as GitHub shows, the worst first. If that
// leaves any out, the last notice counts them.
func GitHub(out io.Writer, r *lint.Report, prefix string) error {
	r = plain.ReportAndFiles(fromRoot(r, prefix))
	w := bufio.NewWriter(out)
	room := [...]int{githubMaxShown, githubMaxShown, githubMaxShown}
	problems, findings := githubShown(r, room)
	if len(problems)+len(findings) < len(r.Problems)+r.Tally().Total() {
		room[githubNotice]--
		problems, findings = githubShown(r, room)
	}
	for _, p := range problems {
		annotate(w, githubError, p.Position, "kubevet: "+codeOf(p), problemText(p))
	}
	for _, f := range findings {
		annotate(w, githubLevels[f.Severity], place(f), fmt.Sprintf("%s (%s)", f.Rule.ID, f.Severity),
			strings.Join(append([]string{f.Message}, evidence(f)...), "\n"))
	}
	if room[githubNotice] < githubMaxShown {
		annotate(w, githubNotice, lint.Position{}, "kubevet", fmt.Sprintf("not annotated: %s, %s; GitHub shows %d annotations of a level for a step",
			tally(r.Tally()).minus(tallyOf(findings)), lint.Count(len(r.Problems)-len(problems), "problem"), githubMaxShown))
	}
	fmt.Fprintln(w, "kubevet: "+verdict(r))
	return w.Flush()
}

// githubShown picks what there is room for. Problems come before findings of
// their level: an incomplete run is no verdict.
func githubShown(r *lint.Report, room [3]int) ([]lint.Problem, []*lint.Finding) {
	problems := r.Problems[:min(len(r.Problems), room[githubError])]
	room[githubError] -= len(problems)
	var findings []*lint.Finding
	for _, f := range firstOfEach(r.All(), githubMaxShown) {
		if level := githubLevels[f.Severity]; room[level] > 0 {
			room[level]--
			findings = append(findings, f)
		}
	}
	return problems, findings
}

// annotate writes one command. A column counts only where there is a line, and
// a line where there is a file.
func annotate(w io.Writer, level githubLevel, at lint.Position, title, message string) {
	fmt.Fprintf(w, "::%s ", githubCommands[level])
	if at.File != "" {
		fmt.Fprintf(w, "file=%s,", githubProperty.Replace(at.File))
		for _, n := range []struct {
			name  string
			value int
		}{{"line", at.Line}, {"col", at.Column}, {"endColumn", at.EndColumn}} {
			if n.value == 0 {
				break
			}
			fmt.Fprintf(w, "%s=%d,", n.name, n.value)
		}
	}
	fmt.Fprintf(w, "title=%s::%s\n", githubProperty.Replace(title), githubMessage.Replace(message))
}

// The runner undoes these replacements; nothing else is special to it.
var (
	githubMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
