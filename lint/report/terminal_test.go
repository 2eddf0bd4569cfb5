package report

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/columns"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test ./lint/report -update writes it anew; got:\n%s", file, got)
	}
}

func terminalText(t *testing.T, r *lint.Report, opts TextOptions) string {
	t.Helper()
	return write(t, "text", r, Options{Text: opts})
}

func TestTerminalGolden(t *testing.T) {
	golden(t, "many.pipe.txt", terminalText(t, many(), TextOptions{}))
	golden(t, "many.terminal.txt", terminalText(t, many(), TextOptions{Columns: 60}))
	golden(t, "ignored.terminal.txt", terminalText(t, withIgnored(), TextOptions{Columns: 80, ShowIgnored: true}))
	golden(t, "lots.terminal.txt", terminalText(t, lots(60), TextOptions{Columns: 70, MaxPerRule: 1}))
}

// The layout has every message, rule, fix and object, wherever lines break.
func TestTerminalWords(t *testing.T) {
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	for _, wide := range []int{10, 40, 60, 100, 1000} {
		text := words(terminalText(t, many(), TextOptions{Columns: wide}))
		for _, f := range many().Findings {
			for _, want := range []string{plain.Text(f.Message + extent(f)), f.Rule.ID, f.Object.String(), f.Fix.Title} {
				if !strings.Contains(text, words(want)) {
					t.Errorf("%d columns: %q is missing", wide, want)
				}
			}
		}
	}
}

// No line is wider than the terminal, but for a word that is.
func TestTerminalWidth(t *testing.T) {
	for _, wide := range []int{40, 60, 100} {
		for line := range strings.Lines(terminalText(t, many(), TextOptions{Columns: wide})) {
			line = strings.TrimRight(line, "\n")
			words := strings.Fields(line)
			if columns.Of(line) > wide && len(words) > 3 {
				t.Errorf("%d columns: %d in %q", wide, columns.Of(line), line)
			}
		}
	}
}

// Source lines are cut to the terminal, with the value still marked.
func TestTerminalSnippet(t *testing.T) {
	o := lint.Origin{
		Position: lint.Position{File: "a.yaml", Line: 12, Column: 150, EndColumn: 155},
		Text:     strings.Repeat("世", 149) + "VALUE" + strings.Repeat("b", 100),
	}
	for _, text := range []string{o.Text, strings.Repeat("a", 149) + "VALUE", strings.Repeat("e\u0301", 74) + "aVALUE"} {
		o.Text = text
		r := single()
		r.Findings[0].Origin = o
		lines := strings.Split(terminalText(t, r, TextOptions{Columns: 50}), "\n")
		marked := false
		for i, line := range lines {
			if before, _, ok := strings.Cut(line, "VALUE"); ok {
				under, _, ok := strings.Cut(lines[i+1], "^^^^^")
				marked = ok && columns.Of(before) == columns.Of(under)
			}
		}
		if !marked {
			t.Errorf("the value is not marked:\n%s", strings.Join(lines, "\n"))
		}
	}
}

func TestMaxPerRule(t *testing.T) {
	for _, n := range []int{0, 1, 3, 100} {
		for _, quiet := range []bool{false, true} {
			text := terminalText(t, lots(40), TextOptions{MaxPerRule: n, Quiet: quiet})
			shown := strings.Count(text, "pod is not as it should be")
			want, left := 40, ""
			if n > 0 && n < 10 {
				want = 4 * n
				left = tally{lint.Critical: 10 - n, lint.High: 10 - n, lint.Medium: 10 - n, lint.Low: 10 - n}.String()
			}
			if shown != want {
				t.Errorf("%d a rule: %d are listed, want %d", n, shown, want)
			}
			if got := strings.Contains(text, "not listed, for --max-per-rule"); got != (left != "") || !strings.Contains(text, left) {
				t.Errorf("%d a rule: want %q:\n%s", n, left, text)
			}
			if !quiet && !strings.Contains(text, "\n40 findings (10 critical, 10 high, 10 medium, 10 low), 0 problems\n") {
				t.Errorf("%d a rule: the summary counts something else:\n%s", n, text)
			}
		}
	}
}

// Of one rule the worst are listed.
func TestMaxPerRuleWorst(t *testing.T) {
	r := lots(8)
	for _, f := range r.Findings {
		f.Rule = hostPath
	}
	text := terminalText(t, r, TextOptions{MaxPerRule: 3, Quiet: true})
	const want = "pods.yaml:4: critical: pod is not as it should be [no-host-path]\n" +
		"pods.yaml:8: critical: pod is not as it should be [no-host-path]\n" +
		"pods.yaml:3: high: pod is not as it should be [no-host-path]\n" +
		"not listed, for --max-per-rule 3: 5 findings (1 high, 2 medium, 2 low)\n"
	if text != want {
		t.Errorf("got:\n%s", text)
	}
}

// The other formats list everything.
func TestMaxPerRuleOfText(t *testing.T) {
	for _, format := range Formats() {
		if format == "text" || format == "terminal" {
			continue
		}
		opts := testOptions()
		want := write(t, format, many(), opts)
		opts.Text = TextOptions{MaxPerRule: 1, Columns: 60, FileLink: func(string) string { return "file:///x" }}
		if write(t, format, many(), opts) != want {
			t.Errorf("%s: options of the text change it", format)
		}
	}
}

func TestHyperlinks(t *testing.T) {
	opts := TextOptions{
		Columns:  60,
		FileLink: func(file string) string { return "file:///tree/" + file },
		RuleLink: func(id string) string { return "https://rules.example/" + id },
	}
	text := terminalText(t, single(), opts)
	for _, want := range []string{
		"\x1b]8;;file:///tree/web.yaml\x1b\\web.yaml\x1b]8;;\x1b\\\n",
		"  \x1b]8;;file:///tree/web.yaml\x1b\\12:7\x1b]8;;\x1b\\    critical ",
		" \x1b]8;;https://rules.example/no-host-path\x1b\\no-host-path\x1b]8;;\x1b\\\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%q", want, text)
		}
	}
	// Without the links it is the same text.
	links := regexp.MustCompile("\x1b]8;;[^\x1b]*\x1b\\\\")
	for _, r := range []*lint.Report{single(), many(), withIgnored(), lots(60)} {
		opts.ShowIgnored, opts.MaxPerRule = true, 2
		with := terminalText(t, r, opts)
		without := terminalText(t, r, TextOptions{Columns: opts.Columns, ShowIgnored: true, MaxPerRule: 2})
		if links.ReplaceAllString(with, "") != without {
			t.Errorf("links change the text:\n%q\n%q", with, without)
		}
	}
}

// What the input holds reaches no terminal as a command.
func TestNoControlCharacters(t *testing.T) {
	r := many()
	for _, f := range r.Findings {
		f.Origin.File = "a\x1b]8;;http://evil\x1b\\\u009b31m.yaml"
		f.Origin.Trail = append(f.Origin.Trail, lint.Step{Kind: lint.StepValues, Label: "a\x1b[2J", Position: lint.Position{File: "v\x07.yaml", Line: 1}})
		f.Related = append(f.Related, lint.RelatedPlace{Label: "b\x1b[2J", Position: lint.Position{File: "r\x07.yaml", Line: 1}})
		f.Container, f.Fix.Title = "c\x1b[2J", "set it to \x1b[2J"
		f.Occurrences[0].Object.Name, f.Occurrences[0].Scenario = "n\x1b[2J", "s\x1b[2J"
	}
	for i := range r.Problems {
		r.Problems[i].File, r.Problems[i].Help, r.Problems[i].Detail = "p\x1b[2J.yaml", "h\x1b[2J", "d\x1b[2J\n"
	}
	r.Ignored = r.Findings
	r.Summary.Skipped = []lint.Skip{{File: "s\x1b[2J", Reason: "r\x1b[2J"}}
	r.Summary.Unrendered = []string{"u\x1b[2J"}
	for _, wide := range []int{0, 60} {
		ignored := *r
		ignored.Ignored = nil
		text := terminalText(t, &ignored, TextOptions{Columns: wide, Verbose: true, MaxPerRule: 1})
		if i := strings.IndexFunc(text, func(c rune) bool { return c < ' ' && c != '\n' || c >= 0x7f && c < 0xa0 }); i >= 0 {
			t.Errorf("%d columns: %q", wide, text[max(0, i-40):i+10])
		}
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"世界", 4, "世界"},
		{"世界世", 4, "世…"},
		{"a\tb\x1b[31m", 20, "a b?[31m"},
		{"abc", 1, "…"},
		{"abc", 0, "…"},
	} {
		if got := columns.Fit(c.text, c.columns); got != c.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}
