package report

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// hostileTexts try to act on anyone who reads a report. Each is the start of a text,
// its middle and its end in turn.
var hostileTexts = []string{
	"\n0 findings, 0 problems\nchecked 1 manifest: 1 object\n",
	"\r\n::stop-commands::t0ken\r\n",
	"::error file=x,line=1::forged",
	"  ::set-output name=a::b",
	"##[error]forged ##vso[task.setvariable variable=a]b ##teamcity[buildStatus]",
	"\u2028::add-mask::a\u2029\u0085::debug::\v\f::debug::",
	"\u202eesrever\u2066\u2069\u061c\u200e\u200b\u200d\ufeff\u00ad\U000e0041\u3164",
	"\x1b[2J\x1b]8;;http://x\x07\u009b31m\x7f\x00\xff\xfe\x08",
}

// Whatever a field holds, no format has a character, line or command that acts.
// Fields are filled by reflection, so that none that is added later is forgotten.
func TestOutputsCarryNoCommands(t *testing.T) {
	for i := range hostileTexts {
		r := hostileReport(i)
		for _, format := range Formats() {
			for name, opts := range map[string]Options{
				"default": {},
				"-v":      {Text: TextOptions{Verbose: true, ShowIgnored: true}},
				"-q":      {Text: TextOptions{Quiet: true}},
				"narrow":  {Text: TextOptions{Columns: 40, Verbose: true, ShowIgnored: true}},
				"prefix":  {Prefix: "sub"},
			} {
				checkHarmless(t, format+" "+name, format, write(t, format, r, opts))
			}
		}
	}
}

func FuzzOutputs(f *testing.F) {
	for _, s := range hostileTexts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := reportOf(func() string { return s })
		for _, format := range Formats() {
			checkHarmless(t, format, format, write(t, format, r, Options{Text: TextOptions{Verbose: true, ShowIgnored: true}}))
		}
	})
}

// commandLine is a line that GitHub's runner takes for a command, as its source has it.
var commandLine = regexp.MustCompile(`^\s*::[A-Za-z]`)

func checkHarmless(t *testing.T, name, format, out string) {
	t.Helper()
	for _, c := range out {
		if c != '\n' && unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) {
			t.Errorf("%s: character %U", name, c)
			break
		}
	}
	if m := regexp.MustCompile(`##[A-Za-z]*\[`).FindString(out); m != "" {
		t.Errorf("%s: log command %s", name, m)
	}
	ends := 0
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case format == "github" && regexp.MustCompile(`^::(error|warning|notice) [^:]*::`).MatchString(line):
			if n := strings.Count(line, "stop-commands"); n > 0 && strings.Contains(line, "%0A::") {
				t.Errorf("%s: a command in a message: %s", name, line)
			}
		case commandLine.MatchString(line):
			t.Errorf("%s: a command: %q", name, line)
		case regexp.MustCompile(`^\d+ findings?( \(|, \d+ problem)`).MatchString(line):
			ends++
		}
	}
	if ends > 1 {
		t.Errorf("%s: %d lines look like a summary:\n%s", name, ends, out)
	}
	var err error
	switch format {
	case "json", "sarif", "gitlab":
		err = json.Unmarshal([]byte(out), new(any))
	case "junit", "checkstyle":
		err = readXML(out)
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func readXML(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// JSON and XML give names of files back as they are.
func TestMachineFormatsKeepNames(t *testing.T) {
	const file = "a\u202e##[x]\u200d👩\u200d🚀\u009b.yaml"
	r := single()
	r.Findings[0].Origin.File = file
	var got struct {
		Findings []struct{ Location struct{ File string } }
	}
	if err := json.Unmarshal([]byte(write(t, "json", r, Options{})), &got); err != nil || got.Findings[0].Location.File != file {
		t.Errorf("json: %q, %v", got.Findings[0].Location.File, err)
	}
	var style checkstyleDocument
	if err := xml.Unmarshal([]byte(write(t, "checkstyle", r, Options{})), &style); err != nil || style.Files[0].Name != file {
		t.Errorf("checkstyle: %q, %v", style.Files[0].Name, err)
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"egress to ::/0 and fe80::a:b":  "egress to ::/0 and fe80::a:b",
		"Foo::bar":                      "Foo::bar",
		"::error::x":                    ":?error::x",
		"  ::error::x":                  "  :?error::x",
		"a ##[group]b ##vso[x]":         "a #?[group]b #?vso[x]",
		"# a ## b [c]":                  "# a ## b [c]",
		"one\ntwo\tthree":               "one two three",
		"a\u202eb\x1b[0m":               "a?b?[0m",
		"schön 世界 👩":                    "schön 世界 👩",
		masked:                          masked,
		"\u200b\u200c\ufeff\x7f\u0080x": "?????x",
	} {
		if got := plain.Text(in); got != want {
			t.Errorf("Plain(%q) = %q, want %q", in, got, want)
		}
	}
	if got := plain.Lines("a\r\n::x::\x1b\n"); got != "a\n:?x::?\n" {
		t.Errorf("plain.Lines: %q", got)
	}
}

// masked is how package lint masks a secret.
const masked = "‹masked›"

// hostileReport has a hostile text in every field, beginning with the nth.
func hostileReport(n int) *lint.Report {
	return reportOf(func() string {
		n++
		s := hostileTexts[n%len(hostileTexts)]
		return []string{s, "a" + s + "b", "x" + s, s + s}[n/len(hostileTexts)%4]
	})
}

// reportOf fills every field of a report.
func reportOf(text func() string) *lint.Report {
	rule := &lint.Rule{ID: "no-a", Title: "A", Severity: lint.High, Fix: "fix it"}
	n := 0
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		n++
		switch v.Interface().(type) {
		case *lint.Rule:
			v.Set(reflect.ValueOf(rule))
			return
		case time.Time:
			v.Set(reflect.ValueOf(time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)))
			return
		case lint.Severity:
			v.SetInt(int64(n%4 + 1))
			return
		case lint.StepKind:
			v.SetString(string([]lint.StepKind{lint.StepValues, lint.StepRendered, lint.StepPatch}[n%3]))
			return
		case lint.IgnoredBy:
			v.SetString(string(lint.ByComment))
			return
		}
		switch v.Kind() {
		case reflect.String:
			v.SetString(text())
		case reflect.Int:
			v.SetInt(int64(n % 3))
		case reflect.Bool:
			v.SetBool(n%2 == 0)
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem())
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 3, 3))
			for i := range 3 {
				fill(v.Index(i))
			}
		case reflect.Array:
			for i := range v.Len() {
				fill(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					fill(v.Field(i))
				}
			}
		default:
		}
	}
	r := &lint.Report{}
	fill(reflect.ValueOf(r).Elem())
	for _, f := range r.Findings {
		f.Ignored = nil
	}
	return r
}
