package lint

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/fixes"
	"github.com/kubevet/kubevet/lint/node"
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
		maskAll(&f.Origin)
		f.Secret = true
	case holdsSecrets(f.Path):
		mask(&f.Origin)
		f.Secret = true
		if d.At.IsScalar() && len(d.At.Node.Value) < 3 { // not among the texts
			texts = append(slices.Clip(texts), `"`+d.At.Node.Value+`"`)
		}
	case o.onSecretLine(d.At) || containsAny(f.Origin.Text, texts):
		maskAll(&f.Origin)
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
func maskAll(o *Origin) {
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
			maskAll(&f.Origin)
			f.Secret = true
		}
	}
}

// masked replaces a secret and the rest of its line in reports.
const masked = "‹masked›"

// mask takes a secret out of the source line: everything from the value on, and
// in flow style, where other values are before it, from the first bracket on.
// A line of a template that only refers to values stays.
func mask(o *Origin) {
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

// suppliedName is the name of the Secret, and of the key in it, with which keys are tried.
const suppliedName = "kubevet-secret"

// suppliers are the values to try so that another Secret supplies the value of a finding.
func (f *Finding) suppliers(d *Diagnostic) (sets [][]Step) {
	if d.Fix.Supplied == "" || d.of() == nil {
		return nil
	}
	l, ok := d.of().locator.(SecretLocator)
	if !ok {
		return nil
	}
	var near []string
	for _, s := range f.Origin.Trail {
		if s.Kind == StepValues && s.Label != "" && !s.Missing {
			near = append(near, s.Label)
		}
	}
	for _, entries := range l.SecretKeys(near) {
		var set []Step
		for _, e := range entries {
			set = append(set, Step{Kind: StepDecides, Position: e.Position, Label: e.Key, Below: e.Below, Set: suppliedName})
		}
		sets = append(sets, set)
		if name := strings.ToLower(set[0].Label); len(set) == 1 && strings.HasSuffix(name, "secret") && !strings.HasSuffix(name, "existingsecret") {
			s := set[0]
			s.Set += "/" + suppliedName // some charts take the name and the key as one text
			sets = append(sets, []Step{s})
		}
	}
	return sets
}

// supply makes the fix of a finding name the key by which another Secret supplies the value.
func (t *trials) supply(u *untried) {
	for _, set := range u.suppliers {
		if !t.supplies(set, u) {
			continue
		}
		set = slices.Clone(set)
		what := " to the name of a Secret "
		switch {
		case len(set) > 1:
			what = " to the name and the key of a Secret "
		case strings.Contains(set[0].Set, "/"):
			what = " to NAME/KEY of a Secret "
		}
		for i := range set {
			set[i].Set = ""
		}
		u.finding.Fix.Title = u.fixText(u.rule, fixes.SetText(set)+what+u.Fix.Supplied)
		u.finding.Origin.DecidedBy(set[0])
		u.emptied = Step{} // what else the template prints without the value is gone with it
		return
	}
}

// supplies reports whether objects refer to another Secret with other values, no object but Secrets is gone, and the rule reports nothing more of
// the value.
func (t *trials) supplies(set []Step, u *untried) bool {
	name := fixes.SetText(set)
	have, known := t.supplied[name]
	if !known {
		if with := t.with(set); with != nil {
			have = t.unit.unit.suppliedBy(with.unit)
		}
		if t.supplied == nil {
			t.supplied = map[string]map[ObjectRef]*Object{}
		}
		t.supplied[name] = have
	}
	if have == nil {
		return false
	}
	now := have[u.of().Ref()]
	if now == nil {
		return true
	}
	with := t.with(set)
	if with == nil {
		return false
	}
	l := with.run(subject{object: now}, u.rule)
	return !l.failed && !slices.ContainsFunc(l.found, u.isAbout)
}

// suppliedBy is the objects of the unit with other values, if they refer to the Secret with which these were tried, and if all objects but
// Secrets are there. Nil if not.
func (u *Unit) suppliedBy(with *Unit) map[ObjectRef]*Object {
	have, refers := make(map[ObjectRef]*Object, len(with.Objects)), false
	for _, o := range with.Objects {
		have[o.Ref()] = o
		for s := range node.Scalars(o.Root.Node) {
			refers = refers || strings.Contains(s.Value, suppliedName)
		}
		if o.lacksSuppliedKey() {
			return nil
		}
	}
	if !refers || slices.ContainsFunc(u.Objects, func(o *Object) bool { return have[o.Ref()] == nil && !o.IsSecret() }) {
		return nil
	}
	return have
}

// lacksSuppliedKey reports whether a variable refers to the Secret with which keys were tried, without one of its keys.
func (o *Object) lacksSuppliedKey() bool {
	for _, w := range o.Workloads {
		for _, c := range w.Containers {
			for e := range c.Get("env").Items() {
				if ref := e.Get("valueFrom.secretKeyRef"); strings.Contains(ref.Get("name").Text(), suppliedName) && (ref.Get("key").Text() == "" || strings.Contains(ref.Get("name").Text(), "/")) {
					return true
				}
			}
		}
	}
	return false
}

// generated makes the fix of a finding to leave the key empty that supplies the value, if a template then makes up a random one: now is what it
// prints.
func (u *untried) generated(now Value) {
	text := now.Text()
	if plain, err := base64.StdEncoding.DecodeString(text); err == nil {
		text = string(plain)
	}
	if u.Fix.Emptied && len(text) >= minGenerated && strings.Trim(text, text[:1]) == "" && now.Written() != u.At.Written() {
		title := "set " + u.emptied.Label + `: "", with which the chart generates one`
		l, ok := u.of().locator.(SecretLocator)
		if ok && u.of().Hook == "" && l.RemakesText() {
			title += ", and another one at each upgrade: use a Secret of your own if something keeps the first"
		}
		u.finding.Fix.Title = u.fixText(u.rule, title)
	}
}

// minGenerated is how long a value is that a function for random text makes: it prints the same character again and again here.
const minGenerated = 8

const (
	// sampleValue is no credential: keys that may supply one are tried with it.
	sampleValue = "example-value"
	// maxParts is how many keys are tried at most.
	maxParts = 4
)

// parts are the keys that supply a part of the text with a credential, if none is known to supply all of it: those with a name for one come first.
func (f *Finding) parts(d *Diagnostic) (l []Step) {
	if d.Fix.Supplied == "" || d.of() == nil || f.Origin.IsEntry() {
		return nil
	}
	for _, s := range f.Origin.Trail {
		if s.Kind == StepValues && s.Label != "" && !s.Missing {
			s.Set = sampleValue
			l = append(l, s)
		}
	}
	isNamed := func(s Step) bool {
		label := strings.ToLower(s.Label)
		return strings.Contains(label, "pass") || strings.Contains(label, "secret") || strings.Contains(label, "token") || strings.Contains(label, "key")
	}
	slices.SortStableFunc(l, func(a, b Step) int {
		switch {
		case isNamed(a) == isNamed(b):
			return 0
		case isNamed(a):
			return -1
		}
		return 1
	})
	return l[:min(len(l), maxParts)]
}

// placeAtPart makes the key that supplies a credential within a text the place of a finding: with another value of the key the rule reports it no
// more, and the rest of the text is there.
func (t *trials) placeAtPart(u *untried) {
	l, ok := u.of().locator.(SwitchLocator)
	if !ok {
		return
	}
	for _, s := range u.parts {
		v := t.with([]Step{s})
		if v == nil {
			continue
		}
		i := slices.IndexFunc(v.unit.Objects, func(o *Object) bool { return o.Ref() == u.of().Ref() })
		if i < 0 || !v.unit.Objects[i].Root.At(u.At.Path()).IsSet() {
			continue
		}
		now := v.run(subject{object: v.unit.Objects[i]}, u.rule)
		if now.failed || slices.ContainsFunc(now.found, func(d diagnosed) bool { return d.At.Path() == u.At.Path() && d.Part == u.Part }) {
			continue
		}
		t.unit.renderer.Lock()
		e := l.EntryAt(s.Label)
		t.unit.renderer.Unlock()
		if e == nil || e.Line == 0 {
			return
		}
		f := u.finding
		f.Origin.Entry = e
		f.Origin, f.Secret = f.Origin.AtEntry(), true
		mask(&f.Origin)
		return
	}
}
