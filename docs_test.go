package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules"
)

// TestRulesPages fails if the pages on the rules are not what the rules, their doc
// comments and their examples say now; -update writes them.
func TestRulesPages(t *testing.T) {
	bySection := map[string][]*lint.Rule{}
	for _, r := range allRules() {
		page, anchor, _ := strings.Cut(strings.TrimPrefix(rulePage(r.ID), "rules/"), ".md#")
		if anchor != r.ID {
			t.Errorf("%s is told of at %s", r.ID, rulePage(r.ID))
		}
		bySection[page] = append(bySection[page], r)
	}
	fresh(t, filepath.Join("docs", "rules.md"), rulesIndex(allRules()))
	for section, l := range bySection {
		want, err := rulesPage(section, l)
		if err != nil {
			t.Fatal(err)
		}
		fresh(t, filepath.Join("docs", "rules", section+".md"), want)
	}
	files, err := os.ReadDir(filepath.Join("docs", "rules"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if bySection[strings.TrimSuffix(f.Name(), ".md")] == nil {
			t.Errorf("docs/rules/%s is no section's page", f.Name())
		}
	}
}

// TestLinks follows every link of the documentation to a file of the repository,
// and to a heading in it.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections, err := filepath.Glob(filepath.Join("docs", "rules", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^):]+)\)`)
	for _, page := range append(append(pages, sections...), "README.md", "CONTRIBUTING.md") {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			name, anchor, _ := strings.Cut(m[1], "#")
			target := page
			if name != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(name))
			}
			text, err := os.ReadFile(target)
			if info, statErr := os.Stat(target); statErr == nil && info.IsDir() {
				continue
			}
			if err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(headings(string(text)), anchor) {
				t.Errorf("%s: %s has no heading %s", page, target, anchor)
			}
		}
	}
}

// headings are the anchors of the headings of a page, as GitHub makes them.
func headings(page string) []string {
	var l []string
	for line := range strings.Lines(page) {
		if text, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			text = strings.ToLower(strings.TrimSpace(text))
			l = append(l, strings.ReplaceAll(regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(text, ""), " ", "-"))
		}
	}
	return l
}

// fresh compares a generated file with what it should be.
func fresh(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
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

func rulesIndex(all []*lint.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Rules

kubevet has %d rules. `+"`kubevet explain RULE`"+` prints what the pages below say; `+"`kubevet rules`"+` lists them. The recommended
profile is the default; `+"`--profile checklist`"+` adds the rules marked so. These pages are generated from the rules, their doc comments
and their examples: a test fails when they are stale.
`, len(all))
	page := ""
	for _, r := range all {
		at := rulePage(r.ID)
		if this, _, _ := strings.Cut(at, "#"); this != page {
			page = this
			fmt.Fprintf(&b, "\n## %s\n\n| rule | severity | profile | reports |\n|---|---|---|---|\n", strings.TrimSuffix(filepath.Base(page), ".md"))
		}
		fmt.Fprintf(&b, "| [%s](%s) | %s | %s | %s |\n", r.ID, at, r.Severity, r.Profile, r.Title)
	}
	return b.String()
}

func rulesPage(section string, l []*lint.Rule) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Rules: %s\n\n[All rules](../rules.md)\n", section)
	for _, r := range l {
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
		b.WriteString("\n[Ignoring findings](../ignores.md) shows such comments.\n")
		return nil
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
