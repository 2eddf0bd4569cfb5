package lint

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// lastApplied is the annotation in which kubectl keeps the whole object.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// IsSecret reports whether the object is a Secret.
func (o *Object) IsSecret() bool { return o.Is("", "Secret") }

// IsDocumentation reports whether a key of an object's data only documents what the others may hold: Knative, and what is built with its
// packages, takes no setting from the key _example of a ConfigMap.
func (o *Object) IsDocumentation(key string) bool { return key == "_example" && o.Is("", "ConfigMap") }

// holdsSecrets reports whether a path of a Secret is that of something that no
// output may show.
func holdsSecrets(path string) bool {
	for _, root := range [...]string{"data", "stringData", "metadata.annotations"} {
		if rest, ok := strings.CutPrefix(path, root); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return root != "metadata.annotations" || rest == "" || strings.Contains(rest, lastApplied)
		}
	}
	return false
}

// secretTexts are the texts of a Secret that no output may show: values as they are
// written, decoded, and each of their lines, the longest first. Texts of one or two
// characters are left out: they are in every line. They are nil if the object is no
// Secret.
func (o *Object) secretTexts() []string {
	if !o.IsSecret() {
		return nil
	}
	var l []string
	add := func(text string) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); len(line) > 2 && line != "null" && line != "true" && line != "false" {
				l = append(l, line)
			}
		}
	}
	for v := range o.secretValues() {
		add(v.Value)
		if b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(v.Value), "")); err == nil {
			add(string(b))
		}
	}
	if applied := o.Root.Get("metadata.annotations").Child(lastApplied); applied.IsScalar() {
		add(applied.Node.Value)
		var copied struct{ Data, StringData map[string]string }
		if json.Unmarshal([]byte(applied.Node.Value), &copied) == nil {
			for _, values := range []map[string]string{copied.Data, copied.StringData} {
				for _, value := range values {
					add(value)
				}
			}
		}
	}
	slices.SortFunc(l, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(l)
}

// secretValues yields the scalars below data and stringData, at any depth.
func (o *Object) secretValues() func(yield func(*yaml.Node) bool) {
	return func(yield func(*yaml.Node) bool) {
		for _, key := range []string{"data", "stringData"} {
			if !eachScalar(o.Root.Get(key).Node, 0, yield) {
				return
			}
		}
	}
}

// maxSecretDepth is how deep values of a Secret are looked for: it should be one.
const maxSecretDepth = 8

// eachScalar yields the scalars below a node but the keys of the outermost mapping,
// the names of entries. It is false if yield was.
func eachScalar(n *yaml.Node, depth int, yield func(*yaml.Node) bool) bool {
	switch {
	case n == nil || depth > maxSecretDepth:
		return true
	case n.Kind == yaml.ScalarNode:
		return yield(n)
	case n.Kind == yaml.AliasNode:
		return eachScalar(n.Alias, depth+1, yield)
	}
	for i, c := range n.Content {
		name := n.Kind == yaml.MappingNode && i%2 == 0 && depth == 0
		if !name && !eachScalar(c, depth+1, yield) {
			return false
		}
	}
	return true
}

// hideSecrets takes the values of a Secret out of a finding of it.
func (f *Finding) hideSecrets(o *Object, d Diagnostic) {
	embedded := o.Host != nil && o.Host.IsSecret()
	if embedded {
		o = o.Host
	}
	if !o.IsSecret() {
		return
	}
	texts := o.secretTexts()
	switch {
	case embedded:
		f.Origin.maskAll()
		f.Secret = true
	case holdsSecrets(f.Path):
		f.Origin.mask()
		f.Secret = true
		if d.At.IsScalar() && len(d.At.Node.Value) < 3 { // not among the texts
			texts = append(slices.Clip(texts), `"`+d.At.Node.Value+`"`)
		}
	case o.onSecretLine(d.At) || containsAny(f.Origin.Text, texts):
		f.Origin.maskAll()
		f.Secret = true
	}
	if !holdsSecrets(f.Path) { // short ones are words that other fields have too
		texts = slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return len(s) < 8 })
	}
	hide := func(text *string) { *text = withoutTexts(*text, texts) }
	if !d.Secret { // a rule that knows of a secret does not quote it, and its words may be a weak one's
		hide(&f.Message)
		hide(&f.Fix.Title)
		hide(&f.Fix.Value)
	}
	for i := range f.Related {
		hide(&f.Related[i].Label)
	}
	for i := range f.Origin.Trail { // labels name templates and keys: they are no values
		hide(&f.Origin.Trail[i].Set)
	}
}

// onSecretLine reports whether a value is in one line with one of data or
// stringData, in flow style.
func (o *Object) onSecretLine(v Value) bool {
	at, _ := v.Anchor()
	if at == nil {
		return false
	}
	for n := range o.secretValues() {
		if n.Line == at.Line {
			return true
		}
	}
	return false
}

// maskAll masks a line from its first character on.
func (o *Origin) maskAll() {
	if rest := strings.TrimLeft(o.Text, " \t"); rest != "" && !onlyActions(rest) {
		o.Text = o.Text[:len(o.Text)-len(rest)] + masked
	}
}

func containsAny(text string, of []string) bool {
	return text != "" && slices.ContainsFunc(of, func(s string) bool { return strings.Contains(text, s) })
}

func withoutTexts(text string, secrets []string) string {
	for _, s := range secrets {
		if strings.Contains(text, s) {
			text = strings.ReplaceAll(text, s, masked)
		}
	}
	return text
}

// secretTexts are the texts of the Secrets of a unit that no output may show.
type secretTexts struct {
	byFile map[string][]string
	all    []string
	long   []string // without those that are in many lines
}

func newSecretTexts(u *Unit) *secretTexts {
	t := &secretTexts{byFile: map[string][]string{}}
	for _, o := range u.Objects {
		if o.IsSecret() {
			file, texts := o.start().File, o.secretTexts()
			t.byFile[file] = append(t.byFile[file], texts...)
			t.all = append(t.all, texts...)
		}
	}
	t.long = slices.DeleteFunc(slices.Clone(t.all), func(s string) bool { return len(s) < 8 })
	return t
}

// hide masks lines that findings of other objects share with a Secret: in flow style
// and JSON a line may hold several objects, and an entry of a values file may supply a
// Secret too.
func (t *secretTexts) hide(findings []*Finding) {
	if len(t.byFile) == 0 {
		return
	}
	type line struct {
		file string
		line int
	}
	known := map[line]bool{}
	for _, f := range findings {
		l := t.byFile[f.Origin.File]
		flow := strings.ContainsAny(f.Origin.Text, "{[")
		switch isEntry := f.Origin.IsEntry(); {
		case isEntry && flow:
			l = t.all
		case isEntry:
			l = t.long
		case !flow:
			l = nil
		}
		if f.Secret || len(l) == 0 {
			continue
		}
		at := line{f.Origin.File, f.Origin.Line}
		hold, ok := known[at]
		if !ok {
			hold = containsAny(f.Origin.Text, l)
			known[at] = hold
		}
		if hold {
			f.Origin.maskAll()
			f.Secret = true
		}
	}
}

// masked replaces a secret and the rest of its line in reports.
const masked = "‹masked›"

// mask takes a secret out of the source line: everything from the value on, and
// in flow style, where other values are before it, from the first bracket on.
// A line of a template that only refers to values stays.
func (o *Origin) mask() {
	if o.Text == "" {
		return
	}
	cut := len(o.Text) - len(strings.TrimLeft(o.Text, " \t"))
	if o.Column > 0 {
		cut = 0
		for range o.Column - 1 {
			_, size := utf8.DecodeRuneInString(o.Text[cut:])
			cut += size
		}
	}
	if i := strings.IndexAny(o.Text, "{["); i >= 0 && i < cut {
		cut = i
	} else if onlyActions(o.Text[cut:]) {
		return
	}
	o.Text = o.Text[:cut] + masked
}

// onlyActions reports template text without a literal: {{ .Values.password }}.
// It says where the secret comes from, and holds none.
func onlyActions(s string) bool {
	seen := false
	for {
		s = strings.Trim(s, " \t\r\"'")
		if s == "" {
			return seen
		}
		rest, ok := strings.CutPrefix(s, "{{")
		action, after, closed := strings.Cut(rest, "}}")
		if !ok || !closed || strings.ContainsAny(action, "\"'`") || strings.Contains(action, "/*") {
			return false
		}
		s, seen = after, true
	}
}

// maskLines masks the findings of other rules on a line with a secret, in all lists. It
// puts copies in place of those that change.
func maskLines(lists ...[]*Finding) {
	type line struct {
		file string
		line int
	}
	texts := map[line]string{}
	for _, f := range slices.Concat(lists...) {
		if !f.Secret {
			continue
		}
		at := line{f.Origin.File, f.Origin.Line}
		if have, ok := texts[at]; !ok || len(f.Origin.Text) < len(have) {
			texts[at] = f.Origin.Text
		}
	}
	if len(texts) == 0 {
		return
	}
	for _, findings := range lists {
		for i, f := range findings {
			text, ok := texts[line{f.Origin.File, f.Origin.Line}]
			if ok && f.Origin.Text != "" && f.Origin.Text != text {
				c := *f
				c.Origin.Text = text
				findings[i] = &c
			}
		}
	}
}
