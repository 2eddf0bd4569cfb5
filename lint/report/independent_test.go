package report

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/joshdk/go-junit"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	render "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// Every format is read here by somebody else: a schema, or a parser that knows
// nothing of what wrote it.

// inputs are reports with what a format may trip over.
func inputs() map[string]*lint.Report {
	problems := lint.NewReport(nil, many().Problems, nil, lint.Summary{})
	return map[string]*lint.Report{
		"none": clean(), "one": single(), "many": many(), "ignored": withIgnored(), "problems": problems, "nasty": nasty(),
		"interrupted": lint.NewReport(nil, []lint.Problem{{Message: "interrupted"}}, nil, lint.Summary{Interrupted: true}),
		"30000":       lots(30000),
	}
}

// nastyTexts are messages and names of files.
var nastyTexts = []string{
	"plain",
	"all of ASCII !\"#$%&'()*+,-./0123456789:;<=>?@AZ[\\]^_`az{|}~ in a row",
	"pipes | and || `code` ``more`` and \\| escaped",
	"<script>alert(1)</script> <!-- open --> </details></td> &amp; &#124; &lt;",
	"**bold** _em_ ~~gone~~ [link](http://evil.example) ![image](x) <http://auto.example> https://bare.example @user #12 :tada: $x$",
	"line one\nline two\r\nline three\rline four",
	"\n\nstarts with lines\n\n# heading\n- item\n1. one\n> quote\n---\n\tcode",
	"control \x00 \x01 \x07 \x08 \x0b \x0c \x1b[31m \x7f \u0085 \u009b",
	"not UTF-8: \xff\xfe\xc3\x28",
	"Grüße, 世界, привет, שלום, 👩\u200d🚀, e\u0301, \ufeff, \ufffe, \u2028, \u202e",
	"::error file=x::injected%0A %25 %0D",
	"]]> CDATA <![CDATA[ x ]]> &quot; ' \"",
	`C:\charts\web\values.yaml and \\server\share`,
	strings.Repeat("long ", 2000),
}

// nasty has every text as message, path and all else, once each.
func nasty() *lint.Report {
	var findings []*lint.Finding
	var problems []lint.Problem
	for i, s := range nastyTexts {
		file := fmt.Sprintf("dir%d/%s.yaml", i, strings.NewReplacer("/", "_", "\x00", "").Replace(cut(s, 100)))
		if i == len(nastyTexts)-2 {
			file = "C:/charts/web/values.yaml" // how reports call it on Windows
		}
		o := lint.ObjectRef{APIVersion: "v1", Kind: "Pod", Name: s}
		rule := *latest
		rule.ID = fmt.Sprintf("rule-%d", i)
		at := lint.Position{File: file, Line: i + 1, Column: 1, EndColumn: 5}
		f := &lint.Finding{
			Rule: &rule, Severity: lint.Severity(i%4 + 1), Message: s, Object: o, Container: s, Path: s,
			Origin: lint.Origin{
				Position: at, Text: s,
				Trail: []lint.Step{{Kind: lint.StepValues, Position: at, Label: s}},
			},
			Related:     []lint.RelatedPlace{{Position: at, Label: s}},
			Occurrences: []lint.Occurrence{{Object: o, Input: file, Scenario: s}}, Fix: lint.Fix{Title: s}, Fingerprint: fmt.Sprintf("%024x", i),
		}
		g := *f
		g.Origin.Line += 100
		g.Fingerprint = fmt.Sprintf("%024x", i+100)
		g.Ignored = &lint.Ignored{By: lint.ByComment, Reason: s, Position: at}
		findings = append(findings, f, &g)
		problems = append(problems, lint.Problem{Position: at, Message: s, Help: s, Detail: s})
	}
	return lint.NewReport(findings, problems, problems, lint.Summary{Objects: len(nastyTexts)})
}

// element is what a grammar of XML says of an element.
type element struct {
	attributes map[string]*regexp.Regexp // those that may be there
	required   []string
	children   []string // that may be in it, any number of times
	text       bool
}

// checkXML reads a document by a grammar.
func checkXML(doc, root string, grammar map[string]element) error {
	d := xml.NewDecoder(strings.NewReader(doc))
	open := []string{""}
	grammar[""] = element{children: []string{root}}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		in := grammar[open[len(open)-1]]
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			if !slices.Contains(in.children, name) {
				return fmt.Errorf("<%s> in %v", name, open)
			}
			if err := checkAttributes(token, grammar[name]); err != nil {
				return err
			}
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" && !in.text {
				return fmt.Errorf("text in %v: %q", open, token)
			}
		}
	}
}

func checkAttributes(start xml.StartElement, e element) error {
	seen := map[string]bool{}
	for _, a := range start.Attr {
		want := e.attributes[a.Name.Local]
		if want == nil || !want.MatchString(a.Value) || seen[a.Name.Local] {
			return fmt.Errorf("<%s %s=%q>", start.Name.Local, a.Name.Local, a.Value)
		}
		seen[a.Name.Local] = true
	}
	for _, name := range e.required {
		if !seen[name] {
			return fmt.Errorf("<%s> has no %s", start.Name.Local, name)
		}
	}
	return nil
}

var (
	anyText  = regexp.MustCompile(`(?s)^.*$`)
	someText = regexp.MustCompile(`(?s)^.+$`)
	number   = regexp.MustCompile(`^\d+$`)
	counted1 = regexp.MustCompile(`^[1-9]\d*$`)
)

// junitGrammar is what Jenkins, GitLab and Azure agree on.
func junitGrammar() map[string]element {
	counts := map[string]*regexp.Regexp{"name": someText, "tests": number, "failures": number, "errors": number, "skipped": number}
	outcome := element{attributes: map[string]*regexp.Regexp{"message": anyText, "type": someText}, required: []string{"message"}, text: true}
	return map[string]element{
		"testsuites": {attributes: counts, required: []string{"tests", "failures", "errors"}, children: []string{"testsuite"}},
		"testsuite":  {attributes: counts, required: []string{"name", "tests", "failures", "errors", "skipped"}, children: []string{"testcase"}},
		"testcase": {
			attributes: map[string]*regexp.Regexp{"classname": someText, "name": someText, "file": someText, "line": counted1},
			required:   []string{"classname", "name"}, children: []string{"failure", "error", "skipped"},
		},
		"failure": outcome, "error": outcome, "skipped": outcome,
	}
}

func TestJUnitRead(t *testing.T) {
	for name, r := range inputs() {
		doc := write(t, "junit", r, testOptions())
		if err := checkXML(doc, "testsuites", junitGrammar()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		suites, err := junit.Ingest([]byte(doc))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var total junit.Totals
		for _, s := range suites {
			s.Aggregate()
			total.Tests += s.Totals.Tests
			total.Failed += s.Totals.Failed
			total.Error += s.Totals.Error
			total.Skipped += s.Totals.Skipped
			total.Passed += s.Totals.Passed
		}
		want := junit.Totals{Failed: len(r.Findings), Error: len(r.Problems), Skipped: len(r.Ignored)}
		if want.Failed+want.Error+want.Skipped == 0 {
			want.Passed = 1
		}
		want.Tests = want.Failed + want.Error + want.Skipped + want.Passed
		if total != want {
			t.Errorf("%s: %+v, want %+v", name, total, want)
		}
	}
}

func TestCheckstyleRead(t *testing.T) {
	grammar := map[string]element{
		"checkstyle": {attributes: map[string]*regexp.Regexp{"version": someText}, required: []string{"version"}, children: []string{"file"}},
		"file":       {attributes: map[string]*regexp.Regexp{"name": someText}, required: []string{"name"}, children: []string{"error"}},
		"error": {
			attributes: map[string]*regexp.Regexp{
				"line": counted1, "column": counted1, "severity": regexp.MustCompile("^(error|warning|info)$"), "message": someText, "source": someText,
			},
			required: []string{"severity", "message", "source"},
		},
	}
	for name, r := range inputs() {
		doc := write(t, "checkstyle", r, testOptions())
		if err := checkXML(doc, "checkstyle", grammar); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := strings.Count(doc, "<error "); n != len(r.Findings)+len(r.Problems) {
			t.Errorf("%s: %d errors of %d findings and %d problems", name, n, len(r.Findings), len(r.Problems))
		}
	}
}

// A grammar that takes everything would prove nothing.
func TestGrammarChecks(t *testing.T) {
	good := write(t, "junit", single(), testOptions())
	for _, c := range [][2]string{
		{`line="12"`, `line="0"`},
		{`line="12"`, `place="12"`},
		{`classname="`, `class="`},
		{"failure", "failed"},
		{"</testcase>", "x</testcase>"},
		{"testsuite>", "suite>"},
	} {
		bad := strings.ReplaceAll(good, c[0], c[1])
		if err := checkXML(bad, "testsuites", junitGrammar()); bad == good || err == nil {
			t.Errorf("the grammar takes %s", c[1])
		}
	}
}

func TestGitLabSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("testdata", "gitlab.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range inputs() {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(write(t, "gitlab", r, testOptions())))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestJSONAndSARIFSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range inputs() {
		if name == "30000" {
			continue // TestSARIFLimits has it
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(write(t, "json", r, testOptions())))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := schema.Validate(doc); err != nil && name != "many" && name != "ignored" && name != "nasty" { // these have absolute paths
			t.Errorf("%s: %v", name, err)
		}
		if err := checkSARIF(t, write(t, "sarif", r, testOptions())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// command is a workflow command as the runner reads it.
type command struct {
	name       string
	properties map[string]string
	message    string
}

// parseCommand reads a line by GitHub's documentation of workflow commands:
// ::name key=value,key=value::message, with % before the codes of what is special.
func parseCommand(line string) (c command, ok bool) {
	rest, ok := strings.CutPrefix(line, "::")
	if !ok {
		return c, false
	}
	head, message, ok := strings.Cut(rest, "::")
	if !ok {
		return c, false
	}
	unescape := func(s string, codes ...string) string {
		for _, code := range codes {
			n, _ := strconv.ParseUint(code, 16, 8)
			s = strings.ReplaceAll(s, "%"+code, string(rune(n)))
		}
		return strings.ReplaceAll(s, "%25", "%")
	}
	name, properties, _ := strings.Cut(head, " ")
	c = command{name: name, properties: map[string]string{}, message: unescape(message, "0D", "0A")}
	for pair := range strings.SplitSeq(properties, ",") {
		key, value, found := strings.Cut(pair, "=")
		if !found {
			return c, false
		}
		c.properties[key] = unescape(value, "0D", "0A", "3A", "2C")
	}
	return c, true
}

func TestGitHubRead(t *testing.T) {
	for name, r := range inputs() {
		out := write(t, "github", r, Options{})
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		perLevel := map[string]int{}
		reported := map[string]bool{}
		for _, line := range lines[:len(lines)-1] {
			c, ok := parseCommand(line)
			if !ok || !slices.Contains([]string{"error", "warning", "notice"}, c.name) {
				t.Fatalf("%s: no command: %q", name, line)
			}
			perLevel[c.name]++
			reported[c.properties["file"]+":"+c.properties["line"]+" "+c.message] = true
			for key, value := range c.properties {
				if key != "title" && key != "file" && !counted1.MatchString(value) || value == "" {
					t.Errorf("%s: %s=%s", name, key, value)
				}
			}
			if c.properties["file"] == "" && c.properties["line"] != "" || c.properties["line"] == "" && c.properties["col"] != "" {
				t.Errorf("%s: a place without file or line: %q", name, line)
			}
		}
		for level, n := range perLevel {
			if n > githubMaxShown {
				t.Errorf("%s: %d of %s", name, n, level)
			}
		}
		if strings.HasPrefix(lines[len(lines)-1], "::") {
			t.Errorf("%s: the summary is a command", name)
		}
		if len(r.Findings)+len(r.Problems) > 10 {
			continue // not all are listed
		}
		r = plain.ReportAndFiles(r)
		for _, p := range r.Problems {
			if at := p.Position; !reported[fmt.Sprintf("%s:%s %s", at.File, numberOr(at.Line), problemText(p))] {
				t.Errorf("%s: problem %q is not reported as it is", name, p.Message)
			}
		}
		for _, f := range r.Findings {
			at := place(f)
			if !reported[fmt.Sprintf("%s:%s %s", at.File, numberOr(at.Line), strings.Join(append([]string{f.Message}, evidence(f)...), "\n"))] {
				t.Errorf("%s: finding %q is not reported as it is", name, f.Message)
			}
		}
	}
	// What is nasty is reported one by one, as there is no room for all.
	for _, f := range plain.ReportAndFiles(nasty()).Findings {
		f.Severity = lint.Critical
		r := lint.NewReport([]*lint.Finding{f}, nil, nil, lint.Summary{})
		first, _, _ := strings.Cut(write(t, "github", r, Options{}), "\n")
		c, ok := parseCommand(first)
		if want := strings.Join(append([]string{f.Message}, evidence(f)...), "\n"); !ok || c.message != want || c.properties["file"] != f.Origin.File {
			t.Errorf("got  %q\nwant %q", c.message, want)
		}
	}
}

func numberOr(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// htmlOf is a comment as a reader of GitHub or GitLab sees it.
func htmlOf(t *testing.T, source string) *html.Node {
	t.Helper()
	var b bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(render.WithUnsafe()))
	if err := md.Convert([]byte(source), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// elements are those of a name, in the order of the document.
func elements(n *html.Node, name string) []*html.Node {
	var l []*html.Node
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == name {
			l = append(l, c)
		}
	}
	return l
}

// visible is what can be read of a text, with single blanks.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200b' || r == utf8.RuneError || unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.Type == html.ElementNode && c.Data == "br":
			b.WriteString(" ")
		}
	}
	return visible(b.String())
}

func TestMarkdownRead(t *testing.T) {
	allowed := strings.Fields("html head body p strong ul li details summary b table thead tbody tr th td br a")
	for name, r := range inputs() {
		doc := htmlOf(t, write(t, "markdown", r, Options{}))
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && !slices.Contains(allowed, n.Data) || n.Type == html.CommentNode {
				t.Errorf("%s: <%s> in the comment", name, n.Data)
			}
			if n.Data == "a" && n.Type == html.ElementNode && !strings.HasSuffix(n.Attr[0].Val, textOf(n)) {
				t.Errorf("%s: a link shows %q and leads to %q", name, textOf(n), n.Attr[0].Val)
			}
		}
		var rows []string
		for _, group := range elements(doc, "details") {
			if group.Parent.Data != "body" || len(elements(group, "summary")) != 1 || len(elements(group, "table")) != 1 {
				t.Errorf("%s: a group is no table under a summary", name)
			}
			for _, row := range elements(elements(group, "tbody")[0], "tr") {
				var cells []string
				for _, cell := range elements(row, "td") {
					cells = append(cells, textOf(cell))
				}
				if len(cells) != 3 {
					t.Fatalf("%s: %d cells: %q", name, len(cells), cells)
				}
				rows = append(rows, strings.Join(cells, " | "))
			}
		}
		if name == "30000" {
			continue // not all are reported
		}
		if len(rows) != len(r.Findings) {
			t.Errorf("%s: %d rows of %d findings", name, len(rows), len(r.Findings))
		}
		for _, f := range plain.ReportAndFiles(r).Findings {
			at := place(f)
			where := cmp.Or(lint.Position{File: at.File, Line: at.Line}.String(), "unknown")
			message := cut(f.Message, markdownMaxCell)
			message += extent(f) + " (" + f.Rule.ID + ")"
			want := strings.Join([]string{visible(where), visible(message), visible(cut(f.Fix.Title, markdownMaxCell))}, " | ")
			if !slices.Contains(rows, want) {
				t.Errorf("%s: no row\n%q in\n%q", name, want, rows)
			}
		}
		listed := len(elements(doc, "li"))
		if want := min(len(r.Problems), markdownMaxProblems+1); listed != want {
			t.Errorf("%s: %d items of %d problems", name, listed, len(r.Problems))
		}
	}
}
