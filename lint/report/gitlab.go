package report

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// The Code Climate issues that GitLab reads as its code quality report.
type (
	gitlabIssue struct {
		Description string         `json:"description"`
		CheckName   string         `json:"check_name"`
		Fingerprint string         `json:"fingerprint"`
		Severity    string         `json:"severity"`
		Location    gitlabLocation `json:"location"`
	}
	gitlabLocation struct {
		Path  string      `json:"path"`
		Lines gitlabLines `json:"lines"`
	}
	gitlabLines struct {
		Begin int `json:"begin"`
	}
)

var gitlabSeverities = [...]string{lint.Critical: "blocker", lint.High: "critical", lint.Medium: "major", lint.Low: "minor"}

// GitLab writes a code quality report. Problems are issues of their own: a
// merge request that could not be checked must not look better for it.
func GitLab(out io.Writer, r *lint.Report, prefix string) error {
	r = plain.Report(fromRoot(r, prefix))
	seen := map[string]int{}
	issue := func(at lint.Position, check, severity, description, fingerprint string) gitlabIssue {
		// GitLab drops all but one of equal fingerprints.
		if seen[fingerprint]++; seen[fingerprint] > 1 {
			fingerprint = digest(fingerprint, strconv.Itoa(seen[fingerprint]))
		}
		return gitlabIssue{
			Description: description, CheckName: check, Fingerprint: fingerprint, Severity: severity,
			Location: gitlabLocation{cmp.Or(at.File, "."), gitlabLines{max(at.Line, 1)}},
		}
	}
	buffered := bufio.NewWriterSize(out, 1<<16)
	err := writeJSONList(buffered, "", func(yield func(any) bool) {
		for _, p := range r.Problems {
			if !yield(issue(p.Position, "kubevet-"+codeOf(p), "blocker", problemText(p), digest("problem", p.File, p.Message))) {
				return
			}
		}
		for f := range r.All() {
			if !yield(issue(place(f), f.Rule.ID, gitlabSeverities[f.Severity], f.Message+"; fix: "+f.Fix.Title, f.Fingerprint)) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	_, _ = buffered.WriteString("\n") // Flush returns the error
	return buffered.Flush()
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = io.WriteString(h, p+"\x00") // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}
