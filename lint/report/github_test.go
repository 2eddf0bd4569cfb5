package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

var githubCommand = regexp.MustCompile(`^::(error|warning|notice) ((?:\w+=[^:,]*,?)+)::[^\r]*$`)

// commands checks each line but the last, and counts the commands.
func commands(t *testing.T, out string) map[string]int {
	t.Helper()
	n := map[string]int{}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	for _, line := range lines[:len(lines)-1] {
		m := githubCommand.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("no workflow command: %q", line)
		}
		n[m[1]]++
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "kubevet: ") {
		t.Errorf("the summary is missing: %q", last)
	}
	return n
}

func TestGitHub(t *testing.T) {
	if n := commands(t, write(t, "github", many(), Options{})); n["error"] != 4 || n["warning"] != 1 || n["notice"] != 3 {
		t.Errorf("got %v", n)
	}
	// Exactly as many as are shown: nothing is cut, nothing is said.
	out := write(t, "github", lots(20), Options{})
	if n := commands(t, out); n["error"] != 10 || n["warning"] != 5 || n["notice"] != 5 || strings.Contains(out, "not annotated") {
		t.Errorf("got %v:\n%s", n, out)
	}
}

func TestGitHubLimits(t *testing.T) {
	r := lots(400)
	for i := range 4 {
		r.Problems = append(r.Problems, lint.Problem{Position: lint.Position{File: "x.yaml", Line: i + 1}, Message: "broken"})
	}
	out := write(t, "github", r, Options{})
	if n := commands(t, out); n["error"] != 10 || n["warning"] != 10 || n["notice"] != 10 {
		t.Errorf("got %v", n)
	}
	if n := strings.Count(out, "(critical)::"); n != 6 {
		t.Errorf("%d critical findings are beside 4 problems", n)
	}
	const want = "::notice title=kubevet::not annotated: 375 findings (94 critical, 100 high, 90 medium, 91 low), 0 problems; GitHub shows 10"
	if !strings.Contains(out, want) {
		t.Errorf("got\n%s", out)
	}
}

func TestGitHubEscape(t *testing.T) {
	var b strings.Builder
	annotate(&b, githubError, lint.Position{File: "a,b:c%.yaml", Line: 2, EndColumn: 4}, "t:\r", "50%\r\n::error::x, y")
	const want = "::error file=a%2Cb%3Ac%25.yaml,line=2,title=t%3A%0D::50%25%0D%0A::error::x, y\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
