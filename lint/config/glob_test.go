package config

import (
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint/ignore"
)

func TestCheckGlob(t *testing.T) {
	for _, tt := range []struct {
		glob, want string // a part of the error; empty: there is none
	}{
		{".", ""},
		{"**", ""},
		{"a/**/b-?.y[a]ml", ""},
		{`a\*b\{c\}\\`, ""},
		{`charts\web`, "forward slashes"},
		{`a\\{b}`, "braces"},
		{"{a,b}", "braces"},
		{"a/***", "** alone"},
		{"./a", "holds ."},
		{"a/../b", "holds .."},
		{"a/", `want "a/**"`},
		{`a\`, "bad glob"},
	} {
		err := checkGlob(tt.glob)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("of %s it says %v; want %q", tt.glob, err, tt.want)
		}
	}
}

func TestLiteral(t *testing.T) {
	for _, name := range []string{"charts/web", `a [1] {b}*?\`, "**", "a]b/{c"} {
		if glob := literal(name); checkGlob(glob) != nil || !ignore.MatchPath(glob, name) || ignore.MatchPath(glob, name+"x") {
			t.Errorf("%q comes to be the glob %q: %v", name, glob, checkGlob(glob))
		}
	}
}
