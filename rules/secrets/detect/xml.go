package detect

import (
	"iter"
	"strings"
)

// nameOnly is what a line gives as the name of a value that comes on the next
// one: <name>…</name>, <property name="…">, name: ….
func nameOnly(line string) string {
	line = strings.TrimSpace(line)
	for _, p := range [...]string{"<name>", "- name:", "name:"} {
		if rest, ok := strings.CutPrefix(line, p); ok {
			return strings.Trim(strings.TrimSuffix(rest, "</name>"), "\"' ")
		}
	}
	if tag, ok := onlyTag(line); ok {
		return namedBy(tag)
	}
	return ""
}

// openedBy is the element whose text comes on the next line: <password>. It is empty if there is none.
func openedBy(line string) string {
	if tag, ok := onlyTag(strings.TrimSpace(line)); ok && isKey(tag) {
		return tag
	}
	return ""
}

// onlyTag is the tag that a line opens, if there is nothing else on the line.
func onlyTag(line string) (tag string, ok bool) {
	if len(line) < 3 || line[0] != '<' || strings.IndexByte("/!?", line[1]) >= 0 || !strings.HasSuffix(line, ">") || strings.HasSuffix(line, "/>") {
		return "", false
	}
	tag = line[1 : len(line)-1]
	return tag, !strings.ContainsAny(tag, "<>")
}

// element reads the tags on a line: an attribute or element whose name announces
// something, or else the first element.
func element(line string) (name, value string, literal bool) {
	pending := "" // the name of the value that follows
	for t := range tags(line) {
		if k, v := attribute(t.tag); k != "" {
			return k, v, true
		}
		named, kind := namedBy(t.tag), t.kind()
		if !t.isClosed {
			if named != "" {
				pending = named
			}
			continue
		}
		if kind == "name" {
			pending = t.text
		}
		called := kind
		switch {
		case meaningOf(named) != nothing:
			called = named
		case kind == "value" && pending != "":
			called = pending
		case !isKey(kind):
			continue
		}
		if name == "" || meaningOf(called) != nothing {
			name, value, literal = called, t.text, true
		}
	}
	return name, value, literal
}

// tagged is a tag, and the text up to the next one.
type tagged struct {
	tag, text string
	// isClosed is set if the next tag closes this one.
	isClosed bool
}

// kind is the name of the element.
func (t tagged) kind() string {
	kind, _, _ := strings.Cut(t.tag, " ")
	return kind
}

// tags are those of a line that are complete.
func tags(line string) iter.Seq[tagged] {
	return func(yield func(tagged) bool) {
		for rest := line; rest != ""; {
			var t tagged
			var ok bool
			if _, rest, ok = strings.Cut(rest, "<"); !ok {
				return
			}
			if t.tag, rest, ok = strings.Cut(rest, ">"); !ok {
				return
			}
			text, _, _ := strings.Cut(rest, "<")
			t.text, t.isClosed = strings.TrimSpace(text), strings.HasPrefix(rest[len(text):], "</")
			if !yield(t) {
				return
			}
		}
	}
}

// attribute is the attribute of a tag whose name announces something, or the value that another attribute names so:
// <property name="password" value="…"/>. It is empty if there is none.
func attribute(tag string) (name, value string) {
	named, given := "", ""
	for k, v := range attributes(tag) {
		switch {
		case meaningOf(k) != nothing && k != "key": // whose value is a name
			return k, v
		case k == "name" || k == "key":
			named = v
		case k == "value":
			given = v
		}
	}
	if given != "" && isKey(named) && meaningOf(named) != nothing {
		return named, given
	}
	return "", ""
}

// namedBy is what a tag calls its content: <entry key="password">. It is empty if it says nothing.
func namedBy(tag string) string {
	for k, v := range attributes(tag) {
		if (k == "name" || k == "key") && isKey(v) {
			return v
		}
	}
	return ""
}

// attributes are those of a tag, with their values.
func attributes(tag string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for {
			i := strings.Index(tag, "=")
			if i < 0 || i+1 >= len(tag) {
				return
			}
			before, after := strings.TrimRight(tag[:i], " \t"), strings.TrimLeft(tag[i+1:], " \t")
			if after == "" || after[0] != '"' && after[0] != '\'' {
				tag = after
				continue
			}
			name := before[strings.LastIndexAny(before, " \t")+1:]
			value, rest, ok := strings.Cut(after[1:], after[:1])
			if !ok || isKey(name) && !yield(name, value) {
				return
			}
			tag = rest
		}
	}
}

// The marks around a comment of XML and HTML.
const (
	openComment  = "<!--"
	closeComment = "-->"
)

// comments knows, line by line, what is in comments of XML.
type comments struct{ isOpen bool }

// cut separates what is in comments on a line from the rest.
func (c *comments) cut(line string) (outside, inside string) {
	if !c.isOpen && !strings.Contains(line, openComment) {
		return line, ""
	}
	for {
		if c.isOpen {
			before, after, ok := strings.Cut(line, closeComment)
			inside += before
			if !ok {
				return outside, inside
			}
			line, c.isOpen = after, false
		}
		before, after, ok := strings.Cut(line, openComment)
		outside += before
		if !ok {
			return outside, inside
		}
		line, c.isOpen = after, true
	}
}
