package helm

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
)

// LocateLineIn finds where to edit a line, counted from 1, of a value that is a text, such as a file in a
// ConfigMap. ok is false unless the place is sure.
func (f *output) LocateLineIn(v lint.Value, line int) (o lint.Origin, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := v.Node
	lines := strings.Split(n.Value, "\n")
	if n.Line < 1 || line < 1 || line > len(lines) || strings.TrimSpace(lines[line-1]) == "" {
		return o, false
	}
	f.resolve()
	if n.Style&yaml.LiteralStyle == 0 {
		return f.lineOfKey(n, lines, line)
	}
	text := trace.LineOf(f.text, f.starts, n.Line+line)
	want := strings.TrimSpace(lines[line-1])
	if n.Line+line > len(f.starts) || strings.TrimSpace(text) != want {
		return o, false
	}
	from := f.starts[n.Line+line-1] + strings.Index(text, want)
	to := from + len(want)
	o = f.origin(from, to)
	f.addKeys(&o, from, to)
	if o.Entry = f.lineEntry(from, to); o.Entry != nil {
		o.Precision = lint.PrecisionExact // that of the entry
	}
	return f.finish(o, n.Line+line), true
}

// lineOfKey is the place of a line of a scalar that has all of a text of the values, in whatever way
// the scalar is written.
func (f *output) lineOfKey(n *yaml.Node, lines []string, line int) (o lint.Origin, ok bool) {
	from, to := f.span(n)
	var keys []*trace.Key
	for i := f.traced.Find(from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		if p := &f.traced.Pieces[i]; !p.PrintsNothing() && !isBlankValue(f.traced.Text[max(p.Start, from):min(p.End, to)]) {
			keys = append(keys, p.Keys...)
		}
	}
	if len(keys) == 0 || keys[0].Object() != trace.ValuesObject || slices.ContainsFunc(keys, func(k *trace.Key) bool { return !k.Equal(keys[0]) }) {
		return o, false
	}
	steps := f.keys.Global(keys[0].Steps())
	if was, _ := f.keys.At(steps); was != n.Value {
		return o, false
	}
	offset := len(n.Value) - len(strings.Join(lines[line-1:], "\n"))
	e, ok := f.keys.EntryWithin(steps, offset, strings.TrimSpace(lines[line-1]))
	if !ok && len(lines) == 1 {
		e, ok = f.keys.Entry(steps, n.Value)
	}
	if !ok {
		return o, false
	}
	o = f.origin(from, to)
	e.Key = trace.JoinSteps(steps)
	o.Entry, o.Precision = &e, lint.PrecisionExact // that of the entry
	o.Trail = slices.Insert(o.Trail, 0, lint.Step{Kind: lint.StepValues, Position: e.Position, Label: e.Key, InText: true})
	return f.finish(o, n.Line), true
}

// lineEntry is the values entry that supplied the value in a line of a text. Nil if there is none: the only
// key that has all of what follows the line's name, or the only one with the name of a secret.
func (f *output) lineEntry(from, to int) *lint.Entry {
	var only, secret *trace.Piece
	keys, secrets := 0, 0
	for i := f.traced.Find(from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		p := &f.traced.Pieces[i]
		if p.PrintsNothing() || len(p.Keys) != 1 || p.Keys[0].IsName || p.Keys[0].Object() != trace.ValuesObject {
			continue
		}
		only = p
		keys++
		if trace.IsSecretName(p.Keys[0].Name) {
			secret = p
			secrets++
		}
	}
	switch {
	case keys == 1 && f.isAllOfLine(only, from, to):
		return f.pieceEntry(only, from, to)
	case secrets == 1:
		return f.pieceEntry(secret, from, to)
	}
	return nil
}

// isAllOfLine reports whether a piece has all that follows the name in a line.
func (f *output) isAllOfLine(p *trace.Piece, from, to int) bool {
	before := strings.TrimRight(f.traced.Text[from:max(p.Start, from)], " \t\"'")
	return isBlankValue(f.traced.Text[min(p.End, to):to]) && (before == "" || strings.HasSuffix(before, ":") || strings.HasSuffix(before, "="))
}

// pieceEntry is the values entry of the part of a piece that is within a line.
func (f *output) pieceEntry(p *trace.Piece, from, to int) *lint.Entry {
	steps := f.keys.Global(p.Keys[0].Steps())
	was, ok := f.keys.At(steps)
	if !ok {
		return nil
	}
	start := max(p.Start, from)
	text := f.traced.Text[start:min(p.End, to)]
	e, ok := f.keys.EntryWithin(steps, p.Offset+start-p.Start, text)
	if s, isText := was.(string); !ok && (!isText || !strings.Contains(strings.TrimSuffix(s, "\n"), "\n")) && trace.PrintsAs(text, was) {
		e, ok = f.keys.Entry(steps, was)
	}
	e.Key = trace.JoinSteps(steps)
	return entryIf(&e, ok)
}
