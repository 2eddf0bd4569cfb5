package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/rules"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

func (p *program) rulesCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			switch strings.ToLower(format) {
			case "json":
				return report.RulesJSON(p.out, session.AllRules())
			case "text":
				return report.RulesText(p.out, session.AllRules())
			}
			return usagef("--format: unknown format %q; want text or json", format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "output `FORMAT`: text or json")
	return cmd
}

// docsAddress is where the documentation is read.
const docsAddress = "https://github.com/kubevet/kubevet/blob/main/docs/"

// ruleURI is the web page on a rule.
func ruleURI(id string) string { return docsAddress + rulePage(id) }

// rulePage is the page below docs on a rule, with the place there.
func rulePage(id string) string {
	section := rules.Section(id)
	if _, ok := podsecurity.Explain(id); ok {
		return "commands.md" // which describes --pod-security
	}
	if section == "" {
		section = "ignores" // the rules about comments
	}
	return "rules/" + section + ".md#" + id
}

// ruleDoc is the documentation of a rule, empty for one that has none.
func ruleDoc(id string) string {
	if text, ok := podsecurity.Explain(id); ok {
		return text
	}
	doc, err := rules.Doc(id)
	for _, r := range ignore.Rules() {
		if r.ID == id {
			doc, err = rules.DocIn(&ignore.Source, r)
		}
	}
	if err != nil {
		return ""
	}
	return doc.Text()
}
