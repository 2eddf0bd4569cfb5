package helm

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/blocktext"
	"github.com/kubevet/kubevet/render/helm/branch"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
	"github.com/kubevet/kubevet/render/timelimit"
)

// tryTime limits the time of a rendering that tries out other values.
const tryTime = ChartTime / 6

// try renders the chart in the same scenario with other values. Nil if that causes
// problems that the scenario does not have, for example if the chart fails.
func (r *rendering) try(set []lint.Step) (tried *lint.Unit, cost int) {
	over, ok := settings(set)
	if !ok {
		return nil, 0
	}
	out, cost := r.attempt(over, nil)
	if out == nil {
		return nil, cost
	}
	added := r.added(out)
	if texts := withTextElements(set, over); len(added) > 0 && texts != nil {
		if as, more := r.attempt(texts, nil); as != nil && len(r.added(as)) == 0 {
			return as.Unit, cost + more
		}
	}
	if len(added) == 0 {
		return out.Unit, cost
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failedWith == nil {
		r.failedWith, r.lackedWith = map[string]bool{}, map[string]bool{}
	}
	if r.isRefusal(added) {
		r.failedWith[setText(set)] = true
	} else {
		r.lackedWith[setText(set)] = true
	}
	return nil, cost
}

// withTextElements are settings in which the lists that are filled have texts as their elements, such as names. Nil if none is filled.
func withTextElements(set []lint.Step, over []values.Setting) []values.Setting {
	if !slices.ContainsFunc(set, func(s lint.Step) bool { return s.Set == lint.Filled }) {
		return nil
	}
	over = slices.Clone(over)
	for i := range over {
		if set[i].Set == lint.Filled {
			over[i].Value = []any{branch.StandIn}
		}
	}
	return over
}

// hasLacked reports whether a trial with other values failed without what a missing dependency may have.
func (r *rendering) hasLacked(set []lint.Step) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lackedWith[setText(set)]
}

// isRefusal reports whether the problems of a trial that the rendering does not have say that the chart refuses the values. While the
// chart lacks a dependency, a template may fail without what that has: then only a call of fail or required is a refusal.
func (r *rendering) isRefusal(added []lint.Problem) bool {
	return slices.ContainsFunc(added, func(p lint.Problem) bool { return len(r.chart.missing) == 0 || p.Code == lint.CodeMissingValue })
}

// setText identifies what a trial sets.
func setText(set []lint.Step) string {
	var b strings.Builder
	for _, s := range set {
		b.WriteString(s.Label + ": " + s.Set + "\n")
	}
	return b.String()
}

// hasFailed reports whether the chart refused other values in a trial.
func (r *rendering) hasFailed(set []lint.Step) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failedWith[setText(set)]
}

// refuses says what refuses other values: a schema, or a template that fails with them. A template that has no call of
// fail or required which depends on them is not executed. A step without a value stands for any value at its key.
func (r *rendering) refuses(set []lint.Step) (how string, cost int) {
	over, ok := settings(set)
	if !ok {
		return "", 0
	}
	if how, cost = r.breaksSchema(set, over); how != "" || slices.ContainsFunc(set, func(s lint.Step) bool { return s.Set == "" }) {
		return how, cost
	}
	fails := r.hasFailed(set)
	if failing := r.failing(over); !fails && len(failing) > 0 {
		out, more := r.attempt(over, failing)
		fails = out != nil && r.isRefusal(r.added(out))
		cost += more
	}
	if fails {
		how = "it fails with " + set[0].Label + ": " + set[0].Set
	}
	return how, cost
}

// failing are the templates that may fail if keys have other values.
func (r *rendering) failing(over []values.Setting) map[string]bool {
	found := map[string]bool{}
	known := map[string]map[string]bool{}
	for _, t := range r.tasks {
		of, isKnown := known[t.src.Owner]
		if !isKnown {
			if seen := seenBy(t.src.Owner, over); len(seen) > 0 {
				of = r.allReaders().Failing(seen)
			}
			known[t.src.Owner] = of
		}
		if of[t.name] {
			found[t.name] = true
		}
	}
	return found
}

// settings are the values of steps.
func settings(set []lint.Step) (l []values.Setting, ok bool) {
	for _, step := range set {
		keys, ok := values.SplitSteps(step.Label)
		var v any
		if !ok || yaml.Unmarshal([]byte(step.Set), &v) != nil {
			return nil, false
		}
		l = append(l, values.Setting{Steps: keys, Value: v})
	}
	return l, true
}

// attempt renders the chart with other values. The result is nil if it cannot: Helm merges no elements of lists. If only some templates matter, the others need not be executed.
func (r *rendering) attempt(over []values.Setting, only map[string]bool) (out *lint.Rendered, cost int) {
	s := r.scenario
	s.Executing, s.trial, s.over = nil, true, slices.Concat(s.over, over)
	ctx, cancel := timelimit.Context(context.Background(), tryTime)
	defer cancel()
	out, cost = r.renderAgain(ctx, s, only)
	if out == nil && !slices.ContainsFunc(over, isInList) {
		all := r.renderAll(ctx, s)
		out = all.tried(r)
		cost += all.cost()
	}
	return out, cost
}

// renderAll renders a trial of a rendering, with all templates. The values are merged anew only if Helm may make something else
// of them: for a chart with many subcharts that takes longer than the templates.
func (r *rendering) renderAll(ctx context.Context, s Scenario) *rendering {
	t := newRendering(ctx, r.chart)
	t.scenario = s
	if vals := r.valuesWith(s.over[len(r.scenario.over):]); vals != nil {
		t.merged, t.fileNames = r.merged, r.fileNames
		t.merged.values = vals
	}
	t.render(&s)
	return t
}

// isInList reports whether a key is in an element of a list.
func isInList(s values.Setting) bool {
	return slices.ContainsFunc(s.Steps, func(step string) bool {
		_, is := trace.IndexStep(step)
		return is
	})
}

// Limits of the keys that are looked at for volumes.
const (
	// maxVolumeSets is how many pairs of a key for volumes and one for mounts are tried for a container.
	maxVolumeSets = 2
	// maxVolumeKeys is how many keys may be named for volumes.
	maxVolumeKeys = 256
	// maxVolumeValues is how many values are looked at.
	maxVolumeValues = 1 << 14
)

// volumeKeys are the empty values and the lists of a chart that are named for volumes or mounts.
type volumeKeys struct {
	volumes, mounts []*volumeKey
	// others are what may have volumes, too, in a form that is not known.
	others []*volumeKey
	seen   int
	// isFull says that there are others. isChecked says that the templates were looked at for them.
	isFull, isChecked bool
}

// volumeKey is one of them, with the templates that may read it, if that is known.
type volumeKey struct {
	steps []string
	value any
	by    map[string]bool
}

var (
	volumeName  = regexp.MustCompile(`(?i)volume`)
	mountName   = regexp.MustCompile(`(?i)mount`)
	claimName   = regexp.MustCompile(`(?i)claim`)
	mayBeVolume = regexp.MustCompile(`(?i)persist|empty_?dir|tmp|cache|scratch|pod_?(?:spec|template)|^(?:extra|additional)?spec$|patch`)
	// namedField is a field that a template takes from its values or a variable, if its name is one of volumes.
	namedField = regexp.MustCompile(`\.(\w*(?i:volume|mount)\w*)`)
	quotedText = regexp.MustCompile(`"[^"\n]*"`)
)

// volumeFields are fields of volumes and claims: a template that takes one from its values has the list above it.
var volumeFields = map[string]bool{"mountPath": true, "mountPropagation": true, "volumeName": true, "volumeMode": true, "volumeBindingMode": true}

// find adds the keys of a value.
func (k *volumeKeys) find(v any, steps []string) {
	if k.seen++; k.seen > maxVolumeValues || len(k.volumes)+len(k.mounts)+len(k.others) > maxVolumeKeys {
		k.isFull = true
		return
	}
	m, isMap := v.(map[string]any)
	for _, name := range trace.SortedKeys(m) {
		k.find(m[name], trace.Join(steps, name))
	}
	list, isList := v.([]any)
	for i, e := range list {
		if _, ok := e.(map[string]any); ok {
			k.find(e, trace.Join(steps, "["+strconv.Itoa(i)+"]"))
		}
	}
	isEmpty := v == nil || v == "" || isMap && len(m) == 0
	if len(steps) == 0 || !isList && !isEmpty {
		return
	}
	name, key := steps[len(steps)-1], &volumeKey{steps: steps, value: v}
	switch isKey := !isMap; {
	case isKey && mountName.MatchString(name):
		k.mounts = append(k.mounts, key)
	case isKey && volumeName.MatchString(name):
		k.volumes = append(k.volumes, key)
	case slices.ContainsFunc(steps, func(s string) bool {
		return mountName.MatchString(s) || volumeName.MatchString(s) || mayBeVolume.MatchString(s)
	}):
		k.others = append(k.others, key)
	}
}

// volumes are those of the chart.
func (r *rendering) volumes() *volumeKeys {
	if r.volumeKeys == nil {
		r.volumeKeys = &volumeKeys{}
		r.volumeKeys.find(r.merged.values, nil)
	}
	return r.volumeKeys
}

// areAll reports whether the templates name no other keys for volumes and mounts.
func (k *volumeKeys) areAll(templates []*trace.Compiled) bool {
	if !k.isChecked {
		known := map[string]bool{}
		for _, v := range slices.Concat(k.volumes, k.mounts, k.others) {
			known[v.steps[len(v.steps)-1]] = true
		}
		for _, c := range templates {
			for _, m := range namedField.FindAllStringSubmatch(quotedText.ReplaceAllString(c.Src.Text, ""), -1) {
				k.isFull = k.isFull || !known[m[1]] && !volumeFields[m[1]]
			}
		}
		k.isChecked = true
	}
	return !k.isFull
}

// isReadBy reports whether a template may read a key.
func (r *rendering) isReadBy(k *volumeKey, t task) bool {
	if k.by == nil {
		k.by = r.readBy(k.steps)
	}
	return k.by[t.name]
}

// readBy are the templates that may read a key.
func (r *rendering) readBy(steps []string) map[string]bool {
	by := map[string]bool{}
	set := []values.Setting{{Steps: steps}}
	known := map[string]map[string]bool{}
	for _, t := range r.tasks {
		of, isKnown := known[t.src.Owner]
		if !isKnown {
			if seen := seenBy(t.src.Owner, set); len(seen) > 0 {
				of = r.allReaders().Of(seen)
			}
			known[t.src.Owner] = of
		}
		if of[t.name] {
			by[t.name] = true
		}
	}
	return by
}

// countReaders is how many templates may read a key.
func (r *rendering) countReaders(steps []string) int {
	name := trace.JoinSteps(steps)
	n, isKnown := r.readerCounts[name]
	if !isKnown {
		if r.readerCounts == nil {
			r.readerCounts = map[string]int{}
		}
		n = len(r.readBy(steps))
		r.readerCounts[name] = n
	}
	return n
}

// VolumeKeys are what to set so that a pod may have an emptyDir with a name, which a container mounts.
func (f *output) VolumeKeys(volumes, mounts lint.Value, near, name string) (sets [][]lint.Step, none func() bool) {
	ofPod, ofContainer := f.absentKey(volumes), f.absentKey(mounts)
	f.mu.Lock()
	defer f.mu.Unlock()
	k := f.volumes()
	steps, _ := values.SplitSteps(near)
	byVolume, byMount := f.nearest(k.volumes, ofPod, steps), f.nearest(k.mounts, ofContainer, steps)
	if l := f.printedAmong(volumes, slices.Concat(k.volumes, k.mounts, k.others)); len(l) > 0 {
		byMount = slices.DeleteFunc(byMount, func(k *volumeKey) bool { return slices.Contains(l, k) })
		byVolume = slices.Concat(l, slices.DeleteFunc(byVolume, func(k *volumeKey) bool { return slices.Contains(l, k) }))
	}
	both := func(v, m *volumeKey) []lint.Step {
		volume, path := map[string]any{"name": name, "emptyDir": map[string]any{}}, map[string]any{"name": name, "mountPath": "/" + name}
		return []lint.Step{f.stepToAdd(v.steps, "", v.with(volume)).Step, f.stepToAdd(m.steps, "", m.with(path)).Step}
	}
	for _, v := range byVolume {
		slices.SortStableFunc(byMount, func(a, b *volumeKey) int { return v.fit(b) - v.fit(a) })
		for _, m := range byMount {
			sets = append(sets, both(v, m))
		}
	}
	n := len(sets)
	sets = sets[:min(n, maxVolumeSets)]
	if v, m := f.declaredFor(k.volumes, ofPod, steps), f.declaredFor(k.mounts, ofContainer, steps); v != nil && m != nil {
		sets = slices.Insert(sets, 0, both(v, m))
	}
	return sets, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		isOther := func(k *volumeKey) bool { return !claimName.MatchString(k.steps[len(k.steps)-1]) }
		return n <= maxVolumeSets && k.areAll(f.Compiled) && !slices.ContainsFunc(byVolume, isOther) && len(f.nearest(k.others, nil, steps)) == 0
	}
}

// declaredFor is the key of the values whose name says that it is a list of volumes or of mounts, if the template reads it, and
// the key that would pass the field through, such as that of a probe, is none of the values. It is nil if there is none as near to another key.
func (f *output) declaredFor(l []*volumeKey, passed *volumeKey, to []string) *volumeKey {
	isPassed := func(k *volumeKey) bool { return passed != nil && slices.Equal(k.steps, passed.steps) }
	if slices.ContainsFunc(l, isPassed) {
		return nil
	}
	for _, k := range f.nearest(l, nil, to) {
		if isNear := passed == nil || common(k.steps, to) >= common(passed.steps, to); isNear && listName.MatchString(k.steps[len(k.steps)-1]) {
			return k
		}
	}
	return nil
}

// listName matches the names of keys for lists of volumes and of mounts.
var listName = regexp.MustCompile(`(?i)(?:volumes|volume_?mounts)$`)

// printedAmong are the keys without elements that a block would print among the elements of a list, with those of some keys that are known:
// they are for these elements, whatever their names say.
func (f *output) printedAmong(list lint.Value, known []*volumeKey) (found []*volumeKey) {
	if n := list.Node; n == nil || n.Kind != yamlv3.SequenceNode || n.Line < 1 {
		return nil
	}
	f.resolve()
	solver := branch.Solver{Values: f.keys}
	lines := yamlv3.Node{Kind: yamlv3.ScalarNode, Line: list.Node.Line, Column: list.Node.Column} // its elements, as those of a key there
	for p := range f.disabledIn(f.block(&lines)) {
		what := blocktext.OwnValue(p.Block.PlainText())
		if what == "" || len(found) > maxVolumeSets {
			continue
		}
		for _, test := range solver.Preventing(branch.DisabledBy(p.Block)) {
			v, _ := f.keys.At(test.Steps)
			if l, isList := v.([]any); !blocktext.Prints(what, p.Block, test) || v != nil && (!isList || len(l) > 0) {
				continue
			}
			k := &volumeKey{steps: test.Steps, value: v}
			if i := slices.IndexFunc(known, func(have *volumeKey) bool { return slices.Equal(have.steps, k.steps) }); i >= 0 {
				k = known[i]
			}
			found = append(found, k)
		}
	}
	return found
}

var (
	// comparing matches an action that compares texts, and comparedKey the keys of the values in an action.
	comparing   = regexp.MustCompile(`\{\{[^{}]*\b(?:hasSuffix|hasPrefix|contains|regexMatch|semverCompare|eq|ne)\b[^{}]*\}\}`)
	comparedKey = regexp.MustCompile(`\.Values((?:\.\w+)+)`)
)

// IsTested reports whether a template may compare a key with a text.
func (f *output) IsTested(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.comparedKeys == nil {
		f.comparedKeys = map[string]bool{}
		for _, c := range f.Compiled {
			for _, action := range comparing.FindAllString(c.Src.Text, -1) {
				for _, m := range comparedKey.FindAllStringSubmatch(action, -1) {
					f.comparedKeys[m[1]] = true
				}
			}
		}
	}
	for rest := "." + key; ; rest = rest[strings.IndexByte(rest[1:], '.')+1:] {
		if f.comparedKeys[rest] {
			return true
		}
		if !strings.Contains(rest[1:], ".") {
			return false
		}
	}
}

var (
	// appending matches an action that prints the tag of an image, and the text right behind it.
	appending = regexp.MustCompile(`:\{\{-?([^{}]*)\}\}([\w.-]+)`)
	// controlling matches an action that prints nothing.
	controlling = regexp.MustCompile(`^\s*(?:if|else|with|range|end|define|block|template)\b|:=|/\*`)
)

// AppendedTo is what a template of the chart prints right behind a key as the tag of an image, whether it is rendered or not. It is empty if none does.
func (f *output) AppendedTo(key string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.appendedTo == nil {
		f.appendedTo = map[ownedKey]string{}
		for _, c := range f.Compiled {
			for _, m := range appending.FindAllStringSubmatch(c.Src.Text, -1) {
				if controlling.MatchString(m[1]) {
					continue
				}
				for _, read := range comparedKey.FindAllStringSubmatch(m[1], -1) {
					k := ownedKey{c.Src.Owner, read[1]}
					f.appendedTo[k] = cmp.Or(f.appendedTo[k], m[2])
				}
			}
		}
	}
	owner := f.task.src.Owner
	for range strings.Count(owner, "/charts/") {
		_, key, _ = strings.Cut(key, ".") // the name of a subchart
	}
	return f.appendedTo[ownedKey{owner, "." + key}]
}

// ownedKey is a key of values as the templates of one chart read it.
type ownedKey struct{ owner, key string }

// remembering matches the parts of templates that look at what is in the cluster, or whether the release is new.
var remembering = regexp.MustCompile(`\blookup\b|\.Release\.Is(?:Install|Upgrade)\b`)

// RemakesText reports whether no template of the chart keeps what another one has made up before.
func (f *output) RemakesText() bool {
	return !slices.ContainsFunc(f.Compiled, func(c *trace.Compiled) bool { return remembering.MatchString(c.Src.Text) })
}

// ListKeys are the keys without elements whose elements a template may print in a list.
func (f *output) ListKeys(list lint.Value) (keys []string) {
	if absent := f.absentKey(list); absent != nil {
		return []string{trace.JoinSteps(absent.steps)}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n, field := list.Anchor(); !list.IsSet() && n != nil && n.Kind == yamlv3.MappingNode && n.Line > 0 {
		return f.keysOfAbsent(n, field)
	}
	for _, k := range f.printedAmong(list, nil) {
		keys = append(keys, trace.JoinSteps(k.steps))
	}
	return append(keys, f.emptyKeys(list)...)
}

// emptyKeys are the keys of empty lists without which a template prints an empty one: it may print their elements in its place.
func (f *output) emptyKeys(list lint.Value) (keys []string) {
	if list.Len() > 0 || list.Node == nil || list.Node.Line < 1 {
		return nil
	}
	f.resolve()
	if i := f.chosen(f.span(list.Node)); i >= 0 {
		for _, s := range f.decidersAround(&f.traced.Pieces[i]) {
			if s.Set == lint.Filled {
				keys = append(keys, s.Label)
			}
		}
	}
	return keys
}

// keysOfAbsent are the empty lists without which the blocks of a mapping are not printed that have a field.
func (f *output) keysOfAbsent(n *yamlv3.Node, field string) (keys []string) {
	f.resolve()
	solver, b := branch.Solver{Values: f.keys}, f.block(n)
	for p := range f.disabledIn(b) {
		column, _, first, ok := trace.FieldIn(p.Block.PlainText(), field)
		if !ok || !f.isSibling(b, p, column, first) {
			continue
		}
		for _, test := range solver.Preventing(branch.DisabledBy(p.Block)) {
			if v, _ := f.keys.At(test.Steps); isEmptyList(v) {
				keys = append(keys, trace.JoinSteps(f.keys.Global(test.Steps)))
			}
		}
	}
	return keys
}

func isEmptyList(v any) bool {
	l, isList := v.([]any)
	return isList && len(l) == 0
}

// absentKey is the key with which an absent list can be set. Nil if there is none.
func (f *output) absentKey(list lint.Value) *volumeKey {
	if list.IsSet() {
		return nil
	}
	for _, s := range f.Locate(list).Trail {
		steps, ok := values.SplitSteps(s.Label)
		if s.Kind == lint.StepValues && s.Label != "" && s.Set == "" && !s.InText && ok {
			return &volumeKey{steps: steps, by: map[string]bool{f.task.name: true}}
		}
	}
	return nil
}

// nearest are those of some keys that the template may read, up to one more than can be tried: those with the most steps in common
// with another key first, after one that comes before all.
func (f *output) nearest(l []*volumeKey, first *volumeKey, to []string) (found []*volumeKey) {
	l = slices.Clone(l)
	if first != nil {
		if i := slices.IndexFunc(l, func(k *volumeKey) bool { return slices.Equal(k.steps, first.steps) }); i >= 0 {
			first = l[i] // with its value
			l = slices.Delete(l, i, i+1)
		}
		found = append(found, first)
	}
	slices.SortStableFunc(l, func(a, b *volumeKey) int { return common(b.steps, to) - common(a.steps, to) })
	for _, k := range l {
		if len(found) <= maxVolumeSets && f.isReadBy(k, f.task) {
			found = append(found, k)
		}
	}
	return found
}

// common is how many steps two keys have in common.
func common(a, b []string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// fit is how well the name of a key for mounts fits that of one for volumes: extraVolumeMounts to extraVolumes beside it.
func (k *volumeKey) fit(mounts *volumeKey) int {
	fit := 2 * common(k.steps, mounts.steps)
	if strings.HasPrefix(mounts.steps[len(mounts.steps)-1], strings.TrimSuffix(k.steps[len(k.steps)-1], "s")) {
		fit++
	}
	return fit
}

// with is the value with one more element, as JSON. An empty text becomes one of YAML.
func (k *volumeKey) with(element map[string]any) string {
	list, _ := k.value.([]any)
	list = append(slices.Clip(list), element)
	var v any = list
	if k.value == "" {
		lines, _ := yaml.Marshal(list)
		v = string(lines)
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// added are the problems of a trial that the rendering does not have.
func (r *rendering) added(out *lint.Rendered) []lint.Problem {
	known := map[lint.Problem]bool{}
	withoutValues := lint.Problem{}
	for _, p := range r.out.Problems {
		known[p] = true
		if p.File == r.chart.root.path("Chart.yaml") && p.Code == lint.CodeRenderError {
			withoutValues = p
		}
	}
	return slices.DeleteFunc(slices.Clone(out.Problems), func(p lint.Problem) bool {
		return known[p] || p.LacksValue && isWithin(p.Stopped, withoutValues.Stopped)
	})
}

// isWithin reports whether all files of a list are in another one.
func isWithin(files, all string) bool {
	has := map[string]bool{}
	for file := range strings.SplitSeq(all, "\n") {
		has[file] = true
	}
	for file := range strings.SplitSeq(files, "\n") {
		if !has[file] {
			return false
		}
	}
	return files != ""
}

// renderAgain renders a trial of a rendering. Templates that cannot read the keys that the trial sets
// print the same again: they are not executed. Nil if the keys may change more than
// the values at their places, or if a template changed values that others see.
func (r *rendering) renderAgain(ctx context.Context, s Scenario, only map[string]bool) (out *lint.Rendered, cost int) {
	set := s.over[len(r.scenario.over):]
	vals := r.valuesWith(set)
	if vals == nil || !r.keptShared() {
		return nil, 0
	}
	t := newRendering(ctx, r.chart)
	t.scenario, t.of, t.set, t.merged, t.only = s, r, set, r.merged, only
	t.merged.values = vals
	t.fileNames, t.cluster, t.readers = r.fileNames, r.cluster, map[string]map[string]bool{}
	t.render(&s)
	if !t.keptShared() {
		return nil, t.cost()
	}
	return t.tried(r), t.cost()
}

// tried is what a trial of a rendering rendered. Its problems are only compared with those of the
// rendering: they are masked in the same way.
func (r *rendering) tried(of *rendering) *lint.Rendered {
	r.mask = of.mask
	r.maskProblems()
	if r.scenario.Exploring {
		r.demote(&r.scenario)
	}
	return r.out
}

// cost is how much work the rendering was: what its templates used, and a little for each of them and
// for each object, which are read again even if a template is not executed.
func (r *rendering) cost() int {
	cost := r.Budget.Cost() + len(r.tasks)
	if r.out.Unit != nil {
		cost += len(r.out.Unit.Objects)
	}
	return cost
}

// valuesWith is the merged values with other values at some keys. Nil if Helm may make something
// else of them.
func (r *rendering) valuesWith(set []values.Setting) map[string]any {
	vals := r.merged.values
	for _, s := range set {
		if vals == nil || r.chart.root.mergesBy(s.Steps) || !isPlain(s.Value) {
			return nil
		}
		vals = withValue(vals, s.Steps, s.Value)
	}
	return vals
}

// isPlain reports whether Helm puts a value in place of the one before: it merges mappings, and null
// removes a key.
func isPlain(v any) bool {
	_, isMap := v.(map[string]any)
	return v != nil && !isMap
}

// withValue is a copy of values with another value at a key. Mappings above it that are absent or null
// are added. An element of a list is at its index in brackets.
// Nil if one of them has another value, or if the key has a mapping.
func withValue(vals map[string]any, steps []string, v any) map[string]any {
	name := steps[0]
	if l, isList := vals[name].([]any); isList && len(steps) > 1 {
		if l = withElement(l, steps[1:], v); l == nil {
			return nil
		}
		steps, v = steps[:1], l
	}
	below, isMap := vals[name].(map[string]any)
	if len(steps) > 1 {
		if !isMap && vals[name] != nil {
			return nil
		}
		if below = withValue(below, steps[1:], v); below == nil {
			return nil
		}
		v = below
	} else if isMap {
		return nil
	}
	m := map[string]any{name: v}
	for k, other := range vals {
		if k != name {
			m[k] = other
		}
	}
	return m
}

// withElement is a copy of a list with another value at a key, which begins with the index of an element. Nil if there is no
// such element, or if it is no mapping with room for the key.
func withElement(l []any, steps []string, v any) []any {
	i, ok := trace.IndexStep(steps[0])
	if !ok || i >= len(l) {
		return nil
	}
	m, isMap := l[i].(map[string]any)
	switch {
	case isMap == (len(steps) == 1):
		return nil
	case isMap:
		below := withValue(m, steps[1:], v)
		if below == nil {
			return nil
		}
		v = below
	}
	l = slices.Clone(l)
	l[i] = v
	return l
}

// mergesBy reports whether Helm may merge the values of a chart in another way if a key has another
// value: the key is passed on to other charts, or it enables charts.
func (s *sources) mergesBy(steps []string) bool {
	if len(s.subs) > 0 && (slices.Contains(steps, "global") || slices.Contains(steps, "tags")) {
		return true
	}
	for _, d := range s.loaded.Metadata.Dependencies {
		if d == nil {
			continue
		}
		if len(d.ImportValues) > 0 {
			return true
		}
		for condition := range strings.SplitSeq(d.Condition, ",") {
			path := strings.Split(strings.TrimSpace(condition), ".")
			if len(path) <= len(steps) && slices.Equal(path, steps[len(steps)-len(path):]) {
				return true
			}
		}
	}
	return slices.ContainsFunc(s.subs, func(sub *sources) bool { return sub.mergesBy(steps) })
}

// mayRead reports whether a template may read a key that a trial sets. A subchart sees its own keys
// only.
func (r *rendering) mayRead(t task) bool {
	owner := t.src.Owner
	readers, known := r.readers[owner]
	if !known {
		if seen := seenBy(owner, r.set); len(seen) > 0 {
			readers = r.of.allReaders().Of(seen)
		}
		r.readers[owner] = readers
	}
	return readers[t.name]
}

// seenBy are the keys of settings as a chart sees them.
func seenBy(owner string, set []values.Setting) (seen [][]string) {
	own := valuesSteps(owner)
	for _, s := range set {
		if len(own) < len(s.Steps) && slices.Equal(own, s.Steps[:len(own)]) {
			seen = append(seen, s.Steps[len(own):])
		}
	}
	return seen
}

// allReaders knows what the templates of the chart may read.
func (r *rendering) allReaders() *trace.Readers {
	if r.known == nil {
		r.known = trace.NewReaders(r.Compiled, r.Ran)
	}
	return r.known
}

// ran is what became of a template that was executed: its output, or why it failed. Both are nil if
// it lacks a template that a missing chart has.
type ran struct {
	output  *output
	failure *failure
	// lacks is the index of the missing dependency without which it could not be rendered, if it has neither of these.
	lacks int
}

// before is what became of a template in the rendering of which this one is a trial, if that is the
// same again. Nil if it is not known.
func (r *rendering) before(t task) *ran {
	if r.of == nil || r.mayRead(t) && (r.only == nil || r.only[t.name]) {
		return nil
	}
	return r.of.ran[t.name]
}

// again is a copy of the output for the unit of a trial. It is located as before.
func (f *output) again() *output {
	same := *f
	same.kinds = nil
	return &same
}

// keptShared reports whether what several templates see is as it was before the first of them was
// executed. Templates can change it, and what they print depends on their order then.
func (r *rendering) keptShared() bool {
	if r.kept == nil {
		kept := r.merged.values != nil && reflect.DeepEqual(r.seen["Values"], r.merged.values) && reflect.DeepEqual(r.seen["Release"], any(r.merged.release)) &&
			!slices.ContainsFunc(r.scopes, func(s *scope) bool { return !s.isKept() })
		r.kept = &kept
	}
	return *r.kept
}

// scope is what all templates of a chart see, and a copy of it.
type scope struct{ now, was map[string]any }

// isKept reports whether a scope has what it had before. What is in the values and in the release is not
// looked at. Each template has a Template of its own.
func (s *scope) isKept() bool {
	kept := 0
	for name, v := range s.now {
		switch {
		case name == "Template":
		case !isSame(v, s.was[name]):
			return false
		default:
			kept++
		}
	}
	return kept == len(s.was)
}

// isSame reports whether two values are the same map or list, or else of the same type.
func isSame(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if !x.IsValid() || !y.IsValid() || x.Type() != y.Type() {
		return false
	}
	return !trace.IsContainer(x) || x.Pointer() == y.Pointer()
}
