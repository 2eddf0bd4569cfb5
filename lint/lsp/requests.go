package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/jsonrpc2"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/ignore"
)

// hover explains the rules of the diagnostics at a position.
func (x *session) hover(p hoverParams) (*hover, error) {
	at := span{p.Position, p.Position}
	var parts, rules []string
	var where span
	for _, m := range x.marks(p.TextDocument.URI, at) {
		if m.rule == "" || slices.Contains(rules, m.rule) {
			continue
		}
		if rules = append(rules, m.rule); len(rules) == 1 {
			where = m.Range
		}
		text := strings.TrimSpace(x.Explain(m.rule))
		if m.fix != "" {
			text += "\n- here: " + m.fix
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return &hover{markupContent{"markdown", strings.Join(parts, "\n\n---\n\n")}, where}, nil
}

// marks are those of a document that touch a range. There are none while the
// document is newer than they are: their places may have moved.
func (x *session) marks(uri string, at span) []mark {
	path, ok := x.path(uri)
	d, s := x.docs[path], x.shown[path]
	if !ok || d == nil || s == nil || string(s.text) != d.text {
		return nil
	}
	var l []mark
	for _, m := range s.marks {
		if overlaps(m.Range, at) {
			l = append(l, m)
		}
	}
	return l
}

// codeActions offers to fix the findings in a range, and to ignore them.
func (x *session) codeActions(ctx context.Context, p codeActionParams) ([]codeAction, error) {
	l := []codeAction{}
	if only := p.Context.Only; len(only) > 0 && !slices.Contains(only, quickFix) {
		return l, nil
	}
	marks := x.marks(p.TextDocument.URI, p.Range)
	jsonrpc2.Async(ctx) // to try fixes takes time, in which other messages are handled
	path, _ := x.path(p.TextDocument.URI)
	before := x.docs[path].copy()
	for _, m := range marks[:min(len(marks), maxTried)] {
		a, ok := x.apply(ctx, p.TextDocument.URI, m)
		if after := x.docs[path].copy(); after != before {
			return l[:0], nil // it changed meanwhile: the marks are of another text
		}
		if ok {
			l = appendAction(l, a)
		}
	}
	for _, whole := range []bool{false, true} {
		for _, m := range marks {
			if a, ok := x.ignore(p.TextDocument.URI, m, whole); ok {
				l = appendAction(l, a)
			}
		}
	}
	return l, nil
}

// appendAction adds an action. If one with the same effect is there already, it adds the
// diagnostics that the action fixes to it.
func appendAction(l []codeAction, a codeAction) []codeAction {
	for i := range l {
		if l[i].Title == a.Title && l[i].at == a.at {
			l[i].Diagnostics = append(l[i].Diagnostics, a.Diagnostics...)
			return l
		}
	}
	return append(l, a)
}

// maxTried is how many fixes are tried for one request. Each is a run of the linter.
const maxTried = 8

// apply is the action to fix a finding. It is offered if the edits do so: they are made
// to a copy of the text, which is linted.
func (x *session) apply(ctx context.Context, uri string, m mark) (codeAction, bool) {
	path, _ := x.path(uri)
	d := x.docs[path]
	f := m.finding
	if f == nil || len(f.Fix.Edits) == 0 || d == nil || d.result == nil || slices.ContainsFunc(f.Fix.Edits, func(e lint.Edit) bool { return x.Resolve(filepath.FromSlash(e.File)) != path }) {
		return codeAction{}, false
	}
	if strings.HasPrefix(d.text, "\ufeff") { // edits count the bytes without it
		return codeAction{}, false
	}
	text, ok := lint.Apply(d.text, f.Fix.Edits)
	if !ok || !x.fixes(ctx, path, text, f) {
		return codeAction{}, false
	}
	var edits []textEdit
	for _, e := range f.Fix.Edits {
		edits = append(edits, textEdit{span{x.encoding.position(d.text, e.Start), x.encoding.position(d.text, e.End)}, e.New})
	}
	return codeAction{at: edits[0].Range.Start, Title: "Fix " + m.rule + ": " + fixTitle(f), Kind: quickFix, Diagnostics: []diagnostic{m.diagnostic}, Edit: x.edit(d, edits)}, true
}

// fixTitle says what the edits of a finding do.
func fixTitle(f *lint.Finding) string {
	switch {
	case f.Fix.Value == "":
		return f.Fix.Title
	case f.Fix.Addition.Path != "":
		return "add " + f.Path + ": " + f.Fix.Value
	}
	return "set " + f.Path + ": " + f.Fix.Value
}

// fixes reports whether a text in place of a document makes a finding go, and brings no
// other finding and no problem.
func (x *session) fixes(ctx context.Context, path, text string, f *lint.Finding) bool {
	key := path + "\x00" + f.Rule.ID + "\x00" + text
	if known, ok := x.tried[key]; ok {
		return known
	}
	buffers := map[string][]byte{}
	for name, d := range x.docs {
		buffers[name] = []byte(d.text)
	}
	buffers[path] = []byte(text)
	root, before, tried := x.root, x.docs[path].result.Report, x.tried
	var r *Result
	var err error
	x.unlocked(func() { r, err = x.Lint(ctx, root, []string{path}, buffers) })
	ok := err == nil && r != nil && goes(f, before, r.Report)
	if ctx.Err() == nil && tried != nil {
		tried[key] = ok
	}
	return ok
}

// unlocked calls a function while others may use the session.
func (x *session) unlocked(do func()) {
	x.mu.Unlock()
	defer x.mu.Lock()
	do()
}

// goes reports whether a finding of a report is not in another one, which has nothing
// that the first one has not.
func goes(f *lint.Finding, before, after *lint.Report) bool {
	if len(after.Problems) > len(before.Problems) {
		return false
	}
	known := shows(before.Findings)
	now := shows(after.Findings)
	for s := range shows([]*lint.Finding{f}) {
		if now[s] {
			return false
		}
	}
	for s := range now {
		if !known[s] {
			return false
		}
	}
	return true
}

// show is one occurrence of a finding.
type show struct{ rule, fingerprint string }

// shows are the occurrences of findings.
func shows(l []*lint.Finding) map[show]bool {
	all := map[show]bool{}
	for _, f := range l {
		all[show{f.Rule.ID, f.Fingerprint}] = true
		for _, o := range f.Occurrences {
			all[show{f.Rule.ID, o.Fingerprint}] = true
		}
	}
	return all
}

// edit is what an editor does to a document.
func (x *session) edit(d *document, edits []textEdit) workspaceEdit {
	if x.versioned {
		return workspaceEdit{DocumentChanges: []textDocumentEdit{{versionedDocument{d.uri, d.version}, edits}}}
	}
	return workspaceEdit{Changes: map[string][]textEdit{d.uri: edits}}
}

// ignore is the action to ignore a finding on its line, or in its object.
func (x *session) ignore(uri string, m mark, whole bool) (codeAction, bool) {
	path, _ := x.path(uri)
	d := x.docs[path]
	line, title := m.line, "Ignore "+m.rule+" here"
	if whole {
		line, title = m.object, "Ignore "+m.rule+" in the whole object"
	}
	if m.rule == "" || line == 0 {
		return codeAction{}, false
	}
	in, ok := ignore.Insert(x.display(path), []byte(d.text), line, m.rule, whole)
	if !ok {
		return codeAction{}, false
	}
	end := "\n"
	if strings.Contains(d.text, "\r\n") {
		end = "\r\n"
	}
	at := position{in.Line - 1, 0}
	edit := x.edit(d, []textEdit{{span{at, at}, in.Text + end}})
	return codeAction{at: at, Title: title, Kind: quickFix, Diagnostics: []diagnostic{m.diagnostic}, Edit: edit}, true
}
