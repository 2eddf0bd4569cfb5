package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules"
)

// TestRulesPages fails if the pages on the rules are not what the rules, their doc
// comments and their examples say now; -update writes them.
func TestRulesPages(t *testing.T) {
	bySection := map[string][]*lint.Rule{}
	for _, r := range session.AllRules() {
		page, anchor, _ := strings.Cut(strings.TrimPrefix(rulePage(r.ID), "rules/"), ".md#")
		if anchor != r.ID {
			t.Errorf("%s is mentioned at %s", r.ID, rulePage(r.ID))
		}
		bySection[page] = append(bySection[page], r)
	}
	fresh(t, filepath.Join("docs", "rules.md"), rulesIndex(session.AllRules()))
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

// TestContributing keeps the sample of CONTRIBUTING.md equal to the rule and to the
// first case of its example.
func TestContributing(t *testing.T) {
	page, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	rule, err := os.ReadFile(filepath.Join("rules", "pod", "no_host_pid.go"))
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile(filepath.Join("examples", "rules", "no-host-pid.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(example), "---\n")
	want := string(page)
	for language, text := range map[string]string{"go": string(rule), "yaml": first} {
		open := "```" + language + "\n"
		before, rest, ok := strings.Cut(want, open)
		_, after, closed := strings.Cut(rest, "```\n")
		if !ok || !closed {
			t.Fatalf("CONTRIBUTING.md has no block of %s", language)
		}
		want = before + open + text + "```\n" + after
	}
	fresh(t, "CONTRIBUTING.md", want)
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
	fenced := regexp.MustCompile("(?s)\n```.*?\n```") // examples have links of their own
	for _, page := range append(append(pages, sections...), "README.md", "CONTRIBUTING.md") {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(string(data), ""), -1) {
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

// TestCommandsPage fails if the page on the commands is not what --help says;
// -update writes it.
func TestCommandsPage(t *testing.T) {
	root := (&program{}).command()
	var b strings.Builder
	b.WriteString("# Commands\n\nWhat `kubevet --help` says of each command. This page is generated: a test fails when it is stale.\n")
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		if cmd.Name() == "help" || cmd.Name() == "completion" { // cobra's own
			continue
		}
		about := cmd.Long
		if about == "" {
			about = cmd.Short + "."
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```\n%s\n```\n", cmd.CommandPath(), about, cmd.UseLine())
		rows := ""
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { rows += flagRow(f) })
		if rows != "" {
			b.WriteString("\n| flag | meaning | default |\n|---|---|---|\n" + rows)
		}
	}
	fresh(t, filepath.Join("docs", "commands.md"), b.String())
}

func flagRow(f *pflag.Flag) string {
	value, usage := pflag.UnquoteUsage(f)
	name := "`--" + f.Name
	if f.Shorthand != "" {
		name = "`-" + f.Shorthand + "`, " + name
	}
	if f.Value.Type() != "bool" {
		name += " " + value
	}
	def := f.DefValue
	if def == "[]" || def == "false" || f.Name == "max-per-rule" {
		def = ""
	}
	return fmt.Sprintf("| %s` | %s | %s |\n", name, strings.ReplaceAll(usage, "|", "\\|"), def)
}

// TestFlagsInDocs holds the documentation to the flags that there are: those that
// it names beside a call of kubevet exist.
func TestFlagsInDocs(t *testing.T) {
	root := (&program{}).command()
	flags := map[string]bool{"help": true}
	for _, cmd := range append(root.Commands(), root) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { flags[f.Name] = true })
	}
	named := 0
	pages := []string{"README.md", "CONTRIBUTING.md", "action.yml", ".pre-commit-hooks.yaml"}
	for _, pattern := range []string{"docs/*.md", "docs/ci/*"} {
		l, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, l...)
	}
	ours := regexp.MustCompile(`--([a-z][a-z-]+)`)
	others := regexp.MustCompile("(git|go|helm|kustomize|pre-commit|kubectl|ruff|act) [^`|;&]*")
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			for _, m := range ours.FindAllStringSubmatch(line, -1) {
				if flags[m[1]] {
					named++
				} else if strings.Contains(line, "kubevet ") && !strings.Contains(others.FindString(line), m[0]) {
					t.Errorf("%s names %s, which no command has: %s", page, m[0], strings.TrimSpace(line))
				}
			}
		}
	}
	if named < len(flags) {
		t.Errorf("the pages name %d flags; there are %d", named, len(flags))
	}
}

// TestVariablesInDocs: the environment variables that the documentation names are
// read somewhere.
func TestVariablesInDocs(t *testing.T) {
	variable := regexp.MustCompile(`KUBEVET_[A-Z_]+`)
	read := map[string]bool{}
	walk := func(ext, dir string, each func(name string, data []byte)) {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(name) != ext {
				return err
			}
			data, err := os.ReadFile(name)
			each(name, data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	note := func(_ string, data []byte) {
		for _, v := range variable.FindAllString(string(data), -1) {
			read[v] = true
		}
	}
	walk(".go", ".", note)
	walk(".yml", filepath.Join("docs", "ci"), note)
	if len(read) == 0 {
		t.Fatal("no variable is read")
	}
	walk(".md", ".", func(name string, data []byte) {
		for _, v := range variable.FindAllString(string(data), -1) {
			if !read[v] {
				t.Errorf("%s names %s, which nothing reads", name, v)
			}
		}
	})
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
			t.Fatalf("%s:%d is stale: %q, want %q; `go test ./internal/cli -update` writes it", name, i+1, a[i], b[i])
		}
	}
	t.Fatalf("%s has %d lines, want %d; `go test ./internal/cli -update` writes it", name, len(a), len(b))
}

func rulesIndex(all []*lint.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Rules

kubevet has %d rules. `+"`kubevet explain RULE`"+` prints what the pages below say; `+"`kubevet rules`"+` lists them. The recommended
profile is the default; `+"`--profile strict`"+` adds the rules marked so. These pages are generated from the rules, their doc comments
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
	fmt.Fprintf(b, "- fix: %s\n", r.FixText())
	if rules.Find(r.ID) == nil {
		b.WriteString("\n[Ignoring findings](../ignores.md) shows such comments.\n")
		return nil
	}
	name, example, err := examples.Of(r.ID)
	if err != nil {
		return err
	}
	language := "yaml"
	if filepath.Ext(name) == ".txtar" {
		language = "text"
	}
	fmt.Fprintf(b, "\n```%s\n%s```\n", language, example)
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
		args := strings.Fields(command)
		if args[0] != "checklist" {
			args = append(args, "--format", "terminal") // as a person sees it
		}
		if code := Main(args, nil, &out, &errOut); code > lint.ExitFindings {
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

// TestChecklistPage keeps docs/checklist.html what kubevet checklist writes about
// examples/platform; -update writes it.
func TestChecklistPage(t *testing.T) {
	dir, page := t.TempDir(), filepath.Join(t.TempDir(), "checklist.html")
	if err := os.CopyFS(filepath.Join(dir, "examples", "platform"), os.DirFS(filepath.Join("examples", "platform"))); err != nil {
		t.Fatal(err)
	}
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir) // away from the repository, whose revision would be on the page
	var out, errOut strings.Builder
	if code := Main([]string{"checklist", "examples/platform", "--now", "2026-06-01", "-o", "html=" + page}, nil, &out, &errOut); code > lint.ExitFindings {
		t.Fatalf("exit code %d: %s%s", code, out.String(), errOut.String())
	}
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(home)
	fresh(t, filepath.Join("docs", "checklist.html"), string(data))
}
