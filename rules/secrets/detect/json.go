package detect

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// jsonHits judges the strings of a JSON text. The second result is false if it
// is none.
func jsonHits(text string) ([]Hit, bool) {
	lower := strings.ToLower(text)
	if !slices.ContainsFunc(needles[:], func(n string) bool { return strings.Contains(lower, n) }) && !known(text).Found() {
		return nil, true
	}
	w := jsonWalker{dec: json.NewDecoder(strings.NewReader(text)), text: text, line: 1, account: isServiceAccount(text), anonymous: mayBeAnonymous(text)}
	w.dec.UseNumber()
	if err := w.value("", 0); err != nil {
		return nil, false
	}
	var hits []Hit
	for _, h := range w.hits {
		if !h.Found() {
			continue
		}
		if len(hits) > 0 && hits[len(hits)-1].Line == h.Line && strings.Contains(text, "\n") {
			continue
		}
		hits = append(hits, h)
	}
	return hits[:min(len(hits), maxHits)], true
}

type jsonWalker struct {
	dec  *json.Decoder
	text string
	line int
	seen int // offset up to which lines are counted
	hits []Hit

	account   bool // the text is the key of a Google service account
	anonymous bool // the text may name such a user
	members   []member
}

// member is a string of the object that is read, and the hit that it is, or -1.
type member struct {
	key, value string
	hit        int
}

// maxDepth limits the nesting of JSON.
const maxDepth = 100

var errDeep = errors.New("nested too deeply")

func (w *jsonWalker) value(key string, depth int) error {
	t, err := w.dec.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		if depth > maxDepth {
			return errDeep
		}
		if t == '[' {
			return w.list(key, depth)
		}
		return w.object(depth)
	case string:
		w.judge(key, t)
	}
	return nil
}

func (w *jsonWalker) list(key string, depth int) error {
	for w.dec.More() {
		if err := w.value(key, depth+1); err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return err
}

func (w *jsonWalker) object(depth int) error {
	outer := w.members
	w.members = nil
	err := w.entries(depth)
	w.dropAnonymous()
	w.members = outer
	return err
}

// dropAnonymous takes back the hits that are passwords of anonymous users of the object.
func (w *jsonWalker) dropAnonymous() {
	var users Anonymous
	for _, m := range w.members {
		users.Note(m.key, m.value)
	}
	for _, m := range w.members {
		if m.hit >= 0 && users.HasPassword(m.key, w.hits[m.hit].Verdict) {
			w.hits[m.hit].Verdict = Verdict{}
		}
	}
}

func (w *jsonWalker) entries(depth int) error {
	name := "" // of {"name": …, "value": …}, as lists of variables have
	for w.dec.More() {
		t, err := w.dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if (key == "name" || key == "key") && name == "" {
			from := w.dec.InputOffset()
			if err := w.value(key, depth+1); err != nil {
				return err
			}
			if text := strings.TrimLeft(w.text[from:w.dec.InputOffset()], ": \t\r\n"); strings.HasPrefix(text, `"`) {
				_ = json.Unmarshal([]byte(text), &name) // no string: no name
			}
			continue
		}
		if key == "value" && name != "" {
			key = name
		}
		if err := w.value(key, depth+1); err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return err
}

func (w *jsonWalker) judge(key, s string) {
	if w.anonymous {
		w.members = append(w.members, member{key, s, -1})
	}
	if v := Value(key, s); v.Found() {
		if w.account && v.Kind == PrivateKey {
			v = googleKey
		}
		at := int(w.dec.InputOffset())
		w.line += strings.Count(w.text[w.seen:at], "\n")
		w.seen = at
		if n := len(w.members); n > 0 {
			w.members[n-1].hit = len(w.hits)
		}
		w.hits = append(w.hits, Hit{Line: w.line, Name: printable(key), Verdict: v})
	}
}
