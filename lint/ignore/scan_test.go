package ignore

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// shown is a directive as tests compare it.
func shown(d Directive) string {
	if d.Fault != nil {
		return "fault: " + d.Fault.Message + " | " + d.Fault.Help
	}
	s := strings.Join(d.Rules, ",") + " | " + d.Reason
	if !d.Until.IsZero() {
		s += " | " + d.Until.Format(dateForm)
	}
	return s
}

// Spellings, good and bad. What is no directive shows as nothing.
func TestSpellings(t *testing.T) {
	const (
		nothing = "fault: the comment ignores nothing: it "
		last    = `put the date last, as in "until 2027-03-01"`
	)
	for _, c := range []struct{ text, want string }{
		{"# kubevet:ignore no-host-pid the agent reads /proc", "no-host-pid | the agent reads /proc"},
		{"#kubevet:ignore no-host-pid the agent", "no-host-pid | the agent"},
		{"hostPID: true # kubevet:ignore no-host-pid the agent", "no-host-pid | the agent"},
		{"hostPID: true\t#\tkubevet:ignore\tno-host-pid\tthe\tagent\t", "no-host-pid | the agent"},
		{"# kubevet:ignore no-host-pid,no-host-ipc the agent", "no-host-pid,no-host-ipc | the agent"},
		{"# kubevet:ignore no-host-pid, no-host-ipc the agent", "no-host-pid,no-host-ipc | the agent"},
		{"# kubevet:ignore no-host-pid , no-host-ipc the agent", "no-host-pid,no-host-ipc | the agent"},
		{"# kubevet:ignore no-host-pid,no-host-pid the agent", "no-host-pid | the agent"},
		{"# kubevet:ignore no-host-pid: the agent", "no-host-pid | the agent"},
		{"# kubevet:ignore no-host-pid -- the agent", "no-host-pid | the agent"},
		{"# kubevet:ignore no-host-pid – the agent", "no-host-pid | the agent"},
		{"# kubevet:ignore no-host-pid the agent until 2027-03-01", "no-host-pid | the agent | 2027-03-01"},
		{"# kubevet:ignore no-host-pid the agent, until 2027-03-01 ", "no-host-pid | the agent | 2027-03-01"},
		{"# kubevet:ignore no-host-pid until we upgrade", "no-host-pid | until we upgrade"},
		{"# kubevet:ignore no-host-pid wait until 3 teams agree", "no-host-pid | wait until 3 teams agree"},
		{"# kubevet:ignore no-host-pid OPS-12", "no-host-pid | OPS-12"},
		{"# kubevet:ignore no-host-pid エージェント", "no-host-pid | エージェント"},
		{"# kubevet:ignore no-host-pid see #12", "no-host-pid | see #12"},
		{"# the agent # kubevet:ignore no-host-pid it reads /proc", "no-host-pid | it reads /proc"},
		{"# kubevet:ignore no-host-pid a # kubevet:ignore no-host-ipc b", "no-host-pid | a\nno-host-ipc | b"},
		{"{{/* kubevet:ignore no-host-pid the agent */}}", "no-host-pid | the agent"},
		{"{{- /* kubevet:ignore no-host-pid the agent until 2027-03-01 */ -}}", "no-host-pid | the agent | 2027-03-01"},
		{"hostPID: {{ .Values.pid }} {{/* kubevet:ignore no-host-pid the agent */}}", "no-host-pid | the agent"},
		{"{{- /*\n  kubevet:ignore no-host-pid the agent\n  kubevet:ignore no-host-ipc the bus\n*/}}", "no-host-pid | the agent\nno-host-ipc | the bus"},
		{"# {{/* kubevet:ignore no-host-pid the agent */}}", "no-host-pid | the agent"},
		{"hostPID: {{ default \"#\" .x }} # kubevet:ignore no-host-pid don't", "no-host-pid | don't"},
		{"\ufeff# kubevet:ignore no-host-pid the agent\r\n", "no-host-pid | the agent"},

		// no reason
		{"# kubevet:ignore no-host-pid", nothing + "has no reason | say after the rule why the finding is all right: kubevet:ignore no-host-pid the reason"},
		{"# kubevet:ignore no-host-pid --", nothing + "has no reason | say after the rule why the finding is all right: kubevet:ignore no-host-pid the reason"},
		{"# kubevet:ignore a,b until 2027-03-01", nothing + "has no reason | say after the rule why the finding is all right: kubevet:ignore a,b the reason"},
		{"{{/* kubevet:ignore no-host-pid */}}", nothing + "has no reason | say after the rule why the finding is all right: kubevet:ignore no-host-pid the reason"},
		// no rule
		{"# kubevet:ignore", nothing + "names no rule | " + form},
		{"# kubevet:ignore * the agent", nothing + `names no rule but "*" | name each rule by its id; there is no word for all of them`},
		{"# kubevet:ignore all the agent", nothing + `names no rule but "all" | name each rule by its id; there is no word for all of them`},
		{"# kubevet:ignore no-host-pid,,no-host-ipc x", nothing + `has a comma too many in "no-host-pid,,no-host-ipc" | put one comma between two rules, and none after the last`},
		{"# kubevet:ignore No-Host-PID x", nothing + `names "No-Host-PID", which is no id of a rule | write "no-host-pid"`},
		{"# kubevet:ignore [no-host-pid] x", nothing + `names "[no-host-pid]", which is no id of a rule | name the rule by its id, as the finding shows it in brackets`},
		// dates
		{"# kubevet:ignore a b until 2027-02-30", nothing + `ends on "2027-02-30", which is no date | ` + last + ", or word the reason without until"},
		{"# kubevet:ignore a b until 1.3.2027", nothing + `ends on "1.3.2027", which is no date | ` + last + ", or word the reason without until"},
		{"# kubevet:ignore a b until 2027-3-1", nothing + `ends on "2027-3-1", which is no date | ` + last + ", or word the reason without until"},
		{"# kubevet:ignore a until 2027-03-01 b", nothing + "has text after its date 2027-03-01 | " + last},
		{"# kubevet:ignore a until 2027-13-01 b", nothing + `ends on "2027-13-01", which is no date | ` + last + ", or word the reason without until"},
		{"# kubevet:ignore a b [until 2027-03-01]", nothing + `ends with "[until 2027-03-01]" | write "until 2027-03-01"`},
		{"# kubevet:ignore a b until 2027-03-01.", nothing + `ends with "until 2027-03-01." | write "until 2027-03-01"`},
		{"# kubevet:ignore a b expires 2027-03-01", nothing + `ends with "expires 2027-03-01" | write "until 2027-03-01"`},
		{"# kubevet:ignore a b until: 2027-03-01", nothing + `ends with "until: 2027-03-01" | write "until 2027-03-01"`},
		{"# kubevet:ignore a b until=2027-03-01", nothing + `has "until=2027-03-01" | write "until 2027-03-01"`},
		// misspelt markers
		{"# kubevet: ignore no-host-pid x", nothing + `starts with "kubevet: ignore", not "kubevet:ignore" | ` + form},
		{"# kubevet:ignroe no-host-pid x", nothing + `starts with "kubevet:ignroe", not "kubevet:ignore" | ` + form},
		{"# kubevet:ignores no-host-pid x", nothing + `starts with "kubevet:ignores", not "kubevet:ignore" | ` + form},
		{"# kubvet:ignore no-host-pid x", nothing + `starts with "kubvet:ignore", not "kubevet:ignore" | ` + form},
		{"# Kubevet:Ignore no-host-pid x", nothing + `starts with "Kubevet:Ignore", not "kubevet:ignore" | ` + form},
		{"# kubevet-ignore no-host-pid x", nothing + `starts with "kubevet-ignore", not "kubevet:ignore" | ` + form},
		{"# kubevet:ignore: no-host-pid x", nothing + `starts with "kubevet:ignore:", not "kubevet:ignore" | ` + form},
		{"# kubevet:ignore=no-host-pid x", nothing + `starts with "kubevet:ignore=no-host-pid", not "kubevet:ignore" | ` + form},
		{"# kubevet:ignore[no-host-pid] x", nothing + `starts with "kubevet:ignore[no-host-pid]", not "kubevet:ignore" | ` + form},
		{"# kubevet ignore no-host-pid x", nothing + `starts with "kubevet ignore", not "kubevet:ignore" | ` + form},
		{"# kubevet:disable", nothing + `starts with "kubevet:disable", not "kubevet:ignore" | ` + form},
		{"{{/* kubevet: ignore no-host-pid x */}}", nothing + `starts with "kubevet: ignore", not "kubevet:ignore" | ` + form},

		// no directives
		{"# kubevet ignores what it cannot read", ""},
		{"# linted by kubevet: ignore nothing", ""},
		{"# kubelet: ignore the lease", ""},
		{"# kubernetes: ignore no-host-pid x", ""},
		{"# kubevet: see docs/ignores.md", ""},
		{"# velvet:ignore no-host-pid x", ""},
		{"#", ""},
		{"name: a#kubevet:ignore no-host-pid x", ""},
		{`text: "# kubevet:ignore no-host-pid x"`, ""},
		{`text: '# kubevet:ignore no-host-pid x'`, ""},
		{`text: "a \" # kubevet:ignore no-host-pid x"`, ""},
		{`- "a": [ "# kubevet:ignore no-host-pid x" ]`, ""},
		{"kubevet:ignore no-host-pid x", ""},
		{`{{ "/* kubevet:ignore no-host-pid x */" }}`, ""},
	} {
		var l []string
		for _, d := range Scan("f.yaml", []byte(c.text)) {
			l = append(l, shown(d))
		}
		if got := strings.Join(l, "\n"); got != c.want {
			t.Errorf("%s\ngot:  %s\nwant: %s", c.text, got, c.want)
		}
	}
}

// Each directive is "@" and the lines that it applies to, then the object that
// it heads; Scan must come to the same.
func TestReach(t *testing.T) {
	for name, text := range map[string]string{
		"manifest": `
# kubevet:ignore a @2-4 object 1-13
# a licence
apiVersion: v1
kind: Pod # kubevet:ignore a @5-5
spec:
  # kubevet:ignore a @7-10
  # kubevet:ignore b @8-10
  # the agent
  hostPID: true # kubevet:ignore c @10-10
  # kubevet:ignore a @11-11

  hostIPC: true
---
# kubevet:ignore a @15-15 object 14-18

# kubevet:ignore a @17-18 object 14-18
{"kind": "Pod"}
--- # kubevet:ignore a @19-19 object 19-21
kind: Pod
# kubevet:ignore a @21-21
---
# kubevet:ignore a @23-23
...
`,
		"before the first document": `# kubevet:ignore a @1-1 object 1-3
---
kind: Pod
---
# kubevet:ignore a @5-5
---
kind: Pod
`,
		"first line": `kind: Pod # kubevet:ignore a @1-1 object 1-1
`,
		"list": `kind: List
items:
# kubevet:ignore a @3-4
- kind: Pod
  # kubevet:ignore a @5-6
  spec:
`,
		"values": `# kubevet:ignore a @1-2
image:
  tag: latest # kubevet:ignore a @3-3
`,
		"kustomization": `# kubevet:ignore a @1-2
kind: Kustomization # ours
images:
# kubevet:ignore a @4-5
- name: a
`,
		"template": `{{- /* kubevet:ignore a @1-4 object 1-17 */ -}}
{{- if .Values.enabled }}
{{- $x := 1 }}
apiVersion: v1
kind: Pod
spec:
  {{- /* kubevet:ignore a @7-9 */}}
  {{- with .Values.pid }}
  hostPID: {{ . }}
  {{- end }}
  hostIPC: {{ if .Values.x }}true{{ end }} {{/* kubevet:ignore a @11-11 */}}
  {{- /*
  kubevet:ignore a @13-16

  */}}
  containers: []
{{- end }}
`,
		"action over lines": `{{- $x := dict
  "a" 1
}}
# kubevet:ignore a @4-5 object 1-6
kind: Pod
spec: {}
`,
		"Dockerfile": `FROM scratch
# kubevet:ignore a @2-3
USER root
`,
	} {
		t.Run(name, func(t *testing.T) {
			marks := 0
			lines := strings.Split(text, "\n")
			for _, l := range lines {
				marks += strings.Count(l, "@")
			}
			found := Scan("f.yaml", []byte(text))
			if len(found) != marks {
				t.Errorf("%d directives, want %d", len(found), marks)
			}
			for _, d := range found {
				got := fmt.Sprintf("@%d-%d", d.Lines.First, d.Lines.Last)
				if d.Object != (Lines{}) {
					got += fmt.Sprintf(" object %d-%d", d.Object.First, d.Object.Last)
				}
				if d.Reason != got || d.Text != lines[d.Line-1] || d.File != "f.yaml" {
					t.Errorf("line %d: %s, want %s", d.Line, got, d.Reason)
				}
			}
		})
	}
}

// Whatever the text, scanning ends, places lie in the text, and a directive is
// either whole or has a fault.
func FuzzScan(f *testing.F) {
	f.Add("# kubevet:ignore a b until 2027-03-01\nkind: Pod\n---\n{{- /* kubevet: ignore\n*/}}{{ if x }}\n'#")
	f.Add("{{/*\n{{- $x :=\n}} \"\\# kubevet:ignore ,\r\n\ufeff%")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
		for _, d := range Scan("f", []byte(text)) {
			if d.Line < 1 || d.Line > len(lines) || d.Column < 1 || d.EndColumn <= d.Column ||
				d.EndColumn > utf8.RuneCountInString(lines[d.Line-1])+1 {
				t.Fatalf("%v lies outside of the text", d.Position)
			}
			if !d.Lines.Has(d.Line) && d.Lines.First != d.Line || d.Lines.Last > len(lines) || d.Object.Last > len(lines) {
				t.Fatalf("line %d applies to %v and %v of %d", d.Line, d.Lines, d.Object, len(lines))
			}
			if d.Object != (Lines{}) && !d.Object.Has(d.Line) && d.Object.First > d.Line {
				t.Fatalf("line %d heads %v", d.Line, d.Object)
			}
			if d.Fault == nil && (len(d.Rules) == 0 || d.Reason == "") || d.Fault != nil && (d.Fault.Message == "" || d.Fault.Help == "") {
				t.Fatalf("%+v is neither whole nor has a fault", d)
			}
			for _, id := range d.Rules {
				if !isRuleID(id) {
					t.Fatalf("%q is no id", id)
				}
			}
		}
	})
}

// A directive that is found is found again in what it says.
func FuzzSpelling(f *testing.F) {
	f.Add("a-b", "the reason until 2027-03-01")
	f.Fuzz(func(t *testing.T, rule, reason string) {
		d, ok := parse("kubevet:ignore " + rule + " " + reason)
		if !ok {
			t.Fatal("no directive")
		}
		if d.Fault != nil {
			return
		}
		text := "kubevet:ignore " + strings.Join(d.Rules, ",") + " " + d.Reason
		if !d.Until.IsZero() {
			text += " until " + d.Until.Format(dateForm)
		}
		again, _ := parse(text)
		if shown(again) != shown(d) {
			t.Fatalf("%s became %s", shown(d), shown(again))
		}
	})
}

// The examples of the page are what it says they are: the directives of the
// blocks under "Wrong" have faults, all others none.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/ignores.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^## ([^\n]*)$|^```(?:yaml|Dockerfile)\n(.*?)^```$")
	section, good, bad := "", 0, 0
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		if m[1] != "" {
			section = m[1]
			continue
		}
		found := Scan("docs/ignores.md", []byte(m[2]))
		if n := strings.Count(m[2], "kubevet"); n != len(found) {
			t.Errorf("%s: %d directives, want %d:\n%s", section, len(found), n, m[2])
		}
		for _, d := range found {
			wrong := section == "Comments that cannot be read"
			if wrong != (d.Fault != nil) {
				t.Errorf("%s: %s: %s", section, d.Text, shown(d))
			}
			if wrong {
				bad++
			} else {
				good++
			}
		}
	}
	if good < 8 || bad < 4 {
		t.Errorf("%d good and %d bad examples", good, bad)
	}
}

// A file of nothing but directives takes time in proportion.
func TestManyDirectives(t *testing.T) {
	text := strings.Repeat("# kubevet:ignore a b\n", 100_000)
	if n := len(Scan("f.yaml", []byte(text+"kind: Pod\n"))); n != 100_000 {
		t.Errorf("%d directives", n)
	}
}

func TestLines(t *testing.T) {
	var held []int
	for i := range 6 {
		if (Lines{2, 4}).Has(i) {
			held = append(held, i)
		}
	}
	if !slices.Equal(held, []int{2, 3, 4}) || (Lines{}).Has(0) {
		t.Errorf("held %v", held)
	}
}
