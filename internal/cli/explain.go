package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/tools/txtar"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/lint/suggest"
)

func (p *program) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE|PROBLEM|ITEM",
		Short: "Explain a rule, a kind of problem, or an item of the checklist",
		Example: `  kubevet explain no-host-pid
  kubevet explain remote-base
  kubevet explain pod-run-as-user`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("explain takes one rule, kind of problem or item of the checklist; `kubevet rules` lists the rules")
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			l := completedRules()
			for _, k := range lint.ProblemKinds {
				l = append(l, string(k.Code)+"\t"+k.Title)
			}
			for _, i := range checklist.Items {
				l = append(l, i.ID+"\t"+i.Title)
			}
			return l, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if k, ok := problemKind(args[0]); ok {
				return explainProblem(p.out, k)
			}
			if i, ok := checklist.Find(strings.ToLower(args[0])); ok {
				return explainItem(p.out, i)
			}
			r, err := session.FindRule(args[0])
			if err != nil {
				return &session.UsageError{Err: closestKind(args[0], err)}
			}
			return explainRule(p.out, r)
		},
	}
}

// explainRule prints what is known of a rule, how it looks and how to disable it.
func explainRule(out io.Writer, r *lint.Rule) error {
	if err := report.Explain(out, r, ruleDoc(r.ID)); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "docs:      %s\n", ruleURI(r.ID))
	if example := exampleOf(r.ID); example != "" {
		b.WriteString("\nExample:\n\n")
		for line := range strings.Lines(example) {
			b.WriteString("  " + line)
		}
	}
	fmt.Fprintf(&b, `
To accept one finding, write above its line:

  # kubevet:ignore %[1]s the reason why

To disable the rule, write in %[2]s:

  rules:
    %[1]s: off
`, r.ID, config.FileName)
	_, err := io.WriteString(out, b.String())
	return err
}

// exampleOf is the first document or file of a rule's example, without what tests need.
// It is empty if there is none.
func exampleOf(id string) string {
	_, text, err := examples.Of(id)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), "\n---\n")
	if a := txtar.Parse(text); len(a.Files) > 0 {
		first = string(a.Files[0].Data)
	}
	var b strings.Builder
	for line := range strings.Lines(first + "\n") {
		before, _, isWant := strings.Cut(line, "# want")
		switch {
		case !isWant:
			b.WriteString(line)
		case strings.TrimSpace(before) != "":
			b.WriteString(strings.TrimRight(before, " ") + "\n")
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func problemKind(code string) (lint.ProblemKind, bool) {
	i := slices.IndexFunc(lint.ProblemKinds, func(k lint.ProblemKind) bool { return strings.EqualFold(string(k.Code), code) })
	if i < 0 {
		return lint.ProblemKind{}, false
	}
	return lint.ProblemKinds[i], true
}

// explainItem prints what an item of the checklist requires, and what decides it.
func explainItem(out io.Writer, i checklist.Item) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nsection:   %s\ndecided:   by %s\n", i.ID, i.Title, i.Section().Title, i.Decided)
	if i.Evidence != "" {
		fmt.Fprintf(&b, "files:     %s\n", i.Evidence)
	}
	deciding, other := checklist.RulesOf(i, session.AllRules())
	for _, l := range []struct {
		label string
		rules []string
	}{{"rules:", deciding}, {"advice:", other}} {
		for n, id := range l.rules {
			if n > 0 {
				l.label = ""
			}
			fmt.Fprintf(&b, "%-10s %s\n", l.label, id)
		}
	}
	if i.Decided != checklist.ByFiles {
		fmt.Fprintf(&b, `
To attest it for %d months at most, write in %s:

  attestations:
  - item: %s
    by: the name of a person
    date: the day on which they found it to be true, as 2026-05-01
    evidence: a link, or a file of the repository
`, i.MaxAge, config.FileName, i.ID)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// closestKind adds the kind of problem that may have been meant.
func closestKind(name string, err error) error {
	var codes []string
	for _, k := range lint.ProblemKinds {
		codes = append(codes, string(k.Code))
	}
	codes = append(codes, checklist.IDs()...)
	if c := suggest.Closest(name, codes); c != "" && !strings.Contains(err.Error(), "did you mean") {
		return fmt.Errorf("%q is no rule, no kind of problem and no item of the checklist; did you mean %q", name, c)
	}
	return err
}

// explainProblem prints what a kind of problem means.
func explainProblem(out io.Writer, k lint.ProblemKind) error {
	_, err := fmt.Fprintf(out, "%s: %s\n\n%s\n\nThis is a problem, no finding: something was not checked, and the exit code is 3.\nfix:       %s\n",
		k.Code, k.Title, k.Explanation, k.Help)
	if err == nil && k.Code.Acceptable() {
		_, err = fmt.Fprintf(out, "\nTo accept it, in the configuration:\n\n  problems:\n  - code: %s\n    path: a/path.yaml\n    reason: why it is all right\n", k.Code)
	}
	return err
}
