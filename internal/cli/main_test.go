package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/report"
)

var update = flag.Bool("update", false, "write generated files and expected outputs anew")

// TestMain runs the tests from the root of the repository, where the README, docs
// and examples are. Under the name of the program it is the program.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "kubevet" {
		if err := os.Chdir(filepath.Join("..", "..")); err != nil {
			panic(err)
		}
	}
	testscript.Main(m, map[string]func(){
		"kubevet": func() {
			lowerLimits()
			os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs the program as a user would: arguments, files, output, exit code.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("internal", "cli", "testdata", "script"),
		UpdateScripts: *update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "without-tool": withoutTool},
	})
}

// exits runs the program and holds it to an exit code: exits 1 charts/web.
// Its output is left for stdout, stderr and cmp.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: exits CODE [ARG…]")
	}
	code := 0
	if err := ts.Exec("kubevet", args[1:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Check(err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// withoutTool writes what the program printed to a file, without the tool that JSON names:
// it differs with each rule. Usage: without-tool FILE.
func withoutTool(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: without-tool FILE")
	}
	text := ts.ReadFile("stdout")
	before, rest, ok := strings.Cut(text, "  \"tool\": {\n    \"name\": \"kubevet\",\n")
	_, after, closed := strings.Cut(rest, "\n  },\n")
	if !ok || !closed {
		ts.Fatalf("the output names no tool")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(before+after), 0o600))
}

// Two runs, and runs with one and with eight workers, give the same bytes.
func TestSameBytes(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var first string
		for _, jobs := range []string{"1", "8", "8", "2"} {
			var out, errOut bytes.Buffer
			Main([]string{"examples", "--format", format, "--profile", "checklist", "--jobs", jobs}, nil, &out, &errOut)
			if errOut.Len() > 0 || out.Len() == 0 {
				t.Fatalf("%d bytes of output, errors: %s", out.Len(), errOut.String())
			}
			if first == "" {
				first = out.String()
			} else if out.String() != first {
				t.Errorf("--format %s --jobs %s: other bytes than --jobs 1: %s", format, jobs, firstDifference(first, out.String()))
			}
		}
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %q and %q", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

// JSON output must be what docs/report.schema.json says.
func TestJSONSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("docs", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("apiVersion: v1\nkind: [\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"examples"}, {"examples", "--rule", "no-host-pid"}, {"docs"}, {filepath.Base(broken)}} {
		if args[0] == filepath.Base(broken) {
			t.Chdir(filepath.Dir(broken)) // reports name no path above the working directory
		}
		var out, errOut bytes.Buffer
		code := Main(append(args, "--format", "json"), nil, &out, &errOut)
		if code == lint.ExitUsage {
			t.Fatalf("%v: %s", args, errOut.String())
		}
		doc, err := jsonschema.UnmarshalJSON(&out)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// The findings of no files are none, and can be reported in every format.
func TestNoFiles(t *testing.T) {
	for _, format := range report.Formats() {
		var out, errOut strings.Builder
		if code := Main([]string{"--files", "--format", format}, nil, &out, &errOut); code != lint.ExitClean || errOut.Len() > 0 {
			t.Errorf("%s: exit code %d: %s", format, code, errOut.String())
		}
	}
}

// Reports on the checklist must be what docs/checklist.schema.json says, each verdict
// among them.
func TestChecklistSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("docs", "checklist.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(".kubevet.yaml", `attestations:
- {item: ops-training, by: Ada, date: 2026-05-01, evidence: the minutes}
- {item: ops-onboarding, by: Ada, date: 2023-01-01, evidence: the minutes}
not-applicable:
- {item: auth-bug-bounty, reason: not a product, by: Ada, date: 2026-05-01}
`)
	write("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {hostPID: true, containers: [{name: web, image: web}]}\n")
	write("release.yaml", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a, namespace: shop}\nspec: {chart: {spec: {chart: a, sourceRef: {kind: HelmRepository, name: a}}}}\n")
	first, second := filepath.Join(dir, "first.json"), filepath.Join(dir, "second.json")
	seen := map[string]bool{}
	for _, args := range [][]string{
		{"checklist", dir, "-o", "json=" + first},
		{"checklist", "examples/platform", "-o", "json=" + second},
		{"checklist", "examples/platform", "--section", "pod"},
		{"checklist", "examples/platform", "--standard", "cis"},
		{"checklist", "examples/platform", "--standard", "nsa"},
		{"checklist", "examples/platform", "--standard", "pss"},
		{"checklist", "examples/platform", "--standard", "owasp"},
		{"merge", first, second},
	} {
		if args[0] == "checklist" {
			args = append(args, "--now", "2026-06-01")
		}
		var out, errOut bytes.Buffer
		if code := Main(append(args, "--format", "json"), nil, &out, &errOut); code == lint.ExitUsage {
			t.Fatalf("%v: %s", args, errOut.String())
		}
		doc, err := jsonschema.UnmarshalJSON(&out)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%v: %v", args, err)
		}
		report := doc.(map[string]any)
		seen["notes"] = seen["notes"] || report["notes"] != nil
		for _, i := range report["items"].([]any) {
			seen[i.(map[string]any)["verdict"].(string)] = true
		}
	}
	for _, v := range append([]checklist.Verdict{"notes"}, checklist.Verdicts...) {
		if !seen[string(v)] {
			t.Errorf("no report has %s", v)
		}
	}
}
