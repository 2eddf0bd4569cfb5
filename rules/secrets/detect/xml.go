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
	for rest := line; rest != ""; {
		var tag, text string
		var ok bool
		if _, rest, ok = strings.Cut(rest, "<"); !ok {
			break
		}
		if tag, rest, ok = strings.Cut(rest, ">"); !ok {
			break
		}
		if k, v := attribute(tag); k != "" {
			return k, v, true
		}
		text, _, _ = strings.Cut(rest, "<")
		closed := strings.HasPrefix(rest[len(text):], "</")
		named := namedBy(tag)
		tag, _, _ = strings.Cut(tag, " ")
		switch {
		case !closed && named != "":
			pending = named
		case !closed:
		case named != "" && meaningOf(named) != nothing, tag == "value" && pending != "":
			if named == "" {
				named = pending
			}
			if name == "" || meaningOf(named) != nothing {
				name, value, literal = named, strings.TrimSpace(text), true
			}
		case tag == "name":
			pending = strings.TrimSpace(text)
			fallthrough
		case isKey(tag) && (name == "" || meaningOf(tag) != nothing):
			if name == "" || meaningOf(tag) != nothing {
				name, value, literal = tag, strings.TrimSpace(text), true
			}
		}
	}
	return name, value, literal
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
