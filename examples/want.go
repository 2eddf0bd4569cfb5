// Package examples holds two things. The folder rules has, for each rule, a file that
// shows what the rule reports and what it accepts: YAML, or, for rules about other
// files, an archive in the format of golang.org/x/tools/txtar, in which each folder is
// a case. The folder platform is a small
// repository with a chart, overlays and manifests. Both are documentation and test
// input: comments name the findings that each line must give.
package examples

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

//go:embed rules/*.yaml rules/*.txtar
var embedded embed.FS

// Files is the examples, named by rule: run-as-non-root.yaml, dockerfile-user.txtar.
var Files, _ = fs.Sub(embedded, "rules") // no error: the name is a valid path

// Of is the example of a rule.
func Of(rule string) (name string, data []byte, err error) {
	for _, ext := range []string{".yaml", ".txtar"} {
		name = rule + ext
		if data, err = fs.ReadFile(Files, name); err == nil {
			break
		}
	}
	return name, data, err
}

// Want is a finding that a file says it must give.
type Want struct {
	// Line is that of the finding, counted from 1.
	Line    int
	Rule    string
	Message string
	// At is the line of the comment.
	At int
}

// String gives the line and the comment as one would write it there.
func (w Want) String() string {
	return fmt.Sprintf("%d: want: %s %q", w.Line, w.Rule, w.Message)
}

var (
	wantComment = regexp.MustCompile(`(?:^|\s)#\s*(want\b.*)$`)
	// commentAlone also takes the comment of a template: {{- /* # want+1: … */}}.
	commentAlone = regexp.MustCompile(`^\s*(\{\{-?\s*/\*\s*)?#`)
	templateEnd  = regexp.MustCompile(`\s*\*/\s*-?}}$`)
	wantForm     = regexp.MustCompile(`^want(\+1)?: ([a-z0-9]+(?:-[a-z0-9]+)*) "(.+)"$`)
)

// Wants reads the expectations of a file:
//
//	runAsNonRoot: false # want: run-as-non-root "message"
//
// The message runs from the first quote to the last. Where a line can bear no
// comment, or has two findings, `# want+1: …` is on lines of its own above it.
// Every comment that starts with want and has another form is an error.
func Wants(data []byte) ([]Want, error) {
	var wants []Want
	var errs []error
	above := 0 // how many of the last wants are for the next line
	for i, line := range strings.Split(string(data), "\n") {
		line = templateEnd.ReplaceAllString(strings.TrimRight(line, " \t\r"), "")
		m := wantComment.FindStringSubmatch(line)
		if m == nil {
			above = 0
			continue
		}
		f := wantForm.FindStringSubmatch(m[1])
		alone := commentAlone.MatchString(line)
		switch {
		case f == nil:
			errs = append(errs, fmt.Errorf(`line %d: malformed expectation %q; want the form # want: rule-id "message"`, i+1, m[1]))
			continue
		case f[1] != "" && !alone:
			errs = append(errs, fmt.Errorf("line %d: want+1 needs a line of its own", i+1))
			continue
		}
		w := Want{Line: i + 1, Rule: f[2], Message: f[3], At: i + 1}
		if f[1] == "" {
			wants, above = append(wants, w), 0
			continue
		}
		wants, above = append(wants, w), above+1
		for j := len(wants) - above; j < len(wants); j++ {
			wants[j].Line = i + 2
		}
	}
	return wants, errors.Join(errs...)
}
