package ignore

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render"
)

var today = time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)

// rule is one that reports a field of pods that is true.
func rule(id, field string) *lint.Rule {
	return &lint.Rule{ID: id, Severity: lint.High, Fix: "fix it", Check: lint.Field{Of: lint.KindPod, Path: field, Allow: []string{"false"}}}
}

var (
	hostPID     = rule("no-host-pid", "hostPID")
	hostIPC     = rule("no-host-ipc", "hostIPC")
	hostNetwork = rule("no-host-network", "hostNetwork")
	nonRoot     = &lint.Rule{ID: "run-as-non-root", Aliases: []string{"non-root"}, Severity: lint.High, Fix: "fix it", Check: lint.Field{
		Of: lint.KindPod, Path: "securityContext.runAsNonRoot", Allow: []string{"true"}, Absent: lint.Bad,
	}}
	all = []*lint.Rule{hostPID, hostIPC, hostNetwork, nonRoot}
)

// found is what a run over files comes to before anything is ignored.
func found(t *testing.T, ran []*lint.Rule, files map[string]string) ([]*lint.Finding, *Comments) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := render.NewPlan([]string{"."}, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	comments := &Comments{Read: func(file string) ([]byte, bool) {
		text, err := os.ReadFile(file)
		return text, err == nil
	}}
	var findings []*lint.Finding
	result := plan.Run(context.Background(), func(r *lint.Rendered) {
		comments.Add(r.Sources...)
		f, problems := (&lint.Checker{Rules: ran}).Check(r.Unit)
		if len(problems) > 0 {
			t.Errorf("problems %v", problems)
		}
		findings = append(findings, f...)
	})
	if len(result.Problems) > 0 {
		t.Fatalf("problems %v", result.Problems)
	}
	return findings, comments
}

// listed lists the findings of a report, ignored ones with what ignores them.
func listed(findings []*lint.Finding) string {
	r := lint.NewReport(findings, nil, nil, lint.Summary{})
	var l []string
	for _, f := range r.Findings {
		at := f.Origin.Position
		at.Column = 0
		s := fmt.Sprintf("%s: %s", at, f.Rule.ID)
		switch {
		case f.Object.Kind == "":
			s += ": " + f.Message
		case len(f.Units()) > 0:
			s += " in " + strings.Join(f.Units(), ", ")
		}
		l = append(l, s)
	}
	for _, f := range r.Ignored {
		at, by := f.Origin.Position, f.Ignored.Position
		at.Column, by.Column = 0, 0
		l = append(l, fmt.Sprintf("%s: %s in %s ignored by %s %s: %s", at, f.Rule.ID, strings.Join(f.Units(), ", "), f.Ignored.By, by, f.Ignored.Reason))
	}
	return strings.Join(l, "\n") + "\n"
}

func run(t *testing.T, opts Options, files map[string]string) string {
	t.Helper()
	if opts.Ran == nil {
		opts.Ran = slices.Concat(all, Rules())
	}
	opts.Rules, opts.Today = all, today
	findings, comments := found(t, opts.Ran, files)
	opts.Comments = comments
	return listed(apply(findings, opts))
}

// apply is what an Applier makes of findings, with those about comments and entries at the end.
func apply(findings []*lint.Finding, opts Options) []*lint.Finding {
	a := NewApplier(opts)
	return append(a.Apply(findings), a.Finish()...)
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// pod is a manifest in which %[1]s is before the document, %[2]s on the line
// of hostPID, %[3]s above it, and %[4]s on that of the spec.
func pod(head, on, above, spec string) string {
	return head + `apiVersion: v1
kind: Pod
metadata: {name: a}
spec: ` + spec + `
  hostIPC: true
` + above + `  hostPID: true ` + on + `
  securityContext: {runAsNonRoot: true}
  containers: []
`
}

func TestManifests(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"none", pod("", "", "", ""), `
p.yaml:5: no-host-ipc in p.yaml
p.yaml:6: no-host-pid in p.yaml
`},
		{"on the line", pod("", "# kubevet:ignore no-host-pid why", "", ""), `
p.yaml:5: no-host-ipc in p.yaml
p.yaml:6: no-host-pid in p.yaml ignored by comment p.yaml:6: why
`},
		{"above", pod("", "", "  # kubevet:ignore no-host-pid why\n", ""), `
p.yaml:5: no-host-ipc in p.yaml
p.yaml:7: no-host-pid in p.yaml ignored by comment p.yaml:6: why
`},
		{"both: the nearest is reported, and both are used", pod("# kubevet:ignore no-host-pid far\n", "", "  # kubevet:ignore no-host-pid near\n", ""), `
p.yaml:6: no-host-ipc in p.yaml
p.yaml:8: no-host-pid in p.yaml ignored by comment p.yaml:7: near
`},
		{"whole object", pod("---\n# kubevet:ignore no-host-pid,no-host-ipc why\n\n", "", "", ""), `
p.yaml:8: no-host-ipc in p.yaml ignored by comment p.yaml:2: why
p.yaml:9: no-host-pid in p.yaml ignored by comment p.yaml:2: why
`},
		{"of one object only", pod("# kubevet:ignore no-host-pid,no-host-ipc why\n", "", "", "") + "---\n" + pod("", "", "", ""), `
p.yaml:15: no-host-ipc in p.yaml
p.yaml:16: no-host-pid in p.yaml
p.yaml:6: no-host-ipc in p.yaml ignored by comment p.yaml:1: why
p.yaml:7: no-host-pid in p.yaml ignored by comment p.yaml:1: why
`},
		{"another rule, another line", pod("", "# kubevet:ignore no-host-ipc why", "", "# kubevet:ignore no-host-pid why"), `
p.yaml:4: unused-ignore: the comment ignores no-host-pid, of which nothing is found here
p.yaml:5: no-host-ipc in p.yaml
p.yaml:6: no-host-pid in p.yaml
p.yaml:6: unused-ignore: the comment ignores no-host-ipc, of which nothing is found here
`},
		{"one rule of two is unused", pod("", "# kubevet:ignore no-host-pid,no-host-network why", "", ""), `
p.yaml:5: no-host-ipc in p.yaml
p.yaml:6: unused-ignore: the comment ignores no-host-network, of which nothing is found here
p.yaml:6: no-host-pid in p.yaml ignored by comment p.yaml:6: why
`},
		{"not yet past", pod("", "# kubevet:ignore no-host-pid why until 2026-11-24", "", ""), `
p.yaml:5: no-host-ipc in p.yaml
p.yaml:6: no-host-pid in p.yaml ignored by comment p.yaml:6: why
`},
		{"past", pod("", "# kubevet:ignore no-host-pid why until 2026-11-23", "", ""), `
p.yaml:5: no-host-ipc in p.yaml
p.yaml:6: no-host-pid in p.yaml
p.yaml:6: expired-ignore: the comment ignores no-host-pid until 2026-11-23, which is past
`},
		{"past and unused", pod("", "# kubevet:ignore no-host-network why until 2026-11-23", "", ""), `
p.yaml:5: no-host-ipc in p.yaml
p.yaml:6: no-host-pid in p.yaml
p.yaml:6: expired-ignore: the comment ignores no-host-network until 2026-11-23, which is past; nothing is left to ignore
`},
		{"past, and another that is not", pod("# kubevet:ignore no-host-pid far\n", "# kubevet:ignore no-host-pid why until 2026-11-23", "", ""), `
p.yaml:6: no-host-ipc in p.yaml
p.yaml:7: expired-ignore: the comment ignores no-host-pid until 2026-11-23, which is past
p.yaml:7: no-host-pid in p.yaml ignored by comment p.yaml:1: far
`},
		{"unknown rule", pod("", "# kubevet:ignore no-hostpid,no-host-pid why", "", "# kubevet:ignore zzz why"), `
p.yaml:4: invalid-ignore: the comment names the rule "zzz", which does not exist
p.yaml:5: no-host-ipc in p.yaml
p.yaml:6: invalid-ignore: the comment names the rule "no-hostpid", which does not exist
p.yaml:6: no-host-pid in p.yaml ignored by comment p.yaml:6: why
`},
		{"unreadable", pod("", "# kubevet:ignore no-host-pid", "", "# kubevet: ignore no-host-pid why"), `
p.yaml:4: invalid-ignore: the comment ignores nothing: it starts with "kubevet: ignore", not "kubevet:ignore"
p.yaml:5: no-host-ipc in p.yaml
p.yaml:6: no-host-pid in p.yaml
p.yaml:6: invalid-ignore: the comment ignores nothing: it has no reason
`},
		{"former id, on the parent of an absent field", `kind: Pod
apiVersion: v1
spec: # kubevet:ignore non-root why
  containers: []
`, `
p.yaml:3: run-as-non-root in p.yaml ignored by comment p.yaml:3: why
`},
		{"an item of a list", `kind: List
apiVersion: v1
items:
- kind: Pod
  apiVersion: v1
  spec: {hostPID: true, securityContext: {runAsNonRoot: true}}
# kubevet:ignore no-host-pid why
- kind: Pod
  apiVersion: v1
  spec:
    hostPID: true
    securityContext: {runAsNonRoot: true}
`, `
p.yaml:6: no-host-pid in p.yaml
p.yaml:11: no-host-pid in p.yaml ignored by comment p.yaml:7: why
`},
	} {
		t.Run(c.name, func(t *testing.T) { check(t, run(t, Options{}, map[string]string{"p.yaml": c.text}), c.want) })
	}
}

// Comments of rules that did not run are not reported as unused, and without
// the rules about ignores nothing is reported of them.
func TestRan(t *testing.T) {
	files := map[string]string{"p.yaml": pod("# kubevet:ignore no-host-network,run-as-non-root why until 2020-01-01\n", "# kubevet:ignore no-host-network,no-host-pid why", "", "")}
	check(t, run(t, Options{Ran: []*lint.Rule{hostPID, UnusedIgnore, ExpiredIgnore}}, files), `
p.yaml:7: no-host-pid in p.yaml ignored by comment p.yaml:7: why
`)
	check(t, run(t, Options{Ran: []*lint.Rule{hostPID, hostNetwork}}, files), `
p.yaml:7: no-host-pid in p.yaml ignored by comment p.yaml:7: why
`)
	check(t, run(t, Options{Ran: []*lint.Rule{hostPID, hostNetwork, UnusedIgnore}, Incomplete: true}, files), `
p.yaml:7: no-host-pid in p.yaml ignored by comment p.yaml:7: why
`)
}

var chart = map[string]string{
	"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
	"c/values.yaml": `pid: true
# kubevet:ignore no-host-ipc the key says so
ipc: true
network: true
`,
	"c/templates/a.yaml": `{{/* kubevet:ignore run-as-non-root the whole object */}}
{{- if .Values.pid }}
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  {{- /* kubevet:ignore no-host-pid the template says so */}}
  {{- if .Values.pid }}
  hostPID: {{ .Values.pid }}
  {{- end }}
  {{- include "c.spec" . | nindent 2 }}
  hostIPC: {{ .Values.ipc }}
  containers: []
{{- end }}
`,
	"c/templates/b.yaml": `apiVersion: v1
kind: Pod
metadata: {name: b}
spec:
  hostPID: {{ .Values.pid }}
  securityContext: {runAsNonRoot: true}
`,
	"c/templates/_helpers.tpl": `{{- define "c.spec" -}}
hostNetwork: {{ .Values.network }} # kubevet:ignore no-host-network the helper says so
{{- end }}
`,
}

func TestChart(t *testing.T) {
	check(t, run(t, Options{}, chart), `
c/values.yaml:1: no-host-pid in c (default values)
c/templates/a.yaml:6: run-as-non-root in c (default values) ignored by comment c/templates/a.yaml:1: the whole object
c/values.yaml:1: no-host-pid in c (default values) ignored by comment c/templates/a.yaml:7: the template says so
c/values.yaml:3: no-host-ipc in c (default values) ignored by comment c/values.yaml:2: the key says so
c/values.yaml:4: no-host-network in c (default values) ignored by comment c/templates/_helpers.tpl:2: the helper says so
`)
}

var overlays = map[string]string{
	"base/kustomization.yaml": "resources: [d.yaml]\n",
	"base/d.yaml": `# kubevet:ignore run-as-non-root the whole object
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostPID: true # kubevet:ignore no-host-pid the base says so
  containers: []
`,
	"dev/kustomization.yaml": `resources:
- ../base
namePrefix: dev-
patches:
- path: p.yaml
`,
	"dev/p.yaml": `# kubevet:ignore no-host-network the patch's head says so
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostNetwork: true
  hostIPC: true # kubevet:ignore no-host-ipc the patch says so
`,
	"prod/kustomization.yaml": `resources:
- ../base
patches:
# kubevet:ignore no-host-ipc the entry says so
- path: p.yaml
`,
	"prod/p.yaml": `apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostNetwork: true
  hostIPC: true
`,
}

func TestOverlays(t *testing.T) {
	check(t, run(t, Options{}, overlays), `
prod/p.yaml:5: no-host-network in prod
base/d.yaml:5: run-as-non-root in dev, prod ignored by comment base/d.yaml:1: the whole object
base/d.yaml:6: no-host-pid in dev, prod ignored by comment base/d.yaml:6: the base says so
dev/p.yaml:6: no-host-network in dev ignored by comment dev/p.yaml:1: the patch's head says so
dev/p.yaml:7: no-host-ipc in dev ignored by comment dev/p.yaml:7: the patch says so
prod/p.yaml:6: no-host-ipc in prod ignored by comment prod/kustomization.yaml:4: the entry says so
`)
}

// Files of an overlay are seen without findings too.
func TestOverlayUnused(t *testing.T) {
	check(t, run(t, Options{}, map[string]string{
		"o/kustomization.yaml": "resources: [s.yaml]\n# kubevet:ignore no-host-ipc why\n",
		"o/s.yaml":             "# kubevet:ignore no-host-pid why\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n",
	}), `
o/kustomization.yaml:2: unused-ignore: the comment ignores no-host-ipc, of which nothing is found here
o/s.yaml:1: unused-ignore: the comment ignores no-host-pid, of which nothing is found here
`)
}

// The head of a base counts for what patches set, and that of a template for
// what helpers print.
func TestObjectAt(t *testing.T) {
	files := map[string]string{
		"c/Chart.yaml":  "apiVersion: v2\nname: c\nversion: 1.0.0\n",
		"c/values.yaml": "pid: true\n",
		"c/templates/a.yaml": `# kubevet:ignore no-host-pid the template says so
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {{- include "c.spec" . | nindent 2 }}
`,
		"c/templates/b.yaml": `{{/* kubevet:ignore no-host-ipc no line of the object is here */}}
{{ include "c.object" . }}
`,
		"c/templates/_helpers.tpl": `{{- define "c.spec" }}
hostPID: true
securityContext: {runAsNonRoot: true}
{{- end }}
{{- define "c.object" }}
apiVersion: v1
kind: Pod
metadata: {name: b}
spec:
  hostIPC: true
  securityContext: {runAsNonRoot: true}
{{- end }}
`,
	}
	maps.Copy(files, overlays)
	files["base/d.yaml"] = strings.Replace(overlays["base/d.yaml"], "run-as", "no-host-network,run-as", 1)
	files["dev/p.yaml"] = strings.Replace(overlays["dev/p.yaml"], "# kubevet:ignore no-host-network the patch's head says so\n", "", 1)
	check(t, run(t, Options{}, files), `
base/d.yaml:5: run-as-non-root in dev, prod ignored by comment base/d.yaml:1: the whole object
base/d.yaml:6: no-host-pid in dev, prod ignored by comment base/d.yaml:6: the base says so
c/templates/_helpers.tpl:2: no-host-pid in c (default values) ignored by comment c/templates/a.yaml:1: the template says so
c/templates/_helpers.tpl:10: no-host-ipc in c (default values) ignored by comment c/templates/b.yaml:1: no line of the object is here
dev/p.yaml:5: no-host-network in dev ignored by comment base/d.yaml:1: the whole object
dev/p.yaml:6: no-host-ipc in dev ignored by comment dev/p.yaml:6: the patch says so
prod/p.yaml:5: no-host-network in prod ignored by comment base/d.yaml:1: the whole object
prod/p.yaml:6: no-host-ipc in prod ignored by comment prod/kustomization.yaml:4: the entry says so
`)
}

// A line within a text is ignored there, or at the key of the text.
func TestLineOfText(t *testing.T) {
	marked := &lint.Rule{ID: "no-mark", Severity: lint.High, Fix: "fix it", Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		for _, v := range o.Root.Get("data").Entries() {
			p.Report(lint.Diagnostic{Object: o, At: v, Message: "has a mark", Line: 2})
		}
	})}
	check(t, run(t, Options{Ran: []*lint.Rule{marked, UnusedIgnore, InvalidIgnore}}, map[string]string{"c.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  # kubevet:ignore no-mark above the key
  a: |
    one
    two
  b: | # kubevet:ignore no-mark at the key
    one
    two
  c: |
    one
    two # kubevet:ignore no-mark in the text
  d: |
    one
    two
`}), `
c.yaml:17: no-mark in c.yaml
c.yaml:8: no-mark in c.yaml ignored by comment c.yaml:5: above the key
c.yaml:11: no-mark in c.yaml ignored by comment c.yaml:9: at the key
c.yaml:14: no-mark in c.yaml ignored by comment c.yaml:14: in the text
`)
}

func entry(line int, change func(*Entry)) Entry {
	e := Entry{Rules: []string{"no-host-pid"}, Reason: "why", Position: lint.Position{File: ".kubevet.yaml", Line: line}}
	change(&e)
	return e
}

func TestEntries(t *testing.T) {
	files := map[string]string{"deploy/p.yaml": pod("", "", "", "")}
	for _, c := range []struct {
		name   string
		change func(*Entry)
		hit    bool
	}{
		{"rule alone", func(*Entry) {}, true},
		{"another rule", func(e *Entry) { e.Rules = []string{"no-host-network"} }, false},
		{"one of several rules", func(e *Entry) { e.Rules = []string{"no-host-pid", "a"} }, true},
		{"path", func(e *Entry) { e.Paths = []string{"x", "deploy/*.yaml"} }, true},
		{"path of any depth", func(e *Entry) { e.Paths = []string{"**/p.yaml"} }, true},
		{"another path", func(e *Entry) { e.Paths = []string{"*.yaml"} }, false},
		{"path from a directory above", func(e *Entry) {
			e.Paths, e.Position.File = []string{"repo/deploy/**"}, "../.kubevet.yaml"
		}, true},
		{"path from a directory beside", func(e *Entry) {
			e.Paths, e.Position.File = []string{"../deploy/**"}, "config/.kubevet.yaml"
		}, true},
		{"kind", func(e *Entry) { e.Kinds = []string{"P*d"} }, true},
		{"another kind", func(e *Entry) { e.Kinds = []string{"Deployment"} }, false},
		{"name", func(e *Entry) { e.Names = []string{"[ab]"} }, true},
		{"another name", func(e *Entry) { e.Names = []string{"b"} }, false},
		{"no namespace", func(e *Entry) { e.Namespaces = []string{"*"} }, false},
		{"no container", func(e *Entry) { e.Containers = []string{"*"} }, false},
		{"no subchart", func(e *Entry) { e.Subcharts = []string{"*"} }, false},
		{"bad glob", func(e *Entry) { e.Names = []string{"[a"} }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := entry(3, c.change)
			want := "deploy/p.yaml:5: no-host-ipc in deploy/p.yaml\n"
			if c.hit {
				want += "deploy/p.yaml:6: no-host-pid in deploy/p.yaml ignored by config " + e.Position.String() + ": why\n"
			} else {
				want = e.Position.String() + ": unused-ignore: the entry ignores " + e.Rules[0] + ", of which nothing is found here\n" +
					want + "deploy/p.yaml:6: no-host-pid in deploy/p.yaml\n"
			}
			check(t, run(t, Options{Entries: []Entry{e}, Prefix: "repo"}, files), want)
		})
	}
}

func TestEntriesReported(t *testing.T) {
	files := map[string]string{"p.yaml": pod("# kubevet:ignore no-host-network an unused one\n", "# kubevet:ignore no-host-pid why", "", "")}
	entries := []Entry{
		entry(1, func(*Entry) {}), // the comment is reported, but the entry is used
		entry(2, func(e *Entry) { e.Until = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); e.Rules[0] = "no-host-ipc" }),
		entry(3, func(e *Entry) { e.Rules[0] = "no-host-network" }),
		entry(3, func(e *Entry) { e.Rules[0] = "unused-ignore"; e.Paths = []string{"p.yaml"} }),
	}
	want := `
p.yaml:6: no-host-ipc in p.yaml
p.yaml:1: unused-ignore in  ignored by config .kubevet.yaml:3: why
p.yaml:7: no-host-pid in p.yaml ignored by comment p.yaml:7: why
`
	expired := ".kubevet.yaml:2: expired-ignore: the entry ignores no-host-ipc until 2026-01-01, which is past\n"
	check(t, run(t, Options{Entries: entries}, files), expired+
		".kubevet.yaml:3: unused-ignore: the entry ignores no-host-network, of which nothing is found here\n"+want[1:])
	check(t, run(t, Options{Entries: entries, Narrow: true}, files), expired+want[1:])
}

func TestSubchart(t *testing.T) {
	f := &lint.Finding{Rule: hostPID, Subchart: "redis", Occurrences: []lint.Occurrence{{}}}
	for glob, want := range map[string]bool{"redis": true, "r*": true, "postgresql": false} {
		e := entry(1, func(e *Entry) { e.Subcharts = []string{glob} })
		if got := e.matches(f, ""); got != want {
			t.Errorf("%s: %t", glob, got)
		}
	}
}

func TestMatchPath(t *testing.T) {
	for _, c := range []struct {
		glob, file string
		want       bool
	}{
		{"a.yaml", "a.yaml", true},
		{"./a.yaml", "a.yaml", true},
		{"*.yaml", "d/a.yaml", false},
		{"**/*.yaml", "a.yaml", true},
		{"**/*.yaml", "d/e/a.yaml", true},
		{"**", "d/e/a.yaml", true},
		{"d/**", "d/e/a.yaml", true},
		{"d/**", "d", false},
		{"d/**/a.yaml", "d/a.yaml", true},
		{"d/**/**/a.yaml", "d/e/f/a.yaml", true},
		{"d/**/a.yaml", "e/d/a.yaml", false},
		{"**/d/**", "e/d/f/a.yaml", true},
		{"d/*/a.yaml", "d/e/f/a.yaml", false},
		{"d/[", "d/[", false},
		{"../d/*", "../d/a.yaml", true},
		{"**", "", false},
		{strings.Repeat("**/a/", 20) + "b", strings.Repeat("a/", 15) + "c", false},
		{strings.Repeat("**/a*/", 40) + "b", strings.Repeat("aa/", 200) + "c", false}, // never ends if each split is tried
		{strings.Repeat("**/a*/", 40) + "b", strings.Repeat("aa/", 200) + "b", true},
	} {
		if got := MatchPath(c.glob, c.file); got != c.want {
			t.Errorf("%s, %s: %t", c.glob, c.file, got)
		}
	}
}

// TestMatchPathTriesAllSplits compares MatchPath with the plain recursion on random
// globs and paths.
func TestMatchPathTriesAllSplits(t *testing.T) {
	var matches func(globs, names []string) bool
	matches = func(globs, names []string) bool {
		switch {
		case len(globs) == 0:
			return len(names) == 0
		case globs[0] != "**":
			return len(names) > 0 && matchName(globs[0], names[0]) && matches(globs[1:], names[1:])
		case len(globs) == 1:
			return len(names) > 0
		}
		return matches(globs[1:], names) || len(names) > 0 && matches(globs, names[1:])
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(words []string, most int) []string {
		var l []string
		for range 1 + random.IntN(most) {
			l = append(l, words[random.IntN(len(words))])
		}
		return l
	}
	matched := 0
	for range 20000 {
		globs, names := pick([]string{"**", "a", "b", "*"}, 7), pick([]string{"a", "b", "c"}, 7)
		want := matches(globs, names)
		if got := MatchPath(strings.Join(globs, "/"), strings.Join(names, "/")); got != want {
			t.Fatalf("%v, %v: %t", globs, names, got)
		}
		if want {
			matched++
		}
	}
	if matched < 1000 {
		t.Errorf("only %d of the globs match", matched)
	}
}

// Whatever is ignored, and in whatever order findings come: each is reported or
// ignored, none is lost, and the report is the same.
func TestNothingIsLost(t *testing.T) {
	for _, files := range []map[string]string{chart, overlays, {"p.yaml": pod("# kubevet:ignore no-host-pid why\n", "", "", "")}} {
		findings, comments := found(t, all, files)
		before := len(findings)
		var first string
		for range 30 {
			rand.Shuffle(len(findings), func(i, j int) { findings[i], findings[j] = findings[j], findings[i] })
			e := entry(1, func(e *Entry) { e.Paths = []string{"prod/**", "c/templates/b.yaml"} })
			applied := apply(findings, Options{
				Comments: comments, Entries: []Entry{e}, Rules: all, Ran: slices.Concat(all, Rules()), Today: today,
			})
			n := 0
			for _, f := range applied[:before] {
				by := ""
				if f.Ignored != nil {
					n, by = n+1, f.Ignored.Reason
				}
				if by == "" && f.Ignored != nil {
					t.Errorf("ignored without a reason: %+v", f.Ignored)
				}
			}
			if len(findings) != before || n == 0 {
				t.Fatalf("%d findings, %d ignored; there were %d", len(findings), n, before)
			}
			got := listed(applied)
			if first == "" {
				first = got
			} else if got != first {
				t.Fatalf("got:\n%swant:\n%s", got, first)
			}
		}
	}
}

// The rules are documented as those of the other packages are.
func TestRules(t *testing.T) {
	for _, r := range Rules() {
		name := strings.ReplaceAll(r.ID, "-", "_") + ".go"
		text, err := Source.ReadFile(name)
		if err != nil || !strings.Contains(string(text), `"`+r.ID+`"`) {
			t.Errorf("%s: %v", name, err)
		}
		findings, problems := (&lint.Checker{Rules: []*lint.Rule{r}}).Check(&lint.Unit{})
		if len(findings)+len(problems) > 0 {
			t.Errorf("%s finds something by itself", r.ID)
		}
	}
}

// Directives are found by line as a look at each of them would, whatever their lines.
func TestRanges(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var all []Directive
		for range random.IntN(12) {
			first := random.IntN(12)
			d := Directive{Lines: Lines{First: first, Last: first + random.IntN(8) - 1}}
			if random.IntN(8) == 0 {
				d.Fault = &Fault{}
			}
			all = append(all, d)
		}
		of := func(d *Directive) Lines { return d.Lines }
		r := newRanges(all, of)
		for line := range 22 {
			var want []int
			for i := range all {
				if all[i].Fault == nil && all[i].Lines.Has(line) {
					want = append(want, i)
				}
			}
			if got := r.at(line); !slices.Equal(got, want) {
				t.Fatalf("line %d of %+v: %v, want %v", line, all, got, want)
			}
		}
	}
}
