package cli

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render"
)

func TestProgressDrawn(t *testing.T) {
	var out bytes.Buffer
	ticks := make(chan time.Time)
	p := newProgress(&out, func() int { return 24 }, ticks)
	tick := func() { ticks <- time.Time{} }
	p.update(render.Progress{Done: 0, Total: 3, Current: "charts/web"})
	tick() // too early
	tick()
	tick() // nothing new
	p.update(render.Progress{Done: 1, Total: 3, Current: "charts/\x1b[31mред"})
	p.update(render.Progress{Done: 2, Total: 3, Current: "charts/世界世界世界世界"})
	tick()
	tick() // the last one is drawn once the next is taken
	p.clear()
	const want = "\r\x1b[K0/3 charts/web" + "\r\x1b[K2/3 charts/世界世界世…" + "\r\x1b[K"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A run that is over by the second tick leaves no byte.
func TestNoProgress(t *testing.T) {
	var out bytes.Buffer
	ticks := make(chan time.Time)
	p := newProgress(&out, func() int { return 80 }, ticks)
	p.update(render.Progress{Done: 0, Total: 3, Current: "charts/web"})
	ticks <- time.Time{}
	p.clear()
	if out.Len() > 0 {
		t.Errorf("drawn: %q", out.String())
	}
}

// terminal is a terminal of 60 columns: the side of the program, and of its user.
func terminal(t *testing.T) (program, user *os.File) {
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
	tty, _ := terminal(t)
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
		if got := p.progressTerminal(func(key string) string { return c.env[key] }) != nil; got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
	if got := columns(tty); got != 60 {
		t.Errorf("%d columns, want 60", got)
	}
}

// The line is drawn on standard error while the program waits, is gone at the
// end, and no byte of it is on standard output.
func TestProgressOfProcess(t *testing.T) {
	tty, user := terminal(t)
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
	if !strings.HasSuffix(drawn.String(), eraseLine+"END") {
		t.Errorf("the line is left over: %q", drawn.String())
	}
	if strings.ContainsAny(out.String(), "\r\x1b") || strings.Contains(out.String(), "1/2") {
		t.Errorf("progress on standard output: %q", out.String())
	}
}
