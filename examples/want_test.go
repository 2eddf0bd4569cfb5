package examples_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// want is a finding that a file says it must give.
type want struct {
	// Line is that of the finding, counted from 1.
	Line    int
	Rule    string
	Message string
	// At is the line of the comment.
	At int
}

// String gives the line and the comment as one would write it there.
func (w want) String() string {
	return fmt.Sprintf("%d: want: %s %q", w.Line, w.Rule, w.Message)
}

var (
	wantComment = regexp.MustCompile(`(?:^|\s)#\s*(want\b.*)$`)
	// commentAlone also takes the comment of a template: {{- /* # want+1: … */}}.
	commentAlone = regexp.MustCompile(`^\s*(\{\{-?\s*/\*\s*)?#`)
	templateEnd  = regexp.MustCompile(`\s*\*/\s*-?}}$`)
	wantForm     = regexp.MustCompile(`^want(\+1)?: ([a-z0-9]+(?:-[a-z0-9]+)*) "(.+)"$`)
)

// parseWants reads the expectations of a file:
//
//	runAsNonRoot: false # want: run-as-non-root "message"
//
// The message runs from the first quote to the last. Where a line can bear no
// comment, or has two findings, `# want+1: …` is on lines of its own above it.
// Every comment that starts with want and has another form is an error.
func parseWants(data []byte) ([]want, error) {
	var wants []want
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
		w := want{Line: i + 1, Rule: f[2], Message: f[3], At: i + 1}
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

func TestWants(t *testing.T) {
	const text = `a: 1 # want: some-rule "container "app" sets a: 1; want 2"
# want+1: some-rule "one"
# want+1: other-rule "two"
b: |
  text
c: 3 # wanted
`
	got, err := parseWants([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []want{
		{1, "some-rule", `container "app" sets a: 1; want 2`, 1},
		{4, "some-rule", "one", 2},
		{4, "other-rule", "two", 3},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v; want %v", got, want)
	}
	for _, bad := range []string{
		`a: 1 # want run-as-non-root "x"`,
		`a: 1 # want: run-as-non-root`,
		`a: 1 # want: run-as-non-root x`,
		`a: 1 # want: Run-As-Non-Root "x"`,
		`a: 1 # want: "x"`,
		`a: 1 # want: run-as-non-root "x" or so`,
		`a: 1 # want+1: run-as-non-root "x"`,
		`#want+2: run-as-non-root "x"`,
		`# want`,
	} {
		if w, err := parseWants([]byte(bad)); err == nil {
			t.Errorf("%s: read as %v; want an error", bad, w)
		}
	}
}
