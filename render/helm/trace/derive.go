package trace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"unsafe"
)

// derive notes that a function made a string from others, and that it returned this
// string.
func (t *Tracer) derive(result string, from ...any) (string, error) {
	given := 0
	for _, v := range from {
		if s, ok := v.(string); ok {
			given += len(s)
		}
	}
	if err := t.Budget.expense(given, 1); err != nil {
		return "", err
	}
	if err := t.Budget.spend(len(result) + noteBytes); err != nil {
		return "", err
	}
	t.last = t.derived(result, from)
	return t.last, nil
}

func (t *Tracer) derived(result string, from []any) string {
	ids := t.IDs
	if result == "" || ids.strings[unsafe.StringData(result)] != nil {
		return result
	}
	var sources []*origin
	for _, v := range from {
		if o := ids.Of(v); o != nil {
			sources = append(sources, o)
		}
	}
	if len(sources) == 0 {
		return result
	}
	if len(sources) == 1 { // the result may be a part of the same bytes, as with trim and trunc
		o := sources[0]
		at := uintptr(unsafe.Pointer(unsafe.StringData(result))) - uintptr(unsafe.Pointer(unsafe.StringData(o.text)))
		if at < uintptr(len(o.text)) && int(at)+len(result) <= len(o.text) {
			from := int(at)
			ids.strings[unsafe.StringData(result)] = &origin{text: result, ids: ids, make: func() *Traced {
				return o.resolve().slice(from, from+len(result))
			}}
			return result
		}
	}
	o := &origin{}
	result = ids.register(result, o)
	o.make = func() *Traced { return align(o.text, sources) }
	return result
}

// stringFuncs are functions whose result is made from their string arguments.
const stringFuncs = `trim trimAll trimall trimSuffix trimPrefix upper lower title untitle trunc abbrev abbrevboth substr
	nospace indent nindent b64enc b64dec b32enc b32dec quote squote cat join toString print println printf html js urlquery
	sha1sum sha256sum sha512sum adler32sum snakecase camelcase kebabcase swapcase initials replace repeat wrap wrapWith plural
	regexReplaceAll mustRegexReplaceAll regexReplaceAllLiteral mustRegexReplaceAllLiteral regexFind mustRegexFind regexQuoteMeta
	base dir clean ext osBase osDir osClean osExt`

// noteStrings wraps the functions that make strings.
func (t *Tracer) noteStrings(f template.FuncMap) {
	for name := range strings.FieldsSeq(stringFuncs) {
		f[name] = t.noteString(name, f[name])
	}
	for _, name := range []string{"splitList", "toStrings"} {
		f[name] = t.noteList(f[name])
	}
	split := f["split"].(func(string, string) map[string]string)
	f["split"] = func(sep, s string) (map[string]string, error) {
		if err := t.Budget.list(parts(sep, s)); err != nil {
			return nil, err
		}
		return t.noteParts(split(sep, s), s)
	}
	splitn := f["splitn"].(func(string, int, string) map[string]string)
	f["splitn"] = func(sep string, n int, s string) (map[string]string, error) {
		if err := t.Budget.list(int(min(uint(n), uint(parts(sep, s))))); err != nil {
			return nil, err
		}
		return t.noteParts(splitn(sep, n, s), s)
	}
}

// parts is the number of parts into which a text is split.
func parts(sep, s string) int { return strings.Count(s, sep) + 1 }

// noteParts notes that a function made a map from the parts of a text.
func (t *Tracer) noteParts(m map[string]string, s string) (map[string]string, error) {
	for _, k := range SortedKeys(m) {
		part, err := t.derive(m[k], s)
		if err != nil {
			return nil, err
		}
		m[k] = part
	}
	return m, nil
}

// noteString wraps one function, depending on its type. Sprig's functions take the text
// as their last argument, except those for regular expressions.
func (t *Tracer) noteString(name string, f any) any {
	switch f := f.(type) {
	case func(string) string:
		return func(s string) (string, error) { return t.derive(f(s), s) }
	case func(string, string) string:
		return func(arg, s string) (string, error) {
			if strings.Contains(name, "egex") {
				if err := t.Budget.match(arg, len(s)); err != nil {
					return "", err
				}
			}
			return t.derive(f(arg, s), s)
		}
	case func(string, string) (string, error):
		return func(arg, s string) (string, error) {
			if strings.Contains(name, "egex") {
				if err := t.Budget.match(arg, len(s)); err != nil {
					return "", err
				}
			}
			return t.deriveUnless(s)(f(arg, s))
		}
	case func(string, string, int) string: // plural
		return func(one, many string, n int) (string, error) { return t.derive(f(one, many, n), one, many) }
	case func(int, int, string) string:
		return func(from, to int, s string) (string, error) { return t.derive(f(from, to, s), s) }
	}
	if g := t.noteGrowing(name, f); g != nil {
		return g
	}
	if g := t.notePrinting(f); g != nil {
		return g
	}
	panic(fmt.Sprintf("function %s has a type that is not known: %T", name, f))
}

// deriveUnless is derive for functions that can fail.
func (t *Tracer) deriveUnless(from ...any) func(string, error) (string, error) {
	return func(result string, err error) (string, error) {
		if err != nil {
			return result, err
		}
		return t.derive(result, from...)
	}
}

// noteGrowing wraps functions whose result can be much longer than their arguments. The
// length is checked first. Nil if the function is not one of these.
func (t *Tracer) noteGrowing(name string, f any) any {
	b := t.Budget
	switch f := f.(type) {
	case func(string, string, string) string:
		if strings.HasPrefix(name, "regex") {
			return func(re, s, with string) (string, error) {
				if err := b.replacement(re, s, with); err != nil {
					return "", err
				}
				return t.derive(f(re, s, with), s, with)
			}
		}
		return func(old, with, s string) (string, error) {
			if err := b.product(strings.Count(s, old), len(with)); err != nil {
				return "", err
			}
			return t.derive(f(old, with, s), s, with)
		}
	case func(string, string, string) (string, error):
		return func(re, s, with string) (string, error) {
			if err := b.replacement(re, s, with); err != nil {
				return "", err
			}
			return t.deriveUnless(s, with)(f(re, s, with))
		}
	case func(int, string) string:
		return func(n int, s string) (string, error) {
			if err := b.product(n, multiplied(name, s)); err != nil {
				return "", err
			}
			return t.derive(f(n, s), s)
		}
	case func(int, string, string) string: // wrapWith
		return func(n int, sep, s string) (string, error) {
			if err := b.product(len(s)/max(n, 1)+1, len(sep)); err != nil {
				return "", err
			}
			return t.derive(f(n, sep, s), s)
		}
	}
	return nil
}

// multiplied is the number of bytes that a function adds to a text for each unit of its
// number.
func multiplied(name, s string) int {
	switch name {
	case "repeat":
		return len(s)
	case "indent", "nindent":
		return strings.Count(s, "\n") + 1
	}
	return 0
}

// notePrinting wraps functions that print values of any type. The values are checked
// first. Nil if the function is not one of these.
func (t *Tracer) notePrinting(f any) any {
	b := t.Budget
	switch f := f.(type) {
	case func(any) string:
		return func(v any) (string, error) {
			if err := b.check(v); err != nil {
				return "", err
			}
			return t.derive(f(v), v)
		}
	case func(...any) string:
		return func(l ...any) (string, error) {
			if err := b.check(l...); err != nil {
				return "", err
			}
			return t.derive(f(l...), l...)
		}
	case func(string, ...any) string: // printf
		return func(format string, l ...any) (string, error) {
			if err := b.check(l...); err != nil {
				return "", err
			}
			if err := b.product(strings.Count(format, "%["), longest(l)); err != nil { // each can print the same argument
				return "", err
			}
			return t.derive(f(format, l...), append(slices.Clip(l), format)...)
		}
	case func(string, any) string: // join
		return func(sep string, v any) (string, error) {
			l := elements(v)
			if err := errors.Join(b.check(v), b.product(len(l), len(sep))); err != nil {
				return "", err
			}
			return t.derive(f(sep, v), l...)
		}
	}
	return nil
}

// longest is the number of bytes of the longest text among values.
func longest(l []any) int {
	n := 0
	for _, v := range l {
		if s, ok := v.(string); ok {
			n = max(n, len(s))
		}
	}
	return n
}

// noteList wraps a function that makes a list of strings from a string.
func (t *Tracer) noteList(f any) any {
	note := func(l []string, from any) ([]string, error) {
		for i := range l {
			part, err := t.derive(l[i], from)
			if err != nil {
				return nil, err
			}
			l[i] = part
		}
		return l, nil
	}
	switch f := f.(type) {
	case func(string, string) []string:
		return func(sep, s string) ([]string, error) {
			if err := t.Budget.product(len(s)/max(len(sep), 1)+1, 16); err != nil {
				return nil, err
			}
			return note(f(sep, s), s)
		}
	case func(any) []string:
		return func(v any) ([]string, error) {
			if err := t.Budget.check(v); err != nil {
				return nil, err
			}
			return f(v), nil
		}
	}
	panic(fmt.Sprintf("list function has a type that is not known: %T", f))
}

func elements(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case []string:
		l := make([]any, len(v))
		for i := range v {
			l[i] = v[i]
		}
		return l
	}
	return []any{v}
}

// align finds the texts that a result was made from in that result.
func align(result string, sources []*origin) *Traced {
	var texts []*Traced
	for _, o := range sources {
		if t := o.resolve(); t.Text != "" {
			texts = append(texts, t)
		}
	}
	if t := alignWhole(result, texts); t != nil {
		return t
	}
	if len(texts) == 1 && (len(contentLines(texts[0].Text)) == 1 || len(contentLines(result)) > 1) {
		return alignLines(result, texts[0])
	}
	var b builder
	p := Piece{Kind: Filler}
	for _, t := range texts {
		p.Keys = addKeys(p.Keys, t.Keys())
		if len(t.Pieces) == 1 && p.Src == nil {
			p.Src, p.Pos, p.Call = t.Pieces[0].Src, t.Pieces[0].Pos, t.Pieces[0].Call
		}
	}
	b.add(result, p)
	return b.done()
}

// alignWhole finds each text unchanged and in order, as quote, printf and nindent of one
// line leave it.
func alignWhole(result string, texts []*Traced) *Traced {
	if len(texts) == 0 {
		return nil
	}
	var b builder
	at := 0
	for _, t := range texts {
		i := strings.Index(result[at:], t.Text)
		if i < 0 {
			return nil
		}
		b.add(result[at:at+i], Piece{})
		b.put(t, Piece{})
		at += i + len(t.Text)
	}
	b.add(result[at:], Piece{})
	return fill(b.done())
}

// putChanged adds a text that replaces a line.
func (b *builder) putChanged(text string, line *Traced) {
	if t := alignPieces(text, line); t != nil {
		b.put(t, Piece{})
		return
	}
	p := Piece{Keys: line.Keys()}
	if len(line.Pieces) > 0 {
		p.Src, p.Pos, p.Call = line.joint()
		if line.Pieces[0].Kind != Filler {
			p.Kind = Printed
		}
	}
	b.add(text, p)
}

// joint is the place of a line that is changed as a whole, as by b64enc: that of its pieces, or the action that calls the templates which printed
// them. It has no source if a function adds text of its own, which is where the line is printed.
func (t *Traced) joint() (src *Source, pos int, in *call) {
	first := t.Pieces[0]
	src, pos, in = first.Src, first.Pos, first.Call
	for _, p := range t.Pieces {
		switch text := t.Text[p.Start:p.End]; {
		case strings.Trim(text, " \t\r\n\"'") == "":
		case p.Src == nil:
			return nil, 0, nil
		case in != nil && p.Call != in:
			if at := in.outside(p.Call); at != nil && at.src != nil {
				src, pos, in = at.src, at.pos, at.Up
			}
		}
	}
	return src, pos, in
}

// outside is the outermost call around a call that another one is not in. It is nil if the other one is in the call.
func (c *call) outside(other *call) (at *call) {
	around := map[*call]bool{}
	for o := other; o != nil; o = o.Up {
		around[o] = true
	}
	for ; c != nil && !around[c]; c = c.Up {
		at = c
	}
	return at
}

// maxSkipped is how many lines of the source can be missing before the next one is found.
const maxSkipped = 1000

// alignLines finds the lines of one text, ignoring blanks around each line. A changed
// line gets the place of the line that it replaces.
func alignLines(result string, src *Traced) *Traced {
	lines := contentLines(src.Text)
	all := src.Keys()
	var b builder
	next := 0
	seen, at := 0, 0 // in the text of the source and in its pieces
	// silent adds the pieces that print nothing, between the lines that are not blank.
	silent := func(to int) {
		for ; at < len(src.Pieces) && src.Pieces[at].Start < to; at++ {
			if p := src.Pieces[at]; p.PrintsNothing() && p.Start >= seen {
				b.add("", p)
			}
		}
	}
	for _, l := range strings.SplitAfter(result, "\n") {
		content := strings.TrimSpace(l)
		if content == "" {
			b.add(l, Piece{})
			continue
		}
		found, end := next, min(next+maxSkipped, len(lines))
		for found < end && src.Text[lines[found][0]:lines[found][1]] != content {
			found++
		}
		if found < end {
			silent(lines[found][0])
			seen = lines[found][1] + 1
			i := strings.Index(l, content)
			b.add(l[:i], Piece{})
			b.put(src.slice(lines[found][0], lines[found][1]), Piece{})
			after := l[i+len(content):]
			blank := strings.TrimRight(after, "\n")
			b.add(blank, Piece{})
			silent(lines[found][1] + len(blank) + 1) // an action that printed nothing behind the blank
			b.add(after[len(blank):], Piece{})
			next = found + 1
			continue
		}
		if next >= len(lines) {
			b.add(l, Piece{Keys: all})
			continue
		}
		silent(lines[next][0])
		seen = lines[next][1] + 1
		line := src.slice(lines[next][0], lines[next][1])
		next++
		b.putChanged(l, line)
	}
	silent(len(src.Text) + 1)
	return fill(b.done())
}

// contentLines are the start and end offsets of the lines that are not blank, without the
// blanks around them.
func contentLines(s string) [][2]int {
	var l [][2]int
	for at := 0; at < len(s); {
		end := len(s)
		if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
			end = at + i
		}
		content := strings.TrimSpace(s[at:end])
		if content != "" {
			from := at + strings.Index(s[at:end], content)
			l = append(l, [2]int{from, from + len(content)})
		}
		at = end + 1
	}
	return l
}

// alignPieces finds the pieces of a line one by one in a changed line.
func alignPieces(line string, src *Traced) *Traced {
	var b builder
	at, found := 0, 0
	for _, p := range src.Pieces {
		s := src.Text[p.Start:p.End]
		i := strings.Index(line[at:], s)
		if i < 0 || len(s) < 2 {
			continue
		}
		b.add(line[at:at+i], Piece{})
		b.put(src.slice(p.Start, p.End), Piece{})
		at += i + len(s)
		found++
	}
	if found == 0 {
		return nil
	}
	b.add(line[at:], Piece{})
	t := b.done()
	if found < len(src.Pieces) {
		keys := src.Keys()
		for i := range t.Pieces {
			if t.Pieces[i].Kind == Filler && t.Pieces[i].Keys == nil {
				t.Pieces[i].Keys = keys
			}
		}
	}
	return t
}

// fill gives the text that a function added the place of the text that follows.
func fill(t *Traced) *Traced {
	var next *Piece
	for i := len(t.Pieces) - 1; i >= 0; i-- {
		p := &t.Pieces[i]
		if p.Kind != Filler || p.Src != nil {
			next = p
		} else if next != nil {
			p.Src, p.Pos, p.Call = next.Src, next.Pos, next.Call
		}
	}
	return t
}
