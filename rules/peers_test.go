package rules

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// peerGroups are the groups of checks of other linters that are compared with the rules.
var peerGroups = []string{"api", "images", "pod", "reliability", "resources", "secrets"}

// TestPeers: of what other linters check, each thing has a rule or a reason why it has none
// (testdata/peer-checks.json).
func TestPeers(t *testing.T) {
	var table struct {
		// Rules are the rules that ask what a check asks, by the check.
		Rules map[string][]string `json:"rules"`
		// Without are the checks that no rule asks, by the reason.
		Without map[string][]string `json:"without"`
	}
	readJSON(t, "peer-checks.json", &table)
	listed := map[string]bool{}
	for check, l := range table.Rules {
		listed[check] = true
		for _, id := range l {
			if Find(id) == nil {
				t.Errorf("%s: there is no rule %q", check, id)
			}
		}
		if len(l) == 0 {
			t.Errorf("%s: neither a rule nor a reason", check)
		}
	}
	for reason, l := range table.Without {
		for _, check := range l {
			if listed[check] || reason == "" {
				t.Errorf("%s: listed twice, or without a reason", check)
			}
			listed[check] = true
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "shared", "peer-checks.tsv"))
	if err != nil {
		t.Skip("SKIPPED: the table of other linters' checks is not at hand:", err)
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(line, "\t")
		if len(f) > 2 && slices.Contains(peerGroups, f[1]) && !listed[f[0]] {
			t.Errorf("%s has neither a rule nor a reason: %s", f[0], f[2])
		}
		delete(listed, f[0])
	}
	for check := range listed {
		t.Errorf("%s: no other linter checks that", check)
	}
}

// TestChecklist: each rule that the checklist names exists.
func TestChecklist(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "shared", "checklist.md"))
	if err != nil {
		t.Skip("SKIPPED: the checklist is not at hand:", err)
	}
	items, named := 0, regexp.MustCompile("`([a-z0-9]+(?:-[a-z0-9]+)+)`")
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 || !regexp.MustCompile(`^ [a-z]+-`).MatchString(cells[1]) {
			continue
		}
		items++
		for _, m := range named.FindAllStringSubmatch(cells[4], -1) {
			if Find(m[1]) == nil {
				t.Errorf("%s names rule %s, which does not exist", strings.TrimSpace(cells[1]), m[1])
			}
		}
	}
	if items == 0 {
		t.Error("the checklist has no such items")
	}
}
