package places

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

// lack is a finding about a field that a container lacks.
func lack(id string, s lint.Severity, text string, addition lint.Addition, want string) *lint.Finding {
	o := lint.ObjectRef{Kind: "Pod", Name: "p"}
	column := len(text) - len(strings.TrimLeft(text, " -")) + 1
	end := column + len(strings.TrimLeft(text, " -"))
	if i := strings.IndexByte(text, ':'); i >= 0 {
		end = i + 1
	}
	addition.Step = 2
	return &lint.Finding{
		Rule: &lint.Rule{ID: id}, Severity: s, Message: "container \"c\" lacks it", Subject: `container "c"`, Container: "c",
		Object: o, Fix: lint.Fix{Addition: addition, Value: want},
		Origin:      lint.Origin{Position: lint.Position{File: "a.yaml", Line: 7, Column: column, EndColumn: end}, Text: text},
		Occurrences: []lint.Occurrence{{Object: o, Container: "c"}},
	}
}

func lines(s *Snippet) string {
	if s == nil {
		return ""
	}
	var l []string
	for _, line := range s.Lines {
		l = append(l, line.Text)
	}
	return strings.Join(l, "\n")
}

func TestSnippet(t *testing.T) {
	limits := func(text string, indent int) []*lint.Finding {
		return []*lint.Finding{
			lack("memory", lint.Low, text, lint.Addition{Path: "limits.memory", Indent: indent}, ""),
			lack("cpu", lint.High, text, lint.Addition{Path: "limits.cpu", Indent: indent}, "100m"),
		}
	}
	for name, c := range map[string]struct {
		findings []*lint.Finding
		want     string
		headline string
		replaces bool
		below    bool
	}{
		"first entry of a list": {limits("- name: c", 0), "  limits: {cpu: 100m, memory: …}", `container "c" lacks 2 settings`, false, false},
		"list below the key":    {limits("- args:", 0), "  limits: {cpu: 100m, memory: …}", `container "c" lacks 2 settings`, false, true},
		"key":                   {limits("  resources:", 2), "    limits: {cpu: 100m, memory: …}", "resources lacks 2 settings", false, false},
		"key with a comment":    {limits("  resources: # none", 2), "    limits: {cpu: 100m, memory: …}", "resources lacks 2 settings", false, false},
		"empty mapping":         {limits("  resources: {} # none", 2), "  resources:\n    limits: {cpu: 100m, memory: …}", "resources lacks 2 settings", true, false},
		"null":                  {limits("  resources: null", 2), "  resources:\n    limits: {cpu: 100m, memory: …}", "resources lacks 2 settings", true, false},
		"in braces":             {limits("  resources: {requests: {}}", 2), "", "", false, false},
		"template":              {limits("  resources: {{ toYaml .Values.r }}", 2), "", "", false, false},
		"list index":            {[]*lint.Finding{lack("a", lint.Low, "- name: c", lint.Addition{Path: "ports[0].name"}, "")}, "", "", false, false},
		"other values": {
			[]*lint.Finding{lack("a", lint.High, "spec:", lint.Addition{Path: "x", Indent: 2}, "true"), lack("b", lint.Low, "spec:", lint.Addition{Path: "x", Indent: 2}, "false")},
			"  x: true", `container "c" lacks it`, false, false,
		},
		"strange key": {[]*lint.Finding{lack("a", lint.High, "spec:", lint.Addition{Path: `annotations["a: b.c"]`, Indent: 2}, "true")}, "  annotations: {'a: b.c': true}", `container "c" lacks it`, false, false},
	} {
		p := Group(c.findings)[0].Places[0]
		if got := lines(p.Add); got != c.want || p.Headline() != c.headline {
			t.Errorf("%s: %q\n%s\nwant %q\n%s", name, p.Headline(), got, c.headline, c.want)
		}
		if p.Add != nil && (p.Add.Replaces != c.replaces || p.Add.BelowEntry != c.below) {
			t.Errorf("%s: replaces %v, below %v", name, p.Add.Replaces, p.Add.BelowEntry)
		}
		if err := yaml.Unmarshal([]byte(lines(p.Add)), new(any)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		n := len(p.Others())
		if p.Add != nil {
			n += len(p.Add.Fixes)
		}
		if n != len(c.findings) {
			t.Errorf("%s: %d of %d findings are shown", name, n, len(c.findings))
		}
	}
}

// Values of a chart are lines of their own, from the root of a values file.
func TestSnippetOfValues(t *testing.T) {
	f := lack("memory", lint.Low, "  resources: {{ toYaml .Values.api.resources }}", lint.Addition{Path: "limits.memory", Indent: 2}, "")
	f.Origin.Trail = []lint.Step{{Kind: lint.StepValues, Label: "api.resources.limits.memory", Missing: true, Position: lint.Position{File: "values.yaml", Line: 3}}}
	p := Group([]*lint.Finding{f})[0].Places[0]
	if want := "api:\n  resources:\n    limits: {memory: …}"; lines(p.Add) != want || !p.Add.InValues {
		t.Errorf("got\n%s\nwant\n%s", lines(p.Add), want)
	}
	if got := p.Add.Settings(); !slices.Equal(got, []string{"api.resources.limits.memory: …"}) {
		t.Errorf("settings %q", got)
	}
}

// The lines of a values entry follow it, under its whole key.
func TestSnippetOfEntry(t *testing.T) {
	var findings []*lint.Finding
	for _, path := range []string{"limits.memory", "limits.cpu"} {
		f := lack(path, lint.Low, "    resources: {}", lint.Addition{Path: path, Indent: 4}, "")
		f.Fix.Addition.Step = 0
		f.Origin.Trail = []lint.Step{{Kind: lint.StepValues, Label: "api.resources." + path, Missing: true, Position: f.Origin.Position}}
		findings = append(findings, f)
	}
	p := Group(findings)[0].Places[0]
	if want := "    resources:\n        limits: {cpu: …, memory: …}"; lines(p.Add) != want || p.Add.InValues || p.Headline() != "api.resources lacks 2 settings" {
		t.Errorf("%s\n%s\nwant\n%s", p.Headline(), lines(p.Add), want)
	}
}

// Files and places come worst first, each finding once, whatever the order they come in.
func TestGroupOrder(t *testing.T) {
	var findings []*lint.Finding
	for _, c := range []struct {
		file string
		line int
		s    lint.Severity
		rule string
	}{
		{"a.yaml", 3, lint.Low, "x"},
		{"a.yaml", 9, lint.Medium, "x"},
		{"b.yaml", 5, lint.Low, "x"},
		{"b.yaml", 5, lint.Critical, "z"},
		{"b.yaml", 4, lint.Low, "x"},
		{"", 0, lint.High, "x"},
	} {
		findings = append(findings, &lint.Finding{
			Rule: &lint.Rule{ID: c.rule}, Severity: c.s, Origin: lint.Origin{Position: lint.Position{File: c.file, Line: c.line}},
		})
	}
	if n := Count(findings); n != 5 {
		t.Errorf("%d places, want 5", n)
	}
	for range 2 {
		slices.Reverse(findings)
		var got []string
		for _, f := range Ordered(findings) {
			got = append(got, fmt.Sprintf("%s %s %s", f.Origin.Position, f.Severity, f.Rule.ID))
		}
		want := []string{"b.yaml:5 critical z", "b.yaml:5 low x", "b.yaml:4 low x", " high x", "a.yaml:9 medium x", "a.yaml:3 low x"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// A line that prints the mapping, among other things, is no place to paste lines at.
func TestSnippetOfAction(t *testing.T) {
	f := lack("memory", lint.Low, `  template: {{ include "pod" . | nindent 4 }}`, lint.Addition{Path: "limits.memory", Indent: 2}, "")
	f.Origin.Column, f.Origin.EndColumn = 13, 44
	for precision, want := range map[lint.Precision]bool{lint.PrecisionExact: true, lint.PrecisionBlock: false, lint.PrecisionFile: false} {
		f.Origin.Precision = precision
		p := Group([]*lint.Finding{f})[0].Places[0]
		if got := newSnippet(p) != nil; got != want {
			t.Errorf("%v: lines to paste: %v, want %v", precision, got, want)
		}
	}
}

// Findings come in the order of Ordered, from files that are held and from one that is
// too large. A file that is held is read twice.
func TestEach(t *testing.T) {
	var all []*lint.Finding
	var files []iter.Seq[*lint.Finding]
	reads := map[string]int{}
	for _, file := range []struct {
		name  string
		n     int
		worst lint.Severity
	}{{"a.yaml", 50, lint.High}, {"b.yaml", maxHeld + 1, lint.Medium}, {"c.yaml", 50, lint.Critical}} {
		var l []*lint.Finding
		for i := range file.n {
			f := lack("r"+strconv.Itoa(i%3), file.worst+lint.Severity(i*7%int(lint.Low-file.worst+1)), "a: b", lint.Addition{Path: "x"}, "")
			f.Origin.File, f.Origin.Line = file.name, i/4
			l = append(l, f)
		}
		all = append(all, l...)
		files = append(files, func(yield func(*lint.Finding) bool) {
			reads[file.name]++
			slices.Values(l)(yield)
		})
	}
	var got []*lint.Finding
	Each(files, func(f *lint.Finding) { got = append(got, f) })
	if !slices.Equal(got, Ordered(all)) {
		t.Error("the order differs")
	}
	if want := map[string]int{"a.yaml": 2, "b.yaml": 3, "c.yaml": 2}; !maps.Equal(reads, want) {
		t.Errorf("files were read %v times, want %v", reads, want)
	}
}
