package kustomize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// kustomization gives kustomize its view of a kustomization: without the
// entries that would be fetched or run, and with inline patches on lines of
// their own. A file that needs no change is shown as it is.
func (f *files) kustomization(name string, data []byte) []byte {
	k := &kustomization{dir: path.Dir(name), source: f.newSource(name, data), patches: map[entry]*source{}}
	k.node, _ = parseNode(k.source)
	view, changed, err := f.decode(k)
	if err != nil {
		k.err = err
		f.kustomizations[k.dir] = k
		f.invalid = append(f.invalid, k)
		return data // kustomize says what is wrong with it
	}
	f.kustomizations[k.dir] = k
	f.order = append(f.order, k)
	for _, d := range k.source.docs {
		f.problems = append(f.problems, k.source.text.Problems(manifest.Document{Duplicates: d.Duplicates})...)
	}
	refused := f.refuse(k)
	f.refused[name] = len(refused) > 0 || len(k.spec.HelmCharts)+len(k.spec.HelmChartInflationGenerator) > 0 || len(f.build.dropped) > 0
	for _, r := range k.refs() {
		if e := r.entry; !refused[e] && !f.build.dropped[e] {
			f.refer(k, r)
		}
	}
	shown := k.spec
	charts := f.renderCharts(k, refused)
	padded := f.padInline(k, &shown)
	drop := func(field string, i int) bool {
		e := entry{name, field, i}
		return refused[e] || f.build.dropped[e]
	}
	changes := len(refused) > 0
	for e := range f.build.dropped {
		changes = changes || e.file == name
	}
	if changes {
		without(&shown, drop)
		changed = true
	}
	shown.Resources = append(slices.Clip(shown.Resources), charts...)
	if !changed && !padded && len(charts) == 0 {
		return data
	}
	out, err := encode(shown)
	if err != nil {
		return view
	}
	return out
}

var unknownField = regexp.MustCompile(`json: unknown field "([^"]+)"`)

// decode reads a kustomization as kustomize does, but passes over unknown
// fields, each of which is a problem. changed tells that there are any.
func (f *files) decode(k *kustomization) (view []byte, changed bool, err error) {
	err = k.spec.Unmarshal(k.source.data)
	if err == nil {
		return k.source.data, false, nil
	}
	j, jerr := k8syaml.YAMLToJSON(k.source.data)
	if jerr != nil {
		return nil, false, err
	}
	for range maxDropped {
		m := unknownField.FindStringSubmatch(err.Error())
		if m == nil {
			return nil, false, err
		}
		stripped, ok := stripField(j, m[1])
		if !ok {
			return nil, false, err
		}
		at := lint.Position{File: k.source.text.File}
		if n := findKey(k.node, m[1]); n != nil {
			at = k.source.text.LocateNode(n).Position
		}
		f.problem(at, fmt.Sprintf("unknown field %q: kustomize refuses the file", m[1]),
			"correct the name or take the field out; the rest was built without it")
		j = stripped
		k.spec = types.Kustomization{}
		if err = k.spec.Unmarshal(j); err == nil {
			return j, true, nil
		}
	}
	return nil, false, err
}

// stripField takes a key out of every mapping of a JSON text.
func stripField(j []byte, key string) ([]byte, bool) {
	var v any
	d := json.NewDecoder(bytes.NewReader(j))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	if !strip(v, key) {
		return nil, false
	}
	out, err := json.Marshal(v)
	return out, err == nil
}

// strip takes the first key out of the outermost mappings that hold it.
func strip(v any, key string) bool {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v[key]; ok {
			delete(v, key)
			return true
		}
		found := false
		for _, c := range v {
			found = strip(c, key) || found
		}
		return found
	case []any:
		found := false
		for _, c := range v {
			found = strip(c, key) || found
		}
		return found
	}
	return false
}

// findKey is the first key of a name, nearest to the root.
func findKey(n *yaml.Node, key string) *yaml.Node {
	if k, _ := pair(n, key); k != nil {
		return k
	}
	if n == nil {
		return nil
	}
	for _, c := range n.Content {
		if k := findKey(resolve(c), key); k != nil {
			return k
		}
	}
	return nil
}

// encode writes a kustomization. One without entries keeps an empty list, for
// kustomize refuses an empty one.
func encode(s types.Kustomization) ([]byte, error) {
	out, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	if len(s.Resources) == 0 {
		sep := ","
		if bytes.Equal(out, []byte("{}")) {
			sep = ""
		}
		out = append([]byte(`{"resources":[]`+sep), out[1:]...)
	}
	return out, nil
}

// refuse reports entries that kustomize would fetch or run.
func (f *files) refuse(k *kustomization) map[entry]bool {
	refused := map[entry]bool{}
	report := func(e entry, n *yaml.Node, message, help string) {
		if !refused[e] {
			refused[e] = true
			f.problem(k.position(n), message, help)
		}
	}
	for _, r := range k.refs() {
		n := k.at(r.entry, r.keys...)
		if r.isRemote() {
			report(r.entry, n, r.path+" is remote: kubevet fetches nothing; the rest was built without it",
				"keep a copy in the repository and refer to that")
			continue
		}
		if message, help := f.unusable(k, r); message != "" {
			report(r.entry, n, message, help)
			continue
		}
		if r.use == usePlugin {
			if message, help := f.plugin(k.dir, r.path, 0); message != "" {
				report(r.entry, n, message, help)
			}
		}
	}
	return refused
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

// isInlinePlugin tells the configuration of a plugin from a path.
func isInlinePlugin(s string) bool {
	for _, d := range manifest.Documents([]byte(s)) {
		if d.Node != nil && d.Node.Kind != yaml.ScalarNode {
			return true
		}
	}
	return false
}

func (f *files) isFile(name string) bool {
	info, err := f.build.tree.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// plugin says why a generator, transformer or validator is not run; empty if it
// is one of kustomize's own.
func (f *files) plugin(dir, p string, depth int) (message, help string) {
	const advice = "render it beforehand and refer to the result; the rest was built without it"
	data := []byte(p)
	if !isInlinePlugin(p) {
		name := path.Join(dir, p)
		info, err := f.build.tree.Stat(name)
		if err != nil {
			return "", "" // kustomize says that it is missing
		}
		if info.IsDir() {
			return f.pluginDir(name, depth)
		}
		if data, err = f.build.tree.ReadFile(name); err != nil {
			return "", ""
		}
	}
	for _, d := range manifest.Documents(data) {
		if d.Err != nil {
			return "the configuration of a plugin is invalid YAML: " + d.Err.Message, "correct it; the rest was built without it"
		}
		if u := remoteScalar(d.Node); u != "" {
			return fmt.Sprintf("the configuration of a plugin refers to %s: kubevet fetches nothing", u), advice
		}
		for _, o := range listed(d.Node, 0) {
			kind := text(o, "kind")
			switch {
			case text(o, "apiVersion") != "builtin":
				return fmt.Sprintf("%s %q is a plugin: kubevet runs none", kind, text(o, "metadata", "name")), advice
			case kind == "HelmChartInflationGenerator":
				return fmt.Sprintf("generator %q of a Helm chart was not rendered", text(o, "metadata", "name")),
					"use helmCharts, or render it beforehand; the rest was built without it"
			}
		}
	}
	return "", ""
}

// pluginDir allows a kustomization of nothing but files: what others come to
// is known only when they are built, and then it is too late to refuse.
func (f *files) pluginDir(dir string, depth int) (message, help string) {
	const why = "the configurations of plugins in %s are themselves generated: kubevet does not run them"
	const advice = "refer to the configurations as files; the rest was built without them"
	for _, base := range FileNames() {
		data, err := f.build.tree.ReadFile(path.Join(dir, base))
		if err != nil {
			continue
		}
		var spec types.Kustomization
		if spec.Unmarshal(data) != nil {
			return "", ""
		}
		resources := slices.Concat(spec.Resources, spec.Bases)
		plain := types.Kustomization{TypeMeta: spec.TypeMeta, MetaData: spec.MetaData, Resources: spec.Resources, Bases: spec.Bases}
		if depth > 8 || !sameJSON(plain, spec) {
			return fmt.Sprintf(why, f.build.tree.Display(dir)), advice
		}
		for _, r := range resources {
			if isRemote(r) {
				return r + " is remote: kubevet fetches nothing", advice
			}
			if message, help := f.plugin(dir, r, depth+1); message != "" {
				return message, help
			}
		}
	}
	return "", ""
}

func sameJSON(a, b types.Kustomization) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// remoteScalar is the first value in a node that kustomize would fetch.
func remoteScalar(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		if isRemote(n.Value) {
			return n.Value
		}
		_, after, _ := strings.Cut(n.Value, "=") // key=path of generators
		if isRemote(after) {
			return after
		}
		return ""
	}
	for _, c := range n.Content {
		if u := remoteScalar(c); u != "" {
			return u
		}
	}
	return ""
}

// padInline gives patches that stand in the kustomization lines of their own.
func (f *files) padInline(k *kustomization, shown *types.Kustomization) (changed bool) {
	pad := func(field string, i int, patch string, keys ...any) (string, bool) {
		e := entry{k.source.name, field, i}
		n := k.at(e, keys...)
		if patch == "" || n == nil || n.Value != patch {
			return "", false
		}
		s := newInline(k.source, n)
		k.patches[e] = s
		if s.parse(); len(s.objects) == 0 || text(s.objects[0], "kind") == "" {
			return "", false // JSON 6902: no objects
		}
		// The separator keeps kustomize from trimming the blank lines.
		own := f.lines.add(s)
		if padded := own.pad(); bytes.HasPrefix(padded, []byte("---")) {
			return string(padded), true
		}
		return "---\n" + string(own.pad()[1:]), true
	}
	shown.Patches = append([]types.Patch(nil), shown.Patches...)
	for i := range shown.Patches {
		if p, ok := pad("patches", i, shown.Patches[i].Patch, "patch"); ok {
			shown.Patches[i].Patch, changed = p, true
		}
	}
	shown.PatchesStrategicMerge = append([]types.PatchStrategicMerge(nil), shown.PatchesStrategicMerge...)
	for i, patch := range shown.PatchesStrategicMerge {
		if !isInlinePatch(string(patch)) {
			continue
		}
		if p, ok := pad("patchesStrategicMerge", i, string(patch)); ok {
			shown.PatchesStrategicMerge[i], changed = types.PatchStrategicMerge(p), true
		}
	}
	for i, patch := range shown.PatchesJson6902 {
		pad("patchesJson6902", i, patch.Patch, "patch")
	}
	return changed
}

// position is that of a node of the kustomization, or of the file.
func (k *kustomization) position(n *yaml.Node) lint.Position {
	if n = firstScalar(n); n == nil || n.Line == 0 {
		return lint.Position{File: k.source.text.File}
	}
	return k.source.text.LocateNode(n).Position
}
