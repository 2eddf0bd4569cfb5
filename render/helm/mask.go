package helm

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kubevet/kubevet/render/helm/lookup"
	"github.com/kubevet/kubevet/render/helm/trace"

	"github.com/kubevet/kubevet/lint"
)

// Problems quote errors of Helm's functions, of parsers and of charts, and these may
// quote values. Only this package knows which values are secrets, because it has the key
// of each. So it masks problems once a rendering is done. A detector of credentials may
// check the rest of the text later.

// minSecret is the minimum number of bytes of a secret. Masking shorter ones would mask
// ordinary words.
const minSecret = 6

// masker replaces secret values in texts by the keys that hold them.
type masker struct {
	secrets map[string]string // the key, by each form in which the value may be printed
	values  map[string]string // the key of each value, secret or not
	longest []string          // the values of secrets, the longest first
	// addNames lists what the chart's files have as a name: of files, of charts and of keys. names are its words, and nil until they are
	// needed. A password that is also such a word, as in the chart demo with the password demo, does not mask the name.
	addNames []func(add func(name string))
	names    map[string]bool
}

// newMasker collects the secrets among values, and among the objects of a cluster.
func newMasker(values map[string]any, objects lookup.Objects) *masker {
	m := &masker{secrets: map[string]string{}, values: map[string]string{}}
	m.collect(values, nil, false, 0)
	m.addNames = append(m.addNames, func(add func(string)) { addKeys(values, add, 0) })
	for _, o := range objects {
		for _, name := range trace.SortedKeys(o) {
			inSecret := o["kind"] == "Secret" && (name == "data" || name == "stringData")
			m.collect(o[name], []string{"lookup", name}, inSecret, 0)
		}
	}
	for s := range m.secrets {
		m.longest = append(m.longest, s)
	}
	slices.SortFunc(m.longest, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return m
}

// identityName matches keys below a key like auth whose values are not secrets, such as
// names, places and types. An environment variable has them at its end: DATASOURCES_DEFAULT_DATABASE.
var identityName = regexp.MustCompile(`(?i)^([A-Z0-9_]*_)?(user(name)?|(custom|existing|admin|root|db)?-?user(name)?|database|db(name)?|host(name)?|port|name|namespace|type|enabled|existing.*|.*(secret|key)-?(name|ref))$`)

// secretKeys matches keys whose values below name the keys of a Secret that is there already: existingSecretKeys.password: password.
var secretKeys = regexp.MustCompile(`(?i)^existing_?secret|secret_?keys$`)

// secretsName matches keys whose values name a Secret, or a key of one: userSecretName, existingSecretKey.
var secretsName = regexp.MustCompile(`(?i)^existing_?secret|(secret|key)[-_]?(name|ref)$`)

func (m *masker) collect(v any, steps []string, secret bool, level int) {
	if level > trace.MaxLevels {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range trace.SortedKeys(v) {
			isSecret := trace.SecretName.MatchString(name) && !secretsName.MatchString(name) || secret && !identityName.MatchString(name)
			m.collect(v[name], trace.Join(steps, name), isSecret && !slices.ContainsFunc(steps, secretKeys.MatchString), level+1)
		}
	case []any:
		for i, e := range v {
			m.collect(e, trace.Join(steps, "["+strconv.Itoa(i)+"]"), secret, level+1)
		}
	case nil, bool:
	default:
		if c := reflect.ValueOf(v); trace.IsContainer(c) {
			return
		}
		if f, ok := v.(float64); ok {
			m.add(strconv.FormatFloat(f, 'f', -1, 64), trace.JoinSteps(steps), secret)
		}
		m.add(trace.ScalarText(v), trace.JoinSteps(steps), secret || strings.Contains(trace.ScalarText(v), "PRIVATE KEY-----"))
	}
}

// add notes a value and, if it is secret, the forms in which functions print it.
func (m *masker) add(text, key string, secret bool) {
	if len(text) < minSecret {
		return
	}
	if m.values[text] == "" {
		m.values[text] = key
	}
	if !secret {
		return
	}
	forms := []string{text, strconv.Quote(text), strings.Join(strings.Fields(text), " "), base64.StdEncoding.EncodeToString([]byte(text))}
	if data, err := json.Marshal(text); err == nil {
		forms = append(forms, string(data))
	}
	if plain, err := base64.StdEncoding.DecodeString(text); err == nil {
		forms = append(forms, string(plain))
	}
	for line := range strings.Lines(text) {
		forms = append(forms, strings.TrimSpace(line))
	}
	for _, f := range forms {
		if f = strings.Trim(f, `"`); len(f) >= minSecret && m.secrets[f] == "" {
			m.secrets[f] = key
		}
	}
}

// text is a text with its secrets masked. Longer ones count first, and what is masked is not read again.
func (m *masker) text(s string) string {
	type span struct {
		from, to int
		secret   string
	}
	var hidden []span
	covered := make([]bool, len(s))
	for _, secret := range m.longest {
		for from := 0; ; {
			i := strings.Index(s[from:], secret)
			if i < 0 {
				break
			}
			from += i
			to := from + len(secret)
			if covered[from] || covered[to-1] || m.isName(s, from, to) { // what covers it is at least as long
				from++
				continue
			}
			for j := from; j < to; j++ {
				covered[j] = true
			}
			hidden = append(hidden, span{from, to, secret})
			from = to
		}
	}
	slices.SortFunc(hidden, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, h := range hidden {
		b.WriteString(s[at:h.from] + placeholder(m.secrets[h.secret]))
		at = h.to
	}
	b.WriteString(s[at:])
	return b.String()
}

// isName reports whether a part of a text is in a word that the chart has as a name.
func (m *masker) isName(s string, from, to int) bool {
	for least := max(from-maxName, 0); from > least && isNameByte(s[from-1]); {
		from--
	}
	for most := min(to+maxName, len(s)); to < most && isNameByte(s[to]); {
		to++
	}
	if m.names == nil {
		m.names = map[string]bool{}
		for _, list := range m.addNames {
			list(func(name string) {
				for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r > 127 || !isNameByte(byte(r)) }) {
					m.names[word] = true
				}
			})
		}
	}
	return m.names[s[from:to]]
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

const (
	// maxName limits how long a word may be on each side of a secret, to be read as a name.
	maxName = 100
	// maxNameDigits limits the digits of a key that counts as a name: keys with more may be tokens.
	maxNameDigits = 2
)

// addKeys lists the keys of values.
func addKeys(v any, add func(string), level int) {
	if level > trace.MaxLevels {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			if digits := strings.Map(onlyDigit, name); len(digits) <= maxNameDigits {
				add(name)
			}
			addKeys(child, add, level+1)
		}
	case []any:
		for _, child := range v {
			addKeys(child, add, level+1)
		}
	}
}

func onlyDigit(r rune) rune {
	if unicode.IsDigit(r) {
		return r
	}
	return -1
}

// addNames lists the names of a chart's files and of its subcharts.
func (s *sources) addNames(add func(string)) {
	add(s.dir)
	for _, f := range s.files {
		add(f.Name)
	}
	if s.loaded != nil && s.loaded.Metadata != nil {
		add(s.loaded.Metadata.Name)
		for _, d := range s.loaded.Metadata.Dependencies {
			add(d.Name + " " + d.Alias)
		}
	}
	for _, sub := range s.subs {
		sub.addNames(add)
	}
}

func placeholder(key string) string { return "‹value of " + key + "›" }

// quoted is a text whose quoted values are replaced by their keys, because errors of
// functions quote their arguments.
func (m *masker) quoted(s string) string {
	return trace.QuotedText.ReplaceAllStringFunc(s, func(q string) string {
		inner := q[1 : len(q)-1]
		if plain, err := strconv.Unquote(q); err == nil {
			inner = plain
		}
		if key, ok := m.values[inner]; ok {
			return placeholder(key)
		}
		return q
	})
}

// masker is the masker of the rendering. It is made for the first problem.
func (r *rendering) masker() *masker {
	if r.mask == nil {
		var values map[string]any
		if r.keys != nil {
			values = r.keys.Snapshot
		}
		r.mask = newMasker(values, r.cluster)
		r.mask.addNames = append(r.mask.addNames, func(add func(string)) { add(r.chart.Dir) }, r.chart.root.addNames)
	}
	return r.mask
}

// maskProblems masks secrets in the problems of a rendering.
func (r *rendering) maskProblems() {
	if len(r.out.Problems)+len(r.out.Notes) == 0 {
		return
	}
	m := r.masker()
	for _, l := range [][]lint.Problem{r.out.Problems, r.out.Notes} {
		for i := range l {
			p := &l[i]
			p.Message, p.Help, p.Detail = m.text(p.Message), m.text(p.Help), m.text(p.Detail)
		}
	}
}

// IsSecretName reports whether the value of a key with that name is likely a secret.
func IsSecretName(name string) bool { return trace.IsSecretName(name) }
