package trace

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/gobwas/glob"
)

// TestGlobExpression compares patterns as regular expressions with the library
// that Helm uses, where that does what its documentation says: it does not go back
// into an alternative that holds a star, and takes the a of a**a for both.
func TestGlobExpression(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "b", "/", "*", "**", "?", "[ab]", "[!a]", "[a-c]", "{a,b}", ".", "+", ","}
	names := []string{"a", "b", "ab", "ba", "a/b", "a/b/c", "c", "a.b", "a+b", "a,b", "/", "aab", "abab", "b/a", "bb/ab"}
	compared := 0
	for range 3000 {
		var b strings.Builder
		for range 1 + rnd.IntN(4) {
			b.WriteString(parts[rnd.IntN(len(parts))])
		}
		pattern := b.String()
		if strings.Contains(pattern, "***") || strings.Contains(pattern, "a**a") {
			continue
		}
		g, err := glob.Compile(pattern, '/')
		expr, exprErr := GlobExpression(pattern)
		if err != nil || exprErr != nil {
			if err == nil {
				t.Errorf("%q is a pattern", pattern)
			}
			continue
		}
		re := regexp.MustCompile(expr)
		for _, n := range names {
			compared++
			if g.Match(n) != re.MatchString(n) {
				t.Errorf("%q, %q: %v in Helm", pattern, n, g.Match(n))
			}
		}
	}
	t.Logf("%d matches compared", compared)
}

// TestGlobBomb checks that a pattern of many wildcards is matched in one pass.
func TestGlobBomb(t *testing.T) {
	for _, pattern := range []string{strings.Repeat("?*a?*", 12) + "b", strings.Repeat("*{a,c}", 12) + "b", strings.Repeat("{a,b}", 800)} {
		if m, err := (Files{strings.Repeat("abca", 600): nil}).Glob(pattern); err != nil || len(m) > 0 {
			t.Errorf("%.20s: %v, %v", pattern, m, err)
		}
	}
	long := Files{}
	for i := range 20000 {
		long[strings.Repeat("a", 20)+string(rune('a'+i%26))+strings.Repeat("b", i%50)] = nil
	}
	if _, err := long.Glob(strings.Repeat("*a", 2000)); err == nil {
		t.Error("a pattern that is long for many files is matched")
	}
}
