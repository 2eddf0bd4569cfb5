package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// hostileTree wants to read and run what it must not.
var hostileTree = map[string]string{
	"chart/Chart.yaml":          "apiVersion: v2\nname: chart\nversion: 1.0.0\ndependencies:\n- {name: far, version: 1.0.0, repository: 'https://127.0.0.1:9/charts'}\n- {name: up, version: 1.0.0, repository: 'file://../../../../../../etc'}\n",
	"chart/values.yaml":         "a: b\n",
	"chart/templates/pod.yaml":  "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.a }}\nspec:\n  hostPID: true\n  hostname: {{ getHostByName \"localhost\" | quote }}\n  nodeName: {{ .Files.Get \"../../../etc/passwd\" | quote }}\n",
	"chart/templates/deep.yaml": `{{ define "deep" }}{{ include "deep" . }}{{ end }}{{ include "deep" . }}`,
	"overlay/kustomization.yaml": "resources: [pod.yaml, 'https://127.0.0.1:9/base', '../../../../../../../etc', 'git@127.0.0.1:base.git']\n" +
		"generators: [exec.yaml]\ncrds: [/etc/passwd]\nconfigMapGenerator:\n- name: a\n  files: [/etc/passwd, ../../../../../../../etc/hostname]\n",
	"overlay/exec.yaml":     "apiVersion: v1\nkind: Run\nmetadata:\n  name: a\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: /bin/sh}\n",
	"overlay/pod.yaml":      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true, containers: [{name: a, image: a}]}\n",
	"bomb.yaml":             "apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: a, annotations: *m}\n",
	"list.yaml":             "apiVersion: v1\nkind: List\nitems: &i\n- {apiVersion: v1, kind: List, items: *i}\n",
	"flux.yaml":             "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ../../../../../../etc, sourceRef: {kind: GitRepository, name: a}}\n",
	"cluster.kubeconfig":    "apiVersion: v1\nkind: Config\nusers: [{name: a, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh}}}]\n",
	".git/config":           "[core]\n\tfsmonitor = /bin/sh\n[include]\n\tpath = /etc/passwd\n",
	".git/HEAD":             "ref: refs/heads/main\n",
	"linked/.keep":          "",
	"overlay/more/pod.json": `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}`,
}

// systemFiles are those of the system that Go's runtime, the dynamic linker and
// time zones need: docs/security.md lists them.
var systemFiles = []string{
	"/proc/", "/sys/kernel/mm/", "/sys/fs/cgroup/", "/sys/devices/system/cpu/", "/dev/null", "/dev/urandom",
	"/etc/ld.so.", "/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/etc/localtime", "/usr/share/zoneinfo",
}

// A run opens no connection, starts nothing but itself, and opens no file outside
// of the linted folder and the one for temporary files.
func TestTraced(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: the tracer is that of Linux")
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("SKIPPED: strace is not installed: nothing is known of sockets, programs and files")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(t.TempDir(), "kubevet") // TestMain goes by this name
	if err := os.Link(exe, bin); err != nil {
		data, err := os.ReadFile(exe)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(bin, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	root := t.TempDir()
	t.Chdir(root)
	for name, text := range hostileTree {
		write(t, name, text)
	}
	for name, target := range map[string]string{"linked/a.yaml": "/etc/passwd", "linked/.gitignore": "/etc/hostname", "etc": "/etc", "overlay/b.yaml": "../../../../../etc/passwd"} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"."}, {"render", "."}, {"coverage", "chart"}, {"--files", "overlay/pod.yaml", "chart/values.yaml"}, {"linked/a.yaml"}, {"baseline", ".", "--file", "b.json"}} {
		log := filepath.Join(t.TempDir(), "trace")
		cmd := exec.Command(strace, append([]string{"-f", "-qq", "-y", "-o", log, "-e", "trace=network,execve,execveat,open,openat,openat2,creat", bin}, args...)...)
		out, _ := cmd.CombinedOutput() // the exit code is not what is tested
		trace, err := os.ReadFile(log)
		if err != nil || len(trace) == 0 {
			t.Skipf("SKIPPED: strace traces nothing here: %v: %s", err, out)
		}
		checkTrace(t, args, string(trace), bin, root)
	}
}

var opened = regexp.MustCompile(`^\d+ +(?:open\w*|creat)\(.* = \d+<(/[^>]*)>`)

// checkTrace looks for calls that must not be there.
func checkTrace(t *testing.T, args []string, trace, bin, root string) {
	t.Helper()
	temp := os.TempDir()
	opens := 0
	for line := range strings.Lines(trace) {
		_, call, _ := strings.Cut(line, " ")
		call = strings.TrimSpace(call)
		switch {
		case strings.HasPrefix(call, "exec"):
			if !strings.HasPrefix(call, "execve(\""+bin+"\"") && !strings.Contains(call, "execve resumed") {
				t.Errorf("%v: starts another program: %s", args, call)
			}
		case opened.MatchString(line):
			opens++
			name := opened.FindStringSubmatch(line)[1]
			ours := name == bin || name == root || strings.HasPrefix(name, root+"/") || strings.HasPrefix(name, temp)
			if !ours && !slices.ContainsFunc(systemFiles, func(p string) bool { return strings.HasPrefix(name, p) }) {
				t.Errorf("%v: opens %s", args, name)
			}
		// strace prints "???" where another thread ended the process before this
		// one's call was read: that call did not begin.
		case strings.HasPrefix(call, "???( <detached"), strings.HasPrefix(call, "???( <unfinished"), strings.HasPrefix(call, "???()"):
		case strings.HasPrefix(call, "open"), strings.HasPrefix(call, "creat"), strings.HasPrefix(call, "<..."), strings.HasPrefix(call, "+++"), strings.HasPrefix(call, "---"):
		case call != "":
			t.Errorf("%v: a call of the network: %s", args, call)
		}
	}
	if opens == 0 {
		t.Errorf("%v: no file was opened: the trace is not read right", args)
	}
}
