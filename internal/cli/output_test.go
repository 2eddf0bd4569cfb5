package cli

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/creack/pty"

	"github.com/kubevet/kubevet/internal/terminal"
	"github.com/kubevet/kubevet/lint"
)

// openTerminal opens a terminal of 60 columns: the side of the program, and of its user.
func openTerminal(t *testing.T) (program, user *os.File) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no pseudo-terminals")
	}
	user, program, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { _, _ = user.Close(), program.Close() })
	if err := pty.Setsize(program, &pty.Winsize{Rows: 20, Cols: 60}); err != nil {
		t.Fatal(err)
	}
	return program, user
}

func TestProgressTerminal(t *testing.T) {
	tty, _ := openTerminal(t)
	pipe, _, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		out         io.Writer
		quiet, want bool
		env         map[string]string
	}{
		{name: "terminal", out: tty, want: true},
		{name: "not CI", out: tty, want: true, env: map[string]string{"CI": "false", "TERM": "xterm"}},
		{name: "pipe", out: pipe},
		{name: "buffer", out: &bytes.Buffer{}},
		{name: "quiet", out: tty, quiet: true},
		{name: "CI", out: tty, env: map[string]string{"CI": "true"}},
		{name: "dumb", out: tty, env: map[string]string{"TERM": "dumb"}},
	} {
		p := &program{errOut: c.out, quiet: c.quiet}
		if _, got := p.progressTerminal(func(key string) string { return c.env[key] }); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
	if got := terminal.Columns(tty); got != 60 {
		t.Errorf("%d columns, want 60", got)
	}
}

// The line is drawn on standard error while the program waits, is removed at the
// end, and no byte of it is on standard output.
func TestProgressOfProcess(t *testing.T) {
	tty, user := openTerminal(t)
	interruptedTree(t)
	cmd := process(t, "--rule", "no-host-pid", "web", "-")
	cmd.Env = append(os.Environ(), "CI=", "TERM=xterm")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, tty
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var drawn strings.Builder
	for !strings.Contains(drawn.String(), "1/2 <stdin>") { // it comes while the program waits
		b := make([]byte, 1)
		if _, err := user.Read(b); err != nil {
			t.Fatalf("%v; drawn: %q", err, drawn.String())
		}
		drawn.Write(b)
	}
	if _, err := io.WriteString(in, "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != lint.ExitFindings {
		t.Fatalf("%v: %s", err, out.String())
	}
	if _, err := tty.WriteString("END"); err != nil {
		t.Fatal(err)
	}
	for !strings.HasSuffix(drawn.String(), "END") {
		b := make([]byte, 1)
		if _, err := user.Read(b); err != nil {
			t.Fatal(err)
		}
		drawn.Write(b)
	}
	if !strings.HasSuffix(drawn.String(), "\r\x1b[KEND") {
		t.Errorf("the line is left over: %q", drawn.String())
	}
	if strings.ContainsAny(out.String(), "\r\x1b") || strings.Contains(out.String(), "1/2") {
		t.Errorf("progress on standard output: %q", out.String())
	}
}

// Only a terminal has columns, and hyperlinks only with colours.
func TestTextOptions(t *testing.T) {
	tty, _ := openTerminal(t)
	t.Setenv("TERM", "xterm")
	t.Setenv("FORCE_HYPERLINK", "1")
	for _, c := range []struct {
		p              *program
		noColor        string
		columns        int
		colored, links bool
	}{
		{p: &program{out: tty, color: "auto"}, columns: 60, colored: true, links: true},
		{p: &program{out: tty, color: "auto"}, noColor: "1", columns: 60},
		{p: &program{out: tty, color: "never"}, columns: 60},
		{p: &program{out: tty, color: "auto", quiet: true}, colored: true, links: true},
		{p: &program{out: &bytes.Buffer{}, color: "auto"}},
		{p: &program{out: &bytes.Buffer{}, color: "always"}, colored: true},
	} {
		t.Setenv("NO_COLOR", c.noColor)
		opts, err := c.p.textOptions()
		if err != nil {
			t.Fatal(err)
		}
		if opts.Columns != c.columns || opts.Color != c.colored || (opts.FileLink != nil) != c.links || (opts.RuleLink != nil) != c.links {
			t.Errorf("color %s, quiet %t, NO_COLOR %q: %+v", c.p.color, c.p.quiet, c.noColor, opts)
		}
	}
}
