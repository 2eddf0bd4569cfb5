package trace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"text/template/parse"
)

// TestFunctionsKeepOrigins checks which values the results of functions are traced to.
func TestFunctionsKeepOrigins(t *testing.T) {
	const vals = "s: hello\nother: world\nnum: 42\nlines: |\n  a: 1\n  b: 2\nm: {k: deep, l: [x, z], num: 3}\nm2: {k: over, new: {z: 1}}\nl: [one, two]\nfile: a/b.txt\n"
	for _, tt := range []struct{ template, want string }{
		// texts
		{`{{ .Values.s | trunc 3 }}`, `value "hel" s`},
		{`{{ .Values.s | trimPrefix "he" }}`, `value "llo" s`},
		{`{{ .Values.s | replace "l" "L" }}`, `value "heLLo" s`},
		{`{{ .Values.s | repeat 2 }}`, `value "hello" s; function "hello"`},
		{`{{ .Values.s | substr 1 3 }}`, `value "el" s`},
		{`{{ plural .Values.s .Values.other 1 }}`, `value "hello" s`},
		{`{{ regexReplaceAll "h(.*)" .Values.s "J${1}" }}`, `value "Jello" s`},
		{`{{ mustRegexReplaceAll "h" .Values.s "J" }}`, `value "Jello" s`},
		{`{{ regexFind "l+" .Values.s }}`, `value "ll" s`},
		{`{{ .Values.s | wrapWith 2 "-" }}`, `value "he-ll-o" s`},
		{`{{ cat .Values.s .Values.other }}`, `value "hello" s; function " "; value "world" other`},
		{`{{ join "," .Values.l }}`, `value "one" l[0]; function ","; value "two" l[1]`},
		{`{{ .Values.lines | indent 2 }}`, `function "  "; value "a: 1" lines; function "\n"; function "  "; value "b: 2" lines; function "\n"; function "  "`},
		{`{{ .Values.s | b64enc }}`, `value "aGVsbG8=" s`},
		{`{{ base .Values.file }}`, `value "b.txt" file`},
		{`{{ (split "/" .Values.file)._1 }}`, `value "b.txt" file`},
		{`{{ (splitn "/" 2 .Values.file)._0 }}`, `value "a" file`},
		{`{{ splitList "/" .Values.file | last }}`, `value "b.txt" file`},
		// maps
		{`{{ (merge (dict) .Values.m .Values.m2).k }}`, `value "deep" m.k`},
		{`{{ (mergeOverwrite (deepCopy .Values.m) .Values.m2).k }}`, `value "over" m2.k`},
		{`{{ (merge (dict) .Values.m2).new.z }}`, `value "1" m2.new.z`},
		{`{{ (pick .Values.m "k").k }}`, `value "deep" m.k`},
		{`{{ toYaml (omit .Values.m "k" "num") }}`, `value "l" m.l; function ":\n- "; value "x" m.l[0]; function "\n- "; value "z" m.l[1]`},
		{`{{ toJson .Values.l }}`, `function "[\""; value "one" l[0]; function "\",\""; value "two" l[1]; function "\"]"`},
		{`{{ (fromYaml .Values.lines).a }}`, `value "1" lines`},
		{`{{ (.Values.m | toYaml | fromYaml).k }}`, `value "deep" m.k`},
		{`{{ (.Values.m | toJson | fromJson).l | first }}`, `value "x" m.l[0]`},
		{`{{ .Values.l | toYaml | fromYamlArray | last }}`, `value "two" l[1]`},
		{`{{ (fromToml "a = 'x'").a }}`, `value "x"`},
		{`{{ (deepCopy .Values.m).num }}`, `value "3" m.num`},
		{`{{ toJson (fromYaml (toYaml .Values.m2)) }}`, `function "{\""; value "k" m2.k; function "\":\""; value "over" m2.k; function "\",\""; value "new" m2.new; function "\":{\""; value "z" m2.new.z; function "\":"; value "1" m2.new.z; function "}}"`},
		{`{{ toJson (dict "a" (deepCopy .Values.m2)) }}`, `function "{\"a\":{\""; value "k" m2.k; function "\":\""; value "over" m2.k; function "\",\""; value "new" m2.new; function "\":{\""; value "z" m2.new.z; function "\":"; value "1" m2.new.z; function "}}}"`},
		// lists
		{`{{ first .Values.l }}`, `value "one" l[0]`},
		{`{{ concat .Values.l .Values.m.l | last }}`, `value "z" m.l[1]`},
		{`{{ without .Values.l "one" | first }}`, `value "two" l[1]`},
		{`{{ has "one" .Values.l }}`, `value "true"`},
		{`{{ add .Values.num 1 }}`, `decision num; value "43"`},
	} {
		_, f, err := run(t, tt.template, vals)
		if err != nil {
			t.Errorf("%s: %v", tt.template, err)
			continue
		}
		if got := describe(f.Pieces()); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.template, got, tt.want)
		}
	}
}

// TestFixedFunctions checks that the functions that depend on chance or on the clock
// return the same every time.
func TestFixedFunctions(t *testing.T) {
	for _, tt := range []struct{ template, want string }{
		{`{{ randAlphaNum 32 | sha256sum | trunc 5 }} {{ randBytes 32 | sha1sum | len }} {{ printf "x%s" (randAlpha 16) | b64enc | sha512sum | trunc 3 }} {{ sha256sum "x" | trunc 6 }} {{ repeat 300 "a" | sha256sum | trunc 6 }}`, "aaaaa 40 aaa 2d7116 9835fa"},
		{`{{ randAlphaNum 4 }}{{ randAlpha 2 }}{{ randAscii 1 }}{{ randNumeric 3 }}`, "aaaaaaa111"},
		{`{{ randAlpha -1 }}`, ""},
		{`{{ randBytes 3 }}`, "AAAA"},
		{`{{ randInt 2 9 }}`, "2"},
		{`{{ uuidv4 }}`, "00000000-0000-4000-8000-000000000000"},
		{`{{ shuffle "abc" }}`, "abc"},
		{`{{ now | date "2006-01-02 15:04" }}`, "2025-01-01 00:00"},
		{`{{ now | dateInZone "15:04" }}`, ""},
		{`{{ dateInZone "15:04" (now) "Europe/Paris" }}`, "01:00"},
		{`{{ dateInZone "15:04" (now) "No/Where" }}`, "00:00"},
		{`{{ htmlDate 0 }} {{ htmlDateInZone 86400 "UTC" }}`, "1970-01-01 1970-01-02"},
		{`{{ ago (now) }}`, "0s"},
		{`{{ (toDate "2006" "2020").Year }}`, "2020"},
		{`{{ htpasswd "u" "p" | trunc 3 }}`, "u:$"},
		{`{{ encryptAES "k" "abc" }}`, "YWJj"},
		{`{{ getHostByName "example.com" }}`, ""},
		{`{{ derivePassword 1 "long" "p" "u" "s" }}`, "derived-password"},
		{`{{ (genCA "n" 1).Cert }}`, pem("CERTIFICATE")},
		{`{{ (genSignedCert "n" nil nil 1 (genCA "n" 1)).Key }}`, pem("RSA PRIVATE KEY")},
		{`{{ (buildCustomCert "YQ==" "Yg==").Cert }}`, "a"},
		{`{{ keys (dict "b" 1 "a" 2) }} {{ values (dict "b" 1 "a" 2) }}`, "[a b] [2 1]"},
		{`{{ lookup "v1" "Secret" "a" "b" }}`, "map[]"},
		// as in Helm, documents with errors are no errors of the template
		{`{{ (fromYaml "a: [").Error | trunc 11 }}`, "error conve"},
		{`{{ (fromJson "{").Error }}`, "unexpected end of JSON input"},
		{`{{ fromYamlArray "a: b" | first | trunc 5 }}`, "error"},
		{`{{ toToml (dict "a" 1) }}`, "a = 1\n"},
		{`{{ toYamlPretty (dict "a" (list 1)) }}`, "a:\n  - 1"},
	} {
		_, f, err := run(t, tt.template, "{}")
		if tt.want == "" && strings.Contains(tt.template, "| dateInZone") {
			if err == nil {
				t.Errorf("%s: no error", tt.template)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.template, err)
		} else if got := f.Out.String(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.template, got, tt.want)
		}
	}
	for _, name := range []string{"env", "expandenv"} {
		if Functions()[name] != nil {
			t.Errorf("templates can call %s", name)
		}
	}
}

// TestLimits checks that what a template can ask of functions is limited.
func TestLimits(t *testing.T) {
	for _, template := range []string{
		`{{ repeat 100000000 "abc" }}`,
		`{{ indent 100000000 "a\nb" }}`,
		`{{ until 2000000 }}`,
		`{{ untilStep 0 2000000 1 }}`,
		`{{ randAlpha 100000000 }}`,
		`{{ randBytes 100000000 }}`,
		`{{ $l := until 100000 }}{{ uniq $l }}`,
		`{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ toYaml $d }}`,
		`{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ $d }}`,
		`{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ merge (dict) $d }}`,
		`{{ $s := repeat 100000 "a" }}{{ regexReplaceAll "a" $s $s }}`,
		`{{ fromToml (repeat 1000 "[") }}`,
		`{{ fromYaml (repeat 9000000 "a") }}`,
	} {
		if _, _, err := run(t, template, "{}"); !errors.Is(err, ErrBudget) {
			t.Errorf("%s: got %v", template, err)
		}
	}
	limits := Limits{Output: 1 << 20, Steps: 10_000, Work: 1 << 20, Chart: 10_000}
	for _, template := range []string{
		`{{ range until 10 }}{{ $x := regexMatch "(a?){100}b" (repeat 1000 "a") }}{{ end }}`,
		`{{ range until 10000 }}{{ repeat 1000 "a" }}{{ end }}`,
		`{{ range until 20000 }}{{ end }}`,
		`{{ range until 100 }}{{ $x := contains "b" (repeat 100000 "a") }}{{ end }}`,
	} {
		_, _, err := runIn(t, NewTracer(NewBudget(context.Background(), limits, 0)), template, map[string]any{})
		if !errors.Is(err, ErrBudget) {
			t.Errorf("%s: got %v", template, err)
		}
	}
	if err := CheckBlocks(strings.Repeat("{{ if .a }}", maxBlocks+1)); !errors.Is(err, ErrBudget) {
		t.Errorf("nested blocks: got %v", err)
	}
	if err := CheckBlocks(strings.Repeat("{{ if .a }}{{ end }}", maxBlocks+1) + "{{ iffy }}"); err != nil {
		t.Errorf("blocks in a row: got %v", err)
	}
}

// TestBudget checks when each limit is exceeded.
func TestBudget(t *testing.T) {
	over := func(name string, err error, want bool) {
		t.Helper()
		if errors.Is(err, ErrBudget) != want {
			t.Errorf("%s: got %v", name, err)
		}
	}
	small := func() *budget {
		return NewBudget(context.Background(), Limits{Output: 100, Steps: 3, Work: 1000, Chart: 10}, 6)
	}
	b := small()
	for range 3 {
		over("step", b.step(), false)
	}
	over("fourth step", b.step(), true)
	b = NewBudget(context.Background(), Limits{Steps: 100, Chart: 10}, 9)
	over("last step of the chart", b.step(), false)
	over("step after it", b.step(), true)
	b = small()
	over("bytes", b.spend(100), false)
	over("another byte", b.spend(1), true)
	over("work", small().expense(500, 2), false)
	over("more work", small().expense(501, 2), true)
	over("very much work", small().expense(1<<62, 1<<62), true)
	over("product", small().product(maxString, 1), false)
	over("larger product", small().product(maxString, 2), true)
	over("pairs", small().pairs(1, 10), false)
	over("many pairs", small().pairs(maxPairs, 2), true)
	over("document", small().parse(strings.Repeat("a", 100)), false)
	over("long document", small().parse(strings.Repeat("a", maxParsed+1)), true)
	over("levels", NewBudget(context.Background(), DefaultLimits, 0).enter(maxStacked), false)
	over("more levels", NewBudget(context.Background(), DefaultLimits, 0).enter(maxStacked+1), true)
	ctx, cancel := context.WithCancel(context.Background())
	b = NewBudget(ctx, DefaultLimits, 0)
	over("running", b.Stopped(), false)
	cancel()
	over("stopped", b.Stopped(), true)
	over("step after the stop", b.step(), true)
	if err := b.Stopped(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestLevels checks how deep blocks and parentheses are nested.
func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int
	}{
		{`a`, 0},
		{`{{ .a }}`, 0},
		{`{{ (.a) }}`, 1},
		{`{{ quote (quote (.a)) }}`, 2},
		{`{{ (.a).b }}`, 1},
		{`{{ if .a }}x{{ end }}`, 1},
		{`{{ if (not .a) }}x{{ end }}`, 2},
		{`{{ if .a }}x{{ else if .b }}y{{ end }}`, 2},
		{`{{ with .a }}{{ if .b }}x{{ end }}{{ end }}`, 2},
		{`{{ range .a }}{{ end }}`, rangeLevels},
		{`{{ template "x" (.a) }}`, 1},
	} {
		tree := parse.New("a")
		tree.Mode = parse.SkipFuncCheck
		if _, err := tree.Parse(tt.text, "", "", map[string]*parse.Tree{}); err != nil {
			t.Fatal(err)
		}
		if got := listLevels(tree.Root); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.text, got, tt.want)
		}
	}
}

func TestTOMLLevels(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int
	}{
		{`a = 1`, 0},
		{`a.b.c = 1`, 2},
		{`[a.b]`, 2},
		{`a = [[1]]`, 2},
		{`a = "[[["`, 0},
		{`a = '[[['`, 0},
		{"a = '''\n[[['''", 0},
		{`a = "\"[[["`, 0},
		{"# [[[\na = 1", 0},
		{"a = \"[\n[[", 2},
	} {
		if got := tomlLevels(tt.text); got != tt.want {
			t.Errorf("%q: got %d, want %d", tt.text, got, tt.want)
		}
	}
}

func TestErrors(t *testing.T) {
	if got := WithoutQuotes("could not find expected ':', not 'x'"); got != "could not find expected ':', not '…'" {
		t.Error(got)
	}
	if got := WithoutQuotes(`a "b \" c" d 'e' f ` + "`g`"); got != `a "…" d '…' f `+"`…`" {
		t.Errorf("got %s", got)
	}
	for name, want := range map[string]bool{
		"password": true, "dbPassword": true, "apiKey": true, "authToken": true, "pwd": true, "licenseKey": true,
		"name": false, "image": false, "passive": false, "author": false,
	} {
		if IsSecretName(name) != want {
			t.Errorf("%s: got %v", name, !want)
		}
	}
	for _, tt := range []struct {
		value any
		fails bool
	}{{nil, true}, {"", true}, {"x", false}, {false, false}, {0, false}, {map[string]any{}, false}} {
		v, err := Required("m", tt.value)
		if (err != nil) != tt.fails || fmt.Sprint(v) != fmt.Sprint(tt.value) {
			t.Errorf("%#v: got %v, %v", tt.value, v, err)
		}
	}
	cause := errors.New("x")
	if err := (&tplError{what: "executing", err: cause}); !errors.Is(err, cause) || err.Error() != "executing: x" {
		t.Errorf("got %v", err)
	}
	if err := (&MarkError{err: cause}); err.Error() != "x" || !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}
