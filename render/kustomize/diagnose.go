package kustomize

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/walk"
)

// maxTrials is how often an overlay is built to find the entry that breaks it.
const maxTrials = 60

const restBuilt = "; the rest was built without it"

// diagnose says what stopped a build, and which entry to leave out. ok is
// false if no single entry is at fault.
func (b *build) diagnose(err error) (p lint.Problem, at entry, ok bool) {
	b.follows, b.unmatched = false, ""
	b.provenance = provenance{}
	b.trialCost += b.files.work.objects * b.files.work.objects
	for _, find := range [...]func(string) (lint.Problem, entry, bool){
		b.tooMuch, b.brokenKustomization, b.brokenText, b.cycle, b.duplicate, b.unmatchedPatch, b.unmatchedGenerator, b.unmatchedReplicas, b.brokenOperation, b.namedVolumes, b.unsetVar,
	} {
		if p, at, ok := find(err.Error()); ok && !b.dropped[at] {
			return p, at, at != entry{}
		}
	}
	return b.byTrial(err)
}

// tooMuch reports the limit at which kustomize was given nothing more. What the
// kustomization that is built refers to is left out, with all below it.
func (b *build) tooMuch(string) (lint.Problem, entry, bool) {
	e := b.files.exceeded
	if e == nil {
		return lint.Problem{}, entry{}, false
	}
	p := b.rootProblem(lint.CodeLimit, "the overlay needs "+e.message, "split the overlay, or simplify what it includes")
	if e.at.k != nil && !b.dropped[e.at.entry] {
		p.Position, p.Message = e.at.position(), fmt.Sprintf("%s needs %s%s", e.at.label(), e.message, restBuilt)
		if e.at.entry == b.files.work.copier.entry && b.dropAfter(e.at) > 0 { // they copy even more
			p.Message = fmt.Sprintf("%s needs %s; the rest was built without it and the entries after it", e.at.label(), e.message)
		}
		return p, e.at.entry, true
	}
	name := b.files.exceededName
	if isFileName(name) {
		name = path.Dir(name)
	}
	for _, u := range b.files.users[name] {
		if up, ok := b.rootUser(u.k, nil); ok {
			u = up
		} else if u.k.dir != b.dir {
			continue
		}
		if !b.dropped[u.entry] {
			p.Position, p.Message = u.position(), fmt.Sprintf("%s needs %s%s", printable(u.path), e.message, restBuilt)
			return p, u.entry, true
		}
	}
	return p, entry{}, true
}

// dropAfter leaves out the entries of a list that come after one, and counts them.
func (b *build) dropAfter(at user) int {
	n := 0
	for _, list := range at.k.lists() {
		for _, u := range list {
			if u.field == at.field && u.index > at.index {
				b.dropped[u.entry] = true
				n++
			}
		}
	}
	return n
}

// brokenKustomization reports one that is no valid kustomization.
func (b *build) brokenKustomization(string) (lint.Problem, entry, bool) {
	if len(b.files.invalid) == 0 {
		return lint.Problem{}, entry{}, false
	}
	k := b.files.invalid[0]
	p := lint.Problem{Position: lint.Position{File: k.source.Text.File}, Code: lint.CodeInvalidKustomization, Message: b.shorten(k.err.Error()), Help: "correct the file"}
	if k.source.TooLarge != "" {
		p.Code, p.Message, p.Help = lint.CodeLimit, k.source.TooLarge, "split the file"
	}
	for _, d := range k.source.Docs {
		if d.Err != nil {
			w := broken(k.source, d)
			p.Code, p.Position, p.Message, p.Help = w.code, w.at, w.message, w.help
			break
		}
	}
	return p, b.entryOf(k.dir), true
}

// entryOf is an entry that refers to a name; zero if none does.
func (b *build) entryOf(name string) entry {
	for _, u := range b.files.users[name] {
		if !b.dropped[u.entry] {
			return u.entry
		}
	}
	return entry{}
}

// brokenText reports a patch or a configuration of a plugin that is not YAML.
func (b *build) brokenText(string) (lint.Problem, entry, bool) {
	for s := range b.files.lines.Sources() {
		s.Parse()
		for _, d := range s.Docs {
			at := b.userOf(s)
			if d.Err == nil || at.k == nil || b.dropped[at.entry] {
				continue
			}
			return lint.Problem{
				Position: s.Position(d.Err.Line),
				Code:     lint.CodeInvalidYAML,
				Message:  fmt.Sprintf("invalid YAML: %s; %s was left out", d.Err.Cause(), where(at)),
				Help:     helpForBroken(s, d),
			}, at.entry, true
		}
	}
	return lint.Problem{}, entry{}, false
}

var cycleRoot = regexp.MustCompile(`cycle detected: candidate root '([^']*)'`)

func (b *build) cycle(msg string) (lint.Problem, entry, bool) {
	m := cycleRoot.FindStringSubmatch(msg)
	if m == nil {
		return lint.Problem{}, entry{}, false
	}
	name, _ := b.files.name(m[1])
	users := b.files.users[name]
	for _, user := range slices.Backward(users) {
		if u := user; !b.dropped[u.entry] {
			return lint.Problem{
				Position: u.position(),
				Code:     lint.CodeInvalidKustomization,
				Message:  fmt.Sprintf("%s leads back to a kustomization that refers to this one: a cycle%s", printable(u.path), restBuilt),
				Help:     "take the entry out of one of them",
			}, u.entry, true
		}
	}
	return lint.Problem{}, entry{}, false
}

var (
	registered  = regexp.MustCompile(`may not add resource with an already registered id: ([^\s':]+)`)
	mergedFile  = regexp.MustCompile(`merging resources from '([^']*)'`)
	mergedDir   = regexp.MustCompile(`recursed merging from path '([^']*)'`)
	innermost   = regexp.MustCompile(`(?:recursed accumulation of path|couldn't make target for path) '([^']*)'`)
	patchTarget = regexp.MustCompile(`(?:no resource matches strategic merge patch "|no matches for Id |failed to find unique target for patch )([^\s";:]+)`)
	resourceID  = regexp.MustCompile(`^([^./]*)[^/]*/(.*)\.\[?[^.\]]*\]?$`)
)

// duplicate reports the entry that declares an object that is there already.
func (b *build) duplicate(msg string) (lint.Problem, entry, bool) {
	m := registered.FindStringSubmatch(msg)
	if m == nil {
		return lint.Problem{}, entry{}, false
	}
	var found user
	if dirs := mergedDir.FindAllStringSubmatch(msg, -1); len(dirs) > 0 {
		name, _ := b.files.name(dirs[len(dirs)-1][1])
		if l := b.files.users[name]; len(l) > 0 {
			found = l[len(l)-1]
		}
	} else if file := mergedFile.FindStringSubmatch(msg); file != nil {
		dir := b.innermostDir(msg)
		for _, k := range b.files.order {
			for _, r := range k.refs() {
				if r.use == useObjects && r.path == file[1] && !b.dropped[r.entry] && (found.k == nil || k.dir == dir) {
					found = user{k, r} // the last: a file that is named twice stays once
				}
			}
		}
	}
	if found.k == nil {
		return lint.Problem{}, entry{}, false
	}
	return lint.Problem{
		Position: found.position(),
		Code:     lint.CodeInvalidKustomization,
		Message:  fmt.Sprintf("%s declares %s, which is there already%s", printable(found.path), printable(describe(m[1])), restBuilt),
		Help:     "keep one of the declarations, or make it a patch of the other",
	}, found.entry, true
}

// leftOut reports whether objects are missing that others may count on: those of an overlay, if a component is built by itself, and those
// of a chart that Fleet gives to the kustomization.
func (b *build) leftOut() bool {
	for e := range b.dropped {
		if bringsObjects(e.field) {
			return true
		}
	}
	return b.files.lost || b.isComponent() || b.chartGiver() != ""
}

// bringsObjects reports whether the entries of a field add or rename objects.
func bringsObjects(field string) bool {
	return !strings.HasPrefix(field, "patches") && field != "replacements" && field != "replicas" && field != "images" && field != "validators" && field != "vars"
}

// describe gives kind/name of an identifier of kustomize.
func describe(id string) string {
	if m := resourceID.FindStringSubmatch(id); m != nil {
		return m[1] + "/" + m[2]
	}
	return id
}

func (b *build) innermostDir(msg string) string {
	if m := innermost.FindAllStringSubmatch(msg, -1); len(m) > 0 {
		if name, ok := b.files.name(m[len(m)-1][1]); ok {
			return name
		}
	}
	return b.dir
}

// unmatchedPatch reports a patch whose object is not there.
func (b *build) unmatchedPatch(msg string) (lint.Problem, entry, bool) {
	m := patchTarget.FindStringSubmatch(msg)
	if m == nil {
		return lint.Problem{}, entry{}, false
	}
	target := describe(m[1])
	found, object := b.patchOf(target, b.innermostDir(msg))
	if found == nil {
		return lint.Problem{}, entry{}, false
	}
	// Flux fills in the variables of such a name, and may add the component that has the resource.
	b.follows = b.leftOut() || node.HasPlaceholder(target)
	p := lint.Problem{
		Position: found.at.position(),
		Code:     lint.CodeInvalidPatch,
		Message:  fmt.Sprintf("the patch matches nothing: no %s among the resources%s", target, restBuilt),
		Help:     "correct kind, name and namespace of the patch, or take it out",
	}
	if file := found.source.Text.File; !found.source.IsInline() {
		b.unmatched = file
	}
	if ns := b.namespaceOf(object); ns != "" && !b.follows {
		b.unmatched = ""
		p.Position = found.source.Origin(node.Child(object, "metadata", "name")).Position
		names := "none"
		if own := node.Text(object, "metadata", "namespace"); own != "" {
			names = own
		}
		p.Message = fmt.Sprintf("the patch matches nothing: %s is in namespace %s, and the patch names %s%s", printable(target), printable(ns), printable(names), restBuilt)
		p.Help = "set metadata.namespace: " + printable(ns) + " in the patch"
	}
	if strings.Contains(msg, "multiple matches for Id ") {
		b.unmatched = ""
		p.Message = fmt.Sprintf("the patch matches several resources: %s is the name of each, now or before it was changed%s", target, restBuilt)
		p.Help = "set target in the patch, or give the resources different names"
	}
	return p, found.at.entry, true
}

// patchOf is the patch of an object, called by kind and name, and what the patch has of it: in a folder rather than in others. It is nil if there is
// none.
func (b *build) patchOf(target, dir string) (found *patch, object *yaml.Node) {
	for _, k := range b.files.order {
		for _, p := range b.patchesOf(k) {
			p.source.Parse()
			for _, doc := range p.source.Objects {
				if node.Text(doc, "kind")+"/"+node.Text(doc, "metadata", "name") == target && (found == nil || k.dir == dir) {
					found, object = &p, doc
				}
			}
		}
	}
	return found, object
}

// namespaceOf is the namespace of the only object of the overlay that a strategic-merge patch would match if it named its
// namespace. It is empty if there is none, or a kustomization gives objects another namespace.
func (b *build) namespaceOf(patch *yaml.Node) (ns string) {
	for _, k := range b.files.order {
		if k.spec.Namespace != "" {
			return ""
		}
	}
	return b.namespaceAmong(func(o *yaml.Node) bool { return isNamedAlike(o, patch) })
}

// namespaceAmong is the namespace that the only one of some objects of the overlay has in its file. It is empty if there is none, or if there are several.
func (b *build) namespaceAmong(isOne func(o *yaml.Node) bool) (ns string) {
	for s := range b.files.lines.Sources() {
		if at := b.userOf(s); at.k == nil || at.use != useObjects || b.dropped[at.entry] {
			continue
		}
		s.Parse()
		for _, o := range s.Objects {
			if !isOne(o) {
				continue
			}
			own := node.Text(o, "metadata", "namespace")
			if ns != "" || own == "" {
				return ""
			}
			ns = own
		}
	}
	return ns
}

// isNamedAlike reports whether two objects have the same apiVersion, kind and name.
func isNamedAlike(a, b *yaml.Node) bool {
	return node.Text(a, "apiVersion") == node.Text(b, "apiVersion") && node.Text(a, "kind") == node.Text(b, "kind") &&
		node.Text(a, "metadata", "name") == node.Text(b, "metadata", "name")
}

var missingTarget = regexp.MustCompile(`Kind:"([^"]*)".*Name:"([^"]*)".*(does not exist; cannot merge or replace|behavior must be merge or replace)`)

// unmatchedGenerator reports a generator that merges into what is not there, or
// creates what is.
func (b *build) unmatchedGenerator(msg string) (lint.Problem, entry, bool) {
	m := missingTarget.FindStringSubmatch(strings.ReplaceAll(msg, `\`, "")) // of a component, it is quoted
	if m == nil {
		return lint.Problem{}, entry{}, false
	}
	merges := strings.HasPrefix(m[3], "does not")
	dir := b.innermostDir(msg)
	for _, near := range [...]bool{true, false} {
		for _, k := range b.files.order {
			for _, g := range k.generators(m[1]) {
				behavior := types.NewGenerationBehavior(g.args.Behavior)
				if (k.dir == dir) != near || g.name != m[2] || b.dropped[g.entry] || merges != (behavior == types.BehaviorMerge || behavior == types.BehaviorReplace) {
					continue
				}
				at := user{k, ref{entry: g.entry}}
				p := lint.Problem{Position: at.position(), Code: lint.CodeInvalidKustomization}
				if merges {
					p.Message, p.Help = b.noTarget(at, g, m[1])
				} else {
					p.Message = fmt.Sprintf("%s creates %s/%s, which is there already%s", at.label(), m[1], m[2], restBuilt)
					p.Help = "set behavior: merge or replace, or take the entry out"
				}
				return p, at.entry, true
			}
		}
	}
	return lint.Problem{}, entry{}, false
}

// noTarget is the message and the help for a generator that merges into an object of a kind that is not there. The build compares the generator with
// the object as its file has it, too, which may have a namespace.
func (b *build) noTarget(at user, g generator, kind string) (message, help string) {
	ns := b.namespaceAmong(func(o *yaml.Node) bool {
		return node.Text(o, "apiVersion") == "v1" && node.Text(o, "kind") == kind && node.Text(o, "metadata", "name") == g.name
	})
	if ns != "" && g.args.Namespace == "" {
		b.follows = false
		return fmt.Sprintf("%s has behavior %s, but %s/%s is in namespace %s, and the generator names none%s", at.label(), g.args.Behavior, kind, g.name, printable(ns), restBuilt),
			"set namespace: " + printable(ns) + " on the generator"
	}
	b.follows = b.leftOut()
	return fmt.Sprintf("%s has behavior %s, but there is no %s/%s to change%s", at.label(), g.args.Behavior, kind, g.name, restBuilt),
		"correct the name, or take behavior out to create the object"
}

var missingReplica = regexp.MustCompile(`resource with name ([^\s]+) does not match a config with the following GVK`)

// unmatchedReplicas reports an entry of replicas whose object is not there.
func (b *build) unmatchedReplicas(msg string) (lint.Problem, entry, bool) {
	m := missingReplica.FindStringSubmatch(msg)
	if m == nil {
		return lint.Problem{}, entry{}, false
	}
	dir := b.innermostDir(msg)
	for _, near := range [...]bool{true, false} {
		for _, k := range b.files.order {
			for i, r := range k.spec.Replicas {
				at := user{k, ref{entry: entry{k.source.Name, "replicas", i}}}
				if (k.dir == dir) != near || r.Name != m[1] || b.dropped[at.entry] {
					continue
				}
				b.follows = b.leftOut() || node.HasPlaceholder(r.Name)
				return lint.Problem{
					Position: at.position(), Code: lint.CodeInvalidKustomization,
					Message: fmt.Sprintf("%s matches nothing: no Deployment, StatefulSet, ReplicaSet or ReplicationController has the name %s%s", at.label(), printable(r.Name), restBuilt),
					Help:    "correct the name, or take the entry out",
				}, at.entry, true
			}
		}
	}
	return lint.Problem{}, entry{}, false
}

var failedOperation = regexp.MustCompile(`(?:operation does not apply: [^/]*|error in \w+ for (?:path|from): '|testing value )(/[^":'\s]*)`)

// brokenOperation reports the JSON 6902 patch with an operation that cannot be
// applied. Once trying costs too much, all such patches of the kustomization are
// left out.
func (b *build) brokenOperation(msg string) (lint.Problem, entry, bool) {
	m := failedOperation.FindStringSubmatch(msg)
	if m == nil {
		return lint.Problem{}, entry{}, false
	}
	dir := b.innermostDir(msg)
	for _, k := range b.files.order {
		if k.dir != dir {
			continue
		}
		found, op, all, several := b.operationOn(k, m[1])
		if found == nil || several && b.trialCost <= b.limits().Trials {
			continue // several: trying finds the one
		}
		b.follows = b.leftOut()
		problem := lint.Problem{
			Position: found.source.Origin(walk.FirstScalar(op)).Position, Code: lint.CodeInvalidPatch,
			Message: fmt.Sprintf("%s: %s %s cannot be applied to an object that the patch selects", found.at.label(), node.Text(op, "op"), m[1]),
			Help:    "correct the path of the operation or the target of the patch, or take the patch out",
		}
		rest := restBuilt
		if b.trialCost > b.limits().Trials && len(all) > 1 {
			rest = fmt.Sprintf("; the rest was built without this and %d other JSON 6902 patches of the kustomization", len(all)-1)
			for _, p := range all {
				b.dropped[p.at.entry] = true
			}
			delete(b.dropped, found.at.entry)
		}
		problem.Message += rest
		return problem, found.at.entry, true
	}
	return lint.Problem{}, entry{}, false
}

// namedVolumes reports an object whose volumes are names, as those of a PodSecurityPolicy are: kustomize, which looks for images in
// volumes, stops there. Trying would find none where there are several such objects, and build the overlay for each list.
func (b *build) namedVolumes(msg string) (lint.Problem, entry, bool) {
	const field = "spec/volumes[]/image/reference"
	if !strings.Contains(msg, "considering field '"+field+"'") {
		return lint.Problem{}, entry{}, false
	}
	for s := range b.files.lines.Sources() {
		at := b.userOf(s)
		if at.k == nil || b.dropped[at.entry] || !bringsObjects(at.field) {
			continue
		}
		s.Parse()
		for _, o := range s.Objects {
			if !isNamed(node.Child(o, "spec", "volumes")) {
				continue
			}
			b.follows = b.leftOut()
			return lint.Problem{
				Position: at.position(),
				Code:     lint.CodeInvalidKustomization,
				Message:  fmt.Sprintf("%s: kustomize cannot go into %s of %s to replace images: its volumes are names%s", at.label(), field, printable(node.Text(o, "kind")), restBuilt),
				Help:     "take the object out, or render it apart from the kustomization that replaces images",
			}, at.entry, true
		}
	}
	return lint.Problem{}, entry{}, false
}

// isNamed reports whether a list of volumes has names.
func isNamed(volumes *yaml.Node) bool {
	for _, v := range node.Items(volumes) {
		if node.Deref(v).Kind == yaml.ScalarNode {
			return true
		}
	}
	return false
}

// operationOn is an operation of a JSON 6902 patch of a kustomization that has a
// path, and its patch, and all such patches. several is set if other patches have
// operations on the path, too.
func (b *build) operationOn(k *kustomization, pointer string) (found *patch, op *yaml.Node, all []patch, several bool) {
	for _, p := range b.patchesOf(k) {
		ops := p.operations()
		if ops == nil {
			continue
		}
		all = append(all, p)
		for _, o := range ops {
			if node.Text(o, "path") == pointer || node.Text(o, "from") == pointer {
				several = several || found != nil && found.at.entry != p.at.entry
				found, op = &p, o
			}
		}
	}
	return found, op, all, several
}

// byTrial finds the entries without which the build goes on, or fails of another
// cause: first the list of which it is one, then, while that costs little, the
// entry. The nearest kustomization comes first, what is applied last first.
func (b *build) byTrial(err error) (lint.Problem, entry, bool) {
	files := b.files
	defer func() { b.files = files }()
	msg := err.Error()
	cause := b.shorten(msg)
	dir := b.innermostDir(msg)
	p := b.rootProblem(lint.CodeInvalidKustomization, cause, "`kustomize build` prints more; the files of the overlay are linted as they are")
	if k := files.kustomizations[dir]; k != nil {
		p.File = k.source.Text.File
	}
	if pe, ok := errors.AsType[*panicError](err); ok {
		p.Detail = string(pe.stack)
	}
	list := b.brokenList(files, dir, cause)
	if len(list) == 0 {
		return p, entry{}, false
	}
	for len(list) > 1 {
		half := list[:(len(list)+1)/2]
		switch found, ok := b.fixes(half, dir, cause); {
		case !ok: // too much to try: the whole list is left out
			b.follows = b.leftOut()
			p.Position = list[0].position()
			p.Message = fmt.Sprintf("one of the %d entries from %s on: %s; the rest was built without any of them", len(list), list[0].label(), cause)
			p.Help = "correct the entry or take it out"
			for _, u := range list[1:] {
				b.dropped[u.entry] = true
			}
			return p, list[0].entry, true
		case found:
			list = half
		default:
			list = list[len(half):]
		}
	}
	b.follows = b.leftOut()
	p.Position = list[0].position()
	p.Message = fmt.Sprintf("%s: %s%s", list[0].label(), cause, restBuilt)
	p.Help = "correct the entry or take it out"
	if file := files.fileOf(list[0]); file != "" && strings.Contains(msg, "json: unknown field") {
		p.Help = "correct " + file + ", or take the entry out"
	}
	if strings.HasPrefix(list[0].field, "patches") {
		p.Code = lint.CodeInvalidPatch
	}
	return p, list[0].entry, true
}

// fileOf is the file that an entry names, as reports call it. It is empty if that names none.
func (f *files) fileOf(u user) string {
	for _, r := range u.k.refs() {
		if s := f.textOf(u.k, r); r.entry == u.entry && s != nil {
			return s.Text.File
		}
	}
	return ""
}

// brokenList is the list of entries that holds a broken one; empty if none does.
func (b *build) brokenList(files *files, dir, cause string) []user {
	var lists [][]user
	for _, near := range [...]bool{true, false} {
		for _, k := range files.order {
			if (k.dir == dir) == near {
				lists = append(lists, k.lists()...)
			}
		}
	}
	for _, list := range lists {
		list = slices.DeleteFunc(list, func(u user) bool { return b.dropped[u.entry] })
		if len(list) == 0 {
			continue
		}
		found, ok := b.fixes(list, dir, cause)
		if found {
			return list
		}
		if !ok {
			return nil
		}
	}
	return nil
}

// fixes reports whether the build does not fail of a cause if entries are left
// out. ok is false if trying would take too much.
func (b *build) fixes(list []user, dir, cause string) (found, ok bool) {
	objects := b.files.work.objects
	if b.trials++; b.trials > maxTrials || b.trialCost+objects*objects > b.limits().Trials && b.trials > 1 || b.ctx.Err() != nil {
		return false, false
	}
	b.trialCost += objects * objects
	for _, u := range list {
		b.dropped[u.entry] = true
	}
	b.files = newFiles(b)
	_, err := b.run()
	for _, u := range list {
		delete(b.dropped, u.entry)
	}
	if err == nil {
		return true, true
	}
	u := list[0]
	return start(b.shorten(err.Error())) != start(cause) && u.k.dir == dir && u.field != "resources" && u.field != "bases", true
}

// start is what two errors of one cause have in common.
func start(s string) string { return s[:min(len(s), 80)] }

// lists is what can be left out of a kustomization, by field.
func (k *kustomization) lists() [][]user {
	var l [][]user
	add := func(field string, n int) {
		var of []user
		for i := range n {
			of = append(of, user{k, ref{entry: entry{k.source.Name, field, i}}})
		}
		l = append(l, of)
	}
	s := &k.spec
	add("validators", len(s.Validators))
	add("transformers", len(s.Transformers))
	add("replacements", len(s.Replacements))
	add("patchesJson6902", len(s.PatchesJson6902))
	add("patches", len(s.Patches))
	add("patchesStrategicMerge", len(s.PatchesStrategicMerge))
	add("components", len(s.Components))
	add("generators", len(s.Generators))
	add("secretGenerator", len(s.SecretGenerator))
	add("configMapGenerator", len(s.ConfigMapGenerator))
	add("vars", len(s.Vars))
	add("crds", len(s.Crds))
	add("configurations", len(s.Configurations))
	if s.OpenAPI != nil {
		l = append(l, []user{{k, ref{entry: entry{k.source.Name, "openapi", -1}}}})
	}
	add("resources", len(s.Resources))
	add("bases", len(s.Bases))
	return l
}

var (
	wrappers = regexp.MustCompile(`^(?:accumulating (?:resources|components): |accumulation err='.*?': |'[^']*' must resolve to a file': |(?:open|read) [^ ]+: (?:is a directory|not a regular file)': |accumulateDirectory: "?|recursed (?:accumulation of|merging from) path '[^']*': |must build at directory: |loading generator plugins: |invalid Kustomization: |json: |merging from generator &\{[^}]*\}: )`)
	// notDirectory follows the cause for which a file gave no objects.
	notDirectory = regexp.MustCompile(`': must build at directory: '[^']*': file is not directory.*`)
	lineNote     = regexp.MustCompile(`(?:yaml: |at )?line \d+(?:, column \d+)?:? ?`)
	spaces       = regexp.MustCompile(`\s+`)
	// quotes begin what kustomize quotes of files and objects: it may be secret, and
	// pointers differ from run to run.
	quotes = regexp.MustCompile("(?: with config)?: ?`| in object| object |&?\\{|map\\[|\\[\\d+ |0x[0-9a-f]+")
)

// configured is an error of a transformer, which follows the transformer's configuration.
var configured = regexp.MustCompile("trouble configuring builtin \\w+ with config: `.*` *: ?(.*)$")

// fieldOfObject is an error of a transformer that does not fit an object, without the object.
var fieldOfObject = regexp.MustCompile(`^considering field '([^']*)' of$`)

// ownWords say what some errors of kustomize mean, without what they quote.
var ownWords = [...]struct {
	error *regexp.Regexp
	words string
}{
	{regexp.MustCompile(`^var$`), "its objref finds no object of the overlay"},
	{regexp.MustCompile(`^loading KV pairs: literal sources .*expected key=value`), "one of its literals is not key=value"},
	{regexp.MustCompile(`^a (configmap|secret) must have a name`), "it has no name"},
	{regexp.MustCompile(`^nothing selected by ([^.\s]+)\.\S*?/([^.\s]+)\.\S*$`), "its source selects nothing: there is no $1/$2"},
	{regexp.MustCompile(`^unable to find field "([^"]*)" in replacement target$`), "the target has no field $1, and options.create is not set"},
	{regexp.MustCompile(`^expected kind != 'Component'.*`), "it is a component, whose place is components"},
	{regexp.MustCompile(`^missing kind\b.*`), "an object in it has no kind"},
	{regexp.MustCompile(`^missing metadata\.name\b.*`), "an object in it has no metadata.name"},
	{regexp.MustCompile(`^patch appears to be empty;.*`), "it is empty"},
	{regexp.MustCompile(`^error unmarshaling JSON: while decoding JSON: json: unknown field \\?"(\w+)$`), "it has the field $1, which kustomize does not know there"},
	{regexp.MustCompile(`^unable to parse SM or JSON patch from .*`), "it is neither an object with apiVersion, kind and name nor a list of operations: what begins with [ must be JSON, with quoted keys"},
}

// completed says in words what an error says only by what is not printed of it, or in kustomize's terms.
func completed(s string) string {
	for _, own := range ownWords {
		if own.error.MatchString(s) {
			return own.error.ReplaceAllString(s, own.words)
		}
	}
	if m := fieldOfObject.FindStringSubmatch(s); m != nil {
		return "a transformer cannot go into " + m[1] + " of an object there, whose values are of another type"
	}
	return s
}

// maxCause is the length of kustomize's cause in a message, maxError of what is
// looked at to find it: each level of kustomizations adds to an error.
const (
	maxCause = 200
	maxError = 16 << 10
)

// shorten gives kustomize's cause without its way there, without absolute paths,
// the line numbers of padded texts, and what it quotes.
func (b *build) shorten(s string) string {
	s = s[max(0, len(s)-maxError):]
	s = spaces.ReplaceAllString(strings.ReplaceAll(s, `\n`, "\n"), " ")
	if i := strings.LastIndex(s, "recursed accumulation of path '"); i >= 0 {
		s = s[i:]
	}
	for {
		t := wrappers.ReplaceAllString(s, "")
		if t == s {
			break
		}
		s = t
	}
	s = lineNote.ReplaceAllString(notDirectory.ReplaceAllString(s, ""), "")
	display := b.tree.Display(".")
	s = strings.ReplaceAll(s, b.tree.Dir()+string(filepath.Separator), strings.TrimPrefix(display+"/", "./"))
	s = strings.ReplaceAll(s, b.tree.Dir(), display)
	if m := configured.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if at := quotes.FindStringIndex(s); at != nil {
		s = s[:at[0]]
	}
	s = completed(strings.Trim(s, " :\\\"'"))
	if r := []rune(s); len(r) > maxCause {
		s = string(r[:maxCause]) + "…"
	}
	return cmp.Or(s, "kustomize fails")
}
