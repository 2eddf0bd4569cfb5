package report

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
)

func TestMarkdownLimit(t *testing.T) {
	out := write(t, "markdown", lots(30000), Options{})
	if n := utf8.RuneCountInString(out); n > markdownMax || n < markdownMax-1000 {
		t.Errorf("%d characters", n)
	}
	rows := strings.Count(out, "| pods.yaml:")
	if n := strings.Count(out, "<summary>"); n != 1 || n != strings.Count(out, "</details>") {
		t.Errorf("%d groups, want the critical one alone", n)
	}
	m := regexp.MustCompile(`Not listed, since there is no room: \d+ findings \((\d+) critical, 7500 high, 7500 medium, 7500 low\)`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("the cut is not stated: %s", out[len(out)-300:])
	}
	if left := lint.Count(7500-rows, "critical"); left != m[1]+" criticals" {
		t.Errorf("%d rows, but %s are said to be left out", rows, m[1])
	}
	if !strings.HasPrefix(out, "**kubevet:** 30000 findings (7500 critical,") {
		t.Errorf("got %s", out[:100])
	}
}

// TestMarkdownLongTexts: nothing that an input says makes a comment too long.
func TestMarkdownLongTexts(t *testing.T) {
	r := many()
	for range 100 {
		r.Problems = append(r.Problems, lint.Problem{Position: lint.Position{File: strings.Repeat("@", 5000)}, Message: strings.Repeat("@", 5000)})
		f := *r.Findings[0]
		f.Message, f.Fix.Title = strings.Repeat("<", 5000), strings.Repeat("|", 5000)
		r.Findings = append(r.Findings, &f)
	}
	out := write(t, "markdown", r, Options{})
	if n := utf8.RuneCountInString(out); n > markdownMax {
		t.Errorf("%d characters", n)
	}
	if !strings.Contains(out, "more\n") || !strings.Contains(out, "Not listed") {
		t.Error("the cut is not stated")
	}
}

// TestMarkdownEscape: every row has the cells of its header, and the input
// brings no markup.
func TestMarkdownEscape(t *testing.T) {
	out := write(t, "markdown", many(), Options{})
	rows := 0
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "|") {
			rows++
			if n := strings.Count(line, "|"); n != 4 {
				t.Errorf("%d bars in %q", n, line)
			}
		}
	}
	if rows != 6+2*4 {
		t.Errorf("%d rows", rows)
	}
	for _, bad := range []string{"<b>not", "@admin", "[x](", "<nil>", "<none>"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q is not escaped", bad)
		}
	}
}
