package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// at makes a finding of one container at a line of a template.
func at(rule *Rule, line int, object, container, message string) *Finding {
	subject := `container "` + container + `"`
	ref := ObjectRef{Kind: "Deployment", Name: object}
	return &Finding{
		Rule: rule, Severity: rule.Severity, Object: ref, Container: container, Subject: subject, Message: subject + message,
		Path: "spec.template.spec.containers[0].image", Fix: Fix{Title: "fix it"},
		Origin:      Origin{Position: Position{File: "templates/_pod.tpl", Line: line}, Trail: []Step{{Kind: StepInclude, Position: Position{File: object + ".yaml", Line: 3}}}},
		Occurrences: []Occurrence{{Object: ref, Input: "chart", Scenario: "default values"}},
		Fingerprint: fmt.Sprintf("%s/%s/%s/%d", object, container, rule.ID, line),
	}
}

// One rule at one place is one finding, whatever its occurrences; none is lost.
func TestFindingIsACause(t *testing.T) {
	rule, other := &Rule{ID: "a", Title: "Image has no digest", Severity: High, Fix: "fix it"}, &Rule{ID: "b", Title: "CPU is unlimited", Severity: Low}
	all := []*Finding{
		at(rule, 7, "web", "app", " does not set x; want y"),
		at(rule, 7, "web", "sidecar", " does not set x; want y"),
		at(rule, 7, "api", "app", " does not set x; want y"),
		at(rule, 9, "web", "app", " has the image a:1"),
		at(rule, 9, "api", "app", " has the image b:1"),
		at(other, 9, "api", "app", " has no limit"),
		at(rule, 11, "api", "app", " is alone"),
	}
	again := *all[0]
	again.Occurrences = []Occurrence{{Object: again.Object, Input: "chart", Scenario: "prod"}}
	all = append(all, &again)
	for range 2 {
		slices.Reverse(all)
		r := NewReport(all, nil, nil, Summary{})
		var l []string
		fingerprints := map[string]bool{}
		for _, f := range r.Findings {
			l = append(l, f.Message)
			for _, o := range f.Occurrences {
				fingerprints[o.Fingerprint] = true
			}
		}
		want := "each of 3 containers does not set x; want y; image has no digest: Deployment api and Deployment web; container \"app\" has no limit; container \"app\" is alone"
		if got := strings.Join(l, "; "); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		if len(fingerprints) != 7 {
			t.Errorf("%d fingerprints: %v", len(fingerprints), fingerprints)
		}
		first := r.Findings[0]
		if n := len(first.Occurrences); n != 4 || first.Container != "" || first.Fingerprint != "api/app/a/7" || len(first.Objects()) != 2 {
			t.Errorf("%d occurrences, container %q, %s", n, first.Container, first.Fingerprint)
		}
		if o := first.Occurrences[1]; o.Container != "app" || o.Trail == nil && first.Origin.Trail[0].Position.File != "web.yaml" {
			t.Errorf("%+v", o)
		}
		if o := r.Findings[1].Occurrences; o[0].Message != `container "app" has the image b:1` || o[1].Message != `container "app" has the image a:1` {
			t.Errorf("%+v", o)
		}
		if r.Summary.Findings != (Tally{High: 3, Low: 1}) {
			t.Errorf("%v", r.Summary.Findings)
		}
		// A report of a report is the same.
		if same := NewReport(r.Findings, nil, nil, Summary{}); len(same.Findings) != len(r.Findings) || len(same.Findings[0].Occurrences) != 4 || same.Findings[1].Message != r.Findings[1].Message {
			t.Errorf("put together again: %+v", same.Findings[0])
		}
	}
}

// The trail of a finding is that of the occurrence that it names, also in a report of a
// report.
func TestCauseKeepsTrail(t *testing.T) {
	rule := &Rule{ID: "a", Severity: Medium}
	app, initial := at(rule, 7, "web", "app", " has no x"), at(rule, 7, "web", "init", " has no x")
	initial.Path = "spec.template.spec.initContainers[0].image"
	for _, f := range []*Finding{app, initial} {
		f.Origin.Trail = []Step{{Kind: StepTemplate, Label: f.Container}}
	}
	app.Occurrences[0].Scenario, initial.Occurrences[0].Scenario = "ci/b.yaml", "ci/a.yaml"
	findings := []*Finding{app, initial}
	for range 2 {
		findings = NewReport(findings, nil, nil, Summary{}).Findings
		f := findings[0]
		if len(findings) != 1 || f.Path != initial.Path || f.Fingerprint != initial.Fingerprint || f.Origin.Trail[0].Label != "init" {
			t.Errorf("%d findings, %s by %v", len(findings), f.Path, f.Origin.Trail)
		}
		if o := f.Occurrences; o[0].Trail != nil || o[1].Container != "app" || len(o[1].Trail) != 1 || o[1].Trail[0].Label != "app" {
			t.Errorf("occurrences %+v", o)
		}
	}
}

// A secret's line stays masked when it becomes part of another finding.
func TestCauseKeepsMask(t *testing.T) {
	rule := &Rule{ID: "a", Severity: High}
	open, secret := at(rule, 7, "a", "c", " x"), at(rule, 7, "b", "c", " y")
	open.Origin.Text, secret.Origin.Text, secret.Secret = "p: hunter2", "p: "+masked, true
	if r := NewReport([]*Finding{open, secret}, nil, nil, Summary{}); len(r.Findings) != 1 || r.Findings[0].Origin.Text != "p: "+masked {
		t.Errorf("%+v", r.Findings[0])
	}
}

// The related places of all units are listed, each once, in the same order whatever the
// order of the findings.
func TestCauseKeepsRelated(t *testing.T) {
	rule := &Rule{ID: "a", Title: "No policy"}
	related := func(names ...string) (l []RelatedPlace) {
		for _, name := range names {
			l = append(l, RelatedPlace{Position: Position{File: name + ".yaml", Line: 3}, Label: "Deployment " + name})
		}
		return l
	}
	var all []*Finding
	for scenario, names := range map[string][]string{"": {"web"}, "ci/a.yaml": {"api", "web"}, "ci/b.yaml": {"api", "db", "web"}} {
		f := at(rule, 7, "admin", "app", " has no policy")
		f.Related = related(names...)
		f.Occurrences = []Occurrence{{Object: f.Object, Input: "chart", Scenario: scenario}}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *Finding) int { return strings.Compare(a.Occurrences[0].Scenario, b.Occurrences[0].Scenario) })
	var first []RelatedPlace
	for range 2 {
		slices.Reverse(all)
		r := NewReport(all, nil, nil, Summary{})
		if len(r.Findings) != 1 || len(r.Findings[0].Related) != 3 {
			t.Fatalf("%d findings, related to %v", len(r.Findings), r.Findings[0].Related)
		}
		if first != nil && !slices.Equal(first, r.Findings[0].Related) {
			t.Errorf("related to %v, then to %v", first, r.Findings[0].Related)
		}
		first = r.Findings[0].Related
	}
	if len(all[0].Related) == 3 && len(all[1].Related) == 3 {
		t.Error("the findings changed")
	}
}

// A defect that units show in different words is one, and its message is that of the worst, first with the chart's own values.
// Two defects of one object are two.
func TestOneDefectInDifferentWords(t *testing.T) {
	rule := &Rule{ID: "a", Title: "Role can read Secrets", Severity: High}
	role := func(scenario, message, fingerprint string) *Finding {
		f := at(rule, 7, "web", "app", "")
		f.Subject, f.Container, f.Message, f.Fingerprint = "", "", message, fingerprint
		f.Occurrences = []Occurrence{{Object: f.Object, Input: "chart", Scenario: scenario}}
		return f
	}
	findings := []*Finding{role("ci/a.yaml", "Role web lets a; want b", "1"), role(DefaultScenario, "Role web lets c; want b", "1"), role("ci/c.yaml", "Role web lets c; want b", "1")}
	for range 2 {
		findings = NewReport(findings, nil, nil, Summary{}).Findings
		f := findings[0]
		if len(findings) != 1 || f.Message != "Role web lets c; want b" {
			t.Fatalf("%d findings, %s", len(findings), f.Message)
		}
		if o := f.Occurrences; len(o) != 3 || o[0].Message != "Role web lets a; want b" || o[1].Message != "" || o[2].Message != "" {
			t.Errorf("occurrences %+v", o)
		}
	}
	for _, second := range []*Finding{role(DefaultScenario, "Role web lets a; want b", "2"), role(DefaultScenario, "Role web lets a; want b", "1")} {
		l := NewReport([]*Finding{role(DefaultScenario, "Role web lets c; want b", "1"), second}, nil, nil, Summary{}).Findings
		if len(l) != 1 || l[0].Message != "Role web lets a and c; want b" || len(l[0].Occurrences) != 2 {
			t.Errorf("%d findings, %s", len(l), l[0].Message)
		}
	}
}

func TestListingMessageOfNumbers(t *testing.T) {
	of := func(scenario, message string) Occurrence {
		return Occurrence{Object: ObjectRef{Kind: "Deployment", Name: "web"}, Input: "web", Scenario: scenario, Message: message}
	}
	for _, c := range []struct {
		l    []Occurrence
		want string
	}{
		{[]Occurrence{of("a", "reached from its 3 workloads, such as web"), of("b", "reached from its 12 workloads, such as web")}, "reached from its 12 workloads, such as web"},
		{[]Occurrence{of("a", "opens port 80 of the node"), of("a", "opens port 443 of the node")}, "opens port 80 and 443 of the node"},
		{[]Occurrence{of("a", "one has no digest of any kind; want one"), of("a", "two has no digest of any kind; want one")}, "each of one and two has no digest of any kind; want one"},
		{[]Occurrence{of("a", "the chart renders no policy of any kind; want one"), of("b", "a namespace has no policy of any kind; want one")}, ""},
		{[]Occurrence{of("a", "sets env A of the container"), of("b", "sets env 4 of the container")}, "sets env A and 4 of the container"},
	} {
		if got := listingMessage(c.l); got != c.want {
			t.Errorf("%q is %q, want %q", c.l[0].Message, got, c.want)
		}
	}
}

// A container of a template is one container, also where another chart takes in the chart, with another name of the object.
func TestContainersOfTemplate(t *testing.T) {
	of := func(input, object, container string, line int) *Finding {
		f := &Finding{Object: ObjectRef{Kind: "Deployment", Name: object}, Subject: container, Occurrences: []Occurrence{{Input: input}}}
		f.Origin.Trail = []Step{{Kind: StepTemplate, Position: Position{File: "db/templates/a.yaml", Line: line}}}
		return f
	}
	l := []*Finding{of("db", "db", "init", 1), of("db", "db", "main", 2), of("shop", "shop-db", "init", 1), of("shop", "shop-db", "main", 2)}
	if n := containersOf(l); n != 2 {
		t.Errorf("%d containers, want 2", n)
	}
	if n := containersOf(append(l, of("shop", "other-db", "main", 2))); n != 3 {
		t.Errorf("%d containers with another object of the second chart, want 3", n)
	}
}
