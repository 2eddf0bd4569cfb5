package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint/report"
)

// complete has the shell complete the values of a command's flags. Those that are
// not among these are files, or anybody's guess.
func complete(cmd *cobra.Command) {
	for name, values := range map[string]cobra.CompletionFunc{
		"color":           words("auto", "always", "never"),
		"fail-on":         words("critical", "high", "medium", "low", "none"),
		"format":          words(report.Formats()...),
		"load-restrictor": words(restrictedLoad, freeLoad),
		"output":          completeOutput,
		"pod-security":    words("privileged", "baseline", "restricted"),
		"profile":         words("recommended", "strict"),
		"rule":            completeRules,
		"skip":            completeRules,
		"subcharts":       words("report", "warn", "ignore"),
	} {
		if f := cmd.Flags().Lookup(name); f == nil {
			continue
		}
		switch cmd.Name() {
		case "rules":
			values = words("text", "json") // --format is all it has
		case "network":
			if name == "format" {
				values = words("text", "json", "dot")
			}
		}
		// An error: the flag does not exist, or has a function. Neither is so.
		_ = cmd.RegisterFlagCompletionFunc(name, values)
	}
}

func words(l ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(l, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
}

// completedRules are the ids of all rules, each with its title.
func completedRules() []string {
	var l []string
	for _, r := range session.KnownRules() {
		l = append(l, r.ID+"\t"+r.Title)
	}
	return l
}

// completeRules completes the last of several ids with commas between.
func completeRules(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	before := word[:strings.LastIndexByte(word, ',')+1]
	l := completedRules()
	for i := range l {
		l[i] = before + l[i]
	}
	return l, cobra.ShellCompDirectiveNoFileComp
}

// completeOutput completes the format; the file that follows is one to be written.
func completeOutput(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	if strings.Contains(word, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var l []string
	for _, f := range report.Formats() {
		l = append(l, f+"=")
	}
	return l, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}
