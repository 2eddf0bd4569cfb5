package baseline

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

var update = flag.Bool("update", false, "write the golden file anew")

var (
	hostPort = &lint.Rule{ID: "no-host-port", Severity: lint.High, Fix: "fix it", Check: lint.Field{
		Of: lint.Containers, Path: "ports[].hostPort", Allow: []string{"0"},
	}}
	hostPID = &lint.Rule{ID: "no-host-pid", Aliases: []string{"host-pid"}, Severity: lint.High, Fix: "fix it", Check: lint.Field{
		Of: lint.KindPod, Path: "hostPID", Allow: []string{"false"},
	}}
	ran = []*lint.Rule{hostPort, hostPID}
)

// lines is a Locator: every value is on the line of its node.
type lines string

func (l lines) Locate(v lint.Value) lint.Origin {
	n, _ := v.Anchor()
	return lint.Origin{Position: lint.Position{File: string(l), Line: n.Line, Column: n.Column}}
}

// check gives the findings of a file of objects, in units of these names.
func check(t *testing.T, prefix, file, text string, units ...string) []*lint.Finding {
	t.Helper()
	var findings []*lint.Finding
	for _, input := range append(units, file) {
		u := &lint.Unit{Input: input}
		for d := yaml.NewDecoder(strings.NewReader(text)); ; {
			n := &yaml.Node{}
			if d.Decode(n) != nil {
				break
			}
			if o, ok := lint.NewObject(n, lines(file)); ok {
				u.Objects = append(u.Objects, o)
			}
		}
		f, problems := (&lint.Checker{Rules: ran, Prefix: prefix}).Check(u)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		findings = append(findings, f...)
	}
	return findings
}

const web = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostPID: true
  containers:
  - name: app
    ports:
    - {containerPort: 80, hostPort: 80}
    - {containerPort: 81, hostPort: 81}
`

func shown(findings []*lint.Finding) string {
	var l []string
	for _, f := range findings {
		l = append(l, fmt.Sprintf("%d %s", f.Origin.Line, f.Rule.ID))
	}
	slices.Sort(l)
	return strings.Join(l, ", ")
}

func shownEntries(entries []Entry) string {
	var l []string
	for _, e := range entries {
		l = append(l, fmt.Sprintf("%s %s ×%d", e.Rule, e.Path, e.Count))
	}
	return strings.Join(l, ", ")
}

func TestApply(t *testing.T) {
	const port80, port81 = "    - {containerPort: 80, hostPort: 80}\n", "    - {containerPort: 81, hostPort: 81}\n"
	for _, c := range []struct{ name, text, fresh, stale string }{
		{"the same", web, "", ""},
		{"moved lines", "# a\n# b\n" + web, "", ""},
		{"another order", strings.Replace(web, port80+port81, port81+port80, 1), "", ""},
		{"a container put first", strings.Replace(web, "  containers:\n", "  containers:\n  - {name: zero, ports: [{hostPort: 9}]}\n", 1), "7 no-host-port", ""},
		{"a second object", web + "---\n" + strings.Replace(web, "name: web", "name: api", 1), "16 no-host-pid, 20 no-host-port, 21 no-host-port", ""},
		{"a second defect of one fingerprint", strings.Replace(web, port81, port81+strings.Replace(port81, "hostPort: 81", "hostPort: 82", 1), 1), "11 no-host-port", ""},
		{"fixed", strings.Replace(web, "  hostPID: true\n", "", 1), "", "no-host-pid spec.hostPID ×1"},
		{"all fixed", "", "", "no-host-pid spec.hostPID ×1, no-host-port spec.containers[app].ports[80].hostPort ×1, no-host-port spec.containers[app].ports[81].hostPort ×1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := New(check(t, "", "web.yaml", web, "dev", "prod"), Options{})
			findings := check(t, "", "web.yaml", c.text, "prod")
			fresh, known, stale := b.Apply(findings, Options{Ran: ran, File: "b.json"})
			r := lint.NewReport(fresh, nil, nil, lint.Summary{})
			if got := shown(r.Findings); got != c.fresh {
				t.Errorf("new: %s; want %s", got, c.fresh)
			}
			if got := shownEntries(stale); got != c.stale {
				t.Errorf("stale: %s; want %s", got, c.stale)
			}
			if len(fresh)+len(known) != len(findings) {
				t.Errorf("%d new and %d known of %d", len(fresh), len(known), len(findings))
			}
			for _, f := range known {
				if f.Ignored == nil || f.Ignored.By != lint.ByBaseline || f.Ignored.Reason != Reason || f.Ignored.Position.File != "b.json" {
					t.Errorf("%v", f.Ignored)
				}
			}
			// Pruned, it hides what it hid, and nothing is stale.
			p := b.Prune(stale)
			again := check(t, "", "web.yaml", c.text)
			again, stale = p.Mark(again, Options{Ran: ran})
			if got := shown(lint.NewReport(again, nil, nil, lint.Summary{}).Findings); got != c.fresh || len(stale) > 0 {
				t.Errorf("pruned: %s, stale %v", got, stale)
			}
		})
	}
}

// Counts go down with what is fixed, and never up.
func TestCounts(t *testing.T) {
	one := check(t, "", "a.yaml", web)[:1]
	many := slices.Clone(one)
	for line := range 3 {
		f := *one[0]
		f.Origin.Line = 100 + line
		many = append(many, &f)
	}
	b := New(many, Options{})
	if len(b.Entries) != 1 || b.Entries[0].Count != 4 {
		t.Fatalf("%+v", b.Entries)
	}
	_, known, stale := b.Apply(many[:3], Options{Ran: ran})
	if len(known) != 3 || len(stale) != 1 || stale[0].Count != 1 {
		t.Fatalf("%d known, stale %+v", len(known), stale)
	}
	if b = b.Prune(stale); b.Entries[0].Count != 3 {
		t.Errorf("%+v", b.Entries)
	}
}

// What a comment ignores is no matter for the baseline.
func TestIgnored(t *testing.T) {
	findings := check(t, "", "web.yaml", web)
	b := New(findings, Options{})
	by := &lint.Ignored{By: lint.ByComment, Reason: "why"}
	findings[0].Ignored = by
	fresh, known, stale := b.Apply(findings, Options{Ran: ran})
	if len(fresh) != 0 || len(known) != 2 || len(stale) != 1 || findings[0].Ignored != by {
		t.Errorf("%d new, %d known, %d stale, %v", len(fresh), len(known), len(stale), findings[0].Ignored)
	}
	findings, _ = b.Mark(findings, Options{Ran: ran})
	if n := len(New(findings, Options{}).Entries); n != 0 {
		t.Errorf("a new baseline has %d entries", n)
	}
}

// A baseline made in one directory holds in all others.
func TestPrefix(t *testing.T) {
	var first string
	for _, c := range [][2]string{{"", "deploy/prod/web.yaml"}, {"deploy", "prod/web.yaml"}, {"charts", "../deploy/prod/web.yaml"}} {
		var out bytes.Buffer
		if err := New(check(t, c[0], c[1], web), Options{Prefix: c[0]}).Write(&out); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = out.String()
		} else if out.String() != first {
			t.Errorf("in %q:\n%swant:\n%s", c[0], out.String(), first)
		}
	}
}

// Only what a run can judge is stale.
func TestStale(t *testing.T) {
	b := New(check(t, "", "deploy/prod/web.yaml", web), Options{})
	for _, c := range []struct {
		name string
		opts Options
		want int
	}{
		{"everything", Options{Ran: ran}, 3},
		{"one rule", Options{Ran: ran[1:]}, 1},
		{"no rule", Options{}, 0},
		{"incomplete", Options{Ran: ran, Incomplete: true}, 0},
		{"the root", Options{Ran: ran, Paths: []string{"."}}, 3},
		{"the directory", Options{Ran: ran, Paths: []string{"charts", "deploy"}}, 3},
		{"the file", Options{Ran: ran, Paths: []string{"deploy/prod/web.yaml"}}, 3},
		{"a directory beside", Options{Ran: ran, Paths: []string{"deploy/pro"}}, 0},
		{"from a directory", Options{Ran: ran, Paths: []string{"./prod"}, Prefix: "deploy"}, 3},
		{"from a directory beside", Options{Ran: ran, Paths: []string{"../deploy"}, Prefix: "charts"}, 3},
		{"a directory within", Options{Ran: ran, Paths: []string{"."}, Prefix: "deploy"}, 3},
		{"another within", Options{Ran: ran, Paths: []string{"."}, Prefix: "charts"}, 0},
	} {
		if _, _, stale := b.Apply(nil, c.opts); len(stale) != c.want {
			t.Errorf("%s: %d stale, want %d", c.name, len(stale), c.want)
		}
	}
	b.Entries[0].Rule = "host-pid" // a former id
	if _, _, stale := b.Apply(nil, Options{Ran: ran[1:]}); len(stale) != 1 {
		t.Errorf("%d stale of a former id", len(stale))
	}
}

func TestNotes(t *testing.T) {
	b := New(check(t, "", "web.yaml", web), Options{})
	opts := Options{Ran: ran, File: "b.json"}
	_, _, stale := b.Apply(nil, opts)
	stale[0].Count = 2
	got := Notes(stale[:2], nil, opts)
	want := lint.Problem{
		Position: lint.Position{File: "b.json"},
		Message:  "2 entries have no finding any more",
		Help:     "take them out with kubevet baseline --prune; -v lists them",
		Detail: "web.yaml: no-host-pid in Pod/shop/web, spec.hostPID (2)\n" +
			"web.yaml: no-host-port in Pod/shop/web, container app, spec.containers[app].ports[80].hostPort\n",
	}
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %+v", got)
	}
	if one := Notes(stale[:1], nil, opts); one[0].Message != "1 entry has no finding any more" || len(Notes(nil, nil, opts)) > 0 {
		t.Errorf("got %+v", one)
	}
}

func written(t *testing.T, b *Baseline) string {
	t.Helper()
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The order in which findings come changes nothing, and what is written is read.
func TestWrite(t *testing.T) {
	findings := append(check(t, "", "web.yaml", web, "prod"), check(t, "", `ä "<b>&.yaml`, web)...)
	want := written(t, New(findings, Options{}))
	const golden = "testdata/baseline.json"
	if *update {
		if err := os.WriteFile(golden, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(golden)
	if err != nil || string(have) != want {
		t.Errorf("%s differs (%v); -update writes it anew; got:\n%s", golden, err, want)
	}
	for range 5 {
		rand.Shuffle(len(findings), func(i, j int) { findings[i], findings[j] = findings[j], findings[i] })
		if got := written(t, New(findings, Options{})); got != want {
			t.Fatalf("depends on the order:\n%s", got)
		}
	}
	read, err := Read(strings.NewReader(want))
	if err != nil || !reflect.DeepEqual(read, New(findings, Options{})) {
		t.Errorf("read %+v, %v", read, err)
	}
	empty := written(t, &Baseline{})
	if read, err := Read(strings.NewReader(empty)); err != nil || len(read.Entries) > 0 {
		t.Errorf("%s: %v", empty, err)
	}
}

func TestReadFaults(t *testing.T) {
	for text, want := range map[string]string{
		``:                                 "line 1: unexpected end of JSON input",
		"{\n\"version\": 1,\n}":            "line 3: invalid character '}'",
		`[]`:                               "no baseline: json: cannot unmarshal array",
		`{}`:                               "no baseline: it has no version",
		`{"version": 2, "other": 1}`:       "version 2 of the baseline is not known; want 1",
		`{"version": 1, "findigns": []}`:   `no baseline: json: unknown field "findigns"`,
		`{"version": 1, "findings": [{}]}`: "finding 1 has no fingerprint or no rule",
		`{"version": 1, "findings": [{"rule": "a", "fingerprint": "b"}]}`:                                                            "finding 1 has the count 0; want 1 or more",
		`{"version": 1, "findings": [{"rule": "a", "fingerprint": "b", "count": 1}, {"rule": "a", "fingerprint": "b", "count": 1}]}`: "finding 2 has the fingerprint b of another",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// The example of the page is a baseline, written as Write does.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/baseline.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(page)
	if m == nil {
		t.Fatal("no example")
	}
	b, err := Read(bytes.NewReader(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	if got := written(t, b); got != string(m[1]) {
		t.Errorf("the example is written as:\n%s", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"version": 1, "findings": [{"rule": "a", "fingerprint": "b", "count": 1}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		text := written(t, b)
		again, err := Read(strings.NewReader(text))
		if err != nil || written(t, again) != text {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

// Problems are known by code, file and message; reasons that a person wrote stay.
func TestProblems(t *testing.T) {
	today := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	remote := lint.Problem{Position: lint.Position{File: "a/k.yaml", Line: 3}, Code: lint.CodeRemoteBase, Message: "x is remote"}
	lost := lint.Problem{Position: lint.Position{File: "a/k.yaml"}, Code: lint.CodeUnitLost, Message: "it took too long"}
	var b Baseline
	b.AddProblems([]lint.Problem{remote, remote, lost}, nil, today, Options{Prefix: "sub"})
	if len(b.Problems) != 1 || b.Problems[0].File != "sub/a/k.yaml" || b.Problems[0].Date != "2026-11-28" {
		t.Fatalf("%+v", b.Problems)
	}
	b.Problems[0].Reason = "known to all"
	var text bytes.Buffer
	if err := b.Write(&text); err != nil {
		t.Fatal(err)
	}
	again, err := Read(&text)
	if err != nil || !slices.Equal(again.Problems, b.Problems) {
		t.Fatalf("%+v, %v", again, err)
	}
	moved := remote
	moved.Line = 9
	other := remote
	other.Message = "y is remote"
	out, stale := again.AcceptProblems([]lint.Problem{moved, other, lost}, Options{Prefix: "sub", File: "b.json"})
	if len(stale) != 0 || out[0].Accepted == nil || out[0].Accepted.Reason != "known to all" || out[1].Accepted != nil || out[2].Accepted != nil {
		t.Errorf("%+v, stale %v", out, stale)
	}
	if moved.Accepted != nil {
		t.Error("the problem itself was changed")
	}
	if _, stale = again.AcceptProblems(nil, Options{Prefix: "sub", Paths: []string{"b"}}); len(stale) != 0 {
		t.Error("what was not linted is stale")
	}
	if _, stale = again.AcceptProblems(nil, Options{Prefix: "sub"}); len(stale) != 1 || len(again.PruneProblems(stale).Problems) != 0 {
		t.Errorf("stale %v", stale)
	}
	var next Baseline
	next.AddProblems([]lint.Problem{moved}, again, today.AddDate(1, 0, 0), Options{Prefix: "sub"})
	if !slices.Equal(next.Problems, b.Problems) {
		t.Errorf("reason and date are lost: %+v", next.Problems)
	}
}
