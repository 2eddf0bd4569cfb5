package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules"
)

// TestRulesPage fails if docs/rules.md is not what the rules, their doc
// comments and their examples say now; -update writes it.
func TestRulesPage(t *testing.T) {
	want, err := rulesPage()
	if err != nil {
		t.Fatal(err)
	}
	fresh(t, filepath.Join("docs", "rules.md"), want)
}

// fresh compares a generated file with what it should be.
func fresh(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) == want {
		return
	}
	a, b := strings.Split(string(have), "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s:%d is stale: %q, want %q; `go test . -update` writes it", name, i+1, a[i], b[i])
		}
	}
	t.Fatalf("%s has %d lines, want %d; `go test . -update` writes it", name, len(a), len(b))
}

func rulesPage() (string, error) {
	var b strings.Builder
	all := allRules()
	fmt.Fprintf(&b, `# Rules

kubevet has %d rules. `+"`kubevet explain RULE`"+` prints what stands here; `+"`kubevet rules`"+` lists them. The recommended profile is the
default; `+"`--profile checklist`"+` adds the rules marked so. This page is generated from the rules, their doc comments and their
examples: a test fails when it is stale.

| rule | severity | profile | reports |
|---|---|---|---|
`, len(all))
	for _, r := range all {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", r.ID, r.ID, r.Severity, r.Profile, r.Title)
	}
	for _, r := range all {
		if err := ruleSection(&b, r); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func ruleSection(b *strings.Builder, r *lint.Rule) error {
	doc := ruleDoc(r.ID)
	if doc == "" {
		return fmt.Errorf("rule %s has no documentation", r.ID)
	}
	fmt.Fprintf(b, "\n## %s\n\n%s.\n\n%s\n\n", r.ID, r.Title, doc)
	fmt.Fprintf(b, "- severity: %s, profile: %s\n", r.Severity, r.Profile)
	if len(r.Checklist) > 0 {
		fmt.Fprintf(b, "- checklist: %s\n", strings.Join(r.Checklist, ", "))
	}
	for _, ref := range r.Refs {
		fmt.Fprintf(b, "- asked by: %s, %s\n", ref.Standard, ref.Control)
	}
	fmt.Fprintf(b, "- fix: %s\n", r.Fix)
	if rules.Find(r.ID) == nil {
		return nil // about comments: docs/ignores.md shows them
	}
	example, err := os.ReadFile(filepath.Join("examples", r.ID+".yaml"))
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "\n```yaml\n%s```\n", example)
	return nil
}

// TestConsole holds every ```console block of the README to what the program
// prints: the first line is the command, the others its output. -update writes them.
func TestConsole(t *testing.T) {
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const open, end = "```console\n$ kubevet ", "```\n"
	blocks := 0
	var page strings.Builder
	rest := string(data)
	for {
		before, block, ok := strings.Cut(rest, open)
		page.WriteString(before)
		if !ok {
			break
		}
		blocks++
		text, after, ok := strings.Cut(block, end)
		if !ok {
			t.Fatalf("block %d does not end", blocks)
		}
		command, _, _ := strings.Cut(text, "\n")
		var out, errOut strings.Builder
		if code := run(strings.Fields(command), nil, &out, &errOut); code > lint.ExitFindings {
			t.Fatalf("kubevet %s: exit code %d: %s%s", command, code, out.String(), errOut.String())
		}
		page.WriteString(open + command + "\n" + out.String() + end)
		rest = after
	}
	if blocks == 0 {
		t.Fatal("the README shows no command")
	}
	fresh(t, "README.md", page.String())
}
