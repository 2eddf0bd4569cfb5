package lint

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// lines is a Locator for tests: every value is on the line of its node.
type lines struct{ file string }

func (l lines) Locate(v Value) Origin {
	n, _ := v.Anchor()
	return Origin{Position: Position{File: l.file, Line: n.Line, Column: n.Column}}
}

func parse(t *testing.T, text string) Value {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return node.NewValue(&n)
}

func newUnit(t *testing.T, input, text string) *Unit {
	t.Helper()
	u := &Unit{Input: input}
	for d := yaml.NewDecoder(strings.NewReader(text)); ; {
		n := &yaml.Node{}
		if d.Decode(n) != nil {
			return u
		}
		o, ok := NewObject(n, lines{"f.yaml"})
		if !ok {
			t.Fatalf("no object: %v", n)
		}
		u.Objects = append(u.Objects, o)
	}
}

const podText = `
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostPID: true
  securityContext: {runAsNonRoot: false}
  initContainers:
  - {name: init}
  - {name: side, restartPolicy: Always, securityContext: {runAsNonRoot: true}}
  containers:
  - {name: one, ports: [{hostPort: 0}, {hostPort: 80}, {hostPort: 81}]}
  - {name: two, securityContext: {runAsNonRoot: false}}
  ephemeralContainers:
  - {name: debug}
`

func messages(findings []*Finding) string {
	var l []string
	for _, f := range findings {
		l = append(l, f.Message)
	}
	slices.Sort(l)
	return strings.Join(l, "\n")
}

func TestField(t *testing.T) {
	for _, tt := range []struct {
		name  string
		field Field
		want  string
	}{
		{"pod", Field{Of: KindPod, Path: "hostPID", Allow: []string{"false"}}, `pod sets hostPID: true; want false`},
		{"absent is good", Field{Of: KindPod, Path: "hostIPC", Allow: []string{"false"}}, ``},
		{
			"a pod's fault is reported once",
			Field{Of: Containers, Path: "securityContext.runAsNonRoot", Inherit: true, Allow: []string{"true"}, Absent: Bad},
			"container \"two\" sets securityContext.runAsNonRoot: false; want true\npod sets securityContext.runAsNonRoot: false; want true",
		},
		{
			"not inherited",
			Field{Of: KindInit | KindSidecar | KindEphemeral, Path: "securityContext.runAsNonRoot", Allow: []string{"true"}, Absent: Bad},
			"ephemeral container \"debug\" does not set securityContext.runAsNonRoot; want true\ninit container \"init\" does not set securityContext.runAsNonRoot; want true",
		},
		{
			"each element",
			Field{Of: Containers, Path: "ports[].hostPort", Allow: []string{"0"}},
			"container \"one\" sets ports[1].hostPort: 80; want 0\ncontainer \"one\" sets ports[2].hostPort: 81; want 0",
		},
		{"must not be set", Field{Of: KindPod, Path: "securityContext"}, `pod sets securityContext; want it unset`},
		{"several allowed", Field{Of: KindPod, Path: "hostPID", Allow: []string{"a", "b"}}, `pod sets hostPID: true; want a or b`},
		{"exempt", Field{Of: KindPod, Path: "hostPID", Unless: func(*Pass, *Workload) bool { return true }}, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Checker{Rules: []*Rule{{ID: "r", Check: tt.field}}}
			findings, problems := c.Check(newUnit(t, "u", podText))
			if got := messages(findings); got != tt.want || len(problems) > 0 {
				t.Errorf("found %s\nwant  %s\nproblems %v", got, tt.want, problems)
			}
		})
	}
}

// A rule that panics is a Problem, and loses no other rule.
func TestRulePanics(t *testing.T) {
	c := Checker{Rules: []*Rule{
		{ID: "broken", Check: ObjectCheck(func(*Pass, *Object) { panic("oops") })},
		{ID: "broken-unit", Check: UnitCheck(func(*Pass) { panic("oops") })},
		{ID: "fine", Check: Field{Of: KindPod, Path: "hostPID"}},
	}}
	findings, problems := c.Check(newUnit(t, "u", podText))
	if len(findings) != 1 || len(problems) != 2 || !strings.Contains(problems[0].Message, "rule broken failed on Pod/a of u: oops") {
		t.Errorf("findings %v, problems %v", findings, problems)
	}
}

func TestReportMergesUnits(t *testing.T) {
	c := Checker{Rules: []*Rule{{ID: "no-host-pid", Severity: High, Check: Field{Of: KindPod, Path: "hostPID", Allow: []string{"false"}}}}}
	var all []*Finding
	for _, input := range []string{"overlays/prod", "overlays/dev", "overlays/dev"} {
		f, _ := c.Check(newUnit(t, input, podText))
		all = append(all, f...)
	}
	r := NewReport(all, nil, nil, Summary{})
	if len(r.Findings) != 1 {
		t.Fatalf("%d findings, want 1", len(r.Findings))
	}
	if got := strings.Join(r.Findings[0].Units(), " "); got != "overlays/dev overlays/prod" {
		t.Errorf("units = %s", got)
	}
	if r.Summary.Findings != (Tally{High: 1}) {
		t.Errorf("counts = %v", r.Summary.Findings)
	}
}

// A fingerprint survives moved lines and new neighbours; a second defect has its own.
func TestFingerprint(t *testing.T) {
	rule := []*Rule{{ID: "r", Check: Field{Of: Containers, Path: "ports[].hostPort", Allow: []string{"0"}}}}
	prints := func(text string) []string {
		findings, _ := (&Checker{Rules: rule}).Check(newUnit(t, "u", text))
		var l []string
		for _, f := range NewReport(findings, nil, nil, Summary{}).Findings {
			l = append(l, f.Fingerprint)
		}
		return l
	}
	before := prints(podText)
	after := prints(strings.Replace("\n\n# moved"+podText, "  - {name: one,", "  - {name: zero, ports: [{hostPort: 9}]}\n  - {name: one,", 1))
	if len(before) != 2 || len(after) != 3 || !slices.Equal(after[1:], before) || slices.Contains(before, after[0]) {
		t.Errorf("before %v\nafter  %v", before, after)
	}
}

func TestExitCode(t *testing.T) {
	low := &Finding{Rule: &Rule{ID: "r"}, Severity: Low, Occurrences: []Occurrence{{}}}
	high := &Finding{Rule: &Rule{ID: "r"}, Severity: High, Occurrences: []Occurrence{{}}, Message: "m", Fails: true}
	problem := []Problem{{Message: "p"}}
	for _, tt := range []struct {
		findings []*Finding
		problems []Problem
		want     int
	}{
		{nil, nil, ExitClean},
		{[]*Finding{low}, nil, ExitClean},
		{[]*Finding{high}, nil, ExitFindings},
		{[]*Finding{low, high}, nil, ExitFindings},
		{[]*Finding{high.AsIgnored(Ignored{})}, nil, ExitClean},
		{nil, problem, ExitProblems},
		{[]*Finding{high}, problem, ExitProblems},
	} {
		if got := NewReport(tt.findings, tt.problems, nil, Summary{}).ExitCode(); got != tt.want {
			t.Errorf("%d findings, %d problems: exit code %d, want %d", len(tt.findings), len(tt.problems), got, tt.want)
		}
	}
}

// A report holds copies: what it is made of stays as it was.
func TestReportChangesNothing(t *testing.T) {
	at := Origin{Position: Position{File: "f.yaml", Line: 3, Column: 3}, Text: "  password: hunter2"}
	a := &Finding{Rule: &Rule{ID: "r"}, Severity: Low, Origin: at, Occurrences: []Occurrence{{Input: "a"}}}
	b := &Finding{Rule: &Rule{ID: "r"}, Severity: High, Origin: at, Occurrences: []Occurrence{{Input: "b"}}, Fails: true}
	secret := &Finding{Rule: &Rule{ID: "s"}, Severity: High, Origin: at, Secret: true}
	mask(&secret.Origin)
	before := []Finding{*a, *b, *secret}
	r := NewReport([]*Finding{a, b, secret}, nil, nil, Summary{})
	if len(r.Findings) != 2 || !reflect.DeepEqual(before, []Finding{*a, *b, *secret}) {
		t.Errorf("%d findings; before %+v, after %+v", len(r.Findings), before, []Finding{*a, *b, *secret})
	}
}

// What Helm creates for helm test alone is of low severity; a hook that also
// runs on installation is not.
func TestTestHooks(t *testing.T) {
	rule := []*Rule{{ID: "r", Severity: Critical, Check: Field{Of: KindPod, Path: "hostPID", Allow: []string{"false"}}}}
	for hook, want := range map[string]Severity{"test": Low, "test-success, test-failure": Low, "test,post-install": Critical, "pre-install": Critical, "": Critical} {
		text := "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {helm.sh/hook: '" + hook + "'}}\nspec: {hostPID: true}\n"
		findings, _ := (&Checker{Rules: rule}).Check(newUnit(t, "u", text))
		if len(findings) != 1 || findings[0].Severity != want {
			t.Errorf("hook %q: severity %v, want %v", hook, findings[0].Severity, want)
		}
	}
}
