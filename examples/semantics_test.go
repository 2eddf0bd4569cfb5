package examples_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules"
)

// TestSemantics checks the cases of testdata/semantics.txtar, which says what they are.
func TestSemantics(t *testing.T) {
	t.Parallel()
	archive, err := os.ReadFile("testdata/semantics.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse(archive).Files {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			checkSemantics(t, f.Data)
		})
	}
}

func checkSemantics(t *testing.T, text []byte) {
	wants, err := parseWants(text)
	if err != nil {
		t.Fatal(err)
	}
	u := &lint.Unit{Input: "test.yaml"}
	checker := lint.Checker{Version: lint.Newest}
	settings, _, _ := strings.Cut(string(text), "\n")
	for setting := range strings.SplitSeq(strings.TrimPrefix(settings, "# "), ", ") {
		switch key, value, _ := strings.Cut(setting, ": "); key {
		case "rule":
			checker.Rules = []*lint.Rule{rules.Find(value)}
		case "kubernetes":
			checker.Version.Minor, err = strconv.Atoi(strings.TrimPrefix(value, "1."))
		case "strict":
			checker.Profile = lint.Strict
		case "chart":
			u.Kind, u.Scenario = lint.UnitChart, "default values"
		default:
			t.Fatalf("unknown setting %q", setting)
		}
	}
	if err != nil || len(checker.Rules) != 1 || checker.Rules[0] == nil {
		t.Fatalf("settings %q: %v", settings, err)
	}
	source := manifest.NewSource("test.yaml", text)
	for _, d := range manifest.Documents(text) {
		if d.Err != nil {
			t.Fatal(d.Err)
		}
		objects, _ := manifest.Objects(d.Node, source)
		u.Objects = append(u.Objects, objects...)
	}
	findings, problems := checker.Check(u)
	for _, p := range problems {
		t.Error(p, p.Detail)
	}
	var got, want []string
	for _, f := range findings {
		got = append(got, fmt.Sprintf("%d: %s", f.Origin.Line, f.Message))
	}
	for _, w := range wants {
		want = append(want, fmt.Sprintf("%d: %s", w.Line, w.Message))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
