package ignore

import (
	"strings"
	"testing"
)

// TestMatchLongPath pins what globs match, and that many ** take no more time than
// their number.
func TestMatchLongPath(t *testing.T) {
	deep := strings.Repeat("aa/", 400) + "a.yaml"
	for _, tt := range []struct {
		glob, file string
		want       bool
	}{
		{"a/**", "a/b", true},
		{"a/**", "a", false},
		{"**", "a", true},
		{"**/**", "a", true},
		{"a/**/**", "a", false},
		{"**/b", "b", true},
		{"**/b", "a/c/b", true},
		{"**/b/**/d", "a/b/b/c/d", true},
		{"a/**/c", "a/c", true},
		{"a/**/c", "a/b", false},
		{"a/*/c", "a/b/d/c", false},
		{"**/b/c", "b/b/c", true},
		{"**/[", "a", false},
		{"a", "a/b", false},
		{strings.Repeat("**/a*/", 60) + "x", deep, false},
		{strings.Repeat("**/a*/", 60) + "*.yaml", deep, true},
	} {
		if got := MatchPath(tt.glob, tt.file); got != tt.want {
			t.Errorf("MatchPath(%.30s, %.30s) = %v", tt.glob, tt.file, got)
		}
	}
}
