package lsp

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// shown is what is published about a file.
type shown struct {
	uri     string
	version *int   // nil if the file is not open
	text    []byte // as it was linted
	marks   []mark
}

// mark is a diagnostic with what it is made of.
type mark struct {
	diagnostic
	// rule is the finding's. It is empty if it is a problem.
	rule string
	// line is that on which a comment ignores the finding, and object the first line of
	// its object, if that is in the same file. It is zero if there is none.
	line, object int
	fix          string
	// finding is what the mark shows at the finding's own place. It is nil at other
	// places, and for a problem.
	finding *lint.Finding
}

// publish gives the diagnostics that the editor has not got.
func (x *session) publish() []notification {
	x.shown, x.tried = x.everything(), map[string]bool{}
	var out []notification
	published := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(x.shown)) {
		s := x.shown[path]
		p := publishDiagnosticsParams{URI: s.uri, Version: s.version, Diagnostics: []diagnostic{}}
		for _, m := range s.marks {
			p.Diagnostics = append(p.Diagnostics, m.diagnostic)
		}
		text, err := json.Marshal(p)
		if err != nil {
			continue // strings and numbers can be written
		}
		if published[s.uri] = string(text); x.published[s.uri] != published[s.uri] {
			out = append(out, notification{"textDocument/publishDiagnostics", p})
		}
	}
	for _, uri := range slices.Sorted(maps.Keys(x.published)) {
		if _, ok := published[uri]; !ok {
			out = append(out, notification{"textDocument/publishDiagnostics", publishDiagnosticsParams{URI: uri, Diagnostics: []diagnostic{}}})
		}
	}
	x.published = published
	return out
}

// everything is what there is to show: for each open file that was linted, and
// for each other file in which something was found.
func (x *session) everything() map[string]*shown {
	b := &board{session: x, shown: map[string]*shown{}, paths: map[string]string{}}
	var results []*Result
	for _, path := range slices.Sorted(maps.Keys(x.docs)) {
		d := x.docs[path]
		if d.result == nil {
			continue
		}
		b.sheet(path, d.result)
		if !slices.Contains(results, d.result) {
			results = append(results, d.result)
		}
	}
	for _, r := range results {
		safe := plain.Report(r.Report)
		for _, f := range safe.Findings {
			b.finding(r, f)
		}
		for _, p := range safe.Problems {
			b.problem(r, p)
		}
	}
	for _, s := range b.shown {
		slices.SortFunc(s.marks, func(a, b mark) int {
			return cmp.Or(a.Range.compare(b.Range), cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
		})
		s.marks = slices.CompactFunc(s.marks, func(a, b mark) bool { // of several results
			return a.Range == b.Range && a.Code == b.Code && a.Message == b.Message
		})
	}
	return b.shown
}

func (s span) compare(t span) int {
	return cmp.Or(cmp.Compare(s.Start.Line, t.Start.Line), cmp.Compare(s.Start.Character, t.Start.Character),
		cmp.Compare(s.End.Line, t.End.Line), cmp.Compare(s.End.Character, t.End.Character))
}

// board collects what is shown.
type board struct {
	*session
	shown map[string]*shown
	paths map[string]string // by name in reports
}

// path is that of a file of a report. It is empty if it is no file that an editor
// opens.
func (b *board) path(file string) string {
	p, ok := b.paths[file]
	if !ok && file != "" {
		p = b.Resolve(filepath.FromSlash(file))
		if b.docs[p] == nil {
			if info, err := os.Stat(p); err != nil || !info.Mode().IsRegular() || filepath.Ext(p) == ".tgz" {
				p = ""
			}
		}
		b.paths[file] = p
	}
	return p
}

// sheet is what is shown about a file.
func (b *board) sheet(path string, r *Result) *shown {
	s := b.shown[path]
	if s != nil {
		return s
	}
	s = &shown{uri: uriOf(path)}
	if d := b.docs[path]; d != nil {
		version := d.version
		s.uri, s.version, s.text = d.uri, &version, []byte(d.text)
	} else if text, err := r.Read(path); err == nil {
		s.text = text
	}
	b.shown[path] = s
	return s
}

// at is the range of a place, and its file. ok is false if no editor can go there.
func (b *board) at(r *Result, p lint.Position) (path string, l location, ok bool) {
	path = b.path(p.File)
	if path == "" {
		return "", l, false
	}
	if s := b.shown[path]; s != nil {
		return path, location{s.uri, b.encoding.span(splitLines(s.text), p)}, true
	}
	uri := uriOf(path)
	text, err := r.Read(path)
	if err != nil {
		text = nil
	}
	if d := b.docs[path]; d != nil {
		uri, text = d.uri, []byte(d.text)
	}
	return path, location{uri, b.encoding.span(splitLines(text), p)}, true
}

// finding shows a finding at its place, and in each open file that its trail
// leads to: at the key of the values that are being edited.
func (b *board) finding(r *Result, f *lint.Finding) {
	base := mark{
		diagnostic: diagnostic{
			Severity: severity(f), Code: f.Rule.ID, CodeDescription: &codeDescription{b.HelpURI(f.Rule.ID)},
			Source: "kubevet", Message: f.Message,
		},
		rule: f.Rule.ID, fix: f.Fix.Title,
	}
	if objects := f.Objects(); len(objects) > 0 {
		base.Message += " (" + about(objects, f.Container) + ")"
	}
	own, first, ok := b.at(r, f.Origin.Position)
	if ok {
		m := base
		m.Range, m.finding = first.Range, f
		if len(f.Occurrences) > 0 { // what is found about comments no comment ignores
			m.line = f.Origin.Line
		}
		if b.path(f.ValueAt.File) == own && f.ValueAt.Line > 0 {
			m.line = f.ValueAt.Line
		}
		if b.path(f.ObjectAt.File) == own {
			m.object = f.ObjectAt.Line
		}
		m.RelatedInformation = b.trail(r, f, lint.Position{})
		b.add(own, r, m)
	}
	for _, path := range slices.Sorted(maps.Keys(b.docs)) {
		s, found := f.StepIn(func(file string) bool { return b.path(file) == path })
		if path == own || !found {
			continue
		}
		m := base
		_, at, _ := b.at(r, s.Position)
		m.Range, m.line = at.Range, s.Position.Line
		if b.path(f.ObjectAt.File) == path {
			m.object = f.ObjectAt.Line
		}
		if ok {
			m.RelatedInformation = append(m.RelatedInformation, relatedInformation{first, "where it shows"})
		}
		m.RelatedInformation = append(m.RelatedInformation, b.trail(r, f, s.Position)...)
		b.add(path, r, m)
	}
}

func (b *board) add(path string, r *Result, m mark) {
	if b.openOnly && b.docs[path] == nil {
		return
	}
	s := b.sheet(path, r)
	s.marks = append(s.marks, m)
}

// trail are the places of a finding besides its own, without one that is the
// diagnostic's.
func (b *board) trail(r *Result, f *lint.Finding, without lint.Position) []relatedInformation {
	var l []relatedInformation
	add := func(p lint.Position, message string) {
		if _, at, ok := b.at(r, p); ok && p != without {
			l = append(l, relatedInformation{at, message})
		}
	}
	for _, s := range f.Origin.Trail {
		if s.Kind != lint.StepRendered {
			add(s.Position, report.StepText(s))
		}
	}
	for _, rel := range f.Related {
		add(rel.Position, rel.Label)
	}
	return l
}

// problem shows what could not be checked: at its place, or else at the head
// of the open files that it concerns.
func (b *board) problem(r *Result, p lint.Problem) {
	m := mark{diagnostic: diagnostic{Severity: severityError, Code: "problem", Source: "kubevet", Message: p.Message}}
	if p.Help != "" {
		m.Message += "\n" + p.Help
	}
	if path, at, ok := b.at(r, p.Position); ok {
		m.Range = at.Range
		b.add(path, r, m)
		return
	}
	if p.File != "" {
		m.Message = b.called(p.File) + ": " + m.Message
	}
	for _, path := range slices.Sorted(maps.Keys(b.docs)) {
		if d := b.docs[path]; d.result == r {
			m.Range = b.encoding.span(splitLines([]byte(d.text)), lint.Position{})
			b.add(path, r, m)
		}
	}
}

func severity(f *lint.Finding) int {
	switch {
	case f.Advisory || f.Severity == lint.Low:
		return severityInformation
	case f.Severity == lint.Medium:
		return severityWarning
	}
	return severityError
}

// about names the objects of a finding, and the container.
func about(objects []lint.ObjectRef, container string) string {
	var l []string
	for _, o := range objects[:min(len(objects), 3)] {
		l = append(l, o.String())
	}
	if len(objects) > len(l) {
		l = append(l, "…")
	}
	s := strings.Join(l, ", ")
	if container != "" {
		s += ", container " + container
	}
	return s
}
