package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/ignore"
)

var update = flag.Bool("update", false, "write generated files anew")

// known has the rules and items that the tests name.
var known = Known{
	Rules: []*lint.Rule{
		{ID: "cpu-limit", Severity: lint.Low, Profile: lint.Strict},
		{ID: "image-digest", Severity: lint.Medium, Profile: lint.Strict},
		{ID: "no-host-path", Severity: lint.Critical, Aliases: []string{"host-path"}},
		{ID: "no-host-pid", Severity: lint.High},
		{ID: "no-latest-tag", Severity: lint.Medium},
		{ID: "read-only-root-filesystem", Severity: lint.Medium},
		{ID: "run-as-non-root", Severity: lint.High},
	},
	Items: []string{"auth-access-review", "network-dmz"},
}

func fullText(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// good parses what is meant to be without problems.
func good(t testing.TB, text []byte) *Config {
	t.Helper()
	c, problems := Parse(FileName, text, known)
	for _, p := range problems {
		t.Errorf("%v", p)
	}
	return c
}

func TestDefault(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "{}", "roots: {}\n"} {
		c, want := good(t, []byte(text)), Default()
		c.File, c.given = "", want.given
		if !reflect.DeepEqual(c, want) {
			t.Errorf("%q gives %+v; want the default", text, c)
		}
	}
	c := Default()
	if c.Profile != lint.Recommended || c.FailOn != lint.Medium || c.KubeVersion != lint.Newest || c.Subcharts != SubchartsReport {
		t.Errorf("the default is %+v", c)
	}
	if got := c.Select(known.Rules); len(got) != 5 {
		t.Errorf("%d rules are selected by default, want the 5 recommended", len(got))
	}
	if e := c.Chart("charts/web"); !e.DefaultValues || !e.CIValues || len(e.Scenarios) != 0 {
		t.Errorf("the default for charts is %+v", e)
	}
	if !c.Includes("charts/web") || !c.Includes("a.yaml") {
		t.Error("the default leaves something out")
	}
}

func TestFull(t *testing.T) {
	c := good(t, fullText(t))
	at := func(line, column int) lint.Position {
		return lint.Position{File: FileName, Line: line, Column: column}
	}
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	want := &Config{
		File: FileName, Profile: lint.Strict, FailOn: FailNever, KubeVersion: lint.Version{Major: 1, Minor: 30},
		Rules: []Rule{
			{ID: "cpu-limit", Enabled: Off, Position: at(6, 3)},
			{ID: "image-digest", Enabled: On, Position: at(7, 3)},
			{ID: "no-latest-tag", Enabled: On, Severity: lint.Critical, Position: at(8, 3)},
			{ID: "no-host-path", Enabled: On, Severity: lint.Low, Position: at(9, 3)},
			{ID: "no-host-pid", Enabled: Off, Severity: lint.High, Position: at(11, 3)},
			{ID: "run-as-non-root", Paths: []PathSeverity{{"charts/db/**", lint.Medium, at(16, 7)}, {"**", lint.Critical, at(17, 7)}}, Position: at(14, 3)},
		},
		Charts: []Chart{
			{Path: "charts/*", Scenarios: []Scenario{
				{
					Name: "prod", Values: []string{"values-prod.yaml", "../../env/prod.yaml"}, Set: []string{"image.tag=v1"},
					ReleaseName: "web", Namespace: "web-prod", KubeVersion: lint.Version{Major: 1, Minor: 31}, Position: at(21, 5),
				},
				{Name: "bare", Position: at(27, 5)},
			}, Position: at(19, 3)},
			{Path: "charts/db", DefaultValues: true, CIValues: true, Position: at(30, 3)},
		},
		Roots: Roots{Include: []string{"charts/**", "deploy/**"}, Exclude: []string{"deploy/test/**"}},
		WorkloadKinds: []WorkloadKind{
			{Group: "example.com", Kind: "Worker", Template: "spec.template", Position: at(35, 3)},
			{Kind: "Task", PodSpec: "spec.pod", Position: at(38, 3)},
		},
		Sensitive: []Selector{
			{
				Kinds: []string{"StatefulSet"}, Namespaces: []string{"payments", "cards-*"}, Names: []string{"*-db"},
				Labels: map[string]string{"app.kubernetes.io/part-of": "payments", "empty": ""}, Tier: "gold", Position: at(41, 3),
			},
			{Labels: map[string]string{"tier": "data"}, Position: at(46, 3)},
		},
		Tiers: []Tier{{
			Name: "gold", NodeSelector: map[string]string{"tier": "gold"},
			Tolerations: []Toleration{
				{Key: "tier", Operator: "Equal", Value: "gold", Effect: "NoSchedule", Position: at(51, 7)},
				{Operator: "Exists", Position: at(54, 7)},
			},
			RuntimeClasses: []string{"gvisor", "kata"}, Position: at(48, 3),
		}},
		Registries:      []string{"registry.example.com/team", "localhost:5000"},
		WorkloadWriters: []string{"deployer", "ci-*"},
		OneCluster:      true,
		Systems: []System{
			{Name: "shop", Selector: Selector{Namespaces: []string{"shop", "shop-*"}, Position: at(92, 3)}},
			{Label: "example.com/team", Selector: Selector{Position: at(94, 3)}},
		},
		CertificateDays: 60,
		Ignores: []ignore.Entry{
			{
				Rules: []string{"read-only-root-filesystem", "no-host-path"}, Paths: []string{"charts/db/**"},
				Kinds: []string{"StatefulSet", "Deployment"}, Namespaces: []string{"data"}, Names: []string{"db-*"},
				Containers: []string{"db"}, Subcharts: []string{"postgresql"},
				Reason: "it writes its socket beside its program:\n\"known\"\n", Until: day(2027, 3, 1), Position: at(60, 3),
			},
			{Rules: []string{"cpu-limit"}, Reason: "# the nodes are ours alone", Position: at(71, 3)},
		},
		Problems: []ignore.ProblemEntry{{
			Codes: []lint.ProblemCode{lint.CodeRemoteBase, lint.CodeMissingDependency}, Paths: []string{"apps/**"},
			Reason: "the platform team checks it", Until: day(2027, 3, 1), Position: at(86, 3),
		}},
		Subcharts: SubchartsWarn,
		Lookup:    []string{"test/cluster.yaml"},
		Attestations: []Attestation{{
			Item: "auth-access-review", By: "Ada Lovelace", Date: day(2026, 5, 1), Evidence: "https://wiki.example.com/review",
			Expires: day(2027, 5, 1), Position: at(76, 3),
		}},
		NotApplicable: []NotApplicable{{Item: "network-dmz", Reason: "nothing of it faces the Internet", By: "Ada Lovelace", Date: day(2026, 5, 1), Position: at(82, 3)}},
		given:         c.given,
	}
	have, wanted := reflect.ValueOf(*c), reflect.ValueOf(*want)
	for i := range have.NumField() {
		if name := have.Type().Field(i).Name; name != "given" && !reflect.DeepEqual(have.Field(i).Interface(), wanted.Field(i).Interface()) {
			t.Errorf("%s\n got %+v\nwant %+v", name, have.Field(i), wanted.Field(i))
		}
	}
	for _, f := range table.fields {
		if c.From(f.name) == "default" {
			t.Errorf("testdata/full.yaml lacks %s", f.name)
		}
	}
}

// TestProblems holds what is reported of nonsense, and where. It wants all
// problems of a text, in order.
func TestProblems(t *testing.T) {
	for _, tt := range badTexts {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := Parse(FileName, []byte(tt.text), known)
			var got []string
			for _, p := range problems {
				got = append(got, strings.TrimPrefix(p.Error(), FileName+":"))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(tt.want, "\n\t"))
			}
		})
	}
}

func TestAliasBomb(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("charts:\n- &a0 {path: a}\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&bomb, "- &a%d [%s]\n", i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	for _, text := range []string{bomb.String(), "charts: &a [*a]\n"} {
		_, problems := Parse(FileName, []byte(text), known)
		if len(problems) != 1 || !strings.Contains(problems[0].Message, "more than 100000 values") {
			t.Errorf("problems are %v; want that there are too many values", problems)
		}
	}
	c := good(t, []byte("charts:\n- path: a\n  scenarios: &s\n  - name: prod\n- path: b\n  scenarios: *s\n"))
	if len(c.Charts[1].Scenarios) != 1 || c.Charts[1].Scenarios[0].Position.Line != 4 {
		t.Errorf("an alias gives %+v", c.Charts[1].Scenarios)
	}
}

func TestSelect(t *testing.T) {
	c := good(t, []byte("rules: {cpu-limit: on, host-path: off, no-host-pid: {severity: low, paths: {b/**: high}}}\n"))
	var got []string
	for _, r := range c.Select(known.Rules) {
		got = append(got, r.ID+" "+r.Severity.String())
	}
	want := []string{"cpu-limit low", "no-host-pid low", "no-latest-tag medium", "read-only-root-filesystem medium", "run-as-non-root high"}
	if !slices.Equal(got, want) {
		t.Errorf("selected are %q; want %q", got, want)
	}
	if r := known.Rules[3]; r.Severity != lint.High {
		t.Errorf("the rule %s itself came to be %s", r.ID, r.Severity)
	}
	c.File = "deploy/" + FileName
	findings := []*lint.Finding{
		{Rule: known.Rules[3], Severity: lint.Low, Origin: lint.Origin{Position: lint.Position{File: "deploy/b/c.yaml"}}},
		{Rule: known.Rules[3], Severity: lint.Low, Origin: lint.Origin{Position: lint.Position{File: "b/c.yaml"}}},
		{Rule: known.Rules[4], Severity: lint.Low, Origin: lint.Origin{Position: lint.Position{File: "deploy/b/c.yaml"}}},
	}
	c.FailOn = lint.Medium
	adjusted := c.Adjust(findings)
	for i, want := range []lint.Severity{lint.High, lint.Low, lint.Low} {
		if f := adjusted[i]; f.Severity != want || f.Fails != (want == lint.High) || findings[i].Severity != lint.Low {
			t.Errorf("finding %d is %s, fails: %v; want %s", i, f.Severity, f.Fails, want)
		}
	}
	c.FailOn = FailNever
	if c.Adjust(findings)[0].Fails {
		t.Error("with fail-on none, a finding fails the run")
	}
}

func TestSubchartPolicy(t *testing.T) {
	own, theirs := &lint.Finding{}, &lint.Finding{Subchart: "redis"}
	for policy, want := range map[SubchartPolicy]string{SubchartsReport: "own theirs", SubchartsWarn: "own theirs!", SubchartsIgnore: "own"} {
		var l []string
		for _, f := range policy.Apply([]*lint.Finding{own, theirs}) {
			l = append(l, map[string]string{"": "own", "redis": "theirs"}[f.Subchart]+map[bool]string{true: "!"}[f.Advisory])
		}
		if got := strings.Join(l, " "); got != want || theirs.Advisory {
			t.Errorf("policy %v: %s; want %s", policy, got, want)
		}
	}
}

func TestGlobs(t *testing.T) {
	c := good(t, fullText(t))
	if e := c.Chart("charts/db"); e.Path != "charts/*" {
		t.Errorf("charts/db is decided by %q; want the first that matches", e.Path)
	}
	for name, want := range map[string]bool{"charts/web": true, "deploy/prod": true, "deploy/test/x": false, "a.yaml": false} {
		if c.Includes(name) != want {
			t.Errorf("%s is included: %v; want %v", name, !want, want)
		}
	}
	var got []string
	for _, p := range c.Unmatched([]string{"charts/web"}, []string{"charts/web", "deploy/tests/a"}) {
		got = append(got, p.Error())
	}
	want := []string{
		`.kubevet.yaml:30:3: charts: "charts/db" matches no chart; did you mean "charts/web"`,
		`.kubevet.yaml:33:13: roots.exclude: "deploy/test/**" matches nothing that is linted; did you mean "deploy/tests/a"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("unmatched:\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	if l := Default().Unmatched(nil, nil); len(l) > 0 {
		t.Errorf("defaults are reported to match nothing: %v", l)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	write := func(name string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(FileName)
	write("repo/.git")
	write("repo/charts/web/Chart.yaml")
	write("other/a.yaml")
	t.Chdir(filepath.Join(dir, "repo", "charts"))
	for _, tt := range []struct{ path, want string }{
		{"web", ""},
		{"../../other/a.yaml", "../../" + FileName},
		{"../../other/missing.yaml", "../../" + FileName},
		{filepath.Join(dir, "other"), filepath.ToSlash(filepath.Join(dir, FileName))},
	} {
		if got, ok := Find(tt.path); got != tt.want || ok != (tt.want != "") {
			t.Errorf("of %s it finds %q, %v; want %q", tt.path, got, ok, tt.want)
		}
	}
	write("repo/" + FileName)
	for _, p := range []string{"web", "web/Chart.yaml", "..", "."} {
		if got, _ := Find(p); got != "../"+FileName {
			t.Errorf("of %s it finds %q; want that of the repository", p, got)
		}
	}
	write("repo/charts/web/" + FileName)
	if got, _ := Find("web/templates/a.yaml"); got != "web/"+FileName {
		t.Errorf("it finds %q; want the nearest", got)
	}
	c, problems := Load("../"+FileName, os.ReadFile, known)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, tt := range []struct{ file, want string }{
		{"web/values.yaml", "charts/web/values.yaml"},
		{"../a.yaml", "a.yaml"},
		{"..", "."},
		{"../../other/a.yaml", ""},
		{filepath.Join(dir, "repo", "b.yaml"), "b.yaml"},
	} {
		if got, ok := c.Rel(tt.file); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s is %q, %v; want %q", tt.file, got, ok, tt.want)
		}
	}
	if _, problems := Load("missing/"+FileName, os.ReadFile, known); len(problems) != 1 || problems[0].File != "missing/"+FileName {
		t.Errorf("problems of a missing file are %v", problems)
	}
}

func TestPrint(t *testing.T) {
	c := good(t, fullText(t))
	if err := c.Set("profile", "recommended", "--profile"); err != nil {
		t.Fatal(err)
	}
	if c.Profile != lint.Recommended || c.From("profile") != "--profile" || c.From("tiers") != ".kubevet.yaml:48" {
		t.Errorf("profile %s from %s, tiers from %s", c.Profile, c.From("profile"), c.From("tiers"))
	}
	golden(t, "full.out", printed(t, c))
	golden(t, "default.out", printed(t, Default()))
	for _, c := range []*Config{c, Default()} {
		again, out := good(t, printed(t, c)), printed(t, c)
		if !bytes.Equal(withoutComments(printed(t, again)), withoutComments(out)) {
			t.Errorf("what is printed reads as\n%s", printed(t, again))
		}
	}
	for _, tt := range []struct{ key, value, want string }{
		{"profile", "strickt", `--profile: unknown profile "strickt"; did you mean "strict"`},
		{"kube-version", "two", `--kube-version: invalid Kubernetes version "two"; want a form like 1.31 or v1.31.2`},
		{"charts", "a", `--charts is a text; want a list`},
		{"chart", "a", `unknown key "chart"`},
	} {
		if err := c.Set(tt.key, tt.value, "--"+tt.key); err == nil || err.Error() != tt.want {
			t.Errorf("the error is %v; want %s", err, tt.want)
		}
	}
}

func printed(t *testing.T, c *Config) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var comment = regexp.MustCompile(`(?m) # [^#]*$`)

func withoutComments(text []byte) []byte { return comment.ReplaceAll(text, nil) }

// golden compares with a file of testdata.
func golden(t *testing.T, name string, have []byte) {
	t.Helper()
	fresh(t, filepath.Join("testdata", name), have)
}

// fresh compares with a generated file.
func fresh(t *testing.T, name string, have []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, have, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is stale; `go test ./lint/config -update` writes it. It should be\n%s", name, have)
	}
}

func TestInit(t *testing.T) {
	found := Found{
		Charts: []ChartFound{
			{Path: "charts/web", ValuesFiles: []string{"values-prod.yaml", "values-dev.yaml", "values-dev.yaml"}},
			{Path: "charts/odd [1] {a}: #", ValuesFiles: []string{"a/values.yaml", "b/values.yaml", "b/dev.yaml", "dev-values.yml", "- x: y.yaml", "values-.yaml"}},
			{Path: "charts/db"},
			{Path: "."},
		},
		Overlays: []string{"overlays/prod", "overlays/dev"},
	}
	var b bytes.Buffer
	if err := Init(&b, found); err != nil {
		t.Fatal(err)
	}
	golden(t, "init.yaml", b.Bytes())
	c := good(t, b.Bytes())
	if e := c.Chart(found.Charts[1].Path); len(e.Scenarios) != 6 {
		t.Errorf("the scenarios of %q are %+v", found.Charts[1].Path, e.Scenarios)
	}
	if err := Init(&b, Found{}); err != nil {
		t.Fatal(err)
	}
	for _, found := range []Found{found, {}} {
		b.Reset()
		if err := Init(&b, found); err != nil {
			t.Fatal(err)
		}
		good(t, b.Bytes())
		all := regexp.MustCompile(`(?m)^#([^ ])`).ReplaceAll(b.Bytes(), []byte("$1"))
		all = regexp.MustCompile(`(?m)^#(  +\S)`).ReplaceAll(all, []byte("$1"))
		c := good(t, all)
		if len(c.Ignores) != 1 || len(c.Rules) != 2 || len(c.Roots.Exclude) != 1 || len(c.Charts) == 0 {
			t.Errorf("without #, the settings are\n%s", all)
		}
		valid(t, all, true)
	}
}

// TestSchema fails if docs/config.schema.json is not what the table says now.
func TestSchema(t *testing.T) {
	fresh(t, schemaFile, schemaText(t))
	valid(t, fullText(t), true)
	valid(t, []byte("{}"), true)
	valid(t, printed(t, good(t, fullText(t))), true)
	for _, tt := range badTexts {
		if tt.schema != nil {
			valid(t, []byte(tt.text), *tt.schema)
		}
	}
}

var schemaFile = filepath.Join("..", "..", "docs", "config.schema.json")

func schemaText(t testing.TB) []byte {
	t.Helper()
	s := table.schema()
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.ID = schemaURL
	s.Title = "kubevet's configuration, " + FileName
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// valid compares YAML with the schema, the way an editor does.
func valid(t *testing.T, text []byte, want bool) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText(t)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(schemaURL, doc); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile(schemaURL)
	if err != nil {
		t.Fatal(err)
	}
	var n yaml.Node
	if err := yaml.Unmarshal(text, &n); err != nil {
		t.Fatal(err)
	}
	retag(&n)
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(instance); (err == nil) != want {
		t.Errorf("valid by the schema: %v; want %v\n%s\n%v", !want, want, text, err)
	}
}

// retag makes texts of dates: JSON and YAML 1.2 have none.
func retag(n *yaml.Node) {
	if n.Tag == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		retag(c)
	}
}

// TestPage holds docs/config.md against Parse and the table.
func TestPage(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "config.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(data, -1)
	if len(blocks) < len(table.fields) {
		t.Errorf("the page has %d examples for %d keys", len(blocks), len(table.fields))
	}
	for _, b := range blocks {
		_, problems := Parse(FileName, b[1], Known{})
		for _, p := range problems {
			t.Errorf("%v in\n%s", p, b[1])
		}
		valid(t, b[1], true)
	}
	page := string(data)
	for _, f := range table.fields {
		if !strings.Contains(page, "\n## "+f.name+"\n") {
			t.Errorf("the page has no section %s", f.name)
		}
	}
	for _, name := range keys(table.schema()) {
		if !strings.Contains(page, "`"+name+"`") && !strings.Contains(page, "## "+name+"\n") {
			t.Errorf("the page does not name the key %s", name)
		}
	}
}

// keys lists the names of all keys.
func keys(s *schema) (l []string) {
	if s == nil {
		return nil
	}
	for _, o := range s.order {
		l = append(append(l, o.key), keys(s.Properties[o.key])...)
	}
	for _, a := range s.AnyOf {
		l = append(l, keys(a)...)
	}
	if a, ok := s.AdditionalProperties.(*schema); ok {
		l = append(l, keys(a)...)
	}
	return append(l, keys(s.Items)...)
}

func FuzzParse(f *testing.F) {
	f.Add(fullText(f))
	for _, tt := range badTexts {
		f.Add([]byte(tt.text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, problems := Parse(FileName, data, known)
		again, sameProblems := Parse(FileName, data, known)
		if !reflect.DeepEqual(problems, sameProblems) || !reflect.DeepEqual(c, again) {
			t.Error("two parses differ")
		}
		lines := yamlLines(data)
		for _, p := range problems {
			switch {
			case p.Line < 0 || p.Line > len(lines) || p.Column < 0:
				t.Errorf("%v is outside of the file, which has %d lines", p, len(lines))
			case p.Line > 0 && p.Column > utf8.RuneCountInString(lines[p.Line-1])+1:
				t.Errorf("%v is outside of its line %q", p, lines[p.Line-1])
			}
			if strings.Contains(p.Message, "\n") {
				t.Errorf("%q has more than one line", p.Message)
			}
		}
		if len(problems) > 0 {
			return
		}
		var out, outAgain bytes.Buffer
		if err := c.Print(&out); err != nil {
			t.Fatal(err)
		}
		printed, problems := Parse(FileName, out.Bytes(), known)
		if len(problems) > 0 {
			t.Fatalf("what is printed does not parse: %v\n%s", problems, out.Bytes())
		}
		if err := printed.Print(&outAgain); err != nil {
			t.Fatal(err)
		}
	})
}

// yamlLines splits at what YAML takes for line breaks.
func yamlLines(data []byte) []string {
	return regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]").Split(string(data), -1)
}
