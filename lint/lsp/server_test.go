package lsp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/jsonrpc2"

	"github.com/kubevet/kubevet/lint"
)

// call is a call of the linter, which a test answers.
type call struct {
	ctx     context.Context
	files   []string
	buffers map[string][]byte
	answer  chan *Result
}

// serve starts a server whose linter the test plays.
func serve(t *testing.T) (client jsonrpc2.Conn, calls chan call, published chan publishDiagnosticsParams) {
	t.Helper()
	calls, published = make(chan call), make(chan publishDiagnosticsParams, 100)
	s := Server{
		Lint: func(ctx context.Context, _ string, files []string, buffers map[string][]byte) (*Result, error) {
			c := call{ctx, files, buffers, make(chan *Result, 1)}
			calls <- c
			select {
			case r := <-c.answer:
				return r, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
		Explain: func(id string) string { return id }, HelpURI: func(id string) string { return id },
		Resolve:  func(p string) string { return p },
		IsConfig: func(string) bool { return false },
	}
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	go s.Serve(t.Context(), inR, outW)
	client = jsonrpc2.NewConn(jsonrpc2.NewStream(pipe{outR, inW}))
	client.Go(t.Context(), func(_ context.Context, r *jsonrpc2.Request) (any, error) {
		var p publishDiagnosticsParams
		if r.Method() == "textDocument/publishDiagnostics" && json.Unmarshal(r.Params(), &p) == nil {
			published <- p
		}
		return nil, nil
	})
	if _, err := client.Call(t.Context(), "initialize", initializeParams{}, nil); err != nil {
		t.Fatal(err)
	}
	return client, calls, published
}

// finds is a result with one finding in a file; it read some more.
func finds(file, message string, reads ...string) *Result {
	f := &lint.Finding{Rule: &lint.Rule{ID: "a-rule"}, Message: message, Origin: lint.Origin{Position: lint.Position{File: file, Line: 1}}}
	return &Result{
		Report: lint.NewReport([]*lint.Finding{f}, nil, nil, lint.Summary{}),
		Reads:  func(f string) bool { return slices.Contains(append(reads, file), "/"+strings.TrimLeft(f, "./")) },
		Read:   func(string) ([]byte, error) { return nil, os.ErrNotExist },
	}
}

func opened(t *testing.T, client jsonrpc2.Conn, path string) {
	t.Helper()
	p := didOpenParams{textDocument{URI: uriOf(path), Version: 1, Text: "old\n"}}
	if err := client.Notify(t.Context(), "textDocument/didOpen", p); err != nil {
		t.Fatal(err)
	}
}

func changed(t *testing.T, client jsonrpc2.Conn, path string, version int) {
	t.Helper()
	p := didChangeParams{textDocument{URI: uriOf(path), Version: version}, []change{{Text: fmt.Sprintf("version %d\n", version)}}}
	if err := client.Notify(t.Context(), "textDocument/didChange", p); err != nil {
		t.Fatal(err)
	}
}

// A run is given up when a file changes that it is about, and its result is never
// shown; one that has nothing to do with the change goes on.
func TestCancel(t *testing.T) {
	client, calls, published := serve(t)
	opened(t, client, "/a/x.yaml")
	first := <-calls
	changed(t, client, "/a/x.yaml", 2)
	<-first.ctx.Done()
	first.answer <- finds("/a/x.yaml", "outdated")
	second := <-calls
	if got := string(second.buffers["/a/x.yaml"]); got != "version 2\n" || !slices.Equal(second.files, []string{"/a/x.yaml"}) {
		t.Errorf("%q, %q", second.files, got)
	}
	second.answer <- finds("/a/x.yaml", "fresh")
	if p := <-published; p.Version == nil || *p.Version != 2 || !strings.HasPrefix(p.Diagnostics[0].Message, "fresh") {
		t.Errorf("%+v", p)
	}

	// Another file that has nothing to do with it, then a change of the first.
	opened(t, client, "/b/y.yaml")
	third := <-calls
	if !slices.Equal(third.files, []string{"/b/y.yaml"}) || len(third.buffers) != 2 {
		t.Errorf("%q, %d buffers", third.files, len(third.buffers))
	}
	changed(t, client, "/a/x.yaml", 3)
	if _, err := client.Call(t.Context(), "textDocument/hover", hoverParams{TextDocument: textDocument{URI: uriOf("/a/x.yaml")}}, nil); err != nil {
		t.Fatal(err) // the change has come before the answer
	}
	if third.ctx.Err() != nil {
		t.Error("a run was given up that has nothing to do with the change")
	}
	// Its result says that it has read the file after all: it is not shown.
	third.answer <- finds("/b/y.yaml", "outdated", "/a/x.yaml")
	fourth := <-calls
	if !slices.Equal(fourth.files, []string{"/a/x.yaml", "/b/y.yaml"}) {
		t.Errorf("%q", fourth.files)
	}
	fourth.answer <- finds("/b/y.yaml", "fresh", "/a/x.yaml")
	for _, want := range []string{"/a/x.yaml", "/b/y.yaml"} {
		p := <-published
		if p.URI != uriOf(want) {
			t.Errorf("%s, want %s", p.URI, want)
		}
		for _, d := range p.Diagnostics {
			if !strings.HasPrefix(d.Message, "fresh") {
				t.Errorf("%+v", p)
			}
		}
	}
}

func TestApply(t *testing.T) {
	at := func(line, from, toLine, to int) *span { return &span{position{line, from}, position{toLine, to}} }
	for _, c := range []struct {
		e          encoding
		text       string
		change     change
		want, name string
	}{
		{utf16Units, "a\nb\n", change{nil, "c"}, "c", "everything"},
		{utf16Units, "a\nb\n", change{at(1, 0, 1, 1), "c"}, "a\nc\n", "a word"},
		{utf16Units, "a😀b", change{at(0, 1, 0, 3), ""}, "ab", "a pair of units"},
		{utf8Units, "a😀b", change{at(0, 1, 0, 5), ""}, "ab", "four bytes"},
		{utf32Units, "a😀b", change{at(0, 1, 0, 2), ""}, "ab", "one character"},
		{utf16Units, "a\r\nb\r\n", change{at(0, 9, 1, 0), " "}, "a b\r\n", "a Windows line end"},
		{utf16Units, "a\nb", change{at(1, 1, 1, 1), "\nc"}, "a\nb\nc", "at the end"},
		{utf16Units, "a\nb", change{at(7, 0, 9, 9), "c"}, "a\nbc", "behind the end"},
		{utf16Units, "abc", change{at(0, 2, 0, 1), ""}, "ac", "the wrong way round"},
	} {
		if got := c.e.apply(c.text, c.change); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	lines := splitLines([]byte("\ufeffa: 😀é b\r\n  c: d  \r\n"))
	for _, c := range []struct {
		e    encoding
		at   lint.Position
		want span
	}{
		{utf16Units, lint.Position{Line: 1, Column: 5, EndColumn: 6}, span{position{0, 5}, position{0, 6}}},
		{utf8Units, lint.Position{Line: 1, Column: 5, EndColumn: 6}, span{position{0, 7}, position{0, 9}}},
		{utf32Units, lint.Position{Line: 1, Column: 5, EndColumn: 6}, span{position{0, 4}, position{0, 5}}},
		{utf16Units, lint.Position{Line: 2}, span{position{1, 2}, position{1, 6}}},
		{utf16Units, lint.Position{Line: 2, Column: 6}, span{position{1, 5}, position{1, 6}}},
		{utf16Units, lint.Position{Line: 2, Column: 99, EndColumn: 120}, span{position{1, 8}, position{1, 8}}},
		{utf16Units, lint.Position{Line: 99, Column: 1}, span{position{2, 0}, position{2, 0}}},
		{utf16Units, lint.Position{}, span{position{0, 0}, position{0, 8}}},
	} {
		if got := c.e.span(lines, c.at); got != c.want {
			t.Errorf("%s %+v: %+v, want %+v", c.e, c.at, got, c.want)
		}
	}
}

func TestURI(t *testing.T) {
	for uri, want := range map[string]string{
		"file:///a/b%20c.yaml": "/a/b c.yaml", "file:///a/%C3%A9%23.yaml": "/a/é#.yaml", "untitled:1": "", "git:/a": "", "%": "", "file://": "",
	} {
		got, ok := pathOf(uri)
		if got != filepath.FromSlash(want) || ok != (want != "") {
			t.Errorf("%s: %s, %t", uri, got, ok)
		}
		if ok && uriOf(got) != uri {
			t.Errorf("%s: back as %s", uri, uriOf(got))
		}
	}
}

// FuzzServe holds the server to its end, whatever an editor sends: it does not
// panic, and it returns when there is no more to read.
func FuzzServe(f *testing.F) {
	message := func(l ...string) []byte {
		var b []byte
		for _, m := range l {
			b = fmt.Appendf(b, "Content-Length: %d\r\n\r\n%s", len(m), m)
		}
		return b
	}
	const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{"general":{"positionEncodings":["utf-8"]}}}}`
	const open = `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.yaml","version":1,"text":"a: é😀\n"}}}`
	f.Add(message(hello, open,
		`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///a.yaml","version":2},"contentChanges":[{"range":{"start":{"line":9,"character":-1},"end":{"line":0,"character":3}},"text":"x"}]}}`,
		`{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///a.yaml"},"position":{"line":0,"character":0}}}`,
		`{"jsonrpc":"2.0","id":3,"method":"textDocument/codeAction","params":{"textDocument":{"uri":"file:///a.yaml"},"range":{},"context":{}}}`,
		`{"jsonrpc":"2.0","method":"workspace/didChangeWatchedFiles","params":{"changes":[{"uri":"file:///b"}]}}`,
		`{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///a.yaml"}}}`,
		`{"jsonrpc":"2.0","id":4,"method":"shutdown"}`, `{"jsonrpc":"2.0","method":"exit"}`))
	f.Add(message(hello, `[]`, `null`, `{"id":{}}`, `{"jsonrpc":"2.0","id":9,"result":{}}`))
	f.Add([]byte("Content-Length: -1\r\n\r\nContent-Length: 99999999999\r\n\r\n{}"))
	f.Add([]byte("Content-Length 5\n\nContent-Type: x\r\n\r\n{}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		s := Server{
			Lint: func(_ context.Context, _ string, _ []string, buffers map[string][]byte) (*Result, error) {
				return &Result{
					Report: &lint.Report{}, Reads: func(string) bool { return true },
					Read: func(file string) ([]byte, error) { return buffers[file], nil },
				}, nil
			},
			Explain: func(id string) string { return id }, HelpURI: func(id string) string { return id },
			Resolve:  func(p string) string { return p },
			IsConfig: func(p string) bool { return strings.HasSuffix(p, "b") },
		}
		var out bytes.Buffer
		s.Serve(t.Context(), bytes.NewReader(in), &out)
		if text := out.String(); strings.Contains(text, "this is a defect of kubevet") {
			t.Error(text)
		}
	})
}

// A fix is offered if the changed text, when it is linted, has no such finding and
// nothing new.
func TestFixIsTried(t *testing.T) {
	const path = "/a/x.yaml"
	with := func(messages ...string) *Result {
		var l []*lint.Finding
		for _, m := range messages {
			f := finds(path, m).Report.Findings[0]
			f.Fingerprint = m
			if m == "bad" {
				f.Path, f.Fix = "spec.a", lint.Fix{Value: "new", Edits: []lint.Edit{{Span: lint.Span{File: path, Start: 0, End: 3}, New: "new"}}}
			}
			l = append(l, f)
		}
		r := finds(path, "")
		r.Report = lint.NewReport(l, nil, nil, lint.Summary{})
		return r
	}
	problem := with()
	problem.Report.Problems = []lint.Problem{{Code: lint.CodeInvalidYAML, Message: "broken"}}
	for name, tt := range map[string]struct {
		after   *Result
		offered bool
	}{
		"fixed":         {with(), true},
		"still there":   {with("bad"), false},
		"something new": {with("other"), false},
		"broken":        {problem, false},
	} {
		client, calls, published := serve(t)
		opened(t, client, path)
		(<-calls).answer <- with("bad")
		<-published
		actions := make(chan []codeAction, 1)
		ask := func() {
			var l []codeAction
			p := codeActionParams{TextDocument: textDocument{URI: uriOf(path)}}
			if _, err := client.Call(t.Context(), "textDocument/codeAction", p, &l); err != nil {
				t.Error(err)
			}
			actions <- l
		}
		go ask()
		c := <-calls
		if got := string(c.buffers[path]); got != "new\n" {
			t.Errorf("%s: tried %q", name, got)
		}
		c.answer <- tt.after
		got := <-actions
		if offered := len(got) == 1 && got[0].Title == "Fix a-rule: set spec.a: new"; offered != tt.offered {
			t.Errorf("%s: %+v", name, got)
		}
		go ask() // what is known is not tried again
		if again := <-actions; len(again) != len(got) {
			t.Errorf("%s: %+v, then %+v", name, got, again)
		}
	}
}

// While a fix is tried, other messages are answered. If one of them changes the file, the
// fix is not offered.
func TestFixIsTriedMeanwhile(t *testing.T) {
	const path = "/a/x.yaml"
	client, calls, published := serve(t)
	opened(t, client, path)
	r := finds(path, "bad")
	r.Report.Findings[0].Fix = lint.Fix{Value: "new", Edits: []lint.Edit{{Span: lint.Span{File: path, Start: 0, End: 3}, New: "new"}}}
	(<-calls).answer <- r
	<-published
	actions := make(chan []codeAction, 1)
	go func() {
		var l []codeAction
		if _, err := client.Call(t.Context(), "textDocument/codeAction", codeActionParams{TextDocument: textDocument{URI: uriOf(path)}}, &l); err != nil {
			t.Error(err)
		}
		actions <- l
	}()
	try := <-calls
	if _, err := client.Call(t.Context(), "textDocument/hover", hoverParams{TextDocument: textDocument{URI: uriOf(path)}}, nil); err != nil {
		t.Fatal(err)
	}
	changed(t, client, path, 2)
	next := <-calls
	fixed := finds(path, "")
	fixed.Report.Findings = nil
	try.answer <- fixed
	if l := <-actions; len(l) > 0 {
		t.Errorf("offered for a text that is no more: %+v", l)
	}
	next.answer <- fixed
	<-published
}
