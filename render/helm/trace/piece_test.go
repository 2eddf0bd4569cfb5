package trace

import (
	"fmt"
	"strings"
	"testing"
)

// pieces is a text of pieces that are a letter each, or several.
func pieces(words ...string) *Traced {
	var b builder
	src := &Source{File: "a", Text: strings.Join(words, "")}
	at := 0
	for _, w := range words {
		b.add(w, Piece{Kind: Literal, Src: src, Pos: at, Whole: true})
		at += len(w)
	}
	return b.done()
}

func (t *Traced) describe() string {
	var l []string
	for _, p := range t.Pieces {
		s := fmt.Sprintf("%q@%d", t.Text[p.Start:p.End], p.Pos)
		if p.Offset > 0 {
			s += fmt.Sprintf("+%d", p.Offset)
		}
		if p.Whole {
			s += " whole"
		}
		if p.PrintsNothing() {
			s = "nothing"
		}
		l = append(l, s)
	}
	return strings.Join(l, ", ")
}

// TestSlice checks which pieces a part of a text has.
func TestSlice(t *testing.T) {
	text := pieces("ab", " cd ", "ef")
	for _, tt := range []struct {
		from, to int
		want     string
	}{
		{0, 8, `"ab"@0 whole, " cd "@2 whole, "ef"@6 whole`},
		{0, 2, `"ab"@0 whole`},
		{1, 3, `"b"@1+1, " "@2`},
		{3, 5, `"cd"@3+1 whole`},
		{4, 7, `"d "@4+2, "e"@6`},
		{5, 99, `" "@5+3, "ef"@6 whole`},
		{99, 99, ``},
	} {
		if got := text.slice(tt.from, tt.to).describe(); got != tt.want {
			t.Errorf("%d to %d: got %s, want %s", tt.from, tt.to, got, tt.want)
		}
	}
}

// TestSliceKeepsEmptyPieces checks that blocks which were not entered stay at the edges of
// a part.
func TestSliceKeepsEmptyPieces(t *testing.T) {
	var b builder
	b.add("ab", Piece{})
	b.add("", Piece{Kind: Disabled})
	b.add("cd", Piece{})
	text := b.done()
	for _, tt := range []struct {
		from, to int
		want     string
	}{
		{0, 4, `"ab"@0, nothing, "cd"@0`},
		{2, 4, `nothing, "cd"@0`},
		{0, 2, `"ab"@0, nothing`},
		{0, 1, `"a"@0`},
		{3, 4, `"d"@0+1`},
	} {
		if got := text.slice(tt.from, tt.to).describe(); got != tt.want {
			t.Errorf("%d to %d: got %s, want %s", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestFind(t *testing.T) {
	text := pieces("ab", "c", "de")
	for off, want := range []int{0, 0, 1, 2, 2, 3} {
		if got := text.Find(off); got != want {
			t.Errorf("%d: got %d, want %d", off, got, want)
		}
	}
}

// TestWithout checks that an action that printed only a missing value stays as a piece.
func TestWithout(t *testing.T) {
	var b builder
	b.add("a: ", Piece{Kind: Literal})
	b.add("<no value>", Piece{Kind: Printed, Pos: 7})
	b.add("\n", Piece{Kind: Literal})
	text := b.done()
	got := text.Without(NoValue)
	if got.Text != "a: \n" || got.describe() != `"a: "@0, nothing, "\n"@0` || got.Pieces[1].Kind != Disabled || got.Pieces[1].Pos != 7 {
		t.Errorf("got %q, %s", got.Text, got.describe())
	}
	if plain := pieces("a"); plain.Without(NoValue) != plain {
		t.Error("a text without the word is copied")
	}
}

// TestKeysOfText checks that each key is listed once, and that there is a limit.
func TestKeysOfText(t *testing.T) {
	root := &Key{Name: ValuesObject}
	var b builder
	for i := range 40 {
		b.add("x", Piece{Keys: []*Key{root.element(i / 2)}})
	}
	l := b.done().Keys()
	if len(l) != maxKeys || !l[1].Equal(root.element(1)) {
		t.Errorf("%d keys", len(l))
	}
}

// TestSourceLine checks which line has an offset.
func TestSourceLine(t *testing.T) {
	const text = "ab\r\nc\n\nd"
	src := &Source{Text: text}
	for pos, want := range []string{"1 0", "1 0", "1 0", "1 0", "2 4", "2 4", "3 6", "4 7"} {
		if n, start := src.Line(pos); fmt.Sprint(n, " ", start) != want {
			t.Errorf("offset %d: got %d %d, want %s", pos, n, start, want)
		}
	}
	if got := src.Lines().Line(2); got != "c" {
		t.Errorf("got %q", got)
	}
}

func TestActionSpan(t *testing.T) {
	for _, tt := range []struct {
		text string
		pos  int
		want string
	}{
		{"a {{ .b }} c", 5, "{{ .b }}"},
		{"a {{ .b }} c", 9, "{{ .b }}"},
		{`{{ "}}" }}x`, 4, `{{ "}}" }}`},
		{"{{ `}}\n` }}x", 3, "{{ `}}\n` }}"},
		{`{{ "\"}}" }}x`, 3, `{{ "\"}}" }}`},
		{`{{ '}' }}x`, 3, `{{ '}' }}`},
		{"{{ .a", 3, "{{ .a"},
		{"plain", 2, "ain"},
		{"{{ \"open\n}} x", 3, "{{ \"open\n}}"},
		{"{{ .a }}", 99, "{{ .a }}"},
		{"{{ .a }}", -1, "{{ .a }}"},
	} {
		from, to := ActionSpan(tt.text, tt.pos)
		if got := tt.text[from:to]; got != tt.want {
			t.Errorf("%q at %d: got %q, want %q", tt.text, tt.pos, got, tt.want)
		}
	}
}

// TestIndentation checks how far actions move what they include to the right.
func TestIndentation(t *testing.T) {
	for action, want := range map[string]int{
		`{{- include "h" . | nindent 4 }}`:           4,
		`{{ include "h" (dict "a" .) | indent 2 -}}`: 2,
		`{{ include "h" . | trim | nindent 6 }}`:     6,
		`{{ include "h" . }}`:                        0,
		`{{ include "h" . | quote | nindent 6 }}`:    -1,
	} {
		p := Piece{Call: &call{src: &Source{Text: "x: " + action + "\n"}, pos: 9, Up: &call{raw: true}}}
		n, ok := p.Indentation()
		if !ok {
			n = -1
		}
		if n != want {
			t.Errorf("%s: got %d, want %d", action, n, want)
		}
	}
}

// TestSpots checks the lines that led to a piece.
func TestSpots(t *testing.T) {
	file, helper := &Source{File: "a.yaml", Text: "x\ny"}, &Source{File: "_h.tpl", Text: "z"}
	outer := &call{name: "outer", src: file, pos: 2}
	inner := &call{name: "inner", src: helper, pos: 0, Up: outer}
	p := Piece{Kind: Literal, Src: helper, Pos: 0, Call: inner}
	var got []string
	for _, s := range p.Spots() {
		got = append(got, fmt.Sprintf("%s:%d exact=%v within=%s calls=%s", s.Src.File, s.Pos, s.Exact, s.Within, s.Calls))
	}
	want := "_h.tpl:0 exact=true within=inner calls=\n_h.tpl:0 exact=false within=outer calls=inner\na.yaml:2 exact=false within= calls=outer"
	if l := strings.Join(got, "\n"); l != want {
		t.Errorf("got\n%s\nwant\n%s", l, want)
	}
	if _, ok := p.Indentation(); ok {
		t.Error("the indentation of what is no include is known")
	}
	outer.raw, inner.raw = true, true
	if n, ok := p.Indentation(); n != 0 || !ok {
		t.Error("the text of a template does not keep its columns")
	}
	a, b := Spot{Src: file, Pos: 0}, Spot{Src: file, Pos: 2}
	if a.SameLine(b) || !a.SameLine(Spot{Src: file, Pos: 1}) || a.SameLine(Spot{Src: helper}) {
		t.Error("SameLine is wrong")
	}
}

// What the tests of a block print comes between its tests.
func TestDisabledBetween(t *testing.T) {
	key := &Key{}
	tracer := &Tracer{IDs: &identities{}}
	test := func() *Condition { return &Condition{Operand: Operand{Known: true, Variable: "$x"}} }
	block := &Block{Tests: []*Condition{test(), test()}}
	at := func(i int) *Site { return &Site{Src: &Source{File: "f"}, detail: &detail{Block: block, test: i}} }
	silent := &Frame{Tracer: tracer, Records: []record{{Site: at(0), Disabled: true, key: key}}}
	f := &Frame{Tracer: tracer, Records: []record{
		{Site: at(0), Disabled: true, key: key}, {Site: nowhere, silent: silent}, {Site: at(1), Disabled: true, key: key},
	}}
	pieces := f.Pieces().Pieces
	if len(pieces) != 2 {
		t.Fatalf("%d pieces; want 2", len(pieces))
	}
	if b := pieces[0].Block; b == nil || b.Key(block.Tests[0]) != key || b.Key(block.Tests[1]) != key {
		t.Errorf("keys of the block: %v; want both", b)
	}
	if b := pieces[1].Block; b == nil || b.Key(block.Tests[1]) != nil {
		t.Errorf("keys of the block in between: %v; want the first", b)
	}
}
