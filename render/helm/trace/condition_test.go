package trace

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
)

// pipeOf is the pipeline of the first action, if or with of a template. $x is a variable.
func pipeOf(t *testing.T, text string) *parse.PipeNode {
	t.Helper()
	tree := parse.New("a")
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse("{{ $x := 0 }}"+text, "", "", map[string]*parse.Tree{}); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	switch n := tree.Root.Nodes[1].(type) {
	case *parse.ActionNode:
		return n.Pipe
	case *parse.IfNode:
		return n.Pipe
	case *parse.WithNode:
		return n.Pipe
	}
	t.Fatalf("%s does not start with an action", text)
	return nil
}

func (o Operand) text() string {
	s := "." + strings.Join(o.Fields, ".")
	if o.Variable != "" {
		s = strings.TrimSuffix(o.Variable+s, ".")
	}
	return s
}

// text is a condition in a short form.
func (c *Condition) text() string {
	s := ""
	switch c.Kind {
	case OtherTest:
		return "?"
	case TruthTest:
		s = c.Operand.text()
	case EqualTest:
		s = fmt.Sprintf("%s == %#v", c.Operand.text(), c.Constant)
		if c.Through != "" {
			s = c.Through + " " + s
		}
		if c.Default != nil {
			s += fmt.Sprintf(" or %#v", c.Default)
		}
	case APITest:
		s = "API " + c.API
	case AllOf, AnyOf:
		l := []string{"all"}
		if c.Kind == AnyOf {
			l[0] = "any"
		}
		for _, p := range c.Parts {
			l = append(l, p.text())
		}
		return "(" + strings.Join(l, ", ") + ")"
	}
	if !c.Want {
		s = "not " + s
	}
	return s
}

// TestReadCondition checks how the pipeline of an if is read.
func TestReadCondition(t *testing.T) {
	for _, tt := range []struct{ pipe, want string }{
		{`.Values.a`, `.Values.a`},
		{`$.Values.a`, `$.Values.a`},
		{`$x`, `$x`},
		{`$y := .Values.a`, `.Values.a`},
		{`.`, `.`},
		{`(.Values.a)`, `.Values.a`},
		{`not .a`, `not .a`},
		{`not (not .a)`, `.a`},
		{`.a | not`, `not .a`},
		{`empty .a`, `not .a`},
		{`not (empty .a)`, `.a`},
		{`gt (len .a) 0`, `.a`},
		{`lt 0 (len .a)`, `.a`},
		{`.a | len | ne 0`, `.a`},
		{`ge (len .a) 1`, `.a`},
		{`len .a`, `.a`},
		{`eq (len .a) 0`, `not .a`},
		{`not (gt (.a | len) 0)`, `not .a`},
		{`gt (len .a) 1`, `?`},
		{`gt (len .a) (len .b)`, `?`},
		{`and .a .b`, `(all, .a, .b)`},
		{`or .a .b`, `(any, .a, .b)`},
		{`not (and .a .b)`, `(any, not .a, not .b)`},
		{`not (or .a .b)`, `(all, not .a, not .b)`},
		{`.b | and .a`, `(all, .a, .b)`},
		{`and .a (or .b (not .c))`, `(all, .a, (any, .b, not .c))`},
		{`eq .a "x"`, `.a == "x"`},
		{`eq "x" .a`, `.a == "x"`},
		{`eq .a ""`, `.a == ""`},
		{`eq .a true`, `.a == true`},
		{`ne .a "x"`, `not .a == "x"`},
		{`not (eq .a "x")`, `not .a == "x"`},
		{`not (ne .a "x")`, `.a == "x"`},
		{`(eq .a "x")`, `.a == "x"`},
		{`eq (.a | default "y") "x"`, `.a == "x" or "y"`},
		{`eq (default "y" .a) "x"`, `.a == "x" or "y"`},
		{`eq (default .b .a) "x"`, `.a == "x"`},
		{`eq (lower .a) "x"`, `.a == "x"`},
		{`eq (include "h" .a) "x"`, `h .a == "x"`},
		{`ne "x" (include "h" .a | trim)`, `not h .a == "x"`},
		{`eq (include "h" .) "x"`, `h . == "x"`},
		{`eq (include .n .a) "x"`, `?`},
		{`eq (include "h" .a | quote) "x"`, `?`},
		{`eq .a 1`, `?`},
		{`eq .a "x" "y"`, `?`},
		{`eq .a .b`, `?`},
		{`eq . "x"`, `?`},
		{`eq "x" "x"`, `?`},
		{`.a | default false`, `.a`},
		{`default "" .a`, `.a`},
		{`default true .a`, `(any, .a, (all))`},
		{`not (default true .a)`, `(all, not .a, (any))`},
		{`default .b .a`, `(any, .a, .b)`},
		{`.a | required "m"`, `.a`},
		{`lower .a`, `.a`},
		{`index .a "b"`, `.a.b`},
		{`index .a 0`, `.a.[0]`},
		{`(.a).b`, `.a.b`},
		{`not ((.a).b).c`, `not .a.b.c`},
		{`(.a | default dict).b`, `.a.b`},
		{`(.a | default .c).b`, `?`},
		{`eq (.a).b "x"`, `.a.b == "x"`},
		{`eq (index .a "b" | toString) "true"`, `.a.b == "true"`},
		{`pluck "b" .a | first`, `.a.b`},
		{`eq (pluck "b" .a | first) "x"`, `.a.b == "x"`},
		{`first .a`, `?`},
		{`index .a .b`, `?`},
		{`index .a`, `?`},
		{`get .a "b"`, `.a.b`},
		{`dig "a" "b" false .Values`, `.Values.a.b`},
		{`dig "a" true .Values`, `?`},
		{`dig "a" .Values`, `?`},
		{`.Capabilities.APIVersions.Has "x/v1"`, `API x/v1`},
		{`$.Capabilities.APIVersions.Has "x/v1"`, `API x/v1`},
		{`not (.Capabilities.APIVersions.Has "x/v1")`, `not API x/v1`},
		{`.Capabilities.APIVersions.Has .a`, `?`},
		{`.Values.APIVersions.Has "x/v1"`, `?`},
		{`quote .a`, `?`},
		{`toString .a`, `?`},
		{`ternary .a .b .c`, `?`},
		{`hasKey .a "b"`, `not .a.b == <nil>`},
		{`not (hasKey .a "b")`, `.a.b == <nil>`},
		{`hasKey .a .b`, `?`},
		{`kindIs "invalid" .a`, `.a == <nil>`},
		{`kindIs "map" .a`, `?`},
		{`ne .a nil`, `not .a == <nil>`},
		{`include "h" .`, `?`},
		{`gt .a 1`, `?`},
		{`and .a (include "h" .)`, `(all, .a, ?)`},
		{`true`, `(all)`},
		{`false`, `(any)`},
	} {
		if got := ReadCondition(pipeOf(t, "{{ if "+tt.pipe+" }}{{ end }}"), true).text(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.pipe, got, tt.want)
		}
	}
	if got := ReadCondition(pipeOf(t, "{{ if and .a .b }}{{ end }}"), false).text(); got != "(any, not .a, not .b)" {
		t.Errorf("false: got %s", got)
	}
	if got := ReadCondition((*parse.PipeNode)(nil), true).text(); got != "?" {
		t.Errorf("no pipeline: got %s", got)
	}
}

// TestTests checks which tests a condition has, and their order.
func TestTests(t *testing.T) {
	c := ReadCondition(pipeOf(t, `{{ if and .a (or (not .b) (eq .c "x")) (default true .d) (include "h" .) }}{{ end }}`), true)
	var got []string
	for _, test := range c.Tests() {
		got = append(got, test.text())
	}
	if l := strings.Join(got, ", "); l != `.a, not .b, .c == "x", .d, ?` {
		t.Errorf("got %s", l)
	}
}

// TestHolds checks with which values a test holds.
func TestHolds(t *testing.T) {
	for _, tt := range []struct {
		pipe  string
		value any
		want  bool
	}{
		{`.a`, true, true},
		{`.a`, false, false},
		{`.a`, "x", true},
		{`.a`, "", false},
		{`.a`, 0.0, false},
		{`.a`, nil, false},
		{`.a`, map[string]any{}, false},
		{`.a`, []any{1}, true},
		{`not .a`, nil, true},
		{`not .a`, true, false},
		{`eq .a "x"`, "x", true},
		{`eq .a "x"`, "y", false},
		{`eq .a "x"`, nil, false},
		{`ne .a "x"`, nil, true},
		{`eq .a true`, true, true},
		{`eq .a true`, "true", false},
		{`eq (toString .a) "true"`, true, true},
		{`eq (toString .a) "8080"`, 8080.0, true},
		{`eq .a "x"`, []any{"x"}, false},
		{`eq (default "x" .a) "x"`, nil, true},
		{`eq (default "x" .a) "x"`, "y", false},
		{`ne (default "x" .a) "x"`, "", false},
		{`.Capabilities.APIVersions.Has "x/v1"`, true, false},
		{`and .a .b`, true, false},
		{`include "h" .`, true, false},
	} {
		if got := ReadCondition(pipeOf(t, "{{ if "+tt.pipe+" }}{{ end }}"), true).Holds(tt.value); got != tt.want {
			t.Errorf("%s with %#v: got %v", tt.pipe, tt.value, got)
		}
	}
}

// TestIsDot checks for which tests of a with their operand is dot in the block.
func TestIsDot(t *testing.T) {
	for _, tt := range []struct{ pipe, want string }{
		{`{{ with .a }}{{ end }}`, "true"},
		{`{{ with and .a .b }}{{ end }}`, "false true"},
		{`{{ with or .a .b }}{{ end }}`, "true true"},
		{`{{ with or .a (and .b .c) }}{{ end }}`, "true false true"},
		{`{{ with not .a }}{{ end }}`, "false"},
		{`{{ with eq .a "x" }}{{ end }}`, "false"},
		{`{{ if .a }}{{ end }}`, "false"},
	} {
		c := ReadCondition(pipeOf(t, tt.pipe), true)
		block := &Block{Condition: c, Tests: c.Tests(), With: strings.HasPrefix(tt.pipe, "{{ with")}
		var got []string
		for _, test := range block.Tests {
			got = append(got, strconv.FormatBool(block.IsDot(test)))
		}
		if l := strings.Join(got, " "); l != tt.want {
			t.Errorf("%s: got %s, want %s", tt.pipe, l, tt.want)
		}
	}
}

// TestOperands checks which fields are read in pipelines.
func TestOperands(t *testing.T) {
	for _, tt := range []struct{ pipe, single, all string }{
		{`.a.b`, ".a.b", ".a.b"},
		{`.`, ".", "."},
		{`$.a`, "$.a", "$.a"},
		{`$x.a`, "$x.a", "$x.a"},
		{`.a | quote`, ".a", ".a"},
		{`.a | default "x" | quote`, ".a", ".a"},
		{`default .b .a`, ".a", ".b .a"},
		{`quote .a | nindent 2`, ".a", ".a"},
		{`(.a)`, ".a", ".a"},
		{`index .a "b" 0`, ".a.b.[0]", ".a.b.[0]"},
		{`index .a .b`, "", ".a .b"},
		{`get .a "b"`, ".a.b", ".a.b"},
		{`dig "b" "c" "" .a`, ".a.b.c", ".a.b.c"},
		{`pluck "b" .a | first`, ".a.b", ".a.b"},
		{`first (pluck "b" .a)`, ".a.b", ".a.b"},
		{`pluck "b" .a .c | first`, "", ".a .c"},
		{`first .a`, "", ".a"},
		{`(.a).b`, ".a.b", ".a.b"},
		{`((.a).b).c.d`, ".a.b.c.d", ".a.b.c.d"},
		{`($x.a).b | quote`, "$x.a.b", "$x.a.b"},
		{`(index .a "b").c`, ".a.b.c", ".a.b.c"},
		{`(.a | default dict).b`, ".a.b", ".a.b"},
		{`(default (dict) .a).b`, ".a.b", ".a.b"},
		{`(default .c .a).b`, "", ""},
		{`(.a | default (dict "b" 1)).b`, "", ""},
		{`ternary "x" "y" (index .a "b")`, "", ".a.b"},
		{`get .a "b" | ternary "x" "y"`, "", ".a.b"},
		{`printf "%s" .a`, "", ".a"},
		{`.a | printf "%s"`, "", ".a"},
		{`add .a 1`, "", ".a"},
		{`.a.Has "x"`, "", ".a.Has"},
		{`include "h" .`, "", "."},
		{`printf "%s" (default .b .a)`, "", ".b .a"},
		{`"x"`, "", ""},
	} {
		p := pipeOf(t, "{{ "+tt.pipe+" }}")
		single := ""
		if o := Single(p); o.Known {
			single = o.text()
		}
		var all []string
		for _, o := range operands(p, nil) {
			all = append(all, o.text())
		}
		if single != tt.single || strings.Join(all, " ") != tt.all {
			t.Errorf("%s: got %q and %q, want %q and %q", tt.pipe, single, all, tt.single, tt.all)
		}
	}
	if Single(nil).Known || operands(nil, nil) != nil {
		t.Error("no pipeline has operands")
	}
}

// TestComputes checks which pipelines print something other than their arguments.
func TestComputes(t *testing.T) {
	for _, tt := range []struct {
		pipe string
		want bool
	}{
		{`.a`, false},
		{`.a | quote`, false},
		{`default .b .a`, false},
		{`add .a 1`, true},
		{`not .a`, true},
		{`quote (eq .a "x")`, true},
		{`include "h" .`, false},
		{`.a | ternary "x" "y"`, true},
	} {
		if got := computes(pipeOf(t, "{{ "+tt.pipe+" }}")); got != tt.want {
			t.Errorf("%s: got %v", tt.pipe, got)
		}
	}
}

// TestComparedTexts checks with which texts a pipeline compares values.
func TestComparedTexts(t *testing.T) {
	for _, tt := range []struct{ pipe, want string }{
		{`eq .a "x"`, "x"},
		{`or (eq .a "x") (ne "y" .b)`, "x y"},
		{`(eq .a "x")`, "x"},
		{`eq .a "x" "y"`, "x y"},
		{`default "x" .a`, ""},
		{`eq .a true`, ""},
		{`.a`, ""},
	} {
		if got := strings.Join(ComparedTexts(pipeOf(t, "{{ "+tt.pipe+" }}"), nil), " "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.pipe, got, tt.want)
		}
	}
	if ComparedTexts(nil, nil) != nil {
		t.Error("no pipeline has texts")
	}
}
