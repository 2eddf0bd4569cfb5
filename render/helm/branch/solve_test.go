package branch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// indexOf is the index of values in YAML.
func indexOf(t *testing.T, text string) *values.Index {
	t.Helper()
	var v map[string]any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return &values.Index{Snapshot: v}
}

// conditionsOf are the conditions of the innermost if, with or range of a template. Only
// the first block of each is followed.
func conditionsOf(t *testing.T, text string) []Condition {
	t.Helper()
	trees, err := parseAlone("a", text)
	if err != nil {
		t.Fatal(err)
	}
	w := &walker{all: &templates{}, src: &trace.Source{Text: text}, lines: map[int]bool{}}
	w.list(trees["a"].Root, scope{dot: place{kind: topLevel}, vars: map[string]place{}}, nil, false)
	if len(w.blocks) == 0 {
		t.Fatalf("%s has no block", text)
	}
	deepest := w.blocks[0]
	for _, b := range w.blocks {
		if len(b.Conditions) > len(deepest.Conditions) {
			deepest = b
		}
	}
	return deepest.Conditions
}

// solutionText is a solution as a test writes it.
func solutionText(s Solution, ok bool) string {
	if !ok {
		return "unknown"
	}
	var l []string
	for _, set := range s.Set {
		l = append(l, fmt.Sprintf("%s=%#v", trace.JoinSteps(set.Steps), set.Value))
	}
	for _, api := range s.APIs {
		l = append(l, "API "+api)
	}
	return strings.Join(l, " ")
}

// TestSolve checks with which values a block renders. The values are those of the test, and
// every answer is checked: the template must print the block with them.
func TestSolve(t *testing.T) {
	const present = `
up: true
down: false
text: x
empty: ""
number: 3
zero: 0
list: []
items: [{down: false}]
map: {}
labels: {}
existingSecret: ""
set: {a: 1}
kind: Deployment
"null": null
deep: {down: false, up: true}
new: {}
`
	for _, tt := range []struct{ condition, want string }{
		// one value
		{`if .Values.up`, ``},
		{`if .Values.down`, `down=true`},
		{`if $.Values.down`, `down=true`},
		{`if .Values.deep.down`, `deep.down=true`},
		{`if not .Values.up`, `up=false`},
		{`if not .Values.down`, ``},
		{`if (.Values.down)`, `down=true`},
		{`if .Values.down | not | not`, `down=true`},
		{`if not (not .Values.down)`, `down=true`},
		{`if .Values.text`, ``},
		{`if not .Values.text`, `text=""`},
		{`if .Values.empty`, `unknown`},
		{`if .Values.existingSecret`, `existingSecret="example"`},
		{`if .Values.number`, ``},
		{`if .Values.zero`, `unknown`},
		{`if not .Values.number`, `unknown`},
		{`if .Values.list`, `unknown`},
		{`if .Values.map`, `unknown`},
		{`if .Values.labels`, `labels=map[string]interface {}{"example":"example"}`},
		{`if not .Values.set`, `unknown`},
		// values that are not set
		{`if .Values.enabled`, `enabled=true`},
		{`if .Values.new.create`, `new.create=true`},
		{`if .Values.new.annotations`, `new.annotations=map[string]interface {}{"example":"example"}`},
		{`if .Values.new.secretName`, `new.secretName="example"`},
		{`if .Values.new.other`, `unknown`},
		{`if not .Values.new.other`, ``},
		{`if .Values.null`, `unknown`},
		{`if .Values.text.enabled`, `unknown`},
		{`if (index .Values.items 0).down`, `unknown`},
		// and, or
		{`if and .Values.down .Values.deep.down`, `down=true deep.down=true`},
		{`if and .Values.up .Values.down`, `down=true`},
		{`if and .Values.down .Values.list`, `unknown`},
		{`if or .Values.list .Values.down`, `down=true`},
		{`if or .Values.up .Values.down`, ``},
		{`if or .Values.down .Values.deep.down`, `down=true`},
		{`if not (and .Values.up .Values.deep.up)`, `up=false`},
		{`if not (or .Values.up .Values.deep.up)`, `up=false deep.up=false`},
		{`if and (or .Values.list .Values.down) (not .Values.up)`, `down=true up=false`},
		{`if or (and .Values.down .Values.list) .Values.deep.down`, `deep.down=true`},
		{`if and .Values.down (not .Values.down)`, `unknown`},
		{`if and .Values.down .Values.down`, `down=true`},
		// comparisons
		{`if eq .Values.kind "DaemonSet"`, `kind="DaemonSet"`},
		{`if eq "DaemonSet" .Values.kind`, `kind="DaemonSet"`},
		{`if eq .Values.kind "Deployment"`, ``},
		{`if ne .Values.kind "DaemonSet"`, ``},
		{`if ne .Values.kind "Deployment"`, `unknown`},
		{`if not (ne .Values.kind "DaemonSet")`, `kind="DaemonSet"`},
		{`if not (eq .Values.kind "Deployment")`, `unknown`},
		{`if eq .Values.down true`, `down=true`},
		{`if ne .Values.up true`, `up=false`},
		{`if eq (toString .Values.down) "true"`, `down=true`},
		{`if eq (toString .Values.number) "3"`, ``},
		{`if eq .Values.number 4`, `unknown`},
		// functions that change what is compared
		{`if eq (lower .Values.kind) "deployment"`, ``},
		{`if eq (.Values.kind | upper) "DAEMONSET"`, `kind="DAEMONSET"`},
		{`if eq (.Values.kind | upper) "DaemonSet"`, `unknown`},
		{`if ne (lower .Values.kind) "deployment"`, `unknown`},
		{`if ne (toString .Values.up | upper) "TRUE"`, `unknown`},
		{`if eq (b64enc .Values.kind) "YQ=="`, `unknown`},
		{`if eq (quote .Values.kind) "\"a\""`, `unknown`},
		{`if ne (lower (default "a" .Values.new.mode)) "a"`, `unknown`},
		{`if ne (default "A" .Values.new.mode | lower) "a"`, `unknown`},
		{`if ne (default .Values.text .Values.empty) "x"`, `unknown`},
		{`if ne (dig "mode" "a" .Values.new) "a"`, `unknown`},
		{`if eq (default "a" (lower .Values.empty)) "b"`, `empty="b"`},
		{`if eq .Values.kind "a" "b"`, `unknown`},
		{`if eq .Values.kind .Values.text`, `unknown`},
		{`if gt .Values.number 4`, `unknown`},
		// functions
		{`if empty .Values.down`, ``},
		{`if empty .Values.text`, `text=""`},
		{`if not (empty .Values.down)`, `down=true`},
		{`if .Values.down | default false`, `down=true`},
		{`if default false .Values.new.create`, `new.create=true`},
		{`if default true .Values.down`, ``},
		{`if not (default true .Values.down)`, `unknown`},
		{`if default .Values.down .Values.list`, `down=true`},
		{`if not (default .Values.up .Values.down)`, `up=false`},
		{`if eq (.Values.new.mode | default "a") "a"`, ``},
		{`if eq (.Values.new.mode | default "a") "b"`, `new.mode="b"`},
		{`if ne (default "a" .Values.new.mode) "a"`, `unknown`},
		{`if get .Values.deep "down"`, `deep.down=true`},
		{`if index .Values "deep" "down"`, `deep.down=true`},
		{`if dig "deep" "down" false .Values`, `deep.down=true`},
		{`if not (dig "deep" "up" true .Values)`, `unknown`},
		{`if ternary .Values.up .Values.down .Values.down`, `unknown`},
		{`if hasKey .Values "new"`, ``},
		{`if or (hasKey .Values "new") .Values.down`, ``},
		{`if hasKey .Values.new "create"`, `new.create=true`},
		{`if hasKey .Values.new "other"`, `unknown`},
		{`if not (hasKey .Values.new "create")`, ``},
		{`if not (hasKey .Values "down")`, `unknown`},
		{`if hasKey .Values "down"`, ``},
		{`if not (kindIs "invalid" .Values.down)`, ``},
		{`if not (kindIs "invalid" .Values.new.create)`, `new.create=true`},
		{`if ne .Values.new.create nil`, `new.create=true`},
		{`if eq .Values.new.create nil`, ``},
		{`if include "helper" .`, `unknown`},
		{`if and .Values.down (include "helper" .)`, `unknown`},
		{`if true`, ``},
		{`if false`, `unknown`},
		// what is not a value
		{`if .Capabilities.APIVersions.Has "example.com/v1"`, `API example.com/v1`},
		{`if and .Values.down ($.Capabilities.APIVersions.Has "example.com/v1")`, `down=true API example.com/v1`},
		{`if not (.Capabilities.APIVersions.Has "example.com/v1")`, `unknown`},
		{`if and (.Capabilities.APIVersions.Has "a/v1") (or (not (.Capabilities.APIVersions.Has "a/v1")) .Values.down)`, `down=true API a/v1`},
		{`if .Release.IsUpgrade`, `unknown`},
		{`if .`, `unknown`},
		// with, range and nested blocks
		{`with .Values.down`, `down=true`},
		{`with $x := .Values.down`, `down=true`},
		{`if $x := .Values.down`, `down=true`},
		{`range .Values.list`, `unknown`},
		{`if .Values.down }}{{ if .Values.deep.down`, `deep.down=true down=true`},
		{`with .Values.deep }}{{ if .down`, `deep.down=true`},
		{`with .Values.deep }}{{ if $.Values.down`, `down=true`},
		{`range .Values.list }}{{ if $.Values.down`, `unknown`},
		{`range .Values.list }}{{ if .down`, `unknown`},
		{`if .Values.down }}{{ if not .Values.down`, `unknown`},
		{`if $x := .Values.deep }}{{ if $x.down`, `deep.down=true`},
	} {
		name := strings.ReplaceAll(tt.condition, "}}{{", ";")
		template := "{{ " + tt.condition + " }}x" + strings.Repeat("{{ end }}", strings.Count(tt.condition, "}}")+1)
		s := Solver{Values: indexOf(t, present), Unset: IsToggle, Texts: true, StandIns: true, APIs: true}
		found, ok := s.Solve(conditionsOf(t, template)...)
		if got := solutionText(found, ok); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
		if ok && !rendersWith(t, template, s.Values.Snapshot, found) {
			t.Errorf("%s: the block does not render with %s", name, tt.want)
		}
	}
}

// TestSolverLimits checks what the fields of a solver allow.
func TestSolverLimits(t *testing.T) {
	const present = "down: false\ntext: x\nlabels: {}\nexistingSecret: ''\nkind: a\n"
	for _, tt := range []struct {
		condition string
		solver    Solver
		want      string
	}{
		{`if .Values.down`, Solver{}, `down=true`},
		{`if .Values.new.enabled`, Solver{}, `unknown`},
		{`if .Values.new.enabled`, Solver{Unset: IsToggle}, `new.enabled=true`},
		{`if .Values.new.useTLS`, Solver{Unset: IsToggle}, `unknown`},
		{`if .Values.new.useTLS`, Solver{Unset: IsSwitch}, `new.useTLS=true`},
		{`if eq .Values.new.enabled true`, Solver{Unset: IsToggle}, `new.enabled=true`},
		{`if eq .Values.new.port true`, Solver{Unset: IsToggle}, `unknown`},
		{`if eq .Values.down true`, Solver{}, `down=true`},
		{`if eq .Values.text true`, Solver{}, `unknown`},
		{`if not .Values.text`, Solver{}, `unknown`},
		{`if not .Values.text`, Solver{Texts: true}, `text=""`},
		{`if eq .Values.kind "b"`, Solver{}, `unknown`},
		{`if eq .Values.kind "b"`, Solver{Texts: true}, `kind="b"`},
		{`if .Values.labels`, Solver{Texts: true}, `unknown`},
		{`if .Values.existingSecret`, Solver{Texts: true}, `unknown`},
		{`if .Values.existingSecret`, Solver{StandIns: true}, `existingSecret="example"`},
		{`if .Capabilities.APIVersions.Has "a/v1"`, Solver{}, `unknown`},
		{`if .Capabilities.APIVersions.Has "a/v1"`, Solver{APIs: true}, `API a/v1`},
	} {
		tt.solver.Values = indexOf(t, present)
		found, ok := tt.solver.Solve(conditionsOf(t, "{{ "+tt.condition+" }}x{{ end }}")...)
		if got := solutionText(found, ok); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.condition, got, tt.want)
		}
	}
}

// TestPreventing checks which tests alone prevent a block from rendering.
func TestPreventing(t *testing.T) {
	const present = "up: true\noff: false\nno: false\nlist: []\nkind: a\n"
	for _, tt := range []struct{ condition, want string }{
		{`if .Values.up`, ``},
		{`if .Values.down`, `down`},
		{`if .Values.list`, `list`},
		{`if eq .Values.kind "b"`, `kind`},
		{`if and .Values.up .Values.down`, `down`},
		{`if and .Values.down .Values.no`, ``},
		{`if or .Values.down .Values.no`, `down no`},
		{`if or .Values.up .Values.down`, ``},
		{`if and .Values.up (or .Values.down .Values.no)`, `down no`},
		{`if or (and .Values.down .Values.no) .Values.list`, `list`},
		{`if and .Values.down (include "helper" .)`, ``},
		{`if or .Values.down (include "helper" .)`, `down`},
		{`if not .Values.up`, `up`},
		{`if not (and .Values.up .Values.kind)`, `up kind`},
		{`if not (or .Values.up .Values.kind)`, ``},
	} {
		s := Solver{Values: indexOf(t, present)}
		var got []string
		for _, test := range s.Preventing(conditionsOf(t, "{{ "+tt.condition+" }}x{{ end }}")[0]) {
			got = append(got, trace.JoinSteps(test.Steps))
		}
		if l := strings.Join(got, " "); l != tt.want {
			t.Errorf("%s: got %q, want %q", tt.condition, l, tt.want)
		}
	}
}

// TestValue checks the value that makes one test hold.
func TestValue(t *testing.T) {
	const present = "up: true\noff: false\ntext: x\nlist: []\nkind: a\n"
	for _, tt := range []struct{ condition, want string }{
		{`if .Values.down`, `true`},
		{`if not .Values.up`, `false`},
		{`if not .Values.text`, `""`},
		{`if eq .Values.kind "b"`, `"b"`},
		{`if ne .Values.kind "a"`, `unknown`},
		{`if .Values.list`, `unknown`},
		{`if .Values.new`, `true`},
	} {
		s := Solver{Values: indexOf(t, present), Texts: true, Unset: func(string) bool { return true }}
		tests := s.Preventing(conditionsOf(t, "{{ "+tt.condition+" }}x{{ end }}")[0])
		if len(tests) != 1 {
			t.Errorf("%s: tests %v", tt.condition, tests)
			continue
		}
		got := "unknown"
		if v, ok := s.Value(tests[0]); ok {
			got = fmt.Sprintf("%#v", v)
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.condition, got, tt.want)
		}
	}
}

func TestAnother(t *testing.T) {
	for _, tt := range []struct {
		now      any
		compared []string
		want     string
	}{
		{true, nil, "false true"},
		{false, []string{"a"}, "true true"},
		{"a", []string{"b"}, "b true"},
		{"a", []string{"b", "c"}, "c true"},
		{"a", []string{"b", "a"}, "b true"},
		{"a", []string{"a"}, "<nil> false"},
		{"a", nil, "<nil> false"},
		{3, []string{"b"}, "<nil> false"},
		{nil, []string{"b"}, "<nil> false"},
	} {
		v, ok := Another(tt.now, tt.compared)
		if got := fmt.Sprint(v, " ", ok); got != tt.want {
			t.Errorf("%v %q: got %s, want %s", tt.now, tt.compared, got, tt.want)
		}
	}
}

// TestRequiredKey checks which key an action is said to require.
func TestRequiredKey(t *testing.T) {
	for _, tt := range []struct{ action, want string }{
		{`{{ required "m" .Values.a.b }}`, "a.b"},
		{`{{ required "m" $.Values.a }}`, "a"},
		{`{{ .Values.a | required "m" }}`, "a"},
		{`{{ .Values.a | required "m" | quote }}`, "a"},
		{`{{ quote (required "m" .Values.a) }}`, "a"},
		{`{{ $x := required "m" .Values.a }}`, "a"},
		{`{{ required "m" .a }}`, ""},
		{`{{ required "m" .Values }}`, ""},
		{`{{ required "m" $x.a }}`, ""},
		{`{{ required "m" .Values.a }}{{ required "m" .Values.b }}`, "a"},
		{`{{ print (required "m" .Values.a) (required "m" .Values.b) }}`, ""},
		{`{{ fail "m" }}`, ""},
		{`{{ if required "m" .Values.a }}`, ""},
	} {
		if got := trace.JoinSteps(RequiredKey(&trace.Source{Text: tt.action}, 5)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.action, got, tt.want)
		}
	}
}

// TestDisabledBy checks that only keys of values count.
func TestDisabledBy(t *testing.T) {
	n, err := parseAlone("a", `{{ if .Values.a }}x{{ end }}`)
	if err != nil {
		t.Fatal(err)
	}
	pipe := n["a"].Root.Nodes[0].(*parse.IfNode).Pipe
	c := trace.ReadCondition(pipe, true)
	block := &trace.DisabledBlock{Block: &trace.Block{Condition: c, Tests: c.Tests()}}
	if _, ok := DisabledBy(block).Key(&trace.Condition{}); ok {
		t.Error("a test of another condition has a key")
	}
	if slices.ContainsFunc(c.Tests(), func(test *trace.Condition) bool { return test.Kind != trace.TruthTest }) {
		t.Errorf("tests %v", c.Tests())
	}
}
