package helm

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/branch"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

var (
	kindLine   = regexp.MustCompile(`(?m)^kind:[ \t]*["']?([A-Z]\w*)`)
	apiLine    = regexp.MustCompile(`(?m)^apiVersion:[ \t]*["']?(?:([\w.-]+)/)?`)
	anyKind    = regexp.MustCompile(`\bkind["']?[:\s]\s*["']?([A-Z]\w*)`)
	separator  = regexp.MustCompile(`(?m)^---`)
	listBlock  = regexp.MustCompile(`\{\{-?\s*(?:if|with)\s+\$?\.Values((?:\.\w+)+)\s*-?\}\}`)
	fieldRead  = regexp.MustCompile(`\{\{-?\s*(?:(?:range(?:\s+\$\w+(?:\s*,\s*\$\w+)?\s*:=)?|toYaml)\s+\$?((?:\.\w+)+)[\s|}]|with\s+\$?((?:\.\w+)+)\s*-?\}\}[^{}]{0,200}\{\{-?\s*toYaml\s+\.\s)`)
	blockStart = regexp.MustCompile(`\{\{-?\s*(if|with|range|end|define|block)\b`)
)

// disabledObjects lists the objects of a kind that an if or with left out, and that
// switches among the values would enable.
func (r *rendering) disabledObjects(kind string) []lint.DisabledObject {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, known := r.disabled[kind]
	if !known {
		if slices.ContainsFunc(r.Compiled, func(c *trace.Compiled) bool { return strings.Contains(c.Src.Text, kind) }) {
			texts := trace.NewTexts(r.Compiled).With(kind)
			for _, f := range r.files {
				l = append(l, r.disabledIn(f, kind, texts)...)
			}
			l = append(l, r.switchesNamed(kind)...)
			slices.SortStableFunc(l, func(a, b lint.DisabledObject) int { return withTexts(a.Keys) - withTexts(b.Keys) })
		}
		r.disabled[kind] = l
	}
	return l
}

// disabledIn are the disabled objects of an output, which may be that of the rendering of which this
// one is a trial.
func (r *rendering) disabledIn(f *output, kind string, texts *trace.TextsWith) []lint.DisabledObject {
	if f.rendering != r {
		f.mu.Lock()
		defer f.mu.Unlock()
	}
	return f.disabledObjects(kind, texts)
}

func (f *output) disabledObjects(kind string, texts *trace.TextsWith) (l []lint.DisabledObject) {
	ran := f.Ran[f.task.name]
	if ran == nil {
		return nil
	}
	for _, block := range ran.Disabled(func(b *trace.Block) bool { return texts.Has(b.Text) }) {
		by := []*trace.DisabledBlock{block}
		keys, _ := f.switchesOf(block)
		if keys == nil {
			by = block.Inner() // it is not known whether what they print enables the block
		}
		objects := objectsIn(texts.Whole(block.Text), kind)
		if keys == nil {
			l = append(l, f.withFilled(block, objects)...)
		}
		for _, b := range by {
			keys, only := f.switchesOf(b)
			if keys == nil {
				continue
			}
			for _, o := range objects {
				o.Template, o.Vendored, o.Keys, o.Switch = f.task.src.File, f.vendored(), keys, only
				o.Unsure = o.Unsure || b != block || withTexts(keys) > 0
				l = append(l, o)
				if !o.Unsure {
					l = append(l, f.withLists(o)...)
				}
			}
		}
	}
	return l
}

// withFilled is some objects of a block once for each list that may enable it if it is filled.
func (f *output) withFilled(block *trace.DisabledBlock, objects []lint.DisabledObject) (l []lint.DisabledObject) {
	for _, steps := range f.fillable(block) {
		for _, o := range objects {
			o.Template, o.Vendored, o.Unsure = f.task.src.File, f.vendored(), true
			o.Keys = []lint.Step{f.stepToAdd(steps, "", lint.Filled).Step}
			l = append(l, o)
		}
	}
	return l
}

// maxFillable is how many lists of a block are tried.
const maxFillable = 4

// fillable are the keys of the lists that may enable a block which a map without entries alone prevents from rendering, or a key without a
// value: the fields of the map that the block prints as YAML or goes through, or else the key itself.
func (f *output) fillable(block *trace.DisabledBlock) (l [][]string) {
	tests := (&branch.Solver{Values: f.keys}).Preventing(branch.DisabledBy(block))
	if len(tests) != 1 || tests[0].Kind != trace.TruthTest || !tests[0].Want {
		return nil
	}
	steps := tests[0].Steps
	v, _ := f.keys.At(steps)
	if m, isMap := v.(map[string]any); v != nil && !isMap || len(m) > 0 {
		return nil
	}
	own := ".Values." + trace.JoinSteps(steps)
	isPrinted := false
	for _, m := range fieldRead.FindAllStringSubmatch(block.Text, -1) {
		read := m[1] + m[2]
		isPrinted = isPrinted || read == own
		below, isBelow := strings.CutPrefix(read, own+".")
		switch {
		case isBelow:
		case block.IsDot(tests[0].Condition):
			below = strings.TrimPrefix(read, ".")
		default:
			below = ""
		}
		key := trace.Join(steps, strings.Split(below, ".")...)
		if below == "" || strings.Count(below, ".") >= maxFillable || isNoList(below) || slices.ContainsFunc(l, func(k []string) bool { return slices.Equal(k, key) }) {
			continue
		}
		if l = append(l, key); len(l) == maxFillable {
			return l
		}
	}
	if l == nil && v == nil && isPrinted {
		return [][]string{steps}
	}
	return l
}

// isNoList reports whether a key has a map, by its name: a list there would be refused.
func isNoList(name string) bool {
	return branch.IsLabels(name) || strings.HasSuffix(strings.ToLower(name), "selector")
}

// withLists is an object once more for each empty list among the values that a block in it
// tests, with the list among its keys and without the edges of such blocks in its text.
func (f *output) withLists(o lint.DisabledObject) (l []lint.DisabledObject) {
	var seen []string
	for _, m := range listBlock.FindAllStringSubmatch(o.Text, -1) {
		name := m[1]
		steps := strings.Split(name[1:], ".")
		v, _ := f.keys.At(steps)
		list, isList := v.([]any)
		step := f.stepToAdd(steps, "", lint.Filled).Step
		if !isList || len(list) > 0 || slices.Contains(seen, name) || slices.Contains(o.Keys, step) {
			continue
		}
		seen = append(seen, name)
		with := o
		with.Keys, with.Switch = append(slices.Clip(o.Keys), step), nil
		with.Text = unwrapped(o.Text, name)
		l = append(l, with)
	}
	return l
}

// unwrapped is a text without the edges of the blocks that test a value alone.
func unwrapped(text, name string) string {
	var b strings.Builder
	var open []bool // the blocks around: whether each is one that tests the value
	from := 0
	for _, m := range blockStart.FindAllStringSubmatchIndex(text, -1) {
		end := strings.Index(text[m[0]:], "}}")
		if end < 0 {
			break
		}
		to := m[0] + end + len("}}")
		drop := false
		if text[m[2]:m[3]] != "end" {
			test := listBlock.FindStringSubmatch(text[m[0]:to])
			drop = test != nil && test[1] == name
			open = append(open, drop)
		} else if n := len(open); n > 0 {
			drop, open = open[n-1], open[:n-1]
		}
		if drop {
			b.WriteString(text[from:m[0]])
			from = to
		}
	}
	return b.String() + text[from:]
}

// switchesOf are the switches that enable a block, and the empty lists to be filled. Nil if
// something else disables it too. Only is the entry of the switch, if there is one switch and the values have it.
func (f *output) switchesOf(block *trace.DisabledBlock) (keys []lint.Step, only *lint.Entry) {
	solver := branch.Solver{Values: f.keys, Fill: true, Elements: true}
	if !block.With { // a with needs more than true
		solver.Unset = branch.IsSwitch
	}
	found, ok := solver.Solve(branch.DisabledBy(block))
	if !ok {
		solver.Texts = true
		if found, ok = solver.Solve(branch.DisabledBy(block)); !ok || !areBesideSwitch(found.Set) {
			return nil, nil
		}
	}
	for _, set := range found.Set {
		text := lint.Filled
		if _, isList := set.Value.([]any); !isList {
			text = settingText(set.Value)
		}
		keys = append(keys, f.stepToAdd(set.Steps, "", text).Step)
	}
	if len(keys) == 1 && keys[0].Set != lint.Filled {
		only = f.entryAt(keys[0].Label)
	}
	return keys, only
}

// areBesideSwitch reports whether each text of some values is beside a switch that is set, too, as the kind of a policy is beside
// its switch. Other texts decide about more than what is switched on.
func areBesideSwitch(set []values.Setting) bool {
	return !slices.ContainsFunc(set, func(s values.Setting) bool {
		_, isText := s.Value.(string)
		return isText && !slices.ContainsFunc(set, func(o values.Setting) bool {
			_, isSwitch := o.Value.(bool)
			return isSwitch && slices.Equal(o.Steps[:len(o.Steps)-1], s.Steps[:len(s.Steps)-1])
		})
	})
}

// withTexts is 1 if some keys get a text, and 0 if they are switches and lists.
func withTexts(keys []lint.Step) int {
	for _, k := range keys {
		if k.Set != "true" && k.Set != "false" && k.Set != lint.Filled {
			return 1
		}
	}
	return 0
}

// objectsIn lists the objects of a kind in the text of a block. Those in a nested block, and those of which the text cannot be
// read, are unsure: they count if there are no others.
func objectsIn(text, kind string) []lint.DisabledObject {
	var l, unsure []lint.DisabledObject
	from := 0
	for from <= len(text) {
		to := len(text)
		if next := separator.FindStringIndex(text[from:]); next != nil {
			to = from + next[0]
		}
		doc := text[from:to]
		m := kindLine.FindStringSubmatchIndex(doc)
		switch {
		case m != nil && doc[m[2]:m[3]] != kind:
		case m != nil && !isNested(text[:from+m[0]]):
			l = append(l, lint.DisabledObject{Kind: kind, APIGroup: groupIn(doc), Text: doc})
		case m != nil:
			if at := apiLine.FindStringIndex(doc); at != nil {
				doc = doc[min(at[0], m[0]):] // without the beginning of the block
			}
			unsure = append(unsure, lint.DisabledObject{Kind: kind, APIGroup: groupIn(doc), Text: doc, Unsure: true})
		case slices.ContainsFunc(anyKind.FindAllStringSubmatch(doc, -1), func(m []string) bool { return m[1] == kind }):
			unsure = append(unsure, lint.DisabledObject{Kind: kind, Unsure: true})
		}
		from = to + len("---")
	}
	if l == nil {
		return unsure
	}
	return l
}

// switchesNamed are the keys of the values that are off and named for a kind, such as networkPolicy.enabled: it is not known
// whether they enable an object, as what a template tests may be the output of another one. The keys of third-party
// subcharts do not count.
func (r *rendering) switchesNamed(kind string) []lint.DisabledObject {
	n := namedSwitches{f: &output{rendering: r}, kind: kind, stem: strings.TrimSuffix(strings.ToLower(kind), "y")} // of the plural, too
	vals := maps.Clone(r.merged.values)
	for _, d := range r.merged.chart.Dependencies() {
		if slices.ContainsFunc(d.Raw, func(file *chart.File) bool { return r.levels[file] > 0 }) {
			delete(vals, d.Name())
		}
	}
	n.in(vals, nil, false)
	depth := func(o lint.DisabledObject) int { return strings.Count(o.Keys[0].Label, ".") }
	slices.SortStableFunc(n.found, func(a, b lint.DisabledObject) int { return depth(a) - depth(b) }) // the first ones enable the others
	return n.found
}

// namedSwitches finds the keys that are off and named for a kind.
type namedSwitches struct {
	f          *output
	kind, stem string
	found      []lint.DisabledObject
}

// in adds those of some values. named says that a key above has the name.
func (n *namedSwitches) in(m map[string]any, above []string, named bool) {
	for _, name := range trace.SortedKeys(m) {
		if len(n.found) == maxNamedKeys || len(above) == maxNamedSteps {
			return
		}
		is := strings.Contains(withoutMarks.Replace(strings.ToLower(name)), n.stem)
		steps := trace.Join(above, name)
		switch v := m[name].(type) {
		case map[string]any:
			n.in(v, steps, named || is)
		case bool:
			if !v && (is || named && branch.IsSwitch(name)) {
				s := n.f.stepToAdd(steps, "", "true").Step
				n.found = append(n.found, lint.DisabledObject{Kind: n.kind, Keys: []lint.Step{s}, Switch: n.f.entryAt(s.Label), Unsure: true})
			}
		}
	}
}

// Limits of the keys that are named for a kind.
const (
	maxNamedKeys  = 64
	maxNamedSteps = 6
)

var withoutMarks = strings.NewReplacer("-", "", "_", "")

// groupIn is the API group in the text of an object. It is empty if the text has a choice of
// several, as for versions of Kubernetes.
func groupIn(text string) string {
	var group string
	for i, m := range apiLine.FindAllStringSubmatch(text, -1) {
		if i > 0 && m[1] != group {
			return ""
		}
		group = m[1]
	}
	return group
}

// isNested reports whether a text ends inside a block.
func isNested(text string) bool {
	depth := 0
	for _, m := range blockStart.FindAllStringSubmatch(text, -1) {
		if m[1] == "end" {
			depth--
		} else {
			depth++
		}
	}
	return depth > 0
}

// unrenderedKinds lists the kinds in templates that printed no object of that kind.
// Unlike disabledObjects, it does not need to know why.
func (r *rendering) unrenderedKinds() []lint.UnrenderedKind {
	var l []lint.UnrenderedKind
	for _, f := range r.files {
		for _, kinds := range kindsOf(f.task.src.Text) {
			if slices.ContainsFunc(kinds, func(k string) bool { return slices.Contains(f.kinds, k) }) {
				continue // a document with several kinds has alternatives, of which one is enough
			}
			for _, k := range kinds {
				l = append(l, lint.UnrenderedKind{Kind: k, Template: f.task.src.File, Vendored: f.vendored()})
			}
		}
	}
	return l
}

// kindsOf lists the kinds in each document of a template.
func kindsOf(text string) [][]string {
	l := [][]string{nil}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "---") {
			l = append(l, nil)
		} else if strings.HasPrefix(line, "kind:") {
			if m := kindLine.FindStringSubmatch(line); m != nil {
				l[len(l)-1] = append(l[len(l)-1], m[1])
			}
		}
	}
	return l
}

// textsWith are the sources of the templates that have a word, or call one that has it.
func (r *rendering) textsWith(word string) *trace.TextsWith {
	w := r.withWord[word]
	if w == nil {
		if r.withWord == nil {
			r.withWord, r.texts = map[string]*trace.TextsWith{}, trace.NewTexts(r.Compiled)
		}
		w = r.texts.With(word)
		r.withWord[word] = w
	}
	return w
}

var _ lint.UnreadLocator = (*output)(nil)

// UnreadKey is the key of the values that no template reads, has the name of a field, and has a value at a path.
func (f *output) UnreadKey(place lint.Position, field, path, want string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.isOf(f.task.src, f.home) || place.File != f.task.src.File {
		return ""
	}
	steps := f.keys.Global(append(valuesSteps(f.task.src.Owner), field))
	v, ok := f.keys.At(trace.Join(steps, strings.Split(path, ".")...))
	if !ok || v == nil || f.entryAt(trace.JoinSteps(steps)) == nil {
		return ""
	}
	var wanted any
	if want != "" && (yaml.Unmarshal([]byte(want), &wanted) != nil || !reflect.DeepEqual(wanted, v)) {
		return ""
	}
	if f.countReaders(steps) > 0 {
		return ""
	}
	return field
}
