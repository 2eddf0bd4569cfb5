package trace

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"text/template"

	"go.yaml.in/yaml/v3"
)

// marshalFuncs are functions that turn values into text.
const marshalFuncs = `toYaml toYamlPretty toJson toPrettyJson toRawJson mustToJson mustToPrettyJson mustToRawJson toToml`

// noteStructures wraps the functions that convert between text and maps, such as toYaml
// and fromYaml, and those that make maps from maps.
func (t *Tracer) noteStructures(f template.FuncMap) {
	for name := range strings.FieldsSeq(marshalFuncs) {
		f[name] = t.noteMarshal(f[name])
	}
	for _, name := range []string{"fromYaml", "fromJson", "fromYamlArray", "fromJsonArray", "mustFromJson"} {
		f[name] = t.noteParse(f[name])
	}
	t.limitTOML(f)
	if slow, ok := f["mustDeepCopy"].(func(any) (any, error)); ok {
		f["mustDeepCopy"], f["deepCopy"] = quickCopy(slow).of, quickCopy(slow).of
	}
	for _, name := range []string{"merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite", "pick", "omit", "deepCopy", "mustDeepCopy"} {
		f[name] = t.noteMap(f[name], strings.Contains(name, "Overwrite"))
	}
	f["default"] = t.noteDefault(f["default"].(func(any, ...any) any))
}

// noteDefault notes that an empty map is in place of another one, which is empty, too.
func (t *Tracer) noteDefault(f func(any, ...any) any) any {
	return func(d any, given ...any) any {
		r := f(d, given...)
		if len(given) > 0 && isEmptyMap(reflect.ValueOf(r)) && isEmptyMap(reflect.ValueOf(given[0])) {
			t.made(r, false, given[0])
		}
		return r
	}
}

func isEmptyMap(v reflect.Value) bool {
	v = under(v)
	return v.IsValid() && v.Kind() == reflect.Map && v.Len() == 0
}

// isEmptyContainer reports whether a value is a map or a list without entries.
func isEmptyContainer(v reflect.Value) bool {
	v = under(v)
	return IsContainer(v) && v.Len() == 0
}

// limitTOML makes fromToml check a text before it parses it: the library makes a nested
// call for every bracket and for every dot in a key.
func (t *Tracer) limitTOML(f template.FuncMap) {
	parse := f["fromToml"].(func(string) map[string]any)
	f["fromToml"] = func(s string) (map[string]any, error) {
		if err := t.Budget.parse(s); err != nil {
			return nil, err
		}
		if tomlLevels(s) > MaxLevels {
			return nil, fmt.Errorf("%w: a document is nested deeper than %d", ErrBudget, MaxLevels)
		}
		return parse(s), nil
	}
}

// tomlLevels is an upper limit for how deep the tables and arrays of a TOML text are
// nested. It skips strings and comments.
func tomlLevels(s string) int {
	deepest, brackets, dots := 0, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '[', '{':
			brackets++
			dots = 0
		case ']', '}':
			brackets--
		case '.':
			dots++
		case '=', ',', '\n':
			dots = 0
		case '#':
			for i+1 < len(s) && s[i+1] != '\n' {
				i++
			}
		case '"', '\'':
			i = tomlStringEnd(s, i)
		}
		deepest = max(deepest, brackets+dots)
	}
	return deepest
}

// tomlStringEnd is the offset of the last quote of the string that starts at i.
func tomlStringEnd(s string, i int) int {
	quote := s[i : i+1]
	if strings.HasPrefix(s[i:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	for j := i + len(quote); j < len(s); j++ {
		switch {
		case s[j] == '\\' && quote[0] == '"':
			j++
		case s[j] == '\n' && len(quote) == 1: // the string is not closed, which is an error
			return j
		case strings.HasPrefix(s[j:], quote):
			return j + len(quote) - 1
		}
	}
	return len(s)
}

func (t *Tracer) noteMarshal(f any) any {
	return func(v any) (s string, err error) {
		if err := t.Budget.check(v); err != nil {
			return "", err
		}
		switch marshal := f.(type) {
		case func(any) string:
			s = marshal(v)
		case func(any) (string, error):
			if s, err = marshal(v); err != nil {
				return s, err
			}
		}
		return t.marshalled(s, v)
	}
}

func (t *Tracer) noteParse(f any) any {
	switch parse := f.(type) {
	case func(string) map[string]any:
		return func(s string) (map[string]any, error) {
			if err := t.Budget.parse(s); err != nil {
				return nil, err
			}
			m := parse(s)
			t.parsed(s, m)
			return m, nil
		}
	case func(string) []any:
		return func(s string) ([]any, error) {
			if err := t.Budget.parse(s); err != nil {
				return nil, err
			}
			l := parse(s)
			t.parsed(s, l)
			return l, nil
		}
	case func(string) (any, error):
		return func(s string) (any, error) {
			if err := t.Budget.parse(s); err != nil {
				return nil, err
			}
			v, err := parse(s)
			if err == nil {
				t.parsed(s, v)
			}
			return v, err
		}
	}
	panic(fmt.Sprintf("parsing function has a type that is not known: %T", f))
}

// noteMap wraps a function that makes a map from maps. Merge prefers the first map that
// has a key; with overwrite the last one wins.
func (t *Tracer) noteMap(f any, overwrite bool) any {
	switch f := f.(type) {
	case func(map[string]any, ...map[string]any) any:
		return t.noteMerge(func(d map[string]any, more ...map[string]any) (any, error) { return f(d, more...), nil }, overwrite)
	case func(map[string]any, ...map[string]any) (any, error):
		return t.noteMerge(f, overwrite)
	case func(map[string]any, ...string) map[string]any:
		return func(d map[string]any, names ...string) map[string]any {
			r := f(d, names...)
			t.made(r, false, d)
			return r
		}
	case func(any) any:
		return func(v any) (any, error) {
			if err := t.Budget.check(v); err != nil {
				return nil, err
			}
			r := f(v)
			t.made(r, false, v)
			return r, nil
		}
	case func(any) (any, error):
		return func(v any) (any, error) {
			if err := t.Budget.check(v); err != nil {
				return nil, err
			}
			r, err := f(v)
			t.made(r, false, v)
			return r, err
		}
	}
	panic(fmt.Sprintf("map function has a type that is not known: %T", f))
}

// made notes which containers another one was made from.
func (t *Tracer) made(r any, reverse bool, from ...any) {
	v := under(reflect.ValueOf(r))
	if !IsContainer(v) {
		return
	}
	var l []reflect.Value
	for _, x := range from {
		if c := under(reflect.ValueOf(x)); IsContainer(c) && c.Pointer() != v.Pointer() {
			if reverse {
				l = append([]reflect.Value{c}, l...)
			} else {
				l = append(l, c)
			}
		}
	}
	if l == nil {
		return
	}
	at := v.Pointer()
	if reverse {
		t.IDs.made[at] = append(l, t.IDs.made[at]...)
	} else {
		t.IDs.made[at] = append(t.IDs.made[at], l...)
	}
	t.IDs.keep = append(t.IDs.keep, r)
	t.IDs.spread(v, 0)
}

// marshalled notes which value a YAML or JSON text was made from.
func (t *Tracer) marshalled(s string, v any) (string, error) {
	t.last = s
	switch v.(type) {
	case nil:
		return s, t.Budget.spend(len(s))
	case string, bool, float64, int64, int:
		return t.derive(s, v)
	}
	if s == "" {
		return s, nil
	}
	o := &origin{}
	s = t.IDs.register(s, o)
	o.make = func() *Traced { return t.structure(o.text, v) }
	t.last = s
	return s, t.Budget.spend(len(s))
}

// structure finds each key and scalar of a value in the YAML or JSON text made from it.
func (t *Tracer) structure(text string, v any) *Traced {
	m := &matcher{Tracer: t, lines: LinesOf(text)}
	var doc yaml.Node
	if yaml.Unmarshal([]byte(text), &doc) == nil && len(doc.Content) > 0 {
		root := under(reflect.ValueOf(v))
		m.node(doc.Content[0], root, t.IDs.source(root))
	}
	m.gap(len(text))
	return m.out.done()
}

// matcher walks nodes and the values that they were made from in parallel.
type matcher struct {
	*Tracer
	out   builder
	lines *Lines
}

// gap adds the text up to an offset, which belongs to no key or value.
func (m *matcher) gap(to int) {
	if at := m.out.text.Len(); at < to {
		m.out.add(m.lines.Text[at:to], Piece{})
	}
}

func (m *matcher) node(n *yaml.Node, v reflect.Value, k *Key) {
	switch n.Kind {
	case yaml.MappingNode:
		m.empty(n, k)
		for i := 0; i+1 < len(n.Content); i += 2 {
			child, ck := m.child(v, k, n.Content[i].Value)
			m.entry(n.Content[i], n.Content[i+1], v, child, k, ck)
			m.node(n.Content[i+1], child, m.keyAt(child, ck))
		}
		m.blocks(n, v)
	case yaml.SequenceNode:
		m.empty(n, k)
		for i, c := range n.Content {
			child, ck := m.IDs.step(v, k, fmt.Sprintf("[%d]", i))
			m.node(c, child, m.keyAt(child, ck))
		}
	case yaml.ScalarNode:
		m.scalar(n, v, k)
	default: // aliases: functions never print them
	}
}

// child is the entry of a value with a name, and its key: of a map, or of a struct such as .Chart, whose fields have the names that JSON gives them.
func (m *matcher) child(v reflect.Value, k *Key, name string) (reflect.Value, *Key) {
	of := under(v)
	if !of.IsValid() || of.Kind() != reflect.Struct {
		return m.IDs.step(v, k, name)
	}
	for _, f := range reflect.VisibleFields(of.Type()) {
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag == name && f.IsExported() {
			if c, err := of.FieldByIndexErr(f.Index); err == nil {
				return c, m.IDs.known(c)
			}
		}
	}
	return reflect.Value{}, nil
}

// entry places the name of an entry of a map v at a key k, and its value if that has no address. The value is a child at a key ck.
func (m *matcher) entry(name, value *yaml.Node, v, child reflect.Value, k, ck *Key) {
	t := m.IDs.entryIn(v, name.Value, 0)
	from, to := m.lines.Span(name)
	of := under(v)
	isAdded := ck == nil && k != nil && IsContainer(of) && len(m.IDs.made[of.Pointer()]) == 0 // by a template, to a map of the values
	switch {
	case t.name != nil && (ck == nil || t.name.isPlaced()): // the name of the value's key may be another one
		m.put(name, t.name)
	case ck != nil:
		m.place(from, to, Piece{Kind: Printed, Keys: []*Key{{Parent: ck, IsName: true}}, Whole: true})
	case isAdded:
		m.place(from, to, Piece{Kind: Printed})
	}
	switch {
	case ck != nil:
	case t.null != nil && !child.IsValid():
		m.put(value, t.null)
	case isAdded && value.Kind == yaml.ScalarNode && child.IsValid() && child.CanInterface() && m.IDs.Of(child.Interface()) == nil:
		from, to = m.lines.Span(value)
		m.place(from, to, Piece{Kind: Printed})
	}
}

// keyAt is the key of a value: k or, if that is nil, the key of the container that the
// value was made from.
func (m *matcher) keyAt(v reflect.Value, k *Key) *Key {
	if k == nil {
		return m.IDs.source(v)
	}
	return k
}

// empty places {} and [], which get the key of their container.
func (m *matcher) empty(n *yaml.Node, k *Key) {
	if len(n.Content) > 0 || k == nil {
		return
	}
	from, _ := m.lines.Span(n)
	m.place(from, from+2, Piece{Kind: Printed, Keys: []*Key{k}, Whole: true})
}

func (m *matcher) scalar(n *yaml.Node, v reflect.Value, k *Key) {
	from, to := m.lines.Span(n)
	var o *origin
	if v.IsValid() && v.CanInterface() {
		o = m.IDs.Of(v.Interface())
	}
	switch {
	case o != nil && o.Key != nil:
		m.place(from, to, Piece{Kind: Printed, Keys: []*Key{o.Key}, Whole: true})
	case o != nil && from >= m.out.text.Len() && from < to:
		m.gap(from)
		t := o.resolve()
		if t.Text != m.lines.Text[from:to] {
			t = align(m.lines.Text[from:to], []*origin{o})
		}
		m.out.put(t, Piece{})
	case k != nil:
		m.place(from, to, Piece{Kind: Printed, Keys: []*Key{k}, Whole: true})
	}
}

// put places a text that a node has.
func (m *matcher) put(n *yaml.Node, t *Traced) {
	from, to := m.lines.Span(n)
	if from >= m.out.text.Len() && from < to && to <= len(m.lines.Text) && m.lines.Text[from:to] == t.Text {
		m.gap(from)
		m.out.put(t, Piece{})
	}
}

func (m *matcher) place(from, to int, p Piece) {
	if from < m.out.text.Len() || to <= from || to > len(m.lines.Text) {
		return
	}
	m.gap(from)
	m.out.add(m.lines.Text[from:to], p)
}

// parsed gives an identity to each scalar of a tree that was parsed from a string.
func (t *Tracer) parsed(s string, v any) {
	o := t.IDs.ofString(s)
	if o == nil {
		return
	}
	p := &parsedText{Tracer: t, origin: o}
	p.walk(v, nil)
}

// parsedText finds scalars in the text that they were parsed from.
type parsedText struct {
	*Tracer
	origin *origin
	doc    *yaml.Node
	lines  *Lines
}

func (p *parsedText) walk(v any, steps []string) any {
	below := func(step string) []string { return append(slices.Clip(steps), step) }
	switch v := v.(type) {
	case string:
		o := &origin{}
		s := p.IDs.register(v, o)
		o.make = func() *Traced { return p.find(s, steps) }
		return s
	case bool, float64, int64:
		text := ScalarText(v)
		return p.IDs.scalar(v, &origin{text: text, make: func() *Traced { return p.find(text, steps) }})
	case map[string]any:
		for _, name := range SortedKeys(v) {
			v[name] = p.walk(v[name], below(name))
		}
		p.container(v, steps)
	case []any:
		for i := range v {
			v[i] = p.walk(v[i], below(fmt.Sprintf("[%d]", i)))
		}
		if len(v) > 0 {
			p.container(v, steps)
		}
	}
	return v
}

// container notes how to find the key of a map or list that was parsed.
func (p *parsedText) container(c any, steps []string) {
	at := reflect.ValueOf(c).Pointer()
	p.IDs.parsed[at] = func() *Key { return p.keyOf(steps) }
	if _, isMap := c.(map[string]any); isMap {
		p.IDs.entries[at] = sync.OnceValue(func() parsedEntries { return p.entriesAt(steps) })
	}
	p.IDs.keep = append(p.IDs.keep, c)
}

// entryText is the text of the key of an entry, and of its value if that is null, which has no address.
type entryText struct{ name, null *Traced }

// parsedEntries are the texts of the entries of a map by name, and the blocks among them that were not entered.
type parsedEntries struct {
	texts  map[string]entryText
	blocks []Piece
}

// entriesAt are the entries of the map at some steps of the text.
func (p *parsedText) entriesAt(steps []string) parsedEntries {
	whole, n := p.node(steps)
	if n == nil || n.Kind != yaml.MappingNode {
		return parsedEntries{}
	}
	entries := make(map[string]entryText, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		from, to := p.lines.Span(name)
		e := entryText{name: whole.slice(from, to)}
		if value.Tag == "!!null" && value.Value != "" {
			from, to = p.lines.Span(value)
			e.null = whole.slice(from, to)
		}
		entries[name.Value] = e
	}
	return parsedEntries{entries, whole.blocksAmong(n, p.lines)}
}

// maxMade limits how many containers in a row are looked at that were made from each other.
const maxMade = 4

// entryIn is the text of an entry of a map that was parsed from a text, or made from such maps. It is zero if it is not known.
func (ids *identities) entryIn(v reflect.Value, name string, depth int) entryText {
	v = under(v)
	if !v.IsValid() || v.Kind() != reflect.Map || depth > maxMade {
		return entryText{}
	}
	if entries := ids.entries[v.Pointer()]; entries != nil {
		if t := entries().texts[name]; t.name != nil {
			return t
		}
	}
	for _, from := range ids.made[v.Pointer()] {
		if t := ids.entryIn(from, name, depth+1); t.name != nil {
			return t
		}
	}
	return entryText{}
}

// keyOf is the key of the map or list in the values that all entries at some steps of the
// text came from. Of several it is the only one with the name that the map has in the text: a template may have set entries of it from
// other values. Nil if there is none, or more than one.
func (p *parsedText) keyOf(steps []string) *Key {
	whole, n := p.node(steps)
	if n == nil || n.Kind == yaml.ScalarNode {
		return nil
	}
	pieceAt := func(n *yaml.Node) *Piece {
		from, _ := p.lines.Span(n)
		if i := whole.Find(from); i < len(whole.Pieces) && whole.Pieces[i].Start <= from && whole.Pieces[i].Whole && len(whole.Pieces[i].Keys) > 0 {
			return &whole.Pieces[i]
		}
		return nil
	}
	if len(n.Content) == 0 {
		if q := pieceAt(n); q != nil && !q.Keys[0].IsName {
			return q.Keys[0]
		}
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return nil
	}
	var all, named onlyKey
	for i := 0; i < len(n.Content); i += 2 {
		q := pieceAt(n.Content[i])
		if q == nil || !q.Keys[0].IsName || q.Keys[0].Parent == nil {
			continue
		}
		above := q.Keys[0].Parent.Parent
		all.add(above)
		if above != nil && above.Parent != nil && len(steps) > 0 && above.Name == steps[len(steps)-1] {
			named.add(above)
		}
	}
	if all.isMixed {
		return named.only()
	}
	return all.key
}

// onlyKey is the key that all of several ones are.
type onlyKey struct {
	key     *Key
	isMixed bool
}

func (o *onlyKey) add(k *Key) {
	if o.key == nil {
		o.key = k
	}
	o.isMixed = o.isMixed || !o.key.Equal(k)
}

// only is the key. It is nil if there are several.
func (o *onlyKey) only() *Key {
	if o.isMixed {
		return nil
	}
	return o.key
}

// node is the node at some steps of the text. The first call parses the text.
func (p *parsedText) node(steps []string) (whole *Traced, n *yaml.Node) {
	whole = p.origin.resolve()
	if p.doc == nil {
		p.doc = &yaml.Node{}
		_ = yaml.Unmarshal([]byte(whole.Text), p.doc)
		p.lines = LinesOf(whole.Text)
	}
	n = p.doc
	if len(n.Content) > 0 {
		n = n.Content[0]
	}
	for _, step := range steps {
		if _, n = ChildNode(n, step); n == nil {
			break
		}
	}
	return whole, n
}

// find is the text of the scalar at some steps, or a text without a place if there is
// none.
func (p *parsedText) find(s string, steps []string) *Traced {
	var b builder
	whole, n := p.node(steps)
	if n == nil || n.Kind != yaml.ScalarNode {
		b.add(s, Piece{Kind: Printed})
		return b.done()
	}
	from, to := p.lines.Span(n)
	part := whole.slice(from, to)
	if part.Text == s {
		return part
	}
	return align(s, []*origin{{text: part.Text, traced: part}})
}

// ScalarText is a scalar as a template prints it.
func ScalarText(v any) string { return fmt.Sprint(v) }
