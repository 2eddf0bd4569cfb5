package helm

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

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
	// dir is the chart's directory as reports print it. A secret that is a part of this
	// path, such as the password demo of the chart demo, does not mask it.
	dir string
}

// newMasker collects the secrets among values, and among the objects of a cluster.
func newMasker(values map[string]any, objects lookup.Objects) *masker {
	m := &masker{secrets: map[string]string{}, values: map[string]string{}}
	m.collect(values, nil, false, 0)
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

func (m *masker) collect(v any, steps []string, secret bool, level int) {
	if level > trace.MaxLevels {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range trace.SortedKeys(v) {
			isSecret := trace.SecretName.MatchString(name) || secret && !identityName.MatchString(name)
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

// text is a text with its secrets masked.
func (m *masker) text(s string) string {
	var inDir []string
	for _, secret := range m.longest {
		if strings.Contains(m.dir, secret) {
			inDir = append(inDir, secret)
		} else {
			s = m.without(s, secret)
		}
	}
	if len(inDir) == 0 {
		return s
	}
	parts := strings.Split(s, m.dir)
	for i := range parts {
		for _, secret := range inDir {
			parts[i] = m.without(parts[i], secret)
		}
	}
	return strings.Join(parts, m.dir)
}

func (m *masker) without(s, secret string) string {
	return strings.ReplaceAll(s, secret, placeholder(m.secrets[secret]))
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
		r.mask.dir = r.chart.Dir
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
