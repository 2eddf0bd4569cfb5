package cli

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/lint/suggest"
)

func (p *program) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE|PROBLEM",
		Short: "Explain a rule, or a kind of problem: what it reports, why, and how to fix it",
		Example: `  kubevet explain no-host-pid
  kubevet explain remote-base`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("explain takes one rule or kind of problem; `kubevet rules` lists the rules")
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
			return l, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if k, ok := problemKind(args[0]); ok {
				return explainProblem(p.out, k)
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

// exampleOf is the first document of a rule's example, without what tests need.
// Empty: there is none.
func exampleOf(id string) string {
	text, err := fs.ReadFile(examples.Files, id+".yaml")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), "\n---\n")
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

// closestKind adds the kind of problem that may have been meant.
func closestKind(name string, err error) error {
	var codes []string
	for _, k := range lint.ProblemKinds {
		codes = append(codes, string(k.Code))
	}
	if c := suggest.Closest(name, codes); c != "" && !strings.Contains(err.Error(), "did you mean") {
		return fmt.Errorf("%q is neither a rule nor a kind of problem; did you mean %q", name, c)
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
