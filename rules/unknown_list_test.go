package rules

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

// needWholeLists names the rules that report what a list lacks, or compare lists with each
// other, with a part of the path. An unknown element may be what is lacking.
var needWholeLists = map[string]string{
	"effective-rbac-rule":                  "rules",
	"network-policy-egress":                "", // an unknown value of a selector may select the pods
	"network-policy-ingress":               "",
	"no-metadata-api-egress":               "toEntities", // an unknown address may be denied
	"drop-all-capabilities":                ".drop",
	"pod-security-capabilities-restricted": ".drop",
	"admission-policy-bound":               "validationActions",
	"encryption-at-rest":                   "].",
	"token-expiration":                     "].",
	"control-plane-tls":                    "",
}

// TestUnknownElements appends a placeholder to each list of text in the examples. The known
// elements must be reported as before, and nothing else.
func TestUnknownElements(t *testing.T) {
	t.Parallel()
	l := append(All(), podsecurity.Rules(podsecurity.Restricted, lint.Newest)...)
	tried := 0
	for _, name := range exampleFiles(t) {
		documents := exampleDocuments(t, name)
		before := messagesOf(documents, l)
		for _, list := range scalarLists(documents) {
			was := list.Content
			list.Content = slices.Concat(was, []*yaml.Node{unknownElement(list)})
			after := messagesOf(documents, l)
			list.Content = was
			for m, f := range before {
				part, exempt := needWholeLists[f.Rule.ID]
				if after[m] == nil && (!exempt || !strings.Contains(f.Path, part)) && !lacksFlag(f) {
					t.Errorf("%s:%d: %s is silent: %s", name, list.Line, f.Rule.ID, f.Message)
				}
			}
			for m, f := range after {
				if before[m] == nil {
					t.Errorf("%s:%d: %s reports what is unknown: %s", name, list.Line, f.Rule.ID, f.Message)
				}
			}
			tried++
		}
	}
	if tried < 150 {
		t.Errorf("only %d lists were tried", tried)
	}
}

// lacksFlag reports whether a finding says that a program is started without a flag, which
// an unknown element of its command line may be.
func lacksFlag(f *lint.Finding) bool {
	section := Section(f.Rule.ID)
	return (section == "controlplane" || section == "admission") && strings.Contains(f.Message, " starts ") && strings.Contains(f.Message, " without ")
}

func unknownElement(list *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: "${EXTRA}", Line: list.Line, Column: 9999}
}

// messagesOf runs rules on documents. Findings differ by rule, object and message.
func messagesOf(documents []*yaml.Node, l []*lint.Rule) map[string]*lint.Finding {
	u := &lint.Unit{Input: "test"}
	for _, n := range documents {
		if o, ok := lint.NewObject(n, scalarsAt{}); ok {
			u.Objects = append(u.Objects, o)
		}
	}
	c := lint.Checker{Rules: l, Version: lint.Newest, Profile: lint.Strict}
	findings, _ := c.Check(u)
	m := map[string]*lint.Finding{}
	for _, f := range findings {
		m[f.Rule.ID+" "+f.Object.String()+" "+f.Message] = f
	}
	return m
}

// scalarLists returns the lists of documents whose elements are scalars, but for the
// policyTypes of network policies: an unknown type changes what all rules mean.
func scalarLists(documents []*yaml.Node) (l []*yaml.Node) {
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.SequenceNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.ScalarNode {
			l = append(l, n)
		}
		for i, c := range n.Content {
			if i == 0 || n.Kind != yaml.MappingNode || n.Content[i-1].Value != "policyTypes" {
				walk(c)
			}
		}
	}
	for _, d := range documents {
		walk(d)
	}
	return l
}
