package kustomize

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// maxTrials bounds how often an overlay is built to find the entry that breaks it.
const maxTrials = 60

const restBuilt = "; the rest was built without it"

// diagnose says what stopped a build, and which entry to leave out. ok is
// false if no single entry is at fault.
func (b *build) diagnose(err error) (p lint.Problem, at entry, ok bool) {
	b.follows = false
	if pe, ok := errors.AsType[*panicError](err); ok {
		p = b.rootProblem(pe.Error(), "report it to the kustomize project; the files of the overlay are linted as they are")
		p.Detail = string(pe.stack)
		return p, entry{}, false
	}
	for _, find := range [...]func(string) (lint.Problem, entry, bool){
		b.brokenKustomization, b.brokenText, b.cycle, b.duplicate, b.unmatchedPatch,
	} {
		if p, at, ok := find(err.Error()); ok && !b.dropped[at] {
			return p, at, at != entry{}
		}
	}
	return b.byTrial(err.Error())
}

// brokenKustomization tells of one that is no valid kustomization.
func (b *build) brokenKustomization(string) (lint.Problem, entry, bool) {
	if len(b.files.invalid) == 0 {
		return lint.Problem{}, entry{}, false
	}
	k := b.files.invalid[0]
	p := lint.Problem{Position: lint.Position{File: k.source.text.File}, Message: b.shorten(k.err.Error()), Help: "correct the file"}
	for _, d := range k.source.docs {
		if d.Err != nil {
			p.Line, p.Message = d.Err.Line, "invalid YAML: "+d.Err.Message
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

// brokenText tells of a resource or patch that is no YAML, or a document of it.
func (b *build) brokenText(string) (lint.Problem, entry, bool) {
	for _, r := range b.files.lines.ranges {
		r.source.parse()
		for _, d := range r.source.docs {
			at := b.userOf(r.source)
			if d.Err == nil || at.k == nil || b.dropped[at.entry] {
				continue
			}
			line := d.Err.Line
			if in := r.source.inline; in != nil && in.literal {
				line += in.entry.Line
			} else if in != nil {
				line = in.entry.Line
			}
			return lint.Problem{
				Position: lint.Position{File: r.source.text.File, Line: line},
				Message:  fmt.Sprintf("invalid YAML: %s; %s was left out", d.Err.Message, where(at)),
				Help:     "correct the document",
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
				Message:  fmt.Sprintf("%s leads back to a kustomization that refers to this one: a cycle%s", u.path, restBuilt),
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

// duplicate tells of the entry that declares an object that is there already.
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
		Message:  fmt.Sprintf("%s declares %s, which is there already%s", found.path, describe(m[1]), restBuilt),
		Help:     "keep one of the declarations, or make it a patch of the other",
	}, found.entry, true
}

// leftOut reports whether objects are missing that others may count on.
func (b *build) leftOut() bool { return len(b.files.problems) > 0 || len(b.dropped) > 0 }

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

// unmatchedPatch tells of a patch whose object is not there.
func (b *build) unmatchedPatch(msg string) (lint.Problem, entry, bool) {
	m := patchTarget.FindStringSubmatch(msg)
	if m == nil {
		return lint.Problem{}, entry{}, false
	}
	target := describe(m[1])
	dir := b.innermostDir(msg)
	var found *patch
	for _, k := range b.files.order {
		for _, p := range b.patchesOf(k) {
			p.source.parse()
			for _, doc := range p.source.objects {
				if text(doc, "kind")+"/"+text(doc, "metadata", "name") == target && (found == nil || k.dir == dir) {
					found = &p
				}
			}
		}
	}
	if found == nil {
		return lint.Problem{}, entry{}, false
	}
	b.follows = b.leftOut()
	return lint.Problem{
		Position: found.at.position(),
		Message:  fmt.Sprintf("the patch matches nothing: no %s among the resources%s", target, restBuilt),
		Help:     "correct kind, name and namespace of the patch, or take it out",
	}, found.at.entry, true
}

// byTrial finds the entry without which the build goes on, or fails of another
// cause. The nearest kustomization comes first, what is applied last first.
func (b *build) byTrial(msg string) (lint.Problem, entry, bool) {
	files := b.files
	defer func() { b.files = files }()
	dir := b.innermostDir(msg)
	var candidates []user
	for _, near := range [...]bool{true, false} {
		for _, k := range files.order {
			if (k.dir == dir) == near {
				candidates = append(candidates, k.entries()...)
			}
		}
	}
	var found *user
	for i, u := range candidates {
		if b.dropped[u.entry] {
			continue
		}
		if b.trials++; b.trials > maxTrials || b.ctx.Err() != nil {
			break
		}
		b.dropped[u.entry] = true
		b.files = newFiles(b)
		_, err := b.run()
		delete(b.dropped, u.entry)
		if err == nil {
			found = &candidates[i]
			break
		}
		if found == nil && start(b.shorten(err.Error())) != start(b.shorten(msg)) && near(u, dir) && u.field != "resources" && u.field != "bases" {
			found = &candidates[i]
		}
	}
	b.files = files
	if found == nil {
		p := b.rootProblem(b.shorten(msg), "kustomize build tells more; the files of the overlay are linted as they are")
		if k := files.kustomizations[dir]; k != nil {
			p.File = k.source.text.File
		}
		return p, entry{}, false
	}
	b.follows = b.leftOut()
	return lint.Problem{
		Position: found.position(),
		Message:  fmt.Sprintf("%s: %s%s", found.label(), b.shorten(msg), restBuilt),
		Help:     "correct the entry or take it out",
	}, found.entry, true
}

func near(u user, dir string) bool { return u.k.dir == dir }

// cut1 is what two errors of one cause have in common.
func start(s string) string { return s[:min(len(s), 80)] }

// entries lists what can be left out of a kustomization.
func (k *kustomization) entries() []user {
	var l []user
	add := func(field string, n int) {
		for i := range n {
			l = append(l, user{k, ref{entry: entry{k.source.name, field, i}}})
		}
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
		l = append(l, user{k, ref{entry: entry{k.source.name, "openapi", -1}}})
	}
	add("resources", len(s.Resources))
	add("bases", len(s.Bases))
	return l
}

var (
	wrappers = regexp.MustCompile(`^(?:accumulating (?:resources|components): |accumulation err='.*?': |'[^']*' must resolve to a file': |(?:open|read) [^ ]+: is a directory': |accumulateDirectory: "?|recursed (?:accumulation of|merging from) path '[^']*': |must build at directory: |loading generator plugins: |invalid Kustomization: |json: )`)
	lineNote = regexp.MustCompile(`(?:yaml: |at )?line \d+(?:, column \d+)?:? ?`)
	spaces   = regexp.MustCompile(`\s+`)
)

// shorten gives kustomize's cause without its way there, absolute paths and the
// line numbers of padded texts.
func (b *build) shorten(s string) string {
	s = spaces.ReplaceAllString(strings.ReplaceAll(s, `\n`, "\n"), " ")
	for _, mark := range [...]string{"recursed accumulation of path '"} {
		if i := strings.LastIndex(s, mark); i >= 0 {
			s = s[i:]
		}
	}
	for {
		t := wrappers.ReplaceAllString(s, "")
		if t == s {
			break
		}
		s = t
	}
	s = lineNote.ReplaceAllString(s, "")
	display := b.tree.Display(".")
	s = strings.ReplaceAll(s, b.tree.Dir()+string(filepath.Separator), strings.TrimPrefix(display+"/", "./"))
	s = strings.ReplaceAll(s, b.tree.Dir(), display)
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}
