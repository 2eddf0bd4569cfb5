package lsp

import (
	"slices"
	"strings"

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

// codeActions offers to ignore the findings in a range.
func (x *session) codeActions(p codeActionParams) ([]codeAction, error) {
	l := []codeAction{}
	if only := p.Context.Only; len(only) > 0 && !slices.Contains(only, quickFix) {
		return l, nil
	}
	marks := x.marks(p.TextDocument.URI, p.Range)
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
	edits := []textEdit{{span{at, at}, in.Text + end}}
	edit := workspaceEdit{Changes: map[string][]textEdit{d.uri: edits}}
	if x.versioned {
		edit = workspaceEdit{DocumentChanges: []textDocumentEdit{{versionedDocument{d.uri, d.version}, edits}}}
	}
	return codeAction{at: at, Title: title, Kind: quickFix, Diagnostics: []diagnostic{m.diagnostic}, Edit: edit}, true
}
