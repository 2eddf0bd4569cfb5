package rules

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// least is the precision and the recall that Kalm-Benchmark's cases must have, except the
// checks that testdata/kalm-rules.json leaves out with a reason.
const least = 0.97

// kalmMap is testdata/kalm-rules.json: which rules answer a check of Kalm-Benchmark, by the
// longest prefix of the file's name. A check without rules is left out, for a reason.
type kalmMap struct {
	Comment string              `json:"comment"`
	Rules   map[string][]string `json:"rules"`
	Reasons map[string]string   `json:"reasons"`
}

var (
	kalmVerdict = regexp.MustCompile(`(?m)^\s+expected: (\w+)`)
	kalmCheck   = regexp.MustCompile(`^[a-z]+-\d+`)
)

// TestKalm runs all rules over the manifests of Kalm-Benchmark, which are one namespace.
func TestKalm(t *testing.T) {
	folder := filepath.Join("..", "..", "shared", "kalm", "manifests")
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Skip("SKIPPED: Kalm-Benchmark is not at hand")
	}
	var known kalmMap
	readJSON(t, "kalm-rules.json", &known)
	for prefix, rules := range known.Rules {
		if (rules == nil) != (known.Reasons[prefix] != "") {
			t.Errorf("%s: want rules or a reason", prefix)
		}
		for _, id := range rules {
			if Find(id) == nil {
				t.Errorf("%s: there is no rule %s", prefix, id)
			}
		}
	}

	u := &lint.Unit{Input: "kalm"}
	expected := map[string]bool{} // by file: whether something is to be found
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if m := kalmVerdict.FindSubmatch(text); m != nil && !strings.HasPrefix(name, "_") {
			expected[name] = string(m[1]) == "alert"
		}
		source := manifest.NewSource(name, text)
		for _, d := range manifest.Documents(text) {
			objects, _ := manifest.Objects(d.Node, source)
			u.Objects = append(u.Objects, objects...)
		}
	}
	c := lint.Checker{Rules: All(), Version: lint.Newest, Profile: lint.Strict}
	findings, problems := c.Check(u)
	for _, p := range problems {
		t.Error(p, p.Detail)
	}
	found := map[string][]string{} // by file: the rules that report a place in it
	for _, f := range findings {
		found[f.Origin.File] = append(found[f.Origin.File], f.Rule.ID)
		for _, r := range f.Related {
			found[r.File] = append(found[r.File], f.Rule.ID)
		}
	}

	var s score
	checks := map[string]bool{}
	for name, alert := range expected {
		rules, ok := known.of(name)
		if ok && rules == nil {
			continue
		}
		checks[kalmCheck.FindString(name)] = true
		hit := slices.ContainsFunc(rules, func(id string) bool { return slices.Contains(found[name], id) })
		switch {
		case hit && alert:
			s.tp++
		case hit:
			s.fp++
			t.Log("found, and not expected:", name)
		case alert:
			s.fn++
			t.Log("expected, and not found:", name)
		default:
			s.tn++
		}
	}
	precision := float64(s.tp) / float64(max(1, s.tp+s.fp))
	recall := float64(s.tp) / float64(max(1, s.tp+s.fn))
	t.Logf("precision %.3f, recall %.3f: %+v in %d checks", precision, recall, s, len(checks))
	if precision < least || recall < least {
		t.Errorf("precision %.3f, recall %.3f; want %.2f", precision, recall, least)
	}
}

// of are the rules for a file; ok is false if no prefix of its name is known.
func (m kalmMap) of(name string) (rules []string, ok bool) {
	longest := ""
	for prefix, l := range m.Rules {
		if strings.HasPrefix(name, prefix) && len(prefix) >= len(longest) {
			longest, rules, ok = prefix, l, true
		}
	}
	return rules, ok
}
