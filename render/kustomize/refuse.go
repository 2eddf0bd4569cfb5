package kustomize

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/edit"
	"github.com/kubevet/kubevet/render/kustomize/limits"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/kustomize/walk"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/render/tree"
)

// What kustomize must not get is refused before kustomize reads it: entries that
// it would fetch or run, that lead outside of the tree, or that would take more
// than the limits. This also lets all bad entries be reported at once, where
// kustomize stops at the first.

// fault is why an entry is refused. A zero fault has no code: nothing is wrong.
type fault struct {
	code lint.ProblemCode
	// at is where the cause is. No file: the entry itself.
	at            lint.Position
	message, help string
	// isData is set if all that is missing are Secrets and ConfigMaps, or what they hold.
	isData bool
}

// refuse reports the entries that kustomize must not get.
func (f *files) refuse(k *kustomization) map[entry]bool {
	refused := map[entry]bool{}
	report := func(e entry, n *yaml.Node, w fault) {
		if w.code == "" || refused[e] {
			return
		}
		refused[e] = true
		f.lost = f.lost || bringsObjects(e.field)
		if w.at.File == "" {
			w.at = k.position(n)
		} else {
			w.message += "; " + where(user{k, ref{entry: e}}) + " was left out"
		}
		p := lint.Problem{
			Position: w.at, Code: w.code, Message: w.message, Help: w.help,
			IsData: w.isData || e.field == "configMapGenerator" || e.field == "secretGenerator",
		}
		f.problems = append(f.problems, p)
		f.build.missing.note(p, user{k, ref{entry: e}})
	}
	for _, r := range k.refs() {
		if !f.build.dropped[r.entry] {
			at := k.at(r.entry, r.keys...)
			report(r.entry, at, f.faultOf(k, r))
			if f.build.opts.Outside != nil && !refused[r.entry] && f.isFileOutside(k, r) {
				f.build.opts.Outside(k.position(at))
			}
		}
	}
	for _, e := range f.untargeted(k) {
		report(e, k.at(e), fault{code: lint.CodeInvalidPatch, message: "the patch has no target" + restBuilt, help: "name the kind and the name of the object under target"})
	}
	byPlace := func(a, b entry) int { return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.index, b.index)) }
	for _, e := range slices.SortedFunc(maps.Keys(k.patches), byPlace) {
		if !f.build.dropped[e] {
			report(e, k.at(e), f.unreadPatch(k.patches[e]))
		}
	}
	return refused
}

// untargeted are the JSON patches without a target, on which kustomize would crash.
func (f *files) untargeted(k *kustomization) (l []entry) {
	for i, p := range k.spec.PatchesJson6902 {
		if e := (entry{k.source.Name, "patchesJson6902", i}); p.Target == nil && !f.build.dropped[e] {
			l = append(l, e)
		}
	}
	return l
}

// faultOf is why kustomize must not get a reference.
func (f *files) faultOf(k *kustomization, r ref) fault {
	if r.isRemote() {
		return fault{
			code: lint.CodeRemoteBase, message: printable(r.path) + " is remote: kubevet fetches nothing" + restBuilt,
			help: "keep a copy in the repository and refer to that",
		}
	}
	if w := f.unusable(k, r); w.code != "" {
		return w
	}
	if r.use == useComponent && f.componentDepth(k, r) > f.build.limits().Components {
		return fault{
			code: lint.CodeLimit, message: fmt.Sprintf("component %s is nested deeper than %d components%s", printable(r.path), f.build.limits().Components, restBuilt),
			help: "let the kustomization list the components itself",
		}
	}
	if r.use == usePlugin {
		return f.plugin(k, r, k.dir, r.path, 0)
	}
	return f.tooMuch(k, r)
}

// unparsable is why kustomize must not parse a text.
func (f *files) unparsable(s *source.Source) fault {
	if s.Parse(); s.TooLarge != "" {
		return fault{code: lint.CodeLimit, at: lint.Position{File: s.Text.File}, message: s.TooLarge, help: "split the file"}
	}
	for _, d := range s.Docs {
		if d.Err != nil {
			return broken(s, d)
		}
	}
	return fault{}
}

// broken is the fault of a document that cannot be parsed.
func broken(s *source.Source, d manifest.Document) fault {
	err := d.Err
	if err.IsLimit {
		return fault{code: lint.CodeLimit, at: s.Position(err.Line), message: "document was not read: " + err.Message, help: "write out the aliases, or split the document"}
	}
	return fault{code: lint.CodeInvalidYAML, at: s.Position(err.Line), message: "invalid YAML: " + err.Cause(), help: helpForBroken(s, d)}
}

// helpForBroken says what to do about a document that cannot be parsed.
func helpForBroken(s *source.Source, d manifest.Document) string {
	if s.Chart == nil && manifest.NewSource(s.Name, s.Data).IsTemplate(d.Line, d.Err.Line) {
		return lint.TemplateHelp
	}
	return "correct the document"
}

// unreadObjects is why a file of objects is refused. Of one with broken documents
// and repeated keys kustomize gets the rest.
func (f *files) unreadObjects(s *source.Source) fault {
	if s.Parse(); s.TooLarge != "" {
		return f.unparsable(s)
	}
	if w := f.repeatedKeys(s); w.code != "" {
		return w
	}
	if s.Reported {
		return fault{}
	}
	s.Reported = true
	if d := s.Unread(); d != nil {
		f.problem(lint.CodeInvalidKustomization, s.Position(d.Line), "kustomize does not read what is from here on: no --- is before it",
			"put --- before each object, or make a file of each")
	}
	for _, d := range s.Docs {
		if d.Err != nil {
			w := broken(s, d)
			f.problem(w.code, w.at, w.message+"; the document was left out", w.help)
		}
	}
	return fault{}
}

// unreadPatch is why a patch is refused.
func (f *files) unreadPatch(s *source.Source) fault {
	if w := f.unparsable(s); w.code != "" {
		return w
	}
	return f.repeatedKeys(s)
}

// repeatedKeys reports keys that are repeated. A fault is one that kustomize
// would get.
func (f *files) repeatedKeys(s *source.Source) fault {
	_, ok := s.Shown()
	if !ok {
		if w := f.unparsable(s); w.code != "" {
			return w
		}
	}
	for _, d := range s.Docs {
		for _, double := range d.Duplicates {
			p := lint.Problem{
				Position: s.Origin(double.Key).Position, Code: lint.CodeDuplicateKey,
				Message: fmt.Sprintf("duplicate key %q, first at line %d", double.Key.Value, s.Position(double.First).Line),
				Help:    double.Remedy() + ": kustomize refuses the file",
			}
			switch {
			case s.Patch && d.Node.Kind == yaml.MappingNode:
				p.Help = double.Remedy() + ": kustomize takes the first one, or refuses the patch if the patch adds the map"
			case s.Patch:
				p.Help = double.Remedy() + ": kustomize takes the last one"
			}
			if !ok {
				return fault{code: p.Code, at: p.Position, message: p.Message, help: p.Help}
			}
			if !s.Reported {
				f.problems = append(f.problems, p)
			}
		}
	}
	return fault{}
}

// tooMuch is why kustomize must not parse a file.
func (f *files) tooMuch(k *kustomization, r ref) fault {
	t := f.textOf(k, r)
	switch {
	case t == nil:
		return fault{}
	case r.use == useObjects:
		return f.unreadObjects(t)
	case r.use == usePatch:
		return f.unreadPatch(t)
	}
	if w := f.unparsable(t); w.code != "" {
		return w
	}
	if r.field != "openapi" && r.field != "crds" {
		return fault{}
	}
	check := limits.OpenAPI
	if r.field == "crds" {
		check = limits.CRDs
	}
	j, err := k8syaml.YAMLToJSON(t.Data)
	if err == nil {
		err = check(j)
	}
	switch {
	case len(bytes.TrimSpace(t.Data)) == 0:
		err = errors.New("the file is empty")
	case err == nil:
		return fault{}
	}
	return fault{code: lint.CodeInvalidKustomization, at: lint.Position{File: t.Text.File}, message: "kustomize cannot use the schema: " + firstLineOf(err.Error()), help: "correct the file"}
}

// maxName is how much of a name is in a message.
const maxName = 200

// printable is a name as messages have it: on one line, and not too long.
func printable(name string) string {
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName]) + "…"
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}

// firstLineOf keeps messages of parsers from quoting what they parsed.
func firstLineOf(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// componentDepth is how many components are nested in each other with one more.
func (f *files) componentDepth(k *kustomization, r ref) int {
	name, _ := f.resolveRef(k.dir, r.path)
	d := depths{files: f, up: map[string]int{}, down: map[string]int{}}
	return d.above(k.dir) + 1 + d.below(name)
}

// depths counts components that are nested in each other, above and below the
// directories of kustomizations.
type depths struct {
	files    *files
	up, down map[string]int
}

func (d *depths) above(dir string) int {
	if n, seen := d.up[dir]; seen {
		return n
	}
	d.up[dir] = 0
	for _, u := range d.files.users[dir] {
		n := d.above(u.k.dir)
		if u.use == useComponent {
			n++
		}
		d.up[dir] = max(d.up[dir], n)
	}
	return d.up[dir]
}

func (d *depths) below(dir string) int {
	if n, seen := d.down[dir]; seen {
		return n
	}
	d.down[dir] = 0
	k := d.files.kustomizations[dir]
	if k == nil {
		return 0
	}
	for _, r := range k.refs() {
		to, ok := d.files.resolveRef(dir, r.path)
		if !ok || r.use != useComponent && r.use != useObjects {
			continue
		}
		n := d.below(to)
		if r.use == useComponent {
			n++
		}
		d.down[dir] = max(d.down[dir], n)
	}
	return d.down[dir]
}

// resolveRef is the name in the tree that a path of a kustomization leads to.
// ok is false outside the tree.
func (f *files) resolveRef(dir, p string) (name string, ok bool) {
	if filepath.IsAbs(p) {
		return f.name(filepath.Clean(p))
	}
	name = path.Join(dir, filepath.ToSlash(p))
	return name, name != ".." && !strings.HasPrefix(name, "../")
}

// unusable is what is wrong with the path of an entry.
func (f *files) unusable(k *kustomization, r ref) fault {
	if r.inline || r.field == "helmCharts" || r.field == "helmChartInflationGenerator" {
		return fault{}
	}
	shown := printable(r.path)
	name, ok := f.resolveRef(k.dir, r.path)
	if !ok {
		return fault{
			code: lint.CodeOutsideRoot, message: fmt.Sprintf("%s lies outside of what may be read%s", shown, restBuilt),
			help: "start kubevet from a directory that holds both, or copy the file",
		}
	}
	info, err := f.build.tree.Stat(name)
	switch {
	case err != nil && missing(err):
		if r.use == usePatch && !slices.Contains(f.build.missingPatches, r.path) {
			f.build.missingPatches = append(f.build.missingPatches, r.path)
		}
		return f.absent(k, r, name)
	case err != nil:
		return f.unreadable(name, shown, err)
	case info.IsDir() && (r.use == useObjects || r.use == useComponent || r.use == usePlugin):
		return f.unusableDir(k, r, name)
	case info.IsDir():
		return fault{code: lint.CodeInvalidKustomization, message: fmt.Sprintf("%s is a directory, not a file%s", shown, restBuilt), help: "name a file"}
	case r.use == useComponent:
		return fault{code: lint.CodeInvalidKustomization, message: fmt.Sprintf("component %s is a file, not a directory%s", shown, restBuilt), help: "name the directory of the component"}
	case f.build.opts.LoadRestrictionsRootOnly && !f.within(k.dir, name):
		return fault{
			code: lint.CodeInvalidKustomization, message: fmt.Sprintf("%s lies outside of the kustomization's directory, where kustomize reads no files by default%s", shown, restBuilt),
			help: "make a kustomization of it and refer to that, or allow it by --load-restrictor LoadRestrictionsNone, here and for kustomize",
		}
	case !info.Mode().IsRegular():
		return f.unreadable(name, shown, tree.ErrNotRegular)
	case info.Size() > tree.MaxFileSize:
		return f.unreadable(name, shown, tree.ErrTooLarge)
	}
	return fault{}
}

// absent is the fault of a path that leads to nothing.
func (f *files) absent(k *kustomization, r ref, name string) fault {
	w := fault{code: lint.CodeMissingFile, message: printable(r.path) + " does not exist" + restBuilt, help: "correct the path, take the entry out, or make the file first if a command generates it"}
	if made := otherTool(name); made != "" {
		w.help = "make the file first with `" + made + "`, correct the path, or take the entry out"
	}
	if ignored := f.build.opts.IgnoredBy; ignored != nil {
		if at := ignored(name); at.File != "" {
			w.help = "make or copy the file first: " + at.File + ", line " + strconv.Itoa(at.Line) + ", keeps it out of the repository; or take the entry out"
		}
	}
	if there := f.inOtherCase(name); there != "" {
		if rel, err := filepath.Rel(k.dir, there); err == nil {
			w.message = fmt.Sprintf("%s does not exist, but %s does, whose letters differ in case%s", printable(r.path), printable(filepath.ToSlash(rel)), restBuilt)
			w.help = "write the path as the file or folder is called, or rename that"
		}
	}
	return w
}

// otherTool is the command of the Operator SDK that makes a file with a name, after the layout of its projects. It is empty if none does.
func otherTool(name string) string {
	if strings.HasSuffix(name, ".clusterserviceversion.yaml") && path.Base(path.Dir(name)) == "bases" {
		return "operator-sdk generate kustomize manifests"
	}
	return ""
}

// maxCaseSearches limits for how many names of an overlay that lead to nothing folders are searched.
const maxCaseSearches = 50

// inOtherCase is the only name in the tree that differs from another one in upper and lower case alone. It is empty if there is none.
func (f *files) inOtherCase(name string) string {
	if f.build.caseSearches++; f.build.caseSearches > maxCaseSearches {
		return ""
	}
	at := "."
	for step := range strings.SplitSeq(name, "/") {
		next := path.Join(at, step)
		if _, err := f.build.tree.Stat(next); err != nil {
			if next = f.equalFold(at, step); next == "" {
				return ""
			}
		}
		at = next
	}
	return at
}

// equalFold is the only name in a folder that differs from another one in upper and lower case. It is empty if there is none.
func (f *files) equalFold(dir, name string) (found string) {
	entries, err := f.build.tree.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if strings.EqualFold(e.Name(), name) {
			if found != "" {
				return ""
			}
			found = path.Join(dir, e.Name())
		}
	}
	return found
}

// isFileOutside reports a file outside of the directory of the kustomization that names it.
func (f *files) isFileOutside(k *kustomization, r ref) bool {
	if r.inline || r.field == "helmCharts" || r.field == "helmChartInflationGenerator" {
		return false
	}
	name, ok := f.resolveRef(k.dir, r.path)
	return ok && f.isFile(name) && !f.within(k.dir, name)
}

// unreadable is the fault of a file that is there but cannot be read.
func (f *files) unreadable(name, p string, err error) fault {
	_, outside := f.build.tree.Follow(name)
	if errors.Is(outside, tree.ErrOutside) {
		return fault{code: lint.CodeOutsideRoot, message: fmt.Sprintf("%s is a link that leads outside of what may be read%s", p, restBuilt), help: "keep a copy in the repository and refer to that"}
	}
	return fault{code: lint.CodeUnreadable, message: fmt.Sprintf("%s cannot be read: %v%s", p, err, restBuilt), help: "correct the path or take the entry out"}
}

func (f *files) unusableDir(k *kustomization, r ref, name string) fault {
	shown := printable(r.path)
	if name == k.dir || name == "." || strings.HasPrefix(k.dir, name+"/") {
		return fault{code: lint.CodeInvalidKustomization, message: fmt.Sprintf("%s leads back to the kustomization itself: a cycle%s", shown, restBuilt), help: "take the entry out, or move what it needs to a directory of its own"}
	}
	n := 0
	for _, base := range FileNames() {
		if f.isFile(path.Join(name, base)) {
			n++
		}
	}
	switch n {
	case 0:
		return fault{code: lint.CodeMissingFile, message: fmt.Sprintf("%s holds no kustomization.yaml%s", shown, restBuilt), help: "add one, or name the files of the directory"}
	case 1:
		return fault{}
	}
	return fault{code: lint.CodeInvalidKustomization, message: fmt.Sprintf("%s holds several kustomization files%s", shown, restBuilt), help: "keep one of them"}
}

// within reports whether a file lies in or below a directory, links resolved.
func (f *files) within(dir, name string) bool {
	d, errD := f.build.tree.Follow(dir)
	p, errP := f.build.tree.Follow(name)
	if errD != nil || errP != nil {
		return true // kustomize says what is wrong
	}
	return d == "." || p == d || strings.HasPrefix(p, d+"/")
}

func (f *files) isFile(name string) bool {
	info, err := f.build.tree.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// isRemote reports whether kustomize would fetch what a path leads to. What is
// not read as objects is never taken for a repository.
func (r ref) isRemote() bool {
	switch r.use {
	case useObjects, useComponent, usePlugin:
		return isRemote(r.path)
	case usePatch, useConfig, useData:
	}
	return isURL(r.path)
}

var userAtHost = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*@`)

// isRemote reports whether kustomize would fetch a path with Git or HTTP. It
// holds for some paths that kustomize would only refuse; never the other way.
func isRemote(path string) bool {
	if isURL(path) {
		return true
	}
	p := strings.ToLower(path)
	for strings.HasPrefix(p, "git::") {
		p = p[len("git::"):]
	}
	for _, scheme := range [...]string{"http://", "https://", "ssh://", "file://", "git://"} {
		if strings.HasPrefix(p, scheme) {
			return true
		}
	}
	p = strings.TrimPrefix(p, userAtHost.FindString(p))
	return len(p) < len(path) && userAtHost.MatchString(path) ||
		strings.HasPrefix(p, "github.com/") || strings.HasPrefix(p, "github.com:") ||
		strings.HasPrefix(strings.ToLower(path), "git::")
}

// isURL reports whether kustomize would read a file from the web.
func isURL(path string) bool {
	u, err := url.Parse(path)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

// decode reads a kustomization as kustomize does, but skips what kustomize refuses, each of which
// is a problem: unknown fields, and values of another type than the field's. changed is set if
// there are any.
func (f *files) decode(k *kustomization) (view []byte, changed bool, err error) {
	view = k.source.Data
	for range maxDropped {
		k.spec = types.Kustomization{}
		if err = k.spec.Unmarshal(view); err == nil {
			return view, f.correctKind(k) || changed, nil
		}
		j, jerr := k8syaml.YAMLToJSON(view)
		if jerr != nil {
			return nil, false, err
		}
		corrected, ok := f.withoutUnknown(k, j, err)
		if !ok {
			corrected, ok = f.withoutMistyped(k, j, err)
		}
		if !ok {
			return nil, false, err
		}
		view, changed = corrected, true
	}
	return nil, false, err
}

// withoutUnknown is a kustomization without a field that kustomize does not know.
func (f *files) withoutUnknown(k *kustomization, j []byte, err error) ([]byte, bool) {
	m := unknownField.FindStringSubmatch(err.Error())
	if m == nil {
		return nil, false
	}
	stripped, ok := edit.StripField(j, m[1])
	if !ok {
		return nil, false
	}
	at := lint.Position{File: k.source.Text.File}
	if n := walk.FindKey(k.node, m[1]); n != nil {
		at = k.source.Text.LocateNode(n).Position
	}
	f.problem(lint.CodeInvalidKustomization, at, fmt.Sprintf("unknown field %q: kustomize refuses the file", m[1]),
		"correct the name or take the field out; the rest was built without it")
	return stripped, true
}

// withoutMistyped is a kustomization without a value of another type than that of its field: with the
// text in its place if that is wanted, else without the value.
func (f *files) withoutMistyped(k *kustomization, j []byte, err error) ([]byte, bool) {
	typeError, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return nil, false
	}
	way := edit.PathAt(j, typeError.Offset)
	if len(way) == 0 {
		return nil, false
	}
	label := ""
	n := k.node
	for _, step := range way {
		switch step := step.(type) {
		case string:
			label, n = label+"."+step, walk.Field(n, step)
		case int:
			label, n = label+"["+strconv.Itoa(step)+"]", node.Item(n, step)
		}
	}
	have, want := typeError.Value, wanted(typeError.Type)
	have, _, _ = strings.Cut(have, " ") // a number follows
	instead, help := meant(n, have, typeError.Type.Kind())
	corrected, ok := edit.Put(j, way, instead)
	if !ok {
		return nil, false
	}
	if field, ok := way[0].(string); ok && len(way) > 1 && instead == nil {
		if i, ok := way[1].(int); ok { // an entry without one of its values would do something else
			k.unfit = append(k.unfit, entry{k.source.Name, field, i})
		}
	}
	f.problem(lint.CodeInvalidKustomization, k.position(n),
		fmt.Sprintf("%s is a %s, want a %s: kustomize refuses the file", printable(label[1:]), typeName(have), want), help)
	return corrected, true
}

// meant is what a value of another type than its field's was meant to be, and what to do about it.
// It is nil if that is not known.
func meant(n *yaml.Node, have string, want reflect.Kind) (instead any, help string) {
	if n != nil && n.Kind == yaml.ScalarNode {
		switch {
		case want == reflect.String:
			return n.Value, "put it in quotes; the rest was built as if it were"
		case want == reflect.Slice && have == "string":
			return []any{n.Value}, "make it a list; the rest was built as if it were one"
		case want == reflect.Bool && (n.Value == "true" || n.Value == "false"):
			return n.Value == "true", "take the quotes off; the rest was built as if it had none"
		}
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && want == reflect.Int64 {
			return i, "take the quotes off; the rest was built as if it had none"
		}
	}
	return nil, "correct the value; the rest was built without it"
}

// typeName is how reports call a type of JSON.
func typeName(t string) string {
	switch t {
	case "bool":
		return "boolean"
	case "array":
		return "list"
	case "object":
		return "mapping"
	}
	return t
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "mapping"
	default:
		return "number"
	}
}

// correctKind takes out a kind or apiVersion that kustomize refuses.
func (f *files) correctKind(k *kustomization) (changed bool) {
	s := &k.spec
	refuse := func(field, want string, value *string) {
		n := walk.Field(k.node, field)
		f.problem(lint.CodeInvalidKustomization, k.position(n), fmt.Sprintf("%s is %s, want %s: kustomize refuses the file", field, printable(*value), want),
			"correct it; the rest was built as if it were")
		*value, changed = "", true
	}
	if s.Kind != "" && s.Kind != types.KustomizationKind && s.Kind != types.ComponentKind {
		refuse("kind", types.KustomizationKind+" or "+types.ComponentKind, &s.Kind)
	}
	version := types.KustomizationVersion
	if s.Kind == types.ComponentKind {
		version = types.ComponentVersion
	}
	if s.APIVersion != "" && s.APIVersion != version {
		refuse("apiVersion", version, &s.APIVersion)
	}
	return changed
}
