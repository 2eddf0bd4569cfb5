package connect

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// calicoSelector is a selector in Calico's own language:
//
//	all(), global(), has(k), k == 'v', k != 'v', k in {'a', 'b'}, k not in {'a'},
//	k contains 'v', k starts with 'v', k ends with 'v', and !, &&, ||, ( ).
//
// It is a labels.Selector, so that it serves wherever one does.
type calicoSelector struct {
	text    string
	matches func(labels.Labels) bool
	// exact is labels that each selected object has.
	exact map[string]string
	empty bool
}

func (s *calicoSelector) Matches(l labels.Labels) bool              { return s.matches(l) }
func (s *calicoSelector) Empty() bool                               { return s.empty }
func (s *calicoSelector) String() string                            { return s.text }
func (s *calicoSelector) Add(...labels.Requirement) labels.Selector { return s }
func (s *calicoSelector) DeepCopySelector() labels.Selector         { return s }
func (s *calicoSelector) RequiresExactMatch(key string) (string, bool) {
	v, ok := s.exact[key]
	return v, ok
}

// Requirements is the labels that are certain; the selector may select less.
func (s *calicoSelector) Requirements() (l labels.Requirements, selectable bool) {
	for _, key := range sortedKeys(s.exact) {
		r, err := labels.NewRequirement(key, selection.Equals, []string{s.exact[key]})
		if err == nil {
			l = append(l, *r)
		}
	}
	if len(s.exact) == 0 && !s.empty { // something else that is not known to be a name
		if r, err := labels.NewRequirement("projectcalico.org/selector", selection.Exists, nil); err == nil {
			l = append(l, *r)
		}
	}
	return l, true
}

// calicoUnread is what in selectors of pods is about labels that are not read: those of
// service accounts, and of namespaces.
var calicoUnread = []string{"pcsa.", "pcns."}

// parseCalicoSelector reads a selector. An empty one selects everything.
func parseCalicoSelector(text string) (labels.Selector, bool) {
	p := &calicoParser{rest: strings.TrimSpace(text)}
	if p.rest == "" {
		return labels.Everything(), true
	}
	e, ok := p.or()
	if !ok || p.rest != "" {
		return nil, false
	}
	if e.empty {
		return labels.Everything(), true
	}
	e.text = text
	return e, true
}

// calicoParser reads from the start of rest.
type calicoParser struct {
	rest  string
	depth int
}

// maxSelectorDepth limits how deep parentheses and negations may be nested.
const maxSelectorDepth = 100

func (p *calicoParser) take(token string) bool {
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = strings.TrimLeft(rest, " \t\n")
	}
	return ok
}

func (p *calicoParser) or() (*calicoSelector, bool) {
	left, ok := p.and()
	for ok && p.take("||") {
		var right *calicoSelector
		if right, ok = p.and(); ok {
			a, b := left, right
			left = &calicoSelector{empty: a.empty || b.empty, matches: func(l labels.Labels) bool { return a.matches(l) || b.matches(l) }}
		}
	}
	return left, ok
}

func (p *calicoParser) and() (*calicoSelector, bool) {
	left, ok := p.term()
	for ok && p.take("&&") {
		var right *calicoSelector
		if right, ok = p.term(); ok {
			a, b := left, right
			left = &calicoSelector{
				empty: a.empty && b.empty, exact: map[string]string{},
				matches: func(l labels.Labels) bool { return a.matches(l) && b.matches(l) },
			}
			for _, m := range []map[string]string{a.exact, b.exact} {
				maps.Copy(left.exact, m)
			}
		}
	}
	return left, ok
}

func (p *calicoParser) term() (*calicoSelector, bool) {
	if p.depth++; p.depth > maxSelectorDepth {
		return nil, false
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("!"):
		e, ok := p.term()
		if !ok {
			return nil, false
		}
		return &calicoSelector{matches: func(l labels.Labels) bool { return !e.matches(l) }}, true
	case p.take("("):
		e, ok := p.or()
		return e, ok && p.take(")")
	case p.take("all()"):
		return &calicoSelector{empty: true, matches: func(labels.Labels) bool { return true }}, true
	case p.take("global()"):
		return &calicoSelector{matches: func(labels.Labels) bool { return false }}, true
	case p.take("has("):
		key := p.key()
		return &calicoSelector{matches: func(l labels.Labels) bool { return l.Has(key) }}, key != "" && p.take(")")
	}
	return p.comparison()
}

func (p *calicoParser) comparison() (*calicoSelector, bool) {
	key := p.key()
	if key == "" {
		return nil, false
	}
	negated := p.take("not ")
	var operator func(have, want string) bool
	switch {
	case selector.IsAdded(key):
		return p.ofController(key, negated)
	case p.take("in"):
		values, ok := p.set()
		return &calicoSelector{matches: func(l labels.Labels) bool {
			return l.Has(key) && slices.Contains(values, l.Get(key)) != negated || negated && !l.Has(key)
		}}, ok
	case negated:
		return nil, false
	case p.take("=="):
		value, ok := p.text()
		exact := map[string]string{key: value}
		if isGiven(key) {
			exact = nil
		}
		return &calicoSelector{
			exact:   exact,
			matches: func(l labels.Labels) bool { return l.Has(key) && l.Get(key) == value },
		}, ok
	case p.take("!="):
		value, ok := p.text()
		return &calicoSelector{matches: func(l labels.Labels) bool { return !l.Has(key) || l.Get(key) != value }}, ok
	case p.take("contains"):
		operator = strings.Contains
	case p.take("starts with"):
		operator = strings.HasPrefix
	case p.take("ends with"):
		operator = strings.HasSuffix
	default:
		return nil, false
	}
	value, ok := p.text()
	return &calicoSelector{matches: func(l labels.Labels) bool { return l.Has(key) && operator(l.Get(key), value) }}, ok
}

// ofController reads a comparison with a label that a controller adds to pods.
func (p *calicoParser) ofController(key string, negated bool) (*calicoSelector, bool) {
	operator, values, ok := selection.In, make([]string, 1), false
	switch {
	case p.take("in"):
		values, ok = p.set()
	case negated:
	case p.take("=="):
		values[0], ok = p.text()
	case p.take("!="):
		values[0], ok = p.text()
		negated = true
	case p.take("contains"), p.take("starts with"), p.take("ends with"):
		_, ok = p.text() // some of the pods may have such a value
		operator, values = selection.Exists, nil
	}
	if negated {
		operator = selection.NotIn
	}
	r, err := labels.NewRequirement(key, operator, values)
	if !ok || err != nil {
		return nil, false
	}
	counts, some := selector.Requirement(*r)
	e := &calicoSelector{matches: func(l labels.Labels) bool { return !some || counts.Matches(l) }}
	if value, one := labels.NewSelector().Add(counts).RequiresExactMatch(key); one && some {
		e.exact = map[string]string{key: value}
	}
	return e, true
}

// key reads the name of a label.
func (p *calicoParser) key() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/", r)
	})
	if end < 0 {
		end = len(p.rest)
	}
	key := p.rest[:end]
	p.rest = strings.TrimLeft(p.rest[end:], " \t\n")
	return key
}

// text reads a value in quotes of either kind.
func (p *calicoParser) text() (string, bool) {
	if p.rest == "" || p.rest[0] != '\'' && p.rest[0] != '"' {
		return "", false
	}
	value, rest, ok := strings.Cut(p.rest[1:], p.rest[:1])
	if ok {
		p.rest = strings.TrimLeft(rest, " \t\n")
	}
	return value, ok
}

// set reads {'a', 'b'}.
func (p *calicoParser) set() (values []string, ok bool) {
	if !p.take("{") {
		return nil, false
	}
	for !p.take("}") {
		value, ok := p.text()
		if !ok {
			return nil, false
		}
		values = append(values, value)
		if !p.take(",") && !strings.HasPrefix(p.rest, "}") {
			return nil, false
		}
	}
	return values, true
}
