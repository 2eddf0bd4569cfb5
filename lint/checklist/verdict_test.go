package checklist

import (
	"slices"
	"testing"
	"time"

	"github.com/kubevet/kubevet/lint"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// verdictOf evaluates one item of an input.
func verdictOf(t *testing.T, in Input, id string) Row {
	t.Helper()
	if in.Report == nil {
		in.Report = &lint.Report{}
	}
	if in.Now.IsZero() {
		in.Now = day("2026-06-01")
	}
	for _, r := range Evaluate(in) {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no item %s", id)
	return Row{}
}

// TestLifeCycle takes every item that a person attests through its life: needed,
// given, expired, and not applicable.
func TestLifeCycle(t *testing.T) {
	for _, i := range Items {
		if i.Decided == ByFiles {
			continue
		}
		t.Run(i.ID, func(t *testing.T) {
			given := []Attestation{{Item: i.ID, By: "Ada", Date: day("2026-05-01"), Evidence: "the minutes"}}
			for _, c := range []struct {
				name string
				in   Input
				want Verdict
			}{
				{"needed", Input{}, NeedsAttestation},
				{"given", Input{Attestations: given}, Attested},
				{"the day before it expires", Input{Attestations: given, Now: day("2026-05-01").AddDate(0, i.MaxAge, -1)}, Attested},
				{"expired", Input{Attestations: given, Now: day("2026-05-01").AddDate(0, i.MaxAge, 0)}, Expired},
				{"not applicable", Input{Exemptions: []Exemption{{Item: i.ID, Reason: "no users"}}}, NotApplicable},
			} {
				if got := verdictOf(t, c.in, i.ID); got.Verdict != c.want {
					t.Errorf("%s: %s; want %s", c.name, got.Verdict, c.want)
				}
			}
		})
	}
}

// TestFiles checks that files decide what they can decide, whatever a person says.
func TestFiles(t *testing.T) {
	rule := &lint.Rule{ID: "no-host-pid", Severity: lint.High, Checklist: []string{"pod-host-isolation"}}
	other := &lint.Rule{ID: "some-hardening", Severity: lint.Low, Profile: lint.Strict, Checklist: []string{"pod-host-isolation"}}
	second := &lint.Rule{ID: "no-host-ipc", Severity: lint.High, Checklist: []string{"pod-host-isolation"}}
	rules := []*lint.Rule{rule, second, other}
	seen := View{Subjects: map[Subject]Seen{Workloads: {N: 2}}}
	bad := &lint.Report{Findings: []*lint.Finding{{Rule: rule, Severity: lint.High}}}
	advice := &lint.Report{Findings: []*lint.Finding{{Rule: other, Severity: lint.Low}}}
	accepted := &lint.Report{Ignored: []*lint.Finding{{Rule: rule, Severity: lint.High}}}
	word := []Attestation{{Item: "pod-host-isolation", By: "Ada", Date: day("2026-05-01")}}
	none := []Exemption{{Item: "pod-host-isolation", Reason: "no pods"}}
	for _, c := range []struct {
		name string
		in   Input
		want Verdict
	}{
		{"nothing to look at", Input{Rules: rules}, NoEvidence},
		{"nothing found", Input{Rules: rules, View: seen}, Pass},
		{"found", Input{Rules: rules, View: seen, Report: bad}, Fail},
		{"found, attested", Input{Rules: rules, View: seen, Report: bad, Attestations: word}, Fail},
		{"found, not applicable", Input{Rules: rules, View: seen, Report: bad, Exemptions: none}, Fail},
		{"found by a rule that does not decide", Input{Rules: rules, View: seen, Report: advice}, Pass},
		{"accepted", Input{Rules: rules, View: seen, Report: accepted}, Pass},
		{"the rules are off", Input{View: seen}, NoEvidence},
		{"one of the rules is off", Input{Rules: []*lint.Rule{rule}, View: seen}, NoEvidence},
		{"nothing to look at, attested", Input{Rules: rules, Attestations: word}, Attested},
		{"nothing to look at, not applicable", Input{Rules: rules, Exemptions: none}, NotApplicable},
	} {
		c.in.AllRules = rules
		if got := verdictOf(t, c.in, "pod-host-isolation"); got.Verdict != c.want {
			t.Errorf("%s: %s; want %s", c.name, got.Verdict, c.want)
		}
	}
}

// TestBoth checks an item that needs files and a person's word.
func TestBoth(t *testing.T) {
	const item = "code-scanners-in-ci"
	evidence := View{Evidence: []Evidence{{Item: item, Position: lint.Position{File: "ci.yaml", Line: 3}, Says: "CI runs a scanner"}}}
	word := []Attestation{{Item: item, By: "Ada", Date: day("2026-05-01"), Expires: day("2026-07-01")}}
	for _, c := range []struct {
		name string
		in   Input
		want Verdict
	}{
		{"evidence alone", Input{View: evidence}, NeedsAttestation},
		{"word alone", Input{Attestations: word}, Attested},
		{"both", Input{View: evidence, Attestations: word}, Pass},
		{"both, until it expires", Input{View: evidence, Attestations: word, Now: day("2026-07-01")}, Expired},
	} {
		if got := verdictOf(t, c.in, item); got.Verdict != c.want {
			t.Errorf("%s: %s; want %s", c.name, got.Verdict, c.want)
		}
	}
}

// TestParts checks an item that is about two things: it passes only if both are there.
func TestParts(t *testing.T) {
	item, _ := Find("infra-encryption")
	var rules []*lint.Rule
	for _, id := range item.deciding() {
		rules = append(rules, &lint.Rule{ID: id})
	}
	seen := func(l ...Subject) View {
		v := View{Subjects: map[Subject]Seen{}}
		for _, s := range l {
			v.Subjects[s] = Seen{N: 1}
		}
		return v
	}
	for _, c := range []struct {
		view  View
		want  Verdict
		needs string
	}{
		{seen(Entries), NoEvidence, "files that show the rest: EncryptionConfigurations, configurations of kube-apiserver, StorageClasses of known provisioners"},
		{seen(StorageClasses), NoEvidence, "files that show the rest: Ingresses, Gateways and routes, service mesh policies"},
		{seen(StorageClasses, Entries), Pass, ""},
	} {
		got := verdictOf(t, Input{View: c.view, Rules: rules, AllRules: rules}, item.ID)
		if got.Verdict != c.want || got.Needs != c.needs {
			t.Errorf("%v: %s, needs %q; want %s, %q", c.view, got.Verdict, got.Needs, c.want, c.needs)
		}
	}
	for _, i := range Items {
		for _, part := range i.Parts {
			for _, s := range part {
				if !slices.Contains(i.Subjects, s) {
					t.Errorf("%s: %s is of a part, and no subject", i.ID, s)
				}
			}
		}
	}
}

// TestCounts: every subject of an item has a singular.
func TestCounts(t *testing.T) {
	for _, i := range Items {
		for _, s := range i.Subjects {
			if one := (Count{s, 1}).String(); singular[s] == "" || one == "1 "+string(s) {
				t.Errorf("%s: one of %q is %q", i.ID, s, one)
			}
		}
	}
	for _, c := range []struct {
		n    int
		want string
	}{{0, "0 network policies"}, {1, "1 network policy"}, {2, "2 network policies"}} {
		if got := (Count{NetworkPolicies, c.n}).String(); got != c.want {
			t.Errorf("%q; want %q", got, c.want)
		}
	}
}

func TestViews(t *testing.T) {
	a := View{Subjects: map[Subject]Seen{Workloads: {N: 2}, Roles: {N: 1}}}
	b := View{Subjects: map[Subject]Seen{Workloads: {N: 3}}}
	if got := a.WithScenario(b).Subjects; got[Workloads].N != 3 || got[Roles].N != 1 {
		t.Errorf("scenarios: %v", got)
	}
	if got := a.With(b).Subjects; got[Workloads].N != 5 || got[Roles].N != 1 {
		t.Errorf("inputs: %v", got)
	}
}

func TestMerge(t *testing.T) {
	report := func(v Verdict, files ...string) *Report {
		r := &Report{Version: 1, Standard: "checklist", Entries: []Entry{{ID: "a", Verdict: v, Subjects: []Count{{Workloads, 1}}}}}
		for _, f := range files {
			r.Entries[0].Findings = append(r.Entries[0].Findings, EntryFinding{File: f, Fingerprint: f})
		}
		return r
	}
	for _, c := range []struct{ a, b, want Verdict }{
		{Pass, Fail, Fail}, {NoEvidence, Pass, Pass}, {NeedsAttestation, Attested, Attested}, {NotApplicable, NoEvidence, NotApplicable}, {Expired, NeedsAttestation, Expired},
	} {
		for _, order := range [][2]Verdict{{c.a, c.b}, {c.b, c.a}} {
			m, err := Merge([]string{"x", "y"}, []*Report{report(order[0]), report(order[1])})
			if err != nil || m.Entries[0].Verdict != c.want || m.Entries[0].Subjects[0].N != 2 {
				t.Errorf("%v: %+v, %v; want %s", order, m, err, c.want)
			}
		}
	}
	m, err := Merge([]string{"x", "y"}, []*Report{report(Fail, "f.yaml"), report(Fail, "f.yaml")})
	if err != nil || len(m.Entries[0].Findings) != 2 || m.Entries[0].Findings[1].File != "y:f.yaml" {
		t.Errorf("findings: %+v, %v", m, err)
	}
	if l := Since(report(Fail, "f", "g"), report(Fail, "g", "h")); len(l) != 1 || len(l[0].New) != 1 || l[0].New[0].File != "h" || len(l[0].Fixed) != 1 || l[0].Fixed[0].File != "f" {
		t.Errorf("changes: %+v", l)
	}
	if l := Since(report(Pass), report(Pass)); len(l) != 0 {
		t.Errorf("changes: %+v; want none", l)
	}
}

// TestControls: what controls name exists, and each control is decided by rules or says
// why it is not.
func TestControls(t *testing.T) {
	for _, s := range standards {
		for _, c := range s.Controls {
			if c.Unseen == "" && len(c.Subjects) == 0 && len(c.Items)+len(c.Rules) > 0 {
				t.Errorf("%s %s: items and no subjects", s.ID, c.ID)
			}
			for _, id := range c.Items {
				if _, ok := Find(id); !ok {
					t.Errorf("%s %s: no item %s", s.ID, c.ID, id)
				}
			}
		}
	}
}

// TestControlSubjects: a Service says nothing of the API server.
func TestControlSubjects(t *testing.T) {
	rule := &lint.Rule{ID: "admission-plugins", Checklist: []string{"admission-controllers"}, Refs: []lint.Ref{{Standard: lint.CISBenchmark, Control: "1.2.14"}}}
	seccomp := &lint.Rule{ID: "seccomp-profile", Severity: lint.Medium, Checklist: []string{"pod-seccomp"}, Refs: []lint.Ref{
		{Standard: "Pod Security Standards (baseline)", Control: "Seccomp"}, {Standard: "Pod Security Standards (restricted)", Control: "Seccomp"},
	}}
	rules := []*lint.Rule{rule, seccomp}
	verdict := func(standard, section, id string, report *lint.Report, subjects ...Subject) Verdict {
		t.Helper()
		in := Input{Report: report, Rules: rules, AllRules: rules, View: View{Subjects: map[Subject]Seen{}}}
		for _, s := range subjects {
			in.View.Subjects[s] = Seen{N: 1}
		}
		s, ok := FindStandard(standard)
		if !ok {
			t.Fatal(standard)
		}
		for _, r := range EvaluateStandard(s, in) {
			if r.ID == id && r.Section == section {
				return r.Verdict
			}
		}
		t.Fatalf("%s has no control %s in %s", standard, id, section)
		return ""
	}
	finding := func(message string) *lint.Report {
		return &lint.Report{Findings: []*lint.Finding{{Rule: seccomp, Severity: lint.Medium, Message: message}}}
	}
	none := &lint.Report{}
	unset, unconfined := finding(`container "a" does not set seccompProfile.type`), finding(`container "a" sets seccompProfile.type: Unconfined`)
	several := func(messages ...string) *lint.Report {
		r := finding(seccomp.Title)
		for _, m := range messages {
			r.Findings[0].Occurrences = append(r.Findings[0].Occurrences, lint.Occurrence{Message: m})
		}
		return r
	}
	other := `container "b" does not set windowsOptions`
	for _, c := range []struct {
		name      string
		got, want Verdict
	}{
		{"Services", verdict("cis", "1.2 API server", "1.2.14", none, Services), NoEvidence},
		{"an API server", verdict("cis", "1.2 API server", "1.2.14", none, APIServers), Pass},
		{"baseline, unset", verdict("pss", "Baseline level", "Seccomp", unset, Workloads), Pass},
		{"baseline, unset in two ways", verdict("pss", "Baseline level", "Seccomp", several(unset.Findings[0].Message, other), Workloads), Pass},
		{"baseline, unset and unconfined", verdict("pss", "Baseline level", "Seccomp", several(other, unconfined.Findings[0].Message), Workloads), Fail},
		{"restricted, unset", verdict("pss", "Restricted level", "Seccomp", unset, Workloads), Fail},
		{"baseline, unconfined", verdict("pss", "Baseline level", "Seccomp", unconfined, Workloads), Fail},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s; want %s", c.name, c.got, c.want)
		}
	}
}
