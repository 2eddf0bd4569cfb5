package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
)

const hostPIDPod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  hostPID: true\n"

// interruptedTree has a chart with a finding.
func interruptedTree(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows sends no signal to a process")
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"web/Chart.yaml":         "apiVersion: v2\nname: web\nversion: 1.0.0\n",
		"web/templates/pod.yaml": hostPIDPod,
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// process is the program as a process of its own.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &exec.Cmd{Path: exe, Args: append([]string{"kubevet"}, args...)} // TestMain goes by this name
}

// interruptedRun runs the program with the chart, and interrupts it where it
// waits for the end of standard input: the chart is done by then.
func interruptedRun(t *testing.T, s os.Signal, args ...string) (out, errOut string, code int) {
	t.Helper()
	cmd := process(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// More than a pipe holds: once it is written, some of it has been read.
	if _, err := io.WriteString(in, strings.Repeat("#\n", 1<<20)); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	if err := cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), code
}

// An interrupted run reports in every format what it found, and that it is not all.
func TestInterrupted(t *testing.T) {
	interruptedTree(t)
	const (
		finding = "pod sets hostPID: true"
		problem = "interrupted: 1 of 2 inputs were not checked to the end: <stdin>"
	)
	for format, escaped := range map[string]string{
		"text": problem, "json": problem, "sarif": problem, "github": problem, "gitlab": problem,
		"junit":      "interrupted: 1 of 2 inputs were not checked to the end: &lt;stdin&gt;",
		"checkstyle": "interrupted: 1 of 2 inputs were not checked to the end: &lt;stdin&gt;",
		"markdown":   "interrupted: 1 of 2 inputs were not checked to the end: &lt;stdin&gt;",
	} {
		out, errOut, code := interruptedRun(t, os.Interrupt, "--rule", "no-host-pid", "--format", format, "--jobs", "1", "web", "-")
		if code != lint.ExitProblems || errOut != "" {
			t.Errorf("%s: exit code %d, errors: %s", format, code, errOut)
		}
		if !strings.Contains(out, finding) || !strings.Contains(out, escaped) {
			t.Errorf("%s: the finding or the problem is missing:\n%s", format, out)
		}
		switch format {
		case "sarif":
			if !strings.Contains(out, `"executionSuccessful": false`) {
				t.Errorf("sarif: the run counts as successful")
			}
		case "json":
			var report struct {
				Summary struct {
					Objects, Problems int
					Interrupted       bool
				}
			}
			if err := json.Unmarshal([]byte(out), &report); err != nil {
				t.Fatal(err)
			}
			if s := report.Summary; !s.Interrupted || s.Objects != 1 || s.Problems != 1 {
				t.Errorf("json: summary %+v", s)
			}
		case "text":
			if !strings.Contains(out, "1 finding (1 high), 1 problem; interrupted\nchecked 1 chart in 1 scenario: 1 object\n") {
				t.Errorf("text: summary of another run:\n%s", out)
			}
		}
	}
}

// SIGTERM does the same, and so does the end of the terminal; files of --output
// are written too.
func TestTerminated(t *testing.T) {
	interruptedTree(t)
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		if s == syscall.SIGHUP && signal.Ignored(s) {
			t.Skip("the tests run with SIGHUP ignored")
		}
		file := fmt.Sprintf("out%d.json", s)
		_, errOut, code := interruptedRun(t, s, "--rule", "no-host-pid", "-o", "json="+file, "web", "-")
		if code != lint.ExitProblems || errOut != "" {
			t.Errorf("%v: exit code %d, errors: %s", s, code, errOut)
		}
		if data, err := os.ReadFile(file); err != nil || !bytes.Contains(data, []byte(`"interrupted": true`)) {
			t.Errorf("%v: %v: %s", s, err, data)
		}
	}
}

// Whatever the program waits for, a signal ends it: standard input as manifests, and
// in place of a file.
func TestInterruptedReading(t *testing.T) {
	interruptedTree(t)
	for _, c := range []struct {
		args         []string
		out, errText string
	}{
		{args: []string{"-q", "-"}, out: "problem: interrupted"},
		{args: []string{"--stdin-filename", "pod.yaml"}, errText: "kubevet: interrupted while reading standard input: nothing was checked\n"},
	} {
		out, errOut, code := interruptedRun(t, syscall.SIGTERM, c.args...)
		if code != lint.ExitProblems || !strings.Contains(out, c.out) || errOut != c.errText {
			t.Errorf("%v: exit code %d: %s%s", c.args, code, out, errOut)
		}
	}
}

// Where nobody reads the output any more, as in kubevet | head -1, the run ends
// and says nothing: the chart is not to blame.
func TestUnread(t *testing.T) {
	interruptedTree(t)
	for _, args := range [][]string{{"web"}, {"render", "web"}, {"diff", "HEAD", "web"}, {"web/templates/pod.yaml"}} {
		cmd := process(t, args...)
		if args[0] == "diff" {
			gitCommit(t)
		}
		var stderr bytes.Buffer
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout, cmd.Stderr = write, &stderr
		if err := errors.Join(read.Close(), cmd.Start(), write.Close()); err != nil {
			t.Fatal(err)
		}
		exit, ok := errors.AsType[*exec.ExitError](cmd.Wait())
		if !ok {
			t.Fatalf("%v: it was not ended", args)
		}
		status := exit.Sys().(syscall.WaitStatus)
		if status.ExitStatus() != 128+int(syscall.SIGPIPE) && (!status.Signaled() || status.Signal() != syscall.SIGPIPE) || stderr.Len() > 0 {
			t.Errorf("%v: ended by %v, errors: %s", args, exit, stderr.String())
		}
	}
}

// A baseline is not written from a part, and none of its entries is stale.
func TestInterruptedBaseline(t *testing.T) {
	interruptedTree(t)
	var out, errOut bytes.Buffer
	if code := Main([]string{"baseline", "--file", "b.json", "--rule", "no-host-pid", "web", "-"}, strings.NewReader(hostPIDPod), &out, &errOut); code != 0 {
		t.Fatal(errOut.String())
	}
	before, err := os.ReadFile("b.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, prune := range []string{"--prune=false", "--prune"} {
		_, errors, code := interruptedRun(t, os.Interrupt, "baseline", "--file", "b.json", prune, "--rule", "no-host-pid", "web", "-")
		if code != lint.ExitProblems || errors != "kubevet: interrupted: b.json was not written\n" {
			t.Errorf("%s: exit code %d, errors: %s", prune, code, errors)
		}
		if after, err := os.ReadFile("b.json"); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the baseline has changed: %v", prune, err)
		}
	}
	text, _, _ := interruptedRun(t, os.Interrupt, "--baseline", "b.json", "--rule", "no-host-pid", "web", "-")
	if strings.Contains(text, "no finding any more") || !strings.Contains(text, "1 ignored; interrupted") {
		t.Errorf("the entry of what was not checked is stale:\n%s", text)
	}
}

// The second signal ends the program, whatever it is at: here it writes to
// somebody who does not read.
func TestSecondInterrupt(t *testing.T) {
	interruptedTree(t)
	pods := strings.Repeat(hostPIDPod+"---\n", 500) // a report of more than a pipe holds
	if err := os.WriteFile("web/templates/pods.yaml", []byte(pods), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := process(t, "--format", "json", "web", "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close() //nolint:errcheck // a test
	cmd.Stdout = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	if _, err := io.WriteString(in, strings.Repeat("#\n", 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(read, make([]byte, 1)); err != nil { // the report has begun
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	exit, ok := errors.AsType[*exec.ExitError](cmd.Wait())
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("ended by %v, want the signal", exit)
	}
}

// gitCommit makes a repository of the working directory.
func gitCommit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git makes the repository of this test")
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main", "."},
		{"add", "."},
		{"-c", "user.name=someone", "-c", "user.email=someone@example.com", "commit", "-q", "-m", "base"},
	} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

// diff compares nothing if the merge base is not linted as a whole, and does not
// take for fixed what was not looked at.
func TestInterruptedDiff(t *testing.T) {
	interruptedTree(t)
	gitCommit(t)
	if err := os.WriteFile("web/templates/pod.yaml", []byte(strings.Replace(hostPIDPod, "true", "false", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	text, errOut, code := interruptedRun(t, os.Interrupt, "diff", "main", "web", "-", "--rule", "no-host-pid")
	if code != lint.ExitProblems || errOut != "" || !strings.Contains(text, "0 new, an unknown number fixed, 0 unchanged; not all of it") {
		t.Errorf("exit code %d: %s\n%s", code, errOut, text)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := session.New(session.Options{Jobs: 1}).Diff(ctx, "main", []string{"web"})
	if err == nil || !strings.Contains(err.Error(), "interrupted while linting the merge base") {
		t.Errorf("error %v", err)
	}
}
