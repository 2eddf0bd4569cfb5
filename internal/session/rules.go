package session

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/rules"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

// selectRules lists the rules that a configuration chooses, or only those of
// --rule, without those of --skip. With --pod-security it is that level's checks.
func (s *Session) selectRules(c *config.Config) ([]*lint.Rule, error) {
	if s.PodSecurity != "" {
		level, version, err := podsecurity.Parse(s.PodSecurity, c.KubeVersion)
		if err != nil {
			return nil, usagef("--pod-security: %w", err)
		}
		return s.filter(podsecurity.Rules(level, version))
	}
	only, err := ruleIDs("--rule", s.Rules)
	if err != nil {
		return nil, err
	}
	skip, err := ruleIDs("--skip", s.Skip)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(only, func(id string) bool { _, ok := podsecurity.Explain(id); return ok }); i >= 0 {
		return nil, usagef("--rule: %s runs with --pod-security only", only[i])
	}
	var selected []*lint.Rule
	for _, r := range withSeverity(c, only) {
		if !slices.Contains(skip, r.ID) {
			selected = append(selected, r)
		}
	}
	if len(selected) == 0 {
		return nil, usagef("no rule is left to check: --skip takes away all that --rule or the profile gives")
	}
	return selected, nil
}

// filter lists those of some rules that --rule names, or all, without those of --skip.
func (s *Session) filter(l []*lint.Rule) ([]*lint.Rule, error) {
	only, err := ruleIDs("--rule", s.Rules)
	if err != nil {
		return nil, err
	}
	skip, err := ruleIDs("--skip", s.Skip)
	if err != nil {
		return nil, err
	}
	l = slices.DeleteFunc(l, func(r *lint.Rule) bool {
		return len(only) > 0 && !slices.Contains(only, r.ID) || slices.Contains(skip, r.ID)
	})
	if len(l) == 0 {
		return nil, usagef("no rule is left to check: --rule and --skip take away all that --pod-security gives")
	}
	return l, nil
}

// withSeverity lists the rules with the severity that the configuration gives
// them: those named, or if none is named those that it chooses.
func withSeverity(c *config.Config, only []string) []*lint.Rule {
	chosen := c.Select(AllRules())
	if len(only) == 0 {
		return chosen
	}
	var l []*lint.Rule
	for _, r := range AllRules() {
		if !slices.Contains(only, r.ID) {
			continue
		}
		if i := slices.IndexFunc(chosen, func(s *lint.Rule) bool { return s.ID == r.ID }); i >= 0 {
			r = chosen[i]
		}
		l = append(l, r)
	}
	return l
}

// AllRules lists every rule, those about ignores included.
func AllRules() []*lint.Rule { return append(rules.All(), ignore.Rules()...) }

// KnownRules lists the rules whose ids users may name: AllRules, and those that run with
// --pod-security.
func KnownRules() []*lint.Rule { return append(AllRules(), podsecurity.AllRules()...) }

// ruleIDs reads the ids of a flag; former ones become the present ones.
func ruleIDs(flag string, ids []string) ([]string, error) {
	var l []string
	for _, id := range ids {
		r, err := FindRule(strings.TrimSpace(id))
		if err != nil {
			return nil, usagef("%s: %w", flag, err)
		}
		l = append(l, r.ID)
	}
	return l, nil
}

// FindRule finds a rule by its ID or a former one.
func FindRule(id string) (*lint.Rule, error) {
	return lint.FindRule(KnownRules(), strings.ToLower(id))
}
