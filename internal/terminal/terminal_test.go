package terminal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHasHyperlinks(t *testing.T) {
	for _, c := range []struct {
		want bool
		env  string
	}{
		{false, ""},
		{false, "TERM=xterm-256color"},
		{true, "TERM=xterm-256color VTE_VERSION=7200"},
		{false, "TERM=xterm-256color VTE_VERSION=4999"},
		{false, "TERM=xterm-256color VTE_VERSION=5000"},
		{true, "TERM=xterm-kitty"},
		{true, "TERM=foot-extra"},
		{true, "TERM=alacritty"},
		{true, "WT_SESSION=1"},
		{true, "KITTY_WINDOW_ID=1"},
		{true, "TERM_PROGRAM=iTerm.app TERM_PROGRAM_VERSION=3.4.20"},
		{false, "TERM_PROGRAM=iTerm.app TERM_PROGRAM_VERSION=2.9"},
		{true, "TERM_PROGRAM=vscode TERM_PROGRAM_VERSION=1.95.0"},
		{false, "TERM_PROGRAM=vscode TERM_PROGRAM_VERSION=1.71.9"},
		{false, "TERM_PROGRAM=vscode"},
		{true, "TERM_PROGRAM=WezTerm"},
		{false, "TERM_PROGRAM=Apple_Terminal TERM_PROGRAM_VERSION=453"},
		{true, "TERM=tmux-256color TERM_PROGRAM=tmux TERM_PROGRAM_VERSION=3.4a"},
		{false, "TERM=screen-256color TERM_PROGRAM=tmux TERM_PROGRAM_VERSION=3.3a VTE_VERSION=7200"},
		{false, "TERM=screen VTE_VERSION=7200"},
		{false, "TERM=dumb VTE_VERSION=7200"},
		{true, "TERM=xterm FORCE_HYPERLINK=1"},
		{false, "TERM=xterm-kitty FORCE_HYPERLINK=0"},
	} {
		env := map[string]string{}
		for pair := range strings.FieldsSeq(c.env) {
			key, value, _ := strings.Cut(pair, "=")
			env[key] = value
		}
		if got := HasHyperlinks(func(key string) string { return env[key] }); got != c.want {
			t.Errorf("%s: %t", c.env, got)
		}
	}
}

func TestFileURI(t *testing.T) {
	t.Chdir(t.TempDir())
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a b/ü#1.yaml": "/a%20b/%C3%BC%231.yaml",
		"a\x1b\\.yaml": "/a%1B%5C.yaml",
		"./x.yaml":     "/x.yaml",
	} {
		got := FileURI(name)
		if !strings.HasPrefix(got, "file://") || !strings.HasSuffix(got, filepath.ToSlash(dir)+want) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := FileURI("<stdin>"); got != "" {
		t.Errorf("standard input has the address %s", got)
	}
}
